/* test_import_limits.c: what an import counts in limits of each unit, when logs grow, move and come late.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness.h"
#include "import/import.h"
#include "scratch.h"

#define CLAUDE "claude"
#define BUCKETS "openai-usage"
#define TODAY_NS (MAY_DAY_NS + 4 * DAY_NS) /* 2024-05-05 */

static void hear(struct import *import, enum import_event event, const struct merge_file *file)
{
    (void)import, (void)file;
    assert_int_equal(event, IMPORT_READS);
}

/* Imports what is new of one file into the provider "p". */
static void import_file(void **state, struct tq_ledger *ledger, const char *source, const char *path)
{
    static atomic_bool stop;
    char name[PATH_MAX], ledger_path[PATH_MAX], *paths[] = {name, NULL};
    struct import_logs logs = {.paths = paths, .source = tq_log_source_find(source), .name = "p"};
    struct import import = {
        .request = {.logs = &logs, .log_count = 1, .since_ns = INT64_MIN, .at_ns = TODAY_NS + 20 * HOUR_NS},
        .path = ledger_path,
        .ledger = ledger,
        .stop = &stop,
        .tell = hear,
        .watch_fd = -1,
        .store.fd = -1,
    };

    snprintf(name, sizeof name, "%s", path);
    snprintf(ledger_path, sizeof ledger_path, "%s", scratch_path(state, "ledger"));
    if (import_open(&import) < 0 || import_pass(&import) < 0)
        fail_msg("%s", import.error.text);
    import_close(&import);
}

static void append(const char *path, const char *line)
{
    FILE *file = fopen(path, "a");

    assert_non_null(file);
    fputs(line, file);
    assert_int_equal(fclose(file), 0);
}

/* A line of a response that read 10 and 100 from the cache. */
static void append_claude(const char *path, const char *at, const char *id, int output)
{
    char line[512];

    snprintf(line, sizeof line,
             "{\"type\":\"assistant\",\"timestamp\":\"%s\",\"sessionId\":\"s\",\"requestId\":\"r%s\","
             "\"message\":{\"id\":\"m%s\",\"model\":\"c\",\"usage\":{\"input_tokens\":10,"
             "\"cache_read_input_tokens\":100,\"output_tokens\":%d}}}\n",
             at, id, id, output);
    append(path, line);
}

static void append_bucket(const char *path, int input, int output, int requests)
{
    char line[512];

    snprintf(line, sizeof line,
             "{\"object\":\"bucket\",\"start_time\":%lld,\"end_time\":%lld,\"results\":[{\"object\":"
             "\"organization.usage.completions.result\",\"input_tokens\":%d,\"output_tokens\":%d,"
             "\"num_model_requests\":%d,\"model\":\"g\"}]}\n",
             (long long)(TODAY_NS / TQ__SECOND_NS), (long long)((TODAY_NS + DAY_NS) / TQ__SECOND_NS), input,
             output, requests);
    append(path, line);
}

static struct tq_provider *limited(struct tq_ledger *ledger, const char *const *sentences)
{
    struct tq_provider *provider = handle(ledger, "p");

    for (; *sentences; sentences++) {
        struct tq_limit limit = {.size = sizeof limit};

        assert_int_equal(tq_limit_parse(*sentences, &limit, NULL), 0);
        assert_true(tq_provider_set_limit(provider, &limit, NULL) > 0);
    }
    return provider;
}

static struct tq_limit_state look(const struct tq_provider *provider, uint32_t number, int64_t at_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};

    assert_true(tq_provider_limits(provider, at_ns, states, TQ_LIMITS_MAX) >= (int)number);
    return states[number - 1];
}

#define expect(number, at_ns, tokens)                                                                        \
    assert_int_equal(look(provider, (number), (at_ns)).used, (int64_t)(tokens))

static const char *const by_day[] = {"tokens per day", "input per day",    "output per day",
                                     "total per day",  "requests per day", NULL};

static void a_response_that_grows_counts_once(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = limited(ledger, by_day);
    const char *path = scratch_path(state, "log");

    append_claude(path, "2024-05-05T10:00:00Z", "1", 5);
    append_claude(path, "2024-05-05T10:00:01Z", "1", 50);
    import_file(state, ledger, CLAUDE, path);
    expect(1, TODAY_NS, 60);
    expect(2, TODAY_NS, 110);
    expect(3, TODAY_NS, 50);
    expect(4, TODAY_NS, 160);
    expect(5, TODAY_NS, 1);
    /* A later import knows no classes of it: it grows in its output. */
    append_claude(path, "2024-05-05T10:00:02Z", "1", 80);
    append_claude(path, "2024-05-05T10:00:03Z", "2", 0);
    import_file(state, ledger, CLAUDE, path);
    expect(1, TODAY_NS, 100);
    expect(2, TODAY_NS, 220);
    expect(3, TODAY_NS, 80);
    expect(4, TODAY_NS, 300);
    expect(5, TODAY_NS, 2);
    tq_ledger_close(ledger);
}

/* Then tokens and a request are taken from the day before; input and output stay there. */
static void a_response_that_moves_leaves_its_classes(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = limited(ledger, by_day);
    const char *path = scratch_path(state, "log");

    append_claude(path, "2024-05-04T23:59:59Z", "1", 5);
    append_claude(path, "2024-05-04T23:50:00Z", "2", 7);
    import_file(state, ledger, CLAUDE, path);
    append_claude(path, "2024-05-05T00:00:01Z", "1", 50);
    import_file(state, ledger, CLAUDE, path);
    expect(1, TODAY_NS, 60);
    expect(2, TODAY_NS, 110);
    expect(3, TODAY_NS, 50);
    expect(5, TODAY_NS, 1);
    expect(1, TODAY_NS - 1, 17);
    expect(5, TODAY_NS - 1, 1);
    expect(2, TODAY_NS - 1, 220);
    expect(3, TODAY_NS - 1, 12);
    tq_ledger_close(ledger);
}

/* It is taken from the window of the day that is nearest to the entry, not from the day's first. */
static void a_short_window_loses_what_it_counted(void **state)
{
    static const char *const hours[] = {"tokens per 1h from 2024-01-01", NULL};
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = limited(ledger, hours);
    const char *path = scratch_path(state, "log");

    append_claude(path, "2024-05-04T23:59:59Z", "1", 5);
    import_file(state, ledger, CLAUDE, path);
    expect(1, TODAY_NS - 1, 15);
    append_claude(path, "2024-05-05T00:00:01Z", "1", 50);
    import_file(state, ledger, CLAUDE, path);
    expect(1, TODAY_NS, 60);
    expect(1, TODAY_NS - 1, 0);
    tq_ledger_close(ledger);
}

static void a_bucket_grows_and_shrinks(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = limited(ledger, by_day);
    const char *path = scratch_path(state, "log");

    append_bucket(path, 100, 50, 3);
    import_file(state, ledger, BUCKETS, path);
    append_bucket(path, 200, 100, 6); /* classes are not remembered: half of each is new */
    import_file(state, ledger, BUCKETS, path);
    expect(1, TODAY_NS, 300);
    expect(2, TODAY_NS, 200);
    expect(3, TODAY_NS, 100);
    expect(5, TODAY_NS, 6);
    append_bucket(path, 250, 130, 6);
    append_bucket(path, 250, 140, 7);
    import_file(state, ledger, BUCKETS, path);
    expect(1, TODAY_NS, 390);
    expect(4, TODAY_NS, 391); /* 53 + 28, each rounded up, of 80 that are new; then 10 */
    expect(5, TODAY_NS, 9);   /* 2 and 1 new, as it seems */
    append_bucket(path, 240, 130, 7);
    import_file(state, ledger, BUCKETS, path);
    expect(1, TODAY_NS, 370);
    expect(4, TODAY_NS, 371);
    expect(5, TODAY_NS, 9);
    expect(2, TODAY_NS, 253);
    tq_ledger_close(ledger);
}

/* The import of a day that has passed leaves the windows of today alone. */
static void a_late_import_disturbs_no_window(void **state)
{
    static const char *const sentences[] = {"100 tokens per day America/Los_Angeles",
                                            "100 tokens per 5h from 2024-01-01",
                                            "100 tokens per 5h first-use",
                                            "100 tokens per 24h rolling",
                                            "100 requests per week",
                                            NULL};
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = limited(ledger, sentences);
    int64_t at_ns = TODAY_NS + 12 * HOUR_NS;
    struct tq_limit_state before[5];
    char now[PATH_MAX], old[PATH_MAX];

    snprintf(now, sizeof now, "%s", scratch_path(state, "now"));
    snprintf(old, sizeof old, "%s", scratch_path(state, "old"));
    append_claude(now, "2024-05-05T12:00:00Z", "now", 30);
    import_file(state, ledger, CLAUDE, now);
    for (uint32_t i = 0; i < 5; i++)
        before[i] = look(provider, i + 1, at_ns);
    append_claude(old, "2024-05-01T12:00:00Z", "a", 500);
    append_claude(old, "2024-05-03T07:00:00Z", "b", 500);
    append_claude(old, "2024-04-20T12:00:00Z", "c", 500);
    import_file(state, ledger, CLAUDE, old);
    for (uint32_t i = 0; i < 4; i++) {
        struct tq_limit_state after = look(provider, i + 1, at_ns);

        assert_int_equal(before[i].used, 40);
        assert_memory_equal(&after, &before[i], sizeof after);
    }
    expect(5, at_ns, 3); /* this week's, which began on 2024-04-29 */
    assert_int_equal(tq_provider_used(provider, MAY_DAY_NS), 510);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_response_that_grows_counts_once),
        scratch_test(a_response_that_moves_leaves_its_classes),
        scratch_test(a_short_window_loses_what_it_counted),
        scratch_test(a_bucket_grows_and_shrinks),
        scratch_test(a_late_import_disturbs_no_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
