/*
 * The configuration file. What loads keeps DESIGN's rules, read here another
 * way: listens on a loopback address, paths are absolute, http only where it
 * is allowed, ids are digits. What does not load names file and line.
 */
#include "fuzz.h"

#include "resguardo/config.h"

#include <curl/curl.h>

static struct fuzz_input file;

int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e);
int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e)
{
    if (file.len > max)
        return error_set(e, ERR_INPUT, "%s is too long", path);
    return buf_add(out, file.p, file.len) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory");
}

static bool loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0 ||
           strcasecmp(host, "localhost") == 0;
}

/* libcurl is what will go there. */
static void check_url(const char *text, bool any_http)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL, *user = NULL;

    FUZZ_CHECK(url != NULL);
    FUZZ_CHECK(curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK);
    FUZZ_CHECK(strcmp(scheme, "https") == 0 ||
               (strcmp(scheme, "http") == 0 && (any_http || loopback(host))));
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
}

static void check(const struct config *c)
{
    FUZZ_CHECK(c->storage[0] == '/' && c->policies[0] == '/' &&
               c->socket[0] == '/' && c->app_secret_file[0] == '/' &&
               c->verify_token_file[0] == '/' &&
               c->access_token_file[0] == '/');
    FUZZ_CHECK(c->slots_mirror == NULL || c->slots_mirror[0] == '/');
    FUZZ_CHECK(loopback(c->listen) && strchr(c->listen, ':') != NULL);
    FUZZ_CHECK(c->controller[0] != '\0' && c->public_host[0] != '\0');
    check_url(c->graph_url, false);
    check_url(c->public_url, true);
    FUZZ_CHECK(c->nmedia_hosts > 0 && c->nnumbers > 0 &&
               c->nnumbers <= LIMIT_NUMBERS);
    for (size_t i = 0; i < c->nnumbers; i++) {
        const struct config_number *n = &c->numbers[i];
        int64_t sum;

        FUZZ_CHECK(
            n->phone_number_id[0] != '\0' &&
            n->phone_number_id[strspn(n->phone_number_id, "0123456789")] ==
                '\0');
        FUZZ_CHECK(n->media_lifetime > 0);
        FUZZ_CHECK(!__builtin_add_overflow(clock_now(&clock_system),
                                           n->media_lifetime, &sum));
        FUZZ_CHECK(
            strcmp(config_find_number(c, n->phone_number_id)->phone_number_id,
                   n->phone_number_id) == 0);
    }
    FUZZ_CHECK(c->inspect_parallel >= 1 && c->inspect_parallel <= 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    struct config *c = NULL;

    file = (struct fuzz_input){ data, size };
    if (config_load(&c, "/etc/resguardo/resguardo.yaml", &e) != 0) {
        FUZZ_CHECK(c == NULL && e.code == ERR_CONFIG);
        FUZZ_CHECK(strstr(e.text, "/etc/resguardo/resguardo.yaml") != NULL);
        return 0;
    }
    check(c);
    config_free(&c);
    return 0;
}
