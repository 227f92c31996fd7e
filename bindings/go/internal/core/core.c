/* core.c: the C libraries as one source, for cgo: from the clone that this folder is in, else from the
 * release's own copy.
 *
 * SPDX-License-Identifier: MIT
 *
 * A release puts the amalgamation (tools/amalgamate.py) into this folder: tokenquota.h, and tokenquota.c
 * under the name amalgamation.h. By that name cgo does not compile it a second time, `go mod vendor` keeps
 * it, and Go's build cache sees when it changes. README.md says what the build cache does not see.
 */
#if __has_include("sources.h")
#include "sources.h" /* a sum over the sources outside of this folder: when it changes, Go compiles this file again */
#endif
#if __has_include("bindings/core.c")
#include "bindings/core.c"
#else
#include "amalgamation.h"
#endif

#include "shim.h"

/* A store whose ledger has nothing but marks answers by this word alone: Go reads it without a call. Its
 * address stays. */
int64_t *tq_go_mark_word(uintptr_t provider)
{
    _Static_assert(sizeof(_Atomic int64_t) == sizeof(int64_t), "Go reads it as an int64");
    return (int64_t *)&tq__provider_slot((struct tq_provider *)provider)->mark;
}

/* Here it is one function with the record itself: it is the one that is called most. */
int64_t tq_go_bare_record(uintptr_t provider, int64_t tokens, int64_t now_ns)
{
    return tq_provider_record((struct tq_provider *)provider, tokens, now_ns, NULL);
}
