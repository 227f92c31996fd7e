/* accounts.h: calls of a log, each placed on one of some accounts, as a router would have placed it.
 *
 * SPDX-License-Identifier: MIT
 *
 * replay asks tq_ledger_route about the accounts at each record's instant. The record then counts on the
 * account that was chosen. While all are out it counts nowhere: the call is refused.
 *
 * Of each account the longest limit with a reset tells how much quota lapsed: what was left of each of its
 * windows that ended within the log, as a part of the amount, also of windows in which nothing was used.
 */
#ifndef TOKENQUOTA_VIEW_ACCOUNTS_H
#define TOKENQUOTA_VIEW_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

struct json_t;

#define LAPSED_WHOLE INT64_C(1000000000) /* of one window */

struct account {
    uint32_t provider; /* its number in the replay */
    const char *name;
    int64_t calls, tokens;
    uint32_t limit;          /* the number of its longest one; 0: none has a reset */
    int64_t windows;         /* of that one, which ended */
    int64_t lapsed;          /* the sum of what was left in each, in parts of LAPSED_WHOLE */
    int64_t end_at_ns, left; /* of the window that runs: left in parts, too; end 0: none runs */
};

struct accounts {
    uint32_t policy; /* TQ_POLICY_... */
    struct account *items;
    struct tq_provider **providers; /* as many, in the same order */
    size_t count, capacity, provider_capacity;
    uint32_t last; /* the account of the last call + 1 */
    int64_t refused_calls, refused_tokens, switches;
};

/* Adds an account, when it is not there. number: in the replay. 0, or TQ_ENOMEM. */
int accounts_add(struct accounts *accounts, struct tq_provider *provider, uint32_t number);
void accounts_free(struct accounts *accounts);

/* Chooses the account of a call. 0 with *number, that account's in the replay; 1: refused; or the library's
 * code. */
int accounts_place(struct accounts *accounts, struct tq_ledger *ledger, int64_t at_ns, int64_t tokens,
                   uint32_t *number);

/* Notes what is left, after the call was counted. 0, or the library's code. */
int accounts_note(struct accounts *accounts, int64_t at_ns);

/* Windows that ended, and what lapsed in them, of all accounts. */
int64_t accounts_windows(const struct accounts *accounts);
int64_t accounts_lapsed(const struct accounts *accounts);

/* An object. */
struct json_t *accounts_json(const struct accounts *accounts);

#endif
