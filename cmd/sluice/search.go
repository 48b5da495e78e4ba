package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"sluice/console"
	"sluice/internal/app"
	"sluice/internal/strictyaml"
)

// fromIndex answers from the index, or has the running sluice answer that holds it, under path.
func fromIndex[T any](e *env, config, path string, query url.Values, own func(*app.Node) (*T, error)) (*T, error) {
	n, err := app.OpenIndex(config, e.log)
	if errors.Is(err, app.ErrInUse) {
		answer := new(T)
		return answer, api(e.ctx, config, path, query, answer)
	}
	if err != nil {
		return nil, err
	}
	answer, err := own(n)
	return answer, errors.Join(err, n.Close())
}

// apiTimeout bounds one request to a running sluice: a search may take 10 s there.
const apiTimeout = 60 * time.Second

// api asks the sluice that runs on the configured data directory.
func api(ctx context.Context, config, path string, query url.Values, into any) error {
	to, err := app.Console(config)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, apiTimeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.Address+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	res, err := ask(to, req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 256<<20))
	if err != nil {
		return fmt.Errorf("ask the running sluice: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return &refusal{res.StatusCode, body}
	}
	return json.Unmarshal(body, into)
}

// ask sends a request to the running sluice; the answer's body is to be closed.
func ask(to *app.Remote, req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+to.Token)
	res, err := to.Client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("%w: nothing listens on %s", app.ErrNotRunning, to.Address)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the running sluice: %w", err)
	}
	return res, nil
}

// refusal is an answer of the running sluice that is none to what was asked.
type refusal struct {
	status int
	body   []byte
}

// Error says what the API says, in a line.
func (r *refusal) Error() string {
	var said struct {
		Error, Hint string
		At          *int
	}
	if json.Unmarshal(r.body, &said) != nil || said.Error == "" {
		return fmt.Sprintf("the running sluice answers %d: %s", r.status, app.Printable(strings.TrimSpace(string(r.body))))
	}
	text := said.Error
	if said.At != nil {
		text += fmt.Sprintf(" (behind %s)", count(*said.At, "character"))
	}
	if said.Hint != "" {
		text += "; " + said.Hint
	}
	return app.Printable(text)
}

// span is how far back: 90m, 24h, 7d, 2w.
type span time.Duration

// UnmarshalText refuses what is no way back.
func (s *span) UnmarshalText(text []byte) error {
	d, err := strictyaml.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%.40q is no time such as 90m, 24h or 7d", text)
	}
	*s = span(d)
	return nil
}

// ago is the time so long before now.
func (s span) ago() time.Time { return time.Now().Add(-time.Duration(s)) }

// namespace is the name of one; "" and * are all.
type namespace string

// UnmarshalText refuses what no namespace is called: it would be one that holds nothing.
func (n *namespace) UnmarshalText(text []byte) error {
	if *n = namespace(text); *n == "*" {
		*n = ""
	}
	return console.CheckNamespace(string(*n))
}

type searchCmd struct {
	configFlag
	Query     string    `arg:"" default:"*" help:"Elasticsearch query string, behind -- if it begins with one: source.ip:\"10.0.0.0/8\" AND event.outcome:failure"`
	Alerts    bool      `help:"Search alerts instead of events."`
	Last      span      `placeholder:"SPAN" help:"How far back, by @timestamp: 90m, 24h (the default), 7d."`
	Since     time.Time `placeholder:"TIME" aliases:"from" help:"From this @timestamp on, RFC 3339."`
	Until     time.Time `placeholder:"TIME" aliases:"to" help:"Before this @timestamp: one to come finds what clocks that are ahead have sent."`
	Size      int       `default:"100" help:"At most so many, the newest first; 1 to 10000."`
	Namespace namespace `placeholder:"NAME" help:"Only this namespace."`
	JSON      bool      `name:"json" help:"Whole documents, one a line, on a terminal too; elsewhere it is so without."`

	quiet bool // the query is the program's own: there is nothing to say about how it is written
}

// usual is how far back a search looks that names no time.
const usual = span(24 * time.Hour)

// between is the range of @timestamp that is asked for.
func (c *searchCmd) between() (from, to time.Time, err error) {
	from, to = c.Since, c.Until
	if to.IsZero() {
		to = time.Now()
	}
	switch {
	case c.Last > 0 && !from.IsZero():
		return from, to, errors.New("--last and --since both say where to begin: give one")
	case c.Last > 0:
		from = c.Last.ago()
	case from.IsZero():
		from = to.Add(-time.Duration(usual))
	}
	if !from.Before(to) {
		return from, to, errors.New("--until is not behind where --since or --last begin")
	}
	return from, to, nil
}

// Run prints one document a line, with its _id and _index beside _source; on a terminal, a row for each.
func (c *searchCmd) Run(e *env) error {
	if c.Size < 1 || c.Size > 10_000 {
		return fmt.Errorf("--size %d is not between 1 and 10000", c.Size)
	}
	if strings.TrimSpace(c.Query) == "" { // everything, as in the console; to the index it is nothing
		c.Query = "*"
	}
	from, to, err := c.between()
	if err != nil {
		return err
	}
	n, err := app.OpenIndex(c.Config, e.log)
	if errors.Is(err, app.ErrInUse) {
		return c.pages(e, c.online(e, from, to))
	}
	if err != nil {
		return err
	}
	return errors.Join(c.pages(e, c.offline(e, n, from, to)), n.Close())
}

// note tells people that there is more than they see.
func (c *searchCmd) note(e *env, shown int, all *found) {
	if all.Unread > 0 {
		e.log.Warn("parts of the index are damaged: this is not all; sluice verify names them", "parts", all.Unread)
	}
	if all.TimedOut {
		e.log.Warn("the search ran out of time: this is not all")
	}
	if all.Total > int64(shown) {
		e.log.Info("there are more; --size, --last, --since and --until say how many", "shown", shown, "found", all.Total)
	}
}

// hint says what may be wrong with a query that found nothing.
func (e *env) hint(what string) {
	if what != "" {
		e.log.Warn("found nothing: " + what)
	}
}

// documentHit is a hit of the index, or of the API.
type documentHit struct {
	ID     string          `json:"_id"`
	Index  string          `json:"_index"`
	Source json.RawMessage `json:"_source"`
}

func readHit(text []byte) (documentHit, error) {
	var hit struct {
		documentHit
		Event json.RawMessage `json:"source"`
	}
	if err := json.Unmarshal(text, &hit); err != nil {
		return hit.documentHit, fmt.Errorf("a hit of the answer: %w", err)
	}
	if hit.Source == nil {
		hit.Source = hit.Event
	}
	return hit.documentHit, nil
}

func printHits(w io.Writer, hits []json.RawMessage) error {
	for _, h := range hits {
		hit, err := readHit(h)
		if err != nil {
			return err
		}
		line, err := json.Marshal(hit)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(app.Harmless(line), '\n')); err != nil {
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
	var no *refusal
	if errors.As(err, &no) && json.Unmarshal(no.body, &answer) == nil && len(answer.Problems) > 0 {
		err = errSilent // the reasons are told
	}
	for _, p := range answer.Problems {
		fmt.Fprintf(e.stdout, "%s: %s\n", p.Part, app.Printable(strings.ReplaceAll(p.Reason, "\n", "; ")))
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
	return c.print(e.stdout, a)
}

func (c *accountCmd) print(w io.Writer, a app.Account) error {
	if !c.JSON {
		printAccount(w, a)
	} else if err := json.NewEncoder(w).Encode(a); err != nil {
		return err
	}
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
	fmt.Fprintln(t, "origin\treceived\tnormalized\tunparsed\tindexed\tdead-lettered\tdropped\tlast heard (UTC)\t")
	for _, l := range append(a.Origins, a.Sum) {
		var dropped int64
		for _, n := range l.Dropped {
			dropped += n
		}
		heard := "never"
		if !l.Heard.IsZero() {
			heard = l.Heard.Format("2006-01-02 15h") // totals are by hour
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t\n", app.Cell(l.Origin), l.Received, l.Normalized, l.Unparsed, l.Indexed, l.Dead, dropped, heard)
	}
	t.Flush()
	if a.Sum.Split > 0 {
		fmt.Fprintf(w, "split: %d events beyond the first of their line\n", a.Sum.Split)
	}
	for _, reason := range slices.Sorted(maps.Keys(a.Sum.Dropped)) {
		fmt.Fprintf(w, "dropped, %s: %d\n", reason, a.Sum.Dropped[reason])
	}
	fmt.Fprintf(w, "in flight: %d\ndifference: %d\n", a.InFlight, a.Missing)
}

// post sends JSON to the running sluice; the answer's body is to be closed.
func post(ctx context.Context, config, path string, body []byte) (*http.Response, error) {
	to, err := app.Console(config)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := ask(to, req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		res.Body.Close()
		var refused struct{ Error string }
		if res.StatusCode == http.StatusUnprocessableEntity && json.Unmarshal(text, &refused) == nil {
			return nil, &app.ConfigError{Err: errors.New(refused.Error)}
		}
		return nil, &refusal{res.StatusCode, text}
	}
	return res, nil
}
