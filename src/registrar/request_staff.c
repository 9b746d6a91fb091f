/*
 * What staff do with requests. The rules that say no are named, with the law
 * behind them: reasons are there before a term is extended, the person is told,
 * and a refusal has a ground that the law knows.
 */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"

#include "resguardo/registrar_person.h"

const char *const request_outcomes[] = { "granted",   "partial",   "refused",
                                         "forwarded", "withdrawn", "done",
                                         NULL };
const char *const request_grounds[] = { "legal_duty",    "contract",
                                        "identity",      "unfounded",
                                        "third_party",   "nothing_held",
                                        "not_competent", NULL };
const char *const request_requesters[] = { "subject",  "representative", "heir",
                                           "attorney", "by_stipulation", NULL };
const char *const request_assurances[] = { "unverified",    "wa_account",
                                           "id_document",   "branch_visit",
                                           "signed_letter", "notarised",
                                           "call_back",     NULL };

/* An order under way. */
struct handling {
    struct registrar *r;
    struct request_order *o;
    struct request_row row;
    struct request_of of;
    struct error *err;
};

static bool is_listed(const char *const *list, const char *word)
{
    for (; word != NULL && *list != NULL; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

static int against(struct handling *h, const char *rule, const char *why)
{
    const char *law = h->of.clock->citation;

    return error_set(h->err, ERR_NOT_PERMITTED, "rule %s%s%s%s: %s", rule,
                     law[0] != '\0' ? " (" : "", law, law[0] != '\0' ? ")" : "",
                     why);
}

/* ---- telling the person, and the record --------------------------------- */

/* By a message where WhatsApp takes one, or as staff say they did. `how`: what
 * the leaf says. */
static int inform(struct handling *h, enum request_text text, const char *due,
                  const char **how)
{
    bool open = false;

    if (h->o->told != NULL) {
        *how = "elsewhere";
        return 0;
    }
    if (request_window(h->r, &h->row, &open, h->err) != 0)
        return -1;
    if (!open && request_by_other(&h->row))
        return against(h, "notice_to_person",
                       "who asked is not in the person's chat, and nobody says "
                       "how they were told");
    if (!open)
        return error_set(
            h->err, ERR_NOT_PERMITTED,
            "rule notice_to_person (%s): no message can be written to them "
            "(WhatsApp: 24 hours after theirs), and nobody says how else they "
            "were told",
            h->of.clock->citation);
    *how = "message";
    return request_tell(h->r, &h->row, text, due, h->o->by.reason, h->err);
}

static int record(struct handling *h, const char *event, const char *notice,
                  json_t *more)
{
    struct staff_access by = h->o->by;
    json_t *evidence = request_evidence(&h->row);

    leaf_text(evidence, "notice", notice);
    if (more != NULL && json_object_update(evidence, more) != 0) {
        json_decref(evidence);
        json_decref(more);
        return error_set(h->err, ERR_NOMEM, "no memory for a ledger entry");
    }
    json_decref(more);
    by.event_type = event;
    by.policy = h->row.policy;
    SET(by.subject, h->row.subject);
    SET(by.case_id, h->row.case_id);
    return staff_record(h->r, &by, evidence, h->err);
}

static int note(struct handling *h, const char *what)
{
    const char *by = h->o->by.name;

    return request_note(h->r, &h->row, by, what, h->o->by.reason, h->err) != 0
               ? -1
               : request_note(h->r, &h->row, by, "told", h->o->told, h->err);
}

/* ---- opening ------------------------------------------------------------ */

struct one_policy {
    char id[STORE_NAME_SIZE];
    size_t n;
};

static int see_policy(void *arg, const char *policy)
{
    struct one_policy *one = arg;

    SET(one->id, policy);
    one->n++;
    return 0;
}

static int find_policy(struct handling *h)
{
    struct one_policy one = { .n = 0 };

    if (h->o->policy != NULL) {
        SET(h->row.policy, h->o->policy);
    } else if (subject_policies(h->r->store, h->o->by.subject, see_policy, &one,
                                h->err) != 0) {
        return -1;
    } else if (one.n != 1) {
        return error_set(h->err, ERR_INPUT,
                         "under which policy? the person has %zu", one.n);
    } else {
        SET(h->row.policy, one.id);
    }
    if (policy_find(h->r->policies, h->row.policy) == NULL)
        return error_set(h->err, ERR_NOT_FOUND, "no such policy");
    return 0;
}

/* What it is, and the place of its clock; -1. */
static int find_clock(struct handling *h)
{
    const struct policy *p = policy_find(h->r->policies, h->row.policy);
    bool incident = h->o->by.subject[0] == '\0';
    int clock = -1;

    SET(h->row.type,
        request_type_names[incident ? REQUEST_INCIDENT : REQUEST_OTHER]);
    for (int t = 0; !incident && t < REQUEST_ASKED; t++)
        if (strcmp(request_type_names[t], h->o->kind) == 0) {
            SET(h->row.type, request_type_names[t]);
            clock = p->requests[t];
        }
    if (clock < 0)
        clock = policy_clock(p, h->o->kind);
    if (clock < 0 || (p->clocks[clock].kind == CLOCK_INCIDENT) != incident ||
        p->clocks[clock].kind == CLOCK_STEP)
        return error_set(h->err, ERR_NOT_FOUND, "policy %s has no clock for %s",
                         p->id, h->o->kind);
    return clock;
}

struct own_number {
    struct handling *h;
};

/* One that belongs to the policy. */
static int see_number(void *arg, const char *number)
{
    const struct own_number *own = arg;
    struct handling *h = own->h;
    const struct config_number *known =
        config_find_number(h->r->config, number);

    if (known != NULL && strcmp(known->policy, h->row.policy) == 0)
        SET(h->row.number, number);
    return 0;
}

/* Who asks, and how that is known: nothing is known at first, and an account of
 * WhatsApp is the person's own. */
static int take_requester(struct handling *h)
{
    const char *who =
        h->o->requester != NULL ? h->o->requester : request_requesters[0];
    const char *how =
        h->o->assurance != NULL ? h->o->assurance : request_assurances[0];

    if (!is_listed(request_requesters, who))
        return error_set(h->err, ERR_INPUT, "no such requester");
    if (!is_listed(request_assurances, how))
        return error_set(h->err, ERR_INPUT, "no such assurance of identity");
    SET(h->row.requester, who);
    SET(h->row.assurance, how);
    return 0;
}

static int check_person(struct handling *h)
{
    struct own_number own = { h };
    struct subject_row subject;
    struct request_row running;
    int found = subject_get(h->r->store, h->o->by.subject, &subject, h->err);

    if (found <= 0)
        return found < 0 ? -1
                         : error_set(h->err, ERR_NOT_FOUND, "no such person");
    SET(h->row.subject, subject.id);
    if (take_requester(h) != 0)
        return -1;
    found = request_find(
        h->r->store, h->row.subject, h->row.policy, h->row.type,
        strcmp(h->row.requester, request_requesters[0]) == 0, &running, h->err);
    if (found > 0 && strcmp(h->row.type, "other") != 0) {
        (void)error_set(h->err, ERR_CONFLICT, "one of that kind runs already");
        return error_hint(h->err, "it is %s", running.id);
    }
    return found < 0 ? -1
                     : number_of_person(h->r->store, h->row.subject, see_number,
                                        &own, h->err);
}

/* It was looked at meanwhile. */
static int take_assurance(struct handling *h)
{
    if (h->o->assurance == NULL)
        return 0;
    if (!is_listed(request_assurances, h->o->assurance) ||
        h->row.requester[0] == '\0')
        return error_set(h->err, ERR_INPUT, "no such assurance of identity");
    SET(h->row.assurance, h->o->assurance);
    return 0;
}

/* What is somebody's goes to nobody who has not shown that they may ask. */
static int check_requester(struct handling *h)
{
    bool granted = strcmp(h->o->outcome, "granted") == 0 ||
                   strcmp(h->o->outcome, "partial") == 0;

    if (!granted || !request_unproven(&h->row))
        return 0;
    return error_set(h->err, ERR_NOT_PERMITTED,
                     "rule requester_identity (Ley 1581 de 2012, art. 14; "
                     "Decreto 1377 de 2013, art. 20): who asks for somebody "
                     "else has to show who they are");
}

/* A request that staff take is acknowledged where that can be done. By when
 * they hear of it is told as long as that day is to come. */
static int acknowledge(struct handling *h, const char **how)
{
    bool open = false;

    if (h->o->told != NULL) {
        *how = "elsewhere";
        return 0;
    }
    if (request_window(h->r, &h->row, &open, h->err) != 0)
        return -1;
    if (!open || h->row.due_at <= h->r->now)
        return 0;
    *how = "message";
    return request_tell(h->r, &h->row, REQUEST_TEXT_RECEIVED, h->row.due, NULL,
                        h->err);
}

static int open_one(struct handling *h)
{
    const char *notice = NULL;
    json_t *more;
    int clock;

    h->row.received = h->o->received != 0 ? h->o->received : h->r->now;
    if (h->row.received > h->r->now)
        return error_set(h->err, ERR_INPUT, "it was received in time to come");
    if (find_policy(h) != 0 || (clock = find_clock(h)) < 0)
        return -1;
    if (h->o->by.subject[0] != '\0') {
        if (check_person(h) != 0)
            return -1;
    } else {
        h->row.escalated = h->o->escalated != 0 ? h->o->escalated : h->r->now;
        if (h->row.escalated < h->row.received)
            return error_set(h->err, ERR_INPUT,
                             "it was escalated before it was found");
    }
    SET(h->row.case_id, h->o->by.case_id);
    if (request_start(h->r, &h->row, clock, h->err) != 0 ||
        (h->row.subject[0] != '\0' && acknowledge(h, &notice) != 0) ||
        note(h, "opened") != 0)
        return -1;
    SET(h->o->id, h->row.id);
    more = json_object();
    leaf_time(more, "received", h->row.received);
    if (h->row.escalated != 0)
        leaf_time(more, "escalated", h->row.escalated);
    leaf_text(more, "channel", "staff");
    return record(h, "request_opened", notice, more);
}

/* ---- what it lacks ------------------------------------------------------ */

/* A claim that is not whole: they are asked soon, and given time. */
static int ask(struct handling *h)
{
    const struct policy *p = h->of.policy;
    const char *notice = NULL;
    char until[DATE_SIZE];
    struct due asked, silent;

    if (h->of.clock->ask < 0 || h->of.clock->give_up < 0)
        return against(h, "incomplete", "the policy knows no incomplete ones");
    if (strcmp(h->row.state, "open") != 0)
        return against(h, "incomplete_once", "only a new request can be");
    (void)due_find(&p->clocks[h->of.clock->ask], &p->calendar, h->row.received,
                   0, &asked);
    if (h->r->now >= asked.due_at)
        return error_set(h->err, ERR_NOT_PERMITTED,
                         "rule %s (%s): they were to be asked in time",
                         p->clocks[h->of.clock->ask].id,
                         p->clocks[h->of.clock->ask].citation);
    (void)due_find(&p->clocks[h->of.clock->give_up], &p->calendar, h->r->now, 0,
                   &silent);
    date_format(until, silent.due);
    SET(h->row.state, "incomplete");
    h->row.asked = h->r->now;
    h->row.give_up_at = h->row.due_at = silent.due_at;
    h->row.legend = 0; /* data are marked for a whole claim */
    h->row.next = request_next_of(&h->row);
    if (inform(h, REQUEST_TEXT_ASKED, until, &notice) != 0 ||
        note(h, "asked") != 0 ||
        request_update(h->r->store, &h->row, h->err) != 0)
        return -1;
    return record(h, "request_asked", notice, NULL);
}

static int complete(struct handling *h)
{
    if (strcmp(h->row.state, "incomplete") != 0)
        return error_set(h->err, ERR_CONFLICT, "nothing was lacking");
    if (take_assurance(h) != 0)
        return -1;
    SET(h->row.state, "open");
    if (h->row.began <= h->row.asked) /* else it counts since their answer */
        h->row.began = h->r->now;
    h->row.give_up_at = 0;
    if (h->of.clock->legend)
        h->row.legend = h->r->now;
    if (request_count(h->r, &h->row, h->err) != 0 ||
        note(h, "completed") != 0 ||
        request_update(h->r->store, &h->row, h->err) != 0)
        return -1;
    return record(h, "request_completed", NULL, NULL);
}

/* ---- longer ------------------------------------------------------------- */

static int check_extension(struct handling *h, civil_day *last)
{
    if (h->of.clock->extension.n == 0)
        return against(h, "extension", "the law knows none for it");
    if (strcmp(h->row.state, "incomplete") == 0)
        return against(h, "extension", "the term does not run");
    if (h->r->now >= h->row.due_at)
        return against(h, "extension_before_expiry", "the term is over");
    if (h->row.extensions >= h->of.clock->extensions)
        return against(h, "extension_times",
                       "it was extended as often as it may be");
    if (h->of.clock->term.unit == TERM_HOURS)
        return against(h, "extension", "a term in hours has no last day");
    if (h->o->until == NULL || date_parse(h->o->until, last) != 0)
        return error_set(h->err, ERR_INPUT, "until is not a day, YYYY-MM-DD");
    return 0;
}

static int extend(struct handling *h)
{
    const char *notice = NULL;
    civil_day last, former, most;
    json_t *more;

    if (check_extension(h, &last) != 0)
        return -1;
    (void)date_parse(h->row.due, &former);
    h->row.extensions++;
    if (request_count(h->r, &h->row, h->err) != 0)
        return -1;
    (void)date_parse(h->row.due, &most);
    if (last <= former)
        return against(h, "extension_later", "that is no later than it was");
    if (last > most) {
        char text[64];

        (void)snprintf(text, sizeof(text), "the last day is %s", h->row.due);
        return against(h, "extension_limit", text);
    }
    request_shorten(&h->row, &h->of.policy->calendar, last);
    SET(h->row.state, "extended");
    if (inform(h, REQUEST_TEXT_EXTENDED, h->row.due, &notice) != 0 ||
        note(h, "extended") != 0 ||
        request_update(h->r->store, &h->row, h->err) != 0)
        return -1;
    more = json_pack("{s:i}", "extensions", h->row.extensions);
    return record(h, "request_extended", notice, more);
}

/* ---- whose, and its end ------------------------------------------------- */

static int assign(struct handling *h)
{
    h->row.handler = h->o->handler;
    if (request_update(h->r->store, &h->row, h->err) != 0)
        return -1;
    return record(h, "request_assigned", NULL,
                  json_pack("{s:I}", "handler", (json_int_t)h->o->handler));
}

/* What the law wants erased, or taken back, is refused for two reasons only in
 * Colombia: somebody has to keep it. */
static int check_outcome(struct handling *h)
{
    bool refused =
        h->o->outcome != NULL && (strcmp(h->o->outcome, "refused") == 0 ||
                                  strcmp(h->o->outcome, "partial") == 0);
    bool duty =
        h->o->ground != NULL && (strcmp(h->o->ground, "legal_duty") == 0 ||
                                 strcmp(h->o->ground, "contract") == 0);
    bool destroys = strcmp(h->row.type, "erase") == 0 ||
                    strcmp(h->row.type, "withdraw") == 0;

    if (!is_listed(request_outcomes, h->o->outcome))
        return error_set(h->err, ERR_INPUT, "no such outcome");
    if (h->o->ground != NULL && !is_listed(request_grounds, h->o->ground))
        return error_set(h->err, ERR_INPUT, "no such ground");
    if (refused && h->o->ground == NULL)
        return against(h, "refusal_ground", "a refusal needs a ground");
    if (!refused && h->o->ground != NULL)
        return error_set(h->err, ERR_INPUT, "a ground is for a refusal");
    if (refused && destroys && !duty &&
        strcmp(h->of.policy->jurisdiction, "CO") == 0)
        return error_set(h->err, ERR_NOT_PERMITTED,
                         "rule refusal_ground (Decreto 1377 de 2013, art. 9): "
                         "only legal_duty or contract keep it from being done");
    if (strcmp(h->row.state, "deemed_accepted") == 0 &&
        strcmp(h->o->outcome, "granted") != 0)
        return against(h, "deemed_accepted",
                       "no answer in time was a yes: it can only be granted");
    return 0;
}

static int close_one(struct handling *h)
{
    const char *outcome = h->o->outcome, *notice = NULL;
    bool in_time = h->r->now < h->row.due_at, told;
    json_t *more;

    if (take_assurance(h) != 0 || check_outcome(h) != 0 ||
        check_requester(h) != 0)
        return -1;
    /* Who took it back needs no answer, and nobody asked for the rest. */
    told = h->row.subject[0] != '\0' && strcmp(outcome, "withdrawn") != 0 &&
           strcmp(outcome, "done") != 0;
    if (told && inform(h, REQUEST_TEXT_ANSWERED, h->row.due, &notice) != 0)
        return -1;
    request_end(&h->row, told ? "answered" : "closed", outcome,
                h->o->ground != NULL ? h->o->ground : "", h->r->now);
    if (note(h, "closed") != 0 ||
        request_update(h->r->store, &h->row, h->err) != 0)
        return -1;
    h->o->forwarded_late = strcmp(outcome, "forwarded") == 0 &&
                           request_forward_over(h->r, &h->row, &h->of);
    more = json_pack("{s:b}", "in_time", in_time);
    if (h->o->forwarded_late)
        (void)json_object_set_new(more, "forwarded_late", json_true());
    return record(h, "request_closed", notice, more);
}

/* ---- all ---------------------------------------------------------------- */

static int apply(struct registrar *r, void *arg, struct error *err)
{
    static int (*const actions[REQUEST_ACTION__MAX])(struct handling *) = {
        [REQUEST_OPEN] = open_one,     [REQUEST_ASK] = ask,
        [REQUEST_COMPLETE] = complete, [REQUEST_EXTEND] = extend,
        [REQUEST_ASSIGN] = assign,     [REQUEST_CLOSE] = close_one,
    };
    struct handling h = { .r = r, .o = arg, .err = err };
    int found;

    if (keyring_permits(r, &h.o->by, err) != 0)
        return -1;
    if (h.o->action == REQUEST_OPEN)
        return open_one(&h);
    found = request_get(r->store, h.o->id, &h.row, err);
    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_NOT_FOUND, "no such request");
    if (!request_runs(&h.row))
        return error_set(err, ERR_CONFLICT, "the request ended already");
    if (request_policy(r, &h.row, &h.of, err) != 0)
        return -1;
    return actions[h.o->action](&h);
}

int registrar_request(struct registrar *r, struct request_order *order,
                      struct error *err)
{
    return queue_staff(r, apply, order, err);
}
