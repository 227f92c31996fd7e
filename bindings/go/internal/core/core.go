// Package core is the C library as Go calls it: one function a call, with numbers and plain structs.
//
// SPDX-License-Identifier: MIT
//
// The packages quota and tokenquota give it the types that users see.
package core

// #cgo CFLAGS: -std=gnu17 -DNDEBUG -DTQ_API= -fvisibility=hidden
// #cgo !tokenquota_O0 CFLAGS: -O2
// #cgo tokenquota_O0 CFLAGS: -O0
// #cgo CFLAGS: -I${SRCDIR}/../../../.. -I${SRCDIR}/../../../../include -I${SRCDIR}
// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// A Ledger is the handle of an open ledger and its gate; a Provider that of a name in it. They are addresses in C's memory.
type (
	Ledger   uintptr
	Provider uintptr
)

// Now as an instant is that of the clock.
const Now = -1 << 63

// Answers that this side looks at.
const (
	Closed      = C.TQ_GO_CLOSED
	NameRefused = C.TQ_ENAME
)

// Failure is what C says of a call that failed.
type Failure struct {
	Code    int
	Errno   int
	Message string
}

// text is the address of the bytes of a string, which C only reads during the call. (unsafe.StringData is of Go 1.20.)
func text(s string) *C.char {
	return *(**C.char)(unsafe.Pointer(&s))
}

func bytesOf(b []byte) *C.char {
	return *(**C.char)(unsafe.Pointer(&b))
}

// CodeOf takes an answer below 0 apart: its code and its errno.
func CodeOf(answer int64) (code, errno int) {
	if answer <= -256 {
		return -int(-answer % 256), int(-answer / 256)
	}
	return int(answer), 0
}

// Strerror is the text of a code.
func Strerror(code int) string { return C.GoString(C.tq_strerror(C.int(code))) }

// ErrorName is the name of a code, such as TQ_EGONE.
func ErrorName(code int) string { return C.GoString(C.tq_error_name(C.int(code))) }

func newError() *C.struct_tq_error {
	return &C.struct_tq_error{size: C.sizeof_struct_tq_error}
}

// failure makes a Failure of an answer below 0; nil of another.
func failure(answer int64, said *C.struct_tq_error) *Failure {
	if answer >= 0 {
		return nil
	}
	code, errno := CodeOf(answer)
	f := &Failure{Code: code, Errno: errno}
	if said != nil && said.code != 0 {
		f.Errno, f.Message = int(said.sys), C.GoString(&said.msg[0])
	}
	return f
}

// Version is that of the library.
func Version() string { return C.GoString(C.tq_version_string()) }

// Nothing calls C, which does nothing: what every call costs at least.
func Nothing() { C.tq_go_nothing() }

// The structs of structs.go must have the members of those of C, by their names, in the same places.
func init() {
	for _, twin := range [][2]any{
		{Options{}, C.struct_tq_ledger_options{}},
		{Info{}, C.struct_tq_ledger_info{}},
		{Verdict{}, C.struct_tq_verdict{}},
		{Limit{}, C.struct_tq_limit{}},
		{LimitState{}, C.struct_tq_limit_state{}},
		{Route{}, C.struct_tq_route{}},
		{Usage{}, C.struct_tq_usage{}},
		{Signal{}, C.struct_tq_quota_signal{}},
		{Axis{}, C.struct_tq_axis{}},
		{Hold{}, C.struct_tq_hold{}},
		{Amounts{}, C.struct_tq_amounts{}},
		{HoldState{}, C.struct_tq_hold_state{}},
	} {
		if here, there := layout(twin[0]), layout(twin[1]); here != there {
			panic("tokenquota: Go's struct differs from C's: " + here + "; " + there)
		}
	}
}

// layout is the size of a struct, and the name, place and size of each member; a unit is no part of the name.
func layout(of any) string {
	kind := reflect.TypeOf(of)
	said := fmt.Sprint(kind.Size())
	for i := 0; i < kind.NumField(); i++ {
		if member := kind.Field(i); !strings.HasPrefix(member.Name, "_") { // else it is padding
			name := strings.ReplaceAll(strings.TrimSuffix(member.Name, "_ns"), "_", "")
			said += fmt.Sprint(" ", strings.ToLower(name), " ", member.Offset, " ", member.Type.Size())
		}
	}
	return said
}
