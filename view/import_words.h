/* import_words.h: what happens while logs are imported, in lines for people.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_IMPORT_WORDS_H
#define TOKENQUOTA_VIEW_IMPORT_WORDS_H

#include "import/import.h"

struct listener;

/* Tells listener->trouble of an event. Of bad lines only the first few are told, for logs of tools have odd
 * lines; IMPORT_READS says nothing. */
void import_tell(struct import *import, enum import_event event, const struct merge_file *file,
                 struct listener *listener);

/* Tells of calls that others may have counted live, too. */
void import_tell_others(struct import *import, struct listener *listener);

/* Can these logs be found? All find theirs by themselves, and some have no place of their own. 0, or -1 with
 * listener->why. */
int import_logs_fit(const struct import_logs *logs, struct listener *listener);

#endif
