/* restore.c: what a ledger has when it is put back is noted, so that what it counts until the first exchange
 * is new.
 *
 * SPDX-License-Identifier: MIT
 *
 * The lock of the exchange is held meanwhile. The notes name the file that is to be replaced: as long as that
 * one is the ledger, they say nothing (a restore that was killed, or failed).
 */
#include <stdio.h>
#include <unistd.h>

#include "sync/node.h"
#include "sync/restore.h"
#include "sync/state.h"

/* Notes of each limit what a round would say: the counts of its newest window. */
static int note_all(struct sync_node *node)
{
    const struct sync_moment moment = sync_moment_of(node, 0, tq_now_ns());
    int answer = sync_gather(node, &moment);

    for (size_t i = 0; i < node->provider_count && answer == 0; i++) {
        struct sync_provider *provider = &node->providers[i];

        for (size_t k = 0; provider->handle && k < provider->window_count && answer == 0; k++) {
            const struct sync_window *window = provider->windows[k];
            const struct tq_share *share = &window->share;

            if (window->is_newest &&
                !sync_base_set(provider, window->limit.identity, share->start_at_ns / INT64_C(1000000000),
                               share->added, share->corrected, true))
                answer = TQ_ENOMEM;
        }
    }
    return answer;
}

/* The copy is read as it will be after the restore: from a ledger of its own, which is made of it. */
static int note_copy(struct sync_node *node, const char *path, const char *source,
                     const struct tq_ledger_options *options, struct tq_error *error)
{
    struct tq_ledger *copy;
    int answer = tq_ledger_restore(path, source, error);

    if (answer == 0)
        answer = tq_ledger_open(&copy, path, options, error);
    if (answer != 0)
        return answer;
    sync_bases_forget(node, false);
    sync_bases_forget(node, true);
    sync_node_attach(node, copy, true);
    answer = note_all(node);
    tq_ledger_close(copy);
    return answer < 0 ? trouble_say(error, answer, 0, "%s", tq_strerror(answer)) : 0;
}

static int note(struct sync_node *node, const char *ledger, const char *source,
                const struct tq_ledger_options *options, struct tq_error *error)
{
    struct sync_state state;
    char path[SYNC_PATH_BYTES];
    int answer = sync_state_load(ledger, node, &state, error);

    if (answer < 0)
        return answer;
    snprintf(path, sizeof path, "%s.sync.restored", ledger);
    answer = note_copy(node, path, source, options, error);
    (void)unlink(path);
    state.inode = sync_state_inode(ledger);
    return answer < 0 ? answer : sync_state_save(ledger, node, &state, error);
}

int sync_restore_begin(const char *ledger, const char *source, const struct tq_ledger_options *options,
                       struct tq_error *error)
{
    const struct sync_node_options node_options = {.name = "", .instance = "", .before = "", .tags = 1};
    struct sync_node *node;
    char path[SYNC_PATH_BYTES];
    int lock, answer;

    snprintf(path, sizeof path, "%s.sync", ledger);
    if (access(path, F_OK) != 0)
        return 0;
    lock = sync_state_lock(ledger, error);
    if (lock < 0)
        return lock;
    node = sync_node_new(&node_options);
    answer =
        node ? note(node, ledger, source, options, error) : trouble_say(error, TQ_ENOMEM, 0, "out of memory");
    sync_node_free(node);
    if (answer == 0)
        return lock;
    close(lock);
    return answer;
}

void sync_restore_end(int lock)
{
    if (lock > 0)
        close(lock);
}
