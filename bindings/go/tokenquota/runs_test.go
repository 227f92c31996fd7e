// runs_test.go: a process that belongs to a run counts and asks in it, and is refused when the run is over.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const agentVariable = "TOKENQUOTA_GO_TEST_AGENT" // set: the child counts until it is refused

// within opens a ledger as a process of these runs does.
func within(t *testing.T, runs, path string) *Ledger {
	t.Helper()
	t.Setenv("TOKENQUOTA_RUN", runs)
	l := try[*Ledger](t)(Open(path))
	t.Cleanup(func() { l.Close() })
	return l
}

// makeRun makes a run, as the command does: a provider in the pool of its name, with limits of its own.
func makeRun(t *testing.T, path, name, limit string) {
	t.Helper()
	t.Setenv("TOKENQUOTA_RUN", "")
	l := try[*Ledger](t)(Open(path))
	defer l.Close()
	run := provider(t, l, name)
	no(t, run.SetPool(provider(t, l, name[:strings.LastIndexByte(name, '/')])))
	no(t, run.SetRule(RuleOff))
	try[int](t)(run.SetLimit(limit))
}

func used(t *testing.T, providers ...*Provider) (said []int64) {
	t.Helper()
	for _, p := range providers {
		said = append(said, try[int64](t)(p.Used(time.Time{})))
	}
	return said
}

func TestANameMeansTheRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	makeRun(t, path, "claude/out", "15 tokens once")
	makeRun(t, path, "claude/out/in", "50 tokens once")
	l := within(t, "openai/x\nclaude/out/in\nclaude/out", path)
	claude, openai := provider(t, l, "claude"), provider(t, l, "openai-2")
	written, run := try[*Provider](t)(l.ProviderAsWritten("claude")), provider(t, l, "claude/out/in")
	if claude.Name() != "claude" || claude.Run() != "claude/out/in" || written == claude || written.Run()+openai.Run() != "" {
		t.Error(claude.Name(), claude.Run(), written.Run(), openai.Run())
	}
	if again := try[*Provider](t)(l.Lookup("claude")); again != claude || provider(t, l, "claude") != claude {
		t.Error("another object")
	}
	if none := try[*Provider](t)(l.Lookup("none")); none != nil {
		t.Error(none)
	}
	route := try[Route](t)(l.Route([]*Provider{claude, openai}, RouteOptions{}))
	if route.Provider != claude || !route.Available {
		t.Error(route)
	}
	if _, err := claude.Hold(Amounts{Tokens: 16}, time.Minute, time.Time{}); !errors.Is(err, ErrNoRoom) {
		t.Error("more than the outer run has:", err)
	}
	hold := try[*Hold](t)(claude.Hold(Amounts{Tokens: 5}, time.Minute, time.Time{}))
	if id := try[string](t)(hold.ID()); !strings.HasPrefix(id, "claude/out/in#") {
		t.Error(id)
	}
	try[bool](t)(hold.Settle(Usage{Requests: 1, Counted: 5}, time.Time{}))
	if out := try[bool](t)(claude.Observe(10, time.Time{})); !out {
		t.Error("15 of 15")
	}
	if said := used(t, claude, written, run); fmt.Sprint(said) != "[15 15 15]" {
		t.Error(said)
	}
	if route = try[Route](t)(l.Route([]*Provider{claude, openai}, RouteOptions{})); route.Provider != openai {
		t.Error(route.Provider)
	}
	if p := provider(t, inMemory(t), "claude"); p.Run() != "" {
		t.Error("private memory has no runs")
	}
}

func TestWhatIsSetIsSetForTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	makeRun(t, path, "claude/job", "50 tokens once")
	l := within(t, "claude/job", path)
	claude, run := provider(t, l, "claude"), provider(t, l, "claude/job")
	written := try[*Provider](t)(l.ProviderAsWritten("claude"))
	no(t, claude.SetBudget(1000))
	number := try[int](t)(claude.SetLimit("9M tokens per day"))
	for p, expected := range map[*Provider]int64{claude: 1000, written: 1000, run: 0} {
		if budget := try[int64](t)(p.Budget()); budget != expected {
			t.Error(p, budget)
		}
	}
	if limits := try[[]Limit](t)(claude.Limits(time.Time{})); len(limits) != 1 || !try[bool](t)(claude.RemoveLimit(number)) {
		t.Error(limits)
	}
	no(t, run.MarkExhausted(Never))
	no(t, claude.MarkAvailable(time.Time{}))
	if state, _, err := claude.State(time.Time{}); state != QuotaExhausted || err != nil {
		t.Error("a run cannot lift its own mark:", state, err)
	}
	no(t, provider(t, l, "other").SetPool(claude))
	if pool := try[*Provider](t)(provider(t, l, "other").Pool()); pool != written {
		t.Error(pool, pool.Run())
	}
	no(t, claude.Forget())
	if limits := try[[]Limit](t)(run.Limits(time.Time{})); len(limits) != 1 {
		t.Error(limits)
	}
}

func TestWhatAVendorSaysIsSaidOfTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	makeRun(t, path, "claude/job", "50 tokens once")
	l := within(t, "claude/job", path)
	claude, run := provider(t, l, "claude"), provider(t, l, "claude/job")
	written := try[*Provider](t)(l.ProviderAsWritten("claude"))
	all := func(expected State, when string) {
		t.Helper()
		for _, p := range []*Provider{claude, run, written} {
			if state, _, err := p.State(time.Time{}); state != expected || err != nil {
				t.Error(when, p, p.Run(), state, err)
			}
		}
	}
	said := time.Now()
	refusal := Signal{Refusal: ClassExhausted, SaidAt: said.Add(-20 * time.Minute), Binds: -1}
	if state := try[State](t)(claude.Apply(refusal)); state != QuotaExhausted {
		t.Error(state)
	}
	all(QuotaExhausted, "a refusal")
	no(t, claude.MarkAvailable(time.Time{}))
	all(Available, "the run itself was told nothing")
	refusal.SaidAt = said.Add(-10 * time.Minute)
	try[State](t)(claude.Apply(refusal))
	if taken, _, err := claude.ProbeTake(said); !taken || err != nil || !try[*Verdict](t)(written.Verdict(said, false)).Probing {
		t.Error(taken, err)
	}
	no(t, claude.ProbeFailure(said))
	if v := try[*Verdict](t)(written.Verdict(said, false)); v.Probing || v.Attempt != 1 {
		t.Error(v)
	}
	no(t, claude.Success(refusal.SaidAt))
	all(QuotaExhausted, "a request that was sent before the probe failed")
	no(t, claude.Success(said.Add(time.Second)))
	all(Available, "a request that was served")
	try[bool](t)(run.Observe(50, time.Time{}))
	if state := try[State](t)(claude.Apply(Signal{Success: true, SaidAt: time.Now(), Binds: -1})); state != QuotaExhausted {
		t.Error("it does not answer for the run:", state)
	}
	if state, _, err := written.State(time.Time{}); state != Available || err != nil {
		t.Error(state, err)
	}
}

func TestARunThatIsOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	if p, err := within(t, "claude/gone", path).Provider("claude"); p != nil || !errors.Is(err, ErrOver) ||
		!strings.Contains(err.Error(), "the run of this process is over: TOKENQUOTA_RUN=claude/gone;") {
		t.Error(p, err)
	}
	makeRun(t, path, "claude/gone", "50 tokens once")
	l := within(t, "claude/gone", path)
	claude := provider(t, l, "claude")
	hold := try[*Hold](t)(claude.Hold(Amounts{Tokens: 5}, time.Minute, time.Time{}))
	no(t, provider(t, l, "claude/gone").Forget())
	usage := Usage{Requests: 1, Counted: 5}
	for name, call := range map[string]func() error{
		"Observe":      func() error { _, err := claude.Observe(5, time.Time{}); return err },
		"ObserveUsage": func() error { _, err := claude.ObserveUsage(usage, time.Time{}); return err },
		"State":        func() error { _, _, err := claude.State(time.Time{}); return err },
		"Verdict":      func() error { _, err := claude.Verdict(time.Time{}, false); return err },
		"Used":         func() error { _, err := claude.Used(time.Time{}); return err },
		"Correct":      func() error { return claude.Correct(5, time.Time{}) },
		"Apply":        func() error { _, err := claude.Apply(Signal{}); return err },
		"Success":      func() error { return claude.Success(time.Now()) },
		"ProbeTake":    func() error { _, _, err := claude.ProbeTake(time.Time{}); return err },
		"ProbeFailure": func() error { return claude.ProbeFailure(time.Time{}) },
		"Hold":         func() error { _, err := claude.Hold(Amounts{}, time.Minute, time.Time{}); return err },
		"Holds":        func() error { _, err := claude.Holds(time.Time{}); return err },
		"Settle":       func() error { _, err := hold.Settle(usage, time.Time{}); return err },
		"Route":        func() error { _, err := l.Route([]*Provider{claude}, RouteOptions{}); return err },
	} {
		if err := call(); !errors.Is(err, ErrOver) {
			t.Errorf("%s: %v", name, err)
		}
	}
	written := try[*Provider](t)(l.ProviderAsWritten("claude"))
	if said := used(t, provider(t, l, "claude/gone"), written); fmt.Sprint(said) != "[0 0]" {
		t.Error("it was counted:", said)
	}
}

// agent counts 20k a call until it is refused, and says how many were not.
func agent(path string) error {
	l, err := Open(path)
	if err != nil {
		return err
	}
	claude, err := l.Provider("claude")
	for calls := 0; err == nil; calls++ {
		var state State
		if state, _, err = claude.State(time.Time{}); state == QuotaExhausted {
			fmt.Println(claude, claude.Run(), calls)
			return nil
		}
		if err == nil {
			_, err = claude.Observe(20_000, time.Time{})
		}
	}
	return err
}

func TestTheCommandRunsAProgram(t *testing.T) {
	command := os.Getenv("TQ_COMMAND")
	if command == "" {
		t.Skip("the command was not built")
	}
	path := filepath.Join(t.TempDir(), "ledger")
	t.Setenv("TOKENQUOTA_LEDGER", path)
	t.Setenv(childVariable, path)
	t.Setenv(agentVariable, "1")
	said, err := exec.Command(command, "run", "claude", "--name", "j", "--limit", "50k", "--", os.Args[0]).Output()
	if string(said) != "claude claude/j 3\n" || err != nil {
		t.Fatalf("%q %v", said, err)
	}
	t.Setenv("TOKENQUOTA_RUN", "claude/j")
	late, err := exec.Command(os.Args[0]).CombinedOutput()
	if err == nil || !strings.Contains(string(late), "the run of this process is over: TOKENQUOTA_RUN=claude/j;") {
		t.Errorf("%q %v", late, err)
	}
}
