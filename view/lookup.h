/* lookup.h: the name of a provider that was meant by one that nobody knows.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_LOOKUP_H
#define TOKENQUOTA_VIEW_LOOKUP_H

struct tq_ledger;

/* The provider of the ledger whose name looks most like this one; NULL: none does. It belongs to the ledger.
 * Of a large ledger some names are looked at, not all. */
const char *name_near(struct tq_ledger *ledger, const char *name);

#endif
