package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"sluice/internal/metrics"
)

// What one caller may ask for.
const (
	maxBody       = 16 << 10             // a token, a query
	maxRuleBody   = 16 << 20             // rules: the whole Sigma tree has 6 MiB
	maxQuery      = 4096                 // characters; the longest query of a shared dashboard seen has 1,900
	maxSize       = 1000                 // events in one answer
	defaultSize   = 50                   // a screen and a half
	maxRange      = 400 * 24 * time.Hour // a year of retention and a month to look back from its end
	maxToken      = 16 << 10             // bytes of a page token: the longest value that an index sorts by has 8,191
	maxSearches   = 4                    // at once: more on two cores only make all of them slow
	slotWait      = 5 * time.Second      // for one of them to end
	searchTimeout = 15 * time.Second
	maxBehind     = 100 // events shown behind an alert, as many as an alert names

	maxValues     = 100 // of a field in one answer
	defaultValues = 10

	maxExport     = 100_000          // documents in one file: what a spreadsheet still opens
	maxExportSize = 512 << 20        // bytes
	maxExports    = 2                // at once: each takes a search's slot for its pages
	exportTime    = 10 * time.Minute // for one, after which what was found so far is the file

	exportPatience = 16 * time.Second // the longest wait before a page is asked for again: 31 s with those before

	maxPicked     = 1000      // alerts that are triaged at once: a page holds as many
	maxPickedBody = 512 << 10 // bytes: their ids, of up to 200 characters, and how each was seen
	triageAtOnce  = 16        // of them; Elasticsearch shows a change within a second, which each waits for
	triageTime    = 2 * time.Minute
)

// bodyLimit bounds a request's body. No body is read before the caller is known.
func bodyLimit(path string) int64 {
	switch {
	case strings.HasPrefix(path, "/api/v1/rules/"):
		return maxRuleBody
	case path == "/api/v1/alerts/triage", strings.HasPrefix(path, "/api/v1/dlq/"): // ids
		return maxPickedBody
	}
	return maxBody
}

// manySearches is told to who finds no slot for a search.
const manySearches = "too many searches run at once"

// slot waits for one of slots to be free, for slotWait; free gives it back.
func (s *Server) slot(ctx context.Context, slots chan struct{}, busy string) (free func(), err error) {
	wait := time.NewTimer(slotWait)
	defer wait.Stop()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		metrics.ConsoleRefused.WithLabelValues("busy").Inc()
		return nil, &apiError{Status: http.StatusServiceUnavailable, Message: busy, Hint: "try again in a moment"}
	}
}

// ask sends one search to the index when a slot is free. It stops with the caller:
// a closed page searches no further.
func (s *Server) ask(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	free, err := s.slot(ctx, s.slots, manySearches)
	if err != nil {
		return nil, err
	}
	defer free()
	metrics.ConsoleSearches.WithLabelValues().Inc()
	defer metrics.ConsoleSearches.WithLabelValues().Dec()
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	answer, err := s.opt.Index.Search(ctx, indices, body)
	switch {
	case err == nil && len(answer) > MaxAnswer, errors.Is(err, ErrTooLarge):
		return nil, &apiError{Status: http.StatusUnprocessableEntity, Message: "the answer is too large", Field: "size", Hint: "ask for fewer events at once"}
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, &apiError{Status: http.StatusGatewayTimeout, Message: "the search took longer than " + searchTimeout.String(), Hint: "narrow the time range or the query"}
	}
	var refused *IndexError
	if errors.As(err, &refused) {
		return nil, s.explain(refused)
	}
	if err != nil && ctx.Err() == nil {
		s.opt.Log.Warn("console: search", "error", err)
		return nil, &apiError{Status: http.StatusBadGateway, Message: "the index does not answer", Hint: "see /readyz"}
	}
	return answer, err
}

// fewer is ask that halves the size of body where so many hits are too large together: who reads on sees the rest.
func (s *Server) fewer(ctx context.Context, indices []string, body object) ([]byte, error) {
	for {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		raw, err := s.ask(ctx, indices, text)
		var refused *apiError
		size, _ := body["size"].(int)
		if !errors.As(err, &refused) || refused.Field != "size" || size < 2 {
			return raw, err
		}
		body["size"] = size / 2
	}
}
