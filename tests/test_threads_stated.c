/* test_threads_stated.c: what a vendor says of windows, under threads: words that overtake each other,
 * probes, lines that are taken again.
 *
 * SPDX-License-Identifier: MIT
 *
 *   newest   words come in any order, and answers between them: at the end the newest word blocks
 *   probe    while readings and refusals come, one probe is handed out within a lease
 *   lines    limits are made, blocked and removed in two lines by all: no limit has a word of another, and
 * the limits that only have readings never block
 *
 * Each is rounds, as in test_threads_limits.c.
 */
#include <inttypes.h>

#include "threads.h"
#include "windows.h"

#define ROUNDS 1500
#define WORDS 12 /* of a thread in a round */

struct storm {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    unsigned rounds;
    struct meeting meeting;
    void (*before)(struct storm *); /* NULL: nothing is prepared */
    void (*all)(struct job *, int64_t begin_ns);
    void (*look)(struct storm *, int64_t begin_ns);
    atomic_uint won;
};

static void run_rounds(struct job *job)
{
    struct storm *storm = job->shared;

    for (unsigned round = 0; round < storm->rounds; round++) {
        int64_t begin_ns = FIRST_DAY * DAY_NS + (int64_t)round * 2 * HOUR_NS;

        storm->all(job, begin_ns);
        threads_meet(&storm->meeting, THREADS);
        if (job->number == 0)
            storm->look(storm, begin_ns);
        if (threads_meet(&storm->meeting, THREADS))
            return;
    }
}

static void run_storm(struct storm storm)
{
    for (unsigned again = times_as_long(); again > 0; again--) {
        struct storm now = storm;

        now.ledger = open_ledger(8, TQ_RULE_OFF);
        now.provider = provider_of(now.ledger, "a");
        if (now.before)
            now.before(&now);
        run_threads(run_rounds, &now);
        tq_ledger_close(now.ledger);
    }
}

/* ---- newest ---------------------------------------------------------------------------------- */

/* Word n of a round is said in second n, and ends n hours later: two ends are never one. */
static struct word nth(int64_t begin_ns, unsigned n)
{
    int64_t said_at_ns = begin_ns + n * SECOND_NS;

    return week_at(said_at_ns, n % 3 == 0 ? 100 : n % 3 == 1 ? 101 : -1, said_at_ns + (n % 50 + 1) * HOUR_NS);
}

static void say_all(struct job *job, int64_t begin_ns)
{
    struct storm *storm = job->shared;
    unsigned first = rng_below(&job->rng, WORDS);

    for (unsigned i = 0; i < WORDS; i++) {
        unsigned n = 1 + (first + 5 * i) % WORDS * THREADS + job->number;
        struct word word = nth(begin_ns, n);

        CHECK((word.percent < 0 ? refuse_for(storm->provider, word) : say(storm->provider, word)) >= 0,
              "said");
        if (rng_below(&job->rng, 4) == 0) /* of a request before the newest word */
            CHECK(tq_provider_success(storm->provider,
                                      begin_ns + rng_below(&job->rng, WORDS * THREADS) * SECOND_NS) == 0,
                  "success");
        if (rng_below(&job->rng, 4) == 0)
            tq_provider_probe_take(storm->provider, begin_ns + HOUR_NS, NULL);
    }
}

static void look_newest(struct storm *storm, int64_t begin_ns)
{
    struct word newest = nth(begin_ns, WORDS * THREADS);
    struct tq_verdict verdict = {.size = sizeof verdict};

    CHECK(tq_provider_verdict(storm->provider, newest.said_at_ns, &verdict) == TQ_QUOTA_EXHAUSTED,
          "available");
    CHECK(verdict.limit == 1 && verdict.said_at_ns == newest.said_at_ns &&
              verdict.retry_at_ns == newest.reset_at_ns,
          "the block is of second %" PRId64 ", the newest word of second %" PRId64,
          (verdict.said_at_ns - begin_ns) / SECOND_NS, (newest.said_at_ns - begin_ns) / SECOND_NS);
    CHECK(tq_provider_mark_available_at(storm->provider, newest.said_at_ns) == 0, "mark");
    CHECK(tq_provider_state(storm->provider, newest.said_at_ns, NULL) == TQ_AVAILABLE, "marked");
}

static void test_newest(void **state)
{
    (void)state;
    run_storm((struct storm){.all = say_all, .look = look_newest, .rounds = ROUNDS / SLOWER + 1});
}

/* ---- probe ----------------------------------------------------------------------------------- */

/* All rounds are of one block, whose probe is due once more two hours later. */
static void ask(struct job *job, int64_t begin_ns)
{
    struct storm *storm = job->shared;
    const int64_t end_ns = FIRST_DAY * DAY_NS + 170 * DAY_NS;

    for (unsigned i = 0; i < WORDS; i++) {
        int64_t now_ns = begin_ns + HOUR_NS + rng_below(&job->rng, 60) * SECOND_NS;
        struct word word = week_at(now_ns, (int32_t)rng_below(&job->rng, 90), end_ns);

        switch (rng_below(&job->rng, 4)) {
        case 0:
            CHECK(say(storm->provider, word) >= 0, "said");
            break;
        case 1: /* in flight: it answers nothing */
            word.percent = -1;
            word.sent_at_ns = begin_ns - HOUR_NS / 2;
            CHECK(refuse_for(storm->provider, word) >= 0, "refused");
            break;
        default:
            if (tq_provider_probe_take(storm->provider, now_ns, NULL) == 0)
                atomic_fetch_add(&storm->won, 1);
        }
        if (rng_below(&job->rng, 64) == 0) /* then the next is due five minutes later */
            CHECK(tq_provider_probe_failure(storm->provider, now_ns) == 0, "failure");
    }
}

static void look_probe(struct storm *storm, int64_t begin_ns)
{
    unsigned won = atomic_exchange(&storm->won, 0);

    CHECK(won <= 1, "%u probes within a lease", won);
    CHECK(tq_provider_state(storm->provider, begin_ns + HOUR_NS, NULL) >= 0, "state");
}

static void test_probe(void **state)
{
    (void)state;
    run_storm((struct storm){.all = ask, .look = look_probe, .rounds = 1000 / SLOWER + 1});
}

/* ---- lines ----------------------------------------------------------------------------------- */

#define LINES 2
#define TURNS 20 /* of a thread in a round: so no version of a line comes round while a thread stalls */

static const char *const others[] = {
    "1k tokens per week", "1k total per week", "1k input per week",
    "1k output per week", "$1k per week",      "1k requests per week",
};

/* The window of a thread, which no other has, and the end that it states: by it the word is told. */
static struct word own(struct job *job, int64_t begin_ns, unsigned i)
{
    int64_t length_ns = (1 + job->number) * DAY_NS;

    return (struct word){.length_ns = length_ns,
                         .percent = 10,
                         .reset_at_ns = begin_ns + length_ns,
                         .said_at_ns = begin_ns + (1 + i) * SECOND_NS};
}

static void look_own(const struct tq_limit_state *limit, const struct word *word, bool blocks)
{
    CHECK(limit->until_ns == 0 || (blocks && limit->until_ns == word->reset_at_ns),
          "another's word: until %" PRId64 " h later in the window of %" PRId64 " h",
          (limit->until_ns - word->reset_at_ns) / HOUR_NS, word->length_ns / HOUR_NS);
    CHECK(limit->said_reset_at_ns == 0 || limit->said_reset_at_ns == word->reset_at_ns,
          "another's reading: until %" PRId64 " h later in the window of %" PRId64 " h",
          (limit->said_reset_at_ns - word->reset_at_ns) / HOUR_NS, word->length_ns / HOUR_NS);
}

/* Even threads refuse, odd ones only read. All remove whatever is in the two lines. */
static void take_turns(struct job *job, int64_t begin_ns)
{
    struct storm *storm = job->shared;
    bool blocks = job->number % 2 == 0;

    for (unsigned i = 0; i < TURNS; i++) {
        struct word word = own(job, begin_ns, i);
        struct tq_limit_state limit;
        int answer;

        if (blocks && rng_below(&job->rng, 2))
            word.percent = 100;
        answer =
            blocks && word.percent != 100 ? refuse_for(storm->provider, word) : say(storm->provider, word);
        CHECK(answer >= 0, "said: %d", answer);
        limit = stated_at(storm->provider, word.length_ns, "", word.said_at_ns);
        if (limit.size != 0)
            look_own(&limit, &word, blocks);
        if (rng_below(&job->rng, 2) == 0)
            tq_provider_remove_limit(storm->provider, TQ_LIMITS_MAX - rng_below(&job->rng, LINES));
        if (rng_below(&job->rng, 16) == 0)
            CHECK(tq_provider_success(storm->provider, word.said_at_ns + HOUR_NS) == 0, "success");
        if (rng_below(&job->rng, 64) == 0)
            CHECK(tq_provider_mark_available_at(storm->provider, word.said_at_ns) == 0, "mark");
        if (limit.size != 0)
            tq_provider_warn_take(storm->provider, limit.number, 5, word.said_at_ns);
    }
}

static void clear_lines(struct storm *storm, int64_t begin_ns)
{
    (void)begin_ns;
    for (uint32_t i = 0; i < LINES; i++)
        CHECK(tq_provider_remove_limit(storm->provider, TQ_LIMITS_MAX - i) >= 0, "remove");
}

static void fill_lines(struct storm *storm)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(set_sentence(storm->provider, others[i]), i + 1);
}

static void test_lines(void **state)
{
    (void)state;
    run_storm((struct storm){
        .before = fill_lines, .all = take_turns, .look = clear_lines, .rounds = ROUNDS / SLOWER});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_lines),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("threads_stated", tests, NULL, NULL);
}
