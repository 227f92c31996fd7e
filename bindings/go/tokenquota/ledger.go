// Package tokenquota counts the tokens that programs use per LLM provider, in a file that any number of processes share, and
// says which provider may be asked. It needs no server.
//
// A Ledger is such a file. A Provider is a name in it: an account, a key, a model. Observe counts what a request used.
// ApplyResponse reads what the vendor said of its quota. State, Verdict and Route answer which provider may be asked; Wait and
// Changes tell when that changes. What one process counts, all know at once, and a process that is killed loses nothing.
//
// The library is C, which cgo builds in. include/tokenquota.h says exactly what each call does.
//
// Times: the zero time as an argument is the present, unless its name says otherwise; as an answer it is "no instant". All
// answers are in UTC. An end that nobody knows is Never.
//
// Errors: a call that could not decide returns an *Error, and no state. It never reads as "available".
//
// SPDX-License-Identifier: MIT
package tokenquota

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// Memory as a path is a ledger in the program's own memory, which no other process sees.
const Memory = ":memory:"

// Every door of tokenquota refuses records before 2020-01-01 in a file: a clock that was never set says 1970.
const clockMin = 1577836800e9

// A Rule decides when a budget, or a limit, is exhausted before it is used up.
type Rule uint32

const (
	RuleDefault  Rule = iota // RuleCare; of a provider: the ledger's
	RuleOriginal             // the day's mean rate would exceed the budget
	RuleOff                  // nothing is predicted
	RuleHorizon              // what RuleCare replaces
	RuleCare                 // what is left is less than care x what a call, or half an hour, takes
)

// Options say how a ledger is opened.
type Options struct {
	ReadOnly      bool // calls that would write fail with ErrReadOnly
	Existing      bool // do not create a ledger
	Resettable    bool // ResetAll works on a ledger in a file
	AnyFileSystem bool // the file may be on a file system that is not known to be local

	// FlushAlways: every record is on the disk when the call returns, which takes milliseconds. When the disk fails, Observe
	// answers ErrSystem, although the tokens are counted: do not count them again.
	FlushAlways bool

	Rule        Rule          // of providers without one of their own. Fixed at creation
	HistoryDays int           // days that are kept: 8, 16, 32 or 64; 0: 64. Fixed at creation
	Mode        fs.FileMode   // of a file that is created; 0: 0600
	MinNow      time.Time     // a record before it is ErrClock; the zero time: 2020-01-01 in a file, no limit in memory
	MaxAhead    time.Duration // a record further ahead of the clock is ErrClock. 0: 5 minutes in a file; below 0: no limit
}

// A Ledger is an open ledger. Any number of goroutines may use it.
type Ledger struct {
	c       core.Ledger
	path    string
	note    string
	names   core.Names[*Provider] // as they are written
	inRuns  core.Names[*Provider] // as this process means them, when it belongs to runs
	runs    string                // $TOKENQUOTA_RUN when it was opened
	watch   watch
	release *release
}

// A release closes a ledger that nobody reaches any more. It is apart, because providers and ledgers lead to each other.
type release struct{ c core.Ledger }

// Open opens the ledger at path, or creates it. An empty path is the ledger that the command uses (DefaultPath), whose folder
// is made, too, unless $TOKENQUOTA_LEDGER names it; Memory is a private one.
func Open(path string) (*Ledger, error) { return Options{}.Open(path) }

// Open opens a ledger as the options say.
func (o Options) Open(path string) (*Ledger, error) {
	options, err := o.core()
	if err != nil {
		return nil, err
	}
	if path == "" {
		if path, err = DefaultPath(); err != nil {
			return nil, err
		}
		if _, named := os.LookupEnv("TOKENQUOTA_LEDGER"); !named && !o.Existing && !o.ReadOnly {
			if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return nil, err
			}
		}
	}
	if err = whole(path); err != nil {
		return nil, err
	}
	file := path
	if path == Memory {
		file = ""
	} else if o.MinNow.IsZero() {
		options.MinNow = clockMin
	}
	opened, note, why := core.Open(file, options)
	if why != nil {
		return nil, failure(why)
	}
	l := &Ledger{c: opened, path: path, note: note, release: &release{opened}}
	l.watch.ledger = opened
	if path != Memory {
		l.runs = os.Getenv("TOKENQUOTA_RUN")
	}
	runtime.SetFinalizer(l.release, func(r *release) { r.c.Free() })
	return l, nil
}

func (o Options) core() (core.Options, error) {
	if o.HistoryDays < 0 {
		return core.Options{}, invalid("HistoryDays is below 0")
	}
	options := core.Options{
		HistoryDays: uint32(o.HistoryDays),
		Rule:        uint32(o.Rule),
		MinNow:      instant(o.MinNow),
		MaxAhead:    int64(o.MaxAhead),
		Mode:        uint32(o.Mode.Perm()),
	}
	if o.MaxAhead < 0 {
		options.MaxAhead = 1<<63 - 1
	}
	for flag, set := range map[uint32]bool{
		core.OpenReadOnly:      o.ReadOnly,
		core.OpenExisting:      o.Existing,
		core.OpenResettable:    o.Resettable,
		core.OpenAnyFileSystem: o.AnyFileSystem,
		core.OpenFlushAlways:   o.FlushAlways,
	} {
		if set {
			options.Flags |= flag
		}
	}
	return options, nil
}

// DefaultPath is the path of the ledger that the command uses: $TOKENQUOTA_LEDGER, else the machine's, else the user's.
func DefaultPath() (string, error) {
	path, why := core.DefaultPath()
	return path, failure(why)
}

// Version is that of the library, such as "0.1.0".
func Version() string { return core.Version() }

// Close closes the ledger when the calls that are in it have returned; those that wait return first. Later calls on it and on
// its providers answer ErrClosed, and so does a second Close. A ledger that nobody reaches any more is closed by itself.
func (l *Ledger) Close() error {
	if !l.watch.close() {
		return ErrClosed
	}
	l.c.Close()
	runtime.KeepAlive(l)
	return nil
}

// Path is the path of the file, or Memory.
func (l *Ledger) Path() string { return l.path }

// Note is what there was to tell when it was opened, such as that the index was rebuilt; often "".
func (l *Ledger) Note() string { return l.note }

// Flush puts all that was counted before on the disk.
func (l *Ledger) Flush() error {
	answer := l.c.Flush()
	runtime.KeepAlive(l)
	return failed(answer)
}

// Backup writes a copy to a new file at dest while others go on counting.
func (l *Ledger) Backup(dest string) error {
	if err := whole(dest); err != nil {
		return err
	}
	why := l.c.Backup(dest)
	runtime.KeepAlive(l)
	return failure(why)
}

// ResetAll forgets all usage; budgets, limits and marks stay. On a file it asks for Options.Resettable, else it does nothing.
func (l *Ledger) ResetAll() error {
	answer := l.c.ResetAll()
	runtime.KeepAlive(l)
	return failed(answer)
}

// Compact rewrites the file at path without the space of forgotten names. Nobody may have it open.
func Compact(path string) error {
	if err := whole(path); err != nil {
		return err
	}
	return failure(core.Compact(path))
}

// Restore replaces what the ledger at path holds with what the file at source holds. Nobody may have it open.
func Restore(path, source string) error {
	if err := whole(path, source); err != nil {
		return err
	}
	return failure(core.Restore(path, source))
}

// Info is what is in a ledger, and what happened to it since it was created.
type Info struct {
	HistoryDays int
	Rule        Rule
	InFile      bool
	Providers   uint64    // names
	Slots       uint64    // places in use, also those of killed inserts
	FileBytes   uint64    // 0 in private memory
	Late        uint64    // records of a day earlier than their provider's newest
	TooOld      uint64    // records refused with ErrAge
	Clock       uint64    // records refused with ErrClock
	Saturated   uint64    // records after which a count was saturated
	Rebuilt     uint64    // times the index was rebuilt
	Recovered   uint64    // names that a rebuild put back
	Faults      uint64    // what Check found damaged
	Ahead       uint64    // providers with a day ahead of the clock
	AheadAt     time.Time // the latest such day
}

func infoOf(i core.Info) Info {
	return Info{int(i.HistoryDays), Rule(i.Rule), i.InFile == 1, i.Providers, i.Slots, i.FileBytes, i.Late, i.TooOld, i.Clock,
		i.Saturated, i.Rebuilt, i.Recovered, i.Faults, i.Ahead, timeOf(i.AheadAt)}
}

// Info tells what is in the ledger.
func (l *Ledger) Info() (Info, error) {
	info, answer := l.c.Statistics()
	runtime.KeepAlive(l)
	return infoOf(info), failed(answer)
}

// Check looks at every word of the ledger. Info.Faults is how many are damaged, and found describes the first; "": all is
// well.
func (l *Ledger) Check() (info Info, found string, err error) {
	raw, found, answer := l.c.Check()
	runtime.KeepAlive(l)
	if answer != 1 {
		found = ""
	}
	return infoOf(raw), found, failed(answer)
}
