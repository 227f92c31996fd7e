// plain_test.go: the same counts and marks in plain Go, with a mutex and maps, to measure beside.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"sync"
	"time"
)

type plainWindow struct {
	start time.Time
	used  int
}

type plainTracker struct {
	mu      sync.Mutex
	budgets map[string]int
	windows map[string]*plainWindow
}

func newPlainTracker() *plainTracker {
	return &plainTracker{budgets: map[string]int{}, windows: map[string]*plainWindow{}}
}

func (p *plainTracker) setBudget(provider string, budget int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budgets[provider] = budget
}

func (p *plainTracker) record(provider string, tokens int, now time.Time) (bool, time.Time) {
	if tokens < 0 {
		tokens = 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	start := utcDayStart(now)
	today := p.windows[provider]
	if today == nil || !today.start.Equal(start) {
		today = &plainWindow{start: start}
		p.windows[provider] = today
	}
	today.used += tokens
	budget := p.budgets[provider]
	if budget <= 0 {
		return false, time.Time{}
	}
	elapsed := now.Sub(start)
	if today.used >= budget || elapsed > 0 && float64(today.used)*day.Seconds() > float64(budget)*elapsed.Seconds() {
		return true, start.Add(day)
	}
	return false, time.Time{}
}

type plainStore struct {
	mu    sync.RWMutex
	marks map[string]time.Time
}

func (p *plainStore) mark(provider string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marks[provider] = until
}

func (p *plainStore) state(provider string, now time.Time) (State, time.Time) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	until, known := p.marks[provider]
	if !known || !until.After(now) {
		return StateAvailable, time.Time{}
	}
	return StateQuotaExhausted, until
}
