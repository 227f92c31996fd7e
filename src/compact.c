/* compact.c: the ledger's file made anew, with nothing in it but names in use.
 *
 * SPDX-License-Identifier: MIT
 *
 * The new file is complete and on the disk before it gets the name; until then, and if anything fails, the
 * old one is the ledger. It is the only place that renames over a ledger, and it holds the old file locked
 * for itself alone, so nobody counts on the old words meanwhile. The old header is marked `gone` for who
 * opened it just before, without a lock yet, or for reading.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "slot.h"
#include "table.h"

static int copy_slot(struct tq_ledger *to, struct tq_ledger *from, uint32_t number)
{
    struct tq__slot *slot = tq__slot_number(from, number), *made;
    char bytes[TQ__NAME_BYTES];
    struct tq__name name;
    int answer;

    if (!slot || atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__HIDDEN ||
        !tq__slot_name_ok(from, slot, number, &name, bytes))
        return 0;
    if (tq__table_find(from, &name) != slot) /* left by a lost race or a killed insert */
        return 0;
    tq__name_prepare(&name, &to->hash_key, bytes, name.len);
    answer = tq__table_insert(to, &name, &made);
    if (answer == 0)
        tq__slot_take_over(made, slot, from->history_log2);
    return answer;
}

static void copy_notes(struct tq__header *to, struct tq__header *from)
{
    _Atomic uint64_t *const to_note[] = {&to->late,      &to->too_old, &to->clock,
                                         &to->saturated, &to->rebuilt, &to->recovered};
    _Atomic uint64_t *const from_note[] = {&from->late,      &from->too_old, &from->clock,
                                           &from->saturated, &from->rebuilt, &from->recovered};

    for (size_t i = 0; i < sizeof to_note / sizeof to_note[0]; i++)
        atomic_store_explicit(to_note[i], atomic_load_explicit(from_note[i], memory_order_relaxed),
                              memory_order_relaxed);
}

static int copy_all(struct tq_ledger *to, struct tq_ledger *from)
{
    uint32_t end = tq__slots_end(from);
    int answer = 0;

    for (uint32_t n = 0; n < end && answer == 0; n++)
        answer = copy_slot(to, from, n);
    copy_notes(to->header, from->header);
    atomic_store_explicit(&to->header->soonest, 0, memory_order_relaxed); /* to be found by who waits */
    return answer;
}

/* The old file is attached and locked. */
static int replace(struct tq_ledger *old, struct tq_error *error)
{
    struct tq_ledger_options options = {.history_days = 1u << old->history_log2};
    struct tq_ledger *new = tq__ledger_new();
    char name[PATH_MAX] = "";
    struct stat file;
    int fd = -1, answer = TQ_ENOMEM;

    if (!new || fstat(old->backing.fd, &file) != 0) {
        tq__fail(error, answer, 0, NULL, "out of memory");
        goto out;
    }
    options.rule = old->header->rule_is_set ? old->rule : TQ_RULE_DEFAULT;
    options.mode = file.st_mode & 0777;
    answer = tq__file_create(old->path, &options, name, &fd, error);
    if (answer == 0)
        answer = tq__file_attach(new, name, fd, 0, error);
    if (answer < 0)
        goto out;
    if (fchown(fd, file.st_uid, file.st_gid) != 0)
        answer =
            tq__fail(error, TQ_ESYS, errno, old->path, "cannot be made anew with its owner: run as root");
    else if ((answer = copy_all(new, old)) < 0)
        tq__cannot(old->path, "cannot be made anew", answer, error);
    else if (fsync(fd) != 0 || rename(name, old->path) != 0)
        answer = tq__fail(error, TQ_ESYS, errno, old->path, "cannot be put in place");
    if (answer == 0) {
        name[0] = '\0';
        atomic_store_explicit(&old->header->gone, 1, memory_order_relaxed);
        tq__file_sync_folder(old->path);
    }
out:
    if (name[0])
        unlink(name);
    tq_ledger_close(new);
    return answer;
}

static int compact(const char *path, struct tq_error *error)
{
    struct tq__header *page = malloc(sizeof *page);
    struct tq_ledger *old = tq__ledger_new();
    int fd = -1, answer = TQ_ENOMEM;

    if (!page || !old) {
        tq__fail(error, answer, 0, NULL, "out of memory");
        goto out;
    }
    answer = tq__file_lock(path, false, LOCK_EX, NULL, &fd, error);
    if (answer == 0)
        answer = tq__file_check_header(path, fd, false, page, error);
    if (answer == 0)
        answer = tq__file_attach(old, path, fd, 0, error);
    else if (fd >= 0)
        close(fd);
    if (answer == 0) {
        atomic_store_explicit(&old->header->busy_pid, (uint32_t)getpid(), memory_order_relaxed);
        answer = replace(old, error);
        atomic_store_explicit(&old->header->busy_pid, 0, memory_order_relaxed);
    }
out:
    tq_ledger_close(old);
    free(page);
    return answer;
}

int tq_ledger_compact(const char *path, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options existing = {.size = sizeof existing, .flags = TQ_OPEN_EXISTING};
    struct tq_ledger *ledger;
    int answer;

    if (!path)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "path is NULL");
    answer = tq_ledger_open(&ledger, path, &existing, &error); /* checks, and rebuilds if need be */
    tq_ledger_close(ledger);
    if (answer == 0)
        answer = compact(path, &error);
    tq__error_give(user_error, &error, answer);
    return answer;
}
