package normalize_test

import (
	"strings"
	"testing"
)

// TestAccounts: the audits of databases name whose account a statement changes, in statements
// that no sample has: quoted in other ways, with conditions, and refused.
func TestAccounts(t *testing.T) {
	f := shippedCase(t)
	mysql := "2026-03-02T10:11:12.123456Z\t   12 Query\t"
	f(mysql+"DROP USER IF EXISTS `eve`@`%`", "user.target.name", "eve")
	f(mysql+"GRANT ALL ON *.* TO 'eve'@'%'", "user.target.name", "eve")
	f(mysql+"SET PASSWORD FOR 'eve'@'%' = 'x'", "user.target.name", "eve")
	f(mysql+"CREATE ROLE IF NOT EXISTS ops", "group.name", "ops")
	f(mysql+"SELECT user FROM t WHERE a = 'eve'", "user.target.name", "")
	audit := func(action, class, object, statement string) string {
		return `{"event_time":"2026-03-02T08:00:02.0000000","action_id":"` + action + `","class_type":"` + class + `","succeeded":true,` +
			`"server_principal_name":"EXAMPLE\\ann","server_instance_name":"SQL1","object_name":"` + object + `","statement":"` + statement + `"}`
	}
	f(audit("CR", "SL", "eve", "CREATE LOGIN eve WITH PASSWORD = '******'"), "user.target.name", "eve")
	f(audit("APRL", "RL", "db_owner", "ALTER ROLE [db_owner] ADD MEMBER [eve]"), "user.target.name", "eve")
	f(audit("APRL", "RL", "db_owner", "ALTER ROLE [db_owner] ADD MEMBER [eve]"), "group.name", "db_owner")
	f(audit("CR", "U", "eve", "CREATE TABLE eve (a int)"), "user.target.name", "")
	oracle := "<134>Mar  2 11:58:20 db01 Oracle Audit[4711]: LENGTH : '155' ACTION :[40] '%' DATABASE USER:[6] 'SYSTEM' PRIVILEGE :[4] 'NONE' CLIENT USER:[3] 'bob' CLIENT TERMINAL:[0] '' STATUS:[1] '0' DBID:[10] '1590001234'"
	of := func(statement string) string { return strings.Replace(oracle, "%", statement, 1) }
	f(of("grant dba to eve"), "user.target.name", "eve")
	f(of("drop user eve cascade"), "user.target.name", "eve")
	f(of("drop table eve"), "user.target.name", "")
}

// TestAudits: whose account it is and how a log-in ended, in texts that no sample has.
func TestAudits(t *testing.T) {
	f := shippedCase(t)
	rds := func(command, text string) string {
		return `{"class":"ROLE","clientApplication":"psql","command":"` + command + `","commandText":"` + text + `","databaseName":"sales","dbProtocol":"Postgres 3.0",` +
			`"dbUserName":"ann","logTime":"2026-03-02 08:00:00.1+00","serverType":"PostgreSQL","sessionId":"s1","type":"record"}`
	}
	f(rds("DROP ROLE", "DROP ROLE IF EXISTS \\\"eve\\\";"), "user.target.name", "eve")
	f(rds("REVOKE", "revoke select on cards from eve"), "user.target.name", "eve")
	f(rds("SELECT", "select 'drop role eve'"), "user.target.name", "")
	cassandra := "INFO  [Native-Transport-Requests-1] 2026-03-02 08:00:09,123 FileAuditLogger.java:49 - user:ann|host:node1/192.0.2.5:9042|source:/192.0.2.9|port:51001|timestamp:1772438409123|type:"
	f(cassandra+"GRANT|category:DCL|operation:GRANT SELECT ON KEYSPACE shop TO eve;", "user.target.name", "eve")
	f(cassandra+"SELECT|category:QUERY|operation:SELECT * FROM t WHERE a = 'grant x to eve';", "user.target.name", "")
	elastic := `{"type":"audit","timestamp":"2026-03-02T11:58:04,101+0000","node.name":"es01","event.type":"security_config_change","event.action":"`
	f(elastic+`change_password","request.id":"r1","change":{"password":{"user":{"name":"carol"}}}}`, "user.target.name", "carol")
	f(elastic+`delete_user","request.id":"r1","delete":{"user":{"name":"carol"}}}`, "user.name", "")
	edr := "<133>1 2026-03-02T09:14:12.000Z edr.example.com enSilo - - - Message Type: Audit;Organization: Demo;Date: 02-Mar-2026, 09:14:12;Sub system: System;User Name: ann;Description: "
	f(edr+"Login failed", "event.outcome", "failure")
	f(edr+"User logged out", "event.type", "end")
	f(edr+"Login page of the tenant was changed", "event.category", "configuration")
	center := "<14>Mar  2 09:00:00 fmc1 sfdccsm: admin@192.0.2.9, System > Users > Users, "
	f(center+"Delete user jdoe", "event.type", "deletion")
	f(center+"Delete user jdoe", "user.target.name", "jdoe")
	f(center+"Modify user interface settings", "event.category", "configuration")
	ansible := "<14>Mar  2 08:00:06 web1 python3[2346]: ansible-"
	f(ansible+"ansible.builtin.user Invoked with state=absent name=bob remove=True", "user.target.name", "bob")
	f(ansible+"ansible.builtin.service Invoked with name=nginx state=started", "user.target.name", "")
}

// TestRecipients: whom Exim received a mail for, and not whom its subject names.
func TestRecipients(t *testing.T) {
	f := shippedCase(t)
	arrival := "2026-03-02 08:15:02 1abcDE-000123-Ab <= ann@example.com H=mail.example.com [203.0.113.7]:4000 P=esmtps S=1234 id=a@example.com T=\"pay for eve@example.org\""
	f(arrival, "email.to.address", "")
	f(arrival+" for bob@example.net carol@example.net", "email.to.address", "bob@example.net")
}

// TestOffenses: what QRadar's offense is about stands where its type says.
func TestOffenses(t *testing.T) {
	f := shippedCase(t)
	offense := func(kind, source string) string {
		return `{"id":44,"offense_type":` + kind + `,"offense_source":"` + source + `","magnitude":5,"credibility":3,"relevance":2,"severity":7}`
	}
	f(offense("0", "192.0.2.1"), "source.ip", "192.0.2.1")
	f(offense("1", "192.0.2.1"), "destination.ip", "192.0.2.1")
	f(offense("1", "192.0.2.1"), "source.ip", "")
	f(offense("3", `EXAMPLE\\ann`), "user.domain", "EXAMPLE")
	f(offense("7", "ws1"), "host.name", "ws1")
	f(offense("2", "Port scan"), "source.ip", "")
}

// TestLoginsOfDaemons: who was refused, and from where, whatever else the line has the form of.
func TestLoginsOfDaemons(t *testing.T) {
	f := shippedCase(t)
	f("[2026-11-27 06:00:01 +0000] warning/ApiListener: Invalid username or password for user 'eve' from [2001:db8::7]:51234", "event.category", "authentication")
	f("<29>Mar  2 08:59:56 vpn01 openvpn[6602]: jdoe/2001:db8::77:1194 TLS Auth Error: Auth Username/Password verification failed for peer", "source.ip", "2001:db8::77")
	f("<29>Mar  2 08:59:56 vpn01 openvpn[6602]: jdoe/2001:db8::77:1194 TLS Auth Error: Auth Username/Password verification failed for peer", "user.name", "jdoe")
	f("<29>Mar  2 08:59:56 vpn01 openvpn[6602]: 2001:db8::77:1194 TLS Error: TLS handshake failed", "source.port", "1194")
	f("2026-03-02 08:00:08.123 4718 WARNING keystone.server.flask.application [req-0a1b2c3d-0008 - - - - -] Could not find user: a.b.: keystone.exception.UserNotFound from 203.0.113.9", "event.outcome", "failure")
	ontap := "<14>Mar  2 08:00:02 na1-01: na1-01: 00000030.00c8f1e3 11e53480 Mon Mar 02 2026 08:00:02 +00:00 [kern_audit:info:3167] 8004b7000021e73c :: na1:ssh :: 192.0.2.7:56734 :: na1:admin :: "
	f(ontap+"security login create -user-or-group-name eve -application ssh -authentication-method password :: Success", "user.target.name", "eve")
	f(ontap+"security login show -user-or-group-name eve :: Success", "user.target.name", "")
	f(`type=EXECVE msg=audit(1777622400.123:4711): argc=3 a0="nc" a1="203.0.113.9" a2="4444"`, "process.command_line", "nc 203.0.113.9 4444")
}
