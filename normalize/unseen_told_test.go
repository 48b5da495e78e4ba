package normalize_test

import "testing"

// TestUnseenTold: what sentences and records of devices that no pack knows tell of accounts, commands and
// things, and what only looks like it.
func TestUnseenTold(t *testing.T) {
	f := shippedCase(t)
	at := "<38>Mar  2 08:59:50 gw1 authd[7]: "
	says := func(line string, pairs ...string) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			f(line, pairs[i], pairs[i+1])
		}
	}
	// accounts
	says(at+"Account lockout: bob", "user.name", "bob", "event.category", "iam", "event.type", "user")
	says(at+"user account bob has been locked", "user.name", "bob", "event.category", "iam")
	says(at+"user account bob has not been locked", "event.category", "")
	says(at+"new user created: bob by root", "user.name", "root", "user.target.name", "bob", "event.type", "user")
	says(at+"Account unlocked: bob by ann", "user.name", "ann", "user.target.name", "bob", "event.type", "user")
	says(at+"User created: count 12 total", "user.target.name", "", "event.category", "")
	says(at+"Password reset for bob requested by ann", "user.name", "ann", "user.target.name", "bob")
	says(at+"Password reset for bob requested by policy", "user.name", "", "user.target.name", "")
	// commands
	says(at+"user ann executed command 'show running-config' from 192.0.2.17", "process.command_line", "show running-config", "event.category", "process", "user.name", "ann", "source.ip", "192.0.2.17")
	says(at+"ann ran the command: reload in 5 from 192.0.2.7", "process.command_line", "reload in 5", "user.name", "ann")
	says(at+"agent executed command 'sync'", "process.command_line", "", "user.name", "")
	says(at+"user ann executed command without privileges", "process.command_line", "")
	says(at+"sudo: ann ran '/bin/cat /etc/shadow' as root", "process.command_line", "/bin/cat /etc/shadow", "user.name", "ann")
	says(at+"he ran 'a test' as root", "process.command_line", "")
	says(at+"secret prod/db read by ann from 192.0.2.3", "user.name", "ann", "source.ip", "192.0.2.3")
	says(at+"config read by kernel", "user.name", "")
	says(at+"pipeline deploy triggered by ann failed", "user.name", "ann", "event.outcome", "failure")
	says(at+"Operator ann changed setpoint TIC101 from 50 to 80", "user.name", "ann", "event.category", "configuration")
	// programs
	program := at + `Process C:\Temp\x.exe (pid 44) started by CORP\ann from parent C:\Windows\explorer.exe`
	says(program, "process.name", "x.exe", "process.pid", "44", "process.parent.name", "explorer.exe", "user.name", "ann", "event.category", "process")
	says(at+"Process /tmp/x was blocked", "process.executable", "/tmp/x", "event.type", "denied")
	says(at+"Process /tmp/x not started", "process.name", "authd", "process.executable", "")
	says(at+"Process (pid 44) started", "process.name", "authd", "process.pid", "7")
	// rights and groups
	says(at+"ann granted role Owner to bob", "user.name", "ann", "user.target.name", "bob", "event.category", "iam")
	says(at+"Server granted role to nobody in particular", "user.name", "", "event.category", "")
	says(at+"Role Owner removed from bob by ann", "user.name", "ann", "user.target.name", "bob")
	says(at+"Role Owner removed from group staff by ann", "user.name", "ann", "user.target.name", "", "group.name", "staff")
	says(at+"API key ci-bot created by ann", "user.name", "ann", "event.category", "iam")
	says(at+"Benutzer bob wurde von ann zur Gruppe Admins hinzugefügt", "user.name", "ann", "user.target.name", "bob", "group.name", "Admins")
	says(at+"Benutzerkonto bob wurde gesperrt", "user.name", "bob", "event.category", "iam")
	says(at+"Benutzer ann hat Datei /share/pay.xlsx gelöscht (192.0.2.20)", "event.type", "deletion", "user.name", "ann")
	says(`event=password_reset target=bob by=ann src_ip=192.0.2.3`, "user.target.name", "bob")
	says(`event=password_policy_changed target=default by=ann src_ip=192.0.2.3`, "user.target.name", "")
	// who may not
	says(at+"ann failed MFA verification 3 times", "user.name", "ann", "event.outcome", "failure")
	says(at+"SSH failed OTP check", "user.name", "")
	says(at+"Access denied for badge 12345 (Ann Smith) at door Lobby-East", "user.name", "", "event.outcome", "failure")
	says(at+"user ann blocked from accessing http://bad.example.com/x", "event.type", "denied", "event.outcome", "success")
	says(at+"user ann not blocked from accessing http://bad.example.com/x", "event.type", "", "event.outcome", "")
	says(`{"event":"door access denied","holder":"Ann Smith","reader":"Lobby-East"}`, "event.type", "denied", "event.outcome", "failure")
	says(`{"EventType":"ProcessBlocked","Process":{"Path":"C:\\Temp\\x.exe"},"UserName":"ann"}`, "event.type", "denied", "event.outcome", "success")
	says(`{"EventType":"ProcessNotBlocked","Process":{"Path":"C:\\Temp\\x.exe"},"UserName":"ann"}`, "event.type", "info", "event.outcome", "")
	// who came in
	says(`{"type":"vpn","status":"connected","username":"ann","public_ip":"203.0.113.7"}`, "event.category", "network")
	says(`{"type":"vpn","status":"ok","username":"ann","public_ip":"203.0.113.7"}`, "event.category", "")
	says(`{"message":"User ann logged in","ctx":{"ip":"203.0.113.7"}}`, "source.ip", "203.0.113.7")
	vpn := "<38>Mar  2 08:59:50 gw1 vpnd[7]: "
	says(vpn+"ann (203.0.113.7) has connected", "user.name", "ann", "source.ip", "203.0.113.7", "event.category", "session")
	says(at+"ap-7 (203.0.113.7) has connected", "user.name", "")
	// mails
	says(at+"Message from eve@example.net to ann@example.com rejected", "event.type", "denied", "event.category", "email")
	says(at+"Message from eve@example.net to ann@example.com not rejected", "event.type", "info")
	says(at+"Quarantined message from eve@example.net to ann@example.com: phishing", "event.type", "denied")
	says(at+"Delivered message from eve@example.net to ann@example.com: blocked list", "event.type", "info")
	// devices
	says(at+"USB device connected: vendor=Kingston serial=AB12 user=ann", "device.serial_number", "AB12", "observer.serial_number", "", "observer.vendor", "")
	says(at+"Sensor connected: vendor=Acme serial=AB12 user=ann", "observer.serial_number", "AB12")
	says(`{"event":"device_enrolled","user":"ann","device":{"serial":"C02X","os":"iOS 17"}}`, "device.serial_number", "C02X", "observer.serial_number", "")
	says(`{"event":"x","src":"192.0.2.1","dst":"192.0.2.2","device":{"serial":"FG1","name":"fw1"}}`, "observer.serial_number", "FG1")
	says(`{"msg":"started","k8s":{"pod":"api-7f","ns":"prod","container":"api"}}`, "container.name", "api", "orchestrator.namespace", "prod", "orchestrator.resource.name", "api-7f")
	// rules
	verbCase(t)(what, `{"src":"192.0.2.1","dst":"192.0.2.2","policy":"block"}`, "event.type", "connection|denied")
	says(`{"src":"192.0.2.1","dst":"192.0.2.2","policy":"block"}`, "rule.name", "", "rule.id", "")
	says(`{"src":"192.0.2.1","dst":"192.0.2.2","policy":"Block-All"}`, "rule.name", "Block-All")
}
