package header

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestAt compares our own calendar with that of the library.
func TestAt(t *testing.T) {
	for day := time.Date(1599, 12, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2410; day = day.AddDate(0, 0, 1) {
		y, m, d := day.Date()
		c := clock{month: int(m), day: d, hour: 23, min: 59, sec: 60, nano: 7}
		want := time.Date(y, m, d, 23, 59, 60, 7, time.UTC)
		if got := c.at(y, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
			t.Fatalf("%v: got %v, want %v", day, got, want)
		}
	}
	c := clock{month: 2, day: 31}
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("east", 3600)} {
		if got := c.at(2023, zone); !got.IsZero() {
			t.Errorf("February 31: got %v, want none", got)
		}
	}
}

// TestReaderRemembers: a Reader that has read other lines says what a new one says,
// whatever the stamp, the zone and the receive time, New Year's nights above all.
func TestReaderRemembers(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	zones := []*time.Location{time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -11*3600)}
	var r Reader
	stamps := []string{"Feb 29 12:00:00", "Dec 31 23:59:59", "Jan  1 00:00:00", "Jan  2 11:59:59", "Mar  2 08:00:00", "Jul 15 00:00:00"}
	tails := []string{" host app[1]: x", " 2023 host app: x", ": x", " host Mar  2 08:00:00 x", ".123 host x"}
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 200_000 {
		received := base.Add(time.Duration(rnd.IntN(6*365*24*4)) * 15 * time.Minute)
		if rnd.IntN(2) == 0 { // near a New Year
			received = time.Date(2024+rnd.IntN(6), 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rnd.IntN(200)-100) * time.Hour)
		}
		line := fmt.Sprintf("<13>%s%s", stamps[rnd.IntN(len(stamps))], tails[rnd.IntN(len(tails))])
		zone := zones[rnd.IntN(len(zones))]
		var got Header
		r.Read(&got, line, received, zone)
		if want := read(line, received, zone); got != want {
			t.Fatalf("seed %d: %q received %v in %v:\ngot  %+v\nwant %+v", seed, line, received, zone, got, want)
		}
	}
}
