/* places.h: the folders where a tool keeps its logs, found from how the table of sources writes them.
 *
 * SPDX-License-Identifier: MIT
 *
 * A place is written as in a shell, without quotes:
 *
 *     $CODEX_HOME/{sessions,archived_sessions}|~/.codex/{sessions,archived_sessions}
 *
 *     |          between alternatives: the first one whose variable is set and not empty is taken
 *     $NAME      a variable of the environment, at the begin: a folder, or folders with commas between them.
 *                One whose name begins with XDG_ is a single folder, and is ignored when it is relative
 *     ~          HOME, at the begin
 *     * {a,b}    as in a shell; what a variable says is taken literally
 *
 * A place may also be a file. Then the files of that folder are meant which have the source's names, and none
 * below.
 */
#ifndef TQ_LOGS_PLACES_H
#define TQ_LOGS_PLACES_H

/* Calls note with the path of each folder of a place that is there, on the heap; note owns it. Stops when
 * note returns something else than 0, and returns that; -1 when there is no memory. */
int tq__log_place_find(const char *place, int (*note)(void *context, char *path), void *context);

#endif
