/* field.h: the headers of a response that say something about quota, found in one pass.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_FIELD_H
#define TQ_SIGNALS_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "tokenquota_signals.h"
#include "value.h"

#define TQ__LIMIT 0 /* parts of an axis */
#define TQ__REMAINING 1
#define TQ__RESET 2
#define TQ__PERIOD 3 /* Azure's renewalperiod: the length of the window in seconds */
#define TQ__PARTS 4

/* A header with axis and part in its name: PREFIX PART-AXIS, or PREFIX AXIS-PART. */
struct tq__row {
    const char *axis;
    uint8_t len;
    uint8_t what;   /* TQ_AXIS_... */
    uint8_t flags;  /* TQ_AXIS_MODEL_ONLY */
    uint32_t group; /* which prefix */
    uint32_t family;
    uint32_t window_s;
    const char *name; /* of what it limits, where that is not the whole account; else NULL */
};

#define TQ__ROWS 45
#define TQ__IETF_ROW (TQ__ROWS - 1) /* RateLimit-Limit, -Remaining, -Reset: ietf.c reads them */
extern const struct tq__row tq__rows[TQ__ROWS];

#define TQ__LIST_MAX 40 /* the windows of a subscription have some 24 headers */

/* Headers that are kept as they are. Of the first four a response has one each; a second one is an anomaly.
 */
enum tq__list_of {
    TQ__LIST_NONE,
    TQ__LIST_RETRY_AFTER,
    TQ__LIST_RETRY_AFTER_MS,
    TQ__LIST_ERROR_TEXT, /* x-error-message, x-amzn-errortype */
    TQ__LIST_ACCOUNT,    /* anthropic-organization-id, openai-organization */
    TQ__LIST_UNIFIED,
    TQ__LIST_CODEX,
    TQ__LIST_COPILOT,
    TQ__LIST_IETF_LIMIT,
    TQ__LIST_IETF_POLICY,
    TQ__LISTS,
};

struct tq__list {
    uint32_t count;
    const struct tq_field *field[TQ__LIST_MAX];
};

#define TQ__HINT_GROQ 1u
#define TQ__HINT_AZURE 2u
#define TQ__HINT_BEDROCK 4u
#define TQ__HINT_FIREWORKS 8u
#define TQ__HINT_NEBIUS 16u
#define TQ__HINT_HUGGINGFACE 32u
#define TQ__HINT_LITELLM 64u /* upstream's headers are there as llm_provider-... */
#define TQ__HINT_OPENAI 128u
#define TQ__HINT_XAI 512u
#define TQ__HINT_MISTRAL 1024u
#define TQ__HINT_DEEPSEEK 2048u
#define TQ__HINT_GEMINI 4096u
#define TQ__HINT_ANTHROPIC 8192u
#define TQ__HINT_PERPLEXITY 16384u
#define TQ__HINT_AMAZON 32768u /* of any service behind Amazon's gateway */
#define TQ__HINT_GATEWAY 256u  /* x-litellm-...: LiteLLM's own */

struct tq__fields {
    uint32_t families; /* TQ__FAMILY_... of what was found */
    uint32_t hints;
    uint32_t anomalies; /* the second of a header that comes once */
    bool dropped;       /* a list is full */
    uint64_t rows;      /* 1 << row: a part of it was found. The others of part[] are not set */
    const struct tq_field *part[TQ__ROWS][TQ__PARTS];
    struct tq__list list[TQ__LISTS];
};

/* Finds the next row from *row on that has a part: for (i = 0; tq__row_next(fields, &i); i++) */
static inline bool tq__row_next(const struct tq__fields *fields, size_t *row)
{
    uint64_t rows = *row < TQ__ROWS ? fields->rows >> *row : 0;

    *row += rows ? (size_t)__builtin_ctzll(rows) : 0;
    return rows != 0;
}

/* The header of a list that has one; NULL when there is none. */
static inline const struct tq_field *tq__field_once(const struct tq__fields *fields, enum tq__list_of which)
{
    return fields->list[which].count > 0 ? fields->list[which].field[0] : NULL;
}

/* Finds headers in one pass. With upstream only headers with the prefix llm_provider- count, and their names
 * are taken without it. */
void tq__fields_find(const struct tq_field *field, size_t count, bool upstream, struct tq__fields *fields);

/* The profile of the vendor that sent these headers; NULL when they do not tell. */
const struct tq_profile *tq__recognise(const struct tq__fields *fields);

/* The same by headers that others may pass on: the body knows better. */
const struct tq_profile *tq__recognise_weakly(const struct tq__fields *fields);

struct tq__span tq__field_value(const struct tq_field *field);

/* The name behind its first `skip` bytes. */
struct tq__span tq__field_name(const struct tq_field *field, size_t skip);

#endif
