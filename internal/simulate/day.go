package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A day is what the sources that Script leaves out write on a working day: clouds, identity
// providers, Windows, mail, names, hypervisors, and what administrators and their programs
// do to hosts. Nothing in it is an attack, and much of it looks like one.
type day struct {
	rng    *rand.Rand
	office *office
	ids    int
	lines  map[string][]Line
}

// Day is what each source writes on one working day, in the order of its time: a day in
// which nothing is wrong. It is the same on each call of a seed.
func Day(seed uint64) map[string][]Line {
	rng := rand.New(rand.NewPCG(seed, 0xda7))
	d := &day{rng: rng, office: newOffice(rng), lines: map[string][]Line{}}
	for _, play := range []func(){
		d.entra, d.entraAdministration, d.okta, d.google, d.microsoft365, d.github, d.cloudTrail, d.cloudTrailServices,
		d.kubernetes, d.windows, d.windowsServers, d.machines,
		d.hosts, d.patches, d.hostChecks, d.mail, d.names, d.leases, d.fortigate, d.asaVPN, d.web, d.webPrograms,
		d.switches, d.telephones, d.panos, d.databases, d.workstations, d.azure, d.gcp, d.applicationFirewall,
		d.ownScanner,
	} {
		play()
	}
	var all []Line
	for _, source := range slices.Sorted(maps.Keys(d.lines)) {
		inOrder(d.lines[source])
		all = append(all, d.lines[source]...)
	}
	inOrder(all)
	d.lines[together] = all
	return d.lines
}

// together is the name in a Day under which the lines of all sources stand.
const together = "all together"

func inOrder(lines []Line) {
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.After, b.After) })
}

// The addresses of the day: the office is seen from outside as publicIP.
const (
	monitoring = "10.10.0.90"
	balancer   = "10.10.0.5"
	ownScanner = "10.10.0.99"
)

// oclock is a time of the day.
func oclock(hour, minute int) time.Time {
	return Epoch.Truncate(24 * time.Hour).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func (d *day) say(source string, at time.Time, format string, args ...any) {
	d.lines[source] = append(d.lines[source], Line{After: at.Sub(Epoch), Via: File, File: source, Text: fmt.Appendf(nil, format, args...)})
}

// inOffice is some time between eight and six.
func (d *day) inOffice() time.Time { return oclock(8, 0).Add(d.within(10 * time.Hour)) }

// inMorning is when most people begin.
func (d *day) inMorning() time.Time { return oclock(8, 0).Add(d.within(90 * time.Minute)) }

func (d *day) within(t time.Duration) time.Duration { return time.Duration(d.rng.Int64N(int64(t))) }

func (d *day) soon() time.Duration { return 2*time.Second + d.within(8*time.Second) }

func (d *day) id() int { d.ids++; return d.ids }

// mistypes is how often somebody mistypes a password in the morning: mostly never, and at
// most three times.
func (d *day) mistypes() int {
	switch n := d.rng.IntN(100); {
	case n < 86:
		return 0
	case n < 94:
		return 1
	case n < 98:
		return 2
	}
	return 3
}

// syslog is a line of a host by RFC 3164.
func (d *day) syslog(source string, at time.Time, pri int, host, tag, format string, args ...any) {
	d.say(source, at, "<%d>%s %s %s: %s", pri, at.Format(time.Stamp), host, tag, fmt.Sprintf(format, args...))
}

// home is the address from which somebody works at home, or by phone.
func home(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + n%200)}) }

// stampMillis and stampSeconds are how documents write a time.
func stampMillis(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

func stampSeconds(t time.Time) string { return t.Format("2006-01-02T15:04:05Z") }

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
