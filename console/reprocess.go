package console

import (
	"cmp"
	"net/http"
)

// reprocess normalizes events of the index anew. It answers one JSON object a line:
// progress, and at last {"done": counts} or {"error": text}. Only one runs at a time.
func (s *Server) reprocess(w http.ResponseWriter, r *http.Request) {
	var req ReprocessRequest
	err := readBody(r, &req)
	if err == nil {
		err = cmp.Or(CheckNamespace(req.Namespace), checkOrder("from", "to", req.From, req.To))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if !s.reprocessing.TryLock() {
		s.fail(w, r, &apiError{Status: http.StatusConflict, Message: "reprocessing runs already", Hint: "wait for its end"})
		return
	}
	defer s.reprocessing.Unlock()
	say := lines(w)
	done, err := s.opt.Reprocess(r.Context(), req, say)
	if err != nil {
		s.opt.Log.Error("console: reprocess", "why", err)
		say(map[string]string{"error": err.Error()})
		return
	}
	say(map[string]any{"done": done})
}
