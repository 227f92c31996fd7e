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
