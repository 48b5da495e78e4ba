package email

import (
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sluice/alert"
	"sluice/alert/alerttest"
	"sluice/internal/certtest"
	"sluice/internal/secret"
)

// server is a real SMTP server on loopback.
type server struct {
	port int
	ca   string // file
	mu   sync.Mutex
	next alerttest.Answer
	got  []string
	stop chan struct{}

	answers map[string]int // codes for recipients, by address
	to      []string       // of each mail taken, whom it is for
}

func (s *server) Next(a alerttest.Answer) { s.mu.Lock(); defer s.mu.Unlock(); s.next = a }

func (s *server) raw() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

func (s *server) Taken() (out []string) {
	for _, r := range s.raw() {
		text, _ := decode(r)
		out = append(out, text)
	}
	return out
}

// decode gives the subject with the text part, and the HTML part.
func decode(raw string) (text, html string) {
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return err.Error(), ""
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	_, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err != nil {
			return subject + "\n" + text, html
		}
		body, _ := io.ReadAll(quotedprintable.NewReader(part))
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			html = string(body)
		} else {
			text = string(body)
		}
	}
}

type session struct {
	s  *server
	to *[]string
}

func (c session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (c session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "sluice" || password != "hunter2" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}
func (c session) Reset()      { *c.to = nil }
func (session) Logout() error { return nil }
func (c session) Mail(from string, _ *smtp.MailOptions) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if code := c.s.answers["from "+from]; code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 7, 1}, Message: "not from " + from}
	}
	return nil
}

func (c session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.s.mu.Lock()
	next, code := c.s.next, c.s.answers[to]
	c.s.mu.Unlock()
	if code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "not for " + to}
	}
	*c.to = append(*c.to, to)
	switch next {
	case alerttest.Busy:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	case alerttest.Hang:
		<-c.s.stop
	}
	return nil
}

func (c session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.s.next == alerttest.Refuse {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "looks like spam"}
	}
	c.s.got = append(c.s.got, string(body))
	c.s.to = append(c.s.to, strings.Join(*c.to, ","))
	return nil
}

func start(t *testing.T, implicit bool) *server {
	t.Helper()
	pair := certtest.New(t)
	s := &server{ca: pair.Cert, stop: make(chan struct{})}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{s, new([]string)}, nil }))
	srv.Domain, srv.TLSConfig, srv.ErrorLog = "localhost", &tls.Config{Certificates: []tls.Certificate{pair.TLS}}, quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if implicit {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() { close(s.stop); srv.Close(); <-done })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (s *server) settings() Settings {
	d := *Defaults().(*Settings)
	d.Host, d.Port, d.CAFile = "127.0.0.1", s.port, s.ca
	d.Username, d.Password = "sluice", secret.New("hunter2")
	d.From, d.To = "Sluice <sluice@example.com>", []string{"soc@example.com", "Night <night@example.com>"}
	return d
}

func open(t *testing.T, s Settings) alert.Notifier {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	n, err := s.Open(alert.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestContractStartTLS(t *testing.T) {
	s := start(t, false)
	alerttest.Contract(t, open(t, s.settings()), s)
}

func TestContractImplicitTLS(t *testing.T) {
	s := start(t, true)
	set := s.settings()
	set.TLS = "implicit"
	alerttest.Contract(t, open(t, set), s)
}

func TestMail(t *testing.T) {
	s := start(t, false)
	if err := open(t, s.settings()).Send(t.Context(), alerttest.Sample("m1", alerttest.Hostile)); err != nil {
		t.Fatal(err)
	}
	raw := s.raw()[0]
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Header.Get("Message-ID"); got != "<sluice.m1@example.com>" {
		t.Errorf("Message-ID %s", got)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers %v", m.Header)
	}
	text, html := decode(raw)
	if !strings.Contains(text, "Bcc: victim@example.com") {
		t.Errorf("text %s", text)
	}
	if strings.Contains(html, "<script>") || !strings.Contains(html, "&lt;script&gt;") {
		t.Errorf("html %s", html)
	}
}

// TestRecipients: a recipient that the server refuses keeps the mail from nobody else.
func TestRecipients(t *testing.T) {
	s := start(t, false)
	set := s.settings()
	set.To = []string{"a@example.com", "b@example.com", "c@example.com"}
	n := open(t, set)
	f := func(message string, answers map[string]int, want string, again, final bool) {
		t.Helper()
		s.mu.Lock()
		s.answers, s.to = answers, nil
		s.mu.Unlock()
		err := n.Send(t.Context(), alerttest.Sample(message, "x"))
		s.mu.Lock()
		defer s.mu.Unlock()
		if got := strings.Join(s.to, " "); got != want || (err != nil) != (again || final) || errors.Is(err, alert.ErrFinal) != final || again && !errors.Is(err, alert.ErrNotTaken) {
			t.Errorf("%s %v: for %q, %v; want %q", message, answers, got, err, want)
		}
	}
	f("m1", nil, "a@example.com,b@example.com,c@example.com", false, false)
	f("m2", map[string]int{"b@example.com": 550}, "a@example.com c@example.com", false, false)
	f("m3", map[string]int{"a@example.com": 550, "b@example.com": 550, "c@example.com": 550}, "", true, false)
	f("m4", map[string]int{"a@example.com": 550, "b@example.com": 451, "c@example.com": 550}, "", true, false)
	f("m5", map[string]int{"a@example.com": 451, "b@example.com": 550}, "c@example.com", true, false)
	f("m5", map[string]int{"a@example.com": 451}, "", true, false)
	f("m6", nil, "a@example.com,b@example.com,c@example.com", false, false)
	f("m5", nil, "a@example.com", false, false)
	f("m7", map[string]int{"a@example.com": 451}, "b@example.com c@example.com", true, false)
	f("m7", map[string]int{"a@example.com": 550}, "", false, false)
	// A log-in, or TLS, that the server wants first is for the configuration: the mail waits for it.
	f("m8", map[string]int{"a@example.com": 530, "b@example.com": 530, "c@example.com": 530}, "", true, false)
	// So is an address of ours that the server does not send for, but not what is too large.
	f("m9", map[string]int{"from sluice@example.com": 553}, "", true, false)
	f("m10", map[string]int{"from sluice@example.com": 552}, "", false, true)
	if k := len(n.(*notifier).left); k != 0 {
		t.Errorf("%d messages are still kept", k)
	}
}

// TestNotInTheClear: without TLS on offer, with a foreign authority or a wrong password
// nothing is sent, and it is tried again when somebody has repaired it.
func TestNotInTheClear(t *testing.T) {
	s := start(t, false)
	f := func(why, want string, edit func(*Settings)) {
		t.Helper()
		set := s.settings()
		edit(&set)
		err := open(t, set).Send(t.Context(), alerttest.Sample("m", "x"))
		if !errors.Is(err, alert.ErrNotTaken) || errors.Is(err, alert.ErrFinal) || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", why, err)
		}
	}
	f("the system does not know the authority", "ca_file", func(s *Settings) { s.CAFile = "" })
	other := certtest.New(t).Cert
	f("another authority", "ca_file ("+other+")", func(s *Settings) { s.CAFile = other })
	f("a wrong password", "see tls, username and password of the channel", func(s *Settings) { s.Password = secret.New("hunter22") })
	f("implicit TLS to a plain port", "", func(s *Settings) { s.TLS = "implicit" })
	f("nobody listens", "refused", func(s *Settings) { s.Port = 1 })
	f("no TLS on offer", "STARTTLS", func(set *Settings) { set.Port = plainServer(t) })
	if n := len(s.raw()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// plainServer is a server whose offer of STARTTLS somebody has taken out.
func plainServer(t *testing.T) (port int) {
	t.Helper()
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return session{new(server), new([]string)}, nil
	}))
	srv.Domain, srv.ErrorLog = "localhost", quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

func TestFaults(t *testing.T) {
	f := func(want string, edit func(*Settings)) {
		t.Helper()
		s := (&server{}).settings()
		edit(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("host: ", func(s *Settings) { s.Host = "" })
	f(`host: "mail.example.com:25"`, func(s *Settings) { s.Host = "mail.example.com:25" })
	f("host: ", func(s *Settings) { s.Host = "smtps://mail.example.com" })
	f("host: it holds a user", func(s *Settings) { s.Host = "smtp://sluice:hunter2@mail.example.com:587" })
	f("host: ", func(s *Settings) { s.Host = "mail.example.com:25:25" })
	f("helo: ", func(s *Settings) { s.HELO = "our host" })
	f("helo: ", func(s *Settings) { s.HELO = "host\r\nMAIL FROM:<x@example.com>" })
	f("tls: ", func(s *Settings) { s.TLS = "ssl" })
	f("in the clear", func(s *Settings) { s.TLS = "none" })
	f("from: ", func(s *Settings) { s.From = "a@b\r\nBcc: c@d" })
	f("to: ", func(s *Settings) { s.To = nil })
	f("go together", func(s *Settings) { s.Username = "" })
}

func TestDocumented(t *testing.T) {
	s := Defaults()
	alerttest.Example(t, "../..", "email", s)
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}
