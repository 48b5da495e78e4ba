package normalize

import (
	"strings"
	"time"

	"sluice/internal/strictyaml"
	"sluice/normalize/header"
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

// layout reads a date in a layout of the pack's. The receive time gives the year, and
// the input's zone the zone, where the layout has none.
func (r *run) layout(layout, text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	tm, err := time.ParseInLocation(layout, text, r.zone)
	if err != nil {
		return tm, false
	}
	if tm.Year() == 0 {
		tm = header.Closest(tm, r.now)
	}
	return tm, true
}
