package normalize

import (
	"strings"

	"sluice/event"
)

// spokenProtocols are what people log in by.
var spokenProtocols = wordSet("ssh sftp scp ftp ftps telnet http https rdp vnc snmp ldap ldaps smtp imap pop3 smb cifs nfs tftp kerberos radius webdav")

// spoken takes a word behind "via" for the protocol, where it is one.
func (m *gleanWide) spoken(ev *event.Event, w *word) {
	if w.sense.is&wordSpoken != 0 && !ev.Has(m.protocol) {
		ev.SetText(m.protocol, w.lower)
	}
}

// mail takes who sent a mail to whom, where both are told, and what it was about.
func (m *gleanWide) mail(ev *event.Event, text string, ws []word) {
	from, to, subject := "", "", ""
	for i := 1; i < len(ws); i++ {
		w := &ws[i]
		switch ws[i-1].lower {
		case "from", "sender":
			if isMail(w.text) {
				from = w.text
			}
		case "to", "recipient", "for":
			if isMail(w.text) {
				to = w.text
			}
		case "subject":
			subject = inQuotes(text, &ws[i-1], w)
		}
	}
	if from == "" || to == "" || ev.Has(m.from) || ev.Has(m.to) {
		return
	}
	ev.Add(m.from, from)
	ev.Add(m.to, to)
	if subject != "" && !ev.Has(m.subject) {
		ev.SetText(m.subject, subject)
	}
}

// quoted says whether a word stands in quotes of its own.
func (w *word) quoted() bool {
	return (w.open == '"' || w.open == '\'' || w.open == '`') && w.shut == w.open
}

// inQuotes is the text in quotes that w begins, behind a word that is none of another's.
func inQuotes(text string, before, w *word) string {
	if before.shut != ' ' || w.open != '"' && w.open != '\'' && w.open != '`' {
		return ""
	}
	inner := text[w.at:]
	if end := strings.IndexByte(inner, w.open); end > 0 && end < 256 {
		return inner[:end]
	}
	return ""
}

// isFilePath knows a path that is whole: one in quotes goes on behind a space.
func isFilePath(w *word) bool {
	if (w.open == '"' || w.open == '\'') && w.shut != w.open {
		return false
	}
	return len(w.text) > 2 && (w.text[0] == '/' && w.text[1] != '/' || w.text[1] == ':' && w.text[2] == '\\')
}

// isWord says whether a text is one word of letters.
func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if (s[i]|0x20)-'a' >= 26 {
			return false
		}
	}
	return len(s) > 2 && len(s) < 32
}
