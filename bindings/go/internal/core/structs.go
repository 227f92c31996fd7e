// structs.go: the structs of tokenquota.h, member by member; what each means is said there.
//
// SPDX-License-Identifier: MIT

package core

// #include "shim.h"
import "C"

const (
	nameBytes   = C.TQ_GO_NAME
	AxesMax     = C.TQ_AXES_MAX
	LimitsMax   = C.TQ_LIMITS_MAX
	windowName  = C.TQ_WINDOW_NAME_MAX
	TokenGroups = C.TQ_CLASSES
	holdUnits   = C.TQ_UNITS
	holdID      = C.TQ_HOLD_ID_MAX
)

// Bits of Signal.Flags, Axis.Known and Axis.Flags, Usage.Flags, LimitState.Said, and Hold.Flags.
const (
	SignalSuccess     = C.TQ_SIGNAL_SUCCESS
	SignalClamped     = C.TQ_SIGNAL_CLAMPED
	SignalModelOnly   = C.TQ_SIGNAL_MODEL_ONLY
	SignalAxesDropped = C.TQ_SIGNAL_AXES_DROPPED
	SignalReading     = C.TQ_SIGNAL_READING
	AxisLimit         = C.TQ_AXIS_LIMIT
	AxisRemaining     = C.TQ_AXIS_REMAINING
	AxisUsed          = C.TQ_AXIS_USED
	AxisReset         = C.TQ_AXIS_RESET
	AxisEmpty         = C.TQ_AXIS_EMPTY
	AxisFullRefill    = C.TQ_AXIS_FULL_REFILL
	AxisModelOnly     = C.TQ_AXIS_MODEL_ONLY
	AxisCredit        = C.TQ_AXIS_CREDIT
	UsagePartial      = C.TQ_USAGE_PARTIAL
	UsageMore         = C.TQ_USAGE_MORE
	SaidReading       = C.TQ_SAID_READING
	SaidBlocks        = C.TQ_SAID_BLOCKS
	SaidCredit        = C.TQ_SAID_CREDIT
	SaidStops         = C.TQ_SAID_STOPS
	SaidOverruled     = C.TQ_SAID_OVERRULED
	SaidDoubted       = C.TQ_SAID_DOUBTED
	SaidShare         = C.TQ_SAID_SHARE
	HoldNobody        = C.TQ_HOLD_NOBODY
)

type Options struct {
	Size, HistoryDays, Rule, Flags uint32
	MinNow, MaxAhead               int64
	Mode, Reserved                 uint32
}

type Info struct {
	Size, HistoryDays, Rule, InFile                  uint32
	Providers, Slots, FileBytes, Late, TooOld, Clock uint64
	Saturated, Rebuilt, Recovered, Faults, Ahead     uint64
	AheadAt                                          int64
}

type Verdict struct {
	Size                                                           uint32
	State                                                          int32
	Reason, Reasons, Refusal, Axis, Source, Profile, Rule, Attempt uint32
	Probing, Flags                                                 uint32
	Used, Budget, Left, RetryAt, SaidAt, Window, ProbeAt, At       int64
	Level, Limit, LimitUnit, LimitWindow                           uint32
	LimitUsed, LimitAmount, LimitReserve                           int64
	Limits                                                         uint64
	LimitName                                                      [windowName + 2]byte
	Care, Expects                                                  uint32
	Expected                                                       int64
	Holds, Flying                                                  uint32
	Held                                                           int64
	Others, Withheld, HeardAt                                      int64
}

type Limit struct {
	Size, Unit, Window, Known, First, ReserveShare uint32
	Amount, Reserve, Length, AnchorAt              int64
	Zone                                           [64]byte
}

type LimitState struct {
	Size, Number                                         uint32
	State                                                int32
	Spent, SharePPM, Taken                               uint32
	Used, StartAt, EndAt, Until, Uncosted                int64
	Limit                                                Limit
	Said, SaidPPM, SaidSource, SaidProfile               uint32
	SaidAt, SaidResetAt, SaidLimit, SaidSince, SaidOutAt int64
	OutAt                                                int64
	Held                                                 int64
	Flying, IsHeld                                       uint32
	Others, Withheld, HeardAt                            int64
	IsShared, Strict                                     uint32
}

type Route struct {
	Size, Probe  uint32
	Chosen       uint64
	RetryAt      int64
	Policy, Last uint32
	Need, Room   int64
}

// Provider of a Hold is an address in C's memory, and Place and Word are the library's.
type Hold struct {
	Size, Flags, Levels, Ended uint32
	Provider                   uintptr
	Until                      int64
	Place, Word                [3]uint64
}

type Amounts struct {
	Size, Known uint32
	Of          [holdUnits]int64
}

type HoldState struct {
	Size, Owner, Alive, Known uint32
	Of                        [holdUnits]int64
	Hold                      Hold
}

type Usage struct {
	Size, Known, Flags, Requests                           uint32
	Input, CacheRead, CacheWrite, Output, Reasoning, Total int64
	Counted, SentAt, CostNanoUSD                           int64
}

type Axis struct {
	What, Known, Flags, UsedPPM       uint32
	Window, Limit, Remaining, ResetAt int64
}

type Signal struct {
	Size, Refusal, Flags, Status, Profile, Source, Anomalies uint32
	Binds                                                    int32
	SentAt, SaidAt, RetryAt                                  int64
	AxisCount, Reserved                                      uint32
	Axis                                                     [AxesMax]Axis
	Account                                                  uint64
	WindowName                                               [AxesMax][windowName]byte
}

// Text is a text of C in an array, up to its NUL.
func Text(array []byte) string {
	for i, b := range array {
		if b == 0 {
			return string(array[:i])
		}
	}
	return string(array)
}
