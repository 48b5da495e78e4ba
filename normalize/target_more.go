package normalize

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// withArgument reads the types date(LAYOUT) and list(SEPARATOR).
func (l *loader) withArgument(n *strictyaml.Node, name, typ string) (target, bool) {
	head, arg, ok := strings.Cut(typ, "(")
	if !ok || !strings.HasSuffix(arg, ")") {
		return target{}, false
	}
	arg = arg[:len(arg)-1]
	switch head {
	case "date":
		if time.Date(2011, 11, 22, 13, 14, 16, 0, time.UTC).Format(arg) == arg {
			l.Fail(n, "date(%s) is no layout: write 2006-01-02 15:04:05 as the source would", arg)
		}
		return target{kind: vDate, field: l.field(n, name), flag: arg, name: name}, true
	case "list":
		if arg == "" {
			l.Fail(n, "list needs a separator: list(,)")
		}
		return target{kind: vList, field: l.field(n, name), flag: arg, name: name}, true
	}
	return target{}, false
}

// putMore stores a text by the types that few packs use.
func (t *target) putMore(ev *event.Event, text string) bool {
	switch t.kind {
	case vHash:
		return t.putHash(ev, text)
	case vPath:
		return t.putPath(ev, text)
	case vExe:
		return ev.SetText(t.kids[0], text) && ev.SetText(t.kids[1], baseName(text))
	case vCmd:
		return t.putCommand(ev, text)
	case vEmail:
		return t.putEmail(ev, text)
	case vDecode:
		return ev.SetText(t.field, decoded(ev, text))
	case vHexText:
		return ev.SetText(t.field, fromHexText(text))
	case vBytes:
		return ev.SetText(t.field, text)
	case vUnquote:
		plain, ok := fromQuoted(text)
		return ok && ev.SetText(t.field, plain)
	case vBase64:
		plain, ok := fromBase64(text)
		return ok && ev.SetText(t.field, plain)
	case vList:
		ok := true
		for part := range strings.SplitSeq(text, t.flag) {
			if part = strings.TrimSpace(part); part != "" {
				ok = ev.Add(t.field, part) && ok
			}
		}
		return ok
	case vNum:
		n, ok := number(text)
		return ok && ev.SetInt(t.field, n)
	case vReg:
		return t.putRegistry(ev, text)
	case vAnswers:
		return t.putAnswers(ev, text)
	case vScaled:
		x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.Abs(x*t.scale) > math.MaxInt64/2 {
			return false
		}
		return ev.SetInt(t.field, int64(math.Round(x*t.scale)))
	}
	if t.kind == vHostPort {
		return t.putHostPort(ev, text)
	}
	panic("BUG: a type without its way of storing")
}

// number reads decimal digits, also grouped by commas or with a fraction of zeros, and
// hexadecimal ones behind 0x.
func number(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		n, err := strconv.ParseUint(hex, 16, 63)
		return int64(n), err == nil
	}
	if whole, frac, ok := strings.Cut(text, "."); ok && strings.Trim(frac, "0") == "" {
		text = whole
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
	return n, err == nil
}

// hashes are the kinds of hash in the order of target.kids, by the length of their
// hexadecimal form and by the names that lists give them.
var (
	hashLengths = map[int]int{32: 0, 40: 1, 64: 2, 96: 3, 128: 4}
	hashNames   = map[string]int{"md5": 0, "sha1": 1, "sha256": 2, "sha384": 3, "sha512": 4, "imphash": 5}
)

// putHash reads a hash, or a list such as MD5=...,SHA256=...
func (t *target) putHash(ev *event.Event, text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		name, hex, named := strings.Cut(strings.TrimSpace(part), "=")
		if !named {
			name, hex, named = strings.Cut(name, ":") // sha256:e3b0...
			hex = strings.TrimSpace(hex)
		}
		which, ok := hashNames[strings.ToLower(strings.ReplaceAll(name, "-", ""))]
		if !named {
			hex = name
			which, ok = hashLengths[len(hex)]
		}
		if !ok || strings.Trim(hex, "0123456789abcdefABCDEF") != "" || hex == "" {
			return false
		}
		if strings.Trim(hex, "0") == "" {
			continue // there is none
		}
		if f := t.kids[which]; f != event.None {
			ev.SetText(f, lower(ev, hex))
		}
	}
	return true
}

// baseName is what stands behind the last slash of either kind.
func baseName(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

func (t *target) putPath(ev *event.Event, text string) bool {
	ok := ev.SetText(t.kids[0], text)
	name := baseName(text)
	if dir := text[:len(text)-len(name)]; dir != "" && t.kids[2] != event.None {
		if len(dir) > 1 && !strings.HasSuffix(dir, `:\`) {
			dir = dir[:len(dir)-1]
		}
		ev.SetText(t.kids[2], dir)
	}
	if name == "" {
		return ok
	}
	if t.kids[1] != event.None {
		ev.SetText(t.kids[1], name)
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 && i+1 < len(name) && t.kids[3] != event.None {
		ev.SetText(t.kids[3], name[i+1:])
	}
	return ok
}

// maxArgs bounds process.args.
const maxArgs = 200

// putCommand splits a command line at spaces outside quotes, without changing it.
func (t *target) putCommand(ev *event.Event, text string) bool {
	ok := ev.SetText(t.kids[0], text)
	if t.kids[1] == event.None {
		return ok
	}
	n, start, quote := 0, -1, byte(0)
	var args []string
	for i := 0; i <= len(text) && n < maxArgs; i++ {
		switch {
		case i == len(text) || text[i] == ' ' && quote == 0:
			if start >= 0 {
				args = append(args, unquoted(text[start:i]))
				n++
			}
			start = -1
		case quote != 0 && text[i] == quote:
			quote = 0
		case quote == 0 && (text[i] == '"' || text[i] == '\'' && start < 0):
			quote = text[i]
			fallthrough
		default:
			if start < 0 {
				start = i
			}
		}
	}
	if n == 0 {
		return ok
	}
	if t.kids[2] != event.None {
		ev.SetInt(t.kids[2], int64(n))
	}
	return ev.SetList(t.kids[1], args) && ok
}

// unquoted takes the quotes off a word that is quoted as a whole, or off the value
// of an option, --name="a b": neither reaches the program.
func unquoted(s string) string {
	n := len(s)
	if n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : n-1]
	}
	if eq := strings.Index(s, `="`); eq > 0 && strings.IndexByte(s[eq+2:], '"') == n-1-(eq+2) {
		return s[:eq+1] + s[eq+2:n-1]
	}
	return s
}

func (t *target) putEmail(ev *event.Event, text string) bool {
	text = strings.Trim(text, "<> ")
	at := strings.LastIndexByte(text, '@')
	if at <= 0 {
		return t.kids[1] == event.None || ev.SetText(t.kids[1], text)
	}
	ok := ev.SetText(t.kids[0], text)
	if t.kids[1] != event.None {
		ev.SetText(t.kids[1], text[:at])
	}
	if t.kids[2] != event.None && at+1 < len(text) {
		ev.SetText(t.kids[2], text[at+1:])
	}
	return ok
}

// layout reads a date in a layout of the pack's. The receive time gives the year, and
// the input's zone the zone, where the layout has none.
func (r *run) layout(layout, text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	tm, err := time.ParseInLocation(layout, text, r.zone)
	if err != nil {
		return tm, false
	}
	if tm.Year() == 0 {
		tm = tm.AddDate(r.now.Year(), 0, 0)
		if tm.Sub(r.now) > 48*time.Hour { // a line of last year
			tm = tm.AddDate(-1, 0, 0)
		}
	}
	return tm, true
}

// putHostPort reads host, host:port, host/port and [address]:port.
func (t *target) putHostPort(ev *event.Event, text string) bool {
	host, port := text, ""
	if i := strings.LastIndexAny(text, ":/"); i > 0 && strings.Trim(text[i+1:], "0123456789") == "" && (text[i] == '/' || text[i-1] == ']' || strings.Count(text, ":") == 1) {
		host, port = text[:i], text[i+1:]
	}
	if port != "" && t.kids[3] != event.None {
		ev.SetText(t.kids[3], port)
	}
	return t.putAddr(ev, strings.Trim(host, "[]"))
}

// decoded is text without percent escapes; one that has a broken escape stays as it is.
func decoded(ev *event.Event, text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return ev.Own([]byte(strings.ToValidUTF8(plain, "\ufffd")))
}

// maxUnzipped is how much text base64 may hold compressed: an input takes no longer line.
const maxUnzipped = 1 << 20

// fromBase64 decodes base64 of either alphabet, padded or not, that holds text: UTF-8,
// UTF-16 as PowerShell takes it with -EncodedCommand, or either compressed, as CloudWatch
// Logs sends it.
func fromBase64(text string) (string, bool) {
	alphabet := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		alphabet = base64.RawURLEncoding
	}
	b, err := alphabet.DecodeString(strings.TrimRight(text, "= \r\n"))
	if err != nil {
		return "", false
	}
	if zipped, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		b, err = io.ReadAll(io.LimitReader(zipped, maxUnzipped+1))
		if err != nil || len(b) > maxUnzipped {
			return "", false
		}
	}
	plain := view(b)
	if u, ok := fromUTF16(plain); ok {
		plain = view(u)
	}
	return plain, utf8.ValidString(plain)
}

// add appends text to the target's list, as its type has it.
func (t *target) add(r *run, text string) bool {
	switch t.kind {
	case vPlain:
	case vLower:
		text = lower(r.ev, text)
	case vMAC:
		text = mac(r.ev, text)
	case vDecode:
		text = decoded(r.ev, text)
	case vHexText:
		text = fromHexText(text)
	default:
		return t.put(r, text)
	}
	return r.ev.Add(t.field, text)
}

// adds says whether add makes a list of what it is given.
func (t *target) adds() bool {
	switch t.kind {
	case vPlain, vLower, vMAC, vDecode, vHexText:
		return true
	}
	return t.several()
}
