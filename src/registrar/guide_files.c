/* What is said of a case when files change it: what a burst brought, that it is
 * complete, that staff sent one back. */
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

static int add_wrong(const struct policy *policy,
                     const struct policy_language *l, const struct case_row *of,
                     const struct guide_burst *burst, struct buf *out)
{
    int procedure = policy_procedure(policy, of->procedure);

    for (size_t i = 0; i < burst->nwrong; i++) {
        int item = item_find(policy, of, burst->wrong[i]);

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

    if (procedure_look(r, policy, of, &look, err) != 0)
        return -1;
    failed = add_better(&text, "", words != NULL ? words : l->chat[CHAT_WRONG],
                        l->procedures[procedure].items[item], true) != 0 ||
             (strcmp(of->state, "open") == 0 &&
              (buf_adds(&text, "\n") != 0 ||
               guide_add_progress(&text, policy, l, of, &look) != 0));
    return guide_say(r, d, &text, failed ? -1 : 0, err);
}

/* ---- with a receipt ------------------------------------------------------ */

static int add_unrequested(const struct policy *policy,
                           const struct policy_language *l,
                           const struct case_row *of, struct buf *out)
{
    const struct policy_procedure *p =
        &policy->procedures[policy_procedure(policy, of->procedure)];
    msec days = (p->unrequested_life + MSEC_D - 1) / MSEC_D;
    char n[24];

    (void)snprintf(n, sizeof(n), "%lld", (long long)days);
    return guide_add_one(out, "\n\n", l->chat[CHAT_UNREQUESTED], "days", n);
}

/* At the end of the burst in which the last document came the case is complete.
 */
static int compose(struct registrar *r, const struct policy *policy,
                   struct case_row *of, struct guide_burst *burst,
                   struct buf *out, struct error *err)
{
    const struct policy_language *l = person_language(r, policy, of->subject);
    struct procedure_look look;
    bool was = strcmp(of->state, "complete") == 0;
    int ok = 0;

    if (procedure_look(r, policy, of, &look, err) != 0)
        return -1;
    if (look.guide.procedure < 0)
        return 0;
    if (look.complete && !look.under_way && strcmp(of->state, "open") == 0 &&
        case_complete(r, of, err) != 0)
        return -1;
    ok = guide_add_whose(out, "\n", l, of);
    if (ok == 0)
        ok = add_wrong(policy, l, of, burst, out);
    if (ok == 0 && burst->unrequested)
        ok = add_unrequested(policy, l, of, out);
    if (ok == 0 && strcmp(of->state, "open") == 0)
        ok = (out->len > 0 && buf_adds(out, "\n") != 0)
                 ? -1
                 : guide_add_progress(out, policy, l, of, &look);
    else if (ok == 0 && !was && strcmp(of->state, "complete") == 0) {
        burst->completed = true;
        ok = add_complete(r, policy, l, of, out);
    }
    return ok == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for a message");
}

int guide_receipt(struct registrar *r, const struct policy *policy,
                  struct guide_burst *burst, struct buf *out, struct error *err)
{
    struct case_row of;
    int found = burst->case_id[0] == '\0'
                    ? 0
                    : case_get(r->store, burst->case_id, &of, err);

    if (found <= 0 || of.procedure[0] == '\0')
        return found < 0 ? -1 : 0;
    return compose(r, policy, &of, burst, out, err);
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
