package store

import (
	"encoding/binary"
	"io"

	"sluice/internal/disk"
)

func le32(b []byte, n uint32) []byte { return binary.LittleEndian.AppendUint32(b, n) }

// decodeTombs takes what saveTombs wrote; those of another segment of the same name, which
// a merge has replaced, count for nothing.
func (s *segment) decodeTombs(b []byte) error {
	if len(b) < 8 {
		return errCorrupt
	}
	if binary.LittleEndian.Uint32(b) != s.uid {
		return nil
	}
	if checksum(b[8:]) != binary.LittleEndian.Uint32(b[4:]) {
		return errCorrupt
	}
	raw, err := decoder.DecodeAll(b[8:], nil)
	if err != nil {
		return err
	}
	set, err := rowsOf(raw, s.sum.rows)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tombs, s.nDead = set, set.count()
	return nil
}

func readFile(d disk.FS, name string) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := f.Size()
	if err != nil || n > maxBlock {
		return nil, err
	}
	b := make([]byte, n)
	if k, err := f.ReadAt(b, 0); err != nil && !(err == io.EOF && k == len(b)) {
		return nil, err
	}
	return b, nil
}
