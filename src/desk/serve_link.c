/* References of one person: linked, unlinked, listed; and what Meta says of
 * somebody's new number. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_person.h"

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a list");
}

/* ---- what there is ------------------------------------------------------ */

struct listing {
    const struct request *r;
    json_t *list;
};

static int add_link(void *arg, const struct link_row *row)
{
    const struct listing *l = arg;
    const struct keyring_staff *who =
        keyring_find(l->r->keyring, row->linked_by);

    return json_array_append_new(
        l->list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", row->id,
                           "subject", row->subject, "former", row->former,
                           "kind", row->kind, "proof", shape_text(row->proof),
                           "linked_at", shape_time(row->linked), "linked_by",
                           shape_text(who != NULL ? who->name : "")));
}

json_t *linked_json(struct store *store, const char *subject, struct error *e)
{
    char group[LIMIT_LINKED][ID_SIZE];
    json_t *list;
    size_t n;

    if (link_group(store, subject, group, &n, e) != 0)
        return NULL;
    list = json_array();
    for (size_t i = 1; list != NULL && i < n; i++)
        if (json_array_append_new(list, json_string(group[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    if (list == NULL)
        (void)no_memory(e);
    return list;
}

int serve_subject_links(struct request *r, struct error *e)
{
    struct listing l = { r, NULL };
    json_t *linked;

    if (before_subject(r, e) != 0 ||
        (linked = linked_json(r->store, r->id, e)) == NULL)
        return -1;
    e->code = ERR_NONE;
    l.list = json_array();
    if (l.list != NULL && link_of(r->store, r->id, add_link, &l, e) == 0)
        return answer_json(r,
                           json_pack("{s:s, s:o, s:o}", "subject", r->id,
                                     "linked", linked, "links", l.list),
                           e);
    json_decref(linked);
    json_decref(l.list);
    return e->code != ERR_NONE ? -1 : no_memory(e);
}

/* Whom we know by what Meta says; "" nobody yet. */
static int find_now(struct request *r, const char *subject,
                    char id[static ID_SIZE], struct error *e)
{
    struct buf text = { 0 };
    const char *phone, *user;
    json_t *now = NULL;
    int found = suggestion_now(r->store, subject, &text, e);

    id[0] = '\0';
    if (found > 0)
        now = json_parse(text.p, text.len, e);
    buf_free(&text);
    if (now == NULL)
        return found > 0 || found < 0 ? -1 : 0;
    user = json_str(now, "user_id");
    phone = json_str(now, "phone");
    found =
        user == NULL ? 0 : subject_find(r->store, HANDLE_BSUID, user, id, e);
    if (found == 0 && phone != NULL)
        found = subject_find(r->store, HANDLE_PHONE, phone, id, e);
    if (found > 0 && strcmp(id, subject) == 0)
        id[0] = '\0';
    json_decref(now);
    return found < 0 ? -1 : 0;
}

struct suggesting {
    struct request *r;
    json_t *list;
    struct error *err;
};

/* One that does not open keeps no other from being seen. */
static int add_suggestion(void *arg, const struct suggestion_row *row)
{
    const struct suggesting *s = arg;
    char now[ID_SIZE];

    if (find_now(s->r, row->subject, now, s->err) != 0) {
        if (error_is_environment(s->err->code))
            return -1;
        *s->err = (struct error){ 0 };
        now[0] = '\0';
    }
    return json_array_append_new(
        s->list, json_pack("{s:s, s:o, s:s, s:o}", "former", row->subject,
                           "subject", shape_text(now), "how", row->how,
                           "said_at", shape_time(row->made)));
}

/* References alone: whose number it is, `subject reveal` says. */
int serve_suggestions(struct request *r, struct error *e)
{
    struct suggesting s = { r, json_array(), e };
    int ok = -1;

    e->code = ERR_NONE;
    if (s.list != NULL && store_read_begin(r->store, e) == 0) {
        ok = suggestion_list(r->store, add_suggestion, &s, e);
        store_read_end(r->store);
    }
    if (ok == 0)
        return answer_json(r, s.list, e);
    json_decref(s.list);
    return e->code != ERR_NONE ? -1 : no_memory(e);
}

/* ---- what officers do --------------------------------------------------- */

static int order(struct request *r, bool ends, struct error *e)
{
    struct link_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    if (before_subject(r, e) != 0 ||
        (o.by.reason = request_reason(r, &body, e)) == NULL ||
        request_signature(r, body, o.by.reason, &signature, e) != 0)
        goto out;
    memcpy(o.by.subject, r->id, sizeof(o.by.subject));
    o.by.signature = &signature;
    o.former = json_str(body, "former");
    o.kind = json_str(body, "kind");
    o.proof = json_str(body, "proof");
    if (o.former == NULL || !id_valid(o.former, 's'))
        (void)error_set(e, ERR_NOT_FOUND, "no such person to link with");
    else if ((ends ? registrar_unlink
                   : registrar_link)(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r,
                         json_pack("{s:s, s:s, s:s}", "id", o.id, "subject",
                                   r->id, "former", o.former),
                         e);
out:
    json_decref(body);
    return ok;
}

int serve_subject_link(struct request *r, struct error *e)
{
    return order(r, false, e);
}

int serve_subject_unlink(struct request *r, struct error *e)
{
    return order(r, true, e);
}

/* They are of age, or it was a slip. */
int serve_subject_adult(struct request *r, struct error *e)
{
    struct staff_access by = request_access(r, "minor_cleared");
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    if (before_subject(r, e) == 0 &&
        (by.reason = request_reason(r, &body, e)) != NULL &&
        request_signature(r, body, by.reason, &signature, e) == 0) {
        memcpy(by.subject, r->id, sizeof(by.subject));
        by.signature = &signature;
        if (registrar_clear_minor(r->desk->needs.registrar, &by, e) == 0)
            ok = answer_json(r, json_pack("{s:s}", "subject", r->id), e);
    }
    json_decref(body);
    return ok;
}
