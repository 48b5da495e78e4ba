package normalize_test

import "testing"

// TestAbsent: what a product writes where it has nothing to say is no file, no user and no action.
func TestAbsent(t *testing.T) {
	f := shippedCase(t)
	cef := "CEF:0|Acme|Gate|1|7|Odd thing|3|act=0 duser=(no user) suser=Not Available src=203.0.113.4 fname=N/A filePath=n/a"
	f(cef, "event.action", "Odd thing")
	f(cef, "user.name", "")
	f(cef, "file.name", "")
	f(cef, "file.directory", "")
	f("CEF:0|Acme|Gate|1|7|Odd thing|3|act=0x2 fname=etc/passwd", "file.name", "passwd")
	leef := "LEEF:1.0|Acme|Gate|1|7|src=203.0.113.4\tfilePath=N/A\tusrName=Not Applicable"
	f(leef, "file.name", "")
	f(leef, "user.name", "")
	f(`<14>Mar  2 08:59:50 h1 app: file="n/a" user="Not Available" src=203.0.113.4`, "user.name", "")
	f(`<14>Mar  2 08:59:50 h1 app: VM x powered off by root@pam from 203.0.113.4`, "user.email", "")
	f(`<14>Mar  2 08:59:50 h1 app: VM x powered off by root@example.com from 203.0.113.4`, "user.email", "root@example.com")
}
