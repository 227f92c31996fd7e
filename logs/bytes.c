/* bytes.c: the bytes of a log, from a file, a pipe or memory, decompressed on the way.
 *
 * SPDX-License-Identifier: MIT
 *
 * How a log is packed, its first bytes tell. gzip members and zstd frames may follow each other, as `cat a.gz
 * b.gz` makes them; behind the last member zero bytes are padding, as gzip itself takes them. A stream that
 * ends inside a member or frame is broken, not short: what it lacks would be missing from the totals.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC_BYTES 4 /* what tells the packing */
#define GZIP_ONLY 16  /* added to zlib's window bits: a gzip header must be there */

enum { PLAIN, GZIP, ZSTD };

static int fail(struct tq_log_error *error, int sys, const char *what)
{
    return tq__log_fail(error, TQ_LOG_BROKEN, 0, sys, "%s%s%s", what, sys ? ": " : "",
                        sys ? strerror(sys) : "");
}

/* Gets more stored bytes of a file behind those that are there; sets drained when there are no more. Memory
 * is drained from the start. */
static int fetch(struct tq__log_source *source, struct tq_log_error *error)
{
    unsigned char *end;
    ssize_t got;

    if (source->stored_bytes > 0)
        memmove(source->block, source->stored, source->stored_bytes);
    source->stored = source->block;
    end = source->block + source->stored_bytes;
    do {
        got = read(source->fd, end, TQ__LOG_BLOCK_BYTES - source->stored_bytes);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail(error, errno, "cannot read");
    source->drained = got == 0;
    source->stored_bytes += (size_t)got;
    source->read_bytes += (uint64_t)got;
    return 0;
}

static void consume(struct tq__log_source *source, size_t bytes)
{
    source->stored += bytes;
    source->stored_bytes -= bytes;
}

/* ---- packing ---- */

static bool begins(const struct tq__log_source *source, const char *magic, size_t len)
{
    return source->stored_bytes >= len && memcmp(source->stored, magic, len) == 0;
}

static bool is_zstd(const struct tq__log_source *source)
{
    /* A frame, or a frame to be skipped (0x50 to 0x5f), with which parallel compressors begin. */
    return begins(source, "\x28\xb5\x2f\xfd", 4) ||
           (source->stored_bytes >= 4 && (source->stored[0] & 0xf0) == 0x50 &&
            memcmp(source->stored + 1, "\x2a\x4d\x18", 3) == 0);
}

/* What people will try and what is not read; better named than called a bad CSV. NULL for all else. */
static const char *foreign_kind(const struct tq__log_source *source)
{
    static const struct {
        const char *magic;
        size_t len;
        const char *kind;
    } foreign[] = {
        {"BZh", 3, "compressed by bzip2"},
        {"\xfd\x37zX", 4, "compressed by xz"},
        {"\x04\x22\x4d\x18", 4, "compressed by lz4"},
        {"PK\x03\x04", 4, "a ZIP archive"},
        {"PAR1", 4, "a Parquet file"},
        {"\xff\xfe", 2, "UTF-16 text"},
        {"\xfe\xff", 2, "UTF-16 text"},
    };

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (begins(source, foreign[i].magic, foreign[i].len))
            return foreign[i].kind;
    }
    return NULL;
}

static int detect(struct tq__log_source *source, struct tq_log_error *error)
{
    const char *kind;

    while (source->stored_bytes < MAGIC_BYTES && !source->drained) {
        if (fetch(source, error) != 0)
            return TQ_LOG_BROKEN;
    }
    kind = foreign_kind(source);
    if (kind)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0,
                            "is %s; CSV and JSONL in UTF-8 are read, plain or compressed by gzip or zstd",
                            kind);
    if (begins(source, "\x1f\x8b", 2)) {
        source->packing = GZIP;
        if (inflateInit2(&source->gzip, MAX_WBITS + GZIP_ONLY) != Z_OK)
            return fail(error, ENOMEM, "cannot decompress");
    } else if (is_zstd(source)) {
        source->packing = ZSTD;
        source->zstd = ZSTD_createDStream();
        if (!source->zstd)
            return fail(error, ENOMEM, "cannot decompress");
    }
    return 0;
}

/* ---- open and close ---- */

static int open_file(struct tq__log_source *source, const char *path, struct tq_log_error *error)
{
    struct stat status;
    off_t at;

    if (strcmp(path, "-") == 0) {
        source->fd = STDIN_FILENO;
    } else {
        source->fd = open(path, O_RDONLY | O_CLOEXEC);
        source->fd_owned = source->fd >= 0;
    }
    if (source->fd < 0 || fstat(source->fd, &status) != 0)
        return fail(error, errno, "cannot open");
    if (S_ISDIR(status.st_mode))
        return fail(error, EISDIR, "cannot read");
    if (S_ISREG(status.st_mode)) {
        at = lseek(source->fd, 0, SEEK_CUR); /* not 0 when somebody read standard input before us */
        if (at >= 0 && at < status.st_size)
            source->total_bytes = (uint64_t)(status.st_size - at);
    }
    return 0;
}

int tq__log_source_open(struct tq__log_source *source, const char *path, struct tq_log_error *error)
{
    *source = (struct tq__log_source){.fd = -1};
    if (open_file(source, path, error) != 0)
        return TQ_LOG_BROKEN;
    source->block = malloc(TQ__LOG_BLOCK_BYTES);
    if (!source->block)
        return fail(error, ENOMEM, "cannot read");
    return detect(source, error);
}

int tq__log_source_open_memory(struct tq__log_source *source, const void *data, size_t len,
                               struct tq_log_error *error)
{
    *source = (struct tq__log_source){.fd = -1, .drained = true, .stored = data, .stored_bytes = len};
    source->read_bytes = source->total_bytes = len;
    return detect(source, error);
}

void tq__log_source_close(struct tq__log_source *source)
{
    if (source->packing == GZIP)
        inflateEnd(&source->gzip);
    ZSTD_freeDStream(source->zstd);
    free(source->block);
    if (source->fd_owned)
        close(source->fd);
    *source = (struct tq__log_source){.fd = -1};
}

bool tq__log_source_is_plain(const struct tq__log_source *source)
{
    return source->packing == PLAIN;
}

int tq__log_source_seek(struct tq__log_source *source, uint64_t offset, struct tq_log_error *error)
{
    if (lseek(source->fd, (off_t)offset, SEEK_SET) < 0)
        return fail(error, errno, "cannot go on");
    source->stored_bytes = 0;
    source->read_bytes = offset;
    source->drained = false;
    return 0;
}

void tq__log_source_again(struct tq__log_source *source)
{
    struct stat status;

    if (source->fd < 0 || source->packing != PLAIN)
        return;
    source->drained = false;
    if (fstat(source->fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0)
        source->total_bytes = (uint64_t)status.st_size;
}

uint64_t tq__log_source_done_bytes(const struct tq__log_source *source)
{
    return source->read_bytes - source->stored_bytes;
}

/* ---- read ---- */

/* Plain bytes of a file go to their place without a stop in the block. */
static int read_plain(struct tq__log_source *source, char *out, size_t capacity, size_t *got,
                      struct tq_log_error *error)
{
    ssize_t count;

    if (source->stored_bytes > 0) {
        *got = source->stored_bytes < capacity ? source->stored_bytes : capacity;
        memcpy(out, source->stored, *got);
        consume(source, *got);
        return 0;
    }
    if (source->drained)
        return 0;
    free(source->block); /* whoever reads many logs at once pays for those that are packed only */
    source->block = NULL;
    do {
        count = read(source->fd, out, capacity);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail(error, errno, "cannot read");
    source->drained = count == 0;
    source->read_bytes += (uint64_t)count;
    *got = (size_t)count;
    return 0;
}

/* One step of inflate, which may need more bytes before it gives any. */
static int step_gzip(struct tq__log_source *source, char *out, size_t capacity, size_t *got,
                     struct tq_log_error *error)
{
    z_stream *gzip = &source->gzip;
    uInt room = capacity < TQ__LOG_BLOCK_BYTES ? (uInt)capacity : TQ__LOG_BLOCK_BYTES;
    uInt held = source->stored_bytes < TQ__LOG_BLOCK_BYTES ? (uInt)source->stored_bytes : TQ__LOG_BLOCK_BYTES;
    int status;

    gzip->next_in = source->stored;
    gzip->avail_in = held;
    gzip->next_out = (Bytef *)out;
    gzip->avail_out = room;
    status = inflate(gzip, Z_NO_FLUSH);
    consume(source, held - gzip->avail_in);
    *got = room - gzip->avail_out;
    source->inside = status != Z_STREAM_END;
    if (status == Z_STREAM_END) {
        inflateReset(gzip);
        return 0;
    }
    if (status == Z_MEM_ERROR)
        return fail(error, ENOMEM, "cannot decompress");
    if (status != Z_OK && status != Z_BUF_ERROR)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "the gzip stream is broken: %s",
                            gzip->msg ? gzip->msg : "it needs a dictionary");
    return 0;
}

static int step_zstd(struct tq__log_source *source, char *out, size_t capacity, size_t *got,
                     struct tq_log_error *error)
{
    ZSTD_inBuffer in = {source->stored, source->stored_bytes, 0};
    ZSTD_outBuffer to = {out, capacity, 0};
    size_t left = ZSTD_decompressStream(source->zstd, &to, &in);

    consume(source, in.pos);
    *got = to.pos;
    if (ZSTD_isError(left))
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "the zstd stream is broken: %s",
                            ZSTD_getErrorName(left));
    source->inside = left != 0;
    return 0;
}

static void skip_padding(struct tq__log_source *source)
{
    while (source->stored_bytes > 0 && *source->stored == 0)
        consume(source, 1);
}

/* Steps until there are bytes, the stream is over, or it is cut off. Bytes of a step that finds the stream
 * broken are not given: their check sum may be what is wrong. */
static int read_packed(struct tq__log_source *source, char *out, size_t capacity, size_t *got,
                       struct tq_log_error *error)
{
    for (;;) {
        int answer = 0;

        if (source->packing == GZIP && !source->inside)
            skip_padding(source);
        /* Inside, the decompressor may still hold bytes although all that is stored was consumed. */
        if (source->stored_bytes > 0 || source->inside)
            answer = source->packing == GZIP ? step_gzip(source, out, capacity, got, error)
                                             : step_zstd(source, out, capacity, got, error);
        if (answer != 0 || *got > 0)
            return answer;
        if (source->stored_bytes > 0)
            continue;
        if (source->drained && source->inside)
            return fail(error, 0, "the compressed stream is cut off");
        if (source->drained)
            return 0;
        if (fetch(source, error) != 0)
            return TQ_LOG_BROKEN;
    }
}

int tq__log_source_read(struct tq__log_source *source, char *out, size_t capacity, size_t *got,
                        struct tq_log_error *error)
{
    int answer;

    *got = 0;
    answer = source->packing == PLAIN ? read_plain(source, out, capacity, got, error)
                                      : read_packed(source, out, capacity, got, error);
    if (answer != 0)
        return answer;
    return *got > 0 ? TQ_LOG_RECORD : TQ_LOG_END;
}
