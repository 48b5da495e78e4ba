package normalize

// A program's name says little of whose a line is: sshd, ntpd and httpd run on the devices
// of many makers, which write texts of their own under these names.

// doubts says that the pack which has read the line was found by the program's name alone,
// and that none of its steps knew the text.
func (w *Worker) doubts() bool {
	return w.look.byProgram && !w.told && w.inner == "" && len(w.found.elements) == 0 && !w.ev.Has(w.engine.f.unparsed)
}

// strange says that the pack which has read the line was found by a program's name that others use,
// too, and that none of its steps knew the text: it is nothing of the pack's.
func (w *Worker) strange() bool {
	return w.look.common && !w.told && w.inner == "" && len(w.found.elements) == 0
}

// leave takes a strange line from p. Who recognizes it by more than the name reads it, which may be p again,
// or the last resort.
func (w *Worker) leave(p *pack, last, line string) *pack {
	if w.header.adapted {
		w.readHeader(line)
	}
	w.look.nameless = true
	q := w.find(w.engine.byName[last])
	w.look.nameless = false
	if q != p {
		w.noteTried(p)
	}
	if q == nil {
		q = w.engine.fallback
	}
	w.again(q, line)
	return q
}

// reconsider gives a line that p doubts to the next pack that recognizes it, and to p again
// where that one does not know the text either.
func (w *Worker) reconsider(p *pack, last, line string) *pack {
	w.tried(p)
	if w.header.adapted {
		w.readHeader(line)
	}
	q := w.find(w.engine.byName[last])
	if q != nil && !q.generic {
		if w.again(q, line); (w.told || w.inner != "") && !w.ev.Has(w.engine.f.unparsed) { // what it wraps is read next
			return q
		}
		w.tried(q)
	}
	if len(w.look.tried) > 1 || w.header.adapted {
		w.again(p, line)
	}
	return p
}
