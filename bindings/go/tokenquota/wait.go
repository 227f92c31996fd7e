// wait.go: tells when a state changes: one thread waits in C for all goroutines that wait.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

const (
	// The thread looks this often whether anybody still waits.
	slice = 100 * time.Millisecond
	// An end that passes just between two slices is not seen. So all are woken at least this often.
	atLeast = time.Minute
)

// A watch has the goroutines of a ledger that wait.
type watch struct {
	ledger core.Ledger
	mu     sync.Mutex
	seen   uint32 // of C
	runs   bool   // a goroutine watches
	shut   bool   // the ledger is closed

	wake map[chan error]chan struct{} // has room for one word each; the other is closed with it
}

// join adds a waiter. What changes from now on wakes it.
func (w *watch) join(l *Ledger) (woken chan error, ended chan struct{}, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		return nil, nil, ErrClosed
	}
	if !w.runs {
		w.seen = 0 // then C answers at once, and knows from when on
		if err = failed(w.ledger.Wait(&w.seen, 0)); err != nil {
			return nil, nil, err
		}
		w.runs = true
		go w.run(l)
	}
	if w.wake == nil {
		w.wake = map[chan error]chan struct{}{}
	}
	woken = make(chan error, 1)
	ended = make(chan struct{})
	w.wake[woken] = ended
	return woken, ended, nil
}

// leave takes one out and closes its channels, unless that was done.
func (w *watch) leave(woken chan error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end(woken)
}

func (w *watch) end(woken chan error) {
	if ended, is := w.wake[woken]; is {
		delete(w.wake, woken)
		close(woken)
		close(ended)
	}
}

// tell wakes all. An error is the last word for each. mu is held.
func (w *watch) tell(err error) {
	for woken := range w.wake {
		if err != nil {
			select {
			case <-woken:
			default:
			}
		}
		select {
		case woken <- err:
		default: // it has not looked since the last word
		}
		if err != nil {
			w.end(woken)
		}
	}
}

// run watches while anybody waits.
func (w *watch) run(l *Ledger) {
	defer runtime.KeepAlive(l)
	for told := time.Now(); ; {
		answer := w.ledger.Wait(&w.seen, int64(slice))
		w.mu.Lock()
		if err := failed(answer); err != nil || answer == 0 || time.Since(told) >= atLeast {
			w.tell(err)
			told = time.Now()
		}
		if answer < 0 || len(w.wake) == 0 {
			w.runs = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// close wakes all with ErrClosed, once.
func (w *watch) close() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		return false
	}
	w.shut = true
	w.tell(ErrClosed)
	return true
}

// Wait waits until a state of any provider changes, in any process, or an end passes: then look again at the states. It may
// return without a change, and does so at least once a minute. A change that came before the call does not count; to miss none,
// use Changes. When ctx ends it answers its error; no thread stays in it then for longer than a tenth of a second.
func (l *Ledger) Wait(ctx context.Context) error {
	woken, _, err := l.watch.join(l)
	if err != nil {
		return err
	}
	defer l.watch.leave(woken)
	select {
	case err = <-woken:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Changes tells of changes by a nil: at once, and then whenever a state changed since the last one was received, as Wait does.
// None is missed; several may come as one. The channel is closed when ctx ends, or when the ledger is closed or fails; then
// the error comes before that.
//
//	for err := range ledger.Changes(ctx) {
//		if err != nil {
//			return err
//		}
//		show(ledger)
//	}
func (l *Ledger) Changes(ctx context.Context) <-chan error {
	changes, ended, err := l.watch.join(l)
	if err != nil {
		changes = make(chan error, 1)
		changes <- err
		close(changes)
		return changes
	}
	l.watch.mu.Lock()
	if _, is := l.watch.wake[changes]; is && len(changes) == 0 {
		changes <- nil
	}
	l.watch.mu.Unlock()
	go func() {
		select {
		case <-ctx.Done():
			l.watch.leave(changes)
		case <-ended:
		}
	}()
	return changes
}
