// Package archtest holds the rules of the tree that the compiler does not know:
// which folder may import which, where each outside library lives, which packages
// are pure, that every package says what it is for, and how long a function may be.
package archtest
