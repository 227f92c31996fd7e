/* stated_unlooked.h: a broken twin of limit.h: whoever changes a word of a line does not look at its spec
 * again, so the word may be in a limit that has the line by then.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_STATED_UNLOOKED_H
#define TWIN_STATED_UNLOOKED_H

#include "pause.h"

#define tq__line_is_same exact_line_is_same
#include "src/limit.h"
#undef tq__line_is_same

static inline bool tq__line_is_same(const struct tq__line *line)
{
    (void)line;
    twin_pause();
    return true;
}

#endif
