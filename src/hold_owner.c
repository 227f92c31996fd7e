/* hold_owner.c: becoming an owner of holds, asking whether one lives, and what a fork does to it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hold_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enter.h"

/* ---- descriptors that a child closes --------------------------------------------------------- */

#define ENTRIES 64u /* open ledgers that own something, of a process */
#define RESERVED (-1)

/* The descriptor + 1 of each; 0: free. */
static _Atomic int descriptors[ENTRIES];
static _Atomic uint32_t
    forks; /* from the first process to this one: a child knows its parent's entries by it */

/* O3. Runs in the child, before fork returns there. */
static void close_in_child(void)
{
    atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        int descriptor = atomic_exchange_explicit(&descriptors[i], 0, memory_order_relaxed);

        if (descriptor > 0)
            close(descriptor - 1);
    }
}

/* Takes an entry before the descriptor is there, so that no child keeps one that is not listed. ENTRIES: all
 * are taken. */
static uint32_t take_entry(void)
{
    static _Atomic int is_told;
    uint32_t i = 0;

    if (atomic_exchange_explicit(&is_told, 1, memory_order_relaxed) == 0)
        pthread_atfork(NULL, NULL, close_in_child); /* when that fails, the child's first call does it */
    for (; i < ENTRIES; i++) {
        int none = 0;

        if (atomic_compare_exchange_strong_explicit(&descriptors[i], &none, RESERVED, memory_order_relaxed,
                                                    memory_order_relaxed))
            break;
    }
    return i;
}

/* Is the descriptor still the ledger's? A program may have closed it, and opened another file under its
 * number. */
static bool is_of_ledger(const struct tq_ledger *ledger, int fd)
{
    struct stat file;

    return fstat(fd, &file) == 0 && file.st_dev == ledger->backing.device &&
           file.st_ino == ledger->backing.inode;
}

/* What a ledger notes of its entry. 0: none. */
static uint32_t note_of(uint32_t entry)
{
    return atomic_load_explicit(&forks, memory_order_relaxed) << 8 | (entry + 1);
}

/* Frees the entry of a note and closes its descriptor, and with it the lock. Of a note from before a fork
 * nothing is left. */
static void drop_entry(const struct tq_ledger *ledger, uint32_t note)
{
    uint32_t entry = (note & 0xff) - 1;
    int saved_errno = errno, fd;

    if (note == 0 || note != note_of(entry))
        return;
    fd = atomic_exchange_explicit(&descriptors[entry], 0, memory_order_relaxed) - 1;
    if (fd >= 0 && is_of_ledger(ledger, fd))
        close(fd);
    errno = saved_errno;
}

/* ---- the lock -------------------------------------------------------------------------------- */

/* O2. The byte is locked: no process has it as its owner. */
static TQ__COLD void free_all_of(struct tq_ledger *ledger, uint32_t byte)
{
    uint32_t end = tq__array_end(&ledger->holds);

    for (uint32_t n = 0; n < end; n++) {
        void *record;
        struct tq__hold *hold;
        uint64_t word;

        if (tq__array_reach(&ledger->holds, n, false, &record) < 0 || !record)
            continue;
        hold = record;
        /* Sequentially consistent as every swap of a word: hold.h. */
        word = atomic_load_explicit(&hold->word, memory_order_seq_cst);
        while (tq__hold_owner(word) >> 6 == byte && tq__hold_state_of(word) != TQ__HOLD_FREE &&
               !atomic_compare_exchange_weak_explicit(&hold->word, &word,
                                                      tq__hold_word(0, 0, TQ__HOLD_FREE, word),
                                                      memory_order_seq_cst, memory_order_seq_cst))
            ;
    }
}

/* Locks a byte that no process has, and gives it its next generation (O1). Returns the owner, or nobody. */
static uint32_t lock_owner(struct tq_ledger *ledger, int fd)
{
    const uint32_t first = (uint32_t)getpid() % (TQ__OWNERS - 1);

    for (uint32_t i = 0; i < TQ__OWNERS - 1; i++) {
        uint32_t byte = 1 + (first + i) % (TQ__OWNERS - 1), generation;
        int answer = tq__lock_set(fd, TQ__LOCK_OWNERS + byte, TQ__EXCLUSIVE);

        if (answer < 0)
            return TQ__NOBODY;
        if (answer > 0)
            continue;
        generation = (atomic_load_explicit(&ledger->header->owner[byte], memory_order_relaxed) + 1u) %
                     TQ__OWNER_GENERATIONS;
        if (generation == 0)
            free_all_of(ledger, byte);
        /* Sequentially consistent: a process that sees a hold of this owner sees its generation. */
        atomic_store_explicit(&ledger->header->owner[byte], (uint8_t)generation, memory_order_seq_cst);
        return byte << 6 | generation;
    }
    return TQ__NOBODY;
}

/* Opens the ledger's file once more and locks a byte. Returns the owner, or nobody. The entry has the
 * descriptor.
 */
static uint32_t open_and_lock(struct tq_ledger *ledger, uint32_t entry)
{
    int fd = tq__system_open(ledger->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);

    if (fd >= 0 && !is_of_ledger(ledger, fd)) { /* it was replaced */
        close(fd);
        fd = -1;
    }
    if (fd < 0)
        return TQ__NOBODY;
    atomic_store_explicit(&descriptors[entry], fd + 1, memory_order_relaxed); /* before the lock: O3 */
    return lock_owner(ledger, fd);
}

/* ---- becoming one ---------------------------------------------------------------------------- */

/* The page of the owner; NULL: there is no memory, or no such page. */
static _Atomic uint32_t *page_of(struct tq_ledger *ledger)
{
    /* Acquire pairs with the release below. */
    _Atomic uint32_t *page = atomic_load_explicit(&ledger->owner, memory_order_acquire), *made;

    if (page)
        return page;
    made = tq__memory_map(TQ__HEADER_BYTES);
    if (made && madvise((void *)(uintptr_t)made, TQ__HEADER_BYTES, MADV_WIPEONFORK) != 0) {
        tq__memory_unmap((void *)(uintptr_t)made, TQ__HEADER_BYTES);
        made = NULL;
    }
    if (made && !atomic_compare_exchange_strong_explicit(&ledger->owner, &page, made, memory_order_release,
                                                         memory_order_acquire)) {
        tq__memory_unmap((void *)(uintptr_t)made, TQ__HEADER_BYTES);
        return page;
    }
    return made;
}

/* Several threads may come here at once: each locks a byte, one of them stays. */
uint32_t tq__owner_become(struct tq_ledger *ledger)
{
    int saved_errno = errno;
    _Atomic uint32_t *page = page_of(ledger);
    uint32_t none = 0, note = 0, owner = TQ__NOBODY;

    if (!page) /* nothing would tell a child that it is none */
        return TQ__NOBODY;
    if (ledger->path) {
        uint32_t entry = take_entry();

        note = entry < ENTRIES ? note_of(entry) : 0;
        if (note != 0)
            owner = open_and_lock(ledger, entry);
        if (owner == TQ__NOBODY) {
            drop_entry(ledger, note);
            note = 0;
        }
    }
    /* Release pairs with the acquire in tq__owner_self. Who wins has the ledger's note, which in a child that
     * was made without a fork is its parent's: O3. */
    if (atomic_compare_exchange_strong_explicit(page, &none, TQ__OWNER_KNOWN | owner, memory_order_acq_rel,
                                                memory_order_acquire)) {
        note = atomic_exchange_explicit(&ledger->owner_note, note, memory_order_relaxed);
    } else {
        owner = none & 0xffff;
    }
    drop_entry(ledger, note);
    errno = saved_errno;
    return owner;
}

void tq__owner_end(struct tq_ledger *ledger)
{
    drop_entry(ledger, atomic_exchange_explicit(&ledger->owner_note, 0, memory_order_relaxed));
    tq__memory_unmap((void *)(uintptr_t)atomic_load_explicit(&ledger->owner, memory_order_relaxed),
                     TQ__HEADER_BYTES);
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool tq__owner_is_dead(struct tq_ledger *ledger, struct tq__owners_asked *asked, uint64_t word)
{
    uint32_t owner = tq__hold_owner(word), byte = owner >> 6;
    uint64_t bit = UINT64_C(1) << byte % 64;
    _Atomic uint32_t *page = atomic_load_explicit(&ledger->owner, memory_order_acquire); /* tq__owner_self */

    if (byte == TQ__NOBODY ||
        (page && atomic_load_explicit(page, memory_order_acquire) == (TQ__OWNER_KNOWN | owner)))
        return false;
    /* Sequentially consistent with lock_owner: the generation of an owner is stored before its first hold. */
    if (atomic_load_explicit(&ledger->header->owner[byte], memory_order_seq_cst) % TQ__OWNER_GENERATIONS !=
        owner % TQ__OWNER_GENERATIONS)
        return true;
    if (!(asked->alive[byte / 64] & bit) && tq__lock_is_owned(ledger->backing.fd, TQ__LOCK_OWNERS + byte))
        asked->alive[byte / 64] |= bit;
    return (asked->alive[byte / 64] & bit) == 0;
}
