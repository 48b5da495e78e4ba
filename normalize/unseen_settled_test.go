package normalize_test

import "testing"

// TestSettled: keys that mean something else than they are commonly called, as their neighbours show.
func TestSettled(t *testing.T) {
	f := verbCase(t)
	const kv = "- kv: {}\n- known: {categories: true}"
	const json = "- json: {}\n- known: {categories: true}"
	const both = "- glean: {wide: true}\n- known: {categories: true}"
	f(json, `{"EventType":"RegistryValueSet","RegistryKey":"HKLM\\Software\\Run","RegistryValueName":"x"}`, "registry.key", `Software\\Run`)
	f(json, `{"EventType":"RegistryValueSet","RegistryKey":"HKEY_LOCAL_MACHINE\\Software\\Run","RegistryValueName":"x"}`, "registry.path", `HKLM\\Software\\Run\\x`)
	f(json, `{"EventType":"RegistryKeyDeleted","RegistryKey":"HKCU\\Software\\Run"}`, "registry.hive", "HKCU")
	f(json, `{"EventType":"RegistryKeyDeleted","RegistryKey":"Software\\Run"}`, "registry.key", `Software\\Run`)

	f(kv, "<13>Mar  2 08:59:59 wlc1 wifi: event=sta_assoc mac=00:00:5e:00:53:01 ssid=Guest ip=192.0.2.7", "source.mac", "00-00-5E-00-53-01")
	f(kv, "<13>Mar  2 08:59:59 wlc1 wifi: event=sta_assoc mac=00:00:5e:00:53:01 ssid=Guest ip=192.0.2.7", "host.mac", "")
	f(kv, "event=asset_new host=plc1 mac=00:00:5e:00:53:01 vlan=7", "host.mac", "00-00-5E-00-53-01")

	f(both, `authorized: user=app database=shop host=192.0.2.7 port=50022`, "source.ip", "192.0.2.7")
	f(both, `authorized: user=app database=shop host=192.0.2.7 port=50022`, "source.port", "50022")
	f(both, `authorized: user=app database=shop host=192.0.2.7 port=50022`, "host.name", "")
	f(both, `authentication failed for user "root" host=192.0.2.7`, "source.ip", "192.0.2.7")
	f(both, `job started by user=app host=192.0.2.7`, "source.ip", "")

	f(json, `{"type":"alert.switch.port.down","deviceName":"sw1","port":"12"}`, "destination.port", "")
	f(json, `{"type":"alert.switch.port.down","deviceName":"sw1","port":"12"}`, "event.category", "")
	f(json, `{"type":"service.started","port":"8443"}`, "destination.port", "8443")

	f(json, `{"event":"CVE-2026-1234","category":"Vulnerability","host":"web1"}`, "vulnerability.id", "CVE-2026-1234")
	f(json, `{"event":"CVE-2026-1234","category":"Vulnerability","host":"web1"}`, "event.category", "vulnerability")
}

// TestByOther: who did something to an account, where a key of his own says so.
func TestByOther(t *testing.T) {
	f := verbCase(t)
	const both = "- glean: {wide: true}\n- known: {categories: true}"
	for _, line := range []string{
		`PASSWORD_CHANGED user="bob" by="ann" ip=192.0.2.7`,
		"PASSWORD_RESET username=bob by=ann",
		"New user account created: name=bob, uid=1007, by=ann",
	} {
		f(both, line, "user.name", "ann")
		f(both, line, "user.target.name", "bob")
		f(both, line, "user.id", "")
	}
	f(both, "PASSWORD_CHANGED user=bob by=policy", "user.target.name", "")
	f(both, "USER_LOGIN user=bob by=otp", "user.name", "bob")
	f(both, "report created: name=weekly by=ann", "user.target.name", "")
}
