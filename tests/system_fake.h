/* system_fake.h: src/system.h replaced: what the system answers is what a test says.
 *
 * SPDX-License-Identifier: MIT
 *
 * A program that links system_fake.c gets these answers; as long as it says nothing, they are the real
 * ones. */
#ifndef TEST_SYSTEM_FAKE_H
#define TEST_SYSTEM_FAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/system.h"

struct fake_system {
    struct tq__file_system file_system; /* its type not 0: what files are on */
    int64_t born_ns;                    /* not 0: when every file was made */
    bool birth_unknown;                 /* no file says when it was made */
    bool boot_unknown;                  /* the machine does not say in which boot it is */
    uint8_t boot_id[16];                /* not all zeros: the boot that the machine is in */
    int64_t now_ns;  /* not 0: what the clock says that people set; lengths of time stay real */
    int64_t step_ns; /* by which it steps each time it is read */
    const _Atomic int64_t
        *shared_ns;      /* not NULL: a clock that several processes read, each with now_ns more */
    int64_t allocations; /* allocations asked for so far */
    int64_t fail_from;   /* those from this one on, counted from 1, fail; 0: none does */
    int fail_with;       /* with this answer */
};

extern struct fake_system fake_system;

/* The machine is started anew: another boot id than any before. */
void fake_boot(void);

#endif
