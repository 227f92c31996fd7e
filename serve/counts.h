/* counts.h: what the daemon counts of itself: its answers, how long they took, and what came in.
 *
 * SPDX-License-Identifier: MIT
 *
 * Numbers of the process: they begin with it, and any thread may add to them.
 */
#ifndef TOKENQUOTA_SERVE_COUNTS_H
#define TOKENQUOTA_SERVE_COUNTS_H

#include <stdint.h>

#include <tokenquota.h>

#include "http.h"

struct exposition;

/* The daemon begins to serve. */
void counts_begin(int64_t now_ns);

/* An answer is given after so long; route NULL: the path leads nowhere, or nobody looked. */
void counts_answer(const struct http_route *route, unsigned status, int64_t length_ns);

/* What a vendor said came in. */
void counts_signal(const struct tq_quota_signal *signal);

/* Appends them as metrics. */
void counts_put(struct exposition *out);

#endif
