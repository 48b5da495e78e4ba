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
	words := map[string][]string{} // by command path
	var paths []string
	var walk func(path string, n *kong.Node)
	walk = func(path string, n *kong.Node) {
		paths = append(paths, path)
		for _, group := range n.AllFlags(true) {
			for _, f := range group {
				words[path] = append(words[path], "--"+f.Name)
			}
		}
		for _, child := range n.Children {
			if child.Type == kong.CommandNode && !child.Hidden {
				words[path] = append(words[path], child.Name)
				walk(strings.TrimSpace(path+" "+child.Name), child)
			}
		}
	}
	walk("", app.Node)
	var b strings.Builder
	switch shell {
	case "fish":
		fishCompletion(&b, app)
	default:
		if shell == "zsh" {
			b.WriteString("autoload -U +X bashcompinit && bashcompinit\n")
		}
		bashCompletion(&b, paths, words)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func bashCompletion(b *strings.Builder, paths []string, words map[string][]string) {
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
	b.WriteString("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _sluice sluice\n")
}

func fishCompletion(b *strings.Builder, app *kong.Application) {
	for _, child := range app.Children {
		if child.Type == kong.CommandNode && !child.Hidden {
			fmt.Fprintf(b, "complete -c sluice -n __fish_use_subcommand -a %s -d %q\n", child.Name, child.Help)
			for _, group := range child.AllFlags(true) {
				for _, f := range group {
					fmt.Fprintf(b, "complete -c sluice -n '__fish_seen_subcommand_from %s' -l %s -d %q\n", child.Name, f.Name, f.Help)
				}
			}
		}
	}
}
