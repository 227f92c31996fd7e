/* prose.h: reads from a sentence for people when requests are served again.
 *
 * SPDX-License-Identifier: MIT
 *
 *     Please try again in 1 hour 26 minutes.
 *     Weekly usage limit reached. It will reset in 5 days 10 hours.
 *     resets at 2026-09-20T15:00:00Z (2056)
 *     The quota will reset at 09-24 09:18:00 UTC.
 *     ... for your limit to reset on April 20, 2026 at 2:00 AM
 *     您的限额将在 2026-09-20 22:41:44 重置。
 *     请在 1 小时 26 分钟后重试
 *     2026-12-01 08:00:00 后重置
 *
 * Only what stands behind such words counts, with a few words like "at", "in" and "after" between, and in
 * Chinese what stands directly in front of them: "50 requests per 86400 seconds" is no time to wait.
 */
#ifndef TQ_SIGNALS_PROSE_H
#define TQ_SIGNALS_PROSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Reads the first length of time or instant behind now_ns that a sentence names as its end. A date or a time
 * of day without a zone is in the vendor's, zone_minutes east of UTC. False: it names none. The time is
 * linear in the bytes of the text. */
bool tq__prose_end(struct tq__span text, int zone_minutes, int64_t now_ns, int64_t *at_ns);

/* ---- lengths of time ------------------------------------------------------------------------- */

/* They move the text behind what they read, and leave it alone when they answer false. */

/* Reads numbers with a unit each and adds them up: 5 days 10 hours; 1h26m; 1.5 seconds; an hour; 26 分钟. */
bool tq__prose_length(struct tq__span *text, int64_t *ns);

/* Reads a length that is written like a time of day, as .NET does: 03:23:11; 22.14:18:12 with days. */
bool tq__prose_timespan(struct tq__span *text, int64_t *ns);

#endif
