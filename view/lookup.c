/* lookup.c: the name of a provider that was meant by one that nobody knows.
 *
 * SPDX-License-Identifier: MIT
 */
#include "lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NAMES_LOOKED_AT 4096

const char *name_near(struct tq_ledger *ledger, const char *name)
{
    const char **names = calloc(NAMES_LOOKED_AT + 1, sizeof *names), *near = NULL;
    struct tq_provider *provider;
    uint64_t cursor = 0;
    size_t count = 0;

    for (size_t i = 0; names && i < NAMES_LOOKED_AT; i++) {
        if (tq_ledger_walk(ledger, &cursor, &provider) != 0)
            break;
        if (strcmp(tq_provider_name(provider), name) != 0) /* it may have been made just now */
            names[count++] = tq_provider_name(provider);
    }
    if (names)
        near = tq__nearest(tq__span_of(name), names);
    free(names);
    return near;
}

const char *name_hint(struct tq_ledger *ledger, const char *name, char out[HINT_BYTES])
{
    const char *near = ledger ? name_near(ledger, name) : NULL;

    *out = '\0';
    if (near)
        snprintf(out, HINT_BYTES, "; did you mean \"%s\"?", near);
    return out;
}
