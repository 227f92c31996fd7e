/* measure.h: time a loop, as often as it takes, beside a bare atomic add of the same minute.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>

#define ROUNDS 9 /* each row: at most this many rounds, the median counts */

/* How many rounds: ROUNDS, or fewer where TQ_BENCH_ROUNDS says so: `make bench BASE=COMMIT` runs programs
 * often. */
int round_count(void);

/* One loop of `n` calls; returns something that depends on every answer, so that no call is left out. */
typedef int64_t bench_loop(void *context, int64_t n);

struct row {
    const char *name;
    double value, least, most; /* median and range over the rounds, in `unit` */
    const char *unit;
    const char *of;      /* what the ratio is to; NULL: a bare atomic add */
    double ratio;        /* median of value / bare add, round by round; 0: not compared */
    double at_most, aim; /* of the ratio, or of the value when it is not compared; 0: none */
    int at_least;        /* the limits are lower ones */
};

/* Nanoseconds of one uncontended atomic add. */
double bare_add_ns(void);

/* Nanoseconds a call of `loop`, each round beside a bare add. */
struct row measure(const char *name, bench_loop *loop, void *context, int64_t n, double at_most, double aim);

/* The same beside another loop instead of a bare add: ratio is to that one. */
struct row measure_beside(const char *name, bench_loop *loop, void *context, const char *of,
                          bench_loop *other, void *other_context, int64_t n, double at_most);

/* The same for two threads, each running the loop at once, beside two threads on one bare atomic. */
struct row measure_two_threads(const char *name, bench_loop *loop, void *context, int64_t n, double at_most,
                               double aim);

/* What a row is compared with. */
struct beside {
    const char *of;
    bench_loop *loop;
    void *context;
};

/* The least of many short rounds, each beside another loop (NULL: a bare add): the ratio is of the least of
 * both, and `most` is the median. On a machine that others use, too, nearly every long round is disturbed. */
struct row measure_least(const char *name, bench_loop *loop, void *context, const struct beside *to,
                         int64_t n, double at_most, double aim);

/* How many resident bytes `fill` adds, in a process of its own, so that no freed memory is counted. */
double resident_growth(void (*fill)(const void *context), const void *context);

/* A row of a number of bytes that was counted, not timed. */
struct row row_of_bytes(const char *name, double bytes, double at_most);

/* The median of `count` values; sorts them. */
double median(double *values, int count);

double now_seconds(void);

/* Adds a row to the table of this program. */
void row_add(struct row row);

/* Prints the table and a line on the rows outside their limits; for a terminal, or as Markdown. */
void print_rows(FILE *out, int markdown);

/* Ends a program: prints the table under its title, and adds it to the Markdown at path (NULL: nowhere) under
 * a heading and words of its own. The exit status: 0, or 2 when that could not be written. */
int report_rows(const char *title, const char *words, const char *path);

#endif
