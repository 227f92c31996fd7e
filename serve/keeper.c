/* keeper.c: the thread that looks after the runs of the ledger: as each command does, where none is called.
 *
 * SPDX-License-Identifier: MIT
 *
 * To look may take a while, as it asks all processes of the machine. So it is done beside the requests, with
 * a ledger of its own, which is open only while there is something to do.
 */
#include "keeper.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "view/runs.h"

#define EVERY_MS 1000

static void look(const struct serve_options *options)
{
    struct tq_ledger_options open = options->open;
    int64_t now_ns = tq_now_ns();
    struct tq_ledger *ledger;

    open.flags |= TQ_OPEN_EXISTING;
    if (!runs_are_due(options->ledger, now_ns) ||
        tq_ledger_open(&ledger, options->ledger, &open, NULL) < 0) /* the next look may be able to */
        return;
    runs_look(options->ledger, ledger, now_ns);
    tq_ledger_close(ledger);
}

static void *run(void *context)
{
    const struct keeper *keeper = context;
    struct pollfd wake = {.fd = keeper->wake, .events = POLLIN};

    do
        look(&keeper->server->options);
    while (poll(&wake, 1, EVERY_MS) == 0);
    return NULL;
}

int keeper_start(struct keeper *keeper, const struct server *server)
{
    keeper->server = server;
    keeper->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (keeper->wake >= 0 && serve_thread(&keeper->thread, run, keeper) == 0)
        return 0;
    if (keeper->wake >= 0)
        close(keeper->wake);
    keeper->wake = -1;
    serve_say(server, "runs: no thread could be started for them");
    return TQ_ESYS;
}

void keeper_stop(struct keeper *keeper)
{
    uint64_t one = 1;

    if (keeper->wake < 0)
        return;
    (void)!write(keeper->wake, &one, sizeof one);
    (void)pthread_join(keeper->thread, NULL);
    close(keeper->wake);
    keeper->wake = -1;
}
