/* ids_file.h: the file that keeps ids: opened, read, written.
 *
 * SPDX-License-Identifier: MIT
 *
 * Behind a header the file is a ring of entries. Entry number N is in place (N - 1) % most, and says its
 * number, so that a reader finds the newest one. Each entry has a check of its own: one that is damaged is
 * left out. No entry crosses a page, and each is written once, so that a killed process leaves it whole or
 * not there.
 */
#ifndef TOKENQUOTA_SERVE_IDS_FILE_H
#define TOKENQUOTA_SERVE_IDS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDS_PATH_BYTES 4096
#define IDS_ENTRY_BYTES 32

/* The bytes in the file and in memory. */
struct ids_entry {
    uint64_t hash[2];
    uint64_t number; /* from 1; 0: there is none */
    uint32_t at_s;   /* when it was noted, in seconds since 1970 */
    uint32_t check;  /* of what is before it */
};

struct ids_file {
    char path[IDS_PATH_BYTES];
    int fd; /* negative: none */
    uint32_t most;
    int64_t begun_at_ns; /* when the file was made: older ids were never in it */
    uint64_t newest;     /* the number of the newest entry that was found; 0: none */
    uint64_t lost;       /* entries that were damaged */
};

/* Opens and locks the file of a ledger, or makes it. ring has room for `most` entries, all zeros, and gets
 * those of the file in their places. False with why: there is no file to use; fd is negative. */
bool ids_file_open(struct ids_file *file, const char *ledger, uint32_t most, int64_t now_ns,
                   struct ids_entry *ring, char *why, size_t why_bytes);

/* Writes the entries of these numbers, first up to but not including end. False, with errno. */
bool ids_file_write(const struct ids_file *file, const struct ids_entry *ring, uint64_t first, uint64_t end);

uint32_t ids_entry_check(const struct ids_entry *entry);

#endif
