package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

const twoPlaces = `
id: travel
title: A user is in two places
kind: travel
level: high
when: event.category == "authentication"
group_by: user.name
speed: 100000
distance: 300
suppress: 20s
message: "{user.name} is {km} km away after {hours} h: {speed} km/h"
`

// TestTravelTruth compares with the definition on the equator, where a degree is the
// 360th part of the way around.
func TestTravelTruth(t *testing.T) {
	s := load(t, Options{}, twoPlaces)
	const degree = 2 * math.Pi * 6371.0088 / 360
	shuffled(t, s, func(rnd *rand.Rand, m *Match) { m.Value = fmt.Sprintf("0,%d", rnd.IntN(12)) }, func(r *Rule, ms, _ []Match) []string {
		return instants(r, ms, func(i int) bool {
			for j := i; j > 0 && ms[j].Time.Equal(ms[i].Time); j-- {
				a, _ := strconv.ParseFloat(ms[j-1].Value[2:], 64)
				b, _ := strconv.ParseFloat(ms[j].Value[2:], 64)
				km := math.Abs(a-b) * degree
				if km >= 300 && km > 100000.0/3600*max(ms[j].Time.Sub(ms[j-1].Time).Seconds(), 1) {
					return true
				}
			}
			return false
		})
	})
}

func TestTravel(t *testing.T) {
	s := load(t, Options{}, strings.NewReplacer("speed: 100000\n", "", "distance: 300\n", "", "suppress: 20s\n", "").Replace(twoPlaces))
	f := func(want string, ms ...Match) {
		t.Helper()
		titled(t, s, want, ms...)
	}
	at := func(id string, minutes int, place string) Match { return flow(s, id, 60*minutes, place) }
	const berlin, cologne, tokyo = "52.52,13.405", "50.938,6.96", "35.676,139.65"
	f("", at("1", 0, berlin), at("2", 0, cologne)) // 477 km are too near to be sure of
	f("192.0.2.1 is 8916 km away after 1 h: 8916 km/h;", at("1", 0, berlin), at("2", 60, tokyo))
	f("", at("1", 0, berlin), at("2", 540, tokyo)) // nine hours
	f("192.0.2.1 is 8916 km away after 0 h: 32095961 km/h;", at("1", 0, berlin), at("2", 0, tokyo))
	f("192.0.2.1 is 8916 km away after 1 h: 8916 km/h;", at("1", 0, berlin), at("2", 59, berlin), at("3", 119, tokyo)) // from the latest place
	f("192.0.2.1 is 8916 km away after 1 h: 8916 km/h;", at("1", 0, berlin), at("2", 60, tokyo), at("3", 120, berlin)) // one alert
	f("", at("1", 0, berlin), at("1", 0, tokyo))                                                                       // one event with two places
	f("", at("1", 0, berlin), at("2", 0, "nowhere"))
}

// TestTravelMatch: an event without a place is no match, whatever form its place has is
// the same, and the client's stands in for the source's.
func TestTravelMatch(t *testing.T) {
	s := load(t, Options{}, twoPlaces)
	f := func(want string, fields ...string) {
		t.Helper()
		carries(t, s, want, fields...)
	}
	f("")
	f("52.5,13.25;", "source.geo.location", `{"lat":52.5,"lon":13.25}`)
	f("52.5,13.25;", "client.geo.location", `{"lon":13.25,"lat":52.5}`)
	f("1,2;", "client.geo.location", `{"lon":13.25,"lat":52.5}`, "source.geo.location", `{"lat":1,"lon":2}`)
	f("", "source.geo.location", `{"lat":152.5,"lon":13.25}`)
}

// TestTravelBound: however often a key moves, it keeps one match, and that only as long
// as it can matter.
func TestTravelBound(t *testing.T) {
	s := load(t, Options{}, twoPlaces)
	c := s.NewCorrelator()
	for i := range 1000 {
		m := flow(s, strconv.Itoa(i), i, "0,"+strconv.Itoa(i%2))
		c.Observe(&m)
	}
	c.Advance("", start.Add(1000*time.Second))
	if k := onlyKey(t, c); len(k.kept) != 1 || len(k.pending) != 0 || c.Stats().Evicted != 0 {
		t.Errorf("%d kept, %d pending", len(k.kept), len(k.pending))
	}
	c.Advance("", start.Add(999*time.Second+s.Rules()[0].Window))
	if c.Keys() != 1 {
		t.Error("forgotten too early")
	}
	if c.Advance("", start.Add(1000*time.Second+s.Rules()[0].Window)); c.Keys() != 0 {
		t.Error("not forgotten")
	}
}

// TestTravelDegraded: what a bound dropped is said in later alerts of the key.
func TestTravelDegraded(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, twoPlaces)
	var ms []Match
	for i := range 20 {
		ms = append(ms, flow(s, strconv.Itoa(i), i, "0,"+strconv.Itoa(i%2*90)))
	}
	alerts := alertsOf(s, ms...)
	if len(alerts) != 1 || alerts[0].Count != 10 || !strings.Contains(string(alerts[0].Doc), "too many matches at once") {
		t.Errorf("%+v", alerts)
	}
}

func TestTravelFaults(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		refuses(t, strings.Replace(twoPlaces, from, to, 1), want)
	}
	f("speed: 100000", "speed: 100", "test.yml:8:8: speed (km/h): from 150 to 1000000")
	f("speed: 100000", "speed: 900km/h", `test.yml:8:8: speed (km/h): "900km/h" is no number`)
	f("distance: 300", "distance: 0", "test.yml:9:11: distance (km): from 1 to 20015")
	f("distance: 300", "distance: far", `test.yml:9:11: distance (km): "far" is no number`)
	f("distance: 300", "place: source.ip", "test.yml:9:8: place: source.ip is an address, where it lies is source.geo.location")
	f("distance: 300", "place: source.geo.locatio", "test.yml:9:8: no field is named source.geo.locatio; did you mean source.geo.location?")
	f("distance: 300", "window: 1h", "a rule of kind travel takes no window")
	f("group_by: user.name", "", "group_by is missing")
}
