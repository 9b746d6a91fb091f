/* What the committed ledger says of everybody, and the laws about consent. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- looking up --------------------------------------------------------- */

struct subject *subject_by_id(struct world *w, const char *id)
{
    struct subject *s;

    if (id == NULL)
        broken(w, -1, "somebody without an id");
    for (int i = w->nsubjects - 1; i >= 0; i--)
        if (strcmp(w->subjects[i].id, id) == 0)
            return &w->subjects[i];
    if (w->nsubjects == SUBJECTS)
        broken(w, -1, "too many people for this test");
    s = &w->subjects[w->nsubjects];
    memset(s, 0, sizeof(*s));
    SET(s->id, id);
    s->person = w->actor; /* who is heard of first is who writes now */
    s->group = w->nsubjects++;
    return s;
}

struct attachment *file_by_id(struct world *w, const char *id)
{
    for (size_t i = w->nfiles; id != NULL && i-- > 0;)
        if (strcmp(w->files[i].id, id) == 0)
            return &w->files[i];
    return NULL;
}

unsigned purposes_mask_of(struct world *w, int policy, const char *list)
{
    char copy[400], *rest = copy, *one;
    unsigned mask = 0;
    int which;

    (void)snprintf(copy, sizeof(copy), "%s", list != NULL ? list : "");
    while ((one = strsep(&rest, ",")) != NULL) {
        which = one[0] == '\0' ? -1 : policy_purpose(policy_at(w, policy), one);
        if (which >= 0)
            mask |= 1u << which;
        else if (one[0] != '\0')
            broken(w, -1, "a purpose that no policy has: %s", one);
    }
    return mask;
}

static bool rests_on_consent(const struct world *w, int policy, int purpose)
{
    enum legal_basis basis = policy_at(w, policy)->purposes[purpose].basis;

    return basis == BASIS_CONSENT || basis == BASIS_EXPLICIT_CONSENT;
}

bool is_open(const struct world *w, const struct subject *s, int policy,
             int purpose, msec at)
{
    if (rests_on_consent(w, policy, purpose))
        return s->basis[policy][purpose].is == OPEN &&
               (s->basis[policy][purpose].until == 0 ||
                s->basis[policy][purpose].until > at);
    return s->basis[policy][purpose].is == READ ||
           (s->basis[policy][purpose].is == TOLD &&
            !policy_at(w, policy)->purposes[purpose].acknowledge);
}

static const char *evidence(json_t *leaf, const char *key)
{
    return json_str(json_object_get(leaf, "evidence"), key);
}

static msec time_of(json_t *leaf, const char *key)
{
    const char *text = json_str(leaf, key);
    msec at = 0;

    if (text != NULL && time_parse(text, &at) != 0)
        at = 0;
    return at;
}

/* ---- the gate ----------------------------------------------------------- */

static bool takes_back(const struct saying *said, int policy, int purpose,
                       int64_t yes_s)
{
    return said->policy == policy && said->second >= yes_s &&
           (said->what == SAID_NO_ALL ||
            (said->what == SAID_NO && said->purpose == purpose));
}

/* No word of theirs against that purpose is younger than their yes. */
static void no_is_respected(struct world *w, const struct subject *s,
                            int policy, int purpose)
{
    const struct person *p = s->person < 0 ? NULL : &w->people[s->person];
    int64_t yes_s = s->basis[policy][purpose].yes_s;

    for (size_t k = 0; p != NULL && k < p->nsaid; k++)
        if ((p->said[k].subject < 0 || &w->subjects[p->said[k].subject] == s) &&
            takes_back(&p->said[k], policy, purpose, yes_s))
            broken(w, s->person,
                   "%s is used: they said no at %lld, and yes at %lld",
                   policy_at(w, policy)->purposes[purpose].id,
                   (long long)p->said[k].second, (long long)yes_s);
}

static void gate_is_open(struct world *w, const struct subject *s, int policy,
                         unsigned purposes, const char *what)
{
    if (purposes == 0)
        broken(w, s->person, "%s for no purpose", what);
    if (s->gone)
        broken(w, s->person, "%s of somebody who is erased", what);
    for (int i = 0; i < (int)policy_at(w, policy)->npurposes; i++) {
        if ((purposes & 1u << i) == 0)
            continue;
        if (!is_open(w, s, policy, i, w->now))
            broken(w, s->person, "%s, and %s is not open", what,
                   policy_at(w, policy)->purposes[i].id);
        if (rests_on_consent(w, policy, i))
            no_is_respected(w, s, policy, i);
    }
    if (s->minor && !s->represented)
        broken(w, s->person, "%s of a child whom nobody represents", what);
}

static bool case_is_represented(const struct world *w, const char *id)
{
    for (size_t i = 0; i < w->nrepresented; i++)
        if (strcmp(w->represented_cases[i], id) == 0)
            return true;
    return false;
}

/* What a file needs, by the policy's data: its item's purposes, else those
 * that gate its kind. A photo is one whatever message it comes in. */
static void needs_enough(struct world *w, const struct attachment *a,
                         json_t *leaf)
{
    const struct policy *p = policy_at(w, a->policy);
    const char *item = json_str(leaf, "item");

    if (item == NULL || strcmp(item, "unrequested") == 0)
        return;
    for (size_t k = 0; k < p->nprocedures; k++)
        for (size_t i = 0; i < p->procedures[k].nitems; i++)
            if (strcmp(p->procedures[k].items[i].id, item) == 0 &&
                (a->purposes & ~p->procedures[k].items[i].purposes) == 0 &&
                a->purposes == p->procedures[k].items[i].purposes)
                return;
    broken(w, w->subjects[a->subject].person,
           "a file for %s does not need what that item needs", item);
}

/* ---- leaves about files ------------------------------------------------- */

static void file_held(struct world *w, json_t *leaf, struct subject *s,
                      int policy)
{
    struct attachment *a;
    const char *case_id = json_str(leaf, "case_id");

    w->files = grown(w->files, w->nfiles, &w->files_cap, sizeof(*a));
    a = &w->files[w->nfiles++];
    memset(a, 0, sizeof(*a));
    SET(a->id, json_str(leaf, "attachment_id"));
    SET(a->case_id, case_id != NULL ? case_id : "");
    a->subject = (int)(s - w->subjects);
    a->policy = policy;
    a->represented = json_is_true(
        json_object_get(json_object_get(leaf, "evidence"), "represented"));
    tell(w, s->person, "  held %s for %s", a->represented ? "(another's)" : "",
         json_str(leaf, "purpose"));
}

static void file_leaf(struct world *w, const char *event, json_t *leaf,
                      struct subject *s, int policy)
{
    struct attachment *a;
    struct person *p = s->person < 0 ? NULL : &w->people[s->person];

    if (strcmp(event, "media_held") == 0) {
        file_held(w, leaf, s, policy);
        return;
    }
    a = file_by_id(w, json_str(leaf, "attachment_id"));
    if (a == NULL || &w->subjects[a->subject] != s)
        broken(w, s->person, "%s of a file that nobody sent", event);
    tell(w, s->person, "  %s %s", event,
         json_str(leaf, "reason") != NULL ? json_str(leaf, "reason") : "");
    a->purposes = purposes_mask_of(w, policy, json_str(leaf, "purpose"));
    if (json_str(leaf, "case_id") != NULL)
        SET(a->case_id, json_str(leaf, "case_id"));
    if (strcmp(event, "media_fetching") == 0) {
        gate_is_open(w, s, policy, a->purposes, "a file is fetched");
        needs_enough(w, a, leaf);
        if (a->represented && !case_is_represented(w, a->case_id))
            broken(w, s->person,
                   "papers of another are fetched, and nobody "
                   "said that they may");
        a->permitted = true;
        return;
    }
    if (strcmp(event, "media_stored") == 0) {
        gate_is_open(w, s, policy, a->purposes, "a document is stored");
        SET(a->document, json_str(leaf, "document_id"));
        a->stored = true;
        w->seen.stored++;
    }
    /* An end that a receipt tells of. */
    if (p != NULL && (strcmp(event, "media_stored") == 0 ||
                      strcmp(event, "media_refused") == 0 ||
                      strcmp(event, "media_quarantined") == 0)) {
        p->file_last[policy] = w->now;
        if (p->file_first[policy] == 0)
            p->file_first[policy] = w->now;
    }
}

static void document_ended(struct world *w, json_t *leaf)
{
    const char *id = json_str(leaf, "document_id");

    for (size_t i = 0; id != NULL && i < w->nfiles; i++)
        if (w->files[i].stored && strcmp(w->files[i].document, id) == 0)
            w->files[i].blocked = true;
}

/* ---- leaves about decisions --------------------------------------------- */

/* Somebody said so, at that second, to a question that they were asked. */
static void was_said(struct world *w, const struct subject *s, int policy,
                     int purpose, int64_t second)
{
    const struct person *p;

    if (s->person < 0)
        broken(w, -1, "a yes of nobody");
    p = &w->people[s->person];
    if (!s->basis[policy][purpose].asked)
        broken(w, s->person, "a yes to a question that was not asked");
    for (size_t k = 0; k < p->nsaid; k++)
        if (p->said[k].policy == policy && p->said[k].second == second &&
            (p->said[k].what == SAID_YES_WORD ||
             (p->said[k].what == SAID_YES && p->said[k].purpose == purpose)))
            return;
    broken(w, s->person, "a yes that nobody said");
}

static void yes(struct world *w, json_t *leaf, struct subject *s, int policy,
                int purpose)
{
    const char *role = evidence(leaf, "decider_role");
    int64_t second = time_of(leaf, "provider_time") / MSEC_S;
    const char *until = evidence(leaf, "valid_until");

    if (!rests_on_consent(w, policy, purpose))
        broken(w, s->person, "a yes to what asks for none");
    was_said(w, s, policy, purpose, second);
    if (s->minor && (!s->represented || role == NULL ||
                     strcmp(role, "representative") != 0))
        broken(w, s->person, "a child's own yes");
    s->basis[policy][purpose].is = OPEN;
    s->basis[policy][purpose].yes_s = second;
    s->basis[policy][purpose].until = 0;
    if (until != NULL)
        (void)time_parse(until, &s->basis[policy][purpose].until);
    if ((until != NULL) !=
        (policy_at(w, policy)->purposes[purpose].valid_for != 0))
        broken(w, s->person,
               "a yes that ends, or does not, against the policy");
    w->seen.granted++;
}

static void decision_leaf(struct world *w, const char *event, json_t *leaf,
                          struct subject *s, int policy)
{
    const char *name = json_str(leaf, "purpose");
    int purpose =
        name != NULL ? policy_purpose(policy_at(w, policy), name) : -1;

    if (purpose < 0)
        return;
    tell(w, s->person, "  %s %s %s", event, name,
         evidence(leaf, "reason") != NULL ? evidence(leaf, "reason") : "");
    if (strcmp(event, "consent_given") == 0) {
        yes(w, leaf, s, policy, purpose);
    } else if (strcmp(event, "consent_carried") == 0) {
        if (policy_at(w, policy)->purposes[purpose].basis != BASIS_CONSENT)
            broken(w, s->person, "an explicit consent came over");
        s->basis[policy][purpose].is = OPEN;
        s->basis[policy][purpose].yes_s = 0;
        for (int i = 0; i < w->nsubjects; i++)
            if (evidence(leaf, "former") != NULL &&
                strcmp(w->subjects[i].id, evidence(leaf, "former")) == 0) {
                if (!is_open(w, &w->subjects[i], policy, purpose, w->now))
                    broken(w, s->person, "a consent came over that was none");
                s->basis[policy][purpose] =
                    w->subjects[i].basis[policy][purpose];
            }
    } else if (strcmp(event, "consent_refused") == 0 ||
               strcmp(event, "consent_withdrawn") == 0 ||
               strcmp(event, "consent_uncarried") == 0 ||
               strcmp(event, "consent_expired") == 0) {
        s->basis[policy][purpose].is = SHUT;
        s->basis[policy][purpose].no_s =
            time_of(leaf, "provider_time") / MSEC_S;
        w->seen.withdrawn += strcmp(event, "consent_withdrawn") == 0;
    } else if (strcmp(event, "notice_delivered") == 0) {
        if (s->basis[policy][purpose].is != READ)
            s->basis[policy][purpose].is = TOLD;
    } else if (strcmp(event, "notice_acknowledged") == 0) {
        if (!s->basis[policy][purpose].asked)
            broken(w, s->person, "they read what they were not sent");
        s->basis[policy][purpose].is = READ;
    }
}

/* ---- leaves about persons ----------------------------------------------- */

static void handover_leaf(struct world *w, const char *event, json_t *leaf,
                          struct subject *s, int policy)
{
    tell(w, s->person, "  %s", event);
    if (strcmp(event, "handover_asked") == 0 ||
        strcmp(event, "handover_returned") == 0)
        s->mode[policy] = WAITING;
    else if (strcmp(event, "handover_taken") == 0)
        s->mode[policy] = AGENT;
    else if (strcmp(event, "handover_ended") == 0)
        s->mode[policy] = BOT;
    if (evidence(leaf, "conversation_id") != NULL)
        SET(s->conversation[policy], evidence(leaf, "conversation_id"));
}

static void regroup(struct world *w)
{
    static char pairs[SUBJECTS][2][ID_SIZE];
    size_t n = 0;
    sqlite3_stmt *st = NULL;

    for (int i = 0; i < w->nsubjects; i++)
        w->subjects[i].group = i;
    if (sqlite3_prepare_v2(w->db,
                           "SELECT subject, former FROM link WHERE ended IS"
                           " NULL",
                           -1, &st, NULL) != SQLITE_OK)
        broken(w, -1, "links cannot be read");
    while (sqlite3_step(st) == SQLITE_ROW && n < SUBJECTS) {
        for (int k = 0; k < 2; k++)
            (void)snprintf(pairs[n][k], ID_SIZE, "%s",
                           (const char *)sqlite3_column_text(st, k));
        n++;
    }
    sqlite3_finalize(st);
    for (size_t i = 0; i < n; i++) {
        int a = subject_by_id(w, pairs[i][0])->group;
        int b = subject_by_id(w, pairs[i][1])->group;

        for (int k = 0; k < w->nsubjects; k++)
            if (w->subjects[k].group == b)
                w->subjects[k].group = a;
    }
}

static void person_leaf(struct world *w, const char *event, json_t *leaf,
                        struct subject *s)
{
    const char *kind = evidence(leaf, "kind");

    tell(w, s->person, "  %s %s", event, kind != NULL ? kind : "");
    if (strcmp(event, "minor_declared") == 0) {
        s->minor = true;
        s->represented = false;
        w->seen.minors++;
    } else if (strcmp(event, "minor_cleared") == 0) {
        s->minor = s->represented = false;
    } else if (strcmp(event, "representation_declared") == 0) {
        const char *case_id = json_str(leaf, "case_id");

        if (case_id == NULL)
            s->represented = true;
        else if (w->nrepresented < 512)
            SET(w->represented_cases[w->nrepresented++], case_id);
    } else if (strcmp(event, "subject_linked") == 0 ||
               strcmp(event, "subject_relinked") == 0 ||
               strcmp(event, "subject_unlinked") == 0) {
        regroup(w);
        w->seen.linked++;
    } else if (strcmp(event, "erasure_ordered") == 0) {
        if (strcmp(json_str(leaf, "scope"), "subject") == 0)
            s->ordered = true;
    } else if (strcmp(event, "subject_blocked") == 0 ||
               strcmp(event, "subject_erased") == 0) {
        s->gone = true;
        w->seen.erased++;
    } else if (strcmp(event, "hold_placed") == 0) {
        s->holds += kind != NULL && strcmp(kind, "impersonation") == 0;
    } else if (strcmp(event, "hold_lifted") == 0) {
        s->holds -= s->holds > 0;
    }
}

/* ---- all ---------------------------------------------------------------- */

static bool begins(const char *event, const char *with)
{
    return strncmp(event, with, strlen(with)) == 0;
}

void model_leaf(struct world *w, json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const char *id = json_str(leaf, "subject");
    int policy = policy_index(w, json_str(leaf, "policy"));
    struct subject *s;

    if (begins(event, "request_"))
        request_leaf_seen(w, event, leaf);
    if (begins(event, "outbound_queued") || begins(event, "outbound_denied"))
        contact_leaf(w, leaf, begins(event, "outbound_queued"));
    if (id == NULL)
        return;
    s = subject_by_id(w, id);
    if (begins(event, "media_") && policy >= 0)
        file_leaf(w, event, leaf, s, policy);
    else if ((begins(event, "consent_") || begins(event, "notice_")) &&
             policy >= 0)
        decision_leaf(w, event, leaf, s, policy);
    else if (begins(event, "handover_") && policy >= 0)
        handover_leaf(w, event, leaf, s, policy);
    else if (begins(event, "document_blocked") ||
             begins(event, "document_erased"))
        document_ended(w, leaf);
    else
        person_leaf(w, event, leaf, s);
}

/* A no is one of all their references: what any gave before it has ended. */
static void no_has_ended_it(struct world *w, const struct subject *s)
{
    const struct person *p = &w->people[w->actor];

    for (int i = 0; i < w->nsubjects; i++) {
        const struct subject *t = &w->subjects[i];

        if (t->group != s->group || t->gone)
            continue;
        for (size_t n = 0; n < p->nsaid; n++)
            for (int k = 0; p->said[n].at == w->now && k < PURPOSES; k++)
                if (t->basis[p->said[n].policy][k].is == OPEN &&
                    takes_back(&p->said[n], p->said[n].policy, k,
                               t->basis[p->said[n].policy][k].yes_s))
                    broken(w, w->actor, "a no left %s of %s open",
                           policy_at(w, p->said[n].policy)->purposes[k].id,
                           t == s ? "theirs" : "another reference");
    }
}

static void what_rests_on_it_is_blocked(struct world *w)
{
    for (size_t i = 0; i < w->nfiles; i++) {
        const struct attachment *a = &w->files[i];
        const struct subject *s = &w->subjects[a->subject];
        bool all_consent = true, shut = false;

        if (!a->stored || a->blocked || s->gone)
            continue;
        for (int k = 0; k < (int)policy_at(w, a->policy)->npurposes; k++)
            if ((a->purposes & 1u << k) != 0) {
                all_consent &= rests_on_consent(w, a->policy, k);
                shut |= s->basis[a->policy][k].is == SHUT &&
                        s->basis[a->policy][k].no_s != 0;
            }
        if (shut && all_consent)
            broken(w, s->person,
                   "a document can be read, and its purpose was "
                   "taken back");
    }
}

void model_settled(struct world *w)
{
    struct person *p = w->actor < 0 ? NULL : &w->people[w->actor];

    if (p != NULL && p->subject >= 0)
        no_has_ended_it(w, &w->subjects[p->subject]);
    if (w->steps % 16 == 0)
        what_rests_on_it_is_blocked(w);
}

/* ---- a person is near --------------------------------------------------- */

static void leads_to_person(struct world *w, const struct dialogue_state *s,
                            int person, enum dialogue_input_kind kind,
                            const char *text)
{
    struct dialogue_input input = { .kind = kind,
                                    .text = text,
                                    .provider_s = w->now / MSEC_S };
    struct dialogue_plan plan;

    dialogue_decide(s, &input, w->now, &plan);
    for (size_t i = 0; i < plan.n; i++)
        if (plan.actions[i].kind == DO_ASK_PERSON)
            return;
    broken(w, person, "\"%s\" does not lead to a person", text);
}

/* As if they asked now; nothing comes of it. */
void person_is_near(struct world *w, int person, int policy)
{
    const struct person *p = &w->people[person];
    struct dialogue_state state;
    struct subject_row row;
    struct error e = { 0 };
    const struct subject *s;

    if (p->subject < 0)
        return;
    s = &w->subjects[p->subject];
    if (s->gone || s->mode[policy] != BOT)
        return;
    if (plan_state(w->r, policy_at(w, policy), s->id, &state, &e) != 0 ||
        subject_get(w->r->store, s->id, &row, &e) != 1)
        broken(w, person, "their state cannot be read: %s", e.text);
    state.minor = (enum minor_state)row.minor;
    leads_to_person(w, &state, person, INPUT_TEXT, "Persona");
    leads_to_person(w, &state, person, INPUT_BUTTON, "person/ask");
}
