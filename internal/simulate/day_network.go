package simulate

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// mail: what an office's mail server is asked by others, and by its own users' programs.
func (d *day) mail() {
	for n := range 120 {
		at, client := d.inOffice(), internet(d.rng)
		d.syslog("Mail", at, 22, "mail1", "postfix/smtpd[500]", "connect from out%d.mailer.example[%s]", n, client)
		switch n % 6 {
		case 0:
			d.syslog("Mail", at, 22, "mail1", "postfix/smtpd[500]", "NOQUEUE: reject: RCPT from out%d.mailer.example[%s]: 450 4.2.0 <%s@office.example>: Recipient address rejected: Greylisted, see https://postgrey.example/; from=<news@mailer.example> to=<%[3]s@office.example> proto=ESMTP helo=<out%[1]d.mailer.example>", n, client, pick(d.rng, d.office.users).name)
		case 1:
			d.syslog("Mail", at, 22, "mail1", "postfix/smtpd[500]", "NOQUEUE: reject: RCPT from out%d.mailer.example[%s]: 550 5.1.1 <gone%[1]d@office.example>: Recipient address rejected: User unknown in local recipient table; from=<news@mailer.example> to=<gone%[1]d@office.example> proto=ESMTP helo=<out%[1]d.mailer.example>", n, client)
		default:
			d.syslog("Mail", at, 22, "mail1", "postfix/qmgr[400]", "%s: from=<someone@mailer.example>, size=%d, nrcpt=1 (queue active)", word(d.rng, 11), 900+d.rng.IntN(90_000))
		}
		d.syslog("Mail", at.Add(time.Second), 22, "mail1", "postfix/smtpd[500]", "disconnect from out%d.mailer.example[%s] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5", n, client)
	}
	list := netip.MustParseAddr("198.51.100.240") // a newsletter with the addresses of some who left
	for n := range 5 {
		d.syslog("Mail", oclock(11, n), 22, "mail1", "postfix/smtpd[500]", "NOQUEUE: reject: RCPT from list.mailer.example[%s]: 550 5.1.1 <left%d@office.example>: Recipient address rejected: User unknown in local recipient table; from=<news@mailer.example> to=<left%[2]d@office.example> proto=ESMTP helo=<list.mailer.example>", list, n)
	}
	for i, u := range d.office.users {
		at := d.inMorning()
		for range d.mistypes() {
			d.syslog("Mail", at, 22, "mail1", "dovecot", "imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<%s>, method=PLAIN, rip=%s, lip=10.10.0.14, TLS, session=<s%d>", u.name, u.ip, d.id())
			at = at.Add(d.soon())
		}
		d.syslog("Mail", at, 22, "mail1", "dovecot", "imap-login: Login: user=<%s>, method=PLAIN, rip=%s, lip=10.10.0.14, mpid=%d, TLS, session=<s%d>", u.name, u.ip, 6000+i, d.id())
	}
	for n := range 12 { // a phone with the password of last week
		d.syslog("Mail", oclock(9, n*15), 22, "mail1", "dovecot", "imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<%s>, method=PLAIN, rip=%s, lip=10.10.0.14, TLS, session=<s%d>", d.office.users[70].name, home(70), d.id())
	}
}

// reply is an answer of the resolver.
func (d *day) reply(at time.Time, client, name, kind, code string) {
	d.syslog("Names", at, 30, "ns1", "unbound[620]", "[620:0] info: %s %s. %s IN %s 0.021 0 %d", client, name, kind, code, 60+len(name))
}

// names: content networks with long names, search domains, and a mail server that looks up
// senders, their policies and lists of spammers.
func (d *day) names() {
	for _, u := range d.office.users {
		for range 25 {
			at, s := d.inOffice(), pick(d.rng, d.office.sites)
			d.reply(at, u.ip.String(), s.name, pick(d.rng, []string{"A", "AAAA", "HTTPS"}), "NOERROR")
		}
		for range 3 {
			d.reply(d.inOffice(), u.ip.String(), fmt.Sprintf("d%s.cloudfront-%d.cdn.example.net.edge-suite.regional.content.example.org", strings.ToLower(word(d.rng, 13)), d.rng.IntN(9)), "A", "NOERROR")
			d.reply(d.inOffice(), u.ip.String(), "intranet.lan", "A", "NXDOMAIN")
		}
		// Chromium asks for three names that nobody has when it starts, to see whether the resolver lies.
		at := d.inMorning()
		for range 3 {
			d.reply(at, u.ip.String(), strings.ToLower(word(d.rng, 10)), "A", "NXDOMAIN")
		}
		d.reply(at, u.ip.String(), "wpad.office.example", "A", "NXDOMAIN")
	}
	// Antivirus asks whether the hash of a file is known by a name that holds it.
	for n := range 8 {
		d.reply(oclock(10, n), "10.20.1.60", fmt.Sprintf("%s.%s.avqs.vendor.example", strings.ToLower(word(d.rng, 32)), strings.ToLower(word(d.rng, 32))), "A", "NXDOMAIN")
	}
	for n := range 150 {
		at, sender := d.inOffice(), internet(d.rng).As4()
		back := fmt.Sprintf("%d.%d.%d.%d", sender[3], sender[2], sender[1], sender[0])
		d.reply(at, "10.10.0.14", back+".in-addr.arpa", "PTR", "NOERROR")
		d.reply(at, "10.10.0.14", back+".zen.blocklist.example", "A", "NXDOMAIN")
		d.reply(at, "10.10.0.14", fmt.Sprintf("mailer%d.example", n), "TXT", "NOERROR")
		d.reply(at, "10.10.0.14", fmt.Sprintf("selector1._domainkey.mailer%d.example", n), "TXT", "NOERROR")
		d.reply(at, "10.10.0.14", fmt.Sprintf("_dmarc.mailer%d.example", n), "TXT", "NOERROR")
	}
	for n := range 60 { // monitoring names what it reports, once a day
		d.reply(oclock(6, 30).Add(time.Duration(n)*time.Second), monitoring, fmt.Sprintf("%d.1.20.10.in-addr.arpa", n), "PTR", "NOERROR")
	}
}

// leases: telephones and notebooks come and go.
func (d *day) leases() {
	for _, u := range d.office.users {
		for range 4 {
			at, mac := d.inOffice(), fmt.Sprintf("02:42:0a:14:00:%02x", u.mac[5])
			for i, text := range []string{
				fmt.Sprintf("DHCPDISCOVER from %s (PC-%s) via eth0", mac, u.name), fmt.Sprintf("DHCPOFFER on %s to %s (PC-%s) via eth0", u.ip, mac, u.name),
				fmt.Sprintf("DHCPREQUEST for %s (10.10.0.1) from %s (PC-%s) via eth0", u.ip, mac, u.name), fmt.Sprintf("DHCPACK on %s to %s (PC-%s) via eth0", u.ip, mac, u.name),
			} {
				d.syslog("DHCP", at.Add(time.Duration(i)*50*time.Millisecond), 30, "gw1", "dhcpd[450]", "%s", text)
			}
		}
	}
	for n := range 40 {
		d.syslog("DHCP", oclock(12, n), 30, "gw1", "dhcpd[450]", "DHCPNAK on 10.20.9.%d to 02:42:0a:63:00:%02x via eth0", n, n)
	}
}

// forti is a line of the FortiGate; more follows its date and names.
func (d *day) forti(at time.Time, format string, args ...any) {
	d.say("FortiGate", at, `<189>date=%s time=%s devname="fw-office" devid="FGT60F0000000001" eventtime=%d tz="+0000" %s`, at.Format(time.DateOnly), at.Format(time.TimeOnly), at.UnixNano(), fmt.Sprintf(format, args...))
}

// fortigate: what people load, what is refused inside and from outside, the VPN, its administrators.
func (d *day) fortigate() {
	traffic := func(at time.Time, src any, dst any, port, proto int, action string) {
		in := `srcintf="internal" srcintfrole="lan" dstintf="wan1" dstintfrole="wan"`
		if src == dst {
			return
		}
		d.forti(at, `logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=%s srcport=%d dstip=%s dstport=%d %s sessionid=%d proto=%d action="%s" policyid=3 service="HTTPS" duration=12 sentbyte=4120 rcvdbyte=90211 sentpkt=31 rcvdpkt=77`, src, ephemeral(d.rng), dst, port, in, d.id(), proto, action)
	}
	for _, u := range d.office.users {
		for range 30 {
			traffic(d.inOffice(), u.ip, pick(d.rng, d.office.sites).ip, 443, 6, "close")
		}
		for n := range 6 { // QUIC is blocked, so that browsers take TCP
			traffic(d.inOffice(), u.ip, d.office.sites[n*7].ip, 443, 17, "deny")
		}
		for range 2 { // a printer that was moved
			traffic(d.inOffice(), u.ip, "10.10.3.7", 9100, 6, "deny")
		}
	}
	for n := range 40 { // a television wants its maker's clock, which is not let out
		traffic(oclock(9, n*3), "10.20.7.9", "198.51.100.123", 123, 17, "deny")
	}
	for range 600 { // the internet knocks
		traffic(d.inOffice(), internet(d.rng), publicIP, pick(d.rng, []int{22, 23, 80, 445, 3389, 8080}), 6, "deny")
	}
	for i, u := range d.office.users[:40] {
		at := d.inMorning()
		for range d.mistypes() {
			d.forti(at, `logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=%s user="%s" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied" msg="SSL user failed to logged in"`, home(i), u.name)
			at = at.Add(d.soon())
		}
		d.forti(at, `logid="0101039424" type="event" subtype="vpn" level="information" vd="root" logdesc="SSL VPN tunnel up" action="tunnel-up" tunneltype="ssl-tunnel" tunnelid=%d remip=%s tunnelip=10.30.0.%d user="%s" group="staff" dst_host="N/A" reason="login successfully" msg="SSL tunnel established"`, d.id(), home(i), 10+i, u.name)
	}
	admin := d.office.admins[0]
	d.forti(oclock(10, 3), `logid="0100032001" type="event" subtype="system" level="information" vd="root" logdesc="Admin login successful" sn="1" user="%s" ui="https(%s)" method="https" srcip=%[2]s dstip=10.10.0.1 action="login" status="success" reason="none" profile="super_admin" msg="Administrator %[1]s logged in successfully from https(%[2]s)"`, admin.name, admin.ip)
	d.forti(oclock(10, 9), `logid="0100044547" type="event" subtype="system" level="information" vd="root" logdesc="Object attribute configured" user="%s" ui="GUI(%s)" action="Edit" cfgtid=1 cfgpath="firewall.policy" cfgobj="12" cfgattr="comments[x]" msg="Edit firewall.policy 12"`, admin.name, admin.ip)
	d.forti(oclock(2, 15), `logid="0100032001" type="event" subtype="system" level="information" vd="root" logdesc="Admin login successful" sn="2" user="backup" ui="ssh(%s)" method="ssh" srcip=%[1]s dstip=10.10.0.1 action="login" status="success" reason="none" profile="readonly" msg="Administrator backup logged in successfully from ssh(%[1]s)"`, monitoring)
}

// asaVPN: people who work at home, with a line that breaks now and then.
func (d *day) asaVPN() {
	asa := func(at time.Time, severity, id int, format string, args ...any) {
		d.say("ASA", at, "<%d>%s fw1 : %%ASA-%d-%06d: %s", facLocal4*8+severity, at.Format("Jan 02 2006 15:04:05"), severity, id, fmt.Sprintf(format, args...))
	}
	for i, u := range d.office.users[40:] {
		at, ip := d.inMorning(), home(100+i)
		for range d.mistypes() {
			asa(at, 6, 113005, "AAA user authentication Rejected : reason = Invalid password : server = 10.10.0.20 : user = %s : user IP = %s", u.name, ip)
			asa(at, 6, 716039, "Group <DfltGrpPolicy> User <%s> IP <%s> Authentication: rejected, Session Type: WebVPN.", u.name, ip)
			at = at.Add(d.soon())
		}
		for range 3 {
			asa(at, 6, 113004, "AAA user authentication Successful : server = 10.10.0.20 : user = %s", u.name)
			asa(at, 6, 716038, "Group <Staff> User <%s> IP <%s> Authentication: successful, Session Type: WebVPN.", u.name, ip)
			asa(at, 4, 722051, "Group <Staff> User <%s> IP <%s> IPv4 Address <10.31.0.%d> IPv6 address <::> assigned to session", u.name, ip, 10+i)
			at = at.Add(time.Hour + d.within(2*time.Hour))
		}
	}
	for n := range 60 { // a switch that asks the old monitoring host
		asa(oclock(8, n*5), 4, 106023, `Deny udp src inside:10.10.2.4/%d dst dmz:10.10.9.9/162 by access-group "inside_in" [0x0, 0x0]`, ephemeral(d.rng))
	}
}

// access is a line of a web server's log.
func (d *day) access(source string, at time.Time, client netip.Addr, user, request string, status, size int, agent string) {
	d.say(source, at, `%s - %s [%s] "%s" %d %d "-" "%s"`, client, user, at.Format("02/Jan/2006:15:04:05 -0700"), request, status, size, agent)
}

// web: people, whose browsers ask for what is not there.
func (d *day) web() {
	for range 400 {
		at, client, agent := d.inOffice(), internet(d.rng), pick(d.rng, agents)
		for range 1 + d.rng.IntN(5) {
			d.access("Web", at, client, "-", "GET "+pick(d.rng, d.office.paths)+" HTTP/1.1", 200, 5120, agent)
			at = at.Add(time.Second)
		}
		for _, icon := range []string{"/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png", "/apple-touch-icon-120x120.png"}[:d.rng.IntN(5)] {
			d.access("Web", at, client, "-", "GET "+icon+" HTTP/1.1", 404, 153, agent)
		}
	}
	for i, u := range d.office.users[:30] {
		at := d.inMorning()
		for range d.mistypes() {
			d.access("Web", at, u.ip, "-", "POST /login HTTP/1.1", 200, 4100, pick(d.rng, agents))
			at = at.Add(d.soon())
		}
		d.access("Web", at, u.ip, "-", "POST /login HTTP/1.1", 302, 0, pick(d.rng, agents))
		d.access("Web", at, u.ip, "-", fmt.Sprintf("GET /search?q=select+a+chair+from+the+union+hall+%d HTTP/1.1", i), 200, 900, pick(d.rng, agents))
		d.access("Web", at, u.ip, "-", "GET /search?q=O%27Reilly%20or%20Manning HTTP/1.1", 200, 900, pick(d.rng, agents))
		d.access("Web", at, u.ip, "-", "GET /files/report.aspx?id=4 HTTP/1.1", 302, 0, pick(d.rng, agents))
		if i == 0 {
			d.access("Web", at, u.ip, "-", "GET /wiki/index.php?title=Rollout%3B+curl+examples HTTP/1.1", 200, 900, pick(d.rng, agents))
		}
		d.access("Web", at, u.ip, "-", "OPTIONS /api/v1/items HTTP/1.1", 204, 0, pick(d.rng, agents))
	}
}

// webPrograms: checks of health, search engines after a move, pipelines, synchronization, jobs.
func (d *day) webPrograms() {
	for minute := range 600 {
		at := oclock(8, minute)
		d.access("Web", at, netip.MustParseAddr(balancer), "-", "GET /healthz HTTP/1.1", 200, 2, "ELB-HealthChecker/2.0")
		d.access("Web", at.Add(5*time.Second), netip.MustParseAddr(monitoring), "-", "HEAD / HTTP/1.0", 200, 0, "check_http/v2.4 (monitoring-plugins 2.4)")
		if minute%5 == 0 {
			d.access("Web", at, netip.MustParseAddr(monitoring), "-", "GET /server-status?auto HTTP/1.1", 200, 1500, "telegraf/1.32")
			d.access("Web", at, home(3), "-", "PROPFIND /remote.php/dav/files/laura/ HTTP/1.1", 401, 400, "Mozilla/5.0 (Windows) mirall/3.14.3")
			d.access("Web", at.Add(time.Second), home(3), "laura", "PROPFIND /remote.php/dav/files/laura/ HTTP/1.1", 207, 400, "Mozilla/5.0 (Windows) mirall/3.14.3")
		}
	}
	for n := range 45 { // the search engine still knows the site of last year
		d.access("Web", oclock(9, 0).Add(time.Duration(n)*40*time.Second), netip.MustParseAddr("198.51.100.66"), "-", fmt.Sprintf("GET /2025/old-page-%d.html HTTP/1.1", n), 404, 153, "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://search.example/bot.html)")
	}
	for n := range 20 { // a pipeline fetches and pushes
		at, ci := oclock(9, n*25), netip.MustParseAddr("10.10.0.17")
		d.access("Web", at, ci, "-", "GET /example/app.git/info/refs?service=git-upload-pack HTTP/1.1", 401, 35, "git/2.47.0")
		d.access("Web", at.Add(time.Second), ci, "deploy", "GET /example/app.git/info/refs?service=git-upload-pack HTTP/1.1", 200, 800, "git/2.47.0")
		d.access("Web", at.Add(2*time.Second), ci, "deploy", "PUT /repository/releases/app-1.4.war HTTP/1.1", 201, 0, "curl/8.10.1")
		d.access("Web", at.Add(3*time.Second), ci, "-", "POST /api/token HTTP/1.1", 200, 700, "curl/8.10.1")
	}
}
