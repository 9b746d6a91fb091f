/*
 * The model of what goes out to people who did not just write (each row of a
 * list by the rules, and once), of who talks to whom, and of documents that
 * are sent to them.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

#define PERSON(w, i)   VEC_AT(&(w)->people, struct person, i)
#define NOTICE(w, i)   VEC_AT(&(w)->notices, struct sim_notice, i)
#define TALK(w, i)     VEC_AT(&(w)->talks, struct sim_talk, i)
#define CHECK(w, i)    VEC_AT(&(w)->checks, struct sim_check, i)
#define DELIVERY(w, i) VEC_AT(&(w)->deliveries, struct sim_delivery, i)

static void broken(struct world *w, const struct leaf *l, const char *what)
{
    sim_fail(w, "leaf %llu: %s: %s", (unsigned long long)l->index, l->event,
             what);
}

/* ---- who talks to whom --------------------------------------------------- */

static struct sim_talk *talk_of(struct world *w, const struct leaf *l)
{
    struct sim_talk *t;
    char id[ID_SIZE];
    uint32_t index;

    (void)leaf_field(l->json, "\"conversation_id\":\"", id, sizeof(id));
    if (map_get(w->talk_of, id, &index)) {
        t = TALK(w, index);
        if (t->person != l->who || t->policy != l->policy)
            broken(w, l, "somebody else's conversation");
        return t;
    }
    t = vec_add(&w->talks, sizeof(*t));
    (void)snprintf(t->id, sizeof(t->id), "%s", id);
    t->person = l->who;
    t->policy = (uint8_t)l->policy;
    map_put(w->talk_of, t->id, (uint32_t)w->talks.n - 1);
    return t;
}

static void talk_leaf(struct world *w, const struct leaf *l)
{
    struct sim_talk *t = talk_of(w, l);
    const char *what = strchr(l->event, '_') + 1;
    char handover[ID_SIZE];

    (void)leaf_field(l->json, "\"handover_id\":\"", handover, sizeof(handover));
    if (strcmp(what, "asked") == 0) {
        if (t->mode != T_BOT)
            broken(w, l, "they wait, or are talked to");
        t->mode = T_WAITING;
        memcpy(t->handover, handover, sizeof(handover));
    } else if (strcmp(what, "taken") == 0) {
        if (t->mode != T_BOT && strcmp(t->handover, handover) != 0)
            broken(w, l, "another hand-over");
        t->mode = T_PERSON;
        memcpy(t->handover, handover, sizeof(handover));
    } else if (strcmp(what, "ended") == 0) {
        if (t->mode == T_BOT || strcmp(t->handover, handover) != 0)
            broken(w, l, "nothing to be ended");
        t->mode = T_BOT;
    } else if (strcmp(what, "returned") == 0) {
        if (t->mode != T_PERSON || strcmp(t->handover, handover) != 0)
            broken(w, l, "nobody had them");
        t->mode = T_WAITING;
    } else if (strcmp(what, "escalated") == 0) {
        if (t->mode == T_BOT)
            broken(w, l, "nobody waits");
    } else if (t->mode != T_PERSON) {
        broken(w, l, "without the conversation");
    }
}

static bool is_talked_to(struct world *w, uint32_t person)
{
    for (size_t i = 0; i < w->talks.n; i++)
        if (TALK(w, i)->person == person && TALK(w, i)->mode == T_PERSON)
            return true;
    return false;
}

/* ---- reminders ----------------------------------------------------------- */

static const char *const classes[] = { "requested_info", "proactive",
                                       "collection", "advertising" };
enum { REQUESTED, PROACTIVE, COLLECTION, ADVERTISING };

static int class_of(const char *name)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(classes[i], name) == 0)
            return i;
    return -1;
}

/* Another contact of that day, which may have arrived. */
static bool was_contacted(struct world *w, const struct sim_notice *n,
                          int64_t day)
{
    for (size_t i = 0; i < w->notices.n; i++) {
        const struct sim_notice *o = NOTICE(w, i);

        if (o != n && o->person == n->person && o->class != REQUESTED &&
            o->queued && !o->ended && o->day == day && !o->failed)
            return true;
    }
    return false;
}

static bool is_no(const struct standing *s)
{
    return s->state == S_REFUSED || s->state == S_WITHDRAWN;
}

/* Which rule forbids it, but for how often; NULL none. */
static const char *rule_at(struct world *w, const struct sim_notice *n,
                           int purpose, msec at)
{
    const struct person *p = PERSON(w, n->person);
    const struct standing *s = &p->standing[n->policy][purpose];

    if (is_talked_to(w, n->person))
        return "person_has_conversation";
    if (s->state == S_NONE)
        return "purpose_not_open";
    if (is_no(s))
        return n->class == ADVERTISING ? "opted_out" : "purpose_withdrawn";
    if (n->policy == CO && n->class != REQUESTED &&
        is_no(&p->standing[CO][CONTACT]))
        return "opted_out";
    if (n->class == REQUESTED)
        return NULL;
    switch (contact_hours_at(n->policy, at)) {
    case HOURS_SHUT:
        return "contact_hours";
    case HOURS_NO_DAY:
        return "contact_day";
    default:
        return NULL;
    }
}

static struct sim_notice *notice_of(struct world *w, const struct leaf *l,
                                    const char *class)
{
    struct sim_notice *n;
    char id[ID_SIZE];
    uint32_t index;

    (void)leaf_field(l->json, "\"outbound_id\":\"", id, sizeof(id));
    if (map_get(w->notice_of, id, &index))
        return NOTICE(w, index);
    n = vec_add(&w->notices, sizeof(*n));
    (void)snprintf(n->id, sizeof(n->id), "%s", id);
    n->person = l->who;
    n->policy = (uint8_t)l->policy;
    n->class = (uint8_t)class_of(class);
    map_put(w->notice_of, n->id, (uint32_t)w->notices.n - 1);
    return n;
}

static void check_denied(struct world *w, const struct leaf *l,
                         struct sim_notice *n, const char *expected, msec at)
{
    char rule[40];

    (void)leaf_field(l->json, "\"rule\":\"", rule, sizeof(rule));
    if (expected == NULL && strcmp(rule, "once_a_day") == 0) {
        if (n->policy != CO || !was_contacted(w, n, local_day(n->policy, at)))
            broken(w, l, "there was no contact that day");
    } else if (strcmp(rule, "under_age") == 0) {
        if (!PERSON(w, l->who)->child)
            broken(w, l, "nobody is under age");
    } else if (strcmp(rule, "being_erased") == 0) {
        if (!w->ending)
            broken(w, l, "nobody is being erased");
    } else if (expected == NULL || strcmp(rule, expected) != 0) {
        sim_fail(w, "leaf %llu: denied by %s, by the model %s",
                 (unsigned long long)l->index, rule,
                 expected == NULL ? "none" : expected);
    }
}

static void notice_leaf(struct world *w, const struct leaf *l)
{
    bool denied = strcmp(l->event, "outbound_denied") == 0;
    int purpose = purpose_number(l->purposes);
    struct sim_notice *n;
    char class[24];
    const char *expected;
    msec at = leaf_msec(l, "\"time\":\"");

    (void)leaf_field(l->json, "\"class\":\"", class, sizeof(class));
    if (class_of(class) < 0 || purpose < 0) {
        broken(w, l, "no class or purpose");
        return;
    }
    n = notice_of(w, l, class);
    expected = rule_at(w, n, purpose, at);
    if (n->person != l->who)
        broken(w, l, "it was somebody else's");
    if (denied) {
        check_denied(w, l, n, expected, at);
        n->ended = n->queued;
        n->queued = false;
        return;
    }
    if (n->queued)
        broken(w, l, "it is queued twice");
    if (expected != NULL)
        sim_fail(w, "leaf %llu: queued in spite of %s",
                 (unsigned long long)l->index, expected);
    n->day = local_day(n->policy, at);
    if (n->policy == CO && n->class != REQUESTED && was_contacted(w, n, n->day))
        broken(w, l, "a second one on that day");
    n->queued = true;
    n->ended = false;
    n->purpose = (uint8_t)purpose;
}

/* Which row of a list a message is, as the store has it. */
static bool find_notice(struct world *w, const char *outbox, uint32_t *index)
{
    sqlite3_stmt *st = NULL;
    bool found = false;

    if (host_reader(w) != NULL &&
        sqlite3_prepare_v2(w->reader->db,
                           "SELECT id FROM outbound WHERE outbox = ?1", -1, &st,
                           NULL) == SQLITE_OK) {
        sqlite3_bind_text(st, 1, outbox, -1, SQLITE_STATIC);
        found = sqlite3_step(st) == SQLITE_ROW &&
                map_get(w->notice_of, TEXT(st, 0), index);
    }
    sqlite3_finalize(st);
    disk.ours = false;
    return found;
}

/* At the very moment at which it goes: by the rules, and nothing else that day.
 */
void outward_letter(struct world *w, uint32_t letter, const char *json)
{
    struct letter *l = VEC_AT(&w->letters, struct letter, letter);
    msec at = w->now + w->skew;
    struct sim_notice *n;
    const char *rule;
    uint32_t index;

    if (strstr(json, "\"type\":\"template\"") == NULL)
        return;
    model_look(w);
    if (w->failed)
        return;
    if (l->notice == 0 && find_notice(w, l->outbox, &index))
        l->notice = index + 1;
    if (l->notice == 0) {
        sim_fail(w, "message %s is a template of no list", l->outbox);
        return;
    }
    n = NOTICE(w, l->notice - 1);
    rule = rule_at(w, n, n->purpose, at);
    if (!n->queued || n->person != l->person)
        sim_fail(w, "reminder %s goes, and was denied", n->id);
    if (rule != NULL)
        sim_fail(w, "reminder %s goes in spite of %s", n->id, rule);
    n->day = local_day(n->policy, at);
    if (n->policy == CO && n->class != REQUESTED && was_contacted(w, n, n->day))
        sim_fail(w, "reminder %s is a second one on one day", n->id);
}

void outward_accepted(struct world *w, uint32_t letter)
{
    const struct letter *l = VEC_AT(&w->letters, struct letter, letter);

    if (l->notice != 0 && NOTICE(w, l->notice - 1)->accepted++ != 0)
        sim_fail(w, "reminder %s reached the person twice",
                 NOTICE(w, l->notice - 1)->id);
}

void outward_refused(struct world *w, uint32_t letter)
{
    const struct letter *l = VEC_AT(&w->letters, struct letter, letter);

    if (l->notice != 0)
        NOTICE(w, l->notice - 1)->failed = true;
}

/* ---- who they are -------------------------------------------------------- */

static bool is_code(struct world *w, const struct message *m, const void *arg)
{
    const struct sim_check *c = arg;

    return m->kind == M_CODE && m->row != 0 && m->caption != 1 &&
           strcmp(CHECK(w, m->row - 1)->code, c->code) == 0;
}

static void check_leaf(struct world *w, const struct leaf *l)
{
    int64_t at = leaf_case(w, l);
    struct sim_check *c;
    char id[ID_SIZE];
    uint32_t index;

    if (at < 0)
        return;
    (void)leaf_field(l->json, "\"check_id\":\"", id, sizeof(id));
    if (strcmp(l->event, "identity_check_asked") == 0) {
        c = vec_add(&w->checks, sizeof(*c));
        (void)snprintf(c->id, sizeof(c->id), "%s", id);
        c->person = l->who;
        c->policy = (uint8_t)l->policy;
        c->of_case = (uint32_t)at;
        c->order = staff_order(l->json);
        map_put(w->check_of, c->id, (uint32_t)w->checks.n - 1);
        return;
    }
    if (!map_get(w->check_of, id, &index)) {
        broken(w, l, "nobody asked for it");
        return;
    }
    c = CHECK(w, index);
    if (c->passed != 0 || c->failed || c->of_case != at)
        broken(w, l, "it was over, or of another case");
    if (strcmp(l->event, "identity_check_failed") == 0) {
        c->failed = true;
        return;
    }
    c->passed = leaf_msec(l, "\"time\":\"");
    if (c->code[0] != '\0' && !leaf_was_sent(w, l, is_code, c))
        broken(w, l, "nobody wrote that code");
    happen(w, w->now + dice_around(&w->dice, 120 * MSEC_S), H_STAFF, index, 1);
}

/* The newest of the person under the policy has to be this case's, and good. */
static bool is_known(struct world *w, uint32_t of_case, msec at)
{
    const struct sim_case *k = VEC_AT(&w->cases, struct sim_case, of_case);

    for (size_t i = w->checks.n; i-- > 0;)
        if (CHECK(w, i)->person == k->person &&
            CHECK(w, i)->policy == k->policy)
            return CHECK(w, i)->of_case == of_case &&
                   CHECK(w, i)->passed != 0 &&
                   at - CHECK(w, i)->passed < LIMIT_CODE_GOOD;
    return false;
}

static void delivery_leaf(struct world *w, const struct leaf *l)
{
    int64_t at = leaf_case(w, l);
    struct sim_delivery *d;
    char id[ID_SIZE];
    uint32_t index;
    bool sent = strcmp(l->event, "document_sent") == 0;

    if (at < 0)
        return;
    (void)leaf_field(l->json, "\"delivery_id\":\"", id, sizeof(id));
    if (strcmp(l->event, "document_send_ordered") == 0) {
        d = vec_add(&w->deliveries, sizeof(*d));
        (void)snprintf(d->id, sizeof(d->id), "%s", id);
        d->person = l->who;
        d->of_case = (uint32_t)at;
        map_put(w->delivery_of, d->id, (uint32_t)w->deliveries.n - 1);
        if (w->jumps == 0 &&
            !is_known(w, d->of_case, leaf_msec(l, "\"time\":\"")))
            broken(w, l, "nobody knows that it is them");
        return;
    }
    if (!map_get(w->delivery_of, id, &index)) {
        broken(w, l, "nobody ordered it");
        return;
    }
    d = DELIVERY(w, index);
    if (d->sent || d->failed || d->of_case != at)
        broken(w, l, "it was over, or of another case");
    d->sent = sent;
    d->failed = !sent;
    if (sent && PERSON(w, l->who)->standing[l->policy][CASE_PROCESSING].state !=
                    S_GIVEN)
        broken(w, l, "without a yes");
}

/* ---- all of it ----------------------------------------------------------- */

bool outward_leaf(struct world *w, const struct leaf *l)
{
    static const struct {
        const char *begins;
        void (*fn)(struct world *, const struct leaf *);
    } all[] = {
        { "handover_", talk_leaf },         { "agent_replied", talk_leaf },
        { "outbound_queued", notice_leaf }, { "outbound_denied", notice_leaf },
        { "identity_check", check_leaf },   { "document_send_", delivery_leaf },
        { "document_sent", delivery_leaf }
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strncmp(l->event, all[i].begins, strlen(all[i].begins)) == 0) {
            all[i].fn(w, l);
            return true;
        }
    return false;
}
