package header

import (
	"testing"
	"time"
)

const at = "2026-03-02T08:59:59Z"

// reads is an f-test of Read: pri, time, host, program, pid, message.
func reads(t *testing.T) func(line string, pri int, stamp, host, program, pid, msg string) {
	return func(line string, pri int, stamp, host, program, pid, msg string) {
		t.Helper()
		h := read(line, received, time.UTC)
		got := ""
		if h.HasTime {
			got = h.Time.Format(time.RFC3339Nano)
		}
		if h.Pri != pri || got != stamp || h.Host != host || h.Program != program || h.PID != pid || h.Message != msg {
			t.Errorf("%q:\n got %d %q host %q program %q pid %q message %q\nwant %d %q host %q program %q pid %q message %q",
				line, h.Pri, got, h.Host, h.Program, h.PID, h.Message, pri, stamp, host, program, pid, msg)
		}
	}
}

// TestPrioritiesInWords: what files, templates and relays write instead of a number.
func TestPrioritiesInWords(t *testing.T) {
	f := reads(t)
	f("<local0.info>Mar  2 08:59:59 h su: x", 134, at, "h", "su", "", "x")
	f("Mar  2 08:59:59 <auth.warning> h su: x", 36, at, "h", "su", "", "x")
	f("Mar  2 08:59:59 h sshd[9]: [ID 800047 auth.info] Failed password", 38, at, "h", "sshd", "9", "Failed password")
	f("<38>Mar  2 08:59:59 h sshd[9]: [ID card] x", 38, at, "h", "sshd", "9", "[ID card] x")
	f("<34>Mar  2 08:59:59 user.info h authp:  x", 34, at, "h", "authp", "", "x")
	f("Mar  2 08:59:59 h auth.info sshd[9]: x", 38, at, "h", "sshd", "9", "x")                   // BusyBox
	f("Mar  2 08:59:59 h auth|security:info sshd[9]: x", 38, at, "h", "sshd", "9", "x")          // AIX
	f("Mar  2 08:59:59 h daemon:err|error inetd[9]: x", 27, at, "h", "inetd", "9", "x")          // and both names of a severity
	f("Mon Mar  2 08:59:59 2026 authpriv.warn dropbear[9]: x", 84, at, "", "dropbear", "9", "x") // OpenWrt
	f("auth.info Mar  2 08:59:59 h sshd[9]: x", 38, at, "h", "sshd", "9", "x")
	f("auth.info<38> 2026-03-02T08:59:59Z h sshd[9]: x", 38, at, "h", "sshd", "9", "x")
	f("local0.info is the facility to use", -1, "", "", "", "", "local0.info is the facility to use")
	f("2026-03-02 08:59:59\tAuth.Info\t192.0.2.7\tsshd[9]: x", 38, at, "192.0.2.7", "sshd", "9", "x")
	f("2026-03-02 08:59:59\tLocal7.Critical\t192.0.2.7\tMar  2 08:59:59 h su: x", 186, at, "h", "su", "", "x")
	f("2026-03-02 08:59:59\tUser.Notice\t192.0.2.7\tno tag at all", 13, at, "192.0.2.7", "", "", "no tag at all")
	f("2026-03-02 08:59:59\tauth.info.log\t192.0.2.7\tx", -1, at, "", "", "", "2026-03-02 08:59:59\tauth.info.log\t192.0.2.7\tx")
	// a relay's priority in front of the device's
	f("<13><38>Mar  2 08:59:59 h sshd[9]: x", 38, at, "h", "sshd", "9", "x")
	f("<13><b>x</b>", 13, "", "", "", "", "<b>x</b>")
	f("<34>Mar  2 08:59:59 <b>bold</b>", 34, at, "", "", "", "<b>bold</b>")
}

// TestHostsWithColons: names that people give hosts, where others have the program.
func TestHostsWithColons(t *testing.T) {
	f := reads(t)
	f("<13>Mar  2 08:59:59 fw01: link up", 13, at, "fw01", "", "", "link up")
	f("<13>Mar  2 08:59:59 sw-acc-12: kernel: eth0: link up", 13, at, "sw-acc-12", "kernel", "", "eth0: link up")
	f("<13>Mar  2 08:59:59 fw1.example.com: Login failed", 13, at, "fw1.example.com", "", "", "Login failed")
	f("<13>Mar  2 08:59:59 192.0.2.1: link up", 13, at, "192.0.2.1", "", "", "link up")
	// programs, interfaces, and lines of this host's own
	f("<13>Mar  2 08:59:59 myapp: started", 13, at, "", "myapp", "", "started")
	f("<13>Mar  2 08:59:59 eth10: link up", 13, at, "", "eth10", "", "link up")
	f("<13>Mar  2 08:59:59 com.apple.xpc.launchd: x", 13, at, "", "com.apple.xpc.launchd", "", "x")
	f("Mar  2 08:59:59 app01: started", -1, at, "", "app01", "", "started")
}

// TestForms: the headers that devices really send, beyond the two RFCs.
func TestForms(t *testing.T) {
	f := reads(t)
	// months in capitals
	f("<190> MAR 02 08:59:59 192.0.2.31-1 USER_MGR[210467064]: x", 190, at, "192.0.2.31-1", "USER_MGR", "210467064", "x")
	// in front of the PRI
	f("\ufeff<34>Mar  2 08:59:59 h su: x", 34, at, "h", "su", "", "x")
	f("\x00<34>Mar  2 08:59:59 h su: x", 34, at, "h", "su", "", "x")
	f("  <34>Mar  2 08:59:59 h su: x", 34, at, "h", "su", "", "x")
	// or none, where files hold RFC 5424
	f("1 2026-03-02T08:59:59Z h app 12 ID7 - msg", -1, at, "h", "app", "12", "msg")
	f(`1 2026-03-02T08:59:59Z h CheckPoint 12 - [action:"Accept"; cut`, -1, at, "h", "CheckPoint", "12", `[action:"Accept"; cut`)
	f("1 2026-03-02T08:59:59Z h app 12 ID7 msg", -1, "", "", "", "", "1 2026-03-02T08:59:59Z h app 12 ID7 msg")
	f("1 apple and 2 pears and 3 plums - all", -1, "", "", "", "", "1 apple and 2 pears and 3 plums - all")
	f("61 <34>1 2026-03-02T08:59:59Z h app 12 ID7 - msg", 34, at, "h", "app", "12", "msg")
	f("999 <34>Mar  2 08:59:59 h su: a count that lies", 34, at, "h", "su", "", "a count that lies")
	f("999<34>Mar  2 08:59:59 h su: x", -1, "", "", "", "", "999<34>Mar  2 08:59:59 h su: x")
	// dates of other countries, and RFC 5322's
	f("<34>02.03.2026 08:59:59 h su: x", 34, at, "h", "su", "", "x")
	f("<34>02-03-2026 08:59:59 h su: x", 34, at, "h", "su", "", "x")
	f("<34>Mon, 02 Mar 2026 09:59:59 +0100 h su: x", 34, at, "h", "su", "", "x")
	f("<34>10.3.2026 is no time", 34, "", "", "", "", "10.3.2026 is no time")
	// AIX names the device it got a message from, and not itself
	f("<34>Mar  2 08:59:59 Message forwarded from h: su[7]: x", 34, at, "h", "su", "7", "x")
	f("<34>Mar  2 08:59:59 r Message forwarded from h: su: x", 34, at, "h", "su", "", "x")
	// a host's name and its address
	f("<30>Mar  2 08:59:59 nios.example.com 192.0.2.1 dhcpd[12]: x", 30, at, "nios.example.com", "dhcpd", "12", "x")
	f("<30>Mar  2 08:59:59 h 192.0.2.1 port[eth1]: x", 30, at, "h", "", "", "192.0.2.1 port[eth1]: x")
	f("<30>Mar  2 08:59:59 h 192.0.2.1 is up: x", 30, at, "h", "", "", "192.0.2.1 is up: x")
	// a level between host and program
	f("<34>Mar  2 08:59:59 h [ERROR] prog: x", 34, at, "h", "prog", "", "x")
	f("<34>Mar  2 08:59:59 h WARN prog[7]: x", 34, at, "h", "prog", "7", "x")
	f("<34>Mar  2 08:59:59 h [ERROR] Disk: x", 34, at, "h", "", "", "[ERROR] Disk: x")
	f("<34>Mar  2 08:59:59 h NOTICE swss#orchagent: :- x", 34, at, "h", "swss#orchagent", "", ":- x")
	f("Mar  2 08:59:59 h NOTICE swss#orchagent: :- x", -1, at, "h", "swss#orchagent", "", ":- x")
	f("Mar  2 08:59:59 h NOTICE hostcfgd: x", -1, at, "h", "hostcfgd", "", "x") // a pack names it
	f("Mar  2 08:59:59 h NOTICE otherd: x", -1, at, "h", "", "", "NOTICE otherd: x")
	f("<34>Mar  2 08:59:59 h NOTICE issue #7: x", 34, at, "h", "", "", "NOTICE issue #7: x")
	f("<34>Mar  2 08:59:59 h WARN: low disk", 34, at, "h", "", "", "low disk")
	f("<34>Mar  2 08:59:59 h [x] prog[7]: y", 34, at, "h", "", "", "[x] prog[7]: y")
	// another machine's line as a program's text
	f("<13>Mar  2 09:00:00 relay fwd: <34>Mar  2 08:59:59 h su: x", 34, at, "h", "su", "", "x")
	f("<13>Mar  2 09:00:00 relay fwd[7]: <34>1 2026-03-02T08:59:59Z h app 12 ID7 - msg", 34, at, "h", "app", "12", "msg")
	f("<13>1 2026-03-02T09:00:00Z relay fwd 7 - - <34>Mar  2 08:59:59 h %ASA-6-1: x", 34, at, "h", "", "", "%ASA-6-1: x")
	f("<13>Mar  2 08:59:59 h app: <34>8 queue", 13, at, "h", "app", "", "<34>8 queue")
	f("<13>Mar  2 08:59:59 h app: <34>Mar  2 is late", 13, at, "h", "app", "", "<34>Mar  2 is late")
	// journalctl -o short-full, short-unix
	f("Mon 2026-03-02 08:59:59 UTC h sshd[9]: x", -1, at, "h", "sshd", "9", "x")
	f("Mon 2026-03-02 09:59:59 CET h sshd[9]: x", -1, at, "h", "sshd", "9", "x")
	f("1772441999.000000 h sshd[9]: x", -1, at, "h", "sshd", "9", "x")
	f("1772441999.000      0 192.0.2.1 NONE/405 4116 GET / - NONE/- -", -1, "", "", "", "", "1772441999.000      0 192.0.2.1 NONE/405 4116 GET / - NONE/- -")
	// dates
	for _, d := range []string{
		"02/03/2026:08:59:59 GMT", "03/02/2026:08:59:59 GMT", "03/02/2026 08:59:59", "3/2/2026 8:59:59 AM", "Mon Mar  2 08:59:59 UTC 2026", "Mon Mar  2 09:59:59 CET 2026",
		"2026-03-02T08:59:59,000Z", "2026-03-02 08:59:59,000", "Mar  2 2026 08:59:59.000 UTC:", "2026 Mar  2 08:59:59.000", "Mon, Mar  2 08:59:59 2026", "Mar  2 03:59:59 ET:",
		"1772441999000", "Mon Mar  2 08:59:59", "2026-03-02T08:59:59+00", "Mar  2 2026 08:59:59 AM.000 UTC :",
		"2026-3-2 08:59:59", "2026:03:02-08:59:59",
	} {
		f("<34>"+d+" h su: x", 34, at, "h", "su", "", "x")
	}
	f("<34>31/12/2025:08:59:59 GMT h su: x", 34, "2025-12-31T08:59:59Z", "h", "su", "", "x")
	f("<34>Jul  2 2026 08:59:59 ET: %A-5-B: x", 34, "2026-07-02T12:59:59Z", "", "", "", "%A-5-B: x")
	f("3/2/2026 8:59:59 AM 0E3C PACKET x", -1, "", "", "", "", "3/2/2026 8:59:59 AM 0E3C PACKET x") // a file whose pack reads its date
	for _, id := range []string{"1rXyZa-0001Ab-2C", "2rXyZa-00000001Abc-2C1x"} {                    // Exim's own file
		f("2026-03-02 08:59:59 "+id+" Completed", -1, at, "", "", "", id+" Completed")
	}
	f("2026-03-02 08:59:59 backup-server-01 Completed", -1, at, "backup-server-01", "", "", "Completed")
	f("2026-03-02 08:59:59\taction=Allowed\tuser=a", -1, at, "", "", "", "2026-03-02 08:59:59\taction=Allowed\tuser=a")
	f("<134>2026-03-02 08:59:59\taction=Allowed", 134, at, "", "", "", "2026-03-02 08:59:59\taction=Allowed")
	f("2026-3-2 08:59:59 h su: x", -1, "", "", "", "", "2026-3-2 08:59:59 h su: x")
	// hosts
	f("<34>Mar  2 08:59:59 AMS-1 su: x", 34, at, "AMS-1", "su", "", "x")
	f("<34>Mar  2 2026 08:59:59 PM450 su: x", 34, at, "PM450", "su", "", "x")
	f("<34>Mar  2 08:59:59 ::1 su: x", 34, at, "::1", "su", "", "x")
	f("<34>Mar  2 08:59:59 fe80::1%eth0 su: x", 34, at, "fe80::1%eth0", "su", "", "x")
	f("<34>Mar  2 08:59:59 [192.0.2.7] su[1]: x", 34, at, "192.0.2.7", "su", "1", "x")
	f("<34>Mar  2 08:59:59 [2001:db8::7] su: x", 34, at, "2001:db8::7", "su", "", "x")
	f("<34>Mar  2 08:59:59 [main] started", 34, at, "", "", "", "[main] started")
	f("<34>Mar  2 08:59:59 h: su[1]: x", 34, at, "h", "su", "1", "x")
	f("<34>Mar  2 08:59:59 sshd: pam_unix(sshd:auth): x", 34, at, "", "sshd", "", "pam_unix(sshd:auth): x")
	f("<34>Mar  2 08:59:59 - su: x", 34, at, "", "su", "", "x")
	f("<34>Mar  2 08:59:59 slot2/lb1 notice tmsh[6]: x", 34, at, "lb1", "tmsh", "6", "x")
	f("<34>2026-03-02T08:59:59Z lb1,f5_irule=a,http_host=example.com: 443,x=y", 34, at, "lb1", "", "", "f5_irule=a,http_host=example.com: 443,x=y")
	f("<30>Mar  2 08:59:59 U7,00005e005301,v4.0.66: logread[5]: x", 30, at, "U7", "logread", "5", "x")
	f("<30>Mar  2 08:59:59 sw1,00005e005302,v4.0.66 switch: x", 30, at, "sw1", "switch", "", "x")
	f("<30>Mar  2 08:59:59 00005e005303,v4.0.66: logread[5]: x", 30, at, "00005e005303", "logread", "5", "x")
	f("<34>Mar  2 08:59:59 1,2026/03/02 08:59:59,007,TRAFFIC", 34, at, "", "", "", "1,2026/03/02 08:59:59,007,TRAFFIC")
	f("<34>Mar  2 08:59:59 h sshd[9]:Failed", 34, at, "h", "sshd", "9", "Failed")
	f("<12>Mar  2 08:59:59 svm_service: svm1  02/03/2026:08:59:59 GMT ns1 0-PPE-0 : GUI X", 12, at, "svm1", "svm_service", "", "svm1  02/03/2026:08:59:59 GMT ns1 0-PPE-0 : GUI X")
	f("<134> 02/03/2026:08:59:59 GMT ns1 APP-PPE-0 : default TCP X", 134, at, "ns1", "APP-PPE-0", "", "default TCP X")
	f("<134> 02/03/2026:08:59:59 GMT ns1 0-PPE-0 : default TCP X", 134, at, "ns1", "", "", "0-PPE-0 : default TCP X")
	// NX-OS as a syslog daemon writes it down, and AireOS' other mark: neither names a program
	f("Mar  2 08:59:59 nx1 : 2026 Mar  2 08:59:59 UTC: %VSHD-5-VSHD_SYSLOG_CONFIG_I: x", -1, at, "nx1", "", "", "%VSHD-5-VSHD_SYSLOG_CONFIG_I: x")
	f("Mar  2 08:59:59 app : 2026 Mar  2 08:59:59 UTC: x", -1, at, "", "app", "", "2026 Mar  2 08:59:59 UTC: x")
	f("*Dot1x_NW_MsgTask_4: Mar 02 08:59:59.000: #DOT1X-3-MAX_EAP_RETRIES: x", -1, at, "", "", "", "#DOT1X-3-MAX_EAP_RETRIES: x")
}

// TestMakers: Cisco above all, and what relays and a broken RFC 5424 make of a line.
func TestMakers(t *testing.T) {
	f := reads(t)
	// Cisco
	f("<189>45: *Mar  2 08:59:59.123: %SYS-5-X: y", 189, "2026-03-02T08:59:59.123Z", "", "", "", "%SYS-5-X: y")
	f("<189>45: .Mar  2 08:59:59: %SYS-5-X: y", 189, at, "", "", "", "%SYS-5-X: y")
	f("<189>45: 3w4d: %SYS-5-X: y", 189, "", "", "", "", "%SYS-5-X: y")
	f("<189>45: sw1: 3w4d: %SYS-5-X: y", 189, "", "sw1", "", "", "%SYS-5-X: y")
	f("<189>45: sw1: text: %x", 189, "", "", "sw1", "", "text: %x")
	f("<189>00:00:46: %SYS-5-X: y", 189, "", "", "", "", "%SYS-5-X: y")
	f("<189>000045: sw1: 000046: Mar  2 08:59:59: %SYS-5-X: y", 189, at, "sw1", "", "", "%SYS-5-X: y")
	f("84027: Mar  2 08:59:59.000 WET: %SYS-5-X: y", -1, at, "", "", "", "%SYS-5-X: y")
	f("<166>wlc1: *spamApTask1: Mar  2 08:59:59.000: %CAPWAP-4-X: y", 166, at, "wlc1", "", "", "%CAPWAP-4-X: y")
	f("<166>wlc1: *DHCP Socket Task: Mar  2 08:59:59.000: %DHCP-4-X: y", 166, at, "wlc1", "", "", "%DHCP-4-X: y")
	f("*DHCP Socket Task: Mar 02 08:59:59.000: %DHCP-4-X: y", -1, at, "", "", "", "%DHCP-4-X: y")
	f("*not a task: %DHCP-4-X: y", -1, "", "", "", "", "*not a task: %DHCP-4-X: y")
	f("<166>290692: rtr_1 RP/0/RSP0/CPU0:Mar  2 08:59:59.000 UTC: SSHD_[65]: %SECURITY-SSHD-6-X : y", 166, at, "rtr_1", "SSHD_", "65", "%SECURITY-SSHD-6-X : y")
	f("<166>29: RP/0/RSP0/CPU0:Mar  2 08:59:59 : ifmgr[1]: %PKT-3-X : y", 166, at, "", "ifmgr", "1", "%PKT-3-X : y")
	f("<166>Mar  2 08:59:58 rtr1 29: LC/0/0/CPU0:Mar  2 08:59:59.000 UTC: ifmgr[1]: %PKT-3-X : y", 166, at, "rtr1", "ifmgr", "1", "%PKT-3-X : y")
	f("Mar  2 08:59:58 192.0.2.7 84: sw1: Mar  2 08:59:59: %SYS-5-X: y", -1, at, "sw1", "", "", "%SYS-5-X: y")
	f("Mar  2 08:59:59 192.0.2.7 84: *Mar  1 00:18:46.123: %SYS-5-X: y", -1, at, "192.0.2.7", "", "", "%SYS-5-X: y") // the relay's: the device's was never set
	f("Mar  2 08:59:59 192.0.2.7 84: 1d02h: %SYS-5-X: y", -1, at, "192.0.2.7", "", "", "%SYS-5-X: y")
	f("<113>Mar  2 08:59:59 fmc1 SFIMS: [Primary Detection Engine] x", 113, at, "fmc1", "SFIMS", "", "[Primary Detection Engine] x")
	f("<113>2026-03-02T08:59:59Z fmc1  %FTD-1-430003: x", 113, at, "fmc1", "", "", "%FTD-1-430003: x")
	f("<113>Mar  2 2026 08:59:59 fmc1 SFIMS : %FTD-5-430003: x", 113, at, "fmc1", "SFIMS", "", "%FTD-5-430003: x")
	// relays
	f("<13>Mar  2 08:59:00 relay 192.0.2.7 Mar  2 08:59:59 fw1 su: x", 13, at, "fw1", "su", "", "x")
	f("<13>Mar  2 08:59:00 relay <34>1 2026-03-02T08:59:59Z h app 12 ID7 - msg", 34, at, "h", "app", "12", "msg")
	f("Mar  2 08:59:00 relay 53 <34>1 2026-03-02T08:59:59Z h app 12 ID7 - msg", 34, at, "h", "app", "12", "msg")
	f("<13>Mar  2 08:59:00 relay 1 2026-03-02T08:59:59Z h app 12 ID7 [a@1 b=\"c\"] msg", 13, at, "h", "app", "12", "msg")
	f("<13>Mar  2 08:59:59 wsa1 Sun May 04 12:59:59 2025 Info: Begin", 13, at, "wsa1", "", "", "Sun May 04 12:59:59 2025 Info: Begin")
	f("<13>Mar  2 08:59:59 wsa1 04 May 2025 12:59:57 (GMT-1:00) Info: x", 13, at, "wsa1", "", "", "04 May 2025 12:59:57 (GMT-1:00) Info: x")
	f("<13>Mar  2 08:59:00 relay <189>84: fw1: 63: *Mar  2 08:59:00: %SYS-5-X: y", 189, "2026-03-02T08:59:00Z", "fw1", "", "", "%SYS-5-X: y")
	f("<191>26: rtr1: Mar  2 08:59:59.000 CET: NTP Core (NOTICE): x", 191, "2026-03-02T07:59:59Z", "rtr1", "", "", "NTP Core (NOTICE): x")
	f("<13>Mar  2 08:59:59 last message repeated 66 times", 13, at, "", "", "", "last message repeated 66 times")
	f("<13>Mar  2 08:59:59 web1 last message repeated 66 times", 13, at, "web1", "", "", "last message repeated 66 times")
	f("<187>: 2026 Mar  2 08:59:59 UTC: last message repeated 66 times", 187, at, "", "", "", "last message repeated 66 times")
	f("<191>: rtr1: Mar  2 08:59:59: last message repeated 66 times", 191, at, "rtr1", "", "", "last message repeated 66 times")
	f("rtr1: Mar  2 08:59:59 UTC: %SYS-5-X: y", -1, at, "rtr1", "", "", "%SYS-5-X: y")
	f("app1: Mar  2 08:59:59 x", -1, "", "", "", "", "app1: Mar  2 08:59:59 x")
	f("<190>33: Mar  2 2026 01:59:59.000 mst: %IOSXE-6-X: y", 190, at, "", "", "", "%IOSXE-6-X: y")
	f("<190>Mar  2 2026 08:59:59 fwa: %ASA-6-1: y", 190, at, "fwa", "", "", "%ASA-6-1: y")
	f("2020-02-20T07:02:37.000Z Feb 20 07:02:38 h ec2net: x", -1, "2020-02-20T07:02:38Z", "h", "ec2net", "", "x") // the year is the relay's
	f("<13>2020-02-20T07:02:37Z relay Feb 20 07:02:38 h app: x", 13, "2020-02-20T07:02:38Z", "h", "app", "", "x")
	// what programs write into files
	f("<174>Mar  2 08:59:59 INFO  uvm[0]:  {\"a\": 1}", 174, at, "", "uvm", "0", "{\"a\": 1}")
	f("2026-03-02T08:59:59.000000000Z stdout F a text", -1, at, "", "", "", "stdout F a text")
	f("2026-03-02T08:59:59Z INF ../x.go:20 > x", -1, at, "", "", "", "INF ../x.go:20 > x")
	f("2026-03-02T08:59:59Z ERR it failed", -1, at, "", "", "", "ERR it failed")
	f("2026-03-02 08:59:59,000 INFO  [org.example] (main) x", -1, at, "", "", "", "INFO  [org.example] (main) x")
	f("2026-03-02 08:59:59 ERROR worker: x", -1, at, "", "worker", "", "x")
	f("2026-03-02 08:59:59 244444 1321 x", -1, at, "", "", "", "244444 1321 x")
	f("warning: unknown[192.0.2.7]: SASL LOGIN failed", -1, "", "", "", "", "warning: unknown[192.0.2.7]: SASL LOGIN failed")
	f("2026-03-02T08:59:59.000+0000: 231.224: [GC x]", -1, at, "", "", "", "231.224: [GC x]")
	// other makers
	f("<141>Mar  2 08:59:59 2026 192.0.2.7 stm[12]: <501093> <NOTI> x", 141, at, "192.0.2.7", "stm", "12", "<501093> <NOTI> x")
	f("<14>Mar  2 08:59:59 192.0.2.7 00179 mgr: SME x", 14, at, "192.0.2.7", "", "", "00179 mgr: SME x")
	f("<14>Mar  2 08:59:59 mx1 RT_FLOW: RT_FLOW_SESSION_CREATE: session created", 14, at, "mx1", "RT_FLOW", "", "RT_FLOW_SESSION_CREATE: session created")
	f("<166>2026-03-02T08:59:59.000Z esx1 Hostd: info hostd[20] [Originator@6876 sub=Vimsvc] x", 166, at, "esx1", "Hostd", "", "info hostd[20] [Originator@6876 sub=Vimsvc] x")
	f("<134>1 2026-03-02T08:59:59Z gw1 CheckPoint 123 - [action:\"Accept\"; flags:\"4\"]", 134, at, "gw1", "CheckPoint", "123", "[action:\"Accept\"; flags:\"4\"]")
	// RFC 5424 that breaks the RFC
	f("<34>1 2026-03-02T08:59:59Z h app 12 ID7 no structured data", 34, at, "h", "app", "12", "no structured data")
	f("<34>1 2026-03-02T08:59:59Z h app 12 words of a text", 34, at, "h", "app", "12", "words of a text")
	f("<34>1 2026-03-02T08:59:59Z h app words of a text", 34, at, "h", "app", "", "words of a text")
	f("<34>1 2026-03-02T08:59:59Z h app[12]: words of a text", 34, at, "h", "app", "12", "words of a text")
	f("<34>1 2026-03-02T08:59:59Z h a=b c=d e=f", 34, at, "h", "", "", "a=b c=d e=f")
	f("<34>1 2026-03-02T08:59:59Z h app 12 - {\"a\": 1}", 34, at, "h", "app", "12", "{\"a\": 1}")
	f("<34>1 2026-03-02T08:59:59Z h app 12 - [a@1 b = \"c d\" e=\"f\"] msg", 34, at, "h", "app", "12", "msg")
	f("<34>103 2026-03-02T08:59:59Z h app 12 ID7 - msg", 34, at, "h", "app", "12", "msg")
	f("<34>1 2026-03-02 08:59:59 h app[12]: msg", 34, at, "h", "app", "12", "msg")
	f("<34>1 Mar  2 08:59:59 h app[12]: msg", 34, at, "h", "app", "12", "msg")
	f("<34>1 2026-03-02T08:59:59Z h app 12 ID7 - \ufeffmsg", 34, at, "h", "app", "12", "msg")
}

// TestBrackets: a level, an address or the other end of a connection in brackets behind the time.
func TestBrackets(t *testing.T) {
	f := reads(t)
	f("<34>Mar  2 08:59:59 cam1 [ INFO    ] httpd[1250]: x", 34, at, "cam1", "httpd", "1250", "x")
	f("<34>Mar  2 08:59:59 cam1 [ see 12 ] httpd[1250]: x", 34, at, "cam1", "", "", "[ see 12 ] httpd[1250]: x")
	f("<34>Mar  2 08:59:59 [203.0.113.5:40122] x", 34, at, "", "", "", "[203.0.113.5:40122] x")
	f("<34>Mar  2 08:59:59 [203.0.113.5] x", 34, at, "203.0.113.5", "", "", "x")
}

// TestUnnumbered: a level before a program that logs without its number.
func TestUnnumbered(t *testing.T) {
	f := reads(t)
	f("<86>Mar  2 08:59:59 h NOTICE sudo:    ann : TTY=x", 86, at, "h", "sudo", "", "ann : TTY=x")
	f("<4>Mar  2 08:59:59 h WARNING kernel: [ 1.2] x", 4, at, "h", "kernel", "", "[ 1.2] x")
	f("<13>Mar  2 08:59:59 h NOTICE sudoku: x", 13, at, "h", "", "", "NOTICE sudoku: x")
}

// TestReadAllocates: nothing.
func TestReadAllocates(t *testing.T) {
	var r Reader
	var h Header
	for _, line := range []string{
		"<34>Mar  2 08:59:59 web1 sshd[3007]: x", `<165>1 2026-03-02T08:59:59.003Z app1 billing 8710 ID47 [meta@1 iut="3"] x`,
		"<13>Mar  2 08:59:00 relay <189>84: fw1: 63: *Mar  2 08:59:00 EST: %SYS-5-X: y", "<134>02/03/2026:08:59:59 GMT ns1 0-PPE-0 : x", "a line", "Jul  2 2026 08:59:59 ET: %A-5-B: x",
	} {
		if n := testing.AllocsPerRun(100, func() { r.Read(&h, line, received, time.UTC) }); n > 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}

// TestRelay: who passed a line on stands in the header in front of the host's own.
func TestRelay(t *testing.T) {
	f := func(line, relay, host string) {
		t.Helper()
		if h := read(line, received, time.UTC); h.Relay != relay || h.Host != host {
			t.Errorf("%q: relay %q, host %q; want %q and %q", line, h.Relay, h.Host, relay, host)
		}
	}
	f("Mar  2 08:59:59 <local0.info> 192.0.2.5 03/02/2026:08:59:59 GMT adc1 0-PPE-0 : x", "192.0.2.5", "adc1")
	f("<34>Mar  2 08:59:59 relay1 Mar  2 08:59:59 h su: x", "relay1", "h")
	f("<34>Mar  2 08:59:59 h su: x", "", "h")
	for _, inner := range []string{"1 ", "<34>1 "} {
		for _, outer := range []string{"<34>Mar  2 08:59:59 relay1 ", "<34>1 2026-03-02T08:59:59Z relay1 - - - - "} {
			f(outer+inner+"2026-03-02T08:59:59Z h su 1 - - x", "relay1", "h")
			f(outer+inner+"2026-03-02T08:59:59Z relay1 su 1 - - x", "", "relay1")
			f(outer+inner+"2026-03-02T08:59:59Z - su 1 - - x", "", "relay1")
		}
	}
}

// TestAddress: members of NIOS may write their address behind their name.
func TestAddress(t *testing.T) {
	f := func(line, host, address string) {
		t.Helper()
		if h := read(line, received, time.UTC); h.Host != host || h.Address != address {
			t.Errorf("%q: host %q, address %q; want %q and %q", line, h.Host, h.Address, host, address)
		}
	}
	f("<30>Mar  2 08:59:59 nios1 192.0.2.1 dhcpd[12]: x", "nios1", "192.0.2.1")
	f("<30>Mar  2 08:59:59 nios1 dhcpd[12]: x", "nios1", "")
}

// TestCookie: the mark of the Common Event Expression is no part of the object that it announces.
func TestCookie(t *testing.T) {
	f := reads(t)
	f(`<13>Mar  2 08:59:59 h sudo[7]: @cee: {"a":1}`, 13, at, "h", "sudo", "7", `{"a":1}`)
	f(`<13>Mar  2 08:59:59 h @cee:{"a":1}`, 13, at, "h", "", "", `{"a":1}`)
	f(`<13>1 2026-03-02T08:59:59Z h su - - - @cee: {"a":1}`, 13, at, "h", "su", "", `{"a":1}`)
	f(`<13>Mar  2 08:59:59 h su: @cee: none`, 13, at, "h", "su", "", `@cee: none`)
}

// TestChainedHosts: the names that syslog-ng puts in a row.
func TestChainedHosts(t *testing.T) {
	f := reads(t)
	f("<13>Mar  2 08:59:59 s_net@fw1/relay1 sshd[7]: x", 13, at, "fw1", "sshd", "7", "x")
	f("Mar  2 08:59:59 src@192.0.2.7 su[7]: x", -1, at, "192.0.2.7", "su", "7", "x")
	f("<13>Mar  2 08:59:59 ann@example.com su: x", 13, at, "", "", "", "ann@example.com su: x") // no number
	f("<13>Mar  2 08:59:59 ann@example.com logged in", 13, at, "", "", "", "ann@example.com logged in")
}
