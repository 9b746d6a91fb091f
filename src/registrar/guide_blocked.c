/* What is said of documents that are blocked: that nobody opens them, that
 * their case lacks them, and how to go on. */
#include "consent_private.h"
#include "guide_private.h"
#include "talk_private.h"

#include <string.h>

/* Does one of these stand for an item that the case lacks now? */
static bool is_lacking(const struct policy *policy, const struct case_row *of,
                       const struct procedure_look *look,
                       char items[][STORE_NAME_SIZE], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int item = item_find(policy, of, items[i]);

        if (item >= 0 && !look->has[item])
            return true;
    }
    return false;
}

/* 1, 0, -1. */
static int is_said(struct registrar *r, const struct policy *policy,
                   const struct case_row *of, const struct procedure_look *look,
                   struct error *err)
{
    char items[2 * LIMIT_ITEMS][STORE_NAME_SIZE];
    size_t n;

    if (strcmp(of->state, "open") != 0)
        return 0;
    if (case_blocked_items(r->store, of, items, 2 * LIMIT_ITEMS, &n, err) != 0)
        return -1;
    return look->guide.procedure < 0 ? n > 0
                                     : is_lacking(policy, of, look, items, n);
}

int guide_add_blocked(struct registrar *r, const struct policy *policy,
                      const struct policy_language *l,
                      const struct case_row *of,
                      const struct procedure_look *look, struct buf *out,
                      struct error *err)
{
    int said =
        l->chat[CHAT_BLOCKED] == NULL ? 0 : is_said(r, policy, of, look, err);

    if (said <= 0)
        return said;
    return guide_add(out, "\n", l->chat[CHAT_BLOCKED], NULL) == 0
               ? 0
               : error_set(err, ERR_NOMEM, "no memory for a message");
}

struct lost {
    struct registrar *r;
    const struct deciding *d;
    struct buf *out;
    struct error *err;
};

/* A case that lacks what is blocked, as far as it fits. */
static int add_one(void *arg, const struct case_row *of)
{
    struct lost *l = arg;
    const struct policy *policy = l->d->policy;
    const struct policy_language *language = language_of(l->r, l->d);
    const size_t before = l->out->len;
    struct procedure_look look;
    int said;

    if (strcmp(of->policy, policy->id) != 0 || of->procedure[0] == '\0')
        return 0;
    if (procedure_look(l->r, policy, of, &look, l->err) != 0 ||
        (said = is_said(l->r, policy, of, &look, l->err)) < 0)
        return -1;
    if (said == 0)
        return 0;
    if (guide_add_case(l->out, policy, language, of, &look) != 0)
        return error_set(l->err, ERR_NOMEM, "no memory for a message");
    if (guide_add_blocked(l->r, policy, language, of, &look, l->out, l->err) !=
        0)
        return -1;
    if (!guide_fits(l->out))
        guide_cut(l->out, before);
    return 0;
}

int guide_add_lost(struct registrar *r, const struct deciding *d,
                   struct buf *out, struct error *err)
{
    struct lost l = { r, d, out, err };
    int64_t n =
        person_blocked_count(r->store, d->subject->id, d->policy->id, err);

    if (n <= 0)
        return n < 0 ? -1 : 0;
    return case_of_person(r->store, d->subject->id, add_one, &l, err);
}

int guide_add_data_blocked(struct registrar *r, const struct deciding *d,
                           struct buf *out, struct error *err)
{
    const char *sentence = language_of(r, d)->chat[CHAT_DATA_BLOCKED];
    const size_t before = out->len;
    int64_t n =
        person_blocked_count(r->store, d->subject->id, d->policy->id, err);
    char count[24];

    if (n <= 0 || sentence == NULL)
        return n < 0 ? -1 : 0;
    (void)snprintf(count, sizeof(count), "%lld", (long long)n);
    if (guide_add_one(out, "\n\n", sentence, "blocked", count) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a message");
    if (utf8_count((const char *)out->p) > LIMIT_INTERACTIVE_BODY)
        guide_cut(out, before);
    return 0;
}
