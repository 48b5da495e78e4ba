package normalize

import "strings"

// generally reads a text that its pack could not read as the text of an unknown device is
// read: what is self-evident in it fills what the pack left. A pack that is told by a
// program's name alone is asked for lines of other programs of that name, too.
func (w *Worker) generally() {
	p := w.engine.fallback
	if p == nil || w.inner != "" || strings.IndexByte("{<", firstByte(w.text)) >= 0 || strings.HasPrefix(w.text, `["`) || strings.IndexByte(w.text, '{') >= 0 {
		return // of an object the pack read what it could
	}
	if w.ev.Has(w.engine.f.srcIP) || w.ev.Has(w.engine.f.dstIP) {
		return // it read it, but for a value
	}
	for range w.ev.Vendor {
		return
	}
	w.fallBack()
}

// nobodys reads a line inside another that no pack knows as the last resort reads a line
// that stands alone: what it says of itself is laid over the envelope's. A pack that says what
// its own lines are about knows better.
func (w *Worker) nobodys() {
	if w.engine.fallback == nil || w.ev.Has(w.engine.f.category) {
		return
	}
	w.text = strings.TrimLeft(w.head.Message, " ")
	if f := &w.engine.f; w.head.Found() || !w.ev.Has(f.message) {
		w.ev.SetText(f.message, w.text)
	}
	w.fallBack()
	w.inner = "" // an object behind a word or two is too deep
}

// fallBack runs the steps of the last resort.
func (w *Worker) fallBack() {
	p := w.engine.fallback
	b := p.body()
	if b.leaves != nil {
		w.exprs = w.machine(p, b)
	}
	b.steps.run(&w.run)
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}
