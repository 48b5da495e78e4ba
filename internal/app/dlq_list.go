package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sluice/bus"
	"sluice/console"
)

// letterPage is how many dead letters are read and put back at once.
const letterPage = 500

// Letters says which dead letters are meant; each field that is set must fit. Without Settled those
// that wait for somebody are: neither replayed nor dropped.
type Letters = console.LetterRequest

// LetterGroup are the letters of one origin that died in one way.
type LetterGroup struct {
	Count  int       `json:"count"`
	Stage  string    `json:"stage"`
	Topic  string    `json:"topic"`
	Origin string    `json:"origin"`
	Reason string    `json:"reason"` // of the last; the others' differ in numbers and quoted words at most
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	ID     string    `json:"id"` // of the last, for sluice dlq show
	Old    int       `json:"old,omitempty"`

	Outcome string `json:"outcome,omitempty"` // of settled ones: replayed or dropped
}

// LetterList are the chosen letters, the largest group first.
type LetterList struct {
	Letters int           `json:"letters"`
	Groups  []LetterGroup `json:"groups"`
	Damage
}

// maxGroups bounds what a list keeps in memory; what is beyond it is one group without a reason.
const maxGroups = 10_000

// letterPages are the chosen letters in the order of their times; run's own are left out: those
// that it put back and that died again meanwhile.
func letterPages(c *Letters, run string) *pages {
	filter, not := []any{map[string]any{"match_all": map[string]any{}}}, []any{}
	term := func(field, value string) {
		if value != "" {
			filter = append(filter, map[string]any{"term": map[string]string{"sluice.dlq." + field: value}})
		}
	}
	term(bus.HeaderStage, c.Stage)
	term(bus.HeaderOrigin, c.Origin)
	filter = append(filter, within("@timestamp", c.Since, c.Until)...)
	if len(c.IDs) > 0 {
		filter = append(filter, letterNamed(c.IDs))
	}
	settled := map[string]any{"exists": map[string]string{"field": "sluice.dlq.outcome"}}
	if c.Settled {
		filter = append(filter, settled)
	} else {
		not = append(not, settled)
	}
	if run != "" {
		not = append(not, map[string]any{"term": map[string]string{"sluice.dlq." + bus.HeaderReplay: run}})
	}
	return &pages{
		indices: letterIndices(c.Namespace), size: letterPage, order: [2]string{"@timestamp", "sluice.id"},
		query: map[string]any{"bool": map[string]any{"filter": filter, "must_not": not}},
	}
}

// letterNamed are letters by their own ids or by those of what died.
func letterNamed(ids []string) any {
	return map[string]any{"bool": map[string]any{"minimum_should_match": 1, "should": []any{
		map[string]any{"ids": map[string]any{"values": ids}},
		map[string]any{"terms": map[string]any{"sluice.dlq." + bus.HeaderID: ids}},
	}}}
}

// wanted says whether a letter has the reason that is asked for. Indices keep no reason of more
// than 1,024 bytes as a term, so it is not theirs to say.
func wanted(c *Letters, l *letter) bool {
	return strings.Contains(l.header(bus.HeaderReason), c.Reason)
}

// ListLetters counts the chosen letters by stage, topic, reason and origin.
func (n *Node) ListLetters(ctx context.Context, c Letters, progress func(done, total int64)) (LetterList, error) {
	if err := n.index.Refresh(ctx, letterIndices(c.Namespace)...); err != nil {
		return LetterList{}, err
	}
	groups := map[string]*LetterGroup{}
	p := letterPages(&c, "")
	p.fields = []string{"@timestamp", "sluice.id", "sluice.dlq"}
	var out LetterList
	done := int64(0)
	err := p.each(ctx, n.index, func(hits []storedHit) error {
		for i := range hits {
			l, err := readLetter(hits[i].Source)
			if err != nil {
				return err
			}
			if wanted(&c, l) {
				out.Letters++
				count(groups, hits[i].ID, l)
			}
		}
		done += int64(len(hits))
		progress(done, p.total)
		return nil
	})
	out.Damage, out.Groups = p.damage, make([]LetterGroup, 0, len(groups))
	for _, g := range groups {
		out.Groups = append(out.Groups, *g)
	}
	slices.SortFunc(out.Groups, func(a, b LetterGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

func count(groups map[string]*LetterGroup, id string, l *letter) {
	one := LetterGroup{
		Stage: l.header(bus.HeaderStage), Topic: l.header(bus.HeaderTopic), Origin: l.header(bus.HeaderOrigin),
		Reason: l.header(bus.HeaderReason), Outcome: l.header("outcome"), First: l.Time,
	}
	key := strings.Join([]string{one.Stage, one.Topic, one.Origin, sameReason(one.Reason, l.header(bus.HeaderID)), one.Outcome}, "\x00")
	g := groups[key]
	if g == nil && len(groups) >= maxGroups {
		key, one.Origin, one.Reason = "", "(other)", "(other)"
		g = groups[key]
	}
	if g == nil {
		g = &one
		groups[key] = g
	}
	g.Count++
	g.Last, g.ID = l.Time, id // they come in the order of their times
	if key != "" {
		g.Reason = one.Reason
	}
	if l.old() {
		g.Old++
	}
}

// quoted are the values that a reason quotes, as indices do.
var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// sameReason is a reason without what differs from letter to letter: its id, numbers, quoted values.
func sameReason(reason, id string) string {
	if id != "" {
		reason = strings.ReplaceAll(reason, id, "#")
	}
	return numbers.ReplaceAllString(quoted.ReplaceAllString(reason, "'#'"), "#")
}

// ShowLetters gives the documents of the letters of an id, which is a letter's own or that of what
// died: an event that was replayed and died again has several, the oldest first.
func (n *Node) ShowLetters(ctx context.Context, id string) ([]json.RawMessage, error) {
	if err := n.index.Refresh(ctx, letterIndices("")...); err != nil {
		return nil, err
	}
	p := &pages{indices: letterIndices(""), size: letterPage, order: [2]string{"@timestamp", "sluice.id"}, query: letterNamed([]string{id})}
	hits, err := p.next(ctx, n.index)
	if err != nil {
		return nil, err
	}
	docs := make([]json.RawMessage, len(hits))
	for i := range hits {
		docs[i] = hits[i].Source
	}
	if len(docs) == 0 {
		err = fmt.Errorf("no dead letter has the id %.200q, and none is of an event with it; sluice dlq list names some", id)
	}
	return docs, err
}

// letterTools are the dead letters as the console's API asks for them.
type letterTools struct{ n *Node }

// List implements console.Letters.
func (t letterTools) List(ctx context.Context, req Letters, progress func(done, total int64)) (any, error) {
	return t.n.ListLetters(ctx, req, progress)
}

// Show implements console.Letters.
func (t letterTools) Show(ctx context.Context, id string) ([]json.RawMessage, error) {
	return t.n.ShowLetters(ctx, id)
}

// Shown is a dead letter for people.
type Shown struct {
	Fields   []ShownField // none empty
	Original []byte
}

// ShownField is one line of it.
type ShownField struct{ Name, Value string }

// ReadShown reads a document that ShowLetters gave.
func ReadShown(doc json.RawMessage) (*Shown, error) {
	l, err := readLetter(doc)
	if err != nil {
		return nil, err
	}
	s := &Shown{}
	add := func(name, value string) {
		if value != "" {
			s.Fields = append(s.Fields, ShownField{name, value})
		}
	}
	add("letter", l.Sluice.ID)
	add("time", l.Time.UTC().Format(time.RFC3339Nano))
	add("namespace", l.DataStream.Namespace)
	for _, name := range letterHeaders {
		add(name, l.header(name))
	}
	add("outcome", strings.TrimSpace(l.header("outcome")+" "+l.header("settled")))
	if l.old() {
		add("note", "written by a version that kept no headers: it cannot be replayed, only dropped")
	}
	s.Original, err = l.original()
	return s, err
}

// Replay implements console.Letters.
func (t letterTools) Replay(ctx context.Context, req Letters, progress func(done, total int64)) (any, error) {
	return t.n.Replay(ctx, req, progress)
}

// Drop implements console.Letters.
func (t letterTools) Drop(ctx context.Context, req Letters, progress func(done, total int64)) (any, error) {
	return t.n.Drop(ctx, req, progress)
}
