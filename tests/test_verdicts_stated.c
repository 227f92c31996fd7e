/* test_verdicts_stated.c: the second table of docs/verdicts.md, cell by cell: words of windows that a vendor
 * states.
 *
 * SPDX-License-Identifier: MIT
 *
 * As test_verdicts.c. What a cell says of the probe is what tq_ledger_route says: the instant at which it
 * hands the probe out, and that it does so then.
 */
#include <stdio.h>

#include "verdict_table.h"
#include "windows.h"

#define LATER_NS AT(12, 10, 0) /* when the row's event comes */
#define SENT_AFTER_NS AT(12, 9, 30)
#define SENT_BEFORE_NS AT(11, 59, 0)

/* ---- words ----------------------------------------------------------------------------------- */

static void read_week(struct tq_provider *p, int64_t said_at_ns, int32_t percent, int64_t reset_at_ns)
{
    assert_true(say(p, week_at(said_at_ns, percent, reset_at_ns)) >= 0);
}

static void read_on_credit(struct tq_provider *p, int64_t said_at_ns)
{
    struct word word = week_at(said_at_ns, 100, AT(16, 0, 0));

    word.flags = TQ_AXIS_CREDIT;
    assert_true(say(p, word) >= 0);
}

static void refuse_week(struct tq_provider *p, int64_t said_at_ns, int64_t sent_at_ns, int64_t end_at_ns)
{
    struct word word = week_at(said_at_ns, -1, end_at_ns);

    word.sent_at_ns = sent_at_ns;
    assert_true(refuse_for(p, word) >= 0);
}

/* ---- columns: what is in force --------------------------------------------------------------- */

static void before_61(struct tq_provider *p)
{
    read_week(p, AT(12, 0, 0), 61, AT(16, 0, 0));
}

static void before_100(struct tq_provider *p)
{
    read_week(p, AT(12, 0, 0), 100, AT(16, 0, 0));
}

static void before_refused(struct tq_provider *p)
{
    refuse_week(p, AT(12, 0, 0), SENT_BEFORE_NS, AT(16, 0, 0));
}

static void before_doubted(struct tq_provider *p)
{
    before_refused(p);
    read_week(p, AT(12, 5, 0), 61, AT(16, 0, 0));
}

static void before_probe_out(struct tq_provider *p)
{
    before_doubted(p);
    assert_int_equal(tq_provider_probe_take(p, AT(12, 9, 0), NULL), 0);
}

static void before_probe_refused(struct tq_provider *p)
{
    before_doubted(p);
    assert_int_equal(tq_provider_probe_take(p, AT(12, 6, 0), NULL), 0);
    refuse_week(p, AT(12, 7, 0), AT(12, 6, 30), AT(16, 0, 0));
}

static void before_overruled(struct tq_provider *p)
{
    before_refused(p);
    assert_int_equal(tq_provider_mark_available_at(p, AT(12, 5, 0)), 0);
}

static void before_reserve(struct tq_provider *p)
{
    assert_int_equal(set_sentence(p, "7d reserve 10%"), 1);
    read_week(p, AT(12, 0, 0), 93, AT(16, 0, 0));
}

static void before_overage(struct tq_provider *p)
{
    assert_int_equal(tq_provider_set_overage(p, TQ_OVERAGE_STOP), 0);
    read_on_credit(p, AT(12, 0, 0));
}

static void before_session(struct tq_provider *p)
{
    before_refused(p);
    assert_true(say(p, session_at(AT(12, 0, 0), 100, AT(15, 0, 0))) >= 0);
}

static void before_endless(struct tq_provider *p)
{
    assert_true(refuse_all(p, TQ_CLASS_EXHAUSTED, AT(12, 0, 0), SENT_BEFORE_NS, 0) >= 0);
    before_refused(p);
}

struct step {
    const char *name;
    void (*happen)(struct tq_provider *);
};

static const struct step columns[] = {
    {"61 %", before_61},
    {"100 %", before_100},
    {"refused", before_refused},
    {"doubted", before_doubted},
    {"doubted, probe out", before_probe_out},
    {"probe refused", before_probe_refused},
    {"overruled", before_overruled},
    {"reserve reached", before_reserve},
    {"overage stops", before_overage},
    {"session, too", before_session},
    {"no end, too", before_endless},
};

/* ---- rows: what happens then ----------------------------------------------------------------- */

static void then_nothing(struct tq_provider *p)
{
    (void)p;
}

static void then_61(struct tq_provider *p)
{
    read_week(p, LATER_NS, 61, AT(16, 0, 0));
}

static void then_61_later(struct tq_provider *p)
{
    read_week(p, LATER_NS, 61, AT(18, 0, 0));
}

static void then_61_earlier(struct tq_provider *p)
{
    read_week(p, LATER_NS, 61, AT(14, 0, 0));
}

static void then_70(struct tq_provider *p)
{
    read_week(p, LATER_NS, 70, AT(16, 0, 0));
}

static void then_grown(struct tq_provider *p)
{
    read_week(p, AT(12, 9, 50), 3, AT(18, 0, 0));
    read_week(p, LATER_NS, 4, AT(18, 0, 0));
}

static void then_100(struct tq_provider *p)
{
    read_week(p, LATER_NS, 100, AT(16, 0, 0));
}

static void then_100_near(struct tq_provider *p)
{
    read_week(p, LATER_NS, 100, AT(16, 4, 0));
}

static void then_100_earlier(struct tq_provider *p)
{
    read_week(p, LATER_NS, 100, AT(14, 0, 0));
}

static void then_100_later(struct tq_provider *p)
{
    read_week(p, LATER_NS, 100, AT(18, 0, 0));
}

static void then_credit(struct tq_provider *p)
{
    read_on_credit(p, LATER_NS);
}

static void then_refused_later(struct tq_provider *p)
{
    refuse_week(p, LATER_NS, SENT_AFTER_NS, AT(18, 0, 0));
}

static void then_refused_earlier(struct tq_provider *p)
{
    refuse_week(p, LATER_NS, SENT_AFTER_NS, AT(14, 0, 0));
}

static void then_refused_in_flight(struct tq_provider *p)
{
    refuse_week(p, LATER_NS, SENT_BEFORE_NS, AT(16, 0, 0));
}

static void then_refused_in_flight_later(struct tq_provider *p)
{
    refuse_week(p, LATER_NS, SENT_BEFORE_NS, AT(18, 0, 0));
}

static void then_refused_unknown(struct tq_provider *p)
{
    refuse_week(p, LATER_NS, 0, AT(16, 0, 0));
}

static void served(struct tq_provider *p, int64_t sent_at_ns)
{
    assert_true(serve_at(p, LATER_NS, sent_at_ns) >= 0);
}

static void then_served_after(struct tq_provider *p)
{
    served(p, SENT_AFTER_NS);
}

static void then_served_before(struct tq_provider *p)
{
    served(p, SENT_BEFORE_NS);
}

static void then_served_unknown(struct tq_provider *p)
{
    served(p, 0);
}

static void then_available(struct tq_provider *p)
{
    assert_int_equal(tq_provider_mark_available_at(p, LATER_NS), 0);
}

static void then_marked(struct tq_provider *p)
{
    assert_int_equal(tq_provider_mark_quota_exhausted(p, AT(13, 0, 0)), 0);
}

static void then_throttled(struct tq_provider *p)
{
    assert_true(refuse_all(p, TQ_CLASS_THROTTLED, LATER_NS, SENT_AFTER_NS, AT(13, 0, 0)) >= 0);
}

static void then_record(struct tq_provider *p)
{
    assert_true(tq_provider_observe(p, 1, LATER_NS, NULL) >= 0);
}

static void then_failed(struct tq_provider *p)
{
    assert_int_equal(tq_provider_probe_failure(p, LATER_NS), 0);
}

static const struct step rows[] = {
    {"nothing", then_nothing},
    {"61 %, 16:00", then_61},
    {"61 %, 18:00", then_61_later},
    {"61 %, 14:00", then_61_earlier},
    {"70 %, 16:00", then_70},
    {"3 %, then 4 %, 18:00", then_grown},
    {"100 %, 16:00", then_100},
    {"100 %, 16:04", then_100_near},
    {"100 %, 14:00", then_100_earlier},
    {"100 %, 18:00", then_100_later},
    {"100 % on credit, 16:00", then_credit},
    {"refused, 18:00", then_refused_later},
    {"refused, 14:00", then_refused_earlier},
    {"refused, 16:00, in flight", then_refused_in_flight},
    {"refused, 18:00, in flight", then_refused_in_flight_later},
    {"refused, 16:00, sent unknown", then_refused_unknown},
    {"served, sent after", then_served_after},
    {"served, sent before", then_served_before},
    {"served, sent unknown", then_served_unknown},
    {"mark available", then_available},
    {"mark, 13:00", then_marked},
    {"throttled, 13:00", then_throttled},
    {"record", then_record},
    {"probe failed", then_failed},
};

#define ROWS (sizeof rows / sizeof rows[0])
#define COLUMNS (sizeof columns / sizeof columns[0])

/* ---- the document ---------------------------------------------------------------------------- */

static struct verdict_table table = {
    .heading = "## Windows that the vendor states: the table", .rows = ROWS, .columns = COLUMNS};

static int read_document(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS; row++)
        table.row[row] = rows[row].name;
    for (size_t column = 0; column < COLUMNS; column++)
        table.column[column] = columns[column].name;
    verdict_table_read(&table);
    return 0;
}

/* ---- a cell ---------------------------------------------------------------------------------- */

/* "16:00" */
static const char *clock_of(int64_t at_ns)
{
    static char text[2][16];
    static unsigned turn;
    int64_t minutes = (at_ns - MAY_DAY_NS) / (60 * SECOND_NS);
    char *out = text[turn++ % 2];

    if (at_ns == INT64_MAX)
        return "no end";
    assert_int_equal(at_ns % (60 * SECOND_NS), 0);
    snprintf(out, sizeof text[0], "%02d:%02d", (int)(minutes / 60), (int)(minutes % 60));
    return out;
}

static struct tq_route route(struct tq_ledger *ledger, struct tq_provider *provider, int64_t now_ns)
{
    struct tq_route route = {.size = sizeof route};

    assert_true(tq_ledger_route(ledger, &provider, 1, now_ns, 0, &route) >= 0);
    return route;
}

/* "available", "reported 16:00, probe 13:00", "spent 16:00" */
static void tell(struct tq_ledger *ledger, struct tq_provider *provider, const struct tq_verdict *verdict,
                 char out[CELL_BYTES])
{
    struct tq_route now = route(ledger, provider, LATER_NS);
    const char *probe = "", *when = "";

    if (verdict->state == TQ_AVAILABLE) {
        snprintf(out, CELL_BYTES, "available");
        return;
    }
    if (now.probe) {
        probe = ", probe due";
    } else if (verdict->probing) {
        probe = ", probe out";
    } else if (now.retry_at_ns < verdict->retry_at_ns) {
        assert_int_equal(route(ledger, provider, now.retry_at_ns - 1).probe, 0);
        assert_int_equal(route(ledger, provider, now.retry_at_ns).probe, 1);
        probe = ", probe ";
        when = clock_of(now.retry_at_ns);
    }
    snprintf(out, CELL_BYTES, "%s %s%s%s", tq_reason_name(verdict->reason), clock_of(verdict->retry_at_ns),
             probe, when);
}

struct cell {
    size_t row, column;
};

static void test_cell(void **state)
{
    const struct cell *cell = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_provider *provider;
    struct tq_ledger *ledger;
    char got[CELL_BYTES];
    int64_t retry_at_ns;

    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, &provider), 0);
    columns[cell->column].happen(provider);
    rows[cell->row].happen(provider);
    assert_true(tq_provider_verdict(provider, LATER_NS, &verdict) >= 0);
    assert_int_equal(tq_provider_state(provider, LATER_NS, &retry_at_ns), verdict.state);
    assert_int_equal(retry_at_ns, verdict.retry_at_ns);
    tell(ledger, provider, &verdict, got);
    assert_string_equal(got, table.cell[cell->row][cell->column]);
    tq_ledger_close(ledger);
}

int main(void)
{
    static struct CMUnitTest tests[ROWS * COLUMNS];
    static struct cell cells[ROWS * COLUMNS];
    static char names[ROWS * COLUMNS][2 * CELL_BYTES];

    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        cells[i] = (struct cell){.row = i / COLUMNS, .column = i % COLUMNS};
        snprintf(names[i], sizeof names[i], "%s / %s", columns[cells[i].column].name,
                 rows[cells[i].row].name);
        tests[i] = (struct CMUnitTest){.name = names[i], .test_func = test_cell, .initial_state = &cells[i]};
    }
    return cmocka_run_group_tests_name("verdicts of windows", tests, read_document, NULL);
}
