/* test_refused.c: what is not a ledger, or not this version's, is refused with what to do, and left as it is.
 *
 * SPDX-License-Identifier: MIT
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "src/layout.h"
#include "rng.h"
#include "scratch.h"
#include "system_fake.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define LONG_NAME "a-rather-long-deployment-name/in-some-region/with-a-tail-that-needs-an-extension"

/* What is behind the last slash; of "folder/" all, since the message keeps the slash. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

/* Opening answers code, with a message that has `word`; the file's bytes stay. */
static void refused(const char *path, uint32_t flags, int code, const char *word)
{
    struct tq_ledger_options options = {.size = sizeof options, .flags = flags};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = (void *)&options;
    int answer = tq_ledger_open(&ledger, path, &options, &error);

    if (answer != code)
        fail_msg("%s: %s instead of %s: %s", path, tq_error_name(answer), tq_error_name(code), error.msg);
    assert_null(ledger);
    assert_int_equal(error.code, code);
    assert_non_null(memchr(error.msg, '\0', sizeof error.msg));
    if (!strstr(error.msg, word))
        fail_msg("the message does not say \"%s\": %s", word, error.msg);
    /* A sentence, whose subject is the file. */
    if (*path && (error.msg[0] != '/' || !strstr(error.msg, base_of(path))))
        fail_msg("the message does not name %s: %s", path, error.msg);
}

static void refused_file(const char *path, int code, const char *word)
{
    size_t before_size, after_size;
    uint8_t *before = file_read(path, &before_size), *after;

    refused(path, 0, code, word);
    refused(path, TQ_OPEN_READ_ONLY, code, word);
    after = file_read(path, &after_size);
    assert_int_equal(after_size, before_size);
    assert_memory_equal(after, before, before_size);
    free(before);
    free(after);
}

/* ---- kinds of files and owners --------------------------------------------------------------- */

static void test_symbolic_link(void **state)
{
    tq_ledger_close(open_file(scratch_path(state, "ledger")));
    assert_int_equal(symlink("ledger", scratch_path(state, "link")), 0);
    refused(scratch_path(state, "link"), 0, TQ_EDENIED,
            "/link is a symbolic link: name the file it leads to");
    assert_int_equal(symlink("nowhere", scratch_path(state, "dangling")), 0);
    refused(scratch_path(state, "dangling"), 0, TQ_EDENIED, "symbolic link");
    assert_int_equal(scratch_entries(state), 3);
}

/* A folder reached through a link is another matter: the machine's admin may lay it out so. */
static void test_link_to_the_folder(void **state)
{
    struct tq_ledger *ledger;

    assert_int_equal(symlink(".", scratch_path(state, "here")), 0);
    ledger = open_file(scratch_path(state, "here/ledger"));
    assert_non_null(ledger);
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    assert_int_equal(tq_ledger_flush(ledger), 0);
    tq_ledger_close(ledger);
}

static void test_not_a_regular_file(void **state)
{
    assert_int_equal(mkdir(scratch_path(state, "folder"), 0700), 0);
    refused(scratch_path(state, "folder"), 0, TQ_EDENIED, "not a regular file");
    refused(scratch_path(state, "folder"), TQ_OPEN_READ_ONLY, TQ_EDENIED, "not a regular file");
    refused(scratch_path(state, "folder/"), 0, TQ_EDENIED, "folder");
    assert_int_equal(mkfifo(scratch_path(state, "fifo"), 0600), 0);
    refused(scratch_path(state, "fifo"), 0, TQ_EDENIED, "not a regular file");
    refused(scratch_path(state, "fifo"), TQ_OPEN_READ_ONLY, TQ_EDENIED, "not a regular file");
    refused("/dev/null", 0, TQ_EDENIED, "not a regular file");
}

static void test_strange_owner(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    if (geteuid() != 0) {
        print_message("skipped: only root can give a file to somebody else\n");
        skip();
    }
    tq_ledger_close(open_file(path));
    assert_int_equal(chown(path, 12345, 12345), 0);
    refused_file(path, TQ_EDENIED, "chown");
    assert_int_equal(chown(*state, 12345, 12345), 0); /* the owner of the folder may */
    ledger = open_file(path);
    assert_non_null(ledger);
    tq_ledger_close(ledger);
}

static void test_shared_file_system(void **state)
{
    const char *path = scratch_path(state, "ledger");

    tq_ledger_close(open_file(path));
    fake_system.file_system = (struct tq__file_system){.type = 0x6969, .name = "NFS"};
    refused_file(path, TQ_EDENIED, "NFS, 0x6969");
    refused(scratch_path(state, "new"), 0, TQ_EDENIED, "NFS, 0x6969");
    fake_system.file_system = (struct tq__file_system){0};
    assert_int_equal(scratch_entries(state), 1); /* nothing was left there */
}

/* Whatever is not known to be local is refused by its number, and allowed by a flag, which the ledger
 * remembers for that file system alone. */
static void test_unknown_file_system(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    fake_system.file_system = (struct tq__file_system){.type = 0x6a656a63};
    refused(path, 0, TQ_EDENIED, "not known to be local (0x6a656a63)");
    assert_int_equal(scratch_entries(state), 0);
    ledger = open_file_with(path, 8, 0, TQ_OPEN_ANY_FILE_SYSTEM);
    assert_non_null(ledger);
    tq_ledger_close(ledger);
    ledger = open_file(path);
    assert_non_null(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    assert_non_null(ledger);
    tq_ledger_close(ledger);
    fake_system.file_system.type = 0x6a656a64;
    refused_file(path, TQ_EDENIED, "0x6a656a64");
    fake_system.file_system.type = 0;
    tq_ledger_close(open_file(path));
}

/* For reading a lower layer may be given, of which nobody hears again. */
static void test_overlay(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    fake_system.file_system =
        (struct tq__file_system){.type = 0x794c7630, .name = "overlayfs", .local = true, .layered = true};
    ledger = open_file(path);
    assert_non_null(ledger);
    refused(path, TQ_OPEN_READ_ONLY, TQ_EDENIED, "open it for writing, or keep it on a volume");
    tq_ledger_close(ledger);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY | TQ_OPEN_ANY_FILE_SYSTEM);
    assert_non_null(ledger);
    tq_ledger_close(ledger);
    fake_system.file_system = (struct tq__file_system){0};
}

/* The message of an open of a folder whose path is long enough to be shortened. */
static void long_message(void **state, const char *piece, struct tq_error *error)
{
    char path[PATH_MAX];
    struct tq_ledger *ledger;
    int len = snprintf(path, sizeof path, "%s", (const char *)*state);

    for (int i = 0; i < 3; i++) {
        len += snprintf(path + len, sizeof path - (size_t)len, "/%s", piece);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    memset(error, 'x', sizeof *error);
    error->size = sizeof *error;
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, error), TQ_EDENIED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rmdir(path), 0);
        *strrchr(path, '/') = '\0';
    }
}

/* Of a long path the end stays, whole characters of it, and all of what is said; always in one line. */
static void test_long_path(void **state)
{
    struct tq_error error;
    char ascii[201], wide[202];

    memset(ascii, 'a', sizeof ascii - 1);
    ascii[sizeof ascii - 1] = '\0';
    long_message(state, ascii, &error);
    assert_int_equal(strlen(error.msg), sizeof error.msg - 1);
    assert_memory_equal(error.msg, "...a", 4);
    assert_non_null(strstr(error.msg, "a is not a regular file but a folder: name a file in it"));
    for (size_t i = 0; i + 2 < sizeof wide; i += 3)
        memcpy(wide + i, "\xe6\x97\xa5", 3);
    wide[201] = '\0';
    long_message(state, wide, &error);
    assert_memory_equal(error.msg, "...\xe6", 4);
    assert_in_range(strlen(error.msg), sizeof error.msg - 4, sizeof error.msg - 1);
    assert_int_equal(error.msg[strlen(error.msg) - 1], 't');
    long_message(state, "two\nlines", &error);
    assert_null(strchr(error.msg, '\n'));
    assert_non_null(strstr(error.msg, "two?lines/two?lines is not"));
}

static void test_bad_options(void **state)
{
    struct tq_ledger_options options = {.size = sizeof options, .mode = 01777};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, &error), TQ_EINVAL);
    options.mode = 0;
    options.flags = 1u << 31;
    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, &error), TQ_EINVAL);
    refused("", 0, TQ_EDENIED, "the path is empty");
    assert_int_equal(scratch_entries(state), 0);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* A small, good ledger; its bytes are the caller's. What is damaged is written into this very file: another
 * one would be a copy, whose index is made anew. */
static uint8_t *good_file(void **state, size_t *size)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;
    char name[32];

    unlink(path);
    ledger = open_file(path);

    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        assert_int_equal(tq_provider_record(handle(ledger, name), 1 + i, NOW_NS, NULL), 0);
    }
    assert_int_equal(tq_provider_record(handle(ledger, LONG_NAME), 5, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    return file_read(path, size);
}

static void test_foreign_bytes(void **state)
{
    const char *path = scratch_path(state, "ledger");
    char text[8192];

    file_write(path, "", 0);
    refused_file(path, TQ_EFORMAT, "not a ledger");
    file_write(path, "tqledger", 8);
    refused_file(path, TQ_EFORMAT, "not a ledger");
    memset(text, 'x', sizeof text);
    file_write(path, text, sizeof text);
    refused_file(path, TQ_EFORMAT, "not a ledger");
    memset(text, 0, sizeof text);
    file_write(path, text, sizeof text);
    refused_file(path, TQ_EFORMAT, "mv");
}

/* One field of a good header replaced. */
static void refused_field(void **state, size_t at, uint64_t value, size_t bytes, int code, const char *word)
{
    const char *path = scratch_path(state, "ledger");
    size_t size;
    uint8_t *file = good_file(state, &size);

    memcpy(file + at, &value, bytes);
    file_write(path, file, size);
    free(file);
    refused_file(path, code, word);
}

static void test_other_versions(void **state)
{
    refused_field(state, offsetof(struct tq__header, magic), 1, 8, TQ_EFORMAT, "not a ledger");
    refused_field(state, offsetof(struct tq__header, format), TQ__FORMAT + 1, 4, TQ_EFORMAT, "version");
    refused_field(state, offsetof(struct tq__header, format), 0, 4, TQ_EFORMAT, "");
    refused_field(state, offsetof(struct tq__header, header_bytes), 8192, 4, TQ_EFORMAT, "version");
    refused_field(state, offsetof(struct tq__header, fingerprint), 12345, 8, TQ_EFORMAT, "");
    refused_field(state, offsetof(struct tq__header, features_incompatible), 1u << 31, 4, TQ_EFORMAT,
                  "version");
}

static void test_damaged_header(void **state)
{
    refused_field(state, offsetof(struct tq__header, history_days), 63, 4, TQ_EFORMAT, "backup");
    refused_field(state, offsetof(struct tq__header, history_days), 0, 4, TQ_EFORMAT, "backup");
    refused_field(state, offsetof(struct tq__header, rule), 77, 4, TQ_EFORMAT, "backup");
    refused_field(state, offsetof(struct tq__header, table_at), 4097, 8, TQ_EFORMAT, "");
    refused_field(state, offsetof(struct tq__header, table_at), 1ull << 62, 8, TQ_EFORMAT, "");
    refused_field(state, offsetof(struct tq__header, slots_at), 4096, 8, TQ_EFORMAT,
                  ""); /* where the table is */
}

/* Where the next piece would overwrite this one, nothing must be taken. */
static void test_file_bytes_inside_the_pieces(void **state)
{
    refused_field(state, offsetof(struct tq__header, file_bytes), 4096, 8, TQ_EFORMAT, "");
    refused_field(state, offsetof(struct tq__header, file_bytes), 100, 8, TQ_EFORMAT, "");
}

static void test_numbers_beyond_the_limits(void **state)
{
    refused_field(state, offsetof(struct tq__header, slots), UINT32_MAX - 1, 4, TQ_EFORMAT, "");
    refused_field(state, offsetof(struct tq__header, extensions), UINT32_MAX, 4, TQ_EFORMAT, "");
}

/* A feature that only writers must know: reading is allowed, writing not. One that nobody must know: both. */
static void test_features(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;
    uint32_t feature = 1u << 31;
    size_t size;
    uint8_t *file = good_file(state, &size);

    memcpy(file + offsetof(struct tq__header, features_readable), &feature, sizeof feature);
    file_write(path, file, size);
    refused(path, 0, TQ_EFORMAT, "");
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    assert_non_null(ledger);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), LONG_NAME, NOW_NS), 5);
    tq_ledger_close(ledger);
    memset(file + offsetof(struct tq__header, features_readable), 0, sizeof feature);
    memcpy(file + offsetof(struct tq__header, features_compatible), &feature, sizeof feature);
    file_write(path, file, size);
    free(file);
    ledger = open_file(path);
    assert_non_null(ledger);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), LONG_NAME, 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
}

static void test_truncated(void **state)
{
    const char *path = scratch_path(state, "ledger");
    size_t size;
    uint8_t *file = good_file(state, &size);

    for (size_t cut = 0; cut < size; cut += cut < 8192 ? 512 : 4096) {
        file_write(path, file, cut);
        refused_file(path, TQ_EFORMAT, cut >= TQ__HEADER_BYTES ? "cut short" : "not a ledger");
    }
    free(file);
}

/* ---- bits ------------------------------------------------------------------------------------ */

struct flip {
    const char *path;
};

/* Uses all of it; what the answers are does not matter, only that there are any. */
static int use(void *argument)
{
    struct flip *flip = argument;
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_exhausted list[8];
    struct tq_provider *provider;
    struct tq_ledger *ledger;
    uint64_t cursor = 0;
    unsigned walked = 0;
    char name[32];

    alarm(20); /* a call that does not end is a fault, too */
    if (tq_ledger_open(&ledger, flip->path, NULL, NULL) < 0)
        return 0;
    tq_ledger_check(ledger, &info, NULL);
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0 && walked++ < 100000) {
        MUST(tq_provider_name(provider));
        tq_provider_record(provider, 1, NOW_NS + DAY_NS, NULL);
        tq_provider_used(provider, NOW_NS);
    }
    tq_store_all_exhausted(tq_ledger_store(ledger), list, 8);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOW_NS, NULL);
    }
    tq_tracker_used(tq_ledger_tracker(ledger), LONG_NAME, NOW_NS);
    tq_ledger_close(ledger);
    return 0;
}

/* Bits of the file flipped, most of them where it says what is where; every second time a boot follows. */
static void test_flipped_bits(void **state)
{
    struct rng rng = {rng_seed(1)};
    struct flip flip = {scratch_path(state, "ledger")};
    size_t size;
    uint8_t *good = good_file(state, &size), *file = malloc(size);

    assert_non_null(file);
    for (int i = 0; i < 400; i++) {
        int status;

        memcpy(file, good, size);
        for (unsigned flips = 1 + rng_below(&rng, 8); flips > 0; flips--) {
            size_t at = rng_below(&rng, 3) ? rng_below(&rng, 640) : rng_below(&rng, (unsigned)size);

            file[at] ^= (uint8_t)(1u << rng_below(&rng, 8));
        }
        file_write(scratch_path(state, "ledger"), file, size);
        if (i % 2)
            fake_boot();
        status = child_end(child_start(use, &flip));
        if (status != 0)
            fail_msg("flips number %d: the process ended with %d", i, status);
    }
    memset(fake_system.boot_id, 0, sizeof fake_system.boot_id);
    free(file);
    free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_symbolic_link),
        scratch_test(test_link_to_the_folder),
        scratch_test(test_not_a_regular_file),
        scratch_test(test_strange_owner),
        scratch_test(test_shared_file_system),
        scratch_test(test_unknown_file_system),
        scratch_test(test_overlay),
        scratch_test(test_long_path),
        scratch_test(test_bad_options),
        scratch_test(test_foreign_bytes),
        scratch_test(test_other_versions),
        scratch_test(test_damaged_header),
        scratch_test(test_file_bytes_inside_the_pieces),
        scratch_test(test_numbers_beyond_the_limits),
        scratch_test(test_features),
        scratch_test(test_truncated),
        scratch_test(test_flipped_bits),
    };

    return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
