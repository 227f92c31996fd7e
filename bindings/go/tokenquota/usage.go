// usage.go: what a response used, read from its body, its headers, or a stream as it arrives.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// Known says which counts of a usage its source had; the others are 0.
type Known uint32

const (
	KnownInput Known = 1 << iota
	KnownCacheRead
	KnownCacheWrite
	KnownOutput
	KnownReasoning
	KnownTotal
	KnownCost
)

// Usage is what one response used.
type Usage struct {
	Known      Known
	Requests   int       // 1 for one response
	Input      int64     // tokens read that were neither read from a cache nor written into one
	CacheRead  int64     // tokens read from a cache
	CacheWrite int64     // tokens written into a cache
	Output     int64     // tokens made, including those of reasoning
	Reasoning  int64     // the part of Output that was reasoning
	Total      int64     // the total that the source states
	Counted    int64     // what counts against the limit by the vendor's rule
	SentAt     time.Time // when the request was sent; the zero time: not known
	CostNano   int64     // what it cost, in 1e-9 dollars
	Partial    bool      // the response was cut short, so its counts may be larger
	More       bool      // it adds to a response that was counted before
}

func (u Usage) checked() (core.Usage, error) {
	if u.Requests < 0 || int64(u.Requests) > math.MaxUint32 {
		return core.Usage{}, invalid("Requests is not from 0 to 4294967295")
	}
	return u.core(), nil
}

func (u Usage) core() core.Usage {
	return core.Usage{
		Known: uint32(u.Known), Requests: uint32(u.Requests), Input: u.Input, CacheRead: u.CacheRead,
		CacheWrite: u.CacheWrite, Output: u.Output, Reasoning: u.Reasoning, Total: u.Total, Counted: u.Counted,
		SentAt: instant(u.SentAt), CostNanoUSD: u.CostNano,
		Flags: bit(u.Partial, core.UsagePartial) | bit(u.More, core.UsageMore),
	}
}

func usageOf(raw *core.Usage) Usage {
	return Usage{
		Known(raw.Known), int(raw.Requests), raw.Input, raw.CacheRead, raw.CacheWrite, raw.Output, raw.Reasoning, raw.Total,
		raw.Counted, timeOf(raw.SentAt), raw.CostNanoUSD, raw.Flags&core.UsagePartial != 0, raw.Flags&core.UsageMore != 0,
	}
}

// ReadUsage reads the usage of a whole response body: JSON, or a stream as it arrived. has is false when it has none, which
// means unknown, not 0 tokens.
func ReadUsage(body []byte, profile string) (usage Usage, has bool, err error) {
	found, err := findProfile(profile)
	if err != nil {
		return Usage{}, false, err
	}
	var raw core.Usage
	answer := core.ReadUsage(found, body, &raw)
	return usageOf(&raw), answer == 0, failed(answer)
}

// ReadUsageHeader reads the usage of a response that has it in its headers (Bedrock, Fireworks).
func ReadUsageHeader(header map[string][]string, profile string) (usage Usage, has bool, err error) {
	found, err := findProfile(profile)
	if err != nil {
		return Usage{}, false, err
	}
	var raw core.Usage
	answer := core.ReadUsageFields(found, fieldsOf(header), &raw)
	return usageOf(&raw), answer == 0, failed(answer)
}

// A UsageStream reads a response that arrives in pieces, which may be cut anywhere.
type UsageStream struct {
	mu sync.Mutex
	c  *core.Stream // nil: it is closed
}

// NewUsageStream makes a stream. Close gives its memory back at once, the garbage collector later.
func NewUsageStream(profile string) (*UsageStream, error) {
	found, err := findProfile(profile)
	if err != nil {
		return nil, err
	}
	s := &UsageStream{c: core.NewStream(found)}
	if s.c == nil {
		return nil, ErrMemory
	}
	runtime.SetFinalizer(s, func(s *UsageStream) { core.FreeStream(s.c) })
	return s, nil
}

// Write reads the next piece. It implements io.Writer.
func (s *UsageStream) Write(piece []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		return 0, ErrClosed
	}
	if len(piece) == 0 {
		return 0, nil
	}
	if err := failed(core.FeedStream(s.c, piece)); err != nil {
		return 0, err
	}
	return len(piece), nil
}

// Read tells what the stream has said so far: its usage, has being false when there is none, and an error or a report of
// limits in it. It can be fed again afterwards.
func (s *UsageStream) Read(sentAt, at time.Time) (usage Usage, signal Signal, has bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		return Usage{}, Signal{}, false, ErrClosed
	}
	var rawUsage core.Usage
	var rawSignal core.Signal
	answer := core.ReadStream(s.c, instant(sentAt), now(at), &rawUsage, &rawSignal)
	if err := failed(answer); err != nil {
		return Usage{}, Signal{}, false, err
	}
	return usageOf(&rawUsage), signalOf(&rawSignal), answer == 0, nil
}

// Close ends it. A second Close answers ErrClosed.
func (s *UsageStream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		return ErrClosed
	}
	core.FreeStream(s.c)
	s.c = nil
	return nil
}
