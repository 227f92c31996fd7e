/* observe.c: POST /v1/observe counts one record, or up to 10,000 of them.
 *
 * SPDX-License-Identifier: MIT
 *
 * All records are read before the first is counted: what a client wrote wrongly refuses the whole body, with
 * nothing counted. What only counting shows, such as a day that the ledger no longer keeps, is said for each
 * record, and the others are counted.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/number.h"
#include "base/time.h"
#include "http.h"
#include "ids.h"
#include "records.h"
#include "routes.h"
#include "serve.h"
#include "view/json.h"
#include "view/observe.h"

/* A record that was not counted. */
struct failure {
    size_t index;
    int code;
};

struct observing {
    struct server *server;
    int64_t now_ns;
    struct records records;
    struct failure *failures;
    size_t failure_count, failure_capacity;
    size_t counted, duplicates;
    int64_t since_ns; /* since when ids are known */
};

/* ---- counting -------------------------------------------------------------------------------- */

/* 0 or 1: counted. */
static int count(const struct observing *observing, struct record *record)
{
    char name[RECORD_TEXT_BYTES];
    bool is_new;
    int answer = 0;

    if (!record->provider) {
        (void)record_text(record->name, name);
        answer = observe_provider(observing->server->ledger, name, record->at_ns, &record->provider, &is_new);
    }
    if (answer != 0)
        return answer;
    if (record->has_usage)
        return tq_provider_observe_usage(record->provider, &record->usage, record->at_ns, NULL);
    return tq_provider_observe(record->provider, record->tokens, record->at_ns, NULL);
}

/* Counts a record with an id, unless it was counted before: 2. */
static int count_once(const struct observing *observing, struct record *record)
{
    struct ids *ids = observing->server->ids;
    char id[RECORD_TEXT_BYTES];
    int answer = ids_find(ids, id, record_text(record->id, id));

    if (answer != 0)
        return answer < 0 ? answer : 2;
    answer = count(observing, record);
    if (answer >= 0)
        ids_note(ids);
    return answer;
}

/* Notes what became of a record. 0, or TQ_ENOMEM. */
static int note(struct observing *observing, size_t index, int answer)
{
    struct failure *failures;

    if (answer >= 0) {
        observing->counted += answer < 2;
        observing->duplicates += answer == 2;
        return 0;
    }
    failures = tq__list_room(observing->failures, observing->failure_count, &observing->failure_capacity,
                             sizeof *failures);
    if (!failures)
        return TQ_ENOMEM;
    observing->failures = failures;
    failures[observing->failure_count++] = (struct failure){index, answer};
    return 0;
}

/* 0; or TQ_EGONE, as if nothing had been counted: what was, was counted on a file that is gone. */
static int count_all(struct observing *observing)
{
    struct records *records = &observing->records;
    int answer = 0;

    for (size_t i = 0; i < records->count && answer != TQ_EGONE; i++) {
        struct record *record = &records->items[i];

        answer = record->id.at ? count_once(observing, record) : count(observing, record);
        /* Without memory for the note the record stands at the end of those that failed, as all after it. */
        if (answer != TQ_EGONE && note(observing, i, answer) < 0)
            return TQ_ENOMEM;
    }
    return answer == TQ_EGONE ? TQ_EGONE : 0;
}

static int count_with_ids(struct observing *observing)
{
    struct server *server = observing->server;
    int answer;

    if (!server->ids)
        return TQ_ENOMEM;
    ids_begin(server->ids, observing->now_ns);
    answer = count_all(observing);
    observing->since_ns = ids_since_ns(server->ids);
    if (!ids_end(server->ids, answer != TQ_EGONE))
        serve_say(server, "the ids of records cannot be written (%m): a restart would forget them");
    return answer;
}

/* ---- the answer ------------------------------------------------------------------------------ */

#define ANSWER_BYTES 256

/* An answer that is written by hand, because it is asked for a hundred thousand times a second. What is
 * written always fits, and needs no escape. */
struct text {
    char *bytes;
    size_t len;
};

static void put(struct text *text, const char *more)
{
    size_t len = strlen(more);

    memcpy(text->bytes + text->len, more, len);
    text->len += len;
}

static void put_number(struct text *text, const char *before, size_t number)
{
    put(text, before);
    text->len += tq__number_write(text->bytes + text->len, (int64_t)number, '\0');
}

static void put_instant(struct text *text, const char *before, int64_t at_ns)
{
    put(text, before);
    text->len += tq__time_write(text->bytes + text->len, at_ns);
    put(text, "\"");
}

/* How the provider of a body of one record stands now. */
static void put_state(struct text *text, const struct observing *observing)
{
    int64_t retry_at_ns = 0;
    int state = tq_provider_state(observing->records.one.provider, observing->now_ns, &retry_at_ns);

    if (state < 0)
        return;
    put(text, ",\"state\":\"");
    put(text, tq_state_name(state));
    put(text, "\"");
    if (state == TQ_QUOTA_EXHAUSTED && retry_at_ns > 0 && retry_at_ns < TQ_NOW_END_NS)
        put_instant(text, ",\"retry_at\":\"", retry_at_ns);
}

/* {"counted":1,"state":"available"} */
static int say_counted(const struct observing *observing, struct http_answer *answer)
{
    const struct records *records = &observing->records;
    struct text text = {malloc(ANSWER_BYTES), 0};

    if (!text.bytes)
        return TQ_ENOMEM;
    put_number(&text, "{\"counted\":", observing->counted);
    if (records->ids > 0) {
        put_number(&text, ",\"duplicates\":", observing->duplicates);
        put_instant(&text, ",\"ids_since\":\"", observing->since_ns);
    }
    if (!records->is_array && records->one.provider)
        put_state(&text, observing);
    put(&text, "}");
    return http_text(answer, "application/json", text.bytes, text.len);
}

/* Is it the record that is at fault, not this machine? */
static bool is_of_record(int code)
{
    return code == TQ_ECLOCK || code == TQ_EAGE || code == TQ_ERANGE || code == TQ_ENAME || code == TQ_EINVAL;
}

static json_t *failure_json(const struct observing *observing, const struct failure *failure)
{
    const struct record *record = &observing->records.items[failure->index];
    char why[REFUSED_BYTES];

    observe_refused(observing->server->ledger, record->at_ns, failure->code,
                    record->at_given ? "\"at\"" : NULL, why);
    return json_pack("{s:I, s:s, s:s}", "index", (json_int_t)failure->index, "code",
                     tq_error_name(failure->code), "detail", why);
}

/* Some were not counted. */
static int say_failed(const struct observing *observing, struct http_answer *answer)
{
    json_t *failures = json_array(), *more;
    char at[TQ__TIME_BYTES];
    unsigned status = 422;

    for (size_t i = 0; i < observing->failure_count; i++) {
        status = is_of_record(observing->failures[i].code) ? status : 503;
        json_array_append_new(failures, failure_json(observing, &observing->failures[i]));
    }
    more = json_pack("{s:I, s:o}", "counted", (json_int_t)observing->counted, "errors", failures);
    if (more && observing->records.ids > 0) {
        tq__time_write(at, observing->since_ns);
        json_object_set_new(more, "duplicates", json_integer((json_int_t)observing->duplicates));
        json_object_set_new(more, "ids_since", json_string(at));
    }
    return http_problem_more(answer, status, "not_counted", more,
                             "%zu of %zu records were not counted: errors has their indexes. Do not send the "
                             "others again",
                             observing->failure_count, observing->records.count);
}

/* Nothing was counted. */
static int say_refused(const struct records *records, int code, struct http_answer *answer)
{
    switch (code) {
    case RECORDS_NOT_JSON:
        return http_problem(answer, 400, "not_json", "%s", records->why);
    case RECORDS_TOO_MANY:
        return http_problem(answer, 413, "too_many_records", "%s", records->why);
    case RECORDS_INVALID:
        return http_problem(answer, 422, "invalid_record", "%s; nothing was counted", records->why);
    default:
        return code;
    }
}

int observe_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct observing observing = {.server = server, .now_ns = request->now_ns};
    int code = records_read(&observing.records, (struct tq__span){request->body, request->body_len},
                            request->now_ns);

    if (code == 0)
        code = records_resolve(&observing.records, server->ledger);
    if (code != 0)
        code = say_refused(&observing.records, code, answer);
    else if ((code = observing.records.ids > 0 ? count_with_ids(&observing) : count_all(&observing)) == 0)
        code = observing.failure_count > 0 ? say_failed(&observing, answer) : say_counted(&observing, answer);
    free(observing.failures);
    records_free(&observing.records);
    return code;
}
