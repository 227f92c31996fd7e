/* test_signal_names.c: names of windows, accounts, and signals of the size that had neither.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "signal_promises.h"

#define OLDER_SIZE offsetof(struct tq_quota_signal, account)

static struct tq_field field(const char *name, const char *value)
{
    return (struct tq_field){name, strlen(name), value, strlen(value)};
}

static struct tq_response response_of(const struct tq_field *fields, size_t count, const char *body)
{
    return (struct tq_response){.size = sizeof(struct tq_response),
                                .status = 200,
                                .fields = fields,
                                .field_count = count,
                                .body = body,
                                .body_len = body ? strlen(body) : 0,
                                .now_ns = NOON_NS};
}

/* The name that a limit of Codex with this id gets. */
static const char *name_of(const char *id)
{
    static struct tq_quota_signal signal;
    struct tq_response response = {.now_ns = NOON_NS};
    char json[512];

    memset(&signal, 0xa5, sizeof signal);
    signal.size = sizeof signal;
    snprintf(json, sizeof json,
             "{\"limit_id\":\"%s\",\"primary\":{\"used_percent\":1,\"window_minutes\":300}}", id);
    assert_int_equal(tq_signal_read_limits(NULL, json, strlen(json), NOON_NS, &signal), 0);
    signal_promises(&response, &signal);
    assert_int_equal(signal.axis_count, 1);
    return signal.window_name[0];
}

static void names_are_short_and_safe(void **state)
{
    (void)state;
    assert_string_equal(name_of("codex_bengalfox"), "bengalfox");
    assert_string_equal(name_of("CODEX-Bengal-Fox"), "bengal_fox");
    assert_string_equal(name_of("A new Model"), "a_new_model");
    assert_string_equal(name_of("a\\u0041\\n\\u202e\\u009b"), "aa???");
    assert_string_equal(name_of("codex"), "");
    assert_string_equal(name_of("codex_"), "codex_");
}

/* Names of every length: as much of them as fits, and no half of a character. */
static void names_are_cut_between_characters(void **state)
{
    static const char *const characters[] = {"a", "\xc3\xa9", "\xe5\x88\xb6", "\xf0\x9f\xa6\x8a", "\\u00e9"};
    static const size_t bytes[] = {1, 2, 3, 4, 2};

    (void)state;
    for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++)
        for (size_t count = 1; count < 60; count++) {
            char *id = signal_repeat(characters[i], count * strlen(characters[i]));
            size_t most = (TQ_WINDOW_NAME_MAX - 1) / bytes[i];
            size_t len = strlen(name_of(id));

            /* An escape is longer than its character: the text of a name is cut, too. */
            if (i < 4)
                assert_int_equal(len, (count < most ? count : most) * bytes[i]);
            assert_true(len > 0 && len < TQ_WINDOW_NAME_MAX && len % bytes[i] == 0);
            free(id);
        }
}

static void names_of_no_utf8(void **state)
{
    static const char value[] = "\"a\xff\";r=1, \"b\";r=2";
    struct tq_field fields[] = {field("ratelimit", value), field("x-q\xff-primary-used-percent", "5"),
                                field("x-q\xff-primary-window-minutes", "300")};
    struct tq_quota_signal signal = signal_read_kept(response_of(fields, 3, NULL));

    (void)state;
    assert_int_equal(signal.axis_count, 1);
    assert_string_equal(signal.window_name[0], "q?");
}

static void accounts_are_told_apart(void **state)
{
    struct tq_field one = field("Anthropic-Organization-Id", " org-1 ");
    struct tq_field same = field("openai-organization", "org-1"),
                    other = field("openai-organization", "org-2");
    struct tq_field none = field("openai-organization", "");
    uint64_t account = signal_read_kept(response_of(&one, 1, NULL)).account;

    (void)state;
    assert_true(account != 0);
    assert_true(signal_read_kept(response_of(&same, 1, NULL)).account == account);
    assert_true(signal_read_kept(response_of(&other, 1, NULL)).account != account);
    assert_true(signal_read_kept(response_of(&none, 1, NULL)).account == 0);
    assert_true(signal_read_kept(response_of(NULL, 0, NULL)).account == 0);
}

/* ---- signals of an older size ---------------------------------------------------------------- */

/* A signal in memory that ends where its size does, so that a sanitizer sees a write behind it. The compiler
 * must not see it: it warns. */
__attribute__((noinline)) static struct tq_quota_signal *older(size_t size)
{
    struct tq_quota_signal *signal = malloc(size);

    assert_non_null(signal);
    memset(signal, 0xa5, size);
    signal->size = (uint32_t)size;
    return signal;
}

/* All but account and names is the same, and nothing is written behind the size. */
static void expect_same(const struct tq_quota_signal *signal, const struct tq_quota_signal *whole)
{
    assert_int_equal(signal->axis_count, whole->axis_count);
    assert_memory_equal(signal->axis, whole->axis, whole->axis_count * sizeof whole->axis[0]);
    assert_int_equal(signal->refusal, whole->refusal);
    assert_int_equal(signal->flags, whole->flags);
    assert_int_equal(signal->retry_at_ns, whole->retry_at_ns);
    for (size_t i = OLDER_SIZE; i < signal->size; i++)
        assert_int_equal(((const unsigned char *)signal)[i], 0xa5);
}

static void an_older_size_is_enough(void **state)
{
    static const char poll[] =
        "{\"five_hour\":{\"utilization\":100,\"resets_at\":\"2026-11-20T14:00:00Z\"},"
        "\"seven_day_opus\":{\"utilization\":3,\"resets_at\":\"2026-11-23T12:00:00Z\"}}";
    static const char line[] = "{\"rate_limits\":{\"seven_day_opus\":{\"used_percentage\":3}}}";
    static const char event[] =
        "data: {\"type\":\"codex.rate_limits\",\"rate_limits\":{\"limit_id\":\"codex_other\",\"primary\":"
        "{\"used_percent\":100,\"window_minutes\":300,\"reset_at\":1795183200},\"credits\":{\"has_credits\":"
        "false}}}\n\n";
    static const size_t sizes[] = {OLDER_SIZE, OLDER_SIZE + 8, sizeof(struct tq_quota_signal) - 1};
    struct tq_field id = field("anthropic-organization-id", "org-1");
    struct tq_response response = response_of(&id, 1, poll);
    struct tq_quota_signal whole = {.size = sizeof whole};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tq_quota_signal *signal = older(sizes[i]);
        struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
        struct tq_usage usage = {.size = sizeof usage};

        assert_non_null(stream);
        assert_int_equal(tq_signal_read(&response, signal), tq_signal_read(&response, &whole));
        assert_int_equal(signal->axis_count, 2);
        expect_same(signal, &whole);
        assert_int_equal(tq_signal_read_limits(NULL, poll, strlen(poll), NOON_NS, signal),
                         tq_signal_read_limits(NULL, poll, strlen(poll), NOON_NS, &whole));
        expect_same(signal, &whole);
        assert_int_equal(tq_signal_statusline(line, strlen(line), NOON_NS, signal),
                         tq_signal_statusline(line, strlen(line), NOON_NS, &whole));
        expect_same(signal, &whole);
        assert_int_equal(tq_usage_stream_feed(stream, event, strlen(event)), 0);
        assert_int_equal(tq_usage_stream_read(stream, 0, NOON_NS, &usage, &whole), 1);
        assert_int_equal(tq_usage_stream_read(stream, 0, NOON_NS, &usage, signal), 1);
        assert_int_equal(signal->refusal, TQ_CLASS_EXHAUSTED);
        expect_same(signal, &whole);
        tq_usage_stream_free(stream);
        free(signal);
    }
}

static void a_smaller_size_is_refused(void **state)
{
    struct tq_response response = response_of(NULL, 0, NULL);
    struct tq_quota_signal *signal = older(OLDER_SIZE - 1);

    (void)state;
    assert_int_equal(tq_signal_read(&response, signal), TQ_EINVAL);
    assert_int_equal(tq_signal_read_limits(NULL, "{}", 2, NOON_NS, signal), TQ_EINVAL);
    assert_int_equal(tq_signal_statusline("{}", 2, NOON_NS, signal), TQ_EINVAL);
    free(signal);
}

/* ---- hostile polls --------------------------------------------------------------------------- */

/* Each byte of a poll becomes another one: whatever comes of it holds what is promised. */
static void polls_with_a_wrong_byte(void **state)
{
    static const char *const polls[] = {
        "{\"five_hour\":{\"utilization\":100,\"resets_at\":\"2026-11-20T14:00:00Z\"},\"limits\":[{\"kind\":"
        "\"weekly_scoped\",\"percent\":9,\"resets_at\":null,\"scope\":{\"model\":{\"display_name\":\"F\"}}}]"
        "}",
        "{\"plan_type\":\"p\",\"rate_limit\":{\"primary_window\":{\"used_percent\":100,\"limit_window_"
        "seconds\":"
        "18000,\"reset_at\":1795183200}},\"additional_rate_limits\":[{\"limit_name\":\"a\",\"rate_limit\":{}}"
        "]}",
        "{\"quota_reset_date\":\"2026-12-01\",\"quota_snapshots\":{\"chat\":{\"entitlement\":2,\"remaining\":"
        "1}}}",
        "{\"data\":{\"limits\":[{\"type\":\"TOKENS_LIMIT\",\"unit\":3,\"number\":5,\"percentage\":100,"
        "\"nextResetTime\":1795183200000}]}}",
        "{\"usage\":{\"limit\":\"9\",\"used\":\"9\",\"resetTime\":\"2026-11-20T14:00:00Z\"},\"limits\":[{"
        "\"window\":"
        "{\"duration\":300,\"timeUnit\":\"TIME_UNIT_MINUTE\"},\"detail\":{\"limit\":\"5\",\"remaining\":"
        "\"1\"}}]}",
        "{\"data\":{\"limit\":1,\"limit_remaining\":0.5,\"usage\":0.5,\"limit_reset\":null}}",
    };
    static const char bytes[] = "\"{}[]:,0-9e.\\\x01\xff ntA";

    (void)state;
    for (size_t i = 0; i < sizeof polls / sizeof polls[0]; i++) {
        size_t len = strlen(polls[i]);
        char *body = malloc(len);

        assert_non_null(body);
        for (size_t at = 0; at < len; at++)
            for (size_t b = 0; b < sizeof bytes - 1; b++) {
                struct tq_response response = response_of(NULL, 0, NULL);

                memcpy(body, polls[i], len);
                body[at] = bytes[b];
                response.body = body;
                response.body_len = b == 0 ? at : len; /* and cut off there */
                (void)signal_read_kept(response);
            }
        free(body);
    }
}

/* More windows than there is room for. */
static void a_poll_with_a_thousand_windows(void **state)
{
    char *body = malloc(100000);
    size_t len = 0;
    struct tq_response response = response_of(NULL, 0, NULL);
    struct tq_quota_signal signal;

    (void)state;
    assert_non_null(body);
    len += (size_t)snprintf(body, 100, "{\"five_hour\":{\"utilization\":1,\"resets_at\":null}");
    for (int i = 0; i < 1000; i++)
        len += (size_t)snprintf(body + len, 100, ",\"seven_day_%d\":{\"utilization\":%d}", i, i % 100);
    len += (size_t)snprintf(body + len, 2, "}");
    response.body = body;
    response.body_len = len;
    signal = signal_read_kept(response);
    assert_true(signal.axis_count > 8);
    assert_true(signal.flags & TQ_SIGNAL_AXES_DROPPED);
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
    free(body);
}

/* Text that a model wrote about limits is no poll. */
static void a_served_answer_about_resets_is_a_success(void **state)
{
    static const char body[] =
        "{\"id\":\"1\",\"choices\":[{\"message\":{\"content\":\"the reset of "
        "{\\\"five_hour\\\":{}}\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";
    struct tq_quota_signal signal = signal_read_kept(response_of(NULL, 0, body));

    (void)state;
    assert_true(signal.flags & TQ_SIGNAL_SUCCESS);
    assert_int_equal(signal.axis_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_short_and_safe),
        cmocka_unit_test(names_are_cut_between_characters),
        cmocka_unit_test(names_of_no_utf8),
        cmocka_unit_test(accounts_are_told_apart),
        cmocka_unit_test(an_older_size_is_enough),
        cmocka_unit_test(a_smaller_size_is_refused),
        cmocka_unit_test(polls_with_a_wrong_byte),
        cmocka_unit_test(a_poll_with_a_thousand_windows),
        cmocka_unit_test(a_served_answer_about_resets_is_a_success),
    };

    return cmocka_run_group_tests_name("signal_names", tests, NULL, NULL);
}
