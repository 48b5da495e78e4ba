package normalize

import (
	"strings"

	"sluice/event"
)

// maxKeyLength bounds what may be a key of a pair.
const maxKeyLength = 64

// pairs reads key=value, key="some words" and key:"some words", by the dictionary; wide
// also key: value between commas, bars or semicolons.
func (s *gleanStep) pairs(r *run, text string) {
	later := s.pairsOf(r, text, r.later[:0])
	for _, p := range later {
		s.names.fillAs(r, p.means, p.text, true)
	}
	r.later = later[:0]
}

// pairsOf is pairs but for the keys that are asked after others, which it gives back.
func (s *gleanStep) pairsOf(r *run, text string, later []unfilled) []unfilled {
	ends, keep := pairEnds{}, s.wide
	if s.wide {
		ends = pairEnds{wide: true, loose: looseEnd(text), bar: barEnd(text), comma: commaPairs(text), tight: tightPairs(text)}
	}
	for range r.ev.Vendor {
		keep = false // the pack read the pairs already
		break
	}
	clause := false // of a query
	for i, n := 0, 0; i < len(text) && n < maxPairs; {
		at := i
		for at < len(text) && text[at] != '=' && text[at] != ':' {
			at++
		}
		if at == len(text) {
			break
		}
		before := text[i:at]
		if ends.loose != 0 && text[at] == ':' && strings.HasPrefix(text[at+1:], " ") {
			before = strings.TrimRight(before, " ") // Initiator : ann | Action : login
		}
		rest := text[at+1:]
		before, fat := ends.unmarked(text, at, before)
		key := keyBefore(before)
		value, end := "", 0
		if ends.loose != 0 && text[at] == ':' {
			if wide := looseKey(before, ends.loose); wide != key && len(wide) <= maxKeyLength {
				if m := r.meaning(s.names, wide); m.fields != nil || strings.IndexByte(wide, ' ') > 0 && lastWords[key] {
					key = wide
				}
			}
		}
		switch {
		case key == "" || rest == "":
		case fat:
			value, end = fatValue(rest)
		default:
			value, end = ends.value(key, text[at], rest)
		}
		i = at + 1 + end
		if value == "" {
			continue
		}
		n++
		if clause = inClause(before, clause); clause {
			continue
		}
		if rest[0] == '"' && strings.Contains(value, `\"`) {
			value = r.ev.Own([]byte(strings.ReplaceAll(value, `\"`, `"`)))
		}
		if (key == "msg" || key == "message") && goesOn(value, rest[end:]) { // it has no quotes, and this is its first word
			continue
		}
		if key == "id" && n == 1 && inSentence(before) || s.wide && !keep && isKept(r.ev, key, value) {
			continue
		}
		if keep {
			r.vendor(key, value)
		}
		if usable(value) && !s.ports.stationOf(r, s, key, value) {
			if m := r.meaning(s.names, key); !s.names.fillAs(r, m, value, false) {
				later = append(later, unfilled{pair{key, value}, m})
			}
		}
	}
	return later
}

// inClause says of what stands before a value, up to its key, that the pair is what a database was asked for
// or told to keep: WHERE name='bob' AND ip='192.0.2.1'; SET a=1, b=2. begun: so was the pair before.
func inClause(before string, begun bool) bool {
	end := strings.LastIndexByte(before, ' ')
	if end < 0 {
		return false
	}
	front := strings.TrimRight(before[:end], " (")
	word := front[strings.LastIndexByte(front, ' ')+1:]
	switch {
	case strings.EqualFold(word, "where"), word == "SET":
		return true
	case word == "", word == ",", strings.EqualFold(word, "and"), strings.EqualFold(word, "or"):
		return begun
	}
	return false
}

// goesOn says of a value of one word that another word follows, and no key: msg=user ann logged in.
func goesOn(value, behind string) bool {
	if strings.IndexByte(value, ' ') >= 0 || len(behind) < 2 || behind[0] != ' ' {
		return false
	}
	word, _, _ := strings.Cut(behind[1:], " ")
	return word != "" && strings.IndexByte(word, '=') < 0 && hasAlnum(word)
}

// isKept says of a pair that the pack read it: what its key means was told beside all others.
func isKept(ev *event.Event, key, value string) bool {
	for k, v := range ev.Vendor {
		if k == key && v == value {
			return true
		}
	}
	return false
}

// inSentence says of what stands before the first value of a text, up to its key, that a word is in front
// of that with nothing between: WHERE id=7; user with id=42.
func inSentence(before string) bool {
	end := strings.LastIndexByte(before, ' ')
	return end > 0 && (before[end-1]|0x20)-'a' < 26
}

// pairEnds is what stands behind the values of a text: of key: value, of key=value.
type pairEnds struct {
	wide       bool
	loose, bar byte
	comma      bool
	tight      bool // user:ann ip:192.0.2.1 result:denied
}

// value takes the value that rest begins with off its front, up to end; sep stood before it.
func (e *pairEnds) value(key string, sep byte, rest string) (value string, end int) {
	upTo := func(at int) string {
		if end = at; end < 0 {
			end = len(rest)
		}
		return rest[:end]
	}
	switch {
	case rest[0] == '"':
		if j := closing(rest); j > 0 {
			return rest[1:j], j + 1
		}
		return "", 0
	case sep == '=' && e.bar != 0:
		value = strings.Trim(upTo(strings.IndexByte(rest, e.bar)), ` '[]<>.`)
		if strings.IndexByte(value, '(') < 0 {
			value = strings.TrimRight(value, ")")
		}
	case sep == '=' && e.wide && proseKeys[key] && (e.comma || strings.IndexByte(rest, '=') < 0): // else it is the last of the text
		end = -1
		if e.comma {
			end = strings.Index(rest, ", ")
		}
		value = strings.Trim(upTo(end), `'[]()<>. `)
	case sep == '=':
		value = strings.Trim(upTo(pastClock(rest, strings.IndexAny(rest, " \t\r\n,;|"))), `'[]()<>.`)
	case e.wide && e.loose == 0 && (e.tight || tightKeys[key] || eastern(key)) && sep == ':' && isTight(key, rest):
		value = strings.Trim(upTo(strings.IndexAny(rest, " \t\r\n,;|)")), `'[]<>."`)
	case e.loose != 0 && (rest[0] == ' ' || isTight(key, rest)):
		value = upTo(strings.IndexByte(rest, e.loose))
		if next := strings.Index(value, " : "); next > 0 {
			if last := strings.LastIndex(value[:next], " - "); last > 0 {
				value, end = value[:last], last+len(" -") // TID: [-1234] INFO {AUDIT_LOG} - Initiator : ann | Action : Login
			}
		}
		value = strings.Trim(value, ` "'`)
	}
	return value, end
}

// unmarked is what stands before the mark of a pair at at without the quote that some write there,
// and whether the mark is =>.
func (e *pairEnds) unmarked(text string, at int, before string) (key string, fat bool) {
	switch rest := text[at+1:]; {
	case text[at] == '=' && strings.HasPrefix(rest, ">"):
		before = strings.TrimRight(before, ` "'`) // :user=>"ann", mac => [00:00:5e:00:53:01]
		if colon := strings.LastIndexByte(before, ':'); colon >= 0 && (colon == 0 || strings.IndexByte(" {,", before[colon-1]) >= 0) {
			before = before[colon+1:]
		}
		return before, true
	case e.wide && text[at] == ':' && strings.HasPrefix(rest, `"`) && strings.IndexByte("{[", text[0]) < 0:
		before = strings.TrimSuffix(before, `"`) // login failed {"user":"ann"}
	}
	return before, false
}

// fatValue is the value behind the mark of a pair key => value, and where it ends.
func fatValue(rest string) (value string, end int) {
	value = strings.TrimLeft(rest[1:], " ")
	end = len(rest) - len(value)
	shut := ",;} \t\r\n"
	if value != "" {
		switch value[0] {
		case '"', '\'':
			shut = value[:1]
		case '(':
			shut = ")"
		case '[':
			shut = "]"
		}
		if len(shut) == 1 {
			value, end = value[1:], end+1
		}
	}
	if at := strings.IndexAny(value, shut); at >= 0 {
		value = value[:at]
	}
	return value, end + len(value)
}

// pastClock is where a date ends that a time of day stands behind: end is where its first word does.
func pastClock(s string, end int) int {
	const date, clock = len("2026-03-02"), len("2026-03-02 08:59:59")
	if end != date || s[end] != ' ' || len(s) < clock || s[4] != '-' || s[13] != ':' || s[16] != ':' {
		return end
	}
	if more := strings.IndexAny(s[clock:], " \t\r\n,;|"); more >= 0 {
		return clock + more
	}
	return -1
}

// keyBefore is the key that a text ends with: one word.
func keyBefore(s string) string {
	if open := strings.LastIndexByte(s, '('); open > 0 && s[len(s)-1] == ')' {
		if _, isNum := atoi(s[open+1 : len(s)-1]); isNum {
			s = s[:open] // SrcIP(1003)=192.0.2.1
		}
	}
	i := len(s)
	for i > 0 && (s[i-1] >= 0x80 || isKey(s[i-1:i])) && len(s)-i < maxKeyLength {
		i--
	}
	key := strings.Trim(s[i:], ".-")
	if key == "" || key[0]-'0' < 10 || i > 0 && strings.IndexByte(" \t,;|([{<\"'", s[i-1]) < 0 {
		return ""
	}
	return key
}

// closing is where the quote that s begins with is closed.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return 0
}

// betweenPairs is the first of seps by which a text falls into three pairs at least; 0: none.
func betweenPairs(text, seps string, isPair func(part string, sep byte) bool) byte {
	for i := range len(seps) {
		sep := seps[i : i+1]
		if strings.Count(text, sep) < 2 {
			continue
		}
		n := 0
		for part := range strings.SplitSeq(text, sep) {
			if isPair(part, sep[0]) {
				n++
			}
		}
		if n >= 3 {
			return sep[0]
		}
	}
	return 0
}

// looseKey is the key of several words that a text ends with: Source IP, in a record whose
// pairs end at sep.
func looseKey(s string, sep byte) string {
	key := strings.TrimSpace(s[strings.LastIndexByte(s, sep)+1:])
	if strings.Count(key, " ") > 2 {
		return ""
	}
	for i := range len(key) {
		if key[i] != ' ' && key[i] < 0x80 && !isKey(key[i:i+1]) {
			return ""
		}
	}
	return key
}

// lastWords say nothing without those in front of them: Job Name, Accounting User ID.
var lastWords = wordSet("Name name ID Id id Code code Status status State state Number number")

// looseEnd is what stands between pairs key: value.
func looseEnd(text string) byte {
	return betweenPairs(text, "|;,]", func(part string, sep byte) bool {
		if sep == ']' {
			if part = strings.TrimLeft(part, " "); part == "" || part[0] != '[' {
				return false
			}
			part = part[1:] // [src_ip:192.0.2.1][dst_port:443]
		}
		colon := strings.IndexByte(part, ':')
		if colon < 1 || colon+1 == len(part) {
			return false
		}
		if part[colon+1] == ' ' && part[colon-1] == ' ' {
			part = strings.TrimRight(part[:colon], " ") + part[colon:]
			if colon = strings.IndexByte(part, ':'); colon < 1 {
				return false
			}
		}
		key := keyBefore(strings.TrimLeft(part[:colon], " "))
		return key != "" && (key == strings.Trim(part[:colon], ` "`) || looseKey(part[:colon], sep) != "") && (part[colon+1] == ' ' || isTight(key, part[colon+1:]))
	})
}

// tightKeys are those that are written so in prose too: login failed, user:ann ip:192.0.2.1.
var tightKeys = wordSet("user User USER username Username userName account Account ip IP Ip srcip src_ip SrcIP srcIP dstip dst_ip DstIP dstIP src dst SRC DST clientip client_ip clientIP mac MAC")

// tightPairs says of a text that all its words are pairs key:value, three of them at least.
func tightPairs(text string) bool {
	n := 0
	for word := range strings.FieldsSeq(text) {
		key, value, ok := strings.Cut(word, ":")
		if !ok || value == "" || keyBefore(key) != key || !isTight(key, value) {
			return false
		}
		n++
	}
	return n > 2
}

// isTight says whether a colon with no space behind it may stand between a key and its value:
// src_ip:192.0.2.1, and neither https://x nor C:\x.
func isTight(key, rest string) bool {
	return len(key) > 1 && strings.IndexByte(`/\: `, rest[0]) < 0
}

// tabPairs says of a text that its pairs key=value stand between tabs, one in each column: then their
// values may hold spaces, be there only two.
func tabPairs(text string) bool {
	if strings.IndexByte(text, '\t') < 0 {
		return false
	}
	n := 0
	for part := range strings.SplitSeq(text, "\t") {
		eq := strings.IndexByte(part, '=')
		if eq < 1 || keyBefore(part[:eq]) == "" {
			continue
		}
		if next := strings.IndexByte(part[eq+1:], '='); next > 0 {
			if value := part[eq+1 : eq+1+next]; strings.IndexByte(value, ' ') > 0 && keyBefore(value) != "" {
				return false // a=1 b=2
			}
		}
		n++
	}
	return n > 1
}

// barEnd is what stands between pairs key=value whose values may hold spaces.
func barEnd(text string) byte {
	if tabPairs(text) {
		return '\t'
	}
	return betweenPairs(text, "|;", func(part string, _ byte) bool {
		eq := strings.IndexByte(part, '=')
		if eq < 1 {
			return false
		}
		if front := strings.LastIndex(part[:eq], ": "); front > 0 {
			part, eq = part[front+2:], eq-front-2 // AUDIT: User=ann
		}
		key := keyBefore(part[:eq])
		return key != "" && strings.HasPrefix(strings.TrimLeft(part, " "), key) && strings.IndexByte(strings.TrimLeft(part[:eq], " "), ' ') < 0
	})
}

// proseKeys are those of pairs that hold some words, bare as they are.
var proseKeys = wordSet("reason msg message description desc detail details error cause info text Reason Message Description Error Details")

// commaPairs says whether pairs key=value stand between commas.
func commaPairs(text string) bool {
	n := 0
	_, rest, ok := strings.Cut(text, ", ")
	for ; ok; n++ {
		eq := strings.IndexByte(rest, '=')
		if eq < 1 || keyBefore(rest[:eq]) != rest[:eq] {
			return false
		}
		_, rest, ok = strings.Cut(rest, ", ")
	}
	return n > 1
}
