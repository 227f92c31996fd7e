/* score_measures.c: sums up cases under one rule to figures, and finds the care that would have lost least.
 *
 * SPDX-License-Identifier: MIT
 *
 * Cases are exact integers. Floating point begins here, where means are taken.
 */
#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "score.h"

#define NOTICE_NS (10 * TQ__MINUTE_NS) /* a warning that comes later warns nobody */
#define HOUR_NS ((double)TQ__HOUR_NS)

/* ---- figures ----------------------------------------------------------------------------------- */

static double share(int64_t part, int64_t whole)
{
    return (double)part / (double)whole;
}

static int64_t above(int64_t a, int64_t b)
{
    return a > b ? a - b : 0;
}

bool score_sums_add(struct score_sums *sums, const struct score_outcome *outcome, int64_t total,
                    int64_t budget, int64_t spent_at_ns)
{
    int64_t *leads, lead_ns;

    if (total <= budget) {
        sums->within++;
        sums->false_cases += outcome->out;
        sums->outs += (uint64_t)outcome->outs;
        sums->out_ns = sums->out_ns + (uint64_t)outcome->out_ns;
        sums->diverted += share(total - outcome->used, total);
        return true;
    }
    leads = tq__list_room(sums->leads, sums->lead_count, &sums->lead_capacity, sizeof *leads);
    if (!leads)
        return false;
    lead_ns = outcome->out ? above(spent_at_ns, outcome->first_at_ns) : 0;
    sums->leads = leads;
    leads[sums->lead_count++] = lead_ns;
    sums->exceeding++;
    sums->warned += lead_ns >= NOTICE_NS;
    sums->overrun += share(above(outcome->used, budget), budget);
    sums->stranded += share(above(budget, outcome->used), budget);
    return true;
}

void score_sums_clear(struct score_sums *sums)
{
    *sums = (struct score_sums){.leads = sums->leads, .lead_capacity = sums->lead_capacity};
}

void score_sums_free(struct score_sums *sums)
{
    free(sums->leads);
}

static int compare_leads(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

/* The mean of the middle two, where their number is even. */
static double median(int64_t *leads, size_t count)
{
    qsort(leads, count, sizeof *leads, compare_leads);
    return ((double)leads[(count - 1) / 2] + (double)leads[count / 2]) / 2;
}

struct score_figures score_sums_figures(struct score_sums *sums)
{
    double within = (double)sums->within, exceeding = (double)sums->exceeding;
    struct score_figures figures;

    for (int i = 0; i < SCORE_FIGURES; i++)
        figures.value[i] = NAN;
    if (sums->within > 0) {
        figures.value[SCORE_FALSE] = 100 * (double)sums->false_cases / within;
        figures.value[SCORE_WRONG] = (double)sums->out_ns / within / HOUR_NS;
        figures.value[SCORE_DIVERTED] = 100 * sums->diverted / within;
        figures.value[SCORE_TIMES] = (double)sums->outs / within;
    }
    if (sums->exceeding > 0) {
        figures.value[SCORE_WARNED] = 100 * (double)sums->warned / exceeding;
        figures.value[SCORE_LEAD] = median(sums->leads, sums->lead_count) / HOUR_NS;
        figures.value[SCORE_OVERRUN] = 100 * sums->overrun / exceeding;
        figures.value[SCORE_STRANDED] = 100 * sums->stranded / exceeding;
    }
    return figures;
}

/* ---- advice ------------------------------------------------------------------------------------ */

const unsigned score_advised[SCORE_ADVISED] = {0, 2, 4, 5, 6, 8, 16};

#define ADVISED_DEFAULT 3

_Static_assert(TQ__CARE_DEFAULT == 5, "score_advised has the default at ADVISED_DEFAULT");

double score_loss(int64_t used, int64_t total, int64_t budget)
{
    if (total <= budget)
        return share(total - used, budget);
    return ((double)above(budget, used) + SCORE_LOSS * (double)above(used, budget)) / (double)budget;
}

/* The mean of how much more or less the windows lose than with the default, and its standard error. */
static void compare_with_default(struct score_advice *advice)
{
    double n = (double)advice->count, sum = 0, squares = 0;

    for (size_t i = 0; i < advice->count; i++)
        sum += advice->items[i].by_care[advice->least] - advice->items[i].by_care[ADVISED_DEFAULT];
    advice->difference = sum / n;
    for (size_t i = 0; i < advice->count; i++) {
        double off = advice->items[i].by_care[advice->least] - advice->items[i].by_care[ADVISED_DEFAULT] -
                     advice->difference;

        squares += off * off;
    }
    advice->error = advice->count > 1 ? sqrt(squares / (n - 1) / n) : 0;
}

/* On a tie the smaller care is the least. */
void score_advice_finish(struct score_advice *advice)
{
    advice->advised = advice->least = ADVISED_DEFAULT;
    if (advice->count == 0)
        return;
    for (size_t care = 0; care < SCORE_ADVISED; care++) {
        for (size_t i = 0; i < advice->count; i++)
            advice->mean.by_care[care] += advice->items[i].by_care[care];
        advice->mean.by_care[care] /= (double)advice->count;
    }
    advice->least = 0;
    for (size_t care = 1; care < SCORE_ADVISED; care++)
        if (advice->mean.by_care[care] < advice->mean.by_care[advice->least])
            advice->least = care;
    compare_with_default(advice);
    advice->enough = advice->count >= SCORE_ADVICE_LEAST;
    if (advice->enough && advice->difference < -2 * advice->error)
        advice->advised = advice->least;
}
