/*
 * Blocking: what is to be erased is first kept apart, seen by nobody and found
 * by no message, for as long as claims may be made (LOPDGDD, art. 32). Two
 * officers open it for an authority; then it is as before.
 */
#include "attachment_private.h"
#include "keep_private.h"
#include "leaf_private.h"
#include "message_private.h"
#include "registrar_private.h"
#include "talk_private.h"

/* ---- policies of a person ----------------------------------------------- */

struct policies {
    struct registrar *r;
    const struct policy **out;
    int n;
};

static int see_policy(void *arg, const char *id)
{
    struct policies *p = arg;

    if (p->n == LIMIT_POLICIES)
        return 1;
    p->out[p->n++] = policy_find(p->r->policies, id);
    return 0;
}

int person_policies(struct registrar *r, const char *subject,
                    const struct policy *out[static LIMIT_POLICIES],
                    struct error *err)
{
    struct policies p = { r, out, 0 };

    if (subject_policies(r->store, subject, see_policy, &p, err) < 0)
        return -1;
    for (size_t i = 0; p.n == 0 && i < r->policies->n; i++)
        out[i] = r->policies->policies[i];
    return p.n > 0 ? p.n : (int)r->policies->n;
}

/* The longest of all; a policy that is loaded no more blocks as long as any. */
int subject_block_for(struct registrar *r, const char *subject, msec *out,
                      struct error *err)
{
    const struct policy *policies[LIMIT_POLICIES];
    int n = person_policies(r, subject, policies, err);

    *out = 0;
    for (int i = 0; i < n; i++) {
        if (policies[i] != NULL && policies[i]->block_for > *out)
            *out = policies[i]->block_for;
        for (size_t k = 0; policies[i] == NULL && k < r->policies->n; k++)
            if (r->policies->policies[k]->block_for > *out)
                *out = r->policies->policies[k]->block_for;
    }
    return n < 0 ? -1 : 0;
}

/* ---- a person ----------------------------------------------------------- */

int subject_check_kept(struct registrar *r, const char *subject,
                       struct error *err)
{
    struct erasure_row row;
    int found = erasure_of_subject(r->store, subject, "subject", &row, err);

    if (found < 0)
        return -1;
    return found > 0 && strcmp(row.state, "waiting") != 0
               ? error_set(err, ERR_CONFLICT,
                           "the person is being erased, or was")
               : 0;
}

struct names {
    char policies[LIMIT_POLICIES][STORE_NAME_SIZE];
    size_t n;
};

static int see_name(void *arg, const char *policy)
{
    struct names *names = arg;

    if (names->n == LIMIT_POLICIES)
        return 1;
    SET(names->policies[names->n], policy);
    names->n++;
    return 0;
}

static int end_work(struct registrar *r, const char *subject, struct error *err)
{
    struct names names = { .n = 0 };

    if (subject_policies(r->store, subject, see_name, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.n; i++)
        if (attachment_drop_all(r, names.policies[i], subject, "blocked",
                                err) != 0)
            return -1;
    return 0;
}

static int blocked_leaf(struct registrar *r, const char *subject, msec until,
                        const struct erasure_row *erasure, int64_t documents,
                        struct error *err)
{
    json_t *leaf = leaf_new(r, "subject_blocked", subject, NULL);
    json_t *evidence = json_pack("{s:I}", "documents", (json_int_t)documents);

    leaf_text(leaf, "actor", "system");
    leaf_text(evidence, "erasure_id", erasure->id);
    leaf_time(evidence, "until", until);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int subject_block(struct registrar *r, const char *subject, msec until,
                  const struct erasure_row *erasure, struct error *err)
{
    struct subject_row row;
    int64_t documents = 0;
    int found = subject_get(r->store, subject, &row, err);

    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_INVARIANT, "nobody to block");
    if (row.blocked != 0)
        return 0;
    if (end_work(r, subject, err) != 0 ||
        dead_letters_end(r, subject, err) != 0 ||
        conversation_end_all(r, subject, "blocked", err) != 0 ||
        subject_handles_hide(r->store, &row, err) != 0 ||
        person_set_blocked(r->store, subject, r->now, until, &documents, err) !=
            0)
        return -1;
    return blocked_leaf(r, subject, until, erasure, documents, err);
}

/* ---- released ----------------------------------------------------------- */

/* Whose, if it is blocked. */
static int find_blocked(struct registrar *r, const struct staff_access *by,
                        struct released_row *row, struct error *err)
{
    struct document_row document;
    struct subject_row subject;
    bool blocked = false;
    int found;

    if (by->document[0] != '\0') {
        found = document_get(r->store, by->document, &document, err);
        blocked = found > 0 && strcmp(document.state, "blocked") == 0;
        if (blocked)
            SET(row->subject, document.subject);
    } else {
        found = subject_get(r->store, by->subject, &subject, err);
        blocked = found > 0 && subject.blocked != 0;
        if (blocked)
            SET(row->subject, subject.id);
    }
    if (found < 0)
        return -1;
    return blocked ? 0 : error_set(err, ERR_CONFLICT, "it is not blocked");
}

/* What the second officer sees. */
static int say_what(const struct staff_access *by, struct buf *out,
                    struct error *err)
{
    bool one = by->document[0] != '\0';
    json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "action", "release",
                          one ? "document" : "subject",
                          one ? by->document : by->subject, "authority",
                          by->authority, "reason", by->reason);
    int ok = o == NULL || json_canonical(o, out) != 0
                 ? error_set(err, ERR_NOMEM, "no memory for a request")
                 : 0;

    json_decref(o);
    return ok;
}

static int let_go(struct registrar *r, struct release_order *o,
                  struct released_row *row, struct error *err)
{
    struct staff_access by = o->by;
    json_t *more;

    row->uid = by.uid;
    row->until = o->until = r->now + LIMIT_RELEASE_H * MSEC_H;
    id_new_at(row->id, 'r', r->now, r->random);
    SET(row->document, by.document);
    SET(by.subject, row->subject);
    by.event_type = "document_released";
    if (released_add(r->store, row, by.authority, err) != 0)
        return -1;
    more = json_object();
    leaf_time(more, "until", row->until);
    approval_evidence(more, by.approval);
    return staff_record(r, &by, more, err);
}

static int release(struct registrar *r, void *arg, struct error *err)
{
    struct release_order *o = arg;
    struct approval *approval = o->by.approval;
    struct released_row row = { 0 };
    struct staff_access by = o->by;
    struct buf what = { 0 };
    int ok = -1;

    if (find_blocked(r, &by, &row, err) != 0 ||
        subject_check_kept(r, row.subject, err) != 0 ||
        say_what(&by, &what, err) != 0)
        goto out;
    SET(by.subject, row.subject);
    approval->what = &what;
    ok = approval_use(r, approval, &by, err);
    approval->what = NULL;
    if (ok == 0 && !approval->asked)
        ok = let_go(r, o, &row, err);
out:
    buf_free(&what);
    return ok;
}

int registrar_release(struct registrar *r, struct release_order *order,
                      struct error *err)
{
    struct approval approval = { .action = ACTION_RELEASE, .always = true };
    struct release_order own = *order;

    own.by.approval = &approval;
    if (queue_staff(r, release, &own, err) != 0 ||
        approval_answer(&approval, err) != 0)
        return -1;
    order->until = own.until;
    return 0;
}
