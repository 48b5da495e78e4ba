package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluice/internal/app"
)

type exportCmd struct {
	configFlag
	Query     string      `arg:"" default:"*" help:"Elasticsearch query string, as of sluice search."`
	Alerts    bool        `help:"Alerts instead of events."`
	Last      span        `placeholder:"SPAN" help:"How far back, by @timestamp: 90m, 24h, 7d; without a time everything is exported."`
	From      time.Time   `placeholder:"TIME" aliases:"since" help:"From this @timestamp on, RFC 3339."`
	To        time.Time   `placeholder:"TIME" aliases:"until" help:"Before this @timestamp."`
	After     exportPlace `placeholder:"TIME,ID" help:"Only what comes behind this document: @timestamp and sluice.id of the last one that was exported, of an alert sluice.alert.id."`
	Namespace namespace   `placeholder:"NAME" help:"Only this namespace."`
	Out       string      `short:"o" name:"out" placeholder:"FILE" type:"path" help:"Into this file, which is there once it is whole; default: standard output."`

	last exportPlace // of what is written
}

// exportPlace is a document's in the order of an export.
type exportPlace app.ExportPlace

// UnmarshalText reads TIME,ID.
func (p *exportPlace) UnmarshalText(text []byte) error {
	at, id, _ := strings.Cut(string(text), ",")
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || id == "" {
		return fmt.Errorf("%.60q is no @timestamp and id such as 2026-03-02T09:00:00.000Z,06h2mg30euhmbl3qk9a85e", text)
	}
	*p = exportPlace{Time: when, ID: id}
	return nil
}

func (p *exportPlace) String() string {
	if p.ID == "" {
		return ""
	}
	return p.Time.UTC().Format(time.RFC3339Nano) + "," + p.ID
}

// of takes the place of a document; it stays where the document has none.
func (p *exportPlace) of(doc json.RawMessage, alert bool) {
	var d struct {
		Time   time.Time `json:"@timestamp"`
		Sluice struct {
			ID    string
			Alert struct{ ID string }
		}
	}
	if json.Unmarshal(doc, &d) != nil {
		return
	}
	id := d.Sluice.ID
	if alert {
		id = d.Sluice.Alert.ID
	}
	if id != "" {
		*p = exportPlace{Time: d.Time, ID: id}
	}
}

// Run writes one document a line, the oldest first, and says on stderr how many.
func (c *exportCmd) Run(e *env) error {
	req, err := c.request()
	if err != nil {
		return err
	}
	var done app.Exported
	write := func(w io.Writer) (err error) {
		p := newProgress(e.stderr, "export")
		defer p.end()
		done, err = c.all(e, req, w, p)
		return err
	}
	if c.Out == "" || c.Out == "-" {
		if err = write(e.stdout); err != nil && c.last.ID != "" {
			e.log.Warn(fmt.Sprintf("what came out is whole up to the document %s; the same command goes on behind it with --after=%[1]s", &c.last))
		}
	} else {
		err = wholeFile(c.Out, write)
	}
	if err != nil {
		return err
	}
	what := "event"
	if c.Alerts {
		what = "alert"
	}
	fmt.Fprintf(e.stderr, "%s exported\n", count(done.Documents, what))
	if done.Nameless > 0 {
		e.log.Warn("dead letters of an older version have no id to be ordered by and are left out; sluice search finds them", "letters", done.Nameless)
	}
	e.notAll(done.Damage)
	if done.Unread > 0 {
		return errSilent
	}
	return nil
}

func (c *exportCmd) request() (app.ExportRequest, error) {
	req := app.ExportRequest{Query: c.Query, Alerts: c.Alerts, From: c.From, To: c.To, Namespace: string(c.Namespace), After: app.ExportPlace(c.After)}
	if c.Last > 0 {
		if !req.From.IsZero() {
			return req, errors.New("--last and --from both say where to begin: give one")
		}
		req.From = c.Last.ago()
	}
	if !req.To.IsZero() && !req.From.Before(req.To) {
		return req, errors.New("--to is not behind where --from or --last begin")
	}
	return req, nil
}

// all writes the documents from the index, or from the running sluice that holds it.
func (c *exportCmd) all(e *env, req app.ExportRequest, to io.Writer, p *progress) (done app.Exported, err error) {
	out := bufio.NewWriterSize(to, 1<<20)
	written := int64(0)
	page := func(docs []json.RawMessage, total int64) error {
		for _, doc := range docs {
			if bytes.IndexByte(doc, '\n') >= 0 { // of another program, with line ends between its keys
				var line bytes.Buffer
				if err := json.Compact(&line, doc); err != nil {
					return err
				}
				doc = line.Bytes()
			}
			if _, err := out.Write(append(app.Harmless(doc), '\n')); err != nil {
				return err
			}
		}
		written += int64(len(docs))
		p.step(written, total)
		if err := out.Flush(); err != nil { // a reader behind a pipe need not wait
			return err
		}
		c.last.of(docs[len(docs)-1], c.Alerts)
		return nil
	}
	n, err := app.OpenIndex(c.Config, e.log)
	if errors.Is(err, app.ErrInUse) {
		done, err = c.online(e, req, page)
	} else if err == nil {
		done, err = n.Export(e.ctx, req, page)
		err = errors.Join(err, n.Close())
	}
	if err == nil && int64(done.Documents) != written {
		err = fmt.Errorf("%d documents came of %d", written, done.Documents)
	}
	return done, err
}

// exportLine is a page of an export.
type exportLine struct {
	ending
	Documents []json.RawMessage `json:"documents"`
	Total     int64             `json:"total"`
}

// online asks the running sluice.
func (c *exportCmd) online(e *env, req app.ExportRequest, page func([]json.RawMessage, int64) error) (done app.Exported, err error) {
	err = apiLines(e.ctx, c.Config, "/api/v1/export", req, &done, func(line *exportLine) error {
		return page(line.Documents, line.Total)
	})
	return done, err
}

// wholeFile has write fill a file that is there under its name only once it is whole and on the disk.
func wholeFile(name string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file, which the export would replace: leave -o out, and send the output there with >", name)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // readable by its owner alone, as what is in it should be
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file or directory", filepath.Dir(name))
	}
	if err != nil {
		return err
	}
	if err = errors.Join(write(f), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
