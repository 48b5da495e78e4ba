// Package secret holds passwords, keys and tokens in a type that cannot be printed by accident in
// a log, error, dump or document.
package secret

// Secret is a text that prints as ***. Reveal is the only way to its value, so that a
// search for the word finds every use.
type Secret struct{ value string }

// mask is what every way of printing gives; it does not tell the length.
const mask = "***"

// New hides value.
func New(value string) Secret { return Secret{value} }

// Reveal gives the value.
func (s Secret) Reveal() string { return s.value }

// Empty says whether there is no value.
func (s Secret) Empty() bool { return s.value == "" }

// String is *** for any value and "" for none.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return mask
}

// GoString is what %#v prints.
func (s Secret) GoString() string { return `secret.Secret("` + s.String() + `")` }

// MarshalText writes String's form: a configuration that is dumped shows ***.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the value from a configuration.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
