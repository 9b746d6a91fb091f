/* Two references are one person no more: an officer says so, or one is erased.
 */
#include "keyring_private.h"
#include "leaf_private.h"
#include "link_private.h"
#include "people_private.h"

#include "resguardo/registrar_person.h"

#include <string.h>

struct ending {
    struct registrar *r;
    const struct link_row *link;
    const struct staff_access *by; /* NULL: one of the two is erased */
    const struct carried_row *of;  /* only what is this yes; NULL: all */
    struct error *err;
};

static int uncarry_on(void *arg, const struct link_row *row);

/* What was decided since the link is theirs; what only came over goes: it is
 * asked for anew. */
static int uncarry(void *arg, const struct carried_row *row)
{
    struct ending further = *(const struct ending *)arg, *e = arg;
    struct consent_row now;
    int found;

    if (e->of != NULL && (row->yes_s != e->of->yes_s ||
                          strcmp(row->policy, e->of->policy) != 0 ||
                          strcmp(row->purpose, e->of->purpose) != 0))
        return 0;
    further.of = row;
    if (link_of(e->r->store, e->link->subject, uncarry_on, &further, e->err) !=
        0)
        return -1;
    found = consent_get(e->r->store, e->link->subject, row->policy,
                        row->purpose, &now, e->err);
    if (found <= 0)
        return found;
    return !link_said_yes(&now) || now.yes_s != row->yes_s
               ? 0
               : link_take_back(e->r, e->by, e->link, &now, e->err);
}

/* It went on from there under a later number. Links make no circle. */
static int uncarry_on(void *arg, const struct link_row *row)
{
    struct ending e = *(const struct ending *)arg;

    if (strcmp(row->former, e.link->subject) != 0)
        return 0;
    e.link = row;
    return carried_of(e.r->store, row->id, uncarry, &e, e.err);
}

static int unlinked_leaf(const struct ending *e)
{
    json_t *more = json_object(), *leaf;

    leaf_text(more, "link_id", e->link->id);
    leaf_text(more, "former", e->link->former);
    if (e->by != NULL) {
        struct staff_access by = *e->by;

        by.event_type = "subject_unlinked";
        SET(by.subject, e->link->subject);
        return staff_record(e->r, &by, more, e->err);
    }
    leaf = leaf_new(e->r, "subject_unlinked", e->link->subject, NULL);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "reason", "subject_erased");
    leaf_object(leaf, "evidence", more);
    return leaf_append(e->r, leaf, NULL, e->err);
}

static int end_link(struct ending *e)
{
    struct link_row row = *e->link;

    row.ended = e->r->now;
    row.ended_by = e->by != NULL ? (int64_t)e->by->uid : -1;
    if (unlinked_leaf(e) != 0 ||
        carried_of(e->r->store, row.id, uncarry, e, e->err) != 0)
        return -1;
    return link_end(e->r->store, &row, e->err);
}

static int apply_unlink(struct registrar *r, void *arg, struct error *err)
{
    struct link_order *o = arg;
    struct link_row row;
    struct ending e = { r, &row, &o->by, NULL, err };
    int found;

    if (keyring_permits(r, &o->by, err) != 0)
        return -1;
    found = link_find(r->store, o->by.subject, o->former, &row, err);
    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_NOT_FOUND,
                                     "the two are not linked with each other");
    SET(o->id, row.id);
    return end_link(&e);
}

int registrar_unlink(struct registrar *r, struct link_order *order,
                     struct error *err)
{
    return queue_staff(r, apply_unlink, order, err);
}

static int end_one(void *arg, const struct link_row *row)
{
    struct ending *e = arg;

    e->link = row;
    return end_link(e);
}

int link_end_all(struct registrar *r, const char *subject, struct error *err)
{
    struct ending e = { .r = r, .err = err };

    return link_of(r->store, subject, end_one, &e, err);
}
