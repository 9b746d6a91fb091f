#include "bodies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define BODY_MAX  4096
#define HEAD_MAX  512
#define PHOTO_MIN 700u
#define PHOTO_MAX 1500u

/* splitmix64: the same bodies from the same seed. */
static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void random_text(uint64_t *state, char *out, size_t len,
                        const char *letters)
{
    size_t n = strlen(letters);

    for (size_t i = 0; i < len; i++)
        out[i] = letters[mix(state) % n];
    out[len] = '\0';
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#define ENVELOPE                                                               \
    "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"7001\","   \
    "\"changes\":[{\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\"" \
    ":{\"display_phone_number\":\"576015550100\",\"phone_number_id\":\"%s\"},"
#define ENVELOPE_END "},\"field\":\"messages\"}]}]}"

static int status_body(char *out, const struct body_plan *plan, size_t i,
                       uint64_t *state)
{
    static const char *const words[] = { "sent", "delivered", "read" };
    size_t third = (plan->count + 2) / 3;
    char wamid[80], attempt[40], conversation[33];
    unsigned long long message = plan->first + i % third;

    random_text(state, conversation, 32, "0123456789abcdef");
    (void)snprintf(attempt, sizeof(attempt), "bench%llu", message);
    if (plan->kind == BODY_STATUS) {
        (void)snprintf(wamid, sizeof(wamid), "wamid.BENCH%024llu", message);
    } else {
        memcpy(wamid, "wamid.", 6);
        random_text(state, wamid + 6, 56, base64);
    }
    return snprintf(
        out, BODY_MAX,
        ENVELOPE
        "\"statuses\":[{\"id\":\"%s\",\"status\":\"%s\","
        "\"timestamp\":\"%lld\",\"recipient_id\":\"5730%08llu\","
        "\"conversation\":{\"id\":\"%s\",\"origin\":{\"type\":"
        "\"service\"}},\"pricing\":{\"billable\":true,"
        "\"pricing_model\":\"PMP\",\"category\":\"service\",\"type\":"
        "\"regular\"},\"biz_opaque_callback_data\":\"%s\"}]" ENVELOPE_END,
        plan->number, wamid, words[i / third], (long long)time(NULL), message,
        conversation, attempt);
}

static int photo_body(char *out, const struct body_plan *plan, size_t i,
                      uint64_t *state)
{
    unsigned long long person = plan->first + i % plan->people;
    char wamid[57], hash[44], own[32], caption[BODY_MAX / 2];
    const char *media = plan->media_id;
    int len = 0;

    random_text(state, wamid, 56, base64);
    random_text(state, hash, 43, base64);
    if (media == NULL) {
        (void)snprintf(own, sizeof(own), "55%013llu",
                       (unsigned long long)(mix(state) % 10000000000000u));
        media = own;
    }

    /* First without a caption, to see how long it has to be. */
    caption[0] = '\0';
    for (int pass = 0; pass < 2; pass++) {
        len = snprintf(
            out, BODY_MAX,
            ENVELOPE "\"contacts\":[{\"profile\":{\"name\":\"Cliente %llu\"},"
                     "\"wa_id\":\"5731%08llu\"}],\"messages\":[{\"from\":"
                     "\"5731%08llu\",\"id\":\"wamid.%s\",\"timestamp\":"
                     "\"%lld\",\"type\":\"image\",\"image\":{\"caption\":\"%s\""
                     ",\"mime_type\":\"image\\/jpeg\",\"sha256\":\"%s=\","
                     "\"id\":\"%s\"}}]" ENVELOPE_END,
            plan->number, person, person, person, wamid, (long long)time(NULL),
            caption, hash, media);
        if (pass == 0 && len > 0) {
            size_t want = PHOTO_MIN + mix(state) % (PHOTO_MAX - PHOTO_MIN + 1);
            random_text(state, caption,
                        want > (size_t)len ? want - (size_t)len : 0,
                        "abcdefghijklmnopqrstuvwxyz ");
        }
    }
    return len;
}

static int add_request(char *out, const struct body_plan *plan,
                       const char *body, size_t len)
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    char hex[65];
    unsigned n = 0;

    (void)HMAC(EVP_sha256(), plan->secret, (int)strlen(plan->secret),
               (const uint8_t *)body, len, mac, &n);
    for (unsigned i = 0; i < 32; i++)
        (void)snprintf(hex + (size_t)2 * i, 3, "%02x", mac[i]);
    return snprintf(out, HEAD_MAX + BODY_MAX,
                    "POST /webhook HTTP/1.1\r\nHost: intake.example.co\r\n"
                    "Accept: */*\r\nUser-Agent: facebookexternalua\r\n"
                    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
                    "X-Hub-Signature-256: sha256=%s\r\n\r\n%.*s",
                    len, hex, (int)len, body);
}

void bodies_make(struct bodies *b, const struct body_plan *plan)
{
    uint64_t state = plan->seed;
    size_t cap = 0, used = 0;

    memset(b, 0, sizeof(*b));
    b->count = plan->count;
    b->starts = calloc(plan->count + 1, sizeof(*b->starts));
    for (size_t i = 0; i < plan->count; i++) {
        char body[BODY_MAX];
        int len = plan->kind == BODY_PHOTO ? photo_body(body, plan, i, &state)
                                           : status_body(body, plan, i, &state);

        if (cap - used < HEAD_MAX + BODY_MAX) {
            cap = cap == 0 ? (size_t)1 << 20 : 2 * cap;
            b->all = realloc(b->all, cap);
        }
        if (b->all == NULL || b->starts == NULL || len < 0) {
            (void)fprintf(stderr, "load: no memory\n");
            exit(1);
        }
        b->starts[i] = used;
        used += (size_t)add_request(b->all + used, plan, body, (size_t)len);
        b->starts[i + 1] = used;
    }
}
