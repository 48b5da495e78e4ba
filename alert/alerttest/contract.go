// Package alerttest checks a channel against the contract of alert.Notifier.
package alerttest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/alert"
)

// Answer is how the far side shall treat the next message.
type Answer int

// The ways of a far side.
const (
	Take   Answer = iota
	Busy          // it cannot now
	Refuse        // this message, for good
	Hang          // it takes the connection and says nothing
)

// Far is the far side of a channel, a server of the test.
type Far interface {
	// Next is the answer to the messages from now on.
	Next(a Answer)
	// Taken are the messages that it took, decoded to text that people would see.
	Taken() []string
}

// Hostile is log content that must arrive as text and as nothing else.
const Hostile = "<script>alert(1)</script> <!channel> {{.}} ${jndi:ldap://x} \r\nBcc: victim@example.com\r\n\r\n. & =cmd()"

// Sample is a message with one alert of that title.
func Sample(id, title string) alert.Message {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return alert.Message{ID: id, Link: "https://sluice.example/alerts/a1", Alerts: []alert.Alert{{
		ID: "a1", Revision: 1, Rule: "ssh_brute_force", Title: title, Severity: "high", Key: title, Namespace: "default",
		Start: at, Last: at, Count: 12, State: "open", Doc: []byte(`{"source":{"ip":"192.0.2.7"},"user":{"name":["root","admin"]},"sluice":{}}`),
	}}}
}

// Contract runs the suite. A notifier must reach far.
func Contract(t *testing.T, n alert.Notifier, far Far) {
	t.Helper()
	t.Run("takes", func(t *testing.T) {
		far.Next(Take)
		before := len(far.Taken())
		if err := n.Send(t.Context(), Sample("m1", "Many failed logins")); err != nil {
			t.Fatal(err)
		}
		got := far.Taken()[before:]
		if len(got) != 1 {
			t.Fatalf("%d messages arrived", len(got))
		}
		for _, want := range []string{"Many failed logins", "ssh_brute_force", "192.0.2.7", "root", "high", "sluice.example/alerts/a1"} {
			if !strings.Contains(got[0], want) {
				t.Errorf("%q is not in\n%s", want, got[0])
			}
		}
	})
	t.Run("takes a report", func(t *testing.T) {
		far.Next(Take)
		m := alert.Message{ID: "m8", Report: &alert.Report{Title: "Weekly report", Sections: []alert.Section{
			{Title: "Alerts by rule", Facts: []alert.Fact{{Name: "Password guessing", Value: "12"}, {Name: Hostile, Value: Hostile}}},
			{Title: "Events by source"},
		}}}
		if err := n.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := far.Taken()
		for _, want := range []string{"Weekly report", "Alerts by rule", "Password guessing", "12", "Events by source"} {
			if last := got[len(got)-1]; !strings.Contains(last, want) {
				t.Errorf("%q is not in\n%s", want, last)
			}
		}
	})
	t.Run("again is marked", func(t *testing.T) {
		m := Sample("m2", "x")
		m.Again, m.Dropped = true, 7
		if err := n.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := far.Taken()
		for _, want := range []string{"before", "7"} {
			if last := got[len(got)-1]; !strings.Contains(last, want) && !strings.Contains(last, `"again":true`) {
				t.Errorf("%q is not in\n%s", want, last)
			}
		}
	})
	t.Run("busy is tried again", func(t *testing.T) {
		far.Next(Busy)
		if err := n.Send(t.Context(), Sample("m3", "x")); err == nil || errors.Is(err, alert.ErrFinal) {
			t.Errorf("err %v", err)
		}
	})
	t.Run("refused is final", func(t *testing.T) {
		far.Next(Refuse)
		if err := n.Send(t.Context(), Sample("m4", "x")); !errors.Is(err, alert.ErrFinal) {
			t.Errorf("err %v", err)
		}
	})
	t.Run("ends with its context", func(t *testing.T) {
		far.Next(Hang)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := n.Send(ctx, Sample("m5", "x")); err == nil || errors.Is(err, alert.ErrFinal) {
			t.Errorf("err %v", err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("hostile and huge", func(t *testing.T) {
		far.Next(Take)
		before := len(far.Taken())
		m := Sample("m6", Hostile+strings.Repeat("long ", 10_000))
		for len(m.Alerts) < 60 {
			m.Alerts = append(m.Alerts, m.Alerts[0])
		}
		if err := n.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if err := n.Send(t.Context(), alert.Message{ID: "m7"}); err != nil {
			t.Errorf("a message without alerts: %v", err)
		}
		if got := len(far.Taken()) - before; got != 2 {
			t.Errorf("%d messages arrived", got)
		}
	})
}
