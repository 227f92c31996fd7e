/* anew.c: a new ledger with what another holds, and its file in the place of the old one.
 *
 * SPDX-License-Identifier: MIT
 *
 * The new file is complete and on the disk before it gets the name; until then, and if anything fails, the
 * old one is the ledger. Here is the only place that renames over a ledger. The old header is marked `gone`
 * for who opened it just before, without a lock yet, or for reading.
 */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "slot.h"
#include "state.h"
#include "table.h"

/* Of two slots with one name the first that holds anything stays. */
static int take_slot(struct tq_ledger *to, struct tq_ledger *from, struct tq__slot *slot, uint32_t number)
{
    char bytes[TQ__NAME_BYTES];
    struct tq__slot *made;
    struct tq__name name;
    int answer = 0;

    if (!tq__slot_name_ok(from, slot, number, &name, bytes))
        return 0;
    tq__name_prepare(&name, &to->hash_key, bytes, name.len);
    made = tq__table_find(to, &name);
    if (!made)
        answer = tq__table_insert(to, &name, &made);
    if (answer == 0 && !tq__slot_holds(made, to->history_log2)) {
        tq__slot_take_over(made, slot, from->history_log2);
        tq__unhide(made); /* a thread that died after it counted left it hidden: state.h */
    }
    return answer;
}

int tq__anew_names(struct tq_ledger *to, struct tq_ledger *from)
{
    _Atomic uint64_t *word;
    int answer;

    for (uint64_t place = 0; (answer = tq__index_next(from, &place, &word)) == 0 && word; place++) {
        /* Acquire pairs with the publishing swap in table.c: the slot behind the word is complete. */
        uint32_t number = (uint32_t)atomic_load_explicit(word, memory_order_acquire) - 1;
        struct tq__slot *slot = tq__slot_number(from, number);
        struct tq__slot_room room;

        slot = slot ? tq__slot_of_format(from, slot, &room) : NULL;
        /* A hidden name that holds nothing was forgotten. */
        if (!slot || (atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__HIDDEN &&
                      !tq__slot_holds(slot, from->history_log2)))
            continue;
        answer = take_slot(to, from, slot, number);
        if (answer < 0)
            return answer;
    }
    tq__words_copy(to->header->notes, from->header->notes, TQ__NOTES);
    atomic_store_explicit(&to->header->soonest, 0, memory_order_relaxed); /* to be found by whoever waits */
    return answer;
}

/* The names, and the slots as well that hold something and that no index word leads to. Nobody may count on
 * `from`. */
static int take_all(struct tq_ledger *to, struct tq_ledger *from)
{
    uint32_t end = tq__array_end(&from->slots);
    int answer = tq__anew_names(to, from);
    struct tq__slot_room room;
    struct tq__slot *slot;

    for (uint32_t n = 0; answer == 0 && (slot = tq__slots_next(from, &n, end)) != NULL; n++) {
        slot = tq__slot_of_format(from, slot, &room);
        if (tq__slot_holds(slot, from->history_log2))
            answer = take_slot(to, from, slot, n);
    }
    return answer;
}

/* ---- in the place of the old one ------------------------------------------------------------- */

/* Into the header of the old file, which may be damaged and is not mapped then. That it could not be told is
 * no failure: a message names nobody, and who has it open sees by its name that it is gone. */
static void tell_old(int old, size_t at, uint32_t word)
{
    (void)!pwrite(old, &word, sizeof word, (off_t)at);
}

int tq__anew_replace(struct tq_ledger *from, const char *path, int old, struct tq_error *error)
{
    /* The new file goes where the old one was opened, on whatever file system that is. */
    struct tq_ledger_options options = {.history_days = 1u << from->history_log2,
                                        .flags = TQ_OPEN_ANY_FILE_SYSTEM};
    struct tq__header header;
    struct tq_ledger *new = tq__ledger_new();
    char name[PATH_MAX] = "";
    int fd = -1, answer;

    if (!new)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    tell_old(old, offsetof(struct tq__header, busy_pid), (uint32_t)getpid());
    options.rule = from->header->rule_is_set ? from->header->rule : TQ_RULE_DEFAULT;
    answer = tq__file_create(path, &options, name, &fd, &header, error);
    if (answer == 0)
        answer = tq__file_attach(new, name, fd, &header, 0, error);
    if (answer == 0) {
        answer = take_all(new, from);
        if (answer < 0)
            tq__cannot(path, "cannot be made anew", answer, error);
    }
    if (answer == 0)
        answer = tq__rights_take(old, fd, path, error);
    if (answer == 0 && (fsync(fd) != 0 || rename(name, path) != 0))
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be put in place");
    if (answer == 0) {
        name[0] = '\0';
        tell_old(old, offsetof(struct tq__header, gone), 1);
        tq__file_sync_folder(path);
    }
    if (name[0])
        unlink(name);
    tell_old(old, offsetof(struct tq__header, busy_pid), 0);
    tq_ledger_close(new);
    return answer;
}
