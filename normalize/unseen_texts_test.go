package normalize_test

import "testing"

// TestDigestsInTexts: the digest of a file that a text tells is there to look for, and no other digits are.
func TestDigestsInTexts(t *testing.T) {
	f := shippedCase(t)
	const (
		md5    = "d41d8cd98f00b204e9800998ecf8427e"
		sha1   = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
		sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		head   = "<13>Mar  2 08:59:50 h1 acmed[1]: "
	)
	f(head+"Malware Eicar found in /tmp/a.com (sha256 "+sha256+"), moved to quarantine", "file.hash.sha256", sha256)
	f(head+"Malware Eicar found in /tmp/a.com (sha256 "+sha256+"), moved to quarantine", "related.hash", sha256)
	f(head+"file /tmp/a.com md5: D41D8CD98F00B204E9800998ECF8427E blocked", "file.hash.md5", md5)
	f(head+"file /tmp/a.com SHA256:"+sha256+" is clean", "file.hash.sha256", sha256)
	f(head+"checksum "+sha1+" of file /etc/passwd changed", "file.hash.sha1", sha1)
	f(head+"pulled image sha256:"+sha256, "file.hash.sha256", "")
	f(head+"container "+sha256+" died", "related.hash", "")
	f(head+"session "+md5+" ended", "related.hash", "")
	f(head+"hash "+md5[:31]+"z of x", "related.hash", "")
}

// TestLevelInBrackets: a level may stand behind the part of a program that has it.
func TestLevelInBrackets(t *testing.T) {
	f := shippedCase(t)
	f("<13>Mar  2 08:59:50 h1 acmed[1]: [main:error] cannot open /etc/acme.conf", "log.level", "error")
	f("<13>Mar  2 08:59:50 h1 acmed[1]: [warn] cannot open /etc/acme.conf", "log.level", "warn")
	f("<13>Mar  2 08:59:50 h1 acmed[1]: [main:bob] cannot open /etc/acme.conf", "log.level", "")
}

// TestNameBehindLogin: who logs in may stand between that and where from, and what else stands there is nobody.
func TestNameBehindLogin(t *testing.T) {
	f := shippedCase(t)
	const head = "<13>Mar  2 08:59:50 h1 acmed[1]: "
	f(head+"Successful login ann from 203.0.113.4 in SSO", "user.name", "ann")
	f(head+"Failed logon CORP\\bob from 203.0.113.4", "user.name", "bob")
	for _, word := range []string{"attempt", "request", "failure", "blocked", "timeout"} {
		f(head+"Login "+word+" from 203.0.113.4", "user.name", "")
	}
}
