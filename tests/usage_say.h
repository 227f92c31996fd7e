/* usage_say.h: usage in words, so that a test compares all of it at once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_USAGE_SAY_H
#define TEST_USAGE_SAY_H

#include "tokenquota_signals.h"

#define USAGE_WORDS_BYTES 512

/* The words of tests/vectors/streams/README.md: "input 3 output 4 counted 7 partial"; "none" for the
 * answer 1. What must not be, such as an unknown count that is not 0, gives words that no test expects. */
const char *usage_say(int answer, const struct tq_usage *usage, char words[USAGE_WORDS_BYTES]);

/* Of a JSON text, read whole and without a profile. */
const char *usage_say_of(const char *body, char words[USAGE_WORDS_BYTES]);

#endif
