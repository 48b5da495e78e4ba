package sigma

import (
	"errors"
	"fmt"
	"slices"

	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/rules"
)

// filterKey begins the keys under which Arrange lays filters on a rule; the file that
// the filter is from follows. No YAML file can hold the byte 0.
const filterKey = "\x00filter of "

// Arrange takes collections of rules apart (action: global, reset, repeat), lays the
// filters of all files on the rules that they name, and those on the correlations that
// refer to them.
func (t *Translator) Arrange(files []rules.Documents) ([]rules.Documents, error) {
	var errs []error
	for i := range files {
		for _, doc := range files[i].Docs {
			errs = append(errs, unknownAction(files[i].File, doc))
		}
		docs, err := collection(files[i].File, files[i].Docs)
		files[i].Docs, errs = docs, append(errs, err)
	}
	for _, f := range files {
		for _, doc := range f.Docs {
			if filter := entry(doc, "filter"); filter != nil {
				errs = append(errs, lay(f.File, doc, filter, files))
			}
		}
	}
	refer(files)
	return files, errors.Join(errs...)
}

// entry is the value of a key; nil: there is none.
func entry(n *strictyaml.Node, key string) *strictyaml.Node {
	if n == nil {
		return nil
	}
	for k, v := range pairs(n) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

// unknownAction is the fault of a Sigma document whose action is none: what it says for all
// rules that follow would otherwise be a rule of its own, and those would lack it.
func unknownAction(file string, doc *strictyaml.Node) error {
	actions := []string{"global", "repeat", "reset"}
	action := entry(doc, "action")
	if action == nil || slices.Contains(actions, action.Value) || entry(doc, "detection") == nil && entry(doc, "logsource") == nil {
		return nil
	}
	return &Fault{
		File: file, Line: action.Line, Column: action.Column, Reason: Malformed,
		Problem: fmt.Sprintf("no action is named %.60q%s", action.Value, strictyaml.DidYouMean(action.Value, actions)),
	}
}

// collection is the older form of several rules in a file: a global document is part of
// all that follow, until reset; repeat is the rule before, changed.
func collection(file string, docs []*strictyaml.Node) (out []*strictyaml.Node, err error) {
	var global, last *strictyaml.Node
	for _, doc := range docs {
		action := entry(doc, "action")
		switch {
		case action == nil:
			last = merge(global, doc)
			out = append(out, last)
		case action.Value == "global":
			global = without(doc, "action")
		case action.Value == "reset":
			global = nil
		case action.Value == "repeat" && last == nil:
			if err == nil {
				err = &Fault{
					File: file, Line: action.Line, Column: action.Column, Reason: Malformed,
					Problem: "action: repeat changes the rule before it in this file, and there is none", Hint: "put the whole rule first",
				}
			}
		case action.Value == "repeat":
			last = merge(last, without(doc, "action"))
			out = append(out, last)
		default:
			out = append(out, doc) // another language may have an action
		}
	}
	return out, err
}

func without(n *strictyaml.Node, key string) *strictyaml.Node {
	out := *n
	out.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != key {
			out.Content = append(out.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &out
}

// merge lays what over has on base; mappings are merged, all else is replaced.
func merge(base, over *strictyaml.Node) *strictyaml.Node {
	over = strictyaml.Follow(over)
	if base == nil {
		return over
	}
	if base = strictyaml.Follow(base); base.Kind != strictyaml.Mapping || over.Kind != strictyaml.Mapping {
		return over
	}
	out := *over
	out.Content = slices.Clone(over.Content)
	for k, v := range pairs(base) {
		at := 0
		for at < len(out.Content) && out.Content[at].Value != k.Value {
			at += 2
		}
		if at < len(out.Content) {
			out.Content[at+1] = merge(v, out.Content[at+1])
		} else {
			out.Content = append(out.Content, k, v)
		}
	}
	return &out
}

// lay puts a filter on every rule that it is for: those that it names by id or name, or
// any; and what it says of the log source holds for the rule's.
func lay(file string, doc, filter *strictyaml.Node, files []rules.Documents) error {
	named := entry(filter, "rules")
	all := named == nil || named.Kind == strictyaml.Scalar && named.Value == "any" || named.Kind == strictyaml.Sequence && len(named.Content) == 0
	found := map[string]bool{} // by id or name: whether the filter is laid on it
	for i := range files {
		for j, rule := range files[i].Docs {
			if entry(rule, "detection") == nil {
				continue
			}
			in := within(entry(rule, "logsource"), entry(doc, "logsource"))
			for _, key := range []string{"id", "name"} {
				v := entry(rule, key)
				known := v != nil && !all && slices.Contains(texts(named), v.Value)
				if known {
					found[v.Value] = found[v.Value] || in
				}
				if (known || all && key == "id") && in {
					files[i].Docs[j] = filtered(rule, file, filter)
					break
				}
			}
		}
	}
	if all {
		return nil
	}
	var errs []error
	r, laid := &reader{file: file}, false
	for _, n := range list(named) {
		on, there := found[n.Value]
		if laid = laid || on; !there {
			errs = append(errs, r.fail(n, "", "the filter is for the rule %q, which is not loaded", n.Value))
		}
	}
	if source := entry(doc, "logsource"); errs == nil && !laid && source != nil {
		errs = append(errs, r.fail(source, "give it the log source of the rules", "the filter is without effect: no rule that it names has all of this log source"))
	}
	return errors.Join(errs...)
}

func list(n *strictyaml.Node) []*strictyaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == strictyaml.Scalar:
		return []*strictyaml.Node{n}
	}
	return n.Content
}

// within says whether a rule's log source has all that a filter's has.
func within(rule, filter *strictyaml.Node) bool {
	if filter == nil || rule == nil {
		return filter == nil
	}
	for k, v := range pairs(filter) {
		if of := entry(rule, k.Value); k.Value != "definition" && (of == nil || of.Value != v.Value) {
			return false
		}
	}
	return true
}

func filtered(rule *strictyaml.Node, file string, filter *strictyaml.Node) *strictyaml.Node {
	out, key := *rule, *filter
	key.Kind, key.Value, key.Content = strictyaml.Scalar, filterKey+file, nil
	out.Content = append(slices.Clone(rule.Content), &key, filter)
	return &out
}

// laid is the condition of a filter, read when the rule's own is.
func (r *reader) laid(file string, filter *strictyaml.Node) func() (*condition.Node, error) {
	return func() (*condition.Node, error) {
		in := *r
		in.file = file
		return in.detection(without(filter, "rules"))
	}
}

// filter checks a filter by itself, so that its fault is told also where no rule has it.
func (r *reader) filter(n *strictyaml.Node) error {
	if n.Kind != strictyaml.Mapping {
		return r.fail(n, "", "a filter has rules, selections and a condition")
	}
	in := *r
	in.leaves = condition.NewLeaves()
	_, err := in.detection(without(n, "rules"))
	return err
}
