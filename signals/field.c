/* field.c: from a header's name to what it is, looking at each header once.
 *
 * SPDX-License-Identifier: MIT
 *
 * A response has some twenty headers, of which twelve say nothing: first byte and length send most of them
 * away. The others are put into lower case once and compared by pieces, prefix, part, axis. What is found
 * keeps its place in struct tq__fields; values are looked at later, when it is known whose they
 * are. */
#include "field.h"

#include <stddef.h>
#include <string.h>

#include "profile.h"

#define NAME_MIN 9  /* ratelimit */
#define NAME_MAX 80 /* llm_provider- and the longest */

#define UPSTREAM "llm_provider-"

#define GROUP_X 1 /* x-ratelimit-PART-AXIS */
#define GROUP_TOKENLIMIT 2
#define GROUP_SIZE 3
#define GROUP_ANTHROPIC 4
#define GROUP_PRIORITY 5
#define GROUP_FAST 6
#define GROUP_TRIAL 7
#define GROUP_MONTHLY 8
#define GROUP_IETF 9

#define ROW(group, family, axis, what, window_s, flags)                                                      \
    {                                                                                                        \
        axis, sizeof(axis) - 1, TQ_AXIS_##what, flags, GROUP_##group, TQ__FAMILY_##family, window_s          \
    }
#define DAY 86400
#define MONTH (30 * DAY) /* nominal: a month's name stands for its length */
#define TQ__FAMILY_NONE 0

const struct tq__row tq__rows[TQ__ROWS] = {
    ROW(X, BARE, "", REQUESTS, 0, 0),
    ROW(X, OPENAI, "requests", REQUESTS, 0, 0),
    ROW(X, OPENAI, "tokens", TOKENS, 0, 0),
    ROW(X, OPENAI, "project-tokens", TOKENS, 0, 0),
    ROW(X, OPENAI, "tokens_usage_based", TOKENS, 0, 0),
    ROW(X, LENGTH, "requests-minute", REQUESTS, 60, 0),
    ROW(X, LENGTH, "requests-hour", REQUESTS, 3600, 0),
    ROW(X, LENGTH, "requests-day", REQUESTS, DAY, 0),
    ROW(X, LENGTH, "tokens-minute", TOKENS, 60, 0),
    ROW(X, LENGTH, "tokens-hour", TOKENS, 3600, 0),
    ROW(X, LENGTH, "tokens-day", TOKENS, DAY, 0),
    ROW(X, LENGTH, "req-minute", REQUESTS, 60, 0),
    ROW(X, LENGTH, "tokens-per-minute", TOKENS, 60, 0),
    ROW(X, LENGTH, "tokens-per-day", TOKENS, DAY, 0),
    ROW(X, PROMPT, "tokens-prompt", INPUT, 0, 0),
    ROW(X, PROMPT, "tokens-cache-adjusted-prompt", INPUT, 0, 0),
    ROW(X, PROMPT, "tokens-generated", OUTPUT, 0, 0),
    ROW(TOKENLIMIT, TOKENLIMIT, "", TOKENS, 0, 0),
    ROW(SIZE, SIZE, "", TOKENS, 0, 0),
    ROW(SIZE, SIZE, "minute", TOKENS, 60, 0),
    ROW(SIZE, SIZE, "month", TOKENS, MONTH, 0),
    ROW(ANTHROPIC, ANTHROPIC, "requests", REQUESTS, 0, 0),
    ROW(ANTHROPIC, ANTHROPIC, "tokens", TOKENS, 0, 0),
    ROW(ANTHROPIC, ANTHROPIC, "input-tokens", INPUT, 0, 0),
    ROW(ANTHROPIC, ANTHROPIC, "output-tokens", OUTPUT, 0, 0),
    ROW(PRIORITY, ANTHROPIC, "input-tokens", INPUT, 0, TQ_AXIS_MODEL_ONLY),
    ROW(PRIORITY, ANTHROPIC, "output-tokens", OUTPUT, 0, TQ_AXIS_MODEL_ONLY),
    ROW(FAST, ANTHROPIC, "input-tokens", INPUT, 0, TQ_AXIS_MODEL_ONLY),
    ROW(FAST, ANTHROPIC, "output-tokens", OUTPUT, 0, TQ_AXIS_MODEL_ONLY),
    ROW(TRIAL, COHERE, "", REQUESTS, 60, 0),
    ROW(MONTHLY, COHERE, "", REQUESTS, MONTH, 0),
    ROW(IETF, NONE, "", REQUESTS, 0, 0),
};

/* A name in lower case, cut down from the left while it is understood. */
struct name {
    const char *at;
    size_t len;
};

static bool starts(struct name *name, const char *prefix, size_t len)
{
    if (name->len < len || memcmp(name->at, prefix, len) != 0)
        return false;
    name->at += len;
    name->len -= len;
    return true;
}

/* With the text's length at compile time. */
#define STARTS(name, text) starts(name, text, sizeof(text) - 1)
#define IS(name, text) ((name).len == sizeof(text) - 1 && memcmp((name).at, text, sizeof(text) - 1) == 0)

static bool ends(struct name *name, const char *suffix, size_t len)
{
    if (name->len < len || memcmp(name->at + name->len - len, suffix, len) != 0)
        return false;
    name->len -= len;
    return true;
}

#define ENDS(name, text) ends(name, text, sizeof(text) - 1)

static void put_once(struct tq__fields *fields, const struct tq_field **place, const struct tq_field *field)
{
    if (*place)
        fields->anomalies++;
    else
        *place = field;
}

static void put_listed(struct tq__fields *fields, struct tq__list *list, const struct tq_field *field)
{
    if (list->count == TQ__LIST_MAX)
        fields->dropped = true;
    else
        list->field[list->count++] = field;
}

static void put_row(struct tq__fields *fields, uint32_t group, struct name axis, int part,
                    const struct tq_field *field)
{
    for (size_t i = 0; i < TQ__ROWS; i++) {
        if (tq__rows[i].group != group || tq__rows[i].len != axis.len ||
            memcmp(tq__rows[i].axis, axis.at, axis.len) != 0)
            continue;
        fields->families |= tq__rows[i].family;
        put_once(fields, &fields->part[i][part], field);
        return;
    }
}

/* PART or PART-AXIS. */
static void take_part_first(struct tq__fields *fields, uint32_t group, struct name name,
                            const struct tq_field *field)
{
    int part;

    if (STARTS(&name, "limit"))
        part = TQ__LIMIT;
    else if (STARTS(&name, "remaining"))
        part = TQ__REMAINING;
    else if (STARTS(&name, "reset"))
        part = TQ__RESET;
    else
        return;
    if (name.len == 0 || STARTS(&name, "-"))
        put_row(fields, group, name, part, field);
}

/* AXIS-PART. */
static void take_part_last(struct tq__fields *fields, uint32_t group, struct name name,
                           const struct tq_field *field)
{
    int part;

    if (ENDS(&name, "-limit"))
        part = TQ__LIMIT;
    else if (ENDS(&name, "-remaining"))
        part = TQ__REMAINING;
    else if (ENDS(&name, "-reset"))
        part = TQ__RESET;
    else
        return;
    put_row(fields, group, name, part, field);
}

static void take_anthropic(struct tq__fields *fields, struct name name, const struct tq_field *field)
{
    if (STARTS(&name, "ratelimit-")) {
        if (STARTS(&name, "unified")) {
            fields->families |= TQ__FAMILY_UNIFIED;
            put_listed(fields, &fields->unified, field);
        } else {
            take_part_last(fields, GROUP_ANTHROPIC, name, field);
        }
    } else if (STARTS(&name, "priority-")) {
        take_part_last(fields, GROUP_PRIORITY, name, field);
    } else if (STARTS(&name, "fast-")) {
        take_part_last(fields, GROUP_FAST, name, field);
    }
}

static void take_r(struct tq__fields *fields, struct name name, const struct tq_field *field)
{
    if (IS(name, "retry-after")) {
        put_once(fields, &fields->retry_after, field);
    } else if (IS(name, "retry-after-ms")) {
        put_once(fields, &fields->retry_after_ms, field);
    } else if (STARTS(&name, "ratelimitbysize-")) {
        take_part_first(fields, GROUP_SIZE, name, field);
    } else if (STARTS(&name, "ratelimit")) {
        if (name.len == 0)
            put_listed(fields, &fields->ietf_limit, field);
        else if (IS(name, "-policy"))
            put_listed(fields, &fields->ietf_policy, field);
        else if (STARTS(&name, "-"))
            take_part_first(fields, GROUP_IETF, name, field);
    }
}

/* x-ID-primary-used-percent and its kin, for an ID nobody knows before. */
static bool is_codex(struct name name)
{
    if (!ENDS(&name, "-used-percent") && !ENDS(&name, "-window-minutes") && !ENDS(&name, "-reset-at") &&
        !ENDS(&name, "-reset-after-seconds") && !ENDS(&name, "-reset-after"))
        return false;
    return ENDS(&name, "-primary") || ENDS(&name, "-secondary");
}

static void take_x_ratelimit(struct tq__fields *fields, struct name name, const struct tq_field *field)
{
    if (IS(name, "over-limit"))
        fields->hints |= TQ__HINT_FIREWORKS;
    else if (IS(name, "dynamic-period-usage-tokens"))
        fields->hints |= TQ__HINT_NEBIUS;
    else
        take_part_first(fields, GROUP_X, name, field);
}

/* Headers that only say whose response it is, or hold an error's name. */
static void take_hint(struct tq__fields *fields, struct name name, const struct tq_field *field)
{
    if (STARTS(&name, "groq-")) {
        fields->hints |= TQ__HINT_GROQ;
    } else if (IS(name, "ms-region")) {
        fields->hints |= TQ__HINT_AZURE;
    } else if (IS(name, "error-message")) {
        fields->hints |= TQ__HINT_HUGGINGFACE;
        put_once(fields, &fields->error_text, field);
    } else if (STARTS(&name, "amzn-")) {
        fields->hints |= STARTS(&name, "bedrock-") || IS(name, "errortype") ? TQ__HINT_BEDROCK : 0;
        if (IS(name, "errortype"))
            put_once(fields, &fields->error_text, field);
    }
}

static void take_x(struct tq__fields *fields, struct name name, const struct tq_field *field)
{
    if (STARTS(&name, "ratelimit-") || STARTS(&name, "rate-limit-")) {
        take_x_ratelimit(fields, name, field);
    } else if (STARTS(&name, "ratelimitbysize-")) {
        take_part_first(fields, GROUP_SIZE, name, field);
    } else if (STARTS(&name, "tokenlimit-")) {
        take_part_first(fields, GROUP_TOKENLIMIT, name, field);
    } else if (is_codex(name) || STARTS(&name, "codex-")) {
        fields->families |= TQ__FAMILY_CODEX;
        put_listed(fields, &fields->codex, field);
    } else if (STARTS(&name, "quota-snapshot-") || STARTS(&name, "usage-ratelimit-")) {
        fields->families |= TQ__FAMILY_COPILOT;
        put_listed(fields, &fields->copilot, field);
    } else if (STARTS(&name, "trial-endpoint-call-")) {
        take_part_first(fields, GROUP_TRIAL, name, field);
    } else if (STARTS(&name, "endpoint-monthly-call-")) {
        take_part_first(fields, GROUP_MONTHLY, name, field);
    } else {
        take_hint(fields, name, field);
    }
}

static void take(struct tq__fields *fields, struct name name, const struct tq_field *field)
{
    if (STARTS(&name, "x-"))
        take_x(fields, name, field);
    else if (name.at[0] == 'r')
        take_r(fields, name, field);
    else if (STARTS(&name, "anthropic-"))
        take_anthropic(fields, name, field);
    else if (IS(name, "apim-request-id") || STARTS(&name, "azureml-") || IS(name, "policy-id"))
        fields->hints |= TQ__HINT_AZURE;
    else if (STARTS(&name, "openai-"))
        fields->hints |= TQ__HINT_OPENAI;
    else if (STARTS(&name, "fireworks-"))
        fields->hints |= TQ__HINT_FIREWORKS;
    else if (STARTS(&name, UPSTREAM))
        fields->hints |= TQ__HINT_LITELLM;
}

void tq__fields_find(const struct tq_field *field, size_t count, bool upstream, struct tq__fields *fields)
{
    char lower[NAME_MAX];

    /* All but the places of the lists, which are some kilobytes and mostly stay unused. */
    memset(fields, 0, offsetof(struct tq__fields, unified));
    fields->unified.count = fields->codex.count = fields->copilot.count = 0;
    fields->ietf_limit.count = fields->ietf_policy.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct name name = {lower, field[i].name_len};

        if (name.len < NAME_MIN || name.len > NAME_MAX)
            continue;
        switch (field[i].name[0] | 0x20) {
        case 'a':
        case 'f':
        case 'l':
        case 'o':
        case 'p':
        case 'r':
        case 'x':
            break;
        default:
            continue;
        }
        for (size_t j = 0; j < name.len; j++) {
            char c = field[i].name[j];

            lower[j] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        }
        if (!upstream || STARTS(&name, UPSTREAM))
            take(fields, name, &field[i]);
    }
}

struct tq__span tq__field_value(const struct tq_field *field)
{
    return tq__plain(tq__span_trim((struct tq__span){field->value, field->value_len}));
}

struct tq__span tq__field_name(const struct tq_field *field, size_t skip)
{
    struct tq__span name = {field->name, field->name_len};

    if (tq__span_find((struct tq__span){name.at, name.len < 13 ? name.len : 13}, UPSTREAM) == 0)
        skip += sizeof(UPSTREAM) - 1;
    return (struct tq__span){name.at + skip, name.len - skip};
}
