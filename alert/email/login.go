package email

import (
	"errors"
	"slices"

	"github.com/wneessen/go-mail/smtp"

	"sluice/internal/secret"
)

// login takes the first way to log in that the server offers. The library's own choice
// does not know that a connection which we dialled is encrypted.
type login struct {
	user     string
	password secret.Secret
	host     string
	smtp.Auth
}

// Start begins the exchange; the password never crosses a connection in the clear.
func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS {
		return "", nil, errors.New("the connection is not encrypted; the password is not sent")
	}
	switch {
	case slices.Contains(server.Auth, "PLAIN"):
		l.Auth = smtp.PlainAuth("", l.user, l.password.Reveal(), l.host, false)
	case slices.Contains(server.Auth, "LOGIN"):
		l.Auth = smtp.LoginAuth(l.user, l.password.Reveal(), l.host, false)
	case slices.Contains(server.Auth, "SCRAM-SHA-256"):
		l.Auth = smtp.ScramSHA256Auth(l.user, l.password.Reveal())
	default:
		return "", nil, errors.New("the server offers none of PLAIN, LOGIN, SCRAM-SHA-256 to log in")
	}
	return l.Auth.Start(server)
}
