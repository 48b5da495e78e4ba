package store

import (
	"strconv"
	"strings"
)

// retainedName is the file that says up to which number of the log retention has removed segments: one that
// somebody else has removed is told from them by it.
const retainedName = "retained"

// readTaken takes up what retention has noted. A store that has noted nothing yet begins with what is there.
func (s *Store) readTaken() {
	b, err := readFile(s.segs, retainedName)
	if err == nil {
		if n, err := strconv.ParseInt(strings.TrimSuffix(string(b), "\n"), 10, 64); err == nil && n >= 0 {
			s.taken = n
			return
		}
	}
	if len(s.parts) > 0 {
		s.taken = s.parts[0].sum.first - 1
	}
	if err := s.noteTaken(s.taken); err != nil { // a full disk; the next start tries again
		s.log.Warn("note what retention has removed", "error", err)
	}
}

func (s *Store) noteTaken(last int64) error {
	return writeFile(s.segs, retainedName, strconv.AppendInt(nil, last, 10))
}

// overlap settles two neighbours that both have the same numbers: a copy that was put back, and what was read again
// from the log since. The later one has all of them, and knows what was deleted.
func (s *Store) overlap(copied, later *segment) {
	if copied.acquire() != nil {
		return
	}
	defer copied.release()
	seqs, err := copied.seqNos()
	if err != nil {
		return // told as damage
	}
	for row, n := range seqs {
		if n >= later.sum.first {
			copied.kill(uint32(row))
		}
	}
}
