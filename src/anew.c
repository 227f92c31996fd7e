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

#include "links.h"
#include "slot.h"
#include "state.h"
#include "table.h"

/* ---- names ----------------------------------------------------------------------------------- */

/* A hidden name that holds nothing was forgotten. keep: holds that are nobody's are copied, and stay. */
static bool is_forgotten(struct tq_ledger *ledger, struct tq__slot *slot, bool keep)
{
    return atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__HIDDEN &&
           !tq__slot_holds(ledger, slot) && !(keep && tq__links_hold_nobodys(ledger, slot));
}

/* Inserts the name of slot `number`, and what the slot holds. *made is the name's slot in `to`; NULL: there
 * is no valid name. Of two slots with one name the first that holds anything stays. Links are left as they
 * are in `from`: take_links. */
static int take_over_slot(struct tq_ledger *to, struct tq_ledger *from, struct tq__slot *slot,
                          uint32_t number, struct tq__slot **made)
{
    char bytes[TQ__NAME_BYTES];
    struct tq__name name;
    int answer = 0;

    *made = NULL;
    if (!tq__slot_name_ok(from, slot, number, &name, bytes))
        return 0;
    tq__name_prepare(&name, &to->hash_key, bytes, name.len);
    *made = tq__table_find(to, &name);
    if (!*made)
        answer = tq__table_insert(to, &name, made);
    if (answer == 0 && !tq__slot_holds(from, *made)) {
        tq__slot_take_over(*made, slot, from->history_log2);
        if (tq__slot_holds(from, *made)) /* else it is there for what calls that run hold of it */
            tq__unhide(*made);           /* a thread that died after it counted left it hidden: state.h */
    }
    return answer;
}

static int take_named(struct tq_ledger *to, struct tq_ledger *from, bool keep)
{
    struct tq__slot *slot, *made;
    struct tq__slot_room room;
    _Atomic uint64_t *word;
    int answer;

    for (uint64_t place = 0; (answer = tq__index_next(from, &place, &word)) == 0 && word; place++) {
        /* Acquire pairs with the publishing swap in table.c: the slot behind the word is complete. */
        uint32_t number = (uint32_t)atomic_load_explicit(word, memory_order_acquire) - 1;

        slot = tq__slot_number(from, number);
        slot = slot ? tq__slot_of_format(from, slot, &room) : NULL;
        if (!slot || is_forgotten(from, slot, keep))
            continue;
        answer = take_over_slot(to, from, slot, number, &made);
        if (answer < 0)
            return answer;
    }
    return answer;
}

/* Slots that hold something and that no index word leads to. */
static int take_unnamed(struct tq_ledger *to, struct tq_ledger *from)
{
    uint32_t end = tq__array_end(&from->slots);
    struct tq__slot *slot, *made;
    struct tq__slot_room room;
    int answer = 0;

    for (uint32_t n = 0; answer == 0 && (slot = tq__slots_next(from, &n, end)) != NULL; n++) {
        slot = tq__slot_of_format(from, slot, &room);
        if (tq__slot_holds(from, slot))
            answer = take_over_slot(to, from, slot, n, &made);
    }
    return answer;
}

/* ---- links ----------------------------------------------------------------------------------- */

/* The slot in `to` with the name of slot `number` of `from`; NULL: it has none. */
static struct tq__slot *same_name(struct tq_ledger *to, struct tq_ledger *from, struct tq__slot *slot,
                                  uint32_t number)
{
    char bytes[TQ__NAME_BYTES];
    struct tq__name name;

    if (!tq__slot_name_ok(from, slot, number, &name, bytes))
        return NULL;
    tq__name_prepare(&name, &to->hash_key, bytes, name.len);
    return tq__table_find(to, &name);
}

/* A pool that was inserted since the names were taken is taken now. */
static int take_pool(struct tq_ledger *to, struct tq_ledger *from, struct tq__slot *slot, bool keep)
{
    uint32_t link = atomic_load_explicit(&slot->pool, memory_order_relaxed);
    struct tq__slot *pool = link != 0 ? tq__slot_number(from, link - 1) : NULL, *made = NULL;
    int answer = 0;

    if (pool && !is_forgotten(from, pool, keep)) {
        made = same_name(to, from, pool, link - 1);
        if (!made)
            answer = take_over_slot(to, from, pool, link - 1, &made);
    }
    atomic_store_explicit(&slot->pool, made ? tq__array_number(&to->slots, made) + 1 : 0,
                          memory_order_relaxed);
    return answer;
}

/* Replaces the links of `from` that the slots of `to` have. The first part may add slots, which it comes to.
 */
static int take_links(struct tq_ledger *to, struct tq_ledger *from, bool keep)
{
    struct tq__slot *slot;
    int answer = 0;

    for (uint32_t n = 0; answer == 0 && (slot = tq__slots_next(to, &n, tq__slots_end(to))) != NULL; n++) {
        answer = tq__links_copy_limits(to, from, slot, keep);
        if (answer == 0)
            answer = take_pool(to, from, slot, keep);
    }
    /* Pools that were changed while they were read may stand in a circle. */
    for (uint32_t n = 0; answer == 0 && (slot = tq__slots_next(to, &n, tq__slots_end(to))) != NULL; n++)
        if (!tq__link_pool_ok(to, n))
            atomic_store_explicit(&slot->pool, 0, memory_order_relaxed);
    return answer < 0 ? answer : tq__links_copy_zones(to, from);
}

/* What was told of other machines is kept, as the words beside the counts are (links.c), or is not. */
static void take_settings(struct tq__header *to, struct tq__header *from, bool keep)
{
    if (keep)
        atomic_store_explicit(&to->shared_until_ns,
                              atomic_load_explicit(&from->shared_until_ns, memory_order_relaxed),
                              memory_order_relaxed);
    tq__words_copy(&to->settings, &from->settings, 1);
    atomic_store_explicit(&to->settings_at_ns,
                          atomic_load_explicit(&from->settings_at_ns, memory_order_relaxed),
                          memory_order_relaxed);
}

int tq__anew_copy(struct tq_ledger *to, struct tq_ledger *from, bool alone)
{
    /* A backup, and what is restored from one, has no calls that run. Formats before this one had none. */
    const bool keep = alone && !from->backing.read_only && from->format == TQ__FORMAT;
    int answer = take_named(to, from, keep);

    if (answer == 0 && alone)
        answer = take_unnamed(to, from);
    if (answer == 0 && from->format == TQ__FORMAT) { /* older ones have neither */
        answer = take_links(to, from, keep);
        take_settings(to->header, from->header, keep);
    }
    tq__words_copy(to->header->notes, from->header->notes, TQ__NOTES);
    atomic_store_explicit(&to->header->soonest, 0, memory_order_relaxed); /* to be found by whoever waits */
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
    options.rule = tq__rule_chosen(from->header);
    answer = tq__file_create(path, &options, name, &fd, &header, error);
    if (answer == 0)
        answer = tq__file_attach(new, name, fd, &header, 0, error);
    if (answer == 0) {
        answer = tq__anew_copy(new, from, true);
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
