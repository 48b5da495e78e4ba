package condition

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sluice/event"
	"sluice/internal/cidr"
	"sluice/internal/dfa"
)

// Op is the question of a leaf.
type Op uint8

// The questions. A list of operands asks whether any of them holds.
const (
	Exists    Op = iota // the field is set
	Equal               // the text is one of Values
	Prefix              // it starts with one
	Suffix              // it ends with one
	Contains            // it contains one
	Glob                // it fits one of Globs
	Regex               // one of Regexps finds something
	CIDR                // it is an address in one of Nets
	EqualNum            // it is one of Numbers
	Less                // it is less than Numbers[0]
	LessEq              //
	Greater             //
	GreaterEq           //
	SameAs              // it stands in relation Sub to field Other
	Program             // expr's machine decides
)

// Any as a leaf's field stands for every value of the event.
const Any event.Field = 0xffff

// Number is a constant that numbers and times are compared with; a time is its
// nanoseconds since 1970.
type Number struct {
	Int   int64
	Float float64
	Whole bool // Int is exact
}

// Leaf is one question about one field of an event.
type Leaf struct {
	Field   event.Field
	Also    []event.Field // where it stands if Field is not set: the first that is set answers
	Op      Op
	Cased   bool // compare bytes; else folded texts with Values that the caller has folded
	Values  []string
	Globs   []Wild
	Regexps []*regexp.Regexp
	Nets    []netip.Prefix
	Numbers []Number
	Other   event.Field
	Part    Part // compare that part of a time with Numbers instead of the value
	Sub     Op   // of SameAs: Equal, Prefix, Suffix, Contains or an order; likewise of a program
	program *program
	of      *measured // what a program compares with its Values or Numbers, by Sub; nil: it does not
	Text    string    // as the rule says it; Add hands these three to the node
	Line    int
	Column  int

	most   int                 // bytes of a text that a regular expression reads; 0: all
	set    map[string]struct{} // Values of a long Equal
	ends   map[uint32][]string // of a long Prefix or Suffix, by the four bytes at the text's end; 0: shorter ones
	fits   []*dfa.Matcher      // by regular expression
	need   [][][]string        // by regular expression: inOrder; nil: asking for so many takes longer than the expression
	least  []int               // by regular expression: the fewest bytes that it fits
	many   *search             // many Values that are searched for at once
	hint   *hint               // of a Contains of any field
	across bool                // no Value of a Contains reaches over textEnd
	wide   bool                // all Values hold more than ASCII
}

// maxNeeded is how many texts are looked for before a regular expression is asked.
const maxNeeded = 4

// search is built when it is first asked: most leaves never are.
type search struct {
	once  sync.Once
	grams *grams
}

// shortText is where searching for each of a few literals is as fast.
const shortText = 24

// any says whether one of the values stands in text.
func (s *search) any(values []string, text string) bool {
	s.once.Do(func() {
		lits := make([]gramText, len(values))
		for i, v := range values {
			lits[i] = gramText{text: v}
		}
		s.grams = newGrams(lits, maxStride, 0)
	})
	return s.grams.any(text)
}

// manyValues is where a map beats comparing one by one.
const manyValues = 8

// prepare builds what test needs.
func (l *Leaf) prepare() {
	if l.Op == Equal && len(l.Values) > manyValues {
		l.set = make(map[string]struct{}, len(l.Values))
		for _, v := range l.Values {
			l.set[v] = struct{}{}
		}
	}
	if (l.Op == Prefix || l.Op == Suffix) && len(l.Values) > manyValues {
		l.ends = make(map[uint32][]string, len(l.Values))
		for _, v := range l.Values {
			at := l.end(v)
			l.ends[at] = append(l.ends[at], v)
		}
	}
	if l.Op == Contains && len(l.Values) >= manyValues {
		l.many = &search{}
	}
	if l.Op == Contains && l.Field == Any {
		l.hint = &hint{}
	}
	l.across = !slices.ContainsFunc(l.Values, func(v string) bool { return strings.Contains(v, textEnd) })
	l.wide = len(l.Values) > 0 && !slices.ContainsFunc(l.Values, isASCII)
	for _, re := range l.Regexps {
		need := inOrder(re.String())
		if n := len(slices.Concat(need...)); n > maxNeeded {
			need = nil
		}
		l.need = append(l.need, need)
		l.fits = append(l.fits, dfa.New(re))
		l.least = append(l.least, fewest(re.String()))
	}
}

// test answers the leaf's question for the machine's event.
func (l *Leaf) test(m *Machine) bool {
	if l.Op == Program {
		return l.program.decide(m)
	}
	if l.Field == Any {
		return l.any(m)
	}
	f, v := l.Field, m.ev.Get(l.Field)
	for i := 0; v == nil && i < len(l.Also); i++ {
		f, v = l.Also[i], m.ev.Get(l.Also[i])
	}
	return v != nil && l.value(m, f, v)
}

// any asks about every value of the event.
func (l *Leaf) any(m *Machine) bool {
	switch {
	case l.Part != 0:
	case l.Op == Contains && !l.Cased && l.across:
		if !l.hint.mayHold(m, l.Values) {
			return false
		}
		joined := m.joined()
		return l.text(joined, joined)
	case l.Op >= Equal && l.Op <= Regex:
		for _, t := range m.allTexts() {
			if l.text(t.text, t.fold) {
				return true
			}
		}
		return false
	}
	for f, v := range m.ev.Range {
		if l.value(m, f, v) {
			return true
		}
	}
	return false
}

// value asks about one value.
func (l *Leaf) value(m *Machine, f event.Field, v *event.Value) bool {
	switch {
	case l.Op == Exists:
		return true
	case l.Op == SameAs:
		return l.sameAs(m, f, v)
	case l.Part != 0:
		return l.part(m, f, v)
	case v.IsList():
		items := m.ev.List(f)
		folds := items
		if !l.Cased || l.Op == Regex {
			folds = m.folds(f, items)
		}
		for i := range items {
			if l.text(items[i], folds[i]) {
				return true
			}
		}
		return false
	case l.Op >= EqualNum && l.Op <= GreaterEq:
		return l.number(v)
	case l.Op == CIDR && v.Type() == event.IP:
		return l.inNets(v.Addr())
	}
	text := m.text(v)
	fold := text
	if !l.Cased || l.Op == Regex {
		fold = m.fold(f, text)
	}
	return l.text(text, fold)
}

// text asks about one text and its folded form.
func (l *Leaf) text(text, fold string) bool {
	if l.Op == Regex {
		if l.most > 0 && len(text) > l.most {
			text = text[:l.most]
		}
		for i, re := range l.fits {
			if len(text) >= l.least[i] && !missing(fold, l.need[i]) && re.MatchString(text) {
				return true
			}
		}
		return false
	}
	if !l.Cased {
		text = fold
	}
	switch l.Op {
	case Glob:
		for i := range l.Globs {
			if l.Globs[i].Match(text) {
				return true
			}
		}
		return false
	case CIDR:
		a, err := netip.ParseAddr(text)
		return err == nil && l.inNets(a)
	case EqualNum, Less, LessEq, Greater, GreaterEq:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return l.ints(n)
		}
		x, err := strconv.ParseFloat(text, 64)
		return err == nil && l.floats(x)
	}
	if l.wide && isASCII(text) { // a rule lists a thousand emojis, most command lines have none
		return false
	}
	if l.many != nil && len(text) > shortText {
		return l.many.any(l.Values, text)
	}
	if l.set != nil {
		_, ok := l.set[text]
		return ok
	}
	if l.ends != nil {
		end := l.end(text)
		return l.is(text, l.ends[end]) || end != 0 && l.is(text, l.ends[0])
	}
	return l.is(text, l.Values)
}

// is says whether one of the values holds.
func (l *Leaf) is(text string, values []string) bool {
	for _, v := range values {
		if compare(l.Op, text, v) {
			return true
		}
	}
	return false
}

// end is the four bytes of a text that a Prefix or Suffix looks at first; 0: it has fewer.
func (l *Leaf) end(text string) uint32 {
	switch {
	case len(text) < 4:
		return 0
	case l.Op == Prefix:
		return gramAt(text, 0)
	}
	return gramAt(text, len(text)-4)
}

func compare(op Op, s, v string) bool {
	switch op {
	case Equal:
		return s == v
	case Prefix:
		return strings.HasPrefix(s, v)
	case Suffix:
		return strings.HasSuffix(s, v)
	case Contains:
		return strings.Contains(s, v)
	}
	return order(op, s, v)
}

func order[T int64 | float64 | string](op Op, a, b T) bool {
	switch op {
	case EqualNum, Equal:
		return a == b
	case Less:
		return a < b
	case LessEq:
		return a <= b
	case Greater:
		return a > b
	case GreaterEq:
		return a >= b
	}
	return false
}

func (l *Leaf) number(v *event.Value) bool {
	switch v.Type() {
	case event.Long:
		return l.ints(v.Int())
	case event.Double:
		return l.floats(v.Float())
	case event.Date:
		return l.ints(v.Time().UnixNano())
	case event.Bool, event.IP:
		return false
	}
	return l.text(v.Text(), "")
}

func (l *Leaf) ints(n int64) bool {
	for _, k := range l.Numbers {
		if k.Whole && order(l.Op, n, k.Int) || !k.Whole && order(l.Op, float64(n), k.Float) {
			return true
		}
	}
	return false
}

func (l *Leaf) floats(x float64) bool {
	for _, k := range l.Numbers {
		if order(l.Op, x, k.Float) {
			return true
		}
	}
	return false
}

func (l *Leaf) inNets(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, n := range l.Nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// sameAs compares the value with another field's: as numbers or addresses where both
// are such, else as texts; lists any with any.
func (l *Leaf) sameAs(m *Machine, f event.Field, v *event.Value) bool {
	o := m.ev.Get(l.Other)
	if o == nil {
		return false
	}
	if !v.IsList() && !o.IsList() && v.Type() == o.Type() {
		switch v.Type() {
		case event.Long:
			return order(l.Sub, v.Int(), o.Int())
		case event.Date:
			return order(l.Sub, v.Time().UnixNano(), o.Time().UnixNano())
		case event.Double:
			return order(l.Sub, v.Float(), o.Float())
		case event.IP:
			if l.Sub == Equal {
				return v.Addr().Unmap() == o.Addr().Unmap()
			}
		case event.Keyword, event.Bool, event.JSON:
		}
	}
	left, right := m.texts(f, v, l.Cased), m.texts(l.Other, o, l.Cased)
	is := func(a, b string) bool { return compareBoth(l.Sub, a, b) }
	if l.Sub == Equal && (v.Type() == event.IP || o.Type() == event.IP) {
		is = sameAddress
	}
	for _, a := range left {
		for _, b := range right {
			if is(a, b) {
				return true
			}
		}
	}
	return false
}

// sameAddress compares two texts of which one is an address, which may be written in several ways.
func sameAddress(a, b string) bool {
	if a == b {
		return true
	}
	x, ok := event.ParseAddr(a)
	y, too := event.ParseAddr(b)
	return ok && too && cidr.Plain(x) == cidr.Plain(y)
}

// compareBoth is compare for two texts of an event: what sources name themselves is kept as
// text, and by size 9 comes before 10.
func compareBoth(op Op, a, b string) bool {
	if op < Less || op > GreaterEq {
		return compare(op, a, b)
	}
	n, err1 := strconv.ParseInt(a, 10, 64)
	k, err2 := strconv.ParseInt(b, 10, 64)
	if err1 == nil && err2 == nil {
		return order(op, n, k)
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 == nil && err2 == nil {
		return order(op, x, y)
	}
	return compare(op, a, b)
}

// OfText says whether the leaf asks about a text alone, so that Fits can tell.
func (l *Leaf) OfText() bool { return l.Op >= Equal && l.Op <= Regex && l.Part == 0 && l.Field != Any }

// Fits says whether the answer is yes for a field with that text.
func (l *Leaf) Fits(text string) bool { return l.text(text, Fold(text)) }
