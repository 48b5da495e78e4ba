package normalize

// Lazy is a file as those that ship are.
func Lazy(name, text string) File { return File{Name: name, Text: []byte(text), lazy: true} }
