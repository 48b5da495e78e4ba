package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

const (
	travelSpeed    = 1000.0 // km/h: what airliners reach with the wind, door to door never
	travelDistance = 500.0  // km: databases of addresses err by as much within a country
	leastSpeed     = 150.0  // km/h: around half the Earth within the longest window
	maxSpeed       = 1e6
)

var (
	// travelPlaces are where a place stands unless the rule says so: the first that is set.
	travelPlaces  = []string{"source.geo.location", "client.geo.location"}
	travelFigures = []string{"km", "hours", "speed"}
)

func (r *reader) travel(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	if sp.GroupBy == nil {
		r.fail(doc, "group_by is missing: whose travel it is")
	}
	if sp.Suppress < 0 || sp.Suppress > maxWindow {
		r.failKey(doc, "suppress", "from 0s to %s", maxWindow)
	}
	between := func(n *strictyaml.Node, key string, def, least, most float64) float64 {
		if n == nil {
			return def
		}
		x, ok := number(n.Value)
		switch {
		case !ok:
			r.fail(n, "%s: %.60q is no number", key, n.Value)
		case x < least || x > most:
			r.fail(n, "%s: from %.0f to %.0f", key, least, most)
		}
		return x
	}
	speed := between(sp.Speed, "speed (km/h)", travelSpeed, leastSpeed, maxSpeed)
	out.bounds = limits{{"above", max(speed, leastSpeed)}}
	out.distance = between(sp.Distance, "distance (km)", travelDistance, 1, math.Floor(condition.MaxKilometres))
	// Longer ago than the way to the other end of the Earth takes, any place can be reached.
	out.Window = time.Duration(math.Ceil(condition.MaxKilometres/out.bounds[0].X*3600)) * time.Second
	var places []*strictyaml.Node
	if sp.Place != nil {
		places = r.src.Words(sp.Place)
	} else {
		for _, name := range travelPlaces {
			places = append(places, &strictyaml.Node{Kind: strictyaml.Scalar, Value: name, Line: doc.Line, Column: doc.Column})
		}
	}
	for _, name := range out.GroupBy {
		if of, address := strings.CutSuffix(name, ".ip"); address && len(out.GroupBy) == 1 && places[0].Value == of+".geo.location" {
			n := at(doc, "group_by")
			r.doubt(DoubtCondition, n.Line, n.Column, "group_by: an address has one place, so "+name+" never travels")
		}
	}
	for i, n := range places {
		f := r.field(n, n.Value)
		if info, ok := r.set.fields.Lookup(n.Value); ok && info.Type == event.IP {
			r.fail(n, "place: %s is an address, where it lies is %s.geo.location", n.Value, strings.TrimSuffix(n.Value, ".ip"))
		}
		if i == 0 {
			out.value, out.valueOf = n.Value, f
		} else {
			out.valueElse = append(out.valueElse, f)
		}
		out.decides += fmt.Sprintf("%q ", n.Value)
	}
	out.place = true
	out.decides += fmt.Sprintf("%v %v", out.bounds[0].X, out.distance)
}

// placesOf are those of texts that are places, in one form.
func placesOf(texts []string) []string {
	var out []string
	for _, v := range texts {
		if p, ok := condition.ParsePoint(v); ok {
			out = append(out, p.String())
		}
	}
	return slices.Compact(out)
}

// judgeTravel judges one instant: true where a match of it is too far from the match
// before, in the order of (t, id), for the time between them.
//
// The latest match is all that has to be kept: on a way that is faster than the bound as
// a whole, one stretch at least is, since the great circle is the shortest way.
func (k *keyState) judgeTravel(c *Correlator, t int64, group []entry) {
	k.expire(t)
	all := append(slices.Clone(k.kept), group...)
	var behind []*entry
	var figures [3]float64
	before := -1
	for i := range all {
		here, ok := condition.ParsePoint(all[i].value)
		if !ok { // sluice.matches may carry anything
			continue
		}
		if before >= 0 {
			there, _ := condition.ParsePoint(all[before].value)
			km := there.Kilometres(here)
			// Sources tick in seconds.
			hours := max(time.Duration(t-all[before].t), time.Second).Hours()
			if km >= k.rule.distance && km/hours > k.rule.bounds[0].X && all[before].id != all[i].id {
				behind = append(behind, &all[before], &all[i])
				if km/hours > figures[2] {
					figures = [3]float64{km, hours, km / hours}
				}
			}
		}
		before = i
	}
	if behind != nil {
		k.fire(c, t, behind, math.Round(figures[0]), math.Round(figures[1]*100)/100, math.Round(figures[2]))
	}
	if before >= 0 {
		k.kept = []entry{all[before]}
	}
}
