/* People: found by how they are reached, and erased. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/dialogue.h"
#include "resguardo/registrar_person.h"

/* ---- find --------------------------------------------------------------- */

/* A number as Meta writes it, without plus, spaces or signs; or a user id as it
 * was typed. ERR_INPUT when it is neither. */
static int read_handle(const char *typed, char out[static LIMIT_HANDLE + 1],
                       bool *phone, struct error *e)
{
    size_t n = 0;

    *phone = typed != NULL && typed[strspn(typed, "+0123456789 ()-.")] == '\0';
    if (typed == NULL || strlen(typed) > LIMIT_HANDLE)
        return error_set(e, ERR_INPUT, "whom should be looked for?");
    for (const char *p = typed; *p != '\0'; p++)
        if (!*phone || (*p >= '0' && *p <= '9'))
            out[n++] = *p;
    out[n] = '\0';
    if (n > 0)
        return 0;
    return error_set(e, ERR_INPUT, "neither a phone number nor a user id");
}

struct matches {
    struct request *r;
    char ids[HANDLE__MAX][ID_SIZE];
    size_t n;
};

static int look_up(struct matches *m, enum handle_kind kind, const char *value,
                   struct error *e)
{
    char *to = m->ids[m->n];
    int found = subject_find(m->r->store, kind, value, to, e);

    if (found <= 0)
        return found;
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->ids[i], to) == 0)
            return 0;
    m->n++;
    return 0;
}

/* One snapshot: meanwhile handles may move from one key to another. */
static int find(struct matches *m, const char *handle, bool phone,
                struct error *e)
{
    int ok;

    if (store_read_begin(m->r->store, e) != 0)
        return -1;
    if (phone)
        ok = look_up(m, HANDLE_PHONE, handle, e);
    else
        ok = look_up(m, HANDLE_BSUID, handle, e) != 0 ||
                     look_up(m, HANDLE_PARENT, handle, e) != 0
                 ? -1
                 : 0;
    store_read_end(m->r->store);
    return ok;
}

/* What was asked is committed to, and kept sealed with the person it found. */
static int record_search(struct request *r, const struct matches *m,
                         const char *handle,
                         const struct staff_signature *signature,
                         struct error *e)
{
    struct approval approval = { .action = ACTION_REVEAL };
    struct staff_access access = request_access(r, "subject_searched");
    json_t *filter =
        json_pack("{s:s, s:s}", "action", "reveal", "handle", handle);
    struct buf text = { 0 };
    int ok = -1;

    access.signature = signature;
    if (filter == NULL || json_canonical(filter, &text) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a search");
        goto out;
    }
    access.filter = (const char *)text.p;
    approval.what = &text;
    access.approval = &approval;
    ok = m->n == 0 ? request_record(r, &access, e) : 0;
    for (size_t i = 0; ok == 0 && i < m->n; i++) {
        memcpy(access.subject, m->ids[i], sizeof(access.subject));
        ok = request_record(r, &access, e);
        access.approval = NULL; /* one search, one approval */
    }
out:
    json_decref(filter);
    buf_free(&text);
    return ok;
}

static int add_name(json_t *list, const char *name)
{
    const json_t *known;
    size_t i;

    json_array_foreach(list, i, known)
    {
        if (strcmp(json_string_value(known), name) == 0)
            return 0;
    }
    return json_array_append_new(list, json_string(name));
}

struct person {
    json_t *policies, *cases;
};

static int see_case(void *arg, const struct case_row *row)
{
    struct person *p = arg;

    return add_name(p->policies, row->policy) != 0 ||
                   add_name(p->cases, row->id) != 0
               ? -1
               : 0;
}

static int see_consent(void *arg, const struct consent_row *row)
{
    struct person *p = arg;

    return add_name(p->policies, row->policy);
}

static json_t *person_json(struct request *r, const char *id, struct error *e)
{
    struct person p = { json_array(), json_array() };
    struct subject_row row = { 0 };
    char created[TIME_SIZE];
    json_t *o = NULL, *linked = NULL;

    e->code = ERR_NONE;
    if (subject_get(r->store, id, &row, e) < 0 ||
        consent_of_person(r->store, id, see_consent, &p, e) != 0 ||
        case_of_person(r->store, id, see_case, &p, e) != 0 ||
        (linked = linked_json(r->store, id, e)) == NULL)
        goto out;
    time_format(created, row.created);
    o = json_pack("{s:s, s:s, s:O, s:O, s:O, s:b, s:b, s:o}", "subject", id,
                  "created_at", created, "policies", p.policies, "cases",
                  p.cases, "linked", linked, "minor", row.minor != 0,
                  "represented", row.minor == MINOR_REPRESENTED, "language",
                  shape_text(row.language));
out:
    if (o == NULL && e->code == ERR_NONE)
        (void)error_set(e, ERR_NOMEM, "no memory for a person");
    json_decref(p.policies);
    json_decref(p.cases);
    json_decref(linked);
    return o;
}

static int answer_matches(struct request *r, const struct matches *m,
                          struct error *e)
{
    json_t *list = json_array();

    for (size_t i = 0; i < m->n; i++) {
        json_t *o = person_json(r, m->ids[i], e);

        if (o != NULL && json_array_append_new(list, o) == 0)
            continue;
        json_decref(list);
        return o == NULL ? -1 : error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return answer_json(r, list, e);
}

int serve_subject_find(struct request *r, struct error *e)
{
    struct matches m = { .r = r };
    struct staff_signature signature;
    char handle[LIMIT_HANDLE + 1];
    json_t *body = request_body(r, e);
    const char *typed = json_str(body, "handle");
    bool phone;
    int ok = -1;

    if (body == NULL || read_handle(typed, handle, &phone, e) != 0 ||
        request_signature(r, body, typed, &signature, e) != 0 ||
        find(&m, handle, phone, e) != 0 ||
        record_search(r, &m, handle, &signature, e) != 0)
        goto out;
    if (m.n > 0)
        ok = answer_matches(r, &m, e);
    else
        (void)error_set(e, ERR_NOT_FOUND, "nobody is known by that");
out:
    json_decref(body);
    return ok;
}

/* ---- show --------------------------------------------------------------- */

int serve_subject_show(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "subject_shown");
    struct subject_row row;
    int found =
        id_valid(r->id, 's') ? subject_get(r->store, r->id, &row, e) : 0;
    json_t *o;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such person");
    memcpy(access.subject, r->id, sizeof(access.subject));
    if (found < 0 || request_record(r, &access, e) != 0 ||
        (o = person_json(r, r->id, e)) == NULL)
        return -1;
    return answer_json(r, o, e);
}

/* ---- erase -------------------------------------------------------------- */

/* A person, or one whose last row has gone with its evidence. */
static int find_subject(struct request *r, struct error *e)
{
    struct subject_row row;
    struct erasure_row erasure;
    int found =
        id_valid(r->id, 's') ? subject_get(r->store, r->id, &row, e) : 0;

    if (found == 0)
        found = erasure_of_subject(r->store, r->id, "subject", &erasure, e);
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such person");
    return found < 0 ? -1 : 0;
}

int before_subject(struct request *r, struct error *e)
{
    return find_subject(r, e);
}

static json_t *certificate(struct request *r, const char *id, struct error *e)
{
    struct buf text = { 0 };
    int found = erasure_certificate(r->store, id, &text, e);
    json_t *o = found < 0    ? NULL
                : found == 0 ? json_null()
                             : json_parse(text.p, text.len, e);

    buf_free(&text);
    return o;
}

static int answer_erasure(struct request *r, const struct erasure_row *row,
                          struct error *e)
{
    struct hold_row hold = { 0 };
    int held = strcmp(row->state, "waiting") == 0
                   ? hold_covers(r->store, row, &hold, e)
                   : 0;
    json_t *paper = held < 0 ? NULL : certificate(r, row->id, e);

    if (paper == NULL)
        return -1;
    return answer_json(
        r,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s?, s:o, s:o, s:o,"
                  " s:o, s:I, s:o}",
                  "id", row->id, "subject", row->subject, "scope", row->kind,
                  "ground", row->ground, "cause", row->cause, "state",
                  row->state, "held", held, "hold", held > 0 ? hold.id : NULL,
                  "requested_at", shape_time(row->requested), "due_at",
                  shape_time(row->due), "executed_at",
                  shape_time(row->executed), "finished_at",
                  shape_time(row->finished), "documents",
                  (json_int_t)row->documents, "certificate", paper),
        e);
}

int serve_erasure(struct request *r, struct error *e)
{
    struct erasure_row row;
    int found =
        id_valid(r->id, 'x') ? erasure_get(r->store, r->id, &row, e) : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such erasure");
    return found < 0 ? -1 : answer_erasure(r, &row, e);
}

int serve_subject_erasure(struct request *r, struct error *e)
{
    struct erasure_row row;
    int found = id_valid(r->id, 's')
                    ? erasure_of_subject(r->store, r->id, "subject", &row, e)
                    : 0;

    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no erasure of this subject");
    return found < 0 ? -1 : answer_erasure(r, &row, e);
}

/* The ground is signed with the words: "minor", or "minor: as the guardian
 * wrote". */
static int signed_words(struct buf *out, const char *ground, const char *reason,
                        struct error *e)
{
    if (buf_adds(out, ground) != 0 ||
        (reason != NULL && buf_addf(out, ": %s", reason) != 0))
        return error_set(e, ERR_NOMEM, "no memory for a reason");
    return 0;
}

static int order(struct request *r, const json_t *body, struct buf *words,
                 struct error *e)
{
    struct erase_order o = { .by = request_access(r, NULL),
                             .ground = json_str(body, "ground") };
    const char *reason = json_str(body, "reason");
    struct staff_signature signature;
    struct erasure_row row;

    if (o.ground == NULL || (reason != NULL && strlen(reason) > LIMIT_REASON))
        return error_set(e, ERR_INPUT,
                         o.ground == NULL ? "an erasure needs a ground"
                                          : "the reason is too long");
    if (signed_words(words, o.ground, reason, e) != 0 ||
        request_signature(r, body, (const char *)words->p, &signature, e) != 0)
        return -1;
    memcpy(o.by.subject, r->id, sizeof(o.by.subject));
    o.by.reason = (const char *)words->p;
    o.by.signature = &signature;
    if (registrar_erase(r->desk->needs.registrar, &o, e) != 0)
        return -1;
    if (erasure_get(r->store, o.erasure, &row, e) != 1)
        return error_set(e, ERR_INTERNAL, "an erasure that is not there");
    return answer_erasure(r, &row, e);
}

int serve_subject_erase(struct request *r, struct error *e)
{
    json_t *body = NULL;
    struct buf words = { 0 };
    int ok = -1;

    if (find_subject(r, e) == 0 && (body = request_body(r, e)) != NULL)
        ok = order(r, body, &words, e);
    json_decref(body);
    buf_free(&words);
    return ok;
}
