package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"sluice/event"
)

// Corrected is what takes the place of a document that is stored: one of the same id, or
// several with ids of their own.
type Corrected struct {
	Old   Stored           // Index is the concrete one; SeqNo and PrimaryTerm are what was read
	New   []event.Document // with the data streams where they belong now
	Moves bool             // they are not written over the old one but beside it, and it is deleted
}

// Superseded is what became of a batch of corrected documents.
type Superseded struct {
	Done      int
	Conflicts int     // changed by somebody else meanwhile, or deleted: left as they are
	Refused   []error // the index does not take the new document: the old one stays
}

// Supersede writes corrected documents over the very documents that they were made of.
// One that moves to another data stream is created there first and then deleted where
// it was: whatever ends the process in between, it is found at least once, and a second
// run finds nothing to do but to delete. Where the cluster, or what stands in front of it, does not take
// them as a whole, they are written in halves. It is safe for concurrent use.
func (c *Client) Supersede(ctx context.Context, docs []Corrected) (Superseded, error) {
	out, err := c.supersede(ctx, docs)
	reason := indigestible(err)
	switch {
	case reason == nil:
		return out, err
	case len(docs) == 1:
		return Superseded{Refused: []error{reason}}, nil
	}
	out, err = c.Supersede(ctx, docs[:len(docs)/2])
	if err != nil {
		return out, err
	}
	more, err := c.Supersede(ctx, docs[len(docs)/2:])
	return Superseded{out.Done + more.Done, out.Conflicts + more.Conflicts, append(out.Refused, more.Refused...)}, err
}

func (c *Client) supersede(ctx context.Context, docs []Corrected) (Superseded, error) {
	var out Superseded
	var lines []byte
	var sent []int
	for i := range docs {
		d := &docs[i]
		for _, one := range d.New {
			if d.Moves {
				lines = action(lines, "create", one.Stream, one.ID, nil)
			} else {
				lines = action(lines, "index", d.Old.Index, d.Old.ID, &d.Old)
			}
			lines, sent = append(append(lines, one.JSON...), '\n'), append(sent, i)
		}
	}
	moved, err := c.settle(ctx, docs, lines, sent, &out)
	if err != nil {
		return out, fmt.Errorf("write corrected documents: %w", err)
	}
	if len(moved) == 0 {
		return out, nil
	}
	lines = lines[:0]
	for _, i := range moved {
		lines = action(lines, "delete", docs[i].Old.Index, docs[i].Old.ID, &docs[i].Old)
	}
	answer, err := c.do(ctx, bulk(lines, nil))
	if err != nil {
		return out, fmt.Errorf("delete documents that were moved: %w", err)
	}
	items, err := new(answers).parse(answer, len(moved))
	if err != nil {
		return out, fmt.Errorf("delete documents that were moved: %w", err)
	}
	for _, it := range items {
		switch {
		case it.fate() == taken || it.status == http.StatusNotFound:
			out.Done++
		case it.fate() == conflict:
			out.Conflicts++
		default:
			out.Refused = append(out.Refused, it.err())
		}
	}
	return out, nil
}

// settle sends the new documents; moved are those whose old one is to be deleted.
func (c *Client) settle(ctx context.Context, docs []Corrected, lines []byte, sent []int, out *Superseded) (moved []int, err error) {
	if len(sent) == 0 {
		return nil, nil
	}
	answer, err := c.do(ctx, bulk(lines, nil))
	if err != nil {
		return nil, err
	}
	items, err := new(answers).parse(answer, len(sent))
	if err != nil {
		return nil, err
	}
	there := make([]int, len(docs)) // of those that move: how many are there now
	for n, it := range items {
		i := sent[n]
		switch fate := it.fate(); {
		case docs[i].Moves && (fate == taken || fate == conflict): // a conflict: an earlier run created it
			if there[i]++; there[i] == len(docs[i].New) {
				moved = append(moved, i)
			}
		case fate == taken:
			out.Done++
		case fate == conflict:
			out.Conflicts++
		case fate == later:
			return nil, it.err()
		default:
			out.Refused = append(out.Refused, it.err())
		}
	}
	return moved, nil
}

// action appends one line of a bulk request; over names the version that must be there.
func action(dst []byte, verb, index, id string, over *Stored) []byte {
	meta := map[string]any{"_index": index, "_id": id}
	if over != nil {
		meta["if_seq_no"], meta["if_primary_term"] = over.SeqNo, over.PrimaryTerm
	}
	line, err := json.Marshal(map[string]any{verb: meta})
	if err != nil {
		panic("BUG: marshal a bulk action: " + err.Error())
	}
	return append(append(dst, line...), '\n')
}
