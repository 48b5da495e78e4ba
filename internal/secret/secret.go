// Package secret holds passwords, keys and tokens in a type that cannot be printed by accident in
// a log, error, dump or document.
package secret

// Secret is a text that prints as ***. Reveal is the only way to its value, so that a
// search for the word finds every use. The value is behind a pointer because fmt calls
// no method of a field that is not exported, nor for a verb such as %d: it prints the address.
type Secret struct{ value *string }

// mask is what every way of printing gives; it does not tell the length.
const mask = "***"

// New hides value.
func New(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal gives the value.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty says whether there is no value.
func (s Secret) Empty() bool { return s.value == nil }

// String is *** for any value and "" for none.
func (s Secret) String() string {
	if s.Empty() {
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
	*s = New(string(text))
	return nil
}
