/* stated_model.h: what vendors state, as docs/verdicts.md defines it, slow and obvious, for tests to compare
 * with.
 *
 * SPDX-License-Identifier: MIT
 *
 * A window keeps a list of every word that was said of it and of everything that happened to it, in the order
 * in which they came, and goes through the list anew for every question. Instants are whole seconds. Nothing
 * is shared with src/.
 */
#ifndef TEST_STATED_MODEL_H
#define TEST_STATED_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokenquota.h"

#define SM_LEVELS 3
#define SM_NONE (-1)
#define SM_NEVER INT64_MAX

struct stated_model;

/* Providers are numbers from 0 to providers - 1. */
struct stated_model *sm_new(size_t providers);
void sm_free(struct stated_model *model);

/* Each stands for the public call of its name. Their instants are those of the call, in whole seconds. */
void sm_apply(struct stated_model *model, int provider, const struct tq_quota_signal *signal);
void sm_success(struct stated_model *model, int provider, int64_t sent_at_ns);
void sm_usage(struct stated_model *model, int provider, const struct tq_usage *usage);
void sm_mark(struct stated_model *model, int provider, int64_t retry_at_ns);
void sm_mark_available(struct stated_model *model, int provider, int64_t now_ns);
void sm_set_overage(struct stated_model *model, int provider, uint32_t overage);
void sm_set_pool(struct stated_model *model, int provider, int pool);
int sm_pool(const struct stated_model *model, int provider);
void sm_probe_failure(struct stated_model *model, int provider, int64_t now_ns);

/* A stated limit, or one that is `once`. False: all lines are taken. */
bool sm_set(struct stated_model *model, int provider, const struct tq_limit *limit);
void sm_remove(struct stated_model *model, int provider, const struct tq_limit *limit);

/* How a line stands. */
struct sm_line {
    struct tq_limit limit;
    uint32_t said, ppm, source, profile; /* TQ_SAID_... */
    int64_t said_at_ns, reset_at_ns;
    int64_t stated, since; /* the amount that the vendor states; counted since it was said */
    int64_t until_ns;      /* callers without the reserve */
    bool spent;
};

/* How many lines a provider has. With out, up to TQ_LIMITS_MAX of them, in no order. */
int sm_lines(const struct stated_model *model, int provider, int64_t now_ns, struct sm_line *out);

/* What keeps a provider out, with its pools. */
struct sm_verdict {
    uint32_t reasons;
    int64_t retry_at_ns;
    uint32_t reason;       /* the one with the latest end */
    int level;             /* whose */
    int64_t said_at_ns;    /* of a word of the vendor */
    struct tq_limit limit; /* size 0: it is no limit; else the one that binds, when no other ends with it */
    bool tie;
};

void sm_verdict(const struct stated_model *model, int provider, int64_t now_ns, uint32_t flags,
                struct sm_verdict *verdict);

/* When the next probe is due: within low and high. Both 0: none is needed. */
struct sm_due {
    int64_t low_ns, high_ns;
};

void sm_probe_due(const struct stated_model *model, int provider, int64_t now_ns, struct sm_due *due);
void sm_probe_taken(struct stated_model *model, int provider, int64_t now_ns);

#endif
