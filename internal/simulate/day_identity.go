package simulate

import (
	"fmt"
	"net/netip"
	"time"
)

// entraSignIn is a sign-in to Entra with its code; 0 is that it succeeds.
func (d *day) entraSignIn(at time.Time, u person, ip netip.Addr, app, client string, code int, reason, more string) {
	d.say("Entra ID", at, `{"id":"s-%d","createdDateTime":"%s","userDisplayName":"%s","userPrincipalName":"%s@office.example","userId":"u-%s","appId":"a-%d","appDisplayName":"%s","ipAddress":"%s","clientAppUsed":"%s","correlationId":"c-%d","conditionalAccessStatus":"success","isInteractive":true,"riskState":"none","riskLevelDuringSignIn":"none","resourceDisplayName":"Microsoft Graph","status":{"errorCode":%d,"failureReason":"%s"},"deviceDetail":{"displayName":"PC-%d","operatingSystem":"Windows 11","browser":"Edge 131"},"location":{"city":"Bonn"}%s}`,
		d.id(), stampSeconds(at), title(u.name), u.name, u.name, len(app), app, ip, client, d.ids, code, reason, u.mac[5], more)
}

// entra: everybody signs in, most are asked for the factor first (which Entra writes as an
// error that is none), some mistype the password or the code, and programs sign in too.
func (d *day) entra() {
	for i, u := range d.office.users {
		at, ip := d.inMorning(), publicIP
		if i%4 == 0 {
			ip = home(i)
		}
		for range d.mistypes() {
			d.entraSignIn(at, u, ip, "Office 365 Exchange Online", "Browser", 50126, "Invalid username or password or Invalid on-premise username or password.", "")
			at = at.Add(d.soon())
		}
		d.entraSignIn(at, u, ip, "Office 365 Exchange Online", "Browser", 50074, "User did not pass the MFA challenge (strong authentication is required).", "")
		at = at.Add(d.soon())
		for n := d.rng.IntN(30); n > 26; n-- {
			d.entraSignIn(at, u, ip, "Office 365 Exchange Online", "Browser", 500121, "Authentication failed during strong authentication request.", "")
			at = at.Add(20 * time.Second)
		}
		d.entraSignIn(at, u, ip, "Office 365 Exchange Online", "Browser", 50140, "This occurred due to 'Keep me signed in' interrupt when the user was signing-in.", "")
		d.entraSignIn(at.Add(time.Second), u, ip, "Office 365 Exchange Online", "Browser", 0, "Other.", "")
		for range 3 {
			d.entraSignIn(d.inOffice(), u, ip, pick(d.rng, []string{"Microsoft Teams", "SharePoint Online", "Expenses", "OneDrive"}), "Mobile Apps and Desktop clients", 0, "Other.", "")
		}
	}
	// A token of a phone is refused when its password was changed: the phone asks again at once.
	phone := d.office.users[33]
	for i := range 4 {
		d.entraSignIn(oclock(9, 40).Add(time.Duration(i)*70*time.Second), phone, home(33), "Apple Internet Accounts", "Mobile Apps and Desktop clients", 50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed.", "")
	}
	room := person{name: "meetingroom4"}
	d.entraSignIn(oclock(7, 30), room, publicIP, "Microsoft Teams Rooms", "Mobile Apps and Desktop clients", 0, "Other.", `,"authenticationProtocol":"deviceCode"`)
	for h := range 24 {
		at := oclock(h, 5)
		d.say("Entra ID", at, `{"id":"p-%d","createdDateTime":"%s","servicePrincipalName":"backup-agent","servicePrincipalId":"sp-1","appId":"a-9","ipAddress":"%s","status":{"errorCode":0},"resourceDisplayName":"Microsoft Graph"}`, d.id(), stampSeconds(at), publicIP)
	}
}

// entraAdministration: what the help desk and the programs of the directory do.
func (d *day) entraAdministration() {
	act := func(at time.Time, by, activity, category, target string) {
		d.say("Entra ID", at, `{"id":"Directory_%d","activityDateTime":"%s","activityDisplayName":"%s","category":"%s","correlationId":"c-%d","initiatedBy":%s,"loggedByService":"Core Directory","operationType":"Update","result":"success","resultReason":"","targetResources":[%s],"additionalDetails":[]}`,
			d.id(), stampMillis(at), activity, category, d.ids, by, target)
	}
	admin := fmt.Sprintf(`{"user":{"id":"u-%s","displayName":"%s","userPrincipalName":"%[1]s@office.example","ipAddress":"%s"}}`, d.office.admins[0].name, title(d.office.admins[0].name), publicIP)
	app := func(name string) string {
		return fmt.Sprintf(`{"app":{"displayName":"%s","servicePrincipalId":"sp-%d"}}`, name, len(name))
	}
	user := func(name string) string {
		return fmt.Sprintf(`{"id":"u-%s","userPrincipalName":"%[1]s@office.example","displayName":"%s","type":"User"}`, name, title(name))
	}
	for i := range 8 {
		u := d.office.users[20+i].name
		act(d.inOffice(), admin, "Reset user password", "UserManagement", user(u))
		act(d.inOffice(), app("Microsoft Entra Connect Sync"), "Update user", "UserManagement", user(u))
		act(d.inOffice(), app("Device Registration Service"), "Register device", "Device", `{"id":"d-1","displayName":"PC-7","type":"Device"}`)
		act(d.inOffice(), app("Microsoft Approval Management"), "Add member to group", "GroupManagement", user(u))
	}
	act(oclock(8, 20), admin, "Add user", "UserManagement", user("newcomer"))
	act(oclock(8, 21), admin, "Add member to group", "GroupManagement", user("newcomer"))
	act(oclock(10, 5), `{"user":{"id":"u-newcomer","displayName":"Newcomer","userPrincipalName":"newcomer@office.example","ipAddress":"203.0.113.5"}}`, "User registered security info", "UserManagement", user("newcomer"))
	act(oclock(9, 0), admin, "Add member to role completed (PIM activation)", "RoleManagement", `{"id":"r-1","displayName":"User Administrator","type":"Role"},`+user(d.office.admins[0].name))
	act(oclock(9, 0).Add(time.Second), app("MS-PIM"), "Add member to role", "RoleManagement", `{"id":"r-1","displayName":"User Administrator","type":"Role"},`+user(d.office.admins[0].name))
	act(oclock(11, 30), admin, "Update application – Certificates and secrets management ", "ApplicationManagement", `{"id":"app-4","displayName":"Expenses","type":"Application"}`)
	act(oclock(11, 31), admin, "Update application", "ApplicationManagement", `{"id":"app-4","displayName":"Expenses","type":"Application"}`)
	act(oclock(14, 10), admin, "Consent to application", "ApplicationManagement", `{"id":"sp-77","displayName":"Whiteboard","type":"ServicePrincipal"}`)
}

// oktaEvent is an event of Okta by the user's browser.
func (d *day) oktaEvent(at time.Time, u person, ip netip.Addr, place, event, result, reason, agent, factor, target string) {
	if factor != "" {
		factor = fmt.Sprintf(`,"factor":"%s"`, factor)
	}
	d.say("Okta", at, `{"uuid":"00000000-0000-4000-8000-%012d","published":"%s","eventType":"%s","version":"0","severity":"INFO","displayMessage":"%s","actor":{"id":"00u%s","type":"User","alternateId":"%[5]s@office.example","displayName":"%[6]s"},"client":{"userAgent":{"rawUserAgent":"%s","os":"Windows","browser":"CHROME"},"zone":"null","device":"Computer","ipAddress":"%s","geographicalContext":{"country":"Germany",%s}},"authenticationContext":{"externalSessionId":"s-%[5]s-%[8]s"},"outcome":{"result":"%[10]s","reason":%s},"securityContext":{"isProxy":false},"debugContext":{"debugData":{"requestUri":"/api/v1/authn","threatSuspected":"false"%s}},"transaction":{"type":"WEB","id":"t%d"},"target":%s,"request":{"ipChain":[{"ip":"%[8]s","version":"V4"}]}}`,
		d.id(), stampMillis(at), event, event, u.name, title(u.name), agent, ip, place, result, reason, factor, d.ids, target)
}

// Where addresses lie.
const (
	bonn   = `"city":"Bonn","geolocation":{"lat":50.73,"lon":7.10}`
	munich = `"city":"Munich","geolocation":{"lat":48.13,"lon":11.58}`
	london = `"city":"London","geolocation":{"lat":51.51,"lon":-0.13}`
)

// okta: a password, a push or code, and applications one after the other.
func (d *day) okta() {
	apps := []string{"Mail", "Wiki", "Expenses", "Tickets", "Payroll", "Chat", "Travel", "Source", "Boards", "Vault", "Phone", "Library", "Canteen"}
	app := func(n int) string {
		return fmt.Sprintf(`[{"id":"0oa%d","type":"AppInstance","alternateId":"%s","displayName":"%[2]s"}]`, n, apps[n])
	}
	for i, u := range d.office.users {
		at, ip, agent := d.inMorning(), publicIP, pick(d.rng, agents)
		if i%5 == 0 {
			ip = home(i)
		}
		for range d.mistypes() {
			d.oktaEvent(at, u, ip, bonn, "user.session.start", "FAILURE", `"INVALID_CREDENTIALS"`, agent, "", "null")
			at = at.Add(d.soon())
		}
		factor := pick(d.rng, []string{"OKTA_VERIFY_PUSH", "GOOGLE_OTP"})
		for range d.mistypes() { // a code too late, a push that nobody saw
			d.oktaEvent(at, u, ip, bonn, "user.authentication.auth_via_mfa", "FAILURE", `"INVALID_CREDENTIALS"`, agent, factor, "null")
			at = at.Add(30 * time.Second)
		}
		d.oktaEvent(at, u, ip, bonn, "user.authentication.auth_via_mfa", "SUCCESS", "null", agent, factor, "null")
		d.oktaEvent(at.Add(time.Second), u, ip, bonn, "user.session.start", "SUCCESS", "null", agent, "", "null")
		for n := range 5 {
			d.oktaEvent(at.Add(time.Duration(n)*time.Hour+d.soon()), u, ip, bonn, "user.authentication.sso", "SUCCESS", "null", agent, "", app(d.rng.IntN(len(apps))))
		}
	}
	// Who signs in by phone on the way to lunch leaves through the carrier: in another city, or
	// with a card from abroad in another country.
	for i, u := range d.office.users[50:53] {
		d.oktaEvent(oclock(12, 10), u, home(150), []string{munich, munich, london}[i], "user.session.start", "SUCCESS", "null", agents[3], "", "null")
		d.oktaEvent(oclock(12, 11), u, publicIP, bonn, "user.authentication.auth_via_mfa", "SUCCESS", "null", agents[0], "GOOGLE_OTP", "null")
	}
	// A browser that was restarted opens its tabs again, one that was updated has a new name.
	u := d.office.users[60]
	for n := range apps {
		d.oktaEvent(oclock(13, 0).Add(time.Duration(n)*time.Second), u, publicIP, bonn, "user.authentication.sso", "SUCCESS", "null", agents[0], "", app(n))
	}
	u = d.office.users[61]
	d.oktaEvent(oclock(15, 0), u, publicIP, bonn, "user.authentication.sso", "SUCCESS", "null", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36", "", app(1))
	reset := `[{"id":"00unew","type":"User","alternateId":"newphone@office.example","displayName":"New Phone"}]`
	d.oktaEvent(oclock(10, 30), d.office.admins[1], publicIP, bonn, "user.mfa.factor.reset_all", "SUCCESS", "null", agents[0], "", reset)
	d.oktaEvent(oclock(16, 30), d.office.admins[1], publicIP, bonn, "user.lifecycle.deactivate", "SUCCESS", "null", agents[0], "", reset)
}

// googleEvent is an activity of Google Workspace.
func (d *day) googleEvent(at time.Time, application string, u person, ip netip.Addr, kind, name, parameters string) {
	d.say("Google Workspace", at, `{"kind":"admin#reports#activity","id":{"time":"%s","uniqueQualifier":"%d","applicationName":"%s","customerId":"C01example"},"etag":"x","actor":{"callerType":"USER","email":"%s@office.example","profileId":"1%02d"},"ownerDomain":"office.example","ipAddress":"%s","events":[{"type":"%s","name":"%s","parameters":[%s]}]}`,
		stampMillis(at), d.id(), application, u.name, u.mac[5], ip, kind, name, parameters)
}

// google: sign-ins, documents that are shared, programs that are let in.
func (d *day) google() {
	login := `{"name":"login_type","value":"google_password"}`
	for i, u := range d.office.users[:40] {
		at, ip := d.inMorning(), publicIP
		if i%6 == 0 {
			ip = home(i)
		}
		for range d.mistypes() {
			d.googleEvent(at, "login", u, ip, "login", "login_failure", login+`,{"name":"login_failure_type","value":"login_failure_invalid_password"}`)
			at = at.Add(d.soon())
		}
		d.googleEvent(at, "login", u, ip, "login", "login_verification", login+`,{"name":"is_second_factor","boolValue":true},{"name":"login_challenge_status","value":"Challenge Passed."}`)
		d.googleEvent(at.Add(time.Second), "login", u, ip, "login", "login_success", login)
		for n := range 4 {
			doc := fmt.Sprintf(`{"name":"doc_id","value":"doc%d"},{"name":"doc_title","value":"Minutes"},{"name":"doc_type","value":"document"},{"name":"owner","value":"%s@office.example"}`, d.id(), u.name)
			d.googleEvent(d.inOffice(), "drive", u, ip, "access", []string{"view", "edit", "download", "create"}[n], doc+`,{"name":"visibility","value":"people_within_domain_with_link"}`)
			if i < 3 {
				d.googleEvent(d.inOffice(), "drive", u, ip, "acl_change", "change_document_visibility", doc+`,{"name":"visibility","value":"people_with_link"},{"name":"old_value","multiValue":["private"]}`)
			}
		}
	}
	u := d.office.users[7]
	d.googleEvent(oclock(9, 15), "token", u, home(7), "auth", "authorize", `{"name":"client_id","value":"450232826690.apps.googleusercontent.com"},{"name":"app_name","value":"iOS Account Manager"},{"name":"scope","multiValue":["https://mail.google.com/","https://www.googleapis.com/auth/calendar"]}`)
	d.googleEvent(oclock(9, 45), "token", u, home(7), "auth", "authorize", `{"name":"client_id","value":"12.apps.googleusercontent.com"},{"name":"app_name","value":"Whiteboard"},{"name":"scope","multiValue":["openid","https://www.googleapis.com/auth/drive.file"]}`)
	admin := d.office.admins[2]
	d.googleEvent(oclock(8, 25), "admin", admin, publicIP, "USER_SETTINGS", "CREATE_USER", `{"name":"USER_EMAIL","value":"newcomer@office.example"}`)
	d.googleEvent(oclock(8, 26), "admin", admin, publicIP, "GROUP_SETTINGS", "ADD_GROUP_MEMBER", `{"name":"GROUP_EMAIL","value":"sales@office.example"},{"name":"USER_EMAIL","value":"newcomer@office.example"}`)
}
