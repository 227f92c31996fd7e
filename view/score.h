/* score.h: what each rule would have made of a log: out when it need not be, warned in time, over, unused.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/forecast.md defines every word and figure of it.
 *
 *     score.c            a log -> providers -> their calls
 *     score_windows.c    a provider -> windows -> cases
 *     score_case.c       a case under a rule -> what was counted, and when the provider was out
 *     score_holds.c      the same where calls hold something, by a ledger
 *     score_measures.c   many cases -> figures, and which care is advised
 *     score_json.c       the document
 *     interval.c         how often a day ended where the days before it said
 */
#ifndef TOKENQUOTA_VIEW_SCORE_H
#define TOKENQUOTA_VIEW_SCORE_H

#include "base/care.h"
#include "interval.h"
#include "replay.h"

#define SCORE_LAG_NS INT64_C(600000000000) /* how long a call lasts where the log has no start */

/* Tokens of a provider in a whole log. Its budgets are computed in 64 bits. */
#define SCORE_TOKENS_MOST (INT64_C(1) << 58)

/* ---- a case and the rules ---------------------------------------------------------------------- */

enum score_kind { SCORE_OFF, SCORE_ORIGINAL, SCORE_HORIZON, SCORE_CARE, SCORE_FLIGHT, SCORE_RESERVE };

struct score_rule {
    enum score_kind kind;
    unsigned care; /* in quarters, of SCORE_CARE and SCORE_FLIGHT */
    bool shown;    /* else it is there for the advice alone */
};

enum score_kind_of_window { SCORE_DAY, SCORE_5H, SCORE_HOUR, SCORE_WEEK, SCORE_WINDOWS };

extern const char *const score_window_name[SCORE_WINDOWS]; /* "day", "5h", "hour", "week" */

/* Is it one under which calls hold something? */
static inline bool score_rule_holds(const struct score_rule *rule)
{
    return rule->kind == SCORE_FLIGHT || rule->kind == SCORE_RESERVE;
}

/* A record as an end and a start. */
struct score_call {
    int64_t at_ns;
    int64_t dispatched_at_ns;
    int64_t tokens;
};

/* A window that holds records. */
struct score_window {
    int64_t start_at_ns, end_at_ns;
    struct score_call *calls; /* in the order of their ends; those of one instant in the order of the log */
    size_t count;
    int64_t total;
};

/* What a ledger knows besides the window's count: notes of half hours, and the mean call. */
struct score_notes {
    struct tq__half_hours half;
    uint64_t call; /* tq__call_add */
};

void score_notes_begin(struct score_notes *notes);
void score_notes_add(struct score_notes *notes, int64_t at_ns, int64_t tokens);

/* The rooms that a case works in, each as large as the largest window. */
struct score_rooms {
    uint32_t *order; /* of the dispatches: numbers of calls */
    uint32_t *spare;
    bool *diverted;
    uint16_t *hold; /* of a call that runs: a number of score_holds.items */
};

/* Sorts the dispatches of a window; those of one instant stay in the order of the calls. */
void score_order(const struct score_window *window, struct score_rooms *rooms);

struct score_outcome {
    int64_t used;
    int64_t out_ns;
    int64_t outs;
    bool out; /* at least once, be it for no time */
    int64_t first_at_ns;
};

/* Lives through a window with a budget under a rule. notes: what the log recorded before the window. rooms
 * have the order of its dispatches. */
struct score_outcome score_case(const struct score_window *window, const struct score_rule *rule,
                                int64_t budget, const struct score_notes *notes, struct score_rooms *rooms);

/* ---- score_holds.c: calls that hold something ---------------------------------------------------- */

#define SCORE_HOLDS_MOST 1024 /* TQ_HOLDS_MAX */

/* A provider of a ledger in private memory, which lives through one case after the other. */
struct score_holds {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    const struct score_call *recent;  /* the first call that the half hours before the window know */
    uint64_t call;                    /* the mean call before it: tq__call_add */
    struct tq_hold *items;            /* SCORE_HOLDS_MOST */
    uint16_t spare[SCORE_HOLDS_MOST]; /* numbers of items that are no hold */
    size_t spare_count;
    int answer; /* below 0: the ledger failed */
};

/* Makes the ledger for a provider with these calls. 0, or an error of the library. */
int score_holds_begin(struct score_holds *holds, const struct score_call *calls);
void score_holds_end(struct score_holds *holds);

/* Goes on to a window, which is no earlier than the one before. */
void score_holds_window(struct score_holds *holds, const struct score_window *window);

/* Can a ledger have this budget? */
bool score_holds_can(enum score_kind_of_window kind, int64_t budget);

/* Lives through a window under SCORE_FLIGHT or SCORE_RESERVE, as score_case does. */
struct score_outcome score_holds_case(struct score_holds *holds, const struct score_window *window,
                                      const struct score_rule *rule, enum score_kind_of_window kind,
                                      int64_t budget, struct score_rooms *rooms);

/* ---- figures ----------------------------------------------------------------------------------- */

#define SCORE_FIGURES 8

enum score_figure {
    SCORE_FALSE,    /* % of the cases within the budget that were out */
    SCORE_WRONG,    /* hours out, a case within the budget */
    SCORE_DIVERTED, /* % of the tokens, a case within the budget */
    SCORE_WARNED,   /* % of the cases above the budget that were out 10 minutes before it was spent */
    SCORE_LEAD,     /* hours from the first exclusion to the instant it was spent: the median */
    SCORE_OVERRUN,  /* % of the budget, a case above the budget */
    SCORE_STRANDED, /* % of the budget, a case above the budget */
    SCORE_TIMES,    /* exclusions, a case within the budget */
};

/* The figures of one rule; those of which there was no case are NaN. */
struct score_figures {
    double value[SCORE_FIGURES];
};

/* Sums of one rule over cases. */
struct score_sums {
    uint64_t within, exceeding; /* cases */
    uint64_t false_cases, outs, warned;
    tq__uint128 out_ns;
    double diverted, overrun, stranded;
    int64_t *leads;
    size_t lead_count, lead_capacity;
};

/* Adds a case. total: what the window used without any rule; spent_at_ns: when that reached the budget.
 * False: no memory. */
bool score_sums_add(struct score_sums *sums, const struct score_outcome *outcome, int64_t total,
                    int64_t budget, int64_t spent_at_ns);
void score_sums_clear(struct score_sums *sums);
void score_sums_free(struct score_sums *sums);

/* Sorts the leads. */
struct score_figures score_sums_figures(struct score_sums *sums);

/* ---- advice ------------------------------------------------------------------------------------ */

#define SCORE_ADVISED 7
#define SCORE_LOSS 3          /* a token above the budget is as bad as so many unused ones */
#define SCORE_ADVICE_LEAST 10 /* windows */

extern const unsigned score_advised[SCORE_ADVISED]; /* quarters */

/* The mean loss of a window's cases, for each care that may be advised. */
struct score_losses {
    double by_care[SCORE_ADVISED];
};

struct score_advice {
    struct score_losses *items; /* of each window */
    size_t count, capacity;
    /* Of score_advice_finish: */
    struct score_losses mean;
    size_t least;      /* the care with the least loss, a number of score_advised */
    double difference; /* its loss less that of the default */
    double error;      /* the standard error of that difference */
    size_t advised;    /* the same as least, or the default */
    bool enough;       /* windows for any advice */
};

/* The loss of a case: what is unused of the budget, and what is above it. */
double score_loss(int64_t used, int64_t total, int64_t budget);
void score_advice_finish(struct score_advice *advice);

/* ---- the whole --------------------------------------------------------------------------------- */

enum score_skipped { SCORE_JUDGED, SCORE_ONE_WINDOW, SCORE_NO_CASE, SCORE_TOO_MANY_TOKENS };

/* A provider, or a group of them, or all. */
struct score_provider {
    const char *name; /* not NUL-terminated; NULL: all */
    uint32_t name_len;
    enum score_skipped skipped;
    int64_t budget; /* 0: seven parts of the mean window */
    size_t records;
    size_t active;  /* windows with a record */
    size_t windows; /* those of them that were judged */
    uint64_t within, exceeding;
    struct score_figures *figures; /* of each rule; NULL when it was skipped */
    struct interval_cover cover[INTERVALS];
};

#define SCORE_CARES_MOST 16 /* that can be shown */
#define SCORE_RULES_MOST (4 + 2 * SCORE_CARES_MOST + SCORE_ADVISED)

struct score {
    /* The caller's. */
    enum score_kind_of_window window;
    int64_t lag_ns;
    bool by_prefix;                   /* what stands before the first '/' of a name is one provider */
    unsigned cares[SCORE_CARES_MOST]; /* the rows of care, in quarters; none: the default */
    size_t care_count;
    struct listener *listener;

    struct score_rule rules[SCORE_RULES_MOST]; /* care from the least to the greatest */
    size_t rule_count;
    struct score_provider *providers; /* by name */
    size_t count;
    struct score_provider all; /* those that were judged */
    struct score_advice advice;
    size_t starts; /* records whose start the log has */
};

/* Judges the records that replay has read and not fed. Names belong to the replay. 0, or -1 with
 * listener->why. Free it whatever the answer. */
int score_make(struct score *score, struct replay *replay);
void score_free(struct score *score);

/* ---- score_windows.c: between the files of the score ------------------------------------------- */

/* What the work needs and the caller does not. */
struct score_work {
    struct score *score;
    struct score_call *calls; /* of all providers, one after the other */
    struct score_rooms rooms;
    struct score_holds holds;
    struct score_sums sums[SCORE_RULES_MOST];     /* of a provider */
    struct score_sums all_sums[SCORE_RULES_MOST]; /* of all of them */
    double window_loss[SCORE_RULES_MOST];         /* sums over the cases of a window */
    bool never_out[SCORE_RULES_MOST];             /* in a case of the window, which had no larger budget */
    struct interval_day *days;                    /* of a provider */
    size_t day_count, day_capacity;
};

/* Judges a provider by its calls. 0, or -1 with listener->why. */
int score_judge(struct score_work *work, struct score_provider *provider, struct score_call *calls);

/* Makes the figures of all rules from their sums. 0, or -1 with listener->why. */
int score_finish(struct score_work *work, struct score_provider *provider, struct score_sums *sums);
void score_work_free(struct score_work *work);

/* ---- score_json.c ------------------------------------------------------------------------------ */

struct json_t *score_json(const struct score *score, const struct replay *replay, char **paths,
                          size_t path_count);

#endif
