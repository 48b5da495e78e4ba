package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/alert"
	"sluice/config"
	"sluice/report"
	"sluice/sinks/elasticsearch"
)

// mailbox is a channel that keeps what it is given, but for its next faults.
type mailbox struct {
	mu     sync.Mutex
	got    []alert.Message
	faults []error
	most   time.Duration // that the last message was given
}

func (m *mailbox) Validate() error                        { return nil }
func (m *mailbox) Open(alert.Env) (alert.Notifier, error) { return m, nil }

func (m *mailbox) Send(ctx context.Context, msg alert.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	end, _ := ctx.Deadline()
	m.most = time.Until(end)
	if len(m.faults) > 0 {
		err := m.faults[0]
		m.faults = m.faults[1:]
		return err
	}
	m.got = append(m.got, msg)
	return nil
}

// TestReports: of several processes one sends, once; what a channel did not take comes
// again after a while, to that channel alone.
func TestReports(t *testing.T) {
	soc, boss := &mailbox{}, &mailbox{}
	conf := Named[*report.Settings]{Name: "daily", Settings: &report.Settings{Schedule: "0 7 * * *", Channels: []string{"soc", "boss"}}}
	s := &Settings{Main: Main{Lateness: 20 * time.Second}, Reports: []Named[*report.Settings]{conf}, Channels: []Named[alert.Settings]{{Name: "boss", Settings: boss}, {Name: "other", Settings: &mailbox{faults: []error{errors.New("not its report")}}}, {Name: "soc", Settings: soc}}}
	c := storeClient(t)
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	node := func() *Node {
		return &Node{index: c, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
	}
	send := func(want string, soced, bossed int) {
		t.Helper()
		var wg sync.WaitGroup
		var mu sync.Mutex
		var all []string
		for range 3 {
			wg.Go(func() {
				if err := node().report(t.Context(), s, conf); err != nil {
					mu.Lock()
					all = append(all, err.Error())
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if got := strings.Join(all, "; "); got != want {
			t.Fatalf("at %v: %q, want %q", now, got, want)
		}
		if len(soc.got) != soced || len(boss.got) != bossed {
			t.Fatalf("at %v: %d and %d messages, want %d and %d", now, len(soc.got), len(boss.got), soced, bossed)
		}
	}
	doc := fmt.Appendf(nil, `{"@timestamp":"2026-03-02T15:00:00.000Z","rule":{"name":"Port scan"},"sluice":{"alert":{"id":"a","revision":1,"severity":"high"}}}`)
	if refused, err := c.WriteAlerts(t.Context(), []elasticsearch.Revision{{ID: "a", Namespace: "default", Revision: 1, Doc: doc}}); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	send("", 0, 0) // seen for the first time
	now = time.Date(2026, 3, 3, 7, 0, 30, 0, time.UTC)
	send("", 0, 0) // an alert of the last seconds is on its way
	now = now.Add(10 * time.Second)
	boss.faults = []error{errors.New("mail is away")}
	send("channel boss: mail is away", 1, 0)
	if boss.most > reportTries/2 {
		t.Errorf("the first of two channels has %v of %v: one that hangs leaves the other nothing", boss.most, reportTries)
	}
	m := soc.got[0]
	if m.Subject() != "Sluice: report daily, 2026-03-02 07:00 to 2026-03-03 07:00 UTC" || m.Again || m.ID != "report-daily-1772521200-soc" {
		t.Errorf("%q, %+v", m.Subject(), m)
	}
	if text := fmt.Sprint(m.Sections()); !strings.Contains(text, "{Port scan 1}") || !strings.Contains(text, "{Open 1}") || !strings.Contains(text, "{Received 0}") {
		t.Errorf("sections %s", text)
	}
	now = now.Add(time.Minute)
	send("", 1, 0)
	now = now.Add(reportLease)
	send("", 1, 1)
	if !boss.got[0].Again {
		t.Error("an attempt after one that may have arrived is not marked")
	}
	now = now.Add(24 * time.Hour)
	boss.faults = []error{fmt.Errorf("no such mailbox: %w", alert.ErrFinal)}
	send("", 2, 1)
	now = now.Add(2 * reportLease)
	send("", 2, 1)
	now = now.Add(3 * 24 * time.Hour) // nothing ran
	send("", 3, 2)
	if got := soc.got[2].Subject(); !strings.Contains(got, "2026-03-04 07:00 to 2026-03-07 07:00") {
		t.Errorf("after a pause: %s", got)
	}

	boss.faults = []error{errors.New("mail is away"), errors.New("mail is away")}
	for day := range 2 {
		now = now.Add(24 * time.Hour)
		send("channel boss: mail is away", 4+day, 2)
	}
	now = now.Add(24 * time.Hour)
	send("", 6, 3)
	for _, box := range []struct {
		m    *mailbox
		want string
	}{{soc, "2026-03-09 07:00 to 2026-03-10 07:00"}, {boss, "2026-03-07 07:00 to 2026-03-10 07:00"}} {
		if got := box.m.got[len(box.m.got)-1].Subject(); !strings.Contains(got, box.want) {
			t.Errorf("after a channel was away for two reports: %s, want %s", got, box.want)
		}
	}
	now = now.Add(24 * time.Hour)
	send("", 7, 4)
	if got := boss.got[3].Subject(); !strings.Contains(got, "2026-03-10 07:00 to 2026-03-11 07:00") {
		t.Errorf("after it was back: %s", got)
	}
}

// TestReportOfTheFuture: a clock that was a year ahead holds up no report for a year.
func TestReportOfTheFuture(t *testing.T) {
	conf := Named[*report.Settings]{Name: "daily", Settings: &report.Settings{Schedule: "0 7 * * *", Channels: []string{"soc"}}}
	now := time.Date(2027, 3, 2, 12, 0, 0, 0, time.UTC)
	n := &Node{index: storeClient(t), now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
	f := func(due string) {
		t.Helper()
		claim, _, err := n.claimReport(t.Context(), conf, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if claim != nil {
			got = claim.Due.Format(time.DateTime)
		}
		if got != due {
			t.Errorf("at %v: due %q, want %q", now, got, due)
		}
	}
	f("") // seen for the first time
	now = now.AddDate(-1, 0, 0)
	f("")
	now = now.AddDate(0, 0, 1)
	f("2026-03-03 07:00:00")
	now = now.Add(-6 * time.Hour)
	f("")
	now = now.Add(6 * time.Hour)
	f("") // and not again
}

// TestReportRoles: a process that only notifies has no store to read.
func TestReportRoles(t *testing.T) {
	f := func(es []string, refused bool, roles ...string) {
		t.Helper()
		s := &Settings{Reports: make([]Named[*report.Settings], 1), Elasticsearch: &elasticsearch.Settings{Addresses: es}}
		if err := (&Node{roles: roles}).canReport(s); (err != nil) != refused {
			t.Errorf("%v with %v: %v", roles, es, err)
		}
	}
	f(nil, true, roleNotify, roleServe)
	f(nil, false, roleNotify, roleIndex)
	f(nil, false, roleCollect)
	f([]string{"https://es"}, false, roleNotify)
}

// A fault of a report's settings has its place and says what there is.
func TestReportSettings(t *testing.T) {
	text := "channels:\n  soc:\n    kind: slack\n    url: https://hooks.slack.com/services/x\nreports:\n  weekly:\n    schedule: 0 7 * *\n    channels: [sock]\n"
	_, err := parseSettings("s.yml", []byte(text), config.Lookup{})
	for _, want := range []string{"s.yml:7:15: weekly: schedule: expected exactly 5 fields", `s.yml:8:15: weekly: channels: no channel is called "sock"; did you mean soc?`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
