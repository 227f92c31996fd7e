/* shared_model.h: a slow model of providers that other machines share, in pools of three levels.
 *
 * SPDX-License-Identifier: MIT
 *
 * What is counted here is what limits_model.c adds up anew for every question; what was told, withheld and
 * held is kept in plain lists, and weighed as shared_told.h says. The rule is off: a provider is out when
 * what is used, withheld and held reaches what there is, and nothing else.
 */
#ifndef TEST_SHARED_MODEL_H
#define TEST_SHARED_MODEL_H

#include "limits_model.h"
#include "rng.h"
#include "shared_told.h"

#define PROVIDERS 4 /* 0 and 1 lie in 2, and that lies in 3 */
#define LIMITS 3    /* of each, at most */
#define HOLDS 12

struct held {
    bool is_there;
    int provider;
    int64_t tokens, end_ns;
    struct tq_hold hold;
};

struct world {
    struct tq_ledger *ledger;
    struct limits_model *model;
    struct tq_provider *provider[PROVIDERS];
    struct told told[PROVIDERS][LIMITS + 1]; /* by the number; 0: the budget */
    int64_t added[PROVIDERS][LIMITS + 1];    /* as last listed */
    int64_t added_ns[PROVIDERS][LIMITS + 1]; /* of which window */
    int64_t used[PROVIDERS], day[PROVIDERS]; /* of the budget */
    struct policy policy[PROVIDERS];
    struct held held[HOLDS];
    int64_t now_ns, heard_ns; /* until when others are heard; 0: it shares with nobody */
    struct rng rng;
    uint64_t seed;
    unsigned step;
};

/* How a limit, or the budget, stands. */
struct part {
    int64_t amount, room, own, others, withheld, heard_ns, held;
};

/* False: there is no such limit, or budget. */
bool sm_part(const struct world *w, int provider, uint32_t number, struct part *part);

/* Why one of them keeps a provider out; 0: it does not. */
uint32_t sm_reason(const struct part *part, bool use_reserve);

/* What all levels say: a bit for each reason, and the room of a call without the reserve. */
uint32_t sm_reasons(const struct world *w, int provider, bool use_reserve, bool with_holds, int64_t *room);

/* A record, or what a call used. */
void sm_count(struct world *w, int provider, int64_t tokens);

/* Gives the provider its budget, limits and pool, in the ledger and in the model. */
void sm_set_up(struct world *w, int provider);

const char *sm_name(int provider);

/* Fails where the ledger and the model differ: says where, and how the provider and its pools stand by the
 * model. */
void sm_same(const struct world *w, const char *what, int provider, uint32_t number, int64_t got,
             int64_t expected);

#endif
