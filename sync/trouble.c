/* trouble.c: reads the server's errors, and says what to do about each.
 *
 * SPDX-License-Identifier: MIT
 */
#include "trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <tokenquota.h>

#include "base/text.h"

/* The first row whose words are in an error, in upper or lower case, says what it is: what is said of
 * commands before what is said of any. A NULL ends the words of a row; "" is in each error. */
static const struct row {
    enum trouble trouble;
    const char *words[4];
    const char *what; /* behind the server's name */
} rows[] = {
    {TROUBLE_MOVED, {"moved "}, "sends each other's requests around: look at CLUSTER SHARDS there"},
    {TROUBLE_ASK, {"ask "}, "sends each other's requests around: look at CLUSTER SHARDS there"},
    {TROUBLE_LOADING, {"loading "}, "loads its data set and answers when it is done; wait"},
    {TROUBLE_MASTER_DOWN,
     {"masterdown "},
     "is a replica that lost its master; bring the master back, or promote a replica"},
    {TROUBLE_READONLY,
     {"readonly ", "read only replica", "read only slave"},
     "is a replica; name the master in --to, or all of them (redis://a,b,c)"},
    {TROUBLE_BUSY, {"busy "}, "runs somebody's long script; wait, or end it with SCRIPT KILL"},
    {TROUBLE_MEMORY,
     {"oom "},
     "has no memory left; raise maxmemory, or move other keys elsewhere (noeviction is right)"},
    {TROUBLE_MISCONF,
     {"misconf "},
     "refuses writes because it cannot save to its disk; free space there, and look at its log"},
    {TROUBLE_WRONGPASS,
     {"wrongpass ", "invalid password", "invalid username"},
     "refused user or password; correct the file of --auth-file"},
    {TROUBLE_WRONGPASS,
     {"no password is set", "without any password configured"},
     "has no password, and one was given; leave --auth-file out"},
    {TROUBLE_PROTECTED,
     {"protected mode", "denied redis is running"},
     "answers its own machine alone (protected mode); set a password there, and give it with --auth-file"},
    {TROUBLE_NOAUTH,
     {"noauth ", "operation not permitted"},
     "wants a password; give it with --auth-file FILE"},
    {TROUBLE_NO_SCRIPT,
     {"noscript ", "unknown command", "unknown redis command"},
     "does not know a command that is needed"},
    {TROUBLE_NOPERM,
     {"noperm ", "no permissions"},
     "does not allow this user what is needed; "
     "give it: ACL SETUSER NAME ~tq1:* +@hash +@string +@sortedset +@scripting +pexpire +pttl +time +role "
     "+info"},
    {TROUBLE_CLUSTER_DOWN, {"clusterdown "}, "is in a cluster that is down; look at CLUSTER INFO there"},
    {TROUBLE_NO_REPLICAS,
     {"noreplicas "},
     "refuses writes because too few replicas are there (min-replicas-to-write)"},
    {TROUBLE_TRYAGAIN, {"tryagain "}, "moves a slot of its cluster; the next flush asks again"},
    {TROUBLE_CROSSSLOT,
     {"crossslot "},
     "put keys of one hash tag into several slots; a proxy before it may change keys"},
    {TROUBLE_TYPE,
     {"wrongtype "},
     "has a key tq1:... of somebody else's; delete it: redis-cli --scan --pattern 'tq1:*'"},
    {TROUBLE_CLIENTS, {"max number of clients"}, "has too many clients; raise maxclients"},
    {TROUBLE_SCRIPT,
     {"error running script", "error compiling script", "user_script"},
     "cannot run the script of tokenquota"},
    {TROUBLE_OTHER, {""}, "answered with an error"},
};

static bool has_words(const struct row *row, struct tq__span said)
{
    for (size_t i = 0; i < 4 && row->words[i]; i++)
        if (tq__span_find(said, row->words[i]) >= 0)
            return true;
    return false;
}

/* A code stands in front; of an error inside a script, of some versions, behind its place. */
enum trouble trouble_of(const char *said)
{
    struct tq__span text = tq__span_of(said);
    const struct row *row = rows;

    while (!has_words(row, text))
        row++;
    if (row->trouble == TROUBLE_NOPERM &&
        (tq__span_find(text, "'eval'") >= 0 || tq__span_find(text, "'evalsha'") >= 0))
        return TROUBLE_NO_SCRIPT;
    return row->trouble;
}

bool trouble_moves_on(enum trouble trouble)
{
    return trouble == TROUBLE_READONLY || trouble == TROUBLE_MASTER_DOWN || trouble == TROUBLE_LOADING ||
           trouble == TROUBLE_CLUSTER_DOWN || trouble == TROUBLE_MISCONF || trouble == TROUBLE_CLIENTS;
}

void trouble_line(char out[TROUBLE_BYTES], enum trouble trouble, const char *where, const char *said)
{
    struct tq__span text = tq__span_of(said);
    const struct row *row = rows;
    char safe[96];

    while (row->trouble != trouble ||
           (trouble == TROUBLE_WRONGPASS && !has_words(row, text) && row[1].trouble == trouble))
        row++;
    tq__text_make_safe(safe, sizeof safe, text, sizeof safe - 1, 0);
    if (trouble == TROUBLE_OTHER || trouble == TROUBLE_SCRIPT || trouble == TROUBLE_NO_SCRIPT)
        snprintf(out, TROUBLE_BYTES, "%.90s %s: %s", where, row->what, safe);
    else
        snprintf(out, TROUBLE_BYTES, "%.60s %s", where, row->what);
}

int trouble_say(struct tq_error *error, int code, int sys, const char *format, ...)
{
    char line[2 * TROUBLE_BYTES];
    va_list arguments;
    int len;

    if (!error)
        return code;
    va_start(arguments, format);
    len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    error->code = code;
    error->sys = sys;
    tq__text_make_safe(error->msg, sizeof error->msg,
                       (struct tq__span){line, len < 0 ? 0 : strnlen(line, sizeof line)},
                       sizeof error->msg - 1, 0);
    return code;
}
