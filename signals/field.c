/* field.c: finds out what each header is, by its name, in one pass.
 *
 * SPDX-License-Identifier: MIT
 *
 * A response has about twenty headers, and about twelve of them say nothing. The first letter and the length
 * exclude most of those. The other names are looked up in the rules, in lower case. Only pointers to the
 * headers are noted; their values are read later, when the vendor is known.
 */
#include "field.h"

#include <stddef.h>
#include <string.h>

#include "profile.h"

#define NAME_MIN 9        /* ratelimit */
#define FIELD_NAME_MAX 80 /* llm_provider- and the longest, rounded up */

#define COMMAS_MAX 4 /* of a value that may be a list */

#define UPSTREAM "llm_provider-"

/* Which rows a name may be of. From GROUP_ANTHROPIC on the part stands behind the axis, before that in front.
 */
enum group {
    GROUP_NONE,
    GROUP_X, /* x-ratelimit-PART-AXIS */
    GROUP_TOKENLIMIT,
    GROUP_SIZE,
    GROUP_TRIAL,
    GROUP_MONTHLY,
    GROUP_IETF,
    GROUP_ANTHROPIC,
    GROUP_PRIORITY,
    GROUP_FAST,
};

#define FIELD(group, family, axis, what, window_s, flags)                                                    \
    PART(group, family, axis, what, window_s, flags, NULL)
#define PART(group, family, axis, what, window_s, flags, name)                                               \
    {                                                                                                        \
        axis, sizeof(axis) - 1, TQ_AXIS_##what, flags, GROUP_##group, TQ__FAMILY_##family, window_s, name    \
    }
#define DAY 86400
#define MONTH (30 * DAY) /* nominal: a month's name stands for its length */
#define TQ__FAMILY_NONE 0

const struct tq__row tq__rows[TQ__ROWS] = {
    FIELD(X, BARE, "", REQUESTS, 0, 0),
    FIELD(X, OPENAI, "requests", REQUESTS, 0, 0),
    FIELD(X, OPENAI, "tokens", TOKENS, 0, 0),
    PART(X, OPENAI, "project-tokens", TOKENS, 0, 0, "project"),
    PART(X, OPENAI, "tokens_usage_based", TOKENS, 0, 0, "usage_based"),
    PART(X, OPENAI, "tokens-usage-based", TOKENS, 0, 0, "usage_based"),
    PART(X, OPENAI, "project-requests", REQUESTS, 0, 0, "project"),
    PART(X, OPENAI, "input-images", UNKNOWN, 0, 0, "images"),
    FIELD(X, LENGTH, "requests-minute", REQUESTS, 60, 0),
    FIELD(X, LENGTH, "requests-hour", REQUESTS, 3600, 0),
    FIELD(X, LENGTH, "requests-day", REQUESTS, DAY, 0),
    FIELD(X, LENGTH, "tokens-minute", TOKENS, 60, 0),
    FIELD(X, LENGTH, "tokens-hour", TOKENS, 3600, 0),
    FIELD(X, LENGTH, "tokens-day", TOKENS, DAY, 0),
    FIELD(X, LENGTH, "tokens-per-minute", TOKENS, 60, 0),
    FIELD(X, LENGTH, "tokens-per-day", TOKENS, DAY, 0),
    FIELD(X, MISTRAL, "req-minute", REQUESTS, 60, 0),
    FIELD(X, MISTRAL, "req-10-second", REQUESTS, 10, 0),
    FIELD(X, MISTRAL, "tokens-month", TOKENS, MONTH, 0),
    PART(X, MISTRAL, "audio-seconds-minute", UNKNOWN, 60, 0, "audio"),
    PART(X, MISTRAL, "ocr-pages-minute", UNKNOWN, 60, 0, "ocr"),
    PART(X, MISTRAL, "input-characters-minute", UNKNOWN, 60, 0, "characters"),
    FIELD(X, WINDOW, "second", REQUESTS, 1, 0),
    FIELD(X, WINDOW, "minute", REQUESTS, 60, 0),
    FIELD(X, WINDOW, "hour", REQUESTS, 3600, 0),
    FIELD(X, WINDOW, "day", REQUESTS, DAY, 0),
    FIELD(X, WINDOW, "month", REQUESTS, MONTH, 0),
    FIELD(X, PROMPT, "tokens-prompt", INPUT, 0, 0),
    PART(X, PROMPT, "tokens-cache-adjusted-prompt", INPUT, 0, 0, "cache_adjusted"),
    FIELD(X, PROMPT, "tokens-generated", OUTPUT, 0, 0),
    FIELD(TOKENLIMIT, TOKENLIMIT, "", TOKENS, 0, 0),
    FIELD(SIZE, MISTRAL, "", TOKENS, 0, 0),
    FIELD(SIZE, MISTRAL, "minute", TOKENS, 60, 0),
    FIELD(SIZE, MISTRAL, "month", TOKENS, MONTH, 0),
    FIELD(ANTHROPIC, ANTHROPIC, "requests", REQUESTS, 0, 0),
    FIELD(ANTHROPIC, ANTHROPIC, "tokens", TOKENS, 0, 0),
    FIELD(ANTHROPIC, ANTHROPIC, "input-tokens", INPUT, 0, 0),
    FIELD(ANTHROPIC, ANTHROPIC, "output-tokens", OUTPUT, 0, 0),
    PART(PRIORITY, ANTHROPIC, "input-tokens", INPUT, 0, TQ_AXIS_MODEL_ONLY, "priority"),
    PART(PRIORITY, ANTHROPIC, "output-tokens", OUTPUT, 0, TQ_AXIS_MODEL_ONLY, "priority"),
    PART(FAST, ANTHROPIC, "input-tokens", INPUT, 0, TQ_AXIS_MODEL_ONLY, "fast"),
    PART(FAST, ANTHROPIC, "output-tokens", OUTPUT, 0, TQ_AXIS_MODEL_ONLY, "fast"),
    FIELD(TRIAL, COHERE, "", REQUESTS, 60, 0),
    FIELD(MONTHLY, COHERE, "", REQUESTS, MONTH, 0),
    FIELD(IETF, NONE, "", REQUESTS, 0, 0),
};

/* What a header with this name is; where two rules fit, the first of them counts. */
struct rule {
    const char *text;
    uint8_t len;
    bool whole; /* it is the whole name, else how the name begins */
    uint8_t group;
    uint8_t list; /* TQ__LIST_... */
    uint32_t family;
    uint32_t hint;
};

#define RULE(text, whole, group, list, family, hint)                                                         \
    {                                                                                                        \
        text, sizeof(text) - 1, whole, GROUP_##group, TQ__LIST_##list, TQ__FAMILY_##family, TQ__HINT_##hint  \
    }
#define WHOLE true
#define BEGIN false
#define TQ__HINT_NONE 0

static const struct rule with_x[] = {
    /* behind "x-" */
    RULE("ratelimit-", BEGIN, X, NONE, NONE, NONE),
    RULE("rate-limit-", BEGIN, X, NONE, NONE, NONE),
    RULE("ratelimitbysize-", BEGIN, SIZE, NONE, NONE, NONE),
    RULE("tokenlimit-", BEGIN, TOKENLIMIT, NONE, NONE, NONE),
    RULE("codex-", BEGIN, NONE, CODEX, CODEX, NONE),
    RULE("quota-snapshot-", BEGIN, NONE, COPILOT, COPILOT, NONE),
    RULE("usage-ratelimit-", BEGIN, NONE, COPILOT, COPILOT, NONE),
    RULE("trial-endpoint-call-", BEGIN, TRIAL, NONE, NONE, NONE),
    RULE("endpoint-monthly-call-", BEGIN, MONTHLY, NONE, NONE, NONE),
    RULE("groq-", BEGIN, NONE, NONE, NONE, GROQ),
    RULE("ms-region", WHOLE, NONE, NONE, NONE, AZURE),
    RULE("error-message", WHOLE, NONE, ERROR_TEXT, NONE, HUGGINGFACE),
    RULE("amzn-bedrock-", BEGIN, NONE, NONE, NONE, BEDROCK),
    RULE("amzn-errortype", WHOLE, NONE, ERROR_TEXT, NONE, BEDROCK),
    RULE("amzn-requestid", WHOLE, NONE, NONE, NONE, AMAZON),
    RULE("litellm-", BEGIN, NONE, NONE, NONE, GATEWAY),
    RULE("zero-data-retention", WHOLE, NONE, NONE, NONE, XAI),
    RULE("ds-trace-id", WHOLE, NONE, NONE, NONE, DEEPSEEK),
    RULE("gemini-service-tier", WHOLE, NONE, NONE, NONE, GEMINI),
    RULE("ppl-region", WHOLE, NONE, NONE, NONE, PERPLEXITY),
};

static const struct rule with_no_part[] = {
    /* behind "x-ratelimit-" or "x-rate-limit-"; Anthropic's endpoint in the form of OpenAI names limits so */
    RULE("requests", WHOLE, X, NONE, NONE, NONE),
    RULE("tokens", WHOLE, X, NONE, NONE, NONE),
    RULE("over-limit", WHOLE, NONE, NONE, NONE, FIREWORKS),
    RULE("dynamic-period-usage-tokens", WHOLE, NONE, NONE, NONE, NEBIUS),
};

static const struct rule with_r[] = {
    RULE("retry-after", WHOLE, NONE, RETRY_AFTER, NONE, NONE),
    RULE("retry-after-ms", WHOLE, NONE, RETRY_AFTER_MS, NONE, NONE),
    RULE("ratelimit", WHOLE, NONE, IETF_LIMIT, NONE, NONE),
    RULE("ratelimit-policy", WHOLE, NONE, IETF_POLICY, NONE, NONE),
    RULE("ratelimit-", BEGIN, IETF, NONE, NONE, NONE),
    RULE("ratelimitbysize-", BEGIN, SIZE, NONE, NONE, NONE),
};

static const struct rule with_a[] = {
    RULE("anthropic-ratelimit-unified", BEGIN, NONE, UNIFIED, UNIFIED, NONE),
    RULE("anthropic-ratelimit-", BEGIN, ANTHROPIC, NONE, NONE, NONE),
    RULE("anthropic-priority-", BEGIN, PRIORITY, NONE, NONE, NONE),
    RULE("anthropic-fast-", BEGIN, FAST, NONE, NONE, NONE),
    RULE("anthropic-organization-id", WHOLE, NONE, ACCOUNT, NONE, ANTHROPIC),
    RULE("apim-request-id", WHOLE, NONE, NONE, NONE, AZURE),
    RULE("azureml-", BEGIN, NONE, NONE, NONE, AZURE),
};

static const struct rule with_others[] = {
    RULE("openai-organization", WHOLE, NONE, ACCOUNT, NONE, OPENAI),
    RULE("openai-", BEGIN, NONE, NONE, NONE, OPENAI),
    RULE("fireworks-", BEGIN, NONE, NONE, NONE, FIREWORKS),
    RULE("mistral-correlation-id", WHOLE, NONE, NONE, NONE, MISTRAL),
    RULE("policy-id", WHOLE, NONE, NONE, NONE, AZURE),
    RULE(UPSTREAM, BEGIN, NONE, NONE, NONE, LITELLM),
};

#define RULES(rules) rules, sizeof(rules) / sizeof(rules)[0]

/* The names are in lower case; what is understood of one is cut off. */
static bool starts(struct tq__span *name, struct tq__span prefix)
{
    if (name->len < prefix.len || memcmp(name->at, prefix.at, prefix.len) != 0)
        return false;
    *name = tq__span_behind(*name, prefix.len);
    return true;
}

static bool ends(struct tq__span *name, struct tq__span suffix)
{
    if (name->len < suffix.len || memcmp(name->at + name->len - suffix.len, suffix.at, suffix.len) != 0)
        return false;
    name->len -= suffix.len;
    return true;
}

/* Is it ID-primary-used-percent or one of its kin? The vendor makes new IDs. */
static bool is_codex(struct tq__span name)
{
    static const struct tq__span parts[] = {{"-used-percent", 13},
                                            {"-window-minutes", 15},
                                            {"-reset-at", 9},
                                            {"-reset-after", 12},
                                            {"-reset-after-seconds", 20}};
    size_t i = 0;

    while (i < sizeof parts / sizeof parts[0] && !ends(&name, parts[i]))
        i++;
    return i < sizeof parts / sizeof parts[0] &&
           (ends(&name, TQ__SPAN("-primary")) || ends(&name, TQ__SPAN("-secondary")));
}

/* The rule that the name fits, which begins with two letters at least; NULL when there is none. */
static const struct rule *fits(struct tq__span name, const struct rule *rules, size_t count)
{
    for (; count > 0; rules++, count--)
        if (name.len >= rules->len && memcmp(name.at, rules->text, 2) == 0 &&
            (name.len == rules->len || !rules->whole) && memcmp(name.at, rules->text, rules->len) == 0)
            return rules;
    return NULL;
}

/* Finds the rule of a name in lower case; *rest is what the name has behind it. */
static const struct rule *rule_of(struct tq__span name, struct tq__span *rest)
{
    static const struct rule codex = RULE("", BEGIN, NONE, CODEX, CODEX, NONE);
    const struct rule *rule = NULL;

    if (name.len < 2)
        return NULL;
    if (name.at[0] == 'x' && name.at[1] == '-') {
        name = tq__span_behind(name, 2);
        rule = fits(name, RULES(with_x));
        if (!rule && is_codex(name))
            rule = &codex;
    } else if (name.at[0] == 'r') {
        rule = fits(name, RULES(with_r));
    } else if (name.at[0] == 'a') {
        rule = fits(name, RULES(with_a));
    } else {
        rule = fits(name, RULES(with_others));
    }
    if (rule)
        *rest = tq__span_behind(name, rule->len);
    return rule;
}

/* Does the second header of a name say what the first says? Proxies send a header twice. */
static bool is_same_field(const struct tq_field *first, const struct tq_field *second)
{
    return tq__spans_match(tq__field_value(first), tq__field_value(second));
}

static void put_row(struct tq__fields *fields, uint8_t group, struct tq__span axis, unsigned part,
                    const struct tq_field *field)
{
    for (size_t i = 0; i < TQ__ROWS; i++) {
        if (tq__rows[i].len != axis.len || tq__rows[i].group != group ||
            memcmp(tq__rows[i].axis, axis.at, axis.len) != 0)
            continue;
        fields->families |= tq__rows[i].family;
        if (!(fields->rows >> i & 1))
            memset(fields->part[i], 0, sizeof fields->part[i]);
        fields->rows |= UINT64_C(1) << i;
        if (!fields->part[i][part])
            fields->part[i][part] = field;
        else
            fields->anomalies += !is_same_field(fields->part[i][part], field);
        return;
    }
}

/* A name of GROUP_X without a part: a limit, or a hint. */
static void put_no_part(struct tq__fields *fields, struct tq__span rest, const struct tq_field *field)
{
    const struct rule *rule = rest.len >= 2 ? fits(rest, RULES(with_no_part)) : NULL;

    if (rule && rule->group == GROUP_X)
        put_row(fields, GROUP_X, rest, TQ__LIMIT, field);
    else if (rule)
        fields->hints |= rule->hint;
}

/* The rest of a name is PART, PART-AXIS or, in the later groups, AXIS-PART. */
static void put_field(struct tq__fields *fields, uint8_t group, struct tq__span rest,
                      const struct tq_field *field)
{
    static const struct tq__span first[] = {[TQ__LIMIT] = {"limit", 5},
                                            [TQ__REMAINING] = {"remaining", 9},
                                            [TQ__RESET] = {"reset", 5},
                                            [TQ__PERIOD] = {"renewalperiod", 13}};
    static const struct tq__span last[] = {
        [TQ__LIMIT] = {"-limit", 6}, [TQ__REMAINING] = {"-remaining", 10}, [TQ__RESET] = {"-reset", 6}};
    bool is_last = group >= GROUP_ANTHROPIC;
    unsigned part = 0, parts = is_last ? TQ__RESET + 1 : TQ__PARTS;

    while (part < parts && !(is_last ? ends(&rest, last[part]) : starts(&rest, first[part])))
        part++;
    if (part < parts && (is_last || rest.len == 0 || starts(&rest, TQ__SPAN("-"))))
        put_row(fields, group, rest, part, field);
    else if (part == parts && group == GROUP_X)
        put_no_part(fields, rest, field);
}

static void put_listed(struct tq__fields *fields, uint8_t which, const struct tq_field *field)
{
    struct tq__list *list = &fields->list[which];

    if (which <= TQ__LIST_ACCOUNT && list->count > 0)
        fields->anomalies += !is_same_field(list->field[0], field);
    else if (list->count == TQ__LIST_MAX)
        fields->dropped = true;
    else
        list->field[list->count++] = field;
}

static void take_vendor_field(struct tq__fields *fields, struct tq__span name, const struct tq_field *field)
{
    struct tq__span rest;
    const struct rule *rule = rule_of(name, &rest);

    if (!rule)
        return;
    fields->families |= rule->family;
    fields->hints |= rule->hint;
    if (rule->group != GROUP_NONE)
        put_field(fields, rule->group, rest, field);
    else if (rule->list != TQ__LIST_NONE)
        put_listed(fields, rule->list, field);
}

/* The letters that a name which says something begins with, as bits; most headers end here. Another character
 * with the same low bits may have a letter's bit: its name fits no rule. */
#define LETTER(c) (UINT32_C(1) << ((c)&31))
#define LETTERS                                                                                              \
    (LETTER('a') | LETTER('f') | LETTER('l') | LETTER('m') | LETTER('o') | LETTER('p') | LETTER('r') |       \
     LETTER('x'))

/* Copies eight bytes in lower case; says whether one of them was in upper case. In each byte the highest bit
 * of `upper` says whether it is from A to Z. */
static bool lower_eight(char *to, const char *from)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t eight, low_bits, upper;

    memcpy(&eight, from, 8);
    low_bits = eight & 0x7f * each;
    upper = (low_bits + (0x80 - 'A') * each) & ~(low_bits + (0x7f - 'Z') * each) & ~eight & 0x80 * each;
    eight |= upper >> 2;
    memcpy(to, &eight, 8);
    return upper != 0;
}

/* A name of eight bytes at least, in lower case: itself, which HTTP/2 demands, or a copy. The copy is not
 * used when it need not be, because bytes that were just written are slow to read in other sizes. The last
 * eight may overlap those before. */
static const char *in_lower(char *copy, const char *name, size_t len)
{
    bool upper = lower_eight(copy + len - 8, name + len - 8);

    for (size_t i = 0; i < len - 8; i += 8)
        upper |= lower_eight(copy + i, name + i);
    return upper ? copy : name;
}

void tq__fields_find(const struct tq_field *field, size_t count, bool upstream, struct tq__fields *fields)
{
    char copy[FIELD_NAME_MAX];

    /* The places of rows and lists are not cleared: they are some kilobytes, and mostly stay unused. */
    memset(fields, 0, offsetof(struct tq__fields, part));
    for (size_t i = 0; i < TQ__LISTS; i++)
        fields->list[i].count = 0;
    for (size_t i = 0; i < count; i++) {
        struct tq__span name = {NULL, field[i].name_len};

        if (name.len < NAME_MIN || name.len > FIELD_NAME_MAX || !(LETTER(field[i].name[0]) & LETTERS))
            continue;
        name.at = in_lower(copy, field[i].name, name.len);
        if (!upstream || starts(&name, TQ__SPAN(UPSTREAM)))
            take_vendor_field(fields, name, &field[i]);
    }
}

/* A proxy may join the values of headers with one name: "100, 100". Returns the first of a list whose members
 * are all the same, else the whole text. Looks for members of up to a few commas: dates have one. */
static struct tq__span first_of_same(struct tq__span text)
{
    const char *end, *comma;

    if (text.len == 0)
        return text; /* to add to NULL is not defined in C */
    end = text.at + text.len;
    comma = memchr(text.at, ',', text.len);
    for (int commas = 0; comma && commas < COMMAS_MAX; commas++) {
        struct tq__span first = tq__span_trim((struct tq__span){text.at, (size_t)(comma - text.at)});
        struct tq__span left = {comma, (size_t)(end - comma)};

        while (left.len > first.len && *left.at == ',') {
            left = tq__span_trim(tq__span_behind(left, 1));
            if (left.len < first.len || memcmp(left.at, first.at, first.len) != 0)
                break;
            left = tq__span_trim(tq__span_behind(left, first.len));
        }
        if (left.len == 0)
            return first;
        comma = memchr(comma + 1, ',', (size_t)(end - comma - 1));
    }
    return text;
}

struct tq__span tq__field_value(const struct tq_field *field)
{
    struct tq__span value = {field->value, field->value_len};
    size_t digits = 0;

    while (digits < value.len && tq__is_digit(value.at[digits]))
        digits++;
    return digits == value.len ? value : tq__plain(first_of_same(value)); /* most are a number */
}

struct tq__span tq__field_name(const struct tq_field *field, size_t skip)
{
    struct tq__span name = {field->name, field->name_len};

    return tq__span_behind(name, skip + (tq__span_begins(name, UPSTREAM) ? sizeof(UPSTREAM) - 1 : 0));
}
