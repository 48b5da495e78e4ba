package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestRows: a hit is one line of the terminal's width, whatever stands in the log.
func TestRows(t *testing.T) {
	f := func(alerts bool, width int, want string, hits ...string) {
		t.Helper()
		var raw []json.RawMessage
		for _, h := range hits {
			raw = append(raw, json.RawMessage(h))
		}
		var out strings.Builder
		p := &rows{alerts: alerts, width: width}
		if err := p.print(&out, raw); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(out.String(), "\n") // the title
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
	f(false, 200, "2026-03-02 08:59:50Z  openssh  gate  203.0.113.9:4711 → 192.0.2.1:22  ssh_login (failure)  Failed password for root\n",
		`{"_source":{"@timestamp":"2026-03-02T08:59:50.123Z","event":{"dataset":"sluice.openssh","action":"ssh_login","outcome":"failure"},"host":{"name":"gate"},"source":{"ip":"203.0.113.9","port":4711},"destination":{"ip":"192.0.2.1","port":22},"message":"Failed password for root"}}`)
	f(false, 200, "2026-03-02 08:59:50Z  zeek     n1    [2001:db8::1]:53      query   a b\n",
		`{"source":{"@timestamp":"2026-03-02T08:59:50Z","event":{"dataset":"sluice.zeek","action":["query"]},"observer":{"name":"n1"},"source":{"address":"2001:db8::1","port":53},"event.original":"","message":"a\n\tb"}}`)
	f(false, 76, "2026-03-02 08:59:50Z  x                                            long lon…\n",
		`{"_source":{"@timestamp":"2026-03-02T08:59:50Z","event":{"dataset":"x"},"message":"long long long text"}}`)
	f(false, 200, "2026-03-02 08:59:50Z  x                                            \ufffd[2J\ufffdevil\n",
		`{"_source":{"@timestamp":"2026-03-02T08:59:50Z","event":{"dataset":"x"},"message":"\u001b[2J\u202eevil"}}`)
	f(true, 200, "2026-03-02 08:59:50Z  high      open   14      14 failed log-ins (SSH password guessing)\n",
		`{"_source":{"@timestamp":"2026-03-02T08:59:50Z","rule":{"name":"SSH password guessing"},"message":"14 failed log-ins","sluice":{"alert":{"severity":"high","state":"open","count":14}}}}`)
	f(true, 200, "2026-03-02 08:59:50Z                   1200000  x\n",
		`{"_source":{"@timestamp":"2026-03-02T08:59:50Z","message":"x","sluice.alert.count":1200000}}`)
	f(true, 200, "")
}

// TestCutTo: a line that fits is not cut, and one that is has the mark in its last column.
func TestCutTo(t *testing.T) {
	f := func(line string, width int, want string) {
		t.Helper()
		if got := cutTo(line, width); got != want {
			t.Errorf("cutTo(%q, %d) = %q, want %q", line, width, got, want)
		}
	}
	f("", 3, "")
	f("abc", 3, "abc")
	f("abcd", 3, "ab…")
	f("äöü", 3, "äöü")
	f("äöüß", 3, "äö…")
}
