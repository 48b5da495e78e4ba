package console

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Role is what a caller may do. Each includes the ones before it; the zero value is
// no role and refused in the table of routes.
type Role int

// The roles.
const (
	RoleNone    Role = iota + 1 // anyone who reaches the port
	RoleViewer                  // reads
	RoleAnalyst                 // and works on alerts
	RoleAdmin                   // and changes the program's settings
)

// String is the role's name in the API.
func (r Role) String() string {
	switch r {
	case RoleNone:
		return "none"
	case RoleViewer:
		return "viewer"
	case RoleAnalyst:
		return "analyst"
	case RoleAdmin:
		return "admin"
	}
	return "invalid"
}

// Principal is who calls.
type Principal struct {
	Name string
	Role Role
}

// Authenticator finds out who calls. An error means that nobody known does; its text
// goes to the log, not to the caller. It is called concurrently.
type Authenticator interface {
	Authenticate(r *http.Request) (Principal, error)
}

// cookieName names the session of a browser by the port that it calls: it sends a cookie to all
// ports of a host, so two consoles on one machine, or behind two tunnels, would end each other's.
func cookieName(r *http.Request) string {
	name := "sluice_session"
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		name += "_" + port
	}
	return name
}

var errNoCredential = errors.New("no credential")

// tokenAuth knows one principal: whoever has the token, as Bearer or through a
// session that it opened.
type tokenAuth struct {
	token    Token
	sessions *sessions
}

// Authenticate takes a Bearer token, else a session's cookie.
func (a *tokenAuth) Authenticate(r *http.Request) (Principal, error) {
	// Another scheme is that of a proxy in front.
	if scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		if a.token.equal(strings.TrimSpace(text)) {
			return Principal{Name: "token", Role: RoleAdmin}, nil
		}
		return Principal{}, errors.New("wrong token")
	}
	c, err := r.Cookie(cookieName(r))
	if err != nil {
		return Principal{}, errNoCredential
	}
	p, ok := a.sessions.find(c.Value)
	if !ok {
		return Principal{}, errors.New("session unknown or over")
	}
	return p, nil
}

// wrongTokens keeps whoever tries tokens from filling the log.
type wrongTokens struct {
	mu   sync.Mutex
	n    int
	next time.Time // when it is told again
}

// count notes one, and gives how many there are to tell: 0 within a minute of the last.
func (w *wrongTokens) count(now time.Time) (tell int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	if now.Before(w.next) {
		return 0
	}
	tell, w.n, w.next = w.n, 0, now.Add(time.Minute)
	return tell
}

const (
	// sessionAge ends a session however much it is used: a working day and its evening.
	sessionAge = 24 * time.Hour
	// sessionIdle ends one that nobody uses.
	sessionIdle = 8 * time.Hour
	// maxSessions bounds memory; the session that was used longest ago makes room.
	maxSessions = 1000
)

type session struct {
	who         Principal
	begun, used time.Time
}

// sessions are kept in memory under the hash of their id, so that what can be read
// here opens nothing. A restart ends them all.
type sessions struct {
	now func() time.Time
	mu  sync.Mutex
	all map[[sha256.Size]byte]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: map[[sha256.Size]byte]*session{}}
}

// open begins a session and returns its id, the value of the cookie.
func (s *sessions) open(who Principal) string {
	id := rand.Text() + rand.Text() // 260 bit
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var oldest [sha256.Size]byte
	var at time.Time
	for k, v := range s.all {
		if v.over(now) {
			delete(s.all, k)
		} else if at.IsZero() || v.used.Before(at) {
			oldest, at = k, v.used
		}
	}
	if len(s.all) >= maxSessions {
		delete(s.all, oldest)
	}
	s.all[sha256.Sum256([]byte(id))] = &session{who: who, begun: now, used: now}
	return id
}

func (v *session) over(now time.Time) bool {
	return now.Sub(v.begun) >= sessionAge || now.Sub(v.used) >= sessionIdle
}

// find returns whose session it is, and counts as use of it.
func (s *sessions) find(id string) (Principal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := sha256.Sum256([]byte(id))
	v, ok := s.all[k]
	if !ok {
		return Principal{}, false
	}
	if v.over(s.now()) {
		delete(s.all, k)
		return Principal{}, false
	}
	v.used = s.now()
	return v.who, true
}

// end forgets a session.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(id)))
}
