/*
 * The query of Meta's handshake. A parameter is what an independent decoding
 * says, and only the right token is answered 200, with the challenge itself;
 * anything else 403.
 */
#include "web/web.c"

#include "fuzz.h"

static unsigned status;
static char answer[2048];
static unsigned answers;

/* Not the gateway's: this one is what a request is answered with. */
void gateway_answer(struct gateway *g, uint64_t id, unsigned code,
                    enum gateway_content content, const void *body, size_t n)
{
    (void)g;
    FUZZ_CHECK(id == 7 && content < CONTENT__MAX && n < sizeof(answer));
    status = code;
    if (n > 0)
        memcpy(answer, body, n);
    answer[n] = '\0';
    answers++;
}

/* First value of a key, decoded; NULL when absent or broken. */
static char *value_of(const char *query, const char *key)
{
    size_t n = strlen(key);
    char *copy = strdup(query), *save = NULL, *out = NULL;

    for (char *p = strtok_r(copy, "&", &save); p != NULL && out == NULL;
         p = strtok_r(NULL, "&", &save))
        if (strncmp(p, key, n) == 0 && p[n] == '=') {
            char *w = out = strdup(p + n + 1);
            for (char *r = out; *r != '\0'; r++, w++) {
                unsigned byte;
                int took = 0;

                *w = *r == '+' ? ' ' : *r;
                if (*r != '%')
                    continue;
                if (strspn(r + 1, "0123456789abcdefABCDEF") < 2 ||
                    sscanf(r + 1, "%2x%n", &byte, &took) != 1 || took != 2 ||
                    byte == 0) {
                    free(out);
                    free(copy);
                    return NULL;
                }
                *w = (char)byte;
                r += 2;
            }
            *w = '\0';
        }
    free(copy);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct web web = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct gateway_request r = { .id = 7, .route = ROUTE_WEBHOOK_GET };
    struct buf head = { 0 };
    char *query = fuzz_string(data, size), *mode, *token, *challenge;

    web.verify_token = secret_copy("verify me", 9);
    FUZZ_CHECK(web.verify_token != NULL &&
               buf_addf(&head, "/webhook?%s", query) == 0);
    r.head = (const char *)head.p;
    answers = 0;
    web_handle(&web, NULL, &r);
    FUZZ_CHECK(answers == 1 && (status == 200 || status == 403));

    mode = value_of(query, "hub.mode");
    token = value_of(query, "hub.verify_token");
    challenge = value_of(query, "hub.challenge");
    if (status == 200) {
        FUZZ_CHECK(mode != NULL && strcmp(mode, "subscribe") == 0);
        FUZZ_CHECK(token != NULL && strcmp(token, "verify me") == 0);
        FUZZ_CHECK(challenge != NULL && strcmp(challenge, answer) == 0);
    } else if (mode != NULL && token != NULL && challenge != NULL) {
        FUZZ_CHECK(strcmp(mode, "subscribe") != 0 ||
                   strcmp(token, "verify me") != 0 || strlen(challenge) > 1000);
    }
    free(mode);
    free(token);
    free(challenge);
    free(query);
    buf_free(&head);
    secret_free(&web.verify_token);
    return 0;
}
