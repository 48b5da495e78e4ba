package normalize

import "sluice/event"

// spokenProtocols are what people log in by.
var spokenProtocols = wordSet("ssh sftp scp ftp ftps telnet http https rdp vnc snmp ldap ldaps smtp imap pop3 smb cifs nfs tftp kerberos radius webdav")

// plantProtocols are what machines in plants and buildings speak.
var plantProtocols = wordSet("modbus modbus/tcp dnp3 s7comm s7comm-plus s7 enip cip ethernet/ip bacnet bacnet/ip opcua opc-ua profinet pn-dcp iec104 iec-104 goose mms mqtt coap knx fins umas hart-ip")

// spoken takes a word behind "via" for the protocol, where it is one.
func (m *gleanWide) spoken(ev *event.Event, w *word) {
	if w.sense.is&wordSpoken != 0 && !ev.Has(m.protocol) {
		ev.SetText(m.protocol, w.lower)
	}
}

// noMail drops a subject that pairs gave, where no mail is told of: it is a certificate's. had: it was
// there before.
func (m *gleanWide) noMail(ev *event.Event, had bool) {
	if !had && !ev.Has(m.from) && !ev.Has(m.to) && ev.Has(m.subject) {
		ev.Unset(m.subject)
	}
}

// mail takes who sent a mail to whom, where both are told, and what it was about.
func (m *gleanWide) mail(ev *event.Event, text string, ws []word) {
	from, to, subject := "", "", ""
	for i := 1; i < len(ws); i++ {
		w := &ws[i]
		switch ws[i-1].lower {
		case "from", "sender":
			if isMail(w.text) && !wasOther(ws, i-1) {
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
