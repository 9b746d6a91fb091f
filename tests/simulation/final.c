/* What holds in the rows and files: at any time, and when all is over. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "registrar/registrar_private.h"
#include "store/store_private.h"

#define PERSON(w, i)     VEC_AT(&(w)->people, struct person, i)
#define MESSAGE(w, i)    VEC_AT(&(w)->messages, struct message, i)
#define ATTACHMENT(w, i) VEC_AT(&(w)->attachments, struct attachment, i)
#define DOCUMENT(w, i)   VEC_AT(&(w)->documents, struct document, i)

void final_each(struct world *w, const char *sql, row_fn fn)
{
    sqlite3_stmt *st = NULL;
    int code = SQLITE_ERROR;

    if (w->failed || host_reader(w) == NULL)
        return;
    if (sqlite3_prepare_v2(w->reader->db, sql, -1, &st, NULL) == SQLITE_OK)
        while (!w->failed && (code = sqlite3_step(st)) == SQLITE_ROW)
            fn(w, st);
    if (!w->failed && code != SQLITE_DONE)
        sim_fail(w, "%s: %s", sql, sqlite3_errmsg(w->reader->db));
    sqlite3_finalize(st);
}

/* ---- at any time ------------------------------------------------------- */

static void row_consent(struct world *w, sqlite3_stmt *st)
{
    static const char *const names[] = { "none", "given", "refused",
                                         "withdrawn" };
    const struct standing *s;
    int policy = policy_number(TEXT(st, 1)), purpose;
    uint32_t who;

    if (!map_get(w->subject_of, TEXT(st, 0), &who) || policy < 0 ||
        (purpose = purpose_number(TEXT(st, 2))) < 0) {
        sim_fail(w, "a decision of nobody: %s", TEXT(st, 0));
        return;
    }
    s = &PERSON(w, who)->standing[policy][purpose];
    if (strcmp(TEXT(st, 3), names[s->state]) != 0 ||
        sqlite3_column_int64(st, 4) != s->yes_s ||
        sqlite3_column_int64(st, 5) != s->no_s)
        sim_fail(w,
                 "consent of %s to %s is %s (%lld, %lld), the ledger says "
                 "%s (%lld, %lld)",
                 TEXT(st, 0), TEXT(st, 2), TEXT(st, 3),
                 (long long)sqlite3_column_int64(st, 4),
                 (long long)sqlite3_column_int64(st, 5), names[s->state],
                 (long long)s->yes_s, (long long)s->no_s);
}

static void row_document(struct world *w, sqlite3_stmt *st)
{
    const struct document *d;
    const char *state = TEXT(st, 1);
    uint32_t index;

    if (!map_get(w->document_of, TEXT(st, 0), &index)) {
        sim_fail(w, "document %s is in no leaf", TEXT(st, 0));
        return;
    }
    d = DOCUMENT(w, index);
    if ((strcmp(state, "blocked") == 0) != d->blocked)
        sim_fail(w, "document %s is %s, the ledger says otherwise", d->id,
                 state);
    if (strcmp(TEXT(st, 2), ATTACHMENT(w, d->attachment)->id) != 0 ||
        strcmp(TEXT(st, 4),
               VEC_AT(&w->cases, struct sim_case, d->of_case)->id) != 0)
        sim_fail(w, "document %s hangs on the wrong file or case", d->id);
}

static void row_state(struct world *w, sqlite3_stmt *st)
{
    static const char *const names[] = {
        "", "fetching", "stored", "quarantined", "refused", "expired", "dropped"
    };
    const char *state = TEXT(st, 1);
    const struct attachment *a;
    uint32_t index;
    bool fits;

    if (!map_get(w->attachment_of, TEXT(st, 0), &index)) {
        /* Until they say which document it is, it is in none. */
        if (strcmp(state, "held") != 0 || strchr("?!", TEXT(st, 2)[0]) == NULL)
            sim_fail(w, "attachment %s is in no leaf", TEXT(st, 0));
        return;
    }
    a = ATTACHMENT(w, index);
    if (a->state == F_HELD)
        fits = strcmp(state, "held") == 0 || strcmp(state, "queued") == 0;
    else if (a->state == F_FETCHING)
        fits = strcmp(state, "fetching") == 0 ||
               strcmp(state, "judging") == 0 || strcmp(state, "queued") == 0;
    else
        fits = strcmp(state, names[a->state]) == 0;
    if (!fits)
        sim_fail(w, "attachment %s is %s, the ledger says %s", a->id, state,
                 names[a->state]);
}

static void row_dead(struct world *w, sqlite3_stmt *st)
{
    sim_fail(w, "a dead letter: %s", TEXT(st, 0));
}

static void row_payload_without_file(struct world *w, sqlite3_stmt *st)
{
    struct store blobs = { .payloads = w->payloads };
    struct error err;
    uint8_t bytes[128], hash[SHA256_LEN];
    uint32_t index;
    int fd = blob_open(&blobs, TEXT(st, 0), &err);
    ssize_t n;

    if (fd < 0) {
        sim_fail(w, "document %s has no payload", TEXT(st, 1));
        return;
    }
    n = read(fd, bytes, sizeof(bytes));
    (void)close(fd);
    sha256_of(hash, bytes, n < 0 ? 0 : (size_t)n);
    if (map_get(w->document_of, TEXT(st, 1), &index) &&
        (memcmp(hash, DOCUMENT(w, index)->sha256, SHA256_LEN) != 0 ||
         n != sqlite3_column_int64(st, 2)))
        sim_fail(w, "document %s has another payload", TEXT(st, 1));
}

static int file_without_row(void *arg, const char *path)
{
    struct world *w = arg;
    const char *payload = strchr(path, '/') == NULL ? path : path + 3;
    sqlite3_stmt *st = NULL;

    if (sqlite3_prepare_v2(w->reader->db,
                           "SELECT 1 FROM loose WHERE payload = ?1 UNION ALL "
                           "SELECT 1 FROM document WHERE payload = ?1",
                           -1, &st, NULL) != SQLITE_OK)
        return -1;
    sqlite3_bind_text(st, 1, payload, -1, SQLITE_STATIC);
    if (sqlite3_step(st) != SQLITE_ROW)
        sim_fail(w, "payload %s is an orphan", payload);
    sqlite3_finalize(st);
    return w->failed ? 1 : 0;
}

/* A message would pass over the rows of whoever has no bit for them. */
static void row_without_bit(struct world *w, sqlite3_stmt *st)
{
    sim_fail(w, "person %s has rows of %s and no bit", TEXT(st, 0),
             TEXT(st, 1));
}

static void check_bits(struct world *w)
{
    static const struct {
        const char *rows;
        unsigned bit;
    } all[] = {
        { "consent", PERSON_CONSENT }, { "prompt", PERSON_PROMPT },
        { "attachment", PERSON_FILE }, { "cases", PERSON_CASE },
        { "guide", PERSON_GUIDE },     { "conversation", PERSON_CONVERSATION },
        { "handle", PERSON_HANDLE },   { "elsewhere", PERSON_ELSEWHERE },
    };
    char sql[256];

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT id, '%s' FROM subject WHERE has & %u = 0"
                       " AND id IN (SELECT subject FROM %s)",
                       all[i].rows, all[i].bit, all[i].rows);
        final_each(w, sql, row_without_bit);
    }
}

void final_rows(struct world *w)
{
    struct store blobs = { .payloads = w->payloads };
    struct error err;

    model_look(w);
    final_each(
        w, "SELECT subject, policy, purpose, state, yes_s, no_s FROM consent",
        row_consent);
    final_each(w,
               "SELECT id, state, attachment, payload, case_id FROM document",
               row_document);
    final_each(w, "SELECT id, state, item FROM attachment", row_state);
    final_each(w, "SELECT error FROM dead_letter", row_dead);
    casework_rows(w);
    clocks_rows(w);
    if (!w->failed)
        staff_check(w);
    check_bits(w);
    final_each(w, "SELECT payload, id, payload_size FROM document",
               row_payload_without_file);
    if (!w->failed && blob_list(&blobs, file_without_row, w, &err) < 0)
        sim_fail(w, "payloads cannot be listed: %s", err.text);
    host_reader_done(w);
}

/* ---- at the end -------------------------------------------------------- */

/* What waits for the hours of contact may wait for a day. */
static void row_unfinished(struct world *w, sqlite3_stmt *st)
{
    if (sqlite3_column_int(st, 4) != 0 && sqlite3_column_int64(st, 3) > w->now)
        return;
    sim_fail(w, "%s %s never ended: it is %s (next try %lld, now %lld)",
             TEXT(st, 0), TEXT(st, 1), TEXT(st, 2),
             (long long)sqlite3_column_int64(st, 3), (long long)w->now);
}

static void row_loose(struct world *w, sqlite3_stmt *st)
{
    sim_fail(w, "payload %s is loose after a start", TEXT(st, 0));
}

/* Each announced file: whose message, and that it is the only one. */
static void row_claims(struct world *w, sqlite3_stmt *st)
{
    struct buf claims = { 0 };
    struct error err = { 0 };
    char text[64] = "";
    struct message *m;
    unsigned long index;
    uint32_t attachment;

    if (attachment_claims(w->reader, TEXT(st, 0), &claims, &err) != 1)
        sim_fail(w, "claims of %s: %s", TEXT(st, 0), err.text);
    else
        (void)leaf_field((char *)claims.p, "\"wamid\":\"wamid.M", text,
                         sizeof(text));
    buf_free(&claims);
    index = strtoul(text, NULL, 10);
    if (text[0] == '\0' || index >= w->messages.n) {
        sim_fail(w, "attachment %s is of no message", TEXT(st, 0));
        return;
    }
    m = MESSAGE(w, index);
    if (m->kind != M_FILE ||
        strcmp(PERSON(w, m->person)->subject, TEXT(st, 1)) != 0 ||
        strcmp(sim_policies[m->policy], TEXT(st, 2)) != 0)
        sim_fail(w, "attachment %s is of another's message", TEXT(st, 0));
    if (m->applied == NOT_APPLIED || m->applied == TOO_OLD)
        sim_fail(w, "message %lu was never acknowledged and had an effect",
                 index);
    if (m->leaves[0]++ != 0)
        sim_fail(w, "message %lu had two effects", index);
    if (map_get(w->attachment_of, TEXT(st, 0), &attachment))
        casework_message(w, ATTACHMENT(w, attachment), m);
}

static void check_messages(struct world *w)
{
    uint32_t gone = 0;

    for (uint32_t i = 0; !w->failed && i < w->messages.n; i++) {
        const struct message *m = MESSAGE(w, i);
        int leaves = m->leaves[0] + m->leaves[1] + m->leaves[2];

        /* What went by a rule has no row that names its message. */
        if (m->kind == M_FILE && m->applied == APPLIED && leaves == 0 &&
            gone < w->retired)
            gone++;
        else if (m->kind == M_FILE && m->applied == APPLIED && leaves != 1)
            sim_fail(w, "message %u was acknowledged and had no effect", i);
        if (m->kind != M_FILE && leaves != 0 &&
            (m->applied == NOT_APPLIED || m->applied == TOO_OLD) &&
            !w->behind && !w->weather.same_second)
            sim_fail(w, "message %u had an effect and no promise", i);
        /* Of two in one second it is not certain whose leaf is whose. */
        if ((m->kind == M_GRANT || m->kind == M_REFUSE ||
             m->kind == M_OTHER_BUTTON) &&
            m->applied == APPLIED && leaves != 1 && !w->behind &&
            !w->weather.same_second)
            sim_fail(w,
                     "message %u of person %u, button %d of %s, at %lld, left "
                     "%d leaves",
                     i, m->person, m->kind, sim_policies[m->policy],
                     (long long)m->provider_s, leaves);
    }
    if (!w->failed && gone != w->retired)
        sim_fail(w, "%u documents went by a rule, of %u messages", w->retired,
                 gone);
}

/* The words before a number, as the policy has them. */
static void words_before(char out[static 128], const char *text,
                         const char *name)
{
    const char *end = strstr(text, name), *begin = end;

    while (begin != NULL && begin > text && begin[-1] != '\n')
        begin--;
    (void)snprintf(out, 128, "%.*s", (int)(end - begin), begin);
}

/* The number that a receipt says of something; -1: it does not. */
static int64_t number_said(struct world *w, const char *policy,
                           const char *body, int what)
{
    static const struct {
        enum policy_text text;
        const char *name;
    } all[] = { { TEXT_RECEIPT_STORED, "{stored}" },
                { TEXT_RECEIPT_QUARANTINED, "{quarantined}" },
                { TEXT_RECEIPT_REFUSED, "{refused}" } };
    const struct policy *p = policy_find(w->policies, policy);
    char words[128];

    /* In whichever language they are written to. */
    for (size_t i = 0; i < p->nlanguages; i++) {
        const char *at;

        words_before(words, p->languages[i].texts[all[what].text],
                     all[what].name);
        if ((at = strstr(body, words)) != NULL)
            return strtol(at + strlen(words), NULL, 10);
    }
    return -1;
}

static void row_receipt(struct world *w, sqlite3_stmt *st)
{
    int policy = policy_number(TEXT(st, 2));
    struct buf body = { 0 };
    struct error err = { 0 };
    struct person *p;
    uint32_t who;
    int said = 0;

    if (!map_get(w->subject_of, TEXT(st, 1), &who) || policy < 0 ||
        outbox_body(w->reader, TEXT(st, 0), &body, &err) != 0) {
        sim_fail(w, "receipt %s: %s", TEXT(st, 0), err.text);
        return;
    }
    p = PERSON(w, who);
    for (int i = 0; i < 3; i++) {
        int64_t n = number_said(w, TEXT(st, 2), (char *)body.p, i);
        if (n < 0)
            continue;
        p->told[policy][i] += n;
        said++;
    }
    if (said == 0)
        sim_fail(w, "receipt %s says nothing: %s", TEXT(st, 0), (char *)body.p);
    buf_free(&body);
    if (w->jumps == 0 &&
        sqlite3_column_int64(st, 3) - p->last_receipt[policy] < 5 * MSEC_S)
        sim_fail(
            w, "receipt %s comes %lld ms after the former", TEXT(st, 0),
            (long long)(sqlite3_column_int64(st, 3) - p->last_receipt[policy]));
    p->last_receipt[policy] = sqlite3_column_int64(st, 3);
}

static void check_receipts(struct world *w)
{
    static const char *const what[] = { "stored", "quarantined", "refused" };

    for (uint32_t i = 0; !w->failed && i < w->people.n; i++)
        for (int policy = 0; policy < POLICIES; policy++)
            for (int k = 0; k < 3; k++) {
                const struct person *p = PERSON(w, i);
                int64_t least = p->to_tell[policy][k], most = least;

                if (k == TELL_REFUSED)
                    most += p->may_tell[policy];
                if (p->told[policy][k] < least || p->told[policy][k] > most)
                    sim_fail(w, "person %u was told of %lld %s files of %lld",
                             i, (long long)p->told[policy][k], what[k],
                             (long long)least);
            }
}

/* How often they asked for the question about reminders. */
static uint32_t asked_for(struct world *w, uint32_t who)
{
    uint32_t n = 0;

    for (uint32_t i = PERSON(w, who)->newest; i != 0;) {
        const struct message *m = MESSAGE(w, i - 1);

        i = m->next_of_person;
        n += m->kind == M_ROW &&
             (strcmp(row_id(w, m->row), "menu/notices") == 0 ||
              strncmp(row_id(w, m->row), "language/", 9) == 0);
        /* The question in front of them comes again in another language. */
        n += m->kind == M_TEXT && m->applied != NOT_APPLIED;
    }
    return n;
}

/* Every yes used up a question; and what nobody asked for is put once. */
static void row_questions(struct world *w, sqlite3_stmt *st)
{
    int policy = policy_number(TEXT(st, 1)), purpose;
    uint32_t who;

    purpose = purpose_number(TEXT(st, 2));
    if (!map_get(w->subject_of, TEXT(st, 0), &who) || policy < 0 || purpose < 0)
        sim_fail(w, "a question to nobody");
    else if (PERSON(w, who)->standing[policy][purpose].given >
             (uint32_t)sqlite3_column_int(st, 3))
        sim_fail(w, "more yeses than questions for %s", TEXT(st, 0));
    else if (purpose == CONTACT &&
             (uint32_t)sqlite3_column_int(st, 3) > 1 + asked_for(w, who))
        sim_fail(w, "%s is asked about reminders again and again", TEXT(st, 0));
}

static int integrity(void *arg, const char *what)
{
    sim_fail(arg, "the database: %s", what);
    return 1;
}

/* What the product signs is the tree of the leaves that were seen. */
static void check_root(struct world *w)
{
    struct ledger_checkpoint c = { 0 };
    struct buf note = { 0 };
    struct error err = { 0 };
    uint8_t root[LEDGER_HASH_LEN];

    ledger_tree_root(&w->tree, root);
    if (ledger_checkpoint(w->registrar->ledger, &note, &err) != 0 ||
        ledger_checkpoint_open(&c, (char *)note.p, note.len,
                               registrar_vkey(w->registrar), &err) != 0)
        sim_fail(w, "the ledger does not verify: %s", err.text);
    else if (c.size != w->leaves || memcmp(c.root, root, sizeof(root)) != 0)
        sim_fail(w, "the ledger does not verify: another tree is signed");
    buf_free(&note);
}

void final_ledger(struct world *w)
{
    struct error err = { 0 };

    for (uint64_t i = 0; i < w->people.n; i++)
        for (int policy = 0; policy < POLICIES; policy++)
            for (int k = 0; k < PURPOSES; k++)
                if (PERSON(w, i)->standing[policy][k].given > 0 &&
                    PERSON(w, i)->subject[0] == '\0')
                    sim_fail(w, "a yes of nobody");
    if (!w->failed)
        check_root(w);
    if (!w->failed && host_reader(w) != NULL)
        (void)store_integrity(w->reader, integrity, w, &err);
}

void final_ended(struct world *w)
{
    final_each(w,
               "SELECT 'attachment', id, state, next_try, 0 FROM attachment "
               "WHERE state"
               " IN ('held', 'queued', 'fetching', 'judging') UNION ALL "
               "SELECT 'message', id, state, next_try, heeds FROM outbox WHERE "
               "state IN"
               " ('pending', 'sending') UNION ALL "
               "SELECT 'burst', subject, policy, due, 0 FROM burst",
               row_unfinished);
    host_reader_done(w);
}

void final_check(struct world *w)
{
    final_rows(w);
    final_ended(w);
    final_each(w, "SELECT payload FROM loose", row_loose);
    final_each(w, "SELECT id, subject, policy FROM attachment", row_claims);
    check_messages(w);
    final_each(w,
               "SELECT id, subject, policy, created FROM outbox"
               " WHERE kind = 'receipt' ORDER BY created",
               row_receipt);
    check_receipts(w);
    final_each(w,
               "SELECT subject, policy, purpose, count(*) FROM prompt"
               " GROUP BY subject, policy, purpose",
               row_questions);
    final_ledger(w);
    host_reader_done(w);
}
