/* What is said of procedures: what one needs, has and lacks, and the status.
 * Lists to pick from: menu.c. */
#include "case_private.h"
#include "consent_private.h"
#include "mail_private.h"
#include "outward_private.h"
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

/* ---- sentences ---------------------------------------------------------- */

/* A sentence as a line, or (gap) a paragraph, of its own. */
static int add_text(struct buf *out, const char *gap, const char *text,
                    const char *const *pairs)
{
    static const char *const none[] = { NULL };

    if (out->len > 0 && buf_adds(out, gap) != 0)
        return -1;
    return policy_fill(out, text, pairs != NULL ? pairs : none);
}

static int add_one(struct buf *out, const char *gap, const char *text,
                   const char *key, const char *value)
{
    const char *const pairs[] = { key, value, NULL };

    return add_text(out, gap, text, pairs);
}

/* The limits of single texts add up to less than a message, but for lists of
 * cases. */
static bool fits(const struct buf *text)
{
    return text->p == NULL ||
           utf8_count((const char *)text->p) <= LIMIT_TEXT_BODY;
}

static void cut(struct buf *text, size_t len)
{
    text->len = len;
    if (text->p != NULL)
        text->p[len] = '\0';
}

enum which { THERE, MISSING_HERE, MISSING_ELSEWHERE };

static bool is_one(const struct policy_item *item,
                   const struct procedure_look *look, size_t i,
                   enum which which)
{
    bool here = item->channel == CHANNEL_IN_CHAT;

    if (which == THERE)
        return look->has[i];
    return item->required && !look->has[i] && here == (which == MISSING_HERE);
}

/* A sentence about some of the items; nothing when there are none. */
static int add_titles(struct buf *out, const struct policy *policy,
                      const struct policy_language *l,
                      const struct procedure_look *look, enum which which,
                      enum chat_text sentence)
{
    const int at = look->guide.procedure;
    const struct policy_procedure *p = &policy->procedures[at];
    struct buf titles = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < p->nitems; i++)
        if (is_one(&p->items[i], look, i, which))
            ok = add_text(&titles, ", ", l->procedures[at].items[i][ITEM_TITLE],
                          NULL);
    if (ok == 0 && titles.len > 0)
        ok = add_one(out, "\n", l->chat[sentence], "items",
                     (const char *)titles.p);
    buf_free(&titles);
    return ok;
}

/* What is handed in over a link, and the link: of a procedure that was picked
 * (look NULL) all of it, else what is missing. */
static int add_link(struct buf *out, const struct policy *policy,
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
            (look == NULL || is_one(&p->items[i], look, i, MISSING_ELSEWHERE)))
            ok = add_text(&titles, ", ", l->procedures[at].items[i][ITEM_TITLE],
                          NULL);
    if (ok == 0 && titles.len > 0 && link.len > 0) {
        const char *const pairs[] = { "items", (const char *)titles.p, "link",
                                      (const char *)link.p, NULL };

        ok = add_text(out, "\n", l->chat[CHAT_LINK], pairs);
    }
    buf_free(&titles);
    buf_free(&link);
    return ok;
}

/* What there is and what is missing. */
static int add_progress(struct buf *out, const struct policy *policy,
                        const struct policy_language *l,
                        const struct case_row *of,
                        const struct procedure_look *look)
{
    if (add_titles(out, policy, l, look, THERE, CHAT_HAVE) != 0 ||
        add_titles(out, policy, l, look, MISSING_HERE, CHAT_MISSING) != 0)
        return -1;
    return look->here && (add_titles(out, policy, l, look, MISSING_ELSEWHERE,
                                     CHAT_REST) != 0 ||
                          add_link(out, policy, l, of, look) != 0)
               ? -1
               : 0;
}

/* How the first missing document is done well. */
static int add_help(struct buf *out, const struct policy *policy,
                    const struct policy_language *l,
                    const struct procedure_look *look)
{
    const int at = look->guide.procedure;
    const struct policy_procedure *p = &policy->procedures[at];

    for (size_t i = 0; i < p->nitems; i++) {
        char *const *texts = l->procedures[at].items[i];

        if (!is_one(&p->items[i], look, i, MISSING_HERE))
            continue;
        if (texts[ITEM_HELP] == NULL)
            return 0;
        return add_text(out, "\n\n", texts[ITEM_TITLE], NULL) != 0 ||
                       add_text(out, ": ", texts[ITEM_HELP], NULL) != 0
                   ? -1
                   : 0;
    }
    return 0;
}

/* Whose it is, where several people use one phone: in the words of the menu's
 * row. Of one's own nothing is said. */
static int add_whose(struct buf *out, const char *gap,
                     const struct policy_language *l, const struct case_row *of)
{
    const char *row = l->persons[PERSONS_ROW];

    if (!of->represented || row == NULL)
        return 0;
    return add_text(out, gap, row, NULL) != 0 ? -1 : buf_adds(out, ".");
}

static int add_case(struct buf *out, const struct policy *policy,
                    const struct policy_language *l, const struct case_row *of,
                    const struct procedure_look *look)
{
    bool done = strcmp(of->state, "complete") == 0;
    char n[24];

    (void)snprintf(n, sizeof(n), "%lld", (long long)of->documents);
    if (look->guide.procedure < 0) {
        const char *const pairs[] = { "case", of->id, "documents", n, NULL };
        return add_text(out, "\n\n", l->chat[CHAT_CASE_PLAIN], pairs);
    } else {
        const char *const pairs[] = {
            "case", of->id, "procedure",
            l->procedures[look->guide.procedure].own[PROCEDURE_TITLE], NULL
        };
        if (add_text(out, "\n\n", l->chat[done ? CHAT_DONE : CHAT_CASE],
                     pairs) != 0 ||
            add_whose(out, " ", l, of) != 0)
            return -1;
    }
    return done ? 0 : add_progress(out, policy, l, of, look);
}

static int say(struct registrar *r, const struct deciding *d, struct buf *text,
               int composed, struct error *err)
{
    int ok = composed != 0 || text->len == 0
                 ? no_memory(err)
                 : mail_say(r, d->policy, d->subject->id, d->item->number,
                            "say", (const char *)text->p, err);

    buf_free(text);
    return ok;
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
            add_text(out, "\n\n", l->chat[here ? CHAT_NEEDED : CHAT_ELSEWHERE],
                     NULL) != 0)
            return -1;
        first = false;
        if (add_text(out, "\n• ", texts[ITEM_TITLE], NULL) != 0 ||
            (!p->items[i].required &&
             (add_text(out, " (", l->chat[CHAT_OPTIONAL], NULL) != 0 ||
              buf_adds(out, ")") != 0)) ||
            add_text(out, ": ", texts[ITEM_WHY], NULL) != 0)
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
    ok = add_text(
        &text, "",
        own[own[PROCEDURE_INTRO] != NULL ? PROCEDURE_INTRO : PROCEDURE_TITLE],
        NULL);
    if (ok == 0)
        ok = add_needed(&text, d->policy, l, procedure, true);
    if (ok == 0)
        ok = add_needed(&text, d->policy, l, procedure, false);
    if (ok == 0)
        ok = add_link(&text, d->policy, l, of, NULL);
    if (ok == 0)
        ok = add_text(&text, "\n\n", l->chat[CHAT_SEND], NULL);
    /* Who picks it again sees how far it is. */
    before = text.len;
    if (ok == 0)
        ok = add_titles(&text, d->policy, l, &look, THERE, CHAT_HAVE);
    if (ok == 0 && !fits(&text))
        cut(&text, before);
    return say(r, d, &text, ok, err);
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
    while (!fits(text)) {
        size_t len = text->len;

        while (len > before && text->p[--len] != '\n') {
        }
        cut(text, len);
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

    if (procedure_look(r, d->policy, of, look, err) != 0)
        return -1;
    if (add_case(out, d->policy, l, of, look) != 0)
        return no_memory(err);
    return strcmp(of->state, "complete") == 0
               ? request_words(r, d->policy, d->subject->id, of->id, out, err)
               : 0;
}

int guide_say_status(struct registrar *r, const struct deciding *d,
                     struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct cases cases = { .policy = d->policy->id };
    struct buf text = { 0 };
    size_t before;
    int ok = 0;

    if (case_of_person(r->store, d->subject->id, collect, &cases, err) != 0)
        return -1;
    for (size_t i = cases.n; i-- > 0;) {
        struct procedure_look look;

        before = text.len;
        if (add_case_and_day(r, d, &cases.rows[i], &text, &look, err) != 0) {
            buf_free(&text);
            return -1;
        }
        if (!fits(&text)) {
            cut(&text, before);
            break;
        }
    }
    if (ok == 0 && cases.n == 0)
        ok = add_text(&text, "", l->chat[CHAT_NO_CASE], NULL);
    if (ok == 0 && add_running(r, d, &text, err) != 0) {
        buf_free(&text);
        return -1;
    }
    return say(r, d, &text, ok, err);
}

int guide_say_missing(struct registrar *r, const struct deciding *d,
                      struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct procedure_look look;
    struct buf text = { 0 };
    struct case_row of;
    int found =
        case_find_procedure(r->store, d->subject->id, d->policy->id, &of, err);
    int ok = 0;

    if (found > 0 && policy_procedure(d->policy, of.procedure) < 0)
        found = 0;
    if (found < 0 ||
        (found > 0 && add_case_and_day(r, d, &of, &text, &look, err) != 0)) {
        buf_free(&text);
        return -1;
    }
    if (found == 0) {
        ok = add_text(&text, "", l->chat[CHAT_NO_CASE], NULL);
    } else if (strcmp(of.state, "open") == 0) {
        if (!look.here)
            ok = add_link(&text, d->policy, l, &of, &look);
        if (ok == 0)
            ok = add_help(&text, d->policy, l, &look);
    }
    return say(r, d, &text, ok, err);
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
    ok = add_text(&text, "", l->chat[CHAT_DATA], pairs) != 0
             ? no_memory(err)
             : guide_send_data(r, d, (const char *)text.p, err);
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
    if (opened != 1)
        return opened;
    if (request_words(r, d->policy, d->subject->id, "", &text, err) != 0) {
        buf_free(&text);
        return -1;
    }
    return text.len == 0 ? 0 : say(r, d, &text, 0, err);
}

/* ---- with a receipt ----------------------------------------------------- */

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
    return add_text(out, "\n\n", l->chat[CHAT_COMPLETE], pairs);
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
        (void)no_memory(err);
    else
        ok = mail_say(r, policy, of->subject, number, "say",
                      (const char *)text.p, err);
    buf_free(&text);
    return ok != 0 ? -1
                   : notices_ask(r, policy, of->subject, number, false, err);
}

static int add_wrong(const struct policy *policy,
                     const struct policy_language *l, const struct case_row *of,
                     const struct guide_burst *burst, struct buf *out)
{
    int procedure = policy_procedure(policy, of->procedure);

    for (size_t i = 0; i < burst->nwrong; i++) {
        int item = item_find(policy, of, burst->wrong[i]);
        char *const *texts;

        if (item < 0)
            continue;
        texts = l->procedures[procedure].items[item];
        if (add_one(out, "\n\n", l->chat[CHAT_WRONG], "item",
                    texts[ITEM_TITLE]) != 0 ||
            add_text(out, "\n",
                     texts[i == 0 && texts[ITEM_HELP] != NULL ? ITEM_HELP
                                                              : ITEM_WHY],
                     NULL) != 0)
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
    char *const *texts =
        l->procedures[policy_procedure(policy, of->procedure)].items[item];
    const char *words = l->chat[CHAT_RETURNED + (int)ground];
    struct procedure_look look;
    struct buf text = { 0 };
    bool failed;

    if (procedure_look(r, policy, of, &look, err) != 0)
        return -1;
    failed = add_one(&text, "", words != NULL ? words : l->chat[CHAT_WRONG],
                     "item", texts[ITEM_TITLE]) != 0 ||
             add_text(&text, "\n",
                      texts[texts[ITEM_HELP] != NULL ? ITEM_HELP : ITEM_WHY],
                      NULL) != 0 ||
             (strcmp(of->state, "open") == 0 &&
              (buf_adds(&text, "\n") != 0 ||
               add_progress(&text, policy, l, of, &look) != 0));
    return say(r, d, &text, failed ? -1 : 0, err);
}

static int add_unrequested(const struct policy *policy,
                           const struct policy_language *l,
                           const struct case_row *of, struct buf *out)
{
    const struct policy_procedure *p =
        &policy->procedures[policy_procedure(policy, of->procedure)];
    msec days = (p->unrequested_life + MSEC_D - 1) / MSEC_D;
    char n[24];

    (void)snprintf(n, sizeof(n), "%lld", (long long)days);
    return add_one(out, "\n\n", l->chat[CHAT_UNREQUESTED], "days", n);
}

/* At the end of the burst in which the last
 * document came the case is complete. */
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
    ok = add_whose(out, "\n", l, of);
    if (ok == 0)
        ok = add_wrong(policy, l, of, burst, out);
    if (ok == 0 && burst->unrequested)
        ok = add_unrequested(policy, l, of, out);
    if (ok == 0 && strcmp(of->state, "open") == 0)
        ok = (out->len > 0 && buf_adds(out, "\n") != 0)
                 ? -1
                 : add_progress(out, policy, l, of, &look);
    else if (ok == 0 && !was && strcmp(of->state, "complete") == 0) {
        burst->completed = true;
        ok = add_complete(r, policy, l, of, out);
    }
    return ok == 0 ? 0 : no_memory(err);
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
