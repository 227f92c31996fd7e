/* measure.c: rounds, medians, ratios, and the table.
 *
 * SPDX-License-Identifier: MIT
 *
 * The machines this runs on are shared, and their clocks drift: a bare atomic add is timed in every round,
 * and the ratio is taken round by round before the median is.
 */
#include "measure.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS_MAX 64
#define SHORT_ROUNDS 40 /* of measure_least, for each round of the others */

static struct row rows[ROWS_MAX];
static int row_count;

static _Atomic uint64_t bare_word;
static volatile int64_t sink;

double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int round_count(void)
{
    const char *wanted = getenv("TQ_BENCH_ROUNDS");
    int count = wanted ? atoi(wanted) : ROUNDS;

    return count < 1 || count > ROUNDS ? ROUNDS : count;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static int64_t bare_loop(void *context, int64_t n)
{
    _Atomic uint64_t *word = context;

    for (int64_t i = 0; i < n; i++)
        atomic_fetch_add_explicit(word, 3, memory_order_relaxed);
    return n;
}

static double time_loop(bench_loop *loop, void *context, int64_t n)
{
    double start = now_seconds();

    sink += loop(context, n);
    return (now_seconds() - start) * 1e9 / (double)n;
}

double bare_add_ns(void)
{
    return time_loop(bare_loop, &bare_word, 2000000);
}

struct side {
    pthread_barrier_t *start;
    bench_loop *loop;
    void *context;
    int64_t n;
};

static void *run_side(void *argument)
{
    struct side *side = argument;

    pthread_barrier_wait(side->start);
    sink += side->loop(side->context, side->n);
    return NULL;
}

/* Wall time a call of either of two threads that run the loop at once. */
static double time_two_threads(bench_loop *loop, void *context, int64_t n)
{
    pthread_barrier_t start;
    pthread_t other;
    struct side side = {&start, loop, context, n};
    double from;

    pthread_barrier_init(&start, NULL, 2);
    if (pthread_create(&other, NULL, run_side, &side) != 0)
        abort();
    pthread_barrier_wait(&start);
    from = now_seconds();
    sink += loop(context, n);
    pthread_join(other, NULL);
    from = (now_seconds() - from) * 1e9 / (double)n;
    pthread_barrier_destroy(&start);
    return from;
}

typedef double timer(bench_loop *loop, void *context, int64_t n);

static struct row rounds(const char *name, timer *time, bench_loop *loop, void *context, int64_t n,
                         double at_most, double aim)
{
    double value[ROUNDS], ratio[ROUNDS];
    int count = round_count();
    struct row row = {.name = name, .unit = "ns", .at_most = at_most, .aim = aim};

    time(loop, context, n / 4); /* warm */
    for (int i = 0; i < count; i++) {
        double before = time(bare_loop, &bare_word, 1000000);

        value[i] = time(loop, context, n);
        ratio[i] = value[i] / ((before + time(bare_loop, &bare_word, 1000000)) / 2);
    }
    row.ratio = median(ratio, count);
    row.value = median(value, count);
    row.least = value[0];
    row.most = value[count - 1];
    return row;
}

struct row measure(const char *name, bench_loop *loop, void *context, int64_t n, double at_most, double aim)
{
    return rounds(name, time_loop, loop, context, n, at_most, aim);
}

struct row measure_beside(const char *name, bench_loop *loop, void *context, const char *of,
                          bench_loop *other, void *other_context, int64_t n, double at_most)
{
    double value[ROUNDS], ratio[ROUNDS];
    int count = round_count();
    struct row row = {.name = name, .unit = "ns", .of = of, .at_most = at_most, .aim = at_most};

    time_loop(loop, context, n / 4); /* warm */
    time_loop(other, other_context, n / 4);
    for (int i = 0; i < count; i++) {
        double before = time_loop(other, other_context, n / 2);

        value[i] = time_loop(loop, context, n);
        ratio[i] = value[i] / ((before + time_loop(other, other_context, n / 2)) / 2);
    }
    row.ratio = median(ratio, count);
    row.value = median(value, count);
    row.least = value[0];
    row.most = value[count - 1];
    return row;
}

struct row measure_least(const char *name, bench_loop *loop, void *context, const struct beside *to,
                         int64_t n, double at_most, double aim)
{
    static const struct beside bare = {NULL, bare_loop, &bare_word};
    double value[ROUNDS * SHORT_ROUNDS], other[ROUNDS * SHORT_ROUNDS];
    int count = round_count() * SHORT_ROUNDS;
    struct row row = {.name = name, .unit = "ns", .of = to ? to->of : NULL, .at_most = at_most, .aim = aim};

    if (!to)
        to = &bare;
    time_loop(loop, context, n); /* warm */
    for (int i = 0; i < count; i++) {
        other[i] = time_loop(to->loop, to->context, n);
        value[i] = time_loop(loop, context, n);
    }
    median(other, count);
    row.most = median(value, count);
    row.value = row.least = value[0];
    row.ratio = value[0] / other[0];
    return row;
}

struct row measure_two_threads(const char *name, bench_loop *loop, void *context, int64_t n, double at_most,
                               double aim)
{
    return rounds(name, time_two_threads, loop, context, n, at_most, aim);
}

static double resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%*s %ld", &pages) != 1)
        exit(2);
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

double resident_growth(void (*fill)(const void *context), const void *context)
{
    double bytes = 0, before;
    int channel[2];
    pid_t child;

    if (pipe(channel) != 0 || (child = fork()) < 0)
        exit(2);
    if (child == 0) {
        before = resident_bytes();
        fill(context);
        bytes = resident_bytes() - before;
        _exit(write(channel[1], &bytes, sizeof bytes) == sizeof bytes ? 0 : 2);
    }
    if (read(channel[0], &bytes, sizeof bytes) != sizeof bytes)
        exit(2);
    close(channel[0]);
    close(channel[1]);
    waitpid(child, NULL, 0);
    return bytes;
}

struct row row_of_bytes(const char *name, double bytes, double at_most)
{
    return (struct row){.name = name,
                        .unit = "B",
                        .value = bytes,
                        .least = bytes,
                        .most = bytes,
                        .at_most = at_most,
                        .aim = at_most};
}

static const char *verdict(const struct row *row)
{
    double figure = row->ratio > 0 ? row->ratio : row->value;

    if (row->at_most == 0)
        return "";
    if (row->at_least)
        return figure >= row->aim ? "aim" : figure >= row->at_most ? "kept" : "MISSED";
    return figure <= row->aim ? "aim" : figure <= row->at_most ? "kept" : "MISSED";
}

void row_add(struct row row)
{
    if (row_count == ROWS_MAX) {
        fputs("too many rows\n", stderr);
        exit(2);
    }
    rows[row_count++] = row;
    fprintf(stderr, "\r%d rows measured", row_count);
}

static void limit_text(char *text, size_t size, const struct row *row, double limit)
{
    if (limit == 0)
        text[0] = '\0';
    else
        snprintf(text, size, "%s%.4g%s", row->at_least ? ">= " : "", limit, row->ratio > 0 ? " x" : "");
}

void print_rows(FILE *out, int markdown)
{
    const char *head =
        markdown ? "| %s | %s | %s | %s | %s | %s | %s |\n" : "%-46s %12s %17s %14s %12s %9s  %s\n";
    const char *line = markdown ? "| %s | %.4g %s | %.4g .. %.4g | %s | %s | %s | %s |\n"
                                : "%-46s %8.4g %-3s %7.4g ..%8.4g %14s %12s %9s  %s\n";
    char ratio[32], at_most[32], aim[32];
    int missed = 0;

    fprintf(out, head, "operation", "median", "range", "ratio", "at most", "aim", "");
    if (markdown)
        fputs("|---|---|---|---|---|---|---|\n", out);
    for (int i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];

        ratio[0] = '\0';
        if (row->ratio > 0)
            snprintf(ratio, sizeof ratio, "%.2f x%s%s", row->ratio, row->of ? " " : "",
                     row->of ? row->of : "");
        limit_text(at_most, sizeof at_most, row, row->at_most);
        limit_text(aim, sizeof aim, row, row->aim);
        fprintf(out, line, row->name, row->value, row->unit, row->least, row->most, ratio, at_most, aim,
                verdict(row));
        missed += verdict(row)[0] == 'M';
    }
    fprintf(out, "\n%d of %d rows outside \"at most\"\n", missed, row_count);
}

int report_rows(const char *title, const char *words, const char *path)
{
    FILE *results;

    fputs("\r                    \r", stderr);
    printf("\n%s\n\n", title);
    print_rows(stdout, 0);
    if (!path)
        return 0;
    results = fopen(path, "a");
    if (!results) {
        perror(path);
        return 2;
    }
    fprintf(results, "\n## %s\n\n%s", title, words);
    print_rows(results, 1);
    return fclose(results) == 0 ? 0 : 2;
}
