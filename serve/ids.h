/* ids.h: the ids of the newest records, so that a record that is sent again counts once.
 *
 * SPDX-License-Identifier: MIT
 *
 * An id is noted after its record was counted. A process that is killed between the two counts the record
 * again when it is sent again; no record is ever left out. The ids are kept in a file beside the ledger,
 * LEDGER.ids, which docs/format.md describes; a new daemon goes on with it.
 *
 * One batch of records at a time uses the ids:
 *
 *     ids_begin(ids, now_ns);
 *     answer = ids_find(ids, text, len);      1: it was counted before
 *     ... count the record ...
 *     ids_note(ids);
 *     ids_end(ids, true);
 *
 * The lock is held meanwhile, so that two records with one id that come at once count once.
 */
#ifndef TOKENQUOTA_SERVE_IDS_H
#define TOKENQUOTA_SERVE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDS_AGE_NS INT64_C(86400000000000) /* an id is known for 24 hours */
#define ID_BYTES 255                       /* of an id, at most */

#define IDS_WHY 512

struct ids;

/* Opens the ids of a ledger, at most `most` of them; 0: SERVE_IDS. When they cannot be kept in the file,
 * why says so in one line for people, and they are known until the process ends; else why is "", or says what
 * was lost. NULL: no memory. */
struct ids *ids_open(const char *ledger, uint32_t most, int64_t now_ns, char why[IDS_WHY]);
void ids_close(struct ids *ids);

/* Begins a batch at an instant. Waits for the batch of another thread. */
void ids_begin(struct ids *ids, int64_t now_ns);

/* Was this id noted? 1: yes. 0: no, and there is room to note it. Negative: TQ_ENOMEM. */
int ids_find(struct ids *ids, const char *text, size_t len);

/* Notes the id that was asked for last. */
void ids_note(struct ids *ids);

/* Since when all ids are known: those of records that were counted earlier may not be. */
int64_t ids_since_ns(const struct ids *ids);

/* Ends the batch and writes its ids to the file. keep false: its records were not counted after all, and its
 * ids are forgotten. False, with errno: the file cannot be written any more, which is told once until it can
 * be written again; each batch tries. */
bool ids_end(struct ids *ids, bool keep);

#endif
