/* router.c: a small router: says which account each call goes to, and keeps a conversation on its account.
 *
 *     router LEDGER ACCOUNT... <calls
 *
 * A line of input is a conversation's number, from 0 to 99, and how many tokens the call needs at most. The
 * answer is the name of an account, or "none: " and the one that has room first. A conversation stays where
 * its prompt is cached, until the quota of another account is in 1.5 times more danger of lapsing. The ledger
 * knows nothing of conversations: the router brings the last choice of each. Any number of routers may share
 * a ledger.
 */
#include <stdio.h>
#include <string.h>
#include <tokenquota.h>

#define ACCOUNTS_MAX 16
#define CONVERSATIONS 100

struct router {
    struct tq_ledger *ledger;
    struct tq_provider *accounts[ACCOUNTS_MAX];
    size_t count;
    uint32_t last[CONVERSATIONS]; /* the index of its account + 1; 0: it has none yet */
};

static int open_router(struct router *router, char **names, const char *path)
{
    struct tq_error error = {.size = sizeof error};
    int answer = tq_ledger_open(&router->ledger, path, NULL, &error);

    if (answer < 0)
        fprintf(stderr, "router: %s\n", error.msg);
    for (size_t i = 0; i < router->count && answer == 0; i++)
        answer = tq_ledger_provider(router->ledger, names[i], strlen(names[i]), 0, &router->accounts[i]);
    return answer;
}

/* Chooses for a call, and counts it; a router of yours sends it on in between. */
static int route(struct router *router, unsigned conversation, int64_t tokens)
{
    struct tq_route route = {.size = sizeof route,
                             .policy = TQ_POLICY_STICKY_PRESSURE,
                             .last = router->last[conversation],
                             .need = tokens};
    int64_t now_ns = tq_now_ns();
    int answer = tq_ledger_route(router->ledger, router->accounts, router->count, now_ns, 0, &route);

    if (answer < 0)
        return answer;
    printf("%s%s\n", answer == 0 ? "" : "none: ", tq_provider_name(router->accounts[route.chosen]));
    if (answer == 1)
        return 0;
    if (!route.probe) /* the answer to a probe is not known yet */
        router->last[conversation] = (uint32_t)route.chosen + 1;
    return tq_provider_observe(router->accounts[route.chosen], tokens, now_ns, NULL);
}

int main(int argc, char **argv)
{
    struct router router = {.count = argc > 2 ? (size_t)argc - 2 : 0};
    unsigned conversation;
    long long tokens;
    int answer;

    if (router.count < 1 || router.count > ACCOUNTS_MAX) {
        fprintf(stderr, "router: LEDGER and 1 to %d ACCOUNTs, please\n", ACCOUNTS_MAX);
        return 2;
    }
    answer = open_router(&router, argv + 2, argv[1]);
    while (answer >= 0 && scanf("%u %lld", &conversation, &tokens) == 2)
        answer = conversation < CONVERSATIONS ? route(&router, conversation, tokens) : TQ_EINVAL;
    if (answer < 0)
        fprintf(stderr, "router: %s\n", tq_strerror(answer));
    tq_ledger_close(router.ledger);
    return answer < 0 ? 2 : 0;
}
