/* compact.c: rewriting a ledger's file: compact, and the conversion of an older format.
 *
 * SPDX-License-Identifier: MIT
 *
 * Both lock the old file for this process alone, so nobody counts on the old words meanwhile. The conversion
 * is a compact that reads other slots. It does not need the index, which a loss of power may have torn: a
 * slot whose hash fits its name is a name. So a process that is killed leaves the old file, or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "file.h"
#include "rebuild.h"
#include "slot.h"

/* ---- slots of formats 1 and 2 ---------------------------------------------------------------- */

/* Their first line is as it is now, but for `care`, which was 0; `flags` is its own byte by now. */
struct slot_2 {
    _Atomic uint64_t first[8];
    _Atomic uint64_t state[6]; /* mark to half_hour, as now */
    _Atomic uint64_t why[2];
    _Atomic uint64_t day[];
};
static_assert(sizeof(struct slot_2) == TQ__SLOT_BYTES_2,
              "a slot of format 2 was two cache lines and its days");
static_assert(offsetof(struct tq__slot, limits) == offsetof(struct slot_2, why),
              "mark to half_hour are as now");

struct tq__slot *tq__slot_of_format(const struct tq_ledger *ledger, struct tq__slot *slot,
                                    struct tq__slot_room *room)
{
    struct slot_2 *old = (struct slot_2 *)(void *)slot;

    if (ledger->format >= TQ__FORMAT)
        return slot;
    slot = (struct tq__slot *)(void *)room->word;
    memset(room, 0, sizeof *room);
    tq__words_copy(room->word, old->first, offsetof(struct slot_2, why) / 8);
    tq__words_copy(&slot->reported_why, old->why, 2);
    tq__words_copy(slot->day, old->day, (size_t)1 << ledger->history_log2);
    return slot;
}

/* ---- conversion ------------------------------------------------------------------------------ */

/* Attaches the file that the entry has locked. It keeps a descriptor of its own. */
static int attach_older(struct tq_ledger *old, const char *path, const struct tq__entry *entry,
                        struct tq_error *error)
{
    struct tq__header header;
    int answer = tq__file_read_header(path, entry->fd, &header, error), fd;

    if (answer < 0)
        return answer;
    fd = fcntl(entry->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be opened twice");
    answer = tq__file_attach(old, path, fd, &header, 0, error);
    /* Without a loss of power, what is missing was not there for long: it was cut off. */
    if (answer == 0 && tq__file_doubt(&header, entry->boot_id, &entry->identity))
        tq__rebuild_drop_lost(old, (uint64_t)entry->file.st_size);
    if (answer == 0 && !tq__rebuild_pieces_fit(old))
        answer = tq__fail(error, TQ_EFORMAT, 0, path, "is damaged: restore it from a backup (mv)");
    return answer;
}

int tq__convert(const char *path, struct tq_error *error)
{
    struct tq_ledger *old = NULL;
    struct tq__entry entry;
    int answer = tq__file_enter(path, TQ__OPEN_OLDER, TQ__EXCLUSIVE, &entry, error);

    if (answer != 0)
        return answer == 1 ? 0 : answer;
    old = tq__ledger_new();
    answer =
        old ? attach_older(old, path, &entry, error) : tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    if (answer == 0)
        answer = tq__anew_replace(old, path, entry.fd, error);
    tq_ledger_close(old);
    close(entry.fd); /* and with it the locks */
    return answer;
}

/* ---- compact --------------------------------------------------------------------------------- */

int tq_ledger_compact(const char *path, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *old;
    int answer;

    if (!path)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "path is NULL");
    old = tq__ledger_new();
    answer =
        old ? tq__file_open_alone(old, path, &error) : tq__fail(&error, TQ_ENOMEM, 0, NULL, "out of memory");
    if (answer == 0)
        answer = tq__anew_replace(old, path, old->backing.fd, &error);
    else if (answer == 1)
        answer = tq__convert(path, &error);
    tq_ledger_close(old);
    return tq__error_give(user_error, &error, answer);
}
