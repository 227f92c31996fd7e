/* watch.h: what watch.c and watch_states.c share: the providers that are watched, and how they stand.
 *
 * SPDX-License-Identifier: MIT
 *
 * view/transition.h says what a transition is. Each is printed as it is seen. The command of --exec runs for
 * one provider at a time, in the order in which they changed. If providers change while it runs, it is run
 * again afterwards, once per changed provider, with the current state.
 */
#ifndef TOKENQUOTA_WATCH_H
#define TOKENQUOTA_WATCH_H

#include <sys/types.h>

#include "cli/show/show.h"
#include "view/transition.h"

/* A share of a limit, or of the day's budget, that was reached. */
struct warning {
    char *name;       /* of the provider, its own */
    char *limit;      /* "5 h", "day"; its own */
    char *sentence;   /* its own */
    uint32_t percent; /* the one of --warn */
};

#define WARN_MOST 16 /* percents of --warn */

/* The percents of --warn, the highest first. */
struct percents {
    uint32_t items[WARN_MOST];
    size_t count;
};

struct watch {
    struct request asked; /* no operands: all providers */
    const char *exec;
    struct percents warn;
    struct warning *warnings; /* of which the command of --exec was not told yet */
    size_t warning_count, warning_capacity;
    struct watching watching;
    uint64_t turns; /* that were given out */
    pid_t child;    /* the command that runs, 0: none */
    int64_t looked_at_ns;
};

/* ---- watch_states.c: 0, or what the work of a session answers -------------------------------- */

/* What the work answers to a failure of the watching. */
int watch_fail(const struct watch *watch, const struct session *session, int answer);

/* Looks at all, prints each transition and queues it for the command. The first look only notes how they
 * stand. */
int watch_look(struct watch *watch, struct session *session);

void watch_free(struct watch *watch);

/* ---- watch_warn.c ---------------------------------------------------------------------------- */

/* Reads "50,80,90". */
int option_percents(const struct option *option, const char *text, int64_t now_ns, void *to);

/* Prints a line for each share of a provider that has reached one of the percents, if no other process did,
 * and queues it for the command. */
int watch_warn(struct watch *watch, struct watched *item, int64_t now_ns);

/* Takes the first warning for the command. False: there is none. The caller frees it. */
bool watch_next_warning(struct watch *watch, struct warning *warning);

void warning_free(struct warning *warning);

#endif
