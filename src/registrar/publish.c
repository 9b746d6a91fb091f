/* Notices: a version is published once and never changes. */
#include "leaf_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

#include <string.h>

static int changed(const struct policy *policy, const char *path,
                   const char *what, struct error *err)
{
    (void)error_set(err, ERR_CONFIG,
                    "%s: version %s of this notice was published with other %s",
                    path, policy->notice_version, what);
    return error_hint(err, "give the new text a new version");
}

static int publish_words(struct registrar *r, const struct policy *policy,
                         const struct policy_language *language,
                         const char *terms, struct error *err)
{
    const struct notice_row row = {
        .policy = policy->id,
        .version = policy->notice_version,
        .language = language->tag,
        .bytes = language->notice,
        .len = language->notice_len,
        .terms = terms,
        .published = r->now,
    };
    json_t *leaf, *evidence;

    if (notice_add(r->store, &row, err) != 0)
        return -1;
    leaf = leaf_new(r, "notice_published", NULL, policy->id);
    evidence = policy_terms(policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "notice_version", policy->notice_version);
    leaf_hash(leaf, "notice_sha256", language->notice_sha256, SHA256_LEN);
    leaf_text(leaf, "language", language->tag);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

static int publish(struct registrar *r, const struct policy *policy,
                   const struct policy_language *language, const char *terms,
                   struct error *err)
{
    struct buf former = { 0 };
    int found = notice_get(r->store, policy->id, policy->notice_version,
                           language->tag, &former, err);
    bool same = found > 0 && former.len == language->notice_len &&
                memcmp(former.p, language->notice, former.len) == 0;

    buf_free(&former);
    if (found < 0)
        return -1;
    if (found > 0 && !same)
        return changed(policy, language->notice_path, "words", err);
    return found > 0 ? 0 : publish_words(r, policy, language, terms, err);
}

/* A version fixes what rests on what, too. One that a later one changed
 * substantially does not come back: a yes to it would be none. */
static int check_version(struct registrar *r, const struct policy *policy,
                         const char *terms, bool *new, struct error *err)
{
    const char *path = policy->languages[0].notice_path;
    struct buf former = { 0 };
    int found = notice_terms(r->store, policy->id, policy->notice_version,
                             &former, err);
    bool same = found > 0 && former.len == strlen(terms) &&
                memcmp(former.p, terms, former.len) == 0;

    buf_free(&former);
    *new = found == 0;
    if (found < 0)
        return -1;
    if (found > 0 && !same)
        return changed(policy, path, "bases, validity or changes", err);
    found = notice_superseded(r->store, policy->id, policy->notice_version,
                              NULL, err);
    if (found <= 0)
        return found;
    (void)error_set(err, ERR_CONFIG,
                    "%s: a later notice changed what version %s says", path,
                    policy->notice_version);
    return error_hint(err, "give the words a new version");
}

/* From here on a yes to a former notice opens nothing of what this one
 * changed. */
static int supersede(struct registrar *r, const struct policy *policy,
                     struct error *err)
{
    for (size_t i = 0; i < policy->npurposes; i++)
        if (policy->purposes[i].substantial &&
            notice_supersede(r->store, policy->id, policy->notice_version,
                             policy->purposes[i].id, err) != 0)
            return -1;
    return 0;
}

/* So that who was asked can be shown what, when the words are others. */
static int keep_questions(struct registrar *r, const struct policy *policy,
                          const struct policy_language *language,
                          struct error *err)
{
    for (size_t i = 0; i < policy->npurposes * PROMPT__MAX; i++) {
        const struct policy_prompt *prompt =
            &language->prompts[i / PROMPT__MAX][i % PROMPT__MAX];

        if (prompt->interactive != NULL &&
            question_add(r->store, prompt->sha256, prompt->interactive, err) !=
                0)
            return -1;
    }
    return 0;
}

static int publish_policy(struct registrar *r, const struct policy *policy,
                          struct error *err)
{
    struct buf terms = { 0 };
    json_t *object = policy_terms(policy);
    bool new;
    int ok = -1;

    if (object == NULL || json_canonical(object, &terms) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a notice");
    else
        ok = check_version(r, policy, (const char *)terms.p, &new, err);
    for (size_t l = 0; ok == 0 && l < policy->nlanguages; l++)
        if ((ok = publish(r, policy, &policy->languages[l],
                          (const char *)terms.p, err)) == 0)
            ok = keep_questions(r, policy, &policy->languages[l], err);
    if (ok == 0 && new)
        ok = supersede(r, policy, err);
    json_decref(object);
    buf_free(&terms);
    return ok;
}

int publish_notices(struct registrar *r, struct error *err)
{
    int any;

    for (size_t i = 0; i < r->policies->n; i++)
        if (publish_policy(r, r->policies->policies[i], err) != 0)
            return -1;
    if ((any = notice_any_superseded(r->store, err)) < 0)
        return -1;
    r->superseded = any > 0;
    return 0;
}
