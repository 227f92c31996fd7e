// provider_test.go: counting, verdicts, limits, settings and routes, with times as arguments.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"errors"
	"math"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"
)

func TestABudgetIsSpent(t *testing.T) {
	p := provider(t, inMemory(t), "openai")
	no(t, p.SetBudget(100))
	if out := try[bool](t)(p.Observe(40, noon)); out {
		t.Error("out at 40 of 100")
	}
	if out := try[bool](t)(p.Observe(60, noon)); !out {
		t.Error("not out at 100 of 100")
	}
	state, retryAt, err := p.State(noon)
	if err != nil || state != QuotaExhausted || !retryAt.Equal(noon.Add(12*time.Hour)) {
		t.Error(state, retryAt, err)
	}
	v := try[*Verdict](t)(p.Verdict(noon, false))
	if v.Available() || v.Reason != ReasonSpent || v.Used != 100 || v.Budget != 100 || v.Left != 0 || !v.At.Equal(noon) ||
		v.Rule != RuleCare || v.Care != 5 || !v.RetryAt.Equal(retryAt) || !reflect.DeepEqual(v.Reasons, []Reason{ReasonSpent}) {
		t.Errorf("%+v", v)
	}
	if said := v.Explain(); !strings.Contains(said, "100") || strings.Contains(said, "\n") {
		t.Error(said)
	}
	no(t, p.Correct(50, noon))
	no(t, p.SetBudget(0))
	if used := try[int64](t)(p.Used(noon)); used != 50 || try[int64](t)(p.Budget()) != 0 {
		t.Error("used", used)
	}
	no(t, p.Reset())
	if used := try[int64](t)(p.Used(noon)); used != 0 {
		t.Error("after a reset", used)
	}
}

func TestTheZeroTimeIsNow(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	try[bool](t)(p.Observe(7, time.Time{}))
	v := try[*Verdict](t)(p.Verdict(time.Time{}, false))
	if since := time.Since(v.At); since < 0 || since > time.Minute {
		t.Error("at", v.At)
	}
	// Of the two days one is today's, whenever the test runs.
	if used := try[int64](t)(p.Used(v.At)) + try[int64](t)(p.Used(v.At.AddDate(0, 0, -1))); used != 7 {
		t.Error("used", used)
	}
}

func TestMarks(t *testing.T) {
	l := inMemory(t)
	p, q := provider(t, l, "a"), provider(t, l, "b")
	no(t, p.MarkExhausted(noon))
	no(t, q.MarkExhausted(Never))
	if state, retryAt, err := q.State(noon); err != nil || state != QuotaExhausted || !retryAt.Equal(Never) {
		t.Error(state, retryAt, err)
	}
	if state, retryAt, err := p.State(noon); err != nil || state != Available || !retryAt.IsZero() {
		t.Error(state, retryAt, err)
	}
	if out := try[[]Exhausted](t)(l.Exhausted(noon)); len(out) != 1 || out[0].Provider != q || !out[0].RetryAt.Equal(Never) {
		t.Error("exhausted", out)
	}
	if marked := try[[]Exhausted](t)(l.Marked()); len(marked) != 2 {
		t.Error("marked", marked)
	}
	no(t, p.MarkExhausted(time.Time{}))
	no(t, q.MarkAvailable(noon))
	if marked := try[[]Exhausted](t)(l.Marked()); len(marked) != 0 {
		t.Error("marked", marked)
	}
}

func TestLimits(t *testing.T) {
	l := inMemory(t)
	p := provider(t, l, "a")
	no(t, p.SetRule(RuleOff))
	if n := try[int](t)(p.SetLimit("1k tokens per day America/Los_Angeles reserve 10%")); n != 1 {
		t.Error("number", n)
	}
	try[int](t)(p.SetLimit("$40 per month from the 5th"))
	usage := Usage{Known: KnownInput | KnownOutput | KnownCost, Requests: 1, Input: 700, Output: 250, Counted: 950, CostNano: 5e9}
	if out := try[bool](t)(p.ObserveUsage(usage, noon)); !out {
		t.Error("not out for callers without the reserve")
	}
	if _, err := p.ObserveUsage(Usage{Requests: -1}, noon); !errors.Is(err, ErrInvalid) {
		t.Error("-1 requests:", err)
	}
	limits := try[[]Limit](t)(p.Limits(noon))
	if len(limits) != 2 {
		t.Fatal(limits)
	}
	day, month := limits[0], limits[1]
	if day.Sentence != "1k tokens per day America/Los_Angeles reserve 10%" || day.Unit != UnitTokens || day.Window != WindowDay ||
		day.Used != 950 || day.SharePPM != 950000 || day.State != QuotaExhausted || day.Spent || day.Amount != 1000 ||
		day.Zone != "America/Los_Angeles" || !day.Start.Equal(time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)) || day.Said != nil {
		t.Errorf("%+v", day)
	}
	if month.Unit != UnitCost || month.Unit.String() != "cost" || month.Window.String() != "month" || month.Used != 5000000 ||
		month.State != Available {
		t.Errorf("%+v", month)
	}
	if v := try[*Verdict](t)(p.Verdict(noon, true)); v.Limit != 1 || v.LimitUsed != 950 || v.LimitWindow != WindowDay {
		t.Errorf("%+v", v)
	}
	if tell, again := try[bool](t)(p.WarnTake(1, 90, noon)), try[bool](t)(p.WarnTake(1, 90, noon)); !tell || again {
		t.Error("warned", tell, again)
	}
	if _, err := p.RemoveLimit(1<<32 + 1); !errors.Is(err, ErrInvalid) {
		t.Error("a number whose low half is 1:", err)
	}
	if was, again := try[bool](t)(p.RemoveLimit(1)), try[bool](t)(p.RemoveLimit(1)); !was || again {
		t.Error("removed", was, again)
	}
}

func TestSettings(t *testing.T) {
	l := inMemory(t)
	p, pool := provider(t, l, "a"), provider(t, l, "account")
	no(t, p.SetCare(8))
	no(t, p.SetOverage(OverageStop))
	if care, rule := try[int](t)(p.Care()), try[Rule](t)(p.Rule()); care != 8 || rule != RuleCare {
		t.Error("care", care, "rule", rule)
	}
	no(t, p.SetRule(RuleOff))
	if rule := try[Rule](t)(p.Rule()); rule != RuleOff || try[Overage](t)(p.Overage()) != OverageStop {
		t.Error("rule", rule)
	}
	if err := p.SetCare(-1); !errors.Is(err, ErrRange) {
		t.Error("care of -1:", err)
	}
	weights, price := Weights{1000, 100, 1250, 5000}, Price{3000000, 300000, -1, 15000000}
	no(t, p.SetWeights(weights))
	no(t, p.SetPrice(price))
	if w := try[Weights](t)(p.Weights()); w != weights {
		t.Error(w)
	}
	if was := try[Price](t)(p.Price()); was != price {
		t.Error(was)
	}
	if in := try[*Provider](t)(p.Pool()); in != nil {
		t.Error("in", in)
	}
	no(t, p.SetPool(pool))
	if in := try[*Provider](t)(p.Pool()); in != pool {
		t.Error("in", in)
	}
	no(t, pool.SetBudget(10))
	try[bool](t)(p.Observe(10, noon))
	if v := try[*Verdict](t)(p.Verdict(noon, false)); v.Available() || v.Level != 1 {
		t.Errorf("%+v", v)
	}
	no(t, p.SetPool(nil))
	no(t, p.Forget())
	if all := try[[]*Provider](t)(l.Providers()); len(all) != 1 || all[0] != pool {
		t.Error("listed", all)
	}
	if account := try[uint64](t)(p.Account()); account != 0 {
		t.Error("account", account)
	}
}

func TestRoutes(t *testing.T) {
	l := inMemory(t)
	a, b, c := provider(t, l, "a"), provider(t, l, "b"), provider(t, l, "c")
	all := []*Provider{a, b, c}
	no(t, a.MarkExhausted(noon.Add(time.Hour)))
	if r := try[Route](t)(l.Route(all, RouteOptions{At: noon})); r.Provider != b || !r.Available || r.Probe {
		t.Errorf("%+v", r)
	}
	r := try[Route](t)(l.Route(all, RouteOptions{Policy: PolicySticky, Last: c, At: noon}))
	if r.Provider != c || PolicyStickyPressure.String() != "sticky-pressure" {
		t.Errorf("%+v", r)
	}
	no(t, b.SetBudget(100))
	no(t, c.SetBudget(1000))
	r = try[Route](t)(l.Route(all, RouteOptions{Need: 500, At: noon}))
	if r.Provider != c || r.Room != 1000 {
		t.Errorf("%+v", r)
	}
	no(t, b.MarkExhausted(Never))
	no(t, c.MarkExhausted(noon.Add(2*time.Hour)))
	r = try[Route](t)(l.Route(all, RouteOptions{At: noon}))
	if r.Available || r.Provider != a || !r.RetryAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", r)
	}
	for _, wrong := range [][]*Provider{nil, {nil}, {provider(t, inMemory(t), "a")}} {
		if _, err := l.Route(wrong, RouteOptions{}); !errors.Is(err, ErrInvalid) {
			t.Error(wrong, err)
		}
	}
}

func TestRefusalsAndProbes(t *testing.T) {
	l := inMemory(t)
	p := provider(t, l, "a")
	sent := noon.Add(-time.Second)
	state := try[State](t)(p.Apply(Signal{Refusal: ClassExhausted, Status: 429, Binds: -1, SentAt: sent, SaidAt: noon,
		Profile: "openai"}))
	v := try[*Verdict](t)(p.Verdict(noon, false))
	if state != QuotaExhausted || v.Reason != ReasonReported || v.Refusal != ClassExhausted || !v.RetryAt.Equal(Never) ||
		v.Vendor != "OpenAI" || v.Profile != "openai" || v.ProbeAt.IsZero() || !strings.Contains(v.Explain(), "OpenAI") {
		t.Errorf("%s %+v %s", state, v, v.Explain())
	}
	other := provider(t, l, "b")
	try[State](t)(other.Apply(Signal{Refusal: ClassExhausted, Binds: -1, SentAt: sent, SaidAt: noon, Profile: "generic"}))
	if w := try[*Verdict](t)(other.Verdict(noon, false)); w.Vendor != "" || !strings.Contains(w.Explain(), "the vendor") {
		t.Errorf("of an unknown vendor: %q %s", w.Vendor, w.Explain())
	}
	no(t, other.MarkAvailable(noon))
	if due := try[[]Exhausted](t)(l.ProbesDue(v.ProbeAt)); len(due) != 1 || due[0].Provider != p {
		t.Error("due", due)
	}
	taken, until, err := p.ProbeTake(v.ProbeAt)
	if err != nil || !taken || !until.After(v.ProbeAt) {
		t.Error(taken, until, err)
	}
	if again, _, err := p.ProbeTake(v.ProbeAt); err != nil || again {
		t.Error("taken twice", err)
	}
	no(t, p.ProbeFailure(v.ProbeAt))
	if next := try[*Verdict](t)(p.Verdict(v.ProbeAt, false)); next.Attempt != 1 || next.Probing {
		t.Errorf("%+v", next)
	}
	no(t, p.Success(v.ProbeAt.Add(time.Second)))
	if state, _, err := p.State(noon); err != nil || state != Available {
		t.Error(state, err)
	}
	begun, _, err := p.PollBegin(time.Minute, noon)
	if err != nil || !begun {
		t.Error("poll", begun, err)
	}
	no(t, p.PollEnd())
	if begun, next, err := p.PollBegin(time.Minute, noon.Add(time.Second)); err != nil || begun || next.Sub(noon) != time.Minute {
		t.Error("poll again", begun, next, err)
	}
}

func TestSaturationIsTold(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	try[bool](t)(p.Observe(math.MaxInt64, noon))
	if used := try[int64](t)(p.Used(noon)); used != math.MaxInt64 {
		t.Error("used", used)
	}
}

func TestHotCallsAllocateNothing(t *testing.T) {
	p := provider(t, inMemory(t), "a")
	if n := testing.AllocsPerRun(100, func() { p.Observe(1, noon); p.State(noon) }); n != 0 {
		t.Error("allocations", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	measure(b, func(p *Provider) { p.Observe(1, noon) })
}

// measure tells what a call on a provider takes.
func measure(b *testing.B, call func(p *Provider)) {
	l, err := Open(Memory)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	p, err := l.Provider("openai")
	if err != nil {
		b.Fatal(err)
	}
	const round = 4096 // the median of rounds: the machine's noise is larger than the call
	var rounds []float64
	for done := 0; done < b.N; done += round {
		start := time.Now()
		for i := 0; i < round; i++ {
			call(p)
		}
		rounds = append(rounds, float64(time.Since(start))/round)
	}
	sort.Float64s(rounds)
	b.ReportMetric(rounds[len(rounds)/2], "median-ns")
}
