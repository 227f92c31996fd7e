/* bytes.c: reads the bytes of a log from a file, a pipe or memory, and decompresses them.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first bytes of a log show how it is compressed. gzip members and zstd frames may follow each other, as
 * `cat a.gz b.gz` makes them. Zero bytes after the last gzip member are padding, as gzip itself treats them.
 * A stream that ends inside a member or a frame is an error, because its missing records would be missing
 * from the totals.
 */
#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

#define MAGIC_BYTES 4 /* enough to know the packing */
#define GZIP_ONLY 16  /* added to zlib's window bits: a gzip header must be there */

enum { PLAIN, GZIP, ZSTD };

static int fail(struct tq_log_error *error, int sys, const char *what)
{
    return tq__log_fail(error, TQ_LOG_BROKEN, 0, sys, "%s%s%s", what, sys ? ": " : "",
                        sys ? strerror(sys) : "");
}

/* Reads bytes of the file to `out`; sets drained when there are no more. */
static int read_file(struct tq__log_bytes *bytes, void *out, size_t capacity, size_t *got,
                     struct tq_log_error *error)
{
    ssize_t count;

    do {
        count = read(bytes->fd, out, capacity);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail(error, errno, "cannot read");
    *got = (size_t)count;
    bytes->drained = count == 0;
    bytes->read_bytes += (uint64_t)count;
    return 0;
}

/* Reads more stored bytes after those that are held. A log in memory is drained from the start. */
static int fetch(struct tq__log_bytes *bytes, struct tq_log_error *error)
{
    size_t held = bytes->stored_bytes, got = 0;
    int answer;

    if (held > 0)
        memmove(bytes->block, bytes->stored, held);
    bytes->stored = bytes->block;
    answer = read_file(bytes, bytes->block + held, TQ__LOG_BLOCK_BYTES - held, &got, error);
    bytes->stored_bytes += got;
    return answer;
}

static void consume(struct tq__log_bytes *bytes, size_t len)
{
    bytes->stored += len;
    bytes->stored_bytes -= len;
}

/* ---- packing ---- */

static bool begins(const struct tq__log_bytes *bytes, const char *magic, size_t len)
{
    return bytes->stored_bytes >= len && memcmp(bytes->stored, magic, len) == 0;
}

static bool is_zstd(const struct tq__log_bytes *bytes)
{
    /* A frame, or a frame to be skipped (0x50 to 0x5f), with which parallel compressors begin. */
    return begins(bytes, "\x28\xb5\x2f\xfd", 4) ||
           (bytes->stored_bytes >= 4 && (bytes->stored[0] & 0xf0) == 0x50 &&
            memcmp(bytes->stored + 1, "\x2a\x4d\x18", 3) == 0);
}

/* The name of a format that people will try and that is not supported, for a better message than "bad CSV";
 * NULL for any other format. */
static const char *foreign_kind(const struct tq__log_bytes *bytes)
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
        if (begins(bytes, foreign[i].magic, foreign[i].len))
            return foreign[i].kind;
    }
    return NULL;
}

static int detect(struct tq__log_bytes *bytes, struct tq_log_error *error)
{
    const char *kind;

    while (bytes->stored_bytes < MAGIC_BYTES && !bytes->drained) {
        if (fetch(bytes, error) != 0)
            return TQ_LOG_BROKEN;
    }
    kind = foreign_kind(bytes);
    if (kind)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0,
                            "is %s; CSV and JSONL in UTF-8 are read, plain or compressed by gzip or zstd",
                            kind);
    if (begins(bytes, "\x1f\x8b", 2)) {
        bytes->packing = GZIP;
        if (inflateInit2(&bytes->gzip, MAX_WBITS + GZIP_ONLY) != Z_OK)
            return fail(error, ENOMEM, "cannot decompress");
    } else if (is_zstd(bytes)) {
        bytes->packing = ZSTD;
        bytes->zstd = ZSTD_createDStream();
        if (!bytes->zstd)
            return fail(error, ENOMEM, "cannot decompress");
    }
    return 0;
}

/* ---- open and close ---- */

static int open_file(struct tq__log_bytes *bytes, const char *path, struct tq_log_error *error)
{
    struct stat status;
    off_t at;

    if (strcmp(path, "-") == 0) {
        bytes->fd = STDIN_FILENO;
    } else {
        bytes->fd = open(path, O_RDONLY | O_CLOEXEC);
        bytes->fd_owned = bytes->fd >= 0;
    }
    if (bytes->fd < 0 || fstat(bytes->fd, &status) != 0)
        return fail(error, errno, "cannot open");
    if (S_ISDIR(status.st_mode))
        return fail(error, EISDIR, "cannot read");
    if (S_ISREG(status.st_mode)) {
        at = lseek(bytes->fd, 0, SEEK_CUR); /* not 0 when another program read a part of standard input */
        if (at >= 0 && at < status.st_size)
            bytes->total_bytes = (uint64_t)(status.st_size - at);
    }
    return 0;
}

int tq__log_bytes_open(struct tq__log_bytes *bytes, const char *path, struct tq_log_error *error)
{
    *bytes = (struct tq__log_bytes){.fd = -1};
    if (open_file(bytes, path, error) != 0)
        return TQ_LOG_BROKEN;
    bytes->block = malloc(TQ__LOG_BLOCK_BYTES);
    if (!bytes->block)
        return fail(error, ENOMEM, "cannot read");
    return detect(bytes, error);
}

int tq__log_bytes_open_memory(struct tq__log_bytes *bytes, const void *data, size_t len,
                              struct tq_log_error *error)
{
    *bytes = (struct tq__log_bytes){.fd = -1, .drained = true, .stored = data, .stored_bytes = len};
    bytes->read_bytes = bytes->total_bytes = len;
    return detect(bytes, error);
}

void tq__log_bytes_close(struct tq__log_bytes *bytes)
{
    if (bytes->packing == GZIP)
        inflateEnd(&bytes->gzip);
    ZSTD_freeDStream(bytes->zstd);
    free(bytes->block);
    if (bytes->fd_owned)
        close(bytes->fd);
    *bytes = (struct tq__log_bytes){.fd = -1};
}

bool tq__log_bytes_are_plain(const struct tq__log_bytes *bytes)
{
    return bytes->packing == PLAIN;
}

int tq__log_bytes_seek(struct tq__log_bytes *bytes, uint64_t offset, struct tq_log_error *error)
{
    if (lseek(bytes->fd, (off_t)offset, SEEK_SET) < 0)
        return fail(error, errno, "cannot go on");
    bytes->stored_bytes = 0;
    bytes->read_bytes = offset;
    bytes->drained = false;
    return 0;
}

void tq__log_bytes_again(struct tq__log_bytes *bytes)
{
    struct stat status;

    if (bytes->fd < 0 || bytes->packing != PLAIN)
        return;
    bytes->drained = false;
    if (fstat(bytes->fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0)
        bytes->total_bytes = (uint64_t)status.st_size;
}

bool tq__log_bytes_are_over(const struct tq__log_bytes *bytes)
{
    return bytes->drained && bytes->stored_bytes == 0 && !bytes->inside;
}

uint64_t tq__log_bytes_done(const struct tq__log_bytes *bytes)
{
    return bytes->read_bytes - bytes->stored_bytes;
}

/* ---- read ---- */

/* Reads plain bytes directly to their destination, not through the block. */
static int read_plain(struct tq__log_bytes *bytes, char *out, size_t capacity, size_t *got,
                      struct tq_log_error *error)
{
    if (bytes->stored_bytes > 0) {
        *got = bytes->stored_bytes < capacity ? bytes->stored_bytes : capacity;
        memcpy(out, bytes->stored, *got);
        consume(bytes, *got);
        return 0;
    }
    if (bytes->drained)
        return 0;
    free(bytes->block); /* a program that reads many logs at once pays for the compressed ones only */
    bytes->block = NULL;
    return read_file(bytes, out, capacity, got, error);
}

/* One step of inflate, which may need more bytes before it gives any. */
static int step_gzip(struct tq__log_bytes *bytes, char *out, size_t capacity, size_t *got,
                     struct tq_log_error *error)
{
    z_stream *gzip = &bytes->gzip;
    uInt room = capacity < TQ__LOG_BLOCK_BYTES ? (uInt)capacity : TQ__LOG_BLOCK_BYTES;
    uInt held = bytes->stored_bytes < TQ__LOG_BLOCK_BYTES ? (uInt)bytes->stored_bytes : TQ__LOG_BLOCK_BYTES;
    int status;

    gzip->next_in = bytes->stored;
    gzip->avail_in = held;
    gzip->next_out = (Bytef *)out;
    gzip->avail_out = room;
    status = inflate(gzip, Z_NO_FLUSH);
    consume(bytes, held - gzip->avail_in);
    *got = room - gzip->avail_out;
    bytes->inside = status != Z_STREAM_END;
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

static int step_zstd(struct tq__log_bytes *bytes, char *out, size_t capacity, size_t *got,
                     struct tq_log_error *error)
{
    ZSTD_inBuffer in = {bytes->stored, bytes->stored_bytes, 0};
    ZSTD_outBuffer to = {out, capacity, 0};
    size_t left = ZSTD_decompressStream(bytes->zstd, &to, &in);

    consume(bytes, in.pos);
    *got = to.pos;
    if (ZSTD_isError(left))
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "the zstd stream is broken: %s",
                            ZSTD_getErrorName(left));
    bytes->inside = left != 0;
    return 0;
}

/* Between two streams gzip may be padded with zeros. */
static void skip_padding(struct tq__log_bytes *bytes)
{
    while (bytes->stored_bytes > 0 && *bytes->stored == 0)
        consume(bytes, 1);
}

/* Steps until there are bytes, the stream is over, or it turns out to be truncated. Bytes of a step that
 * finds the stream broken are not given: they may be what the checksum rejects. */
static int read_packed(struct tq__log_bytes *bytes, char *out, size_t capacity, size_t *got,
                       struct tq_log_error *error)
{
    for (;;) {
        int answer = 0;

        if (bytes->packing == GZIP && !bytes->inside)
            skip_padding(bytes);
        /* Inside, the decompressor may still hold bytes although all that is stored was consumed. */
        if (bytes->stored_bytes > 0 || bytes->inside)
            answer = bytes->packing == GZIP ? step_gzip(bytes, out, capacity, got, error)
                                            : step_zstd(bytes, out, capacity, got, error);
        if (answer != 0 || *got > 0)
            return answer;
        if (bytes->stored_bytes > 0)
            continue;
        if (bytes->drained && bytes->inside)
            return fail(error, 0, "the compressed stream is cut off");
        if (bytes->drained)
            return 0;
        if (fetch(bytes, error) != 0)
            return TQ_LOG_BROKEN;
    }
}

int tq__log_bytes_read(struct tq__log_bytes *bytes, char *out, size_t capacity, size_t *got,
                       struct tq_log_error *error)
{
    int answer;

    *got = 0;
    answer = bytes->packing == PLAIN ? read_plain(bytes, out, capacity, got, error)
                                     : read_packed(bytes, out, capacity, got, error);
    if (answer != 0)
        return answer;
    return *got > 0 ? TQ_LOG_RECORD : TQ_LOG_END;
}
