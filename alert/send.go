package alert

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"sluice/internal/metrics"
)

const (
	firstWait = time.Second
	lastWait  = 5 * time.Minute // a channel that is back is used within this
	maxAsked  = time.Hour       // of Retry-After: more is a mistake of the far side

	// attemptTime is for a channel that does not end by itself: the longest timeout that e-mail may be
	// given, of RFC 5321 for the answer to a mail. Who breaks off before does not know whether it was taken.
	attemptTime = 10 * time.Minute

	// bareAfter is the attempt, after some two minutes, behind which a message is tried bare whatever its
	// error: what refuses an attack's text may also cut the connection, or make the receiver fail each time.
	bareAfter = 8
)

// messageID is made of channel, alerts and revisions: the same message has the same id
// in every life of the process.
func messageID(channel string, m *Message) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %d", channel, m.Summary, m.Dropped)
	for i := range m.Alerts {
		fmt.Fprintf(h, " %q %d", alertKey(&m.Alerts[i]), m.Alerts[i].Revision)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func cutKey(alertKey string) (namespace, id string, ok bool) { return strings.Cut(alertKey, "/") }

// tell sends one message. heldAs is the name that it waited under, "" if it did not;
// keys are the alerts that it stands for, shown or not. Before it is sent it is noted as
// being sent, after it as told: what a crash leaves is a message that may have been
// sent, and is sent again with the same id.
func (t *Teller) tell(ctx context.Context, m Message, heldAs string, keys []string) error {
	m.ID = messageID(t.opt.Channel, &m)
	m.Again = t.opt.Note == nil && t.doubt
	if t.opt.Link != nil && len(m.Alerts) > 0 {
		m.Alerts = slices.Clone(m.Alerts)
		for i := range m.Alerts {
			m.Alerts[i].Link = t.opt.Link(m.Alerts[i])
		}
		m.Link = m.Alerts[0].Link
	}
	start := []Record{t.record(sortSend, m.ID, m)}
	for _, key := range keys {
		t.changed[change{sortMark, key}] = true
		start = append(start, t.record(sortMark, key, t.told[key]))
	}
	if heldAs != "" {
		delete(t.held, heldAs)
		t.changed[change{sortHeld, heldAs}] = true
		start = append(start, t.record(sortHeld, heldAs, nil))
	}
	if t.opt.Note != nil {
		if err := t.opt.Note(ctx, start); err != nil {
			return fmt.Errorf("note message %s: %w", m.ID, err)
		}
	}
	return t.deliver(ctx, m)
}

// finish sends what a crash may have cut off.
func (t *Teller) finish(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(t.sending)) {
		m := t.sending[id]
		m.Again = true
		if err := t.deliver(ctx, m); err != nil {
			return err
		}
		delete(t.sending, id)
	}
	return nil
}

// deliver sends m until it is taken or refused for good, and notes it as told.
func (t *Teller) deliver(ctx context.Context, m Message) error {
	result := "sent"
	if err := t.retry(ctx, m); err != nil {
		if !errors.Is(err, ErrFinal) {
			return err
		}
		result = "refused"
		t.opt.Log.Error("channel refused a message", "channel", t.opt.Channel, "message", m.ID, "error", err)
		if t.opt.Dead != nil {
			if err := t.opt.Dead(ctx, m, err); err != nil {
				return fmt.Errorf("dead-letter message %s: %w", m.ID, err)
			}
		}
	}
	metrics.AlertMessages.WithLabelValues(t.opt.Channel, result).Inc()
	now := t.opt.Now()
	done := []Record{t.record(sortSend, m.ID, nil)}
	for i := range m.Alerts {
		a := &m.Alerts[i]
		t.budget.spend(m.ID, throttleKey(a.Namespace, a.Rule, a.Key), a.Severity, now)
		t.mark(a, m.ID, now)
		done = append(done, t.record(sortMark, alertKey(a), t.told[alertKey(a)]))
	}
	if t.opt.Note == nil {
		return nil
	}
	if err := t.opt.Note(ctx, done); err != nil {
		return fmt.Errorf("note message %s as told: %w", m.ID, err)
	}
	return nil
}

// retry sends m until it is taken, refused for good, or ctx ends.
func (t *Teller) retry(ctx context.Context, m Message) error {
	triedBare := false
	for wait, n := firstWait, 1; ; wait, n = min(2*wait, lastWait), n+1 {
		err := t.attempt(ctx, m)
		if err != nil && ctx.Err() != nil { // which says nothing of the channel
			return errors.Join(err, ctx.Err())
		}
		refused := errors.Is(err, ErrSettings) || errors.Is(err, ErrFinal) || err != nil && n >= bareAfter && !errors.Is(err, ErrNotTaken)
		if refused && !triedBare {
			triedBare = true
			if t.attempt(ctx, m.bare()) == nil {
				t.opt.Log.Warn("a channel took a message only without what logs say in it; its receiver, or a filter in front of it, seems to refuse that", "channel", t.opt.Channel, "message", m.ID, "error", err)
				err = nil
			}
		}
		if err == nil || errors.Is(err, ErrFinal) {
			t.state(nil)
			return err
		}
		t.state(err)
		metrics.AlertRetries.WithLabelValues(t.opt.Channel).Inc()
		pause := wait - rand.N(wait/4+1)
		var asked RetryAfter
		if errors.As(err, &asked) {
			pause = max(pause, min(asked.Wait, maxAsked))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(err, ctx.Err())
		case <-timer.C:
		}
		m.Again = m.Again || !errors.Is(err, ErrNotTaken) // it may have reached people
	}
}

func (t *Teller) attempt(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	return t.opt.Notifier.Send(ctx, m)
}

// bare is m without what logs say in it. A filter may refuse an attack's text, as spam or with the answer of
// a webhook that was revoked; nobody would be told, or what follows would wait behind it for ever.
func (m Message) bare() Message {
	m.Bare = true
	m.Alerts = slices.Clone(m.Alerts)
	for i := range m.Alerts {
		a := &m.Alerts[i]
		a.Title, a.Key, a.Investigation, a.Doc = cmp.Or(a.RuleName, a.Rule), "", nil, nil
	}
	return m
}

// ownPort is our end of a connection in an error: another one at each attempt, and no other reason.
var ownPort = regexp.MustCompile(`\S+->`)

// state logs when the channel begins to fail, when it fails for another reason than before, and when
// it is back: when none of its tellers has a message that waits.
func (t *Teller) state(err error) {
	gauge := metrics.AlertFailing.WithLabelValues(t.opt.Channel)
	turned, fails := t.budget.turned(t, err != nil)
	if t.opt.State != nil && (err != nil || !fails) {
		t.opt.State(err)
	}
	cause := t.cause
	if t.cause = ""; err != nil {
		t.cause = ownPort.ReplaceAllString(err.Error(), "")
	}
	switch {
	case turned && err != nil:
		gauge.Set(1)
		t.opt.Log.Warn("channel fails; its messages wait and are tried again", "channel", t.opt.Channel, "error", err)
	case err != nil && cause != "" && cause != t.cause:
		t.opt.Log.Warn("channel fails for another reason now", "channel", t.opt.Channel, "error", err)
	case turned:
		gauge.Set(0)
		t.opt.Log.Info("channel works again", "channel", t.opt.Channel)
	}
}
