package normalize_test

import (
	"strconv"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// shippedNumber is shippedCase for fields of numbers.
func shippedNumber(t *testing.T) func(line, field, want string) {
	packs := open(t, normalize.Shipped())
	return func(line, field, want string) {
		t.Helper()
		ev, _ := packs.NewWorker().Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		n, _ := packs.Schema().Lookup(field)
		got := ""
		if v := ev.Get(n); v != nil {
			got = strconv.FormatInt(v.Int(), 10)
		}
		if got != want {
			t.Errorf("%s: %s = %q, want %q", line, field, got, want)
		}
	}
}

// TestComposedKeys: addresses under keys of several words, each of which is plain.
func TestComposedKeys(t *testing.T) {
	f := shippedCase(t)
	f(`{"eventType":"user.login","actingUserIpAddress":"203.0.113.4"}`, "source.ip", "203.0.113.4")
	f(`{"eventType":"user.login","Session_IP_Address":"203.0.113.4"}`, "source.ip", "203.0.113.4")
	f(`{"eventType":"user.login","source_endpoint_address_ip4":"203.0.113.4"}`, "source.ip", "203.0.113.4")
	f(`{"eventType":"x","CClientPublicAddr":"203.0.113.4"}`, "source.ip", "") // C is no word
	f(`{"eventType":"x","remoteServerAddress":"203.0.113.4"}`, "source.ip", "")
	f(`{"eventType":"x","client_nat_ip":"203.0.113.4"}`, "source.ip", "")
	f(`{"eventType":"x","last_session_ip":"203.0.113.4"}`, "source.ip", "")
	f(`{"eventType":"x","server_public_ip":"203.0.113.4"}`, "destination.ip", "203.0.113.4")
	f(`{"eventType":"x","remoteClientAddress":"203.0.113.4","remoteClientPort":50001}`, "source.port", "50001")
	f(`{"eventType":"user.login","sso_user_email":"ann@example.com"}`, "user.email", "ann@example.com")
	f(`{"eventType":"user.invited","invitee_user_email":"ann@example.com"}`, "user.email", "")
	f(`{"eventType":"x","source_account_name":"ann","source_account_object_sid":"S-1-5-21-1-2-3-1105"}`, "user.id", "S-1-5-21-1-2-3-1105")
}

// TestWhereFrom: the machine and the place of who acts say from where he came.
func TestWhereFrom(t *testing.T) {
	f := shippedCase(t)
	cadf := `{"event":"role.assigned","initiator":{"name":"ann","host":{"address":"203.0.113.4"}},"target":{"name":"bob","type":"user"}}`
	f(cadf, "source.ip", "203.0.113.4")
	f(cadf, "host.ip", "")
	f(`{"event":"x","src":{"endpoint":{"ip":{"address":"203.0.113.4"}}}}`, "source.ip", "203.0.113.4")
	f(`{"event":"x","device":{"ip":{"address":"192.0.2.7"}}}`, "host.ip", "192.0.2.7")
	f(`{"event":"login","user":{"name":"ann","device":{"ip":"192.0.2.7"}}}`, "host.ip", "192.0.2.7")
	at := `{"event":"login","user":"ann","location":{"lat":52.5,"lon":13.4,"countryCode":"DE","ip":"203.0.113.5"}}`
	f(at, "source.ip", "203.0.113.5")
	f(at, "source.geo.location", `{"lat":52.5,"lon":13.4}`)
	f(at, "source.geo.country_iso_code", "DE")
	f(`{"event":"login","src_ip":"203.0.113.5","src_latitude":"52.50","src_longitude":"-13.4"}`, "source.geo.location", `{"lat":52.5,"lon":-13.4}`)
	f(`{"event":"login","src_ip":"203.0.113.5","geo":{"latitude":0,"longitude":0}}`, "source.geo.location", "")
	f(`{"event":"login","src_ip":"203.0.113.5","geo":{"latitude":152.5,"longitude":13.4}}`, "source.geo.location", "")
	f(`{"event":"login","src_ip":"203.0.113.5","geo":{"latitude":"NaN","longitude":13.4}}`, "source.geo.location", "")
	f(`{"event":"login","src_ip":"203.0.113.5","destination":{"geo":{"latitude":52.5,"longitude":13.4}}}`, "source.geo.location", "")
	f(`{"event":"x","src_ip":"203.0.113.5","lat":52.5,"lon":13.4}`, "source.geo.location", "") // of what nobody says
}

// TestTypedColumns: keys with the letter of their type behind them, as custom tables of Log Analytics have.
func TestTypedColumns(t *testing.T) {
	f := shippedCase(t)
	row := `{"client_ip_s":"203.0.113.4","user_name_s":"ann","operationName_s":"Login","resultType_s":"Success","dst_port_d":443}`
	f(row, "source.ip", "203.0.113.4")
	f(row, "user.name", "ann")
	f(row, "event.category", "authentication")
	f(row, "event.outcome", "success")
	f(row, "destination.port", "443")
	shippedNumber(t)(`{"event":"x","duration_s":"12"}`, "event.duration", "12000000000")
}

// TestOwnPort: which end of a connection is the service's.
func TestOwnPort(t *testing.T) {
	f := shippedCase(t)
	f(`{"atype":"x","local":{"ip":"192.0.2.5","port":27017},"remote":{"ip":"203.0.113.7","port":51234}}`, "source.ip", "203.0.113.7")
	f(`{"atype":"x","local":{"ip":"192.0.2.5","port":51234},"remote":{"ip":"203.0.113.7","port":27017}}`, "source.ip", "192.0.2.5")
	f(`{"atype":"x","local":{"ip":"192.0.2.5","port":27017},"remote":{"ip":"203.0.113.7","port":40000}}`, "source.ip", "192.0.2.5")
}

// TestListOfPrograms: the first of several is the one that is told of.
func TestListOfPrograms(t *testing.T) {
	f := shippedCase(t)
	list := `{"host":{"hostname":"WS7"},"severity":"high","title":"x","processes":[{"name":"cmd.exe","pid":4,"uid":501,"parent":{"pid":3}}]}`
	f(list, "process.name", "cmd.exe")
	n := shippedNumber(t)
	n(list, "process.pid", "4")
	n(list, "process.parent.pid", "3")
	f(list, "process.entity_id", "")
}

// TestUnitsOfTime: durations with their units.
func TestUnitsOfTime(t *testing.T) {
	f := shippedNumber(t)
	took := func(text, want string) {
		t.Helper()
		f(`{"event":"x","duration":"`+text+`"}`, "event.duration", want)
	}
	took("1m30s", "90000000000")
	took("5m", "300000000000")
	took("3h58m", "14280000000000")
	took("4 minutes 40 seconds", "280000000000")
	took("1 day, 2 hours", "93600000000000")
	took("PT1M30S", "90000000000")
	took("12.5ms", "12500000")
	took("1.5h", "5400000000000")
	took("0:01:07", "67000000000")
	took("1d 2h:03m:04s", "93784000000000")
	took("5 parsecs", "")
	took("30s1m", "") // in which order nobody writes
	took("99999999999 days", "")
	took("9999999999d", "")
}

// TestURLsOfIPv6: an address in brackets is the host of a URL.
func TestURLsOfIPv6(t *testing.T) {
	f := shippedCase(t)
	line := "<14>Mar  2 08:59:50 h app: GET http://[2001:db8::7]:8080/x?y=1 from 2001:db8::9 failed"
	f(line, "url.domain", "[2001:db8::7]")
	f(line, "url.port", "8080")
	f(line, "url.path", "/x")
	f(line, "source.ip", "2001:db8::9")
}
