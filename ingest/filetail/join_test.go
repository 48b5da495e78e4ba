package filetail

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/ingest"
	"sluice/ingest/ingesttest"
	"sluice/internal/metrics"
)

const stamp = "2026-03-02T08:59:59.123456789Z "

// docker is a line of Docker's json-file driver.
func docker(text, stream string) string {
	return `{"log":"` + text + `","stream":"` + stream + `","attrs":{"tag":"log"},"time":"2026-03-02T08:59:59.1Z"}`
}

// joined reads text as if it were a file's, with this setting, and is what came of it and how much
// of it was not taken yet.
func joined(t *testing.T, maxLine int, waits time.Time, text string) (lines []string, left string) {
	t.Helper()
	s := Defaults().(*Settings)
	s.MaxLine = maxLine
	in := &input{settings: s, env: ingest.Env{Name: t.Name(), Log: slog.New(slog.DiscardHandler), Now: time.Now}}
	f := &file{number: 1, waits: waits}
	used := in.lines(f, []byte(text))
	ids := map[string]bool{}
	for _, r := range in.batch.raws {
		lines = append(lines, string(r.Bytes))
		ids[fmt.Sprint(r.ID)] = true
	}
	if len(ids) != len(lines) {
		t.Errorf("%d ids of %d lines", len(ids), len(lines))
	}
	return lines, text[used:]
}

func TestJoins(t *testing.T) {
	f := func(text, left string, want ...string) {
		t.Helper()
		got, rest := joined(t, defaultMaxLine, time.Time{}, text)
		if !slices.Equal(got, want) || rest != left {
			t.Errorf("got %.400q, left %.200q\nwant %.400q, left %.200q", got, rest, want, left)
		}
	}
	f(stamp+"stdout F whole\nother\n", "", stamp+"stdout F whole", "other")
	f(stamp+"stdout P one, \n"+stamp+"stdout P two, \r\n"+stamp+"stdout F three\n"+stamp+"stdout F next\n", "",
		stamp+"stdout F one, two, three", stamp+"stdout F next")
	f(stamp+"stdout P one\n"+stamp+"stdout F\n", "", stamp+"stdout F one")
	// the other stream's lines stand between the parts, and may be cut themselves
	f(stamp+"stdout P a\n"+stamp+"stderr F b\n"+stamp+"stderr P c\n"+stamp+"stdout F d\n"+stamp+"stderr F e\n", "",
		stamp+"stderr F b", stamp+"stdout F ad", stamp+"stderr F ce")
	// what is not there yet is waited for, from the first part on
	wait := stamp + "stdout P a\n" + stamp + "stderr F b\n"
	f("x\n"+wait, wait, "x")
	f(wait+stamp+"stdout F half", wait+stamp+"stdout F half")
	// something else ends the wait
	f(stamp+"stdout P a\nx\n", "", stamp+"stdout P a", "x")
	f("2026-03-02T08:59:59 stdout Pa\n2026-03-02 stdout P a\n", "", "2026-03-02T08:59:59 stdout Pa", "2026-03-02 stdout P a")

	full := strings.Repeat(`\"x\\n`, dockerBytes/6+1)
	f(docker(full, "stdout")+"\n"+docker(full, "stdout")+"\n"+docker(`end\n`, "stdout")+"\n", "", docker(full+full+`end\n`, "stdout"))
	f(docker(full+`\n`, "stdout")+"\nx\n", "", docker(full+`\n`, "stdout"), "x")
	f(docker(full, "stdout")+"\n", docker(full, "stdout")+"\n")
	// the last words of a program, or a file that another collector wrote
	f(docker("a", "stdout")+"\n"+docker("b", "stdout")+"\n", "", docker("a", "stdout"), docker("b", "stdout"))
}

func TestJoinsWithinBounds(t *testing.T) {
	f := func(reason string, maxLine int, waits time.Time, text string, want ...string) {
		t.Helper()
		metrics.IngestUnjoined.Reset()
		got, left := joined(t, maxLine, waits, text)
		if !slices.Equal(got, want) || left != "" {
			t.Errorf("got %.400q, left %.200q\nwant %.400q", got, left, want)
		}
		page := httptest.NewRecorder()
		metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if count := fmt.Sprintf("sluice_ingest_unjoined_lines_total{input=%q,reason=%q} 1\n", t.Name(), reason); !strings.Contains(page.Body.String(), count) {
			t.Errorf("the metrics lack %s", count)
		}
	}
	part := stamp + "stdout P " + strings.Repeat("x", 200)
	end := stamp + "stdout F y"
	f("bytes", minMaxLine, time.Time{}, part+"\n"+part+"\n"+end+"\n", part, stamp+"stdout F "+strings.Repeat("x", 200)+"y")
	alone := stamp + "stdout P " + strings.Repeat("x", minMaxLine-len(stamp+"stdout P "))
	f("bytes", minMaxLine, time.Time{}, alone+"\n"+end+"\n", alone, end)
	f("time", defaultMaxLine, time.Now().Add(-joinWait), part+"\n", part)
	other := stamp + "stderr F z"
	want := slices.Repeat([]string{other}, joinLines-1)
	f("lines", defaultMaxLine, time.Time{}, part+"\n"+strings.Repeat(other+"\n", joinLines-1)+end+"\n", append(want, part, end)...)
}

// TestJoinsAcrossRestarts: the position of a part that waits for the others is not passed.
func TestJoinsAcrossRestarts(t *testing.T) {
	log := filepath.Join(t.TempDir(), "0.log")
	write(t, log, stamp+"stdout F before\n"+stamp+"stdout P one, \n")
	w := start(t, settings(t, log))
	w.want(1)
	w.restart()
	write(t, log, stamp+"stdout P two, \n"+stamp+"stderr F other\n")
	w.restart()
	write(t, log, stamp+"stdout F three\n")
	w.exactly(stamp+"stdout F before", stamp+"stderr F other", stamp+"stdout F one, two, three")
}

// TestJoinsNotAcrossFiles: a file that was rotated between two parts keeps its own, and one to
// which nothing more is written is waited for no longer than joinWait.
func TestJoinsNotAcrossFiles(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "0.log")
	write(t, log, stamp+"stdout F before\n"+stamp+"stdout P one, \n")
	write(t, filepath.Join(dir, "1.log"), stamp+"stdout P ended\nno end")
	w := start(t, settings(t, filepath.Join(dir, "*.log")))
	w.want(1)
	if err := os.Rename(log, log+".20260302"); err != nil {
		t.Fatal(err)
	}
	write(t, log, stamp+"stdout F two\n")
	w.exactly(stamp+"stdout F before", stamp+"stdout P one, ", stamp+"stdout F two", stamp+"stdout P ended")
}

func TestJoinsByContract(t *testing.T) {
	log := filepath.Join(t.TempDir(), "0.log")
	var want []string
	for i := range 30 {
		write(t, log, fmt.Sprintf("%[1]sstdout P %[2]d, \n%[1]sstderr F %[2]d\n%[1]sstdout F end\n", stamp, i))
		want = append(want, fmt.Sprintf("%sstdout F %d, end", stamp, i), fmt.Sprintf("%sstderr F %d", stamp, i))
	}
	write(t, log, stamp+"stdout P last, \n")
	ingesttest.Contract(t, ingesttest.Case{
		Settings: settings(t, log), Want: append(want, stamp+"stdout F last, at last"),
		Start: func(_ ingest.Input, try int) {
			if try == 0 {
				write(t, log, stamp+"stdout F at last\n")
			}
		},
	})
}

// FuzzPart: what is read of a line is all of it.
func FuzzPart(f *testing.F) {
	f.Add(stamp + "stdout P x")
	f.Add(docker(strings.Repeat("x", dockerBytes), "stderr"))
	f.Add(`{"log":"\\\"","stream":"stdout"}`)
	f.Fuzz(func(t *testing.T, line string) {
		p, ok := partOf([]byte(line))
		if all := string(slices.Concat(p.before, p.text, p.after)); ok && all != line {
			t.Errorf("%q became %q", line, all)
		}
	})
}
