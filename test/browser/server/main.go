// Command server is a console over an in-memory index, for the browser test: a small office, an
// attack, and an event and an alert whose every field is hostile. It prints one line, the login
// link, and runs until its standard input is closed.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sluice/console"
	"sluice/console/consoletest"
	"sluice/internal/metrics"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "sluice-browser-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	token, _, err := console.LoadToken(filepath.Join(dir, "token"))
	if err != nil {
		return err
	}
	index := &consoletest.Index{}
	now := time.Now()
	consoletest.Office(index, now, 900)
	hostile(index, now)
	settings := console.Defaults()
	settings.Listen = "127.0.0.1:0"
	if len(os.Args) > 1 {
		settings.Listen = os.Args[1]
	}
	ln, err := settings.Open(slog.New(slog.NewTextHandler(os.Stderr, nil)), nil)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin) //nolint:errcheck // its end is what counts
		stop()
	}()
	fmt.Println(token.Link(settings.URL(ln.Addr())))
	s := console.New(console.Options{
		Namespaces: func() []string { return []string{"default", "dmz"} },
		Index:      index, Triage: index.Triage, Saved: &saved{}, Token: token, Metrics: metrics.Handler(), Version: "browser test",
		Log:   slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Rules: &consoletest.Rules{Titles: append([]string{"SSH password guessing", "Port scan over flow records"}, evil...), Now: now}, Account: consoletest.Account(now, evil),
	})
	return s.Run(ctx, ln)
}

// saved keeps the saved searches for as long as the server runs.
type saved struct{ text []byte }

// Load implements console.Saved.
func (s *saved) Load() ([]byte, error) { return s.text, nil }

// Store implements console.Saved.
func (s *saved) Store(text []byte) error {
	s.text = text
	return nil
}

// evil are texts that would do something if a page took them for more than text.
var evil = []string{
	`<script>window.pwned=1</script>`,
	`<img src=x onerror="window.pwned=1">`,
	`"><svg/onload=window.pwned=1>`,
	`javascript:window.pwned=1`,
	`</pre></td><iframe srcdoc="<script>parent.pwned=1</script>">`,
	`{{constructor.constructor('window.pwned=1')()}}`,
	`${window.pwned=1}`,
	`=HYPERLINK("http://127.0.0.1/","x")`,
	`<style>*{display:none}</style>`,
	`<base href="http://127.0.0.1:1/">`,
	"\u202egnp.exe\u2066 \x1b]0;pwned\x07\x00 \u200bzero",
	"\u061carabic mark\u00adsoft\u2028line\u180e\u3164filler\U000e0041\U000e0042tags\ufff9",
	`__proto__`,
	`'-window.pwned=1-'`,
	`<meta http-equiv="refresh" content="0;url=http://127.0.0.1:1/">`,
}

// hostile puts each of them into every field that the pages show, field names too.
func hostile(x *consoletest.Index, now time.Time) {
	fields := []string{
		"message", "event.original", "event.action", "event.outcome", "event.dataset", "host.hostname", "source.ip", "source.port", "destination.ip",
		"destination.domain", "user.name", "url.original", "rule.name", "sluice.unparsed",
	}
	for i, text := range evil {
		set := map[string]any{"sluice.vendor": map[string]any{text: text, "constructor": text}, "event.sequence": json.Number("9007199254740993"), "labels": []any{text, map[string]any{"type": text}}}
		for _, f := range fields {
			set[f] = text
		}
		at := now.Add(-time.Duration(i+1) * time.Second)
		id := "evil-" + strconv.Itoa(i)
		x.Add(consoletest.Event(id, "evil", "default", at, set))
		x.Add(consoletest.Alert("evilalert-"+strconv.Itoa(i), text, text, at, at, []string{id}, map[string]any{
			"rule.name": text, "rule.description": text, "sluice.alert.key": text, "sluice.triage.status": text, "sluice.triage.assignee": text,
			"threat.technique.id": []any{text}, "sluice.alert.values": []any{text}, "sluice.alert.count": text,
		}))
	}
}
