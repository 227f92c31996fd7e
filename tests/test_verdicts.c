/* test_verdicts.c: the table of docs/verdicts.md, cell by cell: what outranks what.
 *
 * SPDX-License-Identifier: MIT
 *
 * The document's rows are what is in force, its columns what happens then; a cell says the verdict after it.
 * Each cell is a test, named "ROW / COLUMN", and what it expects is read from the document: so the document
 * cannot say anything else than the library does.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "verdict_table.h"

#define MINUTE_NS (HOUR_NS / 60)
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS) /* when what is in force was said */
#define LATER_NS (NOON_NS + 10 * MINUTE_NS) /* when the column's event comes */
#define SENT_AFTER_NS                                                                                        \
    (LATER_NS - MINUTE_NS / 2) /* when its request was sent; the probe was taken a minute before */
#define SENT_BEFORE_NS (NOON_NS - MINUTE_NS)
#define BUDGET 1000

static struct tq_quota_signal refusal(uint32_t class, int64_t said_at_ns, int64_t sent_at_ns,
                                      int64_t retry_at_ns)
{
    return (struct tq_quota_signal){
        .size = sizeof(struct tq_quota_signal),
        .refusal = class,
        .binds = -1,
        .said_at_ns = said_at_ns,
        .sent_at_ns = sent_at_ns,
        .retry_at_ns = retry_at_ns,
    };
}

static void apply(struct tq_provider *provider, struct tq_quota_signal signal)
{
    assert_true(tq_provider_apply(provider, &signal) >= 0);
}

/* ---- rows: what is in force ------------------------------------------------------------------ */

static void row_nothing(struct tq_provider *p)
{
    assert_int_equal(tq_provider_observe(p, 1, NOON_NS, NULL), 0);
}

static void row_marked(struct tq_provider *p)
{
    assert_int_equal(tq_provider_mark_quota_exhausted(p, NOON_NS + 2 * HOUR_NS), 0);
}

static void row_exhausted(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_EXHAUSTED, NOON_NS, SENT_BEFORE_NS, NOON_NS + 2 * HOUR_NS));
}

static void row_endless(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_EXHAUSTED, NOON_NS, SENT_BEFORE_NS, 0));
}

static void row_no_money(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_NO_MONEY, NOON_NS, SENT_BEFORE_NS, 0));
}

static void row_probing(struct tq_provider *p)
{
    row_endless(p);
    assert_int_equal(tq_provider_probe_take(p, LATER_NS - MINUTE_NS, NULL), 0);
}

static void row_throttled(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_THROTTLED, NOON_NS, SENT_BEFORE_NS, NOON_NS + 2 * HOUR_NS));
}

static void row_spent(struct tq_provider *p)
{
    assert_int_equal(tq_provider_observe(p, BUDGET, NOON_NS, NULL), TQ_EXHAUSTED);
}

static const struct {
    const char *name;
    void (*say)(struct tq_provider *);
} rows[] = {
    {"nothing", row_nothing},           {"marked, 2 h", row_marked}, {"exhausted, 2 h", row_exhausted},
    {"exhausted, no end", row_endless}, {"no money", row_no_money},  {"no end, probe out", row_probing},
    {"throttled, 2 h", row_throttled},  {"spent, 12 h", row_spent},
};

/* ---- columns: what happens then -------------------------------------------------------------- */

static void column_mark_short(struct tq_provider *p)
{
    assert_int_equal(tq_provider_mark_quota_exhausted(p, NOON_NS + HOUR_NS), 0);
}

static void column_mark_long(struct tq_provider *p)
{
    assert_int_equal(tq_provider_mark_quota_exhausted(p, NOON_NS + 4 * HOUR_NS), 0);
}

static void column_available(struct tq_provider *p)
{
    assert_int_equal(tq_provider_mark_available(p), 0);
}

static void column_exhausted_short(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_EXHAUSTED, LATER_NS, SENT_AFTER_NS, NOON_NS + HOUR_NS));
}

static void column_exhausted_long(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_EXHAUSTED, LATER_NS, SENT_AFTER_NS, NOON_NS + 4 * HOUR_NS));
}

static void column_exhausted_in_flight(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_EXHAUSTED, LATER_NS, SENT_BEFORE_NS, NOON_NS + 4 * HOUR_NS));
}

static void column_endless(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_EXHAUSTED, LATER_NS, SENT_AFTER_NS, 0));
}

static void column_no_money(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_NO_MONEY, LATER_NS, SENT_AFTER_NS, 0));
}

static void column_throttled_short(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_THROTTLED, LATER_NS, SENT_AFTER_NS, NOON_NS + HOUR_NS));
}

static void column_throttled_no_time(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_THROTTLED, LATER_NS, SENT_AFTER_NS, 0));
}

static void column_overloaded_long(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_OVERLOADED, LATER_NS, SENT_AFTER_NS, NOON_NS + 4 * HOUR_NS));
}

static void column_too_large(struct tq_provider *p)
{
    apply(p, refusal(TQ_CLASS_TOO_LARGE, LATER_NS, SENT_AFTER_NS, NOON_NS + 4 * HOUR_NS));
}

static void column_model_only(struct tq_provider *p)
{
    struct tq_quota_signal signal =
        refusal(TQ_CLASS_EXHAUSTED, LATER_NS, SENT_AFTER_NS, NOON_NS + 4 * HOUR_NS);

    signal.flags = TQ_SIGNAL_MODEL_ONLY;
    apply(p, signal);
}

static void served(struct tq_provider *p, int64_t sent_at_ns)
{
    struct tq_quota_signal signal = refusal(TQ_CLASS_NONE, LATER_NS, sent_at_ns, 0);

    signal.flags = TQ_SIGNAL_SUCCESS;
    apply(p, signal);
}

static void column_served_after(struct tq_provider *p)
{
    served(p, SENT_AFTER_NS);
}

static void column_served_before(struct tq_provider *p)
{
    served(p, SENT_BEFORE_NS);
}

static void column_served_unknown(struct tq_provider *p)
{
    served(p, 0);
}

static void column_usage(struct tq_provider *p)
{
    struct tq_usage usage = {.size = sizeof usage,
                             .known = TQ_USAGE_OUTPUT,
                             .output = 1,
                             .counted = 1,
                             .sent_at_ns = SENT_AFTER_NS};

    assert_true(tq_provider_observe_usage(p, &usage, LATER_NS, NULL) >= 0);
}

static void column_record_spends(struct tq_provider *p)
{
    assert_int_equal(tq_provider_observe(p, BUDGET, LATER_NS, NULL), TQ_EXHAUSTED);
}

static void column_budget(struct tq_provider *p)
{
    assert_int_equal(tq_provider_set_budget(p, 100 * BUDGET), 0);
}

static const struct {
    const char *name;
    void (*happen)(struct tq_provider *);
} columns[] = {
    {"mark, 1 h", column_mark_short},
    {"mark, 4 h", column_mark_long},
    {"mark available", column_available},
    {"exhausted, 1 h", column_exhausted_short},
    {"exhausted, 4 h", column_exhausted_long},
    {"exhausted, 4 h, in flight", column_exhausted_in_flight},
    {"exhausted, no end", column_endless},
    {"no money", column_no_money},
    {"throttled, 1 h", column_throttled_short},
    {"throttled, no time", column_throttled_no_time},
    {"overloaded, 4 h", column_overloaded_long},
    {"too large", column_too_large},
    {"model only, 4 h", column_model_only},
    {"served, sent after", column_served_after},
    {"served, sent before", column_served_before},
    {"served, sent unknown", column_served_unknown},
    {"usage, sent after", column_usage},
    {"record spends budget", column_record_spends},
    {"budget raised", column_budget},
};

#define ROWS (sizeof rows / sizeof rows[0])
#define COLUMNS (sizeof columns / sizeof columns[0])

/* ---- the document ---------------------------------------------------------------------------- */

static struct verdict_table table = {.heading = "## The table", .rows = COLUMNS, .columns = ROWS};

static int read_document(void **state)
{
    (void)state;
    for (size_t column = 0; column < COLUMNS; column++)
        table.row[column] = columns[column].name;
    for (size_t row = 0; row < ROWS; row++)
        table.column[row] = rows[row].name;
    verdict_table_read(&table);
    return 0;
}

/* ---- a cell ---------------------------------------------------------------------------------- */

/* "available", "reported 2 h", "throttled 30 s", "reported no end, probe out" */
static void tell(const struct tq_verdict *verdict, char out[CELL_BYTES])
{
    int64_t from_noon_ns = verdict->retry_at_ns - NOON_NS, from_later_ns = verdict->retry_at_ns - LATER_NS;
    const char *reason = tq_reason_name(verdict->reason);

    if (verdict->state == TQ_AVAILABLE)
        snprintf(out, CELL_BYTES, "available");
    else if (verdict->retry_at_ns == INT64_MAX)
        snprintf(out, CELL_BYTES, "%s no end%s", verdict->refusal == TQ_CLASS_NO_MONEY ? "no money" : reason,
                 verdict->probing       ? ", probe out"
                 : verdict->attempt > 0 ? ", probe failed"
                                        : "");
    else if (from_noon_ns % HOUR_NS == 0)
        snprintf(out, CELL_BYTES, "%s %d h", reason, (int)(from_noon_ns / HOUR_NS));
    else
        snprintf(out, CELL_BYTES, "%s %d s", reason, (int)(from_later_ns / 1000000000));
}

struct cell {
    size_t row, column;
};

static void test_cell(void **state)
{
    const struct cell *cell = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    char got[CELL_BYTES];
    int64_t retry_at_ns;

    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, &provider), 0);
    assert_int_equal(tq_provider_set_budget(provider, BUDGET), 0);
    rows[cell->row].say(provider);
    columns[cell->column].happen(provider);
    assert_true(tq_provider_verdict(provider, LATER_NS, &verdict) >= 0);
    tell(&verdict, got);
    if (getenv("TQ_TABLE")) /* to make the document's table from: then look at each cell */
        print_message("CELL|%zu|%zu|%s\n", cell->column, cell->row, got);
    assert_string_equal(got, table.cell[cell->column][cell->row]);
    /* Part one says the same. */
    assert_int_equal(tq_provider_state(provider, LATER_NS, &retry_at_ns), verdict.state);
    assert_int_equal(retry_at_ns, verdict.retry_at_ns);
    tq_ledger_close(ledger);
}

int main(void)
{
    static struct CMUnitTest tests[ROWS * COLUMNS];
    static struct cell cells[ROWS * COLUMNS];
    static char names[ROWS * COLUMNS][2 * CELL_BYTES];

    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        cells[i] = (struct cell){.row = i / COLUMNS, .column = i % COLUMNS};
        snprintf(names[i], sizeof names[i], "%s / %s", rows[cells[i].row].name,
                 columns[cells[i].column].name);
        tests[i] = (struct CMUnitTest){.name = names[i], .test_func = test_cell, .initial_state = &cells[i]};
    }
    return cmocka_run_group_tests_name("verdicts", tests, read_document, NULL);
}
