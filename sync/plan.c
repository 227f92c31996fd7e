/* plan.c: what one exchange would be, without it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "sync/loop.h"

#define PATIENCE_NS (2 * INT64_C(1000000000))

static int plan_line(struct sync_plan *plan, size_t *capacity, const struct sync_provider *provider,
                     const struct sync_window *window)
{
    struct sync_plan_line *lines = tq__list_room(plan->lines, plan->line_count, capacity, sizeof *lines);

    if (!lines)
        return TQ_ENOMEM;
    plan->lines = lines;
    lines[plan->line_count] = (struct sync_plan_line){
        .cut = window->cut,
        .is_strict = window->share.flags & TQ_SHARE_STRICT,
        .used = window->share.used,
        .others = window->lease.others,
        .amount = window->share.amount,
        .bound = window->bound,
    };
    snprintf(lines[plan->line_count].provider, sizeof lines->provider, "%s", provider->name);
    snprintf(lines[plan->line_count++].limit, sizeof lines->limit, "%s", window->limit.identity);
    return 0;
}

static int fill_plan(const struct sync_node *node, struct sync_plan *plan)
{
    size_t capacity = 0;
    int answer = 0;

    plan->machines = node->machines;
    for (size_t i = 0; i < node->provider_count; i++) {
        const struct sync_provider *provider = &node->providers[i];

        plan->runs += provider->is_local;
        plan->providers += !provider->is_local && provider->window_count > 0;
        for (size_t k = 0; k < provider->window_count && answer == 0; k++)
            if (provider->windows[k]->is_newest)
                answer = plan_line(plan, &capacity, provider, provider->windows[k]);
    }
    plan->windows = plan->line_count;
    if (node->peer_count > 0 && answer == 0) {
        plan->peers = malloc(node->peer_count * sizeof *plan->peers);
        if (!plan->peers)
            return TQ_ENOMEM;
        memcpy(plan->peers, node->peers, node->peer_count * sizeof *plan->peers);
        plan->peer_count = node->peer_count;
    }
    return answer;
}

int sync_plan_make(const struct sync_options *options, struct sync_plan *plan, struct tq_error *error)
{
    struct loop loop = {.options = options, .lock = -1};
    int answer;

    *plan = (struct sync_plan){.machines = 0};
    answer = loop_begin(&loop, true, error);
    if (answer == 0) {
        snprintf(plan->node, sizeof plan->node, "%s", loop.name);
        answer = sync_server_facts(loop.redis, &plan->facts, sync_now_ns() + PATIENCE_NS, error);
    }
    if (answer == 0)
        answer = sync_node_plan(loop.node, loop.redis, tq_now_ns(), sync_now_ns() + PATIENCE_NS, error);
    if (answer == 0) {
        snprintf(plan->refused_by, sizeof plan->refused_by, "%s", loop.node->refused_by);
        snprintf(plan->trouble, sizeof plan->trouble, "%s", loop.node->trouble);
        answer = fill_plan(loop.node, plan);
    }
    loop_end(&loop);
    return answer;
}

void sync_plan_free(struct sync_plan *plan)
{
    free(plan->peers);
    free(plan->lines);
    *plan = (struct sync_plan){.machines = 0};
}
