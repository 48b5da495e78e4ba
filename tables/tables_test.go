package tables

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"sluice/event"
	"sluice/schemas"
)

// world is tables over the schema of ECS.
type world struct {
	t  *testing.T
	w  *Worker
	ev *event.Event
}

// open builds tables of their settings and the texts of their files.
func open(t *testing.T, all map[string]Settings, texts map[string]string) *world {
	t.Helper()
	var named []Named
	for name, s := range all {
		var files []File
		if s.Path() != "" {
			files = []File{{s.Path(), []byte(texts[s.Path()])}}
		}
		table, err := s.Build(files)
		if err != nil {
			t.Fatal(err)
		}
		named = append(named, Named{name, table})
	}
	set := New(named)
	schema, err := event.New(append(schemas.ECS(), set.Fields()...))
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, set.NewWorker(schema), event.NewEvent(schema)}
}

// apply gives what is added to an event with these values, as JSON by dotted names.
func (w *world) apply(values map[string]string) map[string]any {
	w.t.Helper()
	w.ev.Reset("x")
	for name, text := range values {
		f, ok := w.ev.Schema().Lookup(name)
		switch spec := w.ev.Schema().Spec(f); {
		case !ok:
			w.t.Fatal("no field " + name)
		case spec.Type == event.Date:
			at, err := time.Parse(time.RFC3339, text)
			if err != nil || !w.ev.SetTime(f, at) {
				w.t.Fatal(text)
			}
		case spec.Array:
			for _, one := range strings.Split(text, " ") {
				w.ev.Add(f, one)
			}
		case !w.ev.SetText(f, text):
			w.t.Fatalf("%s cannot hold %s", name, text)
		}
	}
	w.w.Apply(w.ev)
	doc := w.ev.AppendJSON(nil)
	var tree map[string]any
	if err := json.Unmarshal(doc, &tree); err != nil {
		w.t.Fatalf("%v: %s", err, doc)
	}
	out := map[string]any{}
	flatten(out, "", tree)
	for name := range values {
		if !strings.HasPrefix(name, "labels") {
			delete(out, name)
		}
	}
	return out
}

func flatten(out map[string]any, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(out, strings.TrimPrefix(path+"."+k, "."), x)
		}
	case []any:
		for i, x := range v {
			if _, ok := x.(map[string]any); ok {
				flatten(out, fmt.Sprintf("%s.%d", path, i), x)
			} else {
				out[path] = v
			}
		}
	default:
		out[path] = v
	}
}

func (w *world) want(values map[string]string, want map[string]any) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.apply(values)); diff != "" {
		w.t.Errorf("%v:\n%s", values, diff)
	}
}

type m = map[string]string

type a = map[string]any

// city is a small database in MaxMind's layout: 203.0.113.0/24 and 2001:db8::/32 are a
// place, 198.51.100.0/24 is a network.
func city(t testing.TB) string {
	t.Helper()
	w, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	names := func(en string) mmdbtype.Map { return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(en)}} }
	with := func(m mmdbtype.Map, key, value string) mmdbtype.Map {
		m[mmdbtype.String(key)] = mmdbtype.String(value)
		return m
	}
	place := mmdbtype.Map{
		"continent": with(names("Europe"), "code", "EU"), "country": with(names("Examplia"), "iso_code", "EX"),
		"subdivisions": mmdbtype.Slice{with(names("North"), "iso_code", "N")}, "city": names("Exampleton"), "postal": mmdbtype.Map{"code": mmdbtype.String("1234")},
		"location": mmdbtype.Map{"latitude": mmdbtype.Float64(52.5), "longitude": mmdbtype.Float64(-13.25), "time_zone": mmdbtype.String("Europe/Berlin")},
	}
	as := mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": mmdbtype.String("Example Net")}
	for cidr, rec := range map[string]mmdbtype.Map{"203.0.113.0/24": place, "2001:db8::/32": place, "198.51.100.0/24": as} {
		_, n, err := net.ParseCIDR(cidr)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Insert(n, rec); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGeoIP(t *testing.T) {
	w := open(t, map[string]Settings{"geo": &GeoIP{File: "c.mmdb"}}, m{"c.mmdb": city(t)})
	place := func(side string) a {
		out := a{}
		for k, v := range (a{
			"continent_code": "EU", "continent_name": "Europe", "country_iso_code": "EX", "country_name": "Examplia", "region_iso_code": "EX-N", "region_name": "North",
			"city_name": "Exampleton", "postal_code": "1234", "timezone": "Europe/Berlin", "location.lat": 52.5, "location.lon": -13.25,
		}) {
			out[side+".geo."+k] = v
		}
		return out
	}
	w.want(m{"source.ip": "203.0.113.7"}, place("source"))
	w.want(m{"source.ip": "::ffff:203.0.113.7"}, place("source"))
	w.want(m{"destination.ip": "2001:db8::7"}, place("destination"))
	w.want(m{"host.ip": "203.0.113.7 192.0.2.1"}, place("host"))
	w.want(m{"destination.ip": "198.51.100.7"}, a{"destination.as.number": 64500.0, "destination.as.organization.name": "Example Net"})
	w.want(m{"source.ip": "10.0.0.7", "destination.ip": "192.0.2.1"}, a{})
	w.want(m{"source.ip": "203.0.113.7", "source.geo.country_iso_code": "FR"}, a{}) // the source said where it is
	if _, err := (&GeoIP{File: "x"}).Build([]File{{"x", []byte("no database")}}); err == nil {
		t.Error("garbage is taken for a database")
	}
}

func TestNetworks(t *testing.T) {
	w := open(t, map[string]Settings{"n": &Networks{}}, nil)
	w.want(m{"source.ip": "10.0.0.1", "destination.ip": "203.0.113.1"}, a{"network.direction": "outbound"})
	w.want(m{"source.ip": "203.0.113.1", "destination.ip": "10.0.0.1"}, a{"network.direction": "inbound"})
	w.want(m{"source.ip": "192.168.0.1", "destination.ip": "fd00::1"}, a{"network.direction": "internal"})
	w.want(m{"source.ip": "203.0.113.1", "destination.ip": "2001:db8::1"}, a{"network.direction": "external"})
	w.want(m{"source.ip": "203.0.113.1"}, a{})
	w.want(m{"source.ip": "10.0.0.1", "destination.ip": "203.0.113.1", "network.direction": "egress"}, a{})
	if f, _ := w.ev.Schema().Lookup("network.direction"); w.ev.Text(f) != "egress" {
		t.Errorf("the device's own direction became %s", w.ev.Text(f))
	}
	w = open(t, map[string]Settings{"n": &Networks{Internal: []string{"203.0.113.0/24", "2001:db8::1"}}}, nil)
	w.want(m{"source.ip": "203.0.113.1", "destination.ip": "2001:db8::1"}, a{"network.direction": "internal"})
	w.want(m{"source.ip": "10.0.0.1", "destination.ip": "203.0.113.1"}, a{"network.direction": "inbound"})
	if err := (&Networks{Internal: []string{"10.0.0.0/33"}}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "internal:") {
		t.Error(err)
	}
}

func TestDomains(t *testing.T) {
	w := open(t, map[string]Settings{"d": NewDomains()}, nil)
	f := func(name, registered, sub, top string) {
		t.Helper()
		want := a{}
		for k, v := range (m{"registered_domain": registered, "subdomain": sub, "top_level_domain": top}) {
			if v != "" {
				want["dns.question."+k] = v
			}
		}
		w.want(m{"dns.question.name": name}, want)
	}
	f("www.mail.example.co.uk", "example.co.uk", "www.mail", "co.uk")
	f("www.mail.example.co.uk.", "example.co.uk", "www.mail", "co.uk")
	f("example.com", "example.com", "", "com")
	f("WWW.Example.COM", "Example.COM", "WWW", "COM")
	f("WWW.Example.CO.UK", "Example.CO.UK", "WWW", "CO.UK")
	f("a.b.github.io", "b.github.io", "a", "github.io")
	f("co.uk", "", "", "")
	f("localhost", "", "", "")
	f("192.0.2.1", "", "", "")
	f("host.10", "", "", "")
	f("_ldap._tcp.dc.corp.internal", "corp.internal", "_ldap._tcp.dc", "internal")
	f("..", "", "", "")
	f("www.食狮.公司.cn", "食狮.公司.cn", "www", "公司.cn")
	f("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn", "www", "xn--55qx5d.cn")
	f("a.bücher.example", "bücher.example", "a", "example")
	f("食狮。公司。cn", "", "", "")
	w.want(m{"url.domain": "a.example.org", "source.domain": "b.example.net"}, a{
		"url.registered_domain": "example.org", "url.subdomain": "a", "url.top_level_domain": "org",
		"source.registered_domain": "example.net", "source.subdomain": "b", "source.top_level_domain": "net",
	})
}

// TestDomainsRemembered: what is remembered of domains is bounded, and outlives the line that
// they stood in.
func TestDomainsRemembered(t *testing.T) {
	w := open(t, map[string]Settings{"d": NewDomains()}, nil)
	known := w.w.steps[0].applier.(*domainApplier).known
	f, _ := w.ev.Schema().Lookup("url.domain")
	line := []byte("www.example.org")
	w.ev.Reset("x")
	w.ev.SetText(f, unsafe.String(&line[0], len(line)))
	w.w.Apply(w.ev)
	copy(line, "the next line..")
	if _, ok := known["www.example.org"]; !ok {
		t.Errorf("the next line changed what is known: %v", known)
	}
	for i := range maxDomains {
		w.ev.Reset("x")
		w.ev.SetText(f, fmt.Sprintf("%d.example.org", i))
		w.w.Apply(w.ev)
	}
	if len(known) == 0 || len(known) > maxDomains {
		t.Errorf("%d domains are remembered", len(known))
	}
}

func TestUserAgents(t *testing.T) {
	w := open(t, map[string]Settings{"u": NewUserAgents()}, nil)
	for range 2 { // parsed, and remembered
		w.want(m{"user_agent.original": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"}, a{
			"user_agent.name": "Chrome", "user_agent.version": "120.0.0", "user_agent.os.name": "Windows", "user_agent.os.version": "10", "user_agent.os.full": "Windows 10",
			"user_agent.device.name": "Other",
		})
	}
	w.want(m{"user_agent.original": "nobody's"}, a{"user_agent.name": "Other", "user_agent.device.name": "Other"})
	w.want(m{"user_agent.original": strings.Repeat("a", maxAgent+1)}, a{})
	w.want(m{"user_agent.original": "curl/8.5.0", "user_agent.name": "mine"}, a{})
}

// TestDesktops: what is not looked for is not there.
func TestDesktops(t *testing.T) {
	p, err := parser()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
		"Mozilla/5.0 (Windows NT 6.1; WOW64; rv:54.0) Gecko/20100101 Firefox/54.0", "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
		"Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 OPR/85.0",
		"Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.4.0",
	} {
		if got := p.ParseDevice(s).Family; !isDesktop(s) || got != "Other" {
			t.Errorf("%s is %s", s, got)
		}
	}
	for _, s := range []string{"Mozilla/5.0 (Linux; Android 14; Pixel 8)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://example.com) Windows NT", "curl/8.5.0"} {
		if isDesktop(s) {
			t.Errorf("%s is no desktop", s)
		}
	}
}

// TestAgentFlood: texts that nobody has sent before are not all taken apart.
func TestAgentFlood(t *testing.T) {
	w := open(t, map[string]Settings{"u": NewUserAgents()}, nil)
	w.w.steps[0].applier.(*agentApplier).credit = 3 * agentShare
	parsed := 0
	for i := range 2 * agentShare {
		if len(w.apply(m{"user_agent.original": fmt.Sprintf("new-%d", i)})) > 0 {
			parsed++
		}
	}
	if parsed != 5 { // three at once, two in forty events
		t.Errorf("%d were taken apart", parsed)
	}
}

func TestAssets(t *testing.T) {
	w := open(t, map[string]Settings{"a": &Assets{File: "a.csv"}, "more": &Assets{File: "b.yml"}}, m{
		"a.csv": "# machines\nip,host,name,owner,criticality,mac\n192.0.2.7;2001:db8::7,fw1.example.com,fw1,ada,high,00:00:5e:00:53:01\n192.0.2.0/24,,office,facilities,,\n,, ,,,\n",
		"b.yml": "- {ip: [198.51.100.0/24, 198.51.101.1], site: Berlin, owner: bob}\n",
	})
	w.want(m{"source.ip": "192.0.2.7"}, a{
		"labels.source_owner": "ada", "labels.source_name": "fw1", "labels.source_criticality": "high",
	})
	w.want(m{"source.ip": "192.0.2.8", "destination.ip": "198.51.100.1"}, a{
		"labels.source_owner": "facilities", "labels.source_name": "office", "labels.destination_site": "Berlin", "labels.destination_owner": "bob", "destination.geo.name": "Berlin",
	})
	w.want(m{"host.hostname": "FW1.example.com"}, a{
		"host.name": "fw1", "host.risk.static_level": "high", "labels.host_owner": "ada", "labels.host_name": "fw1", "labels.host_criticality": "high",
	})
	w.want(m{"host.mac": "00-00-5E-00-53-01", "host.name": "other"}, a{
		"host.risk.static_level": "high", "labels.host_owner": "ada", "labels.host_name": "fw1", "labels.host_criticality": "high",
	})
	w.want(m{"source.ip": "203.0.113.1"}, a{})
	w.want(m{"source.ip": "198.51.101.1", "labels": `{"id":"7"}`}, a{
		"labels.id": "7", "labels.source_site": "Berlin", "labels.source_owner": "bob", "source.geo.name": "Berlin",
	})
	w.want(m{"source.ip": "198.51.101.1", "labels": `{ }`}, a{
		"labels.source_site": "Berlin", "labels.source_owner": "bob", "source.geo.name": "Berlin",
	})
	w.want(m{"source.ip": "198.51.101.1", "labels": `{"source_owner":"of the source"}`}, a{
		"labels.source_site": "Berlin", "labels.source_owner": "of the source", "source.geo.name": "Berlin",
	})
	if doc := w.ev.AppendJSON(nil); bytes.Count(doc, []byte("source_owner")) != 1 {
		t.Errorf("a name twice in one object: %s", doc)
	}
	bad := func(text, want string) {
		t.Helper()
		if _, err := (&Assets{File: "x.csv"}).Build([]File{{"x.csv", []byte(text)}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	bad("ip,owner\n192.0.2.300,ada\n", "x.csv:2: ip: \"192.0.2.300\" is no address")
	bad("ip,owner\n,ada\n", "x.csv:2: the row has neither ip, host nor mac")
	bad("ip,ip\n", "two columns are called ip")
	bad("ip,own-er\n", "no name of a column")
	bad("", "no line with the columns' names")
	bad("ip,owner\n192.0.2.1\n", "x.csv:2: wrong number of fields")
	bad("ip,owner\n,ada\n,bob\n", "\nx.csv:3: the row has neither")

	// One table is one file, so a long one in YAML cannot be divided.
	long := strings.Repeat("- {ip: 192.0.2.7, owner: ada}\n", 1<<16)
	if _, err := (&Assets{File: "x.yml"}).Build([]File{{"x.yml", []byte(long)}}); err == nil || !strings.Contains(err.Error(), "write it as CSV") {
		t.Errorf("%v, want that CSV takes more", err)
	}
}

func TestIdentities(t *testing.T) {
	w := open(t, map[string]Settings{"p": &Identities{File: "p.csv"}}, m{
		"p.csv": "user,email,full_name,department,roles\nada;CORP\\ada,ada@example.com,Ada L.,research,admin; ops\nEU\\ada,,Ada of EU,sales,\n",
	})
	ada := func(side string) a {
		label := "labels." + strings.ReplaceAll(side, ".", "_")
		return a{
			side + ".full_name": "Ada L.", side + ".email": "ada@example.com", side + ".roles": []any{"admin", "ops"},
			label + "_full_name": "Ada L.", label + "_email": "ada@example.com", label + "_department": "research", label + "_roles": "admin; ops",
		}
	}
	w.want(m{"user.name": "Ada"}, ada("user"))
	w.want(m{"user.target.name": "ada"}, ada("user.target"))
	w.want(m{"source.user.name": "ada", "source.user.domain": "corp"}, ada("source.user"))
	w.want(m{"user.name": "ada", "user.domain": "EU"}, a{"user.full_name": "Ada of EU", "labels.user_full_name": "Ada of EU", "labels.user_department": "sales"})
	got := w.apply(m{"user.email": "ADA@example.com"})
	if got["user.full_name"] != "Ada L." {
		t.Error(got)
	}
	w.want(m{"user.name": "bob"}, a{})
	w = open(t, map[string]Settings{"people": &Identities{File: "p.csv"}}, m{"p.csv": "user,full_name\njürgen,Jürgen B.\n"})
	w.want(m{"user.name": "JÜRGEN"}, a{"user.full_name": "Jürgen B.", "labels.user_full_name": "Jürgen B."})
}

// TestNumbers: what JSON has no number for would spoil the whole document.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]bool{"52.5": true, "-0.13": true, "NaN": false, "+Inf": false, "0x1p3": false, "1_0": false, "": false} {
		if number(text) != want {
			t.Errorf("%q is a number: %v", text, !want)
		}
	}
}
