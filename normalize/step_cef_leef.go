package normalize

import "strings"

// asCEF are the keys of CEF that mean what those of LEEF do.
var asCEF = map[string][]string{
	"devTime": {"rt", "deviceReceiptTime", "start", "end"}, "usrName": {"suser", "duser"}, "accountName": {"duser"},
	"srcPort": {"spt"}, "dstPort": {"dpt"}, "srcMAC": {"smac"}, "dstMAC": {"dmac"},
	"srcPreNAT": {"src"}, "dstPreNAT": {"dst"}, "srcPostNAT": {"sourceTranslatedAddress"}, "dstPostNAT": {"destinationTranslatedAddress"},
	"srcPostNATPort": {"sourceTranslatedPort"}, "dstPostNATPort": {"destinationTranslatedPort"},
	"url": {"request"}, "action": {"act"}, "message": {"msg"}, "userAgent": {"requestClientApplication"}, "method": {"requestMethod"},
	"fileName": {"fname"}, "filename": {"fname"}, "domain": {"sntdom"},
}

// sides are the keys of CEF of which the one counts that the pack reads as the field
// that begins so: the machine that LEEF's identity is of, and the bytes of either side.
var sides = map[string]struct {
	field string
	keys  []string
}{
	"identHostName": {"host.", []string{"dvchost", "dhost", "shost"}},
	"identSrc":      {"host.", []string{"dvc", "dst", "src"}},
	"identMAC":      {"host.", []string{"dvcmac", "dmac", "smac"}},
	"srcBytes":      {"source.", []string{"in", "out"}},
	"dstBytes":      {"destination.", []string{"in", "out"}},
}

// leef reads LEEF by the keys of CEF: products that write both say the same in them. A
// key that CEF does not know may be the label of a custom field.
func (s *cefStep) leef(r *run, text string) bool {
	header, text, sep, missing := leefHead(text)
	if missing > 0 {
		r.miss(s.at, "the LEEF header ends early", len(r.text)-len(text))
		return false
	}
	r.told = true
	ok, name, severity := true, header[3], ""
	var cs customs
	for key, value := range leefPairs(text, sep) {
		switch {
		case key == "name" && s.keys.get(key) == nil:
			name = value
		case (key == "sev" || key == "severity") && s.keys.get(key) == nil:
			severity = value
		case key == "devTimeFormat" && s.keys.get(key) == nil:
		default:
			ok = s.pair(r, &cs, s.cefKey(key), value, true) && ok
		}
	}
	for part, value := range [6]string{header[0], header[1], header[2], header[3], name, severity} {
		ok = s.put(r, s.header[part], value) && ok
	}
	return s.labelled(r, &cs, true) && ok
}

// cefKey is the key of the pack that reads what LEEF has under another.
func (s *cefStep) cefKey(key string) string {
	if s.keys.get(key) != nil || s.labels.get(key) != nil {
		return key
	}
	for _, as := range asCEF[key] {
		if s.keys.get(as) != nil {
			return as
		}
	}
	side := sides[key]
	for _, as := range side.keys {
		if ts := s.keys.get(as); ts != nil && len(*ts) > 0 && strings.HasPrefix((*ts)[0].name, side.field) {
			return as
		}
	}
	return key
}
