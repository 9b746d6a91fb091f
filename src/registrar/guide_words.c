/* A case in words: whose it is, what of it is there, what is missing, and how
 * it is done well. */
#include "case_private.h"
#include "consent_private.h"
#include "guide_private.h"
#include "mail_private.h"

#include <string.h>

int guide_add(struct buf *out, const char *gap, const char *text,
              const char *const *pairs)
{
    static const char *const none[] = { NULL };

    if (out->len > 0 && buf_adds(out, gap) != 0)
        return -1;
    return policy_fill(out, text, pairs != NULL ? pairs : none);
}

int guide_add_one(struct buf *out, const char *gap, const char *text,
                  const char *key, const char *value)
{
    const char *const pairs[] = { key, value, NULL };

    return guide_add(out, gap, text, pairs);
}

bool guide_fits(const struct buf *text)
{
    return text->p == NULL ||
           utf8_count((const char *)text->p) <= LIMIT_TEXT_BODY;
}

void guide_cut(struct buf *text, size_t len)
{
    text->len = len;
    if (text->p != NULL)
        text->p[len] = '\0';
}

static bool is_one(const struct policy_item *item,
                   const struct procedure_look *look, size_t i,
                   enum guide_items which)
{
    bool here = item->channel == CHANNEL_IN_CHAT;

    if (which == ITEMS_THERE)
        return look->has[i];
    return item->required && !look->has[i] &&
           (here && !look->refused[i]) == (which == ITEMS_LACK_HERE);
}

int guide_add_titles(struct buf *out, const struct policy *policy,
                     const struct policy_language *l,
                     const struct procedure_look *look, enum guide_items which,
                     enum chat_text sentence)
{
    const int at = look->guide.procedure;
    const struct policy_procedure *p = &policy->procedures[at];
    struct buf titles = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < p->nitems; i++)
        if (is_one(&p->items[i], look, i, which))
            ok = guide_add(&titles, ", ",
                           l->procedures[at].items[i][ITEM_TITLE], NULL);
    if (ok == 0 && titles.len > 0)
        ok = guide_add_one(out, "\n", l->chat[sentence], "items",
                           (const char *)titles.p);
    buf_free(&titles);
    return ok;
}

int guide_add_link(struct buf *out, const struct policy *policy,
                   const struct policy_language *l, const struct case_row *of,
                   const struct procedure_look *look)
{
    const int at = policy_procedure(policy, of->procedure);
    const struct policy_procedure *p = &policy->procedures[at];
    const char *const known[] = { "case", of->id, "procedure", p->id, NULL };
    struct buf titles = { 0 }, link = { 0 };
    int ok = policy_fill(&link, policy->secure_link, known);

    for (size_t i = 0; ok == 0 && i < p->nitems; i++)
        if (p->items[i].channel == CHANNEL_SECURE_LINK &&
            (look == NULL ||
             is_one(&p->items[i], look, i, ITEMS_LACK_ELSEWHERE)))
            ok = guide_add(&titles, ", ",
                           l->procedures[at].items[i][ITEM_TITLE], NULL);
    if (ok == 0 && titles.len > 0 && link.len > 0) {
        const char *const pairs[] = { "items", (const char *)titles.p, "link",
                                      (const char *)link.p, NULL };

        ok = guide_add(out, "\n", l->chat[CHAT_LINK], pairs);
    }
    buf_free(&titles);
    buf_free(&link);
    return ok;
}

int guide_add_progress(struct buf *out, const struct policy *policy,
                       const struct policy_language *l,
                       const struct case_row *of,
                       const struct procedure_look *look)
{
    if (guide_add_titles(out, policy, l, look, ITEMS_THERE, CHAT_HAVE) != 0 ||
        guide_add_titles(out, policy, l, look, ITEMS_LACK_HERE, CHAT_MISSING) !=
            0)
        return -1;
    if (look->here)
        return guide_add_titles(out, policy, l, look, ITEMS_LACK_ELSEWHERE,
                                CHAT_REST) != 0
                   ? -1
                   : guide_add_link(out, policy, l, of, look);
    return l->chat[CHAT_ALSO] == NULL
               ? 0
               : guide_add_titles(out, policy, l, look, ITEMS_LACK_ELSEWHERE,
                                  CHAT_ALSO);
}

int guide_add_help(struct buf *out, const struct policy *policy,
                   const struct policy_language *l,
                   const struct procedure_look *look)
{
    const int at = look->guide.procedure;
    const struct policy_procedure *p = &policy->procedures[at];

    for (size_t i = 0; i < p->nitems; i++) {
        char *const *texts = l->procedures[at].items[i];

        if (!is_one(&p->items[i], look, i, ITEMS_LACK_HERE))
            continue;
        if (texts[ITEM_HELP] == NULL)
            return 0;
        return guide_add(out, "\n\n", texts[ITEM_TITLE], NULL) != 0 ||
                       guide_add(out, ": ", texts[ITEM_HELP], NULL) != 0
                   ? -1
                   : 0;
    }
    return 0;
}

int guide_add_held(struct buf *out, const struct policy_language *l,
                   int64_t held)
{
    char n[24];

    if (held == 0 || l->chat[CHAT_HELD] == NULL)
        return 0;
    (void)snprintf(n, sizeof(n), "%lld", (long long)held);
    return guide_add_one(out, "\n\n", l->chat[CHAT_HELD], "files", n);
}

int guide_add_whose(struct buf *out, const char *gap,
                    const struct policy_language *l, const struct case_row *of)
{
    const char *row = l->persons[PERSONS_ROW];

    if (!of->represented || row == NULL)
        return 0;
    return guide_add(out, gap, row, NULL) != 0 ? -1 : buf_adds(out, ".");
}

int guide_add_theirs(struct buf *out, const char *gap,
                     const struct policy_language *l, const struct case_row *of)
{
    const char *text = l->persons[PERSONS_THEIRS];

    return of->represented && text != NULL ? guide_add(out, gap, text, NULL)
                                           : 0;
}

int guide_add_case(struct buf *out, const struct policy *policy,
                   const struct policy_language *l, const struct case_row *of,
                   const struct procedure_look *look)
{
    bool done = strcmp(of->state, "complete") == 0;
    char n[24];

    (void)snprintf(n, sizeof(n), "%lld", (long long)of->documents);
    if (look->guide.procedure < 0) {
        const char *const pairs[] = { "case", of->id, "documents", n, NULL };
        return guide_add(out, "\n\n", l->chat[CHAT_CASE_PLAIN], pairs);
    } else {
        const char *const pairs[] = {
            "case", of->id, "procedure",
            l->procedures[look->guide.procedure].own[PROCEDURE_TITLE], NULL
        };
        if (guide_add(out, "\n\n", l->chat[done ? CHAT_DONE : CHAT_CASE],
                      pairs) != 0 ||
            guide_add_whose(out, " ", l, of) != 0)
            return -1;
    }
    return done ? 0 : guide_add_progress(out, policy, l, of, look);
}

int guide_say(struct registrar *r, const struct deciding *d, struct buf *text,
              int composed, struct error *err)
{
    int ok = composed != 0 || text->len == 0
                 ? error_set(err, ERR_NOMEM, "no memory for a message")
                 : mail_say(r, d->policy, d->subject->id, d->item->number,
                            "say", (const char *)text->p, err);

    buf_free(text);
    return ok;
}
