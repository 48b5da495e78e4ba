package consoletest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"sluice/console"
)

// Rules are the rules of an invented program: one for each title, the first of which was asked
// about events and found some. What only the command line's tests need is not answered.
type Rules struct {
	Titles []string
	Now    time.Time
}

var _ console.Rules = (*Rules)(nil)

func (r *Rules) id(i int) string { return "rule-" + strconv.Itoa(i) }

// List tells of all rules.
func (r *Rules) List(context.Context) (any, error) {
	var list []object
	for i, title := range r.Titles {
		one := object{
			"rule": r.id(i), "title": title, "kind": "threshold", "level": []string{"high", "medium", "low"}[i%3], "status": "stable",
			"place": "rules/" + title + ".yml:1", "matches": 0, "alerts": 0, "alerts_24h": 0, "us_per_event": 0.04, "share": 0.01,
		}
		if i == 0 {
			one["matches"], one["alerts"], one["alerts_24h"] = 1014, 2, 1
			one["us_per_event"], one["share"] = 2.5, 0.41
			one["notes"] = []string{"slow: 2.5 us for each event"}
		}
		list = append(list, one)
	}
	return object{"since": r.Now.Add(-time.Hour), "events": 90000, "load": object{"at": r.Now}, "rules": list}, nil
}

// Coverage says that the last rule cannot fire, and that nobody gives what the second needs.
func (r *Rules) Coverage(_ context.Context, since time.Time) (any, error) {
	var list []object
	for i, title := range r.Titles {
		one := object{"rule": r.id(i), "title": title, "place": title, "status": "runs", "techniques": []string{"T1110"}}
		if i == 0 { // it names one tactic of two
			one["tactics"], one["techniques"] = []string{"Discovery"}, []string{"T1040", "T1110"}
		}
		if i == 1 {
			one["status"], one["reason"], one["why"], one["techniques"] = "silent", "no source", "no source gives it", []string{"T1046", "T1110.003"}
		}
		if i == len(r.Titles)-1 {
			one["status"], one["reason"], one["why"] = "cannot", "field", "no pack sets "+title
		}
		list = append(list, one)
	}
	list = append(list, object{"place": "my.yml:3:7", "status": "cannot", "reason": "fault", "why": "no field is named " + r.Titles[0]})
	return object{"rules": list, "since": since, "packs": []string{"openssh"}}, nil
}

// Attack has two tactics.
func (r *Rules) Attack(context.Context) (any, error) {
	technique := func(id, name string, tactics ...string) object {
		return object{"id": id, "name": name, "tactics": tactics}
	}
	return object{
		"version": "17.0", "tactics": []object{{"id": "TA0006", "name": "Credential Access"}, {"id": "TA0007", "name": "Discovery"}},
		"techniques": []object{
			technique("T1040", "Network Sniffing", "TA0006", "TA0007"), technique("T1046", "Network Service Discovery", "TA0007"), technique("T1082", "System Information Discovery", "TA0007"),
			technique("T1110", "Brute Force", "TA0006"), technique("T1110.003", "Password Spraying", "TA0006"),
		},
	}, nil
}

// Layer is not answered.
func (r *Rules) Layer(context.Context, time.Time) (any, error) { return nil, errUnasked }

// Why says that an event meets one half of the condition.
func (r *Rules) Why(_ context.Context, rule, event string, _ time.Time) (any, error) {
	for i, title := range r.Titles {
		if r.id(i) == rule {
			return why(rule, title, event, r.Now), nil
		}
	}
	return nil, console.NotThere("there is no such rule")
}

func why(rule, title, event string, at time.Time) any {
	leaf := func(holds bool, text, value string) object {
		return object{"holds": holds, "kind": "leaf", "text": text, "fields": []object{{"field": "user.name", "values": []string{value}}}}
	}
	return object{
		"rule": rule, "title": title, "event": event, "time": at, "matches": false, "because": "the condition does not hold", "looked_at": 1,
		"conditions": []object{{"name": "when", "holds": false, "trace": object{"holds": false, "kind": "all", "parts": []object{
			leaf(true, `event.outcome == "failure"`, title), leaf(false, title, title),
		}}}},
		"group_by": []object{{"field": "source.ip", "values": []string{title}}},
		"windows": []object{{
			"key": title, "from": at.Add(-time.Minute), "to": at, "count": 1, "fires": false, "missing": []string{"9 of 10 matches"},
			"there": []object{{"time": at, "id": event, "value": title}},
		}},
		"route": []object{{"channel": "mail", "told": false, "why": title}},
	}
}

var errUnasked = errors.New("not answered here")

// Reload has nothing to read.
func (r *Rules) Reload(context.Context) (any, error) { return object{"rules": len(r.Titles)}, nil }

// Lint is not answered.
func (r *Rules) Lint(context.Context, []console.RuleText) (any, error) { return nil, errUnasked }

// Test is not answered.
func (r *Rules) Test(context.Context, []console.RuleText) (any, error) { return nil, errUnasked }

// WhyLines is not answered.
func (r *Rules) WhyLines(context.Context, console.RuleLines) (any, error) { return nil, errUnasked }

// Shadow is not answered.
func (r *Rules) Shadow(context.Context, time.Time) (any, error) { return nil, errUnasked }

// Backtest is not answered.
func (r *Rules) Backtest(context.Context, console.RulePast, func(done, total int64)) (any, error) {
	return nil, errUnasked
}

// Diff is not answered.
func (r *Rules) Diff(context.Context, console.RulePast, func(done, total int64)) (any, error) {
	return nil, errUnasked
}

// Account is that of three origins and of those named; one of them lost a line for a reason.
func Account(now time.Time, more []string) func(context.Context) (any, error) {
	return func(context.Context) (any, error) {
		origins := []object{
			{"origin": "office:10.1.9.2", "received": 412, "normalized": 412, "unparsed": 3, "indexed": 411, "dead_lettered": 0, "dropped": object{"too_long": 1}, "heard": now.Truncate(time.Hour)},
			{"origin": "office:10.1.9.3", "received": 14, "normalized": 14, "unparsed": 0, "indexed": 14, "dead_lettered": 0, "heard": now.Add(-50 * time.Hour).Truncate(time.Hour)},
		}
		for _, name := range more {
			origins = append(origins, object{"origin": name, "received": 0, "normalized": 0, "unparsed": 0, "indexed": 0, "dead_lettered": 0, "dropped": object{name: 0}})
		}
		sum := object{"origin": "all", "received": 426, "normalized": 426, "unparsed": 3, "indexed": 425, "dead_lettered": 0, "dropped": object{"too_long": 1}}
		return object{"origins": origins, "sum": sum, "in_flight": 0, "difference": 0}, nil
	}
}
