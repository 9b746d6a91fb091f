/* What is said of a case when files change it: what a burst brought, that it is
 * complete, that staff sent one back. */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "guide_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "talk_private.h"

#include <string.h>

/* ---- complete ------------------------------------------------------------ */

static int add_complete(struct registrar *r, const struct policy *policy,
                        const struct policy_language *l,
                        const struct case_row *of, struct buf *out)
{
    int procedure = policy_procedure(policy, of->procedure);
    char when[DAY_SIZE];
    const char *const pairs[] = {
        "procedure", l->procedures[procedure].own[PROCEDURE_TITLE],
        "case",      of->id,
        "due",       when,
        NULL
    };
    struct due due;

    (void)due_find(&policy->clocks[policy->procedures[procedure].sla],
                   &policy->calendar, r->now, 0, &due);
    language_day(when, l, due.due);
    return guide_add(out, "\n\n", l->chat[CHAT_COMPLETE], pairs);
}

int guide_say_complete(struct registrar *r, const struct policy *policy,
                       const struct case_row *of, struct error *err)
{
    char number[STORE_NAME_SIZE];
    struct buf text = { 0 };
    int ok = -1;

    if (number_at(r, policy, of->subject, number, err) != 0)
        return -1;
    if (number[0] == '\0')
        return 0; /* they never wrote to one that there is */
    if (add_complete(r, policy, person_language(r, policy, of->subject), of,
                     &text) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_say(r, policy, of->subject, number, "say",
                      (const char *)text.p, err);
    buf_free(&text);
    return ok != 0 ? -1
                   : notices_ask(r, policy, of->subject, number, false, err);
}

/* ---- no good ------------------------------------------------------------- */

/* Which document a file was no good for, and how to do it better, or (not help)
 * what it is for. */
static int add_better(struct buf *out, const char *gap, const char *sentence,
                      char *const *item, bool help)
{
    const char *how =
        item[help && item[ITEM_HELP] != NULL ? ITEM_HELP : ITEM_WHY];

    return guide_add_one(out, gap, sentence, "item", item[ITEM_TITLE]) != 0
               ? -1
               : guide_add(out, "\n", how, NULL);
}

/* How long it keeps what is apart. */
static void days_apart(const struct policy_procedure *p, char out[static 24])
{
    (void)snprintf(out, 24, "%lld",
                   (long long)((p->unrequested_life + MSEC_D - 1) / MSEC_D));
}

static int add_wrong(const struct policy *policy,
                     const struct policy_language *l, const struct case_row *of,
                     const struct burst_items *wrong, struct buf *out)
{
    int procedure = policy_procedure(policy, of->procedure);

    for (size_t i = 0; i < wrong->n; i++) {
        int item = item_find(policy, of, wrong->item[i]);

        if (item < 0)
            continue;
        if (add_better(out, "\n\n", l->chat[CHAT_WRONG],
                       l->procedures[procedure].items[item], i == 0) != 0)
            return -1;
    }
    return 0;
}

int guide_say_returned(struct registrar *r, const struct deciding *d,
                       const struct case_row *of, int item,
                       enum return_ground ground, struct error *err)
{
    const struct policy *policy = d->policy;
    const struct policy_language *l = language_of(r, d);
    const int procedure = policy_procedure(policy, of->procedure);
    const char *words = l->chat[CHAT_RETURNED + (int)ground];
    struct procedure_look look;
    struct buf text = { 0 };
    bool failed;

    if (procedure_look(r, policy, of, &look, err) != 0 ||
        procedure_refusals(r, policy, l, of, &look, err) != 0)
        return -1;
    failed = add_better(&text, "", words != NULL ? words : l->chat[CHAT_WRONG],
                        l->procedures[procedure].items[item], true) != 0 ||
             (strcmp(of->state, "open") == 0 &&
              (buf_adds(&text, "\n") != 0 ||
               guide_add_progress(&text, policy, l, of, &look) != 0));
    return guide_say(r, d, &text, failed ? -1 : 0, err);
}

int guide_say_another(struct registrar *r, const struct deciding *d,
                      const struct case_row *of, int item, struct error *err)
{
    const struct policy *policy = d->policy;
    const struct policy_language *l = language_of(r, d);
    const int procedure = policy_procedure(policy, of->procedure);
    const bool says = l->chat[CHAT_ANOTHER] != NULL;
    char days[24];
    const char *const pairs[] = {
        "days", days, says ? "item" : NULL,
        l->procedures[procedure].items[item][ITEM_TITLE], NULL
    };
    struct procedure_look look;
    struct buf text = { 0 };
    bool failed;

    if (procedure_look(r, policy, of, &look, err) != 0 ||
        procedure_refusals(r, policy, l, of, &look, err) != 0)
        return -1;
    days_apart(&policy->procedures[procedure], days);
    failed =
        guide_add(&text, "", l->chat[says ? CHAT_ANOTHER : CHAT_UNREQUESTED],
                  pairs) != 0 ||
        (strcmp(of->state, "open") == 0 &&
         (buf_adds(&text, "\n") != 0 ||
          guide_add_progress(&text, policy, l, of, &look) != 0));
    return guide_say(r, d, &text, failed ? -1 : 0, err);
}

/* ---- with a receipt ------------------------------------------------------ */

/* A burst as it is being told. */
struct telling {
    struct registrar *r;
    const struct policy *policy;
    const struct policy_language *l;
    struct case_row *of;
    struct guide_burst *burst;
    struct procedure_look look;
    struct buf *out;
    struct error *err;
};

/* A sentence with the titles of those items. */
static int add_items(const struct telling *t, enum burst_of which,
                     enum chat_text sentence)
{
    const struct burst_items *items = &t->burst->of[which];
    const char *text = t->l->chat[sentence];
    struct buf titles = { 0 };
    int ok = 0;

    for (size_t i = 0; text != NULL && ok == 0 && i < items->n; i++) {
        int item = item_find(t->policy, t->of, items->item[i]);

        if (item >= 0)
            ok = guide_add(&titles, ", ",
                           t->l->procedures[t->look.guide.procedure]
                               .items[item][ITEM_TITLE],
                           NULL);
    }
    if (ok == 0 && titles.len > 0)
        ok = guide_add_one(t->out, "\n\n", text, "items",
                           (const char *)titles.p);
    buf_free(&titles);
    return ok;
}

/* Which of those that are not for the chat they called it; -1 none any more, -2
 * failed. Read again, because no row has words of theirs. */
static int called(const struct telling *t, const char *attachment)
{
    struct attachment_row row;
    struct dialogue_match match = { .item = -1 };
    json_t *claims;
    int found = attachment_get(t->r->store, attachment, &row, t->err);

    if (found <= 0)
        return found < 0 ? -2 : -1;
    if ((claims = claims_read(t->r, attachment, t->err)) == NULL) {
        if (error_is_environment(t->err->code))
            return -2;
        *t->err = (struct error){ 0 };
        return -1;
    }
    dialogue_match(
        t->policy, &t->look.guide,
        &(struct dialogue_file){ .kind = media_kind_of(row.kind),
                                 .type = row.announced_type,
                                 .caption = json_str(claims, "caption"),
                                 .name = json_str(claims, "file_name") },
        &match);
    json_decref(claims);
    return match.kind == MATCH_ELSEWHERE ? match.item : -1;
}

/* What is not for the chat: once each, and where it goes. Without a word for
 * it, as what nobody asked for. */
static int add_elsewhere(struct telling *t)
{
    const int procedure = t->look.guide.procedure;
    unsigned said = 0;
    char days[24];

    days_apart(&t->policy->procedures[procedure], days);
    for (size_t i = 0; i < t->burst->nelsewhere; i++) {
        int item = called(t, t->burst->elsewhere[i]);
        const char *pairs[] = { "item", NULL, "days", days, NULL };

        if (item == -2)
            return -2;
        if (item == -1 || t->l->chat[CHAT_NOT_HERE] == NULL) {
            t->burst->unrequested = true;
            continue;
        }
        if ((said & 1u << item) != 0)
            continue;
        said |= 1u << item;
        pairs[1] = t->l->procedures[procedure].items[item][ITEM_TITLE];
        if (guide_add(t->out, "\n\n", t->l->chat[CHAT_NOT_HERE], pairs) != 0)
            return -1;
    }
    return said == 0 || t->look.here
               ? 0
               : guide_add_link(t->out, t->policy, t->l, t->of, &t->look);
}

static int add_unrequested(const struct telling *t)
{
    char days[24];

    days_apart(&t->policy->procedures[t->look.guide.procedure], days);
    return !t->burst->unrequested
               ? 0
               : guide_add_one(t->out, "\n\n", t->l->chat[CHAT_UNREQUESTED],
                               "days", days);
}

/* Which case it is, where they may think of another, and whose. */
static int add_heading(const struct telling *t)
{
    const char *title =
        t->l->procedures[t->look.guide.procedure].own[PROCEDURE_TITLE];
    const char *about = t->l->chat[CHAT_ABOUT];

    if (t->burst->named &&
        (about != NULL ? guide_add_one(t->out, "\n", about, "procedure", title)
                       : guide_add(t->out, "\n", title, NULL)) != 0)
        return -1;
    return guide_add_whose(t->out, "\n", t->l, t->of);
}

/* What became of the files, beyond that they were kept. -2: with the error. */
static int add_files(struct telling *t)
{
    int ok =
        add_wrong(t->policy, t->l, t->of, &t->burst->of[BURST_WRONG], t->out);

    if (ok == 0)
        ok = add_items(t, BURST_MORE, CHAT_MORE);
    if (ok == 0)
        ok = add_items(t, BURST_FULL,
                       t->l->chat[CHAT_FULL] != NULL ? CHAT_FULL : CHAT_HAVE);
    if (ok == 0)
        ok = add_elsewhere(t);
    return ok == 0 ? add_unrequested(t) : ok;
}

/* Files that wait until they answer something. */
static int add_held(const struct telling *t)
{
    int64_t held;

    if (t->l->chat[CHAT_HELD] == NULL ||
        strcmp(t->of->mandate, mandate_names[MANDATE_ENDED]) == 0)
        return 0;
    held = attachment_held(t->r->store, t->of->subject, t->policy->id, t->err);
    return held < 0 ? -2 : guide_add_held(t->out, t->l, held);
}

/* How far the case is. At the end of the burst in which the last document came
 * it is complete. */
static int add_case(struct telling *t, bool was)
{
    int ok = 0;

    if (strcmp(t->of->state, "open") == 0) {
        ok = t->out->len > 0 && buf_adds(t->out, "\n") != 0
                 ? -1
                 : guide_add_progress(t->out, t->policy, t->l, t->of, &t->look);
        if (ok == 0)
            ok = add_items(t, BURST_GUESSED, CHAT_GUESSED);
        return ok == 0 ? add_held(t) : ok;
    }
    if (strcmp(t->of->state, "complete") != 0)
        return 0;
    if (was)
        return t->l->chat[CHAT_STILL] == NULL
                   ? 0
                   : guide_add_one(t->out, "\n\n", t->l->chat[CHAT_STILL],
                                   "procedure",
                                   t->l->procedures[t->look.guide.procedure]
                                       .own[PROCEDURE_TITLE]);
    t->burst->completed = true;
    ok = add_complete(t->r, t->policy, t->l, t->of, t->out);
    return ok == 0 ? add_items(t, BURST_GUESSED, CHAT_GUESSED) : ok;
}

static int compose(struct telling *t)
{
    bool was = strcmp(t->of->state, "complete") == 0;
    int ok;

    if (procedure_look(t->r, t->policy, t->of, &t->look, t->err) != 0)
        return -1;
    if (t->look.guide.procedure < 0)
        return 0;
    if (procedure_refusals(t->r, t->policy, t->l, t->of, &t->look, t->err) != 0)
        return -1;
    if (t->look.complete && !t->look.under_way &&
        strcmp(t->of->state, "open") == 0 &&
        case_complete(t->r, t->of, t->err) != 0)
        return -1;
    ok = add_heading(t);
    if (ok == 0)
        ok = add_files(t);
    if (ok == 0)
        ok = add_case(t, was);
    return ok == -1 ? error_set(t->err, ERR_NOMEM, "no memory for a message")
           : ok < 0 ? -1
                    : 0;
}

int guide_receipt(struct registrar *r, const struct policy *policy,
                  struct guide_burst *burst, struct buf *out, struct error *err)
{
    struct case_row of;
    int found = burst->case_id[0] == '\0'
                    ? 0
                    : case_get(r->store, burst->case_id, &of, err);
    struct telling t = { .r = r,
                         .policy = policy,
                         .of = &of,
                         .burst = burst,
                         .out = out,
                         .err = err };

    if (found <= 0 || of.procedure[0] == '\0')
        return found < 0 ? -1 : 0;
    t.l = person_language(r, policy, of.subject);
    return compose(&t);
}

/* ---- without a receipt -------------------------------------------------- */

#define CASES_SETTLED 8

struct open_cases {
    const char *policy;
    struct case_row rows[CASES_SETTLED];
    size_t n;
};

static int collect_open(void *arg, const struct case_row *row)
{
    struct open_cases *c = arg;

    if (c->n < CASES_SETTLED && row->procedure[0] != '\0' &&
        strcmp(row->state, "open") == 0 && strcmp(row->policy, c->policy) == 0)
        c->rows[c->n++] = *row;
    return 0;
}

int guide_settle(struct registrar *r, const struct policy *policy,
                 const char *subject, struct error *err)
{
    struct open_cases cases = { .policy = policy->id };

    if (case_of_person(r->store, subject, collect_open, &cases, err) != 0)
        return -1;
    for (size_t i = 0; i < cases.n; i++) {
        struct procedure_look look;

        if (procedure_look(r, policy, &cases.rows[i], &look, err) != 0)
            return -1;
        if (look.guide.procedure < 0 || !look.complete || look.under_way)
            continue;
        if (case_complete(r, &cases.rows[i], err) != 0 ||
            guide_say_complete(r, policy, &cases.rows[i], err) != 0)
            return -1;
    }
    return 0;
}
