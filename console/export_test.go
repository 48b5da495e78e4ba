package console_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/console"
	"sluice/console/consoletest"
)

func TestExport(t *testing.T) {
	w := newWorld(t)
	file := func(target, kind, name string) []string {
		t.Helper()
		rec := w.request("GET", target, "")
		if rec.Code != 200 || rec.Header().Get("Content-Type") != kind || !strings.HasPrefix(rec.Header().Get("Content-Disposition"), `attachment; filename="sluice-`+name) {
			t.Fatalf("%s: %d %v %.300s", target, rec.Code, rec.Header(), rec.Body)
		}
		return strings.Split(strings.TrimSuffix(rec.Body.String(), "\n"), "\n")
	}
	const csvKind, jsonKind = "text/csv; charset=utf-8", "application/x-ndjson"
	got := file("/api/v1/search/export?format=csv&from=now-1h&q=failed&sort=@timestamp:asc&columns=@timestamp,source.port,user.name,related.ip", csvKind, "events-20260301T120000Z.csv")
	if len(got) != 15 || got[0] != "@timestamp,source.port,user.name,related.ip" || got[1] != "2026-03-01T11:51:00.000Z,51000,root," {
		t.Errorf("%d lines: %q", len(got), got)
	}
	got = file("/api/v1/search/export?format=ndjson&from=now-1h", jsonKind, "events-20260301T120000Z.ndjson")
	seen := map[string]bool{}
	for _, line := range got {
		var doc struct{ Sluice struct{ ID string } }
		if err := json.Unmarshal([]byte(line), &doc); err != nil || doc.Sluice.ID == "" {
			t.Fatalf("%v in %s", err, line)
		}
		seen[doc.Sluice.ID] = true
	}
	if len(seen) != 314 || len(got) != 314 {
		t.Errorf("%d lines, %d events; want 314", len(got), len(seen))
	}
	if got = file("/api/v1/alerts/export?format=csv&severity=medium", csvKind, "alerts-20260301T120000Z.csv"); len(got) != 2 || !strings.Contains(got[1], `medium,Port scan over flow records,Port scan of 10.1.9.2 by 10.1.2.44,"10.1.2.44, 10.1.9.2",412,`) {
		t.Errorf("alerts: %q", got)
	}
	got = file("/api/v1/search/export?format=csv&from=now-1h&limit=10&columns=sluice.id,user.name", csvKind, "events")
	if len(got) != 12 || got[11] != "not all: the first 10 of 314; narrow the time range or the query," {
		t.Errorf("cut: %q", got)
	}
	if got = file("/api/v1/search/export?format=ndjson&from=now-1h&limit=10", jsonKind, "events"); len(got) != 11 || got[10] != `{"not_all":"not all: the first 10 of 314; narrow the time range or the query"}` {
		t.Errorf("cut: %q", got)
	}
}

// Pages follow each other until the end or the bound, and what fails on the way is told in the file.
func TestExportOfPages(t *testing.T) {
	w := newWorld(t)
	consoletest.Office(w.index, noon, 1500)
	lines := func(query string) []string {
		t.Helper()
		rec := w.request("GET", "/api/v1/search/export?format=ndjson&from=now-1h"+query, "")
		if rec.Code != 200 {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		return strings.Split(strings.TrimSuffix(rec.Body.String(), "\n"), "\n")
	}
	if n := len(lines("")); n < 1001 {
		t.Errorf("%d lines", n)
	}
	if got := lines("&limit=1200"); len(got) != 1201 || !strings.Contains(got[1200], "the first 1200 of ") {
		t.Errorf("%d lines, at last %s", len(got), got[len(got)-1])
	}
	n := 0
	w.index.Fail = func(context.Context) error {
		if n++; n < 4 {
			return console.ErrTooLarge
		}
		return nil
	}
	if got := lines("&limit=1000"); len(got) != 1001 {
		t.Errorf("%d lines of smaller pages, at last %s", len(got), got[len(got)-1])
	}
}

// An index that is busy for a while holds an export up, and one that stays so ends it, told in the file.
func TestExportWaitsForTheIndex(t *testing.T) {
	f := func(status, busy int, want int, last string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			consoletest.Office(w.index, noon, 1500)
			n := 0
			w.index.Fail = func(context.Context) error {
				if n++; n > 1 && n < 2+busy {
					return &console.IndexError{Status: status}
				}
				return nil
			}
			rec := w.request("GET", "/api/v1/search/export?format=ndjson&from=now-1h&limit=1200", "")
			got := strings.Split(strings.TrimSuffix(rec.Body.String(), "\n"), "\n")
			if len(got) != want || !strings.Contains(got[want-1], last) {
				t.Errorf("%d for %d times: %d lines, at last %s", status, busy, len(got), got[len(got)-1])
			}
		})
	}
	f(503, 3, 1201, "the first 1200 of ")
	f(500, 3, 1201, "the first 1200 of ")
	f(503, 99, 1001, `{"not_all":"not all: the index is busy; 1000 of `)
	f(400, 1, 1001, `{"not_all":"not all: the query is not understood`)
}

// A file for spreadsheets says that it is UTF-8.
func TestExportWithMark(t *testing.T) {
	w := newWorld(t)
	f := func(query, want string) {
		t.Helper()
		if got := w.request("GET", "/api/v1/search/export?format=csv&columns=sluice.id"+query, "").Body.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.40q", query, got)
		}
	}
	f("", "sluice.id\n")
	f("&bom=false", "sluice.id\n")
	f("&bom=true", "\ufeffsluice.id\n")
}

func TestExportRefused(t *testing.T) {
	w := newWorld(t)
	f := func(query, field string) {
		t.Helper()
		rec := w.request("GET", "/api/v1/search/export?"+query, "")
		var e refusal
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil || rec.Code != 400 || e.Field != field || rec.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s", query, rec.Code, rec.Body)
		}
	}
	f("", "format")
	f("format=xlsx", "format")
	f("format=csv&limit=100001", "limit")
	f("format=csv&limit=0", "limit")
	f("format=csv&columns==1%2B1", "columns")
	f("format=csv&columns=a,,b", "columns")
	f("format=csv&columns=a"+strings.Repeat(",a", 100), "columns")
	f("format=ndjson&columns=a", "columns")
	f("format=csv&bom=1", "bom")
	f("format=ndjson&bom=true", "bom")
	f("format=csv&size=5", "size")
	f("format=csv&q=user.name:root+AND", "q")
}

// Only so many run at once: a third is told to wait, and comes to its turn later.
func TestExportsAtOnce(t *testing.T) {
	w := newWorld(t)
	asked, ended := make(chan struct{}), make(chan struct{})
	hold := make(chan struct{})
	slow := &slowIndex{w.opt.Index, asked, hold}
	w.opt.Index = slow
	w.s = console.New(w.opt)
	const target = "/api/v1/search/export?format=csv"
	for range 2 {
		go func() {
			w.request("GET", target, "")
			ended <- struct{}{}
		}()
		<-asked
	}
	if rec := w.request("GET", target, ""); rec.Code != 503 {
		t.Errorf("the third: %d %s", rec.Code, rec.Body)
	}
	close(hold)
	<-ended
	<-ended
	go func() { <-asked }()
	if rec := w.request("GET", target, ""); rec.Code != 200 {
		t.Errorf("after them: %d %s", rec.Code, rec.Body)
	}
}

// slowIndex says that it was asked, and answers when it is let.
type slowIndex struct {
	console.Index
	asked, hold chan struct{}
}

func (x *slowIndex) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	x.asked <- struct{}{}
	<-x.hold
	return x.Index.Search(ctx, indices, body)
}

// What a spreadsheet would run is a text in the file, and what it would not is as it was.
func TestExportHasNoFormulas(t *testing.T) {
	w := newWorld(t)
	f := func(value any, want string) {
		t.Helper()
		x := &consoletest.Index{}
		x.Add(consoletest.Event("1", "evil", "default", noon.Add(-1), map[string]any{"labels.x": value}))
		w.opt.Index = x
		w.s = console.New(w.opt)
		rec := w.request("GET", "/api/v1/search/export?format=csv&columns=labels.x,sluice.id", "")
		rows, err := csv.NewReader(rec.Body).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != want {
			t.Errorf("%q: %q, %v; want %q", value, rows, err, want)
		}
	}
	for _, first := range []string{"=", "+", "-", "@", " =", "\u200b=", "\ufeff=", "＝", "\x00="} {
		f(first+"HYPERLINK(1)", fmt.Sprintf("'%sHYPERLINK(1)", first))
		for _, divides := range []string{"\t", "\r", "\n", ";", "x;", "x\r\n", "'\n"} {
			f(divides+first+"HYPERLINK(1)", fmt.Sprintf("%s'%sHYPERLINK(1)", strings.ReplaceAll(divides, "\r\n", "\n"), first))
		}
	}
	f("-;x;- \n-\t=", "-;x;- \n-\t=")
	f("a=b;c=d", "a=b;c=d")
	f("bot; +http://example.com", "bot;' +http://example.com")
	f([]any{"=a", "b"}, "'=a, b")
	f([]any{"b", "=a"}, "b, =a")
	f("-", "-")
	f("a=b", "a=b")
	f(`say "x", y`, `say "x", y`)
	f("two\nlines", "two\nlines")
	f(json.Number("-5"), "-5")
	f(json.Number("9007199254740993"), "9007199254740993")
	f(true, "true")
	f([]any{map[string]any{"a": "=b"}}, `[{"a":"=b"}]`)
	f(map[string]any{"y": "z"}, `{"y":"z"}`)
	f(map[string]any{"y": "z;=HYPERLINK(1)"}, `{"y":"z;'=HYPERLINK(1)"}`)
	f([]any{[]any{"z;=HYPERLINK(1)"}}, `[["z;'=HYPERLINK(1)"]]`)
}

// slowCaller takes an answer by a slow line, and not what is written behind the deadline.
type slowCaller struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (c *slowCaller) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *slowCaller) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(len(p)) * time.Second / 1024)
	if time.Now().After(c.deadline) {
		return 0, os.ErrDeadlineExceeded
	}
	return c.ResponseRecorder.Write(p)
}

// TestExportByASlowLine: who takes a page for longer than a minute gets all of it, and within ten minutes
// what there was time for, with a word.
func TestExportByASlowLine(t *testing.T) {
	f := func(rows int, last string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			for i := range rows {
				w.index.Add(consoletest.Event(fmt.Sprint("slow-", i), "slow", "default", noon.Add(-time.Minute), map[string]any{"message": strings.Repeat("x", 4000)}))
			}
			c := &slowCaller{ResponseRecorder: httptest.NewRecorder()}
			r := httptest.NewRequest("GET", "/api/v1/search/export?format=ndjson&q=event.dataset:sluice.slow", nil)
			r.Host = "127.0.0.1:8514"
			r.Header.Set("Authorization", "Bearer "+w.token.Reveal())
			w.s.ServeHTTP(c, r)
			lines := strings.Split(strings.TrimSpace(c.Body.String()), "\n")
			if got := lines[len(lines)-1]; !strings.Contains(got, strings.ReplaceAll(last, "N", fmt.Sprint(len(lines)-1))) {
				t.Errorf("%d events: %d lines, the last %.100s", rows, len(lines), got)
			}
		})
	}
	f(50, `"id":"slow-0"`) // of one instant, by id downwards
	f(400, "an export may take 10m0s; N of 400 are here")
}
