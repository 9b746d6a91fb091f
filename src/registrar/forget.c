/*
 * What Meta has to delete: for people who are gone here their files, for as
 * long as Meta keeps them, and their entries in the contact book; and what we
 * uploaded for a document of somebody's. What is asked for is sealed under a
 * slot of its own, which goes with the answer.
 */
#include "attachment_private.h"
#include "keep_private.h"
#include "registrar_private.h"

/* The contact book has no end of its own: asked for this long, then given up
 * with an alarm. */
#define CONTACT_UNTIL (7 * MSEC_D)
#define ASK_AGAIN     (300 * MSEC_S)
/* Rows of one batch; slots that go together. */
#define ROWS 32u

/* ---- queued ------------------------------------------------------------- */

static int queue_row(struct registrar *r, struct forget_row *row,
                     const char *kind, const char *number, const char *what,
                     struct error *err)
{
    id_new_at(row->id, 'f', r->now, r->random);
    SET(row->kind, kind);
    SET(row->number, number);
    return forget_add(r->store, row, what, err);
}

static int queue(struct registrar *r, const char *kind, const char *number,
                 const char *what, msec until, msec *latest, struct error *err)
{
    struct forget_row row = { .until = until, .next_try = r->now };

    if (until > *latest)
        *latest = until;
    return queue_row(r, &row, kind, number, what, err);
}

int forget_upload(struct registrar *r, const char *number, const char *media_id,
                  msec at, char id[static ID_SIZE], struct error *err)
{
    struct forget_row row = { .until = r->now + LIMIT_UPLOAD_D * MSEC_D,
                              .next_try = at };

    if (queue_row(r, &row, "media", number, media_id, err) != 0)
        return -1;
    memcpy(id, row.id, ID_SIZE);
    return 0;
}

int forget_uploads(struct registrar *r, const char *subject, msec *latest,
                   struct error *err)
{
    msec until;

    if (forget_of_deliveries(r->store, subject, r->now, &until, err) != 0)
        return -1;
    if (until > *latest)
        *latest = until;
    return 0;
}

int forget_media(struct registrar *r, const struct attachment_row *row,
                 msec *latest, struct error *err)
{
    const char *media_id;
    json_t *claims;
    int ok = 0;

    if (row->meta_copy == 2 || row->lifetime <= r->now)
        return 0;
    claims = claims_read(r, row->id, err);
    if (claims == NULL)
        return error_is_environment(err->code) ? -1 : 0;
    media_id = json_str(claims, "media_id");
    if (media_id != NULL)
        ok = queue(r, "media", row->number, media_id, row->lifetime, latest,
                   err);
    json_decref(claims);
    return ok;
}

struct contacts {
    struct registrar *r;
    const char *subject, *bsuid;
    struct buf bsuids; /* each with its zero */
    msec *latest;
    struct error *err;
};

static int add_bsuid(void *arg, const char *value)
{
    struct contacts *c = arg;

    return buf_add(&c->bsuids, value, strlen(value) + 1) == 0
               ? 0
               : error_set(c->err, ERR_NOMEM, "no memory for contacts");
}

/* Numbers that are no longer ours have no token to ask with. */
static int at_number(void *arg, const char *number)
{
    struct contacts *c = arg;

    return config_find_number(c->r->config, number) == NULL
               ? 0
               : queue(c->r, "contact", number, c->bsuid,
                       c->r->now + CONTACT_UNTIL, c->latest, c->err);
}

int forget_contacts(struct registrar *r, const char *subject, msec *latest,
                    struct error *err)
{
    struct contacts c = {
        .r = r, .subject = subject, .latest = latest, .err = err
    };
    int ok =
        handle_of_person(r->store, subject, HANDLE_BSUID, add_bsuid, &c, err);

    for (size_t i = 0; ok == 0 && i < c.bsuids.len;
         i += strlen((const char *)c.bsuids.p + i) + 1) {
        c.bsuid = (const char *)c.bsuids.p + i;
        ok = number_of_person(r->store, subject, at_number, &c, err);
    }
    buf_free(&c.bsuids);
    return ok;
}

/* ---- asked for ---------------------------------------------------------- */

struct asking {
    struct registrar *r;
    struct error *err;
};

static int given_up(struct registrar *r, const struct forget_row *row,
                    struct error *err)
{
    if (strcmp(row->kind, "contact") == 0)
        log_event(LOG_LEVEL_ALARM, "contact_not_deleted", "{s:s,s:i}", "number",
                  row->number, "tries", row->tries);
    return forget_end(r->store, row->id, err);
}

/* Its end is looked at in time, whatever comes in between. */
static void wait_for(const struct registrar *r, struct forget_row *row,
                     msec time)
{
    row->next_try = r->now + time < row->until ? r->now + time : row->until;
}

static int ask(void *arg, const struct forget_row *due)
{
    struct asking *a = arg;
    struct forget_row row = *due;
    struct effect effect = { .kind = EFFECT_FORGET };
    struct buf what = { 0 };
    int ok = -1;

    if (a->r->now >= row.until)
        return given_up(a->r, &row, a->err);
    if (a->r->token_refused) {
        wait_for(a->r, &row, ASK_AGAIN);
        return forget_update(a->r->store, &row, a->err);
    }
    if (forget_what(a->r->store, &row, &what, a->err) != 0) {
        ok = error_is_environment(a->err->code)
                 ? -1
                 : forget_end(a->r->store, row.id, a->err);
        goto out;
    }
    SET(effect.id, row.id);
    SET(effect.number, row.number);
    if (strcmp(row.kind, "media") == 0) {
        SET(effect.media_id, (const char *)what.p);
    } else {
        effect.kind = EFFECT_FORGET_CONTACT;
        effect.body = what;
        what = (struct buf){ 0 };
    }
    row.tries++;
    wait_for(a->r, &row, SEND_LEASE); /* again, should no answer come */
    if (forget_update(a->r->store, &row, a->err) == 0)
        ok = effect_add(a->r, &effect, a->err);
out:
    buf_free(&what);
    if (ok != 0)
        buf_free(&effect.body);
    return ok;
}

int forget_ask(struct registrar *r, struct error *err)
{
    struct asking a = { r, err };

    return forget_due(r->store, r->now, ROWS, ask, &a, err);
}

int forget_answered(struct registrar *r, const char *id, bool done,
                    struct error *err)
{
    struct forget_row row;
    int found = forget_get(r->store, id, &row, err);

    if (found <= 0)
        return found;
    if (done)
        return forget_end(r->store, id, err);
    wait_for(r, &row, ASK_AGAIN);
    return forget_update(r->store, &row, err);
}

/* ---- over --------------------------------------------------------------- */

struct sweep {
    struct forget_row rows[ROWS];
    size_t n;
};

static int see_ended(void *arg, const struct forget_row *row)
{
    struct sweep *s = arg;

    s->rows[s->n++] = *row;
    return 0;
}

static int step_sweep(struct registrar *r, void *arg, struct error *err)
{
    const struct sweep *s = arg;

    for (size_t i = 0; i < s->n; i++)
        if (forget_remove(r->store, s->rows[i].id, err) != 0)
            return -1;
    return 0;
}

int forget_sweep(struct registrar *r, struct error *err)
{
    struct sweep s = { 0 };
    uint64_t slots[ROWS];

    if (forget_ended(r->store, ROWS, see_ended, &s, err) != 0)
        return -1;
    if (s.n == 0)
        return 0;
    for (size_t i = 0; i < s.n; i++)
        slots[i] = s.rows[i].slot;
    if (slot_erase(r->store, slots, s.n, err) != 0 ||
        batch_between(r, step_sweep, &s, err) != 0)
        return -1;
    return 1;
}
