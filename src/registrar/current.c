/* What counts now, for those on other threads. */
#include "registrar_private.h"

const struct keyring *registrar_keyring(struct registrar *r)
{
    const struct keyring *k;

    pthread_mutex_lock(&r->lock);
    k = r->keyring;
    pthread_mutex_unlock(&r->lock);
    return k;
}

const struct policy_set *registrar_policies(struct registrar *r)
{
    const struct policy_set *set;

    pthread_mutex_lock(&r->lock);
    set = r->policies_now;
    pthread_mutex_unlock(&r->lock);
    return set;
}
