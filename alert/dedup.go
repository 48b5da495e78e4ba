package alert

import (
	"encoding/json"
	"strings"
	"time"
)

// mark is what the channel has told of one alert; it is kept on sluice.told.
type mark struct {
	Revision int       `json:"revision"`
	Severity string    `json:"severity"`
	State    string    `json:"state"`
	At       time.Time `json:"at"`                // of the last change: marks expire
	Message  string    `json:"message,omitempty"` // id of the last message; "" while it is kept back
	Sent     time.Time `json:"sent,omitzero"`     // of that message, for the windows of throttling
	Rule     string    `json:"rule"`
	Key      string    `json:"key"`
}

// alertKey names an alert among all namespaces.
func alertKey(a *Alert) string { return a.Namespace + "/" + a.ID }

// announced says whether people know of a already, by what was announced before it was
// settled: the settled form is then told where it brings more. That what was announced is
// settled is no news.
func (t *Teller) announced(a *Alert) bool {
	key := alertKey(a)
	if a.Provisional && a.State == "closed" {
		return true
	}
	if t.told[key] != nil {
		return false
	}
	for _, id := range a.Supersedes {
		if told := t.told[a.Namespace+"/"+id]; told != nil {
			known := *told
			known.Revision, known.State, known.Message, known.Sent = a.Revision, a.State, "", time.Time{}
			t.told[key] = &known
			t.changed[change{sortMark, key}] = true
			return true
		}
	}
	return false
}

// news says whether people should hear of a, given what they were told. changed says
// whether what is known must be written anew although nobody is told.
func (p *Policy) news(a *Alert, told *mark) (tell, changed bool) {
	if told == nil {
		return true, true
	}
	if a.Revision <= told.Revision {
		return false, false // seen, or older: the bus may bring it twice
	}
	raised := rank(a.Severity) > rank(told.Severity)
	opened := a.State == "open" && told.State == "closed"
	switch {
	case p.Tell == "all", p.Tell == "changes" && (raised || opened):
		return true, true
	}
	return false, a.State != told.State || raised
}

// note is the mark after a: what was told never falls, so that a severity that falls
// and rises again makes no second message. message is "" when none was sent.
func note(a *Alert, told *mark, message string, now time.Time) *mark {
	m := &mark{Revision: a.Revision, Severity: a.Severity, State: a.State, At: now, Message: message, Sent: now, Rule: a.Rule, Key: a.Key}
	if message == "" {
		m.Sent = time.Time{}
	}
	if told == nil {
		return m
	}
	m.Revision = max(m.Revision, told.Revision)
	if rank(told.Severity) > rank(m.Severity) {
		m.Severity = told.Severity
	}
	if message == "" {
		m.Message, m.Sent = told.Message, told.Sent
	}
	return m
}

// Keys of records: channel, sort and name, a NUL between, which no name holds.
const (
	sortMark = "told"
	sortHeld = "held"
	sortSend = "sending"
)

func (t *Teller) recordKey(sort, name string) []byte {
	return []byte(t.opt.Channel + "\x00" + sort + "\x00" + name)
}

// splitKey is the sort and name of a record of this channel.
func (t *Teller) splitKey(key []byte) (sort, name string, ours bool) {
	parts := strings.SplitN(string(key), "\x00", 3)
	if len(parts) != 3 || parts[0] != t.opt.Channel {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// record is v as it is kept; nil deletes. What is encoded here has no value that
// encoding/json refuses.
func (t *Teller) record(sort, name string, v any) Record {
	r := Record{Key: t.recordKey(sort, name)}
	if v != nil {
		value, err := json.Marshal(v)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		r.Value = value
	}
	return r
}
