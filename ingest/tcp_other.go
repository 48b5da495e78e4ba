//go:build !linux

package ingest

// Unconfirmed is available on Linux only.
func (k *Conn) Unconfirmed() int64 { return 0 }

// Gone is available on Linux only.
func (k *Conn) Gone() bool { return false }

// Reset is available on Linux only.
func (k *Conn) Reset() bool { return false }
