/* activation.h: what systemd hands to a service and is told by it, by the documented environment and
 * datagram.
 *
 * SPDX-License-Identifier: MIT
 *
 * See sd_listen_fds(3) and sd_notify(3), which say what a program without libsystemd does.
 */
#ifndef TOKENQUOTA_SERVE_ACTIVATION_H
#define TOKENQUOTA_SERVE_ACTIVATION_H

#include <stdint.h>

#define ACTIVATION_FIRST 3

/* How many sockets were handed to this process, from ACTIVATION_FIRST on; removes what said so from the
 * environment, so that no child takes them for its own. */
int activation_take(void);

/* Takes the address of the service manager out of the environment; nothing is told without one. */
void notify_begin(void);

/* Tells the service manager; "READY=1\nSTATUS=...". Does nothing without one. */
__attribute__((format(printf, 1, 2))) void notify_tell(const char *format, ...);

/* RELOADING=1 and the instant of it, which is measured by a clock that nobody sets. */
void notify_reloading(void);

/* How often WATCHDOG=1 is due, half of what the manager waits; 0: never. */
int64_t notify_watchdog_ns(void);

#endif
