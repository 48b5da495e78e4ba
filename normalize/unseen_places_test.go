package normalize_test

import "testing"

// TestPlaces: the other end of what somebody did from somewhere.
func TestPlaces(t *testing.T) {
	f := shippedCase(t)
	at := "<86>Mar  2 08:59:50 h x: "
	f(at+"User ann logged in on 198.51.100.3 from 203.0.113.6", "destination.ip", "198.51.100.3")
	f(at+"User ann logged in on 198.51.100.3 from 203.0.113.6", "source.ip", "203.0.113.6")
	f(at+"User ann logged in from 203.0.113.6 on 198.51.100.3", "destination.ip", "198.51.100.3")
	f(at+`user "ann" opened session on "srv1" (198.51.100.3:22) from 203.0.113.6`, "destination.port", "22")
	f(at+"Login failed on 198.51.100.3", "destination.ip", "") // from where nobody says
	f(at+"Listening on 198.51.100.3", "destination.ip", "")
	f(at+"connection 203.0.113.6:4444 to 198.51.100.3:443 denied", "source.port", "4444")
	f(at+"connection 203.0.113.6:4444 to 198.51.100.3:443 denied", "event.type", "connection")
	f(at+"address changed 192.0.2.1 to 192.0.2.5", "source.ip", "")
	f(at+"range 192.0.2.1 to 192.0.2.5 exhausted", "source.ip", "")
}

// TestWhoBefore: who is named before what he did.
func TestWhoBefore(t *testing.T) {
	f := shippedCase(t)
	at := "<86>Mar  2 08:59:50 h x: "
	f(at+"admin (203.0.113.4) login successful", "user.name", "admin")
	f(at+"admin (203.0.113.4) login successful", "source.ip", "203.0.113.4")
	f(at+"admin login from 203.0.113.4 successful", "user.name", "admin")
	f(at+"New login from 203.0.113.4", "user.name", "")
	f(at+"[203.0.113.4:51212] [ann] User logged in.", "user.name", "ann")
	f(at+"[web] [ann] User logged in.", "user.name", "")
	f(at+`user "ann" opened session on srv1`, "event.category", "session")
	f(at+`user "ann" opened session on srv1`, "event.type", "start")
	f(at+`The session "S-1" of user ann has been terminated`, "event.category", "")
	f(at+`User ann: session "S-1" has been terminated`, "event.type", "end")
}

// TestRelatedNames: who has a name is not called by a number too.
func TestRelatedNames(t *testing.T) {
	f := shippedCase(t)
	f(`{"level":"info","user_name":"ann","user_id":"u-77","what":"x"}`, "related.user", "ann")
	f(`{"level":"info","user_id":"u-77","what":"x"}`, "related.user", "u-77")
	f("what=x user_name=ann user_id=u-77 level=info", "related.user", "ann")
}

// TestMadeAnew: what is made anew is changed.
func TestMadeAnew(t *testing.T) {
	f := shippedCase(t)
	f(`{"event_name":"Enterprise API Secret regenerated","username":"bob","client_ip":"203.0.113.4"}`, "event.type", "change")
	f(`{"event_name":"vm reconfigured","username":"bob","client_ip":"203.0.113.4"}`, "event.category", "configuration")
	f(`{"query":"www.example.com","qtype":"A","answers":[{"name":"www.example.com","data":"198.51.100.3"}]}`, "dns.resolved_ip", "198.51.100.3")
	f(`{"survey":"x","answers":[{"name":"q1","value":"198.51.100.3"}]}`, "dns.answers", "")
}

// TestToldInProse: accounts, files and log-ins in other words.
func TestToldInProse(t *testing.T) {
	f := shippedCase(t)
	at := "<14>Mar  2 08:59:50 h x: "
	f(at+"Account ann locked after 5 failed attempts", "event.category", "iam")
	f(at+"New user bob created by admin", "event.type", "user")
	f(at+"File /data/x.doc deleted by ann", "event.type", "deletion")
	f(at+"User ann downloaded file report.pdf from 203.0.113.4", "file.name", "report.pdf")
	f(at+"User ann downloaded file report.pdf from 203.0.113.4", "event.category", "file")
	f(at+"Downloaded file 4.2.1 from 203.0.113.4", "file.name", "")
	f(at+"[AUTH] ann authenticated via LDAP from 203.0.113.4:4444", "user.name", "ann")
	f(at+"Client authenticated successfully from 203.0.113.4", "user.name", "")
	f(at+"ann@example.com signed in from 203.0.113.4", "user.email", "ann@example.com")
	f(at+"Certificate signed in batch", "user.name", "")
}

// TestOwnEnds: a machine's own end of a connection, and the other, whatever of them is told.
func TestOwnEnds(t *testing.T) {
	f := shippedCase(t)
	f(`{"Local IP":"192.0.2.7","Remote IP":"198.51.100.9","Remote Port":443}`, "destination.port", "443")
	f(`{"Local IP":"192.0.2.7","Remote IP":"198.51.100.9","Remote Port":443}`, "source.port", "")
	f(`{"LocalAddressIP4":"192.0.2.7","RemoteAddressIP4":"198.51.100.9","RemotePort":"443","LocalPort":"50001"}`, "source.port", "50001")
	f(`{"LocalAddressIP4":"192.0.2.7","RemoteAddressIP4":"198.51.100.9","RemotePort":"443","LocalPort":"50001"}`, "destination.ip", "198.51.100.9")
	f(`{"machine":{"UserName":"ann","RawMACAddress":"00005E005301"}}`, "user.name", "ann")
	f(`{"machine":{"UserName":"ann","RawMACAddress":"00005E005301"}}`, "host.mac", "00-00-5E-00-53-01")
	at := "<86>Mar  2 08:59:50 h x: "
	f(at+"id=gate msg=hello src=192.0.2.7::X1 dst=198.51.100.4:0:X1", "source.ip", "192.0.2.7")
	f(at+"id=gate msg=hello src=192.0.2.7::X1 dst=198.51.100.4:0:X1", "destination.ip", "198.51.100.4")
	f(at+"id=gate msg=hello src=192.0.2.7::X1 dst=198.51.100.4:0:X1", "destination.port", "")
	f(at+"192.0.2.7:37849 TLS handshake failed", "source.port", "37849")
	f(at+"Configured from console by ann on vty1 (192.0.2.7)", "source.ip", "192.0.2.7")
	f(at+"Configured from console by ann on vty1 (192.0.2.7)", "user.name", "ann")
	f(at+"Checked by watchdog on vty1 (192.0.2.7)", "user.name", "")
	f(at+`Event type: Update failed\r\nUser: EXAMPLE\ann (Active user)\r\nIP address: 192.0.2.7`, "user.name", "ann")
}
