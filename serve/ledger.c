/* ledger.c: the ledger that the daemon has open, opened anew when its file was replaced.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "serve.h"

void serve_say(const struct server *server, const char *format, ...)
{
    char line[1024];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (server->options.say)
        server->options.say(line);
}

/* What to do when a ledger cannot be opened. */
static const char *advice(int sys)
{
    if (sys == EACCES || sys == EPERM)
        return "; run the daemon as its owner, or give another path to --ledger";
    if (sys == EROFS)
        return "; the daemon must be able to write it: give another path to --ledger";
    return "";
}

/* What cannot be opened is said once. */
static int open_ledger(struct server *server, bool is_again)
{
    struct tq_error error = {.size = sizeof error};
    int answer = tq_ledger_open(&server->ledger, server->options.ledger, &server->options.open, &error);

    if (answer < 0 && is_again)
        return answer;
    if (error.msg[0] && error.sys != 0)
        serve_say(server, "%s: %s%s", error.msg, strerror(error.sys), advice(error.sys));
    else if (error.msg[0])
        serve_say(server, "%s", error.msg);
    if (answer == 0)
        server->opened++;
    return answer;
}

int serve_open(struct server *server)
{
    return open_ledger(server, false);
}

int serve_reopen(struct server *server, uint64_t opened)
{
    int answer = 0;

    (void)pthread_rwlock_wrlock(&server->ledger_lock);
    if (server->opened == opened) {
        bool is_again = !server->ledger;

        tq_ledger_close(server->ledger);
        server->ledger = NULL;
        answer = open_ledger(server, is_again);
    }
    (void)pthread_rwlock_unlock(&server->ledger_lock);
    return answer;
}

int serve_check_file(const struct server *server)
{
    uint32_t seen = 0;
    int answer = tq_ledger_wait(server->ledger, &seen, 0);

    return answer < 0 ? answer : 0;
}
