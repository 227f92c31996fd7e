// store.go: which providers are out, and until when.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// State says whether a provider may be asked.
type State string

const (
	// StateAvailable: nothing is known that speaks against asking the provider.
	StateAvailable State = "available"
	// StateQuotaExhausted: the provider is out until an instant.
	StateQuotaExhausted State = "quota_exhausted"
)

// A StateStore keeps marks: who is out until when. Its zero value has none. Any number of goroutines may use it; in a nil one
// every provider is available.
type StateStore struct {
	ledger memory
}

// NewStateStore makes a store without marks.
func NewStateStore() *StateStore { return &StateStore{memory{days: 8}} } // it counts nothing, so the fewest

// MarkQuotaExhausted marks a provider as out until retryAfter, in place of an earlier mark. The zero time clears the mark.
func (s *StateStore) MarkQuotaExhausted(provider string, retryAfter time.Time) {
	if s == nil || provider == "" {
		return
	}
	if retryAfter.IsZero() {
		s.MarkAvailable(provider)
		return
	}
	s.ledger.insert(provider).mark(markUntil(retryAfter))
	runtime.KeepAlive(s)
}

// MarkAvailable clears the mark of a provider.
func (s *StateStore) MarkAvailable(provider string) {
	if s == nil || provider == "" {
		return
	}
	if entry, known := s.ledger.find(provider); known {
		entry.mark(0)
	}
	runtime.KeepAlive(s)
}

// State is the state of a provider at now, and the end of its mark when it is out. It is available from that end on.
func (s *StateStore) State(provider string, now time.Time) (State, time.Time) {
	if s == nil || provider == "" {
		return StateAvailable, time.Time{}
	}
	entry, known := s.ledger.find(provider)
	if !known {
		return StateAvailable, time.Time{}
	}
	end := atomic.LoadInt64(entry.marked)
	runtime.KeepAlive(s)
	if end == 0 || end <= instant(now) {
		return StateAvailable, time.Time{}
	}
	return StateQuotaExhausted, core.Time(end)
}

// AllExhausted gives the end of each mark, also of those that have ended: a probe may be worth while there. It is nil when
// there is none, and the caller's to change.
func (s *StateStore) AllExhausted() map[string]time.Time {
	return s.list(core.ListMarked, time.Time{})
}

// ExhaustedAt gives the end of the mark of each provider that is out at now. It is nil when there is none, and the caller's
// to change.
func (s *StateStore) ExhaustedAt(now time.Time) map[string]time.Time {
	return s.list(core.ListExhausted, now)
}

func (s *StateStore) list(kind int, now time.Time) map[string]time.Time {
	if s == nil {
		return nil
	}
	entries := s.ledger.list(kind, instant(now))
	runtime.KeepAlive(s)
	if len(entries) == 0 {
		return nil
	}
	ends := make(map[string]time.Time, len(entries))
	for _, entry := range entries {
		ends[s.ledger.nameOf(entry.Name)] = core.Time(entry.At)
	}
	return ends
}
