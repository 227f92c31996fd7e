/* document.h: what one JSON document of a response says: usage, an error, limits, the end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_DOCUMENT_H
#define TQ_SIGNALS_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/usage.h"
#include "lines.h"

/* What kind of document it is, by its type. */
#define TQ__KIND_PART 1u  /* one of a stream, and not the last */
#define TQ__KIND_LAST 2u  /* the last that matters */
#define TQ__KIND_GROWS 4u /* its counts take the place of those before it, one by one */
#define TQ__KIND_ERROR 8u
#define TQ__KIND_LIMITS 16u
#define TQ__KIND_POLLED 32u /* the state of many responses, which clients ask for again and again */
#define TQ__KIND_LINE 64u   /* a whole response, of one of a batch's requests */

struct tq__look {
    struct tq__counts counts;
    uint32_t kind; /* TQ__KIND_... by its type and members */
    bool last;     /* nothing of usage will come after it */
};

/* Looks at a text that tq__usage_lines_next handed out. false: it says nothing, or is no JSON. Whatever it
 * says is taken from the places of base/usage.c, never from a text that happens to have the words. */
bool tq__usage_look(const struct tq__usage_text *text, struct tq__look *look);

#endif
