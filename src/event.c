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

#include "probe.h"
#include "system.h"
#include "table.h"

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

static int64_t sooner(int64_t next_ns, int64_t end_ns, int64_t now_ns)
{
    return end_ns > now_ns && end_ns < next_ns ? end_ns : next_ns;
}

/* When what a vendor said is over, or the provider may be asked. */
static int64_t said_next(const struct tq__slot *slot, uint64_t word)
{
    return word != 0 && tq__said_no_end(word) ? tq__probe_due_ns(slot, word) : tq__said_end_ns(word);
}

/* The first instant after now_ns at which an exclusion ends or a probe is due; INT64_MAX when none does. */
static int64_t next_end(struct tq_ledger *ledger, int64_t now_ns)
{
    uint32_t end = tq__slots_end(ledger);
    int64_t next_ns = INT64_MAX;

    for (uint32_t n = 0; n < end; n++) {
        struct tq__slot *slot = tq__slot_number(ledger, n);

        if (!slot)
            continue;
        next_ns = sooner(next_ns, atomic_load_explicit(&slot->mark, memory_order_relaxed), now_ns);
        next_ns = sooner(next_ns, atomic_load_explicit(&slot->predicted, memory_order_relaxed), now_ns);
        next_ns = sooner(next_ns, said_next(slot, atomic_load_explicit(&slot->reported, memory_order_relaxed)),
                         now_ns);
        next_ns = sooner(next_ns, said_next(slot, atomic_load_explicit(&slot->throttled, memory_order_relaxed)),
                         now_ns);
    }
    return next_ns;
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
    int64_t start_ns = tq__system_steady_ns(), now_ns = tq_now_ns(), first_end_ns;

    if (!ledger || !seen)
        return TQ_EINVAL;
    first_end_ns = next_end(ledger, now_ns);
    for (;;) {
        uint32_t word = atomic_load_explicit(&ledger->header->events, memory_order_seq_cst);
        int64_t passed_ns = tq__system_steady_ns() - start_ns;
        int64_t left_ns = LOOK_NS;
        int answer = tq__ledger_identity(ledger);

        if (answer < 0)
            return answer;
        if (*seen != (word | TQ__WAITER) || now_ns >= first_end_ns) {
            *seen = word | TQ__WAITER;
            return 0;
        }
        if (timeout_ns >= 0 && passed_ns >= timeout_ns)
            return 1;
        if (timeout_ns >= 0 && timeout_ns - passed_ns < left_ns)
            left_ns = timeout_ns - passed_ns;
        if (first_end_ns - now_ns < left_ns)
            left_ns = first_end_ns - now_ns;
        sleep_on(ledger, word, left_ns);
        now_ns = tq_now_ns();
    }
}
