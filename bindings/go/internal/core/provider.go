// provider.go: the calls on providers; each answers a code of tokenquota.h, or Closed.
//
// SPDX-License-Identifier: MIT

package core

// #include "shim.h"
import "C"

import "unsafe"

// The settings that are one number.
const (
	Budget  = C.TQ_GO_BUDGET
	Rule    = C.TQ_GO_RULE
	Care    = C.TQ_GO_CARE
	Overage = C.TQ_GO_OVERAGE
)

// The deeds that take one number.
const (
	Mark          = C.TQ_GO_MARK
	MarkAvailable = C.TQ_GO_MARK_AVAILABLE
	Success       = C.TQ_GO_SUCCESS
	Reset         = C.TQ_GO_RESET
	Forget        = C.TQ_GO_FORGET
	RemoveLimit   = C.TQ_GO_REMOVE_LIMIT
	ProbeFailure  = C.TQ_GO_PROBE_FAILURE
	PollEnd       = C.TQ_GO_POLL_END
)

func (l Ledger) Observe(p Provider, tokens, now int64) (answer, retryAt int64) {
	r := C.tq_go_observe(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(tokens), C.int64_t(now))
	return int64(r.code), int64(r.at_ns)
}

func (l Ledger) State(p Provider, now int64) (answer, retryAt int64) {
	r := C.tq_go_state(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(now))
	return int64(r.code), int64(r.at_ns)
}

func (l Ledger) Used(p Provider, now int64) int64 {
	return int64(C.tq_go_used(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(now)))
}

func (l Ledger) Correct(p Provider, tokens, now int64) int64 {
	return int64(C.tq_go_correct(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(tokens), C.int64_t(now)))
}

func (l Ledger) ObserveUsage(p Provider, usage *Usage, now int64) (answer, retryAt int64) {
	usage.Size = uint32(unsafe.Sizeof(*usage))
	r := C.tq_go_observe_usage(C.uintptr_t(l), C.uintptr_t(p), (*C.struct_tq_usage)(unsafe.Pointer(usage)),
		C.int64_t(now))
	return int64(r.code), int64(r.at_ns)
}

func (l Ledger) Apply(p Provider, signal *Signal) int64 {
	signal.Size = uint32(unsafe.Sizeof(*signal))
	return int64(C.tq_go_apply(C.uintptr_t(l), C.uintptr_t(p), (*C.struct_tq_quota_signal)(unsafe.Pointer(signal))))
}

func (l Ledger) Verdict(p Provider, now int64, verdict *Verdict) int64 {
	verdict.Size = uint32(unsafe.Sizeof(*verdict))
	return int64(C.tq_go_verdict(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(now),
		(*C.struct_tq_verdict)(unsafe.Pointer(verdict))))
}

// Explain is the sentence of a verdict.
func (v *Verdict) Explain() string {
	var room [1024]C.char
	raw := (*C.struct_tq_verdict)(unsafe.Pointer(v))
	if C.tq_verdict_explain_named(raw, vendor(v.Profile), &room[0], C.size_t(len(room))) < 0 {
		return ""
	}
	return C.GoString(&room[0])
}

// Limits fills out and answers how many there are.
func (l Ledger) Limits(p Provider, now int64, out *[LimitsMax]LimitState) int64 {
	out[0].Size = uint32(unsafe.Sizeof(out[0]))
	return int64(C.tq_go_limits(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(now),
		(*C.struct_tq_limit_state)(unsafe.Pointer(out))))
}

// SetLimit answers the number of the limit.
func (l Ledger) SetLimit(p Provider, limit *Limit) (int, *Failure) {
	said := newError()
	limit.Size = uint32(unsafe.Sizeof(*limit))
	answer := int64(C.tq_go_set_limit(C.uintptr_t(l), C.uintptr_t(p), (*C.struct_tq_limit)(unsafe.Pointer(limit)), said))
	return int(answer), failure(answer, said)
}

// ParseLimit reads a sentence.
func ParseLimit(sentence string) (limit Limit, failed *Failure) {
	said := newError()
	zeroEnded := append([]byte(sentence), 0)
	limit.Size = uint32(unsafe.Sizeof(limit))
	answer := C.tq_limit_parse(bytesOf(zeroEnded), (*C.struct_tq_limit)(unsafe.Pointer(&limit)), said)
	return limit, failure(int64(answer), said)
}

// Sentence writes a limit.
func (limit *Limit) Sentence() (string, int64) {
	var room [256]C.char
	limit.Size = uint32(unsafe.Sizeof(*limit))
	answer := C.tq_limit_format((*C.struct_tq_limit)(unsafe.Pointer(limit)), &room[0], C.size_t(len(room)))
	return C.GoString(&room[0]), int64(answer)
}

func (l Ledger) Get(p Provider, setting uint32) int64 {
	return int64(C.tq_go_get(C.uintptr_t(l), C.uintptr_t(p), setting))
}

func (l Ledger) Set(p Provider, setting uint32, value int64) int64 {
	return int64(C.tq_go_set(C.uintptr_t(l), C.uintptr_t(p), setting, C.int64_t(value)))
}

func (l Ledger) Do(p Provider, deed uint32, number int64) int64 {
	return int64(C.tq_go_do(C.uintptr_t(l), C.uintptr_t(p), deed, C.int64_t(number)))
}

func (l Ledger) ProbeTake(p Provider, now int64) (answer, at int64) {
	r := C.tq_go_probe_take(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(now))
	return int64(r.code), int64(r.at_ns)
}

func (l Ledger) PollBegin(p Provider, every, now int64) (answer, at int64) {
	r := C.tq_go_poll_begin(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(every), C.int64_t(now))
	return int64(r.code), int64(r.at_ns)
}

func (l Ledger) WarnTake(p Provider, number, percent, now int64) int64 {
	return int64(C.tq_go_warn_take(C.uintptr_t(l), C.uintptr_t(p), C.int64_t(number), C.int64_t(percent), C.int64_t(now)))
}

func (l Ledger) Account(p Provider) (account uint64, answer int64) {
	answer = int64(C.tq_go_account(C.uintptr_t(l), C.uintptr_t(p), (*C.uint64_t)(&account)))
	return account, answer
}

func (l Ledger) SetPool(p, pool Provider) int64 {
	return int64(C.tq_go_set_pool(C.uintptr_t(l), C.uintptr_t(p), C.uintptr_t(pool)))
}

// Pool answers 1 when there is none.
func (l Ledger) Pool(p Provider) (pool Provider, name string, answer int64) {
	var room [nameBytes]C.char
	var found C.uintptr_t
	answer = int64(C.tq_go_pool(C.uintptr_t(l), C.uintptr_t(p), &found, &room[0]))
	return Provider(found), C.GoString(&room[0]), answer
}

// Weights reads the weights, or sets them.
func (l Ledger) Weights(p Provider, set bool, weights *[TokenGroups]uint32) int64 {
	return int64(C.tq_go_weights(C.uintptr_t(l), C.uintptr_t(p), number(set), (*C.uint32_t)(unsafe.Pointer(weights))))
}

// Price reads the price, or sets it.
func (l Ledger) Price(p Provider, set bool, price *[TokenGroups]int64) int64 {
	return int64(C.tq_go_price(C.uintptr_t(l), C.uintptr_t(p), number(set), (*C.int64_t)(unsafe.Pointer(price))))
}

func number(yes bool) C.int {
	if yes {
		return 1
	}
	return 0
}
