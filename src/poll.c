/* poll.c: the one process of a machine that asks the vendor about a provider.
 *
 * SPDX-License-Identifier: MIT
 *
 * The lock alone says which process it is: the kernel drops it when that process dies. The slot keeps when
 * the last run began, so that a successor does not run too early. The instant is read again under the lock,
 * because the process that had the lock before may have begun a run meanwhile.
 */
#include <errno.h>

#include "enter.h"
#include "ledger.h"

static int64_t lock_byte(const struct tq_provider *provider)
{
    return TQ__LOCK_POLLS + tq__array_number(&provider->ledger->slots, tq__provider_slot(provider));
}

/* 0: locked, or private memory. 1: another process has the lock. */
static int lock(const struct tq_provider *provider, enum tq__lock wanted)
{
    int fd = provider->ledger->backing.fd, saved_errno = errno, answer;

    if (fd < 0)
        return 0;
    answer = tq__lock_set(fd, lock_byte(provider), wanted);
    errno = saved_errno;
    return answer < 0 ? TQ_ESYS : answer;
}

/* When the next run is due; now_ns or earlier: now. A last run that lies ahead by every_ns or more was noted
 * by a wrong clock. */
static int64_t due_ns(int64_t last_ns, int64_t every_ns, int64_t now_ns)
{
    int64_t ahead_ns, next_ns;

    if (last_ns == 0)
        return now_ns;
    if (last_ns > now_ns && (__builtin_sub_overflow(last_ns, now_ns, &ahead_ns) || ahead_ns >= every_ns))
        return now_ns;
    return __builtin_add_overflow(last_ns, every_ns, &next_ns) ? INT64_MAX : next_ns;
}

/* The path is looked up under the lock: a lock on a file that was replaced keeps no process from the new one.
 */
int tq_provider_poll_begin(struct tq_provider *provider, int64_t every_ns, int64_t now_ns, int64_t *at_ns)
{
    struct tq__slot *slot;
    int64_t next_ns;
    int answer = tq__provider_to_change(provider, &slot);

    if (at_ns)
        *at_ns = 0;
    if (answer == 0 && every_ns < 0)
        answer = TQ_EINVAL;
    if (answer == 0 && !tq__instant_ok(now_ns))
        answer = TQ_ERANGE;
    if (answer == 0)
        answer = lock(provider, TQ__EXCLUSIVE);
    if (answer != 0)
        return answer;
    answer = tq__ledger_identity(provider->ledger);
    /* Acquire pairs with the release below, in the process that had the lock before. */
    next_ns = due_ns(atomic_load_explicit(&slot->polled_at_ns, memory_order_acquire), every_ns, now_ns);
    if (answer == 0 && next_ns <= now_ns) {
        atomic_store_explicit(&slot->polled_at_ns, now_ns, memory_order_release);
        return 0;
    }
    lock(provider, TQ__UNLOCKED);
    if (answer == 0 && at_ns)
        *at_ns = next_ns;
    return answer < 0 ? answer : 1;
}

int tq_provider_poll_end(struct tq_provider *provider)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    return answer < 0 ? answer : lock(provider, TQ__UNLOCKED);
}
