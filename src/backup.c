/* backup.c: backup and restore: a copy of a ledger while others count on it, and a ledger from a copy.
 *
 * SPDX-License-Identifier: MIT
 *
 * The copy is made name by name in private memory, so no page of it is torn, and is then written piece by
 * piece with plain writes: its disk need neither be mapped nor be local, there are no holes in it, and it
 * shares no blocks. The header goes last: a copy that was cut short is no ledger.
 *
 * Restore only reads the copy, and makes a file of its own from it. So the copy may be on any disk, have
 * holes, or be one that was taken with cp while others counted: what its index does not lead to is taken from
 * its slots.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "rebuild.h"
#include "system.h"
#include "table.h"

static int write_all(int fd, const void *bytes, uint64_t count, uint64_t at)
{
    /* Early, and without the signal of a limit; where nothing can be allocated the writes will tell. */
    int answer = tq__system_allocate(fd, at, count);

    if (answer < 0 && answer != TQ_ENOTSUP)
        return answer;
    for (uint64_t done = 0; done < count;) {
        ssize_t wrote = pwrite(fd, (const char *)bytes + done, count - done, (off_t)(at + done));

        if (wrote < 0 && errno != EINTR)
            return errno == ENOSPC || errno == EFBIG || errno == EDQUOT ? TQ_ENOSPC : TQ_ESYS;
        done += wrote > 0 ? (uint64_t)wrote : 0;
    }
    return 0;
}

static int write_ledger(int fd, struct tq_ledger *ledger)
{
    static const uint8_t page[TQ__HEADER_BYTES]; /* until the end it stands for the header */
    const struct tq__identity identity = tq__system_identity(fd);
    struct tq__piece piece[TQ__PIECES];
    struct tq__header header;
    uint64_t end = TQ__HEADER_BYTES;
    int answer;

    memcpy(&header, ledger->header, sizeof header);
    /* The copy is whole in its own file: put in place with mv it need not be made anew. */
    tq__system_boot_id(header.boot_id);
    tq__header_identify(&header, &identity, true);
    answer = write_all(fd, page, sizeof page, 0);
    tq__pieces_list(ledger, &header, piece);
    for (size_t i = 0; i < TQ__PIECES && answer == 0; i++) {
        if (!piece[i].memory)
            continue;
        answer = write_all(fd, piece[i].memory, piece[i].bytes, end);
        atomic_store_explicit(piece[i].place, end, memory_order_relaxed);
        end += piece[i].bytes;
    }
    atomic_store_explicit(&header.file_bytes, end, memory_order_relaxed);
    if (answer == 0 && fsync(fd) != 0)
        answer = TQ_ESYS;
    if (answer == 0)
        answer = write_all(fd, &header, sizeof header, 0);
    return answer == 0 && fsync(fd) != 0 ? TQ_ESYS : answer;
}

static int write_file(struct tq_ledger *made, const char *dest, struct tq_error *error)
{
    int fd = tq__system_open(dest, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600), answer;

    if (fd < 0)
        return tq__fail(error, TQ_ESYS, errno, dest,
                        errno == EEXIST ? "is there already: name a new file" : "cannot be created");
    answer = write_ledger(fd, made);
    if (answer == TQ_ESYS)
        tq__fail(error, answer, errno, dest, "cannot be written");
    else if (answer < 0)
        tq__cannot(dest, "cannot be written", answer, error);
    if (answer < 0)
        unlink(dest);
    else
        tq__file_sync_folder(dest);
    close(fd);
    return answer;
}

/* Whoever reads only does not keep others from making the index anew, and then finds fewer names. */
static int copy_names(struct tq_ledger *made, struct tq_ledger *ledger)
{
    uint64_t before = tq__table_rebuilds(ledger);
    int answer;

    if (before == UINT64_MAX)
        return TQ_EBUSY;
    answer = tq__anew_copy(made, ledger, false);
    return answer == 0 && tq__table_rebuilds(ledger) != before ? TQ_EBUSY : answer;
}

int tq_ledger_backup(struct tq_ledger *ledger, const char *dest, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options options = {.size = sizeof options};
    struct tq_ledger *made = NULL;
    int answer;

    if (!ledger || !dest)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "ledger or dest is NULL");
    answer = tq__ledger_identity(ledger);
    options.history_days = 1u << ledger->history_log2;
    options.rule = tq__rule_chosen(ledger->header);
    if (answer < 0)
        tq__fail(&error, answer, 0, ledger->path, tq_strerror(answer));
    else
        answer = tq_ledger_open(&made, NULL, &options, &error);
    if (answer == 0) {
        answer = copy_names(made, ledger);
        if (answer < 0)
            tq__cannot(ledger->path, "cannot be copied", answer, &error);
        else
            answer = write_file(made, dest, &error);
    }
    tq_ledger_close(made);
    return tq__error_give(user_error, &error, answer);
}

/* ---- restore --------------------------------------------------------------------------------- */

/* Attaches the copy, for reading. The descriptor is the ledger's afterwards. */
static int open_copy(struct tq_ledger *copy, const char *source, struct tq_error *error)
{
    struct tq__header page;
    struct stat file;
    int fd = tq__system_open(source, O_RDONLY | O_NONBLOCK, 0), answer;

    if (fd < 0)
        return tq__fail(error, TQ_ESYS, errno, source, "cannot be opened");
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))
        answer = tq__fail(error, TQ_EDENIED, 0, source, "is not a regular file: name a backup");
    else
        answer = tq__file_read_header(source, fd, &page, error);
    if (answer == TQ_EFORMAT && page.magic != TQ__MAGIC)
        tq__fail(error, answer, 0, source, "is no backup of a ledger, or was cut short: name another");
    if (answer < 0) {
        close(fd);
        return answer;
    }
    answer = tq__file_attach(copy, source, fd, &page, TQ_OPEN_READ_ONLY, error);
    if (answer == 0 && !tq__rebuild_pieces_fit(copy))
        answer = tq__fail(error, TQ_EFORMAT, 0, source, "was cut short: name another backup");
    return answer;
}

/* The file at path, locked for this process alone; made when there is none. */
static int lock_old(const char *path, const struct tq_ledger_options *options, int *fd,
                    struct tq_error *error)
{
    struct tq__entry entry;
    int answer;

    answer = tq__file_enter(path, TQ__OPEN_DAMAGED, TQ__EXCLUSIVE, &entry, error);
    if (answer == TQ_ESYS && error->sys == ENOENT) {
        answer = tq__file_place(path, options, error);
        if (answer == 0)
            answer = tq__file_enter(path, TQ__OPEN_DAMAGED, TQ__EXCLUSIVE, &entry, error);
    }
    *fd = answer == 0 ? entry.fd : -1;
    return answer;
}

int tq_ledger_restore(const char *path, const char *source, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options options = {.size = sizeof options};
    struct tq_ledger *copy;
    int fd = -1, answer;

    if (!path || !source)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "path or source is NULL");
    copy = tq__ledger_new();
    answer = copy ? open_copy(copy, source, &error) : tq__fail(&error, TQ_ENOMEM, 0, NULL, "out of memory");
    if (answer == 0) {
        options.history_days = 1u << copy->history_log2;
        answer = lock_old(path, &options, &fd, &error);
    }
    if (answer == 0)
        answer = tq__anew_replace(copy, path, fd, &error);
    if (fd >= 0)
        close(fd);
    tq_ledger_close(copy);
    return tq__error_give(user_error, &error, answer);
}
