// Package tqhttp makes an HTTP client of an LLM vendor count itself on a ledger, and ask nobody who is out.
//
// It is apart from package tokenquota so that a program without HTTP does not have net/http in it.
//
// SPDX-License-Identifier: MIT
package tqhttp

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/tokenquota"
)

// A Transport makes any HTTP client of a vendor count itself:
//
//	client := &http.Client{Transport: &tqhttp.Transport{Provider: openai}}
//
// What a response says of quota is applied when its headers came; of a refusal, its body too. What it used is counted while the
// caller reads its body, at the end of the body or at Close; of a body that is cut short, what came. Bodies of other encodings
// than identity and Go's own gzip cannot be read: OnError tells.
type Transport struct {
	Provider *tokenquota.Provider

	// Choose gives the provider of a request in place of Provider; nil: it is not counted.
	Choose func(*http.Request) *tokenquota.Provider

	// Profile is by which responses are read; "": it is found from each.
	Profile string

	// Guard refuses a request whose provider is out, with an *OutError, before it is sent. When its vendor keeps it out and a
	// probe is due, one request of one process passes as the probe. When the ledger cannot decide, the request fails with its
	// error.
	Guard bool

	// Hold gives what a request uses at the most: that is held before it is sent, and settled by its response, so that requests
	// that run at one time stay within the limits together. Without room the request fails with tokenquota.ErrNoRoom. One that
	// fails, or whose response is not counted, frees its hold. nil, of the field or of the function, holds nothing.
	Hold func(*http.Request) *tokenquota.Amounts

	// Lease is that of these holds; 0: 10 minutes. Make it longer than the longest response takes.
	Lease time.Duration

	// Next sends the requests; nil: http.DefaultTransport.
	Next http.RoundTripper

	// OnError is told what could not be counted or applied; nil: nobody is. The response goes to the caller all the same.
	OnError func(*tokenquota.Provider, error)
}

// An OutError says that a request was not sent, because its provider is out.
type OutError struct {
	Provider *tokenquota.Provider
	Verdict  *tokenquota.Verdict
}

func (e *OutError) Error() string {
	return fmt.Sprintf("tokenquota: %s was not asked: %s", e.Provider.Name(), e.Verdict.Explain())
}

const refusalBytes = 1 << 20 // of the body of a refusal that are read

// RoundTrip sends a request. It implements http.RoundTripper.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	provider, next := t.Provider, t.Next
	if t.Choose != nil {
		provider = t.Choose(request)
	}
	if next == nil {
		next = http.DefaultTransport
	}
	if provider == nil {
		return next.RoundTrip(request)
	}
	probes, hold, err := t.before(provider, request)
	if err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, err
	}
	sentAt := time.Now()
	response, err := next.RoundTrip(request)
	refused := false
	if err == nil && response.Body != nil && response.StatusCode != http.StatusSwitchingProtocols { // which is no response yet
		refused = t.read(provider, response, sentAt)
	}
	if hold != nil {
		if body := countedBody(response); body != nil {
			body.hold = hold
		} else {
			_, lost := hold.Cancel()
			t.tell(provider, lost)
		}
	}
	if probes && !refused && (err != nil || response.StatusCode >= 400) {
		t.tell(provider, provider.ProbeFailure(time.Time{}))
	}
	return response, err
}

// before says whether a request that may be sent is a probe, and holds what it may use.
func (t *Transport) before(provider *tokenquota.Provider, request *http.Request) (probes bool, hold *tokenquota.Hold, err error) {
	if t.Guard {
		if probes, err = guard(provider); err != nil {
			return false, nil, err
		}
	}
	if t.Hold == nil {
		return probes, nil, nil
	}
	amounts, lease := t.Hold(request), t.Lease
	if amounts == nil {
		return probes, nil, nil
	}
	if lease == 0 {
		lease = 10 * time.Minute
	}
	if hold, err = provider.Hold(*amounts, lease, time.Time{}); err != nil && probes {
		t.tell(provider, provider.ProbeFailure(time.Time{}))
	}
	return probes, hold, err
}

// countedBody is the body of a response that is counted as it is read; nil: it is not.
func countedBody(response *http.Response) *counted {
	if response == nil {
		return nil
	}
	body, _ := response.Body.(*counted)
	return body
}

// guard says whether a request that may be sent is a probe.
func guard(provider *tokenquota.Provider) (probes bool, err error) {
	verdict, err := provider.Verdict(time.Time{}, false)
	if err != nil || verdict.Available() {
		return false, err
	}
	if probes, _, err = provider.ProbeTake(time.Time{}); err == nil && !probes {
		err = &OutError{provider, verdict}
	}
	return probes, err
}

// read applies a response, and counts its body as it is read. It says whether the vendor refused.
func (t *Transport) read(provider *tokenquota.Provider, response *http.Response, sentAt time.Time) (refused bool) {
	said := tokenquota.Response{Status: response.StatusCode, Header: response.Header, Profile: t.Profile, SentAt: sentAt}
	if response.StatusCode >= 400 {
		start, err := io.ReadAll(io.LimitReader(response.Body, refusalBytes))
		said.Body = start
		response.Body = &joined{io.MultiReader(bytes.NewReader(start), failing{response.Body, err}), response.Body}
	}
	refused, err := applyHead(provider, said)
	t.tell(provider, err)
	if response.StatusCode >= 400 || response.Request != nil && response.Request.Method == http.MethodHead {
		return refused
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		t.tell(provider, fmt.Errorf("tokenquota: the response of %s is not counted: its encoding is %s", provider, encoding))
		return refused
	}
	stream, err := tokenquota.NewUsageStream(t.Profile)
	if err != nil {
		t.tell(provider, err)
		return refused
	}
	response.Body = &counted{ReadCloser: response.Body, t: t, provider: provider, stream: stream, header: response.Header,
		sentAt: sentAt}
	return refused
}

// applyHead applies what a response says before its body was read. That it was served is not said here: a list of models, and
// a poll of the quota, are answered by vendors that refuse all else. ObserveUsage says it.
func applyHead(provider *tokenquota.Provider, said tokenquota.Response) (refused bool, err error) {
	signal, _, err := tokenquota.ReadSignal(said)
	if err != nil {
		return false, err
	}
	signal.Success = false
	_, err = provider.Apply(signal)
	return signal.Refusal != tokenquota.ClassNone, err
}

func (t *Transport) tell(provider *tokenquota.Provider, err error) {
	if err != nil && t.OnError != nil {
		t.OnError(provider, err)
	}
}

// A joined body is read from what was read before and the rest.
type joined struct {
	io.Reader
	io.Closer
}

// failing goes on with a body, or fails as its first part did.
type failing struct {
	rest io.Reader
	err  error
}

func (f failing) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.rest.Read(p)
}

// A counted body is counted once, when it ends.
type counted struct {
	io.ReadCloser
	t        *Transport
	provider *tokenquota.Provider
	stream   *tokenquota.UsageStream
	header   http.Header
	sentAt   time.Time
	hold     *tokenquota.Hold // nil: none
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if _, lost := c.stream.Write(p[:n]); lost != nil && lost != tokenquota.ErrClosed {
		c.t.tell(c.provider, lost)
	}
	if err != nil {
		c.end()
	}
	return n, err
}

func (c *counted) Close() error {
	c.end()
	return c.ReadCloser.Close()
}

// end counts what the stream has; only the first of Read and Close does.
func (c *counted) end() {
	usage, signal, has, err := c.stream.Read(c.sentAt, time.Time{})
	if closed := c.stream.Close(); closed != nil {
		return
	}
	if err == nil && !has {
		usage, has, err = tokenquota.ReadUsageHeader(c.header, c.t.Profile)
	}
	silent := err == nil && !has && signal.Refusal == tokenquota.ClassNone &&
		strings.HasPrefix(c.header.Get("Content-Type"), "text/event-stream")
	if silent {
		usage = tokenquota.Usage{Requests: 1} // it was served all the same
	}
	if err == nil && (has || silent) {
		usage.SentAt = c.sentAt
		err = c.count(usage)
	} else if c.hold != nil {
		_, lost := c.hold.Cancel()
		c.t.tell(c.provider, lost)
	}
	c.t.tell(c.provider, err)
	if silent && err == nil {
		c.t.tell(c.provider, fmt.Errorf("tokenquota: a stream of %s ended without its usage, so its tokens are not counted; "+
			"OpenAI states it with stream_options: {include_usage: true}", c.provider))
	}
	if signal.Refusal != tokenquota.ClassNone || len(signal.Axes) > 0 {
		_, err = c.provider.Apply(signal)
		c.t.tell(c.provider, err)
	}
}

func (c *counted) count(usage tokenquota.Usage) (err error) {
	if c.hold != nil {
		_, err = c.hold.Settle(usage, time.Time{})
	} else {
		_, err = c.provider.ObserveUsage(usage, time.Time{})
	}
	return err
}
