/* test_mapping.c: the ledger's file in a process: no program started from it gets it, no core dump has it.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE /* readlinkat */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
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
        scratch_test(test_not_in_core_dumps),
        scratch_test(test_close_unmaps),
    };

    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
