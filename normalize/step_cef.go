package normalize

import (
	"strings"

	"sluice/internal/strictyaml"
)

// cefStep reads ArcSight CEF: seven header parts, then key=value pairs whose
// values may hold spaces. A custom field (cs1 with cs1Label=Rule Name) is looked
// up by its label. Keys that the pack does not name go under sluice.vendor.
type cefStep struct {
	header [6][]target // vendor product version id name severity
	keys   keys[[]target]
	labels keys[[]target]
	at     string
}

// cefHeader names the parts of the header in packs.
var cefHeader = [6]string{"vendor", "product", "version", "id", "name", "severity"}

// severityWords are the severities that the format knows as words, by the least number that each stands for.
var severityWords = map[string]string{"Low": "0", "Medium": "4", "High": "7", "Very-High": "9", "low": "0", "medium": "4", "high": "7", "very-high": "9", "LOW": "0", "MEDIUM": "4", "HIGH": "7"}

func (s *cefStep) apply(r *run) bool {
	text := r.text
	if i := strings.Index(text, "CEF:"); i >= 0 {
		text = text[i+4:]
	} else if i := strings.Index(text, "LEEF:"); i >= 0 {
		return s.leef(r, text[i+5:])
	} else if !strings.HasPrefix(text, "0|") && !strings.HasPrefix(text, "1|") { // some relays take CEF: for a program
		r.miss(s.at, "no CEF header", 0)
		return false
	}
	if _, rest, ok := strings.Cut(text, "|"); ok { // the format's version
		text = rest
	}
	ok := true
	for part := range s.header {
		end := unescaped(text, '|')
		if end < 0 {
			r.miss(s.at, "the CEF header ends early", len(r.text)-len(text))
			return false
		}
		value := text[:end]
		if n := severityWords[value]; n != "" && part == len(s.header)-1 && len(s.header[part]) == 1 && s.header[part][0].name == "event.severity" {
			value = n
		}
		ok = s.put(r, s.header[part], value) && ok
		text = text[end+1:]
	}
	r.told = true
	return s.extension(r, text) && ok
}

// customs are the keys that the pack does not name, with their labels.
type customs struct {
	list  []custom
	first [24]custom // what list begins with: more keys than these are rare
}

type custom struct{ key, value, label string }

// of finds or makes the entry for a key. A label stands near its value: only the
// last few entries are looked at, so that many keys cost no more than their number.
func (c *customs) of(key string) *custom {
	if c.list == nil {
		c.list = c.first[:0]
	}
	for i := len(c.list) - 1; i >= max(0, len(c.list)-len(c.first)); i-- {
		if c.list[i].key == key {
			return &c.list[i]
		}
	}
	c.list = append(c.list, custom{key: key})
	return &c.list[len(c.list)-1]
}

// extension reads the key=value pairs behind the header.
func (s *cefStep) extension(r *run, text string) bool {
	ok := true
	var cs customs
	for range maxPairs {
		key, value, rest := nextPair(text)
		if key == "" {
			break
		}
		text = rest
		ok = s.pair(r, &cs, key, value, false) && ok
	}
	return s.labelled(r, &cs, false) && ok
}

// pair reads one pair; that of a custom field waits for its label. A bare value has no escapes.
func (s *cefStep) pair(r *run, cs *customs, key, value string, bare bool) bool {
	if base, isLabel := strings.CutSuffix(key, "Label"); isLabel && s.keys.get(key) == nil {
		cs.of(base).label = bareLabel(value)
	} else if value == "" || nobody(key, value) {
		return true
	} else if ts := s.keys.get(key); ts != nil {
		if !wholeKeys[key] {
			value = bareLabel(value)
		}
		if !bare {
			value = unescapeCEF(r, key, value)
		}
		return value == "" || r.putAll(*ts, value, s.at)
	} else {
		cs.of(key).value = value
	}
	return true
}

// labelled reads the custom fields, each by its label.
func (s *cefStep) labelled(r *run, cs *customs, bare bool) bool {
	ok := true
	for _, c := range cs.list {
		if c.value == "" {
			if n := len(c.key); n > 0 && c.key[n-1]-'0' > 9 && s.keys.get(c.key) == nil { // a key of the vendor's that ends so, sensitivityLabel; cs1 alone has no value
				r.vendor(c.key+"Label", c.label)
			}
			continue
		}
		key := c.label
		if key == "" {
			key = c.key
		}
		value := bareLabel(c.value)
		if nobody(key, value) {
			continue
		}
		if !bare {
			value = unescapeCEF(r, key, value)
		}
		if ts := s.labels.get(key); ts != nil {
			ok = r.putAll(*ts, value, s.at) && ok
		} else {
			r.vendor(key, value)
		}
	}
	return ok
}

// personKeys name people in CEF and LEEF: keys of both, and labels.
var personKeys = map[string]bool{
	"suser": true, "duser": true, "sourceUserName": true, "destinationUserName": true, "usrName": true, "srcUserName": true, "dstUserName": true,
	"accountName": true, "user": true, "username": true, "userName": true, "User": true, "UserName": true, "Username": true, "User Name": true,
}

// nobody says whether a key names people and its value none: a key may not be left out, many products find.
func nobody(key, value string) bool { return isNothing(value) && personKeys[key] }

// wholeKeys hold what may be in quotes by itself.
var wholeKeys = map[string]bool{"msg": true, "message": true, "reason": true, "cmd": true, "rawEvent": true}

// bareLabel takes the quotes off that some products set around labels and their values.
func bareLabel(v string) string {
	if n := len(v); n > 1 && v[0] == '"' && v[n-1] == '"' && strings.IndexByte(v[1:n-1], '"') < 0 {
		return v[1 : n-1]
	}
	return v
}

func (s *cefStep) put(r *run, targets []target, text string) bool {
	if text == "" {
		return true
	}
	return r.putAll(targets, unescapeCEF(r, "", text), s.at)
}

// unescapeCEF takes the escapes out of a value. Many senders write paths and accounts as
// they are: C:\new is no line's end, and neither is EXAMPLE\nina.
func unescapeCEF(r *run, key, text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	replacer := cefEscapes
	switch {
	case isBarePath(text):
		replacer = cefBare
	case personKeys[key] || pathKeys[key]:
		replacer = cefOneLine
	}
	return r.ev.Own([]byte(replacer.Replace(text)))
}

// pathKeys hold paths, which have no second line.
var pathKeys = map[string]bool{
	"filePath": true, "fname": true, "fileName": true, "oldFilePath": true, "oldFileName": true, "sproc": true, "dproc": true,
	"sourceProcessName": true, "destinationProcessName": true, "deviceProcessName": true, "sntdom": true, "dntdom": true, "shost": true, "dhost": true, "dvchost": true,
	"File Path": true, "Process Path": true, "Image": true, "ParentImage": true,
}

// isBarePath says whether a value begins with a path of Windows whose backslashes are not doubled.
func isBarePath(v string) bool {
	v = strings.TrimPrefix(v, `"`)
	return len(v) > 3 && v[1] == ':' && v[2] == '\\' && v[3] != '\\' && (v[0]|0x20)-'a' < 26
}

var (
	cefEscapes = strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\|`, `|`, `\n`, "\n", `\r`, "\r")
	cefOneLine = strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\|`, `|`)
	cefBare    = strings.NewReplacer(`\=`, `=`, `\|`, `|`)
)

// nextPair reads one pair: its value ends before the last word ahead of the next
// unescaped "=".
func nextPair(text string) (key, value, rest string) {
	text = strings.TrimLeft(text, cefSpace)
	eq := unescaped(text, '=')
	if eq <= 0 {
		return "", "", ""
	}
	key, text = text[:eq], text[eq+1:]
	for from, tries := 0, 0; ; tries++ {
		next := unescaped(text[from:], '=')
		if next < 0 || tries > maxPairs {
			return key, strings.TrimRight(text, cefSpace), ""
		}
		next += from
		// A key is short: looking further back would be quadratic on "====...".
		lo := max(0, next-maxKey)
		sp := lo + strings.LastIndexAny(text[lo:next], cefSpace)
		if word := text[sp+1 : next]; sp >= lo && isKey(word) && strings.Trim(word, "0123456789") != "" { // "' or 1=1" is a value
			return key, strings.TrimRight(text[:sp], cefSpace), text[sp+1:]
		}
		from = next + 1 // an "=" inside the value
	}
}

// cefSpace stands between pairs: a space by the format; some devices break the lines.
const cefSpace = " \t\r\n"

// maxKey bounds a key of CEF; the longest in its dictionary has 33 bytes.
const maxKey = 64

// isKey says whether a word is a key: ArcSight's own ones of a device have dots and
// places of lists in them, ad.list[0].
func isKey(s string) bool {
	if i := strings.IndexByte(s, '['); i > 0 {
		j := strings.IndexByte(s[i:], ']')
		return j > 1 && isKey(s[:i]) && isKey(s[i+1:i+j]) && (i+j+1 == len(s) || s[i+j+1] == '.' && isKey(s[i+j+1:]))
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c|0x20)-'a' >= 26 && c-'0' >= 10 && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return s != ""
}

// unescaped finds c not behind a backslash.
func unescaped(s string, c byte) int {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], c)
		if i < 0 {
			return -1
		}
		i += from
		n := 0
		for i-n > 0 && s[i-n-1] == '\\' {
			n++
		}
		if n%2 == 0 {
			return i
		}
		from = i + 1
	}
}

func (l *loader) cef(n *strictyaml.Node) step {
	s := &cefStep{at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "map":
			l.Pairs(v, func(name string, _, v *strictyaml.Node) { s.keys.set(name, l.targets(v, false)) })
		case "labels":
			l.Pairs(v, func(name string, _, v *strictyaml.Node) { s.labels.set(name, l.targets(v, false)) })
		default:
			for i, h := range cefHeader {
				if h == key {
					s.header[i] = l.targets(v, false)
					return
				}
			}
			l.Fail(k, "cef knows map, labels and %s, not %s", strings.Join(cefHeader[:], ", "), key)
		}
	})
	return s
}
