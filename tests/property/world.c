/* Storage, clock, a step, and the log of what happened to whom. */
#include "world.h"

#include <stdarg.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A registrar that has nothing to do looks around so often, or oftener. */
#define LOOK (6 * MSEC_H)

static const char *const policy_ids[POLICIES] = { "es-gdpr", "co-habeas-data",
                                                  "banca-ejemplo" };

/* ---- chance ------------------------------------------------------------- */

static uint64_t mix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t draw(struct world *w, uint64_t below)
{
    return mix(&w->dice) % below;
}

bool one_in(struct world *w, uint64_t n)
{
    return draw(w, n) == 0;
}

/* The product's randomness is the world's, apart from its dice: how often it
 * asks changes nothing of what people do. */
static void fill(void *arg, void *out, size_t n)
{
    struct world *w = arg;
    uint8_t *at = out;

    while (n > 0) {
        uint64_t bits = mix(&w->seed);
        size_t part = n < sizeof(bits) ? n : sizeof(bits);

        memcpy(at, &bits, part);
        at += part;
        n -= part;
    }
}

static msec now_of(void *arg)
{
    return ((struct world *)arg)->now;
}

void *grown(void *list, size_t n, size_t *cap, size_t one)
{
    if (n < *cap)
        return list;
    *cap = *cap == 0 ? 64 : *cap * 2;
    list = realloc(list, *cap * one);
    if (list == NULL)
        abort();
    return list;
}

/* ---- what happened ------------------------------------------------------ */

static void stamp(const struct world *w, char out[static 40])
{
    int y, m, d, minute = local_minute(CO, w->now);

    day_split(local_day(CO, w->now), &y, &m, &d);
    (void)snprintf(out, 40, "%d-%02d-%02d %02d:%02d:%02d", y, m, d, minute / 60,
                   minute % 60, (int)(w->now / MSEC_S % 60));
}

void tell(struct world *w, int person, const char *fmt, ...)
{
    char time[40], text[1400];
    struct person *p;
    va_list list;
    char **line;

    if (person < 0)
        return;
    p = &w->people[person];
    line = &p->log[p->nlog++ % (sizeof(p->log) / sizeof(p->log[0]))];
    stamp(w, time);
    va_start(list, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, list);
    va_end(list);
    free(*line);
    if (asprintf(line, "%s  %s", time, text) < 0)
        abort();
}

static void tell_all(const struct person *p)
{
    const size_t room = sizeof(p->log) / sizeof(p->log[0]);

    for (size_t i = p->nlog > room ? p->nlog - room : 0; i < p->nlog; i++)
        (void)fprintf(stderr, "    %s\n", p->log[i % room]);
}

void broken(struct world *w, int person, const char *fmt, ...)
{
    char time[40];
    va_list list;

    stamp(w, time);
    (void)fprintf(stderr,
                  "\nbroken at event %ld, %s (Bogotá), person %d: ", w->events,
                  time, person);
    va_start(list, fmt);
    (void)vfprintf(stderr, fmt, list);
    va_end(list);
    (void)fprintf(stderr, "\n");
    if (person >= 0)
        tell_all(&w->people[person]);
    if (getenv("KEEP") == NULL)
        world_close(w);
    else
        (void)fprintf(stderr, "    storage: %s\n", w->storage);
    exit(1);
}

/* ---- effects ------------------------------------------------------------ */

static void take_answer(void *arg, uint64_t request, unsigned status)
{
    (void)request;
    if (status != 200)
        broken(arg, ((struct world *)arg)->actor, "a webhook was answered %u",
               status);
}

static void take_fetch(void *arg, const struct fetch_order *order)
{
    struct world *w = arg;

    if (w->nfetches == BATCH)
        abort();
    w->fetches[w->nfetches++] = *order;
}

static void take_cancel(void *arg, const char *attachment)
{
    (void)arg, (void)attachment;
}

static void take_send(void *arg, const char *outbox, const char *number,
                      const char *body, size_t len)
{
    struct world *w = arg;

    (void)number;
    if (w->nsends == BATCH)
        abort();
    memcpy(w->sends[w->nsends].outbox, outbox, ID_SIZE);
    w->sends[w->nsends++].body = strndup(body, len);
}

static void take_forget(void *arg, const char *what, const char *number,
                        const char *media)
{
    struct world *w = arg;

    (void)number, (void)media;
    (void)registrar_post_forgotten(w->r, what, true);
}

/* ---- opening ------------------------------------------------------------ */

static int make_keyring(struct world *w, struct store *store, struct error *e)
{
    struct secret *custody = age_identity_new(&w->random);
    struct secret *epoch = age_identity_new(&w->random);
    uint8_t point[AGE_KEY_LEN], sign[SIGN_LEN];
    struct buf entry = { 0 };
    int ok = -1;

    w->officer = age_identity_new(&w->random);
    w->keyring = keyring_new();
    if (age_identity_recipient(point, custody) == 0 &&
        keyring_sign_root(w->keyring, w->officer, 1, "ana", point, w->now,
                          &entry, sign, e) == 0 &&
        keyring_row_add(store, 0, entry.p, entry.len, sign, sizeof(sign), e) ==
            0) {
        buf_reset(&entry);
        if (age_identity_recipient(point, epoch) == 0 &&
            keyring_sign_epoch(w->keyring, w->officer, point, w->now, &entry,
                               sign, e) == 0)
            ok = keyring_row_add(store, 1, entry.p, entry.len, sign,
                                 sizeof(sign), e);
    }
    buf_free(&entry);
    secret_free(&custody);
    secret_free(&epoch);
    return ok;
}

static int make_policies(struct world *w, struct error *e)
{
    char command[1024];

    /* Two kinds of worlds: the policies as they are shipped; and with what
     * docs/reminders.md says to copy, more templates and the question how it
     * was. */
    (void)snprintf(command, sizeof(command),
                   "cp -r policies '%s' && cp -r tests/policies/banca-ejemplo "
                   "'%s/' && { [ %d = 0 ] || { python3 tests/with_notices.py "
                   "'%s' && sed -i '/^templates:/r tests/property/templates' "
                   "'%s/co-habeas-data/policy.yaml' && cat "
                   "tests/property/satisfaction >> "
                   "'%s/co-habeas-data/policy.yaml'; }; }",
                   w->policies_dir, w->policies_dir, w->with_notices,
                   w->policies_dir, w->policies_dir, w->policies_dir);
    if (system(command) != 0)
        return error_set(e, ERR_IO, "no copies of the policies");
    w->policies = policy_set_load(w->policies_dir, policy_ids, POLICIES,
                                  "Mundo S. A.", "https://w.example", e);
    return w->policies == NULL ? -1 : 0;
}

static int open_registrar(struct world *w, struct error *e)
{
    struct registrar_needs needs = { .config = &w->config,
                                     .policies = w->policies,
                                     .keyring = w->keyring,
                                     .effects = &w->effects,
                                     .clock = &w->clock,
                                     .random = &w->random };

    return store_open(&needs.store, w->storage, NULL, STORE_WRITER, &w->random,
                      e) != 0
               ? -1
               : registrar_open(&w->r, &needs, e);
}

static int open_reader(struct world *w)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", w->storage);
    return sqlite3_open_v2(path, &w->db, SQLITE_OPEN_READONLY, NULL) ==
                       SQLITE_OK &&
                   sqlite3_prepare_v2(w->db,
                                      "SELECT entry FROM ledger WHERE idx >= ?1"
                                      " ORDER BY idx",
                                      -1, &w->tail, NULL) == SQLITE_OK &&
                   sqlite3_prepare_v2(w->db,
                                      "SELECT subject, policy, kind, created"
                                      " FROM outbox WHERE id = ?1",
                                      -1, &w->outbox, NULL) == SQLITE_OK
               ? 0
               : -1;
}

static int make_storage(struct world *w, struct error *e)
{
    struct store *store = NULL;
    int ok = -1;

    if (store_create(w->storage, NULL, w->now, &w->random, e) != 0 ||
        store_open(&store, w->storage, NULL, STORE_WRITER, &w->random, e) != 0)
        return -1;
    if (store_begin(store, e) == 0 && make_keyring(w, store, e) == 0 &&
        ledger_create(store, "w.example", &w->random, e) == 0)
        ok = store_commit(store, e);
    store_close(&store);
    return ok;
}

static void make_config(struct world *w)
{
    w->config.storage = w->storage;
    w->config.numbers = w->numbers;
    w->config.nnumbers = POLICIES;
    for (int i = 0; i < POLICIES; i++) {
        struct config_number *n = &w->numbers[i];

        (void)snprintf(n->phone_number_id, sizeof(n->phone_number_id), "800%d",
                       i);
        (void)snprintf(n->policy, sizeof(n->policy), "%s", policy_ids[i]);
        n->media_lifetime = 7 * MSEC_D;
    }
}

static void make_people(struct world *w)
{
    for (int i = 0; i < PEOPLE; i++) {
        struct person *p = &w->people[i];

        (void)snprintf(p->phone, sizeof(p->phone), "57300%07d", i);
        p->subject = -1;
        p->languages = 1u << LANG_ES;
        p->bot = i == 0;
        p->careful = i % 2 == 1;
    }
}

int world_open(struct world *w, uint64_t seed)
{
    const char *base = getenv("TMPDIR");
    struct error e = { 0 };

    memset(w, 0, sizeof(*w));
    w->dice = seed;
    w->seed = ~seed;
    w->actor = -1;
    w->with_notices = seed % 2 == 0;
    if (base == NULL)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(w->folder, sizeof(w->folder), "%s/property-XXXXXX", base);
    if (mkdtemp(w->folder) == NULL)
        return -1;
    (void)snprintf(w->storage, sizeof(w->storage), "%s/s", w->folder);
    (void)snprintf(w->policies_dir, sizeof(w->policies_dir), "%s/p", w->folder);

    /* From late summer of 2026 on: summer time ends, there are holidays, and
     * the year does, too. */
    w->now = w->began = day_of(2026, 9, 1) * MSEC_D +
                        (msec)draw(w, 60) * MSEC_D + (msec)draw(w, MSEC_D);
    w->clock = (struct clock_source){ now_of, w };
    w->random = (struct random_source){ fill, w };
    w->effects = (struct registrar_effects){ .arg = w,
                                             .answer = take_answer,
                                             .fetch = take_fetch,
                                             .cancel = take_cancel,
                                             .send = take_send,
                                             .forget = take_forget,
                                             .forget_contact = take_forget };
    make_config(w);
    make_people(w);
    if (make_policies(w, &e) == 0 && make_storage(w, &e) == 0 &&
        open_registrar(w, &e) == 0 && open_reader(w) == 0)
        return 0;
    (void)fprintf(stderr, "no world: %s\n", e.text);
    return -1;
}

void world_close(struct world *w)
{
    char command[128];

    sqlite3_finalize(w->tail);
    sqlite3_finalize(w->outbox);
    (void)sqlite3_close(w->db);
    registrar_close(&w->r);
    policy_set_free(&w->policies);
    keyring_free(&w->keyring);
    secret_free(&w->officer);
    for (int i = 0; i < PEOPLE; i++) {
        free(w->people[i].said);
        for (size_t k = 0; k < 60; k++)
            free(w->people[i].log[k]);
    }
    for (size_t i = 0; i < w->nsends; i++)
        free(w->sends[i].body);
    free(w->files);
    free(w->requests);
    free(w->pending);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    if (w->folder[0] != '\0' && system(command) != 0)
        (void)fprintf(stderr, "%s stays\n", w->folder);
}

/* ---- policies ----------------------------------------------------------- */

int policy_index(const struct world *w, const char *id)
{
    (void)w;
    for (int i = 0; id != NULL && i < POLICIES; i++)
        if (strcmp(policy_ids[i], id) == 0)
            return i;
    return -1;
}

const struct policy *policy_at(const struct world *w, int policy)
{
    return w->policies->policies[policy];
}

/* ---- a step ------------------------------------------------------------- */

static void read_ledger(struct world *w)
{
    struct error e = { 0 };

    (void)sqlite3_bind_int64(w->tail, 1, (sqlite3_int64)w->leaves);
    while (sqlite3_step(w->tail) == SQLITE_ROW) {
        json_t *leaf = json_parse(sqlite3_column_blob(w->tail, 0),
                                  (size_t)sqlite3_column_bytes(w->tail, 0), &e);

        if (leaf == NULL)
            broken(w, -1, "an entry is no JSON");
        w->leaves++;
        model_leaf(w, leaf);
        json_decref(leaf);
    }
    (void)sqlite3_reset(w->tail);
}

/* One batch of the registrar; then the ledger is read before what the batch let
 * go: what leaves has to be on record already. */
void world_step(struct world *w)
{
    struct fetch_order fetches[BATCH];
    size_t nfetches, nsends;

    w->steps++;
    if (registrar_step(w->r) < 0)
        broken(w, w->actor, "the registrar gave up");
    read_ledger(w);
    nfetches = w->nfetches;
    memcpy(fetches, w->fetches, nfetches * sizeof(fetches[0]));
    w->nfetches = 0;
    for (size_t i = 0; i < nfetches; i++)
        meta_fetch(w, &fetches[i]);
    nsends = w->nsends;
    w->nsends = 0;
    for (size_t i = 0; i < nsends; i++) {
        meta_send(w, w->sends[i].outbox, w->sends[i].body);
        free(w->sends[i].body);
    }
    model_settled(w);
}

static bool has_events(struct world *w)
{
    bool has;

    (void)pthread_mutex_lock(&w->r->lock);
    has = w->r->first != NULL;
    (void)pthread_mutex_unlock(&w->r->lock);
    return has;
}

void world_settle(struct world *w)
{
    for (int i = 0; i < 200 && (has_events(w) || w->r->more ||
                                registrar_next_due(w->r) <= w->now);
         i++)
        world_step(w);
    request_settled(w);
}

/* ---- time --------------------------------------------------------------- */

void pending_add(struct world *w, const struct pending *p)
{
    w->pending = grown(w->pending, w->npending, &w->pending_cap, sizeof(*p));
    w->pending[w->npending++] = *p;
}

static size_t next_pending(const struct world *w)
{
    size_t best = 0;

    for (size_t i = 1; i < w->npending; i++)
        if (w->pending[i].at < w->pending[best].at)
            best = i;
    return best;
}

void world_pass(struct world *w, msec until)
{
    world_settle(w);
    for (;;) {
        msec due = registrar_next_due(w->r);
        size_t at = next_pending(w);
        struct pending p;
        bool ours;

        if (due <= w->now) /* it cannot be done yet: a moment later */
            due = w->now + 200;
        /* What is only looked at now and then: often enough, and as soon as a
         * last day is over. */
        if (due > w->now + LOOK)
            due = w->now + LOOK;
        if (due > request_next_end(w))
            due = request_next_end(w);
        ours = w->npending > 0 && w->pending[at].at <= due;
        if ((ours ? w->pending[at].at : due) > until)
            break;
        if (!ours) {
            w->now = due;
            world_step(w);
            world_settle(w);
            continue;
        }
        p = w->pending[at];
        w->pending[at] = w->pending[--w->npending];
        if (p.at > w->now)
            w->now = p.at;
        meta_due(w, &p);
        world_settle(w);
    }
    w->now = until;
    world_settle(w);
}

/* ---- staff -------------------------------------------------------------- */

struct calling {
    struct registrar *r;
    int (*what)(struct registrar *, void *, struct error *);
    void *arg;
    struct error *err;
    int result;
    atomic_bool done;
};

static void *call_main(void *arg)
{
    struct calling *c = arg;

    c->result = c->what(c->r, c->arg, c->err);
    atomic_store(&c->done, true);
    return NULL;
}

int world_call(struct world *w,
               int (*what)(struct registrar *, void *, struct error *),
               void *arg, struct error *err)
{
    struct calling c = { .r = w->r, .what = what, .arg = arg, .err = err };
    pthread_t thread;

    *err = (struct error){ 0 };
    if (pthread_create(&thread, NULL, call_main, &c) != 0)
        abort();
    /* A step only where there is something to do: the same seed is the same
     * world, however long a thread takes. */
    while (!atomic_load(&c.done)) {
        if (has_events(w))
            world_step(w);
        else
            (void)sched_yield();
    }
    (void)pthread_join(thread, NULL);
    return c.result;
}
