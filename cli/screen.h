/* screen.h: a terminal's whole screen for something that changes, and the terminal given back as it was.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SCREEN_H
#define TOKENQUOTA_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* Takes the screen; signals that end or stop the program give it back first. -1, reported, without a
 * terminal. */
int screen_enter(void);

/* Gives it back. */
void screen_leave(void);

/* Shows a frame, lines of text, cut to the screen's height. */
void screen_draw(const char *frame, size_t len);

/* True once after the screen has changed its size, or was shown to others meanwhile. */
bool screen_changed(void);

#endif
