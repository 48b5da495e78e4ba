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

// inRegistry tells what was done to a key of the registry.
func (s *knownStep) inRegistry(ev *event.Event, said deed) {
	typ := doneType(said)
	if typ == "" {
		typ = "info"
	}
	s.is(ev, "registry", typ)
}
