/* system_fake.c: the system's answers, replaced by those of a test.
 *
 * SPDX-License-Identifier: MIT
 */
#define tq__system_file_system real_file_system
#define tq__system_identity real_identity
#define tq__system_now_ns real_now_ns
#define tq__system_boot_id real_boot_id
#define tq__system_allocate real_allocate
#include "src/system.c"
#undef tq__system_file_system
#undef tq__system_identity
#undef tq__system_now_ns
#undef tq__system_boot_id
#undef tq__system_allocate

#include "system_fake.h"

struct fake_system fake_system;

struct tq__file_system tq__system_file_system(int fd);
struct tq__identity tq__system_identity(int fd);
int64_t tq__system_now_ns(void);
void tq__system_boot_id(uint8_t boot_id[16]);
int tq__system_allocate(int fd, uint64_t at, uint64_t bytes);

struct tq__file_system tq__system_file_system(int fd)
{
    return fake_system.file_system.type ? fake_system.file_system : real_file_system(fd);
}

struct tq__identity tq__system_identity(int fd)
{
    struct tq__identity identity = real_identity(fd);

    if (fake_system.born_ns != 0)
        identity.born_ns = fake_system.born_ns;
    if (fake_system.birth_unknown)
        identity.born_ns = 0;
    return identity;
}

int64_t tq__system_now_ns(void)
{
    int64_t now_ns = fake_system.now_ns;

    if (fake_system.shared_ns)
        return atomic_load(fake_system.shared_ns) + now_ns;
    if (now_ns == 0)
        return real_now_ns();
    fake_system.now_ns += fake_system.step_ns;
    return now_ns;
}

void tq__system_boot_id(uint8_t boot_id[16])
{
    static const uint8_t unsaid[16];

    if (fake_system.boot_unknown)
        memset(boot_id, 0, sizeof fake_system.boot_id);
    else if (memcmp(fake_system.boot_id, unsaid, sizeof unsaid) == 0)
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
