/* What people ask about procedures, answered: what one needs, how far theirs
 * are, what is missing, what we have of them. Lists to pick from: menu.c. */
#include "case_private.h"
#include "consent_private.h"
#include "guide_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

#include <string.h>

/* Cases that a status speaks of: the newest; more than that nobody reads. */
#define CASES_SAID 5

static int no_memory(struct error *err)
{
    return error_set(err, ERR_NOMEM, "no memory for a message");
}

/* ---- what a procedure needs --------------------------------------------- */

static int add_needed(struct buf *out, const struct policy *policy,
                      const struct policy_language *l, int procedure, bool here)
{
    const struct policy_procedure *p = &policy->procedures[procedure];
    bool first = true;

    for (size_t i = 0; i < p->nitems; i++) {
        char *const *texts = l->procedures[procedure].items[i];

        if ((p->items[i].channel == CHANNEL_IN_CHAT) != here)
            continue;
        if (first &&
            guide_add(out, "\n\n", l->chat[here ? CHAT_NEEDED : CHAT_ELSEWHERE],
                      NULL) != 0)
            return -1;
        first = false;
        if (guide_add(out, "\n• ", texts[ITEM_TITLE], NULL) != 0 ||
            (!p->items[i].required &&
             (guide_add(out, " (", l->chat[CHAT_OPTIONAL], NULL) != 0 ||
              buf_adds(out, ")") != 0)) ||
            guide_add(out, ": ", texts[ITEM_WHY], NULL) != 0)
            return -1;
    }
    return 0;
}

int guide_say_needed(struct registrar *r, const struct deciding *d,
                     const struct case_row *of, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    int procedure = policy_procedure(d->policy, of->procedure);
    char *const *own = l->procedures[procedure].own;
    struct procedure_look look;
    struct buf text = { 0 };
    size_t before;
    int ok;

    if (procedure_look(r, d->policy, of, &look, err) != 0)
        return -1;
    ok = guide_add(
        &text, "",
        own[own[PROCEDURE_INTRO] != NULL ? PROCEDURE_INTRO : PROCEDURE_TITLE],
        NULL);
    if (ok == 0)
        ok = add_needed(&text, d->policy, l, procedure, true);
    if (ok == 0)
        ok = add_needed(&text, d->policy, l, procedure, false);
    if (ok == 0)
        ok = guide_add_link(&text, d->policy, l, of, NULL);
    if (ok == 0)
        ok = guide_add_theirs(&text, "\n\n", l, of);
    if (ok == 0)
        ok = guide_add(&text, "\n\n", l->chat[CHAT_SEND], NULL);
    /* Who picks it again sees how far it is. */
    before = text.len;
    if (ok == 0)
        ok = guide_add_titles(&text, d->policy, l, &look, ITEMS_THERE,
                              CHAT_HAVE);
    if (ok == 0 && !guide_fits(&text))
        guide_cut(&text, before);
    return guide_say(r, d, &text, ok, err);
}

/* ---- status, missing, data ---------------------------------------------- */

struct cases {
    const char *policy;
    struct case_row rows[CASES_SAID]; /* the newest */
    size_t n;
    int64_t documents; /* of all */
};

static int collect(void *arg, const struct case_row *row)
{
    struct cases *c = arg;

    if (strcmp(row->policy, c->policy) != 0)
        return 0;
    c->documents += row->documents;
    if (strcmp(row->state, "closed") == 0)
        return 0;
    if (c->n == CASES_SAID)
        memmove(&c->rows[0], &c->rows[1], --c->n * sizeof(c->rows[0]));
    c->rows[c->n++] = *row;
    return 0;
}

/* What they asked for: a line each, as many as fit. */
static int add_running(struct registrar *r, const struct deciding *d,
                       struct buf *text, struct error *err)
{
    const size_t before = text->len;
    struct buf lines = { 0 };
    int ok = -1;

    if (request_words(r, d->policy, d->subject->id, "", &lines, err) != 0)
        goto out;
    if (lines.len > 0 && (buf_adds(text, "\n\n") != 0 ||
                          buf_adds(text, (const char *)lines.p) != 0)) {
        (void)no_memory(err);
        goto out;
    }
    while (!guide_fits(text)) {
        size_t len = text->len;

        while (len > before && text->p[--len] != '\n') {
        }
        guide_cut(text, len);
    }
    ok = 0;
out:
    buf_free(&lines);
    return ok;
}

/* A case, and under a complete one by when they hear of it. -1 with the error.
 */
static int add_case_and_day(struct registrar *r, const struct deciding *d,
                            const struct case_row *of, struct buf *out,
                            struct procedure_look *look, struct error *err)
{
    const struct policy_language *l = language_of(r, d);

    if (procedure_look(r, d->policy, of, look, err) != 0 ||
        procedure_refusals(r, d->policy, l, of, look, err) != 0)
        return -1;
    if (guide_add_case(out, d->policy, l, of, look) != 0)
        return no_memory(err);
    if (guide_add_blocked(r, d->policy, l, of, look, out, err) != 0)
        return -1;
    return strcmp(of->state, "complete") == 0
               ? request_words(r, d->policy, d->subject->id, of->id, out, err)
               : 0;
}

/* Files that wait for an answer of theirs, if they can give one. */
static int add_held(struct registrar *r, const struct deciding *d,
                    const struct dialogue_state *state, struct buf *text,
                    struct error *err)
{
    int64_t held;

    if (state->nprompts == 0 && state->nunclear == 0 &&
        state->guide.mandate != MANDATE_ASKED)
        return 0;
    held = attachment_held(r->store, d->subject->id, d->policy->id, err);
    if (held < 0)
        return -1;
    return guide_add_held(text, language_of(r, d), held) != 0 ? no_memory(err)
                                                              : 0;
}

int guide_say_status(struct registrar *r, const struct deciding *d,
                     const struct dialogue_state *state, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct cases cases = { .policy = d->policy->id };
    struct buf text = { 0 };
    size_t before;
    int ok = -1;

    if (case_of_person(r->store, d->subject->id, collect, &cases, err) != 0)
        return -1;
    for (size_t i = cases.n; i-- > 0;) {
        struct procedure_look look;

        before = text.len;
        if (add_case_and_day(r, d, &cases.rows[i], &text, &look, err) != 0)
            goto out;
        if (!guide_fits(&text)) {
            guide_cut(&text, before);
            break;
        }
    }
    if (add_held(r, d, state, &text, err) != 0)
        goto out;
    if (text.len == 0 &&
        guide_add(&text, "", l->chat[CHAT_NO_CASE], NULL) != 0) {
        (void)no_memory(err);
        goto out;
    }
    if (add_running(r, d, &text, err) == 0)
        return guide_say(r, d, &text, 0, err);
out:
    buf_free(&text);
    return ok;
}

/* The case that is in hand: of a procedure, else of none. 1, 0, -1. */
static int find_case(struct registrar *r, const struct deciding *d,
                     struct case_row *of, struct error *err)
{
    const char *subject = d->subject->id;
    int found = case_find_procedure(r->store, subject, d->policy->id, of, err);

    if (found > 0 && policy_procedure(d->policy, of->procedure) < 0)
        found = 0;
    return found != 0
               ? found
               : case_find_open(r->store, subject, d->policy->id, of, err);
}

/* How to go on with it. */
static int add_how(const struct deciding *d, const struct policy_language *l,
                   const struct case_row *of, const struct procedure_look *look,
                   struct buf *text, struct error *err)
{
    if (look->guide.procedure < 0 || strcmp(of->state, "open") != 0)
        return 0;
    return (!look->here && guide_add_link(text, d->policy, l, of, look) != 0) ||
                   guide_add_help(text, d->policy, l, look) != 0
               ? no_memory(err)
               : 0;
}

int guide_say_missing(struct registrar *r, const struct deciding *d,
                      const struct dialogue_state *state, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct procedure_look look;
    struct buf text = { 0 };
    struct case_row of;
    int found = find_case(r, d, &of, err);

    if (found < 0 ||
        (found > 0 && (add_case_and_day(r, d, &of, &text, &look, err) != 0 ||
                       add_how(d, l, &of, &look, &text, err) != 0)) ||
        add_held(r, d, state, &text, err) != 0) {
        buf_free(&text);
        return -1;
    }
    return guide_say(
        r, d, &text,
        text.len == 0 ? guide_add(&text, "", l->chat[CHAT_NO_CASE], NULL) : 0,
        err);
}

int guide_say_data(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct cases cases = { .policy = d->policy->id };
    char given[24], purposes[24], documents[24];
    const char *const pairs[] = { "given",     given,     "purposes", purposes,
                                  "documents", documents, NULL };
    struct buf text = { 0 };
    int n = 0, all = 0, ok;

    if (case_of_person(r->store, d->subject->id, collect, &cases, err) != 0)
        return -1;
    for (size_t i = 0; i < d->policy->npurposes; i++) {
        all += basis_asks(d->policy->purposes[i].basis);
        n += state->purposes[i].state == CONSENT_GIVEN;
    }
    (void)snprintf(given, sizeof(given), "%d", n);
    (void)snprintf(purposes, sizeof(purposes), "%d", all);
    (void)snprintf(documents, sizeof(documents), "%lld",
                   (long long)cases.documents);
    ok = guide_add(&text, "", l->chat[CHAT_DATA], pairs) != 0
             ? no_memory(err)
             : guide_add_data_blocked(r, d, &text, err);
    if (ok == 0)
        ok = guide_send_data(r, d, state, (const char *)text.p, err);
    buf_free(&text);
    return ok;
}

int guide_say_own(struct registrar *r, const struct deciding *d,
                  enum chat_text which, struct error *err)
{
    const char *text = language_of(r, d)->chat[which];

    return text == NULL ? 0
                        : mail_say(r, d->policy, d->subject->id,
                                   d->item->number, "say", text, err);
}

int guide_request(struct registrar *r, const struct deciding *d,
                  const struct dialogue_state *state, enum request_type type,
                  struct error *err)
{
    struct buf text = { 0 };
    int opened = request_open(r, d, type, NULL, err);

    if (opened == 2) /* of a list that is older than the policy */
        return guide_say_data(r, d, state, err);
    if (opened != 1 && opened != 3)
        return opened;
    if (request_words(r, d->policy, d->subject->id, "", &text, err) != 0) {
        buf_free(&text);
        return -1;
    }
    if (opened == 3 &&
        buf_addf(&text, "\n\n%s",
                 language_of(r, d)->requests[REQUEST_TEXT_TELL]) != 0) {
        buf_free(&text);
        return error_set(err, ERR_NOMEM, "no memory for a message");
    }
    return text.len == 0 ? 0 : guide_say(r, d, &text, 0, err);
}
