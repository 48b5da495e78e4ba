package normalize

import (
	"strings"
	"time"

	"sluice/normalize/header"
)

// cells are what stands between the separators of a record without names.
type cells struct {
	list  []string
	addrs [maxCellAddrs]cellAddr
	n     int // addresses, more than fit are counted too
	said  hint
	proto bool
	query bool
	did   deed
	user  bool   // EXAMPLE\ann
	path  string // of a file
}

// cellAddr is an address in a cell, and the port that stands with it.
type cellAddr struct {
	at         int
	addr, port string
}

const (
	minCells     = 5
	maxCells     = 64
	maxCellAddrs = 2
)

// cells reads a record whose values have no names, but are what they are: addresses in the
// order in which all devices write them, ports behind them, a protocol, what was asked for.
func (s *gleanStep) cells(r *run, text string) hint {
	c := cells{list: splitCells(text, r.cells[:0])}
	r.cells = c.list
	if len(c.list) < minCells {
		return 0
	}
	for i, cell := range c.list {
		if cell == "" || len(cell) > 1024 {
			continue
		}
		c.said |= hints[lower(r.ev, cell)]
		did := deedOf(cell)
		if len(cell) < 48 {
			c.did |= did
		}
		if fileVerbs[lower(r.ev, cell)] {
			c.did |= isFile
		}
		s.cell(r, &c, i, cell, did)
	}
	if fileVerbs[lower(r.ev, r.ev.Text(s.wider.action))] && !r.ev.Has(s.result) {
		if ended := c.said & (saysFine | saysFailed); ended == saysFine || ended == saysFailed {
			r.ev.SetText(s.result, outcomeOf(ended == saysFine))
		}
	}
	if c.path != "" && c.did&(isFile|isMalware) != 0 && !s.wider.path.isSet(r.ev) && !r.ev.Has(s.wider.method) {
		s.wider.path.put(r, c.path)
		if c.did&isMalware != 0 && !r.ev.Has(s.wider.prose.kind) {
			r.ev.SetText(s.wider.prose.kind, "alert")
		}
	}
	s.cellSides(r, &c)
	s.cellUser(r, &c)
	return c.said
}

// fileVerbs are what servers of files write in a cell of its own.
var fileVerbs = wordSet("read write open create delete rename modify copy move opened created deleted renamed modified copied moved written file_read file_write")

// cellUser takes the name in front of the only address of a log-in, or behind it, for who logged in:
// ...|ann|192.0.2.7|LOGIN|SUCCESS; ...,192.0.2.7,ann,LOGIN,FAILED.
func (s *gleanStep) cellUser(r *run, c *cells) {
	if c.said&saysLogin == 0 && c.did&isLogin == 0 || c.n != 1 || s.user.isSet(r.ev) || r.ev.Has(s.wider.email) {
		return
	}
	at := c.addrs[0].at
	for _, i := range [2]int{at - 1, at + 1} {
		if i >= 0 && i < len(c.list) && isPlainName(c.list[i]) {
			s.user.put(r, c.list[i])
			return
		}
	}
}

// sorts are names of logs and kinds of record, which stand in cells beside an address, too.
var sorts = wordSet("access alert audit event events log request response security session system trace traffic uri web")

// isPlainName knows names as accounts have them, in small letters; what is done, a level or a
// protocol is none.
func isPlainName(s string) bool {
	return len(s) > 1 && len(s) < 32 && !sorts[s] && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "" && s[0]-'a' < 26 &&
		deedOf(s) == 0 && senseOf(s).level == "" && !spokenProtocols[s] && !transports[s]
}

// splitCells cuts a record at tabs, bars, semicolons or commas, whichever cuts it into
// enough parts; of commas those count that no space follows.
func splitCells(text string, out []string) []string {
	sep, most := byte(0), minCells-2
	for _, one := range []byte{'\t', '|', ';', ','} {
		n := strings.Count(text, string(one))
		if n > most && !(one == ',' && strings.Count(text, ", ")*2 > n) {
			sep, most = one, n
		}
	}
	if sep == 0 {
		return out
	}
	for rest := text; rest != "" && len(out) < maxCells; {
		end := strings.IndexByte(rest, sep)
		if rest[0] == '"' {
			if shut := closing(rest); shut > 0 && (shut+1 == len(rest) || rest[shut+1] == sep) {
				end = shut + 1
			}
		}
		if end < 0 || end == len(rest) {
			out = append(out, strings.Trim(rest, ` "`))
			break
		}
		out = append(out, strings.Trim(rest[:end], ` "`))
		rest = rest[end+1:]
	}
	return out
}

// cell takes what the i-th cell is, whatever its column is called; did is what it says was done.
func (s *gleanStep) cell(r *run, c *cells, i int, cell string, did deed) {
	ev := r.ev
	if addr, port, ok := endpoint(cell); ok {
		if isUnspecified(addr) {
			return
		}
		if last := c.n - 1; last >= 0 && last < maxCellAddrs && c.addrs[last].addr == addr && c.addrs[last].at == i-1 && port == "" {
			c.addrs[last].at = i // the same again
			return
		}
		if c.n < maxCellAddrs {
			c.addrs[c.n] = cellAddr{i, addr, port}
		}
		c.n++
		return
	}
	low := lower(ev, cell)
	switch {
	case transports[low]:
		if c.proto = true; !s.proto.isSet(ev) {
			s.proto.put(r, low)
		}
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
		if !s.url.isSet(ev) {
			s.url.put(r, cell)
		}
	case strings.HasPrefix(cell, "Mozilla/"):
		if !ev.Has(s.wider.agent) {
			ev.SetText(s.wider.agent, cell)
		}
	case isAccountName(cell):
		if c.user = true; !s.user.isSet(ev) {
			s.user.put(r, cell)
		}
	case c.path == "" && isWholePath(cell):
		c.path = cell
	case isMail(cell):
		if !ev.Has(s.wider.email) {
			ev.SetText(s.wider.email, cell)
		}
	case methods[cell] && i+1 < len(c.list) && (strings.HasPrefix(c.list[i+1], "/") || strings.Contains(c.list[i+1], "://") || i+2 < len(c.list) && strings.HasPrefix(c.list[i+2], "/")):
		if !ev.Has(s.wider.method) {
			ev.SetText(s.wider.method, cell)
			s.cellTarget(r, c, i+1)
		}
	case questionTypes[cell] && i > 0 && checks["dns.question.name"](c.list[i-1]) && !isMail(c.list[i-1]):
		if c.query = true; !ev.Has(s.wider.question[0]) {
			ev.SetText(s.wider.question[0], c.list[i-1])
			ev.SetText(s.wider.question[1], cell)
		}
	case strings.IndexByte(cell, '_') > 0 && strings.ToUpper(cell) == cell && isAction(cell) && did != 0:
		if did&isLogin != 0 {
			c.said |= saysLogin
			if did&isFailed != 0 {
				c.said |= saysFailed
			} else if did&isFine != 0 {
				c.said |= saysFine
			}
		}
		if !ev.Has(s.wider.action) {
			ev.SetText(s.wider.action, cell)
		}
	case len(cell) < 32 && strings.IndexByte(cell, ' ') < 0 && did&isLogin != 0 && cell[0] != '/': // UserAuthentication
		c.said |= saysLogin
		s.cellAction(r, cell)
	case hints[low]&(saysDenied|saysAllowed) != 0, fileVerbs[low]:
		s.cellAction(r, cell) // DENY
	}
}

// cellAction takes a word that says what was done, the first of a record, for the action.
func (s *gleanStep) cellAction(r *run, cell string) {
	if !r.ev.Has(s.wider.action) && isWord(cell) {
		r.ev.SetText(s.wider.action, cell)
	}
}

// cellTarget takes what was asked for from the cell behind a method, the host's name in front of
// it, and the status of the answer behind it: GET, www.example.com, /index.html, 200.
func (s *gleanStep) cellTarget(r *run, c *cells, at int) {
	host := ""
	if at+1 < len(c.list) && strings.HasPrefix(c.list[at+1], "/") && strings.IndexByte(c.list[at], '.') > 0 && isHostName(c.list[at]) {
		host, at = c.list[at], at+1
	}
	if !s.url.isSet(r.ev) && len(c.list[at]) <= 1024 {
		s.url.put(r, c.list[at])
	}
	if host != "" && !r.ev.Has(s.wider.prose.urlHost) {
		r.ev.SetText(s.wider.prose.urlHost, host)
	}
	if at++; at < len(c.list) && strings.HasPrefix(c.list[at], "HTTP/") {
		if !r.ev.Has(s.wider.version) {
			r.ev.SetText(s.wider.version, c.list[at][len("HTTP/"):])
		}
		at++
	}
	if at < len(c.list) && isNumber(c.list[at]) && checks["http.response.status_code"](c.list[at]) && !r.ev.Has(s.wider.status) {
		r.ev.SetText(s.wider.status, c.list[at])
	}
}

// isAccountName knows EXAMPLE\ann, by the capitals of a domain.
func isAccountName(cell string) bool {
	domain, name, ok := strings.Cut(cell, `\`)
	return ok && len(domain) > 1 && len(domain) < 16 && len(name) > 1 && len(name) < 64 && strings.ToUpper(domain) == domain && domain[0]-'A' < 26 &&
		!strings.HasPrefix(domain, "HK") && domain != "ROOT" && domain != "BUILTIN" && // the registry, WMI, groups
		!strings.ContainsAny(domain, " :/.%") && !strings.ContainsAny(name, `\/ :*`)
}

// isWholePath knows the path of a file that a cell is.
func isWholePath(cell string) bool {
	return len(cell) > 4 && hasExtension(cell) && (cell[0] == '/' && cell[1] != '/' && strings.Count(cell, "/") > 1 || cell[1] == ':' && cell[2] == '\\')
}

// cellDate takes the time from the first cell that is one, or a date with a clock behind it.
func (s *gleanStep) cellDate(r *run) {
	if r.ev.Has(s.wider.at) || len(r.cells) < minCells {
		return
	}
	for i, cell := range r.cells {
		if len(cell) < 8 || len(cell) > maxFront || cell[0]-'0' > 9 {
			continue
		}
		whole := cell
		if len(cell) < 11 && i+1 < len(r.cells) && isClock(r.cells[i+1]) {
			whole = r.ev.Own([]byte(cell + " " + r.cells[i+1]))
		}
		if strings.Count(whole, ":") < 2 {
			continue
		}
		if t, ok := header.Any(whole, r.now, r.zone); ok && t.Year() > 2000 && t.Before(r.now.Add(48*time.Hour)) {
			r.ev.SetTime(s.wider.at, t)
			return
		}
	}
	if first := r.cells[0]; isEpoch(first) {
		if t, ok := r.parseTime(vEpoch, first); ok && t.Before(r.now.Add(48*time.Hour)) && t.After(r.now.AddDate(-10, 0, 0)) { // 1234567890 is a number
			r.ev.SetTime(s.wider.at, t)
		}
	}
}

// isEpoch knows seconds since 1970, milliseconds, microseconds and nanoseconds, by their digits.
func isEpoch(s string) bool {
	whole, part, _ := strings.Cut(s, ".")
	return (len(whole) == 10 || part == "" && (len(whole) == 13 || len(whole) == 16 || len(whole) == 19)) && strings.Trim(whole+part, "0123456789") == ""
}

// isClock knows 08:59:59.
func isClock(s string) bool {
	return len(s) > 6 && len(s) < 16 && s[0]-'0' < 10 && strings.Count(s, ":") == 2 && strings.Trim(s, "0123456789:.") == ""
}

// cellSides takes two addresses that belong together for source and destination, and a
// single one of a request or a log-in for the client's.
func (s *gleanStep) cellSides(r *run, c *cells) {
	if s.source.addr.isSet(r.ev) || s.target.addr.isSet(r.ev) {
		return
	}
	src, dst := &c.addrs[0], &c.addrs[1]
	port := func(at int) string {
		if at < len(c.list) && isPort(c.list[at]) {
			return c.list[at]
		}
		return ""
	}
	switch {
	case c.n == 1 && (c.said&saysLogin != 0 || c.query || c.user || c.path != "" && c.did&isFile != 0 || r.ev.Has(s.wider.method) || r.ev.Has(s.wider.email) || s.url.isSet(r.ev)):
		if src.port == "" && c.query {
			src.port = port(src.at + 1)
		}
		s.side(r, &s.source, src.addr, src.port)
	case c.n == 4 && c.proto && dst.at == src.at+1: // and what they are translated to
		s.side(r, &s.source, src.addr, src.port)
		s.side(r, &s.target, dst.addr, dst.port)
	case c.n != 2 || src.addr == dst.addr:
	case dst.at == src.at+1:
		if src.port == "" && dst.port == "" && port(dst.at+1) != "" && port(dst.at+2) != "" {
			src.port, dst.port = port(dst.at+1), port(dst.at+2)
		}
		s.side(r, &s.source, src.addr, src.port)
		s.side(r, &s.target, dst.addr, dst.port)
	case dst.at == src.at+2 && port(src.at+1) != "":
		s.side(r, &s.source, src.addr, port(src.at+1))
		s.side(r, &s.target, dst.addr, port(dst.at+1))
	case c.proto && src.port != "" && dst.port != "":
		s.side(r, &s.source, src.addr, src.port)
		s.side(r, &s.target, dst.addr, dst.port)
	}
}

var questionTypes = wordSet("A AAAA TXT MX CNAME PTR NS SRV SOA ANY HTTPS SVCB")

var methods = wordSet("GET POST PUT HEAD DELETE PATCH OPTIONS CONNECT")

// isMail says whether a text is a mail address and nothing else.
func isMail(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && len(s) < 255 && strings.IndexByte(s[at:], '.') > 1 && !strings.ContainsAny(s, " \t,;:/\\<>()[]\"'=") && strings.Count(s, "@") == 1
}

// columns reads address, port, address, port where they stand as words one behind another, and two
// addresses with their ports behind a protocol: tcp 192.0.2.1:40000 198.51.100.2:443.
func (s *gleanStep) columns(r *run, ws []word) {
	if s.source.addr.isSet(r.ev) || s.target.addr.isSet(r.ev) {
		return
	}
	number := func(i int) bool {
		n, ok := atoi(ws[i].text)
		return ok && n < 1<<16
	}
	for i := 1; i+1 < len(ws); i++ {
		if ws[i-1].sense.is&wordTransport == 0 && (i < 2 || ws[i-2].sense.is&wordTransport == 0) || ws[i].mark == '=' {
			continue
		}
		src, sport, ok := endpoint(ws[i].text)
		dst, dport, also := endpoint(ws[i+1].text)
		if ok && also && isNumber(sport) && isNumber(dport) {
			s.side(r, &s.source, src, sport)
			s.side(r, &s.target, dst, dport)
			return
		}
	}
	for i := 0; i+2 < len(ws); i++ {
		if ws[i+1].text != "->" {
			continue
		}
		src, sport := dotted(ws[i].text)
		dst, dport := dotted(ws[i+2].text)
		if src != "" && dst != "" {
			s.side(r, &s.source, src, sport)
			s.side(r, &s.target, dst, dport)
			return
		}
	}
	for i := 0; i+4 < len(ws); i++ {
		if ws[i+2].sense.is&wordTransport != 0 && number(i+3) && number(i+4) && isAddress(ws[i].text) && isAddress(ws[i+1].text) {
			s.side(r, &s.source, ws[i].text, ws[i+3].text)
			s.side(r, &s.target, ws[i+1].text, ws[i+4].text)
			return // 192.0.2.1 198.51.100.2 TCP 40000 443
		}
	}
	for i := 0; i+3 < len(ws); i++ {
		if !number(i+1) || !number(i+3) || !isAddress(ws[i].text) || !isAddress(ws[i+2].text) {
			continue
		}
		s.side(r, &s.source, ws[i].text, ws[i+1].text)
		s.side(r, &s.target, ws[i+2].text, ws[i+3].text)
		return
	}
}

// dotted reads an address and its port as BSD writes them: 192.0.2.1.53124.
func dotted(s string) (addr, port string) {
	dot := strings.LastIndexByte(s, '.')
	if dot < 7 || strings.Count(s, ".") != 4 || !isNumber(s[dot+1:]) || !isAddress(s[:dot]) {
		return "", ""
	}
	return s[:dot], s[dot+1:]
}
