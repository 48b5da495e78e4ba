package simulate

import (
	"fmt"
	"net/netip"
	"time"
)

// activities are what goes on in the office, with how often of 100. Each gives the
// number of events that it will be, or 0 if that is the number of its lines.
var activities = []struct {
	weight int
	play   func(p *play, at time.Duration) int
}{
	{20, (*play).browseThroughFirewall},
	{3, (*play).noiseAtFirewall},
	{22, (*play).webVisit},
	{10, (*play).sshSession},
	{5, (*play).adminWork},
	{10, (*play).cronJob},
	{6, (*play).daemonTalk},
	{2, (*play).blockedByHost},
	{8, (*play).inspected},
	{9, (*play).lookUp},
	{5, (*play).httpsFlow},
}

func (p *play) activity(at time.Duration) int {
	n := p.rng.IntN(100)
	for _, a := range activities {
		if n -= a.weight; n < 0 {
			return a.play(p, at)
		}
	}
	return 0
}

func (p *play) millis(from, to int) time.Duration {
	return time.Duration(from+p.rng.IntN(to-from)) * time.Millisecond
}

// browseThroughFirewall: a connection is built with its translation, and torn down.
func (p *play) browseThroughFirewall(at time.Duration) int {
	u, s := pick(p.rng, p.office.users), pick(p.rng, p.office.sites)
	p.office.conn++
	conn, port, nat := p.office.conn, ephemeral(p.rng), ephemeral(p.rng)
	proto, built, down := "TCP", 302013, 302014
	if p.rng.IntN(4) == 0 {
		proto, built, down = "UDP", 302015, 302016
	}
	p.asa(at, sevInfo, 305011, fmt.Sprintf("Built dynamic %s translation from inside:%s/%d to outside:%s/%d", proto, u.ip, port, publicIP, nat))
	p.asa(at+p.millis(1, 5), sevInfo, built, fmt.Sprintf("Built outbound %s connection %d for outside:%s/%d (%s/%d) to inside:%s/%d (%s/%d)",
		proto, conn, s.ip, s.port, s.ip, s.port, u.ip, port, publicIP, nat))
	lasts := p.millis(200, 30_000)
	sec := int(lasts.Seconds())
	text := fmt.Sprintf("Teardown %s connection %d for outside:%s/%d to inside:%s/%d duration %d:%02d:%02d bytes %d",
		proto, conn, s.ip, s.port, u.ip, port, sec/3600, sec/60%60, sec%60, 500+p.rng.IntN(900_000))
	if proto == "TCP" {
		text += pick(p.rng, []string{" TCP FINs", " TCP FINs from inside", " TCP Reset-I", " TCP FINs from outside"})
	}
	p.asa(at+lasts, sevInfo, down, text)
	return 0
}

// noiseAtFirewall: the internet knocks, each time someone else.
func (p *play) noiseAtFirewall(at time.Duration) int {
	src := internet(p.rng)
	port := pick(p.rng, []int{22, 23, 80, 445, 3389, 5060, 8080})
	p.asa(at, sevWarning, 106023, fmt.Sprintf(`Deny tcp src outside:%s/%d dst inside:%s/%d by access-group "outside_in" [0x0, 0x0]`,
		src, ephemeral(p.rng), publicIP, port))
	return 0
}

// webVisit: a page with what belongs to it.
func (p *play) webVisit(at time.Duration) int {
	client := internet(p.rng).String()
	if p.rng.IntN(3) == 0 {
		client = pick(p.rng, p.office.users).ip.String()
	}
	file := pick(p.rng, []string{"nginx-access.log", "nginx-access.log", "apache-access.log"})
	agent, referer := pick(p.rng, p.office.agents), "-"
	for range 1 + p.rng.IntN(4) {
		path := pick(p.rng, p.office.paths)
		status, size := 200, 300+p.rng.IntN(60_000)
		switch n := p.rng.IntN(100); {
		case n < 8:
			status, size = 304, 0
		case n < 11:
			status, size = 301, 169
		case n < 12:
			status, size = 404, 153
		}
		method := "GET"
		if p.rng.IntN(15) == 0 {
			method, path, status = "POST", "/api/v1/feedback", 201
		}
		p.web(at, file, client, method+" "+path+" HTTP/1.1", status, size, referer, agent)
		referer = "https://www.example.com" + path
		at += p.millis(20, 2500)
	}
	return 0
}

// sshSession: somebody works on a server; now and then a password is mistyped once.
func (p *play) sshSession(at time.Duration) int {
	u, s := pick(p.rng, p.office.users), pick(p.rng, p.office.servers)
	pid, port := p.office.pid(), ephemeral(p.rng)
	method, key := "publickey", fmt.Sprintf(" ssh2: ED25519 SHA256:%s", word(p.rng, 43))
	if p.rng.IntN(3) == 0 {
		method, key = "password", " ssh2"
		if p.rng.IntN(8) == 0 && p.office.mayMistype(u.name, at) {
			p.linux(at, s, facAuth, sevInfo, "sshd", pid, fmt.Sprintf("Failed password for %s from %s port %d ssh2", u.name, u.ip, port))
			at += p.millis(2000, 6000)
		}
	}
	p.linux(at, s, facAuth, sevInfo, "sshd", pid, fmt.Sprintf("Accepted %s for %s from %s port %d%s", method, u.name, u.ip, port, key))
	at += p.millis(5, 40)
	uid := 1000 + int(u.mac[5])
	p.linux(at, s, facAuth, sevInfo, "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session opened for user %s(uid=%d) by (uid=0)", u.name, uid))
	at += p.millis(2_000, 60_000)
	p.linux(at, s, facAuth, sevInfo, "sshd", pid+1, fmt.Sprintf("Received disconnect from %s port %d:11: disconnected by user", u.ip, port))
	p.linux(at+time.Millisecond, s, facAuth, sevInfo, "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session closed for user %s", u.name))
	return 0
}

// adminWork: sudo as it should be.
func (p *play) adminWork(at time.Duration) int {
	u, s := pick(p.rng, p.office.admins), pick(p.rng, p.office.servers)
	command := pick(p.rng, []string{
		"/usr/bin/systemctl status nginx", "/usr/bin/apt-get update", "/usr/bin/journalctl -u postgresql -n 50",
		"/usr/bin/systemctl reload nginx", "/usr/bin/df -h", "/usr/sbin/lsof -i", "/usr/bin/less /var/log/syslog", "/usr/bin/systemctl restart backup.timer",
	})
	p.linux(at, s, facAuth, sevNotice, "sudo", 0, fmt.Sprintf("%8s : TTY=pts/%d ; PWD=/home/%s ; USER=root ; COMMAND=%s", u.name, p.rng.IntN(4), u.name, command))
	p.linux(at+2*time.Millisecond, s, facAuth, sevInfo, "sudo", 0, fmt.Sprintf("pam_unix(sudo:session): session opened for user root(uid=0) by %s(uid=%d)", u.name, 1000+int(u.mac[5])))
	p.linux(at+p.millis(50, 3000), s, facAuth, sevInfo, "sudo", 0, "pam_unix(sudo:session): session closed for user root")
	return 0
}

func (p *play) cronJob(at time.Duration) int {
	s, pid := pick(p.rng, p.office.servers), p.office.pid()
	job := pick(p.rng, []string{
		"(root) CMD (   cd / && run-parts --report /etc/cron.hourly)", "(www-data) CMD (php /srv/app/cron.php)",
		"(root) CMD (test -x /usr/sbin/anacron || run-parts /etc/cron.daily)", "(backup) CMD (/usr/local/bin/backup --incremental)",
		"(postgres) CMD (/usr/bin/vacuumdb --all --analyze-only --quiet)",
	})
	p.linux(at, s, facAuth, sevInfo, "CRON", pid, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)")
	p.linux(at+time.Millisecond, s, facCron, sevInfo, "CRON", pid+1, job)
	p.linux(at+p.millis(40, 4000), s, facAuth, sevInfo, "CRON", pid, "pam_unix(cron:session): session closed for user root")
	return 0
}

func (p *play) daemonTalk(at time.Duration) int {
	s, pid := pick(p.rng, p.office.servers), p.office.pid()
	switch p.rng.IntN(5) {
	case 0:
		p.linux(at, s, facDaemon, sevInfo, "systemd", 1, pick(p.rng, []string{"Started logrotate.service - Rotate log files.", "Finished apt-daily.service - Daily apt download activities.", "Starting fstrim.service - Discard unused blocks..."}))
	case 1:
		p.linux(at, s, facDaemon, sevInfo, "chronyd", pid, fmt.Sprintf("Selected source %s (2.pool.ntp.example.org)", internet(p.rng)))
	case 2:
		p.linux(at, s, facDaemon, sevInfo, "dhclient", pid, fmt.Sprintf("DHCPACK of %s from 10.10.0.1", s.ip))
	case 3:
		p.linux(at, s, facKern, sevInfo, "kernel", 0, fmt.Sprintf("[%d.%06d] eth0: link becomes ready", 1000+p.rng.IntN(900_000), p.rng.IntN(1_000_000)))
	default:
		p.linux(at, s, 2, sevInfo, "postfix/qmgr", pid, fmt.Sprintf("%s: from=<%s@office.example>, size=%d, nrcpt=1 (queue active)", word(p.rng, 10), pick(p.rng, p.office.users).name, 600+p.rng.IntN(90_000)))
	}
	return 0
}

// blockedByHost: a host firewall drops what every network has, such as multicast.
func (p *play) blockedByHost(at time.Duration) int {
	s := pick(p.rng, p.office.servers)
	p.linux(at, s, facKern, sevWarning, "kernel", 0, fmt.Sprintf(
		"[%d.%06d] [UFW BLOCK] IN=eth0 OUT= MAC=01:00:5e:00:00:fb:02:42:0a:0a:00:01:08:00 SRC=10.10.0.%d DST=224.0.0.251 LEN=32 TOS=0x00 PREC=0x00 TTL=1 ID=%d PROTO=2",
		1000+p.rng.IntN(900_000), p.rng.IntN(1_000_000), 100+p.rng.IntN(60), p.rng.IntN(65536)))
	return 0
}

// inspected: the intrusion detector reports flows, names and certificates.
func (p *play) inspected(at time.Duration) int {
	u, s := pick(p.rng, p.office.users), pick(p.rng, p.office.sites)
	head := func(event string, port int, dst netip.Addr, dport int, proto string) string {
		return fmt.Sprintf(`"flow_id":%d,"in_iface":"span0","event_type":"%s","src_ip":"%s","src_port":%d,"dest_ip":"%s","dest_port":%d,"proto":"%s"`,
			p.rng.Int64N(1<<50), event, u.ip, port, dst, dport, proto)
	}
	switch p.rng.IntN(3) {
	case 0:
		p.eve(at, head("dns", ephemeral(p.rng), resolver, 53, "UDP")+fmt.Sprintf(`,"dns":{"type":"query","id":%d,"rrname":"%s","rrtype":"A","tx_id":0,"opcode":0}`, p.rng.IntN(65536), s.name))
	case 1:
		p.eve(at, head("tls", ephemeral(p.rng), s.ip, 443, "TCP")+fmt.Sprintf(`,"tls":{"subject":"CN=%s","issuerdn":"C=US, O=Example Trust, CN=Example CA 1","sni":"%s","version":"TLS 1.3"}`, s.name, s.name))
	default:
		in, out := 300+p.rng.IntN(20_000), 800+p.rng.IntN(900_000)
		p.eve(at, head("flow", ephemeral(p.rng), s.ip, int(s.port), "TCP")+fmt.Sprintf(
			`,"app_proto":"tls","flow":{"pkts_toserver":%d,"pkts_toclient":%d,"bytes_toserver":%d,"bytes_toclient":%d,"age":%d,"state":"closed","reason":"timeout","alerted":false}`,
			4+in/800, 4+out/1200, in, out, 1+p.rng.IntN(50)))
	}
	return 0
}

// lookUp: a name is asked for on the wire: query, answer and their flow.
func (p *play) lookUp(at time.Duration) int {
	u, s := pick(p.rng, p.office.users), pick(p.rng, p.office.sites)
	p.dns(at, u, s.name, s.ip)
	return 3
}

// httpsFlow: a short encrypted connection on the wire.
func (p *play) httpsFlow(at time.Duration) int {
	u, s := pick(p.rng, p.office.users), pick(p.rng, p.office.sites)
	p.connection(at, u, s.ip, 443)
	return 1
}
