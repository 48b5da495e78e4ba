package tables

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"sluice/event"
)

// GeoIP is a database in MaxMind's format: GeoLite2 and GeoIP2 (City, Country, ASN, ISP),
// DB-IP, IPinfo. What it has is read; none is shipped.
type GeoIP struct {
	File string `yaml:"file"` // an .mmdb
}

// NewGeoIP is the kind geoip.
func NewGeoIP() Settings { return &GeoIP{} }

// Validate implements Settings.
func (s *GeoIP) Validate() error { return needsFile(s.File) }

func needsFile(path string) error {
	if path == "" {
		return errors.New("file: is missing")
	}
	return nil
}

// Path implements Settings.
func (s *GeoIP) Path() string { return s.File }

// Build implements Settings.
func (s *GeoIP) Build(files []File) (Table, error) {
	if len(files) != 1 {
		return nil, errors.New("expected one file")
	}
	db, err := maxminddb.OpenBytes(files[0].Data)
	if err != nil {
		return nil, fmt.Errorf("%s: no database in MaxMind's format: %w", files[0].Name, err)
	}
	return &geoip{db}, nil
}

type geoip struct{ db *maxminddb.Reader }

func (g *geoip) Size() int        { return int(g.db.Metadata.NodeCount) }
func (g *geoip) fields() []string { return nil }
func (g *geoip) rank() rank       { return rankGeo }

// places are the objects of ECS that have an address and what we know of it.
var places = []string{"source", "destination", "client", "server", "host", "observer"}

func (g *geoip) bind(look lookup) applier {
	a := &geoApplier{db: g.db, known: map[uintptr]*place{}}
	for _, name := range places {
		s := geoSide{ip: look(name + ".ip"), number: look(name + ".as.number"), owner: look(name + ".as.organization.name")}
		for i, f := range geoFields {
			s.geo[i] = look(name + ".geo." + f)
		}
		a.sides = append(a.sides, s)
	}
	return a
}

// geoFields are the fields below X.geo, in the order of place.geo.
var geoFields = [...]string{
	"continent_code", "continent_name", "country_iso_code", "country_name", "region_iso_code", "region_name", "city_name", "postal_code", "timezone", "location",
}

const (
	gContinent = iota
	gContinentName
	gCountry
	gCountryName
	gRegion
	gRegionName
	gCity
	gPostal
	gZone
	gLocation
)

type geoSide struct {
	ip            event.Field
	geo           [len(geoFields)]event.Field
	number, owner event.Field
}

// place is one record of a database, ready to be set.
type place struct {
	geo    [len(geoFields)]event.Const
	number int64
	owner  event.Const
	empty  bool // nothing of it is a field
	places bool // it has geo
}

// maxPlaces bounds the records that a worker keeps decoded, at some 600 bytes each; beyond
// it begins anew. Few of a database's records are seen in one network.
const maxPlaces = 8192

type geoApplier struct {
	db    *maxminddb.Reader
	sides []geoSide
	known map[uintptr]*place
}

func (a *geoApplier) apply(_ *Worker, ev *event.Event) (hit bool) {
	for i := range a.sides {
		s := &a.sides[i]
		v := ev.Get(s.ip)
		if v == nil {
			continue
		}
		addr := v.Addr()
		if v.IsList() {
			addr, _ = netip.ParseAddr(ev.Text(s.ip))
		}
		if p := a.find(addr.Unmap()); p != nil {
			s.set(ev, p)
			hit = true
		}
	}
	return hit
}

// find is the record of an address; nil: there is none.
func (a *geoApplier) find(addr netip.Addr) *place {
	if !addr.IsValid() || addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() {
		return nil
	}
	r := a.db.Lookup(addr)
	if !r.Found() {
		return nil
	}
	p, ok := a.known[r.Offset()]
	if !ok {
		p = decodePlace(r)
		if len(a.known) >= maxPlaces {
			clear(a.known)
		}
		a.known[r.Offset()] = p
	}
	if p.empty {
		return nil
	}
	return p
}

// set fills a side. Where the source has said which country it is, all of geo is its.
func (s *geoSide) set(ev *event.Event, p *place) {
	if p.places && !ev.Has(s.geo[gCountry]) && !ev.Has(s.geo[gCountryName]) {
		for i, f := range s.geo {
			if p.geo[i].Text() == "" || f == event.None || ev.Has(f) {
				continue
			}
			if i == gLocation {
				ev.SetText(f, p.geo[i].Text())
			} else {
				ev.SetConst(f, p.geo[i])
			}
		}
	}
	if p.number > 0 && s.number != event.None && !ev.Has(s.number) {
		ev.SetInt(s.number, p.number)
	}
	if p.owner.Text() != "" && s.owner != event.None && !ev.Has(s.owner) {
		ev.SetConst(s.owner, p.owner)
	}
}

// decodePlace reads a record in the layouts that the makers of databases have.
func decodePlace(r maxminddb.Result) *place {
	var rec any
	p := &place{empty: true}
	if r.Decode(&rec) != nil {
		return p
	}
	set := func(i int, texts ...string) {
		for _, t := range texts {
			if t != "" {
				p.geo[i], p.empty, p.places = event.NewConst(t), false, true
				return
			}
		}
	}
	country := text(rec, "country", "iso_code")
	if country == "" { // an address that is anonymous, or a carrier's: where it is registered
		country = text(rec, "registered_country", "iso_code")
	}
	set(gContinent, text(rec, "continent", "code"), text(rec, "continent_code"))
	set(gContinentName, text(rec, "continent", "names", "en"), text(rec, "continent_name"), text(rec, "continent"))
	set(gCountry, country, text(rec, "country_code"), short(text(rec, "country")))
	set(gCountryName, text(rec, "country", "names", "en"), text(rec, "registered_country", "names", "en"), text(rec, "country_name"), long(text(rec, "country")))
	if iso := text(rec, "subdivisions", "0", "iso_code"); iso != "" && country != "" {
		set(gRegion, country+"-"+iso)
	}
	set(gRegionName, text(rec, "subdivisions", "0", "names", "en"), text(rec, "region"))
	set(gCity, text(rec, "city", "names", "en"), text(rec, "city"))
	set(gPostal, text(rec, "postal", "code"), text(rec, "postal_code"))
	set(gZone, text(rec, "location", "time_zone"), text(rec, "timezone"))
	lat, lon := text(rec, "location", "latitude"), text(rec, "location", "longitude")
	if lat == "" {
		lat, lon = text(rec, "lat"), text(rec, "lng")
	}
	if number(lat) && number(lon) {
		set(gLocation, `{"lat":`+lat+`,"lon":`+lon+`}`)
	}
	asn := text(rec, "autonomous_system_number")
	if asn == "" {
		asn = strings.TrimPrefix(text(rec, "asn"), "AS")
	}
	if n, err := strconv.ParseInt(asn, 10, 64); err == nil && n > 0 {
		p.number, p.empty = n, false
	}
	for _, t := range []string{text(rec, "autonomous_system_organization"), text(rec, "as_name"), text(rec, "organization")} {
		if t != "" {
			p.owner, p.empty = event.NewConst(t), false
			break
		}
	}
	return p
}

// text is what stands at a path of a decoded record, as text.
func text(v any, path ...string) string {
	for _, key := range path {
		switch in := v.(type) {
		case map[string]any:
			v = in[key]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n >= len(in) {
				return ""
			}
			v = in[n]
		default:
			return ""
		}
	}
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case uint64:
		return strconv.FormatUint(v, 10)
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case uint32:
		return strconv.FormatUint(uint64(v), 10)
	case int32:
		return strconv.Itoa(int(v))
	case uint16:
		return strconv.Itoa(int(v))
	}
	return ""
}

// number says whether a text is a number as JSON has them: NaN and 0x1p3 are none.
func number(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && json.Valid([]byte(s))
}

// short is a country that is given as its code, long one that is given by its name.
func short(s string) string {
	if len(s) == 2 {
		return s
	}
	return ""
}

func long(s string) string {
	if len(s) > 2 {
		return s
	}
	return ""
}
