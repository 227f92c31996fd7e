/* sentence.h: a sentence that says a limit, while it is read.
 *
 * SPDX-License-Identifier: MIT
 *
 * sentence.c reads what is limited, sentence_window.c the window, sentence_rest.c what is behind it. Each
 * function that reads takes words from the front of `left`. It returns 0, or a negative code after
 * tq__sentence_wrong has written the message.
 */
#ifndef TQ_SENTENCE_H
#define TQ_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number.h"
#include "base/text.h"
#include "limit_check.h"
#include "tokenquota.h"

#define TQ__SENTENCE_SAY_FIXED "from 2026-04-11T00:45Z" /* an instant, as messages show it */

struct tq__sentence {
    struct tq__span text, left;            /* all of it; what is not read yet */
    struct tq__span part[TQ__LIMIT_PARTS]; /* the words that said each part; a length of 0: none did */
    struct tq__span kind;                  /* the words "rolling", "first use", ... */
    uint32_t kind_window;                  /* TQ_WINDOW_... of that, 0 without */
    bool windowed;                         /* the window is read: a slash belongs to a zone from here on */
    bool utc;                              /* the zone was named, and is UTC */
    struct tq_limit limit;                 /* window is 0 while the kind of a length is not known */
    struct tq_error error;
};

/* An amount, before its unit is known. */
struct tq__quantity {
    struct tq__span word;
    struct tq__number number;
    bool dollars;
};

/* The next word, which stays there; its length is 0 at the end. */
struct tq__span tq__sentence_next(const struct tq__sentence *sentence);

/* Moves behind a word that tq__sentence_next gave, or behind a part of it. */
void tq__sentence_pass(struct tq__sentence *sentence, struct tq__span word);

/* Moves behind the next word if it is this one, in lower case. */
bool tq__sentence_take(struct tq__sentence *sentence, const char *word);

/* The words from the first to what is read. */
struct tq__span tq__sentence_since(const struct tq__sentence *sentence, struct tq__span first);

/* Writes the message: in "the sentence": "word" text. It returns code. Without a word the text stands alone:
 * something is missing. */
__attribute__((format(printf, 4, 5))) int tq__sentence_wrong(struct tq__sentence *sentence, int code,
                                                             struct tq__span word, const char *text, ...);

/* Reads an amount. 0; 1: there is none. */
int tq__sentence_quantity(struct tq__sentence *sentence, struct tq__quantity *quantity);

/* Reads a unit's words, if there are some, and gives TQ_UNIT_..., 0 for none. *dollars: it is a word for
 * dollars. */
uint32_t tq__sentence_unit(struct tq__sentence *sentence, bool *dollars);

/* Gives a quantity in the limit's unit. */
int tq__sentence_amount(struct tq__sentence *sentence, const struct tq__quantity *quantity, int64_t *amount);

/* Is it a word of sentences, or does it begin as an amount does? A window that a vendor calls so is quoted.
 */
bool tq__sentence_is_word(struct tq__span word);

/* Reads a length at the front, which is a window that the vendor states: "7d", "7d opus". 0; 1: there is
 * none. */
int tq__sentence_stated(struct tq__sentence *sentence);

/* Reads the vendor's name of a window, if there is one: opus, "daily". */
int tq__sentence_name(struct tq__sentence *sentence);

/* Reads "once", "per day", "a week", "/5h", "daily". */
int tq__sentence_window(struct tq__sentence *sentence);

/* Reads rolling, refill, fixed, stated, first-use or "first use". 0; 1: there is none. */
int tq__sentence_kind(struct tq__sentence *sentence);

/* Reads what is behind the word `from`. */
int tq__sentence_from(struct tq__sentence *sentence, struct tq__span from);

/* A length near that of a calendar window, "7d". */
const char *tq__sentence_length_near(uint32_t window);

/* The message for an hour or an instant on a calendar window. */
int tq__sentence_wrong_hour(struct tq__sentence *sentence, struct tq__span word);

/* Reads what is behind the window, in any order, and decides what kind of window it is. */
int tq__sentence_rest(struct tq__sentence *sentence);

/* From Monday and from January on; a NULL ends them. */
extern const char *const tq__weekday_names[], *const tq__month_names[];

/* Is this zone UTC? Then a limit has none. */
static inline bool tq__zone_is_utc(struct tq__span name)
{
    return tq__span_matches(name, "utc");
}

#endif
