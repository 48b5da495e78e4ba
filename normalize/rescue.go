package normalize

import "strings"

// generally reads a text that its pack could not read as the text of an unknown device is
// read: what is self-evident in it fills what the pack left. A pack that is told by a
// program's name alone is asked for lines of other programs of that name, too.
func (w *Worker) generally() {
	p := w.engine.fallback
	if p == nil || w.inner != "" || strings.IndexByte("{[<", firstByte(w.text)) >= 0 || strings.IndexByte(w.text, '{') >= 0 {
		return // of an object the pack read what it could
	}
	if w.ev.Has(w.engine.f.srcIP) || w.ev.Has(w.engine.f.dstIP) {
		return // it read it, but for a value
	}
	for range w.ev.Vendor {
		return
	}
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
