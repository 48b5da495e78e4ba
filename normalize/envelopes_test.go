package normalize_test

import (
	"strings"
	"testing"
)

// TestJournalEntries: entries of systemd's journal, which are several lines each.
func TestJournalEntries(t *testing.T) {
	f := shippedCase(t)
	const said = "Failed password for root from 203.0.113.9 port 4711 ssh2"
	export := strings.Join([]string{
		"__CURSOR=s=739a;i=4ece7;b=6c7c;m=4fc7;t=4c50;x=d3e5", "__REALTIME_TIMESTAMP=1772441999123456", "_TRANSPORT=syslog",
		"PRIORITY=6", "SYSLOG_FACILITY=10", "SYSLOG_IDENTIFIER=sshd", "_PID=4711", "_HOSTNAME=srv1", "_SYSTEMD_UNIT=ssh.service",
		"_CMDLINE=sshd: root [priv]", "MESSAGE=" + said,
	}, "\n")
	f(export, "sluice.pack", "linux_auth")
	f(export, "@timestamp", "2026-03-02T08:59:59Z")
	f(export, "host.name", "srv1")
	f(export, "process.pid", "4711")
	f(export, "service.name", "ssh.service")
	f(export, "source.ip", "203.0.113.9")
	f(export, "event.outcome", "failure")
	// a text of several lines has its length before it, and may stand before other fields
	long := strings.Replace(export, "MESSAGE="+said, "MESSAGE\n\x44\x00\x00\x00\x00\x00\x00\x00"+said+"\nand more", 1)
	f(long+"\n_UID=0", "source.ip", "203.0.113.9")
	f(long+"\n_UID=0", "user.name", "root")
	verbose := "Mon 2026-03-02 08:59:59.123456 UTC [s=739a;i=4ece7;b=6c7c;m=4fc7;t=4c50;x=d3e5]\n    _HOSTNAME=srv1\n    SYSLOG_IDENTIFIER=sshd\n    _PID=4711\n    MESSAGE=" + said
	f(verbose, "sluice.pack", "linux_auth")
	f(verbose, "@timestamp", "2026-03-02T08:59:59Z")
	f(verbose, "host.name", "srv1")
	f(verbose, "user.name", "root")
}

// TestWrappedObjects: an object below a key of another is a record of its own where a pack knows it.
func TestWrappedObjects(t *testing.T) {
	f := shippedCase(t)
	const trail = `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"ann"},"eventTime":"2026-03-02T08:40:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","requestParameters":{"userName":"bob"},"eventID":"f6d6a2a0"}`
	for _, line := range []string{
		`{"event":` + trail + `}`,
		`{"Unheard":` + trail + `}`,
		`{"event":` + trail + `,"sourcetype":"aws:cloudtrail"}`,
		`{"specversion":"1.0","type":"com.example.log","source":"/collector/eu","id":"B-1","time":"2026-03-02T08:41:00Z","data":` + trail + `}`,
		`[{"topic":"/subscriptions/5b4b","subject":"/logs/1","eventType":"Example.Log","eventTime":"2026-03-02T08:41:00Z","id":"831e","data":` + trail + `,"dataVersion":"","metadataVersion":"1"}]`,
	} {
		f(line, "sluice.pack", "aws_cloudtrail")
		f(line, "@timestamp", "2026-03-02T08:40:00Z")
		f(line, "user.target.name", "bob")
		f(line, "event.action", "CreateUser")
		f(line, "email.subject", "")
	}
	const text = `{"specversion":"1.0","type":"com.example.syslog","source":"/c","id":"B-2","data_base64":"PDg2Pk1hciAgMiAwODo0MTowMCBzcnYxIHNzaGRbNDcxMV06IEZhaWxlZCBwYXNzd29yZCBmb3Igcm9vdCBmcm9tIDIwMy4wLjExMy45IHBvcnQgNDcxMSBzc2gy"}`
	f(text, "sluice.pack", "linux_auth")
	f(text, "source.ip", "203.0.113.9")
	f(`{"event":{"colour":"red","user":"ann"},"time":1772441999}`, "sluice.pack", "json_generic")
	f(`{"event":{"colour":"red","user":"ann"},"time":1772441999}`, "user.name", "ann")
}

// TestSmallKeys: a data lake writes the keys of records in small letters.
func TestSmallKeys(t *testing.T) {
	f := shippedCase(t)
	const line = `{"eventversion":"1.08","useridentity":{"type":"IAMUser","principalid":"P1","accountid":"111122223333","username":"ann"},"eventtime":"2026-03-02T08:40:00Z","eventsource":"iam.amazonaws.com","eventname":"CreateUser","awsregion":"us-east-1","sourceipaddress":"192.0.2.10","requestparameters":{"username":"bob"},"eventid":"f6d6a2a0","eventtype":"AwsApiCall","recipientaccountid":"111122223333"}`
	f(line, "sluice.pack", "aws_cloudtrail")
	f(line, "user.name", "ann")
	f(line, "user.target.name", "bob")
	f(line, "source.ip", "192.0.2.10")
	f(line, "cloud.account.id", "111122223333")
	f(`{"username":"ann","timestamp":"2026-03-02T08:40:00Z","hostname":"web1","action":"login"}`, "sluice.pack", "json_generic")
}
