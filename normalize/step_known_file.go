package normalize

import (
	"strings"

	"sluice/event"
)

// fileWords are what records call the sort of thing that something was done to, where it is
// a file.
var fileWords = wordSet("file files document documents folder attachment")

// ofFile says whether what something was done to is called a file: "category":"FILE",
// "resource_type":"document".
func ofFile(keys []vendorKey) bool {
	for _, k := range keys {
		if fileKeys[k.name] && isWholePath(k.text) && neutral(k.parents) {
			return true
		}
		if len(k.text) < 12 && (kindKeys[k.name] && neutral(k.parents) || typedObjects[k.name] || typedBase(k) != "") && fileWords[strings.ToLower(k.text)] {
			return true
		}
	}
	return false
}

// fileKeys may name a file, where the record is about one.
var fileKeys = wordSet("item itemname itempath source object objectname objectpath target targetname resource resourcename resourcepath documentname documentpath entityname")

// fileNamed takes the name of a file from a key that names what something was done to.
func (s *knownStep) fileNamed(r *run, keys []vendorKey) {
	if r.ev.Has(s.owner.fileName) || r.ev.Has(s.what.path) || r.ev.Text(s.category) != "file" && r.ev.Text(s.category) != "malware" {
		return
	}
	for _, k := range keys {
		if !fileKeys[k.name] || !neutral(k.parents) || !hasExtension(k.text) {
			continue
		}
		if s.file.suits(k.text) && !strings.Contains(k.text, "://") {
			s.file.put(r, k.text)
			return
		}
		if !strings.ContainsAny(k.text, "/\\@") {
			r.ev.SetText(s.owner.fileName, k.text)
			return
		}
	}
}

// hasExtension tells plan.xlsx from a name without a dot near its end.
func hasExtension(text string) bool {
	dot := strings.LastIndexByte(text, '.')
	return dot > 0 && len(text) < 512 && len(text)-dot > 1 && len(text)-dot < 6 && !strings.ContainsAny(text[dot:], " /\\:@")
}

// started gives a program that was started the path that the record tells of its file.
func (s *knownStep) started(ev *event.Event) {
	path := ev.Text(s.what.path)
	if path == "" || ev.Has(s.what.program) {
		return
	}
	ev.SetText(s.what.program, path)
	if !ev.Has(s.what.programName) {
		ev.SetText(s.what.programName, baseName(path))
	}
}

// foundMalware says of an action that something was found: RANSOMWARE_DETECTED.
func foundMalware(action string) bool {
	if len(action) > 64 || deedOf(action)&isMalware == 0 {
		return false
	}
	low := strings.ToLower(action)
	return strings.Contains(low, "detect") || strings.Contains(low, "found") || strings.Contains(low, "infect")
}

// lifecycle is what becomes of an alert that people work on.
var lifecycle = wordSet("new open opened active inprogress acknowledged investigating resolved closed dismissed reopened")

// isCase says of a record that somebody has to look at it: it has a severity, a title or a rule,
// and a state of work, and tells of no deed.
func (s *knownStep) isCase(ev *event.Event, keys []vendorKey) bool {
	if deedOf(ev.Text(s.action))&done != 0 {
		return false
	}
	has := [3]bool{1: ev.Has(s.what.rule)}
	var buf [maxKnown]byte
	for _, k := range keys {
		switch {
		case !own(k.parents) || !usable(k.text) || strings.HasPrefix(k.name, "cve"):
			if strings.HasPrefix(k.name, "cve") {
				return false // a hole is no alert
			}
		case strings.Contains(k.name, "severity") || k.name == "risklevel" || k.name == "riskscore":
			has[0] = true
		case k.name == "title" || k.name == "name" || k.name == "displayname" || k.name == "policyname" || k.name == "rulename":
			has[1] = true
		case strings.HasSuffix(k.name, "status") || k.name == "state":
			has[2] = has[2] || lifecycle[string(plainKey(buf[:0], k.text))]
		}
	}
	return has[0] && has[1] && has[2]
}

// wholes fills the parts of a path that was written under ECS's own name of it.
func (s *knownStep) wholes(r *run, keys []vendorKey) {
	if path := r.ev.Text(s.what.path); path != "" && !r.ev.Has(s.owner.fileName) && s.file.suits(path) {
		s.file.put(r, path)
	}
	s.inFolder(r, keys)
	if path := r.ev.Text(s.what.program); path != "" && !r.ev.Has(s.what.programName) && s.program.suits(path) {
		s.program.put(r, path)
	}
	s.runName(r.ev, keys)
}

// inFolder joins a folder and the name of the file in it, where the one stands under path and
// the other beside it under name: "path":"C:\\Temp","name":"x.exe".
func (s *knownStep) inFolder(r *run, keys []vendorKey) {
	path := r.ev.Text(s.what.path)
	if path == "" || strings.IndexByte(r.ev.Text(s.owner.fileName), '.') >= 0 {
		return
	}
	for _, folder := range keys {
		if folder.text != path {
			continue
		}
		for _, k := range keys {
			if k.parents != folder.parents || k.name != "filename" && !(k.name == "name" && folder.name == "path") || !hasExtension(k.text) || strings.ContainsAny(k.text, `/\`) {
				continue
			}
			mark := "/"
			if strings.IndexByte(path, '\\') >= 0 {
				mark = `\`
			}
			r.ev.Unset(s.what.path)
			s.file.put(r, r.ev.Own([]byte(path+mark+k.text)))
			return
		}
	}
}

// quarantined says of an action that a file was put where it can do no harm, or was to be.
func quarantined(action string) bool {
	return len(action) < 64 && strings.Contains(strings.ToLower(action), "quarantin")
}

// runName takes the name beside a command line for the program's, where the line begins with it:
// "Name":"powershell.exe","CommandLine":"powershell -enc x".
func (s *knownStep) runName(ev *event.Event, keys []vendorKey) {
	first, _, _ := strings.Cut(strings.TrimLeft(ev.Text(s.what.command), `"`), " ")
	first = strings.TrimRight(baseName(first), `"`)
	if first == "" {
		return
	}
	for _, k := range keys {
		if k.name != "name" || !own(k.parents) || !strings.EqualFold(bareName(k.text), bareName(first)) {
			continue
		}
		if ev.Text(s.action) == k.text {
			ev.Unset(s.action)
		}
		if !ev.Has(s.what.programName) {
			ev.SetText(s.what.programName, k.text)
		}
	}
}

// bareName is the name of a program without Windows' ending.
func bareName(s string) string {
	if n := len(s) - len(".exe"); n > 0 && strings.EqualFold(s[n:], ".exe") {
		return s[:n]
	}
	return s
}
