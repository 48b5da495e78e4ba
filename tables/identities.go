package tables

import (
	"errors"
	"slices"
	"strings"

	"sluice/event"
)

// Identities is a table of people and accounts: CSV with a line of names, or a YAML list.
// The columns user, email and id are what rows are found by; user may be DOMAIN\user.
type Identities struct {
	File      string `yaml:"file"`      // CSV or YAML, as its name ends
	Separator string `yaml:"separator"` // of CSV
}

// NewIdentities is the kind identities.
func NewIdentities() Settings { return &Identities{} }

// Validate implements Settings.
func (s *Identities) Validate() error { return errors.Join(needsFile(s.File), oneByte(s.Separator)) }

// Path implements Settings.
func (s *Identities) Path() string { return s.File }

// Build implements Settings.
func (s *Identities) Build(files []File) (Table, error) {
	t := &identities{by: map[string]int32{}}
	return t, addRows(files, s.Separator, t.add)
}

type identities struct {
	rows []row
	by   map[string]int32
}

var (
	identityKeys = []string{"user", "username", "account"}
	// mail address and id find a row and are its values, too
	identityAlso = []string{"email", "id"}
)

func (t *identities) add(r row) error {
	id := int32(len(t.rows))
	found := false
	for i, column := range r.columns {
		if !slices.Contains(identityKeys, column) && !slices.Contains(identityAlso, column) {
			continue
		}
		for _, v := range list(r.values[i]) {
			t.by[strings.ToLower(v)] = id
			found = true
		}
	}
	if !found {
		return errors.New("the row has neither user, email nor id")
	}
	t.rows = append(t.rows, r)
	return nil
}

func (t *identities) Size() int  { return len(t.rows) }
func (t *identities) rank() rank { return rankPeople }

// identitySides are the objects of ECS that may be a person.
var identitySides = []string{"user", "user.target", "user.effective", "source.user", "destination.user", "client.user", "server.user"}

// identityColumns are columns that ECS has a field for; the others become labels.
var identityColumns = map[string]string{
	"email": "email", "id": "id", "full_name": "full_name", "domain": "domain", "roles": "roles", "group": "group.name", "risk": "risk.static_level",
}

func (t *identities) fields() (out []string) {
	for _, side := range identitySides {
		for _, c := range used(t.rows) {
			if !slices.Contains(identityKeys, c) {
				out = append(out, labelName(side)+"_"+c)
			}
		}
	}
	return out
}

func (t *identities) bind(look lookup) applier {
	a := &identityApplier{identities: t}
	columns := used(t.rows)
	for _, side := range identitySides {
		s := identitySide{
			rowWriter: newRowWriter(look, side, columns, identityColumns, identityKeys),
			domain:    look(side + ".domain"),
		}
		for _, name := range []string{"name", "email", "id"} {
			if f := look(side + "." + name); f != event.None {
				s.keys = append(s.keys, f)
			}
		}
		a.sides = append(a.sides, s)
	}
	return a
}

type identityApplier struct {
	*identities
	sides []identitySide
}

type identitySide struct {
	rowWriter
	domain event.Field
	keys   []event.Field
}

func (a *identityApplier) apply(w *Worker, ev *event.Event) (hit bool) {
	for i := range a.sides {
		s := &a.sides[i]
		for k, f := range s.keys {
			name := ev.Text(f)
			if name == "" {
				continue
			}
			id, ok := int32(0), false
			if domain := ev.Text(s.domain); k == 0 && domain != "" { // CORP\ada before ada
				w.buf = append(append(append(w.buf[:0], domain...), '\\'), name...)
				id, ok = a.by[strings.ToLower(string(w.buf))]
			}
			if !ok {
				id, ok = a.by[strings.ToLower(name)]
			}
			if ok {
				s.write(w, ev, &a.rows[id])
				hit = true
				break
			}
		}
	}
	return hit
}
