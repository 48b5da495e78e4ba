package tables

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gaissmai/bart"

	"sluice/event"
	"sluice/internal/cidr"
)

// Assets is a table of machines and networks: CSV with a line of names, or a YAML list.
// The columns ip (addresses and CIDR ranges), host and mac are what rows are found by.
type Assets struct {
	File      string `yaml:"file"`      // CSV or YAML, as its name ends
	Separator string `yaml:"separator"` // of CSV
}

// NewAssets is the kind assets.
func NewAssets() Settings { return &Assets{} }

// Validate implements Settings.
func (s *Assets) Validate() error { return errors.Join(needsFile(s.File), oneByte(s.Separator)) }

func oneByte(sep string) error {
	switch {
	case len(sep) > 1 && sep != `\t`:
		return fmt.Errorf("separator: %q is no single character", sep)
	case sep == `"`, sep == "\n", sep == "\r":
		return fmt.Errorf("separator: %q cannot stand between cells: it quotes them, or ends a line", sep)
	}
	return nil
}

// Path implements Settings.
func (s *Assets) Path() string { return s.File }

// Build implements Settings.
func (s *Assets) Build(files []File) (Table, error) {
	t := &assets{names: map[string]int32{}}
	return t, addRows(files, s.Separator, t.add)
}

type assets struct {
	rows  []row
	ips   bart.Table[int32]
	names map[string]int32 // host names and MAC addresses
}

// assetKeys are the columns by which rows are found.
var assetKeys = []string{"ip", "cidr", "network", "host", "hostname", "mac"}

func (t *assets) add(r row) error {
	id := int32(len(t.rows))
	found := false
	for i, column := range r.columns {
		if !slices.Contains(assetKeys, column) {
			continue
		}
		for _, v := range list(r.values[i]) {
			switch column {
			case "ip", "cidr", "network":
				p, err := cidr.Parse(v)
				if err != nil {
					return fmt.Errorf("%s: %w", column, err)
				}
				t.ips.Insert(p, id)
			case "mac":
				t.names[macKey(v)] = id
			default:
				t.names[strings.ToLower(v)] = id
			}
			found = true
		}
	}
	if !found {
		return errors.New("the row has neither ip, host nor mac")
	}
	t.rows = append(t.rows, r)
	return nil
}

// macKey is a MAC address as ECS writes it, whatever stands between its bytes.
func macKey(s string) string {
	s = strings.ToUpper(strings.NewReplacer(":", "", "-", "", ".", "").Replace(s))
	if len(s) != 12 {
		return s
	}
	return s[0:2] + "-" + s[2:4] + "-" + s[4:6] + "-" + s[6:8] + "-" + s[8:10] + "-" + s[10:12]
}

func (t *assets) Size() int  { return len(t.rows) }
func (t *assets) rank() rank { return rankPeople }

// assetSides are the objects that may be an asset, and the fields that find it.
var assetSides = []struct{ object, keys string }{
	{"host", "host.name host.hostname host.ip host.mac"},
	{"source", "source.ip source.domain source.mac"},
	{"destination", "destination.ip destination.domain destination.mac"},
	{"observer", "observer.name observer.hostname observer.ip"},
}

// assetColumns are columns that ECS has a field for; the others become labels.
var assetColumns = map[string]string{
	"name": "name", "id": "id", "type": "type", "os": "os.name", "os_version": "os.version", "site": "geo.name", "criticality": "risk.static_level",
	"vendor": "vendor", "product": "product", "serial_number": "serial_number",
}

func (t *assets) fields() (out []string) {
	for _, side := range assetSides {
		for _, c := range used(t.rows) {
			if !slices.Contains(assetKeys, c) {
				out = append(out, side.object+"_"+c)
			}
		}
	}
	return out
}

func (t *assets) bind(look lookup) applier {
	a := &assetApplier{assets: t}
	columns := used(t.rows)
	for _, side := range assetSides {
		s := assetSide{rowWriter: newRowWriter(look, side.object, columns, assetColumns, assetKeys)}
		for name := range strings.FieldsSeq(side.keys) {
			if f := look(name); f != event.None {
				s.keys = append(s.keys, f)
			}
		}
		a.sides = append(a.sides, s)
	}
	return a
}

type assetApplier struct {
	*assets
	sides []assetSide
}

type assetSide struct {
	rowWriter
	keys []event.Field
}

func (a *assetApplier) apply(w *Worker, ev *event.Event) (hit bool) {
	for i := range a.sides {
		s := &a.sides[i]
		for _, f := range s.keys {
			if !ev.Has(f) {
				continue
			}
			if id, ok := a.find(ev, f); ok {
				s.write(w, ev, &a.rows[id])
				hit = true
				break
			}
		}
	}
	return hit
}

// find is the row of a field's value, or of the first of its values that has one.
func (a *assetApplier) find(ev *event.Event, f event.Field) (int32, bool) {
	v := ev.Get(f)
	if v.IsList() {
		for _, text := range ev.List(f) {
			if id, ok := a.one(netip.Addr{}, v.Type() == event.IP, text); ok {
				return id, true
			}
		}
		return 0, false
	}
	return a.one(v.Addr(), v.Type() == event.IP, ev.Text(f))
}

func (a *assetApplier) one(addr netip.Addr, isAddr bool, text string) (int32, bool) {
	if isAddr {
		if !addr.IsValid() {
			addr, _ = netip.ParseAddr(text)
		}
		if !addr.IsValid() {
			return 0, false
		}
		return a.ips.Lookup(cidr.Plain(addr))
	}
	if id, ok := a.names[strings.ToLower(text)]; ok {
		return id, true
	}
	id, ok := a.names[text] // a MAC address is in upper case
	return id, ok
}

// rowWriter writes a row to an object of an event: columns that ECS has a field for fill
// it where it is not set, and every column becomes a label, OBJECT_COLUMN.
type rowWriter struct{ columns []rowColumn }

type rowColumn struct {
	name  string
	ecs   event.Field
	label event.Field // what rules read
	key   string
}

func newRowWriter(look lookup, object string, columns []string, known map[string]string, keys []string) rowWriter {
	w := rowWriter{}
	for _, c := range columns {
		if slices.Contains(keys, c) {
			continue
		}
		key := labelName(object) + "_" + c
		col := rowColumn{name: c, key: key, label: look(labelsField + "." + key)}
		if name, ok := known[c]; ok {
			col.ecs = look(object + "." + name)
		}
		w.columns = append(w.columns, col)
	}
	return w
}

// labelName is an object's name as a label begins with it: labels have no points.
func labelName(object string) string { return strings.ReplaceAll(object, ".", "_") }

func (rw *rowWriter) write(w *Worker, ev *event.Event, r *row) {
	for i := range rw.columns {
		c := &rw.columns[i]
		text := r.get(c.name)
		if text == "" {
			continue
		}
		if c.ecs != event.None && !ev.Has(c.ecs) {
			if ev.Schema().Spec(c.ecs).Array {
				ev.SetList(c.ecs, list(text))
			} else {
				ev.SetText(c.ecs, text)
			}
		}
		if c.label != event.None {
			ev.SetText(c.label, text)
		}
		w.out.add(c.key, text)
	}
}
