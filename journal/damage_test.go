package journal_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/internal/disk/disktest"
	"sluice/journal"
)

func TestTornTailOfEveryLength(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 1 << 20})
	acked := add(t, j, 300, 3)
	names := segments(d)
	size := len(d.Bytes(names[0]))
	if size < 8192 {
		t.Fatalf("log of %d bytes is too short for this test", size)
	}
	for n := 1; n <= 4096; n++ {
		c := d.Clone()
		c.Cut(names[0], n)
		var told []journal.Damage
		j, err := journal.Open(c, journal.Options{Damaged: func(d journal.Damage) { told = append(told, d) }})
		if err != nil {
			t.Fatalf("cut %d: %v", n, err)
		}
		got := drain(t, j, 1)
		last := journal.Seq(0)
		for s, r := range got {
			if acked[s] != r {
				t.Fatalf("cut %d: record %d = %q", n, s, r)
			}
			last = max(last, s)
		}
		st := j.Stats()
		if int(last) != len(got) || st.Next != last+1 {
			t.Fatalf("cut %d: %d records, last %d, next %d: not a prefix", n, len(got), last, st.Next)
		}
		whole := size-n == int(st.Bytes)
		if !whole && (len(told) != 1 || !told[0].Torn) {
			t.Fatalf("cut %d: told %v", n, told)
		}
		if len(add(t, j, 3, 3)) != 3 || len(drain(t, j, 1)) != len(got)+3 {
			t.Fatalf("cut %d: append after the cut", n)
		}
	}
}

// TestAppendTogether: of batches appended in one call a log cut anywhere has all or none,
// and Verify says of it what Open then does.
func TestAppendTogether(t *testing.T) {
	const per = 3 // batches a call, of two records each
	d := disktest.New()
	j := open(t, d, journal.Options{})
	for i := range 8 {
		var together []journal.Batch
		for k := range per {
			r := fmt.Appendf(nil, "%d.%d %s", i, k, strings.Repeat("x", 40*i))
			together = append(together, journal.Batch{Labels: 1 << k, Records: [][]byte{r, r}})
		}
		if seq, err := j.Append(t.Context(), together...); err != nil || int(seq) != 1+2*per*i {
			t.Fatalf("call %d: first record %d, %v", i, seq, err)
		}
	}
	r := j.Reader(1, 1<<1)
	b, ok, err := r.TryNext()
	if err != nil || !ok || b.First != 3 || len(b.Records) != 2 {
		t.Fatalf("second batch = %+v, %v, %v", b, ok, err)
	}
	name := segments(d)[0]
	size := len(d.Bytes(name))
	partly := 0
	for n := 1; n < size-64; n++ {
		c := d.Clone()
		c.Cut(name, n)
		var told []journal.Damage
		if _, err := journal.Verify(c, func(d journal.Damage) { told = append(told, d) }); err != nil {
			t.Fatal(err)
		}
		j := open(t, c, journal.Options{})
		st := j.Stats()
		if got := len(drain(t, j, 1)); got%(2*per) != 0 || int(st.Next) != got+1 {
			t.Fatalf("cut %d: %d records, next %d: part of a call", n, got, st.Next)
		}
		if st.TornBytes > 0 {
			partly++
		}
		if (st.TornBytes > 0) != (len(told) == 1 && told[0].Torn && told[0].Length == st.TornBytes) {
			t.Fatalf("cut %d: Open cut off %d bytes, Verify told %v", n, st.TornBytes, told)
		}
	}
	if partly < 1000 {
		t.Fatalf("only %d cuts went through a call", partly)
	}
}

func TestBitFlips(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 8 << 10, State: &sum{}})
	acked := add(t, j, 3000, 10)
	segs := segments(d)
	flips, harmless, lost := 2000, 0, 0
	for range flips {
		c := d.Clone()
		name := segs[rng.IntN(len(segs))]
		b := c.Bytes(name)
		bit := rng.IntN(len(b) * 8)
		b[bit/8] ^= 1 << (bit % 8)
		var told []journal.Damage
		j, err := journal.Open(c, journal.Options{SegmentBytes: 8 << 10, State: &sum{}, Damaged: func(d journal.Damage) { told = append(told, d) }})
		if err != nil {
			t.Fatalf("%s bit %d: %v", name, bit, err)
		}
		got := drain(t, j, 1)
		n := check(t, acked, got, told)
		if n > 10 {
			t.Errorf("%s bit %d: %d records lost, a frame holds 10; told %v", name, bit, n, told)
		}
		lost += n
		if n == 0 {
			harmless++
		}
		if t.Failed() {
			t.Fatalf("%s bit %d (byte %d of %d): %v", name, bit, bit/8, len(b), told)
		}
		for s := range add(t, j, 5, 5) {
			if _, reused := acked[s]; reused {
				t.Fatalf("%s bit %d: sequence %d given twice", name, bit, s)
			}
		}
	}
	t.Logf("%d flips in %d segments: %d records lost and reported, %d flips hit nothing that matters", flips, len(segs), lost, harmless)
}

// A log line that is a frame must not be taken for one when its own frame is damaged.
func TestForgedFrame(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{Codec: journal.None})
	add(t, j, 1, 1)
	names := segments(d)
	forged := append([]byte(nil), d.Bytes(names[0])...)
	e := disktest.New()
	j = open(t, e, journal.Options{Codec: journal.None})
	j.Append(t.Context(), journal.Batch{Records: [][]byte{forged}})
	acked := add(t, j, 3, 1)
	e.Bytes(names[0])[48+8] ^= 1 // header of the frame that holds the forgery
	var told []journal.Damage
	j = open(t, e.Clone(), journal.Options{Damaged: func(d journal.Damage) { told = append(told, d) }})
	check(t, acked, drain(t, j, 1), told)
	if len(told) != 1 || told[0].First != 1 || told[0].Last != 1 {
		t.Errorf("told %v", told)
	}
}

// The next frame must be found wherever its mark lies in the reader's window.
func TestResyncAcrossWindows(t *testing.T) {
	for k := range 70 {
		d := disktest.New()
		j := open(t, d, journal.Options{Codec: journal.None})
		j.Append(t.Context(), journal.Batch{Records: [][]byte{make([]byte, 256<<10-59+1-k)}})
		acked := add(t, j, 3, 3)
		names := segments(d)
		d.Bytes(names[0])[48+20] ^= 1 // header of the first frame
		if got := drain(t, open(t, d.Clone(), journal.Options{}), 1); len(got) != len(acked) {
			t.Errorf("mark %d bytes before the end of a window: %d of %d records found", k, len(got), len(acked))
		}
	}
}

// A crash while a segment is being made leaves any prefix of it.
func TestUnfinishedRoll(t *testing.T) {
	opt := journal.Options{SegmentBytes: 400, State: &sum{}}
	for n := 0; ; n++ {
		d := disktest.New()
		j := open(t, d, opt)
		acked := map[journal.Seq]string{}
		for len(acked) == 0 || j.Stats().Segments < 3 {
			for s, r := range add(t, j, 1, 1) {
				acked[s] = r
			}
		}
		names := segments(d)
		last := names[len(names)-1]
		size := len(d.Bytes(last))
		var first journal.Seq
		fmt.Sscanf(last, "%d", &first)
		if first != j.Stats().Next-1 {
			t.Fatalf("last segment starts at %d, want one record in it", first)
		}
		delete(acked, first) // it would not have been acknowledged
		if n >= size {
			return
		}
		d.Cut(last, size-n)
		d.Cut(names[len(names)-2], 56) // the seal, which only a finished roll leaves there
		state := &sum{}
		opt := opt
		opt.State = state
		opt.Damaged = func(d journal.Damage) {
			if !d.Torn {
				t.Errorf("prefix %d: %v", n, d)
			}
		}
		j = open(t, d.Clone(), opt)
		check(t, acked, drain(t, j, 1), nil)
		if int(state.n) != len(acked) {
			t.Errorf("prefix %d: state counts %d of %d", n, state.n, len(acked))
		}
		add(t, j, 3, 1)
	}
}

// segments lists the segment files, oldest first.
func segments(d *disktest.Disk) (segs []string) {
	names, _ := d.List()
	for _, n := range names {
		if strings.HasSuffix(n, ".seg") {
			segs = append(segs, n)
		}
	}
	return segs
}
