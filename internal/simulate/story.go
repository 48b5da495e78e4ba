package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// actors are who attacks whom in one telling of the story.
type actors struct {
	stranger netip.Addr // breaks in by SSH
	sprayer  netip.Addr
	scanner  netip.Addr // of the web server
	flooder  netip.Addr // at the firewall, looking for one service
	master   netip.Addr // whom the infected host calls
	insider  person     // scans ports
	infected person     // its host calls home and is denied
	guesser  person     // tries to become root
	tunnel   person     // carries data out by DNS
	zone     string     // where to
	abuser   person     // tries sudo
	victim   person     // whose password is guessed
	broken   server     // by the stranger
	sprayed  server
	abused   server
	guessed  server
	scanned  server
}

// cast draws the actors of the nth telling. It depends on the seed alone, so that what
// is expected can be told without playing.
func cast(seed, n uint64) actors {
	rng := rand.New(rand.NewPCG(seed, 0xbad<<32+n))
	o := newOffice(rand.New(rand.NewPCG(seed, 0x0ff1ce)))
	// Each role and telling has addresses of its own, until a day has passed.
	stranger := func(role byte) netip.Addr {
		return netip.AddrFrom4([4]byte{198, 18 + byte(n/208%2), role*16 + byte(n/13%16), byte(1+n%13*19) + byte(rng.IntN(19))})
	}
	// The first six users are admins; the others are parted by role.
	worker := func(from, to int) person { return o.users[from+rng.IntN(to-from)] }
	return actors{
		stranger: stranger(1), sprayer: stranger(2), scanner: stranger(3), flooder: stranger(4), master: stranger(5),
		insider: worker(40, 52), tunnel: worker(52, 64), infected: worker(64, 80), abuser: worker(6, 20), guesser: worker(20, 28), victim: worker(28, 40),
		zone:   fmt.Sprintf("t%d.%s.example", n%7+1, strings.ToLower(word(rng, 6))),
		broken: pick(rng, o.servers), sprayed: pick(rng, o.servers), abused: pick(rng, o.servers),
		guessed: pick(rng, o.servers), scanned: pick(rng, o.servers),
	}
}

// An attack is one scene: when it begins and ends within a telling, what is played and
// what must be raised.
type attack struct {
	name   string
	at     time.Duration
	lasts  time.Duration // an upper bound
	play   func(p *play, at time.Duration, a actors)
	expect func(a actors) []Expected
}

// story puts the next telling on the schedule.
func (p *play) story() {
	a := cast(p.seed, p.cycle)
	p.evil = true
	for _, s := range scenes {
		s.play(p, cycleStart(p.cycle, p.rate)+s.at, a)
	}
	p.evil = false
	p.cycle++
}

// Expect is what a Script of this seed and length must raise: the alerts of every
// attack that ends within it.
func Expect(seed uint64, d time.Duration) (out []Expected) {
	for n := uint64(0); cycleStart(n, defaultRate) < d; n++ {
		a := cast(seed, n)
		for _, s := range scenes {
			if cycleStart(n, defaultRate)+s.at+s.lasts <= d {
				out = append(out, s.expect(a)...)
			}
		}
	}
	return out
}

func bruteForce(p *play, at time.Duration, a actors) {
	fail := func(user string) {
		p.linux(at, a.broken, facAuth, sevInfo, "sshd", p.office.pid(), fmt.Sprintf("Failed password for %s from %s port %d ssh2", user, a.stranger, ephemeral(p.rng)))
		at += p.millis(300, 900)
	}
	for range 14 {
		fail(a.victim.name)
	}
	pid, port := p.office.pid(), ephemeral(p.rng)
	p.linux(at, a.broken, facAuth, sevInfo, "sshd", pid, fmt.Sprintf("Accepted password for %s from %s port %d ssh2", a.victim.name, a.stranger, port))
	p.linux(at+10*time.Millisecond, a.broken, facAuth, sevInfo, "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session opened for user %s(uid=%d) by (uid=0)", a.victim.name, 1000+int(a.victim.mac[5])))
}

func spray(p *play, at time.Duration, a actors) {
	for i := range 16 {
		user := p.office.users[(i*5+7)%len(p.office.users)].name
		p.linux(at, a.sprayed, facAuth, sevInfo, "sshd", p.office.pid(), fmt.Sprintf("Failed password for %s from %s port %d ssh2", user, a.sprayer, ephemeral(p.rng)))
		at += p.millis(400, 1200)
	}
}

func sudoAbuse(p *play, at time.Duration, a actors) {
	for _, c := range []string{"/bin/bash", "/usr/bin/cat /etc/shadow", "/usr/sbin/visudo", "/usr/bin/passwd root"} {
		p.linux(at, a.abused, facAuth, 1, "sudo", 0, fmt.Sprintf("%8s : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/%s ; USER=root ; COMMAND=%s", a.abuser.name, a.abuser.name, c))
		at += p.millis(800, 2500)
	}
}

func webProbe(p *play, at time.Duration, a actors) {
	agent := "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"
	for _, path := range []string{
		"/admin/", "/phpmyadmin/", "/wp-login.php", "/.env", "/.git/config", "/backup.zip", "/config.php.bak", "/server-status", "/old/", "/test/",
		"/cgi-bin/status", "/manager/html", "/xmlrpc.php", "/db.sql", "/console", "/actuator/env", "/owa/", "/setup.php", "/vendor/phpunit/", "/id_rsa",
		"/wp-admin/setup-config.php", "/api/swagger.json", "/solr/admin/", "/hudson/script", "/jmx-console/", "/web.config", "/dump.sql", "/.aws/credentials",
		"/.svn/entries", "/shell.php", "/cmd.jsp", "/debug/pprof/",
	} {
		p.web(at, "nginx-access.log", a.scanner.String(), "GET "+path+" HTTP/1.1", 404, 153, "-", agent)
		at += p.millis(50, 250)
	}
	for _, path := range []string{
		"/download?file=../../../../etc/passwd", "/static/..%2f..%2f..%2f..%2fetc/passwd", "/index.php?page=../../../../etc/passwd%00",
	} {
		p.web(at, "nginx-access.log", a.scanner.String(), "GET "+path+" HTTP/1.1", 400, 157, "-", agent)
		at += p.millis(100, 400)
	}
	for _, path := range []string{
		"/products?id=1%27%20OR%20%271%27=%271", "/products?id=1%20UNION%20SELECT%20user,password%20FROM%20users--", "/search?q=1;SELECT%20pg_sleep(5)--",
	} {
		p.web(at, "nginx-access.log", a.scanner.String(), "GET "+path+" HTTP/1.1", 403, 153, "-", agent)
		at += p.millis(100, 400)
	}
}

func portScan(p *play, at time.Duration, a actors) {
	for i := range 60 {
		port := 20 + i*17
		t := p.talk(a.insider, a.scanned.ip, port)
		t.send(at, 0, "S", nil)
		if i%20 == 2 { // an open one
			t.send(at+time.Millisecond, 1, "SA", nil)
			t.send(at+2*time.Millisecond, 0, "R", nil)
		} else {
			t.send(at+time.Millisecond, 1, "RA", nil)
		}
		at += p.millis(10, 40)
	}
}

func deniedSweep(p *play, at time.Duration, a actors) {
	for host := range 25 {
		p.asa(at, sevWarning, 106023, fmt.Sprintf(`Deny tcp src outside:%s/%d dst inside:203.0.113.%d/3389 by access-group "outside_in" [0x0, 0x0]`,
			a.flooder, ephemeral(p.rng), host+1))
		at += p.millis(40, 160)
	}
}

func beacon(p *play, at time.Duration, a actors) {
	for range 16 {
		p.asa(at, sevWarning, 106023, fmt.Sprintf(`Deny tcp src inside:%s/%d dst outside:%s/6667 by access-group "inside_out" [0x0, 0x0]`,
			a.infected.ip, ephemeral(p.rng), a.master))
		at += p.millis(1500, 2500)
	}
}

func suGuess(p *play, at time.Duration, a actors) {
	for range 6 {
		p.linux(at, a.guessed, facAuth, sevNotice, "su", p.office.pid(), fmt.Sprintf(
			"pam_unix(su:auth): authentication failure; logname=%s uid=%d euid=0 tty=/dev/pts/2 ruser=%s rhost=  user=root", a.guesser.name, 1000+int(a.guesser.mac[5]), a.guesser.name))
		at += p.millis(900, 2500)
	}
}

const signature = "EXPLOIT lookup by LDAP in a request header (log4j)"

func intrusion(p *play, at time.Duration, a actors) {
	p.eve(at, fmt.Sprintf(`"flow_id":%d,"in_iface":"span0","event_type":"alert","src_ip":"%s","src_port":%d,"dest_ip":"%s","dest_port":80,"proto":"TCP",`+
		`"alert":{"action":"allowed","gid":1,"signature_id":2034647,"rev":1,"signature":"`+signature+`","category":"Attempted Administrator Privilege Gain","severity":1},`+
		`"app_proto":"http","flow":{"pkts_toserver":4,"pkts_toclient":3,"bytes_toserver":612,"bytes_toclient":420}`,
		p.rng.Int64N(1<<50), a.scanner, ephemeral(p.rng), webServer))
}

func dnsTunnel(p *play, at time.Duration, a actors) {
	for range 60 {
		var q dns.Msg
		name := strings.ToLower(word(p.rng, 50) + "." + word(p.rng, 40) + "." + a.zone)
		q.SetQuestion(dns.Fqdn(name), dns.TypeTXT)
		q.Id = uint16(p.rng.IntN(65536))
		var r dns.Msg
		r.SetReply(&q)
		r.RecursionAvailable = true
		r.Answer = append(r.Answer, &dns.TXT{
			Hdr: dns.RR_Header{Name: dns.Fqdn(name), Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 1},
			Txt: []string{word(p.rng, 120)},
		})
		p.exchange(at, a.tunnel, &q, &r)
		at += p.millis(50, 200)
	}
}
