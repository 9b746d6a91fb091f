/*
 * Erasures, carried out between batches in small steps, each with transactions
 * of its own: whatever stops us in between, the row says where to go on.
 *
 *   cancel  nobody finds the person any more; what was to be said is not said
 *   shred   documents and files: slots overwritten, then the rows; at last the
 *           slot of the person's content, and the leaf that says so
 *   rekey   the index key is another one
 *   finish  the WAL is empty, all is looked at again, the certificate is made
 */
#include "keep_private.h"
#include "leaf_private.h"
#include "message_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "talk_private.h"
#include "upkeep_private.h"

/* Rows that go in one transaction, handles that move in one. */
#define ROWS    200
#define HANDLES 250
/* Erasures of one kind of step that are looked at in a row. */
#define LOOK 64u
/* With nothing to do, after a failure, or while a reader keeps the WAL from
 * being emptied. */
#define AGAIN MSEC_S

/* ---- waiting → running -------------------------------------------------- */

/* Evidence goes after what hangs on the content slot. */
static int must_wait(struct erasing *e, bool *wait, struct error *err)
{
    struct erasure_row first;
    int found;

    *wait = false;
    if (strcmp(e->row.kind, "evidence") != 0)
        return 0;
    found =
        erasure_of_subject(e->r->store, e->row.subject, "subject", &first, err);
    *wait = found > 0 && strcmp(first.state, "done") != 0;
    return found < 0 ? -1 : 0;
}

static int step_begin(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;
    bool person = strcmp(e->row.kind, "subject") == 0, wait;

    if (must_wait(e, &wait, err) != 0)
        return -1;
    if (wait) {
        e->row.due = r->now + 10 * MSEC_S;
        return erasure_update(r->store, &e->row, err);
    }
    SET(e->row.state, "running");
    SET(e->row.step, person ? "cancel" : "shred");
    if (person &&
        (forget_contacts(r, e->row.subject, &e->row.asked_until, err) != 0 ||
         forget_uploads(r, e->row.subject, &e->row.asked_until, err) != 0))
        return -1;
    if (erasure_update(r->store, &e->row, err) != 0 ||
        leaf_append(r, erasure_leaf(r, &e->row, "erasure_started"), NULL,
                    err) != 0)
        return -1;

    /* From here on a message of theirs is a stranger's. */
    if (!person)
        return 0;
    if (handle_remove(r->store, e->row.subject, err) != 0 ||
        approval_end_all(r, e->row.subject, err) != 0 ||
        conversation_end_all(r, e->row.subject, "erased", err) != 0 ||
        released_remove(r->store, e->row.subject, err) != 0 ||
        link_end_all(r, e->row.subject, err) != 0)
        return -1;
    return content_remove(r->store, e->row.subject, ROWS, err) < 0 ? -1 : 0;
}

static int begin(struct erasing *e, struct error *err)
{
    if (strcmp(e->row.kind, "subject") == 0 &&
        dead_letters_forget(e->r, e->row.subject, err) != 0)
        return -1;
    return batch_between(e->r, step_begin, e, err) == 0 ? 1 : -1;
}

/* ---- cancel ------------------------------------------------------------- */

static int step_cancel(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;
    int64_t n = content_remove(r->store, e->row.subject, ROWS, err);

    if (n != 0)
        return n < 0 ? -1 : 0;
    SET(e->row.step, "shred");
    return erasure_update(r->store, &e->row, err);
}

static int cancel(struct erasing *e, struct error *err)
{
    return batch_between(e->r, step_cancel, e, err) == 0 ? 1 : -1;
}

/* ---- rekey -------------------------------------------------------------- */

static int step_rekey_begin(struct registrar *r, void *arg, struct error *err)
{
    (void)arg;
    return rekey_begin(r->store, err);
}

static int step_rekey_over(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;

    SET(e->row.step, "finish");
    return erasure_update(r->store, &e->row, err);
}

/* One change serves all that wait for it. */
static int rekey(struct erasing *e, struct error *err)
{
    int64_t begun, done;
    uint64_t left;

    if (rekey_counts(e->r->store, &begun, &done, err) != 0 ||
        rekey_left(e->r->store, &left, err) != 0)
        return -1;
    if (left != 0)
        return 0;
    if (done >= e->row.rekey)
        return batch_between(e->r, step_rekey_over, e, err) == 0 ? 1 : -1;
    if (begun > done)
        return 0;
    return batch_between(e->r, step_rekey_begin, NULL, err) == 0 ? 1 : -1;
}

int erasure_step_handles(struct registrar *r, void *arg, struct error *err)
{
    struct rekeying *m = arg;

    m->more = rekey_step(r->store, HANDLES, &m->erase, err);
    return m->more < 0 ? -1 : 0;
}

int erasure_former_key(struct registrar *r, struct error *err)
{
    uint64_t slot;

    if (rekey_left(r->store, &slot, err) != 0)
        return -1;
    if (slot == 0)
        return 0;
    return slot_erase(r->store, &slot, 1, err) == 0 ? 1 : -1;
}

/* A page of the change that is under way. 1, 0 none is, -1. */
static int move_handles(struct registrar *r, struct error *err)
{
    struct rekeying m = { 0 };
    int64_t begun, done;

    if (rekey_counts(r->store, &begun, &done, err) != 0)
        return -1;
    if (begun == done)
        return erasure_former_key(r, err);
    if (batch_between(r, erasure_step_handles, &m, err) != 0 ||
        (m.erase != 0 && slot_erase(r->store, &m.erase, 1, err) != 0))
        return -1;
    return 1;
}

/* ---- what to do next ---------------------------------------------------- */

typedef int (*erasure_step)(struct erasing *, struct error *);
struct look {
    struct registrar *r;
    erasure_step step;
    bool did;
    struct error *err;
};

/* One that fails for a reason of its own keeps no other from going on. */
static int each(void *arg, const struct erasure_row *row)
{
    struct look *l = arg;
    struct erasing e = { l->r, *row };
    int done = l->step(&e, l->err);

    if (done < 0 && (error_is_environment(l->err->code) || l->r->broken))
        return -1;
    if (done < 0) {
        log_event(LOG_LEVEL_ALARM, "erasure_stuck", "{s:s,s:s}", "erasure",
                  row->id, "why", l->err->text);
        l->r->erase_waits = true;
        return 0;
    }
    l->did = done > 0;
    l->r->erase_waits |= done == 0;
    return l->did ? 1 : 0;
}

/* The first that can go on at a step (NULL: that is due). 1, 0, -1. */
static int at(struct registrar *r, const char *step, erasure_step what,
              struct error *err)
{
    struct look l = { r, what, false, err };
    int stop = step == NULL
                   ? erasure_due(r->store, r->now, LOOK, each, &l, err)
                   : erasure_running(r->store, step, LOOK, each, &l, err);

    return stop < 0 ? -1 : l.did;
}

/* What destroys comes before what only follows, so that one change of the key
 * serves many. */
static int work(struct registrar *r, struct error *err)
{
    int did = forget_sweep(r, err);

    if (did == 0)
        did = dead_letters_sweep(r, err);
    if (did == 0)
        did = at(r, "shred", erasure_shred, err);
    if (did == 0)
        did = at(r, "cancel", cancel, err);
    if (did == 0)
        did = at(r, NULL, begin, err);
    if (did == 0)
        did = move_handles(r, err);
    if (did == 0)
        did = at(r, "rekey", rekey, err);
    if (did == 0)
        did = at(r, "finish", erasure_finish, err);
    return did;
}

bool erasure_work(struct registrar *r)
{
    struct error err = { 0 };
    bool draining;
    int did;

    pthread_mutex_lock(&r->lock);
    draining = r->draining || r->closing;
    pthread_mutex_unlock(&r->lock);
    if (draining || r->broken || r->read_only || deep_check_failed(r) ||
        r->retry_at != 0 ||
        (r->now < r->erase_again && r->erase_again - r->now <= AGAIN))
        return false;
    r->erase_waits = false;
    did = work(r, &err);
    if (did < 0)
        log_error("erasure_failed", &err);
    if (did <= 0)
        r->erase_again = r->now + AGAIN;
    r->erase_waits |= did < 0;
    return did > 0;
}
