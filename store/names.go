package store

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// IndexInfo is one index as _cat/indices shows it.
type IndexInfo struct {
	Name  string
	Docs  int64
	Bytes int64 // of its share of the segments
}

// Indices lists what is there, by name.
func (s *Store) Indices() ([]IndexInfo, error) {
	sizes := map[string]*IndexInfo{}
	at := func(name string) *IndexInfo {
		if sizes[name] == nil {
			sizes[name] = &IndexInfo{Name: name}
		}
		return sizes[name]
	}
	s.mu.RLock()
	for _, p := range s.parts {
		for i, name := range p.sum.streams {
			x := at(name)
			x.Docs += p.sum.counts[i]
			x.Bytes += p.size * p.sum.counts[i] / int64(p.sum.rows)
		}
	}
	for _, m := range []*mem{s.mem, s.old} {
		if m == nil {
			continue
		}
		for r, c := range m.stream {
			if !m.isDead(uint32(r)) {
				at(m.names[c]).Docs++
			}
		}
	}
	s.mu.RUnlock()
	d := s.docs
	d.mu.Lock()
	for name := range d.indices {
		at(name) // also one without documents
	}
	err := d.each(`SELECT idx, '', 0 FROM docs`, func(name, _ string, _ bool) { at(name).Docs++ })
	d.mu.Unlock()
	out := make([]IndexInfo, 0, len(sizes))
	for _, x := range sizes {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b IndexInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// names is every index there is, without counting.
func (s *Store) names() map[string]bool {
	out := map[string]bool{}
	s.mu.RLock()
	for _, p := range s.parts {
		for _, name := range p.sum.streams {
			out[name] = true
		}
	}
	for _, m := range []*mem{s.mem, s.old} {
		if m != nil {
			for _, name := range m.names {
				out[name] = true
			}
		}
	}
	s.mu.RUnlock()
	s.docs.mu.Lock()
	defer s.docs.mu.Unlock()
	for name := range s.docs.indices {
		out[name] = true
	}
	return out
}

// Resolve turns names, aliases and patterns into indices. A concrete name that does not exist
// is ErrNoIndex unless absent is set; a pattern may match nothing. all: every index.
func (s *Store) Resolve(targets []string, absent bool) (set map[string]bool, all bool, err error) {
	if len(targets) == 0 || len(targets) == 1 && (targets[0] == "" || targets[0] == "*" || targets[0] == "_all") {
		return nil, true, nil
	}
	have := s.names()
	aliases := s.Aliases()
	set = map[string]bool{}
	for _, t := range targets {
		drop := strings.HasPrefix(t, "-")
		t = strings.TrimPrefix(t, "-")
		pattern := strings.ContainsAny(t, "*")
		if _, isAlias := aliases[t]; !pattern && !have[t] && !isAlias && !drop {
			if !absent {
				return nil, false, fmt.Errorf("%w [%s]", ErrNoIndex, clip(t))
			}
			continue
		}
		for name := range have {
			if matchName(t, name) {
				set[name] = !drop
			}
		}
		for alias, of := range aliases {
			if matchName(t, alias) {
				for name := range of {
					set[name] = !drop
				}
			}
		}
	}
	for name, in := range set {
		if !in {
			delete(set, name)
		}
	}
	return set, false, nil
}

// matchName matches * only: names hold none of the other signs of path.Match.
func matchName(pattern, name string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == name
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// Aliases gives a copy of alias -> index -> whether writes go there.
func (s *Store) Aliases() map[string]map[string]bool {
	s.docs.mu.Lock()
	defer s.docs.mu.Unlock()
	out := map[string]map[string]bool{}
	for alias, of := range s.docs.aliases {
		out[alias] = map[string]bool{}
		for index, write := range of {
			out[alias][index] = write
		}
	}
	return out
}

// CreateIndex makes an index of documents that change; false: it is there.
func (s *Store) CreateIndex(ctx context.Context, name string, aliases map[string]bool) (bool, error) {
	if !validIndex(name) {
		return false, fmt.Errorf("invalid index name [%s]", clip(name))
	}
	if s.names()[name] {
		return false, nil
	}
	d := s.docs
	d.mu.Lock()
	_, err := d.db.ExecContext(ctx, `INSERT OR IGNORE INTO indices VALUES (?)`, name)
	if err == nil {
		d.indices[name] = true
	}
	d.mu.Unlock()
	for alias, write := range aliases {
		if err == nil {
			err = s.PutAlias(ctx, alias, name, write)
		}
	}
	return err == nil, err
}

// PutAlias points an alias at an index.
func (s *Store) PutAlias(ctx context.Context, alias, index string, write bool) error {
	d := s.docs
	d.mu.Lock()
	defer d.mu.Unlock()
	if write {
		for other := range d.aliases[alias] {
			if other != index && d.aliases[alias][other] {
				return fmt.Errorf("alias [%s] has more than one write index [%s,%s]", alias, other, index)
			}
		}
	}
	_, err := d.db.ExecContext(ctx, `INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)`, alias, index, write)
	if err == nil {
		d.addAlias(alias, index, write)
	}
	return err
}

// DropAlias takes an alias off an index.
func (s *Store) DropAlias(ctx context.Context, alias, index string) error {
	d := s.docs
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.db.ExecContext(ctx, `DELETE FROM aliases WHERE alias = ? AND idx = ?`, alias, index)
	if err == nil {
		if delete(d.aliases[alias], index); len(d.aliases[alias]) == 0 {
			delete(d.aliases, alias)
		}
	}
	return err
}

// PutTemplate keeps an index template, as text: mappings come from Options.Types.
func (s *Store) PutTemplate(ctx context.Context, name string, body []byte) error {
	_, err := s.docs.db.ExecContext(ctx, `INSERT OR REPLACE INTO templates VALUES (?, ?)`, name, body)
	return err
}

// Templates gives the templates whose names match a pattern.
func (s *Store) Templates(ctx context.Context, pattern string) (map[string][]byte, error) {
	rows, err := s.docs.db.QueryContext(ctx, `SELECT name, body FROM templates`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string][]byte{}
	for rows.Next() {
		var name string
		var body []byte
		if err := rows.Scan(&name, &body); err != nil {
			return nil, err
		}
		if pattern == "" || matchName(pattern, name) {
			out[name] = body
		}
	}
	return out, rows.Err()
}

// Field is one field that documents have brought.
type Field struct{ Name, Type string }

// Fields lists the searchable fields seen since Open, by name.
func (s *Store) Fields() []Field {
	var out []Field
	s.fields.named(func(name string, c class, typ string) {
		if typ == "" {
			typ = "keyword"
		}
		out = append(out, Field{name, typ})
	})
	slices.SortFunc(out, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Get reads one document; false: it is not there.
func (s *Store) Get(ctx context.Context, index, id string) (Doc, bool, error) {
	if mutable(index) {
		index = s.docs.target(index)
		x, err := s.docs.read(ctx, s.docs.db, index, id)
		if err != nil || x == nil {
			return Doc{}, false, err
		}
		return Doc{Index: index, ID: id, SeqNo: x.seq, Version: x.version, Source: x.source}, true, nil
	}
	at, err := s.locate(index, id)
	if err != nil || !at.found() {
		return Doc{}, false, err
	}
	d, err := at.doc()
	return d, err == nil, err
}
