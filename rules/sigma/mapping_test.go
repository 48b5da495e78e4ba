package sigma

import (
	"os"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/rules"
	"sluice/schemas"
)

// matches holds that a rule over a log source matches a document, or does not.
func matches(t *testing.T, tr *Translator, source, detection, doc string, want bool) {
	t.Helper()
	files := []rules.File{{Name: "test.yml", Text: []byte("title: T\nid: t\nlogsource: " + source + "\ndetection: {s: " + detection + ", condition: s}\n")}}
	schema, err := event.New(append(schemas.ECS(), tr.Fields(files, func(string) bool { return false })...))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(schema, files, rules.Options{Dialect: tr})
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	ev := event.NewEvent(schema)
	if err := new(normalize.Decoder).Decode(ev, []byte(doc)); err != nil {
		t.Fatal(err)
	}
	if got := len(set.NewMatcher().Match(ev, rules.Instant{Time: time.Unix(0, 0), ID: "1"})) == 1; got != want {
		t.Errorf("%s, %s on %s = %v", source, detection, doc, got)
	}
}

// TestShippedMapping asks one rule of each form of source, so that a name of the mapping
// that no field has is found.
func TestShippedMapping(t *testing.T) {
	tr, err := New(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	f := func(source, detection, doc string, want bool) {
		t.Helper()
		matches(t, tr, source, detection, doc, want)
	}
	web := `{"event":{"category":["web"]},"http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"original":"/x?cmd=whoami"}}`
	f("{category: webserver}", "{cs-method: GET, cs-uri-query|contains: 'cmd=', sc-status: 404}", web, true)
	f("{category: webserver}", "{cs-method: POST}", web, false)
	f("{category: dns}", "{query|endswith: .example}", web, false)
	f("{category: dns}", "{query|endswith: .example, record_type: TXT}", `{"dns":{"question":{"name":"a.example","type":"TXT"}}}`, true)
	f("{category: firewall}", "{dst_port: 445, src_ip|cidr: 192.0.2.0/24}", `{"event":{"category":"network"},"network":{"transport":"tcp"},"source":{"ip":"192.0.2.9"},"destination":{"port":445}}`, true)
	f("{product: linux, service: sshd}", "['bad client']", `{"process":{"name":"sshd"},"message":"a bad client came"}`, true)
	f("{product: linux, service: sshd}", "['bad client']", `{"process":{"name":"su"},"message":"a bad client came"}`, false)
	trail := `{"event":{"dataset":"sluice.aws_cloudtrail","action":"StopLogging","provider":"cloudtrail.amazonaws.com"},"aws":{"cloudtrail":{"user_identity":{"type":"Root"}}}}`
	f("{product: aws, service: cloudtrail}", "{eventSource: cloudtrail.amazonaws.com, eventName: [StopLogging, DeleteTrail], userIdentity.type: Root}", trail, true)
	f("{product: aws, service: cloudtrail}", "{eventName: ConsoleLogin}", trail, false)
	f("{product: okta, service: okta}", "{eventtype: user.account.lock}", `{"event":{"dataset":"sluice.okta","action":"user.account.lock"}}`, true)
	f("{product: okta, service: okta}", "{eventtype: StopLogging}", trail, false)
	workspace := `{"event":{"dataset":"sluice.google_workspace","action":"GRANT_ADMIN_PRIVILEGE"},"cloud":{"service":{"name":"admin.googleapis.com"}}}`
	f("{product: gcp, service: google_workspace.admin}", "{eventService: admin.googleapis.com, eventName: GRANT_ADMIN_PRIVILEGE}", workspace, true)
	f("{product: gcp, service: google_workspace.admin}", "{eventService: admin.googleapis.com, eventName: DELETE_ROLE}", workspace, false)
	logging := `{"event":{"dataset":"sluice.gcp_audit","action":"google.login.LoginService.govAttackWarning"},"cloud":{"service":{"name":"login.googleapis.com"}},"gcp":{"audit":{"event_name":"gov_attack_warning"}}}`
	f("{product: gcp, service: google_workspace.login}", "{protoPayload.serviceName: login.googleapis.com, protoPayload.metadata.event.eventName: gov_attack_warning}", logging, true)
	f("{product: gcp, service: gcp.audit}", "{data.protoPayload.serviceName: login.googleapis.com}", logging, true)
	f("{product: azure, service: signinlogs}", "{ResultType: 50126}", `{"event":{"dataset":"sluice.entra_id","category":["authentication"],"code":"50126"}}`, true)
	proxy := `{"event":{"dataset":"sluice.squid_access"},"user_agent":{"original":"curl/8"}}`
	f("{category: proxy}", "{c-useragent|startswith: curl}", proxy, true)
	f("{category: proxy}", "{c-useragent|startswith: curl}", `{"event":{"dataset":"sluice.apache_access"},"user_agent":{"original":"curl/8"}}`, false)
	sysmon := `{"event":{"dataset":"sluice.sysmon_linux","code":"1"},"process":{"executable":"/usr/bin/nc","command_line":"nc -l"}}`
	f("{product: linux, category: process_creation}", "{Image|endswith: /nc, CommandLine|contains: -l}", sysmon, true)
	f("{product: linux, category: file_event}", "{Image|endswith: /nc}", sysmon, false)
	f("{product: linux}", "{Image|endswith: /nc}", sysmon, true)
	auditd := `{"event":{"dataset":"sluice.linux_auditd","action":"executed"},"process":{"executable":"/usr/bin/nc"},"auditd":{"log":{"record_type":"EXECVE"}}}`
	f("{product: linux, category: process_creation}", "{Image|endswith: /nc}", auditd, true)
	f("{product: linux, service: auditd}", "{type: execve, exe|endswith: /nc}", auditd, true)
	f("{product: kubernetes, category: application, service: audit}", "{verb: create, objectRef.resource: pods}", `{"event":{"dataset":"sluice.kubernetes_audit"},"kubernetes":{"audit":{"verb":"create","resource":"pods"}}}`, true)
	windows := `{"Event":{"System":{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Image":"C:\\a.exe"}}}`
	f("{product: windows, category: process_creation}", `{Image|endswith: '\a.exe'}`, windows, true)
	f("{product: windows, category: process_creation}", `{Image|endswith: '\b.exe'}`, windows, false)
	f("{product: windows, category: process_creation}", `{Image: 'C:\b.exe'}`, `{"EventID":"4688","Channel":"Security","NewProcessName":"C:\\b.exe"}`, true)
	f("{product: windows, category: dns_query}", `{QueryName: a.example}`, `{"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":22,"event_data":{"QueryName":"a.example"}}}`, true)
}

// TestOverlay: what a further mapping says takes the place of what is below it, and the
// rest stays.
func TestOverlay(t *testing.T) {
	const over = `
roots: [payload]
names: {Src: [client.ip], New: [user.name]}
sources:
- {product: mine, when: {event.dataset: mine}, names: {path: [url.path]}}
- {product: test, when: {event.dataset: tests}}
placeholders: {admins: [eve]}
`
	f := func(source, detection, doc string, want bool) {
		t.Helper()
		tr, err := New(rules.File{Name: "mapping.yml", Text: []byte(testMapping)}, rules.File{Name: "over.yml", Text: []byte(over)})
		if err != nil {
			t.Fatal(err)
		}
		matches(t, tr, "{product: "+source+"}", detection, doc, want)
	}
	f("mine", "{path: /x}", `{"event":{"dataset":"mine"},"url":{"path":"/x"}}`, true)
	f("all", "{path: /x}", `{"event":{"dataset":"mine"},"url":{"path":"/x"}}`, false) // the name is that source's own
	f("mine", "{path: /x}", `{"event":{"dataset":"other"},"url":{"path":"/x"}}`, false)
	f("test", "{Port: 22}", `{"event":{"dataset":"tests"},"source":{"port":22}}`, true)
	f("test", "{Port: 22}", `{"F":"x","source":{"port":22}}`, false)
	f("all", "{Src: 192.0.2.1}", `{"client":{"ip":"192.0.2.1"}}`, true)
	f("all", "{Src: 192.0.2.1}", `{"source":{"ip":"192.0.2.1"}}`, false)
	f("all", "{New: eve, New|expand: '%admins%'}", `{"user":{"name":"eve"}}`, true)
	f("all", "{Odd: 1}", `{"payload":{"Odd":"1"}}`, true)
}

// TestMappingFaults: each fault of a mapping is told with its place.
func TestMappingFaults(t *testing.T) {
	f := func(over, want string) {
		t.Helper()
		_, err := New(Shipped(), rules.File{Name: "over.yml", Text: []byte(over)})
		if err == nil || !strings.Contains(err.Error(), "over.yml:"+want) {
			t.Errorf("%s: got %v, want %s", over, err, want)
		}
	}
	f("source: []", "1:1: unknown key source; did you mean sources?")
	f("names: [a]", "1:8: ")
	f("sources:\n- {product: x, wehn: {F: x}}", "2:16: unknown key wehn; did you mean when?")
	f("sources:\n- {product: x}", "2:3: the source x has no when")
	f("sources:\n- {when: {F: x}}", "2:3: a source has product, category or service")
	f("sources:\n- {product: x, when: {F: x}}\n- {product: x, when: {F: y}}", "3:3: the source x is there twice")
	f("sources:\n- {product: x, when: {F|endwith: x}}", `2:23: unknown modifier "endwith"; did you mean endswith?`)
	f("sources:\n- {product: x, when: {F: [}}", "2:")
	f("names: {User: ''}", "1:15: expected the name of a field of events")
	f("names: {User: [user.name, '']}", "1:27: expected the name of a field of events")
	f("names: {User: user.nmae}", "1:15: ECS has no field user.nmae; did you mean user.name?")
	f("first: {User: user.nmae}", "1:15: ECS has no field user.nmae")
	f("sources:\n- {product: x, when: {F: x}, names: {User: sorce.ip, Host: host.nam}}", "2:60: ECS has no field host.nam; did you mean host.name?")
	f("a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\n", "")
}

// TestShippedMappingChecked: what is checked of others' mappings holds for ours.
func TestShippedMappingChecked(t *testing.T) {
	if _, err := New(rules.File{Name: "empty.yml", Text: []byte("roots: []")}, Shipped()); err != nil {
		t.Error(err)
	}
}

// TestMappingDocs: the mapping in docs/rules.md is one.
func TestMappingDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n### Mapping\n")
	_, text, ok := strings.Cut(section, "\n```yml\n")
	text, _, _ = strings.Cut(text, "\n```\n")
	if _, err := New(Shipped(), rules.File{Name: "docs/rules.md", Text: []byte(text)}); !ok || err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
