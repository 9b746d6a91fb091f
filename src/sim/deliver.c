/* Webhooks on their way: signed, posted, several at once, again if asked. */
#include "sim.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define PARALLEL_MAX  64
#define DUPLICATE_MAX 1000
#define ATTEMPTS_MAX  100
#define TIMEOUT_MS    10000
#define TIMEOUT_MAX   INT64_C(600000)
#define RETRY_MS      100
#define RETRY_MAX_MS  3200
#define ANSWER_MAX    65536
#define HEADER_256    "X-Hub-Signature-256: "

/* What the posting threads share. */
struct run {
    struct sim *sim;
    const struct sim_delivery *how;
    const struct sim_post *posts;
    const size_t *order; /* which post goes when */
    size_t n, next;      /* next: atomic */
    char *url;
    json_t **results; /* by place in the order */
};

int sim_deliver_options(const json_t *o, struct sim_delivery *out,
                        struct error *err)
{
    const struct {
        const char *key;
        int64_t otherwise, min, max, *to;
    } numbers[] = {
        { "parallel", 1, 1, PARALLEL_MAX, &out->parallel },
        { "duplicate", 1, 1, DUPLICATE_MAX, &out->duplicate },
        { "attempts", 1, 1, ATTEMPTS_MAX, &out->attempts },
        { "timeout_ms", TIMEOUT_MS, 1, TIMEOUT_MAX, &out->timeout_ms },
        { "shuffle", 0, 0, INT64_MAX, &out->shuffle },
    };

    *out = (struct sim_delivery){ .signature = "valid",
                                  .content_type = "application/json" };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const json_t *v = json_object_get(o, numbers[i].key);

        *numbers[i].to = numbers[i].otherwise;
        if (v == NULL)
            continue;
        *numbers[i].to = json_integer_value(v);
        if (!json_is_integer(v) || *numbers[i].to < numbers[i].min ||
            *numbers[i].to > numbers[i].max)
            return error_set(err, ERR_INPUT, "%s: %lld to %lld", numbers[i].key,
                             (long long)numbers[i].min,
                             (long long)numbers[i].max);
    }
    out->shuffled = json_object_get(o, "shuffle") != NULL;
    return 0;
}

/* ---- one webhook -------------------------------------------------------- */

/* The header line for the body, or nothing; "" for no header. */
static void sign(struct sim *s, const struct sim_delivery *how,
                 const struct buf *body, struct buf *line)
{
    char *secret = sim_state_text(s, "app_secret");
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char hex[HEX_SIZE(sizeof(mac))];
    const char *word = how->signature;
    crypto_auth_hmacsha256_state st;

    crypto_auth_hmacsha256_init(&st, (const uint8_t *)secret, strlen(secret));
    if (strcmp(word, "other") == 0)
        crypto_auth_hmacsha256_init(&st, (const uint8_t *)"another", 7);
    crypto_auth_hmacsha256_update(&st, body->p, body->len);
    crypto_auth_hmacsha256_final(&st, mac);
    hex_encode(hex, mac, sizeof(mac));
    free(secret);

    if (strcmp(word, "wrong") == 0)
        hex[10] = hex[10] == '0' ? '1' : '0';
    else if (strcmp(word, "truncated") == 0)
        hex[strlen(hex) - 1] = '\0';
    for (char *c = hex; strcmp(word, "upper") == 0 && *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'f')
            *c = (char)(*c - 'a' + 'A');
    if (strcmp(word, "none") == 0)
        return;
    if (strcmp(word, "given") == 0)
        buf_addf(line, HEADER_256 "%s", how->given != NULL ? how->given : "");
    else if (strcmp(word, "sha1") == 0)
        buf_addf(line, "X-Hub-Signature: sha1=%.40s", hex);
    else
        buf_addf(line, HEADER_256 "sha256=%s", hex);
}

static size_t on_answer(char *p, size_t one, size_t n, void *arg)
{
    struct buf *out = arg;

    (void)one;
    if (out->len + n <= ANSWER_MAX)
        buf_add(out, p, n);
    return n;
}

static json_t *text_of(const struct buf *b)
{
    const char *p = b->p != NULL ? (const char *)b->p : "";
    return utf8_valid(p, b->len) ? json_stringn(p, b->len) : json_string("");
}

static int post_once(struct run *run, const struct buf *body, json_t *result)
{
    struct curl_slist *headers = NULL;
    struct buf signature = { 0 }, type = { 0 }, answer = { 0 };
    CURL *e = curl_easy_init();
    msec start = clock_monotonic();
    long status = 0;
    CURLcode rc;

    sign(run->sim, run->how, body, &signature);
    buf_addf(&type, "Content-Type: %s", run->how->content_type);
    headers = curl_slist_append(headers, (const char *)type.p);
    headers = curl_slist_append(headers, "Expect:");
    if (signature.len > 0)
        headers = curl_slist_append(headers, (const char *)signature.p);
    curl_easy_setopt(e, CURLOPT_URL, run->url);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "facebookexternalua");
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS,
                     body->p != NULL ? (const char *)body->p : "");
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)run->how->timeout_ms);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, &answer);
    rc = curl_easy_perform(e);
    curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);

    /* An answer that came before the whole body was sent is one, too. */
    if (rc != CURLE_OK && status < 300)
        status = 0;
    if (status == 0)
        json_object_set_new(result, "error",
                            json_string(curl_easy_strerror(rc)));
    else
        json_object_del(result, "error");
    json_object_set_new(result, "status", json_integer(status));
    json_object_set_new(result, "body", text_of(&answer));
    json_object_set_new(result, "milliseconds",
                        json_integer(clock_monotonic() - start));
    curl_slist_free_all(headers);
    curl_easy_cleanup(e);
    buf_free(&signature);
    buf_free(&type);
    buf_free(&answer);
    return (int)status;
}

static json_t *post(struct run *run, const struct sim_post *p)
{
    json_t *result = json_pack("{s:O?}", "message_ids", p->ids);
    int64_t attempt = 0, wait = RETRY_MS;

    for (;;) {
        int status = post_once(run, &p->body, result);

        if (status == 200 || ++attempt >= run->how->attempts)
            break;
        sim_state_pause(run->sim, wait);
        wait = wait * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : wait * 2;
    }
    if (attempt == 0 ||
        json_integer_value(json_object_get(result, "status")) == 200)
        attempt++;
    json_object_set_new(result, "attempts", json_integer(attempt));
    return result;
}

/* ---- many --------------------------------------------------------------- */

static void *post_many(void *arg)
{
    struct run *run = arg;
    size_t i;

    while ((i = __atomic_fetch_add(&run->next, 1, __ATOMIC_ACQ_REL)) < run->n)
        run->results[i] = post(run, &run->posts[run->order[i]]);
    return NULL;
}

/* Fisher and Yates, with splitmix64 as the source of numbers. */
static void shuffle(size_t *order, size_t n, uint64_t seed)
{
    for (size_t i = n; i > 1; i--) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        size_t k, old = order[i - 1];

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        k = (size_t)((z ^ (z >> 31)) % i);
        order[i - 1] = order[k];
        order[k] = old;
    }
}

/* webhook_url, with another path if asked for; NULL: not configured. */
static char *target(struct sim *s, const char *path)
{
    char *url = sim_state_text(s, "webhook_url"), *other = NULL;
    const char *host = strstr(url, "://");

    if (host == NULL) {
        free(url);
        return NULL;
    }
    if (path == NULL)
        return url;
    if (asprintf(&other, "%.*s%s",
                 (int)(host + 3 - url + (ptrdiff_t)strcspn(host + 3, "/")), url,
                 path) < 0)
        abort();
    free(url);
    return other;
}

static void run_all(struct run *run)
{
    pthread_t threads[PARALLEL_MAX];
    size_t started = 0;

    while (started + 1 < (size_t)run->how->parallel && started + 1 < run->n &&
           pthread_create(&threads[started], NULL, post_many, run) == 0)
        started++;
    post_many(run);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static json_t *gather(struct run *run)
{
    json_t *list = json_array();
    bool ok = true;

    for (size_t i = 0; i < run->n; i++) {
        ok = ok && json_integer_value(
                       json_object_get(run->results[i], "status")) == 200;
        json_array_append_new(list, run->results[i]);
    }
    return json_pack("{s:b,s:o}", "ok", ok ? 1 : 0, "deliveries", list);
}

json_t *sim_deliver(struct sim *s, struct sim_post *posts, size_t n,
                    const struct sim_delivery *how)
{
    size_t copies = (size_t)how->duplicate;
    struct run run = { .sim = s, .how = how, .posts = posts, .n = n * copies };
    size_t *order = calloc(run.n + 1, sizeof(*order));
    json_t *answer = NULL;

    run.results = calloc(run.n + 1, sizeof(json_t *));
    run.url = target(s, how->path);
    run.order = order;
    if (run.results != NULL && order != NULL && run.url != NULL) {
        for (size_t i = 0; i < run.n; i++)
            order[i] = i / copies;
        if (how->shuffled)
            shuffle(order, run.n, (uint64_t)how->shuffle);
        run_all(&run);
        answer = gather(&run);
    }
    for (size_t i = 0; i < n; i++) {
        buf_free(&posts[i].body);
        json_decref(posts[i].ids);
    }
    free(run.results);
    free(order);
    free(run.url);
    return answer;
}

int sim_deliver_value(struct sim *s, const char *number, json_t *value)
{
    struct sim_delivery how;
    struct sim_post p = { 0 };
    struct error err;
    json_t *answer;
    int status;

    (void)sim_deliver_options(NULL, &how, &err);
    if (sim_envelope_text(sim_envelope(s, value, number, NULL), &p.body) != 0)
        return 0;
    answer = sim_deliver(s, &p, 1, &how);
    status = (int)json_integer_value(json_object_get(
        json_array_get(json_object_get(answer, "deliveries"), 0), "status"));
    json_decref(answer);
    return status;
}

/* ---- the handshake ------------------------------------------------------ */

static char *escaped(CURL *e, const char *text)
{
    char *p = curl_easy_escape(e, text, 0);
    if (p == NULL)
        abort();
    return p;
}

json_t *sim_deliver_handshake(struct sim *s, const json_t *o, struct error *err)
{
    static const char *const keys[] = { "verify_token", "mode", "challenge",
                                        NULL };
    const char *token = json_str(o, "verify_token"),
               *mode = json_str(o, "mode");
    const char *challenge = json_str(o, "challenge");
    char *ours = sim_state_text(s, "verify_token"), *base = target(s, NULL);
    struct buf url = { 0 }, answer = { 0 };
    CURL *e = curl_easy_init();
    json_t *out = NULL;
    long status = 0;

    challenge = challenge != NULL ? challenge : "1158201444";
    if (sim_keys_known(o, keys, err) != 0)
        goto out;
    if (base == NULL) {
        error_set(err, ERR_INPUT, "webhook_url is not configured");
        goto out;
    }
    char *t = escaped(e, token != NULL ? token : ours);
    char *m = escaped(e, mode != NULL ? mode : "subscribe");
    char *c = escaped(e, challenge);
    buf_addf(&url, "%s?hub.mode=%s&hub.challenge=%s&hub.verify_token=%s", base,
             m, c, t);
    curl_free(t);
    curl_free(m);
    curl_free(c);
    curl_easy_setopt(e, CURLOPT_URL, (const char *)url.p);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, &answer);
    (void)curl_easy_perform(e);
    curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    out = json_pack("{s:i,s:o,s:b}", "status", (int)status, "body",
                    text_of(&answer), "verified",
                    status == 200 && answer.p != NULL &&
                        strcmp((const char *)answer.p, challenge) == 0);
out:
    curl_easy_cleanup(e);
    free(ours);
    free(base);
    buf_free(&url);
    buf_free(&answer);
    return out;
}
