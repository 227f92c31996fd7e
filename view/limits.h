/* limits.h: the limits of a provider, and of its pool where one of those binds, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_LIMITS_H
#define TOKENQUOTA_VIEW_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include <tokenquota.h>

#define POOLS_MOST 2    /* above a provider */
#define LIMIT_BYTES 256 /* of a limit's sentence */

struct json_t;

struct limits {
    struct tq_limit_state *items; /* in the order of their numbers; NULL: none */
    size_t count;
    int64_t at_ns;
};

/* Reads how the limits of a provider stand. 0, or negative from the library. Free them whatever the answer.
 */
int limits_read(const struct tq_provider *provider, int64_t at_ns, struct limits *limits);
void limits_free(struct limits *limits);

/* The limit of this number; NULL when there is none. */
const struct tq_limit_state *limits_find(const struct limits *limits, uint32_t number);

/* Counts the limits of a ledger of whose present window a wrong clock took a part. 0, or negative from the
 * library. */
int limits_taken(struct tq_ledger *ledger, int64_t at_ns, uint64_t *taken);

/* The pool so many levels above a provider: with 1 its own pool; NULL when there is none. */
struct tq_provider *pool_above(const struct tq_provider *provider, uint32_t levels);

/* Is the verdict about a limit, which excludes or is the nearest? */
bool verdict_has_limit(const struct tq_verdict *verdict);

/* Did the vendor state this limit? */
bool limit_is_stated(const struct tq_limit *limit);

/* Does it exclude because the rule says that it will not last? Else one that excludes is down to its reserve,
 * or spent. */
bool limit_is_predicted(const struct tq_limit_state *state);

/* Is all of it used, the reserve, too? */
bool limit_is_spent(const struct tq_limit_state *state);

/* Is there a word of the vendor about the limit, and has its window not ended? */
bool limit_has_reading(const struct tq_limit_state *state);

/* Is all of it used, and the vendor goes on serving for money? */
bool limit_on_overage(const struct tq_limit_state *state);

/* Writes the limit as one types it, "5M tokens per day America/Los_Angeles". */
void limit_sentence(const struct tq_limit *limit, char out[LIMIT_BYTES]);

/* The part that is used, in millionths, as the vendor says, else of its amount; -1 when nobody knows. */
int64_t limit_share(const struct tq_limit_state *state);

/* An object with the members of struct tq_limit, and its sentence. */
struct json_t *limit_json(const struct tq_limit *limit);

/* Where an end or a reading was found: "header", "body"; NULL for TQ_SOURCE_NONE. */
const char *source_name(uint32_t source);

/* An object with the members of struct tq_limit_state and of struct tq_limit, and an array of them. */
struct json_t *limit_state_json(const struct tq_limit_state *state, int64_t at_ns);
struct json_t *limits_json(const struct limits *limits);

/* The limits of a provider, or some of them, beside its name. */
struct json_t *provider_limits_json(const char *name, const struct limits *limits);

#define LIMIT_REFUSED_BYTES 768

/* Writes why tq_provider_set_limit refused a limit with this code. */
void limit_refused(const struct tq_limit *limit, const char *name, int code, const struct tq_error *error,
                   char out[LIMIT_REFUSED_BYTES]);

#endif
