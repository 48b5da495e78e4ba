package console

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Report sums up what the index holds from from (included) to to (not included), of one
// namespace or, with "", of all. What it returns becomes JSON.
type Report func(ctx context.Context, index Index, namespace string, from, to time.Time) (any, error)

// report answers GET /api/v1/report.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	built, err := s.buildReport(r)
	var refused *apiError
	if err != nil && !errors.As(err, &refused) && r.Context().Err() == nil {
		s.opt.Log.Warn("console: report", "why", err)
		err = &apiError{Status: http.StatusBadGateway, Message: err.Error(), Hint: "a shorter time may do; /readyz says whether the index is well"}
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, built)
}

func (s *Server) buildReport(r *http.Request) (any, error) {
	p, err := params(r.URL.RawQuery, "from", "namespace", "to")
	if err != nil {
		return nil, err
	}
	q, err := s.parseRequest(p, 7*24*time.Hour)
	if err != nil {
		return nil, err
	}
	return s.opt.Report(r.Context(), bounded{s}, q.namespace, q.from, q.to)
}

// bounded is the index under the limits of every search of the console.
type bounded struct{ s *Server }

// Search implements Index.
func (b bounded) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	return b.s.ask(ctx, indices, body)
}
