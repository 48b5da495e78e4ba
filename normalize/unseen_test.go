package normalize_test

import (
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
)

// TestCells: a record whose values have no names.
func TestCells(t *testing.T) {
	f := verbCase(t)
	line := "2026-03-02T08:59:59Z|DENY|TCP|192.0.2.1:44120|198.51.100.2:3389|rule 17"
	f(wide, line, "source.port", "44120")
	f(wide, line, "destination.ip", "198.51.100.2")
	f(wide, line, "network.transport", "tcp")
	f(wide, line, "event.type", "connection|denied")
	csv := `2026-03-02 08:59:59,deny,udp,192.0.2.1,40001,198.51.100.2,53,"eth0,1",x`
	f(wide, csv, "source.port", "40001")
	f(wide, csv, "destination.port", "53")
	f(wide, "a\tb\t192.0.2.1\t198.51.100.2\t40001\t53\tc", "destination.port", "53")
	f(wide, `2026-03-02T08:59:59Z,ann@example.com,192.0.2.1,LOGIN_FAILED,"Mozilla/5.0 (X11; a, b)"`, "source.ip", "192.0.2.1")
	f(wide, `2026-03-02T08:59:59Z,ann@example.com,192.0.2.1,LOGIN_FAILED,"Mozilla/5.0 (X11; a, b)"`, "user.email", "ann@example.com")
	f(wide, `2026-03-02T08:59:59Z,ann@example.com,192.0.2.1,LOGIN_FAILED,"Mozilla/5.0 (X11; a, b)"`, "event.action", "LOGIN_FAILED")
	f(wide, `2026-03-02T08:59:59Z,ann@example.com,192.0.2.1,LOGIN_FAILED,"Mozilla/5.0 (X11; a, b)"`, "user_agent.original", "Mozilla/5.0 (X11; a, b)")
	f(wide, "one, two, 192.0.2.1, four, 192.0.2.2, six", "source.ip", "")
	f(wide, "2026-03-02 08:59:59|UserAuthentication|ann|EXAMPLE|PC1|192.0.2.10|Fingerprint|Failure", "source.ip", "192.0.2.10")
	f(wide, "2026-03-02 08:59:59,192.0.2.10,ann,LOGIN,FAILED,Invalid password,Chrome", "user.name", "ann")
	f(wide, `"2026-03-02 08:59:59","ann","192.0.2.10","User login","Failure","Invalid password"`, "user.name", "ann")
	f(wide, "2026-03-02 08:59:59,192.0.2.10,https,LOGIN,FAILED,Invalid password,Chrome", "user.name", "")
	f(wide, "a|192.0.2.1|b|192.0.2.2|c|d", "source.ip", "") // whose they are nobody says
}

// TestSaid: what prose says in so many words.
func TestSaid(t *testing.T) {
	f := verbCase(t)
	f(wide, `Account "svc-1" was locked out`, "user.name", "svc-1")
	f(wide, "Login failed (root from 192.0.2.1)", "user.name", "root")
	f(wide, "Admin user login failed: root from 192.0.2.1", "user.name", "root")
	f(wide, "Login failed: timeout from 192.0.2.1", "user.name", "")
	f(wide, "Session closed TCP 192.0.2.1:51000->203.0.113.9:443 sent 1200 rcvd 34000", "event.type", "connection|end")
	f(wide, "Session of ann closed", "event.type", "")
	f(wide, "ann logged out after 00:10:22 (192.0.2.7)", "user.name", "ann")
	f(wide, "Volume vol1 deleted by admin (192.0.2.7)", "event.category", "configuration")
	f(wide, "Volume vol1 deleted by admin (192.0.2.7)", "user.name", "admin")
	f(wide, "Snapshot snap1 created by ann from 192.0.2.7", "event.type", "creation")
	f(wide, "802.1X authentication succeeded for ann (00:00:5e:00:53:01)", "user.name", "ann")
	f(wide, "802.1X authentication succeeded for ann (00:00:5e:00:53:01)", "source.mac", "00-00-5E-00-53-01")
	f(wide, "lease 192.0.2.7 granted to 00:00:5e:00:53:01 (phone-1) for 86400 seconds", "event.action", "dhcpack")
	f(wide, "SYN flood started: target 203.0.113.5 port 80, 120000 pps", "event.kind", "alert")
	f(wide, "ann logged out after 00:10:22 (192.0.2.7)", "source.ip", "192.0.2.7")
	f(wide, "NTP server changed from 192.0.2.1 to 192.0.2.2", "source.ip", "")
	f(wide, "NTP server changed from 192.0.2.1 to 192.0.2.2", "destination.ip", "")
	f(wide, "An attempt to log in as the admin user from 192.0.2.1 has failed", "user.name", "admin")
	f(wide, "Login by the user from 192.0.2.1 failed", "user.name", "")
	f(wide, "Login attempt of the invalid user from 192.0.2.1 failed", "user.name", "")
	f(wide, "ann@192.0.2.1: added DNS record to zone example.com", "user.name", "ann")
	f("- glean: {}", "[ann@192.0.2.1] action=delete service=x", "source.ip", "192.0.2.1")
	f(wide, "copied a to ann@192.0.2.1: done", "user.name", "")
	f(wide, "Login failed (the one from 192.0.2.1)", "user.name", "")
	f(wide, "Login failure by root: SSH", "user.name", "root")
	f(wide, "Attack (EndTime=2026-03-02 08:59:17, Packets=7)", "event.end", "2026-03-02T08:59:17.000Z")
	f(wide, "the account that was locked", "user.name", "")
	f(wide, "User ann failed to log in from 192.0.2.1", "event.outcome", "failure")
	f(wide, "Login failed for ann from 192.0.2.1 via SSH", "network.protocol", "ssh")
	f(wide, "user 'ann' uploaded file '/in/a.csv'", "file.path", "/in/a.csv")
	f(wide, "user 'ann' uploaded file '/in/a b.csv'", "file.path", "")
	f(wide, `blocked by rule "Block EXE files"`, "rule.name", "Block EXE files")
	f(wide, "from <ann@example.com> to <bob@example.net>, subject 'Hello you'", "email.from.address", "ann@example.com")
	f(wide, "from <ann@example.com> to <bob@example.net>, subject 'Hello you'", "email.subject", "Hello you")
	f(wide, "logged in from ann@example.com", "email.from.address", "")
	f(wide, "192.0.2.1 -> 192.0.2.2:443 closed, sent 512 bytes received 99 bytes", "destination.bytes", "99")
	f(wide, "User: ann Address: 192.0.2.1 Command: rm", "source.ip", "192.0.2.1")
	f(wide, "12:00:01 [ 4 ] {a-7} <Error> x: failed", "log.level", "error")
	f(wide, "type:x y, src_ip:192.0.2.1, dst_port:80, user:ann", "source.ip", "192.0.2.1")
	f(wide, "2026-03-02 08:59:59|INFO|user=ann|ip=192.0.2.1|useragent=Mozilla/5.0 (Windows NT 10.0)", "user_agent.original", "Mozilla/5.0 (Windows NT 10.0)")
}

// TestOneWord: a key that names the object it is a part of, and other ways to name keys.
func TestOneWord(t *testing.T) {
	f := verbCase(t)
	f(what, `{"attackerPort":4711}`, "source.port", "4711")
	f(what, `{"managed_agent_os_version":"12"}`, "host.os.version", "12")
	f(what, `{"EventUserId":"u-7"}`, "user.id", "u-7")
	f(what, `{"parent_id":7}`, "process.parent.pid", "")
	f("- json: {}\n- known: {}", `{"attackerPort":4711}`, "source.port", "")
	f(what, `{"user":"ann","domain":"EXAMPLE"}`, "user.domain", "EXAMPLE")
	f(what, `{"domain":"EXAMPLE"}`, "user.domain", "")
	f(what, `{"user":{"name":"Ann Lee","email":"ann@example.com"}}`, "user.full_name", "Ann Lee")
	f(what, `{"account":"a:b","username":"ann"}`, "user.name", "ann")
	f(what, `{"ip":"192.0.2.1","from":"<ann@example.com>"}`, "email.from.address", "ann@example.com")
	f(what, `{"localAddr":"192.0.2.1:22","remoteAddr":"198.51.100.2:50991"}`, "source.port", "50991")
	f(what, `{"localAddr":"192.0.2.1:50991","remoteAddr":"198.51.100.2:22"}`, "source.port", "50991")
	f(what, `{"latency":"3ms"}`, "event.duration", "3000000")
	f(what, `{"latency":81000}`, "event.duration", "")
	f(what, `{"name":"a thing"}`, "event.action", "")
	f(what, `{"name":"user created"}`, "event.action", "user created")
	f(what, `{"platform":"API Manager"}`, "host.os.platform", "")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","rule":"deny"}`, "event.type", "connection|denied")
	f(what, `{"action":"process created","image":"/bin/sh","md5":"d41d8cd98f00b204e9800998ecf8427e"}`, "process.hash.md5", "d41d8cd98f00b204e9800998ecf8427e")
}

// TestTyped: what something was done to, where a key tells what it is.
func TestTyped(t *testing.T) {
	f := verbCase(t)
	f(what, `{"action":"share","target":{"type":"file","id":"f-1","name":"plan.docx"}}`, "file.name", "plan.docx")
	f(what, `{"action":"share","resource_type":"Document","resource_name":"plan.docx"}`, "file.name", "plan.docx")
	f(what, `{"action":"share","objectType":"user","objectName":"bob","objectId":"u-2"}`, "user.target.id", "u-2")
	f(what, `{"action":"add","target":{"type":"User","name":"bob@example.com"}}`, "user.target.name", "bob")
	f(what, `{"action":"add","target":{"type":"User","displayName":"Bob Ray"}}`, "user.target.full_name", "Bob Ray")
	f(what, `{"action":"add","entity":{"type":"group","name":"staff"}}`, "group.name", "staff")
	f(what, `{"action":"add","target":{"type":"flag","name":"x"}}`, "file.name", "")
	f(what, `{"kind":"pipeline.deleted","user":"ann"}`, "event.type", "deletion")
	f(what, `{"kind":"user"}`, "event.action", "")
	f(what, `{"who":{"user":"ann","ip":"192.0.2.1"},"ok":true}`, "user.name", "ann")
	f(what, `{"destination":"USB"}`, "destination.domain", "")
	f(what, `{"image":"registry.example.com/web:1"}`, "container.image.name", "registry.example.com/web:1")
	f(what, `{"image":"registry.example.com/web:1"}`, "process.executable", "")
	f(what, `{"network":{"protocol":"TCP"}}`, "network.transport", "tcp")
	f(what, `{"source":"192.0.2.1"}`, "source.ip", "192.0.2.1")
	f(what, `{"source":"portal"}`, "source.ip", "")
	f(what, `{"operatedBy":"ann","accountName":"root"}`, "user.name", "ann")
	f(what, `{"action":"modify","requesterDN":"uid=ann,ou=People,dc=example,dc=com"}`, "user.name", "ann")
	f(what, `{"action":"modify","user":"CN=Ann Lee,OU=People,DC=example,DC=com"}`, "user.name", "Ann Lee")
	f(what, `{"action":"login","bindDN":"cn=Directory Manager"}`, "user.name", "Directory Manager")
	f(what, `{"action":"check","user":"dc=example"}`, "user.name", "")
	f(wide, "[info]: user:ann ip:192.0.2.1 login success", "source.ip", "192.0.2.1")
	f(wide, "Illegal Login, User:ann, IP address:192.0.2.1", "source.ip", "192.0.2.1")
	f(wide, "user root@192.0.2.1 is not known", "source.ip", "192.0.2.1")
	f(wide, "LOG C-0x5581: shop/app@192.0.2.12:50546 closing because: client close request", "related.ip", "192.0.2.12")
	f(wide, "connected to ann@192.0.2.9", "related.ip", "192.0.2.9")
	f(wide, "User logged in: ann", "user.name", "ann")
	f(wide, "access denied for user bob from 192.0.2.7", "event.outcome", "failure")
	f(wide, "user bob does not have permission to view the report", "event.outcome", "failure")
	f(wide, "user bob has permission to view the report", "event.outcome", "")
	f(wide, "User logged in: ann does not have a role", "user.name", "")
	f(wide, "Session 13 started for administrator BOB (Linux) (Tcp/Ip 192.0.2.10(5555)).", "user.name", "BOB")
	f(wide, "Administrator bob issued command: DELETE FILESPACE SRV1", "user.name", "bob")
	f(wide, "Authentication success for CN=ann, OU=People", "user.name", "ann")
	f(wide, "||1|audit|203.0.113.66|login|failed", "user.name", "")
	f(wide, "Password changed successfully", "event.category", "")
	f(wide, "Password incorrect", "event.category", "authentication")
	f(wide, "2026-03-02T08:59:59Z|192.0.2.1|53122|UDP|bad.example.net|A|NXDOMAIN", "dns.question.name", "bad.example.net")
	f(wide, "2026-03-02 08:59:59;AUDIT;LOGIN_FAIL;ann;192.0.2.1;token 7", "source.ip", "192.0.2.1")
}

// TestColumns: what else stands for source and destination, and what no longer does.
func TestColumns(t *testing.T) {
	f := verbCase(t)
	line := `"2026-03-02 08:59:59.1" s7 192.0.2.12 53122 203.0.113.12 53 UDP DNS bad.example.net "malware"`
	f(wide, line, "source.port", "53122")
	f(wide, line, "destination.ip", "203.0.113.12")
	f(wide, "AttackName(1)=SQL Injection;SrcIPAddr(2)=192.0.2.1;SrcPort(3)=40125;", "rule.name", "SQL Injection")
	f(wide, "connection from client 192.0.2.1:50100 to backend 192.0.2.2:8443", "destination.port", "8443")
	f(wide, "found in a file, action: quarantined, by Bob", "event.action", "quarantined")
	f(what, `{"client":"192.0.2.1:50100","x":1}`, "source.port", "50100")
	f(what, `{"client":"curl/8"}`, "source.address", "")
	f(what, `{"src_host":{"name":"ws71","ip":"192.0.2.1"}}`, "source.ip", "192.0.2.1")
	f(what, `{"src_host":{"name":"ws71","ip":"192.0.2.1"}}`, "source.domain", "ws71")
	f(what, `{"cli_ip":"192.0.2.1","srv_ip":"192.0.2.2","srv_port":80}`, "destination.port", "80")
	f(what, `{"sa":"192.0.2.1","da":"192.0.2.2"}`, "destination.ip", "192.0.2.2")
	f(what, `{"threat":{"path":"C:\\t\\m.exe"}}`, "file.name", "m.exe")
	f(what, `{"policy":12}`, "rule.id", "12")
	f(what, `{"policy":12}`, "rule.name", "")
	f(what, `{"admin_name":"Ann Lee ann@example.com"}`, "user.email", "ann@example.com")
	f(what, `{"score":80}`, "event.risk_score", "80")
}

// shippedCase is an f-test of what the shipped packs read.
func shippedCase(t *testing.T) func(line, field, want string) {
	packs := open(t, normalize.Shipped())
	return func(line, field, want string) {
		t.Helper()
		ev, _ := packs.NewWorker().Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		n, _ := packs.Schema().Lookup(field)
		got := ev.Text(n)
		if v := ev.Get(n); field == "@timestamp" && v != nil {
			got = v.Time().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%s: %s = %q, want %q", line, field, got, want)
		}
	}
}

// TestGenerally: a text that the pack of its program's name could not read.
func TestGenerally(t *testing.T) {
	f := shippedCase(t)
	camera := "<30>Mar  2 08:59:59 cam-1 httpd: User viewer from 192.0.2.20 failed authentication (Digest)"
	f(camera, "source.ip", "192.0.2.20")
	f(camera, "user.name", "viewer")
	f(camera, "event.outcome", "failure")
	f(camera, "sluice.pack", "apache_access")
}

// TestWrapped: a line that no pack knows is read inside whatever wraps it as it is alone.
func TestWrapped(t *testing.T) {
	f := shippedCase(t)
	const text = "<38>Mar  2 08:59:50 srv1 acme[12]: Login failed for user bob from 192.0.2.66"
	for _, line := range []string{
		`{"log":"` + text + `\n","stream":"stderr","time":"2026-03-02T08:59:59Z","kubernetes":{"pod_name":"a-1","namespace_name":"n","host":"k1","container_name":"a"}}`,
		`{"file":"/var/log/pods/x/0.log","kubernetes":{"pod_name":"a-1"},"message":"` + text + `","source_type":"kubernetes_logs","stream":"stderr","timestamp":"2026-03-02T08:59:59Z"}`,
		"2026-03-02T08:59:59.123456789Z stderr F " + text,
		`{"EventReceivedTime":"2026-03-02 08:59:59","SourceModuleName":"in","SourceModuleType":"im_udp","raw_event":"` + text + `"}`,
		`{"timestamp":"2026-03-02T08:59:59.000+0000","agent":{"id":"000","name":"m"},"manager":{"name":"m"},"id":"1.2","full_log":"` + text + `","decoder":{},"location":"192.0.2.1"}`,
		`{"schema":{"type":"string","optional":false},"payload":"` + text + `"}`,
		`{"timestamp":"2026-03-02T08:59:59Z","severityText":"INFO","body":"` + text + `","resource":{"host.name":"h"}}`,
		`{"insertId":"i","logName":"projects/p/logs/app","resource":{"type":"gce_instance"},"timestamp":"2026-03-02T08:59:59Z","textPayload":"` + text + `"}`,
		`{"timereported":"2026-03-02T08:59:59Z","hostname":"h","syslogtag":"acme:","programname":"acme","msg":"` + text + `"}`,
		`{"TimeGenerated":"2026-03-02T08:59:59Z","Computer":"h","Facility":"auth","SeverityLevel":"info","ProcessName":"acme","SyslogMessage":"` + text + `","Type":"Syslog"}`,
	} {
		f(line, "user.name", "bob")
		f(line, "source.ip", "192.0.2.66")
		f(line, "event.outcome", "failure")
		f(line, "process.name", "acme")
		f(line, "@timestamp", "2026-03-02T08:59:50Z")
	}
	// what a Check Point gateway took from another device
	device := `<134>1 2026-03-02T08:59:59Z cpgw1 CheckPoint 12 - [origin:"192.0.2.1"; time:"1772441999"; product:"Syslog"; default_device_message:"<86>sshd[811]: Failed password for bob from 192.0.2.66 port 50022 ssh2"]`
	f(device, "user.name", "bob")
	f(device, "event.outcome", "failure")
	f(`{"@timestamp":"2026-03-02T08:59:59Z","message":"{\"time\":\"2026-03-02T08:59:50Z\",\"event\":\"login\",\"user\":\"bob\"}"}`, "@timestamp", "2026-03-02T08:59:50Z")
	f(`{"@timestamp":"2026-03-02T08:59:59Z","message":"{\"event\":\"login\",\"user\":\"bob\"}"}`, "@timestamp", "2026-03-02T08:59:59Z")
	f(`<134>Mar  2 08:59:59 h {"time":"2026-03-02T08:59:50Z","event":"login","user":"bob"}`, "@timestamp", "2026-03-02T08:59:50Z")
}

// TestAnswers: how a log-in ended under keys of any name, and what is no mail, user or finding.
func TestAnswers(t *testing.T) {
	f := verbCase(t)
	f(what, `{"type":"login","username":"bob","status":"failed login attempt"}`, "event.outcome", "failure")
	f(what, `{"action":"Login","actor":"bob","action_detail":"Failed"}`, "event.outcome", "failure")
	f(what, `{"category":"AUTHENTICATION","details":{"state":"Denied","usedName":"bob"}}`, "event.outcome", "failure")
	f(what, `{"category":"AUTHENTICATION","details":{"state":"Denied","usedName":"bob"}}`, "user.name", "bob")
	f(what, `{"action":"backup","user":"bob","status":"failed items: none"}`, "event.outcome", "")
	f(what, `{"event":"sign_in","subject":"User#1","ip":"192.0.2.1"}`, "email.subject", "")
	f(what, `{"from":"bob@example.net","subject":"Hi"}`, "email.subject", "Hi")
	f(what, `{"Account":"111122223333","PolicyName":"Public bucket"}`, "user.name", "")
	f(what, `{"severity":"NONE","user":"bob"}`, "log.level", "")
	f(what, `{"detection":"Trojan.Gen","path":"C:\\t\\x.exe","action":"quarantined"}`, "event.category", "malware")
	f(what, `{"detection":"auto","file":"/b/1.bak"}`, "event.category", "file")
	f(what, `{"detection":"enabled","path":"C:\\t\\x.exe"}`, "event.kind", "event")
	f(what, `{"Who":"EXAMPLE\\ann","What":"User Modified"}`, "user.name", "ann")
	f(what, `{"action":"Member Added to Group","user":"ann"}`, "event.type", "change|group")
	f("- glean: {wide: true}\n- known: {categories: true}", "2026-03-02;ADMINWEB_ADMINISTRATORLOGGEDIN;SUCCESS;ADMINWEB;EJBCA;CN=SuperAdmin;1", "event.outcome", "success")
}

// TestFileOfARecord: the file that a record is about is not the one it came from.
func TestFileOfARecord(t *testing.T) {
	f := shippedCase(t)
	f(`{"time":"2026-03-02T08:59:59Z","virus":"Eicar-Test","file":"/tmp/eicar.com","host":"srv1"}`, "log.file.path", "")
	f(`{"time":"2026-03-02T08:59:59Z","virus":"Eicar-Test","file":"/tmp/eicar.com","host":"srv1"}`, "file.path", "/tmp/eicar.com")
	f(`{"timestamp":"2026-03-02T08:59:59Z","message":"x","file":"/var/log/app.log","source_type":"file"}`, "log.file.path", "/var/log/app.log")
}

// TestBoxed: pairs in brackets, names in brackets, and pairs with spaces around the sign.
func TestBoxed(t *testing.T) {
	f := shippedCase(t)
	boxed := "<14>Mar  2 08:59:59 h ADSelfService: [ACTION_NAME = Reset Password][USER_NAME = ann][DOMAIN = example.com][STATUS = Success]"
	f(boxed, "user.name", "ann")
	f(boxed, "event.outcome", "success")
	f(boxed, "event.category", "iam")
	spaced := "<14>Mar  2 08:59:59 h ADManager Plus: TECHNICIAN = ann, ACTION = Create User, STATUS = Success, CLIENT_IP = 192.0.2.10"
	f(spaced, "user.name", "ann")
	f(spaced, "event.action", "Create User")
	named := `<14>Mar  2 08:59:59 h EPP: [Log ID] 1 [Event Name] File Copy [Client Computer] PC1 [Client User] ann [Device] USB [File Name] C:\a.docx`
	f(named, "host.name", "PC1")
	f(named, "file.path", `C:\a.docx`)
	f("<14>Mar  2 08:59:59 h prog: [INFO] [thread-1] [main] a = b, c = d, started", "user.name", "")
	f("<14>Mar  2 08:59:59 h prog: [INFO] [thread-1] [main] a = b, c = d, started", "event.action", "")
}

// TestLevelInFront: the level between a host and a program is neither lost nor a sign of MySQL.
func TestLevelInFront(t *testing.T) {
	f := shippedCase(t)
	for _, line := range []string{"<34>Mar  2 08:59:59 host1 [ERROR] prog: x", "<34>Mar  2 08:59:59 host1 ERROR prog[3]: x", "<34>Mar  2 08:59:59 host1 error prog[3]: x"} {
		f(line, "log.level", "error")
		f(line, "process.name", "prog")
	}
	f("<34>Mar  2 08:59:59 host1 [ERROR] Disk: x", "sluice.pack", "syslog_generic")
	f("<34>Mar  2 08:59:59 host1 prog[3]: could not identify user (aborting)", "user.name", "")
	f("<34>Mar  2 08:59:59 host1 prog[3]: no account set, using first user as the rescue account", "user.name", "")
}

// TestShortNames: names that say it in a word, and who did it.
func TestShortNames(t *testing.T) {
	f := verbCase(t)
	f(what, `{"name":"Traffic denied","deviceAction":"deny"}`, "event.action", "deny")
	f(what, `{"outcome":{"result":"FAILURE","reason":"bad"}}`, "event.reason", "bad")
	f(what, `{"remip":"192.0.2.1"}`, "source.ip", "192.0.2.1")
	f(wide, "session opened by CORP\\ann on target 192.0.2.10:3389 from 198.51.100.1", "destination.port", "3389")
	f(wide, "session opened by CORP\\ann on target 192.0.2.10:3389 from 198.51.100.1", "user.domain", "CORP")
	f(wide, `written by C:\x`, "user.name", "")
}

// TestWhoDid: who did what, in prose.
func TestWhoDid(t *testing.T) {
	f := verbCase(t)
	f(wide, "Configuration changed by user admin (192.0.2.33) via Web", "event.category", "configuration")
	f(wide, "Configuration changed by user admin (192.0.2.33) via Web", "source.ip", "192.0.2.33")
	f(wide, "User bob was created by admin", "user.target.name", "bob")
	f(wide, "User bob was created by admin", "user.name", "admin")
	f(wide, "user ann created user bob with role operator", "user.target.name", "bob")
	f(wide, "User ann modified policy web-1", "event.type", "change")
	f(wide, "User bob added to group wheel by root", "user.name", "root")
	f(wide, `password of user bob changed by EXAMPLE\ann`, "user.domain", "EXAMPLE")
	f(wide, "port 3 disabled by LACP", "user.name", "")
	f(wide, "user bob disabled after 3 failed attempts", "event.category", "")
	f(wide, "Error during login for user ann from 192.0.2.1", "event.outcome", "failure")
	f(wide, "Auth. Fail: account [ann], ip [192.0.2.1]", "user.name", "ann")
	f(wide, "Login success : account ann from 192.0.2.1", "user.name", "ann")
	f(wide, "Policy Name:deny-all, User:(null), Source IP:192.0.2.5, Source Port:51234, Protocol:6", "source.port", "51234")
	f(wide, "Policy Name:deny-all, User:(null), Source IP:192.0.2.5, Source Port:51234, Protocol:6", "user.name", "")
	f(`- kv: {blanks: true, map: {a: event.action, b: event.reason, c: source.ip}}`, "a=x b=not allowed here c=192.0.2.1 and more d=7", "event.reason", "not allowed here")
	f(`- kv: {blanks: true, map: {a: event.action, b: event.reason, c: source.ip}}`, "a=x b=not allowed here c=192.0.2.1 and more d=7", "source.ip", "192.0.2.1")
}

// TestPairsOfTime: a date whose time of day stands under a key of its own, and other marks.
func TestPairsOfTime(t *testing.T) {
	f := verbCase(t)
	f(what, `{"logdate":"2026-03-02","logtime":"08:59:59","user":"ann"}`, "@timestamp", "2026-03-02T08:59:59.000Z")
	f(what, `{"action":"x","targetType":"user","targetId":"u2","id":"n1"}`, "user.target.id", "u2")
	f(what, `{"message":"ann logged in","user":"ann"}`, "event.outcome", "success")
	f(what, `{"message":"ann failed to be logged in","user":"ann"}`, "event.outcome", "failure")
	f(what, `{"action":"create","resource_type":"role","user":"ann"}`, "event.category", "iam")
	f(what, `{"status":"Open","id":7}`, "event.action", "")
	f(what, `{"category":"ERROR","name":"Interface is down"}`, "event.outcome", "")
	f(what, `{"sIP":"0.0.0.0"}`, "source.ip", "")
	f(what, `{"uid":"maint1"}`, "user.id", "maint1")
	f(what, `{"statusCode":403,"path":"/api/x"}`, "file.path", "")
	f(what, `{"user":{"name":"EXAMPLE\\ann"}}`, "user.domain", "EXAMPLE")
	f(what, `{"action":"Login","message":"login failed","user":"ann"}`, "event.outcome", "failure")
	f(what, `{"category":"Potentially Bad Traffic","src":"192.0.2.1","dst":"192.0.2.2"}`, "event.outcome", "")
	f(what, `{"identity":{"claim":{"upn":"ann@example.com"}}}`, "user.email", "ann@example.com")
	f(what, `{"principal_name":"Ann Lee"}`, "user.full_name", "Ann Lee")
}

// TestProse: what a few words say that belong together.
func TestProse(t *testing.T) {
	f := verbCase(t)
	f(wide, "x DST: 198.51.100.7 SPT: 5111 DPT: 22 PROTO: TCP", "destination.port", "22")
	f(wide, "TCP connection from 192.0.2.9:51000 to 198.51.100.7:443 allowed by rule web-out", "rule.name", "web-out")
	f(wide, "Port scan detected from 192.0.2.9", "event.kind", "alert")
	f(wide, "Port scan settings saved", "event.kind", "event")
	f(wide, "Virus EICAR-Test found in file /tmp/eicar.com, user ann", "event.category", "malware")
	f(wide, "virus definitions updated, 3 devices found", "event.kind", "event")
	f(wide, "[ann] [192.0.2.9] DELETE /api/v1/users/7 204", "http.response.status_code", "204")
	f(wide, "[ann] [192.0.2.9] DELETE /api/v1/users/7 204", "source.ip", "192.0.2.9")
	f(wide, "Invalid credentials for ann@example.com, client 192.0.2.9", "user.email", "ann@example.com")
	f(wide, "Too many failed login attempts from 192.0.2.9, account ann locked", "user.name", "ann")
	f(wide, "Too many failed login attempts from 192.0.2.9", "user.name", "")
	f(wide, "query from 192.0.2.9#5353: www.example.com A IN", "dns.question.name", "www.example.com")
	f(wide, "Session started: user ann, client 192.0.2.9", "event.category", "session")
	f(wide, "Account Name: ann Source Network Address: 192.0.2.9", "user.name", "ann")
	f(wide, "Account Name: ann Source Network Address: 192.0.2.9", "source.ip", "192.0.2.9")
	f(wide, "CONNECT www.example.com:443 HTTP/1.1 - 192.0.2.9", "url.port", "443")
	f(wide, "CONNECT :443 200", "http.request.method", "") // without a host
	f(wide, `client 192.0.2.9, request: "GET /x HTTP/1.1", upstream: "http://10.0.0.1:80/x"`, "url.path", "/x")
}

// TestMarks: what marks tell, and what words do not.
func TestMarks(t *testing.T) {
	f := verbCase(t)
	line := "[src_ip:192.0.2.7][dst_ip:198.51.100.9][dst_port:445][action:Deny][url:/x.php]"
	f(wide, line, "destination.port", "445")
	f(wide, line, "event.action", "Deny")
	f(wide, "too many attempts for user - login for user temporarily blocked", "user.name", "")
	f(wide, "Illegal login, user: admin, IP: 192.0.2.7", "event.outcome", "failure")
	line = `Signature "Example.Overflow" (ID 4711) detected, src 192.0.2.7:51022 dst 198.51.100.2:80, action drop`
	f(wide, line, "event.kind", "alert")
	f(wide, line, "event.category", "intrusion_detection|network")
	f(wide, line, "event.type", "connection|denied")
	f("- kv: {pair: \";\"}\n- known: {categories: true}", "ThreatName=Eicar;ThreatAction=Quarantine", "rule.name", "Eicar")
}

// TestNeighbours: what a word is by those beside it.
func TestNeighbours(t *testing.T) {
	f := verbCase(t)
	line := "access-list in denied udp inside/192.0.2.1(1039) -> outside/198.51.100.2(53) hit-cnt 1"
	f(wide, line, "source.port", "1039")
	f(wide, line, "destination.ip", "198.51.100.2")
	f(wide, line, "destination.port", "53")
	f(wide, "Handshake failed - ClientIP 192.0.2.1 - ClientPort 60892 - Reason x", "source.port", "60892")
	f(wide, "connect from unknown[192.0.2.1] 88", "source.ip", "192.0.2.1")
	f(wide, "Disconnected from user ann 192.0.2.1 port 44708", "source.port", "44708")
	f(wide, "Event 65352 : Cannot login root@192.0.2.1", "source.ip", "192.0.2.1")
	f(wide, "Event 65352 : Cannot login root@192.0.2.1", "event.outcome", "failure")
	f(wide, `192.0.2.1, 10.0.0.1 - ann [x] "GET /a HTTP/1.1" 200 5 "http://x.example/b"`, "url.path", "/a")
	f(wide, `192.0.2.1, 10.0.0.1 - ann [x] "GET /a HTTP/1.1" 200 5 "http://x.example/b"`, "source.ip", "192.0.2.1")
	f(wide, `192.0.2.1 - ann [x] "GET /a HTTP/1.1" 200 5 "http://x.example/b"`, "user.name", "ann")
	f(wide, `192.0.2.1 - ann [x] "GET /a HTTP/1.1" 200 5 "http://x.example/b"`, "http.request.referrer", "http://x.example/b")
	f(wide, `192.0.2.1:42114 - 64820 "A IN www.example.com. udp 57"`, "dns.question.name", "www.example.com")
	f(wide, `a,b,c,192.0.2.1,198.51.100.2,203.0.113.1,198.51.100.2,x;y,tcp,allow`, "destination.ip", "198.51.100.2")
	f(wide, `a,0.0.0.0,192.0.2.1,192.0.2.1,198.51.100.2,udp,x`, "source.ip", "192.0.2.1")
	f("- kv: {}\n- known: {}", "src=192.0.2.1:4711:X0 dst=198.51.100.2:443:X1", "destination.port", "443")
	f("- json: {}\n- known: {}", `{"id":{"orig_h":"192.0.2.1","orig_p":4711}}`, "source.port", "4711")
	f("- json: {}\n- known: {}", `{"device_name":"EXAMPLE\\WS7"}`, "host.name", "WS7")
}
