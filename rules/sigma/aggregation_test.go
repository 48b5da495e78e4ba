package sigma

import (
	"slices"
	"strings"
	"testing"
)

// TestAggregations: those of Sigma 1, with what makes them fire and what does not.
func TestAggregations(t *testing.T) {
	f := func(condition, timeframe, want string, events ...string) {
		t.Helper()
		text := "title: T\nlogsource: {product: all}\ndetection:\n  a: {Kind|contains: a}\n  b: {Kind|contains: b}\n  c: {Kind|contains: c}\n"
		if timeframe != "" {
			text += "  timeframe: " + timeframe + "\n"
		}
		s, schema, err := loaded(t, text+"  condition: "+condition)
		if err != nil {
			t.Errorf("%s\n%v", condition, err)
			return
		}
		if got := strings.Join(alerts(t, s, schema, events...), "; "); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", condition, got, want)
		}
	}
	f("a | count() > 2", "10s", "T: [0 1 2]", "0 Kind=a", "1 Kind=a", "2 Kind=a", "3 Kind=b")
	f("a | count() > 2", "10s", "", "0 Kind=a", "1 Kind=a", "10 Kind=a") // (t-T, t]
	f("a and not b | count() >= 2", "10s", "", "0 Kind=a", "1 Kind=ab")
	f("a | count() by User > 1", "10s", "T: [0 2]", "0 Kind=a User=x", "1 Kind=a User=y", "2 Kind=a User=x", "3 Kind=a", "4 Kind=a")
	f("a | count() by User, Host > 1", "10s", "T: [1 2]", "0 Kind=a User=x Host=g", "1 Kind=a User=x Host=h", "2 Kind=a User=x Host=h")
	f("a | count(User) by Host >= 2", "10s", "T: [1 2]", "0 Kind=a Host=h User=x", "1 Kind=a Host=h User=x", "2 Kind=a Host=h User=y", "3 Kind=a Host=i User=y")
	f("a | count() by User < 2", "7d", "T: [0]", "0 Kind=a User=x", "1 Kind=a User=x")
	f("a | count(User) <= 1", "1m", "T: [0 1]", "0 Kind=a User=x", "1 Kind=a User=x", "2 Kind=a User=y")
	f("a | count() == 2", "1m", "T: [0 1]", "0 Kind=a", "1 Kind=a", "2 Kind=a")
	f("a | sum(Bytes) by User > 100", "1m", "T: [0 1]", "0 Kind=a User=x Bytes=60", "1 Kind=a User=x Bytes=41", "2 Kind=a User=y Bytes=90")
	f("a | avg(Bytes) < 10.5", "1m", "T: [0 1]", "0 Kind=a Bytes=12", "1 Kind=a Bytes=8", "2 Kind=a Bytes=99")
	f("a | MIN(Bytes) >= 12", "1m", "T: [0]", "0 Kind=a Bytes=12", "1 Kind=a Bytes=8", "2 Kind=a Bytes=99")
	f("a | max( Bytes ) > 98", "1m", "T: [0 1 2]", "0 Kind=a Bytes=12", "1 Kind=a Bytes=8", "2 Kind=a Bytes=99")
	f("a | count() > 1", "", "T: [0 1]", "0 Kind=a", "3599 Kind=a") // an hour
	f("a | count() > 1", "", "", "0 Kind=a", "3600 Kind=a")
	f("1 of them | count() > 1", "10s", "T: [0 1]", "0 Kind=a", "1 Kind=c")

	f("a | near b", "10s", "T: [0 1]", "0 Kind=b", "1 Kind=a") // in any order
	f("a | near b", "10s", "", "0 Kind=b", "10 Kind=a")
	f("a | near b", "10s", "T: [0]", "0 Kind=ab")
	f("a | near b and c", "10s", "T: [0 1 2]", "0 Kind=c", "1 Kind=b", "2 Kind=a")
	f("a |near b and not c", "10s", "", "0 Kind=c", "1 Kind=b", "2 Kind=a")
	f("a | near b AND NOT c", "10s", "T: [1 2]", "0 Kind=d", "1 Kind=b", "2 Kind=a")
	f("( a and not c ) | near b", "10s", "", "0 Kind=ac", "1 Kind=b")
}

// TestAggregationFilter: a filter holds in an aggregation too, and in each part of near.
func TestAggregationFilter(t *testing.T) {
	const filter = "title: F\nlogsource: {product: all}\nfilter: {rules: [r], f: {User: x}, condition: not f}\n"
	f := func(condition, want string) {
		t.Helper()
		text := "title: T\nid: r\nlogsource: {product: all}\ndetection:\n  a: {Kind: a}\n  b: {Kind: b}\n  timeframe: 10s\n  condition: " + condition + "\n"
		s, schema, err := loaded(t, text, filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(alerts(t, s, schema, "0 Kind=a User=x", "1 Kind=a User=y", "2 Kind=b User=x", "3 Kind=b User=y"), "; "); got != want {
			t.Errorf("%s: got %s, want %s", condition, got, want)
		}
	}
	f("1 of them | count() > 1", "T: [1 3]")
	f("a | near b", "T: [1 3]")
}

// TestAggregationFaults: what cannot be read is named with its place and reason.
func TestAggregationFaults(t *testing.T) {
	f := func(more, condition, want string) {
		t.Helper()
		s, _, err := loaded(t, "title: T\nlogsource: {product: all}\ndetection:\n  a: {Kind: a}\n  b: {Kind: b}\n"+more+"  condition: "+condition+"\n")
		if err == nil || !strings.HasPrefix(err.Error(), "a.yml:"+want) || len(s.Rules()) > 0 {
			t.Errorf("%s\ngot  %v\nwant a.yml:%s", condition, err, want)
		}
	}
	f("", "a | counts() > 5", "6:16: an aggregation of Sigma 1 is count, min, max, avg or sum")
	f("", "a | count(x) per y > 5", "6:16: an aggregation of Sigma 1 is")
	f("", "a | count() > many", "6:16: an aggregation of Sigma 1 is")
	f("", "a | count() by > 5", "6:16: an aggregation of Sigma 1 is")
	f("", "a | near", "6:16: an aggregation of Sigma 1 is")
	f("", "a | near b or c", "6:16: an aggregation of Sigma 1 is")
	f("", "a | sum() > 5", "6:16: sum needs a field")
	f("", "a | count() > 1.5", "6:16: 1.5 is not a count")
	f("", "a | count() >= 0", "6:16: the condition is always true")
	f("", "a | count() > 20000", "1:1: it counts to 20001, and 10000 matches of one key are kept")
	f("", "a | count() < 1", "1:1: its condition is never true: no result is below 1,")
	f("", "a | near d", `6:23: no selection is named "d"`)
	f("", "aa | near b", `6:14: no selection is named "aa"`)
	f("", "[a | count() > 5, b]", "6:17: an aggregation (| count() ...) stands alone")
	f("  timeframe: 30d\n", "a | count() > 5", "6:14: timeframe: from 1s to 168h0m0s")
	f("  timeframe: 2M\n", "a | count() > 5", `6:14: timeframe: "2M" is not a number with s, m, h, d or w`)
	f("  timeframe: 5m\n", "a and b", "6:3: a timeframe without an aggregation")
}

// TestAggregationReferred: a correlation says that it cannot refer to one.
func TestAggregationReferred(t *testing.T) {
	_, _, err := loaded(t, "title: A\nname: a\nlogsource: {product: all}\ndetection: {s: {Kind: a}, timeframe: 5m, condition: s | count() > 5}\n",
		"title: T\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n")
	want := `the rule "a" cannot be read: a.yml:4:55: an aggregation (| count() ...) stands alone`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestAggregate reads the texts that rules were written with.
func TestAggregate(t *testing.T) {
	f := func(text, function, field string, by ...string) {
		t.Helper()
		if a := aggregate(text); a == nil || a.function != function || a.field != field || !slices.Equal(a.by, by) {
			t.Errorf("%s: %+v", text, a)
		}
	}
	f(" count(userIdentity.arn) by c-ip > 5", "count", "userIdentity.arn", "c-ip")
	f("count( ) by src_ip,dst_ip>5", "count", "", "src_ip", "dst_ip")
	f(" count()>5", "count", "")
}
