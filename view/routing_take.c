/* routing_take.c: chooses a provider and holds of it what the call may use.
 *
 * SPDX-License-Identifier: MIT
 *
 * Between the choice and the hold another caller may take the room. Then the others are asked without that
 * one, and, as two callers that meet may both be refused, all of them once more.
 */
#include <stdlib.h>
#include <string.h>

#include "routing.h"

#define ROUNDS 3

/* Takes the hold. 0; 1: there is no room any more, or no place; or negative from the library. */
static int take(struct routing *routing, struct tq_ledger *ledger, int64_t at_ns)
{
    const char *name = routing->meant ? routing->meant(routing->chosen) : routing->chosen;
    int answer = 0;

    routing->taken = (struct tq_hold){.size = sizeof routing->taken,
                                      .flags = TQ_HOLD_NOBODY | (routing->use_reserve ? TQ_USE_RESERVE : 0)};
    if (!routing->provider)
        answer = tq_ledger_provider(ledger, name, strlen(name), 0, &routing->provider);
    if (answer < 0)
        return answer;
    answer = tq_provider_hold(routing->provider, routing->hold, routing->lease_ns, at_ns, &routing->taken);
    return answer == TQ_EFULL ? 1 : answer; /* 1,024 calls hold something of it */
}

/* Takes the chosen name out of a list of names. */
static void pass_by(const char **names, size_t *count, const char *chosen)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++)
        if (names[i] != chosen)
            names[kept++] = names[i];
    *count = kept;
}

/* Asks one after the other. 0: held; 1: none has room, or may be asked; or negative from the library. */
static int ask_each(struct routing *routing, struct tq_ledger *ledger, int64_t at_ns, const char **left)
{
    int answer = 1;

    while (routing->count > 0 && answer == 1) {
        answer = routing_choose(routing, ledger, at_ns);
        if (answer != 0)
            return answer;
        answer = take(routing, ledger, at_ns);
        if (answer == 1)
            pass_by(left, &routing->count, routing->chosen);
    }
    return answer;
}

int routing_take(struct routing *routing, struct tq_ledger *ledger, int64_t at_ns)
{
    const char *const *names = routing->names;
    const char **left = calloc(routing->count + 1, sizeof *left);
    size_t count = routing->count;
    int answer = left ? 1 : TQ_ENOMEM;

    for (int round = 0; round < ROUNDS && answer == 1; round++) {
        memcpy(left, names, count * sizeof *left);
        routing->names = left;
        routing->count = count;
        answer = ask_each(routing, ledger, at_ns, left);
    }
    routing->names = names;
    routing->count = count;
    free(left);
    if (answer == 1) { /* whichever comes first, of all of them */
        answer = routing_choose(routing, ledger, at_ns);
        if (answer == 0) /* it may be asked, but not with so much */
            routing->retry_at_ns = INT64_MAX;
        answer = answer < 0 ? answer : 1;
    }
    if (answer != 0)
        routing->taken = (struct tq_hold){0};
    routing->available = answer == 0;
    return answer;
}
