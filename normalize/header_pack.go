package normalize

import (
	"slices"
	"strings"
	"time"

	"sluice/internal/strictyaml"
	"sluice/internal/zone"
	"sluice/normalize/header"
)

// reading is how a line's header was read: the pack is only known behind it, and may
// want it otherwise.
type reading struct {
	text    string // of the line
	zone    *time.Location
	named   bool // zone is the input's
	adapted bool // to a pack
}

// readHeader reads the header of a line as one does who does not know its pack.
func (w *Worker) readHeader(text string) {
	w.header.text, w.header.adapted, w.zone = text, false, w.header.zone
	w.reader.Read(&w.head, w.readable(text), w.now, w.zone)
}

// adapt reads the header as p wants it: with the zone of its devices' clocks, unless the
// input names one, or not at all. What a relay put in front, with a priority or with p's
// program and its number, is a header all the same.
func (w *Worker) adapt(p *pack) {
	if w.header.adapted {
		w.readHeader(w.header.text)
	}
	if p == nil {
		return
	}
	if p.zone != nil && !w.header.named {
		w.zone, w.header.adapted = p.zone, true
		if w.head.HasTime {
			w.reader.Read(&w.head, w.readable(w.header.text), w.now, w.zone)
		}
	}
	if p.bare && w.head.Pri < 0 && !p.signs(&w.head) {
		w.header.adapted = true
		w.head = header.Header{Pri: -1, Message: header.TrimEnd(w.readable(w.header.text))}
	}
}

// signs says whether a header names one of the pack's programs, with the number of its process,
// as no line of a program's own file does.
func (p *pack) signs(h *header.Header) bool {
	return h.PID != "" && slices.ContainsFunc(p.recognize, func(r rule) bool { return slices.Contains(r.programs, h.Program) })
}

// ofFile takes the first word behind a time for what it is mostly where no pack knows the line:
// not the host, but the first word of what a program wrote into its own file.
func (w *Worker) ofFile() {
	h := &w.head
	h.Host, h.Program, h.Path, h.PID, h.Message = "", "", "", "", h.Text
	w.header.adapted = true
}

// programsOf are the programs that headers are read by before it is known whose a line is.
func programsOf(packs []*pack) header.Programs {
	out := header.Programs{Unnumbered: map[string]bool{}, First: map[string]bool{}, Known: map[string]bool{}}
	for _, p := range packs {
		for _, name := range p.unnumbered {
			out.Unnumbered[name] = true
		}
		for _, r := range p.recognize {
			for _, name := range r.programs {
				out.Known[name] = true
				if first, _, several := strings.Cut(name, " "); several {
					out.First[first] = true
				}
			}
		}
	}
	return out
}

// zone reads zone: Europe/Berlin.
func (l *loader) zone(n *strictyaml.Node) *time.Location {
	z, err := zone.Load(n.Value)
	switch {
	case err != nil:
		l.Fail(n, "zone: %v", err)
	case n.Value == "" || n.Value == "Local":
		l.Fail(n, "zone: a pack's lines come from everywhere; name the zone, such as Europe/Berlin")
	}
	return z
}
