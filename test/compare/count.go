package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// counted prints a row a family: the instructions a line that cachegrind counts, which say less
// than the time does, as they know nothing of caches, but are the same on every busy machine.
func counted(reference, sketch string, files []lineFile) error {
	if _, err := exec.LookPath("valgrind"); err != nil {
		return fmt.Errorf("valgrind counts instructions: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Println("instructions a line    reference   sluice   ratio")
	for i, fam := range families {
		f := files[i]
		ref, err := aLine(f, func(reps int) *exec.Cmd {
			cmd := exec.Command("valgrind", append(cachegrind(), reference, "-mode", "bench", "-reps", strconv.Itoa(reps), f.name)...)
			cmd.Dir = sketch
			return cmd
		})
		if err != nil {
			return fmt.Errorf("reference: %w", err)
		}
		own, err := aLine(f, func(reps int) *exec.Cmd {
			return exec.Command("valgrind", append(cachegrind(), self, "-worker", f.name, "-lines", strconv.Itoa(reps*f.n))...)
		})
		if err != nil {
			return fmt.Errorf("worker: %w", err)
		}
		fmt.Printf("%-22s %9.0f %8.0f %7.2f\n", fam.name, ref, own, own/ref)
	}
	return nil
}

func cachegrind() []string {
	return []string{"--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"}
}

// countedReps is how often the file's lines are read in the longer of two runs, of which the
// shorter one, which reads them once, is taken off: what is left is the lines' alone.
const countedReps = 11

// aLine is the instructions of a line.
func aLine(f lineFile, command func(reps int) *exec.Cmd) (float64, error) {
	once, err := instructions(command(1))
	if err != nil {
		return 0, err
	}
	often, err := instructions(command(countedReps))
	return float64(often-once) / float64((countedReps-1)*f.n), err
}

var refs = regexp.MustCompile(`I +refs: +([0-9,]+)`)

func instructions(cmd *exec.Cmd) (int64, error) {
	cmd.Env = append(os.Environ(), "GOGC=off", "GOMAXPROCS=1")
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, said.String())
	}
	m := refs.FindStringSubmatch(said.String())
	if m == nil {
		return 0, fmt.Errorf("no count in %q", said.String())
	}
	return strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
}
