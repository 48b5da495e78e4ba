package filetail

import (
	"bytes"
	"slices"
	"time"

	"sluice/internal/metrics"
)

const (
	// joinWait is how long the rest of a line that a container runtime cut is waited for. It
	// writes the parts as fast as the program does the line; what never comes is of a program
	// that ended, or lies in the next file.
	joinWait = 5 * time.Second
	// dockerBytes is where Docker cuts a line. A shorter one without \n at its end is the last of a
	// program, or of a file that another collector wrote, without the \n of any.
	dockerBytes = 16 << 10
	// joinLines is how many lines may lie between the first part and the last: a line of 1 MiB,
	// the longest max_line, has 64 parts of 16 KiB, and the other stream writes between them.
	joinLines = 256
)

// part is one line of a container runtime: what a program wrote is text, between what the runtime
// put around it.
type part struct {
	before, text, after []byte
	stream              byte // of "stdout" and "stderr", the letter that differs
	more                bool // the program's line goes on in the stream's next
}

// joint is a program's line in the making, in the form of its first part.
type joint struct {
	at    int64 // where that lies
	part  part
	parts int
}

// partOf reads a line of CRI (containerd, CRI-O, Podman) or of Docker's json-file driver. The
// former marks a part that is not the last with P, the latter's end without \n.
func partOf(line []byte) (part, bool) {
	if rest, ok := bytes.CutPrefix(line, []byte(`{"log":"`)); ok {
		return dockerPart(line, rest)
	}
	const stamp = len("2026-03-02T08:59:59")
	if len(line) < stamp || line[4] != '-' || line[10] != 'T' {
		return part{}, false
	}
	space := bytes.IndexByte(line, ' ')
	if space < stamp {
		return part{}, false
	}
	stream, rest, ok := streamOf(line[space+1:])
	if !ok || len(rest) < len(" F") || rest[0] != ' ' || rest[1] != 'P' && rest[1] != 'F' || len(rest) > 2 && rest[2] != ' ' {
		return part{}, false
	}
	text := rest[min(len(" F "), len(rest)):]
	return part{line[:len(line)-len(text)], text, nil, stream, rest[1] == 'P'}, true
}

func dockerPart(line, rest []byte) (part, bool) {
	for end := 0; ; end++ {
		next := bytes.IndexByte(rest[end:], '"')
		if next < 0 {
			return part{}, false
		}
		end += next
		text, after := rest[:end], rest[end:]
		if escapes(text) {
			continue
		}
		of, ok := bytes.CutPrefix(after, []byte(`","stream":"`))
		if !ok || line[len(line)-1] != '}' {
			return part{}, false
		}
		stream, _, ok := streamOf(of)
		last := bytes.HasSuffix(text, []byte("n")) && escapes(text[:end-1])
		return part{line[:len(line)-len(rest)], text, after, stream, !last && len(text) >= dockerBytes}, ok
	}
}

// escapes reports whether text ends with a backslash that the next byte belongs to.
func escapes(text []byte) bool {
	return (len(text)-len(bytes.TrimRight(text, `\`)))%2 == 1
}

func streamOf(text []byte) (stream byte, rest []byte, ok bool) {
	const name = len("stdout")
	if !bytes.HasPrefix(text, []byte("stdout")) && !bytes.HasPrefix(text, []byte("stderr")) {
		return 0, nil, false
	}
	return text[len("std")], text[name:], true
}

// join takes the lines that rest begins with into the batch, up to where no line lacks a part, each
// program's line as one. next is the part in the first line, of size bytes. It returns how many
// bytes that was: 0 while the other parts are waited for, since the offset, which is all that a
// restart knows, cannot pass one part without the others.
func (in *input) join(f *file, next part, rest []byte, size int, at int64, now time.Time) (used int) {
	within := rest[:min(len(rest), max(size, in.settings.MaxLine))]
	var done, open []joint
	why := ""
	for lines := 1; ; lines++ {
		done, open = put(done, open, next, at+int64(used))
		used += size
		if len(open) == 0 {
			break
		}
		end := bytes.IndexByte(within[used:], '\n')
		if end < 0 {
			if why = in.late(f, len(rest)); why == "" {
				return 0
			}
			break
		}
		if lines == joinLines {
			why = "lines"
			break
		}
		var ok bool
		if next, ok = partOf(bytes.TrimSuffix(within[used:used+end], []byte("\r"))); !ok {
			why = "end"
			break
		}
		size = end + 1
	}
	f.waits = time.Time{}
	if len(open) > 0 {
		metrics.IngestUnjoined.WithLabelValues(in.env.Name, why).Add(float64(len(open)))
	}
	for _, j := range append(done, open...) {
		in.take(f, j.line(), j.at, now, 0)
	}
	return used
}

// late says why no more is waited for, where the next line is not there or not whole; empty: it is.
func (in *input) late(f *file, there int) string {
	switch {
	case there >= in.settings.MaxLine:
		return "bytes"
	case f.flush:
		return "end"
	case f.waits.IsZero():
		f.waits = time.Now()
	case time.Since(f.waits) >= joinWait:
		return "time"
	}
	return ""
}

// put adds a part to its stream's line, which is done with the last.
func put(done, open []joint, p part, at int64) (doneNow, openNow []joint) {
	i := 0
	for i < len(open) && open[i].part.stream != p.stream {
		i++
	}
	if i == len(open) {
		open = append(open, joint{at: at, part: p})
	}
	open[i].add(p)
	if p.more {
		return done, open
	}
	return append(done, open[i]), append(open[:i], open[i+1:]...)
}

func (j *joint) add(p part) {
	switch j.parts++; j.parts {
	case 1: // its text is in the file's line
	case 2:
		j.part.text = slices.Concat(j.part.text, p.text)
	default:
		j.part.text = append(j.part.text, p.text...)
	}
	j.part.more = p.more
}

// line is the runtime's line as it would have been of a runtime that cuts none.
func (j *joint) line() []byte {
	p := &j.part
	all := slices.Concat(p.before, p.text, p.after)
	if p.after == nil && !p.more && j.parts > 1 {
		all[len(p.before)-len("P ")] = 'F'
	}
	return all
}
