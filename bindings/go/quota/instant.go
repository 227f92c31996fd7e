// instant.go: Go's times as the nanoseconds that C counts in.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"math"
	"time"
)

const day = 24 * time.Hour

// The seconds of the first and behind the last day that C accepts: 1678-01-01 and 2262-01-01.
const (
	firstSecond = -9214560000
	endSecond   = 9214646400
	daySeconds  = 86400
)

// utcDayStart is the beginning of the UTC day of t.
func utcDayStart(t time.Time) time.Time { return t.UTC().Truncate(day) }

// instant is t in nanoseconds. A time outside of the days that C accepts becomes the same time of the nearest of these days, so
// that the zero time, too, has a day.
func instant(t time.Time) int64 {
	seconds := t.Unix()
	if seconds >= firstSecond && seconds < endSecond {
		return t.UnixNano()
	}
	into := int64(t.Sub(utcDayStart(t)))
	if seconds < firstSecond {
		return firstSecond*int64(time.Second) + into
	}
	return (endSecond-daySeconds)*int64(time.Second) + into
}

// markUntil is the end of a mark in nanoseconds, of which 0 or less would be none: a mark that ended by 1970 ends in its first
// nanosecond, and one that C cannot hold at the last instant.
func markUntil(t time.Time) int64 {
	switch seconds := t.Unix(); {
	case seconds < 0:
		return 1
	case seconds > math.MaxInt64/int64(time.Second)-1:
		return math.MaxInt64
	}
	if until := t.UnixNano(); until > 0 {
		return until
	}
	return 1
}

// timeOf is an instant of C as a time.
func timeOf(instant int64) time.Time {
	return time.Unix(instant/int64(time.Second), instant%int64(time.Second)).UTC()
}
