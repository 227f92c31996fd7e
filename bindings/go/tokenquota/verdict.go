// verdict.go: why a provider is available or out.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"runtime"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// A Reason says why a provider is out.
type Reason uint32

const (
	ReasonNone      Reason = iota
	ReasonMarked           // a caller said so
	ReasonReported         // the vendor said so
	ReasonThrottled        // the vendor said: wait seconds or minutes
	ReasonPredicted        // it will not last
	ReasonSpent            // it is used up
	ReasonHeld             // what is left is held for calls that run
	ReasonShared           // what is left is for other machines
)

// String is the reason's name: "reported".
func (r Reason) String() string { return core.ReasonName(uint32(r)) }

// A Class is that of a refusal.
type Class uint32

const (
	ClassNone       Class = iota
	ClassThrottled        // too much at once
	ClassExhausted        // the quota of a longer window is spent
	ClassNoMoney          // no credit, or a spending limit
	ClassOverloaded       // the vendor is short of capacity
	ClassTooLarge         // this one request is larger than the limit
)

// String is the class's name: "exhausted".
func (c Class) String() string { return core.ClassName(uint32(c)) }

// What is limited by an axis.
type What uint32

const (
	WhatUnknown What = iota
	WhatRequests
	WhatTokens
	WhatInput
	WhatOutput
	WhatMoney
	WhatConcurrency
)

// String is its name: "input tokens".
func (w What) String() string { return core.AxisName(uint32(w)) }

// A Source is where a signal's end comes from.
type Source uint32

const (
	SourceNone Source = iota
	SourceRetryAfter
	SourceHeader
	SourceBody
	SourceCalendar
	SourceCaller
)

// Expects is what RuleCare expects to be used.
type Expects uint32

const (
	ExpectsNothing  Expects = iota
	ExpectsCall             // a call of the mean size
	ExpectsHalfHour         // as much as the last half hour took
	ExpectsFlying           // a call of the mean size for each that runs and whose size nobody knows
)

// A Verdict is a state with its reason, its numbers and its end. Every number was true when it was read.
type Verdict struct {
	State   State
	Reason  Reason   // with the latest end
	Reasons []Reason // all that hold

	Refusal Class  // reported, throttled: of the vendor's word
	Axis    What   // that binds
	Source  Source // of its end
	Profile string // by which it was read; "": not known
	Vendor  string // its vendor's name; "": not known

	Rule    Rule // that applies to the provider, never RuleDefault
	Attempt int  // reported: how many probes failed
	Probing bool // reported: a caller holds the probe

	Used, Budget, Left int64 // tokens in the UTC day

	RetryAt time.Time     // the end; Never: nobody knows; the zero time: available
	SaidAt  time.Time     // reported, throttled: when
	ProbeAt time.Time     // reported: when the next probe may be taken
	At      time.Time     // of the verdict
	Window  time.Duration // of what binds; 0: not known

	Level        int    // whose words bind: 0 the provider's, 1 its pool's, 2 that one's pool's
	Limit        int    // the number of the limit that binds, or has the least room; 0: none
	LimitUnit    Unit   // of that limit
	LimitWindow  Window // of that limit
	LimitUsed    int64  // in the unit; of a stated limit in millionths, as the next two
	LimitAmount  int64
	LimitReserve int64
	LimitName    string // of a stated limit: the vendor's name of its window
	Limits       uint64 // those that exclude: bit 8 x level + number - 1

	Care     int     // in quarters; 0: another rule than RuleCare
	Expects  Expects // predicted: what RuleCare expects
	Expected int64   // care times that

	Holds  int   // calls that run and hold something of the level
	Flying int   // those of them whose size in the unit of Held nobody knows
	Held   int64 // what they hold together: in LimitUnit when a limit is named, else in tokens

	Others   int64     // what other machines used, as last told; in LimitUsed when a limit is named, else in Used
	Withheld int64     // what is not for this machine, at least Others
	HeardAt  time.Time // when that was told; the zero time: nothing was told of this window

	raw core.Verdict
}

// Available says whether the provider may be asked.
func (v *Verdict) Available() bool { return v.State == Available }

// Explain says it in one English sentence: what binds, until when, and what would clear it.
func (v *Verdict) Explain() string { return v.raw.Explain() }

// Verdict says why the provider is available or out. With useReserve the reserve of a limit counts as left.
func (p *Provider) Verdict(at time.Time, useReserve bool) (*Verdict, error) {
	v := &Verdict{}
	if useReserve {
		v.raw.Flags = core.UseReserve
	}
	answer := p.ledger.c.Verdict(p.c, now(at), &v.raw)
	runtime.KeepAlive(p)
	if err := failed(answer); err != nil {
		return nil, err
	}
	raw := &v.raw
	v.State, v.Reason, v.Reasons = stateOf(int64(raw.State)), Reason(raw.Reason), reasonsOf(raw.Reasons)
	v.Refusal, v.Axis, v.Source = Class(raw.Refusal), What(raw.Axis), Source(raw.Source)
	v.Profile, v.Vendor = core.ProfileName(raw.Profile), core.Vendor(raw.Profile)
	v.Rule, v.Attempt, v.Probing = Rule(raw.Rule), int(raw.Attempt), raw.Probing == 1
	v.Used, v.Budget, v.Left = raw.Used, raw.Budget, raw.Left
	v.RetryAt, v.SaidAt, v.ProbeAt, v.At = timeOf(raw.RetryAt), timeOf(raw.SaidAt), timeOf(raw.ProbeAt), core.Time(raw.At)
	v.Window, v.Level, v.Limit = time.Duration(raw.Window), int(raw.Level), int(raw.Limit)
	v.LimitUnit, v.LimitWindow = Unit(raw.LimitUnit), Window(raw.LimitWindow)
	v.LimitUsed, v.LimitAmount, v.LimitReserve = raw.LimitUsed, raw.LimitAmount, raw.LimitReserve
	v.LimitName, v.Limits = core.Text(raw.LimitName[:]), raw.Limits
	v.Care, v.Expects, v.Expected = int(raw.Care), Expects(raw.Expects), raw.Expected
	v.Holds, v.Flying, v.Held = int(raw.Holds), int(raw.Flying), raw.Held
	v.Others, v.Withheld, v.HeardAt = raw.Others, raw.Withheld, timeOf(raw.HeardAt)
	return v, nil
}

func reasonsOf(bits uint32) (reasons []Reason) {
	for r := ReasonMarked; r <= ReasonShared; r++ {
		if bits&(1<<r) != 0 {
			reasons = append(reasons, r)
		}
	}
	return reasons
}
