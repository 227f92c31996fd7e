/* fallback.h: a flush without EVAL, where a server or its rights refuse it: plain commands in two round
 * trips.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first one asks whether the name is free, what the epoch is and whether words came; the second one says
 * and reads. An entry is written over the one before, and the reader merges; the script's sums are emptied
 * with it, in one command, so that a node that may use the script makes them anew. Of words each node has its
 * own field (keys.h), so that nobody writes over a later one. Words are not seen across: all nodes must use
 * the script, or none.
 *
 * It costs more: every entry is read each time.
 */
#ifndef TOKENQUOTA_SYNC_FALLBACK_H
#define TOKENQUOTA_SYNC_FALLBACK_H

#include "exchange.h"

struct sync_redis;
struct tq_error;

/* As sync_exchange; order has room for all items. */
int fallback_run(struct sync_redis *redis, struct sync_exchange *exchange, size_t *order, int64_t deadline_ns,
                 struct tq_error *error);

#endif
