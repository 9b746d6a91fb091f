/*
 * A database that was put back from an older copy holds what was destroyed
 * since: its slots are gone, and what hangs on them opens nothing. It is
 * finished here. keys/destroyed says what to look for, and the database how
 * much of that list it has seen.
 */
#include "keep_private.h"
#include "registrar_private.h"

#define NUMBERS 1000u /* of the list, in one transaction */
#define SEEN    "destroyed_seen"

/* ---- keys that are gone ------------------------------------------------- */

static int step_keys(struct registrar *r, void *arg, struct error *err)
{
    bool *lost = arg;
    int gone = rekey_lost(r->store, err);

    if (gone < 0 || seen_repair(r->store, r->now, err) != 0)
        return -1;
    *lost = gone > 0;
    return gone == 1 ? rekey_begin(r->store, err) : 0;
}

int erasure_recover_keys(struct registrar *r, struct error *err)
{
    struct rekeying m = { .more = 1 };
    bool lost = false;

    if (erasure_former_key(r, err) < 0 ||
        batch_between(r, step_keys, &lost, err) != 0)
        return -1;
    if (lost)
        log_event(LOG_LEVEL_WARN, "index_key_gone", NULL);
    while (lost && m.more > 0)
        if (batch_between(r, erasure_step_handles, &m, err) != 0)
            return -1;
    return erasure_former_key(r, err) < 0 ? -1 : 0;
}

/* ---- what hangs on destroyed slots -------------------------------------- */

static int order(struct registrar *r, const char *kind, const char *subject,
                 const char *document, struct error *err)
{
    struct erasure_row row = { .requested_by = -1,
                               .approved_by = -1,
                               .due = r->now };
    char documents[1][ID_SIZE];

    SET(row.kind, kind);
    SET(row.subject, subject);
    SET(row.ground, "restored");
    SET(row.cause, "restored");
    SET(documents[0], document);
    return erasure_order(r, &row, (const char(*)[ID_SIZE])documents,
                         document[0] != '\0', NULL, err);
}

/* Is somebody at it, or was it done? A waiting order is brought forward. */
static int bring_forward(struct registrar *r, struct erasure_row *row,
                         struct error *err)
{
    if (strcmp(row->state, "waiting") != 0 || row->due <= r->now)
        return 0;
    row->due = r->now;
    return erasure_update(r->store, row, err);
}

/* From here on a message of theirs is a stranger's. */
static int finish_person(struct registrar *r, const char *kind,
                         const char *subject, struct error *err)
{
    struct erasure_row row;
    int found = erasure_of_subject(r->store, subject, kind, &row, err);

    if (found < 0 || (strcmp(kind, "subject") == 0 &&
                      handle_remove(r->store, subject, err) != 0))
        return -1;
    return found > 0 ? bring_forward(r, &row, err)
                     : order(r, kind, subject, "", err);
}

static int finish_document(struct registrar *r, const char *subject,
                           const char *document, struct error *err)
{
    struct erasure_item item = { 0 };
    struct subject_row person;
    struct erasure_row row;
    int found = subject_get(r->store, subject, &person, err);

    /* Of a person who goes as a whole, it goes with them: also where a crash
     * came between its slot and its row. */
    if (found < 0)
        return -1;
    if (found > 0 && slot_state(r->store, person.content_slot, err) == 0)
        return 0;
    found = erasure_of_subject(r->store, subject, "subject", &row, err);
    if (found < 0 || (found > 0 && strcmp(row.state, "running") == 0))
        return found < 0 ? -1 : 0;
    if ((found = erasure_of_document(r->store, document, &row, err)) != 0)
        return found < 0 ? -1 : bring_forward(r, &row, err);

    /* Several of one person: one erasure. */
    found = erasure_of_subject(r->store, subject, "documents", &row, err);
    if (found < 0)
        return -1;
    if (found == 0 || strcmp(row.cause, "restored") != 0 ||
        strcmp(row.state, "waiting") != 0)
        return order(r, "documents", subject, document, err);
    SET(item.document, document);
    return erasure_item_put(r->store, row.id, &item, err);
}

static int finish_slot(struct registrar *r, uint64_t slot, struct error *err)
{
    char subject[ID_SIZE], document[ID_SIZE];
    enum slot_use use;
    int found = slot_owner(r->store, slot, &use, subject, document, err);

    if (found <= 0)
        return found;
    switch (use) {
    case SLOT_CONTENT:
        return finish_person(r, "subject", subject, err);
    case SLOT_EVIDENCE:
        return finish_person(r, "evidence", subject, err);
    case SLOT_DOCUMENT:
        return finish_document(r, subject, document, err);
    }
    return 0;
}

struct replay {
    uint64_t place;
    size_t n;
};

static int step_replay(struct registrar *r, void *arg, struct error *err)
{
    struct replay *p = arg;
    uint64_t slots[NUMBERS];

    if (slot_destroyed(r->store, &p->place, slots, NUMBERS, &p->n, err) != 0)
        return -1;
    for (size_t i = 0; i < p->n; i++)
        if (finish_slot(r, slots[i], err) != 0)
            return -1;
    return p->n == 0 ? 0 : meta_set_int(r->store, SEEN, (int64_t)p->place, err);
}

int erasure_recover(struct registrar *r, struct error *err)
{
    struct replay p = { .n = NUMBERS };
    int64_t seen = 0;

    if (meta_get_int(r->store, SEEN, &seen, err) < 0)
        return -1;
    p.place = (uint64_t)seen;
    while (p.n == NUMBERS)
        if (batch_between(r, step_replay, &p, err) != 0)
            return -1;
    return 0;
}
