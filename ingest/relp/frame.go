package relp

import (
	"errors"
	"fmt"
)

// A frame, as librelp and its specification (doc/relp.md there) have it:
//
//	TXNR SP COMMAND SP DATALEN [SP DATA] LF
//	12 syslog 33 <34>Oct 11 22:14:15 host su: failed\n
//
// TXNR numbers the client's commands from 1 on; 0 is a hint of the server, which nobody answers.
const (
	maxDigits  = 9  // of TXNR and DATALEN
	maxCommand = 32 // letters
	// maxHeader is what a whole header may take: no frame waits for more to be told as one.
	maxHeader = maxDigits + 1 + maxCommand + 1 + maxDigits + 1
)

// The commands.
const (
	cmdOpen        = "open"
	cmdClose       = "close"
	cmdSyslog      = "syslog"
	cmdResponse    = "rsp"
	cmdServerClose = "serverclose"
)

// header is what stands before the data of a frame.
type header struct {
	txnr    int
	command string
	size    int // of the data, without the line end behind it
}

// readHeader reads the header at the start of b. n is its length with the blank before the data; 0
// means that more must be read first. Behind it come size bytes and a line end.
func readHeader(b []byte) (h header, n int, err error) {
	txnr, at, err := number(b, 0, "transaction number")
	if at == 0 || err != nil {
		return header{}, 0, err
	}
	end := at + 1
	for end < len(b) && letter(b[end]) {
		end++
	}
	switch length := end - at - 1; {
	case length > maxCommand:
		return header{}, 0, fmt.Errorf("a command of more than %d letters", maxCommand)
	case end >= len(b):
		return header{}, 0, nil
	case length == 0 || b[end] != ' ':
		return header{}, 0, fmt.Errorf("%q where a command should be", b[end])
	}
	h = header{txnr: txnr, command: command(b[at+1 : end])}
	at, size := end+1, 0
	size, n, err = number(b, at, "length")
	if n == 0 || err != nil {
		return header{}, 0, err
	}
	h.size = size
	if b[n] == ' ' {
		n++
	}
	return h, n, nil
}

// number reads the digits of b from at on; end is where they end, and 0 when more must be read first.
// A blank stands behind them; behind a length of 0 the line end may.
func number(b []byte, at int, what string) (n, end int, err error) {
	for end = at; end < len(b) && b[end] >= '0' && b[end] <= '9'; end++ {
		if end-at == maxDigits {
			return 0, 0, fmt.Errorf("a %s of more than %d digits", what, maxDigits)
		}
		n = n*10 + int(b[end]-'0')
	}
	switch {
	case end == len(b):
		return 0, 0, nil
	case end == at:
		return 0, 0, fmt.Errorf("%q where a %s should be", b[end], what)
	case b[end] != ' ' && (b[end] != '\n' || n > 0 || what != "length"):
		return 0, 0, fmt.Errorf("%q behind a %s", b[end], what)
	}
	return n, end, nil
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// command spares the text of the commands that come all the time.
func command(b []byte) string {
	if string(b) == cmdSyslog {
		return cmdSyslog
	}
	return string(b)
}

var errNoEnd = errors.New("no line end where the length says that the frame ends")
