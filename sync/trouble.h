/* trouble.h: what went wrong with the server, as one line that says what to do.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_TROUBLE_H
#define TOKENQUOTA_SYNC_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

struct tq_error;

#define TROUBLE_BYTES 244 /* of a line: struct tq_error.msg */

enum trouble {
    TROUBLE_OTHER,
    TROUBLE_LOADING,
    TROUBLE_BUSY,
    TROUBLE_MEMORY,
    TROUBLE_NOAUTH,
    TROUBLE_WRONGPASS,
    TROUBLE_NOPERM,
    TROUBLE_NO_SCRIPT, /* it is not there; or EVAL is not, or not allowed */
    TROUBLE_MISCONF,
    TROUBLE_CLUSTER_DOWN,
    TROUBLE_MASTER_DOWN,
    TROUBLE_READONLY,
    TROUBLE_NO_REPLICAS,
    TROUBLE_TRYAGAIN,
    TROUBLE_CROSSSLOT,
    TROUBLE_TYPE,
    TROUBLE_PROTECTED,
    TROUBLE_CLIENTS,
    TROUBLE_SCRIPT,
    TROUBLE_MOVED,
    TROUBLE_ASK,
};

/* What an error of the server is, by its words. */
enum trouble trouble_of(const char *said);

/* May another server of the list be better off? */
bool trouble_moves_on(enum trouble trouble);

/* The line. `where` is the server's name, `said` its error. */
void trouble_line(char out[TROUBLE_BYTES], enum trouble trouble, const char *where, const char *said);

/* Writes code, errno and a line that is safe to print; returns the code. error may be NULL. */
int trouble_say(struct tq_error *error, int code, int sys, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
