package condition

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Point is a place on Earth, in degrees.
type Point struct{ Lat, Lon float64 }

// ParsePoint reads the forms of a geo_point: {"lat":52.5,"lon":13.4}, "52.5,13.4",
// [13.4,52.5] and POINT (13.4 52.5). The last two have the longitude first.
func ParsePoint(text string) (Point, bool) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		var p struct{ Lat, Lon json.Number }
		if json.Unmarshal([]byte(text), &p) != nil {
			return Point{}, false
		}
		return point(p.Lat.String(), p.Lon.String())
	}
	if in, ok := strings.CutPrefix(text, "["); ok {
		lon, lat, _ := strings.Cut(strings.TrimSuffix(in, "]"), ",")
		return point(lat, lon)
	}
	if in, ok := strings.CutPrefix(strings.ToUpper(text), "POINT"); ok {
		lon, lat, _ := strings.Cut(strings.Trim(in, " ()"), " ")
		return point(lat, lon)
	}
	if strings.HasPrefix(text, `"`) { // as it stands in a document
		var in string
		if json.Unmarshal([]byte(text), &in) != nil || strings.HasPrefix(in, `"`) {
			return Point{}, false
		}
		return ParsePoint(in)
	}
	lat, lon, _ := strings.Cut(text, ",")
	return point(lat, lon)
}

func point(lat, lon string) (p Point, ok bool) {
	var err, err2 error
	p.Lat, err = strconv.ParseFloat(strings.TrimSpace(lat), 64)
	p.Lon, err2 = strconv.ParseFloat(strings.TrimSpace(lon), 64)
	return p, err == nil && err2 == nil && math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180
}

// String is the point in the shortest of the forms that ParsePoint reads.
func (p Point) String() string {
	return strconv.FormatFloat(p.Lat, 'f', -1, 64) + "," + strconv.FormatFloat(p.Lon, 'f', -1, 64)
}

// MaxKilometres is how far apart two places can be.
const MaxKilometres = math.Pi * earthRadius

const earthRadius = 6371.0088 // km, the mean one

// Kilometres is the length of the great circle between two places.
func (p Point) Kilometres(o Point) float64 {
	const rad = math.Pi / 180
	sinLat, sinLon := math.Sin((o.Lat-p.Lat)*rad/2), math.Sin((o.Lon-p.Lon)*rad/2)
	h := sinLat*sinLat + math.Cos(p.Lat*rad)*math.Cos(o.Lat*rad)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
