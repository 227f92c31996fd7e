// lists.go: looks up providers, and lists them.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"runtime"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// Provider gives the provider of a name, and inserts the name when it is new. One name always gives one Provider.
//
// When this process belongs to a run of it (the command's `run`, by $TOKENQUOTA_RUN when the ledger was opened), what counts
// and asks is the run's. ErrOver: the run is over.
func (l *Ledger) Provider(name string) (*Provider, error) {
	if l.runs != "" {
		return l.inRun(name)
	}
	return l.ProviderAsWritten(name)
}

// inRun gives the provider of a name in a process that belongs to runs.
func (l *Ledger) inRun(name string) (*Provider, error) {
	if p, known := l.inRuns.Find(name); known {
		return p, nil
	}
	written, err := l.ProviderAsWritten(name)
	if err != nil {
		return nil, err
	}
	return l.inRuns.Make(name, func() (*Provider, error) {
		run := core.RunOf(l.runs, name)
		if run == "" {
			return written, nil
		}
		found, answer := l.c.Provider(run, core.ProviderExisting)
		if answer == 0 {
			answer = l.c.RunCheck(found)
		}
		runtime.KeepAlive(l)
		if answer == 1 || answer == int64(ErrOver.Code) {
			return nil, runIsOver(run)
		}
		return &Provider{found, written.c, l, name, run}, failed(answer)
	})
}

// ProviderAsWritten gives the provider of exactly this name, also to a process that belongs to a run of it.
func (l *Ledger) ProviderAsWritten(name string) (*Provider, error) {
	return l.names.Make(name, func() (*Provider, error) {
		found, answer := l.c.Provider(name, 0)
		runtime.KeepAlive(l)
		if answer < 0 {
			return nil, failed(answer)
		}
		return &Provider{found, found, l, name, ""}, nil
	})
}

// Lookup gives the provider of a name, as Provider does; nil without an error when the ledger has no such name.
func (l *Ledger) Lookup(name string) (*Provider, error) {
	if p, known := l.names.Find(name); known {
		if l.runs != "" {
			return l.inRun(name)
		}
		return p, nil
	}
	found, answer := l.c.Provider(name, core.ProviderExisting)
	runtime.KeepAlive(l)
	if answer != 0 {
		return nil, failed(answer)
	}
	p := l.known(found, name)
	if l.runs != "" {
		return l.inRun(name)
	}
	return p, nil
}

// known gives the Provider of a name that C has.
func (l *Ledger) known(found core.Provider, name string) *Provider {
	p, _ := l.names.Make(name, func() (*Provider, error) { return &Provider{found, found, l, name, ""}, nil })
	return p
}

// Providers lists all providers, in no particular order.
func (l *Ledger) Providers() ([]*Provider, error) {
	entries, answer := l.c.List(core.ListAll, 0)
	runtime.KeepAlive(l)
	providers := make([]*Provider, len(entries))
	for i, entry := range entries {
		providers[i] = l.known(entry.Provider, entry.Name)
	}
	return providers, failed(answer)
}

// Exhausted is a provider that is out, and when it is available again; Never: nobody knows.
type Exhausted struct {
	Provider *Provider
	RetryAt  time.Time
}

// Exhausted lists the providers that are out.
func (l *Ledger) Exhausted(at time.Time) ([]Exhausted, error) {
	return l.list(core.ListExhausted, at)
}

// Marked lists the providers that have a mark, also one that has ended.
func (l *Ledger) Marked() ([]Exhausted, error) { return l.list(core.ListMarked, time.Time{}) }

// ProbesDue lists the providers whose probe is due and held by nobody; RetryAt is since when.
func (l *Ledger) ProbesDue(at time.Time) ([]Exhausted, error) {
	return l.list(core.ListProbesDue, at)
}

func (l *Ledger) list(kind int, at time.Time) ([]Exhausted, error) {
	entries, answer := l.c.List(kind, now(at))
	runtime.KeepAlive(l)
	listed := make([]Exhausted, len(entries))
	for i, entry := range entries {
		listed[i] = Exhausted{l.known(entry.Provider, entry.Name), timeOf(entry.At)}
	}
	return listed, failed(answer)
}

// A Policy chooses one of the providers that are available.
type Policy uint32

const (
	PolicyOrder          Policy = iota // the first
	PolicySticky                       // the last choice while it is available: a switch loses the prompt cache
	PolicyPressure                     // the one whose quota is most in danger of being lost unused
	PolicyStickyPressure               // the last choice, until another has at least 1.5 times its pressure
)

// String is the policy's name: "sticky-pressure".
func (p Policy) String() string { return core.PolicyName(uint32(p)) }

// RouteOptions say how Route chooses. Its zero value is the first provider that is available now.
type RouteOptions struct {
	Policy     Policy
	Last       *Provider // that served this caller last, for the sticky policies; nil: none
	Need       int64     // tokens that the call needs; 0: any room will do
	UseReserve bool      // the reserve of a limit counts as left
	NoProbe    bool      // hand out no probe
	At         time.Time
}

// A Route is the choice of one provider.
type Route struct {
	Provider  *Provider // the one to ask; when none is available, the one that may be asked first
	Available bool      // it may be asked now
	Probe     bool      // it is out, and this caller holds its probe: see Provider.ProbeTake
	RetryAt   time.Time // not available: when it may be asked; Never: nobody knows
	Room      int64     // with a need: tokens that it has left; math.MaxInt64: nothing bounds them
}

// Route chooses one of the providers, which are of this ledger, in the caller's order.
func (l *Ledger) Route(providers []*Provider, options RouteOptions) (Route, error) {
	if len(providers) == 0 {
		return Route{}, invalid("there is no provider to choose")
	}
	room := [16]core.Provider{}
	handles := room[:0]
	raw := core.Route{Policy: uint32(options.Policy), Need: options.Need}
	for i, p := range providers {
		if p == nil || p.ledger != l {
			return Route{}, invalid("a provider is nil or of another ledger")
		}
		if err := p.inForce(); err != nil {
			return Route{}, err
		}
		handles = append(handles, p.c)
		if p == options.Last {
			raw.Last = uint32(i + 1)
		}
	}
	var flags uint32
	if options.NoProbe {
		flags |= core.RouteNoProbe
	}
	if options.UseReserve {
		flags |= core.UseReserve
	}
	answer := l.c.Route(handles, now(options.At), flags, &raw)
	runtime.KeepAlive(l)
	if err := failed(answer); err != nil {
		return Route{}, err
	}
	return Route{providers[raw.Chosen], answer == 0, raw.Probe == 1, timeOf(raw.RetryAt), raw.Room}, nil
}
