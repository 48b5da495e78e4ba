// Package guardhttp makes HTTP posts to configured URLs without the risk of server-side request
// forgery: no connection is made to this machine, its network or a cloud's metadata service
// unless that address is explicitly allowed, whatever a host name resolves to at that moment.
// Redirects are not followed, proxies are not used, and time and response size are bounded.
package guardhttp

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluice/internal/cidr"
)

const (
	timeout   = 30 * time.Second
	maxAnswer = 64 << 10 // an answer is read for its reason only
	maxBody   = 4 << 20
)

// ErrForbidden is wrapped by errors that say that nothing was sent and that no retry helps.
var ErrForbidden = errors.New("not allowed")

// ErrInward is wrapped by those of them that say that an address is not to be reached: allowing it helps.
var ErrInward = fmt.Errorf("%w", ErrForbidden)

// Options of a Client. The zero value reaches the public internet only.
type Options struct {
	Allow   []netip.Prefix // reached although they lead inward
	RootCAs *x509.CertPool // nil: the system's
	Timeout time.Duration  // of a whole exchange; 0 is 30 s
}

// Client posts. It is safe for concurrent use.
type Client struct {
	allow []netip.Prefix
	http  *http.Client
}

// Answer is what came back, with at most 64 KiB of its body, and less where that breaks off or has
// no end in time: the status alone says what became of the post.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Inner are the inner addresses that settings allow. There are none if one of the texts is
// no address and no range, which whoever validates the settings refuses.
func Inner(texts []string) []netip.Prefix {
	set, _ := cidr.ParseSet(texts)
	return set
}

// New makes a client.
func New(opt Options) *Client {
	c := &Client{allow: opt.Allow}
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: c.control}
	if opt.Timeout == 0 {
		opt.Timeout = timeout
	}
	c.http = &http.Client{
		Timeout:       opt.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve and reach what we must not
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: opt.RootCAs},
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: 32 << 10,
			IdleConnTimeout:        30 * time.Second,
			MaxIdleConnsPerHost:    2,
			ForceAttemptHTTP2:      true,
		},
	}
	return c
}

// CheckURL says whether text is an address that may be posted to: https (or http, for
// what is allowed by name inside a network), a host, no user in it.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return errors.New("is missing: where to post, such as https://soar.example.com/x")
	case err != nil:
		return errors.New("not a URL") // url.Error holds the text, which may hold a token
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("the URL must begin with https://")
	case u.Hostname() == "":
		return errors.New("the URL names no host")
	case !ValidPort(u.Port()):
		return errors.New("the URL names no port; it is a number up to 65535")
	case u.User != nil:
		return errors.New("the URL holds a user name; put credentials into their own setting")
	case u.Fragment != "":
		return errors.New("the URL holds a fragment (#), which is never sent")
	}
	return nil
}

// ValidPort says whether the port of a URL is one, or none is named.
func ValidPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil
}

// Post sends body and reads the answer. An error never holds the address, which may be
// a secret, beyond its host.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	if len(body) > maxBody {
		return Answer{}, fmt.Errorf("the message has %d bytes, at most %d are sent: %w", len(body), maxBody, ErrForbidden)
	}
	if err := CheckURL(address); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", err, ErrForbidden)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("not a URL: %w", ErrForbidden)
	}
	req.Header = header.Clone()
	res, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return Answer{}, fmt.Errorf("post to %s: %w", req.URL.Host, err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return Answer{res.StatusCode, res.Header, text}, nil
}

// RetryAfter is what the answer asks for, in seconds or as a date; 0 is nothing.
func (a Answer) RetryAfter(now time.Time) time.Duration {
	v := a.Header.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return time.Duration(min(s, 86400)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// control runs between the resolution of a name and the connection, for each address
// that is tried: a name that resolves anew to something else cannot pass it.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %s: %w", address, ErrForbidden)
	}
	if why := refusal(ap.Addr(), c.allow); why != "" {
		return fmt.Errorf("%s: %w; add it to allow if it is meant", why, ErrInward)
	}
	return nil
}

func refusal(ip netip.Addr, allow []netip.Prefix) string {
	ip = ip.WithZone("").Unmap()
	for _, p := range allow {
		if p.Contains(ip) {
			return ""
		}
	}
	if why := inward(ip); why != "" {
		return fmt.Sprintf("%s is %s", ip, why)
	}
	return ""
}

// Refusal says why a post to address will be refused, as far as that is known before its name is
// resolved; "": nothing is known against it. It holds no more of the address than the host.
func Refusal(address string, allow []netip.Prefix) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return refusal(ip, allow)
	}
	local := []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	let := func(ip netip.Addr) bool { return refusal(ip, allow) == "" }
	if name := strings.TrimSuffix(strings.ToLower(host), "."); (name == "localhost" || strings.HasSuffix(name, ".localhost")) && !slices.ContainsFunc(local, let) {
		return "localhost is this machine" // RFC 6761
	}
	return ""
}

// special are the ranges of RFC 6890 and its successors that netip has no method for.
var special = []struct {
	prefix netip.Prefix
	why    string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared by a provider's customers"},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), "for documentation"},
	{netip.MustParsePrefix("198.18.0.0/15"), "for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), "for documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "for documentation"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "local translation"},
	{netip.MustParsePrefix("100::/64"), "discarded"},
	{netip.MustParsePrefix("2001::/23"), "reserved"},
	{netip.MustParsePrefix("2001:db8::/32"), "for documentation"},
	{netip.MustParsePrefix("fec0::/10"), "of this site"},
}

var (
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4   = netip.MustParsePrefix("2002::/16")
	v4compat = netip.MustParsePrefix("::/96")
)

// inward says why ip is not on the public internet; "" if it is.
func inward(ip netip.Addr) string {
	switch {
	case !ip.IsValid() || ip.IsUnspecified():
		return "no address of a host"
	case ip.IsLoopback():
		return "this machine"
	case ip.IsPrivate():
		return "private"
	case ip.IsLinkLocalUnicast():
		return "link-local, where clouds keep their metadata"
	case ip.IsMulticast() || ip.IsInterfaceLocalMulticast():
		return "multicast"
	}
	for _, s := range special {
		if s.prefix.Contains(ip) {
			return s.why
		}
	}
	// These carry an IPv4 address that a gateway would go to.
	b := ip.As16()
	switch {
	case !ip.Is6():
	case nat64.Contains(ip), v4compat.Contains(ip):
		return inward(netip.AddrFrom4([4]byte(b[12:16])))
	case sixTo4.Contains(ip):
		return inward(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return ""
}
