/* usage.h: counts of tokens by the vendors' own keys, and the rule that makes usage of them.
 *
 * SPDX-License-Identifier: MIT
 *
 * One table says where vendors' documents have counts and what each key means. One rule turns the counts into
 * a struct tq_usage. Bodies, streams, headers and logs all use both, so the same numbers give the same usage.
 *
 * All vendors share one table, so nothing has to find out the vendor first. A key means something only in its
 * place: "usage" in a prompt, in arguments or in metadata is in another place.
 */
#ifndef TQ_BASE_USAGE_H
#define TQ_BASE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/text.h"
#include "tokenquota.h"

/* ---- the table ------------------------------------------------------------------------------- */

/* Counts as vendors write them. Two keys have one count where they mean one thing. */
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
    TQ__TIMED_READ, /* of the timings of a local server */
    TQ__TIMED_INPUT,
    TQ__TIMED_OUTPUT,
    TQ__ADDED_INPUT, /* of one part of the input, or of one event: such counts are added up */
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
    TQ__IN_BASE_RESP,
    TQ__IN_RESULTS, /* watsonx, Titan */
    TQ__IN_PREDICTIONS,
    TQ__IN_EMBEDDINGS,
    TQ__IN_STATISTICS,
    TQ__IN_RESULT,      /* of a line of a batch's results */
    TQ__IN_ROLLOUT,     /* of logs, from here: counts of an event of Codex */
    TQ__IN_CHAT,        /* ... of a response in Gemini CLI's chats and telemetry */
    TQ__IN_BUCKET,      /* ... a result of OpenAI's usage API */
    TQ__IN_SPAN,        /* ... the attributes of a span of OpenTelemetry */
    TQ__IN_SPLIT_USAGE, /* ... a response in a tool's file, whose input leaves the cache out */
    TQ__IN_WHOLE_USAGE, /* ... one whose input has it */
    TQ__IN_PARTS,       /* ... a message of OpenCode, whose counts leave each other out */
    TQ__IN_PARTS_CACHE,
    TQ__PLACES,
    TQ__IS_TYPE = TQ__PLACES, /* a string that names the kind of document */
    TQ__IS_DONE,              /* true: the last; false: more will come */
    TQ__IS_FINISH,            /* not null: nothing more will be said */
    TQ__IS_ERROR,
    TQ__IS_STATUS, /* a number other than 0: an error */
    TQ__IS_LIMITS,
    TQ__IS_LINE,  /* the name of a request among those of a batch */
    TQ__IS_COUNT, /* + enum tq__count */
};

/* The meaning of a member at a place: a place, TQ__IS_..., or TQ__IS_COUNT + a count. 0: none. */
uint8_t tq__usage_member(uint8_t place, struct tq__span key);

/* ---- the counts ------------------------------------------------------------------------------ */

/* The counts of one document, or of one stream so far. A count that is not known is 0: sums need not ask. */
struct tq__counts {
    uint32_t known; /* 1 << enum tq__count */
    int64_t count[TQ__COUNTS];
};

/* Notes a number as it is written. 0; when it is no whole number from 0 to INT64_MAX, a reason of
 * base/number.h, and the count is unknown. */
int tq__counts_note(struct tq__counts *counts, enum tq__count which, struct tq__span number);

/* The first value of a document that should be a count and is none. */
struct tq__usage_fault {
    int why; /* of base/number.h; 0: all were */
    struct tq__span key, text;
};

/* Takes what the member that `json` gave last says at a place: a count, or the counts of the object behind
 * it. False, with nothing taken, when the table has no such key there. For logs: numbers in quotes are
 * counts, too, null is none, and what is neither is noted in *fault, unless something was before. */
bool tq__usage_take(struct tq__counts *counts, uint8_t place, struct tq__json *json,
                    const struct tq__json_item *item, struct tq__usage_fault *fault);

/* Does it say anything of usage? Tool use alone is a part of an input that is not there. */
bool tq__counts_any(const struct tq__counts *counts);

/* Takes from `newer` the counts that it has. */
void tq__counts_grow(struct tq__counts *counts, const struct tq__counts *newer);

/* ---- the rule -------------------------------------------------------------------------------- */

/* Fills all of usage but size, flags and sent_at_ns. 0; 1: there is none, and usage is zeroed. docs/usage.md
 * has the rule. total_has_thinking: the vendor is known to leave thinking out of the output that it states
 * beside a total. */
int tq__counts_usage(const struct tq__counts *counts, bool total_has_thinking, struct tq_usage *usage);

/* The usage of one request of which a row of a log says how many tokens it took, and perhaps how many of them
 * were input and output; -1: it does not say. */
struct tq_usage tq__usage_of_row(int64_t tokens, int64_t input, int64_t output);

/* Adds the usage of other responses. */
void tq__usage_add(struct tq_usage *sum, const struct tq_usage *more);

/* What counts against a limit: input, cache_write and output; saturating. */
int64_t tq__usage_counted(const struct tq_usage *usage);

#endif
