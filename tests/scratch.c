/* scratch.c: folders and processes for the tests of ledgers in files.
 *
 * SPDX-License-Identifier: MIT
 */
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define PATIENCE_S 120

int scratch_setup(void **state)
{
    const char *above = getenv("TMPDIR");
    char *folder = malloc(PATH_MAX);

    if (!folder ||
        snprintf(folder, PATH_MAX, "%s/tqtest-XXXXXX", above && *above ? above : "/tmp") >= PATH_MAX ||
        !mkdtemp(folder)) {
        perror("scratch folder");
        free(folder);
        return -1;
    }
    *state = folder;
    return 0;
}

int scratch_teardown(void **state)
{
    DIR *folder = opendir(*state);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
            continue;
        const char *path = scratch_path(state, entry->d_name);

        if (unlink(path) != 0 && rmdir(path) != 0)
            perror(path);
    }
    if (folder)
        closedir(folder);
    if (rmdir(*state) != 0)
        perror(*state);
    free(*state);
    return 0;
}

const char *scratch_path(void **state, const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];

    if (snprintf(path, PATH_MAX, "%s/%s", (const char *)*state, name) >= PATH_MAX)
        abort();
    return path;
}

unsigned scratch_entries(void **state)
{
    DIR *folder = opendir(*state);
    unsigned count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2; /* "." and ".." */
}

struct tq_ledger *open_file_with(const char *path, uint32_t history_days, uint32_t rule, uint32_t flags)
{
    struct tq_ledger_options options = {.size = sizeof options,
                                        .history_days = history_days,
                                        .rule = rule,
                                        .flags = flags,
                                        .max_ahead_ns = INT64_MAX}; /* tests take place in any year */
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, path, &options, &error) < 0) {
        fprintf(stderr, "open: %s: %s\n", tq_error_name(error.code), error.msg);
        return NULL;
    }
    return ledger;
}

struct tq_ledger *open_file(const char *path)
{
    return open_file_with(path, 8, TQ_RULE_OFF, 0);
}

struct tq_provider *handle(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;
    int answer = tq_ledger_provider(ledger, name, strlen(name), 0, &provider);

    if (answer < 0) {
        fprintf(stderr, "handle of %s: %s\n", name, tq_error_name(answer));
        abort();
    }
    return provider;
}

void child_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: in a child: %s\n", file, line, condition);
    fflush(stderr);
    _exit(99);
}

pid_t child_start(int (*run)(void *), void *argument)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* no child outlives a test that failed */
        /* cmocka's handlers would go on with the next test, in the child. */
        for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
            signal(deadly[i], SIG_DFL);
        _exit(run(argument));
    }
    assert_true(child > 0);
    return child;
}

int child_end(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

void *shared_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(memory != MAP_FAILED);
    return memory;
}

static time_t waiting_since;

static time_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

void patience_reset(void)
{
    waiting_since = seconds();
}

void patience_yield(void)
{
    sched_yield();
    if (waiting_since == 0)
        waiting_since = seconds();
    if (seconds() - waiting_since > PATIENCE_S) {
        fprintf(stderr, "waited for %d s: somebody hangs\n", PATIENCE_S);
        abort();
    }
}

void meet(_Atomic unsigned *came, unsigned count, unsigned round)
{
    atomic_fetch_add(came, 1);
    patience_reset();
    while (atomic_load(came) < count * round)
        patience_yield();
}

uint8_t *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    uint8_t *bytes;

    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    *size = (size_t)status.st_size;
    bytes = malloc(*size ? *size : 1);
    assert_non_null(bytes);
    *size = fread(bytes, 1, *size, file);
    fclose(file);
    return bytes;
}

void file_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}
