/* vectors.h: reads a file of vectors and runs it through anything that answers part one's calls.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "tokenquota.h"

/* What is under test: part one's calls on a tracker and a store, which open makes anew for each case. */
struct vectors_target {
    const char *name;
    void *(*open)(void);
    void (*close)(void *self);
    int (*set_budget)(void *self, const char *provider, int64_t budget);
    int64_t (*budget)(void *self, const char *provider);
    int64_t (*used)(void *self, const char *provider, int64_t now_ns);
    int (*record)(void *self, const char *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns);
    void (*reset)(void *self);
    int (*mark_quota_exhausted)(void *self, const char *provider, int64_t retry_at_ns);
    int (*mark_available)(void *self, const char *provider);
    int (*state)(void *self, const char *provider, int64_t now_ns, int64_t *retry_at_ns);
    size_t (*all_exhausted)(void *self, struct tq_exhausted *out, size_t capacity);
    size_t (*exhausted_at)(void *self, int64_t now_ns, struct tq_exhausted *out, size_t capacity);
    int (*observe)(void *self, const char *provider, int64_t tokens, int64_t now_ns);
};

struct vectors_result {
    unsigned cases;
    unsigned calls;   /* lines that are a call */
    unsigned answers; /* of these, lines that have an answer */
    unsigned faults;  /* wrong answers, and lines that cannot be read */
};

/* Runs the file; prints "file:line: ..." with what was expected and what came for each fault. */
struct vectors_result vectors_run(const char *path, const struct vectors_target *target);

#endif
