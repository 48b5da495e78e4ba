package filetail

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/nxadm/tail"
)

// tailerPatience bounds the wait for lines that are known to be in the file; nxadm/tail
// looks every 250 ms.
const tailerPatience = 2 * time.Second

// tailer lets nxadm/tail read one opened file (follow: tail). It is told the descriptor,
// not the name: what a file is, and when it is another, is decided here, for both
// readers alike.
type tailer struct {
	t   *tail.Tail
	at  int64 // offset of the next line that it gives
	got []byte
}

func newTailer(f *file) (*tailer, error) {
	t, err := tail.TailFile(fmt.Sprintf("/proc/self/fd/%d", f.f.Fd()), tail.Config{
		Location: &tail.SeekInfo{Offset: f.offset, Whence: io.SeekStart},
		Follow:   true, MustExist: true, Poll: true, CompleteLines: true, Logger: tail.DiscardingLogger,
	})
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", f.path, err)
	}
	return &tailer{t: t, at: f.offset}, nil
}

func (t *tailer) stop() {
	t.t.Kill(nil)
	for range t.t.Lines { // it may be waiting to give one
	}
	_ = t.t.Wait()
}

// tailed returns what nxadm/tail gives of data, whole lines only. Where it gives
// something else than the file holds, or nothing, the rest is read by us, and it
// begins again behind that: docs/decisions/0011 has how often that was.
func (in *input) tailed(f *file, data []byte) ([]byte, error) {
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if len(whole) == 0 {
		return data, nil // a part of a line: nxadm/tail gives none
	}
	if f.tailer != nil && (f.tailer.at < f.offset || f.tailer.at > f.offset+int64(len(whole))) {
		f.tailer.stop()
		f.tailer = nil
	}
	if f.tailer == nil {
		t, err := newTailer(f)
		if err != nil {
			return nil, err
		}
		f.tailer = t
	}
	whole = whole[f.tailer.at-f.offset:] // it may be ahead, where a batch was full
	if f.tailer.take(whole) < len(whole) {
		in.once("tail "+f.path, "nxadm/tail left lines out; they are read without it", "file", f.path)
		f.tailer.stop()
		f.tailer = nil
	}
	return data, nil
}

// take reads lines while they are what want begins with, and returns how many bytes were.
func (t *tailer) take(want []byte) (n int) {
	late := time.NewTimer(tailerPatience)
	defer late.Stop()
	for n < len(want) {
		select {
		case l, ok := <-t.t.Lines:
			if !ok || l.Err != nil {
				return n
			}
			t.got = append(append(t.got[:0], l.Text...), '\n')
			if !bytes.HasPrefix(want[n:], t.got) {
				return n
			}
			n += len(t.got)
			t.at += int64(len(t.got))
		case <-late.C:
			return n
		}
	}
	return n
}
