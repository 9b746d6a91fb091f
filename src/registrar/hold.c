/* Legal holds: placed and lifted by an officer, or ended by time. Cases, which
 * somebody closes. */
#include "keep_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

#include "resguardo/registrar_work.h"

/* ---- holds -------------------------------------------------------------- */

/* Of who is erased the evidence is left, until its own erasure begins. 1, 0,
 * -1. */
static int is_too_late(struct registrar *r, const char *subject,
                       struct error *err)
{
    struct erasure_row person = { 0 }, proof = { 0 };
    int erased = erasure_of_subject(r->store, subject, "subject", &person, err);
    int last = erasure_of_subject(r->store, subject, "evidence", &proof, err);

    if (erased < 0 || last < 0)
        return -1;
    if (last > 0 && strcmp(proof.state, "waiting") != 0)
        return 1;
    if (erased == 0 || strcmp(person.state, "waiting") == 0)
        return 0;
    return last == 0 || strcmp(person.state, "done") != 0;
}

/* Is there still something that it keeps? */
static int check_time(struct registrar *r, const struct staff_access *by,
                      struct error *err)
{
    int late = is_too_late(r, by->subject, err);

    if (late > 0)
        return error_set(err, ERR_CONFLICT,
                         "the person is being erased, or was");
    if (late == 0)
        late = hold_is_late(r->store, by->subject, by->case_id, err);
    if (late > 0)
        return error_set(err, ERR_CONFLICT,
                         "documents of theirs are being erased");
    return late;
}

static int place(struct registrar *r, void *arg, struct error *err)
{
    struct hold_order *o = arg;
    struct hold_row row = { .placed = r->now,
                            .until = o->until,
                            .placed_by = o->by.uid };
    struct staff_access by = o->by;
    json_t *more;

    if (check_time(r, &by, err) != 0)
        return -1;
    id_new_at(row.id, 'h', r->now, r->random);
    SET(row.subject, by.subject);
    SET(row.case_id, by.case_id);
    SET(row.kind, hold_kind_names[o->kind]);
    SET(o->id, row.id);
    by.event_type = "hold_placed";
    if (hold_add(r->store, &row, err) != 0)
        return -1;
    more = json_object();
    leaf_text(more, "hold_id", row.id);
    leaf_text(more, "kind", o->kind != HOLD_LEGAL ? row.kind : NULL);
    if (row.until != 0)
        leaf_time(more, "until", row.until);
    return staff_record(r, &by, more, err);
}

int registrar_place_hold(struct registrar *r, struct hold_order *order,
                         struct error *err)
{
    return queue_staff(r, place, order, err);
}

static int lift(struct registrar *r, void *arg, struct error *err)
{
    const struct hold_order *o = arg;
    struct staff_access by = o->by;
    struct hold_row row;
    json_t *more;
    int found = hold_get(r->store, o->id, &row, err);

    if (found < 0)
        return -1;
    if (found == 0 || row.lifted != 0)
        return error_set(err, ERR_CONFLICT, "the hold was lifted already");
    row.lifted = r->now;
    row.lifted_by = by.uid;
    by.event_type = "hold_lifted";
    SET(by.subject, row.subject);
    SET(by.case_id, row.case_id);
    r->last_upkeep = r->erase_again = 0; /* what it held is due at once */
    if (hold_lift(r->store, &row, err) != 0)
        return -1;
    more = json_object();
    leaf_text(more, "hold_id", row.id);
    return staff_record(r, &by, more, err);
}

int registrar_lift_hold(struct registrar *r, struct hold_order *order,
                        struct error *err)
{
    return queue_staff(r, lift, order, err);
}

struct ending {
    struct registrar *r;
    struct error *err;
};

static int end_one(void *arg, const struct hold_row *found)
{
    struct ending *e = arg;
    struct hold_row row = *found;
    json_t *leaf, *evidence = json_object();

    row.lifted = e->r->now;
    row.lifted_by = -1;
    if (hold_lift(e->r->store, &row, e->err) != 0) {
        json_decref(evidence);
        return -1;
    }
    leaf = leaf_new(e->r, "hold_lifted", row.subject, NULL);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", row.case_id);
    leaf_text(leaf, "reason", "time");
    leaf_text(evidence, "hold_id", row.id);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(e->r, leaf, NULL, e->err);
}

int hold_upkeep(struct registrar *r, struct error *err)
{
    struct ending e = { r, err };

    return hold_overdue(r->store, r->now, PUMP_ROWS, end_one, &e, err);
}

/* ---- cases -------------------------------------------------------------- */

static int close_case(struct registrar *r, void *arg, struct error *err)
{
    struct staff_access by = *(const struct staff_access *)arg;
    struct case_row row;
    int found = case_get(r->store, by.case_id, &row, err);

    if (found < 0)
        return -1;
    if (found == 0 || strcmp(row.state, "closed") == 0)
        return error_set(err, ERR_CONFLICT, "the case was closed already");
    by.event_type = "case_closed";
    by.policy = row.policy;
    SET(by.subject, row.subject);
    if (case_close(r->store, row.id, r->now, err) != 0 ||
        request_case_closed(r, &row, err) != 0 ||
        rating_case_closed(r, &row, err) != 0)
        return -1;
    return staff_record(r, &by, NULL, err);
}

int registrar_close_case(struct registrar *r, const struct staff_access *access,
                         struct error *err)
{
    return queue_staff(r, close_case, (void *)(uintptr_t)access, err);
}
