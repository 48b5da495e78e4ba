package store

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// postMin is how many rows a word needs for a list of its rows; rarer ones are found by the
// filter of their block and a look at its text.
const postMin = 16

// wordBits of a block's filter, for each rare word: one block in a hundred is read for nothing.
const wordBits = 10

// textSlots is how many text fields have their counts kept apart; a word in another one is
// looked for in the text.
const textSlots = 4

// textWriter cuts the text of a segment into blocks and indexes its words.
type textWriter struct {
	w      *segWriter
	block  []byte
	starts []uint32 // first row of each block
	spans  []span
	fields []int // file numbers of the text fields, by slot

	table wordTable
	occ   []occurrence
	marks []uint32 // of each block: where its occurrences start
	row   uint32
	buf   []byte
	body  []byte       // of the row at hand
	tails []textRecord // of the row at hand
}

// occurrence is one word in one row; a word is noted once a row.
type occurrence struct{ word, row uint32 }

// wordTable numbers words. Open addressing: a map of strings would be the greatest cost of a flush.
type wordTable struct {
	slots []uint32 // number + 1
	words []wordInfo
	arena []byte
}

type wordInfo struct {
	hash   uint64
	at     uint32
	size   uint16
	last   uint32 // row + 1 that has it noted
	seen   [textSlots]uint32
	counts [textSlots]uint32
	rows   uint32
}

func (t *wordTable) number(word []byte) uint32 {
	if len(t.words)*2 >= len(t.slots) {
		t.grow()
	}
	h := xxhash.Sum64(word)
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := t.slots[i]
		if n == 0 {
			t.slots[i] = uint32(len(t.words) + 1)
			t.words = append(t.words, wordInfo{hash: h, at: uint32(len(t.arena)), size: uint16(len(word))})
			t.arena = append(t.arena, word...)
			return uint32(len(t.words) - 1)
		}
		if x := &t.words[n-1]; x.hash == h && string(t.arena[x.at:x.at+uint32(x.size)]) == string(word) {
			return n - 1
		}
	}
}

func (t *wordTable) grow() {
	t.slots = make([]uint32, max(1<<14, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for n := range t.words {
		i := t.words[n].hash & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(n + 1)
	}
}

// texts writes blocks, filters and postings and gives their part of the meta.
func (w *segWriter) texts() []byte {
	t := &textWriter{w: w, occ: make([]occurrence, 0, len(w.m.text)/16)}
	for i, p := range w.perm {
		from := uint32(0)
		if p > 0 {
			from = w.m.textEnd[p-1]
		}
		if len(t.block) == 0 {
			t.starts = append(t.starts, uint32(i))
			t.marks = append(t.marks, uint32(len(t.occ)))
		}
		t.row = uint32(i)
		t.add(w.m.text[from:w.m.textEnd[p]])
		if len(t.block) >= textBlock {
			t.flush()
		}
	}
	t.flush()
	return t.finish()
}

func (t *textWriter) flush() {
	if len(t.block) == 0 {
		return
	}
	at := len(t.w.b)
	t.w.b = encoder.EncodeAll(t.block, t.w.b)
	t.spans = append(t.spans, span{int64(at), int64(len(t.w.b) - at), checksum(t.w.b[at:])})
	t.block = t.block[:0]
}

// add copies a row's records, with the file's field numbers, and notes its words.
func (t *textWriter) add(records []byte) {
	body, tails := t.body[:0], t.tails[:0]
	var whole textRecord
	_ = eachText(records, func(r textRecord) bool {
		n := t.w.num(r.field)
		body = binary.AppendUvarint(body, uint64(n*4+r.kind))
		body = binary.AppendUvarint(body, uint64(len(r.s)))
		if r.kind != textTail {
			body = append(body, r.s...)
		}
		r.field = n
		switch {
		case r.kind == textTail && wordStarts(whole.s, r.at):
			tails = append(tails, r)
		case r.kind == textOwn && len(whole.s) == 0 && len(r.s) > 0:
			whole = r
		case r.kind != textLong:
			t.note(r, nil)
		}
		return true
	})
	if len(whole.s) > 0 {
		t.note(whole, tails)
	}
	t.block = binary.AppendUvarint(t.block, uint64(len(body)))
	t.block = append(t.block, body...)
	t.body, t.tails = body, tails
}

// wordStarts tells that cutting s at i cuts no word.
func wordStarts(s []byte, i int) bool {
	word := func(c byte) bool { return c >= 0x80 || wordByte[c] != 0 }
	return i == 0 || !word(s[i-1]) || i < len(s) && !word(s[i])
}

func (t *textWriter) slot(field int) int {
	i := slices.Index(t.fields, field)
	if i < 0 {
		i = len(t.fields)
		t.fields = append(t.fields, field)
	}
	return i
}

// note indexes the words of one string, and of those that are its end.
func (t *textWriter) note(r textRecord, tails []textRecord) {
	var slots, from [textSlots]int
	k := 0
	add := func(field, at int) {
		if s := t.slot(field); s < textSlots && k < textSlots {
			slots[k], from[k] = s, at
			k++
		}
	}
	add(r.field, 0)
	for _, x := range tails {
		add(x.field, x.at)
	}
	row := t.row + 1
	t.buf = eachWord(r.s, t.buf, func(word []byte, at int) bool {
		n := t.table.number(word)
		x := &t.table.words[n]
		if x.last != row {
			x.last = row
			x.rows++
			t.occ = append(t.occ, occurrence{n, t.row})
		}
		for i := range k {
			if s := slots[i]; at >= from[i] && x.seen[s] != row {
				x.seen[s] = row
				x.counts[s]++
			}
		}
		return true
	})
}

// finish writes a filter for each block and a list of rows for each common word.
func (t *textWriter) finish() []byte {
	e := &enc{}
	e.uint(uint64(len(t.spans)))
	for i, s := range t.spans {
		e.uint(uint64(t.starts[i]))
		e.span(s)
		to := len(t.occ)
		if i+1 < len(t.marks) {
			to = int(t.marks[i+1])
		}
		e.span(t.bloom(t.occ[t.marks[i]:to]))
	}
	e.uint(uint64(len(t.fields)))
	for _, f := range t.fields {
		e.uint(uint64(f))
	}
	t.postings(e)
	return e.b
}

func (t *textWriter) bloom(occ []occurrence) span {
	n := 0
	for _, o := range occ {
		if t.table.words[o.word].rows < postMin {
			n++
		}
	}
	f := make([]uint64, max(1, (n*wordBits+63)/64))
	for _, o := range occ {
		if x := &t.table.words[o.word]; x.rows < postMin {
			bloomAdd(f, x.hash)
		}
	}
	return t.w.put(bloomBytes(f))
}

// postings writes the lists in the order of words, in blocks, like a dictionary: an entry is
// the word, how many rows have it in each slot, and the rows as differences.
func (t *textWriter) postings(e *enc) {
	var common []uint32
	var at []int
	total := 0
	for n := range t.table.words {
		if t.table.words[n].rows >= postMin {
			common = append(common, uint32(n))
		}
	}
	word := func(n uint32) []byte {
		x := &t.table.words[n]
		return t.table.arena[x.at : x.at+uint32(x.size)]
	}
	slices.SortFunc(common, func(a, b uint32) int { return slices.Compare(word(a), word(b)) })
	for _, n := range common {
		at = append(at, total)
		total += int(t.table.words[n].rows)
	}
	rank := make([]int32, len(t.table.words))
	for i, n := range common {
		rank[n] = int32(i + 1)
	}
	rows := make([]uint32, total)
	fill := slices.Clone(at)
	for _, o := range t.occ {
		if r := rank[o.word]; r > 0 {
			rows[fill[r-1]] = o.row
			fill[r-1]++
		}
	}
	var idx, blk enc
	first := 0
	for i, n := range common {
		x := &t.table.words[n]
		blk.str(string(word(n)))
		for _, c := range x.counts {
			blk.uint(uint64(c))
		}
		blk.uint(uint64(x.rows))
		prev := uint32(0)
		for _, r := range rows[at[i] : at[i]+int(x.rows)] {
			blk.uint(uint64(r - prev))
			prev = r
		}
		if len(blk.b) >= 16<<10 || i == len(common)-1 {
			idx.str(string(word(common[first])))
			idx.span(t.w.zip(blk.b))
			blk.b, first = blk.b[:0], i+1
		}
	}
	e.span(t.w.zip(idx.b))
}
