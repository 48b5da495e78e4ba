package normalize_test

import "testing"

// TestOddTexts: texts that are nearly of a form, and once ended the process that read them.
func TestOddTexts(t *testing.T) {
	f := verbCase(t)
	f(wide, "CONNECT :443 200", "http.request.method", "")                       // a proxy is asked for no host
	f(wide, `bind dn="uid,ann,ou=people,dc=example,dc=com"`, "user.name", "")    // an attribute without a value
	f(wide, `bind dn="uid=Ann,ou=people,dc=example,dc=com"`, "user.name", "Ann") //
	f(wide, `{"from":"<<>"}`, "email.from.address", "")                          // brackets that nothing closes
	f("- json: {}\n- known: {}", `{"from":"<<>","to":"<a@example.com>"}`, "email.to.address", "a@example.com")
	f(wide, "\u212a\u212a\u212a\u212a\u212a.A: x", "log.level", "") // letters with fewer bytes in lower case
	f(wide, "\u212a\u212a\u212a\u212a\u212a:A x", "event.type", "") //
	f(wide, "app.WARNING: x", "log.level", "warning")
}
