/* What the gateway hands over: a webhook, a handshake, a notice, health. */
#include "resguardo/web.h"
#include "resguardo/webhook.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

struct web {
    pthread_mutex_t lock;
    struct store *reader;
    struct registrar *registrar; /* NULL: not ready, or stopping */
    struct secret *app_secrets[LIMIT_APP_SECRETS];
    size_t napp_secrets;
    struct secret *verify_token;
};

int web_open(struct web **out, const struct config *config, struct error *err)
{
    struct web *web = calloc(1, sizeof(*web));

    *out = NULL;
    if (web == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the web room");
    pthread_mutex_init(&web->lock, NULL);
    if (store_open(&web->reader, config->storage, config->slots_mirror,
                   STORE_READER, &random_system, err) != 0) {
        web_close(&web);
        return -1;
    }
    *out = web;
    return 0;
}

static void secrets_wipe(struct web *web)
{
    for (size_t i = 0; i < web->napp_secrets; i++)
        secret_free(&web->app_secrets[i]);
    web->napp_secrets = 0;
    secret_free(&web->verify_token);
}

void web_close(struct web **web)
{
    struct web *w = *web;

    if (w == NULL)
        return;
    secrets_wipe(w);
    store_close(&w->reader);
    pthread_mutex_destroy(&w->lock);
    free(w);
    *web = NULL;
}

int web_set_secrets(struct web *web, const struct config_secrets *secrets,
                    struct error *err)
{
    int ok = 0;

    pthread_mutex_lock(&web->lock);
    secrets_wipe(web);
    for (size_t i = 0; i < secrets->napp_secrets; i++) {
        struct secret *copy = secret_copy(secrets->app_secrets[i]->p,
                                          secrets->app_secrets[i]->len);
        if (copy == NULL)
            ok = -1;
        else
            web->app_secrets[web->napp_secrets++] = copy;
    }
    web->verify_token =
        secret_copy(secrets->verify_token->p, secrets->verify_token->len);
    if (web->verify_token == NULL)
        ok = -1;
    pthread_mutex_unlock(&web->lock);
    return ok == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for secrets");
}

void web_set_registrar(struct web *web, struct registrar *registrar)
{
    pthread_mutex_lock(&web->lock);
    web->registrar = registrar;
    pthread_mutex_unlock(&web->lock);
}

/* ---- answers ------------------------------------------------------------ */

static void say(struct gateway *gateway, uint64_t id, unsigned status,
                const char *text)
{
    gateway_answer(gateway, id, status, CONTENT_TEXT, text, strlen(text));
}

/* 401, 400 or 503; 0 when the registrar has it and will answer. */
static unsigned take_webhook(struct web *web,
                             const struct gateway_request *request)
{
    struct webhook *webhook;
    struct error err = { 0 };

    if (!webhook_signed(request->head, request->body, request->body_len,
                        (const struct secret *const *)web->app_secrets,
                        web->napp_secrets)) {
        log_event(LOG_LEVEL_WARN, "webhook_refused", "{s:i}", "status", 401);
        return 401;
    }
    if (web->registrar == NULL)
        return 503;
    webhook = webhook_parse(request->body, request->body_len, &err);
    if (webhook == NULL && err.code == ERR_INPUT) {
        log_event(LOG_LEVEL_WARN, "webhook_refused", "{s:i}", "status", 400);
        return 400;
    }
    if (webhook == NULL)
        return 503;
    if (registrar_post_webhook(web->registrar, request->id, webhook) != 0) {
        webhook_free(&webhook);
        return 503;
    }
    return 0;
}

/* Value of a query parameter, percent-decoded; -1: absent or malformed. */
static int parameter(const char *query, const char *name, char *out, size_t cap)
{
    size_t len = strlen(name), n = 0;

    while (query != NULL) {
        if (strncmp(query, name, len) == 0 && query[len] == '=')
            break;
        query = strchr(query, '&');
        if (query != NULL)
            query++;
    }
    if (query == NULL)
        return -1;
    for (query += len + 1; *query != '\0' && *query != '&'; query++) {
        uint8_t byte = *query == '+' ? ' ' : (uint8_t)*query;

        if (n + 1 >= cap)
            return -1;
        if (byte == '%') {
            if (query[1] == '\0' ||
                hex_decode(&byte, 1, query + 1, 2, true) != 0)
                return -1;
            query += 2;
        }
        if (byte == '\0')
            return -1;
        out[n++] = (char)byte;
    }
    out[n] = '\0';
    return 0;
}

static void handshake(struct web *web, struct gateway *gateway,
                      const struct gateway_request *request)
{
    const char *query = strchr(request->head, '?');
    char mode[32], token[1024], challenge[1024];
    const struct secret *want = web->verify_token;

    if (query != NULL &&
        parameter(query + 1, "hub.mode", mode, sizeof(mode)) == 0 &&
        parameter(query + 1, "hub.verify_token", token, sizeof(token)) == 0 &&
        parameter(query + 1, "hub.challenge", challenge, sizeof(challenge)) ==
            0 &&
        strcmp(mode, "subscribe") == 0 && want != NULL &&
        strlen(token) == want->len &&
        sodium_memcmp(token, want->p, want->len) == 0)
        say(gateway, request->id, 200, challenge);
    else
        say(gateway, request->id, 403, "forbidden\n");
}

/* /notice/POLICY/VERSION/LANGUAGE, the bytes that were published. */
static void notice(struct web *web, struct gateway *gateway,
                   const struct gateway_request *request)
{
    char path[LIMIT_URL_BYTES];
    char *save = NULL, *parts[5];
    struct buf bytes = { 0 };
    struct error err = { 0 };
    size_t n = 0;
    int found = 0;

    if (strlen(request->head) < sizeof(path)) {
        memcpy(path, request->head, strlen(request->head) + 1);
        for (char *p = strtok_r(path, "/", &save); p != NULL && n < 5;
             p = strtok_r(NULL, "/", &save))
            parts[n++] = p;
    }
    if (n == 4 && strcmp(parts[0], "notice") == 0)
        found =
            notice_get(web->reader, parts[1], parts[2], parts[3], &bytes, &err);
    if (found > 0)
        gateway_answer(gateway, request->id, 200, CONTENT_MARKDOWN, bytes.p,
                       bytes.len);
    else if (found == 0)
        say(gateway, request->id, 404, "not found\n");
    else
        say(gateway, request->id, 503, "unavailable\n");
    buf_free(&bytes);
}

void web_handle(void *arg, struct gateway *gateway,
                const struct gateway_request *request)
{
    struct web *web = arg;
    unsigned status;

    /* One thread reads the wire; the lock is for SIGHUP and stopping. */
    pthread_mutex_lock(&web->lock);
    switch (request->route) {
    case ROUTE_WEBHOOK_POST:
        status = take_webhook(web, request);
        if (status != 0)
            say(gateway, request->id, status, "");
        break;
    case ROUTE_WEBHOOK_GET:
        handshake(web, gateway, request);
        break;
    case ROUTE_NOTICE:
        notice(web, gateway, request);
        break;
    case ROUTE_HEALTH:
        if (web->registrar != NULL && registrar_healthy(web->registrar))
            say(gateway, request->id, 200, "ok\n");
        else
            say(gateway, request->id, 503, "unavailable\n");
        break;
    case ROUTE__MAX:
        break;
    }
    pthread_mutex_unlock(&web->lock);
}
