// hold.go: room that is set aside for a call before it is sent.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"errors"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// ErrNoRoom is the answer of Provider.Hold when there is no room. It is no *Error: the ledger did decide.
var ErrNoRoom = errors.New("tokenquota: there is no room for the hold")

// None as an amount says that the call uses nothing of the unit. 0 says that nobody knows how much.
const None int64 = math.MinInt64

// Amounts are what a call uses at the most. What is 0 is not named: then Total and Weighted are as Tokens, when those are
// named, Requests is 1, and any other is unknown. Unknown holds no room, and RuleCare counts the call as one of unknown size.
type Amounts struct {
	Tokens   int64 // as the vendor counts them
	Input    int64
	Output   int64
	Total    int64
	Requests int64
	Cost     int64 // micro-dollars
	Weighted int64 // tokens by the provider's weights

	UseReserve bool // for this call the reserve of a limit counts as left

	// Nobody: the hold has no owner, so it stays when this process ends, and only its lease frees it. For a program that
	// takes it in one process and settles it in another.
	Nobody bool
}

// units are the amounts in the order of Unit, from UnitTokens.
func (a *Amounts) units() [UnitWeighted]*int64 {
	return [...]*int64{&a.Tokens, &a.Input, &a.Output, &a.Total, &a.Requests, &a.Cost, &a.Weighted}
}

func (a Amounts) core() (raw core.Amounts) {
	for i, amount := range a.units() {
		if *amount == 0 {
			continue
		}
		raw.Known |= 1 << (i + 1)
		if *amount != None {
			raw.Of[i+1] = *amount
		}
	}
	return raw
}

func amountsOf(state *core.HoldState) (a Amounts) {
	for i, amount := range a.units() {
		if state.Known&(1<<(i+1)) == 0 {
			continue
		}
		if *amount = state.Of[i+1]; *amount == 0 {
			*amount = None
		}
	}
	a.UseReserve = state.Hold.Flags&core.UseReserve != 0
	a.Nobody = state.Owner == 0
	return a
}

// A Hold is room that is set aside for a call: in all limits and the budget of a provider, and of its pools. It is free when
// it is settled or cancelled, when its lease has ended, and when the process that took it is dead or has closed the ledger.
type Hold struct {
	provider *Provider

	mu  sync.Mutex
	raw *core.Hold // an object of its own, because C takes none that has pointers of Go beside it
}

// Hold sets aside what a call may use, before it is sent. When every call holds at least what it will use, and settles before
// its lease ends, no limit is exceeded, however many processes take part. The error is ErrNoRoom when what is used, what is
// held, and these amounts together are more than a limit or the budget has; any other is an *Error, and nobody decided.
// Only room is asked: State and Route tell of marks and of what the vendor said. A lease is above 0 and at most 31 days.
//
//	hold, err := provider.Hold(tokenquota.Amounts{Tokens: 20_000}, 10*time.Minute, time.Time{})
//	if err != nil {
//		return err // ErrNoRoom: another provider, or later
//	}
//	defer hold.Cancel() // does nothing once it is settled
//	// send the request
//	exhausted, err := hold.Settle(usage, time.Time{})
func (p *Provider) Hold(amounts Amounts, lease time.Duration, at time.Time) (*Hold, error) {
	if err := p.inForce(); err != nil {
		return nil, err
	}
	raw := amounts.core()
	h := &Hold{provider: p, raw: &core.Hold{}}
	h.raw.Flags = bit(amounts.UseReserve, core.UseReserve) | bit(amounts.Nobody, core.HoldNobody)
	answer := p.ledger.c.Hold(p.c, &raw, int64(lease), now(at), h.raw)
	runtime.KeepAlive(p)
	if answer != 0 {
		if answer > 0 {
			return nil, ErrNoRoom
		}
		return nil, failed(answer)
	}
	return h, nil
}

// Hold finds a hold by its ID, also one that another process took. Of one that is no longer there Ended is true; what its call
// used can be counted by Settle all the same. An ID that is none, or of no provider of this ledger, is ErrInvalid.
func (l *Ledger) Hold(id string) (*Hold, error) {
	if err := whole(id); err != nil {
		return nil, err
	}
	h := &Hold{raw: &core.Hold{}}
	name, answer := l.c.FindHold(id, h.raw)
	runtime.KeepAlive(l)
	if answer < 0 {
		return nil, failed(answer)
	}
	if answer == 1 {
		h.raw.Ended = 1
	}
	h.provider = l.known(core.Provider(h.raw.Provider), name)
	return h, nil
}

// Provider is the provider whose room it holds.
func (h *Hold) Provider() *Provider { return h.provider }

// Until is when its lease ends.
func (h *Hold) Until() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return timeOf(h.raw.Until)
}

// Ended says whether Settle, Cancel, Extend or Ledger.Hold found that it, or a part of it, was no longer there: its lease had
// ended, and others may have used its room.
func (h *Hold) Ended() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.raw.Ended == 1
}

// ID is a line of text by which another process finds it, with Ledger.Hold. A hold that is settled or cancelled has none:
// ErrInvalid.
func (h *Hold) ID() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id, answer := h.provider.ledger.c.HoldID(h.raw)
	runtime.KeepAlive(h)
	return id, failed(answer)
}

// Settle counts what the call used, as Provider.ObserveUsage does, and then frees the hold. It counts whatever became of the
// hold, and more than was held, too. After an error nothing was counted, and the hold stays. A second Settle is ErrInvalid.
func (h *Hold) Settle(usage Usage, at time.Time) (exhausted bool, err error) {
	if err = h.provider.inForce(); err != nil {
		return false, err
	}
	raw, err := usage.checked()
	if err != nil {
		return false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	answer := h.provider.ledger.c.SettleHold(h.raw, &raw, now(at))
	runtime.KeepAlive(h)
	return yes(answer)
}

// Cancel frees the hold of a call that used nothing. freed is false when it, or a part of it, was no longer there; after a
// Settle or a Cancel, too.
func (h *Hold) Cancel() (freed bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	answer := h.provider.ledger.c.CancelHold(h.raw)
	runtime.KeepAlive(h)
	if answer == int64(ErrInvalid.Code) && h.raw.Levels == 0 {
		return false, nil
	}
	return answer == 0, failed(answer)
}

// Extend makes its lease end at `at` plus lease, later or earlier than it was to. extended is false when it is no longer there.
// After a Settle or a Cancel it is ErrInvalid.
func (h *Hold) Extend(lease time.Duration, at time.Time) (extended bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	answer := h.provider.ledger.c.ExtendHold(h.raw, int64(lease), now(at))
	runtime.KeepAlive(h)
	return answer == 0, failed(answer)
}

// A HoldState is one hold of a provider.
type HoldState struct {
	Hold    *Hold   // of this provider alone, without its pools
	Amounts Amounts // that it holds, in tokens and in the units of the provider's limits
	Owner   int     // the number of the lock by which its owner lives; 0: nobody owns it
	Alive   bool    // false: its owner is dead, or its lease has ended, so it is free as soon as somebody needs the room
}

// Holds lists what calls that run hold of the provider. A call that holds of a provider in a pool is in the lists of both.
func (p *Provider) Holds(at time.Time) ([]HoldState, error) {
	if err := p.inForce(); err != nil {
		return nil, err
	}
	raw, answer := p.ledger.c.Holds(p.c, now(at))
	runtime.KeepAlive(p)
	if err := failed(answer); err != nil {
		return nil, err
	}
	states := make([]HoldState, len(raw))
	for i := range raw {
		states[i] = HoldState{&Hold{provider: p, raw: &raw[i].Hold}, amountsOf(&raw[i]), int(raw[i].Owner), raw[i].Alive == 1}
	}
	return states, nil
}
