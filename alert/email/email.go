// Package email sends alerts by SMTP. Connections are encrypted unless the settings explicitly
// say otherwise. The message id is used as Message-ID, so that mail programs show a duplicate
// once.
package email

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"sluice/alert"
	"sluice/internal/certfile"
	"sluice/internal/secret"
)

// Settings say which server and to whom.
type Settings struct {
	Host     string        `yaml:"host" instead:"server smtp smtp_server smarthost"` // the mail server
	Port     int           `yaml:"port"`                                             // 0: 587, with implicit TLS 465
	TLS      string        `yaml:"tls"`                                              // starttls (required), implicit, none
	Username string        `yaml:"username" instead:"user"`                          // with password: log in
	Password secret.Secret `yaml:"password"`                                         // as ${file:...} or ${ENV}
	CAFile   string        `yaml:"ca_file"`                                          // PEM; "" is the system's
	From     string        `yaml:"from"`                                             // "Sluice <sluice@example.com>"
	To       []string      `yaml:"to" instead:"recipients"`                          // addresses
	HELO     string        `yaml:"helo"`                                             // our name to the server; "" is the host's
	Timeout  time.Duration `yaml:"timeout"`                                          // of each step: to connect, to log in, to send
}

// ports by kind of TLS; RFC 6409, RFC 8314.
var ports = map[string]int{"starttls": 587, "implicit": 465, "none": 25}

// Defaults are the settings of a file that names none.
func Defaults() alert.Settings {
	return &Settings{TLS: "starttls", Timeout: 30 * time.Second} // greylisting servers answer after 10 to 20 s
}

// Validate reports every fault, each naming its key.
func (s *Settings) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	switch {
	case s.Host == "":
		fault("host: the name of the mail server is missing")
	case strings.Contains(s.Host, "@"): // and not what stands there: it may be a password
		fault("host: it holds a user, or is no name of a mail server; a user is set by username and password")
	case strings.ContainsAny(s.Host, "/ ") || strings.Contains(s.Host, ":") && !isAddress(s.Host):
		fault("host: %q is no name of a mail server and no address; a port is set by port", s.Host)
	}
	if _, ok := ports[s.TLS]; !ok {
		fault("tls: %q is none of starttls, implicit, none", s.TLS)
	}
	if s.Port < 0 || s.Port > 65535 {
		fault("port: %d is no port", s.Port)
	}
	if (s.Username == "") != s.Password.Empty() {
		fault("username: username and password go together")
	}
	if s.TLS == "none" && s.Username != "" {
		fault("tls: none would send the password in the clear; use starttls or implicit")
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		fault("from: %q is no address such as Sluice <sluice@example.com>", s.From)
	}
	if !alert.Visible(s.HELO) {
		fault("helo: %q is no name of a host", s.HELO)
	}
	if len(s.To) == 0 {
		fault("to: at least one address is needed")
	}
	for _, to := range s.To {
		if _, err := mail.ParseAddress(to); err != nil {
			fault("to: %q is no address", to)
		}
	}
	if s.Timeout < time.Second || s.Timeout > 10*time.Minute {
		fault("timeout: %v is not between 1s and 10m", s.Timeout)
	}
	return errors.Join(faults...)
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// Open makes the channel; it reads the certificate authorities.
func (s *Settings) Open(env alert.Env) (alert.Notifier, error) {
	conf := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		var err error
		if conf.RootCAs, err = certfile.Authorities(s.CAFile); err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	return &notifier{s: *s, tls: conf, env: env, recipients: recipients{left: map[string][]string{}}}, nil
}

// Certificates reads the file of authorities, for a check before it is used.
func (s *Settings) Certificates(time.Time) (warning string, err error) {
	_, err = s.Open(alert.Env{})
	return "", err
}

type notifier struct {
	s   Settings
	tls *tls.Config
	env alert.Env

	recipients
}

// Send gives m to the server.
func (n *notifier) Send(ctx context.Context, m alert.Message) error {
	to, some := n.missing(m.ID, n.s.To)
	whom := [][]string{to}
	errs := n.exchange(ctx, &m, whom)
	if len(to) > 1 && isRecipient(errs[0]) { // the server took it for nobody: one of them is enough for that
		whom = nil
		for _, one := range to {
			whom = append(whom, []string{one})
		}
		errs = n.exchange(ctx, &m, whom)
	}
	return n.settle(n.env, m.ID, whom, errs, some)
}

// exchange gives m to the server over one connection, once for each of whom, and says what became of each.
func (n *notifier) exchange(ctx context.Context, m *alert.Message, whom [][]string) []error {
	errs := make([]error, len(whom))
	all := func(err error) []error {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	msgs := make([]*gomail.Msg, len(whom))
	for i, to := range whom {
		var err error
		if msgs[i], err = n.compose(m, to); err != nil {
			return all(fmt.Errorf("email: %w: %w", err, alert.ErrFinal))
		}
	}
	// The library looks at ctx while it connects only; closing the connection is what
	// ends an exchange with a server that says nothing more.
	open := make(chan net.Conn, 1)
	stop := context.AfterFunc(ctx, func() {
		select {
		case conn := <-open:
			conn.Close()
		default:
		}
	})
	defer stop()
	c, err := n.client(open)
	if err != nil {
		return all(fmt.Errorf("email: %w: %w", err, alert.ErrFinal))
	}
	err = c.DialAndSendWithContext(ctx, msgs...)
	for i, msg := range msgs {
		switch {
		case msg.IsDelivered(): // what went wrong with the farewell does not matter
		case msg.HasSendError():
			errs[i] = judge(msg.SendError())
		default:
			errs[i] = certfile.Unknown(judge(err), "ca_file", n.s.CAFile)
		}
	}
	return errs
}

// dial connects, by TLS from the first byte where the settings say so.
func (n *notifier) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: n.s.Timeout}
	if n.s.TLS == "implicit" {
		return (&tls.Dialer{NetDialer: d, Config: n.tls}).DialContext(ctx, network, address)
	}
	return d.DialContext(ctx, network, address)
}

// client is one connection's settings: a message is rare, so none is kept open.
// The connection is also put into open.
func (n *notifier) client(open chan<- net.Conn) (*gomail.Client, error) {
	port := n.s.Port
	if port == 0 {
		port = ports[n.s.TLS]
	}
	opts := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(n.s.Timeout), gomail.WithTLSConfig(n.tls)}
	opts = append(opts, gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := n.dial(ctx, network, address)
		if err == nil {
			open <- conn
		}
		return conn, err
	}))
	switch n.s.TLS {
	case "implicit":
		opts = append(opts, gomail.WithSSL())
	case "none":
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if n.s.Username != "" {
		opts = append(opts, gomail.WithSMTPAuthCustom(&login{user: n.s.Username, password: n.s.Password, host: n.s.Host}))
	}
	if n.s.HELO != "" {
		opts = append(opts, gomail.WithHELO(n.s.HELO))
	}
	return gomail.NewClient(n.s.Host, opts...)
}

// judge turns what the server said into what a Notifier returns. A 5xx is final where
// it is about this message: its size, its text. About our log-in or our address, or before that, it is
// a mistake of configuration that somebody will repair; settle says what one about a recipient is.
func judge(err error) error {
	if err == nil {
		return nil
	}
	var send *gomail.SendError
	if !errors.As(err, &send) { // of the connection and the log-in, before there was a mail
		var said *textproto.Error
		if errors.As(err, &said) && isLogin(said.Code) {
			return refusedLogin(err)
		}
		return fmt.Errorf("email: %w: %w", err, alert.ErrNotTaken)
	}
	switch code := send.ErrorCode(); {
	case isLogin(code):
		return refusedLogin(err)
	case code >= 500 && code != 552 && send.Reason == gomail.ErrSMTPMailFrom && !send.IsTemp():
		return fmt.Errorf("email: %w; see from and username of the channel: %w", err, alert.ErrSettings)
	case code >= 500 && send.Reason == gomail.ErrSMTPRcptTo && !send.IsTemp():
		return fmt.Errorf("email: %w: %w", err, errRecipient)
	case code >= 500 && !send.IsTemp():
		return fmt.Errorf("email: %w: %w", err, alert.ErrFinal)
	case code >= 400 || send.Reason != gomail.ErrWriteContent && send.Reason != gomail.ErrSMTPDataClose:
		return fmt.Errorf("email: %w: %w", err, alert.ErrNotTaken)
	}
	return fmt.Errorf("email: %w", err) // its text was on the way, and nothing has answered
}

// isLogin says whether a server wants another log-in, or TLS first: RFC 4954, and 530 of RFC 3207.
func isLogin(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

func refusedLogin(err error) error {
	return fmt.Errorf("email: %w; see tls, username and password of the channel: %w", err, alert.ErrSettings)
}

//go:embed message.html
var page string

// html escapes by context: nothing in an alert is markup or a link.
var html = template.Must(template.New("message").Parse(page))

// compose writes the mail: text, and the same as HTML.
func (n *notifier) compose(m *alert.Message, to []string) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	if err := msg.From(n.s.From); err != nil {
		return nil, err
	}
	if err := msg.To(to...); err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(n.s.From)
	if err != nil {
		return nil, err
	}
	domain := from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	msg.SetMessageIDWithValue("sluice." + m.ID + "@" + domain)
	msg.SetDate()
	msg.Subject(m.Subject())
	// RFC 3834: no answering machine should answer.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, plain(m))
	var b bytes.Buffer
	if err := html.Execute(&b, m); err != nil {
		return nil, err
	}
	msg.AddAlternativeString(gomail.TypeTextHTML, b.String())
	return msg, nil
}

func plain(m *alert.Message) string {
	var b strings.Builder
	for _, s := range m.Sections() {
		fmt.Fprintf(&b, "%s\r\n", s.Title)
		for _, f := range s.Facts {
			fmt.Fprintf(&b, "  %-17s %s\r\n", f.Name+":", f.Value)
		}
		if s.Link != "" {
			b.WriteString("  " + s.Link + "\r\n")
		}
		b.WriteString("\r\n")
	}
	for _, note := range m.Notes() {
		b.WriteString(note + "\r\n")
	}
	if foot := m.Foot(); foot != "" {
		b.WriteString("\r\n" + foot + "\r\n")
	}
	return b.String()
}
