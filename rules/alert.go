package rules

import "time"

// Alert is one revision of what a rule found.
type Alert struct {
	ID        string // depends only on rule, namespace, key and its first instant or event
	Revision  int
	Rule      string
	Hash      string
	Title     string
	Level     string
	Key       string
	Namespace string
	Lane      string
	First     time.Time
	Last      time.Time
	Count     int64
	Closed    bool
	Events    []string // the first 100 ids
	Doc       []byte   // the ECS document, without event.created
}
