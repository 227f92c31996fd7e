// bench_test.go: what record and state cost beside a mutex and maps in plain Go, and beside an empty call of C.
//
// SPDX-License-Identifier: MIT
//
// The machine's noise is larger than the differences. So each benchmark goes in short rounds, in which both take turns, and
// reports the medians: of a call in nanoseconds, and of the ratios of the rounds. An empty call of C takes its turn, too.

package quota

import (
	"fmt"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

const (
	benchNames = 16
	roundCalls = 4096
)

var benchNow = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// benchAll gives names that are as long as those of deployments, each counted and looked up often enough that ours is warm.
func benchAll(use func(name string, i int)) (names []string) {
	for i := 0; i < benchNames; i++ {
		name := fmt.Sprintf("openai/gpt-5-deployment-%02d", i)
		names = append(names, name)
		for n := 0; n < 2*benchNames; n++ {
			use(name, i)
		}
	}
	return names
}

func median(of []float64) float64 {
	sort.Float64s(of)
	return of[len(of)/2]
}

// inTurns runs both in b.N/roundCalls rounds of calls calls, and reports the medians.
func inTurns(b *testing.B, calls int, plain, ours func(calls int)) {
	var plainNs, oursNs, ratios, emptyNs []float64
	b.ResetTimer()
	for done := 0; done < b.N; done += calls {
		start := time.Now()
		plain(calls)
		middle := time.Now()
		ours(calls)
		end := time.Now()
		for i := 0; i < roundCalls; i++ {
			core.Nothing()
		}
		emptyNs = append(emptyNs, float64(time.Since(end))/roundCalls)
		plainNs = append(plainNs, float64(middle.Sub(start))/float64(calls))
		oursNs = append(oursNs, float64(end.Sub(middle))/float64(calls))
		ratios = append(ratios, float64(end.Sub(middle))/float64(middle.Sub(start)))
	}
	b.ReportMetric(0, "ns/op") // says nothing: it is the sum of both
	b.ReportMetric(median(plainNs), "plain-ns")
	b.ReportMetric(median(oursNs), "quota-ns")
	b.ReportMetric(median(ratios), "x-plain")
	b.ReportMetric(median(emptyNs), "empty-call-ns")
}

func benchTrackers() (names []string, ours *BurnRateTracker, plain *plainTracker) {
	ours, plain = NewBurnRateTracker(), newPlainTracker()
	names = benchAll(func(name string, i int) {
		ours.SetBudget(name, 1<<40)
		plain.setBudget(name, 1<<40)
		ours.Record(name, 1, benchNow)
		plain.record(name, 1, benchNow)
	})
	return names, ours, plain
}

func BenchmarkRecord(b *testing.B) {
	names, ours, plain := benchTrackers()
	inTurns(b, roundCalls, func(calls int) {
		for i := 0; i < calls; i++ {
			plain.record(names[i%benchNames], 1, benchNow)
		}
	}, func(calls int) {
		for i := 0; i < calls; i++ {
			ours.Record(names[i%benchNames], 1, benchNow)
		}
	})
}

func BenchmarkState(b *testing.B) {
	ours, plain := NewStateStore(), &plainStore{marks: map[string]time.Time{}}
	names := benchAll(func(name string, i int) {
		end := benchNow.Add(time.Duration(i-benchNames/2) * time.Minute) // half are out
		ours.MarkQuotaExhausted(name, end)
		plain.mark(name, end)
		ours.State(name, benchNow)
	})
	inTurns(b, roundCalls, func(calls int) {
		for i := 0; i < calls; i++ {
			plain.state(names[i%benchNames], benchNow)
		}
	}, func(calls int) {
		for i := 0; i < calls; i++ {
			ours.State(names[i%benchNames], benchNow)
		}
	})
}

// eight runs record in 8 goroutines at once.
func eight(record func()) func(calls int) {
	return func(calls int) {
		var all sync.WaitGroup
		for g := 0; g < 8; g++ {
			all.Add(1)
			go func() {
				defer all.Done()
				for i := 0; i < calls/8; i++ {
					record()
				}
			}()
		}
		all.Wait()
	}
}

func BenchmarkEightOnOneName(b *testing.B) {
	names, ours, plain := benchTrackers()
	inTurns(b, 8*roundCalls, eight(func() { plain.record(names[0], 1, benchNow) }),
		eight(func() { ours.Record(names[0], 1, benchNow) }))
}
