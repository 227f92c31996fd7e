// hold.go: the calls on holds; each answers a code of tokenquota.h, or Closed.
//
// SPDX-License-Identifier: MIT

package core

// #include "shim.h"
import "C"

import "unsafe"

func (h *Hold) c() *C.struct_tq_hold { return (*C.struct_tq_hold)(unsafe.Pointer(h)) }

// Hold answers 1 when there is no room.
func (l Ledger) Hold(p Provider, amounts *Amounts, lease, now int64, hold *Hold) int64 {
	amounts.Size, hold.Size = uint32(unsafe.Sizeof(*amounts)), uint32(unsafe.Sizeof(*hold))
	return int64(C.tq_go_hold(C.uintptr_t(l), C.uintptr_t(p), (*C.struct_tq_amounts)(unsafe.Pointer(amounts)),
		C.int64_t(lease), C.int64_t(now), hold.c()))
}

func (l Ledger) SettleHold(hold *Hold, usage *Usage, now int64) int64 {
	usage.Size = uint32(unsafe.Sizeof(*usage))
	return int64(C.tq_go_hold_settle(C.uintptr_t(l), hold.c(), (*C.struct_tq_usage)(unsafe.Pointer(usage)), C.int64_t(now)))
}

func (l Ledger) CancelHold(hold *Hold) int64 {
	return int64(C.tq_go_hold_cancel(C.uintptr_t(l), hold.c()))
}

func (l Ledger) ExtendHold(hold *Hold, lease, now int64) int64 {
	return int64(C.tq_go_hold_extend(C.uintptr_t(l), hold.c(), C.int64_t(lease), C.int64_t(now)))
}

func (l Ledger) HoldID(hold *Hold) (id string, answer int64) {
	var room [holdID]C.char
	if answer = int64(C.tq_go_hold_id(C.uintptr_t(l), hold.c(), &room[0])); answer < 0 {
		return "", answer
	}
	return C.GoString(&room[0]), 0
}

// FindHold finds a hold and the name of its provider. It answers 1 when the hold is no longer there.
func (l Ledger) FindHold(id string, hold *Hold) (name string, answer int64) {
	var room [nameBytes]C.char
	zeroEnded := append([]byte(id), 0)
	hold.Size = uint32(unsafe.Sizeof(*hold))
	answer = int64(C.tq_go_hold_find(C.uintptr_t(l), bytesOf(zeroEnded), hold.c(), &room[0]))
	return C.GoString(&room[0]), answer
}

// Holds lists the holds of a provider.
func (l Ledger) Holds(p Provider, now int64) ([]HoldState, int64) {
	for capacity := 16; ; {
		out := make([]HoldState, capacity)
		out[0].Size = uint32(unsafe.Sizeof(out[0]))
		count := int64(C.tq_go_holds(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(now),
			(*C.struct_tq_hold_state)(unsafe.Pointer(&out[0])), C.size_t(capacity)))
		if count < 0 {
			return nil, count
		}
		if count <= int64(capacity) {
			return out[:count], 0
		}
		capacity = int(count + count/8) // more may come meanwhile
	}
}
