package simulate

import (
	"fmt"
	"time"
)

// Facilities and severities of RFC 5424.
const (
	facKern   = 0
	facDaemon = 3
	facAuth   = 10
	facCron   = 9
	facLocal4 = 20

	sevWarning = 4
	sevNotice  = 5
	sevInfo    = 6
)

// linux sends one line of a program as the server's rsyslog does.
func (p *play) linux(at time.Duration, s server, facility, severity int, program string, pid int, message string) {
	pri := facility*8 + severity
	if s.tcp {
		proc := "-"
		if pid > 0 {
			proc = fmt.Sprint(pid)
		}
		p.put(at, TCP, "", func(t time.Time) []byte {
			return fmt.Appendf(nil, "<%d>1 %s %s %s %s - - %s", pri, t.Format("2006-01-02T15:04:05.000000Z07:00"), s.name, program, proc, message)
		})
		return
	}
	tag := program
	if pid > 0 {
		tag = fmt.Sprintf("%s[%d]", program, pid)
	}
	p.put(at, UDP, "", func(t time.Time) []byte {
		return fmt.Appendf(nil, "<%d>%s %s %s: %s", pri, t.Format(time.Stamp), s.name, tag, message)
	})
}

// asa sends one message of the firewall, with `logging timestamp` and a device id.
func (p *play) asa(at time.Duration, severity, id int, message string) {
	p.put(at, UDP, "", func(t time.Time) []byte {
		return fmt.Appendf(nil, "<%d>%s fw1 : %%ASA-%d-%06d: %s", facLocal4*8+severity, t.Format("Jan 02 2006 15:04:05"), severity, id, message)
	})
}

// web writes one line of an access log in the combined format.
func (p *play) web(at time.Duration, file, client, request string, status, size int, referer, agent string) {
	p.put(at, File, file, func(t time.Time) []byte {
		return fmt.Appendf(nil, `%s - - [%s] "%s" %d %d "%s" "%s"`, client, t.Format("02/Jan/2006:15:04:05 -0700"), request, status, size, referer, agent)
	})
}

// eve writes one event of the intrusion detector; rest follows its timestamp.
func (p *play) eve(at time.Duration, rest string) {
	p.put(at, File, "eve.json", func(t time.Time) []byte {
		return fmt.Appendf(nil, `{"timestamp":"%s",%s}`, t.Format("2006-01-02T15:04:05.000000-0700"), rest)
	})
}
