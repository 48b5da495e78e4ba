package alert

import (
	"slices"
	"strings"
	"time"
)

const (
	// maxHeld bounds the groups and summaries that wait at one time; what is over
	// goes into the summary of the whole channel.
	maxHeld = 1000

	// maxDocs bounds the documents of one message, sent or waiting, so that its record
	// fits a topic (4 MiB). What is over is shown by its title alone.
	maxDocs = 1 << 20

	// channelHeld is the name of the summary of the whole channel.
	channelHeld = "channel"
)

// held is a message to be: a group that waits for more, or a summary of what
// throttling kept back. It is kept on sluice.told until it is sent.
type held struct {
	Alerts  []Alert   `json:"alerts"`
	More    int       `json:"more"`           // alerts that are not in Alerts
	Over    []string  `json:"over,omitempty"` // the first of these, at most maxHeld, so that each counts once
	Due     time.Time `json:"due"`
	Summary bool      `json:"summary"`
	keys    []string  // of all its alerts; while it is being made
}

// add puts a into h, in place of an older revision; at most limit alerts are kept.
func (h *held) add(a *Alert, limit int) {
	defer h.trim()
	key := alertKey(a)
	for i := range h.Alerts {
		if alertKey(&h.Alerts[i]) == key {
			h.Alerts[i] = *a
			return
		}
	}
	if len(h.Alerts) >= limit {
		h.over(key)
		return
	}
	h.Alerts = append(h.Alerts, *a)
}

// over counts an alert that is not shown, unless it is or was counted.
func (h *held) over(key string) {
	if slices.Contains(h.Over, key) || slices.ContainsFunc(h.Alerts, func(a Alert) bool { return alertKey(&a) == key }) {
		return
	}
	h.More++
	if len(h.Over) < maxHeld {
		h.Over = append(h.Over, key)
	}
}

// trim drops the documents that do not fit.
func (h *held) trim() {
	size := 0
	for i := range h.Alerts {
		if size += len(h.Alerts[i].Doc); size > maxDocs {
			h.Alerts[i].Doc = nil
		}
	}
}

// groupName is the group that a belongs to.
func (p *Policy) groupName(a *Alert) string {
	var parts []string
	for _, by := range p.Group.By {
		switch by {
		case "rule":
			parts = append(parts, a.Rule)
		case "key":
			parts = append(parts, a.Key)
		case "severity":
			parts = append(parts, a.Severity)
		case "namespace":
			parts = append(parts, a.Namespace)
		}
	}
	return "group\x00" + strings.Join(parts, "\x00")
}

// grouped divides alerts into messages, in the order of each group's first.
func (p *Policy) grouped(alerts []Alert) (names []string, groups map[string]*held) {
	groups = map[string]*held{}
	for i := range alerts {
		name := p.groupName(&alerts[i])
		if groups[name] == nil {
			names, groups[name] = append(names, name), new(held)
		}
		groups[name].add(&alerts[i], p.Group.Max)
		groups[name].keys = append(groups[name].keys, alertKey(&alerts[i]))
	}
	return names, groups
}

// message is h as a message.
func (h *held) message() Message {
	return Message{Alerts: h.Alerts, Summary: h.Summary, Dropped: h.More}
}
