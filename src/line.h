/* line.h: a limit of any kind of window: asked, counted in, looked at.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LINE_H
#define TQ_LINE_H

#include "limit.h"

/* Is there nothing to ask the clock about before a record at now_ns is counted? */
bool tq__line_ready(const struct tq__line *line, int64_t now_ns);

/* Behind the clock's gate: turns the window to the one that holds now_ns, when that is a later one. When it
 * is an earlier one, takes back what begins further ahead of the clock than its limit. The clock is read
 * after the word that it judges: so a thread that stalls takes back nothing for which the time has come. */
void tq__line_settle(const struct tq__line *line, int64_t now_ns);

/* Counts. Returns true with how the limit stands at now_ns after it, by the window of the record; false: the
 * record is of no window that the limit keeps. */
bool tq__line_add(const struct tq__line *line, int64_t amount, int64_t now_ns, struct tq__standing *standing);

/* Takes an amount back from the window of now_ns, not below 0. */
void tq__line_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns);

/* How the limit stands at now_ns. Nothing is changed. */
void tq__line_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                    struct tq__standing *standing);

/* The same by the terms that *standing has: others than the limit's, to ask what would hold under them. */
void tq__line_stand_by(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                       struct tq__standing *standing);

/* Finds the tag of the newest window, for what is noted of it beside its count. False: it does not hold
 * now_ns. A rolling and a refilling limit have one tag for all times. */
bool tq__line_tag(const struct tq__line *line, int64_t now_ns, uint64_t *tag);

/* The length of the window that binds. What a rolling limit counts is a hundredth longer, and a refill has no
 * window. 0: it never ends. */
int64_t tq__line_length_ns(const struct tq__line *line, const struct tq__standing *standing);

/* When the newest window begins that the limit has, for a look at an instant that may be before it; 0: its
 * count is one for all instants, or none has begun. */
int64_t tq__line_newest_ns(const struct tq__line *line);

/* Forgets what is counted. */
void tq__line_clear(const struct tq__line *line);

#endif
