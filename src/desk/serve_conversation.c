/*
 * Conversations. A list has no word of a customer; what was written is sealed,
 * and handing it out is a reading on record. Staff's programs open it.
 */
#include "desk_private.h"

#include <string.h>

#include "resguardo/dialogue.h"
#include "resguardo/registrar_work.h"

const char *staff_name(const struct request *r, int64_t uid,
                       char out[static STAFF_NAME_SIZE])
{
    const struct keyring_staff *who = keyring_find(r->keyring, (uint32_t)uid);

    if (who != NULL)
        memcpy(out, who->name, STAFF_NAME_SIZE);
    else
        (void)snprintf(out, STAFF_NAME_SIZE, "%lld", (long long)uid);
    return out;
}

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a conversation");
}

/* ---- list --------------------------------------------------------------- */

struct listing {
    struct request *r;
    json_t *list, *blocked;
    struct error *err;
};

/* What somebody who wants a person was reminded of: a template's id, or null.
 */
static json_t *reminder_of(struct request *r,
                           const struct conversation_row *row, struct error *e)
{
    struct handover_row handover;
    struct outbound_row reminder;
    int found = strcmp(row->mode, "bot") == 0
                    ? 0
                    : handover_open(r->store, row->id, &handover, e);

    if (found > 0)
        found = handover.outbound[0] == '\0'
                    ? 0
                    : outbound_get(r->store, handover.outbound, &reminder, e);
    if (found < 0)
        return NULL;
    return shape_text(found > 0 ? reminder.template : "");
}

static json_t *conversation_json(struct request *r,
                                 const struct conversation_row *row,
                                 struct error *e)
{
    json_t *o = shape_conversation(row), *agent, *position, *reminder;
    char name[STAFF_NAME_SIZE];
    int64_t n = strcmp(row->mode, "waiting") == 0
                    ? conversation_position(r->store, row, e)
                    : 0;

    reminder = n < 0 ? NULL : reminder_of(r, row, e);
    if (reminder == NULL) {
        json_decref(o);
        return NULL;
    }
    agent =
        row->who < 0 ? json_null() : json_string(staff_name(r, row->who, name));
    position = n > 0 ? json_integer((json_int_t)n) : json_null();
    if (json_object_set_new(o, "reminder", reminder) == 0 &&
        json_object_set_new(o, "agent", agent) == 0 &&
        json_object_set_new(o, "position", position) == 0)
        return o;
    json_decref(o);
    (void)no_memory(e);
    return NULL;
}

static int add_one(void *arg, const struct conversation_row *row)
{
    struct listing *l = arg;
    json_t *o;

    if (json_object_get(l->blocked, row->subject) != NULL)
        return 0;
    o = conversation_json(l->r, row, l->err);
    if (o == NULL)
        return -1;
    return json_array_append_new(l->list, o) == 0 ? 0 : no_memory(l->err);
}

static bool is_state(const char *state)
{
    for (int i = 0; i < MODE__MAX; i++)
        if (strcmp(conversation_mode_names[i], state) == 0)
            return true;
    return false;
}

/* First who waits, then who is talked to. */
static int list_all(struct listing *l, const char *state)
{
    static const enum conversation_mode order[] = { MODE_WAITING, MODE_PERSON,
                                                    MODE_BOT };

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        const char *mode = conversation_mode_names[order[i]];

        if ((state == NULL || strcmp(state, mode) == 0) &&
            conversation_list(l->r->store, mode, add_one, l, l->err) != 0)
            return -1;
    }
    return 0;
}

int serve_conversation_list(struct request *r, struct error *e)
{
    const char *state = request_query(r, "state");
    struct listing l = { .r = r, .err = e };

    if (state != NULL && !is_state(state))
        return error_set(e, ERR_INPUT, "no state of a conversation");
    if ((l.blocked = blocked_people(r, e)) == NULL)
        return -1;
    l.list = json_array();
    if (l.list != NULL && list_all(&l, state) == 0) {
        json_decref(l.blocked);
        return answer_json(r, l.list, e);
    }
    json_decref(l.blocked);
    json_decref(l.list);
    return e->code != ERR_NONE ? -1 : no_memory(e);
}

/* ---- one ---------------------------------------------------------------- */

/* Of who is blocked nobody hears. */
static int find(struct request *r, struct conversation_row *row,
                struct error *e)
{
    struct subject_row subject;
    int found =
        id_valid(r->id, 'v') ? conversation_get(r->store, r->id, row, e) : 0;

    if (found > 0)
        found = subject_get(r->store, row->subject, &subject, e);
    if (found < 0)
        return -1;
    if (found > 0 && subject.blocked != 0)
        return blocked_refuse(r, "conversation", e);
    return found > 0 ? 0 : error_set(e, ERR_NOT_FOUND, "no such conversation");
}

int before_conversation(struct request *r, struct error *e)
{
    struct conversation_row row;

    return find(r, &row, e);
}

/* ---- what was written --------------------------------------------------- */

struct reading {
    struct request *r;
    json_t *list;
    struct error *err;
};

static int add_message(void *arg, const struct chat_row *row)
{
    struct reading *d = arg;
    char name[STAFF_NAME_SIZE];
    struct buf file = { 0 };
    json_t *o = NULL;
    int ok = -1;

    if (chat_file(d->r->store, row->id, &file, d->err) != 0)
        goto out;
    o = shape_chat(row);
    if (json_object_set_new(o, "sealed", json_base64(file.p, file.len)) != 0 ||
        json_object_set_new(
            o, "author",
            row->author < 0
                ? json_null()
                : json_string(staff_name(d->r, row->author, name))) != 0 ||
        json_array_append(d->list, o) != 0)
        (void)no_memory(d->err);
    else
        ok = 0;
out:
    json_decref(o);
    buf_free(&file);
    return ok;
}

/* Signed, with a reason, on record: then the words. */
static int record_reading(struct request *r, struct staff_access *access,
                          struct error *e)
{
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    access->reason = request_reason(r, &body, e);
    if (access->reason != NULL &&
        request_signature(r, body, access->reason, &signature, e) == 0) {
        access->signature = &signature;
        access->whole = true;
        ok = request_record(r, access, e);
    }
    access->reason = NULL;
    access->signature = NULL;
    json_decref(body);
    return ok;
}

int serve_conversation_read(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "chat_read");
    struct reading d = { r, json_array(), e };
    struct conversation_row row;
    json_t *o = NULL;
    int ok = -1;

    if (find(r, &row, e) != 0)
        goto out;
    memcpy(access.subject, row.subject, sizeof(access.subject));
    access.policy = row.policy;
    access.evidence = json_pack("{s:s}", "conversation_id", row.id);
    if (access.evidence == NULL || d.list == NULL) {
        (void)no_memory(e);
        goto out;
    }
    if (record_reading(r, &access, e) != 0 ||
        chat_of_conversation(r->store, row.id, LIMIT_CHAT_SHOWN, add_message,
                             &d, e) != 0 ||
        (o = conversation_json(r, &row, e)) == NULL)
        goto out;
    ok = json_object_set(o, "chat", d.list) == 0 ? 0 : no_memory(e);
    if (ok == 0)
        ok = answer_json(r, json_incref(o), e);
out:
    json_decref(access.evidence);
    json_decref(d.list);
    json_decref(o);
    return ok;
}

int serve_case_notes(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "chat_read");
    struct reading d = { r, json_array(), e };
    struct case_row row;
    int ok = -1;

    if (before_case(r, e) != 0 || case_get(r->store, r->id, &row, e) != 1)
        goto out;
    memcpy(access.subject, row.subject, sizeof(access.subject));
    memcpy(access.case_id, row.id, sizeof(access.case_id));
    access.policy = row.policy;
    if (d.list == NULL)
        (void)no_memory(e);
    else if (record_reading(r, &access, e) == 0 &&
             chat_of_case(r->store, row.id, LIMIT_CHAT_SHOWN, add_message, &d,
                          e) == 0)
        ok = answer_json(r, json_incref(d.list), e);
out:
    json_decref(d.list);
    return ok;
}

/* ---- take, reply, hand back --------------------------------------------- */

typedef int (*order_run)(struct registrar *, struct conversation_order *,
                         struct error *);

/* What is signed is the whole body. */
static int run(struct request *r, struct conversation_order *o,
               const json_t *body, order_run what, struct error *e)
{
    struct staff_signature signature;

    if (request_signature(r, body, "", &signature, e) != 0)
        return -1;
    o->by.signature = &signature;
    memcpy(o->id, r->id, sizeof(o->id));
    return what(r->desk->needs.registrar, o, e);
}

static int run_simple(struct request *r, order_run what, const char *state,
                      struct error *e)
{
    struct conversation_order o = { .by = request_access(r, NULL) };
    json_t *body = NULL;
    int ok = -1;

    if (before_conversation(r, e) == 0 && (body = request_body(r, e)) != NULL &&
        run(r, &o, body, what, e) == 0)
        ok = answer_json(r, json_pack("{s:s, s:s}", "id", o.id, "state", state),
                         e);
    json_decref(body);
    return ok;
}

int serve_conversation_take(struct request *r, struct error *e)
{
    return run_simple(r, registrar_take_conversation, "person", e);
}

int serve_conversation_back(struct request *r, struct error *e)
{
    return run_simple(r, registrar_hand_back, "bot", e);
}

/* The names that there are, for who typed another one. */
static int hint_prepared(struct request *r, struct error *e)
{
    const struct policy *policy = NULL;
    struct conversation_row row;
    struct buf names = { 0 };
    struct error ignored;

    if (conversation_get(r->store, r->id, &row, &ignored) == 1)
        policy = policy_find(registrar_policies(r->desk->needs.registrar),
                             row.policy);
    for (size_t i = 0; policy != NULL && i < policy->languages[0].nprepared;
         i++)
        (void)buf_addf(&names, "%s%s", i > 0 ? ", " : "",
                       policy->languages[0].prepared[i].name);
    if (names.len > 0)
        (void)error_hint(e, "there are: %s", (const char *)names.p);
    buf_free(&names);
    return -1;
}

static int take_text(const json_t *body, struct conversation_order *o,
                     struct error *e)
{
    o->text = json_str(body, "text");
    o->prepared = json_str(body, "prepared");
    if ((o->text == NULL) == (o->prepared == NULL))
        return error_set(e, ERR_INPUT, "a text, or the name of one?");
    if (o->text == NULL)
        return 0;
    if (o->text[strspn(o->text, " \t\r\n")] == '\0')
        return error_set(e, ERR_INPUT, "the text is empty");
    return utf8_count(o->text) <= LIMIT_TEXT_BODY
               ? 0
               : error_set(e, ERR_INPUT, "the text has over %u characters",
                           LIMIT_TEXT_BODY);
}

int serve_conversation_reply(struct request *r, struct error *e)
{
    struct conversation_order o = { .by = request_access(r, NULL) };
    json_t *body = NULL;
    int ok = -1;

    if (before_conversation(r, e) != 0 || (body = request_body(r, e)) == NULL ||
        take_text(body, &o, e) != 0)
        goto out;
    if (run(r, &o, body, registrar_reply, e) == 0)
        ok = answer_json(
            r, json_pack("{s:s, s:s}", "id", o.id, "message", o.message), e);
    else if (o.prepared != NULL && e->code == ERR_NOT_FOUND)
        ok = hint_prepared(r, e);
out:
    json_decref(body);
    return ok;
}
