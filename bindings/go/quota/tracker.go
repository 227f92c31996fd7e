// Package quota counts tokens a day for each provider, says when a budget will not last, and keeps who is out.
//
// It has the names and the behaviour of a Go package of that name (README.md tells where they differ), on the C library:
// the counts of one name from many goroutines do not wait for each other. Each tracker and each store is memory of its own; for
// counts that several processes share, and for all else that the library does, see the package tokenquota.
//
// SPDX-License-Identifier: MIT
package quota

import (
	"math"
	"runtime"
	"time"
)

// A BurnRateTracker counts tokens of providers for each UTC day, and compares them with budgets. Its zero value is empty.
// Any number of goroutines may use it; a nil one counts nothing.
type BurnRateTracker struct {
	ledger memory
}

// NewBurnRateTracker makes an empty tracker.
func NewBurnRateTracker() *BurnRateTracker { return &BurnRateTracker{} }

// SetBudget sets the tokens that a provider may use in one UTC day. A budget of 0 or less removes it: nothing is predicted.
func (t *BurnRateTracker) SetBudget(provider string, budget int) {
	if t == nil || provider == "" {
		return
	}
	if budget > 0 {
		t.ledger.insert(provider).setBudget(int64(budget))
	} else if entry, known := t.ledger.find(provider); known {
		entry.setBudget(0)
	}
	runtime.KeepAlive(t)
}

// Budget is the budget of a provider, 0 when it has none.
func (t *BurnRateTracker) Budget(provider string) int {
	if t == nil {
		return 0
	}
	entry, known := t.ledger.find(provider)
	if !known {
		return 0
	}
	budget := entry.budget()
	runtime.KeepAlive(t)
	return whole(budget)
}

// Used is how many tokens were recorded in the UTC day of now.
func (t *BurnRateTracker) Used(provider string, now time.Time) int {
	if t == nil || provider == "" {
		return 0
	}
	entry, known := t.ledger.find(provider)
	if !known {
		return 0
	}
	used := entry.used(instant(now))
	runtime.KeepAlive(t)
	return whole(used)
}

// Record adds tokens to the UTC day of now; fewer than 0 count as 0. It answers whether the budget is exhausted: it is used
// up, or going on at the day's mean rate would exceed it before the day ends. Then retryAfter is the end of the day.
func (t *BurnRateTracker) Record(provider string, tokens int, now time.Time) (exhausted bool, retryAfter time.Time) {
	if t == nil || provider == "" {
		return false, time.Time{}
	}
	entry, known := t.ledger.find(provider)
	if !known {
		entry = t.ledger.insert(provider)
	}
	answer := entry.provider.BareRecord(int64(tokens), instant(now))
	runtime.KeepAlive(t)
	if answer != exhaustedAnswer {
		return false, time.Time{}
	}
	return true, utcDayStart(now).Add(day)
}

// Reset forgets what was recorded. Budgets stay.
func (t *BurnRateTracker) Reset() {
	if t == nil {
		return
	}
	t.ledger.reset()
	runtime.KeepAlive(t)
}

// ObserveTokenUsage records tokens in burn. When that exhausts the budget, it also marks the provider in store until the day
// ends. With a nil store it only records.
func ObserveTokenUsage(burn *BurnRateTracker, store *StateStore, provider string, tokens int, now time.Time) {
	if burn == nil || provider == "" {
		return
	}
	if store == nil {
		burn.Record(provider, tokens, now)
		return
	}
	burn.ledger.observe(&store.ledger, provider, int64(tokens), instant(now))
	runtime.KeepAlive(burn)
	runtime.KeepAlive(store)
}

// whole is a count of C as an int: an error counts as 0, and what an int cannot hold as its largest.
func whole(count int64) int {
	if count < 0 {
		return 0
	}
	if count > math.MaxInt {
		return math.MaxInt
	}
	return int(count)
}
