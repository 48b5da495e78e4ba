package condition

import (
	"math"
	"testing"
)

func TestParsePoint(t *testing.T) {
	f := func(text string, want Point, ok bool) {
		t.Helper()
		if got, is := ParsePoint(text); is != ok || ok && got != want {
			t.Errorf("%q: %v %t", text, got, is)
		}
	}
	at := Point{52.5, -13.25}
	f(`{"lat":52.5,"lon":-13.25}`, at, true)
	f(`{"lat":"52.5","lon":"-13.25"}`, at, true)
	f("52.5,-13.25", at, true)
	f(" 52.5 , -13.25 ", at, true)
	f("[-13.25,52.5]", at, true)
	f("POINT (-13.25 52.5)", at, true)
	f("Point(-13.25 52.5)", at, true)
	f(`"52.5,-13.25"`, at, true) // as a document has it
	f(`"POINT (-13.25 52.5)"`, at, true)
	f(`"\"52.5,-13.25\""`, Point{}, false)
	f("", Point{}, false)
	f("{}", Point{}, false)
	f(`{"lat":52.5}`, Point{}, false)
	f("91,0", Point{}, false)
	f("0,181", Point{}, false)
	f("NaN,0", Point{}, false)
	f("52.5", Point{}, false)
	f("[1,2,3]", Point{}, false)
	if got, _ := ParsePoint(at.String()); got != at {
		t.Error(at.String())
	}
}

func TestKilometres(t *testing.T) {
	f := func(a, b Point, want float64) {
		t.Helper()
		if got := a.Kilometres(b); math.Abs(got-want) > 1 || math.Abs(got-b.Kilometres(a)) > 1e-9 {
			t.Errorf("%v to %v: %v, want %v", a, b, got, want)
		}
	}
	f(Point{52.52, 13.405}, Point{48.8566, 2.3522}, 877.5)        // Berlin, Paris
	f(Point{35.6762, 139.6503}, Point{40.7128, -74.006}, 10851.7) // Tokyo, New York
	f(Point{0, 179.5}, Point{0, -179.5}, 111.2)                   // over the date line
	f(Point{90, 0}, Point{-90, 77}, MaxKilometres)
	f(Point{10, 10}, Point{10, 10}, 0)
}
