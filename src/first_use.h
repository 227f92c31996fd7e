/* first_use.h: a window that begins with the first record after the one before has ended.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two words of the limit's line, in units of 4 s since 1970:
 *
 *     bound     the floor: [version, 8 | raises, 16 | floor, 40]   no window that counts began before it
 *     count[0]  the window: [version, 8 | start, 24 | count, 32]   start modulo 2^24 (2.1 years)
 *
 *   U1  A thread that begins a window raises the floor first: to the end of the window before, or to a
 *       length before the new start, whichever is later. Then it swaps the window. So the start is within a
 *       length of the floor, and the floor says which of all instants with these 24 bits it is. A start
 *       that is not, is of a window that has ended; its word becomes 0 before the floor rises again.
 *   U2  A record in the window adds to it. One before the start, by less than a length and not before the
 *       floor, moves the start back and adds, in the same swap. One before the floor is of no window.
 *   U3  The window changes only by a swap from the value that was loaded before the floor. So a thread that
 *       computed from an older floor fails, or its record is of the window that it saw.
 *
 * A thread that dies between its two steps leaves a floor behind which the old window is over. The next
 * record begins one.
 */
#ifndef TQ_FIRST_USE_H
#define TQ_FIRST_USE_H

#include "limit.h"

bool tq__first_use_ready(const struct tq__line *line, int64_t now_ns);
void tq__first_use_settle(const struct tq__line *line, int64_t now_ns);
bool tq__first_use_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                       struct tq__standing *standing);
void tq__first_use_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns);
/* Numbers the window: by its floor, in quarter hours. False: it does not hold now_ns. */
bool tq__first_use_number(const struct tq__line *line, int64_t now_ns, uint64_t *number);
/* Begins a window at an instant, or moves the beginning of the one there is back to it. 1: it does not
 * overlap that one, or has ended by now_ns, or lies behind now_ns, or begins before the one before has ended.
 */
int tq__first_use_begin(const struct tq__line *line, int64_t start_ns, int64_t now_ns);
/* When the newest window began, whatever the time is now; 0: there is none. */
int64_t tq__first_use_newest_ns(const struct tq__line *line);
void tq__first_use_stand(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing);

#endif
