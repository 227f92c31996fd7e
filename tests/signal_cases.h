/* signal_cases.h: responses of vendors and what they mean, out of the files in tests/vectors/signals/.
 *
 * SPDX-License-Identifier: MIT
 *
 * The README beside those files describes their form.
 */
#ifndef TEST_SIGNAL_CASES_H
#define TEST_SIGNAL_CASES_H

#include <stddef.h>
#include <stdint.h>

#include "tokenquota_signals.h"

#define SIGNAL_FIELDS_MAX 64
#define SIGNAL_LINES_MAX 32
#define SIGNAL_FILES_MAX 64
#define SIGNAL_LINE_BYTES 320

struct signal_case {
    char name[128]; /* "openai: the six headers on a success" */
    char by[64];    /* words: profiles that read it alike; "auto=openai": auto must find that it is openai */
    int64_t now_ns;
    uint32_t day;
    uint32_t status;
    struct tq_field fields[SIGNAL_FIELDS_MAX];
    size_t field_count;
    const char *body; /* NULL: the response has none */
    size_t body_len;
    char expected[SIGNAL_LINES_MAX][SIGNAL_LINE_BYTES]; /* sorted, in the form of signal_words.h */
    size_t expected_count;
};

struct signal_cases {
    struct signal_case *list;
    size_t count;
    size_t capacity;
    char *text[SIGNAL_FILES_MAX]; /* of the files: what the cases point to */
    size_t text_count;
};

/* Adds the cases of a file. 0, or -1 after it printed "file:line: ..." for the first line that is wrong. */
int signal_cases_read(struct signal_cases *cases, const char *path);

/* Adds the cases of all .txt files of a folder, in the order of their names. How many files; -1 as above. */
int signal_cases_read_folder(struct signal_cases *cases, const char *folder);

void signal_cases_free(struct signal_cases *cases);

#endif
