package normalize_test

import "testing"

// TestSeen: every address and digest that a record of an unknown device tells is there to pivot by.
func TestSeen(t *testing.T) {
	f := verbCase(t)
	const digest = "0123456789abcdef0123456789abcdef"
	f(what, `{"user":"ann","ip":"192.0.2.7","egress_public_ip":"198.51.100.3"}`, "related.ip", "192.0.2.7|198.51.100.3")
	f(what, `{"srcIPs":["192.0.2.7","192.0.2.8"],"peers":[{"name":"b","HostIPv4":"192.0.2.9"},{"HostIPv4":"0.0.0.0"}]}`, "related.ip", "192.0.2.7|192.0.2.8|192.0.2.9")
	f(what, `{"scan":{"hops":[{"via" : {"ipAddress" : "2001:db8::7"}}]}}`, "related.ip", "2001:db8::7")
	f(what, `{"app_version":"1.2.3.4","subnet_mask_ip":"255.255.255.0","note":"192.0.2.9","zip":"8001"}`, "related.ip", "")
	f(what, `{"dropper":{"stage2_md5":"`+digest+`"}}`, "related.hash", digest)
	f(what, `{"loaded":[{"imageMD5":"0123456789ABCDEF0123456789ABCDEF","session":"`+digest[16:]+digest[:16]+`"}]}`, "related.hash", digest)
	f(what, `{"password_hash":"`+digest+`","trace":"`+digest+`"}`, "related.hash", "")
	f(what, `{"peers":["192.0.2.7`, "related.ip", "")
	// who and which hosts stand in a list of such
	listed := `{"event":"scan","users":["ann","bob","two words"],"detail":{"hostnames":["web-1","db_2.example.com","pc3:2ed8","192.0.2.9"]}}`
	f(what, listed, "related.user", "ann|bob")
	f(what, listed, "related.hosts", "web-1|db_2.example.com")
	f(what, `{"users":"ann","limits":{"users":["all"]},"hosts":[{"id":"web-1"}]}`, "related.hosts", "")
}

// TestIDNotName: what only a machine calls a user by is the user's id.
func TestIDNotName(t *testing.T) {
	f := shippedCase(t)
	for _, id := range []string{"S-1-5-21-1-2-3-1001", "123e4567-e89b-12d3-a456-426614174000", "105250506097979753968"} {
		line := `{"user":"` + id + `","action":"login","src_ip":"203.0.113.7"}`
		f(line, "user.id", id)
		f(line, "user.name", "")
		f(line, "related.user", id)
	}
	f(`{"user":"S-1-5","action":"login"}`, "user.name", "S-1-5")
	f(`{"account":"0123456789","event":"login"}`, "user.name", "")
	f(`{"username":"0123456789","event":"login"}`, "user.name", "0123456789")
	f(`{"payload":{"operation":"CREATE"},"type":"application/json"}`, "event.action", "CREATE")
}
