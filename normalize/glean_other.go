package normalize

import "strings"

// byOther reads, of pairs that name somebody and in another who did it, whom something was done to:
// PASSWORD_CHANGED user="bob" by="ann"; account created: name=bob, uid=1007, by=ann.
func (s *gleanStep) byOther(r *run, text string) {
	eq := strings.IndexByte(text, '=')
	if eq < 1 || r.ev.Has(s.cat) || s.whom.isSet(r.ev) || strings.IndexByte("{<", text[0]) >= 0 {
		return
	}
	front := text[:strings.LastIndexAny(text[:eq], " \t:|;,[(")+1]
	did := deedIn(front)
	if did&isAccount == 0 || did&(isCreation|isDeletion|isChange) == 0 || did&(isLogin|isLogout) != 0 || !isPast(lastWord(front)) {
		return
	}
	who, whom := "", ""
	for _, k := range r.vendorKeys() {
		switch {
		case k.key == "by":
			who = k.text
		case flatPeople[k.name], k.key == "name" || k.key == "account" || k.key == "login":
			if whom != "" && whom != k.text {
				return
			}
			whom = k.text
		}
	}
	if who == "" || whom == "" || strings.EqualFold(who, whom) || nobodies[strings.ToLower(who)] || !s.user.suits(who) || !s.whom.suits(whom) {
		return
	}
	for _, f := range s.user.kids[:3] {
		r.ev.Unset(f)
	}
	s.user.put(r, who)
	s.whom.put(r, whom)
}

// lastWord is the last word of what stands in front of pairs, in lower case: PASSWORD_RESET, created:.
func lastWord(s string) string {
	s = strings.TrimRight(s, " :")
	return strings.ToLower(s[strings.LastIndexAny(s, " _-.")+1:])
}
