// ledger.go: the calls on ledgers.
//
// SPDX-License-Identifier: MIT

package core

// #include <stdlib.h>
// #include "shim.h"
import "C"

import "unsafe"

// Flags of an open and of a look-up.
const (
	OpenExisting      = C.TQ_OPEN_EXISTING
	OpenReadOnly      = C.TQ_OPEN_READ_ONLY
	OpenResettable    = C.TQ_OPEN_RESETTABLE
	OpenFlushAlways   = C.TQ_OPEN_FLUSH_ALWAYS
	OpenAnyFileSystem = C.TQ_OPEN_ANY_FILE_SYSTEM
	RuleOriginal      = C.TQ_RULE_ORIGINAL
	ProviderExisting  = C.TQ_PROVIDER_EXISTING
	RouteNoProbe      = C.TQ_ROUTE_NO_PROBE
	UseReserve        = C.TQ_USE_RESERVE
)

// Kinds of lists.
const (
	ListAll       = C.TQ_GO_ALL
	ListMarked    = C.TQ_GO_MARKED
	ListExhausted = C.TQ_GO_EXHAUSTED
	ListProbesDue = C.TQ_GO_PROBES_DUE
)

// Open opens the file at path, or private memory when path is empty. note is what C says although it succeeded.
func Open(path string, options Options) (ledger Ledger, note string, failed *Failure) {
	var name *C.char
	if path != "" {
		name = C.CString(path)
		defer C.free(unsafe.Pointer(name))
	}
	said := newError()
	options.Size = uint32(unsafe.Sizeof(options))
	var made C.uintptr_t
	answer := C.tq_go_open(name, (*C.struct_tq_ledger_options)(unsafe.Pointer(&options)), said, &made)
	if answer < 0 {
		return 0, "", failure(int64(answer), said)
	}
	return Ledger(made), C.GoString(&said.msg[0]), nil
}

// DefaultPath is the path of the ledger that the command uses.
func DefaultPath() (string, *Failure) {
	said := newError()
	out := make([]byte, 4096)
	len := C.tq_ledger_default_path(bytesOf(out), C.size_t(len(out)), said)
	if len < 0 {
		return "", failure(int64(len), said)
	}
	return Text(out), nil
}

// Close closes a ledger when the last call has left it. The gate stays.
func (l Ledger) Close() { C.tq_go_close(C.uintptr_t(l)) }

// Free closes it and frees the gate.
func (l Ledger) Free() { C.tq_go_free(C.uintptr_t(l)) }

// Provider looks up a name. answer is 0, or 1 for an unknown name with ProviderExisting, or negative.
func (l Ledger) Provider(name string, flags uint32) (provider Provider, answer int64) {
	var found C.uintptr_t
	answer = int64(C.tq_go_provider(C.uintptr_t(l), text(name), C.size_t(len(name)), C.uint32_t(flags), &found))
	return Provider(found), answer
}

// RunOf is the run that a name means in a process whose runs these are; "": none.
func RunOf(runs, name string) string {
	value := C.CString(runs)
	defer C.free(unsafe.Pointer(value))
	var out [nameBytes]C.char
	if C.tq_run_of(value, text(name), C.size_t(len(name)), &out[0], C.size_t(len(out))) <= 0 {
		return ""
	}
	return C.GoString(&out[0])
}

// RunCheck answers 0 when the provider is a run in force.
func (l Ledger) RunCheck(p Provider) int64 {
	return int64(C.tq_go_run_check(C.uintptr_t(l), C.uintptr_t(p)))
}

// An Entry of a list: at is the instant that belongs to it.
type Entry struct {
	Provider Provider
	Name     string
	At       int64
}

// List lists providers.
func (l Ledger) List(kind int, now int64) ([]Entry, int64) {
	for capacity := 16; ; {
		providers := make([]C.uintptr_t, capacity)
		instants := make([]C.int64_t, capacity)
		names := make([][nameBytes]C.char, capacity)
		count := int(C.tq_go_list(C.uintptr_t(l), C.int(kind), C.int64_t(now), C.size_t(capacity), &providers[0],
			&instants[0], &names[0]))
		if count < 0 {
			return nil, int64(count)
		}
		if count > capacity {
			capacity = count + count/8 // more may come meanwhile
			continue
		}
		entries := make([]Entry, count)
		for i := range entries {
			entries[i] = Entry{Provider(providers[i]), C.GoString(&names[i][0]), int64(instants[i])}
		}
		return entries, 0
	}
}

func (l Ledger) Flush() int64 { return int64(C.tq_go_flush(C.uintptr_t(l))) }

func (l Ledger) ResetAll() int64 { return int64(C.tq_go_reset_all(C.uintptr_t(l))) }

func (l Ledger) Statistics() (info Info, answer int64) {
	info.Size = uint32(unsafe.Sizeof(info))
	answer = int64(C.tq_go_statistics(C.uintptr_t(l), (*C.struct_tq_ledger_info)(unsafe.Pointer(&info))))
	return info, answer
}

// Check answers 1 when something is damaged; found then describes it.
func (l Ledger) Check() (info Info, found string, answer int64) {
	said := newError()
	info.Size = uint32(unsafe.Sizeof(info))
	answer = int64(C.tq_go_check(C.uintptr_t(l), (*C.struct_tq_ledger_info)(unsafe.Pointer(&info)), said))
	return info, C.GoString(&said.msg[0]), answer
}

func (l Ledger) Backup(dest string) *Failure {
	path := C.CString(dest)
	defer C.free(unsafe.Pointer(path))
	said := newError()
	return failure(int64(C.tq_go_backup(C.uintptr_t(l), path, said)), said)
}

// Compact and Restore work on files that nobody has open.
func Compact(path string) *Failure {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	said := newError()
	return failure(int64(C.tq_ledger_compact(name, said)), said)
}

func Restore(path, source string) *Failure {
	name, from := C.CString(path), C.CString(source)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(from))
	said := newError()
	return failure(int64(C.tq_ledger_restore(name, from, said)), said)
}

// Wait blocks the thread for at most timeout.
func (l Ledger) Wait(seen *uint32, timeout int64) int64 {
	return int64(C.tq_go_wait(C.uintptr_t(l), (*C.uint32_t)(seen), C.int64_t(timeout)))
}

func (l Ledger) Route(providers []Provider, now int64, flags uint32, route *Route) int64 {
	var first *C.uintptr_t
	if len(providers) > 0 {
		first = (*C.uintptr_t)(unsafe.Pointer(&providers[0]))
	}
	route.Size = uint32(unsafe.Sizeof(*route))
	return int64(C.tq_go_route(C.uintptr_t(l), first, C.size_t(len(providers)), C.int64_t(now), C.uint32_t(flags),
		(*C.struct_tq_route)(unsafe.Pointer(route))))
}

// The calls of the package quota, which never closes a ledger while a call may come.

// MarkWord is where the end of a provider's mark is, 0 for none. Read it atomically; it stays as long as the ledger.
func (p Provider) MarkWord() *int64 {
	return (*int64)(C.tq_go_mark_word(C.uintptr_t(p)))
}

func (p Provider) BareRecord(tokens, now int64) int64 {
	return int64(C.tq_go_bare_record(C.uintptr_t(p), C.int64_t(tokens), C.int64_t(now)))
}

func BareObserve(tracker, store Ledger, name string, tokens, now int64) int64 {
	return int64(C.tq_go_bare_observe(C.uintptr_t(tracker), C.uintptr_t(store), text(name), C.size_t(len(name)),
		C.int64_t(tokens), C.int64_t(now)))
}
