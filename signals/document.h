/* document.h: what one JSON document of a response says: usage, an error, limits, the end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_USAGE_LOOK_H
#define TQ_USAGE_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usage_counts.h"
#include "lines.h"

struct tq__look {
    struct tq__counts counts;
    uint32_t kind; /* TQ__KIND_... by its type and members */
    bool last;     /* nothing of usage will come after it */
    bool shallow;  /* a recursive reader can take it */
};

/* Looks at a text that tq__usage_lines_next handed out. false: it says nothing, or is no JSON. Whatever it
 * says is taken from the places of usage_keys.c, never from a text that happens to have the words. */
bool tq__usage_look(const struct tq__usage_text *text, struct tq__look *look);

#endif
