package simulate

import (
	"fmt"
	"net/netip"
	"time"
)

// m365 is an event of the audit log; more begins with a comma.
func (d *day) m365(at time.Time, u, workload, operation string, ip netip.Addr, more string) {
	d.say("Microsoft 365", at, `{"CreationTime":"%s","Id":"00000000-0000-4000-8000-%012d","Operation":"%s","OrganizationId":"11111111-2222-4333-8444-555555555555","RecordType":6,"ResultStatus":"Succeeded","UserKey":"1003","UserType":0,"Version":1,"Workload":"%s","ClientIP":"%s","UserId":"%s"%s}`,
		at.Format("2006-01-02T15:04:05"), d.id(), operation, workload, ip, u, more)
}

// microsoft365: mail is read, files are worked on, synchronized and tidied.
func (d *day) microsoft365() {
	file := func(u person, dir string, n int) string {
		return fmt.Sprintf(`,"ObjectId":"https://office.example/personal/%s/%s/report %d.docx","SourceFileName":"report %[3]d.docx","SiteUrl":"https://office.example/personal/%[1]s/"`, u.name, dir, n)
	}
	for i, u := range d.office.users {
		name := u.name + "@office.example"
		for n := range 6 {
			op := []string{"FileAccessed", "FileModified", "FileSyncDownloadedFull", "FileUploaded", "FileDeleted", "FileDownloaded"}[n]
			d.m365(d.inOffice(), name, "OneDrive", op, publicIP, file(u, "Documents", d.rng.IntN(500)))
		}
		d.m365(d.inOffice(), name, "Exchange", "MailItemsAccessed", publicIP, `,"OperationProperties":[{"Name":"MailAccessType","Value":"Bind"}]`)
		if i%20 == 0 {
			d.m365(d.inOffice(), name, "SharePoint", "AnonymousLinkCreated", publicIP, file(u, "Shared", i))
			d.m365(d.inOffice(), name, "Exchange", "New-InboxRule", publicIP, `,"Parameters":[{"Name":"Name","Value":"Build"},{"Name":"From","Value":"ci@office.example"},{"Name":"MoveToFolder","Value":"Builds"},{"Name":"MarkAsRead","Value":"True"}]`)
		}
	}
	tidy, begin := d.office.users[44], oclock(16, 40)
	for n := range 55 { // a folder is moved: deleted here, uploaded there
		d.m365(begin.Add(time.Duration(n)*300*time.Millisecond), tidy.name+"@office.example", "OneDrive", "FileRecycled", publicIP, file(tidy, "Old", n))
	}
	news := d.office.users[45].name + "@office.example"
	d.m365(oclock(9, 20), news, "Exchange", "New-InboxRule", publicIP, `,"Parameters":[{"Name":"Name","Value":"Newsletters"},{"Name":"SubjectContainsWords","Value":"newsletter"},{"Name":"MoveToFolder","Value":"Archive"},{"Name":"MarkAsRead","Value":"True"}]`)
	d.m365(oclock(9, 25), "NT AUTHORITY\\\\SYSTEM (Microsoft.Exchange.ServiceHost)", "Exchange", "Add-MailboxPermission", publicIP, `,"Parameters":[{"Name":"Identity","Value":"team1"},{"Name":"User","Value":"Exchange Servers"},{"Name":"AccessRights","Value":"FullAccess"}]`)
	d.m365(oclock(9, 26), news, "Exchange", "Add-MailboxFolderPermission", publicIP, `,"Parameters":[{"Name":"Identity","Value":"news:\\Calendar"},{"Name":"User","Value":"vera"},{"Name":"AccessRights","Value":"Reviewer"}]`)
	d.m365(oclock(10, 0), d.office.admins[0].name+"@office.example", "Exchange", "Add-MailboxPermission", publicIP, `,"Parameters":[{"Name":"Identity","Value":"invoices"},{"Name":"User","Value":"vera"},{"Name":"AccessRights","Value":"FullAccess"}]`)
	for n := range 60 { // retention
		d.m365(oclock(2, 0).Add(time.Duration(n)*time.Second), "app@sharepoint", "SharePoint", "FileDeleted", publicIP, file(tidy, "Retained", n))
	}
}

// github: people and robots at work on thirty repositories.
func (d *day) github() {
	say := func(at time.Time, actor, action, more string) {
		d.say("GitHub", at, `{"@timestamp":%d,"_document_id":"g%d","action":"%s","actor":"%s","actor_id":7,"actor_ip":"%s","created_at":%d,"org":"example","org_id":99,"user_agent":"git/2.47.0"%s}`,
			at.UnixMilli(), d.id(), action, actor, publicIP, at.UnixMilli(), more)
	}
	repo := func(key string, n int) string { return fmt.Sprintf(`,"%s":"example/service-%d"`, key, n) }
	for _, u := range d.office.users[:25] {
		say(d.inOffice(), u.name, "git.clone", repo("repository", d.rng.IntN(30)))
		say(d.inOffice(), u.name, "git.fetch", repo("repository", d.rng.IntN(30)))
		say(d.inOffice(), u.name, "git.push", repo("repository", d.rng.IntN(30)))
		say(d.inOffice(), u.name, "pull_request.create", repo("repo", d.rng.IntN(30)))
		say(d.inOffice(), u.name, "pull_request.merge", repo("repo", d.rng.IntN(30)))
	}
	for n := range 30 { // at night everything is built, looked through for updates, and mirrored
		at := oclock(3, 0).Add(time.Duration(n) * 12 * time.Second)
		say(at, "github-actions[bot]", "git.clone", repo("repository", n))
		say(at, "github-actions[bot]", "workflows.completed_workflow_run", repo("repo", n))
		say(at, "dependabot[bot]", "git.fetch", repo("repository", n))
		say(at, "dependabot[bot]", "pull_request.create", repo("repo", n))
		say(at.Add(2*time.Hour), "mirror-service", "git.fetch", repo("repository", n))
	}
	admin := d.office.admins[3].name
	say(oclock(9, 12), admin, "org.add_member", `,"user":"newcomer","permission":"read"`)
	say(oclock(9, 30), "newcomer", "public_key.create", `,"title":"laptop"`)
	say(oclock(11, 2), admin, "repo.create", repo("repo", 31)+`,"visibility":"private"`)
	say(oclock(11, 3), admin, "protected_branch.create", repo("repo", 31))
	say(oclock(17, 20), admin, "protected_branch.policy_override", repo("repo", 4))
	say(oclock(17, 30), admin, "repo.register_self_hosted_runner", repo("repo", 4))
}

// awsCall is a call as CloudTrail records it; an empty mistake is none.
func (d *day) awsCall(at time.Time, identity, service, name, from, request, mistake string) {
	if mistake != "" {
		mistake = fmt.Sprintf(`,"errorCode":"%s","errorMessage":"not authorized"`, mistake)
	}
	d.say("CloudTrail", at, `{"eventVersion":"1.09","userIdentity":%s,"eventTime":"%s","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"eu-central-1","sourceIPAddress":"%s","userAgent":"APN/1.0 HashiCorp/1.0 Terraform/1.9.8","requestParameters":%s,"responseElements":null,"requestID":"7c2f3a10-0000-4000-8000-%012d","eventID":"5d0a91c4-0000-4000-8000-%012d","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"%s}`,
		identity, stampSeconds(at), service, name, from, request, d.id(), d.ids, mistake)
}

// awsRole is the identity of a role's session.
func awsRole(role, session, by string) string {
	invoked := ""
	if by != "" {
		invoked = fmt.Sprintf(`,"invokedBy":"%s"`, by)
	}
	return fmt.Sprintf(`{"type":"AssumedRole","principalId":"AROAEXAMPLE%d:%s","arn":"arn:aws:sts::111122223333:assumed-role/%s/%[2]s","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE%[1]d","arn":"arn:aws:iam::111122223333:role/%[3]s","accountId":"111122223333","userName":"%[3]s"}}%s}`,
		len(role), session, role, invoked)
}

// cloudTrail: a pipeline rolls out, people look around in the console.
func (d *day) cloudTrail() {
	deploy, ci := awsRole("deploy", "terraform", ""), publicIP.String()
	for hour := 9; hour < 18; hour += 2 {
		at := oclock(hour, 40)
		for i, c := range [][3]string{
			{"ec2", "DescribeInstances", `{}`},
			{"ec2", "CreateSecurityGroup", `{"groupName":"app","vpcId":"vpc-1"}`},
			{"ec2", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]}}]}}`},
			{"ec2", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-2","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}}`},
			{"iam", "CreateRole", `{"roleName":"app"}`},
			{"iam", "PutRolePolicy", `{"roleName":"app","policyName":"read","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"],\"Resource\":\"*\"}]}"}`},
			{"iam", "CreatePolicyVersion", `{"policyArn":"arn:aws:iam::111122223333:policy/app","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"*\"}]}","setAsDefault":true}`},
			{"iam", "UpdateAssumeRolePolicy", `{"roleName":"app","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ecs-tasks.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}`},
			{"s3", "PutBucketPolicy", `{"bucketName":"logs","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}}`},
			{"s3", "PutBucketVersioning", `{"bucketName":"logs","VersioningConfiguration":{"Status":"Enabled"}}`},
			{"kms", "EnableKeyRotation", `{"keyId":"k-1"}`},
			{"lambda", "UpdateFunctionCode20150331v2", `{"functionName":"resize"}`},
		} {
			d.awsCall(at.Add(time.Duration(i)*2*time.Second), deploy, c[0], c[1], ci, c[2], "")
		}
	}
	for i, op := range []string{"DescribeInstances", "ListBuckets", "GetCostAndUsage", "DescribeAlarms", "ListFunctions20150331", "DescribeDBInstances", "ListKeys", "DescribeTrails"} {
		d.awsCall(oclock(10, 20).Add(time.Duration(i)*4*time.Second), awsRole("reader", d.office.users[9].name, ""), "ec2", op, ci, `{}`, "AccessDenied")
	}
	for i, u := range d.office.users[:12] {
		who := fmt.Sprintf(`{"type":"IAMUser","principalId":"AIDA%d","arn":"arn:aws:iam::111122223333:user/%s","accountId":"111122223333","userName":"%[2]s"}`, i, u.name)
		at := d.inMorning()
		for range d.mistypes() {
			d.say("CloudTrail", at, `{"eventVersion":"1.09","userIdentity":%s,"eventTime":"%s","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"eu-central-1","sourceIPAddress":"%s","userAgent":"%s","requestParameters":null,"responseElements":{"ConsoleLogin":"Failure"},"errorMessage":"Failed authentication","eventID":"c-%d","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333","additionalEventData":{"MFAUsed":"No"}}`, who, stampSeconds(at), ci, agents[0], d.id())
			at = at.Add(d.soon())
		}
		d.say("CloudTrail", at, `{"eventVersion":"1.09","userIdentity":%s,"eventTime":"%s","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"eu-central-1","sourceIPAddress":"%s","userAgent":"%s","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"eventID":"c-%d","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333","additionalEventData":{"MFAUsed":"Yes"}}`, who, stampSeconds(at), ci, agents[0], d.id())
	}
}

// cloudTrailServices: what services of AWS and programs in it do by themselves.
func (d *day) cloudTrailServices() {
	for i := range 48 {
		at := oclock(i/2, i%2*30)
		d.awsCall(at, awsRole("AWSServiceRoleForAutoScaling", "AutoScaling", "autoscaling.amazonaws.com"), "ec2", pick(d.rng, []string{"RunInstances", "TerminateInstances"}), "autoscaling.amazonaws.com", `{"instanceType":"m7i.large"}`, "")
		d.awsCall(at.Add(time.Minute), awsRole("node", fmt.Sprintf("i-0123456789abcdef%d", i%4), ""), "ec2", "DescribeTags", fmt.Sprintf("52.58.10.%d", 4+i%4), `{}`, "")
		d.awsCall(at.Add(2*time.Minute), awsRole("AWSServiceRoleForConfig", "configLambdaExecution", "config.amazonaws.com"), "s3", "GetBucketPolicy", "config.amazonaws.com", `{"bucketName":"logs"}`, "")
	}
	for n := range 12 { // the operator that copies secrets into the cluster asks for all that are used there
		d.awsCall(oclock(6, 0).Add(time.Duration(n)*time.Second), awsRole("external-secrets", "operator", ""), "secretsmanager", "GetSecretValue", "52.58.10.9", fmt.Sprintf(`{"secretId":"app/%d"}`, n), "")
	}
	backup := awsRole("AWSBackupDefaultServiceRole", "AWSBackup-AWSBackupDefaultServiceRole", "backup.amazonaws.com")
	for n := range 6 { // what is older than the plan keeps
		at := oclock(5, 10).Add(time.Duration(n) * time.Minute)
		d.awsCall(at, backup, "rds", "DeleteDBSnapshot", "backup.amazonaws.com", fmt.Sprintf(`{"dBSnapshotIdentifier":"awsbackup:job-%d"}`, n), "")
		d.awsCall(at.Add(time.Second), backup, "backup", "DeleteRecoveryPoint", "backup.amazonaws.com", fmt.Sprintf(`{"backupVaultName":"Default","recoveryPointArn":"arn:aws:ec2:eu-central-1::snapshot/snap-%d"}`, n), "")
	}
}

// kubeCall is a line of the API server's audit log.
func (d *day) kubeCall(at time.Time, user, verb, resource, sub, namespace, name, query, request string) {
	path := "/api/v1/"
	if namespace != "" {
		path += "namespaces/" + namespace + "/"
	}
	path += resource
	if name != "" {
		path += "/" + name
	}
	if sub != "" {
		path += "/" + sub
		sub = fmt.Sprintf(`,"subresource":"%s"`, sub)
	}
	if namespace != "" {
		namespace = fmt.Sprintf(`,"namespace":"%s"`, namespace)
	}
	if request != "" {
		request = `,"requestObject":` + request
	}
	d.say("Kubernetes", at, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"%08d-0000-4000-8000-000000000000","stage":"ResponseComplete","requestURI":"%s%s","verb":"%s","user":{"username":"%s","groups":["system:authenticated"]},"sourceIPs":["10.10.0.40"],"userAgent":"kubectl/v1.31.0","objectRef":{"resource":"%s"%s,"name":"%s","apiVersion":"v1"%s},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"%[10]s","stageTimestamp":"%[10]s","annotations":{"authorization.k8s.io/decision":"allow"}%[11]s}`,
		d.id(), path, query, verb, user, resource, namespace, name, sub, at.Format("2006-01-02T15:04:05.000000Z"), request)
}

// kubernetes: controllers, a pipeline, a cluster that grows by a node, and somebody who looks
// why a program does not start.
func (d *day) kubernetes() {
	for i := range 96 {
		at := oclock(i/4, i%4*15)
		d.kubeCall(at, "system:node:node1", "get", "secrets", "", "shop", "tls", "", "")
		d.kubeCall(at, "system:kube-controller-manager", "list", "secrets", "", "", "", "?limit=500", "")
		d.kubeCall(at, "system:serviceaccount:cert-manager:cert-manager", "watch", "secrets", "", "", "", "?watch=true", "")
		d.kubeCall(at, "system:serviceaccount:monitoring:prometheus", "list", "pods", "", "", "", "", "")
	}
	for n := range 8 {
		d.kubeCall(oclock(6, 0).Add(time.Duration(n)*time.Second), "system:serviceaccount:external-secrets:operator", "get", "secrets", "", fmt.Sprintf("team-%d", n), "db", "", "")
	}
	agent := `{"kind":"Pod","spec":{"hostNetwork":true,"hostPID":true,"containers":[{"name":"node-exporter"}],"volumes":[{"name":"root","hostPath":{"path":"/","type":""}}]}}`
	app := `{"kind":"Pod","spec":{"containers":[{"name":"shop","image":"registry.office.example/shop:1.4"}],"volumes":[{"name":"config","configMap":{"name":"shop"}}]}}`
	for n := range 3 {
		d.kubeCall(oclock(9+n*3, 2), "system:serviceaccount:kube-system:daemon-set-controller", "create", "pods", "", "monitoring", "", "", agent)
		d.kubeCall(oclock(9+n*3, 3), "system:serviceaccount:kube-system:replicaset-controller", "create", "pods", "", "shop", "", "", app)
		d.kubeCall(oclock(9+n*3, 1), "system:serviceaccount:ci:deployer", "patch", "deployments", "", "shop", "shop", "", "")
	}
	admin := d.office.admins[4].name + "@office.example"
	for n := range 20 {
		d.kubeCall(oclock(10, 10).Add(time.Duration(n)*20*time.Second), admin, pick(d.rng, []string{"get", "list"}), pick(d.rng, []string{"pods", "deployments", "events", "services"}), "", "shop", "", "", "")
	}
	d.kubeCall(oclock(10, 20), admin, "get", "pods", "log", "shop", "shop-1", "", "")
	d.kubeCall(oclock(10, 21), admin, "create", "pods", "exec", "shop", "shop-1", "?command=sh&stdin=true&tty=true", "")
	d.kubeCall(oclock(10, 30), admin, "list", "secrets", "", "", "", "?labelSelector=owner%3Dhelm", "") // helm list -A
}
