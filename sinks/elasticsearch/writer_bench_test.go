package elasticsearch

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sluice/event"
)

// instant answers every bulk with success, in process: what is measured is our part.
type instant struct{ answer []byte }

func (i instant) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"X-Elastic-Product": {"Elasticsearch"}, "Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewReader(i.answer)),
	}, nil
}

// BenchmarkWrite is one event of 900 bytes in batches of 500.
func BenchmarkWrite(b *testing.B) {
	docs := make([]event.Document, 500)
	var items []string
	for i := range docs {
		id := fmt.Sprintf("01jd%08d-3f2a9c-%04x", i, i)
		docs[i] = event.Document{ID: id, Stream: "logs-sluice.cisco_asa-default", JSON: fmt.Appendf(nil, `{"message":%q}`, strings.Repeat("x", 885))}
		items = append(items, fmt.Sprintf(`{"create":{"_id":%q,"status":201}}`, id))
	}
	c, err := Open(defaults(), Options{Transport: instant{fmt.Appendf(nil, `{"errors":false,"items":[%s]}`, strings.Join(items, ","))}})
	if err != nil {
		b.Fatal(err)
	}
	w := c.Writer()
	w.unsure = 0
	b.ReportAllocs()
	b.SetBytes(900)
	for n := 0; n < b.N; n += len(docs) {
		if refused, err := w.Write(b.Context(), docs); err != nil || len(refused) > 0 {
			b.Fatal(refused, err)
		}
	}
}
