package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/sinks/elasticsearch"
)

// answering is an index that says the same to all.
type answering string

func (body answering) RoundTrip(req *http.Request) (*http.Response, error) {
	head := http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}}
	return &http.Response{StatusCode: http.StatusOK, Header: head, Body: io.NopCloser(strings.NewReader(string(body))), Request: req}, nil
}

// TestPageOutOfTime: a page that the index had no time for is no end of the events, or a backtest
// and reprocessing would leave out the rest and say that all is done.
func TestPageOutOfTime(t *testing.T) {
	c, err := elasticsearch.Open(elasticsearch.Settings{Timeout: time.Minute}, elasticsearch.Options{Name: "store", Transport: answering(`{"timed_out":true,"hits":{"total":{"value":7},"hits":[]}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (&Stretch{}).pages().next(t.Context(), c); err == nil {
		t.Errorf("page = %d hits and no error", len(got))
	} else if !strings.Contains(err.Error(), "time") {
		t.Errorf("page: %v", err)
	}
}

// fatIndex has documents that are too large together for an answer of more than ten.
type fatIndex struct{ documents int }

func (x *fatIndex) RoundTrip(req *http.Request) (*http.Response, error) {
	var asked struct {
		Size  int
		After []any `json:"search_after"`
	}
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		return nil, err
	}
	var body io.Reader = io.LimitReader(spaces{}, 65<<20)
	if asked.Size <= 10 {
		first := 0
		if len(asked.After) > 1 {
			fmt.Sscanf(asked.After[1].(string), "e%04d", &first)
			first++
		}
		var hits []string
		for i := first; i < min(first+asked.Size, x.documents); i++ {
			hits = append(hits, fmt.Sprintf(`{"_id":"e%04d","_source":{"@timestamp":"2026-03-02T08:00:00.000Z","event":{"created":"2026-03-02T08:00:00.000Z"},"sluice":{"id":"e%04[1]d"}},"sort":[0,"e%04[1]d"]}`, i))
		}
		body = strings.NewReader(fmt.Sprintf(`{"hits":{"total":{"value":%d},"hits":[%s]}}`, x.documents, strings.Join(hits, ",")))
	}
	head := http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}}
	return &http.Response{StatusCode: http.StatusOK, Header: head, Body: io.NopCloser(body), Request: req}, nil
}

type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// TestPastOfLargeDocuments: pages that are too large for an answer are asked for in halves, and nothing
// is left out.
func TestPastOfLargeDocuments(t *testing.T) {
	c, err := elasticsearch.Open(elasticsearch.Settings{Timeout: time.Minute}, elasticsearch.Options{Name: "store", Transport: &fatIndex{documents: 25}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse("rules: {library: false}\n")
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.withRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	err = indexPast(c, Stretch{}, nil)(t.Context(), set, true, func(h *Happened) error {
		ids = append(ids, h.ID)
		return nil
	})
	if err != nil || len(ids) != 25 || ids[24] != "e0024" {
		t.Errorf("%d events, %v: %v", len(ids), ids, err)
	}
}
