/* early_says.c: a ledger in a file as its callers see it at given instants, for test_early.py.
 *
 * SPDX-License-Identifier: MIT
 *
 *     open PATH                             another ledger
 *     pool NAME POOL
 *     route NOW FLAGS NAME...               yes I, probe I, or no I: I is the place of the name, from 0
 *     state NOW FLAGS NAME                  0, or when it is available again; -1: nobody knows
 *     apply NAME NOW SENT REFUSAL FLAGS RETRY BINDS AXIS...
 *         AXIS: WHAT,KNOWN,FLAGS,PPM,MINUTES,RESET,WINDOW
 *     mark NAME NOW
 *     failed NAME NOW
 *     reserve NAME MINUTES SHARE            in 1/10,000
 *     overage NAME NUMBER
 *
 * One question a line, one answer a line: "ok" where nothing is asked, "error CODE". Instants are seconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "tokenquota.h"

#define NAMES_MAX 8

static struct tq_ledger *ledger;

/* The next word of the line that was begun with strtok; "" behind the last. */
static const char *word(void)
{
    const char *found = strtok(NULL, " \n");

    return found ? found : "";
}

static int64_t number(void)
{
    return strtoll(word(), NULL, 10);
}

static int64_t instant_ns(void)
{
    return number() * TQ__SECOND_NS;
}

static struct tq_provider *provider(const char *name)
{
    struct tq_provider *made = NULL;

    if (tq_ledger_provider(ledger, name, strlen(name), 0, &made) != 0)
        exit(3);
    return made;
}

static int open_path(void)
{
    tq_ledger_close(ledger);
    ledger = NULL;
    return tq_ledger_open(&ledger, word(), NULL, NULL);
}

static int route(void)
{
    static const char *const said[] = {"yes", "no", "probe"};
    struct tq_provider *providers[NAMES_MAX];
    struct tq_route to = {.size = sizeof(to)};
    int64_t now_ns = instant_ns();
    uint32_t flags = (uint32_t)number();
    size_t count = 0;
    int answer;

    for (const char *name = word(); *name && count < NAMES_MAX; name = word())
        providers[count++] = provider(name);
    answer = tq_ledger_route(ledger, providers, count, now_ns, flags, &to);
    if (answer >= 0)
        printf("%s %d\n", said[answer == 0 && to.probe ? 2 : answer], (int)to.chosen);
    return answer;
}

static int state(void)
{
    struct tq_verdict verdict = {.size = sizeof(verdict)};
    int64_t now_ns = instant_ns();
    int answer;

    verdict.flags = (uint32_t)number();
    answer = tq_provider_verdict(provider(word()), now_ns, &verdict);
    if (answer >= 0)
        printf("%" PRId64 "\n", answer == 0                        ? 0
                                : verdict.retry_at_ns == INT64_MAX ? -1
                                                                   : verdict.retry_at_ns / TQ__SECOND_NS);
    return answer;
}

static void read_axis(const char *text, struct tq_axis *axis, char *window_name)
{
    int64_t minutes = 0, reset = 0;

    if (sscanf(text, "%" SCNu32 ",%" SCNu32 ",%" SCNu32 ",%" SCNu32 ",%" SCNd64 ",%" SCNd64 ",%23s",
               &axis->what, &axis->known, &axis->flags, &axis->used_ppm, &minutes, &reset, window_name) < 6)
        exit(3);
    axis->window_ns = minutes * TQ__MINUTE_NS;
    axis->reset_at_ns = reset * TQ__SECOND_NS;
}

static int apply(void)
{
    struct tq_provider *to = provider(word());
    struct tq_quota_signal signal = {.size = sizeof(signal)};

    signal.said_at_ns = instant_ns();
    signal.sent_at_ns = instant_ns();
    signal.refusal = (uint32_t)number();
    signal.flags = (uint32_t)number();
    signal.retry_at_ns = instant_ns();
    signal.binds = (int32_t)number();
    signal.source = signal.retry_at_ns ? TQ_SOURCE_HEADER : TQ_SOURCE_NONE;
    for (const char *text = word(); *text && signal.axis_count < TQ_AXES_MAX; text = word()) {
        read_axis(text, &signal.axis[signal.axis_count], signal.window_name[signal.axis_count]);
        signal.axis_count++;
    }
    return tq_provider_apply(to, &signal);
}

static int reserve(void)
{
    struct tq_provider *of = provider(word());
    struct tq_limit limit = {.size = sizeof(limit), .unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED};

    limit.length_ns = number() * TQ__MINUTE_NS;
    limit.reserve_share = (uint32_t)number();
    limit.known = TQ_LIMIT_RESERVE;
    return tq_provider_set_limit(of, &limit, NULL);
}

static int set_pool(void)
{
    struct tq_provider *of = provider(word());

    return tq_provider_set_pool(of, provider(word()));
}

static int mark(void)
{
    struct tq_provider *of = provider(word());

    return tq_provider_mark_available_at(of, instant_ns());
}

static int failed(void)
{
    struct tq_provider *of = provider(word());

    return tq_provider_probe_failure(of, instant_ns());
}

static int overage(void)
{
    struct tq_provider *of = provider(word());

    return tq_provider_set_overage(of, (uint32_t)number());
}

/* Those that print their answer come first. */
static const struct {
    const char *name;
    int (*ask)(void);
} questions[] = {
    {"route", route}, {"state", state},   {"open", open_path},  {"pool", set_pool},   {"apply", apply},
    {"mark", mark},   {"failed", failed}, {"reserve", reserve}, {"overage", overage},
};
#define PRINT_THEMSELVES 2

static void answer_line(char *line)
{
    const char *name = strtok(line, " \n");

    for (size_t i = 0; name && i < sizeof(questions) / sizeof(questions[0]); i++) {
        int answer;

        if (strcmp(name, questions[i].name) != 0)
            continue;
        answer = questions[i].ask();
        if (answer < 0)
            printf("error %d\n", answer);
        else if (i >= PRINT_THEMSELVES)
            puts("ok");
        return;
    }
    exit(3);
}

int main(void)
{
    static char line[8192];

    while (fgets(line, sizeof(line), stdin)) {
        answer_line(line);
        fflush(stdout);
    }
    tq_ledger_close(ledger);
    return 0;
}
