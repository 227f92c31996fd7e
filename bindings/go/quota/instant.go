// instant.go: instants and ends of marks for times of any year, as the original takes them.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"math"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

const day = 24 * time.Hour

// utcDayStart is the beginning of the UTC day of t.
func utcDayStart(t time.Time) time.Time { return t.UTC().Truncate(day) }

// instant is t in nanoseconds. A time outside of the days that C accepts becomes the same time of the nearest of these days, so
// that the zero time, too, has a day.
func instant(t time.Time) int64 {
	at, outside := core.Instant(t)
	if outside == 0 {
		return at
	}
	into := int64(t.Sub(utcDayStart(t)))
	if outside < 0 {
		return core.FirstSecond*int64(time.Second) + into
	}
	return core.EndSecond*int64(time.Second) - int64(day) + into
}

// markUntil is the end of a mark in nanoseconds, of which 0 or less would be none: a mark that ended by 1970 ends in its first
// nanosecond, and one that C cannot hold at the last instant.
func markUntil(t time.Time) int64 {
	last := time.Unix(0, math.MaxInt64)
	if t.After(last) {
		return math.MaxInt64
	}
	if t.After(time.Unix(0, 0)) {
		return t.UnixNano()
	}
	return 1
}
