/* corrected_last.c: a broken twin of share_list.c: it loads the counts, and then what corrections took back.
 * Of a correction meanwhile both the tokens that it took and what is noted of them are in the sum.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pause.h"

#define tq_provider_shares exact_provider_shares
#include "src/share_list.c"
#undef tq_provider_shares

int tq_provider_shares(const struct tq_provider *provider, int64_t now_ns, struct tq_share *out,
                       size_t capacity)
{
    struct tq_share later[2 * (TQ_LIMITS_MAX + 1)] = {{.size = sizeof later[0]}};
    int count = exact_provider_shares(provider, now_ns, out, capacity);

    twin_pause();
    (void)exact_provider_shares(provider, now_ns, later, 2 * (TQ_LIMITS_MAX + 1));
    for (int i = 0; i < count; i++) {
        out[i].corrected = later[i].corrected;
        out[i].added = out[i].used + out[i].corrected;
    }
    return count;
}
