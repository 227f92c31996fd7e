/* lookup.h: the name of a provider that was meant by one that nobody knows.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_LOOKUP_H
#define TOKENQUOTA_VIEW_LOOKUP_H

#include <tokenquota.h>

/* The provider of the ledger whose name looks most like this one; NULL: none does. It belongs to the ledger.
 * Of a large ledger some names are looked at, not all. */
const char *name_near(struct tq_ledger *ledger, const char *name);

#define HINT_BYTES (TQ_NAME_MAX + 32)

/* '; did you mean "claude"?' in out, which is returned; "" when no name is near. ledger may be NULL. */
const char *name_hint(struct tq_ledger *ledger, const char *name, char out[HINT_BYTES]);

#endif
