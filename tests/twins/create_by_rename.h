/* create_by_rename.h: a broken twin of file.c: a new ledger gets its name by rename.
 *
 * SPDX-License-Identifier: MIT
 *
 * Put before file.c by -include. Of two that create at once the second takes the first
 * one's name away, and what the first counts is on a file that nobody finds. The test of racing creators must
 * fail with it.
 */
#ifndef TWIN_CREATE_BY_RENAME_H
#define TWIN_CREATE_BY_RENAME_H

#include <stdio.h>
#include <unistd.h>

#include "pause.h"

#define link(from, to) (twin_pause(), rename(from, to))

#endif
