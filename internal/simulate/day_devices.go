package simulate

import (
	"fmt"
	"strings"
	"time"
)

// switches: ports that come and go, a small switch under a desk, a neighbour whose key is
// changed, and the one who looks after them all.
func (d *day) switches() {
	n := 0
	ios := func(at time.Time, severity int, host, text string) {
		n++
		d.say("Switches", at, "<%d>%d: %s: %s.101 UTC: %%%s", 23*8+severity, n, host, at.Format("Jan 2 2006 15:04:05"), text)
	}
	for range 300 {
		at, port := d.inOffice(), d.rng.IntN(48)
		ios(at, 3, "sw02", fmt.Sprintf("LINK-3-UPDOWN: Interface GigabitEthernet1/0/%d, changed state to down", port))
		ios(at.Add(20*time.Second), 3, "sw02", fmt.Sprintf("LINK-3-UPDOWN: Interface GigabitEthernet1/0/%d, changed state to up", port))
	}
	for i := range 3 {
		ios(oclock(9, 20).Add(time.Duration(i)*time.Minute), 2, "sw02", fmt.Sprintf("PORT_SECURITY-2-PSECURE_VIOLATION: Security violation occurred, caused by MAC address 0242.0a14.00%02x on port GigabitEthernet1/0/9.", i))
		ios(oclock(15, 30).Add(time.Duration(i)*time.Minute), 6, "rtr01", "TCP-6-BADAUTH: No MD5 digest from 192.0.2.2(179) to 192.0.2.1(35521) tableid - 0")
	}
	ios(oclock(9, 24), 2, "sw02", "SPANTREE-2-BLOCK_BPDUGUARD: Received BPDU on port Gi1/0/9 with BPDU Guard enabled. Disabling port.")
	for i, c := range []string{"interface GigabitEthernet1/0/9", "description desk 14", "logging host 10.10.0.31", "username backup privilege 1 secret 9 x", "snmp-server community x ro", "copy running-config tftp://10.10.0.31/sw02.cfg"} {
		ios(oclock(10, i), 5, "sw02", fmt.Sprintf("PARSER-5-CFGLOG_LOGGEDCMD: User:%s  logged command:%s ", d.office.admins[5].name, c))
	}
	ios(oclock(10, 9), 5, "sw02", fmt.Sprintf("SYS-5-CONFIG_I: Configured from console by %s on vty0 (%s)", d.office.admins[5].name, d.office.admins[5].ip))
	for h := range 24 { // the program that keeps the configurations
		ios(oclock(h, 50), 6, "rtr01", "SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: oxidized] [Source: 10.10.0.31] [localport: 22] at "+oclock(h, 50).Format("15:04:05 UTC Mon Jan 2 2006"))
	}
}

// telephones: most register at once, one has the password of before it was moved.
func (d *day) telephones() {
	say := func(at time.Time, account, what, from, more string) {
		d.say("Telephones", at, `[%s] SECURITY[1620] res_security_log.c: SecurityEvent="%s",EventTV="%s",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="%s",SessionID="s%d",LocalAddress="IPV4/UDP/10.10.0.25/5060",RemoteAddress="IPV4/UDP/%s/5060"%s`,
			at.Format(time.DateTime), what, at.Format("2006-01-02T15:04:05.000-0700"), account, d.id(), from, more)
	}
	for i := range 60 {
		for h := range 10 {
			at, ip := oclock(8+h, i), fmt.Sprintf("10.40.0.%d", 10+i)
			say(at, fmt.Sprint(600+i), "ChallengeSent", ip, `,Challenge="x"`)
			say(at, fmt.Sprint(600+i), "SuccessfulAuth", ip, `,UsingPassword="1"`)
		}
	}
	for n := range 20 {
		say(oclock(11, n), "655", "ChallengeResponseFailed", "10.40.0.200", `,Challenge="x",Response="y",ExpectedResponse=""`)
	}
}

// panos: an office that came with another firewall.
func (d *day) panos() {
	line := func(at time.Time, kind, sub, rest string) {
		stamp := at.Format("2006/01/02 15:04:05")
		d.say("PAN-OS", at, "<14>%s pa-edge-1 1,%s,007200001234,%s,%s,2817,%s,%s", at.Format(time.Stamp), stamp, kind, sub, stamp, rest)
	}
	system := func(at time.Time, sub, text string) {
		line(at, "SYSTEM", sub, fmt.Sprintf(`,general,,0,0,general,informational,"%s",%d,0x8000000000000000,0,0,0,0,,pa-edge-1`, text, d.id()))
	}
	for i, u := range d.office.users[:30] {
		at := d.inMorning()
		for range d.mistypes() {
			line(at, "GLOBALPROTECT", "0", fmt.Sprintf(`vsys1,gateway-auth,login,LDAP,,%s,DE,PC-%d,%s,0.0.0.0,0.0.0.0,0.0.0.0,id%d,SN,6.2.1,Windows,"Microsoft Windows 11",1,,"Authentication failed: Invalid username or password","",failure,,0,,0,GP-GW,%d,0x8000000000000000,%s,,,,,,0,0,0,0,,pa-edge-1,1`, u.name, i, home(i), i, d.id(), stampMillis(at)))
			at = at.Add(d.soon())
		}
		line(at, "GLOBALPROTECT", "0", fmt.Sprintf(`vsys1,gateway-connected,connected,,SSL,%s,DE,PC-%d,%s,0.0.0.0,10.212.134.%d,0.0.0.0,id%d,SN,6.2.1,Windows,"Microsoft Windows 11",1,,,"",success,,42,on-demand,0,GP-GW,%d,0x8000000000000000,%s,,,,,,0,0,0,0,,pa-edge-1,1`, u.name, i, home(i), 10+i, i, d.id(), stampMillis(at)))
	}
	admin := d.office.admins[0]
	system(oclock(10, 0), "general", fmt.Sprintf("User %s logged in via Web from %s using https", admin.name, admin.ip))
	line(oclock(10, 4), "CONFIG", "0", fmt.Sprintf("%s,,set,%s,Web,Succeeded, vsys  vsys1 rulebase security rules web,%d,0x8000000000000000,0,0,0,0,,pa-edge-1", admin.ip, admin.name, d.id()))
	for h := range 24 {
		system(oclock(h, 2), "general", "Connection to Update server: completed successfully, initiated by 10.10.0.2")
	}
}

// databases: applications, a dump at night, a job that loads a file by a program.
func (d *day) databases() {
	say := func(at time.Time, user, db, text string) {
		d.say("Databases", at, "%s UTC [%d] %s@%s LOG:  statement: %s", at.Format("2006-01-02 15:04:05.000"), d.office.pid(), user, db, text)
	}
	for range 400 {
		say(d.inOffice(), "shop", "shop", pick(d.rng, []string{"SELECT id, price FROM articles WHERE id = 4", "UPDATE carts SET count = 2 WHERE id = 9", "BEGIN", "COMMIT", "SELECT 'copied from program notes' AS title"}))
	}
	for n := range 40 {
		say(oclock(1, n), "backup", "shop", fmt.Sprintf("COPY public.table%d (id, name) TO stdout;", n))
	}
	say(oclock(4, 30), "loader", "shop", "COPY rates FROM PROGRAM 'gunzip -c /srv/import/rates.csv.gz' CSV")
}

// workstations: what Sysmon tells of programs that administrators and installers run.
func (d *day) workstations() {
	run := func(at time.Time, host, user, image, command, parent string) {
		d.win(at, host, 1, "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", "0x8000000000000000",
			strings.ReplaceAll(fmt.Sprintf(`,"UtcTime":"%s","ProcessId":"%d","Image":"%s","CommandLine":"%s","User":"OFFICE/%s","ParentImage":"%s"`, at.Format("2006-01-02 15:04:05.000"), 4000+d.id()%9000, image, command, user, parent), `\`, `\\`))
	}
	const system = `C:\Windows\System32\`
	for i, u := range d.office.users {
		host := fmt.Sprintf("pc%d", i)
		run(d.inMorning(), host, u.name, `C:\Program Files\Mail\mail.exe`, `mail.exe`, `C:\Windows\explorer.exe`)
		run(d.inMorning(), host, "SYSTEM", system+"reg.exe", `reg export HKLM\SOFTWARE\Vendor C:\ProgramData\vendor.reg /y`, system+"cmd.exe")
		run(d.inOffice(), host, u.name, system+`WindowsPowerShell\v1.0\powershell.exe`, `powershell.exe -ExecutionPolicy Bypass -File C:\ProgramData\logon.ps1`, system+"gpscript.exe")
	}
	admin := d.office.admins[1].name
	for i, c := range []string{"vssadmin list shadows", "wbadmin get versions", "bcdedit /enum", "ntdsutil files info q q", "net group \\\"Domain Admins\\\" /domain", "whoami /all", "certutil -urlcache -f http://pki.office.example/root.crl root.crl"} {
		run(oclock(14, i*3), "dc1", admin, system+"cmd.exe", strings.ReplaceAll(c, `\"`, `'`), `C:\Windows\explorer.exe`)
	}
	run(oclock(1, 50), "backup1", "svc_backup", system+"vssadmin.exe", "vssadmin delete shadows /for=D: /oldest /quiet", `C:\Program Files\Backup\agent.exe`)
	d.win(oclock(10, 40), "pc12", 7045, "System", "Service Control Manager", "0x8080000000000000", `,"ServiceName":"TeamViewer","ImagePath":"\"C:\\Program Files\\TeamViewer\\TeamViewer_Service.exe\"","ServiceType":"user mode service","StartType":"auto start","AccountName":"LocalSystem"`)
	d.win(oclock(11, 40), "ca1", 4887, "Security", audited, succeeded, fmt.Sprintf(`,"RequestId":"77","Requester":"OFFICE\\%s","Attributes":"CertificateTemplate:WebServer\nSAN:dns=www.office.example&dns=office.example","Disposition":"3","Subject":"CN=www.office.example"`, admin))
	d.win(oclock(11, 45), "ca1", 4887, "Security", audited, succeeded, `,"RequestId":"78","Requester":"OFFICE\\PC12$","Attributes":"CertificateTemplate:Machine\nccm:pc12.office.example","Disposition":"3","Subject":"CN=pc12.office.example"`)
}
