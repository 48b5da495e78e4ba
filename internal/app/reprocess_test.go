package app

import "testing"

// TestEqualJSON: the order of keys is no difference, the last digit of a long number is one.
func TestEqualJSON(t *testing.T) {
	f := func(a, b string, want bool) {
		t.Helper()
		if got, err := equalJSON([]byte(a), []byte(b)); got != want || err != nil {
			t.Errorf("%s and %s: %v, %v", a, b, got, err)
		}
	}
	f(`{"a":1,"b":["x",{"c":null}]}`, `{ "b":["x",{"c":null}],"a":1}`, true)
	f(`{"a":1}`, `{"a":"1"}`, false)
	f(`{"a":9007199254740993}`, `{"a":9007199254740992}`, false)
	f(`{"a":[1.50,{"b":1e3}]}`, `{"a":[1.5,{"b":1000}]}`, true)
	f(`{"a":[1,2]}`, `{"a":[2,1]}`, false)
}
