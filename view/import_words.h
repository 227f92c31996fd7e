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

#endif
