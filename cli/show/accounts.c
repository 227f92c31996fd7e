/* accounts.c: shows what became of the calls of a log that were placed on accounts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/number.h"
#include "cli/show/show.h"
#include "cli/show/table.h"

#define NAME_LEAST 8
#define NAME_MOST 32

enum { ACCOUNT, CALLS, TOKENS, RESETS, LAPSED, COLUMNS };

/* What lapsed of all windows, in percent; nothing when none ended. */
static struct text lapsed_text(int64_t lapsed, int64_t windows)
{
    return windows > 0 ? format_tenths(lapsed / windows / (LAPSED_WHOLE / 1000), true) : (struct text){""};
}

static void put_row(struct table *table, const struct account *account)
{
    table_cell(table, NULL, account->name);
    table_cell(table, NULL, format_exact(account->calls).s);
    table_cell(table, NULL, format_exact(account->tokens).s);
    table_cell(table, NULL, format_exact(account->windows).s);
    table_cell(table, NULL, lapsed_text(account->lapsed, account->windows).s);
    table_end(table);
}

void accounts_put(const struct accounts *accounts, const struct style *style, int64_t tokens)
{
    struct table_column columns[COLUMNS] = {
        [ACCOUNT] = {"account", NULL, TABLE_NAME, NAME_LEAST},
        [CALLS] = {"calls", NULL, TABLE_RIGHT, TABLE_GAP + 9},
        [TOKENS] = {"tokens", NULL, TABLE_RIGHT, TABLE_GAP + 17},
        [RESETS] = {"resets", NULL, TABLE_RIGHT, TABLE_GAP + 6},
        [LAPSED] = {"lapsed", NULL, TABLE_RIGHT, TABLE_GAP + 6},
    };
    struct table table = {.style = style, .columns = columns, .count = COLUMNS};
    int64_t all = tq__add_saturated(tokens, accounts->refused_tokens);
    FILE *out = style->out;

    if (accounts->count == 0)
        return;
    for (size_t i = 0; i < accounts->count; i++)
        columns[ACCOUNT].width = text_widest(columns[ACCOUNT].width, accounts->items[i].name);
    if (columns[ACCOUNT].width > NAME_MOST)
        columns[ACCOUNT].width = NAME_MOST;
    table_shrink(&table, style->width, ACCOUNT, NAME_LEAST);
    putc('\n', out);
    table_head(&table);
    for (size_t i = 0; i < accounts->count; i++)
        put_row(&table, &accounts->items[i]);
    fprintf(out, "\nPlaced by %s: %s of account.\n", tq_policy_name(accounts->policy),
            plural((uint64_t)accounts->switches, "change").s);
    fprintf(out, "Refused while all were out: %s, %s", plural((uint64_t)accounts->refused_calls, "call").s,
            plural((uint64_t)accounts->refused_tokens, "token").s);
    if (all > 0)
        fprintf(out, ", %s of all",
                format_tenths(tq__multiply_divide(accounts->refused_tokens, 1000, all, ROUND_DOWN), true).s);
    fputs(".\n", out);
    if (accounts_windows(accounts) > 0)
        fprintf(out, "Lapsed unused at resets: %s of the quota.\n",
                lapsed_text(accounts_lapsed(accounts), accounts_windows(accounts)).s);
}
