/* poll.h: runs commands that ask the vendor of a provider, from one process of the machine, and applies what
 * they print.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two kinds of commands ask: one gives a reading, such as that of a usage endpoint, and runs every so often;
 * one sends a request, such as a completion of one token, and runs when a probe is due. What a usage endpoint
 * says is a reading: nobody knows by it whether a request would be served, so it is applied without a sending
 * time and lifts nothing. The answer to a request counts as one that was sent when the run began.
 */
#ifndef TOKENQUOTA_VIEW_POLL_H
#define TOKENQUOTA_VIEW_POLL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <tokenquota.h>
#include <tokenquota_signals.h>

#define POLL_EVERY_NS (300 * INT64_C(1000000000))
#define POLL_EVERY_LEAST_NS (10 * INT64_C(1000000000))
#define POLL_TIMEOUT_NS (60 * INT64_C(1000000000))
#define POLL_LOOK_NS INT64_C(1000000000) /* how often to look */

struct listener;

struct poll {
    /* The caller's. */
    char *const *command;            /* runs every every_ns; NULL: none */
    char *const *probe;              /* runs when a probe is due; NULL: none */
    bool sends;                      /* command sends a request itself */
    bool once;                       /* do not say that another process polls */
    const struct tq_profile *vendor; /* NULL: found by the answer */
    int64_t every_ns;
    int64_t timeout_ns;
    int64_t answered_ns;       /* when an answer came; 0: the clock's time then */
    const atomic_bool *stop;   /* set by a signal handler, or another thread: end the command */
    struct listener *listener; /* trouble: why a run failed */
    const char *hint;          /* after a refused reading, how a request is told; NULL: nothing */
    /* What was applied; NULL: nobody asks. */
    void (*applied)(struct poll *poll, const struct tq_quota_signal *signal);
    void *context;
    struct tq_provider *provider; /* after another one set next_ns to 0 */

    int64_t next_ns;   /* when to try again; 0: now */
    unsigned failures; /* since the last success */
    bool sent;         /* this run: a request */
    bool refused;      /* the last run: the vendor refused the request */
    bool told;         /* that another process polls */
};

#define POLL_DONE 0    /* a command ran, or another caller probes */
#define POLL_FAILED 1  /* it did not count as an answer, which was told */
#define POLL_NOT_DUE 2 /* next_ns is when */
#define POLL_OTHER 3   /* another process polls */

/* Runs a command if one is due and ours. POLL_..., or negative from the library with listener->why. */
int poll_look(struct poll *poll, int64_t now_ns);

#endif
