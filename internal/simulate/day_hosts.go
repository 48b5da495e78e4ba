package simulate

import (
	"fmt"
	"net/netip"
	"time"
)

// win is an event of Windows as NXLog sends it; more begins with a comma.
func (d *day) win(at time.Time, host string, code int, channel, provider, keywords, more string) {
	d.say("Windows", at, `{"EventTime":"%s","Hostname":"%s.office.example","EventID":%d,"Channel":"%s","SourceName":"%s","Keywords":"%s","RecordNumber":%d%s}`,
		at.Format("2006-01-02 15:04:05"), host, code, channel, provider, keywords, d.id(), more)
}

const (
	audited   = "Microsoft-Windows-Security-Auditing"
	succeeded = "0x8020000000000000"
	failed    = "0x8010000000000000"
)

// windows: people log on in the morning, some mistype, and get tickets all day.
func (d *day) windows() {
	for i, u := range d.office.users {
		at := d.inMorning()
		for range d.mistypes() {
			d.win(at, "dc1", 4771, "Security", audited, failed, fmt.Sprintf(`,"TargetUserName":"%s","ServiceName":"krbtgt/OFFICE","TicketOptions":"0x40810010","Status":"0x18","PreAuthType":"2","IpAddress":"::ffff:%s","IpPort":"%d"`, u.name, u.ip, ephemeral(d.rng)))
			d.win(at, fmt.Sprintf("pc%d", i), 4625, "Security", audited, failed, fmt.Sprintf(`,"TargetUserName":"%s","TargetDomainName":"OFFICE","Status":"0xc000006d","SubStatus":"0xc000006a","LogonType":"2","WorkstationName":"PC%d","IpAddress":"127.0.0.1","IpPort":"0"`, u.name, i))
			at = at.Add(d.soon())
		}
		d.win(at, "dc1", 4768, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"%s","TargetDomainName":"OFFICE","ServiceName":"krbtgt","TicketOptions":"0x40810010","Status":"0x0","TicketEncryptionType":"0x12","PreAuthType":"2","IpAddress":"::ffff:%s","IpPort":"%d"`, u.name, u.ip, ephemeral(d.rng)))
		d.win(at, fmt.Sprintf("pc%d", i), 4624, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"%s","TargetDomainName":"OFFICE","LogonType":"2","WorkstationName":"PC%d","IpAddress":"127.0.0.1","IpPort":"0"`, u.name, i))
		for _, service := range []string{"FILES1$", "PRINT1$", "svc_intranet", "PC1$", "svc_sql"} {
			d.win(d.inOffice(), "dc1", 4769, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"%s@OFFICE.EXAMPLE","TargetDomainName":"OFFICE.EXAMPLE","ServiceName":"%s","TicketOptions":"0x40810000","TicketEncryptionType":"0x12","Status":"0x0","IpAddress":"::ffff:%s","IpPort":"%d"`, u.name, service, u.ip, ephemeral(d.rng)))
		}
		d.win(d.inOffice(), "files1", 4624, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"%s","TargetDomainName":"OFFICE","LogonType":"3","WorkstationName":"PC%d","IpAddress":"%s","IpPort":"%d"`, u.name, i, u.ip, ephemeral(d.rng)))
		if i%10 == 0 { // the old storage speaks RC4 only
			d.win(d.inOffice(), "dc1", 4769, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"%s@OFFICE.EXAMPLE","TargetDomainName":"OFFICE.EXAMPLE","ServiceName":"svc_oldnas","TicketOptions":"0x40810000","TicketEncryptionType":"0x17","Status":"0x0","IpAddress":"::ffff:%s","IpPort":"%d"`, u.name, u.ip, ephemeral(d.rng)))
		}
	}
}

// windowsServers: updates, an agent that is installed, jobs, administrators, a share that is
// mounted with the password of last month.
func (d *day) windowsServers() {
	for n, host := range []string{"dc1", "files1", "print1", "sql1", "backup1"} {
		at := oclock(3, n*7)
		d.win(at, host, 19, "System", "Microsoft-Windows-WindowsUpdateClient", "0x8000000000000018", `,"updateTitle":"2026-03 Cumulative Update for Windows Server 2022 (KB5000000)"`)
		d.win(at.Add(time.Minute), host, 7045, "System", "Service Control Manager", "0x8080000000000000", `,"ServiceName":"Microsoft Defender Core Service","ImagePath":"\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.26020.1-0\\MpDefenderCoreService.exe\"","ServiceType":"user mode service","StartType":"auto start","AccountName":"LocalSystem"`)
		d.win(at.Add(2*time.Minute), host, 1074, "System", "User32", "0x80000000000000", `,"Message":"The process C:\\Windows\\system32\\wuauclt.exe has initiated the restart of computer on behalf of user NT AUTHORITY\\SYSTEM for the following reason: Operating System: Service pack (Planned)"`)
		for h := range 24 {
			t := oclock(h, n*9)
			d.win(t, host, 4688, "Security", audited, succeeded, `,"SubjectUserName":"SYSTEM","NewProcessName":"C:\\Windows\\System32\\wbem\\WmiPrvSE.exe","ParentProcessName":"C:\\Windows\\System32\\svchost.exe","CommandLine":"C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding"`)
			d.win(t, host, 4624, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"svc_backup","TargetDomainName":"OFFICE","LogonType":"3","IpAddress":"10.10.0.80","IpPort":"%d"`, ephemeral(d.rng)))
		}
		d.win(oclock(1, n), host, 4688, "Security", audited, succeeded, `,"SubjectUserName":"svc_backup","NewProcessName":"C:\\Windows\\System32\\vssadmin.exe","ParentProcessName":"C:\\Program Files\\Backup\\agent.exe","CommandLine":"vssadmin create shadow /for=C:"`)
	}
	// Directory servers replicate all day, with the rights that DCSync abuses.
	for n := range 40 {
		d.win(oclock(0, n*30), "dc1", 4662, "Security", audited, succeeded, `,"SubjectUserName":"DC2$","SubjectDomainName":"OFFICE","SubjectUserSid":"S-1-5-21-1-2-3-1001","ObjectServer":"DS","ObjectType":"%{19195a5b-6da0-11d0-afd3-00c04fd930c9}","AccessMask":"0x100","Properties":"%{1131f6aa-9c07-11d1-f79f-00c04fc2dcd2} {19195a5b-6da0-11d0-afd3-00c04fd930c9}"`)
	}
	d.win(oclock(8, 22), "dc1", 4720, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"newcomer","TargetDomainName":"OFFICE","SubjectUserName":"%s","SubjectDomainName":"OFFICE"`, d.office.admins[0].name))
	d.win(oclock(8, 23), "dc1", 4728, "Security", audited, succeeded, fmt.Sprintf(`,"MemberName":"CN=newcomer,OU=Staff,DC=office,DC=example","TargetUserName":"Sales","TargetDomainName":"OFFICE","SubjectUserName":"%s"`, d.office.admins[0].name))
	for n := range 6 { // Explorer tries again at once, and asks only then
		d.win(oclock(9, 5).Add(time.Duration(n)*300*time.Millisecond), "files1", 4625, "Security", audited, failed, fmt.Sprintf(`,"TargetUserName":"%s","TargetDomainName":"OFFICE","Status":"0xc000006d","SubStatus":"0xc000006a","LogonType":"3","WorkstationName":"PC31","IpAddress":"%s","IpPort":"%d"`, d.office.users[31].name, d.office.users[31].ip, ephemeral(d.rng)))
	}
	d.win(oclock(9, 6), "files1", 4624, "Security", audited, succeeded, fmt.Sprintf(`,"TargetUserName":"%s","TargetDomainName":"OFFICE","LogonType":"3","WorkstationName":"PC31","IpAddress":"%s","IpPort":"%d"`, d.office.users[31].name, d.office.users[31].ip, ephemeral(d.rng)))
}

// machines: backups take and remove snapshots, desktops are switched off in the evening.
func (d *day) machines() {
	event := func(at time.Time, kind, who, text string) {
		d.say("vSphere", at, `<14>1 %s vc1.office.example vpxd 4711 - - Event [%d] [1-1] [%[1]s] [%[3]s] [info] [%s] [Bonn] [%[2]d] [%[5]s]`, stampMillis(at), d.id(), kind, who, text)
	}
	for n := range 14 {
		at := oclock(1, 0).Add(time.Duration(n) * time.Minute)
		event(at, "vim.event.TaskEvent", `OFFICE\\svc_backup`, "Task: Create virtual machine snapshot")
		event(at.Add(20*time.Second), "vim.event.TaskEvent", `OFFICE\\svc_backup`, "Task: Remove snapshot")
		event(oclock(11, 0).Add(time.Duration(n)*time.Second), "vim.event.VmMigratedEvent", "", fmt.Sprintf("Migration of virtual machine srv%02d from esx1.office.example, vmfs1 to esx2.office.example, vmfs1 completed", n))
		event(oclock(19, 0).Add(time.Duration(n)*5*time.Second), "vim.event.VmPoweredOffEvent", `OFFICE\\svc_desktops`, fmt.Sprintf("desk%02d on  esx2.office.example in Bonn is powered off", n))
	}
	event(oclock(10, 0), "vim.event.UserLoginSessionEvent", "OFFICE\\\\"+d.office.admins[5].name, "User OFFICE\\\\"+d.office.admins[5].name+"@10.20.1.35 logged in as Mozilla/5.0")
}

// hosts: people and administrators on Linux.
func (d *day) hosts() {
	for i, u := range d.office.users[:30] {
		s := d.office.servers[i%len(d.office.servers)]
		at := d.inMorning()
		for range d.mistypes() {
			d.syslog("Linux", at, 86, s.name, "sshd[811]", "Failed password for %s from %s port %d ssh2", u.name, u.ip, ephemeral(d.rng))
			at = at.Add(d.soon())
		}
		d.syslog("Linux", at, 86, s.name, "sshd[811]", "Accepted password for %s from %s port %d ssh2", u.name, u.ip, ephemeral(d.rng))
		d.syslog("Linux", at, 86, s.name, "sshd[811]", "pam_unix(sshd:session): session opened for user %s(uid=%d) by %[1]s(uid=0)", u.name, 1000+i)
	}
	commands := []string{
		"/usr/bin/apt upgrade", "/usr/bin/systemctl restart nginx", "/usr/bin/vim /etc/nginx/nginx.conf", "/usr/bin/find / -xdev -size +1G",
		"/usr/bin/tail -f /var/log/syslog", "/usr/bin/journalctl --vacuum-time=30d", "/usr/bin/tar czf /root/etc.tgz /etc", "/usr/bin/docker compose up -d",
		"/usr/sbin/ufw allow 8443/tcp", "/usr/bin/cp nginx.service /etc/systemd/system/nginx.service", "/usr/bin/systemctl daemon-reload", "/usr/bin/rm /var/log/app/debug.log.4.gz",
		"/usr/bin/cat /etc/ssh/sshd_config", "/usr/sbin/tcpdump -ni eth0 port 53", "/usr/bin/less /var/log/auth.log", "/usr/sbin/usermod -aG docker newcomer",
	}
	for i, c := range commands {
		u, s := d.office.admins[i%6], d.office.servers[i%8]
		at := d.inOffice()
		if d.mistypes() > 0 {
			d.syslog("Linux", at, 85, s.name, "sudo", "pam_unix(sudo:auth): authentication failure; logname=%s uid=1000 euid=0 tty=/dev/pts/0 ruser=%[1]s rhost=  user=%[1]s", u.name)
		}
		d.syslog("Linux", at.Add(d.soon()), 85, s.name, "sudo", "%8s : TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=%s", u.name, u.name, c)
	}
	build := d.office.servers[6].name
	d.syslog("Linux", oclock(9, 50), 86, build, "useradd[901]", "new user: name=newcomer, UID=1204, GID=1204, home=/home/newcomer, shell=/bin/bash, from=/dev/pts/0")
	d.syslog("Linux", oclock(9, 51), 86, build, "usermod[902]", "add 'newcomer' to group 'docker'")
	d.syslog("Linux", oclock(10, 15), 86, build, "sshd[911]", "Accepted publickey for newcomer from 10.20.1.200 port 50001 ssh2: ED25519 SHA256:abc")
	d.syslog("Linux", oclock(10, 40), 4, build, "kernel", "[88123.100000] device eth0 entered promiscuous mode")
	for n := range 30 { // a pipeline and its containers
		at := oclock(9, 0).Add(time.Duration(n) * 15 * time.Minute)
		d.syslog("Linux", at, 86, d.office.servers[n%2].name, "sshd[1200]", "Accepted publickey for deploy from 10.10.0.17 port %d ssh2: ED25519 SHA256:ci", ephemeral(d.rng))
		d.syslog("Linux", at.Add(time.Second), 85, d.office.servers[n%2].name, "sudo", "  deploy : PWD=/srv/app ; USER=root ; COMMAND=/usr/bin/systemctl restart app")
		d.syslog("Linux", at, 4, build, "kernel", "[88124.%06d] veth%x: entered promiscuous mode", n, 0xa1b2c3+n)
	}
}

// patches: packages are renewed, which makes users, stops services and removes rules.
func (d *day) patches() {
	for n, s := range d.office.servers {
		at := oclock(4, n*5)
		say := func(tag, format string, args ...any) {
			at = at.Add(3 * time.Second)
			d.syslog("Linux", at, 30, s.name, tag, format, args...)
		}
		say("systemd[1]", "Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities...")
		say("systemd[1]", "Stopping rsyslog.service - System Logging Service...")
		say("systemd[1]", "Started rsyslog.service - System Logging Service.")
		say("systemd[1]", "Stopping auditd.service - Security Auditing Service...")
		say("systemd[1]", "Started auditd.service - Security Auditing Service.")
		say("groupadd[2001]", "new group: name=_chrony, GID=115")
		say("useradd[2002]", "new user: name=_chrony, UID=115, GID=115, home=/var/lib/chrony, shell=/usr/sbin/nologin, from=none")
		say("useradd[2003]", "new user: name=systemd-coredump, UID=997, GID=997, home=/, shell=/usr/sbin/nologin, from=none")
		say("usermod[2004]", "change user 'postgres' shell from '/bin/bash' to '/bin/bash'")
		say("usermod[2005]", "add 'telegraf' to group 'adm'")
		say("chage[2006]", "changed password expiry for sshd")
		say("dbus-daemon[700]", "[system] Reloaded configuration")
		say("kernel", "[91000.%06d] Linux version 6.8.0-50-generic", n)
		say("systemd[1]", "Finished apt-daily-upgrade.service - Daily apt upgrade and clean activities.")
		for day := range 2 { // each night, so also in the next
			b := oclock(2, n).Add(time.Duration(day) * 24 * time.Hour)
			d.syslog("Linux", b, 30, s.name, "systemd[1]", "Finished restic-backup.service - Backup by restic.")
		}
	}
}

// hostChecks: monitoring and the balancer open SSH and close it again, an inventory logs in everywhere.
func (d *day) hostChecks() {
	for minute := range 180 {
		at := oclock(9, minute)
		d.syslog("Linux", at, 86, "git1", "sshd[3000]", "Connection closed by %s port %d [preauth]", balancer, ephemeral(d.rng))
		if minute%5 == 0 {
			for _, s := range d.office.servers {
				d.syslog("Linux", at, 86, s.name, "sshd[3001]", "Connection closed by %s port %d [preauth]", monitoring, ephemeral(d.rng))
			}
		}
	}
	for _, s := range d.office.servers {
		d.syslog("Linux", oclock(5, 30), 86, s.name, "sshd[3002]", "Accepted publickey for ansible from 10.10.0.17 port %d ssh2: ED25519 SHA256:inv", ephemeral(d.rng))
	}
}

// ownScanner: the vulnerability scanner of the office, once a week, in its hour.
func (d *day) ownScanner() {
	at := oclock(22, 0)
	scanner := netip.MustParseAddr(ownScanner)
	for n, path := range []string{
		"/", "/.env", "/.git/config", "/admin/", "/phpmyadmin/", "/manager/html", "/cgi-bin/status", "/server-status", "/wp-login.php", "/backup.zip",
		"/index.php?page=../../../../etc/passwd", "/?id=1%27%20OR%20%271%27=%271", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "/id_rsa", "/dump.sql",
	} {
		d.access("Own scanner", at.Add(time.Duration(n)*400*time.Millisecond), scanner, "-", "GET "+path+" HTTP/1.1", 404, 153, "Mozilla/5.0 (compatible; Nessus)")
	}
	for n := range 20 {
		d.syslog("Own scanner", at.Add(time.Minute+time.Duration(n)*time.Second), 86, "web1", "sshd[4000]", "Failed password for invalid user %s from %s port %d ssh2", []string{"admin", "root", "guest", "test", "oracle"}[n%5], ownScanner, ephemeral(d.rng))
	}
}
