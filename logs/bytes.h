/* bytes.h: the bytes of a log, from a file, a pipe or memory, decompressed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_BYTES_H
#define TQ_LOGS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZLIB_CONST /* the input is not written to */

#include <zlib.h>
#include <zstd.h>

#include "tokenquota_logs.h"

#define TQ__LOG_BLOCK_BYTES 262144 /* what is read at a time */

struct tq__log_bytes {
    int fd; /* -1: memory */
    bool fd_owned;
    bool drained;                /* no more stored bytes will come */
    int packing;                 /* how the bytes are stored: PLAIN, ... of bytes.c */
    const unsigned char *stored; /* stored bytes that are not consumed yet */
    size_t stored_bytes;
    unsigned char *block; /* where stored points, unless it is the caller's memory */
    uint64_t read_bytes;  /* stored bytes taken from the file so far */
    uint64_t total_bytes;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool inside; /* a gzip member or zstd frame has begun and not ended */
};

/* Opens; 0 or TQ_LOG_BROKEN. It must be closed in either case. */
int tq__log_bytes_open(struct tq__log_bytes *bytes, const char *path, struct tq_log_error *error);
int tq__log_bytes_open_memory(struct tq__log_bytes *bytes, const void *data, size_t len,
                              struct tq_log_error *error);
void tq__log_bytes_close(struct tq__log_bytes *bytes);

/* Gives the next bytes: TQ_LOG_RECORD with 1 to capacity of them, TQ_LOG_END, TQ_LOG_BROKEN. */
int tq__log_bytes_read(struct tq__log_bytes *bytes, char *out, size_t capacity, size_t *got,
                       struct tq_log_error *error);

/* Is the log stored as it is, so that an offset in the file is one in the log? */
bool tq__log_bytes_are_plain(const struct tq__log_bytes *bytes);

/* Has all of a file been taken, up to the end of its last gzip member or zstd frame? */
bool tq__log_bytes_are_over(const struct tq__log_bytes *bytes);

/* Continues at this offset of a plain file; 0 or TQ_LOG_BROKEN. */
int tq__log_bytes_seek(struct tq__log_bytes *bytes, uint64_t offset, struct tq_log_error *error);

/* Makes the next read look whether a plain file has grown beyond what was its end. */
void tq__log_bytes_again(struct tq__log_bytes *bytes);

/* How far the reader is, and the size of the file, 0 when unknown: stored bytes. */
uint64_t tq__log_bytes_done(const struct tq__log_bytes *bytes);

#endif
