package columns

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// w3cFields names the columns of a log in W3C's extended form, as proxies and web servers write it.
const w3cFields = "#Fields:"

// w3cStarts are how such a log begins.
var w3cStarts = []string{w3cSoftware, "#Version:", "#Date:", "#Start-Date:", "#End-Date:", "#System:", "#Remark:", w3cFields}

// isW3C says whether a file begins so.
func isW3C(start string) bool {
	return slices.ContainsFunc(w3cStarts, func(s string) bool { return strings.HasPrefix(start, s) })
}

// w3cSoftware names the program that writes such a log.
const w3cSoftware = "#Software:"

// iis is the program whose log the administrator chooses the columns of, by clicking.
const iis = "Microsoft Internet Information Services"

// iisOrders are the columns that IIS writes unless somebody chose others, and all that it has.
// Lines of those are known as they stand, and need no names, which each of them would keep.
var iisOrders = []string{
	"date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
	"date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken",
	"date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken",
}

// Head is what a file says of its columns: at its start, and in W3C's extended form again wherever
// the program that writes it was started anew. The zero value is of a file that was not looked at yet.
// It is not safe for concurrent use.
type Head struct {
	Header   string // of the lines that follow; "": none
	software string // who writes it
	w3c      bool
}

// Begin reads the start of a file, as headerOf does. false: its head is not complete yet.
func (h *Head) Begin(start []byte) (known bool) {
	if h.w3c = isW3C(string(start)); h.w3c {
		return h.first(string(start))
	}
	h.Header, known = headerOf(start)
	return known
}

// first reads the lines of a W3C log's first head, up to the one with the names.
func (h *Head) first(start string) (known bool) {
	size := len(start)
	for {
		line, rest, whole := strings.Cut(start, "\n")
		switch {
		case !whole:
			return size >= MaxHeader
		case !strings.HasPrefix(line, "#"):
			return true
		}
		h.Line([]byte(line))
		if strings.HasPrefix(line, w3cFields) {
			return true
		}
		start = rest
	}
}

// Line reads a line of the file, which may name other columns of those behind it.
func (h *Head) Line(line []byte) {
	if !h.w3c || len(line) == 0 || line[0] != '#' {
		return
	}
	switch text := strings.TrimRight(string(line), "\r\n"); {
	case strings.HasPrefix(text, w3cSoftware):
		h.software = strings.TrimSpace(text[len(w3cSoftware):])
	case strings.HasPrefix(text, w3cFields):
		h.Header = w3cNames(h.software, text)
	}
}

// maxBack is how far before the place where reading goes on a head is looked for, in bytes.
const maxBack = 64 << 20

// Resume reads the last head before offset, from where a file is read on after a new start; what
// stands further back than 64 MiB is not looked at.
func (h *Head) Resume(file io.ReaderAt, offset int64) {
	if !h.w3c {
		return
	}
	buf := make([]byte, 256<<10)
	for end, stop := offset, max(0, offset-maxBack); end > stop; {
		from := max(stop, end-int64(len(buf)))
		n, _ := file.ReadAt(buf[:end-from], from)
		at := bytes.LastIndex(buf[:n], []byte("\n"+w3cFields))
		if at < 0 {
			if end = from + int64(len(w3cFields)); from == stop { // it may lie across
				return
			}
			continue
		}
		start := max(0, from+int64(at)-1024) // of the lines above it, which name the program
		n, _ = file.ReadAt(buf[:min(int64(len(buf)), offset-start, 1024+MaxHeader)], start)
		for line := range bytes.Lines(buf[:n]) {
			if h.Line(line); bytes.HasPrefix(line, []byte(w3cFields)) && start >= from+int64(at) {
				return
			}
			start += int64(len(line))
		}
		return
	}
}

// Directive says whether a line is one of the head of such a log.
func Directive(line string) bool { return line != "" && line[0] == '#' && isW3C(line) }

// w3cNames is the header of lines with these fields: "#Software: X", a tab and the line, or the
// line alone where nobody signs. It is "" where a pack knows the lines as they stand, as what Microsoft's
// servers and CloudFront write by default.
func w3cNames(software, fields string) (header string) {
	switch software = strings.TrimSpace(software); {
	case strings.HasPrefix(software, iis):
		if slices.Contains(iisOrders, strings.TrimSpace(strings.TrimPrefix(fields, w3cFields))) {
			return ""
		}
	case strings.HasPrefix(software, "Microsoft"):
		return ""
	}
	if header = fields; software != "" {
		header = w3cSoftware + " " + software + "\t" + fields
	}
	if !new(Table).read(header) {
		return ""
	}
	return header
}

// readW3C reads such a header.
func (t *Table) readW3C(header string) bool {
	t.software = ""
	if rest, ok := strings.CutPrefix(header, w3cSoftware); ok {
		if t.software, header, ok = strings.Cut(rest, "\t"); !ok {
			return false
		}
		t.software = strings.TrimSpace(t.software)
	}
	text := strings.TrimPrefix(header, w3cFields)
	if t.names, t.sep = strings.Fields(text), ' '; len(t.names) == 1 {
		t.names, t.sep = strings.Split(t.names[0], ","), ','
	}
	t.w3c = true
	seen := map[string]bool{}
	for _, name := range t.names {
		if name == "" || len(name) > maxName || seen[name] || name == "x-edge-location" {
			return false
		}
		seen[name] = true
	}
	return len(t.names) >= minNames && len(t.names) <= maxNames
}

// w3cObject is a line as an object: cells stand between blanks, with quotes around those that hold
// some, or between tabs, whatever is between the names; "-" is no value. Who writes the log is told
// under "#Software".
func (t *Table) w3cObject(line string) (object []byte, ok bool) {
	if strings.HasPrefix(line, "#") {
		return nil, false
	}
	sep := t.sep
	if sep == ' ' && strings.IndexByte(line, '\t') >= 0 {
		sep = '\t'
	}
	return t.object(line, sep, "-")
}
