package normalize_test

import "testing"

// TestBeside: what two keys that stand side by side tell of devices that no pack knows.
func TestBeside(t *testing.T) {
	f := verbCase(t)
	shipped := shippedCase(t)
	// who opened a connection, and who was asked
	f(what, `{"initiator":"192.0.2.9:51234","responder":"198.51.100.80:8443","l7":"tls"}`, "source.port", "51234")
	f(what, `{"initiator":"192.0.2.9:51234","responder":"198.51.100.80:8443","l7":"tls"}`, "destination.ip", "198.51.100.80")
	f(what, `{"initiator":"192.0.2.9:51234","responder":"198.51.100.80:8443","l7":"tls"}`, "network.protocol", "tls")
	f(what, `{"initiator":"ann","action":"login"}`, "user.name", "ann")
	both := `{"client_ip":"192.0.2.9","client_port":40112,"remote_ip":"198.51.100.7","remote_port":993,"bytes_up":8,"bytes_down":9}`
	f(what, both, "source.ip", "192.0.2.9")
	f(what, both, "destination.port", "993")
	f(what, both, "destination.bytes", "9")
	f(what, `{"client_ip":"192.0.2.9","remote_addr":"198.51.100.7","remote_port":51993}`, "destination.ip", "")
	f(what, `{"client":"mail.example.com[192.0.2.25]"}`, "source.ip", "192.0.2.25")
	f(what, `{"client":"mail.example.com[192.0.2.25]"}`, "source.domain", "mail.example.com")
	f(what, `{"src":"ws-7 (192.0.2.25)"}`, "source.ip", "192.0.2.25")
	f(what, `{"client":"unknown[192.0.2.25]"}`, "source.domain", "")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","in":"lan","out":"wan","pkts":10}`, "observer.ingress.interface.name", "lan")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","in":"lan","out":"wan","pkts":10}`, "network.packets", "10")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","in":"3321","out":"81"}`, "observer.ingress.interface.name", "")
	f(what, `{"in":"lan","user":"ann"}`, "observer.ingress.interface.name", "")
	// what a server sent came from no client, what a proxy counts did
	asked := `"remote_addr":"192.0.2.1","verb":"GET","uri":"/a","code":404,"bytes_sent":199`
	f(what, `{`+asked+`}`, "http.response.bytes", "199")
	f(what, `{`+asked+`}`, "source.bytes", "")
	f(what, `{`+asked+`,"dst_ip":"198.51.100.1"}`, "source.bytes", "199")
	f(what, `{"src_ip":"192.0.2.1","dst_host":"cdn.example.net","verb":"CONNECT","status":200}`, "url.domain", "cdn.example.net")
	// whom a program ran as
	f(what, `{"type":"process_start","proc":{"path":"C:\\x.exe","user":"ACME\\eve"}}`, "user.domain", "ACME")
	f(what, `{"type":"process_start","proc":{"path":"C:\\x.exe","user":"ACME\\eve"}}`, "process.user.name", "eve")
	f(what, `{"user":"ann","proc":{"path":"C:\\x.exe","user":"ACME\\eve"}}`, "user.name", "ann")
	f(what, `{"process":{"command_line":"powershell -enc AAA"}}`, "process.args", "powershell|-enc|AAA")
	f(what, `{"cmd":"UPDATE users SET admin=1","user":"ann"}`, "process.command_line", "")
	f(what, `{"cmd":"UPDATE users SET admin=1","user":"ann"}`, "event.category", "database")
	// a library, and a module that is none
	f(what, `{"event_type":"module_load","module":{"path":"C:\\Temp\\evil.dll"},"process":{"name":"a.exe"}}`, "dll.name", "evil.dll")
	f(what, `{"event_type":"module_load","module":{"path":"C:\\Temp\\evil.dll"},"process":{"name":"a.exe"}}`, "event.category", "library")
	f(what, `{"module":{"name":"billing"}}`, "dll.name", "")
	// a file that a key calls the target, and a page
	f(what, `{"change":"modified","target":"/etc/sudoers","by":{"name":"root"},"host":{"name":"db-7","addr":"192.0.2.7"}}`, "file.path", "/etc/sudoers")
	f(what, `{"change":"modified","target":"/etc/sudoers","by":{"name":"root"},"host":{"name":"db-7","addr":"192.0.2.7"}}`, "host.ip", "192.0.2.7")
	f(what, `{"change":"modified","target":"/v1/users"}`, "file.path", "")
	f(what, `{"time_unix":1772442000}`, "@timestamp", "2026-03-02T09:00:00.000Z")
	// names, numbers and types that are none
	f(what, `{"user":"-1"}`, "user.name", "")
	f(what, `{"activityId":"0"}`, "event.id", "")
	f(what, `{"action":"-8672.19"}`, "event.action", "")
	f(what, `{"@type":"type.googleapis.com/google.Acme"}`, "event.action", "")
	f(what, `{"query":"malware.example.org","name":"malware.example.org","type":"A","rcode":"NOERROR"}`, "event.category", "network")
	shipped(`<14>1 2026-03-02T08:59:50Z r1 resolverd 7 - [q@32473 client="192.0.2.3" name="malware.example.org" type="A" rcode="NXDOMAIN" action="sinkhole"] query blocked`, "dns.question.name", "malware.example.org")
	shipped(`<14>1 2026-03-02T08:59:50Z r1 resolverd 7 - [q@32473 client="192.0.2.3" name="malware.example.org" type="A" rcode="NXDOMAIN" action="sinkhole"] query blocked`, "event.category", "network")
	// a guard of a web server answers in its place
	waf := `<134>Mar  2 08:59:50 w1 shieldwall: severity=CRITICAL attack=XSS client=203.0.113.4 method=POST uri=/c.php code=403 action=block rule="Script (941100)"`
	shipped(waf, "event.kind", "alert")
	shipped(waf, "rule.name", "Script (941100)")
	shipped(waf, "event.outcome", "success")
	shipped(`<134>Mar  2 08:59:50 p4 webshield: 192.0.2.5 j.doe GET https://shop.example.com/cart 403 category=games rule=no-games ua="Mozilla/5.0"`, "event.category", "web")
	shipped(`<13>Mar  2 08:59:50 idp2 keyring[80]: Account lockout: user=jsmith attempts=6 client=192.0.2.5 level=warn`, "event.category", "iam")
	shipped(`<30>Mar  2 08:59:50 nas5 smbaudit: CORP\mia|192.0.2.8|ws-mia|rename|/share/hr/plan.docx|/share/hr/old.docx|ok`, "event.outcome", "success")
	shipped(`<13>Mar  2 08:59:50 z1 broker: session 9a11 denied for sam@example.com (device not compliant) app=crm src=192.0.2.4`, "user.email", "sam@example.com")
	shipped(`[2026-03-02 08:59:50] CRITICAL ids: signature 20113 matched, 203.0.113.99:44321 -> 192.0.2.8:80/tcp, blocked`, "network.transport", "tcp")
}

// TestBesideMore: who did it, where a text or a key says so in other words than most, and names of keys
// whose words stand the other way round.
func TestBesideMore(t *testing.T) {
	f := verbCase(t)
	shipped := shippedCase(t)
	f(what, `{"action":"sudo","user":"ann","runas":"root","cmdline":"/usr/bin/vim /etc/shadow","exit":0}`, "event.category", "process")
	f(what, `{"uid":"1004(mark)","cmd":"ls -l"}`, "user.name", "mark")
	f(what, `{"uid":"1004(mark)","cmd":"ls -l"}`, "user.id", "1004")
	f(what, `{"EventType":"ACCESS_DENIED","Subject":{"user":"EXAMPLE\\rob"},"Object":{"type":"folder","path":"\\\\fs1\\hr$"}}`, "user.name", "rob")
	f(what, `{"EventType":"ACCESS_DENIED","Subject":{"user":"EXAMPLE\\rob"},"Object":{"type":"folder","path":"\\\\fs1\\hr$"}}`, "event.outcome", "failure")
	f(what, `{"category":"admin","operator":"root","object":"firewall rule 12","operation":"modify"}`, "event.category", "configuration")
	f(what, `{"category":"admin","operator":"root","object":"user bob","operation":"modify"}`, "event.category", "iam")
	visited := `{"user_name":"EXAMPLE\\kim","computer":"WS-KIM","url":"https://login.bad.example/o365","category":"Phishing","decision":"Deny","remote_host_ip":"203.0.113.99"`
	f(what, visited+`}`, "destination.ip", "203.0.113.99")
	f(what, visited+`}`, "source.ip", "")
	f(what, visited+`,"method":"GET"}`, "source.ip", "203.0.113.99")
	other := `{"ip_src":"192.0.2.9","ip_dst":"192.0.2.10","mac_src":"00:00:5e:00:53:01","l4_sport":5353,"l4_dport":53,"zone_src":"lan","svc":"HTTPS"}`
	f(what, other, "source.mac", "00-00-5E-00-53-01")
	f(what, other, "destination.port", "53")
	f(what, other, "observer.ingress.zone", "lan")
	f(what, other, "network.protocol", "https")
	f(what, `{"svc":"gatehouse"}`, "service.name", "gatehouse")
	shipped(`<14>Mar  2 08:59:50 p1 portald: Password changed for user oscar by helpdesk`, "user.target.name", "oscar")
	shipped(`<14>Mar  2 08:59:50 p1 portald: Password changed for user oscar by helpdesk`, "user.name", "helpdesk")
	shipped(`<14>Mar  2 08:59:50 p1 portald: Password changed for user oscar by mistake of others`, "user.target.name", "")
	shipped(`<14>Mar  2 08:59:50 p1 portald: admin bob exported key "root-ca"`, "user.name", "bob")
	shipped(`<14>Mar  2 08:59:50 p1 portald: mike logged in successfully over SSH from 192.0.2.9`, "user.name", "mike")
	shipped(`<14>Mar  2 08:59:50 p1 portald: Administrator logged in via web from 192.0.2.9`, "user.name", "Administrator")
	shipped(`<14>Mar  2 08:59:50 gw9 sslvpn: [user bob] [ip 203.0.113.44] login succeeded, assigned 192.0.2.9, session 0x77`, "source.ip", "203.0.113.44")
	shipped(`<14>Mar  2 08:59:50 ftp3 transferd: 203.0.113.90 user=upload STOR /incoming/data.zip 226`, "source.ip", "203.0.113.90")
	proxied := `<14>Mar  2 08:59:50 gw9 tlsproxyd: client 192.0.2.9 -> files.bad.example:443 blocked (category=malware, sni=files.bad.example)`
	shipped(proxied, "destination.domain", "files.bad.example")
	shipped(proxied, "event.category", "network")
	shipped(`<134>1 2026-03-02T08:59:50Z cam7 vms - LOGIN_FAIL - user=admin ip=198.51.100.77 attempts=5 locked=true`, "event.outcome", "failure")
}

// TestBesideFound: what sensors found, and who came and went.
func TestBesideFound(t *testing.T) {
	f := verbCase(t)
	shipped := shippedCase(t)
	waf := `{"module":"waf","action":"deny","client":{"ip":"203.0.113.91"},"request":{"method":"GET","host":"shop.example.com","path":"/wp-login.php"},"response":{"status":403},"rule":{"id":"942100","msg":"SQL Injection Attack Detected","severity":"CRITICAL"}}`
	f(what, waf, "event.category", "web|intrusion_detection")
	f(what, waf, "rule.name", "SQL Injection Attack Detected")
	f(what, waf, "log.level", "CRITICAL")
	f(what, waf, "event.outcome", "success")
	f(what, `{"user":"ann","rule":{"name":"Attack notes","severity":"low"},"action":"rule updated"}`, "event.category", "configuration")
	f(what, `{"device_hostname":"LT-77","detections":[{"name":"Emotet","type":"malware","action":"quarantined"}]}`, "event.kind", "alert")
	f(what, `{"detections":0,"device_hostname":"LT-77"}`, "event.kind", "event")
	f(what, `{"msg":"role binding changed","actor":{"type":"user","name":"rory"},"target":{"type":"user","name":"mo"}}`, "event.category", "iam")
	f(what, `{"msg":"request completed","actor":{"type":"user","name":"rory"},"target":{"type":"user","name":"mo"}}`, "event.category", "")
	f(what, `{"event_name":"sso.assertion_failed","name_id":"sue@example.com"}`, "user.email", "sue@example.com")
	f(what, `{"TargetUserName":"bob","TargetDomainName":"CORP","SubjectUserName":"ann"}`, "user.target.domain", "CORP")
	f(what, `{"srcAddr":"192.0.2.7","dstAddr":"203.0.113.33","httpMethod":"POST","httpHost":"c2.bad.example","httpUri":"/gate.php"}`, "url.path", "/gate.php")
	shipped(`CEF:0|Acme|EdgeIPS|2|2011|SSH brute force|8|src=203.0.113.8 dst=192.0.2.22 dpt=22 proto=tcp act=blocked msg=88 failed logins in 60s`, "event.outcome", "success")
	shipped(`2026-03-02T08:59:50Z|ids|high|ET TROJAN Beacon|192.0.2.3|50001|203.0.113.3|443|tcp|alert`, "event.kind", "alert")
	shipped(`2026-03-02T08:59:50Z|ids|high|ET TROJAN Beacon|192.0.2.3|50001|203.0.113.3|443|tcp|alert`, "event.category", "intrusion_detection")
	shipped(`<13>Mar  2 08:59:50 vpn9 hubd: Client "tom" connected from 198.51.100.9:50123, virtual address 10.66.0.4`, "user.name", "tom")
	shipped(`<13>Mar  2 08:59:50 vpn9 hubd: Client "tom" connected from 198.51.100.9:50123, virtual address 10.66.0.4`, "event.category", "session")
	shipped(`<13>Mar  2 08:59:50 vpn9 hubd: Client tom connected to the printer`, "user.name", "")
	shipped(`<13>Mar  2 08:59:50 vpn9 hubd: Client "tom" disconnected after 3601 s`, "user.name", "tom")
	shipped(`<13>Mar  2 08:59:50 esx9 hostmon: Failed root login via SSH from 198.51.100.13 (5 failures)`, "user.name", "root")
	shipped(`<13>Mar  2 08:59:50 sip2 callsrv: REGISTER from 203.0.113.12:5060 user 1001@pbx.example.com failed: wrong password`, "user.email", "1001@pbx.example.com")
	shipped(`<13>Mar  2 08:59:50 kvm1 console: session opened on port 4 by ops (192.0.2.61), target rack7-pdu`, "event.category", "session")
	shipped("<13>Mar  2 08:59:50 h1 appd[3]: login failed: unknown user bob from 203.0.113.9", "event.dataset", "sluice.generic")
}
