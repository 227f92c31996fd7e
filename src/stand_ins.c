/* stand_ins.c: calls of the header that are not written yet, so that what calls them links.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"

int tq_provider_warn_take(struct tq_provider *provider, uint32_t number, uint32_t percent, int64_t now_ns)
{
    return !provider || !number || !percent || now_ns < 0 ? TQ_EINVAL : 1;
}

int tq_provider_set_overage(struct tq_provider *provider, uint32_t overage)
{
    return !provider || overage > TQ_OVERAGE_STOP ? TQ_EINVAL : 0;
}

int tq_provider_overage(const struct tq_provider *provider)
{
    return provider ? TQ_OVERAGE_ALLOW : TQ_EINVAL;
}

uint64_t tq_provider_account(const struct tq_provider *provider)
{
    (void)provider;
    return 0;
}

int tq_provider_mark_available_at(struct tq_provider *provider, int64_t now_ns)
{
    return now_ns < 0 ? TQ_ERANGE : tq_provider_mark_available(provider);
}
