package relp

import (
	"strconv"
	"sync"
	"time"
)

const (
	// window is how many frames of one session may be without an answer: as many as librelp sends
	// ahead. A sender that sends more ahead waits until we read again.
	window = 128
	// answerTime is how long a sender may take nothing of what we answer.
	answerTime = 30 * time.Second
)

// answer is what one command is told, in the order of the commands.
type answer struct {
	txnr    int
	batch   uint64 // it waits until this one is durable
	text    string // "": taken
	message bool   // it is for the first of the messages that have none
}

const taken = "200 OK"

// append adds the frame that tells it.
func (a answer) append(to []byte) []byte {
	text := a.text
	if text == "" {
		text = taken
	}
	return appendFrame(to, a.txnr, cmdResponse, text)
}

func appendFrame(to []byte, txnr int, command, data string) []byte {
	to = strconv.AppendInt(to, int64(txnr), 10)
	to = append(append(append(to, ' '), command...), ' ')
	to = strconv.AppendInt(to, int64(len(data)), 10)
	if data != "" {
		to = append(append(to, ' '), data...)
	}
	return append(to, '\n')
}

// answers are what a session has still to tell.
type answers struct {
	wake  chan struct{} // something became durable, or there is something new, or the end
	holds func(bool)    // told when the first waits, and when none does

	mu       sync.Mutex
	room     sync.Cond // fewer than window wait, or it is broken
	queue    []answer
	last     bool   // nothing comes any more
	broken   bool   // the sender takes none any more
	messages []kept // the last ones that were taken, answered first
	answered int    // how many of them are
	telling  int    // and how many are answered by what is being written
}

func (a *answers) init(holds func(bool)) {
	a.holds = holds
	a.wake = make(chan struct{}, 1)
	a.room.L = &a.mu
}

func (a *answers) wakes() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// wait waits until another answer has room, and reports whether it can still be told.
func (a *answers) wait() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) >= window && !a.broken {
		a.room.Wait()
	}
	return !a.broken
}

// add queues an answer.
func (a *answers) add(one answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.enqueue(one)
}

// addMessage queues the answer to a message.
func (a *answers) addMessage(txnr int, m kept) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.messages = append(a.messages, m)
	a.enqueue(answer{txnr: txnr, batch: m.batch, message: true})
}

func (a *answers) enqueue(one answer) {
	if a.queue = append(a.queue, one); len(a.queue) == 1 {
		a.holds(true)
	}
	a.wakes()
}

// due takes the answers whose batches are durable. end: there are none any more.
func (a *answers) due(durable uint64, to []byte) (text []byte, end bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for n < len(a.queue) && a.queue[n].batch <= durable {
		to = a.queue[n].append(to)
		if a.queue[n].message {
			a.telling++
		}
		n++
	}
	if n > 0 {
		if a.queue = append(a.queue[:0], a.queue[n:]...); len(a.queue) == 0 {
			a.holds(false)
		}
		a.room.Broadcast()
	}
	return to, a.last && len(a.queue) == 0
}

// told notes that what was due is written; sent is how many bytes the sender was written by now. Of
// the messages that are answered a window is remembered: no sender sends more of them again.
func (a *answers) told(sent int64, now time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ; a.telling > 0; a.telling-- {
		m := &a.messages[a.answered]
		m.sent, m.when = sent, now
		a.answered++
	}
	if over := a.answered - window; over >= window {
		a.messages = append(a.messages[:0], a.messages[over:]...)
		a.answered -= over
	}
}

// breaks notes that no answer can be told any more.
func (a *answers) breaks() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken = true
	a.room.Broadcast()
}

func (a *answers) ends() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = true
	a.wakes()
}

// tell writes the answers of a session as they fall due, until the last or until it is enough.
func (s *session) tell() {
	defer s.breaks()
	var buf []byte
	for {
		text, end := s.due(s.in.durable.Load(), buf[:0])
		if len(text) > 0 {
			_ = s.k.SetWriteDeadline(time.Now().Add(answerTime))
			if _, err := s.c.Write(text); err != nil {
				s.cannotTell(err)
				return
			}
			s.told(s.k.Sent(), time.Since(s.in.made))
		}
		if end {
			return
		}
		buf = text
		select {
		case <-s.wake:
		case <-s.enough:
			return
		case <-s.in.over:
			return
		}
	}
}
