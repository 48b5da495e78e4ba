package normalize

import (
	"math"
	"strconv"
	"strings"

	"sluice/event"
)

// latKeys and lonKeys end the names of keys that hold a place on earth.
var (
	latKeys = []string{"latitude", "lat"}
	lonKeys = []string{"longitude", "long", "lng", "lon"}
)

// geoParents tell where somebody sat who did something.
var geoParents = wordSet("geo geoip geoinfo geodata geolocation location iplocation ipgeo ipinfo")

// placed tells where who did something sat, where two keys beside each other hold the place: lat and lon
// below geo, src_latitude and src_longitude. It is the source's, unless a key says that it is another's.
func (s *knownStep) placed(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		stem, isLat := cutEnd(k.name, latKeys)
		if !isLat || !sitsThere(k.parents, stem) {
			continue
		}
		lat, ok := degrees(k.text, 90)
		if !ok {
			continue
		}
		for _, other := range keys {
			if of, isLon := cutEnd(other.name, lonKeys); !isLon || of != stem || other.parents != k.parents {
				continue
			}
			if lon, ok := degrees(other.text, 180); ok && (lat != "0" || lon != "0") && !ev.Has(s.side.place) && ev.Has(s.source) {
				ev.SetText(s.side.place, ev.Own([]byte(`{"lat":`+lat+`,"lon":`+lon+`}`)))
				return
			}
		}
	}
}

// placeWords are what may stand in front of such a key, and above it, without making it somebody else's.
var placeWords = wordSet("src source client remote user login actor ip geo geoip srcgeo clientgeo sourcegeo srclocation clientlocation sourcelocation")

// sitsThere says whether a place is that of who did something.
func sitsThere(parents, stem string) bool {
	if stem != "" && !placeWords[stem] && !geoParents[stem] {
		return false
	}
	told := stem != ""
	var buf [maxKnown]byte
	for parent := range strings.SplitSeq(strings.TrimSuffix(parents, "."), ".") {
		switch plain := string(plainKey(buf[:0], parent)); {
		case placeWords[plain], geoParents[plain], actorObjects[plain], clientParents[plain]:
			told = true
		case parent != "" && !isNeutral([]byte(plain)):
			return false
		}
	}
	return told
}

// degrees is a text as JSON writes a number, if it is one of at most so many degrees.
func degrees(text string, most float64) (string, bool) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(x) <= most) || len(text) > 24 { // NaN is above nothing
		return "", false
	}
	return strconv.FormatFloat(x, 'f', -1, 64), true
}
