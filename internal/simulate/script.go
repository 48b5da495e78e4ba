package simulate

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// Via is the way that a line takes to sluice.
type Via uint8

// The ways.
const (
	UDP  Via = iota // a syslog datagram
	TCP             // a syslog line on a connection
	File            // a line appended to a file of Options.Dir
	Wire            // an Ethernet frame, written into a capture file
)

// Line is one thing that a device sends.
type Line struct {
	After time.Duration // since the beginning
	Via   Via
	File  string // name of the file, for File
	Text  []byte // without a line end; for Wire the frame
	Evil  bool   // part of the attack story
}

// Epoch is when a Script begins, by the stamps in it.
var Epoch = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// defaultRate is what `make run` plays: a look at the screen shows it move, and 5 % of
// it is enough for a story every few minutes.
const defaultRate = 50

// Script is what a network of this seed plays in its first d at the default rate, with
// stamps from Epoch on. It is the same on each call.
func Script(seed uint64, d time.Duration) []Line {
	p := newPlay(seed, defaultRate)
	var out []Line
	for {
		due := p.next()
		if due.after >= d {
			return out
		}
		out = append(out, due.line(Epoch.Add(due.after)))
	}
}

// due is a line on the schedule; its text is made when its time has come, so that the
// stamps in it are true however late the host is.
type due struct {
	after time.Duration
	seq   uint64
	via   Via
	file  string
	evil  bool
	text  func(at time.Time) []byte
}

func (d *due) line(at time.Time) Line {
	return Line{After: d.after, Via: d.via, File: d.file, Text: d.text(at.UTC()), Evil: d.evil}
}

// play is the schedule: benign activities drawn one after the other, and the story.
type play struct {
	rng    *rand.Rand
	rate   float64
	office *office
	queue  queue
	seq    uint64
	now    time.Duration // of the next benign activity
	cycle  uint64        // of the story to be put on the schedule next
	seed   uint64
	evil   bool // what is being put on the schedule belongs to the story
}

func newPlay(seed uint64, rate float64) *play {
	rng := rand.New(rand.NewPCG(seed, 0x0ff1ce))
	return &play{rng: rng, rate: rate, seed: seed, office: newOffice(rng)}
}

// next takes the earliest line off the schedule.
func (p *play) next() due {
	for len(p.queue) == 0 || p.queue[0].after >= p.now {
		for cycleStart(p.cycle, p.rate) <= p.now {
			p.story()
		}
		p.benign()
	}
	return heap.Pop(&p.queue).(due)
}

// benign draws one activity; the next one comes when its lines are paid for at the
// rate asked for.
func (p *play) benign() {
	at, before := p.now, p.seq
	events := p.activity(at)
	if events == 0 {
		events = int(p.seq - before)
	}
	mean := float64(events) / p.rate * float64(time.Second)
	p.now += time.Duration(p.rng.ExpFloat64()*mean) + time.Microsecond
}

// cycleStart is when the story begins for the nth time. It waits until the benign
// lines outweigh it twenty times.
func cycleStart(n uint64, rate float64) time.Duration {
	const lines = 360 // of one telling, as events
	period := max(5*time.Minute, time.Duration(lines/0.045/rate*float64(time.Second)))
	return time.Duration(n) * period
}

func (p *play) put(at time.Duration, via Via, file string, text func(time.Time) []byte) {
	p.seq++
	heap.Push(&p.queue, due{after: at, seq: p.seq, via: via, file: file, evil: p.evil, text: text})
}

type queue []due

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].after < q[j].after || q[i].after == q[j].after && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(due)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = due{}
	*q = old[:len(old)-1]
	return last
}
