/* test_signal_errors.c: each row of the tables of words and phrases is reached, and means what it says.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row behind another one that always comes first would be dead, and nobody would notice.
 */
#include <stdio.h>

#include "harness.h"
#include "signals/error_rows.h"
#include "signals/profile.h"

#define NOON_NS INT64_C(1795176000000000000) /* 2026-11-20 12:00 UTC */
#define S INT64_C(1000000000)

static struct tq_quota_signal read_body(const struct tq_profile *profile, uint32_t status, const char *body)
{
    struct tq_response response = {.size = sizeof response,
                                   .profile = profile,
                                   .status = status,
                                   .body = body,
                                   .body_len = strlen(body),
                                   .sent_at_ns = NOON_NS - S,
                                   .now_ns = NOON_NS};
    struct tq_quota_signal signal = {.size = sizeof signal};

    assert_true(tq_signal_read(&response, &signal) >= 0);
    return signal;
}

/* Reads a body in which only the row's text says something: by the row's vendor, and by nobody in particular.
 */
static void check_row(const struct tq__error_row *row, const char *body)
{
    uint32_t status = row->status ? row->status : 429, by_status = TQ_CLASS_THROTTLED;
    struct tq_quota_signal signal = read_body(tq_profile_of(row->profile), status, body);

    if (signal.refusal != (row->refusal ? row->refusal : by_status))
        fail_msg("class %s: %s", tq_class_name(signal.refusal), body);
    if (row->model_only && !(signal.flags & TQ_SIGNAL_MODEL_ONLY))
        fail_msg("not of the model: %s", body);
    if (row->ends != TQ__ENDS_NEVER && signal.source != TQ_SOURCE_CALENDAR)
        fail_msg("no end: %s", body);
    signal = read_body(NULL, status, body);
    if (row->tells == TQ__TELLS_ALONE && signal.profile != row->profile)
        fail_msg("by %s: %s", tq_profile_name(tq_profile_of(signal.profile)), body);
    /* Whoever the headers look like: the caller names no vendor. */
    if (row->tells == TQ__TELLS_ALONE && row->refusal)
        assert_int_equal(signal.refusal, row->refusal);
}

static void each_word_is_reached(void **state)
{
    char body[256];

    (void)state;
    for (size_t i = 0; i < tq__error_words_count; i++) {
        snprintf(body, sizeof body, "{\"error\":{\"code\":\"%s\",\"message\":\"x\"}}",
                 tq__error_words[i].text);
        check_row(&tq__error_words[i], body);
    }
}

static void each_phrase_is_reached(void **state)
{
    char body[256];

    (void)state;
    for (size_t i = 0; i < tq__error_phrases_count; i++) {
        snprintf(body, sizeof body, "{\"error\":{\"message\":\"It says: %s, here.\"}}",
                 tq__error_phrases[i].text);
        check_row(&tq__error_phrases[i], body);
    }
}

/* The rows are compared with texts in lower case. */
static void texts_are_in_lower_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < tq__error_words_count; i++)
        for (const char *c = tq__error_words[i].text; *c; c++)
            assert_int_equal(tq__lower(*c), *c);
    for (size_t i = 0; i < tq__error_phrases_count; i++)
        for (const char *c = tq__error_phrases[i].text; *c; c++)
            assert_int_equal(tq__lower(*c), *c);
}

/* What is said beside a bad key or a fault of the server is about that. */
static void words_of_several_need_a_status_of_quota(void **state)
{
    static const char body[] = "{\"error\":{\"message\":\"weekly usage limit; insufficient balance\"}}";
    static const uint32_t statuses[] = {401, 404, 500, 502};

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        assert_int_equal(read_body(NULL, statuses[i], body).refusal, TQ_CLASS_NONE);
    assert_int_equal(read_body(NULL, 403, body).refusal, TQ_CLASS_NO_MONEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_is_reached),
        cmocka_unit_test(each_phrase_is_reached),
        cmocka_unit_test(texts_are_in_lower_case),
        cmocka_unit_test(words_of_several_need_a_status_of_quota),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
