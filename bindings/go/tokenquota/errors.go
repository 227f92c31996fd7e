// errors.go: why a call could not decide.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"strings"
	"syscall"

	"github.com/tokenquota/tokenquota/bindings/go/internal/core"
)

// An Error says why a call failed. After it nothing was counted and nothing changed, but for the case that
// Options.FlushAlways names. errors.Is compares the codes: errors.Is(err, tokenquota.ErrGone). When a system call failed,
// errors.Is also finds its errno: errors.Is(err, fs.ErrNotExist).
type Error struct {
	Code    int           // of tokenquota.h, below 0; of ErrClosed 0
	Message string        // one line that says what to do
	Errno   syscall.Errno // of the system call that failed; 0: none did
}

func (e *Error) Error() string { return "tokenquota: " + e.Message }

// Name is the name of the code, such as "TQ_EGONE".
func (e *Error) Name() string {
	if e.Code == 0 {
		return "closed"
	}
	return core.ErrorName(e.Code)
}

// Is says whether both have the same code.
func (e *Error) Is(target error) bool {
	other, is := target.(*Error)
	return is && other.Code == e.Code
}

// Unwrap gives the errno.
func (e *Error) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// The errors by their codes.
var (
	ErrInvalid  = codeError(-1)  // an argument is invalid
	ErrName     = codeError(-2)  // a name is too long, no UTF-8, or has control characters
	ErrRange    = codeError(-3)  // an instant before 1678 or after 2261, or a number out of range
	ErrAge      = codeError(-4)  // the ledger no longer holds the record's day
	ErrMemory   = codeError(-5)  // the system gave no memory
	ErrFull     = codeError(-6)  // the ledger is full of names, or the provider of limits or holds
	ErrSupport  = codeError(-7)  // this version, or the file system, cannot do it
	ErrClock    = codeError(-8)  // the instant is refused by the ledger's limits to the clock
	ErrGone     = codeError(-9)  // the file was replaced or removed: close the ledger and open it again
	ErrBusy     = codeError(-10) // others rebuild it, or have it open
	ErrSystem   = codeError(-11) // a system call failed
	ErrFormat   = codeError(-12) // no ledger that this version reads
	ErrDenied   = codeError(-13) // refused: owner, kind of file or kind of file system
	ErrReadOnly = codeError(-14) // the ledger is open for reading only
	ErrSpace    = codeError(-15) // the disk is full
	ErrOver     = codeError(-16) // the run of this process is over: $TOKENQUOTA_RUN names one that the ledger does not have

	// ErrClosed: the ledger, or the stream, was closed in this program.
	ErrClosed = &Error{Message: "the ledger is closed"}
)

func codeError(code int) *Error { return &Error{Code: code, Message: core.Strerror(code)} }

// invalid is an ErrInvalid with words of its own.
func invalid(message string) *Error { return &Error{Code: ErrInvalid.Code, Message: message} }

// runIsOver is an ErrOver that names the run.
func runIsOver(run string) *Error {
	return &Error{Code: ErrOver.Code, Message: "the run of this process is over: TOKENQUOTA_RUN=" + run +
		"; unset it to call without the run"}
}

// whole refuses a NUL, behind which C would read nothing.
func whole(texts ...string) error {
	for _, text := range texts {
		if strings.IndexByte(text, 0) >= 0 {
			return invalid("a path or a sentence must not contain a NUL")
		}
	}
	return nil
}

// failed makes an error of an answer of C; nil of 0 or more.
func failed(answer int64) error {
	if answer >= 0 {
		return nil
	}
	if answer == core.Closed {
		return ErrClosed
	}
	code, errno := core.CodeOf(answer)
	made := codeError(code)
	if errno != 0 {
		made.Errno = syscall.Errno(errno)
		made.Message += ": " + made.Errno.Error()
	}
	return made
}

// failure makes an error of what C said; nil of nil.
func failure(said *core.Failure) error {
	if said == nil {
		return nil
	}
	if said.Code == core.Closed {
		return ErrClosed
	}
	made := codeError(said.Code)
	made.Errno = syscall.Errno(said.Errno)
	if said.Message != "" {
		made.Message = said.Message
	}
	return made
}

// yes makes a bool of an answer: 1 says that it is so.
func yes(answer int64) (bool, error) { return answer == 1, failed(answer) }
