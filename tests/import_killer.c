/* import_killer.c: loaded into an importer, kills it right before or right after it has counted.
 *
 * SPDX-License-Identifier: MIT
 *
 *     LD_PRELOAD=import_killer.so TQ_KILL_AT=N TQ_KILL_WHEN=before|after tokenquota import ...
 *
 * N is the number of the call that counts. The moments between an importer's steps are so short that kills by
 * the clock seldom meet them.
 */

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tokenquota.h"

typedef int observe_call(struct tq_provider *, const struct tq_usage *, int64_t, int64_t *);

int tq_provider_observe_usage(struct tq_provider *provider, const struct tq_usage *usage, int64_t now_ns,
                              int64_t *retry_at_ns)
{
    static observe_call *next;
    static unsigned long calls;
    const char *at = getenv("TQ_KILL_AT"), *when = getenv("TQ_KILL_WHEN");
    int hit, answer;

    if (!next) {
        void *found = dlsym(RTLD_NEXT, "tq_provider_observe_usage");

        if (!found)
            abort();
        memcpy(&next, &found, sizeof next);
    }
    hit = at && when && ++calls == strtoul(at, NULL, 10);
    if (hit && strcmp(when, "before") == 0)
        raise(SIGKILL);
    answer = next(provider, usage, now_ns, retry_at_ns);
    if (hit)
        raise(SIGKILL);
    return answer;
}
