/* test_mapping.c: the ledger's file in a process: its descriptor and its mappings.
 *
 * SPDX-License-Identifier: MIT
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "src/ledger.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)

/* No program that is started from this one gets the file. */
static void test_close_on_exec(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    DIR *fds = opendir("/proc/self/fd");
    unsigned found = 0;
    struct dirent *entry;

    assert_non_null(fds);
    while ((entry = readdir(fds)) != NULL) {
        char target[PATH_MAX];
        ssize_t len = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);

        if (len < 0)
            continue;
        target[len] = '\0';
        if (strcmp(target, path) != 0)
            continue;
        found++;
        assert_true(fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC);
    }
    closedir(fds);
    assert_int_equal(found, 1);
    tq_ledger_close(ledger);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static unsigned open_descriptors(int from)
{
    unsigned count = 0;

    for (int fd = from; fd < 100; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* 0, 1 and 2 are where programs print, also when they were closed. */
static int open_with_streams_closed(void *path)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    unsigned before;

    MUST(close(0) == 0 && close(1) == 0 && close(2) == 0);
    before = open_descriptors(0);
    MUST(tq_ledger_open(&ledger, path, NULL, &error) == 0); /* makes it: .new-, its folder, the boot id */
    MUST(open_descriptors(0) == before + 1 && open_descriptors(3) == before + 1);
    MUST(tq_provider_record(handle(ledger, "a"), 5, NOW_NS, NULL) == 0);
    MUST(write(1, "answer\n", 7) == -1 && write(2, "typo\n", 5) == -1);
    tq_ledger_close(ledger);
    MUST(tq_ledger_compact(path, NULL) == 0);
    MUST(open_descriptors(0) == before);
    return 0;
}

static void test_streams_closed(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    assert_int_equal(child_end(child_start(open_with_streams_closed, (void *)(uintptr_t)path)), 0);
    ledger = open_file(path);
    assert_non_null(ledger);
    assert_int_equal(tq_provider_used(handle(ledger, "a"), NOW_NS), 5);
    tq_ledger_close(ledger);
}

#define MINE "precious customer data\n"

/* The program closed all descriptors, as daemons do, and a file of its own has the number by now. */
static struct tq_ledger *open_and_lose(void **state, bool read_only, bool reopen, int *mine)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));

    if (read_only) {
        tq_ledger_close(ledger);
        ledger = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_READ_ONLY);
    } else {
        assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    }
    close(ledger->backing.fd);
    *mine = reopen ? open(scratch_path(state, "mine"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (reopen) {
        assert_int_equal(*mine, ledger->backing.fd);
        assert_int_equal(write(*mine, MINE, strlen(MINE)), strlen(MINE));
    }
    return ledger;
}

static void assert_mine(void **state, int mine)
{
    struct stat file;

    assert_int_equal(fstat(mine, &file), 0);
    assert_int_equal(file.st_size, strlen(MINE));
    assert_int_equal(stat(scratch_path(state, "mine"), &file), 0);
    assert_int_equal(file.st_size, strlen(MINE));
    close(mine);
    unlink(scratch_path(state, "mine"));
}

static int by_insert(struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    char name[32];
    int answer = 0;

    for (int i = 0; i < 200 && answer == 0; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        answer = tq_ledger_provider(ledger, name, strlen(name), 0, &provider);
    }
    return answer;
}

static int by_flush(struct tq_ledger *ledger)
{
    return tq_ledger_flush(ledger);
}

/* Another process made the ledger longer: what it made must be mapped. */
static int by_mapping(struct tq_ledger *ledger)
{
    struct tq_ledger *other = open_file(ledger->path);
    int answer = by_insert(other);

    tq_ledger_close(other);
    if (answer != 0)
        return answer;
    for (int i = 0; i < 200; i++) {
        char name[32];

        snprintf(name, sizeof name, "name-%d", i);
        tq_tracker_used(tq_ledger_tracker(ledger), name, NOW_NS);
    }
    return (int)tq_tracker_used(tq_ledger_tracker(ledger), "a", NOW_NS);
}

static void test_descriptor_of_somebody_else(void **state)
{
    int (*const use[])(struct tq_ledger * ledger) = {by_insert, by_flush, by_mapping};

    for (size_t i = 0; i < 4 * (sizeof use / sizeof use[0]); i++) {
        bool read_only = i % 2, reopen = i / 2 % 2;
        int mine;
        struct tq_ledger *ledger;

        if (read_only && use[i / 4] == by_insert)
            continue;
        if (!reopen && use[i / 4] == by_mapping) /* it opens the ledger, which gets the number back */
            continue;
        ledger = open_and_lose(state, read_only, reopen, &mine);
        assert_int_equal(use[i / 4](ledger), TQ_EGONE);
        /* And from then on for every call. */
        assert_int_equal(tq_store_state(tq_ledger_store(ledger), "a", NOW_NS, NULL), TQ_EGONE);
        assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), "a", 1, NOW_NS, NULL), TQ_EGONE);
        tq_ledger_close(ledger);
        if (reopen)
            assert_mine(state, mine);
        unlink(scratch_path(state, "ledger"));
    }
}

/* Closing a ledger whose descriptor is another file by now leaves that one open. */
static void test_close_of_somebody_else(void **state)
{
    int mine;
    struct tq_ledger *ledger = open_and_lose(state, false, true, &mine);

    tq_ledger_close(ledger);
    assert_mine(state, mine);
}

/* ---- mappings -------------------------------------------------------------------------------- */

/* Every mapping of the file is marked "dd" in /proc: not to be dumped. */
static void test_not_in_core_dumps(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    FILE *maps = fopen("/proc/self/smaps", "r");
    unsigned mapped = 0, kept_out = 0;
    bool ours = false;
    char line[PATH_MAX + 128];

    assert_non_null(maps);
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    while (fgets(line, sizeof line, maps)) {
        if (strncmp(line, "VmFlags:", 8) == 0) {
            kept_out += ours && strstr(line, " dd");
        } else if (strchr(line, '-') && strchr(line, '-') < strchr(line, ' ')) { /* the line of a mapping */
            ours = strstr(line, path) != NULL;
            mapped += ours;
        }
    }
    fclose(maps);
    assert_true(mapped > 0);
    assert_int_equal(kept_out, mapped);
    tq_ledger_close(ledger);
}

/* Closing leaves nothing of it mapped or open. */
static void test_close_unmaps(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    char line[PATH_MAX + 128];
    FILE *maps;

    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps))
        assert_null(strstr(line, path));
    fclose(maps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_close_on_exec),
        scratch_test(test_streams_closed),
        scratch_test(test_descriptor_of_somebody_else),
        scratch_test(test_close_of_somebody_else),
        scratch_test(test_not_in_core_dumps),
        scratch_test(test_close_unmaps),
    };

    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
