package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// isSecondFactor says of an action that somebody was asked for a second proof of who he is:
// mfa.challenge.denied, OTP verified.
func isSecondFactor(action string) bool {
	low := strings.ToLower(action)
	asked := strings.Contains(low, "challenge") || strings.Contains(low, "verif") || strings.Contains(low, "push")
	return len(action) < 64 && asked && slices.ContainsFunc([]string{"mfa", "2fa", "otp", "factor"}, func(w string) bool { return strings.Contains(low, w) })
}

// sameName takes the id of a user for his name where it is a word, and no other key names him:
// what is called userid on many devices is what he logs in with.
func (s *knownStep) sameName(ev *event.Event, keys []vendorKey) {
	if slices.ContainsFunc(s.what.actors[:2], ev.Has) || ev.Has(s.what.actors[3]) {
		return
	}
	id := ev.Text(s.what.actors[2])
	if len(id) < 3 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz.-") != "" {
		return
	}
	if slices.ContainsFunc(keys, func(k vendorKey) bool { return k.name == "userid" && own(k.parents) && k.text == id }) {
		ev.SetText(s.what.actors[0], id)
	}
}

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
