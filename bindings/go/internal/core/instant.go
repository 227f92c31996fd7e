// instant.go: Go's times as the nanoseconds that C counts in, and back.
//
// SPDX-License-Identifier: MIT

package core

import (
	"math"
	"time"
)

// The seconds of the first day that C accepts, and behind the last: 1678-01-01 and 2262-01-01.
const (
	FirstSecond = -9214560000
	EndSecond   = 9214646400
)

// Instant is t in nanoseconds. outside is -1 when t is before the days that C accepts, 1 when it is after them; then the
// instant is one that C refuses.
func Instant(t time.Time) (instant int64, outside int) {
	switch seconds := t.Unix(); {
	case seconds < FirstSecond:
		return math.MinInt64 + 1, -1
	case seconds >= EndSecond:
		return math.MaxInt64, 1
	}
	return t.UnixNano(), 0
}

// Time is an instant of C as a time, in UTC.
func Time(instant int64) time.Time {
	return time.Unix(instant/int64(time.Second), instant%int64(time.Second)).UTC()
}
