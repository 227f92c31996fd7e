/* test_convert.c: a ledger of format 1 or 2 becomes one of this format, whole, or stays as it was.
 *
 * SPDX-License-Identifier: MIT
 *
 * The files in tests/ledgers were made by a build of format 2; ledgers/make.c is the program. Format 1 had
 * the same bytes but for some fields of the header, which it had not.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "harness.h"
#include "ledgers/content.h"
#include "rng.h"
#include "scratch.h"
#include "src/enter.h"
#include "src/layout.h"
#include "system_fake.h"
#include "threads.h"

#define NOW_NS CONTENT_NOW_NS
#define NAMES (MORE + 10)
#define BYTES_MAX (1 << 20)

_Static_assert(sizeof NAME_32 == 33, "its length is in its name");
_Static_assert(sizeof NAME_255 == 256, "its length is in its name");

/* ---- files of older builds ------------------------------------------------------------------- */

struct kind {
    uint32_t format, days;
};

static const struct kind kinds[] = {{2, 8}, {2, 64}, {1, 8}, {1, 64}};

/* The bytes of a file of that kind; the caller's to free. */
static uint8_t *bytes_of(const struct kind *kind, size_t *size)
{
    uint8_t *bytes = malloc(BYTES_MAX);
    struct tq__header header;
    char path[64];
    gzFile file;
    int got;

    snprintf(path, sizeof path, "tests/ledgers/format2-%u.gz", kind->days);
    file = gzopen(path, "rb");
    assert_non_null(file);
    got = gzread(file, bytes, BYTES_MAX);
    assert_true(got > (int)sizeof header && got < BYTES_MAX);
    gzclose(file);
    *size = (size_t)got;
    memcpy(&header, bytes, sizeof header);
    assert_int_equal(header.format, 2);
    if (kind->format == 1) { /* docs/format.md says what it had not */
        header.format = 1;
        header.file_system = 0;
        header.rebuilding = 0;
        memset((uint8_t *)&header + offsetof(struct tq__header, inode), 0,
               sizeof header - offsetof(struct tq__header, inode));
    }
    memcpy(bytes, &header, sizeof header);
    return bytes;
}

static void change_header(const char *path, void (*change)(struct tq__header *, uint8_t *))
{
    struct tq__header header;
    size_t size;
    uint8_t *bytes = file_read(path, &size);

    memcpy(&header, bytes, sizeof header);
    change(&header, bytes);
    memcpy(bytes, &header, sizeof header);
    file_write(path, bytes, size);
    free(bytes);
}

/* As if it had been made here and now: nothing is in doubt. */
static void of_this_boot(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    tq__system_boot_id(header->boot_id);
    atomic_store(&header->inode, 0); /* not known: not compared */
    atomic_store(&header->born_ns, 0);
}

static void of_another_boot(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    memset(header->boot_id, 0x5a, sizeof header->boot_id);
}

/* Puts a file of that kind at path. Unless it is made `sound`, it is of another boot and another file. */
static void put(const char *path, const struct kind *kind, bool sound)
{
    size_t size;
    uint8_t *bytes = bytes_of(kind, &size);

    file_write(path, bytes, size);
    free(bytes);
    change_header(path, sound ? of_this_boot : of_another_boot);
}

static struct tq__header header_of(const char *path)
{
    struct tq__header header;
    size_t size;
    uint8_t *bytes = file_read(path, &size);

    assert_true(size >= sizeof header);
    memcpy(&header, bytes, sizeof header);
    free(bytes);
    return header;
}

/* ---- what is in them ------------------------------------------------------------------------- */

static struct tq_provider *known(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider = NULL;

    if (tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) < 0)
        fail_msg("%s is not known", name);
    return provider;
}

static void check_used(struct tq_ledger *ledger, uint32_t days)
{
    struct tq_provider *budgeted = known(ledger, "budgeted");
    char name[32];

    for (int back = 0; back < DAYS_USED; back++)
        assert_int_equal(tq_provider_used(budgeted, NOW_NS - back * CONTENT_DAY_NS), 1000 + back);
    assert_int_equal(tq_provider_used(budgeted, NOW_NS - DAYS_USED * CONTENT_DAY_NS), 0);
    assert_int_equal(tq_provider_used(budgeted, NOW_NS - DAYS_BACK_64 * CONTENT_DAY_NS),
                     days == 64 ? 1000 + DAYS_BACK_64 : 0);
    assert_int_equal(tq_provider_budget(budgeted), BUDGET);
    assert_int_equal(tq_provider_rule(budgeted), TQ_RULE_ORIGINAL);
    assert_int_equal(tq_provider_used(known(ledger, NAME_32), NOW_NS), 32);
    assert_int_equal(tq_provider_rule(known(ledger, NAME_32)), TQ_RULE_DEFAULT);
    assert_int_equal(tq_provider_used(known(ledger, NAME_255), NOW_NS), 255);
    assert_int_equal(tq_provider_used(known(ledger, "saturated"), NOW_NS), INT64_MAX);
    assert_int_equal(tq_provider_used(known(ledger, "known-by-name"), NOW_NS), 0);
    for (int i = 0; i < MORE; i++) {
        snprintf(name, sizeof name, "more-%d", i);
        assert_int_equal(tq_provider_used(known(ledger, name), NOW_NS), i + 1);
        assert_int_equal(tq_provider_state(known(ledger, name), NOW_NS, NULL), TQ_AVAILABLE);
    }
}

static struct tq_verdict verdict_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_verdict verdict = {.size = sizeof verdict};

    assert_true(tq_provider_verdict(known(ledger, name), NOW_NS, &verdict) >= 0);
    return verdict;
}

static void check_out(struct tq_ledger *ledger, const char *name, uint32_t reason, int64_t retry_at_ns)
{
    struct tq_verdict verdict = verdict_of(ledger, name);

    if (verdict.reason != reason || verdict.retry_at_ns != retry_at_ns)
        fail_msg("%s: reason %u until %" PRId64, name, verdict.reason, verdict.retry_at_ns);
}

static void check_states(struct tq_ledger *ledger)
{
    struct tq_verdict verdict = verdict_of(ledger, "exhausted");

    check_out(ledger, "marked", TQ_REASON_MARKED, MARKED_UNTIL_NS);
    check_out(ledger, NAME_255, TQ_REASON_MARKED, INT64_MAX);
    check_out(ledger, "exhausted", TQ_REASON_REPORTED, EXHAUSTED_UNTIL_NS);
    assert_int_equal(verdict.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(verdict.axis, TQ_AXIS_TOKENS);
    assert_int_equal(verdict.window_ns, REFUSED_WINDOW_NS);
    assert_int_equal(verdict.said_at_ns, NOW_NS);
    check_out(ledger, "out-of-money", TQ_REASON_REPORTED, INT64_MAX);
    assert_int_equal(verdict_of(ledger, "out-of-money").refusal, TQ_CLASS_NO_MONEY);
    assert_true(verdict_of(ledger, "out-of-money").probe_at_ns > NOW_NS);
    check_out(ledger, "throttled", TQ_REASON_THROTTLED, THROTTLED_UNTIL_NS);
    check_out(ledger, "predicted", TQ_REASON_PREDICTED, verdict_of(ledger, "predicted").retry_at_ns);
    assert_true(verdict_of(ledger, "predicted").retry_at_ns > NOW_NS);
    assert_int_equal(verdict_of(ledger, "predicted").budget, PREDICTED_BUDGET);
}

static struct tq_ledger_info check_sound(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %" PRIu64 " faults: %s", info.faults, error.msg);
    return info;
}

static void check_all(struct tq_ledger *ledger, uint32_t days)
{
    struct tq_ledger_info info = check_sound(ledger);
    struct tq_provider *forgotten = NULL;

    assert_int_equal(info.history_days, days);
    assert_int_equal(info.rule, TQ_RULE_CARE);
    assert_int_equal(info.providers, NAMES);
    assert_int_equal(info.slots, NAMES);
    assert_int_equal(tq_ledger_provider(ledger, "forgotten", 9, TQ_PROVIDER_EXISTING, &forgotten), 1);
    assert_null(forgotten);
    check_used(ledger, days);
    check_states(ledger);
}

/* Opens the file, which must be possible, and checks all of it; then once more, as it is now. */
static void open_and_check(const char *path, uint32_t days)
{
    for (int i = 0; i < 2; i++) {
        struct tq_ledger *ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
        struct tq__header header;

        check_all(ledger, days);
        tq_ledger_close(ledger);
        header = header_of(path);
        assert_int_equal(header.format, TQ__FORMAT);
        assert_int_equal(atomic_load(&header.gone), 0);
    }
}

/* ---- conversion ------------------------------------------------------------------------------ */

static void test_every_value(void **state)
{
    const char *path = scratch_path(state, "ledger");

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        for (int sound = 0; sound < 2; sound++) {
            struct tq__header header;
            struct stat file;

            put(path, kind, sound);
            assert_int_equal(chmod(path, 0640), 0);
            open_and_check(path, kind->days);
            assert_int_equal(stat(path, &file), 0);
            assert_int_equal(file.st_mode & 0777, 0640);
            header = header_of(path);
            assert_int_equal(atomic_load(&header.inode), file.st_ino);
            assert_int_equal(scratch_entries(state), 1);
        }
    }
}

static void test_compact_converts(void **state)
{
    const char *path = scratch_path(state, "ledger");

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        put(path, kind, true);
        assert_int_equal(tq_ledger_compact(path, NULL), 0);
        assert_int_equal(header_of(path).format, TQ__FORMAT);
        open_and_check(path, kind->days);
    }
}

/* A rule that was chosen stays the ledger's. Before there was a default to choose from, all was original. */
static void rule_off(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->rule = TQ_RULE_OFF;
    header->rule_is_set = 1;
}

static void rule_original(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->rule = TQ_RULE_ORIGINAL;
    header->rule_is_set = 0;
}

static void test_the_rule(void **state)
{
    const char *path = scratch_path(state, "ledger");

    for (int i = 0; i < 2; i++) {
        put(path, &kinds[0], true);
        change_header(path, i == 0 ? rule_off : rule_original);
        for (int open = 0; open < 3; open++) {
            struct tq_ledger *ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);

            assert_int_equal(check_sound(ledger).rule, i == 0 ? TQ_RULE_OFF : TQ_RULE_ORIGINAL);
            tq_ledger_close(ledger);
            assert_int_equal(tq_ledger_compact(path, NULL), 0);
        }
    }
}

static void test_read_only(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger_options options = {.size = sizeof options, .flags = TQ_OPEN_READ_ONLY};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        put(path, kind, true);
        assert_int_equal(tq_ledger_open(&ledger, path, &options, &error), TQ_EFORMAT);
        assert_non_null(strstr(error.msg, "older format: open it once for writing, which converts it"));
        assert_int_equal(header_of(path).format, kind->format);
    }
}

/* ---- others have it open --------------------------------------------------------------------- */

/* Builds of format 1 hold a flock, those of format 2 byte 2^62. */
static int hold(const char *path, uint32_t format)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(format == 1 ? flock(fd, LOCK_SH | LOCK_NB)
                                 : tq__lock_set(fd, INT64_C(4611686018427387904), TQ__SHARED),
                     0);
    return fd;
}

static void check_busy(int answer, const struct tq_error *error)
{
    assert_int_equal(answer, TQ_EBUSY);
    assert_non_null(strstr(error->msg, "is in use by programs with an older tokenquota: end them (fuser -v"));
}

static void test_in_use(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        uint8_t *before, *after;
        size_t size, size_after;
        int fd;

        put(path, kind, true);
        before = file_read(path, &size);
        fd = hold(path, kind->format);
        check_busy(tq_ledger_open(&ledger, path, NULL, &error), &error);
        if (kind->days == 8) /* it takes 2 s */
            check_busy(tq_ledger_compact(path, &error), &error);
        after = file_read(path, &size_after);
        assert_int_equal(size_after, size);
        assert_memory_equal(after, before, size);
        free(before);
        free(after);
        close(fd);
        open_and_check(path, kind->days);
    }
}

#define OPENERS 8

struct crowd {
    char path[PATH_MAX];
    _Atomic unsigned came;
};

static int open_and_count(void *argument)
{
    struct crowd *crowd = argument;
    struct tq_ledger *ledger;

    meet(&crowd->came, OPENERS, 1);
    ledger = open_file(crowd->path);
    MUST(ledger);
    MUST(tq_tracker_record(tq_ledger_tracker(ledger), NAME_32, 1, NOW_NS, NULL) == 0);
    MUST(tq_tracker_record(tq_ledger_tracker(ledger), "new", 1, NOW_NS, NULL) == 0);
    meet(&crowd->came, OPENERS, 2); /* nobody closes before the last has opened */
    tq_ledger_close(ledger);
    return 0;
}

static void test_many_at_once(void **state)
{
    struct crowd *crowd = shared_memory(sizeof *crowd);
    pid_t child[OPENERS];

    snprintf(crowd->path, sizeof crowd->path, "%s", scratch_path(state, "ledger"));
    for (unsigned round = 0; round < 8 * times_as_long(); round++) {
        struct tq_ledger *ledger;

        put(crowd->path, &kinds[round % 4], round & 4);
        atomic_store(&crowd->came, 0);
        for (unsigned i = 0; i < OPENERS; i++)
            child[i] = child_start(open_and_count, crowd);
        for (unsigned i = 0; i < OPENERS; i++)
            assert_int_equal(child_end(child[i]), 0);
        ledger = open_file(crowd->path);
        assert_int_equal(tq_provider_used(known(ledger, NAME_32), NOW_NS), 32 + OPENERS);
        assert_int_equal(tq_provider_used(known(ledger, "new"), NOW_NS), OPENERS);
        check_sound(ledger);
        check_states(ledger);
        tq_ledger_close(ledger);
        assert_int_equal(scratch_entries(state), 1);
    }
}

/* ---- kills ----------------------------------------------------------------------------------- */

#define KILLS 60
#define KILLS_EACH 4 /* of each outcome, at least */

static int64_t steady_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int open_once(void *path)
{
    struct tq_ledger *ledger = open_file(path);

    MUST(ledger);
    tq_ledger_close(ledger);
    return 0;
}

/* Is the file byte for byte that of before, but for the number of a process that died? */
static bool is_untouched(const char *path, const uint8_t *before, size_t size)
{
    const size_t pid = offsetof(struct tq__header, busy_pid);
    size_t size_now;
    uint8_t *now = file_read(path, &size_now);
    bool same = false;

    if (size_now == size) {
        memcpy(now + pid, before + pid, 4);
        same = memcmp(now, before, size) == 0;
    }
    free(now);
    return same;
}

static void test_killed(void **state)
{
    char *path = (char *)(uintptr_t)scratch_path(state, "ledger");
    struct rng rng = {rng_seed(1)};
    unsigned kills = 0, old = 0, new = 0;
    int64_t whole_ns = 0;

    for (unsigned i = 0; (kills < KILLS * times_as_long() || old < KILLS_EACH || new < KILLS_EACH) &&
                         i < 40 * KILLS * times_as_long();
         i++) {
        const struct kind *kind = &kinds[i % 4];
        int64_t start_ns, wait_ns = whole_ns == 0 ? INT64_MAX : rng_below_i64(&rng, whole_ns);
        struct stat file, after;
        uint8_t *before;
        size_t size;
        pid_t child;
        bool watched = i % 2;

        put(path, kind, true);
        before = file_read(path, &size);
        assert_int_equal(stat(path, &file), 0);
        start_ns = steady_ns();
        child = child_start(open_once, path);
        if (whole_ns == 0) {
            assert_int_equal(child_end(child), 0);
            whole_ns = steady_ns() - start_ns;
        } else {
            int64_t until_ns = start_ns + (watched ? 4 * whole_ns : wait_ns);

            while (steady_ns() < until_ns)
                if (watched && stat(path, &after) == 0 && after.st_ino != file.st_ino)
                    break;
            kill(child, SIGKILL);
            kills += child_end(child) == 1000 + SIGKILL;
        }
        if (header_of(path).format == TQ__FORMAT) {
            new ++;
        } else {
            assert_true(is_untouched(path, before, size));
            old++;
        }
        free(before);
        open_and_check(path, kind->days);
    }
    print_message("# %u kills in conversions of %" PRId64 " us: old file %u, new file %u\n", kills,
                  whole_ns / 1000, old, new);
    assert_true(kills >= KILLS && old >= KILLS_EACH && new >= KILLS_EACH);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void wild_index(struct tq__header *header, uint8_t *bytes)
{
    memset(bytes + header->table_at[0], 0xee, 16384);
}

static void half_an_index(struct tq__header *header, uint8_t *bytes)
{
    for (size_t at = 0; at < 32768; at += 1024)
        memset(bytes + header->table_at[0] + at, 0, 512);
}

static void no_table(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->table_at[0] = 0;
}

static void wild_counters(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->slots = UINT32_MAX;
    header->extensions = UINT32_MAX - 1;
    header->file_bytes = TQ__HEADER_BYTES;
}

static void low_counters(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->slots = 3;
    header->extensions = 0;
}

/* What a loss of power may do to the index loses only names that hold nothing. */
static void test_index_lost(void **state)
{
    void (*const damage[])(struct tq__header *, uint8_t *) = {wild_index, half_an_index, no_table,
                                                              wild_counters, low_counters};
    const char *path = scratch_path(state, "ledger");

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
            struct tq_ledger *ledger;

            put(path, kind, false);
            change_header(path, damage[i]);
            ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
            handle(ledger, "known-by-name");
            check_used(ledger, kind->days);
            check_states(ledger);
            check_sound(ledger);
            tq_ledger_close(ledger);
        }
    }
}

/* The last piece was never written: after a loss of power it is dropped; in the same boot somebody cut it
 * off. */
static void test_piece_lost(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *more;
    struct tq_ledger *ledger;

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        struct tq__header header;

        put(path, kind, true);
        header = header_of(path); /* the second segment of slots, which has the last names */
        assert_true(header.slots_at[1] > header.slots_at[0] && header.slots_at[1] > header.extensions_at[0]);
        assert_int_equal(truncate(path, (off_t)header.slots_at[1]), 0);
        assert_int_equal(tq_ledger_open(&ledger, path, NULL, &error), TQ_EFORMAT);
        assert_non_null(strstr(error.msg, "restore it from a backup"));
        assert_int_equal(header_of(path).format, kind->format);

        put(path, kind, false);
        assert_int_equal(truncate(path, (off_t)header.slots_at[1]), 0);
        ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
        check_states(ledger);
        check_sound(ledger);
        assert_int_equal(tq_provider_used(known(ledger, "more-0"), NOW_NS), 1);
        assert_int_equal(tq_ledger_provider(ledger, "more-69", 7, TQ_PROVIDER_EXISTING, &more), 1);
        assert_null(more);
        tq_ledger_close(ledger);
    }
}

static void no_format(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->format = 0;
}

static void other_sizes(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->fingerprint = tq__fingerprint(TQ__FORMAT);
}

static void unknown_feature(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->features_incompatible = 4;
}

static void five_days(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->history_days = 5;
}

static void pieces_overlap(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->slots_at[1] = atomic_load(&header->slots_at[0]) + 4096;
}

static void piece_beyond(struct tq__header *header, uint8_t *bytes)
{
    (void)bytes;
    header->extensions_at[0] = UINT64_C(1) << 40;
}

/* A header that cannot be is refused, and stays as it was. */
static void test_headers_that_cannot_be(void **state)
{
    void (*const damage[])(struct tq__header *, uint8_t *) = {no_format, other_sizes,    unknown_feature,
                                                              five_days, pieces_overlap, piece_beyond};
    const char *path = scratch_path(state, "ledger");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        uint8_t *before;
        size_t size;

        put(path, &kinds[0], true);
        change_header(path, damage[i]);
        before = file_read(path, &size);
        assert_int_equal(tq_ledger_open(&ledger, path, NULL, &error), TQ_EFORMAT);
        assert_true(is_untouched(path, before, size));
        assert_int_equal(scratch_entries(state), 1);
        free(before);
    }
}

/* Any word of the header may be any number: the file is refused, or converted to one that is sound. */
static void test_any_word_of_the_header(void **state)
{
    static const uint64_t wrong[] = {1, 4096, UINT32_MAX, UINT64_MAX};
    const char *path = scratch_path(state, "ledger");

    for (size_t at = 8; at < 1600; at += at < 560 ? 8 : 40) {
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            struct tq_ledger *ledger;
            size_t size;
            uint8_t *bytes;

            put(path, &kinds[i % 2 * 2], at / 8 % 2);
            bytes = file_read(path, &size);
            memcpy(bytes + at, &wrong[i], 8);
            file_write(path, bytes, size);
            free(bytes);
            if (tq_ledger_open(&ledger, path, NULL, NULL) == 0)
                check_sound(ledger);
            tq_ledger_close(ledger);
        }
    }
}

/* ---- a full disk ----------------------------------------------------------------------------- */

/* Whatever cannot be allocated: an error, the old file as it was, and nothing beside it. */
static void test_disk_full(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    int64_t failed = 0;
    int answer;

    do {
        uint8_t *before;
        size_t size;

        put(path, &kinds[0], true);
        before = file_read(path, &size);
        fake_system.allocations = 0;
        fake_system.fail_from = ++failed;
        fake_system.fail_with = TQ_ENOSPC;
        answer = tq_ledger_open(&ledger, path, NULL, &error);
        fake_system.fail_from = 0;
        if (answer != 0) {
            assert_int_equal(answer, TQ_ENOSPC);
            assert_true(is_untouched(path, before, size));
        }
        assert_int_equal(scratch_entries(state), 1);
        free(before);
    } while (answer != 0);
    assert_true(failed > 4); /* header, table, two segments of slots, names */
    check_all(ledger, 8);
    tq_ledger_close(ledger);
}

/* ---- backups --------------------------------------------------------------------------------- */

static void test_restore(void **state)
{
    const char *path = scratch_path(state, "ledger"), *backup = scratch_path(state, "backup");
    struct tq_error error = {.size = sizeof error};

    for (const struct kind *kind = kinds; kind < kinds + 4; kind++) {
        struct tq_ledger *ledger;
        size_t size;
        uint8_t *before;

        put(backup, kind, false);
        before = file_read(backup, &size);
        if (tq_ledger_restore(path, backup, &error) != 0) /* where there is none, or one of this format */
            fail_msg("%s", error.msg);
        open_and_check(path, kind->days);
        ledger = open_file(path);
        assert_int_equal(tq_provider_record(handle(ledger, "later"), 1, NOW_NS, NULL), 0);
        tq_ledger_close(ledger);
        put(path, kind, true); /* and where there is an older one */
        change_header(path, wild_index);
        assert_int_equal(tq_ledger_restore(path, backup, &error), 0);
        open_and_check(path, kind->days);
        assert_true(is_untouched(backup, before, size));
        free(before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_every_value),
        scratch_test(test_compact_converts),
        scratch_test(test_the_rule),
        scratch_test(test_read_only),
        scratch_test(test_in_use),
        scratch_test(test_many_at_once),
        scratch_test(test_killed),
        scratch_test(test_index_lost),
        scratch_test(test_piece_lost),
        scratch_test(test_headers_that_cannot_be),
        scratch_test(test_any_word_of_the_header),
        scratch_test(test_disk_full),
        scratch_test(test_restore),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
