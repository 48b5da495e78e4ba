package sigma

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/rules"
)

// span1 is the window of an aggregation of Sigma 1 without a timeframe, which was then
// whatever period a search was run over.
const span1 = time.Hour

// aggregation is one of Sigma 1: `selection | count(field) by other > 5`, or
// `a | near b and not c`. What Sigma 2 has correlations for.
type aggregation struct {
	function string
	field    string   // "": events are counted
	by       []string // what makes the key
	op       string
	x        float64

	near []nearby // of near, instead of all that
}

// nearby is a selection that has to be met, or must not be, near the one before the bar.
type nearby struct {
	name string
	not  bool
}

var (
	aggregated = regexp.MustCompile(`(?i)^\s*(count|min|max|avg|sum)\s*\(\s*([^()\s]*)\s*\)(?:\s+by\s+([^<>=]+?))?\s*(<=|>=|==|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*$`)
	nearWord   = regexp.MustCompile(`(?i)^\s*near\s+(.*)$`)
	nearName   = regexp.MustCompile(`(?i)^(?:(not)\s+)?([^\s()]+)$`)
	andWord    = regexp.MustCompile(`(?i)\s+and\s+`)
)

// aggregators are the functions that reckon with numbers, and operators1 the comparisons.
var (
	aggregators = map[string]string{"avg": "average", "max": "maximum", "min": "minimum", "sum": "sum"}
	operators1  = map[string]string{">": "above", ">=": "at_least", "<": "below", "<=": "at_most", "=": "equal", "==": "equal"}
)

// aggregate reads what stands behind the bar of a condition; nil: it is no aggregation.
func aggregate(text string) *aggregation {
	if m := aggregated.FindStringSubmatch(text); m != nil {
		a := &aggregation{function: strings.ToLower(m[1]), field: m[2], op: operators1[m[4]]}
		for _, name := range strings.Split(m[3], ",") {
			if name = strings.TrimSpace(name); name != "" {
				a.by = append(a.by, name)
			}
		}
		a.x, _ = strconv.ParseFloat(m[5], 64)
		return a
	}
	m := nearWord.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	a := &aggregation{}
	for _, one := range andWord.Split(strings.TrimSpace(m[1]), -1) {
		n := nearName.FindStringSubmatch(one)
		if n == nil {
			return nil
		}
		a.near = append(a.near, nearby{n[2], n[1] != ""})
	}
	return a
}

// bar is the condition of a detection that has an aggregation, cut at the bar; nil: it has none.
func bar(detection *strictyaml.Node) (cond *strictyaml.Node, before, behind string) {
	cond = entry(detection, "condition")
	if cond == nil || cond.Kind != strictyaml.Scalar {
		return nil, "", ""
	}
	before, behind, ok := strings.Cut(cond.Value, "|")
	if !ok {
		return nil, "", ""
	}
	return cond, before, behind
}

// aggregationNames calls add with the fields that the aggregation of a detection names.
func aggregationNames(detection *strictyaml.Node, add func(string)) {
	if cond, _, behind := bar(detection); cond != nil {
		if a := aggregate(behind); a != nil {
			for _, name := range append(a.by, a.field) {
				if name != "" {
					add(name)
				}
			}
		}
	}
}

// aggregation translates a detection of Sigma 1 over several events.
func (r *reader) aggregation(doc *strictyaml.Node, out *rules.Foreign) error {
	detection := entry(doc, "detection")
	cond, before, behind := bar(detection)
	at := *cond
	if !strings.Contains(cond.Value, "\n") {
		at.Column += len(before)
	}
	a := aggregate(behind)
	if a == nil {
		return r.refuse(Aggregation, &at, "", "an aggregation of Sigma 1 is count, min, max, avg or sum of (a field), compared with a number, or near with names of selections")
	}
	over := &rules.Over{Window: span1, Decides: written(detection) + written(entry(doc, "logsource"))}
	for k, v := range pairs(doc) {
		if strings.HasPrefix(k.Value, filterKey) {
			over.Decides += written(v)
		}
	}
	if n := entry(detection, "timeframe"); n != nil {
		var err error
		if over.Window, err = r.window(n, "timeframe", Aggregation); err != nil {
			return err
		}
	}
	texts := []string{before}
	for _, n := range a.near {
		texts = append(texts, n.name)
	}
	trees, err := r.around(doc, func(detection *strictyaml.Node) ([]*condition.Node, error) { return r.several(detection, cond, texts) })
	if err != nil {
		return err
	}
	out.Over = over
	if a.near != nil {
		a.close(trees, over)
		return nil
	}
	out.When = trees[0]
	return r.counted(a, &at, over)
}

// several lowers conditions over the selections of a detection, each by itself.
func (r *reader) several(detection, cond *strictyaml.Node, texts []string) ([]*condition.Node, error) {
	parts, names, err := r.selections(detection)
	if err != nil {
		return nil, err
	}
	out := make([]*condition.Node, len(texts))
	for i, text := range texts {
		n := *cond
		n.Value = text
		if i > 0 { // behind the bar
			_, behind, _ := strings.Cut(cond.Value, "|")
			n.Column += len(cond.Value) - len(behind) + max(strings.Index(behind, text), 0)
		}
		if out[i], err = r.condition(&n, names, parts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// close makes near what it is: events of several sorts within a window, of whatever key.
func (a *aggregation) close(trees []*condition.Node, over *rules.Over) {
	must, not := uint32(1), uint32(0)
	for i, n := range a.near {
		if n.not {
			not |= 2 << i
		} else {
			must |= 2 << i
		}
	}
	over.Kind, over.Steps, over.Reads = rules.KindUnordered, trees, []rules.Read{{}}
	over.Seen = func(steps uint32) bool { return steps&must == must && steps&not == 0 }
}

// counted makes an aggregation a threshold where a least number decides, else an aggregate.
func (r *reader) counted(a *aggregation, at *strictyaml.Node, over *rules.Over) error {
	read := rules.Read{}
	for _, name := range a.by {
		read.Key = append(read.Key, r.fields(name))
	}
	if a.field != "" {
		read.Value = [][]event.Field{r.fields(a.field)}
	}
	for _, fields := range slices.Concat(read.Key, read.Value) {
		if len(fields) == 0 {
			return r.fail(at, "", "a field of the aggregation was not numbered")
		}
	}
	over.Reads, over.Value, over.Kind = []rules.Read{read}, a.field, rules.KindAggregate
	for i, name := range a.by {
		over.GroupBy = append(over.GroupBy, called(r.schema, name, over.Reads, i))
	}
	limit := rules.Limit{Op: a.op, X: a.x}
	switch {
	case a.function != "count" && a.field == "":
		return r.refuse(Aggregation, at, "", "%s needs a field, such as %s(bytes)", a.function, a.function)
	case a.function != "count":
		over.Function = aggregators[a.function]
	case a.x != float64(int(a.x)) || a.x < 0:
		return r.refuse(Aggregation, at, "", "%v is not a count", a.x)
	case a.op == "above" || a.op == "at_least":
		over.Kind, over.Count = rules.KindThreshold, int(a.x)
		if a.op == "above" {
			over.Count++
		}
		if over.Count == 0 {
			return r.refuse(Aggregation, at, "", "the condition is always true")
		}
		return nil
	case a.field != "":
		over.Function = "distinct"
	default:
		over.Function = "count"
	}
	over.Count, over.Limits = 1, []rules.Limit{limit}
	return nil
}
