package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/schemas"
)

// Alert is one revision of what a rule found.
type Alert struct {
	ID        string // depends only on rule, namespace, key and its first instant or event
	Revision  int
	Rule      string
	Title     string
	Level     string
	Key       string
	Namespace string
	Lane      string
	First     time.Time
	Last      time.Time
	Count     int64
	Closed    bool
	New       bool     // nothing was drained of it before; never of one that is not settled
	Replaces  []string // ids of provisional alerts that it stands for
	Events    []string // the first 100 ids; of a rule over alerts, those of alerts
	Doc       []byte   // the ECS document, without event.created
}

// listed bounds the event ids and values that an alert names.
const listed = 100

// risk is event.severity by level, on the scale from 0 to 100 that Elastic's own
// detections use, so that dashboards sort both alike.
var risk = map[string]int{"informational": 1, "low": 21, "medium": 47, "high": 73, "critical": 99}

// alertID is the same whenever and wherever the same thing is found.
func alertID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Alert is the alert of a match of a rule that is not Stateful. It is closed: nothing
// more comes of it.
func (s *Set) Alert(m *Match) Alert {
	r := s.byID[m.Rule]
	if r == nil || r.Hash != m.Hash {
		return Alert{}
	}
	parts := []string{m.Rule, m.Namespace, m.ID}
	if m.Key != "[]" { // an event has several keys where a field is a list
		parts = append(parts, m.Key)
	}
	ep := newEpisode(alertID(parts...), m.Time.UnixNano())
	ep.add(&entry{t: ep.first, id: m.ID, fields: m.Fields, n: 1}, true)
	return s.alert(r, m.Key, m.Namespace, m.Lane, ep, true)
}

// Text is the text of the alert that a match of a rule that is not Stateful is.
func (s *Set) Text(m *Match) string {
	if r := s.byID[m.Rule]; r != nil && !r.speaks() {
		return r.Title
	}
	return s.Alert(m).Title
}

// alert makes the next revision of an episode's alert.
func (s *Set) alert(r *Rule, key, namespace, lane string, ep *episode, closed bool) Alert {
	ep.revision++
	a := Alert{
		ID: ep.id, Revision: ep.revision, Rule: r.ID, Level: r.Level, Key: key, Namespace: namespace, Lane: lane,
		First: time.Unix(0, ep.start).UTC(), Last: time.Unix(0, ep.last).UTC(), Count: ep.count, Closed: closed, New: ep.revision == 1 && !ep.provisional, Events: slices.Clone(ep.events), Replaces: ep.supersedes,
	}
	var values []string
	_ = json.Unmarshal([]byte(key), &values) // our own encoding; empty without group_by
	shown := map[string][]string{}
	for name, vs := range ep.fields {
		shown[name] = vs
	}
	for i, name := range r.GroupBy {
		if i < len(values) && values[i] != "" { // missing is no value to show
			shown[name] = values[i : i+1]
		}
	}
	a.Title = r.fillIn(r.message, shown, ep)
	a.Doc = s.document(r, &a, ep, shown, values)
	return a
}

// fillIn fills a template.
func (r *Rule) fillIn(pieces []piece, shown map[string][]string, ep *episode) string {
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.field == "":
			b.WriteString(p.text)
		case p.field == "count":
			b.WriteString(strconv.FormatInt(ep.count, 10))
		case p.field == "distinct":
			b.WriteString(ep.distinct())
		case slices.Contains(r.kind.figures, p.field):
			b.WriteString(ep.figure(r, p.field))
		case p.field == "value":
			b.WriteString(strconv.FormatFloat(ep.number, 'g', 6, 64))
		case len(shown[p.field]) == 0:
			b.WriteString("(unknown)")
		default:
			b.WriteString(clip(strings.Join(shown[p.field][:min(len(shown[p.field]), 3)], ", "), 200))
			if n := len(shown[p.field]) - 3; n > 0 {
				fmt.Fprintf(&b, " and %d more", n)
			}
		}
	}
	return b.String()
}

// clip bounds a text that a log claims, at a rune's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}

// document is the alert in ECS.
func (s *Set) document(r *Rule, a *Alert, ep *episode, shown map[string][]string, key []string) []byte {
	d := document{}
	for name, vs := range shown {
		s.show(d, name, vs)
	}
	d.date("@timestamp", a.Last)
	d.text("ecs.version", schemas.ECSVersion)
	d.text("message", a.Title)
	d.text("event.kind", "alert")
	d.texts("event.category", []string{"intrusion_detection"})
	d.texts("event.type", []string{"info"})
	d.text("event.dataset", "sluice.alert")
	d.int("event.severity", int64(risk[r.Level]))
	d["event.risk_score"] = strconv.FormatFloat(r.risk, 'g', -1, 64)
	d.date("event.start", a.First)
	d.date("event.end", a.Last)
	if a.Namespace != "" {
		d.text("data_stream.namespace", a.Namespace)
	}
	r.describe(d)
	r.answer(s, d, shown, ep)
	d.text("sluice.id", a.ID)
	d.text("sluice.lane", map[bool]string{true: "live", false: a.Lane}[a.Lane == ""])
	d.text("sluice.alert.id", a.ID)
	d.int("sluice.alert.revision", int64(a.Revision))
	d.text("sluice.alert.severity", r.Level)
	d.texts("sluice.alert.key", key)
	d.int("sluice.alert.count", a.Count)
	d.text("sluice.alert.state", map[bool]string{true: "closed", false: "open"}[a.Closed])
	if r.Shadow {
		d["sluice.alert.shadow"] = "true"
	}
	d["sluice.alert.late"] = strconv.FormatBool(a.Lane != "")
	d.date("sluice.alert.first", a.First)
	d.date("sluice.alert.last", a.Last)
	if r.mixed() {
		d.texts(behindEvents, shown[behindEvents])
		d.texts(behindAlerts, shown[behindAlerts])
	} else {
		d.texts(map[bool]string{false: behindEvents, true: behindAlerts}[r.chained], a.Events)
	}
	d.text("sluice.alert.rule_hash", r.Hash)
	if r.number {
		d["sluice.alert.values"] = fmt.Sprintf("{%s:%s}", event.AppendString(nil, r.function+" of "+r.value), strconv.FormatFloat(ep.number, 'g', -1, 64))
	}
	if len(ep.figures)+len(ep.values) > 0 {
		d["sluice.alert.values"] = ep.shownValues(r)
	}
	d.texts("sluice.alert.supersedes", ep.supersedes)
	if ep.provisional {
		d["sluice.alert.provisional"] = "true"
	}
	if ep.degraded != "" {
		d.text("sluice.alert.degraded", ep.degraded)
	}
	return d.appendJSON(nil)
}

// show puts a field of the events in its ECS place: related.* as all that were seen,
// another one only where all events agree.
func (s *Set) show(d document, name string, vs []string) {
	f, ok := s.schema.Lookup(name)
	if !ok || len(vs) == 0 {
		return
	}
	sp := s.schema.Spec(f)
	switch {
	case sp.Vendor || sp.Hidden || sp.Type == event.JSON:
	case sp.Array:
		d.texts(name, vs)
	case len(vs) > 1:
	case sp.Type == event.Long || sp.Type == event.Double || sp.Type == event.Bool:
		if json.Valid([]byte(vs[0])) {
			d[name] = vs[0]
		}
	default:
		d.text(name, vs[0])
	}
}

// describe adds what the rule says of itself.
func (r *Rule) describe(d document) {
	d.text("rule.id", r.ID)
	d.text("rule.name", r.Title)
	d.text("rule.ruleset", "sluice")
	d.text("rule.version", r.Version)
	if r.Description != "" {
		d.text("rule.description", r.Description)
	}
	if r.Author != "" {
		d.texts("rule.author", []string{r.Author})
	}
	if len(r.References) > 0 {
		d.text("rule.reference", r.References[0])
	}
	if len(r.Tags) > 0 {
		d.texts("tags", r.Tags)
	}
	if d["threat.tactic.id"] != "" || d["threat.technique.id"] != "" { // what the alerts behind it say
		d.text("threat.framework", "MITRE ATT&CK")
		d.nameTechniques()
		return
	}
	t := attack(r.Tags)
	if len(t.tactics)+len(t.techniques) == 0 {
		return
	}
	d.text("threat.framework", "MITRE ATT&CK")
	d.texts("threat.tactic.id", t.tacticIDs)
	d.texts("threat.tactic.name", t.tactics)
	d.texts("threat.technique.id", t.techniques)
	d.texts("threat.technique.subtechnique.id", t.subtechniques)
	d.nameTechniques()
}
