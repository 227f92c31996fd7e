/* sync_show.c: what `tokenquota sync` prints: the plan of a dry run, the server's facts, and how it goes.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/commands/sync.h"
#include "sync/lease.h"
#include "sync/overshoot.h"
#include "view/json.h"

#define MS_NS INT64_C(1000000)
#define APART_NS (2 * SECOND_NS) /* clocks that differ by more are worth a line */

/* ---- the server ------------------------------------------------------------------------------ */

int sync_show_facts(const struct sync_server_facts *facts)
{
    int wrong = 0;

    printf("server     %s, %s %s, %s%s\n", facts->name, facts->kind, facts->version, facts->role,
           facts->is_cluster ? " of a cluster" : "");
    printf("           round trip %.1f ms, its clock is %.3f s %s this machine's\n",
           (double)facts->round_trip_ns / 1e6,
           (double)(facts->offset_ns < 0 ? -facts->offset_ns : facts->offset_ns) / 1e9,
           facts->offset_ns < 0 ? "behind" : "ahead of");
    if (facts->offset_ns > APART_NS || facts->offset_ns < -APART_NS)
        printf("           the clocks are apart: windows turn at another instant here than there\n");
    if (*facts->policy && strcmp(facts->policy, "noeviction") != 0 && facts->maxmemory != 0) {
        printf("           its maxmemory-policy is %s: it may drop counts; set it to noeviction\n",
               facts->policy);
        wrong++;
    }
    if (!facts->allows_script)
        printf("           it refuses EVAL: more is read in each flush (allow +eval for this user)\n");
    return wrong;
}

/* ---- a plan ---------------------------------------------------------------------------------- */

static void put_line(const struct sync_plan_line *line)
{
    printf("  %s, %s: used %s here", line->provider, *line->limit ? line->limit : "tokens per day (budget)",
           format_exact(line->used).s);
    if (line->amount > 0)
        printf(" of %s", format_exact(line->amount).s);
    printf("; cut off it %s", line->is_strict              ? "spends what was leased to it"
                              : line->cut == TQ_CUT_OPEN   ? "goes on (open)"
                              : line->cut == TQ_CUT_CLOSED ? "is out (closed)"
                                                           : "spends its share");
    if (line->is_strict)
        printf(" (strict: nothing beyond the amount)");
    printf("\n");
}

int sync_show_plan(const struct sync_plan *plan, const struct sync_options *options)
{
    int64_t every_ms = (options->every_ns ? options->every_ns : SYNC_EVERY_NS) / MS_NS;
    double reach_s =
        (double)(every_ms + sync_notice_ms(every_ms)) / 1e3 + (double)plan->facts.round_trip_ns / 1e9;
    int wrong = sync_show_facts(&plan->facts);
    size_t others = 0;

    printf("node       %s, every %lld ms\n", plan->node, (long long)every_ms);
    for (size_t i = 0; i < plan->peer_count; i++)
        if (strcmp(plan->peers[i].name, plan->node) != 0)
            printf("%s%s", others++ ? ", " : "with       ", plan->peers[i].name);
    printf("%s\n", others ? "" : "with       nobody yet");
    printf("exchanged  %s, %s; the words, limits and pools of all providers\n",
           plural(plan->providers, "provider").s, plural(plan->windows, "window").s);
    if (plan->runs > 0)
        printf("           %s stay%s on this machine\n", plural(plan->runs, "run").s,
               plan->runs == 1 ? "s" : "");
    for (size_t i = 0; i < plan->line_count; i++)
        put_line(&plan->lines[i]);
    printf("bound      beyond an amount: what all machines together spend in %.2f s\n"
           "           (interval + round trip + time to notice a cut);\n"
           "           with --strict nothing; with cut=open no bound while cut off\n",
           reach_s);
    if (*plan->refused_by)
        report("another node is named %s (%s): give one of them another --node", plan->node,
               plan->refused_by);
    if (*plan->trouble)
        report("%s", plan->trouble);
    printf("nothing was written\n");
    if (report_flush_stdout() < 0)
        return -1;
    return wrong > 0 || *plan->refused_by || *plan->trouble ? 1 : 0;
}

/* ---- how it goes ----------------------------------------------------------------------------- */

static json_t *peers_json(const struct sync_status *status, int64_t server_ms)
{
    json_t *peers = json_array();

    for (size_t i = 0; i < status->peer_count; i++)
        json_array_append_new(peers,
                              json_pack("{s:s, s:o, s:o, s:o}", "node", status->peers[i].name, "seen_ms_ago",
                                        number_json(server_ms - status->peers[i].seen_ms), "every_ms",
                                        number_json(status->peers[i].every_ms), "tokens_per_s",
                                        number_json(status->peers[i].rate)));
    return peers;
}

static json_t *bounds_json(const struct sync_status *status)
{
    json_t *bounds = json_object();

    for (size_t i = 0; i < status->bound_count; i++)
        json_object_set_new(bounds, status->bounds[i].provider,
                            status->bounds[i].bound == SYNC_UNBOUNDED ? json_null()
                                                                      : number_json(status->bounds[i].bound));
    return bounds;
}

static json_t *status_json(const struct sync_status *status, bool cut, int64_t now_ns)
{
    const struct sync_state *state = &status->state;

    return json_pack("{s:s, s:s, s:s?, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "node",
                     state->node, "to", state->to, "trouble", *state->trouble ? state->trouble : NULL, "cut",
                     cut, "heard_at", some_instant_json(state->heard_at_ns), "written_at",
                     instant_json(state->at_ns), "every_ms", number_json(state->every_ms), "round_trip_ns",
                     number_json(state->round_trip_ns), "offset_ms", signed_json(state->offset_ms),
                     "machines", number_json(state->machines), "flushes",
                     number_json((int64_t)state->flushes), "failures", number_json((int64_t)state->failures),
                     "epochs_lost", number_json((int64_t)state->epochs_lost), "peers",
                     peers_json(status, now_ns / MS_NS + state->offset_ms), "bounds", bounds_json(status));
}

static void put_server(const struct sync_state *state)
{
    printf("%s; %llu flushes, %llu failed; round trip %.1f ms\n", plural(state->machines, "machine").s,
           (unsigned long long)state->flushes, (unsigned long long)state->failures,
           (double)state->round_trip_ns / 1e6);
    printf("the server's clock is %.3f s %s this machine's\n",
           (double)(state->offset_ms < 0 ? -state->offset_ms : state->offset_ms) / 1e3,
           state->offset_ms < 0 ? "behind" : "ahead of");
    if (state->epochs_lost > 0)
        printf("the server lost what it knew, %s by its tags: it was told again\n",
               plural(state->epochs_lost, "time").s);
}

static void put_status(const struct sync_status *status, bool cut, int64_t now_ns)
{
    const struct sync_state *state = &status->state;
    int64_t server_ms = now_ns / MS_NS + state->offset_ms;

    if (cut)
        printf("%s is cut off from %s", state->node, state->to);
    else
        printf("%s exchanges through %s every %lld ms", state->node, state->to, (long long)state->every_ms);
    if (state->heard_at_ns > 0)
        printf("; the last word is %s old", format_length(now_ns - state->heard_at_ns).s);
    putchar('\n');
    if (*state->trouble)
        printf("%s\n", state->trouble);
    put_server(state);
    for (size_t i = 0; i < status->peer_count; i++)
        printf("  %s, seen %.1f s ago\n", status->peers[i].name,
               (double)(server_ms - status->peers[i].seen_ms) / 1e3);
    for (size_t i = 0; i < status->bound_count; i++) {
        if (status->bounds[i].bound == SYNC_UNBOUNDED)
            printf("  %s: no bound while cut off (cut=open)\n", status->bounds[i].provider);
        else
            printf("  %s: at most %s beyond an amount, all machines together\n", status->bounds[i].provider,
                   format_exact(status->bounds[i].bound).s);
    }
}

int sync_show_status(struct sync_status *status, int64_t shared_until_ns, int64_t now_ns, bool json)
{
    bool cut = shared_until_ns < now_ns;
    int64_t heard_at_ns = shared_until_ns - sync_notice_ms(status->state.every_ms) * MS_NS;

    /* The file is a little older than what the ledger was told. */
    if (heard_at_ns > status->state.heard_at_ns)
        status->state.heard_at_ns = heard_at_ns;
    if (json)
        json_print(status_json(status, cut, now_ns), false);
    else
        put_status(status, cut, now_ns);
    return report_flush_stdout() < 0 ? -1 : cut;
}
