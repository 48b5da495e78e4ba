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
