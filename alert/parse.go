package alert

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// document is the part of an alert's ECS document that the stages look at.
type document struct {
	Timestamp time.Time `json:"@timestamp"`
	Message   string    `json:"message"`
	Tags      texts     `json:"tags"`
	Rule      struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"rule"`
	Threat struct {
		Technique struct {
			ID texts `json:"id"`
		} `json:"technique"`
	} `json:"threat"`
	Sluice struct {
		Alert *struct {
			ID       string          `json:"id"`
			Revision int             `json:"revision"`
			Severity string          `json:"severity"`
			Key      json.RawMessage `json:"key"`
			Count    int64           `json:"count"`
			State    string          `json:"state"`
			Late     bool            `json:"late"`
			Shadow   bool            `json:"shadow"`
			Early    bool            `json:"provisional"`
			Replaces texts           `json:"supersedes"`
			Route    texts           `json:"route"`
			Steps    texts           `json:"investigation"`
			First    time.Time       `json:"first"`
			Last     time.Time       `json:"last"`
		} `json:"alert"`
	} `json:"sluice"`
}

// texts reads a text or a list of texts: ECS lets a field be either.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// Parse reads an alert's ECS document as sluice.alerts carries it. The namespace is not part of
// it; the caller has it from the message's header. Parse retains doc.
func Parse(doc []byte) (Alert, error) {
	var d document
	if err := json.Unmarshal(doc, &d); err != nil {
		return Alert{}, fmt.Errorf("alert: %w", err)
	}
	in := d.Sluice.Alert
	switch {
	case in == nil || in.ID == "":
		return Alert{}, errors.New("alert: sluice.alert.id is missing")
	case rank(in.Severity) < 0:
		return Alert{}, fmt.Errorf("alert %s: sluice.alert.severity %.40q is none of %s", in.ID, in.Severity, strings.Join(severities, ", "))
	}
	a := Alert{
		ID: in.ID, Revision: in.Revision, Rule: d.Rule.ID, RuleName: d.Rule.Name, Title: d.Message, Severity: in.Severity,
		Key: keyText(in.Key), Start: in.First, Last: in.Last, Count: in.Count, Late: in.Late, Shadow: in.Shadow, Provisional: in.Early, Supersedes: in.Replaces, Route: in.Route, Investigation: in.Steps, State: in.State,
		Tags: d.Tags, Doc: doc,
	}
	if a.Title == "" {
		a.Title = d.Rule.Name
	}
	if a.Last.IsZero() {
		a.Last = d.Timestamp
	}
	if a.Start.IsZero() {
		a.Start = a.Last
	}
	for _, id := range d.Threat.Technique.ID {
		a.Tags = append(a.Tags, "attack."+strings.ToLower(id))
	}
	return a, nil
}

// keyText is the key as text, whether it came as a text or as values.
func keyText(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// severities are the levels of an alert, lowest first.
var severities = []string{"informational", "low", "medium", "high", "critical"}

// noRank is the rank of what is no severity.
const noRank = -1

// rank orders severities.
func rank(severity string) int {
	for i, s := range severities {
		if s == severity {
			return i
		}
	}
	return noRank
}
