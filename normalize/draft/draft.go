package draft

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"sluice/event"
)

// Draft is a pack that was written by a machine, for a person to mend.
type Draft struct {
	Pack   []byte
	Shapes []Shape // the most frequent first
	Left   int     // lines that are too long, or beyond the bounds on shapes
}

// Shape is one pattern of the draft.
type Shape struct {
	Pattern string
	Lines   int
	Example string
}

// Make drafts a pack for messages: lines without their syslog header, which named these
// programs, one a message or "".
func Make(name string, messages, programs []string) Draft {
	switch {
	case share(messages, isObject) > 0.8:
		return keyed(name, messages, "json")
	case share(messages, isPairs) > 0.8:
		return keyed(name, messages, "kv")
	}
	d := newDrain()
	for _, m := range messages {
		d.add(m)
	}
	slices.SortStableFunc(d.clusters, func(a, b *cluster) int { return b.count - a.count })
	out := Draft{Left: d.left}
	vars := map[string]bool{}
	for _, c := range d.clusters {
		out.Shapes = append(out.Shapes, Shape{c.pattern(vars), c.count, c.example})
	}
	out.Pack = out.free(name, vars, programs)
	return out
}

func share(messages []string, is func(string) bool) float64 {
	n := 0
	for _, m := range messages {
		if is(m) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(messages)))
}

func isObject(m string) bool {
	m = strings.TrimSpace(m)
	return strings.HasPrefix(m, "{") && json.Valid([]byte(m))
}

func isPairs(m string) bool { return strings.Count(m, "=") >= 4 && !strings.HasPrefix(m, "<") }

// quote writes a YAML text in double quotes.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func head(b *strings.Builder, name, recognize string) {
	fmt.Fprintf(b, "pack: %s\ntitle: %s, drafted; check every guess\nrecognize:\n- %s\n", name, strings.ReplaceAll(name, "_", " "), recognize)
}

const (
	// maxPack is from where on a draft takes no more shapes: a file of more than 1 MiB is no pack.
	maxPack = 512 << 10
	// maxKeys is how many keys are listed; where there are more, they are values of the device.
	maxKeys = 1000
	maxKey  = 200 // bytes of one
)

// maxPrograms is from where on programs tell a host rather than a product.
const maxPrograms = 8

// free writes the pack of free text.
func (d *Draft) free(name string, vars map[string]bool, programs []string) []byte {
	var b strings.Builder
	lit := ""
	if len(d.Shapes) > 0 {
		lit = literal(d.Shapes[0].Pattern)
	}
	recognize := quote(lit)
	if by := distinct(programs); by != nil {
		for i := range by {
			by[i] = quote(by[i])
		}
		recognize = "program: [" + strings.Join(by, ", ") + "]"
	} else if len(lit) < 3 {
		recognize = "program: [" + name + "]   # nothing in the text tells these lines: name the program of the header, or a text"
	}
	head(&b, name, recognize)
	if len(vars) > 0 {
		names := make([]string, 0, len(vars))
		for v := range vars {
			names = append(names, v)
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "vars: [%s]\n", strings.Join(names, ", "))
	}
	b.WriteString("steps:\n- maybe:\n")
	for i, s := range d.Shapes {
		if b.Len() > maxPack {
			for _, s := range d.Shapes[i:] {
				d.Left += s.Lines
			}
			d.Shapes = d.Shapes[:i]
			break
		}
		fmt.Fprintf(&b, "  - %s # %d lines\n", quote(s.Pattern), s.Lines)
	}
	b.WriteString("- glean: {}\n")
	return []byte(b.String())
}

// distinct are the programs, sorted; nil where a line has none or they are too many.
func distinct(programs []string) []string {
	by := slices.Compact(slices.Sorted(slices.Values(programs)))
	if len(by) == 0 || len(by) > maxPrograms || by[0] == "" {
		return nil
	}
	return by
}

// literal is the longest text between captures.
func literal(pattern string) string {
	best := ""
	for _, part := range strings.FieldsFunc(pattern, func(r rune) bool { return r == '{' || r == '}' }) {
		if part = strings.TrimSpace(part); len(part) > len(best) && strings.Contains(pattern, "}"+part) || best == "" && strings.HasPrefix(pattern, part) {
			best = part
		}
	}
	return best
}

// pattern writes the cluster as a pattern; the scratch variables that it uses go to vars.
func (c *cluster) pattern(vars map[string]bool) string {
	var b strings.Builder
	used := map[string]bool{}
	for i, w := range c.words {
		if i > 0 {
			b.WriteByte(' ')
		}
		if w != "" && isParameter(w) {
			c.samples[i] = []string{w} // one line is enough to know an address or a number
		} else if w != "" {
			b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(w))
			continue
		}
		before := ""
		for j := i - 1; j >= 0 && before == ""; j-- {
			before = strings.ToLower(strings.Trim(c.words[j], ":=,()[]\"'"))
			if c.words[j] == "" {
				break
			}
		}
		pre, mid, post := affixes(c.samples[i])
		if key := strings.ToLower(strings.Trim(pre, `:="'[(`)); key != "" {
			before = key
		}
		target := guess(before, mid, used)
		if strings.HasPrefix(target, "_") {
			vars[strings.SplitN(target, ":", 2)[0]] = true
		}
		esc := strings.NewReplacer("{", "{{", "}", "}}")
		b.WriteString(esc.Replace(pre) + "{" + target + "}" + esc.Replace(post))
	}
	return b.String()
}

// closing is what may stand behind a value.
const closing = `,;:"')]>.`

// isParameter says whether a word is an address or a number, perhaps behind its key, in
// brackets or quotes.
func isParameter(w string) bool {
	v := strings.TrimRight(w[strings.LastIndexAny(w, `="'([<`)+1:], closing)
	return isEndpoint(v) || isInt(v)
}

func isAddr(v string) bool { _, ok := event.ParseAddr(v); return ok }

func isAddrPort(v string) bool { _, err := netip.ParseAddrPort(v); return err == nil }

func isEndpoint(v string) bool { return isAddr(v) || isAddrPort(v) }

func isInt(v string) bool { return v != "" && strings.Trim(v, "0123456789") == "" }

// affixes splits the values of one word into what all share at both ends, up to
// punctuation, and what differs.
func affixes(values []string) (pre string, mid []string, post string) {
	if len(values) == 0 {
		return "", nil, ""
	}
	pre, post = values[0], values[0]
	for _, v := range values[1:] {
		for !strings.HasPrefix(v, pre) {
			pre = pre[:len(pre)-1]
		}
		for !strings.HasSuffix(v, post) {
			post = post[1:]
		}
	}
	first := values[0]
	pre = pre[:strings.LastIndexAny(pre, `=:"'([</`)+1]
	if at := strings.LastIndexAny(first, `="'([</`) + 1; isEndpoint(strings.TrimRight(first[at:], closing)) {
		pre = first[:at] // the colons and points that follow are the address's own
		post = post[len(strings.TrimRight(post, closing)):]
	} else if i := strings.IndexAny(post, closing); i >= 0 {
		post = post[i:]
	} else {
		post = ""
	}
	for _, v := range values {
		if len(v) < len(pre)+len(post) || !strings.HasPrefix(v, pre) {
			return "", values, ""
		}
		mid = append(mid, v[len(pre):len(v)-len(post)])
	}
	return pre, mid, post
}

// places are fields by the word that stands before a value.
var places = map[string]string{
	"from": "source", "src": "source", "client": "source", "srcip": "source", "source": "source", "rhost": "source",
	"to": "destination", "dst": "destination", "server": "destination", "dest": "destination", "dstip": "destination", "destination": "destination",
}

var words = map[string]string{
	"user": "user.name", "username": "user.name", "for": "user.name", "port": "source.port", "pid": "process.pid", "interface": "observer.ingress.interface.name",
	"status": "http.response.status_code", "method": "http.request.method", "reason": "event.reason", "action": "event.action", "rule": "rule.name", "size": "_size", "bytes": "network.bytes",
}

// guess names the field of a variable by what stands before it and what its values are.
func guess(before string, values []string, used map[string]bool) string {
	all := func(is func(string) bool) bool {
		return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !is(v) })
	}
	take := func(name, typ string) string {
		if used[name] {
			return ""
		}
		used[name] = true
		return name + typ
	}
	switch {
	case all(isEndpoint):
		typ := ":addr"
		if !all(isAddr) {
			typ = ":hostport"
		}
		side := places[before]
		if side == "" {
			side = "source"
		}
		if t := take(side, typ); t != "" {
			return t
		}
		if t := take("destination", typ); t != "" {
			return t
		}
	case all(func(v string) bool { return strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") }):
		if t := take("url", ":url"); t != "" {
			return t
		}
	case words[before] != "":
		name, typ := words[before], ""
		if number(name) && !all(isInt) {
			break
		}
		if number(name) {
			typ = ":int"
		}
		if t := take(name, typ); t != "" {
			return t
		}
	}
	typ := ""
	if all(isInt) {
		typ = ":int"
	}
	base := "_" + strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, before), "_")
	if base == "_" || len(base) > 30 {
		base = "_value"
	}
	name := base
	for n := 2; used[name]; n++ {
		name = fmt.Sprintf("%s%d", base, n)
	}
	used[name] = true
	return name + typ
}

// number says whether a guessed field is numeric.
func number(name string) bool {
	return strings.HasSuffix(name, ".port") || strings.HasSuffix(name, ".pid") || strings.HasSuffix(name, "_code") || strings.HasSuffix(name, ".bytes")
}

// keyed writes the pack of lines whose keys tell what they hold: the dictionary of
// known keys does the work, and the keys are listed for the author.
func keyed(name string, messages []string, verb string) Draft {
	count, example := map[string]int{}, map[string]string{}
	for _, m := range messages {
		for k, v := range keysOf(m, verb) {
			if len(k) > maxKey {
				continue
			}
			if count[k]++; example[k] == "" {
				example[k] = v
			}
		}
	}
	keys := make([]string, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	recognize := "format: kv   # replace by texts that only this device writes"
	if verb == "json" {
		var always []string
		for _, k := range keys {
			if count[k] == len(messages) && len(always) < 4 {
				always = append(always, quote(k))
			}
		}
		recognize = "json: [" + strings.Join(always, ", ") + "]   # keep what only this source has"
		if len(always) == 0 {
			recognize = "format: json   # no key is in every object"
		}
	}
	head(&b, name, recognize)
	if verb == "json" {
		b.WriteString("message: false\n")
	}
	fmt.Fprintf(&b, "steps:\n- %s: {} # key: field, for what known does not know\n", verb)
	for i, k := range keys {
		if i == maxKeys {
			fmt.Fprintf(&b, "#   and %d keys more\n", len(keys)-i)
			break
		}
		v := example[k]
		if len(v) > 60 {
			v = v[:60]
		}
		fmt.Fprintf(&b, "#   %s: _   # in %d of %d, such as %s\n", quote(k), count[k], len(messages), quote(strings.ToValidUTF8(v, "")))
	}
	b.WriteString("- known: {}\n")
	is := isPairs
	if verb == "json" {
		is = isObject
	}
	return Draft{Pack: []byte(b.String()), Shapes: []Shape{{Pattern: verb, Lines: len(messages), Example: messages[slices.IndexFunc(messages, is)]}}}
}

// keysOf are the keys of one message with their values.
func keysOf(m, verb string) map[string]string {
	out := map[string]string{}
	if verb == "json" {
		var obj map[string]any
		if json.Unmarshal([]byte(m), &obj) == nil {
			flatten("", obj, out)
		}
		return out
	}
	for _, w := range strings.Fields(m) {
		if k, v, ok := strings.Cut(w, "="); ok && k != "" {
			out[strings.Trim(k, `,;"`)] = strings.Trim(v, `,;"`)
		}
	}
	return out
}

func flatten(at string, obj map[string]any, out map[string]string) {
	for k, v := range obj {
		path := k
		if at != "" {
			path = at + "." + k
		}
		if sub, ok := v.(map[string]any); ok {
			flatten(path, sub, out)
			continue
		}
		text, _ := json.Marshal(v)
		out[path] = strings.Trim(string(text), `"`)
	}
}
