/* records.c: the body of POST /v1/observe, read into records before any of them is counted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "records.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/number.h"
#include "base/time.h"
#include "body.h"
#include "view/observe.h"

#define NAME_SHOWN 64 /* bytes of a member's name in a message */

__attribute__((format(printf, 3, 4))) static int fail(struct records *records, int code, const char *format,
                                                      ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(records->why, sizeof records->why, format, list);
    va_end(list);
    return code;
}

/* Says what is wrong with a member of the record that is read. */
static int wrong(struct records *records, const char *name, const char *what)
{
    return fail(records, RECORDS_INVALID, "record %zu: \"%s\" %s", records->count, name, what);
}

static int unknown(struct records *records, struct tq__span key)
{
    char shown[NAME_SHOWN + 4];

    tq__text_make_safe(shown, sizeof shown, key, NAME_SHOWN, 0);
    return fail(records, RECORDS_INVALID, "record %zu: there is no member \"%s\"", records->count, shown);
}

/* ---- the members ----------------------------------------------------------------------------- */

enum field {
    PROVIDER,
    TOKENS,
    AT,
    ID,
    OUTPUT,
    INPUT,
    CACHE_READ,
    CACHE_WRITE,
    TOTAL,
    REQUESTS,
    COST,
    SENT_AT,
    FIELDS
};

static const struct {
    const char *name;
    uint32_t known; /* of a class of tokens */
    size_t to;
} fields[FIELDS] = {
    [PROVIDER] = {"provider", 0, 0},
    [TOKENS] = {"tokens", 0, 0},
    [AT] = {"at", 0, 0},
    [ID] = {"id", 0, 0},
    [OUTPUT] = {"output", TQ_USAGE_OUTPUT, offsetof(struct tq_usage, output)},
    [INPUT] = {"input", TQ_USAGE_INPUT, offsetof(struct tq_usage, input)},
    [CACHE_READ] = {"cache_read", TQ_USAGE_CACHE_READ, offsetof(struct tq_usage, cache_read)},
    [CACHE_WRITE] = {"cache_write", TQ_USAGE_CACHE_WRITE, offsetof(struct tq_usage, cache_write)},
    [TOTAL] = {"total", TQ_USAGE_TOTAL, offsetof(struct tq_usage, total)},
    [REQUESTS] = {"requests", 0, 0},
    [COST] = {"cost", 0, 0},
    [SENT_AT] = {"sent_at", 0, 0},
};

static enum field field_of(struct tq__span key)
{
    enum field field = PROVIDER;

    /* Nearly all are one of two, whose lengths the compiler knows. */
    if (key.len == 8 && memcmp(key.at, "provider", 8) == 0)
        return PROVIDER;
    if (key.len == 6 && memcmp(key.at, "tokens", 6) == 0)
        return TOKENS;
    while (field < FIELDS && !tq__span_equals(key, fields[field].name))
        field++;
    return field;
}

/* A whole number, not negative; above 2^53 it may be text. */
static bool read_count(const struct tq__json_item *item, int64_t *count)
{
    const char *at, *end;
    int64_t number = 0;

    if (item->kind != TQ__JSON_NUMBER && item->kind != TQ__JSON_STRING)
        return false;
    if (item->text.len == 0 || item->text.len > 18)
        return tq__number_count(item->text, count) == 0;
    end = item->text.at + item->text.len;
    for (at = item->text.at; at < end && tq__is_digit(*at); at++)
        number = number * 10 + (*at - '0');
    *count = number;
    return at == end || tq__number_count(item->text, count) == 0;
}

bool record_instant(const struct tq__json_item *item, int64_t *at_ns)
{
    int answer = item->kind == TQ__JSON_STRING   ? tq__time_rfc3339(item->text, at_ns)
                 : item->kind == TQ__JSON_NUMBER ? tq__time_epoch(item->text, at_ns)
                                                 : TQ__NOT_TIME;

    return answer == 0 && *at_ns >= TQ_NOW_MIN_NS && *at_ns < TQ_NOW_END_NS;
}

/* A text of 1 to 255 bytes of characters. Its escapes are undone when it is used. */
static bool read_text(const struct tq__json_item *item, struct tq__span *text)
{
    char out[RECORD_TEXT_BYTES + 4];
    struct tq__span plain;

    *text = item->text;
    if (item->kind != TQ__JSON_STRING || text->len == 0)
        return false;
    if (!memchr(text->at, '\\', text->len))
        return text->len < RECORD_TEXT_BYTES;
    plain = tq__json_unescape(*text, out, sizeof out);
    return plain.len < RECORD_TEXT_BYTES && body_names_characters(*text, plain);
}

static void begin_usage(struct record *record)
{
    if (!record->has_usage)
        record->usage = (struct tq_usage){.size = sizeof record->usage, .requests = 1};
    record->has_usage = true;
}

static int take_requests(struct records *records, struct record *record, const struct tq__json_item *item)
{
    int64_t requests;

    if (!read_count(item, &requests) || requests > UINT32_MAX)
        return wrong(records, "requests", "is not a whole number from 0 to 4294967295");
    record->usage.requests = (uint32_t)requests;
    record->usage.flags |= requests == 0 ? TQ_USAGE_MORE : 0;
    return 0;
}

static int take_cost(struct records *records, struct record *record, const struct tq__json_item *item)
{
    if ((item->kind != TQ__JSON_NUMBER && item->kind != TQ__JSON_STRING) ||
        !cost_parse(item->text, &record->usage.cost_nano_usd))
        return wrong(records, "cost", "is not a number of dollars; write for example 0.0123");
    record->usage.known |= TQ_USAGE_COST;
    return 0;
}

/* What makes a usage of a record. */
static int take_part(struct records *records, struct record *record, enum field field,
                     const struct tq__json_item *item)
{
    int64_t *to = (int64_t *)(void *)((char *)&record->usage + fields[field].to);

    begin_usage(record);
    if (field == REQUESTS)
        return take_requests(records, record, item);
    if (field == COST)
        return take_cost(records, record, item);
    if (field == SENT_AT)
        return record_instant(item, &record->usage.sent_at_ns)
                   ? 0
                   : wrong(records, "sent_at", "is no instant; write for example \"2026-03-05T12:00:00Z\"");
    if (!read_count(item, to))
        return wrong(records, fields[field].name, "is not a whole number of tokens, 0 or more");
    record->usage.known |= fields[field].known;
    return 0;
}

static int take(struct records *records, struct record *record, enum field field,
                const struct tq__json_item *item)
{
    switch (field) {
    case PROVIDER:
        return read_text(item, &record->name) ? 0
                                              : wrong(records, "provider", "is not a name of 1 to 255 bytes");
    case TOKENS:
        return read_count(item, &record->tokens)
                   ? 0
                   : wrong(records, "tokens", "is not a whole number of tokens, 0 or more");
    case AT:
        record->at_given = true;
        return record_instant(item, &record->at_ns)
                   ? 0
                   : wrong(records, "at", "is no instant; write for example \"2026-03-05T12:00:00Z\"");
    case ID:
        records->ids++;
        return read_text(item, &record->id) ? 0 : wrong(records, "id", "is not a text of 1 to 255 bytes");
    default:
        return take_part(records, record, field, item);
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* Is there something to count, for somebody? */
static int finish(struct records *records, struct record *record, uint32_t seen)
{
    if (!(seen & 1u << PROVIDER))
        return fail(records, RECORDS_INVALID, "record %zu has no \"provider\"", records->count);
    if (!(seen & ~(1u << PROVIDER | 1u << AT | 1u << ID | 1u << SENT_AT)))
        return fail(records, RECORDS_INVALID,
                    "record %zu says nothing to count; give \"tokens\", or \"input\" and \"output\"",
                    records->count);
    if (record->has_usage)
        record->usage.counted = seen & 1u << TOKENS ? record->tokens : classes_counted(&record->usage);
    return 0;
}

/* Reads the object that was entered. */
static int read_members(struct records *records, struct tq__json *json, struct record *record)
{
    struct tq__json_item item;
    uint32_t seen = 0;
    int answer;

    while (tq__json_next(json, &item)) {
        enum field field = field_of(item.key);

        if (field == FIELDS)
            return unknown(records, item.key);
        if (item.kind == TQ__JSON_NULL)
            continue; /* some writers mean by it that it is left out */
        if (seen & 1u << field)
            return wrong(records, fields[field].name, "is there twice");
        seen |= 1u << field;
        answer = take(records, record, field, &item);
        if (answer != 0)
            return answer;
    }
    return json->failed ? RECORDS_NOT_JSON : finish(records, record, seen);
}

/* Room for the next one; NULL: no memory. */
static struct record *room(struct records *records)
{
    struct record *items = &records->one;

    if (records->is_array)
        items = tq__list_room(records->items, records->count, &records->capacity, sizeof *items);
    if (!items)
        return NULL;
    records->items = items;
    return &items[records->count];
}

/* Reads the next record, which was given. */
static int read_record(struct records *records, struct tq__json *json, int64_t now_ns)
{
    struct record *record;
    int answer;

    if (records->count == RECORDS_MOST)
        return fail(records, RECORDS_TOO_MANY,
                    "there are more than %d records; send them in several requests", RECORDS_MOST);
    if (!tq__json_enter(json, '{'))
        return fail(records, RECORDS_INVALID, "record %zu is no object", records->count);
    record = room(records);
    if (!record)
        return TQ_ENOMEM;
    record->name = record->id = (struct tq__span){NULL, 0};
    record->provider = NULL;
    record->at_ns = now_ns;
    record->tokens = 0;
    record->at_given = record->has_usage = false;
    answer = read_members(records, json, record);
    records->count += answer == 0;
    return answer;
}

int records_read(struct records *records, struct tq__span body, int64_t now_ns)
{
    struct tq__json_item item;
    struct tq__json json;
    int answer = 0;

    records->items = NULL;
    records->count = records->capacity = records->ids = 0;
    records->is_array = false;
    records->why[0] = '\0';
    tq__json_begin(&json, body, TQ__JSON_STRICT);
    if (tq__json_next(&json, &item)) {
        records->is_array = tq__json_enter(&json, '[');
        if (!records->is_array)
            answer = read_record(records, &json, now_ns);
        while (records->is_array && answer == 0 && tq__json_next(&json, &item))
            answer = read_record(records, &json, now_ns);
    }
    if (answer == RECORDS_NOT_JSON || (answer == 0 && !tq__json_done(&json)))
        return fail(records, RECORDS_NOT_JSON, "the body is not JSON from byte %zu on",
                    json.fault ? (size_t)(json.fault - body.at) : (size_t)0);
    return answer;
}

void records_free(struct records *records)
{
    if (records->is_array)
        free(records->items);
}

/* ---- providers ------------------------------------------------------------------------------- */

size_t record_text(struct tq__span text, char out[RECORD_TEXT_BYTES])
{
    struct tq__span plain = tq__json_unescape(text, out, RECORD_TEXT_BYTES - 1);

    if (plain.at != out)
        memcpy(out, plain.at, plain.len);
    out[plain.len] = '\0';
    return plain.len;
}

#define RECENT 16 /* names of a batch that are remembered */

static size_t recent_of(struct tq__span name)
{
    return (name.len + (unsigned char)name.at[0] + (unsigned char)name.at[name.len - 1]) % RECENT;
}

int records_resolve(struct records *records, struct tq_ledger *ledger)
{
    const struct record *recent[RECENT] = {NULL};

    for (size_t i = 0; i < records->count; i++) {
        struct record *record = &records->items[i];
        const struct record **place = &recent[recent_of(record->name)];
        char name[RECORD_TEXT_BYTES];
        int answer;

        if (*place && (*place)->name.len == record->name.len &&
            memcmp((*place)->name.at, record->name.at, record->name.len) == 0) {
            record->provider = (*place)->provider;
            continue;
        }
        answer = tq_ledger_provider(ledger, name, record_text(record->name, name), TQ_PROVIDER_EXISTING,
                                    &record->provider);
        if (answer == TQ_ENAME)
            return fail(records, RECORDS_INVALID, "record %zu: %s", i, tq_strerror(TQ_ENAME));
        if (answer < 0)
            return answer;
        *place = record;
    }
    return 0;
}
