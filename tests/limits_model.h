/* limits_model.h: limits as docs/windows.md defines them, slow and obvious, for tests to compare with.
 *
 * SPDX-License-Identifier: MIT
 *
 * A limit keeps a list of every record that counts in it, in the order in which they came, and adds them up
 * anew for every question. Calendars are loops over days. Nothing is shared with src/.
 */
#ifndef TEST_LIMITS_MODEL_H
#define TEST_LIMITS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokenquota.h"

#define LM_UNITS 8 /* TQ_UNIT_..., from 1 */
#define LM_LEVELS 3
#define LM_NONE (-1)

/* What one record or response amounts to in each unit. */
struct lm_amounts {
    int64_t of[LM_UNITS];
    bool uncosted;
};

struct limits_model;

/* Providers are numbers from 0 to providers - 1, each without limits, pool, weights and price, and under the
 * rule of the ledger, which is not TQ_RULE_DEFAULT. */
struct limits_model *lm_new(size_t providers, uint32_t rule);
void lm_free(struct limits_model *model);

/* Each stands for the public call of its name. lm_set takes a limit that can be; its zone is one of the
 * system's. It answers the number of the limit, or TQ_EFULL. */
int lm_set(struct limits_model *model, int provider, const struct tq_limit *limit);
bool lm_remove(struct limits_model *model, int provider, uint32_t number);
void lm_set_pool(struct limits_model *model, int provider, int pool);
int lm_pool(const struct limits_model *model, int provider);
void lm_set_weights(struct limits_model *model, int provider, const uint32_t weights[TQ_CLASSES]);
void lm_set_price(struct limits_model *model, int provider, const int64_t price[TQ_CLASSES]);
void lm_set_rule(struct limits_model *model, int provider, uint32_t rule);
void lm_set_care(struct limits_model *model, int provider, unsigned care);
void lm_reset(struct limits_model *model, int provider);
void lm_forget(struct limits_model *model, int provider);

/* A plain record of tokens, and a response, in a provider and all its pools. */
void lm_record(struct limits_model *model, int provider, int64_t tokens, int64_t at_ns);
void lm_usage(struct limits_model *model, int provider, const struct tq_usage *usage, int64_t at_ns);
void lm_correct(struct limits_model *model, int provider, int64_t tokens, int64_t at_ns);

/* Begins the window of a first-use limit, as a record of nothing would. */
void lm_begin(struct limits_model *model, int provider, uint32_t number, int64_t at_ns);

/* How a limit stands at an instant: bounds where docs/windows.md allows an error, else both are the same. */
struct lm_standing {
    struct tq_limit limit; /* with its amount and reserve */
    int64_t reserve;       /* in the unit */
    int64_t used_low, used_high;
    bool saturated;
    bool old; /* so long before the newest record that the count may be gone, of a rolling limit a part of it
               */
    bool ahead;                     /* of a rolling limit: there is a record in a later bucket */
    int64_t start_at_ns, end_at_ns; /* 0: none */
    int64_t uncosted;
};

/* False: the provider has no limit of this number. */
bool lm_standing(const struct limits_model *model, int provider, uint32_t number, int64_t now_ns,
                 struct lm_standing *standing);

/* The care of a provider under the rule care; 0: it is under another rule, or without any care. */
unsigned lm_care(const struct limits_model *model, int provider);

/* What the rule says of a limit. */
struct lm_rule {
    int64_t end_ns;   /* until when it keeps the provider out; 0: it does not */
    uint32_t expects; /* TQ_EXPECTS_...; 0: it says nothing */
    int64_t expected;
};

/* Asks the rule of a limit of which so much is used: what lm_standing says, but where that has bounds. */
struct lm_rule lm_rule(const struct limits_model *model, int provider, uint32_t number, int64_t now_ns,
                       int64_t used, bool use_reserve);

/* The first instant from now_ns on at which a rolling limit holds less than `below` by its buckets;
 * INT64_MAX: none. */
int64_t lm_rolling_end(const struct limits_model *model, int provider, uint32_t number, int64_t now_ns,
                       int64_t below);

/* What a rolling limit's records within (from_ns, until_ns] amount to, by themselves. */
int64_t lm_sum(const struct limits_model *model, int provider, uint32_t number, int64_t from_ns,
               int64_t until_ns);

#endif
