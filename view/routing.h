/* routing.h: which of some named providers may be asked, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider that the ledger does not know has used nothing and is available: by order, what is named behind
 * it is not asked; under another policy it comes behind those that the ledger knows, because nothing of it
 * can lapse. That is also so without a ledger. Whoever prints the answer says so, because a name may be
 * misspelt.
 */
#ifndef TOKENQUOTA_VIEW_ROUTING_H
#define TOKENQUOTA_VIEW_ROUTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

struct json_t;

struct routing {
    /* The caller's. */
    const char *const *names; /* those that may be asked, the best first */
    size_t count;
    const char *(*meant)(const char *name); /* whom each of them means; NULL: itself */
    const char *last;                       /* the caller's last choice; NULL or empty: none */
    uint32_t policy;                        /* TQ_POLICY_... */
    int64_t need;                           /* tokens; 0: not given */
    bool no_probe;                          /* never take a probe */
    bool use_reserve;
    const struct tq_amounts *hold; /* of routing_take: the most that the call uses */
    int64_t lease_ns;              /* of that hold */

    /* The answer. */
    const char *chosen; /* one of the names; after a failure the one it was with, or NULL */
    bool available;
    bool known;                   /* the ledger knows the chosen one */
    bool probe;                   /* it is out, and this caller's to ask */
    struct tq_provider *provider; /* the chosen one; NULL when it is not known */
    struct tq_hold taken;         /* of routing_take; levels 0: none */
    struct tq_verdict verdict;    /* of the chosen one; zeroed when it is not known */
    int64_t retry_at_ns;          /* when none is available */
    int64_t
        room; /* tokens that the chosen one has left, when a need was given; INT64_MAX: nothing bounds them */

    /* Its own. */
    struct tq_provider **providers; /* those that the ledger knows; room for as many as there are names */
    size_t *places;                 /* of each of them among the names */
};

/* What is wrong with the last choice. */
enum routing_last {
    ROUTING_LAST_FITS,
    ROUTING_LAST_UNUSED,  /* the policy does not look at it */
    ROUTING_LAST_FOREIGN, /* it is none of the names */
};
enum routing_last routing_check_last(const struct routing *routing);

/* Finds the policy of a name: 0, or -1. */
int policy_parse(const char *text, uint32_t *policy);

/* Chooses: the one of the policy, else the first that may be asked later. ledger NULL: there is none. 0: it
 * may be asked; 1: none may; or negative from the library. May be called again. Free it whatever the answer.
 */
int routing_choose(struct routing *routing, struct tq_ledger *ledger, int64_t at_ns);

/* Chooses, and takes a hold of the chosen one for nobody: only its lease frees it. One whose room another
 * caller took meanwhile is passed by. Answers as routing_choose; a provider that is not known is made. */
int routing_take(struct routing *routing, struct tq_ledger *ledger, int64_t at_ns);
void routing_free(struct routing *routing);

/* An object: the chosen one, and its verdict. */
struct json_t *routing_json(const struct routing *routing);

#endif
