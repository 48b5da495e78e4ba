package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// office is who works there, on what, and whom they talk to.
type office struct {
	users   []person
	admins  []person
	servers []server
	sites   []site
	paths   []string
	agents  []string
	conn    int // ASA's connection numbers
	pids    int
	typos   map[string]time.Duration // when somebody last mistyped a password
}

type person struct {
	name string
	ip   netip.Addr
	mac  [6]byte
}

type server struct {
	name string
	ip   netip.Addr
	tcp  bool // its rsyslog forwards by TCP in RFC 5424, the others by UDP in RFC 3164
}

type site struct {
	name string
	ip   netip.Addr
	port uint16
}

// webServer is the address of the first server.
const webServer = "10.10.0.11"

var (
	publicIP = netip.MustParseAddr("203.0.113.5") // the office's own, behind which all are hidden
	resolver = netip.MustParseAddr("10.10.0.53")
)

var (
	givenNames = []string{
		"alice", "bruno", "chiara", "dmitri", "elena", "farid", "greta", "hassan", "ines", "jonas", "kofi", "laura",
		"mehmet", "nadia", "oskar", "priya", "quentin", "rosa", "sven", "tomoko", "ulrich", "vera", "wei", "xenia", "yusuf", "zoe",
	}
	familyNames = []string{"adler", "baker", "costa", "dubois", "evans", "fischer", "garcia", "huber", "ivanova", "jensen", "keller", "lopez", "meyer", "novak", "okafor", "petrov"}
	siteNames   = []string{
		"www.example.com", "mail.example.net", "cdn.example.org", "news.example.com", "git.example.net", "update.example.org",
		"docs.example.com", "chat.example.net", "meet.example.com", "maps.example.org", "bank.example.com", "shop.example.net",
		"video.example.org", "static.example.com", "api.example.net", "login.example.com", "weather.example.org", "travel.example.net",
	}
	agents = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
	}
	topics = []string{"products", "news", "about", "team", "jobs", "support", "blog", "events", "prices", "contact"}
)

func newOffice(rng *rand.Rand) *office {
	o := &office{agents: agents, typos: map[string]time.Duration{}, conn: 100_000 + rng.IntN(800_000), pids: 1000 + rng.IntN(20_000)}
	for i := range 80 {
		name := givenNames[i%len(givenNames)]
		if i >= len(givenNames) {
			name = name[:1] + familyNames[i%len(familyNames)]
		}
		p := person{name: name, ip: netip.AddrFrom4([4]byte{10, 20, byte(1 + i/40), byte(10 + i%40*5)}), mac: mac(byte(i))}
		if i < 6 {
			o.admins = append(o.admins, p)
		}
		o.users = append(o.users, p)
	}
	for i, n := range []string{"web1", "web2", "db1", "mail1", "git1", "files1", "build1", "vpn1"} {
		o.servers = append(o.servers, server{name: n, ip: netip.AddrFrom4([4]byte{10, 10, 0, byte(11 + i)}), tcp: i%2 == 0})
	}
	for i := range 60 {
		n := siteNames[i%len(siteNames)]
		if i >= len(siteNames) {
			n = fmt.Sprintf("edge%d.%s", i, n)
		}
		port := uint16(443)
		if rng.IntN(10) == 0 {
			port = 80
		}
		o.sites = append(o.sites, site{n, internet(rng), port})
	}
	o.paths = []string{"/", "/index.html", "/favicon.ico", "/robots.txt", "/css/main.css", "/js/app.js", "/api/v1/status", "/logo.svg"}
	for _, t := range topics {
		for range 8 {
			o.paths = append(o.paths, fmt.Sprintf("/%s/%s-%d", t, familyNames[rng.IntN(len(familyNames))], rng.IntN(900)))
		}
	}
	return o
}

// internet draws an address that nobody in the story has.
func internet(rng *rand.Rand) netip.Addr {
	first := []byte{23, 34, 52, 62, 81, 93, 104, 142, 151, 185}
	return netip.AddrFrom4([4]byte{first[rng.IntN(len(first))], byte(rng.IntN(256)), byte(rng.IntN(256)), byte(1 + rng.IntN(254))})
}

func mac(n byte) [6]byte { return [6]byte{0x02, 0x42, 0x0a, 0x14, 0x00, n} }

func pick[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }

func ephemeral(rng *rand.Rand) int { return 32768 + rng.IntN(28000) }

// mayMistype says whether somebody may mistype a password now: once in a while, so that
// no row of mistakes looks like guessing.
func (o *office) mayMistype(who string, now time.Duration) bool {
	last, before := o.typos[who]
	if before && now-last < 20*time.Minute {
		return false
	}
	o.typos[who] = now
	return true
}

func (o *office) pid() int { o.pids = 1000 + (o.pids-1000+7)%60_000; return o.pids }
