package normalize

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/normalize/header"
	"sluice/normalize/pattern"
)

// kind is what is done with a text on its way into a field.
type kind uint8

const (
	vPlain  kind = iota // convert to the field's type
	vSkip               // read, but keep nowhere
	vAddr               // X -> X.address, and X.ip or X.domain
	vClient             // the same, of the first public address of a list
	vUser               // X -> X.name, X.domain, X.email
	vProto              // X -> X.transport, X.iana_number
	vURL                // X -> X.original, .scheme, .domain, .port, .path, .query, .extension
	vURI                // the same, path and query percent-decoded
	vLower
	vUpper
	vMAC
	vAdd      // append to a list
	vIPs      // append to a list, if it is an address
	vFlag     // true: append the word of the target to a list
	vTable    // look up in a table: a value or a row of fields
	vClock    // 1:02:03 or 1h:02m:03s or 0d 1h -> nanoseconds
	vSeconds  // 12.5 -> nanoseconds
	vISO      // dates
	vEpoch    // seconds, ms, us or ns by their size
	vCLF      // 02/Jan/2006:15:04:05 -0700
	vBSD      // Jan _2 15:04:05, Jan _2 2006 15:04:05
	vYMD      // 2006-01-02 15:04:05, 2006/01/02 15:04:05
	vAny      // a date in any known form
	vDate     // a layout of the pack's
	vHash     // X -> X.hash.md5 and others, by length or as ALG=hex
	vPath     // X -> X.path, .name, .directory, .extension
	vExe      // X -> X.executable, .name
	vCmd      // X -> X.command_line, .args, .args_count
	vEmail    // X -> X.email, .name, .domain
	vDecode   // percent-decoded
	vList     // a text split at a separator, each part appended
	vNum      // 0x1f, 1,234, 12.0
	vScaled   // a decimal number times scale
	vHostPort // X -> X.address, .ip or .domain, .port
	vReg      // X -> X.path, .hive, .key, .value
	vAnswers  // X -> X.answers, .resolved_ip
	vBase64   // the text that base64 holds
	vHexText  // the text that hex digits hold, as the kernel's audit writes
	vUnquote  // the text that a JSON string holds
	vBytes    // the text whose bytes are the numbers of a list
)

// types are the names that packs use, how they are scanned in patterns, and how
// they are stored. The table is the documentation of the language's types.
var types = map[string]struct {
	kind kind
	scan pattern.Scan
	kids string // fields under the named object that it fills
}{
	"text": {vPlain, pattern.Text, ""}, "word": {vPlain, pattern.Word, ""}, "last": {vPlain, pattern.Last, ""},
	"rest": {vPlain, pattern.Rest, ""}, "int": {vPlain, pattern.Int, ""}, "ip": {vPlain, pattern.IP, ""},
	"hex": {vPlain, pattern.Hex, ""}, "lower": {vLower, pattern.Text, ""}, "upper": {vUpper, pattern.Text, ""},
	"mac": {vMAC, pattern.Word, ""}, "add": {vAdd, pattern.Text, ""}, "ips": {vIPs, pattern.Text, ""},
	"addr":     {vAddr, pattern.Addr, "address ip domain"},
	"client":   {vClient, pattern.Addrs, "address ip domain"},
	"user":     {vUser, pattern.Text, "name domain email"},
	"lastuser": {vUser, pattern.Last, "name domain email"},
	"proto":    {vProto, pattern.Word, "transport iana_number protocol"},
	"url":      {vURL, pattern.Text, "original scheme domain port path query extension fragment full"},
	"uri":      {vURI, pattern.Word, "original scheme domain port path query extension fragment full"},
	"clock":    {vClock, pattern.Text, ""}, "seconds": {vSeconds, pattern.Text, ""},
	"iso": {vISO, pattern.Text, ""}, "epoch": {vEpoch, pattern.Text, ""}, "clf": {vCLF, pattern.Text, ""},
	"bsd": {vBSD, pattern.Text, ""}, "anydate": {vAny, pattern.Text, ""}, "ymd": {vYMD, pattern.Text, ""},
	"hash":     {vHash, pattern.Text, "hash.md5 hash.sha1 hash.sha256 hash.sha384 hash.sha512 pe.imphash"},
	"path":     {vPath, pattern.Text, "path name directory extension"},
	"exe":      {vExe, pattern.Text, "executable name"},
	"cmd":      {vCmd, pattern.Text, "command_line args args_count"},
	"email":    {vEmail, pattern.Text, "email name domain"},
	"hostport": {vHostPort, pattern.Text, "address ip domain port"},
	"decode":   {vDecode, pattern.Text, ""}, "num": {vNum, pattern.Text, ""},
	"ms": {vScaled, pattern.Text, ""}, "us": {vScaled, pattern.Text, ""}, "minutes": {vScaled, pattern.Text, ""},
	"kb": {vScaled, pattern.Text, ""}, "mb": {vScaled, pattern.Text, ""},
	"reg":     {vReg, pattern.Text, "path hive key value"},
	"answers": {vAnswers, pattern.Text, "answers resolved_ip"},
	"base64":  {vBase64, pattern.Text, ""}, "hextext": {vHexText, pattern.Text, ""},
	"unquote": {vUnquote, pattern.Rest, ""}, "bytes": {vBytes, pattern.Text, ""},
}

// scales are what numbers of these types are multiplied with: durations become
// nanoseconds, sizes bytes.
var scales = map[string]float64{"ms": 1e6, "us": 1e3, "minutes": 60e9, "kb": 1 << 10, "mb": 1 << 20}

// target is where a text goes.
type target struct {
	kind  kind
	field event.Field
	kids  [9]event.Field
	port  event.Field // of vAddr and vClient: where the port goes that a source wrote behind the address
	table *table
	flag  string  // the word of flag=WORD, the layout of date(LAYOUT), the separator of list(SEP)
	scale float64 // of vScaled
	name  string
	order uint32 // of a step's targets
	rank  uint32 // the same, where another path sets its field too; 0: none does
}

// put stores text. False: it is no value of that kind.
func (t *target) put(r *run, text string) bool {
	ev := r.ev
	switch t.kind {
	case vSkip:
		return true
	case vPlain:
		return ev.SetText(t.field, text) || text == noNumber
	case vAddr:
		return t.putAddr(ev, text)
	case vClient:
		return t.putAddr(ev, firstPublic(text))
	case vUser:
		return t.putUser(ev, text)
	case vProto:
		return t.putProto(r, text)
	case vURL:
		return t.putURL(ev, text, false)
	case vURI:
		return t.putURL(ev, text, true)
	case vLower:
		return ev.SetText(t.field, lower(ev, text))
	case vUpper:
		return ev.SetText(t.field, ev.Own([]byte(strings.ToUpper(text))))
	case vMAC:
		return t.putMAC(ev, text)
	case vIPs:
		return t.addIP(ev, text)
	case vAdd:
		return ev.Add(t.field, text)
	case vTable:
		return t.table.apply(r, t.field, text)
	case vFlag:
		return text != "true" || ev.Add(t.field, t.flag)
	case vClock:
		ns, ok := clock(text)
		return ok && ev.SetInt(t.field, ns)
	case vSeconds:
		ns, ok := seconds(text)
		return ok && ev.SetInt(t.field, ns)
	case vDate:
		tm, ok := r.layout(t.flag, text)
		return ok && r.putTime(t.field, vDate, t.flag, text, tm)
	}
	if t.kind > vDate {
		return t.putRare(ev, text)
	}
	tm, ok := r.parseTime(t.kind, text)
	return ok && r.putTime(t.field, t.kind, "", text, tm)
}

// putAll stores text in all targets; at is the place of the step, for what does not fit.
func (r *run) putAll(targets []target, text, at string) bool {
	ok := true
	for i := range targets {
		if t := &targets[i]; !t.put(r, text) {
			r.bad(at, t.name, text)
			ok = false
		}
	}
	return ok
}

const (
	nothing  = "-"  // what most sources write where there is no address and no name
	noNumber = "-1" // and many where there is no port
)

func (t *target) putAddr(ev *event.Event, text string) bool {
	if text == nothing || len(text) > 2 && text[0]-'0' > 9 && isNothing(text) { // no host is called None, and nobody asks for unknown
		return true
	}
	if v4, ok := strings.CutPrefix(text, "::ffff:"); ok && strings.IndexByte(v4, '.') > 0 {
		text = v4 // an IPv4 address as a socket of both families shows it
	}
	ok := t.kids[0] == event.None || ev.SetText(t.kids[0], text)
	if len(text) > 0 && (text[0]-'0' < 10 || strings.IndexByte(text, ':') >= 0) {
		if ev.SetText(t.kids[1], text) {
			return ok
		}
	} else if _, ok := event.ParseAddr(text); ok {
		return ev.SetText(t.kids[1], text) && ok
	}
	if addr, port, is := addressed(text); is {
		ok = t.kids[0] == event.None || ev.SetText(t.kids[0], addr)
		if port != "" && t.port != event.None && !ev.Has(t.port) {
			ev.SetText(t.port, port)
		}
		return ev.SetText(t.kids[1], addr) && ok
	}
	ev.Unset(t.kids[1])
	if t.kids[2] != event.None && !isNumeric(text) {
		ok = ev.SetText(t.kids[2], text) && ok
	}
	return ok
}

// firstPublic is the first public address of a list as X-Forwarded-For has it: who
// asked, the proxies in front of us left out. Where none is public, the first of all.
func firstPublic(list string) string {
	first, _, more := strings.Cut(list, ",")
	for rest := list; more; {
		var text string
		text, rest, more = strings.Cut(rest, ",")
		text = strings.TrimLeft(text, " ")
		if a, ok := event.ParseAddr(text); ok && !internal(a) {
			return text
		}
	}
	return first
}

func (t *target) putUser(ev *event.Event, text string) bool {
	if strings.Trim(text, "*") == "" {
		return ev.SetText(t.kids[0], text)
	}
	text = strings.TrimPrefix(text, `LOCAL\`)
	if i := strings.IndexByte(text, '\\'); i > 0 {
		ev.SetText(t.kids[1], text[:i])
		text = strings.TrimLeft(text[i+1:], `\`) // some write DOM\\user
	} else if i := strings.LastIndexByte(text, '@'); i > 0 {
		if domain := text[i+1:]; !isAddress(domain) { // root@192.0.2.1 is where root sits
			ev.SetText(t.kids[1], domain)
			if strings.IndexByte(domain, '.') > 0 { // ann@CORP gets no mail
				ev.SetText(t.kids[2], text)
			}
		}
		text = text[:i]
	}
	return ev.SetText(t.kids[0], text)
}

func (t *target) putProto(r *run, text string) bool {
	p := r.engine.protos.get(text)
	if p == nil {
		if p = r.engine.protos.get(strings.ToLower(text)); p == nil {
			if _, isNum := atoi(text); isNum {
				return r.ev.SetText(t.kids[1], text)
			}
			if carrier, _, ok := strings.Cut(text, "/"); ok { // tcp/https, udp/53
				if p = r.engine.protos.get(strings.ToLower(carrier)); p != nil {
					r.ev.SetConst(t.kids[1], p.number)
					return r.ev.SetConst(t.kids[0], p.name)
				}
			}
			word := lower(r.ev, text)
			if (spokenProtocols[word] || plantProtocols[word]) && t.kids[2] != event.None { // in place of what carries it
				return r.ev.Has(t.kids[2]) || r.ev.SetText(t.kids[2], word)
			}
			return r.ev.SetText(t.kids[0], word)
		}
	}
	r.ev.SetConst(t.kids[1], p.number)
	return r.ev.SetConst(t.kids[0], p.name)
}

// target reads "field:type"; the type of a map may also be a table.
func (l *loader) target(n *strictyaml.Node, s string) target {
	name, typ, _ := strings.Cut(s, ":")
	if typ == "" {
		return target{field: l.field(n, name), name: name}
	}
	if word, ok := strings.CutPrefix(typ, "flag="); ok {
		return target{kind: vFlag, field: l.field(n, name), flag: word, name: s}
	}
	if out, ok := l.withArgument(n, name, typ); ok {
		return out
	}
	if t := l.tables[typ]; t != nil {
		out := target{kind: vTable, table: t, name: s}
		if t.values {
			out.field = l.field(n, name)
			if out.field != event.None {
				l.holds(name, out.field, t)
			}
		}
		return out
	}
	def, ok := types[typ]
	if !ok {
		l.Fail(n, "no type or table is called %s%s", typ, l.typeLike(typ))
		return target{kind: vSkip}
	}
	out := target{kind: def.kind, port: event.None, name: s, scale: scales[typ]}
	if def.kind == vAddr || def.kind == vClient {
		if f, ok := l.schema.Lookup(name + ".port"); ok {
			out.port = f
		}
	}
	if def.kind == vAnswers {
		out.field, _ = l.schema.Lookup("related.hosts")
	}
	if def.kids == "" {
		out.field = l.field(n, name)
		return out
	}
	for i, kid := range strings.Fields(def.kids) {
		out.kids[i] = event.None
		if f, ok := l.schema.Lookup(name + "." + kid); ok {
			out.kids[i] = f
		} else if i == 0 && kid != "address" && def.kind != vHash {
			l.Fail(n, "%s has no %s: type %s does not fit", name, kid, typ)
		}
	}
	return out
}

// targets reads one target or a list of them; _ is a column that nobody wants.
// whole says whether the step gives whole JSON values, not texts alone.
func (l *loader) targets(n *strictyaml.Node, whole bool) []target {
	out := []target{} // not nil: the key is known
	if l.body != nil {
		l.body.keys++
	}
	for _, w := range l.Words(n) {
		if w.Value == "_" {
			continue
		}
		if whole {
			l.order++
			out = append(out, l.target(w, w.Value))
			out[len(out)-1].order = l.order
		} else {
			out = append(out, l.textTarget(w, w.Value))
		}
	}
	return out
}

// textTarget is a target that is given a text, which would be no JSON.
func (l *loader) textTarget(n *strictyaml.Node, name string) target {
	t := l.target(n, name)
	if t.kind == vPlain && t.field != event.None && l.schema.Spec(t.field).Type == event.JSON {
		l.Fail(n, "%s holds JSON, and here is a text; object makes one", name)
	}
	return t
}

// parseTime reads a date in one of the built-in forms. The receive time gives the
// year, and the input's zone the zone, where the text has none.
func (r *run) parseTime(k kind, s string) (t time.Time, ok bool) {
	switch k {
	case vAny:
		return header.Any(s, r.now, r.zone)
	case vEpoch:
		return header.Epoch(s)
	case vBSD:
		t, n := header.BSD(s, r.now, r.zone)
		return t, n > 0 && strings.TrimSpace(s[n:]) == ""
	}
	d := &r.date
	if s == string(d.text[:d.len]) && k == d.kind && r.zone == d.zone {
		return d.time, true
	}
	n := 0
	if k == vCLF {
		t, n = header.CLF(s, r.zone)
	} else {
		t, n = header.ISO(s, r.zone)
	}
	ok = n > 0 && strings.TrimSpace(s[n:]) == ""
	if ok && len(s) <= len(d.text) {
		*d = lastDate{kind: k, len: copy(d.text[:], s), zone: r.zone, time: t}
	}
	return t, ok
}

// lastDate is the last date that was read: the next line often has the same second.
type lastDate struct {
	kind kind
	len  int // 0: none yet
	text [40]byte
	zone *time.Location
	time time.Time
}

// putRare stores a text by the types that few packs use.
func (t *target) putRare(ev *event.Event, text string) bool {
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
		if err != nil || !(math.Abs(x*t.scale) <= math.MaxInt64/2) { // NaN is above nothing
			return false
		}
		return ev.SetInt(t.field, int64(math.Round(x*t.scale)))
	case vHostPort:
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

// add appends text to the target's list, as its type has it.
func (t *target) add(r *run, text string) bool {
	switch t.kind {
	case vPlain:
	case vLower:
		text = lower(r.ev, text)
	case vMAC:
		addr, ok := mac(r.ev, text)
		if !ok {
			return false
		}
		text = addr
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
