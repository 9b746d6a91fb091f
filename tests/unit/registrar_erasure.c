/* registrar: a person is erased, whatever comes in between. */
#include "erase_help.h"

#include "registrar/keep_private.h"

#include <fcntl.h>
#include <unistd.h>

#define WHO   "34600000001"
#define OTHER "34600000002"

/* ---- what is erased ----------------------------------------------------- */

static void nothing_but_the_proof_is_left(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE], other[ID_SIZE];
    struct subject_row row;
    struct erasure_row e;
    uint8_t key[SLOT_KEY_LEN];
    json_t *paper;
    int64_t others;

    give_documents(f, WHO, 40);
    give_documents(f, OTHER, 2);
    who_is(f, WHO, subject);
    who_is(f, OTHER, other);
    others = rows_of(f, other);
    assert_int_equal(subject_get(f->r->store, subject, &row, &f->e), 1);

    e = order(f, "subject", subject, f->now);
    finish(f, e.id);
    assert_int_equal(rows_of(f, subject), 0);
    assert_int_equal(rows_of(f, other), others);
    assert_int_equal(ask(f, "SELECT count(*) FROM loose"), 2);
    assert_int_equal(slot_key(f->r->store, row.content_slot, key, &f->e), -1);
    assert_int_equal(slot_state(f->r->store, row.content_slot, &f->e), 0);

    /* The decision stays provable: its row, its evidence, its slot. */
    assert_int_equal(slot_state(f->r->store, row.evidence_slot, &f->e), 1);
    assert_true(evidence_count(f->r->store, subject, "decision", &f->e) > 0);
    assert_int_equal(count_events(f, "subject_erased"), 1);

    /* Their file under way was cancelled, and its end finds nothing. */
    assert_string_not_equal(f->cancelled, "");
    help_end(f, 40, INTAKE_CANCELLED, "");
    assert_int_equal(ask(f, "SELECT count(*) FROM loose"), 1);
    help_reopen(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM loose"), 0);

    paper = certificate_of(f, e.id);
    assert_int_equal(json_array_size(json_object_get(paper, "documents")), 40);
    assert_int_equal(
        json_integer_value(json_object_get(
            json_object_get(paper, "verification"), "slots_looked_at")),
        42);
    json_decref(paper);
}

static void who_writes_again_is_somebody_new(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE], again[ID_SIZE];
    struct erasure_row e;
    size_t sends;

    give_documents(f, WHO, 1);
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);

    /* While it is under way already. */
    (void)registrar_step(f->r);
    assert_string_equal(row_of(f, e.id).state, "running");
    sends = f->nsends;
    help_text(f, WHO, "wamid.again", "hola");
    who_is(f, WHO, again);
    assert_string_not_equal(subject, again);
    finish(f, e.id);
    who_is(f, WHO, again);
    assert_string_not_equal(subject, again);
    assert_true(f->nsends > sends);
    assert_non_null(strstr(f->sends[sends].body, "grant/"));
}

/* Meta's ids outlive the person's rows, with nothing that says whose. */
static void metas_copies_are_asked_for_without_the_person(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;
    int64_t slot;

    help_message(f, WHO "\",\"from_user_id\":\"ES.123abc", "wamid.hi",
                 "\"type\":\"text\",\"text\":{\"body\":\"hola\"}");
    give_documents(f, WHO, 1);
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);
    f->nforgets = 0;
    finish(f, e.id);
    (void)registrar_step(f->r);
    assert_int_equal(f->nforgets, 2); /* the document's and the one under way */
    assert_string_equal(f->bsuid, "ES.123abc");
    assert_int_equal(rows_of(f, subject), 0);
    slot = ask(f, "SELECT slot FROM forget WHERE kind = 'contact'");
    assert_int_equal(slot_state(f->r->store, (uint64_t)slot, &f->e), 1);

    /* Refused for now: asked again. Answered: row and slot are gone. */
    assert_int_equal(registrar_post_forgotten(f->r, f->contact, false), 0);
    (void)registrar_step(f->r);
    f->contact[0] = '\0';
    f->now += 301 * MSEC_S;
    (void)registrar_step(f->r);
    assert_string_not_equal(f->contact, "");
    assert_int_equal(registrar_post_forgotten(f->r, f->contact, true), 0);
    run_out(f);
    assert_int_equal(slot_state(f->r->store, (uint64_t)slot, &f->e), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM forget"), 2);

    /* Meta's own end of the ids ends the asking. */
    f->now += 8 * MSEC_D;
    run_out(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM forget"), 0);
}

/* A token that is refused asks for nothing, and keeps nothing for ever; until
 * then there is a slot to say what was asked for, and the certificate knows. */
static void what_meta_is_asked_for_has_an_end(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;
    json_t *paper;
    msec until, effective, slot;

    f->config.slots_backup_life = 2 * MSEC_D;
    help_message(f, WHO "\",\"from_user_id\":\"ES.123abc", "wamid.hi",
                 "\"type\":\"text\",\"text\":{\"body\":\"hola\"}");
    give_documents(f, WHO, 1);
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);
    f->r->token_refused = true;
    finish(f, e.id);
    until = ask(f, "SELECT max(until) FROM forget");
    slot = ask(f, "SELECT slot FROM forget ORDER BY until DESC LIMIT 1");
    paper = certificate_of(f, e.id);
    assert_int_equal(
        time_parse(json_str(paper, "erasure_effective_at"), &effective), 0);
    assert_true(effective >= until + 2 * MSEC_D);
    assert_true(effective < until + 2 * MSEC_D + MSEC_H);
    json_decref(paper);

    f->now = until - MSEC_S;
    (void)registrar_step(f->r);
    assert_true(ask(f, "SELECT count(*) FROM forget") > 0);
    assert_int_equal(ask(f, "SELECT max(next_try) FROM forget"), until);
    f->nforgets = 0;
    f->now = until;
    run_out(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM forget"), 0);
    assert_int_equal(slot_state(f->r->store, (uint64_t)slot, &f->e), 0);
    assert_int_equal(f->nforgets, 0);
}

static void proof_goes_when_its_time_is_over(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct subject_row row;
    struct erasure_row e, proof;

    give_documents(f, WHO, 1);
    who_is(f, WHO, subject);
    assert_int_equal(subject_get(f->r->store, subject, &row, &f->e), 1);
    e = order(f, "subject", subject, f->now);
    finish(f, e.id);
    assert_int_equal(
        erasure_of_subject(f->r->store, subject, "evidence", &proof, &f->e), 1);
    assert_string_equal(proof.state, "waiting");
    assert_true(proof.due > f->now + 1800 * MSEC_D);
    assert_true(proof.due <= f->now + 1825 * MSEC_D);

    f->now = proof.due - MSEC_H;
    run_out(f);
    assert_string_equal(row_of(f, proof.id).state, "waiting");
    assert_int_equal(slot_state(f->r->store, row.evidence_slot, &f->e), 1);
    f->now = proof.due;
    finish(f, proof.id);
    assert_int_equal(slot_state(f->r->store, row.evidence_slot, &f->e), 0);
    assert_int_equal(subject_get(f->r->store, subject, &row, &f->e), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM evidence"), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM consent"), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM cases"), 0);
    assert_int_equal(count_events(f, "evidence_erased"), 1);
}

static void who_decided_nothing_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;

    help_photo(f, WHO, "wamid.a");
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);
    finish(f, e.id);
    f->now += 11 * MSEC_S;
    run_out(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM subject"), 0);
}

static void what_is_not_due_waits(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;

    give_documents(f, WHO, 1);
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now + MSEC_D);
    run_out(f);
    assert_string_equal(row_of(f, e.id).state, "waiting");
    assert_true(is_known(f, WHO));
    f->now += MSEC_D;
    finish(f, e.id);
    assert_false(is_known(f, WHO));
}

/* ---- single documents --------------------------------------------------- */

struct listed {
    struct erasure_row row;
    char documents[3][ID_SIZE];
};

static int step_list(struct registrar *r, void *arg, struct error *err)
{
    struct listed *l = arg;

    return erasure_order(r, &l->row, (const char(*)[ID_SIZE])l->documents, 3,
                         NULL, err);
}

static int first_two(void *arg, const struct document_row *row)
{
    struct listed *l = arg;

    for (int i = 0; i < 2; i++)
        if (l->documents[i][0] == '\0') {
            memcpy(l->documents[i], row->id, ID_SIZE);
            return i;
        }
    return 1;
}

static void some_documents_go_and_the_person_stays(void **state)
{
    struct fixture *f = *state;
    struct listed l = { .row = { .requested_by = -1, .approved_by = -1 } };
    char subject[ID_SIZE];
    struct erasure_row found;
    struct document_row row;
    struct subject_row person;
    uint64_t slots[2];
    json_t *paper;

    give_documents(f, WHO, 3);
    who_is(f, WHO, subject);
    assert_int_equal(
        document_of_person(f->r->store, subject, 9, first_two, &l, &f->e), 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(document_get(f->r->store, l.documents[i], &row, &f->e),
                         1);
        slots[i] = row.slot;
    }
    id_new(l.documents[2], 'd', &random_system); /* gone since it was listed */
    SET(l.row.kind, "documents");
    SET(l.row.subject, subject);
    SET(l.row.ground, "retention");
    SET(l.row.cause, "retention");
    l.row.due = f->now;
    assert_int_equal(batch_between(f->r, step_list, &l, &f->e), 0);
    assert_int_equal(
        erasure_of_document(f->r->store, l.documents[1], &found, &f->e), 1);
    assert_string_equal(found.id, l.row.id);
    finish(f, l.row.id);
    assert_int_equal(ask(f, "SELECT count(*) FROM document"), 1);
    assert_int_equal(ask(f, "SELECT count(*) FROM attachment"), 2);

    /* Header, name, caption and claims hang on the file's slot, not on the
     * person's: in a backup they are noise, too. */
    for (int i = 0; i < 2; i++)
        assert_int_equal(slot_state(f->r->store, slots[i], &f->e), 0);
    assert_int_equal(subject_get(f->r->store, subject, &person, &f->e), 1);
    assert_int_equal(slot_state(f->r->store, person.content_slot, &f->e), 1);
    assert_int_equal(count_events(f, "document_erased"), 2);
    assert_int_equal(count_events(f, "documents_erased"), 1);
    assert_true(is_known(f, WHO));
    paper = certificate_of(f, l.row.id);
    assert_int_equal(json_array_size(json_object_get(paper, "documents")), 2);
    json_decref(paper);
    assert_int_equal(
        erasure_of_document(f->r->store, l.documents[1], &found, &f->e), 0);
}

/* ---- the index key ------------------------------------------------------ */

static void one_change_of_the_key_serves_all_before_it(void **state)
{
    struct fixture *f = *state;
    struct erasure_row e[3];
    char subject[ID_SIZE], phone[32];
    int64_t former = ask(f, "SELECT value FROM meta WHERE key = 'index_slot'");

    for (int i = 0; i < 6; i++) {
        (void)snprintf(phone, sizeof(phone), "3460000010%d", i);
        (void)snprintf(subject, sizeof(subject), "wamid.%d", i);
        help_text(f, phone, subject, "hola");
    }
    for (int i = 0; i < 3; i++) {
        (void)snprintf(phone, sizeof(phone), "3460000010%d", i);
        who_is(f, phone, subject);
        e[i] = order(f, "subject", subject, f->now);
    }
    for (int i = 0; i < 3; i++)
        finish(f, e[i].id);
    assert_int_equal(ask(f, "SELECT value FROM meta WHERE key = 'rekey_done'"),
                     1);
    assert_int_equal(slot_state(f->r->store, (uint64_t)former, &f->e), 0);
    for (int i = 0; i < 6; i++) {
        (void)snprintf(phone, sizeof(phone), "3460000010%d", i);
        assert_int_equal(is_known(f, phone), i >= 3);
    }
}

/* Messages between any two steps of the change find everybody, and a number
 * that goes to somebody else meanwhile is theirs. */
static void messages_go_on_while_handles_move(void **state)
{
    struct fixture *f = *state;
    char wamid[32], phone[32], first[300][ID_SIZE], now[ID_SIZE];
    int64_t people, begun, done;
    int seen = 0;

    for (int i = 0; i < 300; i++) {
        (void)snprintf(wamid, sizeof(wamid), "wamid.m%d", i);
        (void)snprintf(phone, sizeof(phone), "34600001%03d", i);
        help_queue(f, "8000", phone, wamid, HELP_PHOTO);
        if (i % 30 == 29)
            assert_int_equal(registrar_step(f->r), 30);
    }
    for (int i = 0; i < 300; i++) {
        (void)snprintf(phone, sizeof(phone), "34600001%03d", i);
        who_is(f, phone, first[i]);
    }
    (void)order(f, "subject", first[0], f->now);
    people = ask(f, "SELECT count(*) FROM subject");
    for (int i = 0; i < 100; i++) {
        int who = 1 + i * 7 % 299;

        (void)snprintf(phone, sizeof(phone), "34600001%03d", who);
        (void)snprintf(wamid, sizeof(wamid), "wamid.w%d", i);
        help_photo(f, phone, wamid);
        who_is(f, phone, now);
        assert_string_equal(now, first[who]);
        assert_int_equal(rekey_counts(f->r->store, &begun, &done, &f->e), 0);
        seen += begun > done;
    }
    assert_true(seen >= 1);
    assert_int_equal(ask(f, "SELECT count(*) FROM subject"), people);
    run_out(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM handle WHERE kind = 'phone'"),
                     299);
    assert_int_equal(ask(f, "SELECT count(DISTINCT key_slot) FROM handle"), 1);
}

static int step_all(struct registrar *r, void *arg, struct error *err)
{
    uint64_t *left = arg;
    int more;

    while ((more = rekey_step(r->store, 10, left, err)) > 0)
        ;
    return more;
}

/* The disk failed just when the former key was to go: it goes later, and no
 * certificate before that. */
static void a_former_key_that_was_left_goes_before_the_end(void **state)
{
    struct fixture *f = *state;
    struct erasure_row e;
    char subject[ID_SIZE];
    int64_t begun = 0, done = 0;
    uint64_t left = 0;

    help_text(f, WHO, "wamid.a", "hola");
    help_text(f, OTHER, "wamid.b", "hola");
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);
    for (int i = 0; i < 50 && begun == done; i++) {
        f->now += 10;
        (void)registrar_step(f->r);
        assert_int_equal(rekey_counts(f->r->store, &begun, &done, &f->e), 0);
    }
    assert_int_equal(batch_between(f->r, step_all, &left, &f->e), 0);
    assert_int_equal(slot_state(f->r->store, left, &f->e), 1);
    finish(f, e.id);
    assert_int_equal(slot_state(f->r->store, left, &f->e), 0);
    assert_true(is_known(f, OTHER));
}

/* ---- stopped at any point ----------------------------------------------- */

/* Everything under the folder, as a kill at this moment leaves it. */
static void copy_storage(const char *from, const char *to)
{
    char command[600];

    (void)snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'",
                   to, from, to);
    assert_int_equal(system(command), 0);
}

/* A new daemon upon what the killed one left. */
static void die_and_start(struct fixture *f)
{
    char saved[160];

    (void)snprintf(saved, sizeof(saved), "%s/dead", f->folder);
    copy_storage(f->dir, saved);
    registrar_close(&f->r);
    copy_storage(saved, f->dir);
    help_open(f);
}

static void a_death_after_any_step_loses_nothing(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;
    json_t *paper;
    int deaths = 0;

    give_documents(f, WHO, 40);
    give_documents(f, OTHER, 1);
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);
    while (!is_done(f, e.id)) {
        f->now += 10;
        (void)registrar_step(f->r);
        die_and_start(f);
        assert_true(deaths++ < 100);
    }
    assert_in_range(deaths, 5, 99);
    assert_int_equal(rows_of(f, subject), 0);
    assert_int_equal(count_events(f, "subject_erased"), 1);
    assert_int_equal(count_events(f, "erasure_started"), 1);
    paper = certificate_of(f, e.id);
    assert_int_equal(json_array_size(json_object_get(paper, "documents")), 40);
    json_decref(paper);
    run_out(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM document"), 1);
    assert_true(is_known(f, OTHER));
}

/* Between a document's slot and its row: no other erasure begins. */
static void a_death_between_slot_and_row_restores_nothing(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;
    uint64_t slot;

    give_documents(f, WHO, 2);
    who_is(f, WHO, subject);
    e = order(f, "subject", subject, f->now);
    for (int i = 0; i < 50 && strcmp(e.step, "shred") != 0; i++) {
        f->now += 10;
        (void)registrar_step(f->r);
        e = row_of(f, e.id);
    }
    slot = (uint64_t)ask(f, "SELECT slot FROM document LIMIT 1");
    assert_int_equal(slot_erase(f->r->store, &slot, 1, &f->e), 0);
    die_and_start(f);
    finish(f, e.id);
    assert_int_equal(
        ask(f, "SELECT count(*) FROM erasure WHERE cause = 'restored'"), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM document"), 0);
}

/* ---- an older copy of the database -------------------------------------- */

/* Database and payloads of a backup; keys as they are today, but for what the
 * ledger's head says (the copy is older than that, and would be refused). */
static void shell(const char *from, const char *line, const char *to)
{
    char command[1024];

    (void)snprintf(command, sizeof(command), "A='%.200s' B='%.200s'; %s", from,
                   to, line);
    assert_int_equal(system(command), 0);
}

static void put_back_closed(struct fixture *f, const char *backup)
{
    registrar_close(&f->r);
    shell(backup,
          "cp -a $A/resguardo.db $B/ && rm -rf $B/resguardo.db-* $B/payloads &&"
          " cp -a $A/payloads $B/ && cp -a $A/keys/head $B/keys/",
          f->dir);
}

static void put_back(struct fixture *f, const char *backup)
{
    put_back_closed(f, backup);
    help_open(f);
}

static void a_restored_backup_is_erased_again(void **state)
{
    struct fixture *f = *state;
    char backup[160], subject[ID_SIZE];
    struct erasure_row e, again;
    struct listed l = { .row = { .requested_by = -1, .approved_by = -1 } };
    json_t *paper;

    give_documents(f, WHO, 2);
    give_documents(f, OTHER, 2);
    who_is(f, WHO, subject);
    registrar_close(&f->r);
    (void)snprintf(backup, sizeof(backup), "%s/backup", f->folder);
    copy_storage(f->dir, backup);
    help_open(f);

    /* A person, and one document of another. */
    e = order(f, "subject", subject, f->now);
    finish(f, e.id);
    who_is(f, OTHER, subject);
    assert_int_equal(
        document_of_person(f->r->store, subject, 1, first_two, &l, &f->e), 0);
    SET(l.row.kind, "documents");
    SET(l.row.subject, subject);
    SET(l.row.ground, "retention");
    SET(l.row.cause, "retention");
    l.row.due = f->now;
    memcpy(l.documents[1], l.documents[0], ID_SIZE);
    memcpy(l.documents[2], l.documents[0], ID_SIZE);
    assert_int_equal(batch_between(f->r, step_list, &l, &f->e), 0);
    finish(f, l.row.id);

    /* The copy has them, and what it has opens nothing; nor is anybody found
     * in it until a new index is made from what still opens. */
    put_back(f, backup);
    assert_false(is_known(f, WHO));
    assert_true(is_known(f, OTHER));
    assert_int_equal(
        erasure_of_subject(f->r->store, e.subject, "subject", &again, &f->e),
        1);
    assert_string_equal(again.cause, "restored");
    finish(f, again.id);
    assert_int_equal(rows_of(f, e.subject), 0);
    run_out(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM document"), 1);
    paper = certificate_of(f, again.id);
    assert_int_equal(json_array_size(json_object_get(paper, "documents")), 2);
    json_decref(paper);

    /* Seen once: the next start looks at nothing twice. */
    help_reopen(f);
    assert_int_equal(
        ask(f, "SELECT count(*) FROM erasure WHERE state <> 'done'"), 1);
    help_photo(f, OTHER, "wamid.after");
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 0);
}

/* Killed while a new index was made of the copy: the next start goes on, before
 * anybody is looked for. */
static void a_new_index_is_made_to_its_end(void **state)
{
    struct fixture *f = *state;
    char backup[160], subject[ID_SIZE];
    struct store *s = NULL;
    int64_t begun, done;

    give_documents(f, WHO, 1);
    give_documents(f, OTHER, 1);
    who_is(f, WHO, subject);
    registrar_close(&f->r);
    (void)snprintf(backup, sizeof(backup), "%s/backup", f->folder);
    copy_storage(f->dir, backup);
    help_open(f);
    finish(f, order(f, "subject", subject, f->now).id);

    put_back_closed(f, backup);
    assert_int_equal(
        store_open(&s, f->dir, NULL, STORE_WRITER, &random_system, &f->e), 0);
    assert_int_equal(store_begin(s, &f->e), 0);
    assert_int_equal(rekey_lost(s, &f->e), 1);
    assert_int_equal(rekey_begin(s, &f->e), 0);
    assert_int_equal(store_commit(s, &f->e), 0);
    store_close(&s);
    help_open(f);
    assert_int_equal(rekey_counts(f->r->store, &begun, &done, &f->e), 0);
    assert_int_equal(begun, done);
    assert_true(is_known(f, OTHER));
    assert_false(is_known(f, WHO));
}

/* ---- dead letters ------------------------------------------------------- */

static void their_dead_letters_go_with_them(void **state)
{
    struct fixture *f = *state;
    char subject[ID_SIZE];
    struct erasure_row e;

    help_text(f, WHO, "wamid.a", "hola");
    help_text(f, OTHER, "wamid.b", "hola");
    who_is(f, WHO, subject);
    (void)snprintf(f->numbers[1].policy, sizeof(f->numbers[1].policy), "lost");
    help_message_to(f, "8001", WHO, "wamid.c", HELP_PHOTO);
    help_message_to(f, "8001", OTHER, "wamid.d", HELP_PHOTO);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 2);

    /* One that is damaged names nobody, and is in nobody's way. */
    assert_int_equal(sqlite3_exec(f->r->store->db,
                                  "INSERT INTO dead_letter SELECT '0', slot,"
                                  " x'00112233', '', 0, 0 FROM dead_letter"
                                  " LIMIT 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    e = order(f, "subject", subject, f->now);
    finish(f, e.id);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 2);
    assert_int_equal(sqlite3_exec(f->r->store->db,
                                  "DELETE FROM dead_letter WHERE id = '0'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
}

/* ---- plans -------------------------------------------------------------- */

static void check_plan(struct store *store, const char *sql)
{
    sqlite3_stmt *st = NULL;
    char text[2048];

    (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &st, NULL),
                     SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW)
        if (strncmp((const char *)sqlite3_column_text(st, 3), "SCAN ", 5) ==
                0 &&
            strstr((const char *)sqlite3_column_text(st, 3), "SCAN CONSTANT") ==
                NULL)
            fail_msg("%s: %s", (const char *)sqlite3_column_text(st, 3), sql);
    sqlite3_finalize(st);
}

/* What is under way has an index of nothing else, which is counted; `loose` is
 * read once, at a start. */
static bool walks(int number)
{
    int file = number / STATEMENTS_A_FILE;

    return file == SQL_ATTACHMENT || file == SQL_OUTBOX || file == SQL_BLOB;
}

/* A person erased costs what that person has. */
static void no_statement_of_an_erasure_walks_a_table(void **state)
{
    struct fixture *f = *state;
    struct erasure_row e;
    char subject[ID_SIZE];
    msec blocked;
    size_t n = 0;

    give_documents(f, WHO, 1);
    who_is(f, WHO, subject);
    assert_int_equal(hold_is_late(f->r->store, subject, "", &f->e), 0);
    assert_int_equal(subject_block_for(f->r, subject, &blocked, &f->e), 0);
    e = order(f, "subject", subject, f->now);
    finish(f, e.id);
    f->now += 1826 * MSEC_D;
    run_out(f);
    for (int i = 0; i < STATEMENTS_MAX; i++)
        if (f->r->store->statements[i] != NULL && !walks(i)) {
            check_plan(f->r->store, sqlite3_sql(f->r->store->statements[i]));
            n++;
        }
    assert_in_range(n, 25, STATEMENTS_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_but_the_proof_is_left),
        T(who_writes_again_is_somebody_new),
        T(metas_copies_are_asked_for_without_the_person),
        T(what_meta_is_asked_for_has_an_end),
        T(proof_goes_when_its_time_is_over),
        T(who_decided_nothing_leaves_nothing),
        T(what_is_not_due_waits),
        T(some_documents_go_and_the_person_stays),
        T(one_change_of_the_key_serves_all_before_it),
        T(messages_go_on_while_handles_move),
        T(a_former_key_that_was_left_goes_before_the_end),
        T(a_death_after_any_step_loses_nothing),
        T(a_death_between_slot_and_row_restores_nothing),
        T(a_restored_backup_is_erased_again),
        T(a_new_index_is_made_to_its_end),
        T(their_dead_letters_go_with_them),
        T(no_statement_of_an_erasure_walks_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
