package app

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Miss is lines of one source that one pack did not read, for one reason.
type Miss struct {
	Source, Pack, Reason, Example string
	Lines                         int
}

// missed are misses being counted.
type missed map[Miss]*Miss

func (m missed) add(source, pack, reason, example string) {
	reason, _, _ = strings.Cut(reason, " behind byte ") // the place in the line varies
	if _, rest, ok := strings.Cut(reason, " cannot hold "); ok {
		reason = strings.TrimSuffix(reason, rest) + "a value"
	}
	key := Miss{Source: source, Pack: pack, Reason: reason}
	if m[key] == nil {
		key.Example = example
		one := key
		key.Example = ""
		m[key] = &one
	}
	m[key].Lines++
}

// list is the misses, the most frequent first.
func (m missed) list() []Miss {
	var out []Miss
	for _, one := range m {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Miss) int {
		if a.Lines != b.Lines {
			return b.Lines - a.Lines
		}
		return strings.Compare(a.Source+a.Pack+a.Reason, b.Source+b.Pack+b.Reason)
	})
	return out
}

// maxExample bounds the example of a miss.
const maxExample = 160

// FileMisses reads files of raw lines and counts what was not read.
func FileMisses(config string, files []string) ([]Miss, error) {
	set, err := LoadSet(config)
	if set == nil {
		return nil, err
	}
	b := NewBatch(set, Reading{})
	b.NoRules = true
	unparsed, _ := set.Schema.Lookup("sluice.unparsed")
	m, number := missed{}, 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		err = Reading{}.Records(f, &number, readable(func(rec Record) error {
			r, err := b.Process(rec)
			for more := err == nil; more; r, more = b.Next() {
				if line := r.Raw.Bytes; r.Unparsed {
					m.add(name, r.Pack, strings.Clone(r.Event.Text(unparsed)), strings.ToValidUTF8(string(line[:min(len(line), maxExample)]), "\ufffd"))
				}
			}
			return err
		}))
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return m.list(), nil
}

// DocumentMisses counts the misses among documents, each with its _source.
func DocumentMisses(hits []json.RawMessage) ([]Miss, error) {
	m := missed{}
	for _, h := range hits {
		var doc struct {
			Source struct {
				Event  struct{ Original string }
				Log    struct{ Source struct{ Address string } }
				Host   struct{ Name string }
				Sluice struct{ Pack, Unparsed string }
			} `json:"_source"`
		}
		if err := json.Unmarshal(h, &doc); err != nil {
			return nil, fmt.Errorf("a document of the index: %w", err)
		}
		s := &doc.Source
		from := s.Log.Source.Address
		if i := strings.LastIndexByte(from, ':'); i > 0 {
			from = from[:i] // the port is the connection's
		}
		if from == "" {
			from = s.Host.Name
		}
		m.add(from, s.Sluice.Pack, s.Sluice.Unparsed, strings.ToValidUTF8(s.Event.Original[:min(len(s.Event.Original), maxExample)], "\ufffd"))
	}
	return m.list(), nil
}
