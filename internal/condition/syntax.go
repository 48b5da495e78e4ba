package condition

import (
	"regexp"
	"strings"
)

// elsewhere are the ways in which other languages write what stands at the place of a fault,
// and how it is written here.
var elsewhere = []struct{ theirs, ours string }{
	{"AND", "and"},
	{"OR", "or"},
	{"=~", `matches "regular expression"`},
	{"<>", "!="},
	{"=", "=="},
	{"@timestamp", `$env["@timestamp"]`},
	{"“", `straight quotes "`},
	{"”", `straight quotes "`},
	{"„", `straight quotes "`},
	{"‘", "straight quotes '"},
	{"’", "straight quotes '"},
	{"/", `matches "regular expression"`},
	{"like ", `like(FIELD, "a*")`},
	{"ilike ", `ilike(FIELD, "a*")`},
	{"exists", "has(FIELD)"},
	{"isnull", "not has(FIELD)"},
	{"regex", "FIELD matches \"regular expression\""},
	{"wildcard", "like(FIELD, \"a*\")"},
	{"!in ", "not (FIELD in [\"a\", \"b\"])"},
	{"startswith", "FIELD startsWith \"a\""},
	{"startsWith", "FIELD startsWith \"a\""},
	{"endswith", "FIELD endsWith \"a\""},
	{"endsWith", "FIELD endsWith \"a\""},
	{"contains", "FIELD contains \"a\""},
	{"matches", "FIELD matches \"regular expression\""},
	{"in(", "FIELD in [\"a\", \"b\"]"},
	{"is not null", "has(FIELD)"},
	{"is not nil", "has(FIELD)"},
	{"is not ", "!="},
	{"is null", "not has(FIELD)"},
	{"is nil", "not has(FIELD)"},
	{"is ", "=="},
	{"between ", "FIELD >= 1 and FIELD <= 9"},
	{"&", "and"},
	{"|", "or"},
	{"~", `matches "regular expression"`},
}

// openEnd is an operator at the end of a condition, as it remains where the next line was lost.
var openEnd = regexp.MustCompile(`(?:\b(?:and|or|not|in|contains|matches|startsWith|endsWith)|&&|\|\||[=!<>]=|[<>])\s*$`)

// habit proposes how to write what does not parse at a character of a condition.
func habit(src string, at int) string {
	text := []rune(src)
	switch {
	case at >= len(text)-1 && strings.Count(src, "(") > strings.Count(src, ")"):
		return "; a ( is not closed"
	case at >= len(text)-1 && openEnd.MatchString(src):
		return "; the condition ends behind " + strings.TrimSpace(openEnd.FindString(src)) + ", which something must follow"
	case at < 0 || at >= len(text):
		return ""
	}
	before, rest := strings.TrimSpace(string(text[:at])), string(text[at:])
	switch last := before[strings.LastIndexByte(before, ' ')+1:]; {
	case last == "NOT":
		return "; write not"
	case rest[0] == ',' && strings.Contains(before, " in ("):
		return "; write the list in [ ]"
	case strings.Contains(src, "??"):
		return ""
	case rest[0] == '=' && strings.HasSuffix(before, "=="):
		return "; write =="
	case rest[0] == '>' && strings.HasSuffix(before, "<"):
		return "; write !="
	}
	if strings.ContainsRune(`"'`, text[at]) && strings.LastIndexByte(before, '[') > strings.LastIndexByte(before, ']') {
		return "; a comma is missing before it"
	}
	for _, e := range elsewhere {
		if strings.HasPrefix(rest, e.theirs) {
			return "; write " + e.ours
		}
	}
	return ""
}

// foreignFunction proposes how to write a function of another language.
func foreignFunction(name string) string {
	for _, e := range elsewhere {
		if strings.EqualFold(strings.TrimRight(e.theirs, " ("), name) {
			return "; write " + e.ours
		}
	}
	return ""
}
