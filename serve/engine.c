/* engine.c: the loops: each waits for its daemons and its deadlines, and runs those that have something to
 * do.
 *
 * SPDX-License-Identifier: MIT
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "view/steady.h"

#define EVENTS 64
#define HEADER_LOOK_NS (TQ__SECOND_NS / 10)
#define WAKE_DATA LISTENERS        /* of the eventfd, where a daemon has its number */
#define EXTRA_DATA (LISTENERS + 1) /* of the descriptor of engine_run */

/* ---- a loop ---------------------------------------------------------------------------------- */

static bool add(int epoll, int fd, uint64_t data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool loop_begin(struct loop *loop, struct engine *engine)
{
    loop->engine = engine;
    loop->now_ns = steady_ns();
    for (size_t i = 0; i < PHASES; i++)
        TAILQ_INIT(&loop->phases[i]);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll < 0 || loop->wake < 0 || !add(loop->epoll, loop->wake, WAKE_DATA))
        return false;
    for (size_t i = 0; i < engine->listeners.count; i++) {
        const union MHD_DaemonInfo *info;

        loop->daemons[i] = connection_listen(loop, &engine->listeners.items[i]);
        if (!loop->daemons[i])
            return false;
        loop->daemon_count++;
        info = mhd.get_daemon_info(loop->daemons[i], MHD_DAEMON_INFO_EPOLL_FD);
        if (!info || !add(loop->epoll, info->epoll_fd, i))
            return false;
    }
    return true;
}

/* Does a daemon have something to do though no descriptor says so? */
static bool is_due(struct MHD_Daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG ms;

    return mhd.get_timeout(daemon, &ms) == MHD_YES && ms == 0;
}

/* How long to wait, in milliseconds for epoll_wait. */
static int timeout_of(const struct loop *loop, int64_t next_ns, const bool due[LISTENERS])
{
    int64_t left_ns = next_ns - loop->now_ns;

    for (size_t i = 0; i < loop->daemon_count; i++)
        if (due[i])
            return 0;
    if (next_ns == INT64_MAX)
        return -1;
    left_ns = left_ns < 0 ? 0 : left_ns > 60 * TQ__SECOND_NS ? 60 * TQ__SECOND_NS : left_ns;
    return (int)((left_ns + 999999) / 1000000);
}

/* Waits at most until next_ns, and does what is to be done. True when the descriptor of engine_run can be
 * read. */
static bool loop_turn(struct loop *loop, int64_t next_ns)
{
    struct epoll_event events[EVENTS];
    int64_t deadline_ns = connection_sweep(loop);
    bool due[LISTENERS] = {false}, is_extra = false, has_header = !TAILQ_EMPTY(&loop->phases[PHASE_HEADER]);
    uint64_t wakes;
    int count;

    for (size_t i = 0; i < loop->daemon_count; i++)
        due[i] = loop->runs_again || is_due(loop->daemons[i]);
    /* A header that finds no room ends its connection, but only when the daemon next runs. */
    if (has_header && next_ns > loop->now_ns + HEADER_LOOK_NS)
        next_ns = loop->now_ns + HEADER_LOOK_NS;
    count = epoll_wait(loop->epoll, events, EVENTS,
                       timeout_of(loop, deadline_ns < next_ns ? deadline_ns : next_ns, due));
    loop->now_ns = steady_ns();
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 < LISTENERS)
            due[events[i].data.u64] = true;
        else if (events[i].data.u64 == EXTRA_DATA)
            is_extra = true;
        else if (read(loop->wake, &wakes, sizeof wakes) > 0)
            connection_resume_all(loop);
    }
    for (size_t i = 0; i < loop->daemon_count; i++)
        due[i] = due[i] || loop->runs_again || has_header;
    loop->runs_again = false;
    for (size_t i = 0; i < loop->daemon_count; i++)
        if (due[i])
            (void)mhd.run(loop->daemons[i]);
    return is_extra;
}

static bool is_quiet(const struct loop *loop)
{
    for (size_t i = 0; i < PHASES; i++)
        if (!TAILQ_EMPTY(&loop->phases[i]))
            return false;
    return true;
}

/* Who has connected is served; the next ones find the socket closed, or systemd keeps them. Between two
 * requests there is nothing to lose. A stream sees that the daemon ends. */
static void loop_end(struct loop *loop)
{
    int64_t begin_ns = steady_ns();

    for (size_t i = 0; i < loop->daemon_count; i++) {
        (void)mhd.run(loop->daemons[i]);
        close(mhd.quiesce_daemon(loop->daemons[i]));
    }
    while (!is_quiet(loop) && loop->now_ns < begin_ns + STOP_NS) {
        connection_drop_all(loop, PHASE_IDLE);
        if (loop->now_ns > begin_ns + TQ__SECOND_NS)
            connection_drop_all(loop, PHASE_HEADER);
        connection_resume_all(loop);
        (void)loop_turn(loop, loop->now_ns + TQ__SECOND_NS / 20);
    }
    connection_resume_all(loop);
    for (size_t i = 0; i < loop->daemon_count; i++)
        mhd.stop_daemon(loop->daemons[i]);
    loop->daemon_count = 0;
    if (loop->kept.response)
        mhd.destroy_response(loop->kept.response);
    loop->kept.response = NULL;
}

static void *loop_run(void *context)
{
    struct loop *loop = context;

    while (!atomic_load(&loop->engine->stopping))
        (void)loop_turn(loop, INT64_MAX);
    loop_end(loop);
    return NULL;
}

/* ---- the engine ------------------------------------------------------------------------------ */

/* As many connections as descriptors allow, but those that the daemon needs for itself. */
static void set_limits(struct engine *engine)
{
    const struct serve_options *options = &engine->server->options;
    struct rlimit limit = {0};
    size_t most = CONNECTIONS_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < most + DESCRIPTORS_KEPT)
            most = limit.rlim_cur > DESCRIPTORS_KEPT * 2 ? limit.rlim_cur - DESCRIPTORS_KEPT
                                                         : DESCRIPTORS_KEPT / 2;
    }
    engine->connections_max =
        options->connections_max && options->connections_max < most ? options->connections_max : most;
    engine->length_ns[PHASE_IDLE] = IDLE_NS;
    engine->length_ns[PHASE_HEADER] = HEADER_NS;
    engine->length_ns[PHASE_BODY] = BODY_NS;
    engine->length_ns[PHASE_ANSWER] = ANSWER_NS;
    engine->length_ns[PHASE_WAIT] = WAIT_NS;
    for (size_t i = 0; i < PHASES && options->patience_ns > 0; i++)
        engine->length_ns[i] = options->patience_ns;
}

int engine_start(struct engine *engine)
{
    const struct server *server = engine->server;
    size_t count = server->options.threads > 0 ? server->options.threads : 1;

    set_limits(engine);
    engine->loops = calloc(count, sizeof *engine->loops);
    if (!engine->loops)
        return TQ_ENOMEM;
    engine->loop_count = count;
    for (size_t i = 0; i < count; i++)
        if (!loop_begin(&engine->loops[i], engine)) {
            serve_say(server, "libmicrohttpd cannot listen: %s", strerror(errno));
            return TQ_ESYS;
        }
    for (size_t i = 1; i < count; i++)
        if (serve_thread(&engine->loops[i].thread, loop_run, &engine->loops[i]) != 0) {
            engine->loops[i].thread = 0;
            serve_say(server, "cannot start a thread; give a smaller number to --threads");
            return TQ_ESYS;
        }
    return 0;
}

void engine_run(struct engine *engine, int fd, int64_t interval_ns, bool (*on_ready)(void *context),
                void *context)
{
    struct loop *loop = &engine->loops[0];
    int64_t next_ns = interval_ns > 0 ? loop->now_ns + interval_ns : INT64_MAX;
    bool goes_on = add(loop->epoll, fd, EXTRA_DATA);

    while (goes_on) {
        if (loop_turn(loop, next_ns) || loop->now_ns >= next_ns) {
            goes_on = on_ready(context);
            next_ns = interval_ns > 0 ? loop->now_ns + interval_ns : INT64_MAX;
        }
    }
    (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* A loop that has not begun has no descriptor yet. */
void http_wake(struct server *server)
{
    struct engine *engine = server->engine;
    uint64_t one = 1;

    for (size_t i = 0; engine && i < engine->loop_count; i++)
        if (engine->loops[i].wake > 0)
            (void)!write(engine->loops[i].wake, &one, sizeof one);
}

void engine_stop(struct engine *engine)
{
    atomic_store(&engine->stopping, true);
    http_wake(engine->server);
    for (size_t i = 0; i < engine->loop_count; i++) {
        if (engine->loops[i].thread)
            (void)pthread_join(engine->loops[i].thread, NULL);
        else
            loop_end(&engine->loops[i]);
    }
}

void engine_free(struct engine *engine)
{
    for (size_t i = 0; i < engine->loop_count; i++) {
        if (engine->loops[i].epoll > 0)
            close(engine->loops[i].epoll);
        if (engine->loops[i].wake > 0)
            close(engine->loops[i].wake);
    }
    free(engine->loops);
    engine->loops = NULL;
    engine->loop_count = 0;
}
