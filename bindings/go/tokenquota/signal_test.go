// signal_test.go: responses, their usage, and streams.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What an OpenAI endpoint answers: with two limits of which one is used up.
func refusal() Response {
	header := map[string][]string{
		"Content-Type":                   {"application/json"},
		"Retry-After":                    {"20"},
		"X-Ratelimit-Limit-Requests":     {"60"},
		"X-Ratelimit-Remaining-Requests": {"59"},
		"X-Ratelimit-Reset-Requests":     {"1s"},
		"X-Ratelimit-Limit-Tokens":       {"150000"},
		"X-Ratelimit-Remaining-Tokens":   {"0"},
		"X-Ratelimit-Reset-Tokens":       {"20s"},
	}
	return Response{Status: 429, Header: header, Profile: "openai", SentAt: noon.Add(-time.Second), At: noon,
		Body: []byte(`{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}`)}
}

func TestARefusalIsReadAndApplied(t *testing.T) {
	signal, says, err := ReadSignal(refusal())
	no(t, err)
	if !says || signal.Refusal != ClassThrottled || signal.Status != 429 || signal.Profile != "openai" ||
		!signal.RetryAt.Equal(noon.Add(20*time.Second)) || signal.Source != SourceRetryAfter || !signal.SaidAt.Equal(noon) ||
		signal.Success || len(signal.Axes) != 2 {
		t.Fatalf("%v %+v", says, signal)
	}
	tokens := signal.Axes[0]
	if tokens.What != WhatTokens {
		tokens = signal.Axes[1]
	}
	if tokens.What.String() != "tokens" || tokens.Limit == nil || *tokens.Limit != 150000 || tokens.Remaining == nil ||
		*tokens.Remaining != 0 || !tokens.ResetAt.Equal(noon.Add(20*time.Second)) || !tokens.Empty {
		t.Errorf("%+v", tokens)
	}
	// What goes into C is what came out of it.
	raw := signal.core()
	again := signalOf(&raw)
	if len(again.Axes) != 2 || *again.Axes[0].Limit != *signal.Axes[0].Limit || again.RetryAt != signal.RetryAt ||
		again.Profile != "openai" || again.Binds != signal.Binds {
		t.Errorf("%+v", again)
	}
	p := provider(t, inMemory(t), "openai")
	if _, err = p.ApplyResponse(refusal()); err != nil {
		t.Fatal(err)
	}
	v := try[*Verdict](t)(p.Verdict(noon, false))
	if v.Reason != ReasonThrottled || !v.RetryAt.Equal(noon.Add(20*time.Second)) || v.Refusal.String() != "throttled" {
		t.Errorf("%+v", v)
	}
}

func TestManyHeaders(t *testing.T) {
	r := refusal()
	for i := 0; i < 200; i++ {
		r.Header["X-Other-"+strconv.Itoa(i)] = []string{strings.Repeat("v", i)}
	}
	signal, says, err := ReadSignal(r)
	if err != nil || !says || signal.Refusal != ClassThrottled {
		t.Errorf("%v %v %+v", says, err, signal)
	}
	if signal, says, err = ReadSignal(Response{Status: 200, At: noon}); err != nil || says || !signal.Success {
		t.Errorf("%v %v %+v", says, err, signal)
	}
}

func TestProfiles(t *testing.T) {
	vendors := map[string]string{}
	for _, profile := range Profiles() {
		vendors[profile.Name] = profile.Vendor
	}
	if vendors["openai"] != "OpenAI" || vendors["anthropic"] != "Anthropic" {
		t.Error(vendors)
	}
	if _, _, err := ReadUsage(nil, "no-such"); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "no-such") {
		t.Error(err)
	}
	if _, has, err := ReadUsage(nil, "auto"); err != nil || has {
		t.Error(has, err)
	}
}

func TestUsageOfABody(t *testing.T) {
	usage, has, err := ReadUsage([]byte(`{"object":"chat.completion","usage":{"prompt_tokens":100,"completion_tokens":20,
		"total_tokens":120,"prompt_tokens_details":{"cached_tokens":60}}}`), "")
	if err != nil || !has || usage.Input != 40 || usage.CacheRead != 60 || usage.Output != 20 || usage.Total != 120 ||
		usage.Requests != 1 || usage.Known&KnownOutput == 0 {
		t.Errorf("%v %v %+v", has, err, usage)
	}
	raw := usage.core()
	if usageOf(&raw) != usage {
		t.Errorf("%+v", usageOf(&raw))
	}
}

func TestLimitsOfAnObject(t *testing.T) {
	object := []byte(`{"rate_limits":{"five_hour":{"used_percentage":42,"resets_at":1772722800}}}`)
	for name, read := range map[string]func() (Signal, bool, error){
		"limits":      func() (Signal, bool, error) { return ReadLimits(object, "", noon) },
		"status line": func() (Signal, bool, error) { return ReadStatusLine(object, noon) },
	} {
		signal, says, err := read()
		if err != nil || !says || len(signal.Axes) != 1 || signal.Axes[0].Window != 5*time.Hour ||
			signal.Axes[0].UsedPPM == nil || *signal.Axes[0].UsedPPM != 420000 {
			t.Errorf("%s: %v %v %+v", name, says, err, signal)
		}
	}
	if _, _, err := ReadLimits([]byte("no object"), "", noon); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

const openAIStream = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n" +
	"data: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7," +
	"\"total_tokens\":18}}\n\ndata: [DONE]\n\n"

func TestAStreamInPieces(t *testing.T) {
	for size := 1; size < len(openAIStream); size += 17 {
		stream := try[*UsageStream](t)(NewUsageStream(""))
		for rest := openAIStream; rest != ""; {
			n := size
			if n > len(rest) {
				n = len(rest)
			}
			try[int](t)(stream.Write([]byte(rest[:n])))
			rest = rest[n:]
		}
		usage, signal, has, err := stream.Read(noon, noon)
		if err != nil || !has || usage.Input != 11 || usage.Output != 7 || usage.Partial || signal.Refusal != ClassNone {
			t.Errorf("pieces of %d: %v %v %+v", size, has, err, usage)
		}
		no(t, stream.Close())
		if _, err = stream.Write([]byte("x")); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if err = stream.Close(); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
}
