/* no_places.h: takes the variables out of the environment that say where tools keep their logs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_NO_PLACES_H
#define TQ_NO_PLACES_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static inline bool names_a_place(const char *variable)
{
    const char *equals = strchr(variable, '=');
    size_t len = equals ? (size_t)(equals - variable) : 0;

    return (len > 4 && memcmp(equals - 4, "_DIR", 4) == 0) ||
           (len > 5 && memcmp(equals - 5, "_HOME", 5) == 0);
}

/* All whose names end in _DIR or _HOME: those of every tool. */
static inline void forget_places(void)
{
    for (char **variable = environ; *variable;) {
        char name[128] = "";

        if (!names_a_place(*variable) || strcspn(*variable, "=") >= sizeof(name)) {
            variable++;
            continue;
        }
        memcpy(name, *variable, strcspn(*variable, "="));
        unsetenv(name);
        variable = environ;
    }
}

#endif
