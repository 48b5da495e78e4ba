package normalize

import (
	"strings"

	"sluice/event"
)

// askedFor takes the host beside a request for the one that was asked for, where it is a domain's
// name: "host":"www.example.com","method":"GET"; host=www.example.com:443.
func (s *knownStep) askedFor(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		if !hostKeys[k.name] || !own(k.parents) {
			continue
		}
		host, port, _ := strings.Cut(k.text, ":")
		if strings.Count(host, ".") == 0 || !isHostName(host) || host == ev.Text(s.owner.sender) || port != "" && !isNumber(port) {
			continue
		}
		switch named := ev.Text(s.owner.host); {
		case named == k.text:
			ev.Unset(s.owner.host)
			ev.Unset(s.owner.hostname)
		case named == "" || named != ev.Text(s.owner.sender):
			continue // nobody says that it is the one
		}
		if !ev.Has(s.what.urlHost) {
			ev.SetText(s.what.urlHost, host)
		}
		return
	}
}

// sorted says of a record that a filter of pages or names wrote it: beside a domain stands the category
// that this is of, and it is no user's.
func sorted(keys []vendorKey) bool {
	domain, category := false, false
	for i := range keys {
		switch k := &keys[i]; {
		case !own(k.parents):
		case k.name == "domain":
			domain = strings.IndexByte(k.text, '.') > 0
		case k.name == "categories" || k.name == "category" || k.name == "urlcategory" || k.name == "webcategory":
			category = usable(k.text)
		case kindKeys[k.name] || k.name == "action" && deedOf(k.text)&isLogin != 0:
			return false
		}
	}
	return domain && category
}

// noRequest takes a word for what was done that is also a method of HTTP, where nothing else tells of
// a request: "verb":"delete".
func (s *knownStep) noRequest(ev *event.Event, keys []vendorKey) {
	method := ev.Text(s.method)
	if method == "" || ev.Has(s.code) || ev.Has(s.what.url) || ev.Has(s.what.urlHost) || ev.Has(s.what.version) {
		return
	}
	for _, k := range keys {
		if k.text != method && strings.EqualFold(k.text, method) && neutral(k.parents) {
			ev.Unset(s.method)
			if !ev.Has(s.action) {
				ev.SetText(s.action, k.text)
			}
			return
		}
	}
}

// requestKeys hold the first line of a request.
var requestKeys = wordSet("request requesturi requestline httprequest req requestfirstline")

// requestLine reads METHOD target HTTP/1.1 under one key, as servers log it.
func (s *knownStep) requestLine(r *run, keys []vendorKey) {
	for _, k := range keys {
		if !requestKeys[k.name] {
			continue
		}
		method, rest, ok := strings.Cut(k.text, " ")
		if !ok || !methods[method] {
			continue
		}
		target, version, _ := strings.Cut(rest, " ")
		if target == "" || version != "" && !strings.HasPrefix(version, "HTTP/") {
			continue
		}
		if !r.ev.Has(s.method) {
			r.ev.SetText(s.method, method)
		}
		if !s.what.asked.isSet(r.ev) {
			s.what.asked.put(r, target)
		}
		if version != "" && !r.ev.Has(s.what.version) {
			r.ev.SetText(s.what.version, version[len("HTTP/"):])
		}
		return
	}
}

// webVersion takes HTTP/1.1 from whatever key holds it: the protocol's, or the version's.
func (s *knownStep) webVersion(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		version, ok := strings.CutPrefix(k.text, "HTTP/")
		if !ok || version == "" || strings.Trim(version, "0123456789.") != "" {
			continue
		}
		ev.SetText(s.what.version, version)
		if !ev.Has(s.names.protocol) {
			ev.SetText(s.names.protocol, "http")
		}
		return
	}
}

// browsers are what sessions of people call the device that they use, which is no machine's name.
var browsers = map[string]bool{
	"Chrome": true, "Google Chrome": true, "Chrome Mobile": true, "Chromium": true, "Firefox": true, "Mozilla Firefox": true, "Safari": true, "Mobile Safari": true,
	"Edge": true, "Microsoft Edge": true, "Opera": true, "Brave": true, "Internet Explorer": true, "Samsung Internet": true, "Chrome Headless": true,
}

// isStatus says whether a text is a status of HTTP. Those of FTP and SMTP that HTTP has none of are not: 250, 354, 535.
func isStatus(s string) bool {
	n, ok := atoi(s)
	return ok && len(s) == 3 && (n >= 100 && n < 227 || n >= 300 && n < 309 || n >= 400 && n < 600 && n != 535 && n/5 != 550/5)
}
