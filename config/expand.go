package config

import (
	"errors"
	"strings"

	"sluice/internal/strictyaml"
)

// expand replaces ${NAME}, ${NAME:-default} and ${file:PATH} in every value, once:
// what comes in is never expanded again, and keys are not. $$ is a dollar sign.
func expand(src *strictyaml.Source, n *strictyaml.Node, look Lookup) {
	switch n.Kind {
	case strictyaml.Scalar:
		if strings.ContainsRune(n.Value, '$') {
			n.Value = expandText(src, n, look)
			n.Tag = "!!str"
		}
	case strictyaml.Mapping:
		for i := 1; i < len(n.Content); i += 2 {
			expand(src, n.Content[i], look)
		}
	case strictyaml.Sequence:
		for _, c := range n.Content {
			expand(src, c, look)
		}
	}
}

// expandText leaves a value as it is written where a reference has a fault, and that as the
// only one of its place.
func expandText(src *strictyaml.Source, n *strictyaml.Node, look Lookup) string {
	var b strings.Builder
	good := true
	for s := n.Value; ; {
		at := strings.IndexByte(s, '$')
		if at < 0 || at == len(s)-1 {
			b.WriteString(s)
			if !good {
				src.Mute(n)
				return n.Value
			}
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at+1:]
		if s[0] == '$' {
			b.WriteByte('$')
			s = s[1:]
			continue
		}
		if s[0] != '{' {
			b.WriteByte('$')
			continue
		}
		end := strings.IndexByte(s, '}')
		if end < 0 { // what stands there may be a secret
			src.Fail(n, "a ${ without its }: write ${NAME} or ${file:PATH}, or $${ for the text itself")
			src.Mute(n)
			return n.Value
		}
		text, ok := resolve(src, n, s[1:end], look)
		b.WriteString(text)
		good = good && ok
		s = s[end+1:]
	}
}

// resolve looks one reference up. A value is never part of a fault: it may be a secret.
func resolve(src *strictyaml.Source, n *strictyaml.Node, ref string, look Lookup) (text string, ok bool) {
	if path, ok := strings.CutPrefix(ref, "file:"); ok {
		text, err := look.ReadFile(path)
		value := strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), "\r\n") // as editors write them
		if err == nil && value == "" {
			err = errors.New("the file is empty")
		}
		if err != nil {
			src.Fail(n, "${file:%s}: %v", path, err)
		}
		return value, err == nil
	}
	name, def, hasDefault := strings.Cut(ref, ":-")
	// A secret that was made by echo ends its variable with a line, as a file does.
	v, ok := look.Env(name)
	if v = strings.TrimRight(v, "\r\n"); ok && (v != "" || !hasDefault) {
		return v, true
	}
	// Not even the default counts under such a name: ${env:PORT:-514} would ignore the PORT that is set.
	if !isVariable(name) {
		src.Fail(n, "%q is no name of an environment variable: write ${NAME}, ${NAME:-value} or ${file:PATH}", name)
		return "", false
	}
	if !hasDefault {
		src.Fail(n, "the environment has no %s; set it, or give a default: ${%s:-value}", name, name)
	}
	return def, hasDefault
}

// isVariable reports whether a shell could set a variable of this name.
func isVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
