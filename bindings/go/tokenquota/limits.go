// limits.go: how the limits of a provider stand.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"runtime"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// A Unit is what a limit counts.
type Unit uint32

const (
	UnitTokens   Unit = iota + 1 // as the vendor counts them
	UnitInput                    // tokens read
	UnitOutput                   // tokens made
	UnitTotal                    // both
	UnitRequests                 // responses
	UnitCost                     // micro-dollars
	UnitWeighted                 // tokens by the provider's weights
	UnitShare                    // millionths of a plan, as the vendor states them
)

// String is the unit's name: "tokens".
func (u Unit) String() string { return core.UnitName(uint32(u)) }

// A Window is the kind of period that a limit covers.
type Window uint32

const (
	WindowDay Window = iota + 1
	WindowWeek
	WindowMonth
	WindowQuarter
	WindowYear
	WindowFixed
	WindowFirstUse
	WindowRolling
	WindowRefill
	WindowOnce
	WindowStated // by the vendor
)

// String is the window's name: "first-use".
func (w Window) String() string { return core.WindowName(uint32(w)) }

// A Limit is one limit of a provider, and how it stands.
type Limit struct {
	Number   int    // 1 to 8
	Sentence string // by which SetLimit sets it; "" of a stated one
	Unit     Unit
	Window   Window
	Amount   int64         // in the unit; 0: none, it only counts
	Reserve  int64         // of the amount, kept back for callers who ask for it
	Length   time.Duration // of a window that is not a calendar's
	Zone     string        // of a calendar window; "": UTC
	Name     string        // of a stated window: the vendor's name; "": the whole account

	State    State     // QuotaExhausted: it excludes, the callers without the reserve at least
	Spent    bool      // those with the reserve, too
	Used     int64     // in the window; math.MaxInt64: the count is saturated
	SharePPM int64     // used part of the amount in millionths
	Taken    bool      // a wrong clock took the count, or a part of it
	Start    time.Time // of the window; the zero time: none has begun, or there is none
	End      time.Time // of the window
	Until    time.Time // when it no longer excludes; Never: nobody knows; the zero time: it does not
	OutAt    time.Time // when it is used up if it goes on at its pace; Never: it lasts; the zero time: nobody knows
	Uncosted int64     // cost: records that had none
	Held     int64     // in the unit, by calls that run
	Flying   int       // calls that run and whose size in the unit nobody knows
	IsHeld   bool      // it excludes only because of what is held
	Others   int64     // in the unit, by other machines, as last told; in Used
	Withheld int64     // what is not for this machine, at least Others
	HeardAt  time.Time // when that was told; the zero time: nothing was told of this window
	IsShared bool      // it excludes only because of what is withheld beyond Others
	Strict   bool      // this machine spends nothing of it but what was leased to it

	Said *Said // what the vendor said of the window; nil: nothing
}

// Said is what a vendor said of a window, as of the instant of the question.
type Said struct {
	Reading   bool      // there is a reading, and its window has not ended
	HasShare  bool      // it said a share:
	SharePPM  int64     // the used part in millionths
	Blocks    bool      // the vendor's word excludes
	Credit    bool      // at 100 % the vendor serves on credit, or may do so
	Stops     bool      // the user's reserve, or Overage, excludes
	Overruled bool      // a caller, or an answer, overruled the word that would block
	Doubted   bool      // a later reading contradicts the word that blocks
	Source    Source    // of the reading
	Profile   string    // by which it was read
	At        time.Time // when it was said, to the second
	ResetAt   time.Time // when the window ends by it
	Limit     int64     // the amount that it states; 0: none
	Since     int64     // what was counted here since then
	OutAt     time.Time // when the share reaches 100 %, if it grows as it did; the zero time: it lasts, or nobody knows
}

// Limits lists the limits of the provider, but not those of its pool, in the order of their numbers.
func (p *Provider) Limits(at time.Time) ([]Limit, error) {
	raw := new([core.LimitsMax]core.LimitState)
	answer := p.ledger.c.Limits(p.c, now(at), raw)
	runtime.KeepAlive(p)
	if err := failed(answer); err != nil {
		return nil, err
	}
	limits := make([]Limit, answer)
	for i := range limits {
		limits[i] = limitOf(&raw[i])
	}
	return limits, nil
}

func limitOf(raw *core.LimitState) Limit {
	rule := &raw.Limit
	l := Limit{
		Number: int(raw.Number), Unit: Unit(rule.Unit), Window: Window(rule.Window),
		Amount: rule.Amount, Reserve: rule.Reserve, Length: time.Duration(rule.Length),
		State: stateOf(int64(raw.State)), Spent: raw.Spent == 1, Used: raw.Used, SharePPM: int64(raw.SharePPM),
		Taken: raw.Taken == 1, Start: timeOf(raw.StartAt), End: timeOf(raw.EndAt), Until: timeOf(raw.Until),
		OutAt: timeOf(raw.OutAt), Uncosted: raw.Uncosted,
		Held: raw.Held, Flying: int(raw.Flying), IsHeld: raw.IsHeld == 1,
		Others: raw.Others, Withheld: raw.Withheld, HeardAt: timeOf(raw.HeardAt), IsShared: raw.IsShared == 1,
		Strict: raw.Strict == 1,
	}
	if l.Window == WindowStated {
		l.Name = core.Text(rule.Zone[:])
	} else {
		l.Zone = core.Text(rule.Zone[:])
		l.Sentence, _ = rule.Sentence()
	}
	if raw.SaidAt != 0 || raw.Said != 0 {
		is := func(bit uint32) bool { return raw.Said&bit != 0 }
		l.Said = &Said{
			Reading: is(core.SaidReading), HasShare: is(core.SaidShare), SharePPM: int64(raw.SaidPPM), Blocks: is(core.SaidBlocks),
			Credit: is(core.SaidCredit), Stops: is(core.SaidStops), Overruled: is(core.SaidOverruled), Doubted: is(core.SaidDoubted),
			Source: Source(raw.SaidSource), Profile: core.ProfileName(raw.SaidProfile), At: timeOf(raw.SaidAt),
			ResetAt: timeOf(raw.SaidResetAt), Limit: raw.SaidLimit, Since: raw.SaidSince, OutAt: timeOf(raw.SaidOutAt),
		}
	}
	return l
}
