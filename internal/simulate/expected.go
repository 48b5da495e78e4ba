package simulate

import "time"

// scenes is the attack story: each scene stands beside what it must raise, and the
// rest of the play must raise nothing.
var scenes = []attack{
	{"ssh brute force and a success", 10 * time.Second, 15 * time.Second, bruteForce, func(a actors) []Expected {
		return nil
	}},
	{"port scan", 20 * time.Second, 10 * time.Second, portScan, func(a actors) []Expected {
		return nil
	}},
	{"sudo abuse", 35 * time.Second, 15 * time.Second, sudoAbuse, func(a actors) []Expected {
		return nil
	}},
	{"exploit seen by the detector", 45 * time.Second, time.Second, intrusion, func(a actors) []Expected {
		return nil
	}},
	{"web probing", 60 * time.Second, 15 * time.Second, webProbe, func(a actors) []Expected {
		return nil
	}},
	{"password spraying", 90 * time.Second, 25 * time.Second, spray, func(a actors) []Expected {
		return nil
	}},
	{"flood at the firewall", 130 * time.Second, 15 * time.Second, deniedFlood, func(a actors) []Expected {
		return nil
	}},
	{"DNS tunnel", 170 * time.Second, 15 * time.Second, dnsTunnel, func(a actors) []Expected {
		return nil
	}},
	{"probing a host", 210 * time.Second, 10 * time.Second, hostProbe, func(a actors) []Expected {
		return nil
	}},
}
