/* holds.h: what calls that run hold of a provider: amounts as people write them, and the list as data and
 * as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_HOLDS_H
#define TOKENQUOTA_VIEW_HOLDS_H

#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

struct json_t;

#define HOLD_LEASE_NS INT64_C(600000000000) /* 10 minutes: of a hold for which no other is named */

#define AMOUNT_WORDS "write an amount such as 20k, '$0.40' or '5 requests'"

/* Reads an amount as a limit's sentence has it, "750k", "750k tokens", "$5" or "900 requests", as a limit
 * that never turns. Without a unit it is tokens. 0, or -1 when the text is none. */
int amount_parse(const char *text, struct tq_limit *limit);

/* Adds an amount to those of a hold. NULL when it is added, else what is wrong with the text. */
const char *amounts_add(struct tq_amounts *amounts, const char *text);

/* What calls hold of one provider. */
struct holds {
    struct tq_hold_state *items; /* NULL: none */
    size_t count;
    int64_t at_ns;
};

/* 0, or negative from the library. Free them whatever the answer. */
int holds_read(const struct tq_provider *provider, int64_t at_ns, struct holds *holds);
void holds_free(struct holds *holds);

/* What the calls that run hold of a provider together: the dead ones, and those whose lease has ended, are
 * not among them. */
struct held {
    uint32_t holds;
    uint32_t flying; /* those of them of which nobody knows how many tokens they use */
    int64_t tokens;
};
int holds_sum(const struct tq_provider *provider, int64_t at_ns, struct held *held);

/* Writes the id of a hold; "" when it has none. */
void hold_id(const struct tq_hold *hold, char out[TQ_HOLD_ID_MAX]);

/* {"tokens": 20000, "requests": 1}: the units of which something is known, by their names. */
struct json_t *amounts_json(uint32_t known, const int64_t of[TQ_UNITS]);

/* {"calls": 3, "flying": 0, "tokens": 240000}; null when nothing is held. */
struct json_t *holds_sum_json(const struct held *held);

/* {"id": ..., "provider": ..., "until": ...}: a hold that was just taken or extended. */
struct json_t *hold_json(const struct tq_hold *hold);

/* One of the list: its id, amounts, owner and whether it is alive. */
struct json_t *hold_state_json(const struct tq_hold_state *state);

/* Why a hold that was not taken found no room, as a sentence about the provider. flags as of the hold. */
#define NO_ROOM_BYTES 1280
void hold_no_room(const struct tq_provider *provider, const struct tq_amounts *amounts, uint32_t flags,
                  int64_t at_ns, char out[NO_ROOM_BYTES]);

#endif
