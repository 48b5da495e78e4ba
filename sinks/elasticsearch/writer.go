package elasticsearch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"sluice/event"
	"sluice/internal/metrics"
	"sluice/sinks"
)

// sureAfter is how many documents a new writer asks about before it writes them. What a
// killed process had in flight is at most what one Handle of the indexer had in hands,
// which is fewer.
const sureAfter = 10_000

// Writer writes events by create, so that an id that is there already is no second
// document. A data stream forgets ids at its rollover, though. So what may have been
// written before, after a restart or an answer that was lost, is looked up first over
// all of the namespace's events, and only the rest is written.
//
// A Writer is a sinks.Sink for one goroutine; make one for each partition.
type Writer struct {
	c       *Client
	buf     []byte
	parser  answers
	unsure  int  // documents to look up before they are written; 0: the past is known
	refresh bool // what was written may not be visible to searches yet
}

// Writer makes a writer that looks its first documents up.
func (c *Client) Writer() *Writer { return &Writer{c: c, unsure: sureAfter, refresh: true} }

// Write takes a batch. It names what the index refuses; an error stands for all.
func (w *Writer) Write(ctx context.Context, batch []event.Document) ([]sinks.Refusal, error) {
	rest, refused := w.wellFormed(batch)
	looked, found := w.unsure > 0, 0
	if looked && len(rest) > 0 {
		there, err := w.lookUp(ctx, batch, rest)
		if err != nil {
			return nil, w.failed(err)
		}
		before := len(rest)
		rest = without(rest, batch, there)
		found = before - len(rest)
		metrics.SinkDocuments.WithLabelValues(w.c.name, "there_already").Add(float64(found))
	}
	for first := true; len(rest) > 0; first = false {
		n := w.fits(batch, rest)
		r, err := w.send(ctx, batch, rest[:n])
		if err != nil {
			if !first || lost(err) {
				w.doubt()
			}
			return nil, w.failed(err)
		}
		refused, rest = append(refused, r...), rest[n:]
	}
	if looked && found > 0 {
		w.unsure = sureAfter // still among what an earlier life wrote
	} else if looked && !w.refresh { // with refresh this very batch gave rise to doubt
		w.unsure = max(0, w.unsure-len(batch))
	}
	return refused, nil
}

// wellFormed finds documents that would break the request for their neighbours.
func (w *Writer) wellFormed(batch []event.Document) (rest []int, refused []sinks.Refusal) {
	rest = make([]int, 0, len(batch))
	for i := range batch {
		switch d := &batch[i]; {
		case d.ID == "" || len(d.ID) > 512:
			refused = append(refused, sinks.Refusal{Index: i, Final: true, Reason: fmt.Errorf("id of %d bytes; the index takes 1 to 512", len(d.ID))})
		case !utf8.ValidString(d.ID): // JSON has another in its place
			refused = append(refused, sinks.Refusal{Index: i, Final: true, Reason: fmt.Errorf("id %.80q is no UTF-8", d.ID)})
		case d.Stream == "":
			refused = append(refused, sinks.Refusal{Index: i, Final: true, Reason: errors.New("no data stream is named")})
		case len(d.JSON) == 0 || bytes.IndexByte(d.JSON, '\n') >= 0:
			refused = append(refused, sinks.Refusal{Index: i, Final: true, Reason: errors.New("the document is empty or holds a line end")})
		default:
			rest = append(rest, i)
		}
	}
	return rest, refused
}

// doubt notes that what was sent may be written.
func (w *Writer) doubt() { w.unsure, w.refresh = sureAfter, true }

// lost says whether a request that ended in err may have been carried out.
func lost(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return false
	}
	return true
}

// failed counts a whole failure by its class.
func (w *Writer) failed(err error) error {
	metrics.SinkFailures.WithLabelValues(w.c.name, Class(err)).Inc()
	return err
}

// Class is the kind of a failure, of which there are few: what the answer says is another each time.
func Class(err error) string {
	var e *Error
	switch {
	case errors.As(err, &e):
		return fmt.Sprintf("http_%d", e.Status)
	case errors.Is(err, errAnswer):
		return "bad_answer"
	}
	return "transport"
}

// fits is how many of the documents make one request.
func (w *Writer) fits(batch []event.Document, rest []int) int {
	return w.c.portion(rest, func(i int) int {
		d := &batch[i]
		return len(d.JSON) + len(d.ID) + len(d.Stream) + 40
	})
}

// portion is how many of the items at the indices of rest make one request, one at least.
func (c *Client) portion(rest []int, bytes func(i int) int) int {
	size := 0
	for n, i := range rest {
		if size += bytes(i); n > 0 && (size > c.settings.BulkBytes || n >= c.settings.BulkEvents) {
			return n
		}
	}
	return len(rest)
}

// send writes the documents at the indices of batch in one request, or in smaller ones
// where the cluster cannot take it as a whole.
func (w *Writer) send(ctx context.Context, batch []event.Document, at []int) ([]sinks.Refusal, error) {
	buf := w.buf[:0]
	for _, i := range at {
		d := &batch[i]
		buf = append(buf, `{"create":{"_index":`...)
		buf = event.AppendString(buf, d.Stream)
		buf = append(buf, `,"_id":`...)
		buf = event.AppendString(buf, d.ID)
		buf = append(buf, "}}\n"...)
		buf = append(buf, d.JSON...)
		buf = append(buf, '\n')
	}
	w.buf = nil // until the answer says that the request was read to its end
	start := time.Now()
	answer, err := w.c.do(ctx, bulk(buf, nil))
	metrics.SinkSeconds.WithLabelValues(w.c.name).Observe(time.Since(start).Seconds())
	if err != nil {
		if reason := indigestible(err); reason != nil {
			return w.split(ctx, batch, at, reason)
		}
		return nil, err
	}
	if cap(buf) <= 2*w.c.settings.BulkBytes { // one huge document must not stay for ever
		w.buf = buf
	}
	items, err := w.parser.parse(answer, len(at))
	if err != nil {
		return nil, err
	}
	return w.settle(batch, at, items)
}

// bulk is a request of bulk lines. The answer is asked to name only what we look at.
func bulk(lines []byte, more url.Values) call {
	params := url.Values{"filter_path": {"errors,items.*._id,items.*.status,items.*.error"}}
	for k, v := range more {
		params[k] = v
	}
	return call{method: http.MethodPost, path: "/_bulk", params: params, body: lines, kind: "application/x-ndjson"}
}

// indigestible gives err if a smaller request could succeed: 413 from anybody, 400 from
// Elasticsearch itself (a 400 of a proxy, or of TLS spoken to as plain text, says
// nothing about the documents).
func indigestible(err error) error {
	var e *Error
	if errors.As(err, &e) && (e.Status == http.StatusRequestEntityTooLarge || e.Status == http.StatusBadRequest && e.Type != "") {
		return e
	}
	return nil
}

// split sends both halves; a document that fails alone is refused for good.
func (w *Writer) split(ctx context.Context, batch []event.Document, at []int, reason error) ([]sinks.Refusal, error) {
	if len(at) == 1 {
		metrics.SinkDocuments.WithLabelValues(w.c.name, "refused").Inc()
		return []sinks.Refusal{{Index: at[0], Reason: reason, Final: true}}, nil
	}
	left, err := w.send(ctx, batch, at[:len(at)/2])
	if err != nil {
		return nil, err
	}
	right, err := w.send(ctx, batch, at[len(at)/2:])
	if err != nil {
		w.doubt() // the left half is written
		return nil, err
	}
	return append(left, right...), nil
}

// settle reads what became of each document.
func (w *Writer) settle(batch []event.Document, at []int, items []item) ([]sinks.Refusal, error) {
	var refused []sinks.Refusal
	var written, there, again, final, size int
	for n, it := range items {
		d := &batch[at[n]]
		if it.id != d.ID {
			return nil, fmt.Errorf("%w: answer %d is about %.80q, not %.80q", errAnswer, n, it.id, d.ID)
		}
		switch it.fate() {
		case taken:
			written++
			size += len(d.JSON)
		case conflict:
			there++
		case later:
			if it.status >= http.StatusInternalServerError {
				w.doubt() // a shard that did not answer may have it
			}
			again++
			refused = append(refused, sinks.Refusal{Index: at[n], Reason: it.err()})
		default:
			final++
			refused = append(refused, sinks.Refusal{Index: at[n], Reason: it.err(), Final: true})
		}
	}
	m := metrics.SinkDocuments
	m.WithLabelValues(w.c.name, "written").Add(float64(written))
	m.WithLabelValues(w.c.name, "there_already").Add(float64(there))
	m.WithLabelValues(w.c.name, "again").Add(float64(again))
	m.WithLabelValues(w.c.name, "refused").Add(float64(final))
	metrics.SinkBytes.WithLabelValues(w.c.name).Add(float64(size))
	return refused, nil
}
