/* screen.h: what is redrawn in place on a terminal: the whole screen, which is given back as it was, or one
 * line.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SCREEN_H
#define TOKENQUOTA_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/listener.h"

/* Takes the screen; signals that end or stop the program give it back first. -1, reported, without a
 * terminal. */
int screen_enter(void);

/* Gives it back, if it was taken; so does the end of the command. */
void screen_leave(void);

/* Shows a frame, lines of text, cut to the screen's height. */
void screen_draw(const char *frame, size_t len);

/* True once after the screen has changed its size, or was shown to others meanwhile. */
bool screen_changed(void);

/* ---- progress -------------------------------------------------------------------------------- */

/* One line on a terminal's stderr for work that lasts, redrawn in place. */
struct progress {
    bool on;
    bool drawn;
    int64_t next_ns; /* of the monotonic clock */
};

void progress_start(struct progress *progress);

/* At most ten redraws a second. total 0: not known. */
void progress_draw(struct progress *progress, const char *what, uint64_t done, uint64_t total,
                   uint64_t records);
void progress_erase(struct progress *progress);

/* Shows how far work is in the progress line, which it starts, and reports what cannot be read. */
struct listener progress_listener(struct progress *progress);

#endif
