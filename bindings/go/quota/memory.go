// memory.go: a ledger in private memory, made when it is first needed, and the names in it.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"fmt"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// What a call answers for a provider that is out.
const exhaustedAnswer = 1

// memory is a ledger that lives as long as the object that holds it.
type memory struct {
	days   uint32 // days of usage that are kept of a name; 0: the most
	names  core.Names[*entry]
	mu     sync.Mutex // while one makes the ledger
	opened atomic.Pointer[handle]
	given  sync.Map // by the name that stands for it, a name that C refuses
}

type handle struct{ ledger core.Ledger }

// An entry is a name that the ledger has. known is the name by which C has it.
type entry struct {
	ledger   core.Ledger
	provider core.Provider
	known    string
	marked   *int64 // in C's memory: the end of its mark
}

// open gives the ledger. Only a lack of memory can fail here, and Go has no other answer to that.
func (m *memory) open() core.Ledger {
	if made := m.opened.Load(); made != nil {
		return made.ledger
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if made := m.opened.Load(); made != nil {
		return made.ledger
	}
	ledger, _, failed := core.Open("", core.Options{Rule: core.RuleOriginal, HistoryDays: m.days})
	if failed != nil {
		panic("quota: " + core.Strerror(failed.Code))
	}
	made := &handle{ledger}
	runtime.SetFinalizer(made, func(h *handle) { h.ledger.Free() })
	m.opened.Store(made)
	return ledger
}

// find finds a name that was inserted.
func (m *memory) find(name string) (*entry, bool) { return m.names.Find(name) }

// insert finds a name, or inserts it. It panics when there is no memory, as Go's own maps do.
func (m *memory) insert(name string) *entry {
	found, err := m.names.Make(name, func() (*entry, error) {
		ledger := m.open()
		known := name
		provider, answer := ledger.Provider(known, 0)
		if answer == core.NameRefused {
			known = standIn(name)
			m.given.Store(known, name)
			provider, answer = ledger.Provider(known, 0)
		}
		if answer < 0 {
			panic("quota: " + core.Strerror(int(answer)))
		}
		return &entry{ledger, provider, known, provider.MarkWord()}, nil
	})
	if err != nil {
		panic(err)
	}
	return found
}

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// standIn is the name that stands for one that C refuses: it is too long, no UTF-8, or has control characters. No caller can
// choose two names with one stand-in, because the seeds are of this process.
func standIn(name string) string {
	return fmt.Sprintf("refused name %016x%016x", maphash.String(seeds[0], name), maphash.String(seeds[1], name))
}

// nameOf is the name that the caller gave for one that C has.
func (m *memory) nameOf(known string) string {
	if name, is := m.given.Load(known); is {
		return name.(string)
	}
	return known
}

// observe records a name here, and marks it in store when it is exhausted. C inserts it there.
func (m *memory) observe(store *memory, name string, tokens, now int64) {
	found := m.insert(name)
	if core.BareObserve(found.ledger, store.open(), found.known, tokens, now) == exhaustedAnswer {
		store.insert(name)
	}
}

func (m *memory) reset() {
	if m.opened.Load() != nil {
		m.open().ResetAll()
	}
}

func (m *memory) list(kind int, now int64) []core.Entry {
	if m.opened.Load() == nil {
		return nil
	}
	entries, answer := m.open().List(kind, now)
	if answer < 0 {
		panic("quota: " + core.Strerror(int(answer)))
	}
	return entries
}

func (e *entry) setBudget(budget int64) { e.ledger.Set(e.provider, core.Budget, budget) }

func (e *entry) budget() int64 { return e.ledger.Get(e.provider, core.Budget) }

func (e *entry) used(now int64) int64 { return e.ledger.Used(e.provider, now) }

func (e *entry) mark(until int64) { e.ledger.Do(e.provider, core.Mark, until) }
