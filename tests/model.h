/* model.h: the semantics of the library again, slow and obvious, for tests to compare it with.
 *
 * SPDX-License-Identifier: MIT
 *
 * One struct model is one ledger. A tracker and a store of their own are two models; the two views of one
 * ledger are the same model twice. Every call has the name, arguments and answer of the public call it
 * stands for. Nothing is shared with src/: names are compared as strings, sums are 128 bits wide, lists are
 * arrays.
 */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokenquota.h"

struct model;

struct model *model_new(unsigned history_days, unsigned rule);
void model_free(struct model *model);

/* Part one. A model stands for the tracker or the store, and may be NULL where the library's may. */
int model_set_budget(struct model *tracker, const char *name, int64_t budget);
int64_t model_budget(const struct model *tracker, const char *name);
int64_t model_used(const struct model *tracker, const char *name, int64_t now_ns);
int model_record(struct model *tracker, const char *name, int64_t tokens, int64_t now_ns,
                 int64_t *retry_at_ns);
void model_reset(struct model *tracker);
int model_mark_quota_exhausted(struct model *store, const char *name, int64_t retry_at_ns);
int model_mark_available(struct model *store, const char *name);
int model_state(const struct model *store, const char *name, int64_t now_ns, int64_t *retry_at_ns);
size_t model_all_exhausted(const struct model *store, struct tq_exhausted *out, size_t capacity);
size_t model_exhausted_at(const struct model *store, int64_t now_ns, struct tq_exhausted *out,
                          size_t capacity);
int model_observe(struct model *tracker, struct model *store, const char *name, int64_t tokens,
                  int64_t now_ns);

/* tq_provider_observe: model_observe of one ledger that gives retry_at_ns as model_record does. */
int model_provider_observe(struct model *ledger, const char *name, int64_t tokens, int64_t now_ns,
                           int64_t *retry_at_ns);

/* Part two. */
int model_insert(struct model *ledger, const char *name); /* 0, or the error of a refused name */
bool model_knows(const struct model *ledger, const char *name);
size_t model_count(const struct model *ledger); /* names inserted */

#endif
