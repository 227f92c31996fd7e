/* test_hold_file.c: owners of holds: who dies, forks, closes, is used again; and holds in files that are
 * copied.
 *
 * SPDX-License-Identifier: MIT
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "src/enter.h"
#include "src/event.h"
#include "src/hold_owner.h"
#include "system_fake.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define LEASE_NS (HOUR_NS / 6)
#define MOST 1000

/* A ledger with a limit to the clock. */
static struct tq_ledger *open_here(const char *path)
{
    struct tq_ledger_options options = {
        .size = sizeof options, .history_days = 8, .rule = TQ_RULE_OFF, .max_ahead_ns = TQ_MAX_AHEAD_NS};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, path, &options, NULL) < 0)
        abort();
    return ledger;
}

/* A ledger whose provider has a limit of MOST tokens. */
static struct tq_ledger *open_limited(void **state, struct tq_provider **provider)
{
    struct tq_limit limit = {.size = sizeof limit,
                             .unit = TQ_UNIT_TOKENS,
                             .window = TQ_WINDOW_ONCE,
                             .known = TQ_LIMIT_AMOUNT,
                             .amount = MOST};
    struct tq_ledger *ledger;

    fake_system.now_ns = NOON_NS;
    ledger = open_here(scratch_path(state, "ledger"));
    *provider = handle(ledger, "p");
    assert_int_equal(tq_provider_set_limit(*provider, &limit, NULL), 1);
    return ledger;
}

static int hold_at(struct tq_provider *provider, int64_t tokens, uint32_t flags, int64_t now_ns,
                   struct tq_hold *hold)
{
    struct tq_amounts amounts = {
        .size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS, .of[TQ_UNIT_TOKENS] = tokens};

    *hold = (struct tq_hold){.size = sizeof *hold, .flags = flags};
    return tq_provider_hold(provider, &amounts, LEASE_NS, now_ns, hold);
}

/* Can all of the limit be held? Then nothing else is. */
static int hold_all(struct tq_provider *provider)
{
    struct tq_hold hold;
    int answer = hold_at(provider, MOST, 0, NOON_NS, &hold);

    return answer == 0 ? tq_hold_cancel(&hold) : answer;
}

/* ---- children -------------------------------------------------------------------------------- */

struct shared {
    char path[4096];
    uint32_t flags;
    _Atomic unsigned stage;
    _Atomic int answer;
};

static void await(struct shared *shared, unsigned stage)
{
    patience_reset();
    while (atomic_load(&shared->stage) < stage)
        patience_yield();
}

static struct shared *share(void **state, uint32_t flags)
{
    struct shared *shared = shared_memory(sizeof *shared);

    snprintf(shared->path, sizeof shared->path, "%s", scratch_path(state, "ledger"));
    shared->flags = flags;
    return shared;
}

/* Holds all and waits to be killed. */
static int hold_and_stay(void *argument)
{
    struct shared *shared = argument;
    struct tq_ledger *ledger = open_here(shared->path);
    struct tq_hold hold;

    atomic_store(&shared->answer, hold_at(handle(ledger, "p"), MOST, shared->flags, NOON_NS, &hold));
    atomic_store(&shared->stage, 1);
    while (pause() < 0)
        ;
    return 0;
}

static pid_t start_holder(struct shared *shared)
{
    pid_t child = child_start(hold_and_stay, shared);

    await(shared, 1);
    assert_int_equal(atomic_load(&shared->answer), 0);
    return child;
}

static void kill_child(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(child_end(child), 1000 + SIGKILL);
}

/* ---- death ----------------------------------------------------------------------------------- */

/* What a process held is free at once when it is killed, for one that holds and for one that looks. */
static void test_death(void **state)
{
    struct shared *shared = share(state, 0);
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_hold_state list = {.size = sizeof list};
    pid_t child = start_holder(shared);
    struct tq_hold hold;

    assert_int_equal(hold_all(provider), 1);
    assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq_provider_holds(provider, NOON_NS, &list, 1), 1);
    assert_int_equal(list.alive, 1);
    assert_true(list.owner > 0);
    kill_child(child);
    assert_int_equal(tq_provider_holds(provider, NOON_NS, &list, 1), 1);
    assert_int_equal(list.alive, 0);
    assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_holds(provider, NOON_NS, &list, 1), 0);
    atomic_store(&shared->stage, 0);
    kill_child(start_holder(shared));
    assert_int_equal(hold_at(provider, MOST, 0, NOON_NS, &hold), 0);
    tq_ledger_close(ledger);
}

/* A waiter frees what is dead when it walks, and is told. */
static void test_a_waiter_sees_death(void **state)
{
    struct shared *shared = share(state, 0);
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    pid_t child = start_holder(shared);
    uint32_t events;

    assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_QUOTA_EXHAUSTED);
    kill_child(child);
    events = atomic_load(&ledger->header->events);
    assert_int_equal(tq__soonest_find(ledger, NOON_NS), INT64_MAX); /* what it does once in 60 s */
    assert_true(atomic_load(&ledger->header->events) != events);
    tq_ledger_close(ledger);
}

/* Nobody's hold stays when its process dies, and ends with its lease: by the call's instant and by the clock.
 */
static void test_nobodys(void **state)
{
    struct shared *shared = share(state, TQ_HOLD_NOBODY);
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    int64_t end_ns = (NOON_NS + LEASE_NS) / TQ__LEASE_UNIT_NS * TQ__LEASE_UNIT_NS + TQ__LEASE_UNIT_NS;
    struct tq_hold hold;

    kill_child(start_holder(shared));
    assert_int_equal(hold_all(provider), 1);
    fake_system.now_ns = end_ns - 1; /* the clock is behind the call */
    assert_int_equal(hold_at(provider, 1, 0, end_ns, &hold), 1);
    fake_system.now_ns = end_ns; /* the call is behind the clock */
    assert_int_equal(hold_at(provider, 1, 0, end_ns - 1, &hold), 1);
    assert_int_equal(hold_at(provider, 1, 0, end_ns, &hold), 0);
    tq_ledger_close(ledger);
}

/* One ledger that a process has open twice is two owners; closing it frees its holds. */
static void test_close(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider),
                     *other = open_here(scratch_path(state, "ledger"));
    struct tq_hold hold;

    assert_int_equal(hold_at(handle(other, "p"), MOST, 0, NOON_NS, &hold), 0);
    assert_int_equal(hold_all(provider), 1);
    tq_ledger_close(other);
    assert_int_equal(hold_all(provider), 0);
    tq_ledger_close(ledger);
}

/* ---- fork ------------------------------------------------------------------------------------ */

/* Forks, or clones without what fork does, holds all, and leaves the child behind. */
static int leave_a_child(void *argument)
{
    struct shared *shared = argument;
    struct tq_ledger *ledger = open_here(shared->path);
    struct tq_provider *provider = handle(ledger, "p");
    struct tq_hold hold;
    pid_t child;

    atomic_store(&shared->answer, hold_at(provider, MOST, 0, NOON_NS, &hold));
    child = shared->flags ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
    if (child == 0) {
        atomic_store(&shared->stage, 1);
        await(shared, 2);
        if (shared->flags) /* its first call closes the lock that it inherited */
            MUST(hold_at(provider, 1, 0, NOON_NS, &hold) == 0 && tq_hold_cancel(&hold) == 0);
        atomic_store(&shared->stage, 3);
        for (;;)
            pause();
    }
    atomic_store(&shared->answer, (int)child);
    while (pause() < 0)
        ;
    return 0;
}

/* The parent dies, the child lives: what the parent held is free. */
static void check_fork(void **state, bool clones)
{
    struct shared *shared = share(state, clones);
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    pid_t parent = child_start(leave_a_child, shared);

    await(shared, 1);
    assert_int_equal(hold_all(provider), 1);
    patience_reset();
    while (atomic_load(&shared->answer) <= 1)
        patience_yield();
    kill_child(parent);
    if (clones)
        assert_int_equal(hold_all(provider), 1); /* the child still has its lock */
    atomic_store(&shared->stage, 2);
    await(shared, 3);
    assert_int_equal(hold_all(provider), 0);
    kill(atomic_load(&shared->answer), SIGKILL);
    tq_ledger_close(ledger);
}

static void test_fork(void **state)
{
    check_fork(state, false);
}

static void test_clone(void **state)
{
    check_fork(state, true);
}

static int hold_in_child(void *argument)
{
    struct tq_provider *provider = argument;
    struct tq_hold hold;

    MUST(hold_at(provider, 300, 0, NOON_NS, &hold) == 0);
    MUST(tq_ledger_hold(provider->ledger, "p#00000001", &hold) == 0); /* its parent's is there */
    return 0;
}

/* A child that is forked has holds of its own; when it ends they are free, and its parent's stay. */
static void test_a_child_holds(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_hold own, more;

    assert_int_equal(hold_at(provider, 700, 0, NOON_NS, &own), 0);
    assert_int_equal(child_end(child_start(hold_in_child, provider)), 0);
    assert_int_equal(hold_at(provider, 301, 0, NOON_NS, &more), 1);
    assert_int_equal(hold_at(provider, 300, 0, NOON_NS, &more), 0);
    assert_int_equal(tq_hold_cancel(&own), 0);
    tq_ledger_close(ledger);
}

/* ---- bytes that are used again --------------------------------------------------------------- */

static struct tq__hold *place_of(struct tq_provider *provider, uint32_t place)
{
    struct tq_ledger *ledger = provider->ledger;

    return tq__hold_at(ledger, tq__limits_of(ledger, tq__provider_slot(provider)), place);
}

/* A byte's next owner has the next generation; before it comes round all holds of the byte are freed. */
static void test_generations(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider), *other;
    struct tq_hold hold;
    uint32_t byte = 0;

    for (unsigned i = 1; i <= 2 * TQ__OWNER_GENERATIONS; i++) {
        struct tq__hold *own;

        other = open_here(scratch_path(state, "ledger"));
        assert_int_equal(hold_at(handle(other, "p"), 1, 0, NOON_NS, &hold), 0);
        own = place_of(provider, (uint32_t)hold.place[0]);
        assert_int_equal(tq__hold_owner(own->word) % TQ__OWNER_GENERATIONS, i % TQ__OWNER_GENERATIONS);
        assert_true(byte == 0 || tq__hold_owner(own->word) >> 6 == byte);
        byte = tq__hold_owner(own->word) >> 6;
        tq_ledger_close(other); /* its hold stays there, dead */
        /* The 64th frees those of the 63 before, and so does the 128th. */
        assert_int_equal(tq_provider_holds(provider, NOON_NS, NULL, 0), i < 64 ? i : i < 128 ? i - 63 : 1);
    }
    assert_int_equal(hold_all(provider), 0);
    tq_ledger_close(ledger);
}

/* A byte that was found free may have its next owner a moment later, whose hold is not dead. */
static void test_the_next_owner_lives(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider), *other;
    struct tq__owners_asked asked = {{0}};
    struct tq_hold hold, next;

    other = open_here(scratch_path(state, "ledger"));
    assert_int_equal(hold_at(handle(other, "p"), 1, 0, NOON_NS, &hold), 0);
    tq_ledger_close(other);
    assert_true(tq__owner_is_dead(ledger, &asked, hold.word[0]));
    other = open_here(scratch_path(state, "ledger"));
    assert_int_equal(hold_at(handle(other, "p"), 1, 0, NOON_NS, &next), 0);
    assert_int_equal(tq__hold_owner(next.word[0]), tq__hold_owner(hold.word[0]) + 1); /* the same byte */
    assert_false(tq__owner_is_dead(ledger, &asked, next.word[0]));
    assert_true(tq__owner_is_dead(ledger, &asked, hold.word[0]));
    tq_ledger_close(other);
    tq_ledger_close(ledger);
}

/* When all bytes are locked a hold is nobody's. */
static void test_no_byte_is_free(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_hold_state list = {.size = sizeof list};
    int fd = tq__system_open(ledger->path, 02, 0); /* O_RDWR */
    struct tq_hold hold;

    for (uint32_t byte = 1; byte < TQ__OWNERS; byte++)
        assert_int_equal(tq__lock_set(fd, TQ__LOCK_OWNERS + byte, TQ__EXCLUSIVE), 0);
    assert_int_equal(hold_at(provider, 1, 0, NOON_NS, &hold), 0);
    assert_int_equal(tq_provider_holds(provider, NOON_NS, &list, 1), 1);
    assert_int_equal(list.owner, 0);
    close(fd);
    tq_ledger_close(ledger);
}

/* ---- readers --------------------------------------------------------------------------------- */

/* One who may only read takes none, and leaves out what is over. */
static void test_read_only(void **state)
{
    struct shared *shared = share(state, 0);
    struct tq_provider *provider, *read;
    struct tq_ledger *ledger = open_limited(state, &provider), *reader;
    pid_t child = start_holder(shared);
    struct tq_hold hold, found = {.size = sizeof found};

    reader = open_file_with(shared->path, 8, TQ_RULE_OFF, TQ_OPEN_READ_ONLY);
    assert_int_equal(tq_ledger_provider(reader, "p", 1, TQ_PROVIDER_EXISTING, &read), 0);
    assert_int_equal(tq_provider_state(read, NOON_NS, NULL), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(hold_at(read, 1, 0, NOON_NS, &hold), TQ_EREADONLY);
    assert_int_equal(tq_ledger_hold(reader, "p#00000001", &found), 0);
    assert_int_equal(tq_hold_cancel(&found), TQ_EREADONLY);
    assert_int_equal(tq_hold_extend(&found, 1, NOON_NS), TQ_EREADONLY);
    kill_child(child);
    assert_int_equal(tq_provider_state(read, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_holds(read, NOON_NS, NULL, 0), 1); /* it is still there */
    tq_ledger_close(reader);
    tq_ledger_close(ledger);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Compact keeps what is nobody's, with its id, and drops the rest. */
static void test_compact(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_hold owned, nobodys, found = {.size = sizeof found};
    char id[TQ_HOLD_ID_MAX], other[TQ_HOLD_ID_MAX];

    assert_int_equal(hold_at(provider, 100, 0, NOON_NS, &owned), 0);
    assert_int_equal(hold_at(provider, 200, TQ_HOLD_NOBODY, NOON_NS, &nobodys), 0);
    (void)tq_hold_id(&nobodys, id, sizeof id);
    (void)tq_hold_id(&owned, other, sizeof other);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(scratch_path(state, "ledger"), NULL), 0);
    ledger = open_here(scratch_path(state, "ledger"));
    assert_int_equal(tq_ledger_hold(ledger, other, &found), 1);
    assert_int_equal(tq_ledger_hold(ledger, id, &found), 0);
    assert_int_equal(tq_provider_holds(handle(ledger, "p"), NOON_NS, NULL, 0), 1);
    assert_int_equal(hold_at(handle(ledger, "p"), 801, 0, NOON_NS, &owned), 1);
    assert_int_equal(tq_hold_cancel(&found), 0);
    /* Without one there are no blocks any more, and an id from before leads to no later hold. */
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(scratch_path(state, "ledger"), NULL), 0);
    ledger = open_here(scratch_path(state, "ledger"));
    assert_int_equal(ledger->header->features_readable, 0);
    assert_int_equal(hold_at(handle(ledger, "p"), 1, 0, NOON_NS, &owned), 0);
    assert_int_equal(hold_at(handle(ledger, "p"), 1, 0, NOON_NS, &owned), 0);
    assert_int_equal(tq_ledger_hold(ledger, other, &found), 1);
    assert_int_equal(tq_ledger_hold(ledger, id, &found), 1);
    tq_ledger_close(ledger);
}

/* Compact keeps a forgotten provider of which something is held that is nobody's, and leaves it forgotten. */
static void test_compact_forgotten(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_hold hold, found = {.size = sizeof found};
    struct tq_usage usage = {.size = sizeof usage, .counted = 7};
    char id[TQ_HOLD_ID_MAX];

    assert_int_equal(hold_at(provider, 100, TQ_HOLD_NOBODY, NOON_NS, &hold), 0);
    (void)tq_hold_id(&hold, id, sizeof id);
    assert_int_equal(tq_provider_forget(provider), 0);
    for (int i = 0; i < 2; i++) {
        tq_ledger_close(ledger);
        assert_int_equal(tq_ledger_compact(scratch_path(state, "ledger"), NULL), 0);
        ledger = open_here(scratch_path(state, "ledger"));
        assert_int_equal(tq_ledger_hold(ledger, id, &found), 0);
        assert_true(atomic_load(&tq__provider_slot(found.provider)->flags) & TQ__HIDDEN);
    }
    assert_int_equal(tq_hold_settle(&found, &usage, NOON_NS), 0);
    assert_int_equal(found.ended, 0);
    assert_false(atomic_load(&tq__provider_slot(found.provider)->flags) & TQ__HIDDEN);
    assert_int_equal(tq_provider_reset(found.provider), 0);
    assert_int_equal(tq_provider_forget(found.provider), 0);
    tq_ledger_close(ledger); /* now nothing is left of it */
    assert_int_equal(tq_ledger_compact(scratch_path(state, "ledger"), NULL), 0);
    ledger = open_here(scratch_path(state, "ledger"));
    assert_int_equal(tq_ledger_hold(ledger, id, &found), TQ_EINVAL);
    tq_ledger_close(ledger);
}

/* ---- leases and words ------------------------------------------------------------------------ */

/* Who saw that a lease had ended frees no hold that was extended since; who frees his own does. */
static void test_extended_meanwhile(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq__limits *limits = tq__limits_of(ledger, tq__provider_slot(provider));
    const int64_t end_ns = NOON_NS + 2 * LEASE_NS;
    struct tq__hold *own;
    struct tq_hold hold, more;
    uint64_t seen;

    assert_int_equal(hold_at(provider, MOST, 0, NOON_NS, &hold), 0);
    own = place_of(provider, (uint32_t)hold.place[0]);
    seen = own->word;
    fake_system.now_ns = end_ns;
    assert_int_equal(tq_hold_extend(&hold, LEASE_NS, end_ns), 0);
    assert_false(tq__hold_free(ledger, limits, own, seen, false));
    assert_int_equal(own->word, hold.word[0]);
    assert_int_equal(hold_at(provider, 1, 0, end_ns, &more), 1);
    assert_true(tq__hold_free(ledger, limits, own, seen, true));
    assert_int_equal(hold_at(provider, 1, 0, end_ns, &more), 0);
    tq_ledger_close(ledger);
}

/* Asks all that looks at holds, of a file in which anything may stand. */
static void ask_all(struct tq_ledger *ledger, struct tq_provider *provider)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_hold_state list = {.size = sizeof list};
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_hold hold;
    int answer = hold_at(provider, 1, 0, NOON_NS, &hold);

    if (answer == 0)
        (void)tq_hold_cancel(&hold);
    assert_true(answer == 0 || answer == 1 || answer == TQ_EFULL || answer == TQ_ENOMEM);
    assert_true(tq_provider_state(provider, NOON_NS, NULL) >= 0);
    assert_true(tq_provider_verdict(provider, NOON_NS, &verdict) >= 0);
    assert_true(verdict.holds <= TQ_HOLDS_MAX && verdict.held >= 0);
    assert_in_range(tq_provider_holds(provider, NOON_NS, &list, 1), 0, TQ_HOLDS_MAX);
    (void)tq_ledger_check(ledger, &info, NULL);
}

/* Any bits in the words of holds, in the number of places and in the links: all calls come to an end, and the
 * file does not grow by what is asked. */
static void test_hostile(void **state)
{
    static const uint32_t links[] = {0, 1, 2, 65, 129, 1u << 24, (1u << 24) - 63, UINT32_MAX, 1u << 31};
    struct tq_provider *provider, *other;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq__limits *limits, *others;
    struct tq_hold hold;
    uint64_t bits = 1;
    uint32_t given_out;

    other = handle(ledger, "q");
    assert_int_equal(hold_at(provider, 1, TQ_HOLD_NOBODY, NOON_NS, &hold), 0);
    assert_int_equal(hold_at(other, 1, TQ_HOLD_NOBODY, NOON_NS, &hold), 0);
    limits = tq__limits_of(ledger, tq__provider_slot(provider));
    others = tq__limits_of(ledger, tq__provider_slot(other));
    for (int i = 0; i < 2000; i++) {
        struct tq__hold *own = place_of(provider, (uint32_t)i % 64);
        _Atomic uint64_t *word = (_Atomic uint64_t *)(void *)own;

        for (int k = 0; k < 8; k++, bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407u)
            word[k] = bits >> 63 ? ~UINT64_C(0) : bits ^ bits >> 29;
        if (i % 50 == 49)
            ask_all(ledger, provider);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        atomic_store(&limits->hold_high, links[sizeof links / sizeof *links - 1 - i]);
        ask_all(ledger, provider);
        atomic_store(&limits->holds, links[i]);
        atomic_store(&limits->more_holds[i], links[i]);
        ask_all(ledger, provider);
    }
    atomic_store(&limits->hold_high, 0);
    atomic_store(&limits->holds, 2); /* no block begins there: nothing is made in its place */
    given_out = atomic_load(ledger->holds.given_out);
    for (int i = 0; i < 10; i++)
        assert_int_equal(hold_at(provider, 1, 0, NOON_NS, &hold), TQ_ENOMEM);
    assert_int_equal(atomic_load(ledger->holds.given_out), given_out);
    /* Another provider's block: what is freed is what was taken. */
    atomic_store(&limits->holds, atomic_load(&others->holds));
    ask_all(ledger, provider);
    assert_int_equal(tq_provider_holds(other, NOON_NS, NULL, 0), 1);
    tq_ledger_close(ledger);
}

/* A file that was replaced: nothing is held, and nothing is settled. */
static void test_gone(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_usage usage = {.size = sizeof usage, .counted = 1};
    struct tq_hold hold, more;

    assert_int_equal(hold_at(provider, 1, 0, NOON_NS, &hold), 0);
    assert_int_equal(unlink(scratch_path(state, "ledger")), 0);
    assert_int_equal(hold_at(provider, 1, 0, NOON_NS + 2 * INT64_C(1000000000), &more), TQ_EGONE);
    assert_int_equal(tq_hold_settle(&hold, &usage, NOON_NS), TQ_EGONE);
    assert_int_equal(tq_hold_cancel(&hold), TQ_EGONE);
    assert_int_equal(tq_hold_extend(&hold, LEASE_NS, NOON_NS), TQ_EGONE);
    tq_ledger_close(ledger);
}

/* A clock that is ahead takes nothing and extends nothing. */
static void test_ahead(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_limited(state, &provider);
    struct tq_hold hold, more;

    assert_int_equal(tq_provider_set_budget(provider, MOST), 0);
    assert_int_equal(hold_at(provider, 1, 0, NOON_NS, &hold), 0);
    assert_int_equal(hold_at(provider, 1, 0, NOON_NS + DAY_NS, &more), TQ_ECLOCK);
    assert_int_equal(tq_hold_extend(&hold, LEASE_NS, NOON_NS + DAY_NS), TQ_ECLOCK);
    assert_int_equal(tq_provider_holds(provider, NOON_NS, NULL, 0), 1);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_death),
        scratch_test(test_a_waiter_sees_death),
        scratch_test(test_nobodys),
        scratch_test(test_close),
        scratch_test(test_fork),
        scratch_test(test_clone),
        scratch_test(test_a_child_holds),
        scratch_test(test_generations),
        scratch_test(test_the_next_owner_lives),
        scratch_test(test_no_byte_is_free),
        scratch_test(test_read_only),
        scratch_test(test_compact),
        scratch_test(test_compact_forgotten),
        scratch_test(test_extended_meanwhile),
        scratch_test(test_hostile),
        scratch_test(test_gone),
        scratch_test(test_ahead),
    };

    return cmocka_run_group_tests_name("hold_file", tests, NULL, NULL);
}
