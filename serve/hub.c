/* hub.c: waits for changes of providers' states and keeps the newest ones for all clients.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "http.h"
#include "serve.h"
#include "view/json.h"
#include "view/steady.h"

#define SLICE_NS (TQ__SECOND_NS / 10)     /* one wait: for so long nobody can open the ledger anew */
#define NAP_NS (TQ__SECOND_NS / 100)      /* between two waits */
#define USAGE_NS (TQ__SECOND_NS / 2)      /* between two words of usage: a page shows them within a second */
#define LAST_LOOK_NS (60 * TQ__SECOND_NS) /* a process may die before it wakes those who wait */
#define REOPEN_NS TQ__SECOND_NS
#define LOOK_SHARE 20 /* of the time, one is spent on looks at most */
#define USAGE_NAMES 32

/* ---- the ring -------------------------------------------------------------------------------- */

/* Gives up the oldest event. */
static void drop_first(struct hub *hub)
{
    size_t at = hub->first++ % HUB_EVENTS;

    hub->bytes -= hub->ring[at].len;
    free(hub->ring[at].text);
    hub->ring[at].text = NULL;
}

/* Adds an event. The data is given away; NULL, or no memory: clients are told to ask anew, by the hole. */
static void add_event(struct hub *hub, const char *event, json_t *data)
{
    char *line = data ? json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL, *text = NULL;
    int len = -1;

    pthread_mutex_lock(&hub->lock);
    if (line)
        len = asprintf(&text, "id: %s-%llu\nevent: %s\ndata: %s\n\n", hub->instance,
                       (unsigned long long)hub->next, event, line);
    if (len < 0) { /* nobody can go on behind what was lost */
        while (hub->first < hub->next)
            drop_first(hub);
        hub->first = ++hub->next;
    } else {
        if (hub->next - hub->first == HUB_EVENTS)
            drop_first(hub);
        hub->ring[hub->next % HUB_EVENTS].text = text;
        hub->ring[hub->next++ % HUB_EVENTS].len = (size_t)len;
        hub->bytes += (size_t)len;
        while (hub->bytes > HUB_BYTES && hub->next - hub->first > 1)
            drop_first(hub);
    }
    pthread_mutex_unlock(&hub->lock);
    free(line);
    json_decref(data);
}

char *hub_greeting(const struct hub *hub, uint64_t next, bool missed)
{
    char *text;
    int len = asprintf(&text, "retry: 2000\nid: %s-%llu\n%s\n", hub->instance, (unsigned long long)(next - 1),
                       missed ? "event: resync\ndata: {}\n" : "");

    return len < 0 ? NULL : text;
}

/* ---- usage ----------------------------------------------------------------------------------- */

/* A print of what a look at the numbers would show. */
static uint64_t print_of(const struct tq_verdict *verdict)
{
    const int64_t numbers[] = {
        verdict->state,      verdict->used,         verdict->budget,        verdict->limit,
        verdict->limit_used, verdict->limit_amount, verdict->limit_reserve, verdict->retry_at_ns,
        verdict->said_at_ns, verdict->care,         verdict->rule,          verdict->attempt,
    };
    uint64_t print = 1;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        print = (print ^ (uint64_t)numbers[i]) * UINT64_C(0x9e3779b97f4a7c15) + (print >> 29);
    return print;
}

static bool make_prints(struct hub *hub)
{
    size_t capacity = hub->watching.capacity;
    uint64_t *prints;

    if (capacity <= hub->print_capacity)
        return true;
    prints = realloc(hub->prints, capacity * sizeof *prints);
    if (!prints)
        return false;
    memset(prints + hub->print_capacity, 0, (capacity - hub->print_capacity) * sizeof *prints);
    hub->prints = prints;
    hub->print_capacity = capacity;
    return true;
}

/* One look at all that are watched. */
struct look {
    int64_t now_ns;
    bool transitions; /* there were some */
    bool usage;       /* counts are compared, too */
    json_t *names;    /* whose counts changed */
    size_t changed;   /* how many; when they are more than USAGE_NAMES, names has not all */
};

/* Says whose counts changed; when they are many, or nobody knows, only that some did. */
static void say_usage(struct hub *hub, const struct look *look)
{
    bool list = hub->printed && look->changed <= USAGE_NAMES;
    json_t *data =
        json_pack("{s:o, s:O*}", "at", instant_json(look->now_ns), "providers", list ? look->names : NULL);
    char line[HUB_USAGE_BYTES - 64];
    size_t len = data ? json_dumpb(data, line, sizeof line, JSON_COMPACT) : 0;

    if (len >= sizeof line) { /* names may be long */
        json_object_del(data, "providers");
        len = json_dumpb(data, line, sizeof line, JSON_COMPACT);
    }
    json_decref(data);
    if (len == 0 || len >= sizeof line)
        return;
    line[len] = '\0';
    pthread_mutex_lock(&hub->lock);
    snprintf(hub->usage, sizeof hub->usage, "event: usage\ndata: %s\n\n", line);
    hub->usage_number++;
    pthread_mutex_unlock(&hub->lock);
}

/* ---- looks ----------------------------------------------------------------------------------- */

static int look_at(struct hub *hub, size_t i, struct look *look)
{
    struct watched *item = &hub->watching.items[i];
    struct tq_verdict verdict;
    int answer = watched_look(&hub->watching, i, look->now_ns, &verdict);
    uint64_t print;

    if (answer < 0)
        return answer;
    if (answer == 1) {
        add_event(hub, "state", json_known(document_json(transition_json(item, &verdict))));
        item->seen = stand_of(&verdict);
        look->transitions = true;
    }
    if (!look->usage || (print = print_of(&verdict)) == hub->prints[i])
        return 0;
    hub->prints[i] = print;
    if (look->changed++ < USAGE_NAMES)
        json_array_append_new(look->names, json_string(item->name));
    return 0;
}

static bool has_clients(struct hub *hub)
{
    bool any;

    pthread_mutex_lock(&hub->lock);
    any = hub->clients > 0;
    pthread_mutex_unlock(&hub->lock);
    return any;
}

/* 0, or negative from the library. */
static int look(struct hub *hub, struct tq_ledger *ledger)
{
    int64_t begun_at_ns = steady_ns(), cost_ns;
    bool due = has_clients(hub) && begun_at_ns - hub->usage_at_ns >= USAGE_NS;
    int answer = watching_update(&hub->watching, ledger);
    struct look all = {.now_ns = tq_now_ns(), .usage = due && make_prints(hub), .names = json_array()};

    for (size_t i = 0; i < hub->watching.count && answer >= 0; i++)
        answer = look_at(hub, i, &all);
    hub->watching.begun |= answer >= 0;
    if (all.usage && answer >= 0) {
        if (all.changed > 0)
            say_usage(hub, &all);
        hub->printed = true;
        hub->usage_at_ns = begun_at_ns;
    }
    if (all.transitions || all.changed > 0)
        http_wake(hub->server);
    json_decref(all.names);
    hub->pending = false;
    hub->looked_at_ns = steady_ns();
    cost_ns = (hub->looked_at_ns - begun_at_ns) * LOOK_SHARE;
    hub->look_at_ns = hub->looked_at_ns + (cost_ns < TQ__SECOND_NS ? cost_ns : TQ__SECOND_NS);
    return answer < 0 ? answer : 0;
}

/* Another ledger was opened in the place of the one that was watched. */
static int follow(struct hub *hub, struct tq_ledger *ledger)
{
    int answer = watching_rebind(&hub->watching, ledger);

    if (answer < 0)
        return answer;
    if (hub->watching.begun)
        add_event(hub, "resync", json_object());
    hub->opened = hub->server->opened;
    hub->seen = 0;
    return 0;
}

int hub_begin(struct hub *hub)
{
    struct server *server = hub->server;
    int answer = 0;

    pthread_mutex_lock(&hub->looking);
    if (!hub->watching.begun) {
        hub->opened = server->opened;
        answer = look(hub, server->ledger);
        if (answer < 0) /* the next try may be on another ledger */
            watching_free(&hub->watching);
        pthread_mutex_lock(&hub->lock);
        hub->wanted = true;
        pthread_cond_signal(&hub->tell);
        pthread_mutex_unlock(&hub->lock);
    }
    pthread_mutex_unlock(&hub->looking);
    return answer;
}

/* Waits a moment for a change, and looks when there was one. 0, or negative from the library. */
static int step(struct hub *hub, struct tq_ledger *ledger)
{
    bool clients = has_clients(hub);
    int64_t now_ns;
    int answer = 0;

    pthread_mutex_lock(&hub->looking);
    if (hub->opened != hub->server->opened)
        answer = follow(hub, ledger);
    pthread_mutex_unlock(&hub->looking);
    if (answer == 0)
        answer = tq_ledger_wait(ledger, &hub->seen, SLICE_NS);
    if (answer < 0)
        return answer;
    now_ns = steady_ns();
    pthread_mutex_lock(&hub->looking);
    hub->pending |= answer == 0;
    answer = 0;
    if (hub->watching.begun && now_ns >= hub->look_at_ns &&
        (hub->pending || now_ns - hub->looked_at_ns >= (clients ? USAGE_NS : LAST_LOOK_NS)))
        answer = look(hub, ledger);
    pthread_mutex_unlock(&hub->looking);
    return answer;
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Waits so long, or until it is stopped: true. */
static bool is_stopped(struct hub *hub, int64_t ns)
{
    struct timespec until;
    int64_t at_ns = steady_ns() + ns;
    bool stopped;
    int result = 0;

    until.tv_sec = (time_t)(at_ns / TQ__SECOND_NS);
    until.tv_nsec = (long)(at_ns % TQ__SECOND_NS);
    pthread_mutex_lock(&hub->lock);
    while (!hub->stopped && result == 0)
        result = pthread_cond_timedwait(&hub->tell, &hub->lock, &until);
    stopped = hub->stopped;
    pthread_mutex_unlock(&hub->lock);
    return stopped;
}

/* Waits for the first client. False: it is stopped. */
static bool is_wanted(struct hub *hub)
{
    bool stopped;

    pthread_mutex_lock(&hub->lock);
    while (!hub->wanted && !hub->stopped)
        pthread_cond_wait(&hub->tell, &hub->lock);
    stopped = hub->stopped;
    pthread_mutex_unlock(&hub->lock);
    return !stopped;
}

/* The naps let in who opens the ledger anew. */
static void *run(void *context)
{
    struct hub *hub = context;
    struct server *server = hub->server;

    if (!is_wanted(hub))
        return NULL;
    while (!is_stopped(hub, NAP_NS)) {
        uint64_t opened;
        int answer;

        pthread_rwlock_rdlock(&server->ledger_lock);
        opened = server->opened;
        answer = server->ledger ? step(hub, server->ledger) : TQ_EGONE;
        pthread_rwlock_unlock(&server->ledger_lock);
        if (answer == TQ_EGONE)
            answer = serve_reopen(server, opened);
        if (answer < 0 && is_stopped(hub, REOPEN_NS))
            break;
    }
    return NULL;
}

static void hub_free(struct hub *hub)
{
    while (hub->first < hub->next)
        drop_first(hub);
    watching_free(&hub->watching);
    free(hub->prints);
    pthread_mutex_destroy(&hub->lock);
    pthread_mutex_destroy(&hub->looking);
    pthread_cond_destroy(&hub->tell);
    free(hub);
}

struct hub *hub_start(struct server *server)
{
    struct hub *hub = calloc(1, sizeof *hub);
    pthread_condattr_t attributes;
    uint64_t chance = 0;

    if (!hub)
        return NULL;
    hub->server = server;
    hub->first = hub->next = 1;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        chance = (uint64_t)tq_now_ns();
    snprintf(hub->instance, sizeof hub->instance, "%016llx", (unsigned long long)chance);
    pthread_mutex_init(&hub->lock, NULL);
    pthread_mutex_init(&hub->looking, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&hub->tell, &attributes);
    pthread_condattr_destroy(&attributes);
    if (serve_thread(&hub->thread, run, hub) == 0)
        return hub;
    hub_free(hub);
    return NULL;
}

void hub_stop(struct hub *hub)
{
    if (!hub)
        return;
    pthread_mutex_lock(&hub->lock);
    hub->stopped = true;
    pthread_cond_signal(&hub->tell);
    pthread_mutex_unlock(&hub->lock);
    pthread_join(hub->thread, NULL);
    hub_free(hub);
}
