/* Notices: a version is published once and never changes. */
#include "registrar_private.h"

#include <string.h>

static int publish(struct registrar *r, const struct policy *policy,
                   const struct policy_language *language, struct error *err)
{
    struct buf former = { 0 };
    json_t *leaf;
    int found = notice_get(r->store, policy->id, policy->notice_version,
                           language->tag, &former, err);
    bool same = found > 0 && former.len == language->notice_len &&
                memcmp(former.p, language->notice, former.len) == 0;

    buf_free(&former);
    if (found < 0)
        return -1;
    if (found > 0 && !same) {
        error_set(err, ERR_CONFIG,
                  "%s: version %s of this notice was published with other "
                  "words",
                  language->notice_path, policy->notice_version);
        return error_hint(err, "give the new text a new version");
    }
    if (found > 0)
        return 0;
    if (notice_add(r->store, policy->id, policy->notice_version, language->tag,
                   language->notice, language->notice_len, r->now, err) != 0)
        return -1;
    leaf = leaf_new(r, "notice_published", NULL, policy->id);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "notice_version", policy->notice_version);
    leaf_hash(leaf, "notice_sha256", language->notice_sha256, SHA256_LEN);
    leaf_text(leaf, "language", language->tag);
    return leaf_append(r, leaf, NULL, err);
}

int publish_notices(struct registrar *r, struct error *err)
{
    for (size_t i = 0; i < r->policies->n; i++) {
        const struct policy *policy = r->policies->policies[i];

        for (size_t l = 0; l < policy->nlanguages; l++)
            if (publish(r, policy, &policy->languages[l], err) != 0)
                return -1;
    }
    return 0;
}
