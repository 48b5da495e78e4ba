package normalize_test

import "testing"

// TestHappened: what a sentence tells of somebody, a verb and its object, whoever writes it.
func TestHappened(t *testing.T) {
	f := verbCase(t)
	says := func(line string, pairs ...string) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			f(wide, line, pairs[i], pairs[i+1])
		}
	}
	// files
	says("User ann from 192.0.2.7 deleted /share/q3.xlsx", "file.path", "/share/q3.xlsx", "event.category", "file", "event.type", "deletion", "user.name", "ann")
	says("bob failed to access /share/hr from 192.0.2.8: permission denied", "event.type", "access", "event.outcome", "failure", "user.name", "bob")
	says("cannot open /etc/app.conf", "event.category", "", "file.path", "")
	says("Agent deleted /tmp/x", "event.category", "", "user.name", "")
	says("Threat W32/X detected in C:\\Users\\bob\\a.exe on PC-12, deleted", "event.category", "malware")
	says("Threat level 3 detected on sensor 2", "event.category", "")
	// groups
	says("ann added user bob to group staff", "group.name", "staff", "user.name", "ann", "user.target.name", "bob", "event.type", "group|change")
	says("User bob was removed from the group staff by ann", "group.name", "staff", "user.name", "ann", "user.target.name", "bob")
	says("added 10.0.0.0/8 to table x", "group.name", "", "event.category", "")
	says("User bob has been locked out after 5 tries", "event.category", "iam", "user.name", "bob")
	says("member eve added to group Domain Admins by root", "group.name", "Domain Admins", "user.name", "root", "user.target.name", "eve")
	says(`ann added bob to the group "Domain Admins"`, "group.name", "Domain Admins", "user.name", "ann", "user.target.name", "bob")
	says("File /etc/passwd has been modified", "event.category", "file", "event.type", "change", "file.path", "/etc/passwd")
	says("/etc/passwd was modified by root", "event.category", "file", "file.path", "/etc/passwd", "user.name", "root")
	// accounts
	says("root created user eve", "user.name", "root", "user.target.name", "eve", "event.category", "iam", "event.type", "user|creation")
	says("admin: changed the password of user bob", "user.name", "admin", "user.target.name", "bob", "event.type", "user|change")
	says("policy created user eve", "user.name", "", "event.category", "")
	says("Created user eve with role admin by root", "user.name", "root", "user.target.name", "eve", "event.type", "user|creation")
	says("Deleted user eve", "user.name", "", "user.target.name", "eve", "event.type", "user|deletion")
	says("Added user bob to group staff", "event.type", "group|change", "user.target.name", "bob")
	says("Account bob disabled", "user.name", "bob", "event.type", "user|change")
	says("password changed for bob by ann", "user.name", "ann", "user.target.name", "bob", "event.category", "iam")
	says(`Infected file found: C:\Temp\a.exe (Trojan.Generic.123) on ws-17, action: quarantined`, "event.category", "malware", "event.kind", "alert", "file.path", `C:\\Temp\\a.exe`)
	says("password changed for user bob", "user.name", "bob", "event.category", "iam")
	// who came in
	says("Authenticated as ann from 192.0.2.1", "user.name", "ann", "source.ip", "192.0.2.1", "event.outcome", "success")
	says("Failed login from ann at 192.0.2.1", "source.ip", "192.0.2.1")
	says(`[192.0.2.1:40122] authentication for user "root" rejected`, "source.ip", "192.0.2.1", "source.port", "40122")
	says("New connection: 203.0.113.25:51000", "source.ip", "203.0.113.25", "source.port", "51000")
	says("User admin logged out from port 12 of the session 44 (after 10 minutes of work)", "event.category", "authentication", "event.type", "end")
	says("User logged in as ann", "user.name", "ann")
	says("logged in as guest account", "user.name", "")
	says("SSH session opened for ann from 192.0.2.1", "user.name", "ann", "event.category", "session", "event.type", "start")
	says("session opened for database sync", "user.name", "")
	// questions of DNS
	says("DNS query for bad.example.net from 192.0.2.5 blocked", "dns.question.name", "bad.example.net", "source.ip", "192.0.2.5")
	f("- glean: {wide: true}\n- known: {categories: true}", "DNS query for bad.example.net from 192.0.2.5 blocked", "event.type", "protocol|denied")
	f("- glean: {wide: true}\n- known: {categories: true}", "DNS query: bad.example.net", "event.outcome", "")
	// tunnels
	says("IPsec tunnel branch-3 to 192.0.2.4 is down: DPD timeout", "event.type", "connection|end", "destination.ip", "192.0.2.4")
	says("VPN user ann connected from 203.0.113.9", "event.type", "connection|start", "user.name", "ann")
	says("IKE negotiation with peer 198.51.100.4 failed: no proposal chosen", "event.outcome", "failure", "event.category", "network")
	says("vpn license expires in 3 days", "event.category", "configuration")
	// who had it done
	says("Firmware upgraded from 4.2.1 to 4.3.0 by ann", "user.name", "ann", "event.category", "configuration")
	says("System reboot requested by admin (192.0.2.1)", "user.name", "admin", "source.ip", "192.0.2.1", "event.category", "host")
	says("Audit log cleared by ann", "user.name", "ann")
	says("Counters cleared by timeout", "user.name", "")
	says("Retry scheduled by 5 minutes", "user.name", "")
	says("Session 8812 started by ann on server db1", "user.name", "ann", "event.category", "session", "event.type", "start")
	says("admin@192.0.2.1 changed the host name", "user.name", "admin", "source.ip", "192.0.2.1")
	says("User ann (id=42) deleted user bob (id=43) from 192.0.2.7", "user.name", "ann", "user.target.name", "bob", "event.type", "user|deletion")
	says("Service \"Spooler\" stopped by ann", "user.name", "ann")
	says("File report.pdf was downloaded by ann from 192.0.2.7", "event.category", "file", "event.type", "access")
	says("ann uploaded \"pay.xlsx\" (812 bytes) from 192.0.2.7", "file.name", "pay.xlsx", "user.name", "ann", "event.type", "creation")
	says("Role ADMIN granted to bob by ann", "user.name", "ann", "user.target.name", "bob", "event.category", "iam")
	says("Access to /admin denied for ann (192.0.2.7)", "user.name", "ann", "event.outcome", "failure", "source.ip", "192.0.2.7")
	says("Access granted to server farm 2", "user.name", "")
	says("Real-time protection disabled on PC12 by ann", "user.name", "ann", "event.category", "configuration", "event.type", "change")
	says("Access denied to \\\\nas1\\backup", "user.name", "")
	// threats and attacks
	says("Ransomware activity blocked on PC12: process C:\\Temp\\x.exe", "event.category", "malware", "event.kind", "alert")
	says("Infected file /home/bob/x.exe (Win32.Virut) deleted, user bob", "user.name", "bob", "user.target.name", "")
	says("CPU usage 97% exceeds threshold 90%", "event.category", "host", "event.type", "info")
	says("Virus definitions removed", "event.category", "")
	says("Possible XSS attack from 203.0.113.9 in parameter q", "event.category", "intrusion_detection", "source.ip", "203.0.113.9")
	says("IPS: signature 20411 matched 203.0.113.9:51022 -> 10.0.0.5:8080", "event.category", "intrusion_detection|network")
	says("URL http://bad.example/x blocked for 192.0.2.7", "source.ip", "192.0.2.7")
	says("SNMP request from unauthorized host 192.0.2.66", "source.ip", "192.0.2.66")
	// connections, log-ins
	says("Invalid credentials supplied by 203.0.113.9 for account ann", "user.name", "ann", "event.outcome", "failure")
	says("Connection from 203.0.113.9:51022 closed by peer", "event.type", "connection|end")
	says("TLS handshake with 203.0.113.9:51022 failed: unknown certificate", "event.outcome", "failure", "source.port", "51022")
	says("database connection failed", "event.category", "")
	says("Logout: ann 192.0.2.7", "user.name", "ann", "source.ip", "192.0.2.7")
	says("ann@192.0.2.7 LOGIN FAILED", "user.name", "ann", "event.outcome", "failure")
	says("AUDIT|2026-03-02T08:59:59Z|ann|192.0.2.7|LOGIN|SUCCESS", "user.name", "ann")
	says("AUDIT|2026-03-02T08:59:59Z|ssh|192.0.2.7|LOGIN|SUCCESS", "user.name", "")
	f("- known: {categories: true}", "rate limit exceeded for 192.0.2.7 on /api/login", "event.category", "")
	// sensors, stations, questions, requests
	says("[1:2019401:3] ET SCAN Nmap {TCP} 203.0.113.9:51022 -> 192.0.2.80:443", "rule.id", "2019401", "event.category", "intrusion_detection|network", "event.kind", "alert")
	says("Endpoint 00:00:5e:00:53:01 (192.0.2.7) quarantined", "source.ip", "192.0.2.7", "source.mac", "00-00-5E-00-53-01")
	says("query A bad.example from 192.0.2.7 blocked by list x", "dns.question.name", "bad.example", "dns.question.type", "A")
	says("ann 192.0.2.7 GET https://bad.example/x.exe 403 blocked", "http.request.method", "GET", "http.response.status_code", "403", "source.ip", "192.0.2.7")
	says("Authentication failure on SSH for ann from host 192.0.2.1 port 50221", "user.name", "ann", "source.port", "50221")
}
