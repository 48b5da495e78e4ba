package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// tools are the programs and folders that a measurement uses.
type tools struct {
	sluice, shared string
	dir            string // temporary
}

func (t *tools) prepare() (err error) {
	if t.sluice, err = filepath.Abs(t.sluice); err != nil {
		return err
	}
	if t.shared, err = filepath.Abs(t.shared); err != nil {
		return err
	}
	if _, err := exec.LookPath("python3"); err != nil {
		return fmt.Errorf("the scorers need Python: %w", err)
	}
	t.dir, err = os.MkdirTemp("", "sluice-coverage-")
	return err
}

func (t *tools) corpus(name ...string) string {
	return filepath.Join(append([]string{t.shared, "corpus"}, name...)...)
}

// read calls fn for every line of a JSON lines file, perhaps gzipped, decoded into a T.
func read[T any](path string, fn func(T) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	if filepath.Ext(path) == ".gz" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		in = bufio.NewReaderSize(z, 1<<20)
	}
	for dec := json.NewDecoder(in); dec.More(); {
		var v T
		if err := dec.Decode(&v); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := fn(v); err != nil {
			return err
		}
	}
	return nil
}

// record is one line of what sluice is given: ndjson with the raw text in Line.
type record struct {
	ID   string          `json:"id"`
	Line json.RawMessage `json:"line"`
}

// run calls sluice with in on its standard input; what it prints goes to the file of
// that name. Exit code 78 means that rules were left out, which the scores show.
func (t *tools) run(in []byte, out string, args ...string) (string, error) {
	out = filepath.Join(t.dir, out)
	f, err := os.Create(out)
	if err != nil {
		return "", err
	}
	defer f.Close()
	cmd := exec.Command(t.sluice, args...)
	var msg bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), f, &msg
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("sluice %s: %w\n%.2000s", args[0], err, msg.String())
	}
	return out, nil
}

// normalize gives the documents of records, in a file.
func (t *tools) normalize(recs []record, out string, args ...string) (string, error) {
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, r := range recs {
		if err := enc.Encode(r); err != nil {
			return "", err
		}
	}
	return t.run(in.Bytes(), out, append([]string{"normalize", "--ndjson", "--field", "line", "--keep", "id"}, args...)...)
}

// score runs a scorer and gives what it prints.
func (t *tools) score(script string, args ...string) (string, error) {
	cmd := exec.Command("python3", append([]string{filepath.Join(t.shared, "eval", script)}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", script, err)
	}
	return string(out), nil
}

// document is what the measurements read of an event.
type document struct {
	Timestamp string `json:"@timestamp"`
	Event     struct {
		Outcome  string   `json:"outcome"`
		Category []string `json:"category"`
		Type     []string `json:"type"`
	} `json:"event"`
	Host struct {
		Hostname, Name string
	} `json:"host"`
	Observer struct{ Hostname, Name string } `json:"observer"`
	Source   struct{ Address string }        `json:"source"`
	Process  struct{ Name string }           `json:"process"`
	Log      struct {
		Syslog struct {
			Priority *int   `json:"priority"`
			Hostname string `json:"hostname"`
			Appname  string `json:"appname"`
		} `json:"syslog"`
	} `json:"log"`
	Sluice struct{ Pack, Unparsed string } `json:"sluice"`
	Labels struct{ ID string }             `json:"labels"`
}

// documentsOf gives the documents of records by id.
func (t *tools) documentsOf(recs []record, name string, args ...string) (map[string]*document, error) {
	file, err := t.normalize(recs, name, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]*document{}
	err = read(file, func(d *document) error {
		if d != nil {
			out[d.Labels.ID] = d
		}
		return nil
	})
	return out, err
}
