// response.go: the calls that read responses.
//
// SPDX-License-Identifier: MIT

package core

// #include "shim.h"
import "C"

import "unsafe"

// A Profile is how the responses of one vendor are read; nil is "auto". It is static memory of C.
type Profile = C.struct_tq_profile

// FindProfile finds a profile by its name. known says whether the name is one, which "auto" and "" are.
func FindProfile(name string) (profile *Profile, known bool) {
	return C.tq_profile_find(text(name), C.size_t(len(name))),
		name == "" || C.tq_profile_known(text(name), C.size_t(len(name))) == 1
}

// ProfileAt is the profile of this index; nil behind the last.
func ProfileAt(index int) *Profile { return C.tq_profile_at(C.size_t(index)) }

// ProfileName is the name of the profile with this id; "" for none.
func ProfileName(id uint32) string {
	return C.GoString(C.tq_profile_name(C.tq_profile_of(C.uint32_t(id))))
}

// Vendor is the vendor's name by a profile's id; "" when it is not known.
func Vendor(id uint32) string { return C.GoString(vendor(id)) }

func vendor(id uint32) *C.char {
	if ProfileName(id) == "generic" {
		return nil
	}
	return C.tq_profile_vendor(C.tq_profile_of(C.uint32_t(id)))
}

// ProfileTexts are the name of a profile, its vendor and its source; seen says whether it was measured on live traffic.
func ProfileTexts(p *Profile) (name, vendor, source string, seen bool) {
	return C.GoString(C.tq_profile_name(p)), C.GoString(C.tq_profile_vendor(p)), C.GoString(C.tq_profile_source(p)),
		C.tq_profile_seen_live(p) == 1
}

func ProfileID(p *Profile) uint32 { return uint32(C.tq_profile_id(p)) }

// Fields are headers, in the form that C takes them in.
type Fields struct {
	text  []byte
	bytes []C.size_t
}

func (f *Fields) Add(name, value string) {
	f.text = append(append(f.text, name...), value...)
	f.bytes = append(f.bytes, C.size_t(len(name)), C.size_t(len(value)))
}

func (f *Fields) args() (*C.char, *C.size_t, C.size_t) {
	if len(f.bytes) == 0 {
		return nil, nil, 0
	}
	return bytesOf(f.text), &f.bytes[0], C.size_t(len(f.bytes) / 2)
}

func ReadSignal(status uint32, fields *Fields, body []byte, profile *Profile, sentAt, now int64, signal *Signal) int64 {
	signal.Size = uint32(unsafe.Sizeof(*signal))
	bytes, len_of, count := fields.args()
	return int64(C.tq_go_signal(C.uint32_t(status), bytes, len_of, count, bytesOf(body), C.size_t(len(body)), profile,
		C.int64_t(sentAt), C.int64_t(now), (*C.struct_tq_quota_signal)(unsafe.Pointer(signal))))
}

func ReadLimits(profile *Profile, statusLine bool, json []byte, now int64, signal *Signal) int64 {
	signal.Size = uint32(unsafe.Sizeof(*signal))
	return int64(C.tq_go_signal_limits(profile, number(statusLine), bytesOf(json), C.size_t(len(json)), C.int64_t(now),
		(*C.struct_tq_quota_signal)(unsafe.Pointer(signal))))
}

func ReadUsage(profile *Profile, body []byte, usage *Usage) int64 {
	usage.Size = uint32(unsafe.Sizeof(*usage))
	if len(body) == 0 {
		body = []byte{0}[:0]
	}
	return int64(C.tq_usage_read(profile, bytesOf(body), C.size_t(len(body)), (*C.struct_tq_usage)(unsafe.Pointer(usage))))
}

func ReadUsageFields(profile *Profile, fields *Fields, usage *Usage) int64 {
	usage.Size = uint32(unsafe.Sizeof(*usage))
	bytes, len_of, count := fields.args()
	return int64(C.tq_go_usage_fields(profile, bytes, len_of, count, (*C.struct_tq_usage)(unsafe.Pointer(usage))))
}

// A Stream is a response that arrives in pieces; nil when there is no memory.
type Stream = C.struct_tq_usage_stream

func NewStream(profile *Profile) *Stream { return C.tq_usage_stream_new(profile) }

func FeedStream(s *Stream, piece []byte) int64 {
	return int64(C.tq_usage_stream_feed(s, bytesOf(piece), C.size_t(len(piece))))
}

func ReadStream(s *Stream, sentAt, now int64, usage *Usage, signal *Signal) int64 {
	usage.Size = uint32(unsafe.Sizeof(*usage))
	signal.Size = uint32(unsafe.Sizeof(*signal))
	return int64(C.tq_go_usage_stream_read(s, C.int64_t(sentAt), C.int64_t(now), (*C.struct_tq_usage)(unsafe.Pointer(usage)),
		(*C.struct_tq_quota_signal)(unsafe.Pointer(signal))))
}

func FreeStream(s *Stream) { C.tq_usage_stream_free(s) }

// Names of numbers.

func ClassName(n uint32) string  { return C.GoString(C.tq_class_name(C.uint32_t(n))) }
func AxisName(n uint32) string   { return C.GoString(C.tq_axis_name(C.uint32_t(n))) }
func UnitName(n uint32) string   { return C.GoString(C.tq_unit_name(C.uint32_t(n))) }
func WindowName(n uint32) string { return C.GoString(C.tq_window_name(C.uint32_t(n))) }
func ReasonName(n uint32) string { return C.GoString(C.tq_reason_name(C.uint32_t(n))) }
func PolicyName(n uint32) string { return C.GoString(C.tq_policy_name(C.uint32_t(n))) }
