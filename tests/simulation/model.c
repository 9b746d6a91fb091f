/*
 * The model: leaves as they are committed, held against what people sent and
 * against each other.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "ledger/leaf.h"
#include "store/store_private.h"

/* In one world of so many each leaf's form is looked at, too: every member in
 * its place costs as much as all the rest of the looking. */
#define FORM_EVERY 4

#define PERSON(w, i)     VEC_AT(&(w)->people, struct person, i)
#define MESSAGE(w, i)    VEC_AT(&(w)->messages, struct message, i)
#define ATTACHMENT(w, i) VEC_AT(&(w)->attachments, struct attachment, i)
#define DOCUMENT(w, i)   VEC_AT(&(w)->documents, struct document, i)

int policy_number(const char *id)
{
    return strcmp(id, sim_policies[ES]) == 0   ? ES
           : strcmp(id, sim_policies[CO]) == 0 ? CO
                                               : -1;
}

int purpose_number(const char *id)
{
    for (int i = 0; i < PURPOSES; i++)
        if (strcmp(id, sim_purposes[i]) == 0)
            return i;
    return -1;
}

bool leaf_field(const char *json, const char *key, char *out, size_t cap)
{
    const char *p = strstr(json, key), *end;
    size_t n;

    out[0] = '\0';
    if (p == NULL || (end = strchr(p + strlen(key), '"')) == NULL)
        return false;
    p += strlen(key);
    n = (size_t)(end - p) < cap ? (size_t)(end - p) : cap - 1;
    memcpy(out, p, n);
    out[n] = '\0';
    return true;
}

/* ---- one leaf ---------------------------------------------------------- */

static const struct attachment *attachment_of(struct world *w,
                                              const struct leaf *l)
{
    char id[ID_SIZE];
    uint32_t index;

    if (!leaf_field(l->json, "\"attachment_id\":\"", id, sizeof(id)) ||
        !map_get(w->attachment_of, id, &index)) {
        sim_fail(w, "leaf %llu: %s of no attachment",
                 (unsigned long long)l->index, l->event);
        return NULL;
    }
    if (ATTACHMENT(w, index)->person != l->who)
        sim_fail(w, "leaf %llu: %s of somebody else's attachment",
                 (unsigned long long)l->index, l->event);
    return ATTACHMENT(w, index);
}

static bool gate(struct world *w, const struct attachment *a)
{
    for (int i = 0; i < PURPOSES; i++)
        if ((a->purposes & (1u << i)) != 0 &&
            PERSON(w, a->person)->standing[a->policy][i].state != S_GIVEN)
            return false;
    return true;
}

static void on_held(struct world *w, const struct leaf *l)
{
    struct attachment *a = vec_add(&w->attachments, sizeof(*a));
    struct person *p = PERSON(w, l->who);

    (void)leaf_field(l->json, "\"attachment_id\":\"", a->id, sizeof(a->id));
    a->person = l->who;
    a->policy = (uint8_t)l->policy;
    a->held_index = l->index;
    a->held_at = leaf_msec(l, "\"time\":\"");
    for (int i = 0; i < PURPOSES; i++)
        if (strstr(l->purposes, sim_purposes[i]) != NULL)
            a->purposes |= (uint8_t)(1u << i);
    if (a->purposes == 0)
        sim_fail(w, "leaf %llu: a file that needs no purpose",
                 (unsigned long long)l->index);
    casework_held(w, l, a);
    a->next_of_person = p->newest_attachment;
    p->newest_attachment = (uint32_t)w->attachments.n;
    map_put(w->attachment_of, a->id, (uint32_t)w->attachments.n - 1);
}

/* Of its case's item, as long as somebody may read it. */
static void document_counts(struct world *w, const struct document *d, int n)
{
    const struct attachment *a = ATTACHMENT(w, d->attachment);
    struct sim_case *c = VEC_AT(&w->cases, struct sim_case, d->of_case);

    if (d->kept && a->item >= 0 && a->of_case == d->of_case + 1)
        c->stored[a->item] = (uint8_t)(c->stored[a->item] + n);
}

static void on_document(struct world *w, const struct leaf *l,
                        struct attachment *a)
{
    struct document *d = vec_add(&w->documents, sizeof(*d));
    char hash[HEX_SIZE(SHA256_LEN)];
    uint32_t former;
    int64_t at;

    (void)leaf_field(l->json, "\"document_id\":\"", d->id, sizeof(d->id));
    (void)leaf_field(l->json, "\"payload_sha256\":\"", hash, sizeof(hash));
    (void)hex_decode(d->sha256, SHA256_LEN, hash, 64, false);
    d->attachment = (uint32_t)(a - ATTACHMENT(w, 0));
    a->document = (uint32_t)w->documents.n;
    if (map_get(w->document_of, d->id, &former))
        sim_fail(w, "document %s was made twice", d->id);
    map_put(w->document_of, d->id, (uint32_t)w->documents.n - 1);
    if ((at = casework_filed(w, l, a)) < 0)
        return;
    d->of_case = (uint32_t)at;
    d->stored_at = leaf_msec(l, "\"time\":\"");
    d->kept = strcmp(l->event, "media_stored") == 0;
    document_counts(w, d, 1);
}

/* On record with its end alone: nobody said which document it is, and is told
 * nothing; or its id was dead already when it came, which is told. */
static bool is_unexplained(const struct leaf *l, const struct attachment *a)
{
    return a->item == UNREQUESTED && a->held_index + 1 == l->index &&
           a->held_at == leaf_msec(l, "\"time\":\"");
}

/* Every step that a file may take, and what must be true then. */
static void on_media(struct world *w, const struct leaf *l)
{
    struct attachment *a = (struct attachment *)(uintptr_t)attachment_of(w, l);
    struct person *p;
    const char *what = l->event + strlen("media_");
    bool open, ended;

    if (a == NULL)
        return;
    p = PERSON(w, a->person);
    open = gate(w, a);
    ended = a->state != F_HELD && a->state != F_FETCHING;
    if (strcmp(what, "discarded") == 0)
        return;
    if (ended)
        sim_fail(w, "leaf %llu: %s of %s, which had ended",
                 (unsigned long long)l->index, l->event, a->id);
    if (strcmp(what, "fetching") == 0) {
        if (!open || !casework_mandate(w, a))
            sim_fail(w, "leaf %llu: a fetch of %s without a yes",
                     (unsigned long long)l->index, a->id);
        a->state = F_FETCHING;
    } else if (strcmp(what, "stored") == 0 ||
               strcmp(what, "quarantined") == 0) {
        if (!open || a->state != F_FETCHING)
            sim_fail(w, "leaf %llu: %s of %s without a yes or a fetch",
                     (unsigned long long)l->index, l->event, a->id);
        a->state = what[0] == 's' ? F_STORED : F_QUARANTINED;
        p->to_tell[a->policy]
                  [what[0] == 's' ? TELL_STORED : TELL_QUARANTINED]++;
        on_document(w, l, a);
    } else if (strcmp(what, "dropped") == 0) {
        if (open && casework_mandate(w, a))
            sim_fail(w, "leaf %llu: %s was dropped in spite of a yes",
                     (unsigned long long)l->index, a->id);
        a->state = F_DROPPED;
    } else if (strcmp(what, "refused") == 0) {
        a->state = F_REFUSED;
        p->to_tell[a->policy][TELL_REFUSED]++;
    } else if (strcmp(what, "expired") == 0) {
        /* Who said nothing is told nothing. */
        if (open && casework_mandate(w, a)) {
            /* Who picks a procedure for a child again is asked again, and no
             * leaf says so. */
            if (is_unexplained(l, a) || a->represented)
                p->may_tell[a->policy]++;
            else
                p->to_tell[a->policy][TELL_REFUSED]++;
        }
        a->state = F_EXPIRED;
    } else {
        sim_fail(w, "leaf %llu: %s", (unsigned long long)l->index, l->event);
    }
}

/* ---- decisions --------------------------------------------------------- */

static bool could_mean(const struct message *m, int purpose, bool yes, bool no)
{
    bool mine = m->purpose == PURPOSES || m->purpose == purpose || purpose < 0;

    switch (m->kind) {
    case M_YES:
        return yes;
    case M_GRANT:
        return yes && mine;
    case M_NO:
    case M_OTHER:
    case M_BAJA:
        return no;
    case M_STOP:
        return no && (purpose == CONTACT || purpose < 0);
    case M_ROW: /* not a decision; but one of another kind may be ignored */
        return yes && no;
    case M_REFUSE:
    case M_OTHER_BUTTON:
    case M_WITHDRAW:
        return no && mine;
    default:
        return false;
    }
}

/* The message that a decision's leaf is about. Each says a thing once. */
static struct message *message_of(struct world *w, const struct leaf *l,
                                  int purpose, bool yes, bool no)
{
    int slot = purpose < 0 ? PURPOSES : purpose;
    struct message *best = NULL, *taken = NULL;
    char text[32];
    msec time = 0;

    (void)leaf_field(l->json, "\"provider_time\":\"", text, sizeof(text));
    (void)time_parse(text, &time);
    for (uint32_t i = PERSON(w, l->who)->newest; i != 0;) {
        struct message *m = MESSAGE(w, i - 1);

        i = m->next_of_person;
        if (m->provider_s < time / MSEC_S)
            break;
        if (m->policy != l->policy || !could_mean(m, purpose, yes, no))
            continue;
        if (m->leaves[slot] != 0) {
            if (m->provider_s == time / MSEC_S)
                taken = m;
            continue;
        }
        /* A clock that is behind cuts the times that it finds ahead. */
        if (m->provider_s == time / MSEC_S ||
            (w->behind && best == NULL && m->posted))
            best = m;
    }
    /* Of two in one second it is not certain whose leaf was whose. */
    if (best == NULL && w->weather.same_second)
        best = taken;
    if (best == NULL && !w->behind)
        sim_fail(w, "leaf %llu: %s of %s at %s, and nobody said so (again)",
                 (unsigned long long)l->index, l->event, l->purposes, text);
    if (best != NULL)
        best->leaves[slot]++;
    return best;
}

static void on_decision(struct world *w, const struct leaf *l)
{
    int purpose = purpose_number(l->purposes);
    const char *what = l->event + strlen("consent_");
    bool given = strcmp(what, "given") == 0;
    bool ignored = strcmp(what, "ignored") == 0;
    bool child = !given && strstr(l->json, "\"reason\":\"minor\"") != NULL;
    struct message *m =
        child && !ignored ? NULL
                          : message_of(w, l, purpose, given || ignored, !given);
    struct standing *s;
    char text[32];
    msec time = 0;

    if (purpose < 0 || w->failed ||
        (ignored && strstr(l->json, "\"never_asked\"") == NULL &&
         strstr(l->json, "\"nothing_to_withdraw\"") == NULL))
        return;
    s = &PERSON(w, l->who)->standing[l->policy][purpose];
    (void)leaf_field(l->json, "\"provider_time\":\"", text, sizeof(text));
    (void)time_parse(text, &time);
    time /= MSEC_S;
    if (ignored) { /* a no to what nobody asked: no yes from before it counts */
        s->no_s = time > s->no_s ? time : s->no_s;
        if (m != NULL && m->provider_s > s->true_no_s)
            s->true_no_s = m->provider_s;
        return;
    }
    if (child && !PERSON(w, l->who)->child)
        sim_fail(w, "leaf %llu: nobody said that they are under age",
                 (unsigned long long)l->index);
    if (given && PERSON(w, l->who)->child)
        sim_fail(w, "leaf %llu: a yes of a child",
                 (unsigned long long)l->index);
    if (given) {
        if (!w->behind && m->provider_s <= s->true_no_s)
            sim_fail(w, "leaf %llu: a yes of %lld counts after a no of %lld",
                     (unsigned long long)l->index, (long long)m->provider_s,
                     (long long)s->true_no_s);
        s->state = S_GIVEN;
        s->given++;
        s->yes_s = time > s->yes_s ? time : s->yes_s;
    } else {
        if ((strcmp(what, "withdrawn") == 0) != (s->state == S_GIVEN))
            sim_fail(w, "leaf %llu: %s from the wrong state",
                     (unsigned long long)l->index, l->event);
        if (s->state == S_GIVEN && time < s->yes_s && !child)
            sim_fail(w, "leaf %llu: an older no undoes a later yes",
                     (unsigned long long)l->index);
        s->state = s->state == S_GIVEN ? S_WITHDRAWN : S_REFUSED;
        s->no_s = time > s->no_s ? time : s->no_s;
        if (m != NULL && m->provider_s > s->true_no_s)
            s->true_no_s = m->provider_s;
        s->no_index = l->index;
        *(uint32_t *)vec_add(&w->dirty, sizeof(uint32_t)) = l->who;
    }
}

/* Spain: 30 days after its case was closed it is kept apart. */
static bool is_over(struct world *w, const struct document *d, msec now)
{
    const struct sim_case *c = VEC_AT(&w->cases, struct sim_case, d->of_case);

    return c->policy == ES && c->state == C_CLOSED &&
           now - c->closed_at >= 30 * MSEC_D;
}

static void on_blocked(struct world *w, const struct leaf *l)
{
    struct document *d;
    char id[ID_SIZE];
    uint32_t index;

    (void)leaf_field(l->json, "\"document_id\":\"", id, sizeof(id));
    if (!map_get(w->document_of, id, &index)) {
        sim_fail(w, "leaf %llu: no document to block",
                 (unsigned long long)l->index);
        return;
    }
    d = DOCUMENT(w, index);
    if (d->blocked || (gate(w, ATTACHMENT(w, d->attachment)) &&
                       !is_over(w, d, leaf_msec(l, "\"time\":\""))))
        sim_fail(w, "leaf %llu: document %s is blocked for no reason",
                 (unsigned long long)l->index, id);
    document_counts(w, d, -1);
    d->kept = false;
    d->blocked = true;
    d->blocked_at = leaf_msec(l, "\"time\":\"");
}

/* How long before it may go by itself: what nobody asked for a week, what is
 * kept apart three years (Spain), what was taken back 30 days (Colombia) and
 * what a closed case had five years. */
static bool may_go(struct world *w, const struct document *d, msec now)
{
    const struct attachment *a = ATTACHMENT(w, d->attachment);
    const struct sim_case *c = VEC_AT(&w->cases, struct sim_case, d->of_case);

    if (a->item == UNREQUESTED && now - d->stored_at >= 7 * MSEC_D)
        return true;
    if (d->blocked)
        return now - d->blocked_at >=
               (a->policy == ES ? 1095 : 30) * (msec)MSEC_D;
    return a->policy == CO && c->state == C_CLOSED &&
           now - c->closed_at >= 1825 * (msec)MSEC_D;
}

static void on_retired(struct world *w, const struct leaf *l)
{
    struct document *d;
    char text[ID_SIZE];
    uint32_t index;

    (void)leaf_field(l->json, "\"scope\":\"", text, sizeof(text));
    if (strcmp(text, "documents") != 0)
        return;
    (void)leaf_field(l->json, "\"document_id\":\"", text, sizeof(text));
    if (!map_get(w->document_of, text, &index)) {
        sim_fail(w, "leaf %llu: no document to erase",
                 (unsigned long long)l->index);
        return;
    }
    d = DOCUMENT(w, index);
    if (d->retired || !may_go(w, d, leaf_msec(l, "\"time\":\"")))
        sim_fail(w, "leaf %llu: document %s goes before its time, or twice",
                 (unsigned long long)l->index, text);
    document_counts(w, d, -1);
    d->kept = false;
    d->retired = true;
    w->retired++;
}

static void apply(struct world *w, struct leaf *l)
{
    (void)leaf_field(l->json, "\"event_type\":\"", l->event, sizeof(l->event));
    staff_leaf(w, l->json, l->index);
    if (!leaf_field(l->json, "\"subject\":\"", l->subject, sizeof(l->subject)))
        return;
    (void)leaf_field(l->json, "\"policy\":\"", l->policy_id,
                     sizeof(l->policy_id));
    (void)leaf_field(l->json, "\"purpose\":\"", l->purposes,
                     sizeof(l->purposes));
    l->policy = policy_number(l->policy_id);
    if (!map_get(w->subject_of, l->subject, &l->who)) {
        model_learn(w, true);
        if (!map_get(w->subject_of, l->subject, &l->who)) {
            sim_fail(w, "leaf %llu: %s of nobody that we know",
                     (unsigned long long)l->index, l->event);
            return;
        }
    }
    if (strcmp(l->event, "media_held") == 0)
        on_held(w, l);
    else if (strncmp(l->event, "media_", 6) == 0)
        on_media(w, l);
    else if (strcmp(l->event, "document_blocked") == 0)
        on_blocked(w, l);
    else if (strcmp(l->event, "document_erased") == 0)
        on_retired(w, l);
    else if (casework_leaf(w, l) || clocks_leaf(w, l) || outward_leaf(w, l))
        return;
    else if (strncmp(l->event, "consent_", 8) == 0 &&
             strcmp(l->event, "consent_requested") != 0)
        on_decision(w, l);
}

/* ---- looking ----------------------------------------------------------- */

/* Who is behind a subject: asked of the store, by the handles we gave them. */
void model_learn(struct world *w, bool all)
{
    struct error err;

    for (uint32_t i = 0; i < w->people.n; i++) {
        struct person *p = PERSON(w, i);

        if (p->subject[0] != '\0' || (!p->touched && !all))
            continue;
        p->touched = false;
        if (subject_find(w->reader, HANDLE_PHONE, p->phone, p->subject, &err) !=
                1 &&
            subject_find(w->reader, HANDLE_BSUID, p->bsuid, p->subject, &err) !=
                1)
            p->subject[0] = '\0';
        else
            map_put(w->subject_of, p->subject, i);
    }
}

/* A no has its whole effect in its own transaction. */
static void check_no(struct world *w, uint32_t who)
{
    struct person *p = PERSON(w, who);

    for (uint32_t i = p->newest_attachment; i != 0;) {
        const struct attachment *a = ATTACHMENT(w, i - 1);

        i = a->next_of_person;
        if (gate(w, a))
            continue;
        if (a->document != 0 && !DOCUMENT(w, a->document - 1)->blocked &&
            !DOCUMENT(w, a->document - 1)->retired)
            sim_fail(w, "document %s is open in spite of a no",
                     DOCUMENT(w, a->document - 1)->id);
        for (int k = 0; k < PURPOSES; k++)
            if ((a->purposes & (1u << k)) != 0 && a->state <= F_FETCHING &&
                p->standing[a->policy][k].no_index > a->held_index &&
                p->standing[a->policy][k].state != S_GIVEN)
                sim_fail(w, "%s goes on in spite of a no", a->id);
    }
}

/* The log as an auditor reads it, without the model's knowledge. */
static void see_by_an_auditor(struct world *w, const void *entry, size_t len,
                              uint64_t index)
{
    const char *violation = NULL;
    struct error err;
    struct json_doc *value;

    if (ledger_leaf_check(entry, len, index, &err) != 0) {
        sim_fail(w, "the ledger does not verify: %s", err.text);
        return;
    }
    if (w->gate == NULL && (w->gate = ledger_gate_new()) == NULL)
        abort();
    value = json_scan(entry, len, &err);
    if (value == NULL ||
        ledger_gate_add_node(w->gate, json_root(value), &violation, &err) != 0)
        abort();
    if (violation != NULL)
        sim_fail(w, "entry %llu: %s", (unsigned long long)index, violation);
    json_doc_free(&value);
}

static void see_row(struct world *w)
{
    uint64_t index = (uint64_t)sqlite3_column_int64(w->tail, 0);
    int len = sqlite3_column_bytes(w->tail, 1);
    const void *entry = sqlite3_column_blob(w->tail, 1);
    uint8_t *hash = vec_add(&w->leaf_hashes, SHA256_LEN);
    char *json = malloc((size_t)len + 2);
    struct leaf leaf = { .index = index, .json = json + 1 };

    /* RFC 6962: the leaf's hash begins with a zero. */
    json[0] = '\0';
    memcpy(json + 1, entry, (size_t)len);
    json[len + 1] = '\0';
    crypto_hash_sha256(hash, (uint8_t *)json, (size_t)len + 1);
    if (getenv("SIM_LEAVES") != NULL) /* for who looks for something */
        (void)fprintf(stderr, "%s\n", json + 1);
    if (index != w->leaves)
        sim_fail(w, "leaf %llu follows leaf %llu", (unsigned long long)index,
                 (unsigned long long)w->leaves);
    if (sqlite3_column_bytes(w->tail, 2) != SHA256_LEN ||
        memcmp(sqlite3_column_blob(w->tail, 2), hash, SHA256_LEN) != 0)
        sim_fail(w, "leaf %llu is not the hash of its entry",
                 (unsigned long long)index);
    ledger_tree_add(&w->tree, hash);
    if (w->seed % FORM_EVERY == 0)
        see_by_an_auditor(w, entry, (size_t)len, index);
    w->leaves++;
    trace_add(&w->trace, entry, (size_t)len);
    apply(w, &leaf);
    free(json);
}

void model_look(struct world *w)
{
    int code = SQLITE_DONE;

    if (w->failed)
        return;
    if (host_reader(w) == NULL || w->tail == NULL)
        goto out;
    model_learn(w, false);
    sqlite3_bind_int64(w->tail, 1, (sqlite3_int64)w->leaves);
    while (!w->failed && (code = sqlite3_step(w->tail)) == SQLITE_ROW)
        see_row(w);
    if (!w->failed && code != SQLITE_DONE)
        sim_fail(w, "the ledger cannot be read: %s", sqlite3_errstr(code));
    sqlite3_reset(w->tail);
    for (size_t i = 0; i < w->dirty.n; i++)
        check_no(w, *VEC_AT(&w->dirty, uint32_t, i));
    w->dirty.n = 0;
out:
    disk.ours = false;
}

/* What was seen committed is still there. */
void model_crashed(struct world *w)
{
    sqlite3_stmt *st = NULL;

    if (w->failed || w->leaves == 0 || host_reader(w) == NULL)
        return;
    if (sqlite3_prepare_v2(w->reader->db,
                           "SELECT leaf FROM ledger WHERE idx = ?1", -1, &st,
                           NULL) != SQLITE_OK)
        sim_fail(w, "the ledger cannot be read");
    sqlite3_bind_int64(st, 1, (sqlite3_int64)w->leaves - 1);
    if (sqlite3_step(st) != SQLITE_ROW ||
        memcmp(sqlite3_column_blob(st, 0),
               VEC_AT(&w->leaf_hashes, uint8_t, (w->leaves - 1) * SHA256_LEN),
               SHA256_LEN) != 0)
        sim_fail(w, "leaf %llu was committed and is gone",
                 (unsigned long long)w->leaves - 1);
    sqlite3_finalize(st);
    host_reader_done(w);
}
