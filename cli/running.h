/* running.h: runs a command in the place of this one: with our streams, our signals and its exit status.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_RUNNING_H
#define TOKENQUOTA_RUNNING_H

#include <stdint.h>

#define EXIT_NOT_RUN 126   /* as shells have it: the command was found, but cannot be run */
#define EXIT_NOT_FOUND 127 /* the command was not found */

struct running {
    char *const *argv;
    int kept; /* a descriptor that the command and all that it starts keep open; -1: none */
    /* Called once the command runs, and again when the time that it answered has passed, in nanoseconds;
     * INT64_MAX: never again. May be NULL. */
    int64_t (*look)(void *context);
    void *context;
};

/* Runs it to its end. It has our standard streams and our environment. Signals that somebody sends to us are
 * sent on to it; those of the terminal reach it without us. Returns its exit status, 128 + the signal that
 * ended it, or EXIT_NOT_..., reported. */
int running_do(const struct running *running);

#endif
