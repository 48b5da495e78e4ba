package normalize

import (
	"strings"

	"sluice/event"
)

// plugged tells of a device that was plugged in, by the numbers of its vendor and product: the
// serial number beside them is its own, and not the one of who reports it.
func (s *knownStep) plugged(ev *event.Event, keys []vendorKey) {
	var ids, serial [2]string
	for _, k := range keys {
		switch {
		case !own(k.parents) || !usable(k.text):
		case k.name == "vendorid" || k.name == "usbvendorid":
			ids[0] = k.text
		case k.name == "productid" || k.name == "usbproductid":
			ids[1] = k.text
		case strings.HasSuffix(k.name, "serialnumber") || k.name == "serial":
			serial = [2]string{k.name, k.text}
		}
	}
	if len(ids[0]) < 3 || len(ids[0]) > 8 || len(ids[1]) < 3 || len(ids[1]) > 8 || serial[1] == "" {
		return
	}
	if ev.Text(s.owner.reporter) == serial[1] {
		ev.Unset(s.owner.reporter)
	}
	for i, text := range [...]string{ids[0], ids[1], serial[1]} {
		if !ev.Has(s.owner.plugged[i]) {
			ev.SetText(s.owner.plugged[i], text)
		}
	}
	if !ev.Has(s.category) {
		s.is(ev, "host", "info")
	}
}

// mediumKeys may say of what sort a device is that was plugged in.
var mediumKeys = wordSet("type class devicetype deviceclass bus bustype interface event eventtype action category subtype")

// pluggedIn gives what was plugged in its maker, model and number where they have the names that
// others give those of the one who reports it: "type":"usb","vendor":"Kingston","serial":"AB12". False: no
// device of USB is told of.
func (s *knownStep) pluggedIn(ev *event.Event, keys []vendorKey, text string) bool {
	usb := saysUSB(ev.Text(s.what.name)) || saysUSB(front(text))
	for i := range keys {
		k := &keys[i]
		usb = usb || k.parents == "usb." || mediumKeys[k.name] && ofMedium(k.parents) && len(k.text) < 32 && saysUSB(k.text)
	}
	if !usb {
		return false
	}
	for _, k := range keys {
		if !ofMedium(k.parents) || !usable(k.text) {
			continue
		}
		var from, to event.Field
		switch k.name {
		case "vendor", "vendorname":
			from, to = s.owner.maker[0], s.owner.made[0]
		case "product", "productname":
			from, to = s.owner.maker[1], s.owner.made[1]
		case "serial", "serialnumber", "deviceserial":
			from, to = s.owner.reporter, s.owner.plugged[2]
		default:
			continue
		}
		if ev.Text(from) == k.text {
			ev.Unset(from)
		}
		if !ev.Has(to) {
			ev.SetText(to, k.text)
		}
	}
	if !ev.Has(s.category) && ev.Has(s.owner.plugged[2]) {
		s.is(ev, "host", "info")
	}
	return true
}

// enrolled gives somebody's own device its number, which its system tells from a box that reports:
// "device":{"serial":"C02X","os":"iOS 17"}.
func (s *knownStep) enrolled(ev *event.Event, keys []vendorKey) {
	number := ev.Text(s.owner.reporter)
	if number == "" || ev.Has(s.owner.plugged[2]) {
		return
	}
	own, system := false, false
	for i := range keys {
		k := &keys[i]
		if k.parents != "device." {
			continue
		}
		own = own || strings.HasPrefix(k.name, "serial") && k.text == number
		system = system || workedWith[k.name] && usable(k.text)
	}
	if own && system {
		ev.Unset(s.owner.reporter)
		ev.SetText(s.owner.plugged[2], number)
	}
}

// workedWith tell of a device that somebody works with.
var workedWith = wordSet("os osname osversion ostype platform imei udid ownership enrolled enrollmentstatus compliant")

// saysUSB says whether a text names a device of USB: usb storage attached, USBStorage, USB_BLOCKED.
func saysUSB(text string) bool {
	for i := 0; i+3 <= len(text); i++ {
		if text[i]|0x20 != 'u' || !strings.EqualFold(text[i:i+3], "usb") || i > 0 && (text[i-1]|0x20)-'a' < 26 {
			continue
		}
		if i+3 == len(text) || text[i+3]-'a' >= 26 { // usbmuxd is a program
			return true
		}
	}
	return false
}

// ofMedium says of parents that what stands below them may be of what was plugged in.
func ofMedium(parents string) bool { return own(parents) || parents == "device." || parents == "usb." }

// certified takes no certificate's number for the one of who reports it: "event":"CERT_REVOKED","serial":"0a1b".
func (s *knownStep) certified(ev *event.Event, keys []vendorKey) {
	s.enrolled(ev, keys)
	number := ev.Text(s.owner.reporter)
	if number == "" {
		return
	}
	for i := range keys {
		if k := &keys[i]; (mediumKeys[k.name] || k.name == "msg") && own(k.parents) && len(k.text) < 64 && strings.Contains(strings.ToLower(k.text), "cert") {
			ev.Unset(s.owner.reporter)
			return
		}
	}
}

// inHive tells whether a text is a path of the registry: target.object may as well be a user.
func inHive(text string) bool { return strings.IndexByte(text, '\\') >= 0 }

// inRegistry tells what was done to a key of the registry.
func (s *knownStep) inRegistry(ev *event.Event, said deed) {
	typ := doneType(said)
	if typ == "" {
		typ = "info"
	}
	s.is(ev, "registry", typ)
}
