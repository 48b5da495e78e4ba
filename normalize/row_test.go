package normalize_test

import (
	"bytes"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestRows: a line of a file whose first line names the columns is read by their names.
func TestRows(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	read := func(header, line string) (*event.Event, *event.Raw) {
		raw := &event.Raw{ID: "7", Bytes: []byte(line), Envelope: header, Received: received}
		ev, _ := w.Normalize(raw, "", received)
		return ev, raw
	}
	f := func(header, line, field, want string) {
		t.Helper()
		ev, raw := read(header, line)
		n, _ := packs.Schema().Lookup(field)
		if got := ev.Text(n); got != want {
			t.Errorf("%s\n%s: %s = %q, want %q", header, line, field, got, want)
		}
		before := bytes.Clone(ev.AppendJSON(nil))
		if again, _ := w.Normalize(raw, "", received); !bytes.Equal(before, again.AppendJSON(nil)) {
			t.Errorf("%s\nread again %s", before, again.AppendJSON(nil))
		}
	}
	const trail = "eventTime,eventName,eventSource,userIdentity,sourceIPAddress,eventVersion"
	row := `2026-03-02T09:00:00Z,CreateUser,iam.amazonaws.com,"{""type"":""IAMUser"",""userName"":""ann""}",203.0.113.9,1.08`
	f(trail, row, "sluice.pack", "aws_cloudtrail")
	f(trail, row, "user.name", "ann")
	f(trail, row, "event.original", row)
	f(trail, row, "sluice.envelope", trail)
	const own = "when;who;what;from"
	f(own, "2026-03-02 09:00:00;ann;login failed;203.0.113.9", "user.name", "ann")
	// Zeek's default columns are known without names, and read by them where there are some
	const conn = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tconn_state"
	f(conn, "1772442000.1\tC1abc\t192.0.2.1\t4711\t203.0.113.9\t443\ttcp\tssl\tSF", "network.transport", "tcp")
	const smb = "#path\tsmb_files\t#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\taction\tpath\tname\t#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tstring"
	f(smb, "1772442000.1\tC1abc\t192.0.2.1\t4711\t198.51.100.9\t445\tSMB::FILE_DELETE\t\\\\srv1\\d$\ta.exe", "file.path", `\\srv1\d$\a.exe`)
	f(smb, "#close\t2026-03-02-10-00-00", "sluice.pack", "zeek")
	const w3c = "#Fields: date time s-ip s-port c-ip cs-username cs(Host) cs-method cs-uri-stem sc-status s-action"
	asked := "2026-03-02 08:59:59 198.51.100.2 443 192.0.2.1 ann www.example.com GET /a 403 DENY"
	f(w3c, asked, "source.ip", "192.0.2.1")
	f(w3c, asked, "destination.ip", "198.51.100.2")
	f(w3c, asked, "destination.port", "443")
	f(w3c, asked, "user.name", "ann")
	f(w3c, asked, "url.domain", "www.example.com")
	f(w3c, asked, "event.action", "DENY")
	f(w3c, "#Date: 2026-03-02 08:00:00", "sluice.unparsed", "")
	f(w3c, strings.ReplaceAll(asked, " ", "\t"), "source.ip", "192.0.2.1")
	// IIS' columns are chosen by who runs it
	const iis = "#Software: Microsoft Internet Information Services 10.0\t#Fields: date time c-ip cs-method cs-uri-stem sc-status cs-host cs-username time-taken"
	got := "2026-03-02 08:00:01 192.0.2.1 GET /a.aspx 404 www.example.com EXAMPLE\\ann 15"
	f(iis, got, "sluice.pack", "microsoft_iis")
	f(iis, got, "user.name", "ann")
	f(iis, got, "event.outcome", "failure")
	f(iis, got, "url.original", "/a.aspx")
	f(iis, "#Date: 2026-03-02 08:00:00", "sluice.unparsed", "")
	f("", "#Date: 2026-03-02 08:00:00", "sluice.unparsed", "") // of a file whose columns need no names
	// what is no row, and what a pack knows better
	f(own, "Mar  2 09:00:00 web1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2", "event.outcome", "failure")
	f("a,b,c,d", `<38>Mar  2 09:00:00 web1 sshd[7]: Failed password for root, or so, he said, from 203.0.113.9 port 4711 ssh2`, "host.name", "web1")
	f(own, "a;b", "sluice.unparsed", "no pack recognizes the line, and it has no syslog header")
	// the names themselves are no event of anything
	f(trail, trail, "event.outcome", "")
	f(trail, trail, "sluice.unparsed", "")
	f(trail, trail, "message", trail)
	f(own, "2026-03-02 09:00:00;a\xffb;login;203.0.113.9", "sluice.original_base64", "MjAyNi0wMy0wMiAwOTowMDowMDth/2I7bG9naW47MjAzLjAuMTEzLjk=")
}
