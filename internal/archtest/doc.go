// Package archtest checks the rules of the tree that the compiler does not enforce: which folder
// may import which, where each external library may be used, which packages are pure, that every
// package has a comment, and how long functions and files may be.
package archtest
