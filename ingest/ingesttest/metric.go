package ingesttest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"sluice/internal/metrics"
)

// Metric is the number behind the start of a line of /metrics; 0: there is no such line.
func Metric(t *testing.T, name string) float64 {
	t.Helper()
	page := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(page.Body.String()) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			n, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return 0
}
