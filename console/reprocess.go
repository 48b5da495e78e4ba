package console

import (
	"encoding/json"
	"mime"
	"net/http"
	"time"
)

// reprocess normalizes events of the index anew. It answers one JSON object a line:
// progress, and at last {"done": counts} or {"error": text}. Only one runs at a time.
func (s *Server) reprocess(w http.ResponseWriter, r *http.Request) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		s.fail(w, r, &apiError{Status: http.StatusUnsupportedMediaType, Message: "send application/json"})
		return
	}
	var req ReprocessRequest
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		s.fail(w, r, bad("body", `send {"from": TIME, "to": TIME, "query": TEXT, "namespace": NAME, "dry_run": false}`, "the body is not understood"))
		return
	}
	if !s.reprocessing.TryLock() {
		s.fail(w, r, &apiError{Status: http.StatusConflict, Message: "reprocessing runs already", Hint: "wait for its end"})
		return
	}
	defer s.reprocessing.Unlock()
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := http.NewResponseController(w)
	say := func(line any) {
		_ = out.SetWriteDeadline(time.Now().Add(time.Minute)) // the server's own is for short answers
		_ = json.NewEncoder(w).Encode(line)                   // a caller who has gone ends ctx
		_ = out.Flush()
	}
	done, err := s.opt.Reprocess(r.Context(), req, say)
	if err != nil {
		s.opt.Log.Error("console: reprocess", "why", err)
		say(map[string]string{"error": err.Error()})
		return
	}
	say(map[string]any{"done": done})
}
