/* test_threads_limits.c: limits under threads: windows that turn, limits that change, lines that are taken.
 *
 * SPDX-License-Identifier: MIT
 *
 *   turn     what was answered is in its window, of every kind, while windows turn and late records come
 *   refill   a bucket holds what was answered
 *   change   limits are set and removed in one line: each counts what is recorded while it is there, whatever
 *            stalled records of older limits in that line still do
 *   same     the same limit, set by all at once, ends in one line with its amount and its reserve
 *   lines    limits of several in one line, one after the other: each has its own amount and reserve
 *
 * Each is rounds: the threads meet, all do their part, all meet again, and thread 0 looks.
 */

#include <inttypes.h>
#include <sched.h>

#include "threads.h"

#define QUARTER_NS (INT64_C(900) * 1000000000)
#define RECORDS 40 /* of a thread in a round */
#define ROUNDS 300
#define MANY 64 /* rounds after which one begins 200 days later */

struct storm {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    unsigned rounds;
    struct meeting meeting;
    void (*before)(struct storm *, unsigned round); /* what thread 0 prepares */
    void (*all)(struct job *, unsigned round);
    void (*look)(struct storm *, unsigned round);
    int64_t begin_ns; /* of the round: the last quarter hour of a day */
    _Atomic int64_t tokens[2], records[2];
    _Atomic int64_t newest_ns;
    int64_t once;
    uint64_t drawn;
    /* of the limit that thread 0 sets and removes: odd while it is being set or removed */
    atomic_uint stage, left;
    _Atomic int64_t answered[3];
};

static void run_rounds(struct job *job)
{
    struct storm *storm = job->shared;

    for (unsigned round = 0; round < storm->rounds; round++) {
        if (job->number == 0)
            storm->before(storm, round);
        threads_meet(&storm->meeting, THREADS);
        storm->all(job, round);
        threads_meet(&storm->meeting, THREADS);
        if (job->number == 0)
            storm->look(storm, round);
        if (threads_meet(&storm->meeting, THREADS))
            return;
    }
}

static unsigned add(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};
    int answer = tq_limit_parse(sentence, &limit, &error);

    if (answer == 0)
        answer = tq_provider_set_limit(provider, &limit, &error);
    CHECK(answer > 0, "%s: %s", sentence, error.msg);
    return answer > 0 ? (unsigned)answer : 1;
}

static struct tq_limit_state look_at(struct tq_provider *provider, unsigned number, int64_t now_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider, now_ns, states, TQ_LIMITS_MAX);

    for (int i = 0; i < count; i++)
        if (states[i].number == number)
            return states[i];
    return (struct tq_limit_state){.used = -1};
}

static void run_storm(struct storm storm, const char *const *sentences, unsigned count)
{
    for (unsigned again = times_as_long(); again > 0; again--) {
        struct storm now = storm;

        now.ledger = open_ledger(8, TQ_RULE_OFF);
        now.provider = provider_of(now.ledger, "a");
        now.rounds = storm.rounds / SLOWER + 1;
        now.begin_ns = FIRST_DAY * DAY_NS - QUARTER_NS;
        now.drawn = rng_seed(1) + again;
        atomic_store(&failures, 0);
        for (unsigned i = 0; i < count; i++)
            add(now.provider, sentences[i]);
        run_threads(run_rounds, &now);
        tq_ledger_close(now.ledger);
    }
}

/* ---- turn ------------------------------------------------------------------------------------ */

enum { FIXED, DAY, FIRST_USE, ROLLING, ONCE, REQUESTS, WEEK, CALLS, KINDS };

static const char *const kinds[KINDS] = {
    [FIXED] = "tokens per 15m from 2020-01-01",
    [DAY] = "tokens per day",
    [FIRST_USE] = "tokens per 5h first-use",
    [ROLLING] = "tokens per rolling 1h",
    [ONCE] = "total tokens once",
    [REQUESTS] = "requests per 15m from 2020-01-01",
    [WEEK] = "tokens per 6h from 2020-01-01T00:45Z",
    [CALLS] = "requests per rolling 1h",
};

/* A day or two later than the round before, or 200 days. */
static void begin(struct storm *storm, unsigned round)
{
    struct rng rng = {storm->drawn + round};

    storm->begin_ns += round % MANY == MANY - 1 ? 200 * DAY_NS : (int64_t)(2 + rng_below(&rng, 2)) * DAY_NS;
    atomic_store(&storm->newest_ns, 0);
    for (unsigned i = 0; i < 2; i++) {
        atomic_store(&storm->tokens[i], 0);
        atomic_store(&storm->records[i], 0);
    }
}

/* First of the last quarter hour of a day, more and more of the first one of the next day. */
static void record(struct job *job, unsigned round)
{
    struct storm *storm = job->shared;

    (void)round;
    for (unsigned i = 0; i < RECORDS; i++) {
        unsigned window = rng_below(&job->rng, RECORDS) < i;
        int64_t at_ns = storm->begin_ns + window * QUARTER_NS + rng_below_i64(&job->rng, QUARTER_NS);
        int64_t tokens = 1 + rng_below_i64(&job->rng, 100), newest = atomic_load(&storm->newest_ns);

        CHECK(tq_provider_record(storm->provider, tokens, at_ns, NULL) >= 0, "record");
        atomic_fetch_add(&storm->tokens[window], tokens);
        atomic_fetch_add(&storm->records[window], 1);
        while (newest < at_ns && !atomic_compare_exchange_weak(&storm->newest_ns, &newest, at_ns))
            ;
    }
}

static void look_kind(struct storm *storm, unsigned kind, int64_t now_ns, int64_t wanted)
{
    struct tq_limit_state state = look_at(storm->provider, kind + 1, now_ns);

    CHECK(state.used == wanted, "%s: %" PRId64 " used, %" PRId64 " were answered", kinds[kind], state.used,
          wanted);
    CHECK(!state.taken, "%s: taken", kinds[kind]);
}

static void look_turned(struct storm *storm, unsigned round)
{
    int64_t newest_ns = atomic_load(&storm->newest_ns), all = 0;

    (void)round;
    for (unsigned i = 0; i < 2; i++) {
        int64_t at_ns = storm->begin_ns + i * QUARTER_NS;

        look_kind(storm, FIXED, at_ns, atomic_load(&storm->tokens[i]));
        look_kind(storm, DAY, at_ns, atomic_load(&storm->tokens[i]));
        look_kind(storm, REQUESTS, at_ns, atomic_load(&storm->records[i]));
        all += atomic_load(&storm->tokens[i]);
    }
    storm->once += all;
    look_kind(storm, FIRST_USE, newest_ns, all);
    look_kind(storm, ONCE, newest_ns, storm->once);
    look_kind(storm, WEEK, newest_ns, all);
    look_kind(storm, ROLLING, newest_ns, all); /* from the carry */
    look_kind(storm, ROLLING, newest_ns + QUARTER_NS, all);
    look_kind(storm, CALLS, newest_ns, atomic_load(&storm->records[0]) + atomic_load(&storm->records[1]));
}

static void test_turn(void **state)
{
    (void)state;
    run_storm((struct storm){.before = begin, .all = record, .look = look_turned, .rounds = ROUNDS}, kinds,
              KINDS);
}

/* ---- refill ---------------------------------------------------------------------------------- */

/* All at one instant: what refills meanwhile would hide what is lost. A token is 1,000 steps of 64 ns. */
static void record_now(struct job *job, unsigned round)
{
    struct storm *storm = job->shared;

    (void)round;
    for (unsigned i = 0; i < RECORDS; i++) {
        int64_t tokens = 1 + rng_below_i64(&job->rng, 100);

        CHECK(tq_provider_record(storm->provider, tokens, storm->begin_ns, NULL) >= 0, "record");
        atomic_fetch_add(&storm->tokens[0], tokens);
    }
}

static void look_refilled(struct storm *storm, unsigned round)
{
    struct tq_limit_state state = look_at(storm->provider, 1, storm->begin_ns);

    (void)round;
    CHECK(state.used == atomic_load(&storm->tokens[0]), "refill: %" PRId64 " used, %" PRId64 " were answered",
          state.used, atomic_load(&storm->tokens[0]));
}

static void test_refill(void **state)
{
    static const char *const refill[] = {"1M tokens per 64s refill"};

    (void)state;
    run_storm((struct storm){.before = begin, .all = record_now, .look = look_refilled, .rounds = ROUNDS / 2},
              refill, 1);
}

/* ---- change ---------------------------------------------------------------------------------- */

#define CHANGES 80 /* of a round */

static const char *const changing[] = {
    "tokens per rolling 1h", "tokens per day", "1G tokens per 5h first-use",
    "total tokens once",     "input per week", "1G tokens per 16m refill",
};
#define CHANGING (sizeof changing / sizeof changing[0])

static void begin_change(struct storm *storm, unsigned round)
{
    begin(storm, round);
    atomic_store(&storm->left, THREADS - 1);
    atomic_store(&storm->stage, 1);
}

/* Others record, now and late, as long as thread 0 changes. A record is of a stage when it began and ended in
 * it. */
static void record_staged(struct job *job)
{
    struct storm *storm = job->shared;

    for (unsigned stage; (stage = atomic_load(&storm->stage)) != 0;) {
        int64_t at_ns = storm->begin_ns + (rng_below(&job->rng, 2) ? QUARTER_NS / 2 : QUARTER_NS - 1);

        atomic_fetch_add(&storm->records[1], 1);
        CHECK(tq_provider_record(storm->provider, 1, at_ns, NULL) >= 0, "record");
        atomic_fetch_add(&storm->tokens[0], 1);
        if (stage % 2 == 0 && atomic_load(&storm->stage) == stage)
            atomic_fetch_add(&storm->answered[stage / 2 % 3], 1);
    }
}

static void change(struct job *job, unsigned round)
{
    struct storm *storm = job->shared;
    int64_t now_ns = storm->begin_ns + QUARTER_NS - 1;

    (void)round;
    if (job->number != 0) {
        record_staged(job);
        return;
    }
    for (unsigned stage = 1; stage < 2 * CHANGES && atomic_load(&failures) == 0; stage += 2) {
        unsigned kind = rng_below(&job->rng, CHANGING), number, slot = (stage + 1) / 2 % 3;
        int64_t before = atomic_load(&storm->records[1]);
        struct tq_limit_state state;
        int64_t answered;

        atomic_store(&storm->answered[slot], 0);
        number = add(storm->provider, changing[kind]);
        atomic_store(&storm->stage, stage + 1);
        for (unsigned wait = rng_below(&job->rng, 400); wait > 0 || rng_below(&job->rng, 20) != 0;
             wait -= wait > 0)
            if (rng_below(&job->rng, 30) == 0)
                sched_yield();
        answered = atomic_load(&storm->answered[slot]);
        state = look_at(storm->provider, number, now_ns);
        CHECK(state.used <= atomic_load(&storm->records[1]) - before + THREADS,
              "%s: %" PRId64 " used, fewer were started", changing[kind], state.used);
        if (kind < 4) /* the unit of 4 is in no record, and in 5 what the first ones fill has refilled */
            CHECK(state.used >= answered, "%s: %" PRId64 " used, %" PRId64 " were answered", changing[kind],
                  state.used, answered);
        if (kind == 5)
            CHECK(state.used > 0 || answered < 50, "%s: empty", changing[kind]);
        CHECK(kind != 4 || state.used == 0, "%s: %" PRId64 " used", changing[kind], state.used);
        atomic_store(&storm->stage, stage + 2);
        CHECK(tq_provider_remove_limit(storm->provider, number) == 0, "remove");
    }
    atomic_store(&storm->stage, 0);
}

/* The limit in the line before, which nobody changes, has all. */
static void look_changed(struct storm *storm, unsigned round)
{
    struct tq_limit_state state = look_at(storm->provider, 1, storm->begin_ns);

    (void)round;
    CHECK(state.used == atomic_load(&storm->tokens[0]), "%" PRId64 " used, %" PRId64 " were answered",
          state.used, atomic_load(&storm->tokens[0]));
}

static void test_change(void **state)
{
    static const char *const kept[] = {"requests per day"};

    (void)state;
    run_storm((struct storm){.before = begin_change, .all = change, .look = look_changed, .rounds = 2}, kept,
              1);
}

/* ---- same ------------------------------------------------------------------------------------ */

static const char *const others[] = {"tokens per day",  "tokens per week", "tokens per month",
                                     "tokens per year", "tokens once",     "input once",
                                     "output once"};

static const char *const same[] = {"5M requests per day reserve 10%", "5M tokens per 2h rolling reserve 10%"};

/* All lines are free, or one only. */
static void begin_same(struct storm *storm, unsigned round)
{
    for (unsigned i = 1; i <= TQ_LIMITS_MAX; i++)
        tq_provider_remove_limit(storm->provider, i);
    for (unsigned i = 0; i < sizeof others / sizeof others[0] && round % 3 == 0; i++)
        add(storm->provider, others[i]);
}

static void set_same(struct job *job, unsigned round)
{
    struct storm *storm = job->shared;

    for (unsigned pause = rng_below(&job->rng, 300); pause > 0; pause--)
        atomic_signal_fence(memory_order_seq_cst);
    add(storm->provider, same[round % 2]);
}

static void look_same(struct storm *storm, unsigned round)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(storm->provider, storm->begin_ns, states, TQ_LIMITS_MAX);
    int wanted = round % 3 == 0 ? TQ_LIMITS_MAX : 1;

    CHECK(count == wanted, "%d lines, not %d", count, wanted);
    for (int i = 0; i < count; i++)
        if (states[i].limit.amount != 0)
            CHECK(states[i].limit.amount == 5000000 && states[i].limit.reserve == 500000,
                  "%" PRId64 ", reserve %" PRId64, states[i].limit.amount, states[i].limit.reserve);
        else
            CHECK(round % 3 == 0, "no amount");
}

static void test_same(void **state)
{
    (void)state;
    run_storm((struct storm){.before = begin_same, .all = set_same, .look = look_same, .rounds = ROUNDS * 2},
              NULL, 0);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Each sets a limit of its own in the one free line, and removes it. */
static void take_turns(struct job *job, unsigned round)
{
    static const char *const own[THREADS] = {
        "1k requests per day reserve 1", "2k requests per week reserve 2", "3k requests per month reserve 3",
        "4k requests per year reserve 4"};
    struct storm *storm = job->shared;
    struct tq_limit limit = {.size = sizeof limit};

    (void)round;
    CHECK(tq_limit_parse(own[job->number], &limit, NULL) == 0, "parse");
    for (unsigned i = 0; i < RECORDS; i++) {
        int number = tq_provider_set_limit(storm->provider, &limit, NULL);
        struct tq_limit_state state;

        if (number == TQ_EFULL)
            continue;
        CHECK(number > 0, "set: %d", number);
        state = look_at(storm->provider, (unsigned)number, storm->begin_ns);
        CHECK(state.limit.window == limit.window && state.limit.amount == limit.amount &&
                  state.limit.reserve == limit.reserve,
              "another's words: %" PRId64 ", reserve %" PRId64, state.limit.amount, state.limit.reserve);
        CHECK(tq_provider_remove_limit(storm->provider, (uint32_t)number) == 0, "remove");
    }
}

static void before_lines(struct storm *storm, unsigned round)
{
    (void)storm;
    (void)round;
}

static void test_lines(void **state)
{
    (void)state;
    run_storm(
        (struct storm){
            .before = before_lines, .all = take_turns, .look = before_lines, .rounds = ROUNDS * 16},
        others, sizeof others / sizeof others[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turn), cmocka_unit_test(test_refill), cmocka_unit_test(test_change),
        cmocka_unit_test(test_same), cmocka_unit_test(test_lines),
    };

    if (getenv("TQ_TEST"))
        cmocka_set_test_filter(getenv("TQ_TEST"));
    return cmocka_run_group_tests_name("threads_limits", tests, NULL, NULL);
}
