/* anew.h: a ledger made anew from another, name by name, and put in a ledger's place.
 *
 * SPDX-License-Identifier: MIT
 *
 * Compact, backup and restore never copy a file's bytes: each name is inserted into a new ledger and gets
 * what its slot holds. So every index word of the new one leads to a slot that was filled, and each word of
 * that slot is some value that it had meanwhile.
 */
#ifndef TQ_ANEW_H
#define TQ_ANEW_H

#include "ledger.h"

/* Inserts the names of `from` into `to`, which has none, with what is held of them, and the notes of the
 * header. Others may count on `from`. The errors of tq__table_insert. */
int tq__anew_names(struct tq_ledger *to, struct tq_ledger *from);

/* Makes all that `from` holds into a new file with the rights of the file at path, and puts it in that one's
 * place. old: that file, open for writing and locked for the caller alone. Until the new one has the name
 * the old one stays as it is. The errors of open. */
int tq__anew_replace(struct tq_ledger *from, const char *path, int old, struct tq_error *error);

#endif
