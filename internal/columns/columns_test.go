package columns

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestHeader(t *testing.T) {
	f := func(start, want string, known bool) {
		t.Helper()
		if got, ok := headerOf([]byte(start)); got != want || ok != known {
			t.Errorf("Header(%q) = %q, %v; want %q, %v", start, got, ok, want, known)
		}
	}
	const events = "TimeCreated,EventId,Computer,UserName"
	f(events+"\r\n2026-03-02,4624,ws1,ann\n", events, true)
	f("\ufeff\"Event ID\";\"Date and Time\";Source;Level\n", "\ufeff\"Event ID\";\"Date and Time\";Source;Level", true)
	f("#TYPE Selected.System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"+events+"\n", events, true)
	f("ts\tuid\tid.orig_h\tid.orig_p\n", "ts\tuid\tid.orig_h\tid.orig_p", true)
	f(events, "", false)
	f(strings.Repeat("x", MaxHeader), "", true)
	// lines of logs
	f("2026-03-02,ann,login,failed\n", "", true)
	f("ann,login,failed\n", "", true)
	f("Mar  2 09:00:00 web1 sshd[7]: Accepted, really, for ann, root\n", "", true)
	f("Starting up, please wait, while the server is being made ready, at last.\n", "", true)
	f("user=ann,action=login,result=ok,src=192.0.2.1\n", "", true)
	f("CEF:0|A|B|1|7|x|5|src=192.0.2.1\n", "", true)
	f("ann,login,web1,true\n", "", true)
	f("a,b,,c,d\n", "", true)
	f("a,b,c,a\n", "", true)
	wide := strings.Join(strings.Split("abcdefghijklmnopqrst", ""), ",")
	f(wide+",c\n1\n", wide+",c", true) // among many, one may be named twice
	f(wide+",c,c\n", "", true)
	f(wide+",c,d\n", "", true)
	f("#fields\ta\tb\tc\td\n", "", true)
	f("", "", false)
	// W3C's say it behind some others
	const fields = "#Fields: date time c-ip cs-method"
	f("#Software: Acme Proxy 3\r\n#Version: 1.0\r\n"+fields+"\r\n2026-03-02 09:00:00 192.0.2.1 GET\r\n", "#Software: Acme Proxy 3\t"+fields, true)
	f("#System: 192.0.2.1 - proxy1\n#Software: Acme Proxy 3\n"+fields+"\n2026-03-02 09:00:00 192.0.2.1 GET\n", "#Software: Acme Proxy 3\t"+fields, true)
	f(fields+"\n", fields, true)
	f("#Fields: date-time,client-ip,event,to\n", "#Fields: date-time,client-ip,event,to", true)
	f("#Version: 1.0\n#Fields: date time", "", false)
	f("#Version: 1.0\n2026-03-02 x\n", "", true)
	f("#Fields: date date time c-ip\n", "", true)
	f("#Software: Microsoft Internet Information Services 10.0\n"+w3cFields+" "+iisOrders[0]+"\n", "", true) // known as they stand
	f("#Software: Microsoft Exchange Server\n"+fields+"\n", "", true)
	f("#Software: Microsoft Internet Information Services 10.0\n"+fields+"\n", "#Software: Microsoft Internet Information Services 10.0\t"+fields, true)
	f("#Version: 1.0\n#Fields: date time x-edge-location sc-bytes\n", "", true)
	// Zeek's say it in several lines
	const zeek = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tknown_hosts\n#open\t2026-03-02-09-00-00\n#fields\tts\thost\n"
	f(zeek+"#types\ttime\taddr\n1772442000.000000\t192.0.2.1\n", "#path\tknown_hosts\t#fields\tts\thost\t#types\ttime\taddr", true)
	f(zeek+"#types\ttime", "", false)
	f(zeek+"#types\ttime\n", "", true)
	f(zeek+"1772442000.000000\t192.0.2.1\n", "", true)
}

func TestObject(t *testing.T) {
	var table Table
	f := func(header, line, want string) {
		t.Helper()
		got, ok := table.Object(header, line)
		if ok != (want != "") || ok && string(got) != want {
			t.Errorf("%s\n%s: %s, want %s", header, line, got, want)
		}
		if ok && !json.Valid(got) {
			t.Errorf("no JSON: %s", got)
		}
	}
	const header = "a,b c,d,e"
	f(header, `1,"x, ""y""",,z`, `{"a":"1","b c":"x, \"y\"","e":"z"}`)
	const w3c = "#Fields: date c-ip cs(User-Agent) x"
	f(w3c, `2026-03-02 192.0.2.1 "Mozilla/5.0 (X)" -`, `{"date":"2026-03-02","c-ip":"192.0.2.1","cs(User-Agent)":"Mozilla/5.0 (X)"}`)
	f(w3c, "2026-03-02\t192.0.2.1\tMozilla/5.0 (X)\t-", `{"date":"2026-03-02","c-ip":"192.0.2.1","cs(User-Agent)":"Mozilla/5.0 (X)"}`)
	f("#Fields: date,ip,event,to", `2026-03-02,192.0.2.1,"a, b",c`, `{"date":"2026-03-02","ip":"192.0.2.1","event":"a, b","to":"c"}`)
	f("#Software: Acme 3\t"+w3c, "2026-03-02 192.0.2.1 x -", `{"#Software":"Acme 3","date":"2026-03-02","c-ip":"192.0.2.1","cs(User-Agent)":"x"}`)
	f(w3c, "2026-03-02 192.0.2.1 x", "")
	f(w3c, "2026-03-02 192.0.2.1 x y z", "")
	f(w3c, "#Date: 2026-03-02 a b", "")
	f(header, `1,2,3`, "")
	f(header, `1,2,3,4,5`, "")
	f(header, `1,2,3,"4`, "")
	f(header, `1,2,3,"4"x`, "")
	f(header, `,,,`, "")
	f("a\tb\tc\td", "1\t2\t\"q\"\t4", `{"a":"1","b":"2","c":"q","d":"4"}`)
	f("a [UTC],b,c,d", "1,2,3,4", `{"a":"1","b":"2","c":"3","d":"4"}`)
	f("no header", "1", "")
	const zeek = "#path\tdns\t#fields\tts\tuid\tAA\tTTLs\tanswers\tp\t#types\ttime\tstring\tbool\tvector[interval]\tvector[string]\tport"
	f(zeek, "1772442000.500000\tC1\tF\t60.000000,-\ta.example,192.0.2.1\t053", `{"_path":"dns","ts":1772442000.500000,"uid":"C1","AA":false,"TTLs":[60.000000,""],"answers":["a.example","192.0.2.1"],"p":"053"}`)
	f(zeek, "1772442000.500000\tC1\t-\t(empty)\t-\t53", `{"_path":"dns","ts":1772442000.500000,"uid":"C1","p":53}`)
	f(zeek, "1772442000.500000\tC1", "")
	f("#path\tdns\t#fields\tts\tl\t#types\ttime\tset[set[count]]", "1\t2,3", `{"_path":"dns","ts":1,"l":["2","3"]}`)
	f(zeek, "1\t2\tT\t4\t5\t6\t7", "")
	f("#path\tknown_hosts\t#fields\tts\thost\t#types\ttime\taddr", "#close\t2026-03-02-10-00-00", "")
	f(header, `1,2,3,4`, `{"a":"1","b c":"2","d":"3","e":"4"}`)
}

// FuzzObject: whatever header and line say, an object is JSON.
func FuzzObject(f *testing.F) {
	f.Add("a,b,c,d", `1,"2",3,"`)
	f.Add("a;b;c;d", "\xff;\x00;{};\"\"")
	f.Fuzz(func(t *testing.T, header, line string) {
		var table Table
		if got, ok := table.Object(header, line); ok && !json.Valid(got) {
			t.Errorf("%q below %q: %s", line, header, got)
		}
		headerOf([]byte(header + "\n" + line))
	})
}

// TestHead: a log of W3C's whose writer began anew names the columns from there on, also for who
// begins to read behind it.
func TestHead(t *testing.T) {
	const (
		first  = "#Software: Acme 3\r\n#Version: 1.0\r\n#Fields: date time c-ip cs-method\r\n"
		second = "#Software: Acme 4\r\n#Fields: date time c-ip sc-status\r\n"
		want1  = "#Software: Acme 3\t#Fields: date time c-ip cs-method"
		want2  = "#Software: Acme 4\t#Fields: date time c-ip sc-status"
	)
	lines := strings.Repeat("2026-03-02 09:00:00 192.0.2.1 GET\r\n", 20000)
	text := first + lines + second + lines
	var h Head
	if !h.Begin([]byte(text[:MaxHeader])) || h.Header != want1 {
		t.Fatal(h.Header)
	}
	f := func(offset int, want string) {
		t.Helper()
		r := h
		if r.Resume(strings.NewReader(text), int64(offset)); r.Header != want {
			t.Errorf("at %d: %q, want %q", offset, r.Header, want)
		}
	}
	f(0, want1)
	f(len(first)+40, want1)
	f(len(first+lines), want1)
	f(len(first+lines+second), want2)
	f(len(text), want2)
	for cut := range len("\n#Fields:") { // between two reads
		f(len(first+lines+second)-len("#Fields: date time c-ip sc-status\r\n")-1+cut+256<<10, want2)
	}
	for line := range strings.Lines(text) {
		h.Line([]byte(line))
	}
	if h.Header != want2 {
		t.Errorf("%q, want %q", h.Header, want2)
	}
	var none Head
	none.Begin([]byte("a,b,c,d\n1,2,3,4\n"))
	if none.Line([]byte("#Fields: date time c-ip sc-status")); none.Header != "a,b,c,d" {
		t.Error(none.Header)
	}
}
