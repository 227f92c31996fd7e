/* windows.h: the windows of a subscription, as the headers or the JSON of its vendor name them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_WINDOWS_H
#define TQ_SIGNALS_WINDOWS_H

#include "reading.h"

#define TQ__WINDOWS_MAX 12

enum tq__window_part {
    TQ__WINDOW_STATUS,
    TQ__WINDOW_USED,
    TQ__WINDOW_MINUTES,
    TQ__WINDOW_RESET_AT,
    TQ__WINDOW_RESET_AFTER,
    TQ__WINDOW_PARTS,
};

struct tq__vendor_window {
    struct tq__span id; /* 5h, seven_day_opus, codex-primary */
    struct tq__span said[TQ__WINDOW_PARTS];
};

struct tq__windows {
    struct tq__vendor_window window[TQ__WINDOWS_MAX];
    uint32_t count;
};

/* The window with this id, which is added when it is not there; NULL when there is no room. */
struct tq__vendor_window *tq__window_named(struct tq__reading *reading, struct tq__windows *windows,
                                           struct tq__span id);

/* Keeps the value of a header whose name, in this span, is ID-PART; names with another PART are left alone.
 */
void tq__window_take(struct tq__reading *reading, struct tq__windows *windows, struct tq__span name,
                     struct tq__span value);

#endif
