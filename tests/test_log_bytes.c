/* test_log_bytes.c: the same bytes from a file, a stream or memory, plain or packed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "logs/bytes.h"

#define PACKED_MAX 65536

struct packed {
    unsigned char data[PACKED_MAX];
    size_t len;
};

static void add_bytes(struct packed *packed, const void *data, size_t len)
{
    assert_true(packed->len + len <= PACKED_MAX);
    memcpy(packed->data + packed->len, data, len);
    packed->len += len;
}

static void add_gzip(struct packed *packed, const void *data, size_t len)
{
    z_stream gzip = {0};

    assert_int_equal(deflateInit2(&gzip, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gzip.next_in = data;
    gzip.avail_in = (uInt)len;
    gzip.next_out = packed->data + packed->len;
    gzip.avail_out = (uInt)(PACKED_MAX - packed->len);
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    packed->len += gzip.total_out;
    deflateEnd(&gzip);
}

static void add_zstd(struct packed *packed, const void *data, size_t len)
{
    size_t got = ZSTD_compress(packed->data + packed->len, PACKED_MAX - packed->len, data, len, 3);

    assert_false(ZSTD_isError(got));
    packed->len += got;
}

/* Reads all in pieces of `piece` bytes, compares with text, and answers as the last read does. */
static int read_all(struct tq__log_bytes *bytes, size_t piece, const char *text, size_t len,
                    struct tq_log_error *error)
{
    char *out = malloc(piece);
    size_t done = 0, got;
    int answer;

    assert_non_null(out);
    while ((answer = tq__log_bytes_read(bytes, out, piece, &got, error)) == TQ_LOG_RECORD) {
        assert_in_range(got, 1, piece);
        assert_in_range(got, 1, len - done);
        assert_memory_equal(out, text + done, got);
        done += got;
    }
    free(out);
    if (answer == TQ_LOG_END)
        assert_int_equal(done, len);
    return answer;
}

static void expect_bytes(const struct packed *packed, const char *text, size_t len)
{
    static const size_t pieces[] = {1, 7, 1000, TQ__LOG_BLOCK_BYTES};
    struct tq__log_bytes bytes;
    struct tq_log_error error;

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        assert_int_equal(tq__log_bytes_open_memory(&bytes, packed->data, packed->len, &error), 0);
        assert_int_equal(bytes.total_bytes, packed->len);
        if (read_all(&bytes, pieces[i], text, len, &error) != TQ_LOG_END)
            fail_msg("in pieces of %zu: %s", pieces[i], error.msg);
        assert_int_equal(tq__log_bytes_done(&bytes), packed->len);
        tq__log_bytes_close(&bytes);
    }
}

/* However the bytes ends, it does so with these words, and never as if it were whole. */
static void expect_broken(const void *data, size_t len, const char *text, size_t text_len, const char *words)
{
    struct tq__log_bytes bytes;
    struct tq_log_error error;

    assert_int_equal(tq__log_bytes_open_memory(&bytes, data, len, &error), 0);
    assert_int_equal(read_all(&bytes, 4096, text, text_len, &error), TQ_LOG_BROKEN);
    assert_int_equal(error.line, 0);
    if (!strstr(error.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", error.msg, words);
    tq__log_bytes_close(&bytes);
}

static char sample[20000]; /* neither all the same nor noise */

static int make_sample(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(sample); i++) {
        seed = seed * 1664525 + 1013904223;
        sample[i] = (char)('a' + (seed >> 24) % 13);
    }
    return 0;
}

static void reads_plain_bytes(void **state)
{
    static struct packed packed;

    (void)state;
    packed.len = 0;
    expect_bytes(&packed, "", 0);
    add_bytes(&packed, "a", 1);
    expect_bytes(&packed, "a", 1);
    packed.len = 0;
    add_bytes(&packed, sample, sizeof(sample));
    expect_bytes(&packed, sample, sizeof(sample));
}

static void reads_gzip_members(void **state)
{
    static struct packed packed;

    (void)state;
    packed.len = 0;
    add_gzip(&packed, "", 0);
    expect_bytes(&packed, "", 0);
    add_gzip(&packed, sample, 10000);
    add_gzip(&packed, "", 0);
    add_gzip(&packed, sample + 10000, sizeof(sample) - 10000);
    expect_bytes(&packed, sample, sizeof(sample));
    add_bytes(&packed, "\0\0\0\0\0", 5);
    expect_bytes(&packed, sample, sizeof(sample));
    add_bytes(&packed, "garbage", 7);
    expect_broken(packed.data, packed.len, sample, sizeof(sample), "gzip stream is broken: incorrect header");
}

static void reads_zstd_frames(void **state)
{
    static struct packed packed;

    (void)state;
    packed.len = 0;
    add_bytes(&packed, "\x5a\x2a\x4d\x18\x03\0\0\0abc", 11);
    expect_bytes(&packed, "", 0);
    add_zstd(&packed, sample, 10000);
    add_zstd(&packed, "", 0);
    add_bytes(&packed, "\x50\x2a\x4d\x18\0\0\0\0", 8);
    add_zstd(&packed, sample + 10000, sizeof(sample) - 10000);
    expect_bytes(&packed, sample, sizeof(sample));
    add_bytes(&packed, "garbage", 7);
    expect_broken(packed.data, packed.len, sample, sizeof(sample), "the zstd stream is broken: ");
}

/* Every proper prefix that still shows the packing is cut off, but where the first member or frame ends. */
static void finds_every_cut(void **state)
{
    static struct packed packed;
    size_t first;

    (void)state;
    packed.len = 0;
    add_gzip(&packed, sample, 300);
    first = packed.len;
    add_gzip(&packed, sample + 300, 300);
    for (size_t len = 4; len < packed.len; len++) {
        if (len != first)
            expect_broken(packed.data, len, sample, 600, "cut off");
    }
    packed.len = 0;
    add_zstd(&packed, sample, 300);
    first = packed.len;
    add_zstd(&packed, sample + 300, 300);
    for (size_t len = 4; len < packed.len; len++) {
        if (len != first)
            expect_broken(packed.data, len, sample, 600, "cut off");
    }
}

static void finds_damage(void **state)
{
    static struct packed packed;

    (void)state;
    packed.len = 0;
    add_gzip(&packed, sample, sizeof(sample));
    packed.data[packed.len - 8] ^= 1;
    expect_broken(packed.data, packed.len, sample, sizeof(sample), "gzip stream is broken: incorrect data");
    packed.len = 0;
    add_zstd(&packed, sample, 300);
    packed.data[4] ^= 0xff;
    expect_broken(packed.data, packed.len, sample, 300, "the zstd stream is broken: ");
}

static void names_what_it_does_not_read(void **state)
{
    static const struct {
        const char *data;
        size_t len;
        const char *words;
    } foreign[] = {
        {"BZh91AY", 7, "compressed by bzip2"},
        {"\xfd\x37zXZ\0", 6, "compressed by xz"},
        {"\x04\x22\x4d\x18zz", 6, "compressed by lz4"},
        {"PK\x03\x04", 4, "a ZIP archive"},
        {"PAR1\x15", 5, "a Parquet file"},
        {"\xff\xfet\0", 4, "UTF-16 text"},
        {"\xfe\xff\0t", 4, "UTF-16 text"},
    };
    struct tq__log_bytes bytes;
    struct tq_log_error error;

    (void)state;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        int answer = tq__log_bytes_open_memory(&bytes, foreign[i].data, foreign[i].len, &error);

        assert_int_equal(answer, TQ_LOG_BROKEN);
        assert_non_null(strstr(error.msg, foreign[i].words));
        tq__log_bytes_close(&bytes);
    }
}

static void expect_path_broken(const char *path, int sys)
{
    struct tq__log_bytes bytes;
    struct tq_log_error error;
    char out[16];
    size_t got;
    int answer = tq__log_bytes_open(&bytes, path, &error);

    if (answer == 0)
        answer = tq__log_bytes_read(&bytes, out, sizeof(out), &got, &error);
    assert_int_equal(answer, TQ_LOG_BROKEN);
    assert_int_equal(error.sys, sys);
    assert_int_equal(error.line, 0);
    assert_non_null(strstr(error.msg, strerror(sys)));
    tq__log_bytes_close(&bytes);
}

static void passes_on_what_the_system_says(void **state)
{
    (void)state;
    expect_path_broken("/nonexistent/usage.csv", ENOENT);
    expect_path_broken(".", EISDIR);
    if (access("/proc/self/mem", R_OK) == 0)
        expect_path_broken("/proc/self/mem", EIO); /* opens, but nothing is mapped at its start */
}

static void reads_files(void **state)
{
    static struct packed packed;
    char path[] = "/tmp/tq_log_source_XXXXXX";
    int fd = mkstemp(path);
    struct tq__log_bytes bytes;
    struct tq_log_error error;

    (void)state;
    assert_true(fd >= 0);
    packed.len = 0;
    add_gzip(&packed, sample, sizeof(sample));
    assert_int_equal(write(fd, packed.data, packed.len), packed.len);
    assert_int_equal(tq__log_bytes_open(&bytes, path, &error), 0);
    assert_int_equal(bytes.total_bytes, packed.len);
    assert_int_equal(read_all(&bytes, 100, sample, sizeof(sample), &error), TQ_LOG_END);
    assert_int_equal(tq__log_bytes_done(&bytes), packed.len);
    tq__log_bytes_close(&bytes);

    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, sample, sizeof(sample), 0), sizeof(sample));
    assert_int_equal(tq__log_bytes_open(&bytes, path, &error), 0);
    assert_int_equal(read_all(&bytes, 100, sample, sizeof(sample), &error), TQ_LOG_END);
    assert_int_equal(tq__log_bytes_done(&bytes), sizeof(sample));
    tq__log_bytes_close(&bytes);
    close(fd);
    unlink(path);
}

/* Standard input that gives its first bytes one at a time, so that what tells the packing comes in pieces:
 * packets keep their bounds, however fast the reader is. */
static void read_in_packets(const struct packed *packed, const char *text, size_t len)
{
    int saved = dup(STDIN_FILENO), ends[2];
    struct tq__log_bytes bytes;
    struct tq_log_error error;
    size_t sent;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    for (sent = 0; sent < 6; sent++)
        assert_int_equal(write(ends[1], packed->data + sent, 1), 1);
    assert_int_equal(write(ends[1], packed->data + sent, packed->len - sent), packed->len - sent);
    close(ends[1]);
    assert_int_equal(tq__log_bytes_open(&bytes, "-", &error), 0);
    assert_int_equal(bytes.total_bytes, 0);
    assert_int_equal(read_all(&bytes, TQ__LOG_BLOCK_BYTES, text, len, &error), TQ_LOG_END);
    assert_int_equal(tq__log_bytes_done(&bytes), packed->len);
    tq__log_bytes_close(&bytes);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* not ours to close */
    close(ends[0]);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
}

static void reads_standard_input(void **state)
{
    static struct packed packed;

    (void)state;
    packed.len = 0;
    add_bytes(&packed, sample, 5000);
    read_in_packets(&packed, sample, 5000);
    packed.len = 0;
    add_zstd(&packed, sample, 5000);
    read_in_packets(&packed, sample, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_bytes),
        cmocka_unit_test(reads_gzip_members),
        cmocka_unit_test(reads_zstd_frames),
        cmocka_unit_test(finds_every_cut),
        cmocka_unit_test(finds_damage),
        cmocka_unit_test(names_what_it_does_not_read),
        cmocka_unit_test(passes_on_what_the_system_says),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(reads_standard_input),
    };

    return cmocka_run_group_tests_name("log_bytes", tests, make_sample, NULL);
}
