/* worker.c: several processes share the work of some providers, by one ledger in a file.
 *
 *     worker LEDGER WORKERS CALLS PROVIDER...
 *
 * Each process opens the ledger for itself. Before a call it asks which provider may be called, the best
 * first, and stays with the one that served it last, whose prompt cache is warm; afterwards it says what the
 * call used, or what the vendor refused. What one process says, all know at once. vendor_answers is where a
 * program of yours calls its vendor; tq_signal_read (tokenquota_signals.h) makes the signal from the vendor's
 * response.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <tokenquota.h>
#include <unistd.h>

#define PROVIDERS_MAX 8
#define TOKENS_A_CALL 1000
#define SECOND_NS 1000000000

struct worker {
    const char *path;
    char **names;
    size_t count;
    struct tq_ledger *ledger;
    struct tq_provider *providers[PROVIDERS_MAX];
    uint32_t seen; /* for tq_ledger_wait */
    uint32_t last; /* the provider that served this process last + 1 */
};

/* Also after TQ_EGONE: somebody put another file in the place of the ledger, and handles are of the old
 * one. */
static int open_ledger(struct worker *worker)
{
    struct tq_error error = {.size = sizeof error};
    int answer;

    tq_ledger_close(worker->ledger);
    worker->seen = 0;
    answer = tq_ledger_open(&worker->ledger, worker->path, NULL, &error);
    if (answer < 0)
        fprintf(stderr, "worker: %s\n", error.msg);
    for (size_t i = 0; i < worker->count && answer == 0; i++)
        answer = tq_ledger_provider(worker->ledger, worker->names[i], strlen(worker->names[i]), 0,
                                    &worker->providers[i]);
    return answer;
}

/* Stands for the call. The first provider serves five calls of each process, then its quota is used up. */
static int vendor_answers(size_t provider, struct tq_quota_signal *refusal)
{
    static int calls;

    if (provider != 0 || calls++ < 5)
        return 1;
    *refusal = (struct tq_quota_signal){
        .size = sizeof *refusal,
        .refusal = TQ_CLASS_EXHAUSTED,
        .binds = -1,
        .said_at_ns = tq_now_ns(),
        .retry_at_ns = tq_now_ns() + 3600 * (int64_t)SECOND_NS,
    };
    return 0;
}

/* 0: served and counted. 1: not served, so it is worth trying again. Negative: an error. */
static int call_once(struct worker *worker)
{
    struct tq_route route = {.size = sizeof route, .policy = TQ_POLICY_STICKY, .last = worker->last};
    struct tq_quota_signal refusal;
    int64_t sent_at_ns = tq_now_ns();
    int answer = tq_ledger_route(worker->ledger, worker->providers, worker->count, sent_at_ns, 0, &route);
    struct tq_provider *provider = worker->providers[route.chosen];

    if (answer < 0)
        return answer;
    if (answer == 1) { /* all are out: until the first is back, or the state of one changes */
        int64_t left_ns = route.retry_at_ns - sent_at_ns;

        answer = tq_ledger_wait(worker->ledger, &worker->seen, left_ns < SECOND_NS ? left_ns : SECOND_NS);
        return answer < 0 ? answer : 1;
    }
    if (!vendor_answers(route.chosen, &refusal)) {
        answer = tq_provider_apply(provider, &refusal);
        return answer < 0 ? answer : 1;
    }
    worker->last = (uint32_t)route.chosen + 1;
    answer = tq_provider_observe(provider, TOKENS_A_CALL, tq_now_ns(), NULL);
    if (answer >= 0) /* whoever is served is no longer refused */
        answer = tq_provider_success(provider, sent_at_ns);
    return answer < 0 ? answer : 0;
}

static int work(struct worker *worker, long calls)
{
    int answer = open_ledger(worker);

    while (calls > 0 && answer >= 0) {
        answer = call_once(worker);
        if (answer == 0)
            calls--;
        else if (answer == TQ_EGONE)
            answer = open_ledger(worker);
    }
    if (answer < 0)
        fprintf(stderr, "worker: %s\n", tq_strerror(answer));
    tq_ledger_close(worker->ledger);
    return answer < 0 ? 2 : 0;
}

static int tell(struct worker *worker)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    char sentence[512];

    if (open_ledger(worker) < 0)
        return 2;
    for (size_t i = 0; i < worker->count; i++)
        if (tq_provider_verdict(worker->providers[i], tq_now_ns(), &verdict) >= 0 &&
            tq_verdict_explain(&verdict, sentence, sizeof sentence) >= 0)
            printf("%s: %lld tokens used; %s\n", worker->names[i], (long long)verdict.used, sentence);
    tq_ledger_close(worker->ledger);
    return 0;
}

int main(int argc, char **argv)
{
    struct worker worker = {.path = argv[1], .names = argv + 4, .count = argc > 4 ? (size_t)argc - 4 : 0};
    int status, result = 0;

    if (worker.count < 1 || worker.count > PROVIDERS_MAX) {
        fprintf(stderr, "worker: LEDGER, WORKERS, CALLS and 1 to %d PROVIDERS, please\n", PROVIDERS_MAX);
        return 2;
    }
    for (long i = atol(argv[2]); i > 0; i--) {
        pid_t child = fork();

        if (child == 0)
            _exit(work(&worker, atol(argv[3])));
        result |= child < 0 ? 2 : 0;
    }
    while (wait(&status) > 0)
        result |= WIFEXITED(status) ? WEXITSTATUS(status) : 2;
    return result ? result : tell(&worker);
}
