package console

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ExportRequest says which documents a program wants, all of them.
type ExportRequest struct {
	Query     string    `json:"query,omitempty"`
	From      time.Time `json:"from,omitzero"` // of @timestamp; zero: no bound
	To        time.Time `json:"to,omitzero"`
	Namespace string    `json:"namespace,omitempty"` // "": all
	Alerts    bool      `json:"alerts,omitempty"`    // instead of events

	After ExportPlace `json:"after,omitzero"` // what comes behind this document alone
}

// ExportPlace is one document's in the order of an export.
type ExportPlace struct {
	Time time.Time `json:"time"` // its @timestamp
	ID   string    `json:"id"`   // sluice.id, of an alert sluice.alert.id
}

// Export calls fn with all documents that a request finds, page by page, and returns the counts, which
// become JSON.
type Export func(ctx context.Context, req ExportRequest, fn func(page []json.RawMessage, total int64) error) (any, error)

// exportWait is how long one page may take to be taken: a person may read on behind a pipe.
const exportWait = 30 * time.Minute

// exportAll answers POST /api/v1/export, without the bounds of a file for a browser. It answers one JSON
// object a line: {"documents": [..], "total": N}, and at last {"done": counts} or {"error": text}.
func (s *Server) exportAll(w http.ResponseWriter, r *http.Request) {
	var req ExportRequest
	err := readBody(r, &req)
	if err == nil {
		err = cmp.Or(CheckNamespace(req.Namespace), checkOrder("from", "to", req.From, req.To))
	}
	if err == nil && req.After.Time.IsZero() != (req.After.ID == "") {
		err = bad("after", "", "after has both time and id of the last document that was exported")
	}
	if err == nil {
		err = checkQuery("query", req.Query)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if !s.beginExport(w, r) {
		return
	}
	defer s.endExport()
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := http.NewResponseController(w)
	say := func(line any) error {
		_ = out.SetWriteDeadline(time.Now().Add(exportWait))
		if err := json.NewEncoder(w).Encode(line); err != nil {
			return err
		}
		return out.Flush()
	}
	done, err := s.opt.Export(r.Context(), req, func(page []json.RawMessage, total int64) error {
		return say(map[string]any{"documents": page, "total": total})
	})
	if err != nil {
		_ = say(map[string]string{"error": err.Error()})
		return
	}
	_ = say(map[string]any{"done": done})
}
