package app

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/sinks/elasticsearch"
)

// outOfTime is an index that answers with what it found until its time was over.
type outOfTime struct{}

func (outOfTime) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{"timed_out":true,"hits":{"total":{"value":7},"hits":[]}}`
	head := http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}}
	return &http.Response{StatusCode: http.StatusOK, Header: head, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

// TestPageOutOfTime: a page that the index had no time for is no end of the events, or a backtest
// and reprocessing would leave out the rest and say that all is done.
func TestPageOutOfTime(t *testing.T) {
	c, err := elasticsearch.Open(elasticsearch.Settings{Timeout: time.Minute}, elasticsearch.Options{Name: "store", Transport: outOfTime{}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (&Stretch{}).page(t.Context(), c, nil); err == nil {
		t.Errorf("page = %d hits and no error", len(got.Hits.Hits))
	} else if !strings.Contains(err.Error(), "time") {
		t.Errorf("page: %v", err)
	}
}
