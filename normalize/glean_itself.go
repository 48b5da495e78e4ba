package normalize

import "strings"

// topic is a part of a device that it tells of, and what becomes of it.
type topic struct {
	category string
	became   map[string]string // by the word for it: the types of the event, separated by spaces
	surely   bool              // only where somebody did it, or the verb is passive
	whose    bool              // only where it is told whose it is
}

// topics are the parts, by the words for them.
var topics = topicWords(map[string]topic{
	"system device unit appliance switch router firewall machine controller chassis server node host": {category: "host", became: byWord(map[string]string{
		"change": "reboot rebooting rebooted restart restarting restarted reload reloading reloaded", "start": "booted booting startup powered-on", "end": "shutdown shutting halted powered-off",
	})},
	"service daemon process": {category: "process", became: byWord(map[string]string{
		"start": "started starting", "end": "stopped stopping crashed died exited terminated killed", "change": "restarted restarting",
	})},
	"license licence subscription feature entitlement": {category: "configuration", became: byWord(map[string]string{
		"info": "expired expire expires expiring exceeded invalid activated renewed",
	})},
	"certificate cert": {category: "configuration", became: byWord(map[string]string{
		"info": "expire expires expiring renewed", "change": "installed imported replaced update updated",
	})},
	"firmware": {category: "host", became: byWord(map[string]string{
		"change": "upgrade upgraded upgrading update updated updating downgraded installed",
	})},
	"package": {category: "package", became: byWord(map[string]string{
		"installation": "installed", "change": "upgraded updated downgraded", "deletion": "removed uninstalled purged",
	})},
	"disk filesystem partition storage memory swap raid volume cpu temperature": {category: "host", became: byWord(map[string]string{
		"info": "full low exhausted exceeds exceeded degraded failing",
	})},
	"peer neighbor neighbour adjacency nbr": {category: "network", became: byWord(map[string]string{
		"info change": "established up down lost",
	})},
	"topology": {category: "network", became: byWord(map[string]string{"info change": "change changed"})},
	"policy rule acl object route profile zone filter": {category: "configuration", surely: true, became: byWord(map[string]string{
		"creation": "added created", "deletion": "deleted removed", "change": "modified changed updated edited enabled disabled",
	})},
	"failover switchover": {category: "host", became: byWord(map[string]string{"change": "active standby completed occurred triggered"})},
	"member":              {category: "host", became: byWord(map[string]string{"change": "left joined"})},
	"client station sta":  {category: "network", became: byWord(map[string]string{"connection start": "associated reassociated", "connection end": "disassociated deauthenticated"})},
	"session":             {category: "session", whose: true, became: byWord(map[string]string{"end": "timed expired timeout"})},
})

// topicWords gives each word of the keys its topic.
func topicWords(by map[string]topic) map[string]*topic {
	words := map[string]*topic{}
	for names, t := range by {
		for name := range strings.FieldsSeq(names) {
			words[name] = &t
		}
	}
	return words
}

// maxApart is how many words stand between a thing and what became of it, at most.
const maxApart = 5

// ofItself reads what a device tells of itself, where nothing else tells what the text is about:
// System is rebooting; License for x will expire in 5 days; Cannot start spamd.
func (s *gleanStep) ofItself(r *run, ws []word) {
	if r.ev.Has(s.cat) || r.ev.Has(s.typ) || r.ev.Has(s.wider.prose.kind) {
		return
	}
	for i := range ws {
		if s.notStarted(r, ws, i) {
			return
		}
		about := ws[i].sense.topic
		if about == nil {
			continue
		}
		for j := max(0, i-2); j < min(len(ws), i+1+maxApart); j++ {
			types := about.became[stateAt(ws, j)]
			if types == "" || j == i || negated(ws, j) || j < i && ws[j].mark != 0 || about.surely && !s.wasDone(r, ws, j) || about.whose && !s.user.isSet(r.ev) {
				continue
			}
			s.is(r, about.category, strings.Fields(types)...)
			return
		}
	}
}

// stateAt is the word at i; that and the next one where it is two: powered on.
func stateAt(ws []word, i int) string {
	if w := ws[i].lower; w != "powered" && w != "turned" || i+1 == len(ws) {
		return w
	}
	switch ws[i+1].lower {
	case "on", "up":
		return "powered-on"
	case "off", "down":
		return "powered-off"
	}
	return ""
}

// wasDone says of the verb at i that somebody did it, or that it was done to what stands in front.
func (s *gleanStep) wasDone(r *run, ws []word, i int) bool {
	return s.user.isSet(r.ev) || i > 0 && (ws[i-1].lower == "was" || ws[i-1].lower == "been" || ws[i-1].lower == "were")
}

// notStarted reads that something could not be started: Cannot start spamd; failed to start dnsd.
func (s *gleanStep) notStarted(r *run, ws []word, i int) bool {
	if ws[i].lower != "start" || i == 0 || i+1 == len(ws) || ws[i].mark != 0 {
		return false
	}
	before := ws[i-1].lower
	failed := before == "cannot" || strings.HasSuffix(before, "n't") ||
		i > 1 && (before == "to" && (ws[i-2].lower == "failed" || ws[i-2].lower == "unable") || before == "not" && (ws[i-2].lower == "could" || ws[i-2].lower == "can" || ws[i-2].lower == "did"))
	if !failed {
		return false
	}
	s.is(r, "process", "start")
	if !r.ev.Has(s.result) {
		r.ev.SetText(s.result, "failure")
	}
	return true
}
