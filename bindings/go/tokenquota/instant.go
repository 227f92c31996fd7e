// instant.go: times in and out. The zero time goes in as the present, and comes out where there is no instant.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"math"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// Never is the end of a provider that is out with no known end. It is after every time that counts:
// retryAt.After(time.Now()) is true for it. Test it with retryAt.Equal(tokenquota.Never).
var Never = core.Time(math.MaxInt64)

// now is an instant that the zero time makes the present. C refuses what it cannot hold.
func now(at time.Time) int64 {
	if at.IsZero() {
		return core.Now
	}
	instant, _ := core.Instant(at)
	return instant
}

// instant is an instant that may be missing: 0.
func instant(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	instant, _ := core.Instant(at)
	return instant
}

// timeOf is an instant that may be missing.
func timeOf(instant int64) time.Time {
	switch instant {
	case 0:
		return time.Time{}
	case math.MaxInt64:
		return Never
	}
	return core.Time(instant)
}
