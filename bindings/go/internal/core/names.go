// names.go: finds the value of a name, which was looked up once in C, without a call or a lock.
//
// SPDX-License-Identifier: MIT

package core

import (
	"sync"
	"sync/atomic"
)

const placeCount = 256

// Names maps names to values. A name keeps its value. Its zero value is empty.
//
// A name has one place by some of its bytes, which costs less than a hash. The first name of a place keeps it, so that the
// places soon are only read; the others are found in a map.
type Names[V any] struct {
	places [placeCount]atomic.Pointer[named[V]]
	all    sync.Map // of *named[V]
	mu     sync.Mutex
}

type named[V any] struct {
	name  string
	value V
}

func (n *Names[V]) place(name string) *atomic.Pointer[named[V]] {
	last := len(name) - 1
	if last < 1 {
		return &n.places[0]
	}
	sum := uint(name[last]) + 7*uint(name[last-1]) + 31*uint(name[last/2]) + 61*uint(name[0]) + 89*uint(last)
	return &n.places[sum%placeCount]
}

// Find finds the value of a name.
func (n *Names[V]) Find(name string) (value V, known bool) {
	place := n.place(name)
	if there := place.Load(); there != nil && there.name == name {
		return there.value, true
	}
	found, known := n.all.Load(name)
	if !known {
		return value, false
	}
	return found.(*named[V]).value, true
}

// Make finds the value of a name, and makes it when there is none. make runs once at a time; after an error there is none.
func (n *Names[V]) Make(name string, make func() (V, error)) (V, error) {
	if value, known := n.Find(name); known {
		return value, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if value, known := n.Find(name); known {
		return value, nil
	}
	value, err := make()
	if err != nil {
		return value, err
	}
	made := &named[V]{name, value}
	n.all.Store(name, made)
	n.place(name).CompareAndSwap(nil, made)
	return value, nil
}
