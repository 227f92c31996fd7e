// ledger_test.go: opening, closing, listing, and what goes wrong.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// try fails the test on an error, and passes the value on.
func try[V any](t *testing.T) func(V, error) V {
	return func(value V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inMemory(t *testing.T) *Ledger {
	t.Helper()
	l := try[*Ledger](t)(Open(Memory))
	t.Cleanup(func() { l.Close() })
	return l
}

func provider(t *testing.T, l *Ledger, name string) *Provider {
	t.Helper()
	return try[*Provider](t)(l.Provider(name))
}

func TestDefaultPathIsTheCommands(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "ledger")
	t.Setenv("TOKENQUOTA_LEDGER", path)
	if _, err := (Options{Existing: true}).Open(""); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("an existing one was asked for:", err)
	}
	l := try[*Ledger](t)(Open(""))
	defer l.Close()
	if l.Path() != path {
		t.Error("path", l.Path())
	}
	early := time.Date(2019, 12, 31, 23, 59, 59, 0, time.UTC)
	if _, err := provider(t, l, "a").Observe(1, early); !errors.Is(err, ErrClock) {
		t.Error("a record of 2019:", err)
	}
	t.Setenv("TOKENQUOTA_LEDGER", filepath.Join(home, "none", "ledger"))
	if _, err := Open(""); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a folder that the user named is not made:", err)
	}
	if os.Geteuid() == 0 {
		return // root has the machine's
	}
	os.Unsetenv("TOKENQUOTA_LEDGER")
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
	own := try[*Ledger](t)(Open(""))
	defer own.Close()
	folder := try[os.FileInfo](t)(os.Stat(filepath.Dir(own.Path())))
	if own.Path() != filepath.Join(home, "state", "tokenquota", "ledger") || folder.Mode().Perm() != 0o700 {
		t.Error("path", own.Path(), "in a folder of the mode", folder.Mode())
	}
}

func TestOneNameIsOneProvider(t *testing.T) {
	l := inMemory(t)
	if p := try[*Provider](t)(l.Lookup("openai")); p != nil {
		t.Fatal("it was there before it was inserted")
	}
	p := provider(t, l, "openai")
	if again := provider(t, l, "openai"); again != p || try[*Provider](t)(l.Lookup("openai")) != p || p.Ledger() != l {
		t.Error("not one object")
	}
	for i := 0; i < 100; i++ {
		provider(t, l, "p"+strings.Repeat("x", i))
	}
	all := try[[]*Provider](t)(l.Providers())
	if len(all) != 101 {
		t.Fatal("listed", len(all))
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name() < all[j].Name() })
	if all[0] != p || all[1].String() != "p" {
		t.Error("listed", all[0], all[1])
	}
}

func TestErrorsSayWhatTheyAre(t *testing.T) {
	l := inMemory(t)
	_, err := l.Provider(strings.Repeat("x", 256))
	if !errors.Is(err, ErrName) || errors.Is(err, ErrGone) || !strings.Contains(err.Error(), "255 bytes") {
		t.Error("a long name:", err)
	}
	p := provider(t, l, "a")
	if _, err = p.Observe(1, time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, ErrRange) {
		t.Error("the year 3000:", err)
	}
	if _, err = p.SetLimit("5M tokens per 7d"); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "7d") {
		t.Error("a sentence:", err)
	}
	var own *Error
	if !errors.As(err, &own) || own.Name() != "TQ_EINVAL" {
		t.Error("it is", own)
	}
	if _, err = p.SetLimit("5 tokens per day Mars/Olympus"); !errors.Is(err, ErrSystem) || !errors.Is(err, fs.ErrNotExist) {
		t.Error("a zone:", err)
	}
	if _, err = Open(filepath.Join(t.TempDir(), "no", "ledger")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a folder that is not there:", err)
	}
	if _, err = (Options{HistoryDays: 9}).Open(Memory); !errors.Is(err, ErrInvalid) {
		t.Error("9 days:", err)
	}
	if err = p.SetPool(provider(t, inMemory(t), "b")); !errors.Is(err, ErrInvalid) {
		t.Error("a pool of another ledger:", err)
	}
}

func TestNumbersAreThoseOfTheHeader(t *testing.T) {
	for name, said := range map[string][2]string{
		"share":           {UnitShare.String(), (UnitShare + 1).String()},
		"stated":          {WindowStated.String(), (WindowStated + 1).String()},
		"shared":          {ReasonShared.String(), (ReasonShared + 1).String()},
		"too-large":       {ClassTooLarge.String(), (ClassTooLarge + 1).String()},
		"concurrency":     {WhatConcurrency.String(), (WhatConcurrency + 1).String()},
		"sticky-pressure": {PolicyStickyPressure.String(), (PolicyStickyPressure + 1).String()},
	} {
		if said != [2]string{name, "unknown"} {
			t.Errorf("%s is %q", name, said)
		}
	}
	names := strings.Fields("INVAL NAME RANGE AGE NOMEM FULL NOTSUP CLOCK GONE BUSY SYS FORMAT DENIED READONLY NOSPC")
	for i, err := range []*Error{ErrInvalid, ErrName, ErrRange, ErrAge, ErrMemory, ErrFull, ErrSupport, ErrClock, ErrGone, ErrBusy,
		ErrSystem, ErrFormat, ErrDenied, ErrReadOnly, ErrSpace} {
		if err.Name() != "TQ_E"+names[i] {
			t.Errorf("%s is %s", names[i], err.Name())
		}
	}
}

func TestReadersDoNotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := try[*Ledger](t)(Open(path))
	defer l.Close()
	try[bool](t)(provider(t, l, "a").Observe(5, time.Time{}))
	reader := try[*Ledger](t)(Options{ReadOnly: true}.Open(path))
	defer reader.Close()
	p := provider(t, reader, "a")
	if used := try[int64](t)(p.Used(time.Time{})); used != 5 {
		t.Error("used", used)
	}
	if _, err := p.Observe(1, time.Time{}); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
}

func TestAReplacedFileIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := try[*Ledger](t)(Open(path))
	defer l.Close()
	p := provider(t, l, "a")
	no(t, os.Remove(path))
	if _, _, err := p.State(time.Now().Add(time.Hour)); !errors.Is(err, ErrGone) {
		t.Error(err)
	}
}

func TestBackupCheckInfoRestore(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "ledger"), filepath.Join(folder, "copy")
	l := try[*Ledger](t)(Options{Rule: RuleOff, HistoryDays: 8}.Open(path))
	p := provider(t, l, "a")
	try[bool](t)(p.Observe(5, time.Time{}))
	no(t, l.Backup(copied))
	if err := l.Backup(copied); !errors.Is(err, fs.ErrExist) {
		t.Error("over a file:", err)
	}
	try[bool](t)(p.Observe(5, time.Time{}))
	no(t, l.Flush())
	info, found, err := l.Check()
	if err != nil || found != "" || info.Faults != 0 || info.Providers != 1 || info.HistoryDays != 8 || info.Rule != RuleOff {
		t.Error("check:", info, found, err)
	}
	if same := try[Info](t)(l.Info()); same.FileBytes == 0 || !same.InFile {
		t.Error("info:", same)
	}
	no(t, l.Close())
	no(t, Restore(path, copied))
	no(t, Compact(path))
	l = try[*Ledger](t)(Open(path))
	defer l.Close()
	if used := try[int64](t)(provider(t, l, "a").Used(time.Time{})); used != 5 {
		t.Error("used", used)
	}
}

func TestACloseMeetsCallsInEveryGoroutine(t *testing.T) {
	l := try[*Ledger](t)(Open(Memory))
	p := provider(t, l, "a")
	var all, begun sync.WaitGroup
	begun.Add(8)
	for g := 0; g < 8; g++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; ; i++ {
				if i == 100 {
					begun.Done()
				}
				if _, err := p.Observe(1, noon); err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		}()
	}
	begun.Wait()
	no(t, l.Close())
	all.Wait()
	for what, err := range map[string]error{
		"close":  l.Close(),
		"flush":  l.Flush(),
		"budget": p.SetBudget(5),
		"wait":   l.Wait(context.Background()),
		"change": <-l.Changes(context.Background()),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := l.Provider("new"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := l.Route([]*Provider{p}, RouteOptions{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestVersion(t *testing.T) {
	if Version() == "" || strings.Count(Version(), ".") != 2 {
		t.Error(Version())
	}
}

func TestWhatDoesNotFitIsNoPartOfIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	if _, err := Open(path + "\x00.other"); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	l := inMemory(t)
	p := provider(t, l, "openai")
	_, requests := p.ObserveUsage(Usage{Requests: -1}, noon)
	_, limit := p.SetLimit("5M tokens per day\x00 reserve 10%")
	_, percent := p.WarnTake(0, 1<<32+80, noon)
	_, number := p.RemoveLimit(1<<32 + 1)
	_, _, status := ReadSignal(Response{Status: -1})
	for _, err := range []error{requests, limit, percent, number, status, l.Backup(path + "\x00"), Compact(path + "\x00"),
		Restore(path, path+"\x00")} {
		if !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it was made:", err)
	}
}

func TestAListOfAnInstantOutOfRangeIsAnError(t *testing.T) {
	l := inMemory(t)
	no(t, provider(t, l, "openai").MarkExhausted(Never))
	for _, year := range []int{1677, 2262} {
		if list, err := l.Exhausted(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, ErrRange) {
			t.Error(year, list, err)
		}
	}
}

func TestAClockThatWasNeverSetIsRefusedInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	for _, step := range []struct {
		options Options
		path    string
		err     error
	}{{Options{}, path, ErrClock}, {Options{MinNow: time.Unix(0, 0)}, path, nil}, {Options{}, Memory, nil}} {
		l := try[*Ledger](t)(step.options.Open(step.path))
		if _, err := provider(t, l, "openai").Observe(1, time.Unix(86400, 0)); !errors.Is(err, step.err) {
			t.Error(step, err)
		}
		no(t, l.Close())
	}
}
