/* test_words.c: words that another machine said: what is taken, what is refused, and who is told.
 *
 * SPDX-License-Identifier: MIT
 */
#include "one_provider.h"

#include "src/ledger.h"
#include "src/refusal.h"

static struct tq_words words_of(const struct tq_provider *provider)
{
    struct tq_words words = {.size = sizeof words};

    assert_int_equal(tq_provider_words(provider, &words), 0);
    return words;
}

static struct tq_quota_signal refused(uint32_t class, int64_t retry_at_ns)
{
    return (struct tq_quota_signal){
        .size = sizeof(struct tq_quota_signal),
        .refusal = class,
        .status = 429,
        .profile = 1,
        .binds = -1,
        .source = TQ_SOURCE_HEADER,
        .said_at_ns = NOON_NS,
        .sent_at_ns = NOON_NS - SECOND_NS,
        .retry_at_ns = retry_at_ns,
    };
}

static int64_t end_at(const struct tq_provider *provider, int64_t now_ns)
{
    int64_t retry_at_ns = UNWRITTEN;

    assert_true(tq_provider_state(provider, now_ns, &retry_at_ns) >= 0);
    return retry_at_ns;
}

static struct tq_provider *other(const struct one_provider *w)
{
    struct tq_provider *provider;

    assert_int_equal(tq_ledger_provider(w->ledger, "q", 1, 0, &provider), 0);
    return provider;
}

/* Says of q what p's words are. */
static int carry(const struct one_provider *w, struct tq_provider *to, int64_t now_ns)
{
    struct tq_words seen = words_of(to), said = words_of(w->provider);

    return tq_provider_set_words(to, &seen, &said, now_ns);
}

static void test_bad_arguments(void **state)
{
    const struct one_provider *w = *state;
    struct tq_words words = words_of(w->provider), small = {.size = sizeof small - 1};

    assert_int_equal(tq_provider_words(NULL, &words), TQ_EINVAL);
    assert_int_equal(tq_provider_words(w->provider, NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_words(w->provider, &small), TQ_EINVAL);
    assert_int_equal(tq_provider_set_words(NULL, &words, &words, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_set_words(w->provider, NULL, &words, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_set_words(w->provider, &words, NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_set_words(w->provider, &small, &words, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_set_words(w->provider, &words, &small, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_set_words(w->provider, &words, &words, 0), TQ_ERANGE);
    assert_int_equal(tq_provider_set_words(w->provider, &words, &words, TQ_NOW_END_NS), TQ_ERANGE);
    assert_int_equal(tq_provider_set_words(w->provider, &words, &words, NOON_NS), 0);
}

/* Each word that this library writes is one that another machine takes, and it says the same there. */
static void test_what_was_said_here_is_taken_there(void **state)
{
    const struct one_provider *w = *state;
    static const struct {
        uint32_t class;
        int64_t after_ns;
    } said[] = {{TQ_CLASS_THROTTLED, 0},
                {TQ_CLASS_OVERLOADED, HOUR_NS},
                {TQ_CLASS_EXHAUSTED, 0},
                {TQ_CLASS_NO_MONEY, 180 * DAY_NS}};
    struct tq_verdict here = {.size = sizeof here}, there = {.size = sizeof there};
    struct tq_provider *q = other(w);

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        struct tq_quota_signal signal =
            refused(said[i].class, said[i].after_ns ? NOON_NS + said[i].after_ns : 0);

        assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
        assert_int_equal(carry(w, q, NOON_NS), 0);
        assert_int_equal(tq_provider_verdict(q, NOON_NS, &there), TQ_QUOTA_EXHAUSTED);
        assert_int_equal(tq_provider_verdict(w->provider, NOON_NS, &here), TQ_QUOTA_EXHAUSTED);
        assert_int_equal(there.reasons, here.reasons);
        assert_int_equal(there.retry_at_ns, here.retry_at_ns);
        assert_int_equal(there.refusal, here.refusal);
        assert_int_equal(there.source, here.source);
        assert_int_equal(there.profile, here.profile);
    }
    assert_int_equal(tq_provider_mark_quota_exhausted(w->provider, NOON_NS + DAY_NS), 0);
    assert_int_equal(carry(w, q, NOON_NS), 0);
    assert_int_equal(words_of(q).mark_ns, NOON_NS + DAY_NS);
    /* Cleared is a word, too. */
    assert_int_equal(tq_provider_mark_available_at(w->provider, NOON_NS), 0);
    assert_int_equal(carry(w, q, NOON_NS), 0);
    assert_int_equal(end_at(q, NOON_NS), 0);
    assert_int_equal(words_of(q).marked_at_ns, NOON_NS);
}

/* A probe that one machine took is out on the other, and what one warned of stays its own. */
static void test_a_probe_is_carried(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS + DAY_NS);
    struct tq_provider *q = other(w);
    int64_t due_ns, at_ns;

    assert_int_equal(tq_provider_set_budget(q, 100), 0);
    assert_true(tq_provider_observe(q, 90, NOON_NS, NULL) >= 0);
    assert_int_equal(tq_provider_warn_take(q, 0, 80, NOON_NS), 0);
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq_provider_probe_take(w->provider, NOON_NS, &due_ns), 1);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns, &at_ns), 0);
    assert_int_equal(carry(w, q, due_ns), 0);
    assert_int_equal(words_of(q).probe, words_of(w->provider).probe);
    assert_int_not_equal(words_of(q).probe, 0);
    assert_int_equal(tq_provider_warn_take(q, 0, 80, NOON_NS), 1);
}

/* What changed here since it was read stays, and the rest is taken. */
static void test_a_conflict_leaves_the_newer_word(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS + DAY_NS);
    struct tq_provider *q = other(w);
    struct tq_words seen = words_of(q), said;

    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
    said = words_of(w->provider);
    said.mark_ns = NOON_NS + HOUR_NS;
    assert_int_equal(tq_provider_mark_quota_exhausted(q, NOON_NS + MINUTE_NS), 0);
    assert_int_equal(tq_provider_set_words(q, &seen, &said, NOON_NS), 1);
    assert_int_equal(words_of(q).mark_ns, NOON_NS + MINUTE_NS);
    assert_int_equal(words_of(q).reported, said.reported);
    assert_int_equal(words_of(q).reported_why, said.reported_why);
    seen = words_of(q);
    signal.said_at_ns += MINUTE_NS;
    signal.retry_at_ns += MINUTE_NS;
    assert_int_equal(tq_provider_apply(q, &signal), TQ_QUOTA_EXHAUSTED);
    said = words_of(q);
    assert_int_equal(tq_provider_set_words(q, &seen, &(struct tq_words){.size = sizeof said}, NOON_NS), 1);
    assert_int_equal(words_of(q).reported, said.reported);
    assert_int_equal(words_of(q).reported_why, said.reported_why);
}

static uint64_t refusal(int64_t at_ns, uint32_t length_s, bool probing, uint32_t class)
{
    return tq__refusal_pack(&(struct tq__refusal){
        .at_s = (uint32_t)(at_ns / SECOND_NS), .length_s = length_s, .probing = probing, .refusal = class});
}

/* What no call of the library could have written changes nothing, with all that came with it. */
static void test_hostile_words_are_refused(void **state)
{
    const struct one_provider *w = *state;
    const struct tq_words none = words_of(w->provider);
    const struct {
        struct tq_words to;
    } bad[] = {
        {{.mark_ns = -1}},
        {{.mark_ns = INT64_MIN}},
        {{.marked_at_ns = -1}},
        {{.marked_at_ns = INT64_MAX}},
        {{.marked_at_ns = NOON_NS + HOUR_NS}},
        {{.reported = 1}},
        {{.reported = UINT64_MAX}},
        {{.reported = refusal(NOON_NS, 60, false, TQ_CLASS_THROTTLED)}},
        {{.reported = refusal(NOON_NS, 60, false, TQ_CLASS_TOO_LARGE)}},
        {{.reported = refusal(NOON_NS, 60, false, 7)}},
        {{.reported = refusal(NOON_NS, 60, true, TQ_CLASS_EXHAUSTED)}},
        {{.reported = refusal(NOON_NS, TQ__REFUSAL_LENGTH_MAX + 1, false, TQ_CLASS_EXHAUSTED)}},
        {{.reported = refusal(NOON_NS + HOUR_NS, 60, false, TQ_CLASS_EXHAUSTED)}},
        {{.throttled = refusal(NOON_NS, 60, false, TQ_CLASS_EXHAUSTED)}},
        {{.throttled = refusal(NOON_NS, 60, false, TQ_CLASS_NONE)}},
        {{.throttled = refusal(NOON_NS, 86401, false, TQ_CLASS_THROTTLED)}},
        {{.throttled = refusal(NOON_NS, TQ__REFUSAL_NO_END, false, TQ_CLASS_THROTTLED)}},
        {{.reported = refusal(NOON_NS, 60, false, TQ_CLASS_EXHAUSTED),
          .reported_why = (uint64_t)(NOON_NS / SECOND_NS & 0xffff) << 48 | UINT64_C(0xf) << 36}},
        {{.throttled = refusal(NOON_NS, 60, false, TQ_CLASS_THROTTLED),
          .throttled_why = (uint64_t)(NOON_NS / SECOND_NS & 0xffff) << 48 | UINT64_C(0xf) << 32}},
        {{.probe = 1}},
        {{.probe = UINT64_C(2) << 16}},
        {{.probe = (uint64_t)((NOON_NS + HOUR_NS) / SECOND_NS) << 32}},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct tq_words to = bad[i].to, after;

        to.size = sizeof to;
        if (to.mark_ns == 0)
            to.mark_ns = NOON_NS + HOUR_NS; /* a good word beside it is not taken either */
        assert_int_equal(tq_provider_set_words(w->provider, &none, &to, NOON_NS), TQ_EINVAL);
        after = words_of(w->provider);
        assert_memory_equal(&after, &none, sizeof after);
    }
}

/* Those who wait hear of a word that is set, of one that is cleared, and of nothing else. */
static void test_waiters_are_told(void **state)
{
    const struct one_provider *w = *state;
    struct tq_words none = words_of(w->provider), marked = none;
    uint32_t seen = 0;

    marked.mark_ns = NOON_NS + HOUR_NS;
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    assert_int_equal(tq_provider_set_words(w->provider, &none, &marked, NOON_NS), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    assert_int_equal(tq_provider_set_words(w->provider, &marked, &marked, NOON_NS), 0);
    assert_int_equal(tq_provider_set_words(w->provider, &none, &marked, NOON_NS), 1);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    assert_int_equal(tq_provider_set_words(w->provider, &marked, &none, NOON_NS), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
}

/* A word brings a forgotten provider back; that it was cleared does not. */
static void test_a_forgotten_provider(void **state)
{
    const struct one_provider *w = *state;
    struct tq_words none = words_of(w->provider), marked = none;
    struct tq_provider *walked;
    uint64_t cursor = 0;

    marked.mark_ns = NOON_NS + HOUR_NS;
    assert_int_equal(tq_provider_forget(w->provider), 0);
    assert_int_equal(tq_ledger_walk(w->ledger, &cursor, &walked), 1);
    assert_int_equal(tq_provider_set_words(w->provider, &none, &marked, NOON_NS), 0);
    cursor = 0;
    assert_int_equal(tq_ledger_walk(w->ledger, &cursor, &walked), 0);
    assert_int_equal(tq_provider_forget(w->provider), 0);
    none = words_of(w->provider);
    marked = none;
    marked.marked_at_ns = NOON_NS;
    assert_int_equal(tq_provider_set_words(w->provider, &none, &marked, NOON_NS), 0);
    cursor = 0;
    assert_int_equal(tq_ledger_walk(w->ledger, &cursor, &walked), 1);
}

/* The words of a pool's provider are its own: neither the pool's nor those of others in it change. */
static void test_pools_are_untouched(void **state)
{
    const struct one_provider *w = *state;
    struct tq_provider *pool = other(w);
    struct tq_words none = words_of(w->provider), marked = none, before = words_of(pool), after;

    assert_int_equal(tq_provider_set_pool(w->provider, pool), 0);
    marked.mark_ns = NOON_NS + HOUR_NS;
    marked.reported = refusal(NOON_NS, TQ__REFUSAL_NO_END, false, TQ_CLASS_NO_MONEY);
    assert_int_equal(tq_provider_set_words(w->provider, &none, &marked, NOON_NS), 0);
    after = words_of(pool);
    assert_memory_equal(&after, &before, sizeof after);
    assert_int_equal(end_at(pool, NOON_NS), 0);
    assert_int_equal(end_at(w->provider, NOON_NS), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        one_provider_test(test_bad_arguments),
        one_provider_test(test_what_was_said_here_is_taken_there),
        one_provider_test(test_a_probe_is_carried),
        one_provider_test(test_a_conflict_leaves_the_newer_word),
        one_provider_test(test_hostile_words_are_refused),
        one_provider_test(test_waiters_are_told),
        one_provider_test(test_a_forgotten_provider),
        one_provider_test(test_pools_are_untouched),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
