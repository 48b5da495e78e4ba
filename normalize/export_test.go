package normalize

// Lazy is a file as those that ship are.
func Lazy(name, text string) File { return File{Name: name, Text: []byte(text), lazy: true} }

// Verbs are the names of all steps, sorted: documentation and schema have an entry for each.
func Verbs() []string { return sortedKeys(verbs()) }

// TypeNames are the types that packs may name.
func TypeNames() []string { return sortedKeys(types) }
