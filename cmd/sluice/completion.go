package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// writeCompletion writes a static script: the commands and flags of this build.
func writeCompletion(w io.Writer, shell string, app *kong.Application) error {
	var b strings.Builder
	switch shell {
	case "fish":
		fishCompletion(&b, app.Node, nil)
	default:
		if shell == "zsh" { // bashcompinit needs what compinit defines, which not every set-up calls
			b.WriteString("(( $+functions[compdef] )) || { autoload -U compinit && compinit; }\nautoload -U +X bashcompinit && bashcompinit\n")
		}
		bashCompletion(&b, app)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func bashCompletion(b *strings.Builder, app *kong.Application) {
	words := map[string][]string{} // by command path
	var paths []string
	var walk func(path string, n *kong.Node)
	walk = func(path string, n *kong.Node) {
		paths = append(paths, path)
		words[path] = values(n)
		for _, f := range flags(n) {
			words[path] = append(words[path], "--"+f.Name)
		}
		for _, child := range commands(n) {
			words[path] = append(words[path], child.Name)
			walk(strings.TrimSpace(path+" "+child.Name), child)
		}
	}
	walk("", app.Node)
	b.WriteString("_sluice() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" w\n")
	b.WriteString("  for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do case \"$w\" in -*) ;; *) path=\"$path $w\" ;; esac; done\n")
	b.WriteString("  local words=\"\"\n  case \"${path# }\" in\n")
	slices.SortFunc(paths, func(a, c string) int { return len(c) - len(a) }) // the longest path first
	for _, p := range paths {
		pattern := fmt.Sprintf("%q*", p)
		if p == "" {
			pattern = "*"
		}
		fmt.Fprintf(b, "    %s) words=%q ;;\n", pattern, strings.Join(words[p], " "))
	}
	// Where no word fits, the shell completes names of files, with spaces in them too.
	b.WriteString("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _sluice sluice\n")
}

// fishCompletion writes what may follow the commands of path, and then what may follow each
// command below n.
func fishCompletion(b *strings.Builder, n *kong.Node, path []string) {
	var names []string
	for _, child := range commands(n) {
		names = append(names, child.Name)
	}
	var when []string
	for _, name := range path {
		when = append(when, "__fish_seen_subcommand_from "+name)
	}
	if len(path) == 0 {
		when = append(when, "__fish_use_subcommand")
	} else if len(names) > 0 {
		when = append(when, "not __fish_seen_subcommand_from "+strings.Join(names, " "))
	}
	line := "complete -c sluice -n '" + strings.Join(when, "; and ") + "'"
	for _, value := range values(n) {
		fmt.Fprintf(b, "%s -a %s\n", line, value)
	}
	for _, child := range commands(n) {
		fmt.Fprintf(b, "%s -f -a %s -d %s\n", line, child.Name, quoted(child.Help))
	}
	for _, f := range flags(n) {
		fmt.Fprintf(b, "%s -l %s -d %s\n", line, f.Name, quoted(f.Help))
	}
	for _, child := range commands(n) {
		fishCompletion(b, child, append(slices.Clone(path), child.Name))
	}
}

// quoted is a text that fish takes as it stands: in double quotes it would run $(..).
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// commands are the commands below n that help shows.
func commands(n *kong.Node) (out []*kong.Node) {
	for _, child := range n.Children {
		if child.Type == kong.CommandNode && !child.Hidden {
			out = append(out, child)
		}
	}
	return out
}

func flags(n *kong.Node) (out []*kong.Flag) {
	for _, group := range n.AllFlags(true) {
		out = append(out, group...)
	}
	return out
}

// values are those that an argument of the command may have, where only some may be.
func values(n *kong.Node) (out []string) {
	for _, arg := range n.Positional {
		if arg.Enum != "" {
			out = append(out, strings.Split(arg.Enum, ",")...)
		}
	}
	return out
}
