// provider.go: one name of a ledger: what it used, and whether it may be asked.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"runtime"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// A State says whether a provider may be asked.
type State string

const (
	Available      State = "available"
	QuotaExhausted State = "quota_exhausted"
)

func stateOf(answer int64) State {
	if answer == 1 {
		return QuotaExhausted
	}
	return Available
}

// A Provider is a name of a ledger: an account, a key, a model, a host. A ledger gives one Provider for a name. Any number of
// goroutines may use it, until the ledger is closed.
//
// In a run of this process (Run is its name) what counts and asks is the run's: Observe, State, Verdict, Hold, Route.
// What a vendor says (Apply, Success, ProbeFailure) is that of the name, and holds for the run, too. What sets, and what it
// set, is that of the name: Budget, Limits and the other settings, marks, Reset, Forget, WarnTake, and the poll.
type Provider struct {
	c       core.Provider // counts and asks: of the run, if the name means one
	written core.Provider // sets, and is told what a vendor says: of the name as it is written
	ledger  *Ledger
	name    string
	run     string // "": none
}

// Run is the run of this process that counts and asks in its place, "claude/job-7"; "": there is none.
func (p *Provider) Run() string { return p.run }

// inForce is nil unless the run is over.
func (p *Provider) inForce() error {
	if p.run == "" {
		return nil
	}
	answer := p.ledger.c.RunCheck(p.c)
	runtime.KeepAlive(p)
	if answer == int64(ErrOver.Code) {
		return runIsOver(p.run)
	}
	return failed(answer)
}

// Name is the provider's name, as it was asked for.
func (p *Provider) Name() string { return p.name }

// String is its name, too.
func (p *Provider) String() string { return p.name }

// Ledger is the ledger that it is of.
func (p *Provider) Ledger() *Ledger { return p.ledger }

// Observe counts tokens at an instant, the zero time for now, and says whether the provider is exhausted by then.
func (p *Provider) Observe(tokens int64, at time.Time) (exhausted bool, err error) {
	if err := p.inForce(); err != nil {
		return false, err
	}
	answer, _ := p.ledger.c.Observe(p.c, tokens, now(at))
	runtime.KeepAlive(p)
	return yes(answer)
}

// ObserveUsage counts what one response used, in all units. A usage whose SentAt is known also says that the request was
// served, as Success does.
func (p *Provider) ObserveUsage(usage Usage, at time.Time) (exhausted bool, err error) {
	if err := p.inForce(); err != nil {
		return false, err
	}
	raw, err := usage.checked()
	if err != nil {
		return false, err
	}
	answer, _ := p.ledger.c.ObserveUsage(p.c, &raw, now(at))
	runtime.KeepAlive(p)
	return yes(answer)
}

// State says whether the provider may be asked, and when again if not: retryAt is Never when nobody knows, and the zero time
// when it is available.
func (p *Provider) State(at time.Time) (state State, retryAt time.Time, err error) {
	if err := p.inForce(); err != nil {
		return "", time.Time{}, err
	}
	answer, instant := p.ledger.c.State(p.c, now(at))
	runtime.KeepAlive(p)
	if err = failed(answer); err != nil {
		return "", time.Time{}, err
	}
	return stateOf(answer), timeOf(instant), nil
}

// Used is how many tokens were counted in the UTC day of at; math.MaxInt64 when the count is saturated.
func (p *Provider) Used(at time.Time) (int64, error) {
	if err := p.inForce(); err != nil {
		return 0, err
	}
	return p.number(p.ledger.c.Used(p.c, now(at)))
}

// Correct takes tokens back from the day of at, down to 0.
func (p *Provider) Correct(tokens int64, at time.Time) error {
	if err := p.inForce(); err != nil {
		return err
	}
	answer := p.ledger.c.Correct(p.c, tokens, now(at))
	runtime.KeepAlive(p)
	return failed(answer)
}

// Apply applies what a vendor said: its refusals, and how much of each window is used. A SaidAt that is the zero time is now.
// It answers the state after it. A signal with ModelOnly changes nothing unless the provider has a pool.
func (p *Provider) Apply(signal Signal) (State, error) {
	if err := p.inForce(); err != nil {
		return "", err
	}
	if signal.SaidAt.IsZero() {
		signal.SaidAt = time.Now()
	}
	raw := signal.core()
	answer := p.ledger.c.Apply(p.written, &raw)
	if answer >= 0 && p.run != "" {
		answer, _ = p.ledger.c.State(p.c, raw.SaidAt)
	}
	runtime.KeepAlive(p)
	if err := failed(answer); err != nil {
		return "", err
	}
	return stateOf(answer), nil
}

// ApplyResponse reads what a response says about quota, and applies it.
func (p *Provider) ApplyResponse(response Response) (Signal, error) {
	signal, _, err := ReadSignal(response)
	if err == nil {
		_, err = p.Apply(signal)
	}
	return signal, err
}

// Success says that a request that was sent at this instant was served. That clears the vendor's refusals which were received
// before. The zero time clears nothing.
func (p *Provider) Success(sentAt time.Time) error { return p.tell(core.Success, instant(sentAt)) }

// MarkExhausted says that the provider is out until an instant, or with no known end (Never). The zero time clears the mark.
func (p *Provider) MarkExhausted(until time.Time) error { return p.do(core.Mark, instant(until)) }

// MarkAvailable makes the provider available, whatever keeps it out but its budget, its limits and its pool.
func (p *Provider) MarkAvailable(at time.Time) error { return p.do(core.MarkAvailable, now(at)) }

// Reset forgets what the provider used. Its budget, limits and marks stay.
func (p *Provider) Reset() error { return p.do(core.Reset, 0) }

// Forget forgets all of the provider. It is not listed until something is written for it again.
func (p *Provider) Forget() error { return p.do(core.Forget, 0) }

// ProbeTake takes the probe of a provider that only its vendor's word keeps out: one request that tests whether it is
// available again. One caller of all processes gets it; until is when its turn ends. Else until is when the next probe is due,
// the zero time when the provider needs none. Report the request's result by Success, ObserveUsage, Apply or ProbeFailure.
func (p *Provider) ProbeTake(at time.Time) (taken bool, until time.Time, err error) {
	if err := p.inForce(); err != nil {
		return false, time.Time{}, err
	}
	answer, instant := p.ledger.c.ProbeTake(p.c, now(at))
	runtime.KeepAlive(p)
	return answer == 0, timeOf(instant), failed(answer)
}

// ProbeFailure says that a probe failed without an answer of the vendor.
func (p *Provider) ProbeFailure(at time.Time) error { return p.tell(core.ProbeFailure, now(at)) }

// PollBegin makes this process the one on the machine that asks the vendor about the provider, when the last run began at least
// `every` ago. Else next is when one is due; the zero time: another process has it. Call PollEnd when the run is over.
func (p *Provider) PollBegin(every time.Duration, at time.Time) (begun bool, next time.Time, err error) {
	answer, instant := p.ledger.c.PollBegin(p.written, int64(every), now(at))
	runtime.KeepAlive(p)
	return answer == 0, timeOf(instant), failed(answer)
}

// PollEnd gives it back.
func (p *Provider) PollEnd() error { return p.do(core.PollEnd, 0) }

// WarnTake says whether this caller is to warn that a limit (0: the day's budget) has reached percent. Of all callers in all
// processes one gets true for each window.
func (p *Provider) WarnTake(limit, percent int, at time.Time) (bool, error) {
	answer := p.ledger.c.WarnTake(p.written, int64(limit), int64(percent), now(at))
	runtime.KeepAlive(p)
	return answer == 0, failed(answer)
}

// tell passes on what a vendor said to a call, which is that of the name; a run that is over is refused all the same.
func (p *Provider) tell(deed uint32, number int64) error {
	if err := p.inForce(); err != nil {
		return err
	}
	return p.do(deed, number)
}

// do does what sets.
func (p *Provider) do(deed uint32, number int64) error {
	answer := p.ledger.c.Do(p.written, deed, number)
	runtime.KeepAlive(p)
	return failed(answer)
}

// number gives an answer that is a number, of a call on p.
func (p *Provider) number(answer int64) (int64, error) {
	runtime.KeepAlive(p)
	if err := failed(answer); err != nil {
		return 0, err
	}
	return answer, nil
}
