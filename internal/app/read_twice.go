package app

import (
	"fmt"

	"sluice/ingest/filetail"
)

// readTwice warns of globs that stand twice: each input reads for itself, so every line of such a file
// becomes two events, and everybody who counts them counts double.
func readTwice(s *Settings) (warnings []string) {
	readers := map[string]string{} // of each glob
	for _, in := range s.Inputs {
		tail, ok := in.Settings.(*filetail.Settings)
		if !ok {
			continue
		}
		for _, glob := range tail.Paths {
			if first, twice := readers[glob]; twice && first != in.Name {
				warnings = append(warnings, fmt.Sprintf("%sinputs %s and %s both read %s: each of its lines becomes two events",
					s.at("inputs", in.Name+".paths", glob), first, in.Name, glob))
			}
			readers[glob] = in.Name
		}
	}
	return warnings
}
