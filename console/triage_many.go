package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"
)

// triageMany is the body of POST /api/v1/alerts/triage: one change to several alerts.
type triageMany struct {
	IDs  []string              `json:"ids"`
	Seen map[string]triageSeen `json:"seen"` // was, of single ones of them
	triageChange
}

// of is the change to one of them.
func (m *triageMany) of(id string) triageChange {
	change := m.triageChange
	if was, ok := m.Seen[id]; ok {
		change.Was = was
	}
	return change
}

// TriageResult is what became of one of them: how it is now, or why it is as it was.
type TriageResult struct {
	ID     string   `json:"id"`
	Triage *Triaged `json:"triage,omitempty"`
	Error  string   `json:"error,omitempty"`
	Hint   string   `json:"hint,omitempty"`
}

// triageMany answers POST /api/v1/alerts/triage with one result for each alert, in the order of the
// ids. Each is changed for itself: what fails for one is done for the others.
func (s *Server) triageMany(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(triageTime + time.Minute)) // the server's own is for short answers
	ctx, cancel := context.WithTimeout(r.Context(), triageTime)
	defer cancel()
	who, _ := r.Context().Value(principalKey{}).(Principal)
	results, err := s.changeMany(r.WithContext(ctx), who)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	changed := 0
	for _, one := range results {
		if one.Error == "" {
			changed++
		}
	}
	s.opt.Log.Info("console: alerts triaged at once", "by", who.Name, "peer", r.RemoteAddr, "changed", changed, "failed", len(results)-changed)
	writeJSON(w, http.StatusOK, map[string]any{"changed": changed, "failed": len(results) - changed, "results": results})
}

func (s *Server) changeMany(r *http.Request, who Principal) ([]TriageResult, error) {
	p, err := params(r.URL.RawQuery, "namespace")
	if err != nil {
		return nil, err
	}
	if err := CheckNamespace(p["namespace"]); err != nil {
		return nil, err
	}
	var in triageMany
	if err := readBody(r, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if n := len(in.IDs); n == 0 || n > maxPicked {
		return nil, bad("ids", "", "ids are of 1 to %d alerts", maxPicked)
	}
	for id := range in.Seen {
		if !slices.Contains(in.IDs, id) {
			return nil, bad("seen", "", "seen has an alert that is none of ids")
		}
	}
	results, alerts, err := s.pick(r, in.IDs, p["namespace"])
	if err != nil {
		return nil, err
	}
	s.editMany(r.Context(), results, alerts, in.of, who)
	return results, nil
}

// pick finds the alerts that ids name, each once. One that is not there has its result already.
func (s *Server) pick(r *http.Request, ids []string, namespace string) ([]TriageResult, map[string]*Hit, error) {
	seen := map[string]bool{}
	results, known := []TriageResult{}, []string{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		results = append(results, TriageResult{ID: id})
		if alertID.MatchString(id) {
			known = append(known, id)
		}
	}
	got, err := s.fetch(r, indicesOf(alertPrefix, namespace), object{
		"size": 2 * maxPicked, "query": alertsOf(known), "_source": []string{"sluice.alert.id", "sluice.alert.supersedes"},
	})
	if err != nil {
		return nil, nil, err
	}
	return results, byID(got.list()), nil
}

// editMany changes the alerts, some at once, and notes what became of each. One that is named twice, by its own
// id and by that of the early alert that it settles, is changed once.
func (s *Server) editMany(ctx context.Context, results []TriageResult, alerts map[string]*Hit, change func(id string) triageChange, who Principal) {
	next := make(chan *TriageResult)
	var work sync.WaitGroup
	for range triageAtOnce {
		work.Go(func() {
			for one := range next {
				s.editOne(ctx, one, alerts[one.ID], change(one.ID), who)
			}
		})
	}
	done := map[*Hit]*TriageResult{}
	for i := range results {
		one := &results[i]
		alert := alerts[one.ID]
		if alert != nil && done[alert] != nil {
			continue
		}
		done[alert] = one
		next <- one
	}
	close(next)
	work.Wait()
	for i := range results {
		if alert := alerts[results[i].ID]; alert != nil {
			id := results[i].ID
			results[i] = *done[alert]
			results[i].ID = id
		}
	}
}

func (s *Server) editOne(ctx context.Context, one *TriageResult, alert *Hit, change triageChange, who Principal) {
	var err error = errNoSuchAlert
	if alert != nil {
		one.Triage, err = s.edit(ctx, alert, change, who)
	}
	var refused *apiError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		one.Error, one.Hint = refused.Message, refused.Hint
	case ctx.Err() != nil:
		one.Error, one.Hint = "there was no time for it", "try again with those that failed"
	default:
		s.opt.Log.Error("console: triage", "alert", one.ID, "error", err)
		one.Error = "the change failed; the program's log says why"
	}
}
