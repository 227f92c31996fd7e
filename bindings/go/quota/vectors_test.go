// vectors_test.go: the answers that the original gave, which ours must give: tests/vectors/seed-vectors.txt.
//
// SPDX-License-Identifier: MIT

package quota

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

const vectorsFile = "../../../tests/vectors/seed-vectors.txt"

// What tests/vectors/README.md says that the file has.
const (
	vectorCases   = 112
	vectorCalls   = 4454
	vectorAnswers = 3295
)

// A vectorCase is what one case of the file runs on.
type vectorCase struct {
	tracker *BurnRateTracker
	store   *StateStore
}

func nanoseconds(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixNano()
}

func listed(ends map[string]time.Time) string {
	if ends == nil {
		return "none"
	}
	var names, words []string
	for name := range ends {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		words = append(words, fmt.Sprintf("%s=%d", name, nanoseconds(ends[name])))
	}
	return strings.Join(words, " ")
}

// run makes the call of a line, and gives its answer as the file writes it.
func (c vectorCase) run(words []string) (answer string, err error) {
	var provider string
	var numbers []int64
	for _, word := range words[1:] {
		if number, err := strconv.ParseInt(word, 10, 64); err == nil {
			numbers = append(numbers, number)
		} else if provider = word; word == `""` {
			provider = ""
		}
	}
	number := func(i int) int64 { return numbers[i] }
	at := func(i int) time.Time { return time.Unix(0, numbers[i]).UTC() }
	switch words[0] {
	case "set_budget":
		c.tracker.SetBudget(provider, int(number(0)))
	case "budget":
		answer = fmt.Sprint(c.tracker.Budget(provider))
	case "used":
		answer = fmt.Sprint(c.tracker.Used(provider, at(0)))
	case "record":
		exhausted, retryAfter := c.tracker.Record(provider, int(number(0)), at(1))
		if answer = "ok"; exhausted {
			answer = fmt.Sprintf("exhausted %d", nanoseconds(retryAfter))
		} else if !retryAfter.IsZero() {
			answer = "ok, but until " + retryAfter.String()
		}
	case "reset":
		c.tracker.Reset()
	case "mark_quota_exhausted":
		until := time.Time{}
		if number(0) != 0 {
			until = at(0)
		}
		c.store.MarkQuotaExhausted(provider, until)
	case "mark_available":
		c.store.MarkAvailable(provider)
	case "state":
		state, retryAfter := c.store.State(provider, at(0))
		answer = fmt.Sprintf("%s %d", state, nanoseconds(retryAfter))
	case "all_exhausted":
		answer = listed(c.store.AllExhausted())
	case "exhausted_at":
		answer = listed(c.store.ExhaustedAt(at(0)))
	case "observe":
		ObserveTokenUsage(c.tracker, c.store, provider, int(number(0)), at(1))
	default:
		err = fmt.Errorf("unknown call %q", words[0])
	}
	return answer, err
}

func TestVectors(t *testing.T) {
	text, err := os.ReadFile(vectorsFile)
	if os.IsNotExist(err) {
		t.Skip("no vectors: this is not a clone")
	} else if err != nil {
		t.Fatal(err)
	}
	cases, calls, answers := 0, 0, 0
	var on vectorCase
	for i, line := range strings.Split(string(text), "\n") {
		call, expected, asks := strings.Cut(line, " -> ")
		words := strings.Fields(call)
		if len(words) == 0 {
			continue
		}
		if words[0] == "case" {
			cases++
			on = vectorCase{NewBurnRateTracker(), NewStateStore()}
			continue
		}
		calls++
		if asks {
			answers++
		}
		came, err := on.run(words)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if came != expected {
			t.Errorf("line %d: %s: expected %q, came %q", i+1, call, expected, came)
		}
	}
	if cases != vectorCases || calls != vectorCalls || answers != vectorAnswers {
		t.Errorf("ran %d cases, %d calls, %d answers", cases, calls, answers)
	}
}
