/* runs.c: runs: providers that are made for one job, and are forgotten when all its processes are gone.
 *
 * SPDX-License-Identifier: MIT
 */
#include "runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "import/store.h"
#include "listener.h"
#include "verdict.h"

#define LINE_BYTES 512
#define RUNS_MAX 4096     /* lines that are looked at */
#define KEPT_FD_LEAST 200 /* shells and scripts use low numbers for files of their own */
#define BUSY_TRIES 20     /* somebody who looks has the lock of a line for a moment */
#define BUSY_MS 10
#define PATH_MOST 4200

/* ---- the environment ------------------------------------------------------------------------- */

bool run_of(const char *name, char run[TQ_NAME_MAX + 1])
{
    return tq_run_of(getenv(RUN_VARIABLE), name, strlen(name), run, TQ_NAME_MAX + 1) > 0;
}

/* Has this variable, "NAME=VALUE", the run in a line of its value? */
static bool has_run(const char *variable, const char *name)
{
    size_t len = strlen(name);
    const char *line = variable + sizeof RUN_VARIABLE;

    if (strncmp(variable, RUN_VARIABLE "=", sizeof RUN_VARIABLE) != 0)
        return false;
    for (;; line++) {
        if (strncmp(line, name, len) == 0 && (line[len] == '\0' || line[len] == '\n'))
            return true;
        line = strchr(line, '\n');
        if (!line)
            return false;
    }
}

/* Has the process the run in its environment, and this ledger, as all processes of a run have? */
static bool process_has_run(const char *pid, const char *name, const char *ledger_path)
{
    static const char of_ledger[] = "TOKENQUOTA_LEDGER=";
    char path[64], *variable = NULL;
    bool has_name = false, has_ledger = false;
    size_t capacity = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%.20s/environ", pid);
    file = fopen(path, "re");
    while (file && !(has_name && has_ledger) && getdelim(&variable, &capacity, '\0', file) > 0) {
        has_name |= has_run(variable, name);
        has_ledger |= strncmp(variable, of_ledger, sizeof of_ledger - 1) == 0 &&
                      strcmp(variable + sizeof of_ledger - 1, ledger_path) == 0;
    }
    if (file)
        fclose(file);
    free(variable);
    return has_name && has_ledger;
}

/* Does a process that we may look at belong to the run? */
static bool is_in_an_environment(const char *name, const char *ledger_path)
{
    char *real = realpath(ledger_path, NULL); /* as `run` names it to its command */
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    bool found = false;

    while (folder && !found && (entry = readdir(folder)) != NULL)
        found =
            tq__is_digit(entry->d_name[0]) && process_has_run(entry->d_name, name, real ? real : ledger_path);
    if (folder)
        closedir(folder);
    free(real);
    return found;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int runs_open(const char *ledger_path, int flags)
{
    char path[PATH_MOST];

    if (snprintf(path, sizeof path, "%s.runs", ledger_path) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static struct flock lock_of(unsigned line, short type)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)line * LINE_BYTES, .l_len = LINE_BYTES};
}

/* Does another process have the line? */
static bool is_locked(int fd, unsigned line)
{
    struct flock lock = lock_of(line, F_WRLCK);

    return fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
}

static bool lock_line(int fd, unsigned line)
{
    struct flock lock = lock_of(line, F_WRLCK);

    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static void unlock_line(int fd, unsigned line)
{
    struct flock lock = lock_of(line, F_UNLCK);

    (void)fcntl(fd, F_OFD_SETLK, &lock);
}

/* Reads a line. 0; 1: there is no run in it; -1: there is no such line. The last field is that of newer
 * builds. */
static int read_line(int fd, unsigned line, struct run *run)
{
    char text[LINE_BYTES + 1], *tab;
    ssize_t got = line < RUNS_MAX ? pread(fd, text, LINE_BYTES, (off_t)line * LINE_BYTES) : 0;

    run->user = RUN_OF_ANYBODY;
    if (got < LINE_BYTES)
        return -1;
    text[LINE_BYTES] = '\0';
    tab = strchr(text, '\t');
    if (!tab || tab == text || tab - text > TQ_NAME_MAX || !memchr(text, '/', (size_t)(tab - text)) ||
        sscanf(tab, "\t%20" SCNd64 "\t%20" SCNd64 "\t%10" SCNu32, &run->started_at_ns, &run->until_ns,
               &run->user) < 2)
        return 1;
    memcpy(run->name, text, (size_t)(tab - text));
    run->name[tab - text] = '\0';
    return 0;
}

/* run NULL: none. */
static bool write_line(int fd, unsigned line, const struct run *run)
{
    char text[LINE_BYTES + 1] = "";

    if (run)
        snprintf(text, sizeof text, "%s\t%" PRId64 "\t%" PRId64 "\t%" PRIu32, run->name, run->started_at_ns,
                 run->until_ns, run->user);
    memset(text + strlen(text), ' ', LINE_BYTES - strlen(text));
    text[LINE_BYTES - 1] = '\n';
    return pwrite(fd, text, LINE_BYTES, (off_t)line * LINE_BYTES) == LINE_BYTES;
}

/* The line of a run. -1: it has none. */
static int find_line(int fd, const char *name, int but)
{
    struct run run;
    int answer;

    for (unsigned line = 0; (answer = read_line(fd, line, &run)) >= 0; line++)
        if (answer == 0 && (int)line != but && strcmp(run.name, name) == 0)
            return (int)line;
    return -1;
}

bool run_is_known(const char *ledger_path, const char *name)
{
    int fd = runs_open(ledger_path, O_RDONLY);
    bool known = fd >= 0 && find_line(fd, name, -1) >= 0;

    if (fd >= 0)
        close(fd);
    return known;
}

/* ---- looking --------------------------------------------------------------------------------- */

/* The provider of a run, also of one that has no limits yet. The file may be damaged: a provider that is not
 * in the pool of its name is none. */
static struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider, *pool;
    char run[TQ_NAME_MAX + 1];

    if (tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) != 0 ||
        tq_provider_pool(provider, &pool) != 0)
        return NULL;
    return tq_run_of(name, tq_provider_name(pool), strlen(tq_provider_name(pool)), run, sizeof run) > 0
               ? provider
               : NULL;
}

bool run_is_in_force(const char *ledger_path, struct tq_ledger *ledger, const char *name)
{
    return ledger && run_is_known(ledger_path, name) && provider_of(ledger, name);
}

static void end_time(struct tq_ledger *ledger, const struct run *run, int64_t now_ns)
{
    struct tq_provider *provider = provider_of(ledger, run->name);
    struct tq_verdict verdict;

    if (provider && verdict_read(provider, now_ns, 0, &verdict) >= 0 &&
        !(verdict.level == 0 && verdict.reason == TQ_REASON_MARKED && verdict.retry_at_ns == INT64_MAX))
        (void)tq_provider_mark_quota_exhausted(provider, INT64_MAX);
}

/* Only its user, and root, may look at the environments of its processes. */
static bool may_forget(const struct run *run)
{
    return geteuid() == 0 || run->user == RUN_OF_ANYBODY || run->user == geteuid();
}

/* Forgets the run of a line that nobody has locked. */
static void forget(int fd, unsigned line, const char *ledger_path, struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    struct run run;

    if (!lock_line(fd, line))
        return;
    if (read_line(fd, line, &run) == 0 && !is_in_an_environment(run.name, ledger_path)) {
        provider = provider_of(ledger, run.name);
        if (!provider || tq_provider_forget(provider) == 0)
            (void)write_line(fd, line, NULL);
    }
    unlock_line(fd, line);
}

static bool is_time_up(const struct run *run, int64_t now_ns)
{
    return run->until_ns > 0 && now_ns >= run->until_ns;
}

bool runs_are_due(const char *ledger_path, int64_t now_ns)
{
    int fd = runs_open(ledger_path, O_RDONLY), answer = -1;
    bool due = false;
    struct run run;

    for (unsigned line = 0; fd >= 0 && !due && (answer = read_line(fd, line, &run)) >= 0; line++)
        due = answer == 0 && (is_time_up(&run, now_ns) || (may_forget(&run) && !is_locked(fd, line)));
    if (fd >= 0)
        close(fd);
    return due;
}

void runs_look(const char *ledger_path, struct tq_ledger *ledger, int64_t now_ns)
{
    int fd = ledger ? runs_open(ledger_path, O_RDWR) : -1;
    struct run run;
    int answer;

    if (fd < 0)
        return;
    for (unsigned line = 0; (answer = read_line(fd, line, &run)) >= 0; line++) {
        if (answer == 1)
            continue;
        if (is_time_up(&run, now_ns))
            end_time(ledger, &run, now_ns);
        if (may_forget(&run) && !is_locked(fd, line))
            forget(fd, line, ledger_path, ledger);
    }
    close(fd);
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* Locks a line in which there is no run and writes this one. Its number; -1, errno says why. */
static int claim(int fd, const struct run *run)
{
    struct run old;

    for (unsigned line = 0; line < RUNS_MAX; line++) {
        if (!lock_line(fd, line)) {
            if (errno != EAGAIN && errno != EACCES)
                return -1;
            continue;
        }
        if (read_line(fd, line, &old) != 0) {
            if (write_line(fd, line, run))
                return (int)line;
            return -1;
        }
        unlock_line(fd, line); /* its processes closed what they inherited, and live */
    }
    errno = ENOSPC;
    return -1;
}

/* Two that begin a run of one name at one time may both be refused. */
static int begin(int fd, const struct run *run, struct listener *listener)
{
    int line, tries = 0;

    while (find_line(fd, run->name, -1) >= 0 && ++tries < BUSY_TRIES)
        (void)poll(NULL, 0, BUSY_MS);
    if (tries == BUSY_TRIES)
        return listener_fail(listener, "the run \"%s\" is in force: processes of it live", run->name);
    line = claim(fd, run);
    if (line < 0 && errno == ENOSPC)
        return listener_fail(
            listener, "%d runs are in force, or the disk is full: there is no room for one more", RUNS_MAX);
    if (line < 0)
        return listener_fail(listener, "the file of runs beside the ledger: %s", strerror(errno));
    if (find_line(fd, run->name, line) < 0)
        return 0;
    (void)write_line(fd, (unsigned)line, NULL);
    return listener_fail(listener, "the run \"%s\" begins in another process", run->name);
}

int run_begin(const char *ledger_path, struct tq_ledger *ledger, const struct run *run,
              struct listener *listener)
{
    mode_t mode = store_mode_of(ledger_path);
    struct stat status;
    int fd, kept;

    runs_look(ledger_path, ledger, run->started_at_ns);
    fd = runs_open(ledger_path, O_RDWR | O_CREAT);
    if (fd < 0)
        return listener_fail(listener, "%s.runs: %s", ledger_path, strerror(errno));
    if (fstat(fd, &status) == 0 && status.st_size == 0)
        (void)fchmod(fd, mode); /* as for the store of imports: it belongs to the ledger */
    if (begin(fd, run, listener) < 0) {
        close(fd);
        return -1;
    }
    kept = fcntl(fd, F_DUPFD_CLOEXEC, KEPT_FD_LEAST);
    if (kept < 0) /* so many descriptors are not allowed */
        return fd;
    close(fd);
    return kept;
}
