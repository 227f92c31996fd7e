// transport_test.go: a client of a vendor counts itself, against a server in this program.
//
// SPDX-License-Identifier: MIT

package tqhttp

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/tokenquota"
)

const refusalBody = `{"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":"insufficient_quota"}}`

const stream = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n" +
	"data: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7," +
	"\"total_tokens\":18}}\n\ndata: [DONE]\n\n"

// try fails the test on an error, and passes the value on.
func try[V any](t *testing.T) func(V, error) V {
	return func(value V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// vendor answers as OpenAI does.
func vendor(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/stream":
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, stream)
	case "/silent":
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: [DONE]\n\n")
	case "/upgrade":
		line, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(line, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			io.Copy(line, io.LimitReader(line, 4))
			line.Close()
		}
	case "/broken":
		w.WriteHeader(500)
	case "/refuse":
		w.WriteHeader(429)
		io.WriteString(w, refusalBody)
	case "/brotli":
		w.Header().Set("Content-Encoding", "br")
		io.WriteString(w, "not text")
	case "/zip":
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, stream)
		zip.Close()
	default:
		io.WriteString(w, `{"object":"chat.completion","usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}`)
	}
}

func transport(t *testing.T) (*tokenquota.Provider, *Transport, func(path string) (string, error)) {
	server := httptest.NewServer(http.HandlerFunc(vendor))
	t.Cleanup(server.Close)
	ledger := try[*tokenquota.Ledger](t)(tokenquota.Open(tokenquota.Memory))
	t.Cleanup(func() { ledger.Close() })
	p := try[*tokenquota.Provider](t)(ledger.Provider("openai"))
	transport := &Transport{Provider: p, Profile: "openai", OnError: func(_ *tokenquota.Provider, err error) { t.Error(err) }}
	client := &http.Client{Transport: transport}
	return p, transport, func(path string) (string, error) {
		response, err := client.Get(server.URL + path)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}
}

func usedLately(t *testing.T, p *tokenquota.Provider) int64 {
	t.Helper()
	now := time.Now()
	return try[int64](t)(p.Used(now)) + try[int64](t)(p.Used(now.AddDate(0, 0, -1)))
}

func TestAClientCountsItself(t *testing.T) {
	p, _, get := transport(t)
	for _, step := range []struct {
		path string
		used int64
	}{{"/chat", 42}, {"/stream", 42 + 18}, {"/zip", 42 + 36}} {
		if body := try[string](t)(get(step.path)); !strings.Contains(body, "total_tokens") {
			t.Error(step.path, "came as", body)
		}
		if used := usedLately(t, p); used != step.used {
			t.Errorf("after %s: used %d", step.path, used)
		}
	}
}

func TestARefusalKeepsTheClientOut(t *testing.T) {
	p, transport, get := transport(t)
	if body := try[string](t)(get("/refuse")); body != refusalBody {
		t.Error("the caller got", body)
	}
	v := try[*tokenquota.Verdict](t)(p.Verdict(time.Time{}, false))
	if v.Available() || v.Reason != tokenquota.ReasonReported || usedLately(t, p) != 0 {
		t.Errorf("%+v", v)
	}
	transport.Guard = true
	_, err := get("/chat")
	var out *OutError
	if !errors.As(err, &out) || out.Provider != p || !strings.Contains(out.Error(), "openai was not asked: ") {
		t.Error(err)
	}
	if err = p.Ledger().Close(); err != nil {
		t.Error(err)
	}
	if _, err = get("/chat"); !errors.Is(err, tokenquota.ErrClosed) {
		t.Error("a guard that cannot decide:", err)
	}
}

func TestWhatCannotBeReadIsTold(t *testing.T) {
	_, transport, get := transport(t)
	var told error
	transport.OnError = func(_ *tokenquota.Provider, err error) { told = err }
	try[string](t)(get("/brotli"))
	if told == nil || !strings.Contains(told.Error(), "br") {
		t.Error("told", told)
	}
	transport.Choose = func(*http.Request) *tokenquota.Provider { return nil }
	told = nil
	if try[string](t)(get("/refuse")); told != nil {
		t.Error("told", told)
	}
}

func TestAStreamWithoutUsageIsTold(t *testing.T) {
	p, transport, get := transport(t)
	var told error
	transport.OnError = func(_ *tokenquota.Provider, err error) { told = err }
	try[int](t)(p.SetLimit("5 requests per day"))
	try[string](t)(get("/silent"))
	if told == nil || !strings.Contains(told.Error(), "without its usage") {
		t.Error("told", told)
	}
	if limits := try[[]tokenquota.Limit](t)(p.Limits(time.Time{})); limits[0].Used != 1 {
		t.Errorf("%+v", limits[0])
	}
}

func TestAConnectionThatIsUpgradedStaysWritable(t *testing.T) {
	_, transport, get := transport(t)
	var upgraded *http.Response
	transport.Next = next(func(request *http.Request) (*http.Response, error) {
		request.Header.Set("Connection", "Upgrade")
		request.Header.Set("Upgrade", "echo")
		return http.DefaultTransport.RoundTrip(request)
	})
	inner := *transport
	transport.Next = next(func(request *http.Request) (response *http.Response, err error) {
		upgraded, err = inner.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		both, is := upgraded.Body.(io.ReadWriter)
		if !is {
			return nil, errors.New("the body cannot be written to")
		}
		if _, err = both.Write([]byte("ping")); err != nil {
			return nil, err
		}
		return upgraded, nil
	})
	if body := try[string](t)(get("/upgrade")); body != "ping" {
		t.Error(body)
	}
}

type next func(*http.Request) (*http.Response, error)

func (n next) RoundTrip(request *http.Request) (*http.Response, error) { return n(request) }

// refusedLongAgo makes a probe due.
func refusedLongAgo(t *testing.T, p *tokenquota.Provider) {
	t.Helper()
	at := time.Now().Add(-time.Hour)
	try[tokenquota.Signal](t)(p.ApplyResponse(tokenquota.Response{
		Status: 429, Body: []byte(refusalBody), Profile: "openai", At: at, SentAt: at}))
	if v := try[*tokenquota.Verdict](t)(p.Verdict(time.Time{}, false)); v.Available() || v.ProbeAt.After(time.Now()) {
		t.Fatalf("no probe is due: %+v", v)
	}
}

func TestAProbePassesTheGuard(t *testing.T) {
	p, transport, get := transport(t)
	transport.Guard = true
	refusedLongAgo(t, p)
	try[string](t)(get("/broken"))
	var out *OutError
	if _, err := get("/chat"); !errors.As(err, &out) || out.Verdict.Attempt == 0 {
		t.Error("a probe that failed was not told:", err)
	}
	p = try[*tokenquota.Provider](t)(p.Ledger().Provider("another"))
	transport.Provider = p
	refusedLongAgo(t, p)
	try[string](t)(get("/chat"))
	if state, _, err := p.State(time.Time{}); err != nil || state != tokenquota.Available || usedLately(t, p) != 42 {
		t.Error(state, err)
	}
}

// A client of any vendor counts itself, and asks nobody who is out.
func ExampleTransport() {
	server := httptest.NewServer(http.HandlerFunc(vendor))
	defer server.Close()
	ledger, err := tokenquota.Open(tokenquota.Memory)
	if err != nil {
		panic(err)
	}
	defer ledger.Close()
	openai, err := ledger.Provider("openai")
	if err != nil {
		panic(err)
	}
	client := &http.Client{Transport: &Transport{Provider: openai, Guard: true}}
	response, err := client.Get(server.URL)
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	used, err := openai.Used(time.Time{})
	fmt.Println(used, err)
	// Output: 42 <nil>
}

func TestHoldsKeepRequestsWithinTheBudget(t *testing.T) {
	p, transport, get := transport(t)
	held := func() int { return len(try[[]tokenquota.HoldState](t)(p.Holds(time.Time{}))) }
	if err := p.SetRule(tokenquota.RuleOff); err != nil {
		t.Fatal(err)
	}
	if err := p.SetBudget(100); err != nil {
		t.Fatal(err)
	}
	during := 0
	transport.Hold = func(r *http.Request) *tokenquota.Amounts {
		if r.URL.Path == "/free" {
			return nil
		}
		return &tokenquota.Amounts{Tokens: 60}
	}
	transport.Next = roundTrip(func(r *http.Request) (*http.Response, error) {
		during = held()
		return http.DefaultTransport.RoundTrip(r)
	})
	for _, path := range []string{"/broken", "/stream"} {
		if _, err := get(path); err != nil || during != 1 || held() != 0 {
			t.Error(path, err, "held", during, "and after it", held())
		}
	}
	try[string](t)(get("/free"))
	if used := try[int64](t)(p.Used(time.Time{})); used != 18+42 || during != 0 {
		t.Error("used", used, "held", during)
	}
	if _, err := get("/"); !errors.Is(err, tokenquota.ErrNoRoom) || held() != 0 {
		t.Error("60 of 40:", err)
	}
	transport.OnError, transport.Hold = nil, func(*http.Request) *tokenquota.Amounts { return &tokenquota.Amounts{Tokens: 40} }
	if try[string](t)(get("/brotli")); during != 1 || held() != 0 {
		t.Error("held of a response that cannot be read", during, held())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAClientKeepsToTheRunOfItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := try[*tokenquota.Ledger](t)(tokenquota.Open(path))
	run, pool := try[*tokenquota.Provider](t)(l.Provider("openai/job")), try[*tokenquota.Provider](t)(l.Provider("openai"))
	err := run.SetPool(pool)
	if err == nil {
		_, err = run.SetLimit("1 requests once")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TOKENQUOTA_RUN", "openai/job")
	inside := try[*tokenquota.Ledger](t)(tokenquota.Open(path))
	t.Cleanup(func() { inside.Close(); l.Close() })
	server := httptest.NewServer(http.HandlerFunc(vendor))
	t.Cleanup(server.Close)
	provider := try[*tokenquota.Provider](t)(inside.Provider("openai"))
	client := &http.Client{Transport: &Transport{Provider: provider, Guard: true}}
	ask := func() error {
		response, err := client.Get(server.URL + "/stream")
		if err == nil {
			_, err = io.ReadAll(response.Body)
			response.Body.Close()
		}
		return err
	}
	var out *OutError
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	if err := ask(); !errors.As(err, &out) || out.Provider.Name() != "openai" {
		t.Error("after its only request:", err)
	}
	if err := run.Forget(); err != nil {
		t.Fatal(err)
	}
	if err := ask(); !errors.Is(err, tokenquota.ErrOver) {
		t.Error("when the run is over:", err)
	}
	if counted := usedLately(t, pool); counted != 18 {
		t.Error(counted)
	}
}
