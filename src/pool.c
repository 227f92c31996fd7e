/* pool.c: mapping memory, private or of a file, and making the file longer.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "piece.h"

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

void *tq__memory_map_unforked(size_t bytes)
{
    int saved_errno = errno;
    void *memory = tq__memory_map(bytes);

    if (memory && madvise(memory, bytes, MADV_WIPEONFORK) != 0) {
        tq__memory_unmap(memory, bytes); /* Linux before 4.14 */
        memory = NULL;
    }
    errno = saved_errno;
    return memory;
}

void tq__memory_huge(void *memory, size_t bytes)
{
    int saved_errno = errno;

    if (bytes >= HUGE_BYTES)
        madvise(memory, bytes, MADV_HUGEPAGE); /* where there are none, small ones do */
    errno = saved_errno;
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

/* Do `bytes` from `at` on lie in the file, behind the header and on whole pages? What the last page holds
 * beyond the file's length may be touched, too. */
static bool in_file(int fd, uint64_t at, uint64_t bytes)
{
    int saved_errno = errno;
    struct stat file;
    uint64_t end;
    bool inside = at >= TQ__HEADER_BYTES && at % TQ__HEADER_BYTES == 0 &&
                  !__builtin_add_overflow(at, bytes, &end) && fstat(fd, &file) == 0 &&
                  end <= ((uint64_t)file.st_size + TQ__HEADER_BYTES - 1) / TQ__HEADER_BYTES * TQ__HEADER_BYTES;

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
        /* Release pairs with the acquire in tq__rebuild_pieces_fit: the file is as long as file_bytes says.
         */
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
