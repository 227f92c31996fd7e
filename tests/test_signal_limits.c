/* test_signal_limits.c: one object says one thing, through every door by which it can come
 * (tests/vectors/limits.txt).
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "signal_words.h"
#include "tokenquota_logs.h"

#define NOON_NS INT64_C(1795176000000000000)
#define LINE_BYTES 4096
#define FIELDS_MAX 16
#define CASES_MIN 73u /* a file that is cut short must not pass */

struct limits_case {
    char name[128];
    char what[16]; /* codex, claude, statusline, error */
    char object[LINE_BYTES];
    uint32_t status; /* 0: the case says none */
    struct signal_lines expected;
};

/* ---- the doors ------------------------------------------------------------------------------- */

/* Keeps of the lines what is the same through all doors. */
static void common_lines(struct signal_lines *lines)
{
    size_t kept = 0;

    for (size_t i = 0; i < lines->count; i++) {
        char *by = strstr(lines->line[i], " by ");

        if (by)
            *by = '\0';
        if (strcmp(lines->line[i], "success") != 0 && strcmp(lines->line[i], "reading") != 0 &&
            strcmp(lines->line[i], "nothing") != 0)
            memmove(lines->line[kept++], lines->line[i], SIGNAL_LINE_BYTES);
    }
    lines->count = kept;
}

static void expect(const struct limits_case *c, const char *door, int answer,
                   const struct tq_quota_signal *signal)
{
    struct signal_lines came;
    bool same;

    assert_true(answer >= 0);
    assert_int_equal(answer, signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0);
    signal_words(signal, answer == 1, NULL, &came);
    common_lines(&came);
    same = came.count == c->expected.count;
    for (size_t i = 0; same && i < came.count; i++)
        same = strcmp(came.line[i], c->expected.line[i]) == 0;
    if (same)
        return;
    for (size_t i = 0; i < c->expected.count; i++)
        print_error("  expected %s\n", c->expected.line[i]);
    for (size_t i = 0; i < came.count; i++)
        print_error("  came     %s\n", came.line[i]);
    fail_msg("%s, by the door of %s", c->name, door);
}

static void by_object(const struct limits_case *c, const char *door, const char *profile, const char *json)
{
    struct tq_quota_signal signal = {.size = sizeof signal};
    const struct tq_profile *named = profile ? tq_profile_find(profile, strlen(profile)) : NULL;
    int answer = tq_signal_read_limits(named, json, strlen(json), NOON_NS, &signal);

    assert_int_equal(signal.sent_at_ns, 0);
    assert_int_equal(signal.said_at_ns, NOON_NS);
    expect(c, door, answer, &signal);
}

static void by_response(const struct limits_case *c, const char *door, const struct tq_field *fields,
                        size_t count, const char *body)
{
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct tq_response response = {.size = sizeof response,
                                   .status = c->status ? c->status : 200,
                                   .fields = fields,
                                   .field_count = count,
                                   .body = body,
                                   .body_len = body ? strlen(body) : 0,
                                   .sent_at_ns = NOON_NS - 2,
                                   .now_ns = NOON_NS};
    int answer = tq_signal_read(&response, &signal);

    expect(c, door, answer, &signal);
}

static void by_stream(const struct limits_case *c, const char *event)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct tq_usage usage = {.size = sizeof usage};

    assert_non_null(stream);
    for (size_t i = 0; event[i] != '\0'; i++)
        assert_int_equal(tq_usage_stream_feed(stream, event + i, 1), 0);
    assert_true(tq_usage_stream_read(stream, 0, NOON_NS, &usage, &signal) >= 0);
    expect(c, "a stream", signal.refusal == TQ_CLASS_NONE && signal.axis_count == 0, &signal);
    tq_usage_stream_free(stream);
}

/* The object in an event, whole and in a stream. */
static void by_event(const struct limits_case *c, const char *format)
{
    char event[LINE_BYTES + 128], body[LINE_BYTES + 256];

    snprintf(event, sizeof event, format, c->object);
    snprintf(body, sizeof body, "data: %s\n\n", event);
    by_response(c, "a body", NULL, 0, body);
    if (c->status)
        return;
    by_object(c, "an event", NULL, event);
    by_stream(c, body);
}

/* The object in a rollout of Codex, in an event that was written at noon. */
static void by_rollout(const struct limits_case *c)
{
#define LINE(type, payload)                                                                                  \
    "{\"timestamp\":\"2026-11-20T12:00:00Z\",\"type\":\"" type "\",\"payload\":{" payload "}}\n"
    struct tq_log_entry entry = {.size = sizeof entry};
    struct tq_quota_signal none = {.size = sizeof none};
    char rollout[LINE_BYTES + 512];
    struct tq_log_reader *reader;
    struct tq_log_error error;
    int answer;

    snprintf(rollout, sizeof rollout,
             LINE("session_meta", "\"id\":\"s\"")
                 LINE("event_msg", "\"type\":\"token_count\",\"rate_limits\":%s"),
             c->object);
    assert_int_equal(
        tq_log_reader_open_memory(&reader, tq_log_source_find("codex"), rollout, strlen(rollout), &error), 0);
    answer = tq_log_reader_next(reader, &entry, &error);
    assert_in_range(answer, TQ_LOG_RECORD, TQ_LOG_END); /* 1 here as there: it says nothing */
    if (answer == TQ_LOG_RECORD)
        assert_int_equal(entry.signal->said_at_ns, NOON_NS);
    expect(c, "a rollout", answer, answer == TQ_LOG_RECORD ? entry.signal : &none);
    tq_log_reader_close(reader);
}

/* ---- the same as headers --------------------------------------------------------------------- */

struct headers {
    struct tq_field field[FIELDS_MAX];
    char text[FIELDS_MAX][256];
    size_t count;
};

static void add_header(struct headers *headers, const char *name, const char *value)
{
    char *text = headers->text[headers->count];
    size_t len = strlen(name);

    assert_true(headers->count < FIELDS_MAX && len + strlen(value) < sizeof headers->text[0]);
    memcpy(text, name, len);
    memcpy(text + len, value, strlen(value));
    headers->field[headers->count++] = (struct tq_field){text, len, text + len, strlen(value)};
}

/* A value of JSON as a header has it: a number as it is written, a text, True, False. */
static void add_value(struct headers *headers, const char *name, const json_t *value, const char *written)
{
    char number[64];
    size_t len = written ? strspn(written, "-+.0123456789") : 0;

    if (json_is_string(value)) {
        add_header(headers, name, json_string_value(value));
    } else if (json_is_boolean(value)) {
        add_header(headers, name, json_is_true(value) ? "True" : "False");
    } else if (json_is_number(value) && written && len < sizeof number) {
        memcpy(number, written, len);
        number[len] = '\0';
        add_header(headers, name, number);
    }
}

/* The text of a number, which jansson would round. */
static const char *written_in(const char *text, const char *key)
{
    char quoted[64];
    const char *at;

    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    at = text ? strstr(text, quoted) : NULL;
    return at ? at + strlen(quoted) : NULL;
}

static void add_codex_window(struct headers *headers, const struct limits_case *c, const json_t *limits,
                             const char *family, const char *slot)
{
    static const struct {
        const char *key, *part;
    } parts[] = {{"used_percent", "used-percent"},
                 {"window_minutes", "window-minutes"},
                 {"reset_at", "reset-at"},
                 {"resets_at", "reset-at"},
                 {"reset_after_seconds", "reset-after-seconds"},
                 {"resets_in_seconds", "reset-after-seconds"}};
    const char *text = written_in(c->object, slot);

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char name[128];

        snprintf(name, sizeof name, "x-%s-%s-%s", family, slot, parts[i].part);
        add_value(headers, name, json_object_get(json_object_get(limits, slot), parts[i].key),
                  written_in(text, parts[i].key));
    }
}

/* The family of headers of a limit: its id with hyphens. */
static void family_of(const json_t *limits, char *family, size_t size)
{
    const char *id = json_string_value(json_object_get(limits, "limit_id"));
    const char *metered = json_string_value(json_object_get(limits, "metered_limit_name"));
    const char *name = json_string_value(json_object_get(limits, "limit_name"));

    snprintf(family, size, "%s", id ? id : metered ? metered : name ? name : "codex");
    for (char *c = strchr(family, '_'); c; c = strchr(c, '_'))
        *c = '-';
}

static void codex_headers(const struct limits_case *c, const json_t *limits, struct headers *headers)
{
    static const char *const credits[][2] = {{"has_credits", "x-codex-credits-has-credits"},
                                             {"unlimited", "x-codex-credits-unlimited"},
                                             {"balance", "x-codex-credits-balance"}};
    char family[64];

    family_of(limits, family, sizeof family);
    add_codex_window(headers, c, limits, family, "primary");
    add_codex_window(headers, c, limits, family, "secondary");
    for (size_t i = 0; i < 3; i++)
        add_value(headers, credits[i][1], json_object_get(json_object_get(limits, "credits"), credits[i][0]),
                  NULL);
}

static void claude_headers(const struct limits_case *c, const json_t *info, struct headers *headers)
{
    add_value(headers, "anthropic-ratelimit-unified-status", json_object_get(info, "status"), NULL);
    add_value(headers, "anthropic-ratelimit-unified-representative-claim",
              json_object_get(info, "rateLimitType"), NULL);
    add_value(headers, "anthropic-ratelimit-unified-reset", json_object_get(info, "resetsAt"),
              written_in(c->object, "resetsAt"));
    add_value(headers, "anthropic-ratelimit-unified-overage-status", json_object_get(info, "overageStatus"),
              NULL);
}

static void status_line_headers(const struct limits_case *c, const json_t *line, struct headers *headers)
{
    static const char *const windows[][2] = {{"five_hour", "5h"},
                                             {"seven_day", "7d"},
                                             {"seven_day_opus", "7d_opus"},
                                             {"seven_day_sonnet", "7d_sonnet"}};

    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        const json_t *window = json_object_get(json_object_get(line, "rate_limits"), windows[i][0]);
        double used = json_number_value(json_object_get(window, "used_percentage"));
        char name[128], fraction[32], quoted[64];

        if (!window)
            continue;
        snprintf(name, sizeof name, "anthropic-ratelimit-unified-%s-utilization", windows[i][1]);
        snprintf(fraction, sizeof fraction, "%.4f", used / 100);
        add_header(headers, name, fraction);
        snprintf(name, sizeof name, "anthropic-ratelimit-unified-%s-status", windows[i][1]);
        add_header(headers, name, used >= 100 ? "rejected" : "allowed");
        snprintf(name, sizeof name, "anthropic-ratelimit-unified-%s-reset", windows[i][1]);
        snprintf(quoted, sizeof quoted, "\"%s\"", windows[i][0]);
        add_value(headers, name, json_object_get(window, "resets_at"),
                  written_in(strstr(c->object, quoted), "resets_at"));
    }
}

static void by_headers(const struct limits_case *c,
                       void (*make)(const struct limits_case *, const json_t *, struct headers *))
{
    json_t *object = json_loads(c->object, 0, NULL);
    struct headers headers = {.count = 0};

    assert_non_null(object);
    make(c, object, &headers);
    by_response(c, "headers", headers.field, headers.count, NULL);
    json_decref(object);
}

/* What a usage endpoint answers has status 200, and no request was served or refused. */
static void by_poll(const struct limits_case *c)
{
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct tq_response response = {.size = sizeof response,
                                   .status = 200,
                                   .body = c->object,
                                   .body_len = strlen(c->object),
                                   .sent_at_ns = NOON_NS - 2,
                                   .now_ns = NOON_NS};
    struct tq_usage usage = {.size = sizeof usage};

    by_object(c, "the object", NULL, c->object);
    expect(c, "a body", tq_signal_read(&response, &signal), &signal);
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
    assert_int_equal((signal.flags & TQ_SIGNAL_READING) != 0, signal.refusal != TQ_CLASS_NONE);
    assert_int_equal(tq_usage_read(NULL, c->object, strlen(c->object), &usage), 1);
}

/* A stream says nothing of it, and nothing was served either. */
static void polls_in_streams_are_no_success(const struct limits_case *c)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct tq_usage usage = {.size = sizeof usage};

    assert_non_null(stream);
    assert_int_equal(tq_usage_stream_feed(stream, c->object, strlen(c->object)), 0);
    assert_int_equal(tq_usage_stream_read(stream, 0, NOON_NS, &usage, &signal), 1);
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
    tq_usage_stream_free(stream);
}

/* ---- the cases ------------------------------------------------------------------------------- */

static void run_case(const struct limits_case *c)
{
    char event[LINE_BYTES + 128];

    if (strcmp(c->what, "codex") == 0) {
        if (!c->status) {
            by_object(c, "the object", NULL, c->object);
            by_object(c, "the object, by name", "codex", c->object);
            by_rollout(c);
        }
        by_event(c, "{\"type\":\"codex.rate_limits\",\"plan_type\":\"plus\",\"rate_limits\":%s}");
        if (!strstr(c->object, "reached_type"))
            by_headers(c, codex_headers);
    } else if (strcmp(c->what, "claude") == 0) {
        by_object(c, "the object by name", "anthropic-subscription", c->object);
        by_event(c, "{\"type\":\"rate_limit_event\",\"rate_limit_info\":%s,\"uuid\":\"x\"}");
        by_headers(c, claude_headers);
    } else if (strcmp(c->what, "statusline") == 0) {
        struct tq_quota_signal signal = {.size = sizeof signal};

        by_object(c, "the object", NULL, c->object);
        expect(c, "the status line", tq_signal_statusline(c->object, strlen(c->object), NOON_NS, &signal),
               &signal);
        by_headers(c, status_line_headers);
    } else if (strcmp(c->what, "poll") == 0) {
        by_poll(c);
        polls_in_streams_are_no_success(c);
    } else {
        struct limits_case refused = *c;

        refused.status = 429;
        by_object(c, "the object", NULL, c->object);
        by_response(&refused, "a body", NULL, 0, c->object);
        snprintf(event, sizeof event, "data: %s\n\n", c->object);
        by_stream(c, event);
    }
}

static bool take_line(struct limits_case *c, char *text)
{
    char *value = strchr(text, ' ');

    if (strncmp(text, "case ", 5) == 0) {
        *c = (struct limits_case){.status = 0};
        snprintf(c->name, sizeof c->name, "%.120s", text + 5);
    } else if (value && (strncmp(text, "codex ", 6) == 0 || strncmp(text, "claude ", 7) == 0 ||
                         strncmp(text, "statusline ", 11) == 0 || strncmp(text, "poll ", 5) == 0 ||
                         strncmp(text, "error ", 6) == 0)) {
        snprintf(c->what, sizeof c->what, "%.*s", (int)(value - text), text);
        snprintf(c->object, sizeof c->object, "%.4000s", value + 1);
    } else if (strncmp(text, "status ", 7) == 0) {
        c->status = (uint32_t)strtoul(text + 7, NULL, 10);
    } else {
        return signal_words_line(text, NOON_NS, c->expected.line[c->expected.count++]);
    }
    return true;
}

static void every_object_through_every_door(void **state)
{
    FILE *file = fopen("tests/vectors/limits.txt", "r");
    struct limits_case c = {.status = 0};
    char text[LINE_BYTES];
    unsigned cases = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(text, sizeof text, file)) {
        text[strcspn(text, "\n")] = '\0';
        if (*text == '#')
            continue;
        if (*text == '\0' && c.what[0]) {
            signal_words_sort(c.expected.line, c.expected.count);
            run_case(&c);
            cases++;
            c.what[0] = '\0';
        } else if (*text && !take_line(&c, text)) {
            fail_msg("%s: not understood: %s", c.name, text);
        }
    }
    if (c.what[0]) {
        signal_words_sort(c.expected.line, c.expected.count);
        run_case(&c);
        cases++;
    }
    fclose(file);
    assert_true(cases >= CASES_MIN);
}

/* Event, status line and what is neither. */
static void arguments_are_checked(void **state)
{
    static const char good[] = "{\"rate_limits\":{}}";
    struct tq_quota_signal signal = {.size = sizeof signal}, small = {.size = 8};

    (void)state;
    assert_int_equal(tq_signal_read_limits(NULL, NULL, 0, NOON_NS, &signal), TQ_EINVAL);
    assert_int_equal(tq_signal_read_limits(NULL, good, sizeof good - 1, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_signal_read_limits(NULL, good, sizeof good - 1, NOON_NS, &small), TQ_EINVAL);
    assert_int_equal(tq_signal_read_limits(NULL, good, sizeof good - 2, NOON_NS, &signal), TQ_EINVAL);
    assert_int_equal(tq_signal_read_limits(NULL, "[]", 2, NOON_NS, &signal), TQ_EINVAL);
    assert_int_equal(tq_signal_read_limits(NULL, good, sizeof good - 1, INT64_MAX, &signal), TQ_ERANGE);
    assert_int_equal(tq_signal_read_limits(NULL, good, sizeof good - 1, NOON_NS, &signal), 1);
    assert_int_equal(tq_signal_read_limits(NULL, "{}", 2, NOON_NS, &signal), 1);
    assert_int_equal(signal.binds, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_through_every_door),
        cmocka_unit_test(arguments_are_checked),
    };

    return cmocka_run_group_tests_name("signal_limits", tests, NULL, NULL);
}
