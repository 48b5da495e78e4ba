package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
)

// apiTimeout bounds one request to a running sluice: a search may take 10 s there.
const apiTimeout = 60 * time.Second

// api asks the sluice that runs on the configured data directory.
func api(ctx context.Context, config, path string, query url.Values, into any) error {
	address, token, err := app.Console(config)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, apiTimeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w: nothing listens on %s", app.ErrNotRunning, address)
	}
	if err != nil {
		return fmt.Errorf("ask the running sluice: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 256<<20))
	if err != nil {
		return fmt.Errorf("ask the running sluice: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the running sluice answers %d: %s", res.StatusCode, strings.TrimSpace(string(body)))
	}
	return json.Unmarshal(body, into)
}

type searchCmd struct {
	configFlag
	Query     string        `arg:"" default:"*" help:"Elasticsearch query string: source.ip:10.0.0.0/8 AND event.outcome:failure"`
	Alerts    bool          `help:"Search alerts instead of events."`
	Last      time.Duration `default:"24h" help:"How far back, by @timestamp."`
	Size      int           `default:"100" help:"At most so many, the newest first; 1 to 10000."`
	Namespace string        `default:"*" help:"Only this namespace."`
}

// page is how many hits one request asks for: what the console's API allows.
const page = 1000

// Run prints one document a line, with its _id and _index beside _source.
func (c *searchCmd) Run(e *env) error {
	if c.Size < 1 || c.Size > 10_000 {
		return fmt.Errorf("--size %d is not between 1 and 10000", c.Size)
	}
	n, err := app.OpenIndex(c.Config, e.log)
	if errors.Is(err, app.ErrInUse) {
		return c.online(e)
	}
	if err != nil {
		return err
	}
	return errors.Join(c.offline(e, n), n.Close())
}

func (c *searchCmd) index() string {
	if c.Alerts {
		return "sluice-alerts-" + c.Namespace
	}
	return "logs-sluice.*-" + c.Namespace
}

func (c *searchCmd) offline(e *env, n *app.Node) error {
	hidden := []any{} // alerts of rules on trial, as in the console
	if c.Alerts {
		hidden = append(hidden, map[string]any{"term": map[string]any{"sluice.alert.shadow": true}})
	}
	body, err := json.Marshal(map[string]any{
		"size": c.Size, "sort": []any{map[string]string{"@timestamp": "desc"}},
		"query": map[string]any{"bool": map[string]any{
			"must_not": hidden,
			"must":     map[string]any{"query_string": map[string]any{"query": c.Query}},
			"filter":   map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": time.Now().Add(-c.Last).UTC().Format(time.RFC3339)}}},
		}},
	})
	if err != nil {
		return err
	}
	answer, err := n.Search(e.ctx, []string{c.index()}, body)
	if err != nil {
		return err
	}
	var got struct {
		Hits struct {
			Hits []json.RawMessage `json:"hits"`
		} `json:"hits"`
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		return fmt.Errorf("the index's answer: %w", err)
	}
	return printHits(e.stdout, got.Hits.Hits)
}

func (c *searchCmd) online(e *env) error {
	path := "/api/v1/search"
	q := url.Values{"q": {c.Query}, "from": {time.Now().Add(-c.Last).UTC().Format(time.RFC3339)}}
	if c.Alerts {
		path = "/api/v1/alerts"
	}
	if c.Namespace != "*" {
		q.Set("namespace", c.Namespace)
	}
	for left := c.Size; left > 0; {
		q.Set("size", fmt.Sprint(min(left, page)))
		var got struct {
			Hits   []json.RawMessage `json:"hits"`
			Alerts []json.RawMessage `json:"alerts"`
			Next   string            `json:"next"`
		}
		if err := api(e.ctx, c.Config, path, q, &got); err != nil {
			return err
		}
		hits := append(got.Hits, got.Alerts...)
		if err := printHits(e.stdout, hits); err != nil {
			return err
		}
		if left -= len(hits); got.Next == "" || len(hits) == 0 {
			return nil
		}
		q.Set("after", got.Next)
	}
	return nil
}

func printHits(w io.Writer, hits []json.RawMessage) error {
	for _, h := range hits {
		var hit struct {
			ID     string          `json:"_id"`
			Index  string          `json:"_index"`
			Source json.RawMessage `json:"_source"`
			Event  json.RawMessage `json:"source"`
		}
		if err := json.Unmarshal(h, &hit); err != nil {
			return fmt.Errorf("a hit of the answer: %w", err)
		}
		if hit.Source == nil {
			hit.Source = hit.Event
		}
		line, err := json.Marshal(map[string]any{"_id": hit.ID, "_index": hit.Index, "_source": hit.Source})
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

type readyCmd struct{ configFlag }

// Run exits with 1 and the reasons where the running sluice cannot do its work.
func (c *readyCmd) Run(e *env) error {
	var answer struct {
		Problems []struct{ Part, Reason string }
	}
	err := api(e.ctx, c.Config, "/readyz", nil, &answer)
	for _, p := range answer.Problems {
		fmt.Fprintf(e.stdout, "%s: %s\n", p.Part, app.Printable(p.Reason))
	}
	if err == nil {
		fmt.Fprintln(e.stdout, "ready")
	}
	return err
}

type accountCmd struct {
	configFlag
	JSON bool `name:"json" help:"One JSON object."`
}

// accountTimeout bounds the whole command: a Kafka that is up is read in a second or two.
const accountTimeout = 20 * time.Second

// Run exits with 1 where something is missing.
func (c *accountCmd) Run(e *env) error {
	a, err := c.read(e)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.stdout).Encode(a)
	}
	printAccount(e.stdout, a)
	if a.Missing != 0 {
		return errSilent
	}
	return nil
}

func (c *accountCmd) read(e *env) (a app.Account, err error) {
	ctx, stop := context.WithTimeout(e.ctx, accountTimeout)
	defer stop()
	n, err := app.OpenOffline(ctx, c.Config, e.log)
	switch {
	case errors.Is(err, app.ErrInUse):
		err = api(ctx, c.Config, "/api/v1/account", nil, &a)
	case err == nil:
		a, err = n.Account(ctx)
		err = errors.Join(err, n.Close())
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		err = fmt.Errorf("no account within %s, is the bus reachable? %w", accountTimeout, err)
	}
	return a, err
}

func printAccount(w io.Writer, a app.Account) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "origin\treceived\tnormalized\tunparsed\tindexed\tdead-lettered\tdropped\t")
	for _, l := range append(a.Origins, a.Sum) {
		var dropped int64
		for _, n := range l.Dropped {
			dropped += n
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", app.Printable(l.Origin), l.Received, l.Normalized, l.Unparsed, l.Indexed, l.Dead, dropped)
	}
	t.Flush()
	if a.Sum.Split > 0 {
		fmt.Fprintf(w, "split: %d events beyond the first of their line\n", a.Sum.Split)
	}
	for reason, n := range a.Sum.Dropped {
		fmt.Fprintf(w, "dropped, %s: %d\n", reason, n)
	}
	fmt.Fprintf(w, "in flight: %d\ndifference: %d\n", a.InFlight, a.Missing)
}

// apiStream posts body to the running sluice, which answers progress in JSON lines, and in
// the last one what was asked for.
func apiStream(ctx context.Context, config, path string, body, into any, progress func(done, total int64)) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	res, err := post(ctx, config, path, text)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for dec := json.NewDecoder(res.Body); ; {
		var line struct {
			Progress *struct{ Done, Total int64 } `json:"progress"`
			Done     json.RawMessage              `json:"done"`
			Error    string                       `json:"error"`
			Fault    bool                         `json:"fault"`
		}
		switch err := dec.Decode(&line); {
		case err != nil:
			return fmt.Errorf("the answer of the running sluice ended early: %w", err)
		case line.Fault:
			return &app.ConfigError{Err: errors.New(line.Error)}
		case line.Error != "":
			return errors.New(line.Error)
		case line.Done != nil:
			return json.Unmarshal(line.Done, into)
		case line.Progress != nil:
			progress(line.Progress.Done, line.Progress.Total)
		}
	}
}

// post sends JSON to the running sluice; the answer's body is to be closed.
func post(ctx context.Context, config, path string, body []byte) (*http.Response, error) {
	address, token, err := app.Console(config)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the running sluice: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		res.Body.Close()
		var refused struct{ Error string }
		if res.StatusCode == http.StatusUnprocessableEntity && json.Unmarshal(text, &refused) == nil {
			return nil, &app.ConfigError{Err: errors.New(refused.Error)}
		}
		return nil, fmt.Errorf("the running sluice answers %s: %s", res.Status, strings.TrimSpace(string(text)))
	}
	return res, nil
}
