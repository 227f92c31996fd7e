/* json_value.c: JSON's numbers and texts as the readers of headers know them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "json_value.h"

#define EPOCH_MIN_S 1000000000

struct tq__span tq__json_text(const json_t *value)
{
    if (!json_is_string(value))
        return (struct tq__span){NULL, 0};
    return (struct tq__span){json_string_value(value), json_string_length(value)};
}

int tq__json_scaled(const json_t *value, int digits, int64_t *number)
{
    int64_t scale = 1, whole;
    double real;

    if (json_is_string(value))
        return tq__value_scaled(tq__json_text(value), digits, number);
    if (!json_is_number(value))
        return TQ__NO_FORM;
    real = json_number_value(value);
    if (real < 0)
        return TQ__NOT_SAID;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    if (!(real * (double)scale < 9e18)) {
        *number = INT64_MAX;
        return 0;
    }
    /* Whole and part apart: nanoseconds of our time have more digits than a double. */
    whole = (int64_t)real;
    *number = whole * scale + (int64_t)((real - (double)whole) * (double)scale + 0.5);
    return 0;
}

int tq__json_epoch(const json_t *value, int64_t *at_ns)
{
    int answer = tq__json_scaled(value, 9, at_ns);

    return answer == 0 && *at_ns < EPOCH_MIN_S * TQ__SECOND_NS ? TQ__NO_FORM : answer;
}
