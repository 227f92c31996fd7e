/* values.h: what people write as a value, in options, settings and the daemon's configuration: tokens, care,
 * lengths of time, sources of logs, profiles.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_VALUES_H
#define TOKENQUOTA_VIEW_VALUES_H

#include <stddef.h>
#include <stdint.h>

struct listener;
struct tq_log_source;
struct tq_profile;

/* ---- NULL when the text was read, else what is wrong with it --------------------------------- */

/* An amount as tq__amount_take reads it; not negative. */
const char *tokens_parse(const char *text, size_t len, int64_t *tokens);

/* A care, 0 to 8 in steps of a quarter: 2, 1/2, 5/4 or 1.25; *care is in quarters. */
const char *care_parse(const char *text, size_t len, unsigned *care);

/* A length of time: 15m, 1h30m or 90s. */
const char *length_parse(const char *text, int64_t *length_ns);

/* ---- 0, or -1 with listener->why ------------------------------------------------------------- */

/* The source of logs by that name, NULL for "all". */
int source_find(const char *word, const struct tq_log_source **source, struct listener *listener);

/* The profile by that name; NULL with 0 for none and "auto". */
int profile_find(const char *name, const struct tq_profile **profile, struct listener *listener);

/* A word that is none of names, which a NULL ends: 'unknown source "cluade"; did you mean "claude"?', or the
 * hint when no name is near. dashes, "--" or "", are put before both. -1. */
int word_unknown(struct listener *listener, const char *unknown, const char *dashes, const char *word,
                 const char *const *names, const char *hint);

#endif
