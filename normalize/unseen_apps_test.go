package normalize_test

import (
	"testing"
	"time"
)

// TestLoggers: what applications write by the loggers of their languages.
func TestLoggers(t *testing.T) {
	f := shippedCase(t)
	serilog := `{"@t":"2026-03-02T08:59:50.123Z","@mt":"User {UserName} logged in from {IP}","@l":"Warning","UserName":"ann","IP":"192.0.2.7"}`
	f(serilog, "@timestamp", "2026-03-02T08:59:50Z")
	f(serilog, "log.level", "warning")
	f(serilog, "event.outcome", "success")
	slog := `{"time":"2026-03-02T08:59:50Z","level":"WARN","source":{"function":"main.auth","file":"/app/auth.go","line":42},"msg":"Login failed for user ann from 192.0.2.7"}`
	f(slog, "file.path", "")
	f(slog, "log.origin.file.line", "42")
	f(slog, "user.name", "ann")
	f(slog, "source.ip", "192.0.2.7")
	f(slog, "message", "Login failed for user ann from 192.0.2.7")
	f(`{"source":{"file":"/in/a.csv"},"user":"ann"}`, "file.path", "/in/a.csv")
	monolog := `[2026-03-02T08:59:50.123456+00:00] security.WARNING: Authentication attempt failed. {"username":"ann","ip":"192.0.2.7"} []`
	f(monolog, "@timestamp", "2026-03-02T08:59:50Z")
	f(monolog, "log.level", "warning")
	f(monolog, "event.outcome", "failure")
	f(monolog, "user.name", "ann")
	// as Go's logrus, in three pairs
	logfmt := `time="2026-03-02T08:59:50.123Z" level=warning msg="login failed for \"ann\""`
	f(logfmt, "sluice.pack", "kv_generic")
	f(logfmt, "@timestamp", "2026-03-02T08:59:50Z")
	f(logfmt, "log.level", "warning")
	f(logfmt, "event.outcome", "failure")
	// what sshd writes begins like it
	zerolog := `{"level":"warn","time":"2026-03-02T08:59:50Z","message":"Invalid user name or password","context":{"remote_addr":"192.0.2.7","username":"ann"}}`
	f(zerolog, "user.name", "ann")
	f(zerolog, "source.ip", "192.0.2.7")
	f(zerolog, "process.name", "")
	f("2026-03-02T08:59:50Z INF ../auth.go:20 > Login failed user=ann", "host.name", "")
	f("time=12 of the msg=x is prose", "sluice.pack", "syslog_generic")
	f("INFO  2026-03-02 08:59:50,123 [main] com.example.Server: started", "@timestamp", "2026-03-02T08:59:50Z")
	f(`I, [2026-03-02T08:59:50.123456 #2211]  INFO -- : Completed 401 Unauthorized in 12ms`, "@timestamp", "2026-03-02T08:59:50Z")
	f(`<log4j:event logger="a" timestamp="1772441990123" level="WARN"><log4j:message><![CDATA[Login failed for user ann from 192.0.2.7]]></log4j:message></log4j:event>`, "source.ip", "192.0.2.7")
	f(`{"time":1772441990123,"req":{"method":"POST","url":"/login","remoteAddress":"192.0.2.7"},"res":{"statusCode":401},"msg":"request completed"}`, "event.outcome", "failure")
}

// TestGates: what firewalls and gateways write that have no pack.
func TestGates(t *testing.T) {
	f := shippedCase(t)
	sip := "<134>Mar  2 08:59:50 sip1 proxy[2211]: NOTICE: Auth failed for user 1001 from 203.0.113.7:5060 (REGISTER)"
	f(sip, "source.mac", "")
	f(sip, "source.port", "5060")
	f("<132>Mar  2 08:59:50 sbc1 x: WARNING: Unauthorized SIP user registration attempt: user 1001 from 203.0.113.8", "user.name", "1001")
	f("<134>Mar  2 08:59:50 gw1 ips: mod=ips from=192.0.2.3 srcip=203.0.113.5 dstip=198.51.100.2 protocol=TCP", "source.ip", "203.0.113.5")
	marked := `<134>Mar  2 08:59:50 fw1 %%--FW/FILTER/5/SESSION(l): protocol(6)=TCP; src-ip=192.0.2.5; dst-ip=198.51.100.2; dst-port=80; action=deny; policy="p 1"`
	f(marked, "destination.domain", "")
	f(marked, "event.action", "deny")
	f(marked, "rule.name", "p 1")
	f("<134>Mar  2 08:59:50 h nginx: [AF] logType: IPS, srcIp: 203.0.113.5, dstIp: 198.51.100.2, dstPort: 80, action: deny", "source.ip", "203.0.113.5")
	cells := "AUDIT|2026-03-02T08:59:50Z|user=ann|action=DELETE_ORDER|result=SUCCESS|ip=192.0.2.7"
	f(cells, "@timestamp", "2026-03-02T08:59:50Z")
	f(cells, "event.outcome", "success")
	of := verbCase(t)
	of("- kv: {}\n- known: {categories: true}", "blocked IP packet: src=203.0.113.5:4444 dst=198.51.100.3:3389 proto=tcp", "event.type", "connection|denied")
	of("- kv: {}\n- known: {categories: true}", "session: src=203.0.113.5:4444 dst=198.51.100.3:3389 proto=tcp", "event.type", "connection")
	of("- glean: {wide: true}", "INPUTFW:DROP TCP (eth1) 203.0.113.5:4444 -> 198.51.100.4:445", "event.type", "connection|denied")
}

// TestOwnFiles: the first word of a text in a program's own file is no host.
func TestOwnFiles(t *testing.T) {
	f := shippedCase(t)
	f("2026-03-02 08:59:50 User ann logged in from 192.0.2.7", "host.name", "")
	f("2026-03-02 08:59:50 User ann logged in from 192.0.2.7", "user.name", "ann")
	f("2026-03-02 08:59:50 Login failed: user=ann ip=192.0.2.7", "event.outcome", "failure")
	f("2026-03-02 08:59:50 Login failed: user=ann ip=192.0.2.7", "process.name", "")
	f("2026-03-02T08:59:50Z Session closed for ann", "host.name", "")
	f("2026-03-02 08:59:50 192.0.2.7:1194 TLS Auth Error: Auth Username/Password verification failed for peer", "host.name", "")
	f("2026-03-02 08:59:50 192.0.2.7:1194 TLS Auth Error: Auth Username/Password verification failed for peer", "source.ip", "192.0.2.7")
	f("2026-03-02 08:59:50 192.0.2.7:1194 [ann] Peer Connection Initiated with [AF_INET]192.0.2.7:1194", "host.name", "")
	// and where it is one
	f("2026-03-02 08:59:50 web acme[7]: started", "host.name", "web")
	f("2026-03-02 08:59:50 web-1 acme: started", "host.name", "web-1")
	f("2026-03-02 08:59:50 backup-server-01 Completed", "host.name", "backup-server-01")
	f("2026-03-02T08:59:50Z web acme: started", "host.name", "web")
	f("Mar  2 08:59:50 Web acme: started", "host.name", "Web")
	f("<14>2026-03-02 08:59:50 Web started", "host.name", "Web")
}

// TestFronts: the date that begins a text, however it is written, and the path of a program.
func TestFronts(t *testing.T) {
	f := shippedCase(t)
	for _, line := range []string{"20260302 08:59:50.123 INFO ready", "20260302T085950Z h1 login ok", "1772441990.123 INFO ready", "28-02-2026 08:59:50 ERROR: x"} {
		want := "2026-03-02T08:59:50Z"
		if line[0] == '2' && line[1] == '8' {
			want = "2026-02-28T08:59:50Z"
		}
		f(line, "@timestamp", want)
	}
	for _, line := range []string{
		"[Nest] 17  - 03/02/2026, 8:59:50 AM    WARN [Auth] ready", "(W) 2026-03-02T08:59:50 - WebAPI ready", "L 03/02/2026 - 08:59:50: ready", "[1772441990] acme[7]: ready",
		"[02/Mar/2026 08:59:50] SMTP Spam attack detected from 203.0.113.58, bye", "03/02/2026 08:59:50 [LOGIN_ERROR] ann (example.com) from 203.0.113.82: x.", // of packs that know the words behind
	} {
		f(line, "@timestamp", "2026-03-02T08:59:50Z")
	}
	for _, line := range []string{
		"worker-3 INFO 2026-03-02 08:59:50,123 did something", "app.example.com acme[7]: 2026-03-02T08:59:50Z ready", "[main] [INFO] 2026-03-02 09:59:50 +0100 ready",
		"http-nio-8080-exec-1 (7) WARN 2026/03/02 08:59:50 slow", "AUDIT 2026-03-02T08:59:50.123Z 192.0.2.7 ann x",
	} {
		f(line, "@timestamp", "2026-03-02T08:59:50Z")
	}
	for _, line := range []string{"expires 2026-03-02T08:59:50Z", "Certificate expired 2026-03-02 08:59:50 on web", "lease-7 2036-03-02T08:59:50Z is its end", "Valid until 2026-03-02 08:59:50 for web"} {
		f(line, "@timestamp", received.Format(time.RFC3339))
	}
	f("1000000001.5 is a number", "@timestamp", received.Format(time.RFC3339))
	f("<14>Mar  2 08:59:50 h1 /opt/acme/bin/server[33]: ready", "process.name", "server")
	f("<14>Mar  2 08:59:50 h1 /opt/acme/bin/server[33]: ready", "log.syslog.appname", "/opt/acme/bin/server")
	f("<78>Mar  2 08:59:50 h1 /usr/sbin/cron[33]: (root) CMD (run-parts)", "sluice.pack", "linux_auth")
	f("<2>Mar  2 08:59:50 h1 /bsd: ready", "process.name", "/bsd")
	odoo := `2026-03-02 08:59:50,123 2211 INFO prod werkzeug: 192.0.2.7 - - [02/Mar/2026 08:59:50] "POST /web/login HTTP/1.1" 200 - 22 0.012 0.034`
	f(odoo, "source.ip", "192.0.2.7")
	f(odoo, "destination.domain", "")
	f(odoo, "sluice.unparsed", "")
	f(`[02/Mar/2026 08:59:50] "POST /admin/login/ HTTP/1.1" 403 1234`, "http.response.status_code", "403")
}

// TestToPeer: what goes to a peer has it for its destination.
func TestToPeer(t *testing.T) {
	f := verbCase(t)
	f("- glean: {}", "Can't connect to CMI peer 192.0.2.6, port:6699", "source.ip", "")
	f("- glean: {}", "reply sent to client 192.0.2.6", "destination.ip", "192.0.2.6")
	f("- glean: {}", "closed by peer 192.0.2.6", "source.ip", "192.0.2.6")
	f("- glean: {}", "failed to resolve, client 192.0.2.6", "source.ip", "192.0.2.6")
}

// TestBoxedDates: a date in brackets behind the first words, and other forms of what a value is.
func TestBoxedDates(t *testing.T) {
	f := shippedCase(t)
	f("192.0.2.7 - ann [02/Mar/2026:09:59:50 +0100] GET /a 200 5", "@timestamp", "2026-03-02T08:59:50Z")
	f("192.0.2.7 - ann [02/Mar/2026:09:59:50 +0100] GET /a 200 5", "event.outcome", "success")
	f("Acme [8252317] [1-2] [2026-03-02T08:59:50.425874Z] [acme.Reconfigured] [info]", "@timestamp", "2026-03-02T08:59:50Z")
	f("Acme [2026-03-02T08:59:50Z to 2026-03-03T08:59:50Z] x", "@timestamp", received.Format(time.RFC3339))
	f(`{"client":"192.0.2.7","time_iso8601":"2026-03-02T09:59:50+01:00","status":404,"method":"GET","path":"/a"}`, "@timestamp", "2026-03-02T08:59:50Z")
	f(`{"client":"192.0.2.7","time_iso8601":"2026-03-02T09:59:50+01:00","status":404,"method":"GET","path":"/a"}`, "event.outcome", "failure")
	f("node='master',computer_name='ws 7',user='ann',action='login'", "host.name", "ws 7")
	f("<14>Mar  2 08:59:50 h x: Users: ann, Source IP: 192.0.2.7, Computer name: ---, Content: y", "host.name", "h")
	f("<14>Mar  2 08:59:50 h x: User attempted to log in from 192.0.2.7", "user.name", "")
	f("2026-03-02 08:59:50,353 tid:Q08PzbPC DEBUG [org.x.Y] GET: x", "host.name", "")
}

// TestLoginSpellings: how a log-in's text may write who it is and where from.
func TestLoginSpellings(t *testing.T) {
	f := shippedCase(t)
	f("<14>Mar  2 08:59:50 h x: Login failed for user `ann` from IP `203.0.113.47`.", "user.name", "ann")
	f("<14>Mar  2 08:59:50 h x: Login failed for user `ann` from IP `203.0.113.47`.", "source.ip", "203.0.113.47")
	f("<14>Mar  2 08:59:50 h x: Incorrect password for ann @203.0.113.51", "source.ip", "203.0.113.51")
	f("<14>Mar  2 08:59:50 h x: https Failed login attempt from 203.0.113.65,41212", "source.port", "41212")
	f("<14>Mar  2 08:59:50 h x: User rejected because of bad credentials [203.0.113.50]", "user.name", "")
}
