// structs.go: the structs of tokenquota.h, member by member; what each means is said there.
//
// SPDX-License-Identifier: MIT

package core

const (
	nameBytes   = 256
	AxesMax     = 16
	LimitsMax   = 8
	windowName  = 22
	TokenGroups = 4
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
}

type Limit struct {
	Size, Unit, Window, Known, First, ReserveShare uint32
	Amount, Reserve, Length, AnchorAt              int64
	Zone                                           [64]byte
}

type LimitState struct {
	Size, Number                                       uint32
	State                                              int32
	Spent, SharePPM, Taken                             uint32
	Used, StartAt, EndAt, Until, Uncosted              int64
	Limit                                              Limit
	Said, SaidPPM, SaidSource, SaidProfile             uint32
	SaidAt, SaidResetAt, SaidLimit, SaidSince, SaidOut int64
	OutAt                                              int64
}

type Route struct {
	Size, Probe  uint32
	Chosen       uint64
	RetryAt      int64
	Policy, Last uint32
	Need, Room   int64
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
	Axes                                                     [AxesMax]Axis
	Account                                                  uint64
	WindowNames                                              [AxesMax][windowName]byte
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
