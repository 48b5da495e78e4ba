package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// tokenBytes of randomness make a token: 256 bit.
const tokenBytes = 32

// Token is the secret that opens the console. It prints as [token], so that it does
// not slip into logs.
type Token struct{ text string }

// parseToken takes a token as it is in the file or in a header.
func parseToken(text string) (Token, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != tokenBytes {
		return Token{}, errors.New("not a console token")
	}
	return Token{text}, nil
}

// Reveal is the token itself.
func (t Token) Reveal() string { return t.text }

// Link is the address that logs a browser in. The token is behind the #, which
// browsers send to nobody: it is in no log and in no Referer.
func (t Token) Link(base string) string { return base + "/login#token=" + t.text }

// String hides the token.
func (t Token) String() string { return "[token]" }

// GoString hides the token.
func (t Token) GoString() string { return "[token]" }

// LogValue hides the token.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// equal compares in a time that says nothing about where they differ. The empty
// token equals nothing.
func (t Token) equal(text string) bool {
	a, b := sha256.Sum256([]byte(t.text)), sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && t.text != ""
}

// LoadToken reads the token in the file at path, or makes one there (mode 0600) and
// says so. A file that others may read is refused.
func LoadToken(path string) (t Token, created bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		t, err = createToken(path)
		return t, err == nil, err
	}
	if err != nil {
		return Token{}, false, fmt.Errorf("read the console token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Token{}, false, fmt.Errorf("console token %s has mode %04o, so others can read it; run chmod 600 on it, or delete it to get a new one", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Token{}, false, fmt.Errorf("read the console token: %w", err)
	}
	if t, err = parseToken(strings.TrimSpace(string(text))); err != nil {
		return Token{}, false, fmt.Errorf("console token %s is damaged; delete it to get a new one", path)
	}
	return t, false, nil
}

// createToken writes a new token durably: the link is printed once, so a token that a
// power cut takes back would lock people out.
func createToken(path string) (Token, error) {
	raw := make([]byte, tokenBytes)
	rand.Read(raw) //nolint:errcheck // crypto/rand.Read never fails
	t := Token{base64.RawURLEncoding.EncodeToString(raw)}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".token-*") // mode 0600
	if err != nil {
		return Token{}, fmt.Errorf("create the console token: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone after the rename
	_, err = f.WriteString(t.text + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return Token{}, fmt.Errorf("create the console token: %w", err)
	}
	return t, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
