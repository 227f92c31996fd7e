/* transition.h: how providers that are watched stood and stand, and each transition between, as data and as
 * JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * A transition is a change of state, or, while a provider is out, of the reason why, or an end that has
 * become later. A look compares how each provider stands with how the look before it saw it:
 *
 *     answer = watching_update(&watching, ledger);
 *     for (size_t i = 0; i < watching.count && answer >= 0; i++)
 *         if ((answer = watched_look(&watching, i, now_ns, &verdict)) == 1) {
 *             ... transition_json(&watching.items[i], &verdict) ...
 *             watching.items[i].seen = stand_of(&verdict);
 *         }
 *     watching.begun |= answer >= 0;
 */
#ifndef TOKENQUOTA_VIEW_TRANSITION_H
#define TOKENQUOTA_VIEW_TRANSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

struct json_t;

/* What a transition changes. */
struct stand {
    int32_t state;
    uint32_t reason;
    int64_t until_ns; /* 0 when it is available */
};

struct watched {
    char *name;                   /* its own: the ledger may be replaced */
    struct tq_provider *provider; /* NULL: the ledger does not know it, so it is available */
    struct stand seen;
    struct stand told; /* the caller's: to the command of --exec */
    uint64_t queued;   /* the caller's: its turn, the lowest is told next; 0: there is nothing to tell */
};

struct watching {
    bool named; /* some providers, not all */
    struct watched *items;
    size_t count;
    size_t ordered; /* that many of them in the order of the walk */
    size_t capacity;
    bool begun;        /* there was a first look, which only notes how they stand */
    const char *about; /* after a failure: the provider it was with, or NULL */
};

/* Watches a provider by its name, before any look. 0, or TQ_ENOMEM. */
int watching_add(struct watching *watching, const char *name);

/* Begins a look: takes those that came since the last one. 0, or negative from the library. */
int watching_update(struct watching *watching, struct tq_ledger *ledger);

/* After another ledger was opened in the place of the first. 0, or negative from the library. */
int watching_rebind(struct watching *watching, struct tq_ledger *ledger);

void watching_free(struct watching *watching);

/* Reads how one stands. 1: that is a transition; 0: it is none; or negative from the library. */
int watched_look(struct watching *watching, size_t i, int64_t now_ns, struct tq_verdict *verdict);

struct stand stand_of(const struct tq_verdict *verdict);

/* Is there no transition from one to the other? */
bool stand_same(const struct stand *before, const struct stand *after, int64_t now_ns);

/* The document of a transition, from how it was seen to the verdict. */
struct json_t *transition_json(const struct watched *item, const struct tq_verdict *verdict);

#endif
