// wait_test.go: waiting for changes, and its ends.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// How long a test waits for what must come; it never does when all is well.
const patience = 20 * time.Second

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestChangesComeFromOtherHandles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	here, there := try[*Ledger](t)(Open(path)), try[*Ledger](t)(Open(path))
	defer here.Close()
	defer there.Close()
	ctx, cancel := context.WithCancel(soon(t))
	changes := here.Changes(ctx)
	no(t, <-changes) // the first comes at once
	no(t, provider(t, there, "a").MarkExhausted(Never))
	if err, open := <-changes; err != nil || !open {
		t.Fatal("no change:", err)
	}
	if state, _, err := provider(t, here, "a").State(time.Time{}); err != nil || state != QuotaExhausted {
		t.Error(state, err)
	}
	cancel()
	for err := range changes { // until it is closed
		no(t, err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	l := inMemory(t)
	ctx, cancel := context.WithCancel(context.Background())
	answer := make(chan error)
	go func() { answer <- l.Wait(ctx) }()
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestWaitEndsWithAChangeOrAnEnd(t *testing.T) {
	l := inMemory(t)
	p := provider(t, l, "a")
	ctx := soon(t)
	changes := l.Changes(ctx)
	no(t, <-changes)
	no(t, p.MarkExhausted(time.Now().Add(300*time.Millisecond)))
	no(t, <-changes) // the mark
	for {
		no(t, l.Wait(ctx))
		state, _, err := p.State(time.Time{})
		no(t, err)
		if state == Available {
			break
		}
	}
}

func TestWaitersAreToldOfAClose(t *testing.T) {
	l := try[*Ledger](t)(Open(Memory))
	changes := l.Changes(context.Background())
	no(t, <-changes)
	no(t, l.Close())
	if err := <-changes; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, open := <-changes; open {
		t.Error("the channel is open")
	}
}
