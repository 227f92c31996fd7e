// signal.go: what a vendor's response says about quota.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"math"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// A Profile is how the responses of one vendor are read.
type Profile struct {
	Name     string // "openai"
	Vendor   string // "OpenAI"
	Source   string // the document that it follows
	SeenLive bool   // it was measured on live traffic
}

// Profiles lists the profiles. Where a profile is asked for by name, "" and "auto" find the vendor from the response.
func Profiles() (profiles []Profile) {
	for i := 0; ; i++ {
		raw := core.ProfileAt(i)
		if raw == nil {
			return profiles
		}
		name, vendor, source, seen := core.ProfileTexts(raw)
		profiles = append(profiles, Profile{name, vendor, source, seen})
	}
}

func findProfile(name string) (*core.Profile, error) {
	profile, known := core.FindProfile(name)
	if !known {
		return nil, invalid("there is no profile " + name)
	}
	return profile, nil
}

// A Response is what a vendor answered.
type Response struct {
	Status  int                 // of HTTP; 0: not known
	Header  map[string][]string // as an http.Header
	Body    []byte              // JSON, server-sent events or anything else; may be nil
	Profile string              // "": the vendor is found from the response
	SentAt  time.Time           // when the request was sent; the zero time: not known
	At      time.Time           // when the response came; the zero time: now
}

// An Axis is one limit of an account as a response states it. What is not known of it is nil or 0.
type Axis struct {
	What      What
	Window    time.Duration // 0: not known
	Name      string        // the vendor's name of the window, such as "opus"; "": the whole account's
	Limit     *int64        // in what the axis limits
	Remaining *int64
	UsedPPM   *int64    // used part in millionths
	ResetAt   time.Time // when it refills; the zero time: not known

	Empty      bool // nothing is left
	FullRefill bool // ResetAt is when it is full again; a part refills earlier
	ModelOnly  bool // it limits the request's model, or another part of the account
	Credit     bool // a used-up window does not refuse: the vendor may serve on credit
}

// A Signal is what a response says about quota. Its zero value, with Binds -1, says nothing.
type Signal struct {
	Refusal   Class
	Status    int       // of HTTP; 0: not known
	Profile   string    // by which it was read; "": none
	Source    Source    // of RetryAt
	RetryAt   time.Time // when it is worth asking again; the zero time: not stated
	SentAt    time.Time // when the request was sent; the zero time: not known
	SaidAt    time.Time // when the response came
	Binds     int       // index of the axis that the refusal is about; -1: not known
	Axes      []Axis    // at most 16
	Account   uint64    // a hash of the account that the vendor names; 0: it names none
	Anomalies int       // values of an unknown form, which were ignored

	Success     bool // the request was served
	Clamped     bool // an instant was absurd and was brought into bounds
	ModelOnly   bool // the refusal is about the request's model: clear it when your provider is that model
	AxesDropped bool // the response had more axes
	Reading     bool // the refusal is what a reading of 100 % means: no request was refused
}

func bit(set bool, bit uint32) uint32 {
	if set {
		return bit
	}
	return 0
}

func (s Signal) core() core.Signal {
	raw := core.Signal{
		Refusal: uint32(s.Refusal), Status: uint32(s.Status), Source: uint32(s.Source), Binds: int32(s.Binds),
		RetryAt: instant(s.RetryAt), SentAt: instant(s.SentAt), SaidAt: instant(s.SaidAt),
		Account: s.Account, Anomalies: uint32(s.Anomalies),
		Flags: bit(s.Success, core.SignalSuccess) | bit(s.Clamped, core.SignalClamped) | bit(s.ModelOnly, core.SignalModelOnly) |
			bit(s.AxesDropped || len(s.Axes) > core.AxesMax, core.SignalAxesDropped) | bit(s.Reading, core.SignalReading),
	}
	if profile, known := core.FindProfile(s.Profile); known && profile != nil {
		raw.Profile = core.ProfileID(profile)
	}
	for i := 0; i < len(s.Axes) && i < core.AxesMax; i++ {
		raw.Axis[i] = s.Axes[i].core()
		copy(raw.WindowName[i][:len(raw.WindowName[i])-1], s.Axes[i].Name)
		raw.AxisCount++
	}
	return raw
}

func (a Axis) core() core.Axis {
	raw := core.Axis{
		What: uint32(a.What), Window: int64(a.Window),
		Flags: bit(a.Empty, core.AxisEmpty) | bit(a.FullRefill, core.AxisFullRefill) | bit(a.ModelOnly, core.AxisModelOnly) |
			bit(a.Credit, core.AxisCredit),
	}
	if a.Limit != nil {
		raw.Known, raw.Limit = raw.Known|core.AxisLimit, *a.Limit
	}
	if a.Remaining != nil {
		raw.Known, raw.Remaining = raw.Known|core.AxisRemaining, *a.Remaining
	}
	if a.UsedPPM != nil {
		raw.Known, raw.UsedPPM = raw.Known|core.AxisUsed, uint32(*a.UsedPPM)
	}
	if !a.ResetAt.IsZero() {
		raw.Known, raw.ResetAt = raw.Known|core.AxisReset, instant(a.ResetAt)
	}
	return raw
}

func signalOf(raw *core.Signal) Signal {
	is := func(bit uint32) bool { return raw.Flags&bit != 0 }
	s := Signal{
		Refusal: Class(raw.Refusal), Status: int(raw.Status), Profile: core.ProfileName(raw.Profile), Source: Source(raw.Source),
		RetryAt: timeOf(raw.RetryAt), SentAt: timeOf(raw.SentAt), SaidAt: timeOf(raw.SaidAt), Binds: int(raw.Binds),
		Account: raw.Account, Anomalies: int(raw.Anomalies),
		Success: is(core.SignalSuccess), Clamped: is(core.SignalClamped), ModelOnly: is(core.SignalModelOnly),
		AxesDropped: is(core.SignalAxesDropped), Reading: is(core.SignalReading),
	}
	for i := range raw.Axis[:raw.AxisCount] {
		s.Axes = append(s.Axes, axisOf(&raw.Axis[i], core.Text(raw.WindowName[i][:])))
	}
	return s
}

func axisOf(raw *core.Axis, name string) Axis {
	is := func(bit uint32) bool { return raw.Flags&bit != 0 }
	number := func(bit uint32, value int64) *int64 {
		if raw.Known&bit == 0 {
			return nil
		}
		return &value
	}
	a := Axis{
		What: What(raw.What), Window: time.Duration(raw.Window), Name: name, Limit: number(core.AxisLimit, raw.Limit),
		Remaining: number(core.AxisRemaining, raw.Remaining), UsedPPM: number(core.AxisUsed, int64(raw.UsedPPM)),
		Empty: is(core.AxisEmpty), FullRefill: is(core.AxisFullRefill), ModelOnly: is(core.AxisModelOnly), Credit: is(core.AxisCredit),
	}
	if raw.Known&core.AxisReset != 0 {
		a.ResetAt = timeOf(raw.ResetAt)
	}
	return a
}

// ReadSignal reads what a response says about quota. says is false when it says nothing; the signal still tells whether the
// request was served.
func ReadSignal(r Response) (signal Signal, says bool, err error) {
	profile, err := findProfile(r.Profile)
	if err != nil {
		return Signal{}, false, err
	}
	if r.Status < 0 || uint64(r.Status) > math.MaxUint32 {
		return Signal{}, false, invalid("Status is not one of HTTP, or 0")
	}
	var raw core.Signal
	answer := core.ReadSignal(uint32(r.Status), fieldsOf(r.Header), r.Body, profile, instant(r.SentAt), now(r.At), &raw)
	return signalRead(&raw, answer)
}

// ReadLimits reads limits from one JSON object: an event of a stream, a part of a file that a tool keeps, or the answer of a
// usage endpoint, as include/tokenquota_signals.h lists them. at is when it was written.
func ReadLimits(object []byte, profile string, at time.Time) (signal Signal, says bool, err error) {
	found, err := findProfile(profile)
	if err != nil {
		return Signal{}, false, err
	}
	var raw core.Signal
	answer := core.ReadLimits(found, false, object, now(at), &raw)
	return signalRead(&raw, answer)
}

// ReadStatusLine reads what Claude Code passes to the command of its status line.
func ReadStatusLine(object []byte, at time.Time) (signal Signal, says bool, err error) {
	var raw core.Signal
	answer := core.ReadLimits(nil, true, object, now(at), &raw)
	return signalRead(&raw, answer)
}

func signalRead(raw *core.Signal, answer int64) (Signal, bool, error) {
	if err := failed(answer); err != nil {
		return Signal{}, false, err
	}
	return signalOf(raw), answer == 0, nil
}

func fieldsOf(header map[string][]string) *core.Fields {
	fields := &core.Fields{}
	for name, values := range header {
		for _, value := range values {
			fields.Add(name, value)
		}
	}
	return fields
}
