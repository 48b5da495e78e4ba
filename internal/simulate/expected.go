package simulate

import "time"

// The shipped rules that the story is about.
const (
	failedBurst          = "47f58968-a07c-5705-95f6-c62bd15ba2f5"
	passwordGuessing     = "e91a3029-ef22-56ff-95ab-43846f845332"
	successAfterFailures = "cfdd054f-4fc8-5bb8-b3b7-880dedc59629"
	passwordSpraying     = "29f09441-0efd-5eb9-9948-2d6e905bb1b7"
	portScanning         = "fd608e9c-3781-5919-a639-8e961b94de48"
	sudoNotAllowed       = "fc6f94a1-a45c-567c-ac8e-9b18c193e9f9"
	localRootGuessing    = "693e50a0-26ec-59b9-a4ae-2a94e5735e42"
	severeSignature      = "a319290a-0d2f-54db-9ab0-af0bd2e141fe"
	forcedBrowsing       = "5184b2f6-3f83-5331-9a6d-017d7c51b854"
	webInjection         = "22f71e6e-ce5c-5182-ae85-fac1023720f6"
	scanDenied           = "5a30c0c4-20e1-5c68-b028-8c4bf53ae50c"
	outboundDenied       = "ecf595f3-0cba-5961-8204-58df01216f1e"
	tunnelInDNS          = "083c2172-5ee1-513b-87e1-f84b051f9a19"
	dataTypesInDNS       = "21125f1c-b8fe-5b3a-9307-2f1c408754d4"
	wordPressProbing     = "efe0a04b-f8f0-5d2f-938c-6f73b921ccaf"
	adminProbing         = "403bb7e9-a131-5474-b42d-207ad0b4ca1f"
	sensitiveFiles       = "426c7205-c288-5793-a5f2-d715e030b1bb"
	repeatedTraversal    = "600acf66-be8a-59bc-b5c3-5f9650d5ffa1"
	sqlTimeOrSchema      = "4e6bf0c3-4194-5c80-9dae-4e0a3370e81d"
	repeatedErrors       = "4e76ea25-d978-5ef2-9f15-198802dc9ca4"
	scannerAgent         = "63754fb1-cb71-5baf-b5ea-2251f1034eca"
)

func raises(rule string, key ...string) Expected {
	e := Expected{Rule: rule, Key: map[string]string{}}
	for i := 0; i < len(key); i += 2 {
		e.Key[key[i]] = key[i+1]
	}
	return e
}

// scenes is the attack story: each scene stands beside what it must raise, and the
// rest of the play must raise nothing. Two tellings overlap nowhere: the last scene
// ends before cycleStart's least period.
var scenes = []attack{
	{"ssh brute force and a success", 10 * time.Second, 15 * time.Second, bruteForce, func(a actors) []Expected {
		return []Expected{
			raises(failedBurst, "source.ip", a.stranger.String()),
			raises(passwordGuessing, "source.ip", a.stranger.String(), "user.name", a.victim.name),
			raises(successAfterFailures, "source.ip", a.stranger.String(), "user.name", a.victim.name),
		}
	}},
	{"port scan", 20 * time.Second, 10 * time.Second, portScan, func(a actors) []Expected {
		return []Expected{raises(portScanning, "source.ip", a.insider.ip.String())}
	}},
	{"sudo abuse", 35 * time.Second, 15 * time.Second, sudoAbuse, func(a actors) []Expected {
		return []Expected{raises(sudoNotAllowed, "host.name", a.abused.name, "user.name", a.abuser.name)}
	}},
	{"exploit seen by the detector", 45 * time.Second, time.Second, intrusion, func(a actors) []Expected {
		return []Expected{raises(severeSignature, "rule.name", signature, "source.ip", a.scanner.String(), "destination.ip", webServer)}
	}},
	{"web probing", 60 * time.Second, 15 * time.Second, webProbe, func(a actors) []Expected {
		var out []Expected
		for _, rule := range []string{
			forcedBrowsing, webInjection, wordPressProbing, adminProbing, sensitiveFiles,
			repeatedTraversal, sqlTimeOrSchema, repeatedErrors, scannerAgent,
		} {
			out = append(out, raises(rule, "source.ip", a.scanner.String()))
		}
		return out
	}},
	{"password spraying", 90 * time.Second, 25 * time.Second, spray, func(a actors) []Expected {
		return []Expected{
			raises(failedBurst, "source.ip", a.sprayer.String()),
			raises(passwordSpraying, "source.ip", a.sprayer.String()),
		}
	}},
	{"guessing root's password by su", 120 * time.Second, 15 * time.Second, suGuess, func(a actors) []Expected {
		return []Expected{raises(localRootGuessing, "host.name", a.guessed.name, "user.name", a.guesser.name)}
	}},
	{"sweep at the firewall", 140 * time.Second, 10 * time.Second, deniedSweep, func(a actors) []Expected {
		return []Expected{raises(scanDenied, "source.ip", a.flooder.String())}
	}},
	{"DNS tunnel", 170 * time.Second, 15 * time.Second, dnsTunnel, func(a actors) []Expected {
		return []Expected{
			raises(tunnelInDNS, "source.ip", a.tunnel.ip.String()),
			raises(dataTypesInDNS, "source.ip", a.tunnel.ip.String()),
		}
	}},
	{"a beacon is denied", 200 * time.Second, 45 * time.Second, beacon, func(a actors) []Expected {
		return []Expected{raises(outboundDenied, "source.ip", a.infected.ip.String(), "destination.ip", a.master.String(), "destination.port", "6667")}
	}},
}
