/* counted.h: a limit whose window is a calendar's or a fixed one, or never turns. limit.h has the argument.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_COUNTED_H
#define TQ_COUNTED_H

#include "limit.h"

void tq__counted_settle(const struct tq__line *line, int64_t now_ns);
bool tq__counted_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                     struct tq__standing *standing);
void tq__counted_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns);
void tq__counted_stand(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing);

#endif
