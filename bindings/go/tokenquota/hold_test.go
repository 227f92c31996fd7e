// hold_test.go: holds, with times as arguments.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"errors"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
)

const lease = 10 * time.Minute

func TestAHoldIsSettled(t *testing.T) {
	p := provider(t, inMemory(t), "openai")
	no(t, p.SetBudget(50_000))
	no(t, p.SetRule(RuleOff))
	hold := try[*Hold](t)(p.Hold(Amounts{Tokens: 20_000}, lease, noon))
	second := try[*Hold](t)(p.Hold(Amounts{Tokens: 30_000}, lease, noon))
	if hold.Provider() != p || hold.Ended() || hold.Until().Before(noon.Add(lease)) {
		t.Error(hold.Provider(), hold.Until())
	}
	if none, err := p.Hold(Amounts{Tokens: 1}, lease, noon); none != nil || !errors.Is(err, ErrNoRoom) {
		t.Error("no room:", err)
	}
	v := try[*Verdict](t)(p.Verdict(noon, false))
	if v.Available() || v.Reason != ReasonHeld || v.Reason.String() != "held" || v.Holds != 2 || v.Held != 50_000 ||
		v.Flying != 0 || !reflect.DeepEqual(v.Reasons, []Reason{ReasonHeld}) {
		t.Errorf("%+v", v)
	}
	if out := try[bool](t)(hold.Settle(Usage{Requests: 1, Counted: 500}, noon)); out || hold.Ended() {
		t.Error("after 500 of 50,000")
	}
	if freed := try[bool](t)(second.Cancel()); !freed {
		t.Error("not freed")
	}
	if freed := try[bool](t)(hold.Cancel()); freed {
		t.Error("freed after it was settled")
	}
	if _, err := hold.Settle(Usage{Counted: 1}, noon); !errors.Is(err, ErrInvalid) {
		t.Error("settled twice:", err)
	}
	if used := try[int64](t)(p.Used(noon)); used != 500 {
		t.Error("used", used)
	}
	if v := try[*Verdict](t)(p.Verdict(noon, false)); !v.Available() || v.Holds != 0 || v.Held != 0 {
		t.Errorf("%+v", v)
	}
}

func TestAHoldThatIsRefused(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	for _, wrong := range []struct {
		amounts Amounts
		lease   time.Duration
		at      time.Time
		why     error
	}{
		{Amounts{Tokens: -1}, lease, noon, ErrInvalid},
		{Amounts{Tokens: 1 << 44}, lease, noon, ErrRange},
		{Amounts{}, 0, noon, ErrRange},
		{Amounts{}, 32 * 24 * time.Hour, noon, ErrRange},
		{Amounts{}, lease, time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), ErrRange},
	} {
		if hold, err := p.Hold(wrong.amounts, wrong.lease, wrong.at); hold != nil || !errors.Is(err, wrong.why) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestHoldsAreListed(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	try[int](t)(p.SetLimit("1k output per day reserve 10%"))
	try[int](t)(p.SetLimit("$40 per month"))
	all := Amounts{Tokens: 900, Output: 900, Cost: None}
	hold := try[*Hold](t)(p.Hold(all, lease, noon))
	if _, err := p.Hold(Amounts{Output: 50}, lease, noon); !errors.Is(err, ErrNoRoom) {
		t.Error("of the reserve:", err)
	}
	reserve := try[*Hold](t)(p.Hold(Amounts{Output: 50, UseReserve: true}, lease, noon))
	limit := try[[]Limit](t)(p.Limits(noon))[0]
	if limit.Held != 950 || limit.Flying != 0 || !limit.IsHeld || limit.State != QuotaExhausted {
		t.Errorf("%+v", limit)
	}
	states := try[[]HoldState](t)(p.Holds(noon))
	if len(states) != 2 || !states[0].Alive || states[0].Owner != 0 {
		t.Fatalf("%+v", states)
	}
	all.Nobody = true // in private memory nobody owns a hold
	if states[0].Amounts != all {
		t.Errorf("%+v", states[0].Amounts)
	}
	if ended := try[[]HoldState](t)(p.Holds(noon.Add(2 * lease))); len(ended) == 2 && ended[0].Alive {
		t.Error("alive after its lease")
	}
	if extended := try[bool](t)(reserve.Extend(time.Hour, noon)); !extended || reserve.Until().Before(noon.Add(time.Hour)) {
		t.Error("until", reserve.Until())
	}
	if freed := try[bool](t)(states[0].Hold.Cancel()); !freed {
		t.Error("not freed by the list")
	}
	if freed := try[bool](t)(hold.Cancel()); freed || !hold.Ended() {
		t.Error("freed twice")
	}
	if _, err := hold.Extend(lease, noon); !errors.Is(err, ErrInvalid) {
		t.Error("extended after it was freed:", err)
	}
}

func TestAHoldOfUnknownSize(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	no(t, p.SetBudget(1000))
	for i := 0; i < 4; i++ {
		try[bool](t)(p.Observe(50, noon))
	}
	for i := 0; i < 14; i++ {
		try[*Hold](t)(p.Hold(Amounts{}, lease, noon))
	}
	v := try[*Verdict](t)(p.Verdict(noon, false))
	if v.Holds != 14 || v.Flying != 14 || v.Held != 0 || v.Reason != ReasonPredicted || v.Expects != ExpectsFlying {
		t.Errorf("%+v", v)
	}
}

func TestAHoldIsFoundByItsID(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	one, two := try[*Ledger](t)(Open(path)), try[*Ledger](t)(Open(path))
	defer two.Close()
	p := provider(t, one, "a#b")
	no(t, p.SetBudget(100))
	at := time.Now()
	kept := try[*Hold](t)(p.Hold(Amounts{Tokens: 60, Nobody: true}, lease, at))
	owned := try[*Hold](t)(p.Hold(Amounts{Tokens: 40}, lease, at))
	id, ownedID := try[string](t)(kept.ID()), try[string](t)(owned.ID())
	no(t, one.Close())

	found := try[*Hold](t)(two.Hold(id))
	q := found.Provider()
	if q != provider(t, two, "a#b") || found.Ended() || !found.Until().Equal(kept.Until()) {
		t.Error(q, found.Ended(), found.Until())
	}
	if _, err := q.Hold(Amounts{Tokens: 40}, lease, at); err != nil {
		t.Error("the room of an owner that closed its ledger:", err)
	}
	if gone := try[*Hold](t)(two.Hold(ownedID)); !gone.Ended() {
		t.Error("the hold of an owner that closed its ledger is there")
	}
	if again := try[string](t)(found.ID()); again != id {
		t.Error(again, id)
	}
	try[bool](t)(found.Settle(Usage{Requests: 1, Counted: 33}, at))
	if _, err := found.ID(); !errors.Is(err, ErrInvalid) {
		t.Error("the id of a hold that is settled:", err)
	}
	late := try[*Hold](t)(two.Hold(id))
	if !late.Ended() {
		t.Error("there after it was settled")
	}
	try[bool](t)(late.Settle(Usage{Requests: 1, Counted: 1}, at))
	if used := try[int64](t)(q.Used(at)); used != 34 {
		t.Error("used", used)
	}
	for _, wrong := range []string{"", "a", "b#00000001", "a#b\x00"} {
		if hold, err := two.Hold(wrong); hold != nil || !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestTwentyCallsAtOnce(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	no(t, p.SetBudget(400))
	no(t, p.SetRule(RuleOff))
	var all sync.WaitGroup
	for i := 0; i < 20; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := 0; j < 100; j++ {
				hold, err := p.Hold(Amounts{Tokens: 100}, lease, noon)
				if errors.Is(err, ErrNoRoom) {
					continue
				}
				if err == nil {
					_, err = hold.Settle(Usage{Requests: 1, Counted: 100}, noon)
				}
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all.Wait()
	if used := try[int64](t)(p.Used(noon)); used != 400 {
		t.Error("used", used)
	}
}

func TestAHoldOfAClosedLedger(t *testing.T) {
	l := try[*Ledger](t)(Open(Memory))
	p := provider(t, l, "a")
	hold := try[*Hold](t)(p.Hold(Amounts{}, lease, noon))
	no(t, l.Close())
	calls := map[string]func() error{
		"Hold":        func() error { _, err := p.Hold(Amounts{}, lease, noon); return err },
		"Holds":       func() error { _, err := p.Holds(noon); return err },
		"Ledger.Hold": func() error { _, err := l.Hold("a#00000001"); return err },
		"Settle":      func() error { _, err := hold.Settle(Usage{}, noon); return err },
		"Cancel":      func() error { _, err := hold.Cancel(); return err },
		"Extend":      func() error { _, err := hold.Extend(lease, noon); return err },
		"ID":          func() error { _, err := hold.ID(); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, ErrClosed) {
			t.Error(name, err)
		}
	}
}

func BenchmarkHoldAndSettle(b *testing.B) {
	measure(b, func(p *Provider) {
		hold, err := p.Hold(Amounts{Tokens: 100}, lease, noon)
		if err == nil {
			_, err = hold.Settle(Usage{Requests: 1, Counted: 10}, noon)
		}
		if err != nil {
			b.Fatal(err)
		}
	})
}
