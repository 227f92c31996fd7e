/* event.c: waiting for a state to change, and waking who waits.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE /* syscall */
#include "event.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "soonest.h"
#include "system.h"

#define POLL_NS INT64_C(100000000)   /* of who cannot set the waiter's bit */
#define LOOK_NS INT64_C(60000000000) /* at the latest then file and clock are looked at again */

static void futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
    int saved_errno = errno;

    /* Not FUTEX_PRIVATE: the word may be in a file that other processes map. */
    syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
    errno = saved_errno;
}

void tq__event(struct tq_ledger *ledger)
{
    _Atomic uint32_t *events = &ledger->header->events;
    /* Sequentially consistent with the sleeper's: it sees the change, or is seen asleep. */
    uint32_t before = atomic_fetch_add_explicit(events, 2, memory_order_seq_cst);

    if (before & TQ__WAITER) {
        atomic_fetch_and_explicit(events, ~TQ__WAITER, memory_order_seq_cst);
        futex(events, FUTEX_WAKE, INT_MAX, NULL);
    }
}

void tq__event_until(struct tq_ledger *ledger, int64_t end_ns)
{
    tq__soonest_lower(ledger, end_ns); /* first: soonest.h, W1 */
    tq__event(ledger);
}

/* Sleeps until the word is no longer `seen`, or for length_ns. */
static void sleep_on(struct tq_ledger *ledger, uint32_t seen, int64_t length_ns)
{
    _Atomic uint32_t *events = &ledger->header->events;
    struct timespec length;
    uint32_t expected = seen;

    if (ledger->backing.read_only && length_ns > POLL_NS)
        length_ns = POLL_NS;
    length.tv_sec = (time_t)(length_ns / 1000000000);
    length.tv_nsec = (long)(length_ns % 1000000000);
    if (ledger->backing.read_only) {
        nanosleep(&length, NULL);
        return;
    }
    if (!(seen & TQ__WAITER) &&
        !atomic_compare_exchange_strong_explicit(events, &expected, seen | TQ__WAITER, memory_order_seq_cst,
                                                 memory_order_seq_cst))
        return; /* something happened meanwhile */
    futex(events, FUTEX_WAIT, seen | TQ__WAITER, &length);
}

int tq_ledger_wait(struct tq_ledger *ledger, uint32_t *seen, int64_t timeout_ns)
{
    int64_t start_ns = tq__system_steady_ns(), entered_ns = tq_now_ns(), now_ns = entered_ns, end_ns = entered_ns;

    if (!ledger || !seen)
        return TQ_EINVAL;
    for (bool first = true;; first = false) {
        uint32_t word = atomic_load_explicit(&ledger->header->events, memory_order_seq_cst);
        int64_t passed_ns = tq__system_steady_ns() - start_ns;
        int64_t left_ns = LOOK_NS;
        int answer = tq__ledger_identity(ledger);

        if (answer < 0)
            return answer;
        if (*seen != (word | TQ__WAITER)) {
            *seen = word | TQ__WAITER;
            return 0;
        }
        if (first)
            end_ns = tq__soonest_known(ledger);
        /* What is known may be too early, and is kept by all: only a walk tells whether anything ended since. */
        if (now_ns >= end_ns || tq__soonest_is_old(ledger))
            end_ns = tq__soonest_find(ledger, entered_ns);
        if (now_ns >= end_ns)
            return 0;
        if (timeout_ns >= 0 && passed_ns >= timeout_ns)
            return 1;
        if (timeout_ns >= 0 && timeout_ns - passed_ns < left_ns)
            left_ns = timeout_ns - passed_ns;
        if (end_ns - now_ns < left_ns)
            left_ns = end_ns - now_ns;
        sleep_on(ledger, word, left_ns);
        now_ns = tq_now_ns();
    }
}
