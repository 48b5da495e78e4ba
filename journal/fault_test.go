package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// D3: what a failed fsync left behind is not believed. After Reopen the batch is not
// there, everything acknowledged is, and readers go on.
func TestReopenAfterFailedSync(t *testing.T) {
	for _, acks := range []int{0, 10, 60} { // 0: the last segment holds nothing yet
		d := disktest.New()
		state := &sum{}
		j := open(t, d, journal.Options{SegmentBytes: 2048, State: state})
		acked := add(t, j, acks, 1)
		r := j.Reader(1, 0)
		defer r.Close()
		got := readOn(t, r)
		for range 3 { // fails again and again, also while a segment is made
			d.Broken = syscall.EIO
			for range 5 {
				if _, err := j.Append(t.Context(), journal.Batch{Records: [][]byte{[]byte("never acknowledged")}}); !errors.Is(err, journal.ErrFailed) {
					t.Fatalf("append on a broken disk: %v", err)
				}
				if err := j.Reopen(); err == nil {
					t.Fatal("reopened on a broken disk")
				}
			}
			d.Broken = nil
			if err := j.Reopen(); err != nil {
				t.Fatal(err)
			}
			for s, v := range add(t, j, 20, 2) {
				if _, reused := acked[s]; reused {
					t.Fatalf("sequence %d given twice", s)
				}
				acked[s] = v
			}
			for s, v := range readOn(t, r) {
				got[s] = v
			}
		}
		check(t, acked, got, nil)
		check(t, acked, drain(t, j, 1), nil)
		if int(state.n) != len(acked) {
			t.Errorf("state counts %d of %d", state.n, len(acked))
		}
		if err := j.Reopen(); err != nil {
			t.Errorf("reopen of what has not failed: %v", err)
		}
		d.Crash()
		check(t, acked, drain(t, open(t, d, journal.Options{}), 1), nil)
	}
}

func readOn(t *testing.T, r *journal.Reader) map[journal.Seq]string {
	t.Helper()
	got := map[journal.Seq]string{}
	for {
		b, ok, err := r.TryNext()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return got
		}
		for k, rec := range b.Records {
			got[b.First+journal.Seq(k)] = string(rec)
		}
	}
}

// D1: a full disk refuses producers, lets reserved appends through, and takes
// everybody again by itself when there is space.
func TestReserveOutlastsAFullDisk(t *testing.T) {
	d := disktest.New()
	now := newClock()
	j := open(t, d, journal.Options{SegmentBytes: 4 << 10, ReserveBytes: 16 << 10, Codec: journal.None, Now: now.now})
	acked := add(t, j, 20, 2)
	d.Size = 64 << 10
	one := journal.Batch{Records: [][]byte{bytes.Repeat([]byte("x"), 500)}}
	var err error
	for err == nil {
		var s journal.Seq
		if s, err = j.Append(t.Context(), one); err == nil {
			acked[s] = string(one.Records[0])
		}
	}
	if !errors.Is(err, journal.ErrFull) || !j.Stats().Full {
		t.Fatalf("append on a full disk: %v, stats %+v", err, j.Stats())
	}
	mine := one
	mine.Reserved = true
	for i := range 20 {
		s, err := j.Append(t.Context(), mine)
		if err != nil {
			t.Fatalf("reserved append %d: %v", i, err)
		}
		acked[s] = string(one.Records[0])
		if _, err := j.Append(t.Context(), journal.Batch{Records: [][]byte{[]byte("y")}}); !errors.Is(err, journal.ErrFull) {
			t.Fatalf("a producer got at the reserve: %v", err)
		}
	}
	if err := j.TrimBefore(j.Stats().Next); err != nil {
		t.Fatal(err)
	}
	now.add(2e9)
	for s, v := range add(t, j, 5, 1) {
		acked[s] = v
	}
	if st := j.Stats(); st.Full {
		t.Errorf("stats %+v after there was space", st)
	}
	first := j.Stats().First
	for s := range acked {
		if s < first {
			delete(acked, s)
		}
	}
	d.Size = 0
	d.Crash()
	j = open(t, d, journal.Options{SegmentBytes: 4 << 10})
	check(t, acked, drain(t, j, 1), nil)
}

// A disk that is full at start must not keep the owner from draining what is there.
func TestOpenOnAFullDisk(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{})
	acked := add(t, j, 20, 2)
	j.Close()
	d.Size = 1
	j = open(t, d, journal.Options{ReserveBytes: 1 << 20})
	check(t, acked, drain(t, j, 1), nil)
	if !j.Stats().Full {
		t.Error("the journal does not know that the disk is full")
	}
}

// C6 for verify: every flipped bit is either told with its file, or changes nothing.
func TestVerifyNamesEveryDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 8 << 10, State: &sum{}})
	add(t, j, 1500, 10)
	clean, err := journal.Verify(d.Clone(), func(d journal.Damage) { t.Errorf("clean journal: %v", d) })
	if err != nil || clean.Records != 1500 || clean.Damages != 0 {
		t.Fatalf("clean journal: %+v, %v", clean, err)
	}
	segs := segments(d)
	missed := 0
	for range 500 {
		c := d.Clone()
		name := segs[rng.IntN(len(segs))]
		b := c.Bytes(name)
		bit := rng.IntN(len(b) * 8)
		b[bit/8] ^= 1 << (bit % 8)
		var told []journal.Damage
		if _, err := journal.Verify(c, func(d journal.Damage) { told = append(told, d) }); err != nil {
			t.Fatal(err)
		}
		if len(told) == 0 {
			missed++
			t.Errorf("%s: flip of byte %d of %d not found", name, bit/8, len(b))
			continue
		}
		for _, d := range told {
			if d.Segment != name || int64(bit/8) < d.Offset || int64(bit/8) >= d.Offset+d.Length {
				t.Errorf("flip of byte %d of %s was told as %v", bit/8, name, d)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// TestVerifyOfTheEnd: at the end of the log an append that was cut short is no damage, and one
// that was finished and is broken now is.
func TestVerifyOfTheEnd(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{})
	add(t, j, 30, 10)
	name := segments(d)[0]
	f := func(torn bool, damages int, harm func(*disktest.Disk)) {
		t.Helper()
		c := d.Clone()
		harm(c)
		var told []journal.Damage
		r, err := journal.Verify(c, func(d journal.Damage) { told = append(told, d) })
		if err != nil || len(told) != 1 || told[0].Torn != torn || told[0].First != 21 || r.Damages != damages {
			t.Errorf("%+v, told of %+v, %v", r, told, err)
		}
	}
	f(true, 0, func(c *disktest.Disk) { c.Cut(name, 5) })
	f(false, 1, func(c *disktest.Disk) { b := c.Bytes(name); b[len(b)-5] ^= 1 })
}

func TestVerifyTellsMissingSegments(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 2 << 10})
	add(t, j, 500, 5)
	segs := segments(d)
	c := d.Clone()
	c.Remove(segs[len(segs)/2])
	r, err := journal.Verify(c, func(d journal.Damage) { t.Log(d) })
	if err != nil || r.Damages != 1 {
		t.Errorf("%+v, %v, want one damage", r, err)
	}
}

// TestEverySegmentGone: a journal that had records and has no segment left says so, once, and goes
// on as another journal: its numbers begin anew. One that never had any has lost nothing.
func TestEverySegmentGone(t *testing.T) {
	f := func(d *disktest.Disk, want int) string {
		t.Helper()
		var told []journal.Damage
		if _, err := journal.Verify(d, func(p journal.Damage) { told = append(told, p) }); err != nil || len(told) != want {
			t.Errorf("verify tells of %v, %v, want %d", told, err, want)
		}
		told = nil
		j := open(t, d, journal.Options{Damaged: func(p journal.Damage) { told = append(told, p) }})
		defer j.Close()
		if len(told) != want || want > 0 && (!told[0].Gone || !strings.Contains(told[0].String(), "every segment is gone")) {
			t.Errorf("told of %v, want %d", told, want)
		}
		return j.Name()
	}
	d := disktest.New()
	name := f(d, 0)
	for _, s := range segments(d) {
		if err := d.Remove(s); err != nil {
			t.Fatal(err)
		}
	}
	again := f(d, 1)
	if again == name {
		t.Error("what is numbered from 1 again has the old name, so readers take it for doubles")
	}
	if last := f(d, 0); last != again {
		t.Errorf("name %q at the next start, was %q", last, again)
	}
}

// D4: what the system refuses is an error that says so, and changes nothing.
func TestOpenRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "j")
	j := open(t, disk.Dir(dir), journal.Options{})
	acked := add(t, j, 5, 1)
	if _, err := journal.Open(disk.Dir(dir), journal.Options{}); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("a second owner: %v, want ErrLocked", err)
	}
	j.Close()
	if os.Geteuid() != 0 { // root may do everything
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Open(disk.Dir(dir), journal.Options{}); !errors.Is(err, os.ErrPermission) {
			t.Errorf("read-only directory: %v", err)
		}
		os.Chmod(dir, 0o700)
	}
	check(t, acked, drain(t, open(t, disk.Dir(dir), journal.Options{}), 1), nil)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory mode %v, %v", info.Mode(), err)
	}
}

func TestNameStays(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{})
	name := j.Name()
	if len(name) != 16 {
		t.Errorf("name %q", name)
	}
	d.Crash()
	if again := open(t, d, journal.Options{}).Name(); again != name {
		t.Errorf("name %q after a crash, was %q", again, name)
	}
	if other := open(t, disktest.New(), journal.Options{}).Name(); other == name {
		t.Error("two journals have one name")
	}
}

// Seals let a reader pass whole segments by.
func TestReaderSkipsSegmentsByLabel(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 2 << 10})
	for i := range 400 {
		label := uint64(1)
		if i == 0 || i == 399 {
			label = 2
		}
		if _, err := j.Append(t.Context(), journal.Batch{Labels: label, Records: [][]byte{fmt.Appendf(nil, "%d %x", i, rand.Uint64())}}); err != nil {
			t.Fatal(err)
		}
	}
	d.Crash()
	j = open(t, d, journal.Options{SegmentBytes: 2 << 10})
	segs := segments(d)
	for _, name := range segs[1 : len(segs)-1] { // unreadable, and nobody may notice
		clear(d.Bytes(name)[:100])
	}
	r := j.Reader(1, 2)
	defer r.Close()
	for _, want := range []journal.Seq{1, 400} {
		b, ok, err := r.TryNext()
		if err != nil || !ok || b.First != want {
			t.Fatalf("read %d, %v, %v, want %d", b.First, ok, err, want)
		}
	}
}

func TestDroppable(t *testing.T) {
	now := newClock()
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 1 << 10, Now: now.now})
	for range 10 {
		now.add(60e9)
		add(t, j, 20, 5)
	}
	next := j.Stats().Next
	start := now.now()
	f := func(limit journal.Seq, keep journal.Keep, least, most journal.Seq) {
		t.Helper()
		if got := j.Droppable(limit, keep); got < least || got > most {
			t.Errorf("Droppable(%d, %v) = %d, want %d to %d", limit, keep, got, least, most)
		}
	}
	f(next, journal.Keep{Since: start.Add(1)}, next-40, next)                           // old: all but the last segment
	f(100, journal.Keep{Since: start.Add(1)}, 70, 100)                                  // somebody needs it
	f(next, journal.Keep{Since: start.Add(-150e9)}, 120, 142)                           // the last three minutes stay
	f(next, journal.Keep{Since: start.Add(-1e12), Bytes: 1 << 40}, 1, 1)                // all stays
	f(next, journal.Keep{Since: start.Add(-1e12), Bytes: j.Stats().Bytes / 2}, 80, 130) // but not past a bound
	f(50, journal.Keep{Since: start.Add(-1e12), Bytes: 1}, 10, 50)                      // which never takes what is needed
	j.Close()
	j = open(t, d, journal.Options{SegmentBytes: 1 << 10, Now: now.now}) // by the seals
	f(next, journal.Keep{Since: start.Add(-150e9)}, 120, 142)
}
