package simulate

import (
	"time"
)

// azureCall is an operation of Azure; properties and identity are its objects.
func (d *day) azureCall(at time.Time, operation, category, properties, who string) {
	d.say("Azure", at, `{"time":"%s","resourceId":"/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1","operationName":"%s","category":"%s","resultType":"Success","resultSignature":"Succeeded.","durationMs":12,"callerIpAddress":"%s","correlationId":"c-%d","level":"Information","properties":{%s},"identity":{"authorization":{"scope":"/subscriptions/s-1","action":"x"},"claims":{"name":"%s","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"%[7]s@office.example"}}}`,
		at.Format("2006-01-02T15:04:05.0000000Z"), operation, category, publicIP, d.id(), properties, who)
}

// azure: a roll-out, machines that start and stop by plan, backups, an application that reads its secrets.
func (d *day) azure() {
	for h := 9; h < 18; h += 3 {
		for i, op := range []string{
			"MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE", "MICROSOFT.NETWORK/VIRTUALNETWORKS/WRITE", "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE", "MICROSOFT.COMPUTE/DISKS/WRITE",
			"MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/WRITE", "MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE", "MICROSOFT.COMPUTE/SNAPSHOTS/WRITE", "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE",
		} {
			d.azureCall(oclock(h, i), op, "Administrative", "", "pipeline")
		}
	}
	for range 30 {
		d.azureCall(d.inOffice(), "MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION", "Administrative", "", "scheduler")
		d.azureCall(d.inOffice(), "SecretGet", "AuditEvent", `"requestUri":"https://kv.example.net/secrets/db","clientInfo":"app","httpStatusCode":200`, "app")
	}
	for n := range 4 { // retention of snapshots
		d.azureCall(oclock(3, n), "MICROSOFT.COMPUTE/SNAPSHOTS/DELETE", "Administrative", "", "backup")
	}
	d.azureCall(oclock(10, 15), "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE", "Administrative", "", d.office.admins[0].name)
	d.azureCall(oclock(10, 40), "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", "Administrative", "", "pipeline")
	d.azureCall(oclock(11, 0), "MICROSOFT.COMPUTE/VIRTUALMACHINES/EXTENSIONS/WRITE", "Administrative", "", "policy")
}

// gcp: a roll-out of a project, a cluster that changes its own firewall, and people who read.
func (d *day) gcp() {
	call := func(at time.Time, service, method, resource, who, more string) {
		d.say("Google Cloud", at, `{"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","authenticationInfo":{"principalEmail":"%s"},"requestMetadata":{"callerIp":"%s","callerSuppliedUserAgent":"terraform"},"serviceName":"%s.googleapis.com","methodName":"%s","resourceName":"%s","status":{},"authorizationInfo":[{"permission":"x.y.z","granted":true,"resource":"%[5]s","resourceAttributes":{}}]%s},"insertId":"ins%d","resource":{"type":"project","labels":{"project_id":"shop"}},"timestamp":"%s","severity":"NOTICE","logName":"projects/shop/logs/cloudaudit.googleapis.com%%2Factivity","receiveTimestamp":"%[8]s"}`,
			who, publicIP, service, method, resource, more, d.id(), at.Format("2006-01-02T15:04:05.000000Z"))
	}
	deploy := "deploy@shop.iam.gserviceaccount.example"
	for h := 9; h < 18; h += 3 {
		for i, m := range [][3]string{
			{"compute", "v1.compute.instances.insert", "projects/shop/zones/z/instances/web"},
			{"compute", "v1.compute.firewalls.insert", "projects/shop/global/firewalls/web"},
			{"storage", "storage.buckets.create", "projects/_/buckets/shop"},
			{"container", "google.container.v1.ClusterManager.UpdateCluster", "projects/shop/clusters/c"},
			{"logging", "google.logging.v2.ConfigServiceV2.CreateSink", "projects/shop/sinks/audit"},
			{"run", "google.cloud.run.v2.Services.UpdateService", "projects/shop/services/web"},
		} {
			call(oclock(h, i*2), m[0], m[1], m[2], deploy, "")
		}
	}
	for n := range 6 {
		call(oclock(8+n, 33), "compute", "v1.compute.firewalls.patch", "projects/shop/global/firewalls/k8s-fw", "service-1@container-engine-robot.iam.gserviceaccount.com", "")
	}
	call(oclock(10, 0), "cloudresourcemanager", "SetIamPolicy", "projects/shop", d.office.admins[0].name+"@office.example", `,"serviceData":{"policyDelta":{"bindingDeltas":[{"action":"ADD","role":"roles/viewer","member":"user:newcomer@office.example"}]}}`)
	call(oclock(15, 0), "cloudresourcemanager", "SetIamPolicy", "projects/play", d.office.admins[0].name+"@office.example", `,"serviceData":{"policyDelta":{"bindingDeltas":[{"action":"ADD","role":"roles/editor","member":"user:newcomer@office.example"}]}}`)
}

// applicationFirewall: what the Core Rule Set finds in honest requests.
func (d *day) applicationFirewall() {
	for n := range 60 {
		at, messages := d.inOffice(), ""
		if n%10 == 0 {
			messages = `{"message":"Restricted SQL Character Anomaly Detection (args)","details":{"match":"x","ruleId":"942430","file":"REQUEST-942.conf","severity":"4","ver":"OWASP_CRS/4.0.0"}}`
		}
		d.say("Web firewall", at, `{"transaction":{"client_ip":"%s","time_stamp":"%s","server_id":"s","client_port":40001,"host_ip":"203.0.113.8","host_port":443,"unique_id":"u%d","request":{"method":"POST","http_version":1.1,"uri":"/feedback","headers":{"Host":"www.office.example","User-Agent":"%s"}},"response":{"http_code":200,"headers":{"Content-Type":"text/html"}},"producer":{"modsecurity":"ModSecurity v3.0.12 (Linux)","connector":"ModSecurity-nginx v1.0.3","secrules_engine":"Enabled","components":["OWASP_CRS/4.0.0"]},"messages":[%s]}}`,
			internet(d.rng), at.Format(time.ANSIC), d.id(), agents[n%len(agents)], messages)
	}
}
