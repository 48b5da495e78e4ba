package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// Exception is what somebody has decided not to be told of, for a while.
type Exception struct {
	Owner   string
	Reason  string
	Expires time.Time // the event's window time decides, so that the past stays as it was
	Line    int

	text string
	when *condition.Node
}

// version names what an alert was found by. An exception is no part of the hash: it only
// keeps events from becoming matches, and if it were, one for a single host would empty the
// windows of all others, and drop the matches that are on their way.
func version(r *Rule) string {
	if len(r.Exceptions) == 0 {
		return r.Hash[:8]
	}
	h := sha256.New()
	fmt.Fprint(h, r.Hash)
	for i := range r.Exceptions {
		fmt.Fprintf(h, " %q %d", r.Exceptions[i].text, r.Exceptions[i].Expires.Unix())
	}
	return hex.EncodeToString(h.Sum(nil)[:4])
}

const maxExceptions = 100

// exceptions reads what is no match although the rule's conditions hold.
func (r *reader) exceptions(out *Rule, sp *spec) {
	if len(sp.Exceptions) > maxExceptions {
		r.fail(sp.Exceptions[maxExceptions], "exceptions: at most %d; put the values into a table", maxExceptions)
	}
	for _, n := range sp.Exceptions {
		var one struct {
			When    *strictyaml.Node `yaml:"when"`
			Owner   string           `yaml:"owner"`
			Reason  string           `yaml:"reason"`
			Expires *strictyaml.Node `yaml:"expires"`
		}
		if n = strictyaml.Follow(n); n.Kind != strictyaml.Mapping {
			r.fail(n, "exceptions: an exception has when, owner, expires and reason")
			continue
		}
		r.src.Decode(n, &one)
		e := Exception{Owner: one.Owner, Reason: strings.TrimSpace(one.Reason), Line: n.Line, when: r.condition(n, one.When, "when")}
		if one.When != nil {
			e.text = one.When.Value
			r.exceptionDoubts(out, &e, one.When)
		}
		if e.Owner == "" {
			r.fail(n, "exceptions: owner is missing: who answers for it")
		}
		if e.Reason == "" {
			r.fail(n, "exceptions: reason is missing")
		}
		if one.Expires == nil {
			r.fail(n, "exceptions: expires is missing: a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00Z")
		} else if at, err := expiry(one.Expires.Value); err != nil {
			r.fail(one.Expires, "expires: %.40q is neither a day such as 2026-12-31 nor a time such as 2026-12-31T18:00:00Z", one.Expires.Value)
		} else {
			e.Expires = at
		}
		out.Exceptions = append(out.Exceptions, e)
	}
}

// expiry reads a time, or a day, whose end in UTC it is.
func expiry(s string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	return time.Parse(time.RFC3339, s)
}

// excepted finds the exception that holds for the event of the machine; nil: none does.
func (m *Matcher) excepted(r *Rule, at time.Time) *Exception {
	for i := range r.Exceptions {
		if e := &r.Exceptions[i]; at.Before(e.Expires) && m.m.Eval(e.when) {
			return e
		}
	}
	return nil
}

// expired finds an exception that would hold for the event, had it not expired.
func (m *Matcher) expired(r *Rule, at time.Time) *Exception {
	for i := range r.Exceptions {
		if e := &r.Exceptions[i]; !at.Before(e.Expires) && m.m.Eval(e.when) {
			return e
		}
	}
	return nil
}

// ends are the steps that an exception leaves: what ends or answers something does so
// whoever it is about.
func (r *Rule) ends() uint32 {
	if r.Kind == KindAbsence {
		return absenceWithout
	}
	return untilStep
}
