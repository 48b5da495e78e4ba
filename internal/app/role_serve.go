package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"sluice/console"
	"sluice/internal/metrics"
	"sluice/internal/version"
	"sluice/report"
	"sluice/schemas"
	"sluice/sinks/elasticsearch"
)

// searcher is the index as the console asks for it.
type searcher struct{ c *elasticsearch.Client }

// Search implements console.Index.
func (s searcher) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	out, err := s.c.Search(ctx, indices, body)
	return out, indexError(err)
}

// indexError is an answer of the index as the console takes it; other errors stay.
func indexError(err error) error {
	if errors.Is(err, elasticsearch.ErrTooLarge) {
		return console.ErrTooLarge
	}
	var e *elasticsearch.Error
	if !errors.As(err, &e) {
		return err
	}
	body, merr := json.Marshal(map[string]any{"status": e.Status, "error": map[string]string{"type": e.Type, "reason": e.Reason}})
	if merr != nil {
		return err
	}
	return &console.IndexError{Status: e.Status, Body: body}
}

// triage changes what people wrote about an alert, as the console asks for it.
func (s searcher) triage(ctx context.Context, namespace, id string, edit func(json.RawMessage) (json.RawMessage, error)) error {
	err := s.c.EditTriage(ctx, namespace, id, edit)
	if elasticsearch.NotFound(err) {
		return console.ErrNoAlert
	}
	return err
}

// buildReport sums up a time for the console.
func buildReport(ctx context.Context, index console.Index, namespace string, from, to time.Time) (any, error) {
	return report.Build(ctx, index, namespace, from, to)
}

// serve starts the console; without the role serve only health, metrics and account,
// where the configuration gives them an address.
func (n *Node) serve(ctx context.Context, wg *sync.WaitGroup) error {
	s := n.settings.Load()
	listen := s.Console
	var index console.Index
	var triage console.Triage
	switch {
	case n.has(roleServe):
		index, triage = searcher{n.index}, searcher{n.index}.triage
	case s.Main.Health == "":
		return nil
	default:
		listen.Listen = s.Main.Health
	}
	token, created, err := console.LoadToken(n.dir.join("token"))
	if err != nil {
		return err
	}
	ln, err := listen.Open(n.log, n.pin)
	if err != nil {
		return fmt.Errorf("console: %w", err)
	}
	address := listen.URL(ln.Addr())
	if n.has(roleServe) {
		n.ready.Console = address
		if created {
			n.link = token.Link(address)
		}
	} else { // nothing there is a page: no message to people may lead to it
		n.ready.Health = address
	}
	if err := n.dir.writeFile("address", []byte(address+"\n")); err != nil {
		return err
	}
	var reprocess console.Reprocess
	var tools console.Rules
	var letters console.Letters
	var export console.Export
	if n.index != nil {
		reprocess, tools, letters, export = n.reprocessFor, ruleTools{n}, letterTools{n}, n.exportFor
	}
	srv := console.New(console.Options{
		Fields:     fieldNames(),
		Values:     fieldValues,
		Namespaces: func() []string { return n.settings.Load().namespaces() },
		Reprocess:  reprocess, Letters: letters, Export: export, Rules: tools, Triage: triage, Report: buildReport,
		Saved: savedSearches{n.dir},
		Index: index, Token: token, Hosts: s.Console.Hosts, Health: n.health,
		Metrics: metrics.Handler(), Log: n.log, Now: n.now, Version: version.Short(),
		Account: func(ctx context.Context) (any, error) { return n.Account(ctx) },
	})
	wg.Go(func() {
		if err := srv.Run(ctx, ln); err != nil && ctx.Err() == nil {
			n.log.Error("the console ended", "why", err)
			n.health.failed("console", err)
		}
	})
	return nil
}

// savedSearches are those of the console, in a file of the data directory.
type savedSearches struct{ dir *dataDir }

const savedFile = "searches.json"

// Load implements console.Saved.
func (s savedSearches) Load() ([]byte, error) {
	text, err := os.ReadFile(s.dir.join(savedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// Store implements console.Saved.
func (s savedSearches) Store(text []byte) error { return s.dir.writeFile(savedFile, text) }

// fieldNames are those that everybody knows.
func fieldNames() (names []string) {
	for _, f := range schemas.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// fieldValues are the only ones that a field may have; nil: any.
func fieldValues(name string) []string {
	f, _ := schemas.Lookup(name)
	return f.Allowed
}

// pin tells the commands of this machine by what certificate they know the console.
func (n *Node) pin(cert []byte) error {
	sum := sha256.Sum256(cert)
	return n.dir.writeFile("certificate", []byte(hex.EncodeToString(sum[:])+"\n"))
}
