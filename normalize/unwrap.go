package normalize

import "strings"

// maxWrapped is how deep lines may be wrapped in each other.
const maxWrapped = 3

// layer is a pack that has read a line which wraps another, and the form of its object that it has read.
type layer struct {
	pack     *pack
	unfolded nestedForm
}

// unwrap reads the line that a pack found inside its own (the step inner): its
// header and pack are found as for any line, and its fields laid over the envelope's.
// It returns the pack of the innermost line that one was found for.
func (w *Worker) unwrap(p *pack, line string) *pack {
	w.layers = append(w.layers[:0], layer{p, w.unfolded})
	before := "" // the text inside that was read last
	for range maxWrapped {
		if w.inner == "" || p == nil {
			return p
		}
		text, failed := w.inner, w.ev.Has(w.engine.f.unparsed)
		if w.untried(); !p.generic { // an object in an object is read as one too
			w.look.tried = append(w.look.tried, p)
		}
		inside := w.inside(text)
		if w.list.named != nil { // the input names the pack of what stands in the list
			inside, w.list.named, w.look.common = w.list.named, nil, false
		}
		plain := w.unknown == nil
		outside := w.over(inside, text, before)
		if inside == nil {
			w.nobodysInside(plain, failed)
			return p
		}
		first := layer{inside, w.unfolded.kept()}
		w.read(inside)
		switch doubted, common := w.doubts(), w.strange(); {
		case failed || inside.generic || !doubted && !w.ev.Has(w.engine.f.unparsed):
		case common:
			w.look.nameless = true
			other := w.inside(text)
			w.look.nameless = false
			if other == nil { // nobody's
				w.instead(layer{}, line)
				w.nobodysInside(plain, failed)
				return p
			}
			first = layer{other, w.unfolded.kept()}
			text, outside = w.instead(first, line)
		default:
			first, text, outside = w.others(first, text, outside, line)
		}
		w.familiar(outside)
		before, p = text, first.pack
		w.layers = append(w.layers, first)
	}
	return p
}

// others gives the line inside, which the pack of first could not read or doubts, to the next packs that
// recognize it. Where none reads it, the first keeps it.
func (w *Worker) others(first layer, text string, outside said, line string) (layer, string, said) {
	candidates, doubted, again := maxCandidates, w.doubts(), false
	if doubted {
		candidates = 1
	}
	for p := first.pack; candidates > 0; candidates-- {
		w.tried(p)
		if p = w.inside(text); p == nil || p.generic {
			break
		}
		next := layer{p, w.unfolded.kept()}
		text, outside = w.instead(next, line)
		if (!doubted || w.told) && !w.ev.Has(w.engine.f.unparsed) {
			return next, text, outside
		}
		again = true
	}
	if again {
		text, outside = w.instead(first, line)
	}
	return first, text, outside
}

// nobodysInside ends the reading where no pack knows the line inside: plain says that the pack around
// it has no steps for such, failed that it could not read its own part.
func (w *Worker) nobodysInside(plain, failed bool) {
	w.inner = ""
	w.headerFields(w.engine.fallback)
	if plain && !failed {
		w.nobodys()
	}
}

// over readies the event for the pack of the line inside, text; before is that which was read before it.
func (w *Worker) over(inside *pack, text, before string) said {
	outside := w.foreign(inside)
	if outside.message != "" && outside.message == before { // what wraps text is no message of it
		outside.message = text
	}
	return outside
}

// instead reads the line inside with another pack. What was read of it goes, and the texts that were made for it:
// what is around it is read anew. It returns the line and what was said around it.
func (w *Worker) instead(other layer, line string) (text string, outside said) {
	if w.list.alone() {
		w.unfolded = w.layers[0].unfolded
		w.readHeader(line)
		w.again(w.layers[0].pack, line)
	} else {
		w.element()
		w.list.named = nil // it was asked for
	}
	for i := range w.layers {
		next := other
		if i+1 < len(w.layers) {
			next = w.layers[i+1]
		}
		before := text
		text = w.inner
		w.readHeader(text)
		w.unfolded = next.unfolded
		outside = w.over(next.pack, text, before)
		w.read(next.pack)
		if i+1 < len(w.layers) {
			w.familiar(outside)
		}
	}
	return text, outside
}

// kept is the form for a time when the text that it was told by is gone.
func (n nestedForm) kept() nestedForm {
	n.flat = strings.Clone(n.flat)
	return n
}

// inside reads the header of a wrapped line and finds its pack.
func (w *Worker) inside(text string) *pack {
	w.readHeader(text)
	return w.find(nil)
}
