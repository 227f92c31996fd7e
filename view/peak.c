/* peak.c: the limit of which the largest share is used, of a provider and of the pools above it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "peak.h"

#include "base/number.h"
#include "base/time.h"
#include "limits.h"

#define WHOLE_PPM 1000000

/* When all of it is there again; 0: nobody knows. A rolling limit and one that refills come back bit by bit.
 */
static int64_t resets_at(const struct tq_limit_state *state)
{
    uint32_t window = state->limit.window;

    if (window == TQ_WINDOW_STATED && state->said_reset_at_ns != 0)
        return state->said_reset_at_ns;
    return window == TQ_WINDOW_ROLLING || window == TQ_WINDOW_REFILL ? 0 : state->end_at_ns;
}

static int take_limits(const struct tq_provider *of, int64_t at_ns, struct peak *peak)
{
    struct limits limits;
    int answer = limits_read(of, at_ns, &limits);

    for (size_t i = 0; i < limits.count && answer == 0; i++) {
        int64_t share_ppm = limit_share(&limits.items[i]);

        if (share_ppm > peak->share_ppm)
            *peak = (struct peak){.share_ppm = share_ppm,
                                  .of = of,
                                  .limit = limits.items[i],
                                  .resets_at_ns = resets_at(&limits.items[i])};
    }
    limits_free(&limits);
    return answer;
}

static int take_budget(const struct tq_provider *of, int64_t at_ns, struct peak *peak)
{
    int64_t budget = tq_provider_budget(of), used = tq_provider_used(of, at_ns), share_ppm;

    if (budget < 0 || used < 0)
        return (int)(budget < 0 ? budget : used);
    if (budget == 0)
        return 0;
    share_ppm = tq__multiply_divide(used, WHOLE_PPM, budget, false);
    if (share_ppm > peak->share_ppm)
        *peak = (struct peak){
            .share_ppm = share_ppm, .of = of, .budget = true, .resets_at_ns = tq__day_end(at_ns)};
    return 0;
}

int peak_read(const struct tq_provider *provider, int64_t at_ns, struct peak *peak)
{
    int answer = 0;

    *peak = (struct peak){.share_ppm = -1};
    for (uint32_t level = 0; level <= POOLS_MOST && answer == 0; level++) {
        const struct tq_provider *of = level == 0 ? provider : pool_above(provider, level);

        if (!of)
            break;
        answer = take_limits(of, at_ns, peak);
        if (answer == 0)
            answer = take_budget(of, at_ns, peak);
    }
    return answer;
}
