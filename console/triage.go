package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Triage changes what people wrote about an alert of a namespace: edit gets sluice.triage
// as it is stored (nil: nobody wrote yet) and gives it as it should be. edit may be called
// again. An alert that is not there is ErrNoAlert.
type Triage func(ctx context.Context, namespace, id string, edit func(triage json.RawMessage) (json.RawMessage, error)) error

// ErrNoAlert is what a Triage returns for an alert that is not in the index.
var ErrNoAlert = errors.New("no such alert")

// Bounds of what people write about one alert. Of comments the oldest go.
const (
	maxAssignee = 200  // characters
	maxComment  = 2000 // characters
	maxComments = 100
)

// triageChange is the body of POST /api/v1/alerts/{id}/triage. What is left out stays.
type triageChange struct {
	Status   *string `json:"status"`   // one of statuses
	Assignee *string `json:"assignee"` // "" is nobody
	Comment  string  `json:"comment"`

	Was triageSeen `json:"was"` // nothing changes where it is otherwise by now
}

// triageSeen is what the caller had before the eyes of what the change replaces.
type triageSeen struct {
	Status   *string `json:"status"`
	Assignee *string `json:"assignee"`
}

// Triaged is sluice.triage: how far people are with an alert, and who did what when.
type Triaged struct {
	Status   string    `json:"status,omitempty"`
	Assignee string    `json:"assignee,omitempty"`
	Comments []Comment `json:"comments,omitempty"` // oldest first
}

// Comment is one change, or a remark.
type Comment struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Status   string    `json:"status,omitempty"`   // that it was given
	Assignee *string   `json:"assignee,omitempty"` // that it was given to; "" is nobody
	Text     string    `json:"text,omitempty"`
}

// triage answers POST /api/v1/alerts/{id}/triage with what people wrote about the alert,
// the change included. Searches see it then.
func (s *Server) triage(w http.ResponseWriter, r *http.Request) {
	done, err := s.changeTriage(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"triage": done})
}

func (s *Server) changeTriage(r *http.Request) (*Triaged, error) {
	var change triageChange
	if err := readBody(r, &change); err != nil {
		return nil, err
	}
	if err := change.check(); err != nil {
		return nil, err
	}
	alert, _, err := s.oneAlert(r)
	if err != nil {
		return nil, err
	}
	who, _ := r.Context().Value(principalKey{}).(Principal)
	return s.edit(r.Context(), alert, change, who)
}

// edit makes a change to one alert.
func (s *Server) edit(ctx context.Context, alert *Hit, change triageChange, who Principal) (*Triaged, error) {
	// A namespace holds no '-', and a concrete index of Elasticsearch's ends in its number.
	namespace, _, _ := strings.Cut(strings.TrimPrefix(alert.Index, alertPrefix), "-")
	var done *Triaged
	err := s.opt.Triage(ctx, namespace, alert.ID, func(triage json.RawMessage) (json.RawMessage, error) {
		done = &Triaged{}
		var others map[string]json.RawMessage // what other programs keep beside it
		if triage != nil {
			if err := errors.Join(json.Unmarshal(triage, done), json.Unmarshal(triage, &others)); err != nil {
				return nil, &apiError{Status: http.StatusConflict, Message: "what people wrote about this alert is in another form", Hint: "it was written by another program than Sluice; mend sluice.triage there"}
			}
		}
		if err := change.overtaken(done); err != nil {
			return nil, err
		}
		done.apply(change, who.Name, s.opt.Now())
		return done.beside(others)
	})
	if errors.Is(err, ErrNoAlert) {
		return nil, errNoSuchAlert
	}
	if err != nil {
		return nil, err
	}
	return done, nil
}

// beside is how it is stored, with all of others that is not of Triaged.
func (t *Triaged) beside(others map[string]json.RawMessage) (json.RawMessage, error) {
	for _, ours := range []string{"status", "assignee", "comments"} {
		delete(others, ours)
	}
	text, err := json.Marshal(t)
	if err != nil || len(others) == 0 {
		return text, err
	}
	if err := json.Unmarshal(text, &others); err != nil {
		return nil, err
	}
	return json.Marshal(others)
}

func (c *triageChange) check() error {
	if c.Status == nil && c.Assignee == nil && c.Comment == "" {
		return bad("body", "give a status, an assignee or a comment", "nothing would change")
	}
	if c.Status != nil && !slices.Contains(statuses, *c.Status) {
		return bad("status", "one of "+strings.Join(statuses, ", "), "unknown status")
	}
	if c.Assignee != nil && utf8.RuneCountInString(*c.Assignee) > maxAssignee {
		return bad("assignee", "", "an assignee has at most %d characters", maxAssignee)
	}
	if utf8.RuneCountInString(c.Comment) > maxComment {
		return bad("comment", "", "a comment has at most %d characters", maxComment)
	}
	return nil
}

// overtaken is the error of a change that would take back, unseen, what somebody else did meanwhile.
func (c *triageChange) overtaken(t *Triaged) error {
	status := cmp.Or(t.Status, statuses[0])
	if differs(c.Was.Status, status) && differs(c.Status, status) {
		return t.conflict("it is "+status+" by now", func(c Comment) bool { return c.Status != "" })
	}
	if differs(c.Was.Assignee, t.Assignee) && differs(c.Assignee, t.Assignee) {
		return t.conflict("it is assigned to "+cmp.Or(t.Assignee, "nobody")+" by now", func(c Comment) bool { return c.Assignee != nil })
	}
	return nil
}

func differs(given *string, have string) bool { return given != nil && *given != have }

// conflict names who did what is so by now, as the last comment that it holds for says.
func (t *Triaged) conflict(what string, did func(Comment) bool) error {
	for _, c := range slices.Backward(t.Comments) {
		if did(c) {
			what += ": " + c.By + " did that at " + c.At.Format(time.RFC3339)
			break
		}
	}
	return &apiError{Status: http.StatusConflict, Message: what, Hint: "nothing was changed; look at the alert again, and say what it shall be"}
}

// apply makes the change, and notes what of it is one.
func (t *Triaged) apply(c triageChange, by string, now time.Time) {
	note := Comment{At: now.UTC().Truncate(time.Millisecond), By: by, Text: c.Comment}
	if c.Status != nil && *c.Status != t.Status {
		t.Status, note.Status = *c.Status, *c.Status
	}
	if c.Assignee != nil && *c.Assignee != t.Assignee {
		t.Assignee, note.Assignee = *c.Assignee, c.Assignee
	}
	if note.Status == "" && note.Assignee == nil && note.Text == "" {
		return
	}
	t.Comments = append(t.Comments, note)
	t.Comments = t.Comments[max(0, len(t.Comments)-maxComments):]
}
