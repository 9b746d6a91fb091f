/*
 * At the end of a world some of its people are erased, while faults and deaths
 * come as they did before. What must hold: nothing of theirs is left in rows
 * and files, their slots are erased in both copies, nobody finds them; the
 * others have everything; and years later what proved their decisions is gone,
 * too.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "registrar/keep_private.h"
#include "registrar/registrar_private.h"
#include "store/store_private.h"

#define PERSON(w, i) VEC_AT(&(w)->people, struct person, i)

/* Steps with faults, and how many are enough for anything without. */
#define STORM 150
#define CALM  4000
#define YEARS (1900 * MSEC_D)

struct leaving {
    uint32_t person;
    char subject[ID_SIZE];
    uint64_t content, evidence;
    uint64_t slots[64];
    char payloads[64][ID_SIZE];
    uint32_t n;
};

/* ---- before ------------------------------------------------------------- */

static int note_document(void *arg, const struct document_row *row)
{
    struct leaving *l = arg;

    if (l->n == 64)
        return 1;
    l->slots[l->n] = row->slot;
    (void)snprintf(l->payloads[l->n++], ID_SIZE, "%s", row->payload);
    return 0;
}

static void note_person(struct world *w, struct leaving *l)
{
    struct subject_row row;
    struct error err = { 0 };

    if (host_reader(w) == NULL)
        return;
    if (subject_get(w->reader, l->subject, &row, &err) != 1 ||
        document_of_person(w->reader, l->subject, 64, note_document, l, &err) <
            0)
        sim_fail(w, "a person to erase cannot be read: %s", err.text);
    l->content = row.content_slot;
    l->evidence = row.evidence_slot;
    host_reader_done(w);
}

/* ---- the order ---------------------------------------------------------- */

static int step_order(struct registrar *r, void *arg, struct error *err)
{
    const struct leaving *l = arg;
    struct erasure_row row = { .requested_by = -1,
                               .approved_by = -1,
                               .due = r->now };

    SET(row.kind, "subject");
    SET(row.subject, l->subject);
    SET(row.ground, "request");
    SET(row.cause, "request");
    return erasure_order(r, &row, NULL, 0, NULL, err);
}

static bool ordered(struct world *w, const struct leaving *l)
{
    struct erasure_row row;
    struct error err = { 0 };
    int found =
        host_reader(w) == NULL
            ? -1
            : erasure_of_subject(w->reader, l->subject, "subject", &row, &err);

    host_reader_done(w);
    return found > 0;
}

/* Until it is on record, as an officer would; a failure is told to them. */
static void order(struct world *w, struct leaving *l)
{
    for (int i = 0; i < 200 && !w->failed && !ordered(w, l); i++) {
        struct waiter waiter = { 0 };
        struct event *event = calloc(1, sizeof(*event));

        if (event == NULL)
            abort();
        event->kind = EVENT_STAFF;
        event->step = step_order;
        event->arg = l;
        event->waiter = &waiter;
        if (queue_post(w->registrar, event) != 0)
            event_free(&event);
        w->now += 50;
        host_step(w);
        for (int k = 0; k < 50 && !w->failed && w->registrar->queued > 0; k++) {
            w->now += MSEC_S;
            host_step(w);
        }
    }
    if (!w->failed && !ordered(w, l))
        sim_fail(w, "an erasure was never put on record");
}

/* ---- after -------------------------------------------------------------- */

static int64_t count(struct world *w, const char *sql, const char *subject)
{
    sqlite3_stmt *st = NULL;
    int64_t n = -1;

    if (sqlite3_prepare_v2(w->reader->db, sql, -1, &st, NULL) == SQLITE_OK) {
        if (subject != NULL)
            sqlite3_bind_text(st, 1, subject, -1, SQLITE_STATIC);
        if (sqlite3_step(st) == SQLITE_ROW)
            n = sqlite3_column_int64(st, 0);
    }
    sqlite3_finalize(st);
    return n;
}

static int64_t unfinished(struct world *w, const char *kind)
{
    int64_t n;

    if (host_reader(w) == NULL)
        return 0;
    n = count(w,
              "SELECT count(*) FROM erasure WHERE state <> 'done'"
              " AND kind = ?1",
              kind);
    host_reader_done(w);
    return n;
}

static void check_rows(struct world *w, const struct leaving *l)
{
    static const char *const all[] = {
        "SELECT count(*) FROM handle WHERE subject = ?1",
        "SELECT count(*) FROM prompt WHERE subject = ?1",
        "SELECT count(*) FROM attachment WHERE subject = ?1",
        "SELECT count(*) FROM document WHERE subject = ?1",
        "SELECT count(*) FROM outbox WHERE subject = ?1",
        "SELECT count(*) FROM burst WHERE subject = ?1",
        "SELECT count(*) FROM note WHERE subject = ?1",
        "SELECT count(*) FROM outbound WHERE subject = ?1",
        "SELECT count(*) FROM identity_check WHERE subject = ?1",
        "SELECT count(*) FROM delivery WHERE subject = ?1",
        "SELECT count(*) FROM chat WHERE subject = ?1",
        "SELECT count(*) FROM handover WHERE subject = ?1",
        "SELECT count(*) FROM conversation WHERE subject = ?1",
        "SELECT count(*) FROM guide WHERE subject = ?1",
        "SELECT count(*) FROM suggestion WHERE subject = ?1",
        "SELECT count(*) FROM request WHERE subject = ?1"
        " AND (closed IS NULL OR words_sealed IS NOT NULL)",
        "SELECT count(*) FROM rating WHERE subject = ?1 AND due IS NOT NULL",
        "SELECT count(*) FROM cases WHERE subject = ?1 AND state <> 'closed'"
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (count(w, all[i], l->subject) != 0)
            sim_fail(w, "of an erased person there is left: %s", all[i]);
}

static void check_slot(struct world *w, uint64_t slot, const char *what)
{
    struct error err = { 0 };
    int state = slot_state(w->reader, slot, &err);

    if (state != 0)
        sim_fail(w, "the slot of an erased %s is %s", what,
                 state > 0 ? "fresh" : err.text);
}

static void check_gone(struct world *w, const struct leaving *l)
{
    struct store blobs = { .payloads = w->payloads };
    struct person *p = PERSON(w, l->person);
    char place[BLOB_PLACE_SIZE], found[ID_SIZE];
    struct error err = { 0 };

    if (w->failed || host_reader(w) == NULL)
        return;
    check_rows(w, l);
    check_slot(w, l->content, "person");
    for (uint32_t i = 0; i < l->n; i++) {
        check_slot(w, l->slots[i], "document");
        if (blob_place(l->payloads[i], place, &err) != 0 ||
            blob_is_there(&blobs, place))
            sim_fail(w, "the payload of an erased document is there");
    }
    if (subject_find(w->reader, HANDLE_PHONE, p->phone, found, &err) != 0 ||
        subject_find(w->reader, HANDLE_BSUID, p->bsuid, found, &err) != 0)
        sim_fail(w, "an erased person is found");
    if (count(w,
              "SELECT count(*) FROM erasure WHERE subject = ?1 AND kind ="
              " 'subject' AND certificate IS NOT NULL",
              l->subject) != 1)
        sim_fail(w, "an erasure without its certificate, or two");
    host_reader_done(w);
}

static void check_proof_gone(struct world *w, const struct leaving *l)
{
    if (w->failed || host_reader(w) == NULL)
        return;
    check_slot(w, l->evidence, "person's proof");
    if (count(w, "SELECT count(*) FROM subject WHERE id = ?1", l->subject) !=
            0 ||
        count(w, "SELECT count(*) FROM evidence WHERE subject = ?1",
              l->subject) != 0 ||
        count(w, "SELECT count(*) FROM consent WHERE subject = ?1",
              l->subject) != 0 ||
        count(w, "SELECT count(*) FROM cases WHERE subject = ?1", l->subject) !=
            0 ||
        count(w, "SELECT count(*) FROM rating WHERE subject = ?1",
              l->subject) != 0)
        sim_fail(w, "what proved an erased person's decisions is there");
    host_reader_done(w);
}

/* ---- the end of a world ------------------------------------------------- */

/* Weather worse than that of the world. */
static void storm(struct world *w)
{
    w->calm = false;
    if (!dice_one_in(&w->dice, 4)) {
        w->weather.crash = 3;
        w->weather.fault = w->weather.fault != 0 ? 6 : 0;
    }
}

/* A while of it, then none. */
static void carry_out(struct world *w, const char *kind)
{
    for (int i = 0; i < STORM && !w->failed && unfinished(w, kind) > 0; i++) {
        w->now += 20;
        host_step(w);
    }
    w->calm = true;
    disk_disarm();
    for (int i = 0; i < CALM && !w->failed && unfinished(w, kind) > 0; i++) {
        w->now += 200;
        host_step(w);
    }
    if (!w->failed && unfinished(w, kind) > 0)
        sim_fail(w, "an erasure never ends");
}

void erase_some(struct world *w)
{
    struct vec all = { 0 };

    w->ending = true;
    /* Who was never in a leaf is in one soon, and found no more. */
    if (host_reader(w) != NULL)
        model_learn(w, true);
    host_reader_done(w);

    for (uint32_t i = 0; i < w->people.n; i++)
        if (PERSON(w, i)->subject[0] != '\0' && dice_below(&w->dice, 2) == 0) {
            struct leaving *l = vec_add(&all, sizeof(*l));

            l->person = i;
            (void)snprintf(l->subject, ID_SIZE, "%s", PERSON(w, i)->subject);
        }
    storm(w);
    for (size_t i = 0; i < all.n && !w->failed; i++) {
        note_person(w, VEC_AT(&all, struct leaving, i));
        order(w, VEC_AT(&all, struct leaving, i));
    }
    if (!w->failed)
        carry_out(w, "subject");
    for (size_t i = 0; i < all.n && !w->failed; i++)
        check_gone(w, VEC_AT(&all, struct leaving, i));
    if (!w->failed)
        final_rows(w);

    w->now += YEARS;
    storm(w);
    if (!w->failed)
        carry_out(w, "evidence");
    for (size_t i = 0; i < all.n && !w->failed; i++)
        check_proof_gone(w, VEC_AT(&all, struct leaving, i));
    if (!w->failed)
        host_crash(w);
    if (!w->failed)
        final_rows(w);
    if (!w->failed)
        final_ledger(w);
    w->erased = all.n;
    free(all.p);
}
