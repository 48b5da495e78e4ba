package console

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Saved is where the saved searches are kept: one small text. Load gives nil where none was stored
// yet; Store replaces the text whole, or not at all. The console calls one at a time.
type Saved interface {
	Load() ([]byte, error)
	Store(text []byte) error
}

// Bounds of what is kept.
const (
	maxSaved     = 200
	maxSavedName = 100 // characters
)

// SavedSearch is the address of a page under a name.
type SavedSearch struct {
	ID     string            `json:"id"`
	Name   string            `json:"name"`
	Page   string            `json:"page"`   // a key of savedParams
	Params map[string]string `json:"params"` // of the page's address
	By     string            `json:"by"`
	At     time.Time         `json:"at"`
}

// savedParams are the parameters of the pages that can be saved.
var savedParams = map[string][]string{
	"events": {"cols", "from", "ns", "q", "sort", "to"},
	"alerts": {"from", "ns", "q", "rule", "severity", "shadow", "sort", "status", "to"},
}

// savedRoutes are those of the saved searches.
func (s *Server) savedRoutes() []route {
	return []route{
		{"GET", "/api/v1/searches", RoleViewer, s.bare(s.savedSearches)},
		{"POST", "/api/v1/searches", RoleAnalyst, s.bare(s.saveSearch)},
		{"DELETE", "/api/v1/searches/{id}", RoleAnalyst, s.bare(s.forgetSearch)},
	}
}

// savedSearches answers GET /api/v1/searches: all of them, by page and name.
func (s *Server) savedSearches(w http.ResponseWriter, r *http.Request) {
	s.saving.Lock()
	all, err := s.loadSaved()
	s.saving.Unlock() // not held while a slow caller takes the answer
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"searches": all})
}

// saveSearch answers POST /api/v1/searches. A search of that name and page is replaced.
func (s *Server) saveSearch(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name   string            `json:"name"`
		Page   string            `json:"page"`
		Params map[string]string `json:"params"`
	}
	err := readBody(r, &in)
	if err == nil {
		in.Name = strings.TrimSpace(in.Name)
		err = checkSaved(in.Name, in.Page, in.Params)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	who, _ := r.Context().Value(principalKey{}).(Principal)
	one := SavedSearch{Name: in.Name, Page: in.Page, Params: given(in.Params), By: who.Name, At: s.opt.Now().UTC().Truncate(time.Millisecond)}
	err = s.changeSaved(func(all []SavedSearch) ([]SavedSearch, error) {
		at := slices.IndexFunc(all, func(o SavedSearch) bool { return o.Name == one.Name && o.Page == one.Page })
		if at >= 0 {
			one.ID = all[at].ID
			all[at] = one
			return all, nil
		}
		if len(all) >= maxSaved {
			return nil, &apiError{Status: http.StatusConflict, Message: "there are too many saved searches", Hint: "delete some first"}
		}
		one.ID = rand.Text()
		return append(all, one), nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, one)
}

// forgetSearch answers DELETE /api/v1/searches/{id}.
func (s *Server) forgetSearch(w http.ResponseWriter, r *http.Request) {
	err := s.changeSaved(func(all []SavedSearch) ([]SavedSearch, error) {
		at := slices.IndexFunc(all, func(o SavedSearch) bool { return o.ID == r.PathValue("id") })
		if at < 0 {
			return nil, &apiError{Status: http.StatusNotFound, Message: "no such saved search"}
		}
		return slices.Delete(all, at, at+1), nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func checkSaved(name, page string, params map[string]string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > maxSavedName || strings.ContainsFunc(name, unicode.IsControl) {
		return bad("name", "", "a name has 1 to %d characters on one line", maxSavedName)
	}
	known, ok := savedParams[page]
	if !ok {
		return bad("page", "", "page is events or alerts")
	}
	for key, v := range params {
		if !slices.Contains(known, key) {
			return bad("params", "known here: "+strings.Join(known, ", "), "unknown parameter")
		}
		if utf8.RuneCountInString(v) > maxQuery {
			return bad("params", "", "a parameter has at most %d characters", maxQuery)
		}
	}
	return nil
}

// changeSaved stores what change makes of the saved searches.
func (s *Server) changeSaved(change func([]SavedSearch) ([]SavedSearch, error)) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	all, err := s.loadSaved()
	if err != nil {
		return err
	}
	if all, err = change(all); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b SavedSearch) int {
		return cmp.Or(strings.Compare(a.Page, b.Page), strings.Compare(a.Name, b.Name))
	})
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return s.opt.Saved.Store(append(text, '\n'))
}

// loadSaved reads them. A text that is none is not replaced: somebody may mend it.
func (s *Server) loadSaved() ([]SavedSearch, error) {
	text, err := s.opt.Saved.Load()
	all := []SavedSearch{}
	if err == nil && text != nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		s.opt.Log.Error("console: read the saved searches", "error", err)
		return nil, &apiError{Status: http.StatusInternalServerError, Message: "the saved searches cannot be read", Hint: "the program's log says why"}
	}
	for i := range all {
		all[i].Params = given(all[i].Params)
	}
	return all, nil
}

// given are the parameters of a search; of one without any it is an object too, as the page takes it.
func given(params map[string]string) map[string]string {
	if params == nil {
		return map[string]string{}
	}
	return params
}
