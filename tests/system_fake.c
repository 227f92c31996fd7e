/* system_fake.c: the system's answers, replaced by those of a test.
 *
 * SPDX-License-Identifier: MIT
 */
#define tq__system_is_local real_is_local
#define tq__system_now_ns real_now_ns
#define tq__system_boot_id real_boot_id
#define tq__system_allocate real_allocate
#include "system.c"
#undef tq__system_is_local
#undef tq__system_now_ns
#undef tq__system_boot_id
#undef tq__system_allocate

#include "system_fake.h"

struct fake_system fake_system;

bool tq__system_is_local(int fd, const char **name);
int64_t tq__system_now_ns(void);
void tq__system_boot_id(uint8_t boot_id[16]);
int tq__system_allocate(int fd, uint64_t at, uint64_t bytes);

bool tq__system_is_local(int fd, const char **name)
{
    if (!fake_system.file_system)
        return real_is_local(fd, name);
    *name = fake_system.file_system;
    return false;
}

int64_t tq__system_now_ns(void)
{
    int64_t now_ns = fake_system.now_ns;

    if (now_ns == 0)
        return real_now_ns();
    fake_system.now_ns += fake_system.step_ns;
    return now_ns;
}

void tq__system_boot_id(uint8_t boot_id[16])
{
    static const uint8_t unsaid[16];

    if (memcmp(fake_system.boot_id, unsaid, sizeof unsaid) == 0)
        real_boot_id(boot_id);
    else
        memcpy(boot_id, fake_system.boot_id, sizeof fake_system.boot_id);
}

int tq__system_allocate(int fd, uint64_t at, uint64_t bytes)
{
    fake_system.allocations++;
    if (fake_system.fail_from != 0 && fake_system.allocations >= fake_system.fail_from)
        return fake_system.fail_with;
    return real_allocate(fd, at, bytes);
}

void fake_boot(void)
{
    static uint8_t boots;

    memset(fake_system.boot_id, 0xb0, sizeof fake_system.boot_id);
    fake_system.boot_id[15] = ++boots;
}
