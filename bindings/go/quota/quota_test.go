// quota_test.go: what no vector holds: nil, the zero value, odd names and times, goroutines.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

func TestNilAndEmptyNameDoNothing(t *testing.T) {
	var tracker *BurnRateTracker
	var store *StateStore
	tracker.SetBudget("a", 1)
	tracker.Reset()
	ObserveTokenUsage(nil, store, "a", 5, noon)
	if exhausted, retryAfter := tracker.Record("a", 5, noon); exhausted || !retryAfter.IsZero() {
		t.Error("a nil tracker answered", exhausted, retryAfter)
	}
	if tracker.Budget("a") != 0 || tracker.Used("a", noon) != 0 || store.AllExhausted() != nil {
		t.Error("nil has something")
	}
	tracker = NewBurnRateTracker()
	tracker.SetBudget("", 1)
	tracker.Record("", 5, noon)
	if tracker.Budget("") != 0 || tracker.Used("", noon) != 0 {
		t.Error("the empty name has something")
	}
}

func TestZeroValuesWork(t *testing.T) {
	var tracker BurnRateTracker
	var store StateStore
	tracker.SetBudget("a", 10)
	ObserveTokenUsage(&tracker, &store, "a", 10, noon)
	if state, until := store.State("a", noon); state != StateQuotaExhausted || !until.Equal(noon.Add(12*time.Hour)) {
		t.Error("state", state, until)
	}
	tracker.Reset()
	if tracker.Used("a", noon) != 0 || tracker.Budget("a") != 10 {
		t.Error("after a reset", tracker.Used("a", noon), tracker.Budget("a"))
	}
}

func TestObserveWithoutStoreRecords(t *testing.T) {
	tracker := NewBurnRateTracker()
	ObserveTokenUsage(tracker, nil, "a", 7, noon)
	if used := tracker.Used("a", noon); used != 7 {
		t.Error("used", used)
	}
}

// The library refuses these names; Go's maps take any.
func TestOddNamesAreNamesLikeAnyOther(t *testing.T) {
	for _, name := range []string{strings.Repeat("x", 300), "a\nb", "a\x00b", "\xff\xfe", " "} {
		tracker, store := NewBurnRateTracker(), NewStateStore()
		tracker.SetBudget(name, 100)
		ObserveTokenUsage(tracker, store, name, 100, noon)
		if tracker.Used(name, noon) != 100 || tracker.Budget(name) != 100 {
			t.Errorf("%q: used %d of %d", name, tracker.Used(name, noon), tracker.Budget(name))
		}
		if state, _ := store.State(name, noon); state != StateQuotaExhausted {
			t.Errorf("%q is %s", name, state)
		}
		if ends := store.ExhaustedAt(noon); len(ends) != 1 || ends[name].IsZero() {
			t.Errorf("%q: listed %v", name, ends)
		}
	}
}

func TestNamesThatShareAPlaceAreKeptApart(t *testing.T) {
	tracker := NewBurnRateTracker()
	for i := 0; i < 1000; i++ {
		name := "a" + strings.Repeat("b", i%7) + string(rune('a'+i%26)) + strings.Repeat("c", i/26) + "zz"
		before := tracker.Used(name, noon)
		tracker.Record(name, 3, noon)
		if used := tracker.Used(name, noon); used != before+3 {
			t.Fatalf("%q: %d after %d", name, used, before)
		}
	}
}

func TestTimesThatNanosecondsCannotHold(t *testing.T) {
	for _, now := range []time.Time{{}, time.Date(1500, 1, 1, 18, 0, 0, 0, time.UTC), time.Date(3000, 1, 1, 6, 0, 0, 0, time.UTC)} {
		tracker, store := NewBurnRateTracker(), NewStateStore()
		tracker.SetBudget("a", 10)
		exhausted, end := tracker.Record("a", 10, now)
		if !exhausted || !end.Equal(utcDayStart(now).Add(24*time.Hour)) || tracker.Used("a", now) != 10 {
			t.Errorf("%v: %v until %v, used %d", now, exhausted, end, tracker.Used("a", now))
		}
		store.MarkQuotaExhausted("a", noon)
		if state, _ := store.State("a", now); (state == StateQuotaExhausted) != now.Before(noon) {
			t.Errorf("%v: marked until noon it is %s", now, state)
		}
	}
}

func TestMarksAtTheEndsOfTime(t *testing.T) {
	store := NewStateStore()
	store.MarkQuotaExhausted("old", time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC))
	store.MarkQuotaExhausted("far", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if state, _ := store.State("old", noon); state != StateAvailable {
		t.Error("a mark of 1800 is", state)
	}
	if ends := store.AllExhausted(); len(ends) != 2 {
		t.Error("listed", ends)
	}
	if state, end := store.State("far", noon); state != StateQuotaExhausted || end.UnixNano() != math.MaxInt64 {
		t.Error("far is", state, end)
	}
}

func TestRecordsOfAnEarlierDayCountForTheirOwn(t *testing.T) {
	tracker := NewBurnRateTracker()
	tracker.Record("a", 5, noon)
	tracker.Record("a", 3, noon.AddDate(0, 0, -1))
	if today, before := tracker.Used("a", noon), tracker.Used("a", noon.AddDate(0, 0, -1)); today != 5 || before != 3 {
		t.Error("used", before, today)
	}
}

func TestGoroutinesLoseNothing(t *testing.T) {
	const goroutines, records = 8, 2000
	tracker, store := NewBurnRateTracker(), NewStateStore()
	tracker.SetBudget("a", goroutines*records)
	var all sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < records; i++ {
				ObserveTokenUsage(tracker, store, "a", 1, noon.Add(11*time.Hour))
				store.State("a", noon)
			}
		}()
	}
	all.Wait()
	if used := tracker.Used("a", noon); used != goroutines*records {
		t.Error("used", used)
	}
	if state, _ := store.State("a", noon); state != StateQuotaExhausted {
		t.Error("state", state)
	}
}

func TestRecordAllocatesNothing(t *testing.T) {
	tracker, store := NewBurnRateTracker(), NewStateStore()
	tracker.SetBudget("a", 1<<40)
	store.MarkQuotaExhausted("a", noon)
	if n := testing.AllocsPerRun(100, func() { tracker.Record("a", 1, noon); store.State("a", noon) }); n != 0 {
		t.Error("allocations", n)
	}
}
