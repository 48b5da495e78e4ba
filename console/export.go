package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sluice/internal/metrics"
)

// An exporter writes documents as a file. end is called once; a word says why the file is not
// all that was asked for, "" if it is.
type exporter interface {
	write(source json.RawMessage) error
	end(word string) error
}

// export answers GET /api/v1/search/export and GET /api/v1/alerts/export: what a search finds as a
// file, page by page. What goes wrong after the first page stands in the file's last line: its
// status is told by then.
func (s *Server) export(k kind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e, err := s.parseExport(k, r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if !s.beginExport(w, r) {
			return
		}
		defer s.endExport()
		ctx, cancel := context.WithTimeout(r.Context(), exportTime)
		defer cancel()
		page, err := s.exportPage(ctx, e)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		h := w.Header()
		name := "alerts"
		if k.prefix == eventPrefix {
			name = "events"
		}
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="sluice-%s-%s.%s"`, name, e.to.Format("20060102T150405Z"), e.format))
		h.Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[e.format])
		s.stream(ctx, w, e, page)
	}
}

// beginExport takes one of the places for exports; false: none is free, and that is answered.
func (s *Server) beginExport(w http.ResponseWriter, r *http.Request) bool {
	select {
	case s.exports <- struct{}{}:
		return true
	default:
		metrics.ConsoleRefused.WithLabelValues("busy").Inc()
		s.fail(w, r, &apiError{Status: http.StatusServiceUnavailable, Message: "other exports run now", Hint: "try again when they have ended"})
		return false
	}
}

func (s *Server) endExport() { <-s.exports }

// exportRequest is a search whose answer becomes a file.
type exportRequest struct {
	*request
	kind    kind
	format  string
	columns []string // of csv
	bom     bool     // of csv
	rows    int      // at most
}

func (s *Server) parseExport(k kind, r *http.Request) (*exportRequest, error) {
	q, p, err := s.parse(k, r, []string{"from", "namespace", "q", "sort", "to"}, "bom", "columns", "format", "limit")
	if err != nil {
		return nil, err
	}
	e := &exportRequest{request: q, kind: k, format: p["format"], columns: k.columns, rows: maxExport}
	if e.format != "csv" && e.format != "ndjson" {
		return nil, bad("format", "", "format is csv or ndjson")
	}
	if v := p["limit"]; v != "" {
		if e.rows, err = strconv.Atoi(v); err != nil || e.rows < 1 || e.rows > maxExport {
			return nil, bad("limit", "", "limit is a whole number from 1 to %d", maxExport)
		}
	}
	if v := p["bom"]; v != "" {
		if e.format != "csv" || v != "true" && v != "false" {
			return nil, bad("bom", "", "bom is true or false, and of csv")
		}
		e.bom = v == "true"
	}
	if v := p["columns"]; v != "" {
		if e.format != "csv" {
			return nil, bad("columns", "", "columns are of csv; ndjson has whole documents")
		}
		if e.columns = strings.Split(v, ","); len(e.columns) > maxColumns {
			return nil, bad("columns", "", "at most %d columns are taken", maxColumns)
		}
		for _, c := range e.columns {
			if !fieldName.MatchString(c) {
				return nil, bad("columns", "such as @timestamp,source.ip,message", "columns are names of fields, with commas")
			}
		}
	}
	q.size = min(maxSize, e.rows)
	return e, nil
}

// exportPage asks for the next page, for a smaller one where its documents are too large together.
func (s *Server) exportPage(ctx context.Context, e *exportRequest) (*answer, error) {
	for {
		search := e.body(e.kind.unique, nil)
		search["track_total_hits"] = e.after == nil // once is enough: to count is to read everything
		if e.format == "csv" {
			search["_source"] = e.columns
		}
		body, err := json.Marshal(search)
		if err != nil {
			return nil, err
		}
		raw, err := s.ask(ctx, indicesOf(e.kind.prefix, e.namespace), body)
		var refused *apiError
		if errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity && e.size > 1 {
			e.size /= 2
			continue
		}
		if err != nil {
			return nil, err
		}
		a, err := parseAnswer(raw)
		if err != nil {
			return nil, s.unreadable(err)
		}
		return a, nil
	}
}

// exportNext is exportPage for the pages behind the first, of a caller who has a part of the file
// already: while the index is busy or away it is asked again, for half a minute.
func (s *Server) exportNext(ctx context.Context, e *exportRequest) (*answer, error) {
	for wait := time.Second; ; wait *= 2 {
		a, err := s.exportPage(ctx, e)
		var refused *apiError
		if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable && refused.Status != http.StatusBadGateway || wait > exportPatience {
			return a, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
	}
}

// stream writes page and all that follow.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, e *exportRequest, page *answer) {
	out := http.NewResponseController(w)
	size := &counter{w: w}
	file := exporter(&ndjson{json.NewEncoder(size)})
	if e.format == "csv" {
		file = newTable(size, e.columns, e.bom)
	}
	total, rows, damaged, word := page.Hits.Total.Value, 0, 0, ""
	var err error
	for err == nil && word == "" {
		for _, hit := range page.Hits.Hits {
			if ctx.Err() != nil {
				break
			}
			_ = out.SetWriteDeadline(time.Now().Add(time.Minute)) // the server's own is for short answers; a slow line takes a page for many minutes
			if err = file.write(hit.Source); err != nil {
				return // the caller is gone
			}
			rows++
		}
		damaged = max(damaged, page.Shards.Failed) // what is in the others is read all the same
		word = e.cut(rows, size.n, total, page)
		if e.after = page.end(e.request); e.after == nil || rows >= e.rows || word != "" {
			break
		}
		e.size = min(e.size, e.rows-rows)
		page, err = s.exportNext(ctx, e)
	}
	if ctx.Err() != nil && int64(rows) < total {
		err = errors.New("an export may take " + exportTime.String())
	}
	if err != nil {
		word = fmt.Sprintf("not all: %s; %d of %d are here", err, rows, total)
	}
	if damaged > 0 {
		before := "not all: "
		if word != "" {
			before = word + "; "
		}
		word = fmt.Sprintf("%s%d parts of the index are damaged, sluice verify names them", before, damaged)
	}
	_ = out.SetWriteDeadline(time.Now().Add(time.Minute)) // a page was waited for since
	if err := file.end(word); err == nil {
		_ = out.Flush()
	}
}

// cut says why the file ends where it does though there is more; "" if it goes on, or that is all.
func (e *exportRequest) cut(rows int, size, total int64, page *answer) string {
	const remedy = "; narrow the time range or the query"
	switch {
	case page.TimedOut:
		return fmt.Sprintf("not all: the search ran out of time after %d of %d", rows, total) + remedy
	case rows >= e.rows && int64(rows) < total:
		return fmt.Sprintf("not all: the first %d of %d", rows, total) + remedy
	case size >= maxExportSize && int64(rows) < total:
		return fmt.Sprintf("not all: the first %d of %d, which fill %d MiB", rows, total, maxExportSize>>20) + remedy
	}
	return ""
}

type counter struct {
	w http.ResponseWriter
	n int64
}

// Write counts what it passes on.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ndjson writes one document a line.
type ndjson struct{ enc *json.Encoder }

func (x *ndjson) write(source json.RawMessage) error { return x.enc.Encode(source) }

func (x *ndjson) end(word string) error {
	if word == "" {
		return nil
	}
	return x.enc.Encode(map[string]string{"not_all": word})
}
