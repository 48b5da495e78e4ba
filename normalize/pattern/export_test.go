package pattern

// Observe makes f be told of each expression that package regexp reads, until it is given nil.
func Observe(f func(expression string)) { observe = f }
