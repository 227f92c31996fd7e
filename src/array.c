/* array.c: mapping memory, private or of a file, making the file longer, and finding records in it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "array.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "system.h"
#include "tokenquota.h"

#define HUGE_BYTES (UINT64_C(1) << 21)

void *tq__memory_map(size_t bytes)
{
    int saved_errno = errno; /* a record may be made in a signal handler */
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    errno = saved_errno;
    return memory == MAP_FAILED ? NULL : memory;
}

void tq__memory_unmap(void *memory, size_t bytes)
{
    int saved_errno = errno;

    if (memory)
        munmap(memory, bytes);
    errno = saved_errno;
}

void *tq__file_map(int fd, bool read_only, uint64_t at, size_t bytes)
{
    int saved_errno = errno;
    void *memory =
        mmap(NULL, bytes, read_only ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);

    if (memory == MAP_FAILED)
        memory = NULL;
    else
        madvise(memory, bytes, MADV_DONTDUMP); /* a core dump of every program that counts need not hold it */
    errno = saved_errno;
    return memory;
}

int tq__backing_give_up(struct tq__backing *backing)
{
    atomic_store_explicit(&backing->refuse_writes, TQ_EGONE, memory_order_relaxed);
    atomic_store_explicit(&backing->refuse_reads, TQ_EGONE, memory_order_relaxed);
    return TQ_EGONE;
}

int tq__backing_check(struct tq__backing *backing)
{
    int saved_errno = errno;
    struct stat file;
    bool same = fstat(backing->fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_dev == backing->device &&
                file.st_ino == backing->inode;

    errno = saved_errno;
    return same ? 0 : tq__backing_give_up(backing);
}

/* Do `bytes` from `at` on lie in the file? What the last page holds beyond the file's length may be touched,
 * too. */
static bool in_file(int fd, uint64_t at, uint64_t bytes)
{
    int saved_errno = errno;
    struct stat file;
    bool inside = fstat(fd, &file) == 0 && tq__piece_fits(at, bytes, tq__whole_pages((uint64_t)file.st_size));

    errno = saved_errno;
    return inside;
}

/* Takes `bytes` at the end of the file. The space is allocated first: when that fails, or the process dies
 * before the swap, nobody owns it, and it is allocated again, zeros as before, for the next piece. */
static int take_space(const struct tq__backing *backing, size_t bytes, uint64_t *at)
{
    *at = atomic_load_explicit(backing->file_bytes, memory_order_relaxed);
    do {
        int answer = in_file(backing->fd, *at, 0) ? tq__system_allocate(backing->fd, *at, bytes) : TQ_EFORMAT;

        if (answer < 0)
            return answer;
        /* Release pairs with the acquire in tq__rebuild_pieces_fit: the file is as long as file_bytes
         * says. */
    } while (!atomic_compare_exchange_strong_explicit(backing->file_bytes, at, *at + bytes,
                                                      memory_order_release, memory_order_relaxed));
    return 0;
}

int tq__piece_map(struct tq__backing *backing, _Atomic uint64_t *place, size_t bytes, bool create,
                  void **piece)
{
    uint64_t at = 0;
    int answer;

    *piece = NULL;
    if (!place) {
        if (create)
            *piece = tq__memory_map(bytes);
        return *piece || !create ? 0 : TQ_ENOMEM;
    }
    at = atomic_load_explicit(place, memory_order_acquire); /* pairs with the release below */
    if (at == 0 && (!create || backing->read_only))
        return 0;
    answer = tq__backing_check(backing);
    if (answer < 0)
        return answer;
    if (at == 0) {
        uint64_t none = 0;

        answer = take_space(backing, bytes, &at);
        if (answer < 0)
            return answer;
        /* Who loses leaves its space unused until compact. */
        if (!atomic_compare_exchange_strong_explicit(place, &none, at, memory_order_release,
                                                     memory_order_acquire))
            at = none;
    }
    if (!in_file(backing->fd, at, bytes))
        return TQ_EFORMAT;
    *piece = tq__file_map(backing->fd, backing->read_only, at, bytes);
    return *piece ? 0 : TQ_ENOMEM;
}

/* ---- arrays ----------------------------------------------------------------------------------- */

size_t tq__array_piece_bytes(const struct tq__array *array, uint32_t k)
{
    return tq__whole_pages(((size_t)1 << (k + TQ__SEGMENT_FIRST_LOG2)) * array->record_bytes);
}

int tq__array_reach(struct tq__array *array, uint32_t n, bool create, void **record)
{
    uint32_t k = tq__log2(n + (1u << TQ__SEGMENT_FIRST_LOG2)) - TQ__SEGMENT_FIRST_LOG2;
    char *expected = NULL;
    void *piece;
    int answer;

    *record = tq__array_at(array, n);
    if (*record)
        return 0;
    answer = tq__piece_map(array->backing, array->place ? array->place + k : NULL,
                           tq__array_piece_bytes(array, k), create, &piece);
    if (answer < 0 || !piece)
        return answer;
    if (array->dense && !array->place && tq__array_piece_bytes(array, k) >= HUGE_BYTES) {
        int saved_errno = errno;

        madvise(piece, tq__array_piece_bytes(array, k),
                MADV_HUGEPAGE); /* where there are none, small ones do */
        errno = saved_errno;
    }
    /* Release pairs with the acquire in tq__array_at. */
    if (!atomic_compare_exchange_strong_explicit(&array->piece[k], &expected, piece, memory_order_release,
                                                 memory_order_relaxed))
        tq__memory_unmap(piece, tq__array_piece_bytes(array, k)); /* S1: somebody else was first */
    *record = tq__array_at(array, n);
    return 0;
}

void *tq__array_linked(struct tq__array *array, uint64_t link)
{
    void *record;

    if (link == 0 || link > TQ__SLOTS_MAX || tq__array_reach(array, (uint32_t)link - 1, false, &record) < 0)
        return NULL;
    return record;
}

int tq__array_take(struct tq__array *array, uint32_t max, uint32_t *number, void **record)
{
    *number = atomic_load_explicit(array->given_out, memory_order_relaxed);
    do {
        int answer = *number < max ? tq__array_reach(array, *number, true, record) : TQ_EFULL;

        if (answer < 0)
            return answer;
    } while (!atomic_compare_exchange_weak_explicit(array->given_out, number, *number + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    return 0;
}

uint32_t tq__array_number(const struct tq__array *array, const void *record)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++) {
        uintptr_t piece = (uintptr_t)atomic_load_explicit(&array->piece[k], memory_order_relaxed);
        uintptr_t apart = (uintptr_t)record - piece;

        if (piece != 0 && apart < tq__array_piece_bytes(array, k))
            return (uint32_t)(apart / array->record_bytes) + (1u << (k + TQ__SEGMENT_FIRST_LOG2)) -
                   (1u << TQ__SEGMENT_FIRST_LOG2);
    }
    return TQ__SLOTS_MAX;
}

void tq__array_unmap(struct tq__array *array)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++)
        tq__memory_unmap(atomic_load_explicit(&array->piece[k], memory_order_relaxed),
                         tq__array_piece_bytes(array, k));
}
