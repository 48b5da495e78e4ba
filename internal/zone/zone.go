// Package zone parses the time zones that people write in settings, packs and rules, for
// timestamps without one. The meaning is the same everywhere: a name from the IANA time zone
// database, or an offset from UTC.
package zone

import (
	"fmt"
	"time"
)

// Load reads a zone: Europe/Berlin, Local (that of this machine), +05:30, -0700, +02 or
// UTC; empty is UTC. A name costs 20 us; who asks often keeps what it returns.
func Load(name string) (*time.Location, error) {
	if name != "" && (name[0] == '+' || name[0] == '-') {
		for _, layout := range []string{"-07:00", "-0700", "-07"} {
			if t, err := time.Parse(layout, name); err == nil {
				_, seconds := t.Zone()
				return time.FixedZone(name, seconds), nil
			}
		}
		return nil, fmt.Errorf("%.60q is no offset from UTC, such as +05:30", name)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%.60q is neither an IANA time zone, such as Europe/Berlin, nor an offset, such as +05:30", name)
	}
	return z, nil
}
