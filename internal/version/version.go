// Package version tells which build this is.
package version

import (
	"runtime"
	"runtime/debug"
)

// Number is the release; the linker may set it.
var Number = "0.1.0-dev"

// commit is the revision that the build was made of, "" if it was not recorded.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	rev, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			rev = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	return rev + dirty
}

// Short is release and commit.
func Short() string {
	if c := commit(); c != "" {
		return Number + " (" + c + ")"
	}
	return Number
}

// String is one line: release, commit, Go version and platform.
func String() string {
	return "sluice " + Short() + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}
