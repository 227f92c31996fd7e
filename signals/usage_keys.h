/* usage_keys.h: where vendors' documents have usage, as tables of data.
 *
 * SPDX-License-Identifier: MIT
 *
 * The keys say whose usage it is, so all vendors are in one table and there is nothing to recognise first:
 * one key has one meaning at one place, and "usage" in somebody's text, arguments or metadata is at another
 * place.
 */
#ifndef TQ_USAGE_KEYS_H
#define TQ_USAGE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value.h"

/* Counts as vendors write them; usage_counts.c makes a struct tq_usage of them. */
enum tq__count {
    TQ__WHOLE_INPUT,  /* cached tokens are among them */
    TQ__PLAIN_INPUT,  /* they are not */
    TQ__EITHER_INPUT, /* "input_tokens": OpenAI's has them, Anthropic's has not; the other keys tell */
    TQ__TOOL_INPUT,   /* beside the input */
    TQ__CACHE_MISS,   /* input is hit + miss */
    TQ__READ_WITHIN,  /* cached tokens by a key of those who count them as input too, */
    TQ__READ_BESIDE,  /* and by one of those who do not */
    TQ__WRITE_WITHIN,
    TQ__WRITE_BESIDE,
    TQ__WRITE_5M, /* parts of WRITE_BESIDE, for when it is not there */
    TQ__WRITE_1H,
    TQ__OUTPUT,         /* reasoning is among it */
    TQ__VISIBLE_OUTPUT, /* it is not */
    TQ__THOUGHTS,       /* beside VISIBLE_OUTPUT */
    TQ__REASONING,
    TQ__TOTAL,
    TQ__BILLED_INPUT, /* where the one above it is not there */
    TQ__BILLED_OUTPUT,
    TQ__TIMED_READ, /* of a local server's timings: the same */
    TQ__TIMED_INPUT,
    TQ__TIMED_OUTPUT,
    TQ__COUNTS,
};

/* What a member of a document is: a place to look into, or something that is read. */
enum tq__meaning {
    TQ__NOWHERE, /* nothing in it is looked at */
    TQ__ROOT,
    TQ__IN_RESPONSE,
    TQ__IN_MESSAGE,
    TQ__IN_DELTA,
    TQ__IN_METADATA,
    TQ__IN_X_GROQ,
    TQ__IN_META,
    TQ__IN_FEEDBACK,
    TQ__IN_CHOICES,
    TQ__IN_USAGE,
    TQ__IN_INPUT_DETAILS,
    TQ__IN_OUTPUT_DETAILS,
    TQ__IN_CACHE_CREATION,
    TQ__IN_TOKENS,
    TQ__IN_BILLED,
    TQ__IN_USAGE_METADATA,
    TQ__IN_INVOCATION,
    TQ__IN_TIMINGS,
    TQ__PLACES,
    TQ__IS_TYPE = TQ__PLACES, /* a string that names the kind of document */
    TQ__IS_DONE,              /* true: the last; false: more will come */
    TQ__IS_FINISH,            /* not null: nothing more will be said */
    TQ__IS_ERROR,
    TQ__IS_LIMITS,
    TQ__IS_COUNT, /* + enum tq__count */
};

/* The meaning of a member at a place. */
uint8_t tq__usage_member(uint8_t place, struct tq__span key);

/* What kind of document a type names. */
#define TQ__KIND_PART 1u  /* one of a stream, and not the last */
#define TQ__KIND_LAST 2u  /* the last that matters */
#define TQ__KIND_GROWS 4u /* its counts take the place of those before it, one by one */
#define TQ__KIND_ERROR 8u
#define TQ__KIND_LIMITS 16u

uint32_t tq__usage_kind(struct tq__span type);

#endif
