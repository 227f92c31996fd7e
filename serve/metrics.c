/* metrics.c: GET /metrics: how the providers stand, and what the daemon counts of itself.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "base/number.h"
#include "base/text.h"
#include "counts.h"
#include "routes.h"
#include "serve.h"
#include "view/metrics.h"

/* The weight of a kind in a list of Accept, in thousandths: that of its parameter q, else 1000. */
static int64_t weight_of(struct tq__span parameters)
{
    while (parameters.len > 0) {
        struct tq__span one = tq__span_trim(tq__span_cut(&parameters, ';'));
        struct tq__number number;
        int64_t weight;
        bool exact;

        if (tq__span_begins(one, "q=") && tq__number_read(tq__span_behind(one, 2), &number) == 0 &&
            tq__number_scale(&number, 3, &weight, &exact) == 0)
            return weight;
    }
    return 1000;
}

/* Does the client ask for OpenMetrics at least as much as for any other text? */
static bool wants_openmetrics(const char *accept)
{
    struct tq__span rest = accept ? tq__span_of(accept) : (struct tq__span){NULL, 0};
    int64_t openmetrics = 0, text = 0;

    while (rest.len > 0) {
        struct tq__span parameters = tq__span_cut(&rest, ','),
                        kind = tq__span_trim(tq__span_cut(&parameters, ';'));
        int64_t weight = weight_of(parameters);

        if (tq__span_matches(kind, "application/openmetrics-text"))
            openmetrics = weight > openmetrics ? weight : openmetrics;
        else if (tq__span_matches(kind, "text/plain"))
            text = weight > text ? weight : text;
    }
    return openmetrics > 0 && openmetrics >= text;
}

int metrics_get(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct ledger_standings all = {.ledger = server->ledger, .at_ns = request->now_ns};
    struct exposition text = {.openmetrics = wants_openmetrics(http_header(request, "Accept"))};
    struct metrics_sum others;
    int code;

    metrics_prepare(&all, &others);
    code = ledger_standings_make(&all);
    if (code == 0) {
        metrics_put(&text, &all, &others);
        metrics_put_sync(&text, server->options.ledger, tq_ledger_shared_until(server->ledger),
                         request->now_ns);
        counts_put(&text);
        code = exposition_end(&text);
    }
    ledger_standings_free(&all);
    if (code < 0) {
        free(text.text);
        return code;
    }
    http_field(answer, "Vary", "Accept");
    return http_text(answer, text.openmetrics ? EXPOSITION_OPENMETRICS : EXPOSITION_PROMETHEUS, text.text,
                     text.len);
}
