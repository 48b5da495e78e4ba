// Compare measures the CPU time of normalizing against the reference engine that
// Sluice's packs began with, in one session and on the same lines: first the one,
// then the other, several rounds, since machines are never idle twice in the same way.
//
//	go run ./test/compare -shared ../shared -sluice ./sluice
//	go run ./test/compare -shared ../shared -instructions       # what no other work on the machine disturbs
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"sluice/internal/testbed"
)

// families are the lines that both engines read, by what stands in them.
var families = []struct {
	name  string
	label *regexp.Regexp
	line  *regexp.Regexp
}{
	{"cisco_asa", regexp.MustCompile(`^cisco_asa_ftd$`), regexp.MustCompile(`%ASA-\d`)},
	{"sshd", regexp.MustCompile(`^(linux_auth|loghub_OpenSSH)$`), regexp.MustCompile(` sshd\[\d+\]: `)},
	{"nginx", regexp.MustCompile(`^nginx$`), regexp.MustCompile(`\] "[A-Z]+ [^"]* HTTP/[0-9.]+" \d{3} `)},
	{"fortigate", regexp.MustCompile(`^fortinet_fortigate$`), regexp.MustCompile(`\bsubtype="?\w`)},
	{"panw_panos", regexp.MustCompile(`^panw_panos$`), regexp.MustCompile(`,(TRAFFIC|THREAT|SYSTEM|CONFIG|GLOBALPROTECT|USERID|HIPMATCH|DECRYPTION),`)},
	{"suricata", regexp.MustCompile(`^suricata$`), regexp.MustCompile(`"event_type":`)},
}

func main() {
	shared := flag.String("shared", "../shared", "folder with corpus/ and sketches/packs")
	program := flag.String("sluice", "", "measure `sluice normalize` too: the program")
	rounds := flag.Int("rounds", 7, "how often each is run, in turns")
	lines := flag.Int("lines", 200_000, "lines in one run")
	count := flag.Bool("instructions", false, "count instructions with valgrind in place of taking the time")
	worker := flag.String("worker", "", "internal: normalize the lines of this file and print us a line")
	flag.Parse()
	if *worker != "" {
		us, err := ours(*worker, *lines)
		if err != nil {
			fail(err)
		}
		fmt.Println(us)
		return
	}
	if err := compare(*shared, *program, *rounds, *lines, *count); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "compare:", err)
	os.Exit(1)
}

// compare prints a row a family: the least CPU time of each side, which is the one
// that others disturbed least, and the median of the rounds' ratios.
func compare(shared, program string, rounds, lines int, count bool) error {
	dir, err := os.MkdirTemp("", "sluice-compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	shared, err = filepath.Abs(shared)
	if err != nil {
		return err
	}
	reference := filepath.Join(dir, "packrun")
	sketch := filepath.Join(shared, "sketches/packs")
	build := exec.Command("go", "build", "-o", reference, "./cmd/packrun")
	build.Dir, build.Stderr = sketch, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the reference: %w", err)
	}
	files, err := extract(filepath.Join(shared, "corpus/bench"), dir)
	if err != nil {
		return err
	}
	if count {
		return counted(reference, sketch, files)
	}
	fmt.Printf("%s, %d CPUs, %d rounds of %d lines; CPU us a line, raw line to JSON\n", runtime.Version(), runtime.NumCPU(), rounds, lines)
	fmt.Println("lines           reference  sluice  ratio(best)  ratio(median)  `sluice normalize`, start included")
	for i, fam := range families {
		f := files[i]
		var ref, own, ratios, whole []float64
		for range rounds {
			a, err := runReference(reference, sketch, f, lines)
			if err != nil {
				return err
			}
			b, err := runWorker(f.name, lines)
			if err != nil {
				return err
			}
			ref, own, ratios = append(ref, a), append(own, b), append(ratios, b/a)
			if program != "" {
				c, err := runProgram(program, f, lines)
				if err != nil {
					return err
				}
				whole = append(whole, c)
			}
		}
		slices.Sort(ratios)
		fmt.Printf("%-14s %10.3f %7.3f %12.3f %14.3f", fam.name, slices.Min(ref), slices.Min(own), slices.Min(own)/slices.Min(ref), ratios[len(ratios)/2])
		if len(whole) > 0 {
			fmt.Printf("  %.3f (%.3f)", slices.Min(whole), slices.Min(whole)/slices.Min(ref))
		}
		fmt.Println()
	}
	return nil
}

type lineFile struct {
	name string
	n    int
}

// extract writes each family's lines of the mix into a file of its own.
func extract(bench, dir string) ([]lineFile, error) {
	labels, err := testbed.Gunzip(filepath.Join(bench, "mix.labels.gz"))
	if err != nil {
		return nil, err
	}
	text, err := testbed.Gunzip(filepath.Join(bench, "mix.log.gz"))
	if err != nil {
		return nil, err
	}
	out := make([]lineFile, len(families))
	bufs := make([]bytes.Buffer, len(families))
	lines := bytes.Split(text, []byte("\n"))
	for i, label := range bytes.Split(labels, []byte("\n")) {
		for k, fam := range families {
			if i < len(lines) && fam.label.Match(label) && fam.line.Match(lines[i]) {
				bufs[k].Write(lines[i])
				bufs[k].WriteByte('\n')
				out[k].n++
			}
		}
	}
	for k, fam := range families {
		out[k].name = filepath.Join(dir, fam.name+".log")
		if err := os.WriteFile(out[k].name, bufs[k].Bytes(), 0o600); err != nil {
			return nil, err
		}
	}
	return out, nil
}

var usALine = regexp.MustCompile(`([0-9.]+) CPU us a line`)

// runReference times the reference engine; it measures itself, behind its start.
func runReference(program, dir string, f lineFile, lines int) (float64, error) {
	cmd := exec.Command(program, "-mode", "bench", "-reps", strconv.Itoa(max(1, lines/f.n)), f.name)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("reference: %w", err)
	}
	m := usALine.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("reference: no figure in %q", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// runWorker times our engine in a process of its own, so that both sides start with
// an empty heap.
func runWorker(name string, lines int) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	out, err := exec.Command(self, "-worker", name, "-lines", strconv.Itoa(lines)).Output()
	if err != nil {
		return 0, fmt.Errorf("worker: %w", err)
	}
	return strconv.ParseFloat(string(bytes.TrimSpace(out)), 64)
}

// runProgram times the whole command: its start, reading, normalizing, writing.
func runProgram(program string, f lineFile, lines int) (float64, error) {
	reps := max(1, lines/f.n)
	text, err := os.ReadFile(f.name)
	if err != nil {
		return 0, err
	}
	all := f.name + ".all"
	if err := os.WriteFile(all, bytes.Repeat(text, reps), 0o600); err != nil {
		return 0, err
	}
	cmd := exec.Command(program, "normalize", all)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	cmd.Stdout, cmd.Stderr = null, os.Stderr
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s normalize: %w", program, err)
	}
	spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return micros(spent, f.n*reps), nil
}

// cpu is the CPU time of this process.
func cpu() time.Duration {
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		panic("BUG: " + err.Error())
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

func micros(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(n) }
