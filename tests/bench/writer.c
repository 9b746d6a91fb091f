/*
 * The writer by itself: webhooks through the registrar's own steps, on one
 * thread, without a gateway. For counting: what a webhook costs in CPU, which
 * statements it runs (how often each), and under callgrind how many
 * instructions.
 *
 * usage: writer make STORAGE
 *        writer STORAGE photo|status COUNT
 *
 * Times go on as if 10,000 webhooks a second came, and Meta's answer to a
 * message takes 200 ms. A status is of a message that `fill STORAGE messages 0
 * COUNT/3` made.
 */
#include "bodies.h"
#include "registrar/registrar_private.h"
#include "store/store_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "resguardo/registrar_keys.h"

#define NUMBER    "106540352242922"
#define POLICY    "co-habeas-data"
#define A_SECOND  10000u /* webhooks */
#define ANSWERED  (200 * MSEC_S / 1000)
#define SENDS_MAX 4096
#define KINDS     200

static struct error err;

#define MUST(call)                                                             \
    do {                                                                       \
        if ((call) != 0) {                                                     \
            (void)fprintf(stderr, "writer: %s: %s\n", #call, err.text);        \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

static double cpu_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- what the registrar asks for ----------------------------------------- */

static struct sent {
    char id[ID_SIZE];
    msec answer;
} sends[SENDS_MAX];
static size_t first_send, nsends, answers, refused;
static msec now = (msec)1795000000000;

static msec clock_says(void *arg)
{
    (void)arg;
    return now;
}

static void answer(void *arg, uint64_t request, unsigned status)
{
    (void)arg, (void)request;
    answers++;
    refused += status != 200;
}

static void say(void *arg, const char *outbox, const char *number,
                const char *body, size_t len)
{
    struct sent *s = &sends[nsends++ % SENDS_MAX];

    (void)arg, (void)number, (void)body, (void)len;
    memcpy(s->id, outbox, ID_SIZE);
    s->answer = now + ANSWERED;
}

static void none_answered(void *arg)
{
    (void)arg;
}
static void no_fetch(void *arg, const struct fetch_order *order)
{
    (void)arg, (void)order;
}
static void no_cancel(void *arg, const char *attachment)
{
    (void)arg, (void)attachment;
}
static void no_forget(void *arg, const char *what, const char *number,
                      const char *of)
{
    (void)arg, (void)what, (void)number, (void)of;
}

/* ---- an instance --------------------------------------------------------- */

static struct config config;
static struct config_number number = { .phone_number_id = NUMBER,
                                       .policy = POLICY,
                                       .media_lifetime = 7 * MSEC_D };

static void keyring_make(struct store *store)
{
    struct secret *officer = age_identity_new(&random_system);
    struct secret *other = age_identity_new(&random_system);
    struct secret *third = age_identity_new(&random_system);
    struct keyring *keyring = keyring_new();
    uint8_t point[AGE_KEY_LEN], signature[SIGN_LEN];
    struct buf entry = { 0 };

    MUST(age_identity_recipient(point, other));
    MUST(keyring_sign_root(keyring, officer, 1, "ana", point, now, &entry,
                           signature, &err));
    MUST(keyring_row_add(store, 0, entry.p, entry.len, signature, SIGN_LEN,
                         &err));
    buf_free(&entry);
    MUST(age_identity_recipient(point, third));
    MUST(keyring_sign_epoch(keyring, officer, point, now, &entry, signature,
                            &err));
    MUST(keyring_row_add(store, 1, entry.p, entry.len, signature, SIGN_LEN,
                         &err));
    buf_free(&entry);
    secret_free(&officer);
    secret_free(&other);
    secret_free(&third);
    keyring_free(&keyring);
}

static int make(const char *dir)
{
    struct store *store = NULL;

    MUST(store_create(dir, NULL, now, &random_system, &err));
    MUST(store_open(&store, dir, NULL, STORE_WRITER, &random_system, &err));
    MUST(store_begin(store, &err));
    keyring_make(store);
    MUST(ledger_create(store, "example.org", &random_system, &err));
    MUST(store_commit(store, &err));
    store_close(&store);
    return 0;
}

/* ---- counting ------------------------------------------------------------ */

static struct kind {
    const char *sql;
    unsigned runs;
} kinds[KINDS];

static int counted(unsigned what, void *arg, void *st, void *more)
{
    const char *sql = sqlite3_sql(st);
    size_t i = 0;

    (void)what, (void)arg, (void)more;
    while (i < KINDS - 1 && kinds[i].sql != NULL &&
           strcmp(kinds[i].sql, sql) != 0)
        i++;
    if (kinds[i].sql == NULL)
        kinds[i].sql = strdup(sql);
    kinds[i].runs++;
    return 0;
}

static int more_often(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;

    return x->runs == y->runs ? 0 : x->runs < y->runs ? 1 : -1;
}

static void print_kinds(size_t count)
{
    qsort(kinds, KINDS, sizeof(kinds[0]), more_often);
    for (size_t i = 0; i < KINDS && kinds[i].sql != NULL; i++)
        if ((double)kinds[i].runs / (double)count >= 0.005)
            (void)printf("%8.3f  %.100s\n",
                         (double)kinds[i].runs / (double)count, kinds[i].sql);
}

/* ---- the run ------------------------------------------------------------- */

static double parse_us, step_us;

static void post(struct registrar *r, const struct bodies *b, size_t i)
{
    const char *p = b->all + b->starts[i];
    size_t len = b->starts[i + 1] - b->starts[i];
    const char *body = strstr(p, "\r\n\r\n") + 4; /* more than a head */
    double start = cpu_us();
    struct webhook *webhook =
        webhook_parse(body, len - (size_t)(body - p), &err);

    MUST(webhook == NULL);
    for (size_t k = 0; k < webhook->n; k++)
        webhook->items[k].provider_s = now / MSEC_S;
    MUST(registrar_post_webhook(r, i, webhook));
    parse_us += cpu_us() - start;
}

static void answers_come(struct registrar *r)
{
    for (; first_send < nsends && sends[first_send % SENDS_MAX].answer <= now;
         first_send++) {
        char wamid[48];

        (void)snprintf(wamid, sizeof(wamid), "wamid.OUT%zu", first_send);
        MUST(registrar_post_sent(r, sends[first_send % SENDS_MAX].id, SEND_OK,
                                 0, wamid));
    }
}

static struct registrar *open_registrar(const char *dir)
{
    static const char *const ids[] = { POLICY };
    static const struct registrar_effects effects = {
        NULL,      answer, none_answered, no_fetch,
        no_cancel, say,    no_forget,     no_forget
    };
    static const struct clock_source clock = { clock_says, NULL };
    struct registrar_needs needs = { .config = &config,
                                     .effects = &effects,
                                     .clock = &clock,
                                     .random = &random_system };
    static char storage[4096];
    struct keyring *keyring = keyring_new();
    struct registrar *r = NULL;

    (void)snprintf(storage, sizeof(storage), "%s", dir);
    config.storage = storage;
    config.numbers = &number;
    config.nnumbers = 1;
    needs.policies = policy_set_load("policies", ids, 1, "Example S. A.",
                                     "https://intake.example.org", &err);
    MUST(needs.policies == NULL);
    MUST(store_open(&needs.store, dir, NULL, STORE_WRITER, &random_system,
                    &err));
    MUST(keyring_log_replay(needs.store, keyring, &err));
    needs.keyring = keyring;
    MUST(registrar_open(&r, &needs, &err));
    return r;
}

static int run(const char *dir, const char *what, size_t count)
{
    struct body_plan plan = { .kind = strcmp(what, "photo") == 0 ? BODY_PHOTO
                                                                 : BODY_STATUS,
                              .count = count,
                              .seed = 7,
                              .people = count / 4,
                              .secret = "x",
                              .number = NUMBER };
    struct registrar *r = open_registrar(dir);
    struct bodies b;
    msec start = now;

    bodies_make(&b, &plan);
    (void)sqlite3_trace_v2(r->store->db, SQLITE_TRACE_STMT, counted, NULL);
    for (size_t i = 0; i < count;) {
        double from;

        answers_come(r);
        for (size_t n = 0; n < LIMIT_BATCH_FEW && i < count; n++)
            post(r, &b, i++);
        now = start + (msec)(i * 1000 / A_SECOND);
        from = cpu_us();
        do
            (void)registrar_step(r);
        while (r->queued > 0);
        step_us += cpu_us() - from;
    }
    (void)printf("%s: %zu, answered %zu, refused %zu, sent %zu; us of CPU "
                 "each: parse %.2f, step %.2f\n",
                 what, count, answers, refused, nsends,
                 parse_us / (double)count, step_us / (double)count);
    print_kinds(count);
    registrar_close(&r);
    return refused != 0 || answers != count;
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        return 1;
    if (argc == 3 && strcmp(argv[1], "make") == 0)
        return make(argv[2]);
    return argc == 4 ? run(argv[1], argv[2], strtoul(argv[3], NULL, 10)) : 2;
}
