/* The section `whatsapp` of the configuration. */
#include "whatsapp.h"

#include "address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LIFETIME_DEFAULT (7 * MSEC_D)
#define LIFETIME_MAX     (365 * MSEC_D) /* Meta keeps nothing so long */
#define VERSION_MAX      16u

/* v26.0 */
static bool is_version(const char *s)
{
    size_t major, minor;

    if (s[0] != 'v' || strlen(s) > VERSION_MAX)
        return false;
    major = strspn(s + 1, "0123456789");
    if (major == 0 || s[1 + major] != '.')
        return false;
    minor = strspn(s + 2 + major, "0123456789");
    return minor > 0 && s[2 + major + minor] == 0;
}

static int read_media_host(struct config_reader *r, struct yaml_node *item)
{
    const char *text = yaml_text(item);
    const char *wrong = text == NULL ? "must be a list of hosts"
                                     : config_address_check_media_host(text);
    struct config *c = r->c;
    char *host;

    if (config_reader_judge(r, item, "media_hosts", wrong) != 0)
        return -1;
    host = strdup(text);
    if (host == NULL)
        return config_reader_no_memory(r->e);
    for (char *p = host; *p != 0; p++)
        *p = (char)tolower((unsigned char)*p);
    c->media_hosts[c->nmedia_hosts++] = host;
    return 0;
}

static int read_media_hosts(struct config_reader *r, struct yaml_node *map)
{
    struct yaml_node *list = yaml_get(r->f, map, "media_hosts"), *item;

    if (list == NULL)
        return yaml_error(r->f, map, "media_hosts", r->e, "is missing");
    if (!yaml_is_list(list) || yaml_count(list) == 0)
        return yaml_error(r->f, map, "media_hosts", r->e,
                          "must be a list of at least one host");
    r->c->media_hosts = calloc(yaml_count(list), sizeof(char *));
    if (r->c->media_hosts == NULL)
        return config_reader_no_memory(r->e);
    for (size_t i = 0; (item = yaml_item(r->f, list, i)) != NULL; i++)
        if (read_media_host(r, item) != 0)
            return -1;
    return 0;
}

static int read_id(struct config_reader *r, struct yaml_node *map,
                   struct config_number *n)
{
    const char *text = yaml_need(r->f, map, "phone_number_id", r->e);
    size_t len = text == NULL ? 0 : strlen(text);

    if (text == NULL)
        return -1;
    if (len == 0 || len >= sizeof(n->phone_number_id) ||
        strspn(text, "0123456789") != len)
        return yaml_error(r->f, map, "phone_number_id", r->e,
                          "must be 1 to %zu digits",
                          sizeof(n->phone_number_id) - 1);
    if (config_find_number(r->c, text) != NULL)
        return yaml_error(r->f, map, "phone_number_id", r->e, "given twice");
    memcpy(n->phone_number_id, text, len + 1);
    return 0;
}

static int read_policy(struct config_reader *r, struct yaml_node *map,
                       struct config_number *n)
{
    const char *text = yaml_need(r->f, map, "policy", r->e);
    size_t len = text == NULL ? 0 : strlen(text);

    if (text == NULL)
        return -1;
    if (len == 0 || len >= sizeof(n->policy) ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
        return yaml_error(r->f, map, "policy", r->e,
                          "must be 1 to %zu of a-z, 0-9 and -",
                          sizeof(n->policy) - 1);
    memcpy(n->policy, text, len + 1);
    return 0;
}

static int read_lifetime(struct config_reader *r, struct yaml_node *map,
                         struct config_number *n)
{
    struct yaml_node *node = yaml_get(r->f, map, "media_lifetime");
    const char *text = yaml_text(node);

    n->media_lifetime = LIFETIME_DEFAULT;
    if (node == NULL)
        return 0;
    if (text == NULL || duration_parse(text, &n->media_lifetime) != 0 ||
        n->media_lifetime < 1 || n->media_lifetime > LIFETIME_MAX)
        return yaml_error(r->f, map, "media_lifetime", r->e,
                          "must be a duration such as 7d or 1h");
    return 0;
}

static int read_number(struct config_reader *r, struct yaml_node *map)
{
    static const char *const keys[] = { "phone_number_id", "policy",
                                        "media_lifetime", NULL };
    struct config_number n = { 0 };

    if (yaml_check_keys(r->f, map, keys, r->e) != 0 ||
        read_id(r, map, &n) != 0 || read_policy(r, map, &n) != 0 ||
        read_lifetime(r, map, &n) != 0)
        return -1;
    r->c->numbers[r->c->nnumbers++] = n;
    return 0;
}

static int read_numbers(struct config_reader *r, struct yaml_node *map)
{
    struct yaml_node *list = yaml_get(r->f, map, "numbers"), *item;

    if (list == NULL)
        return yaml_error(r->f, map, "numbers", r->e, "is missing");
    if (!yaml_is_list(list) || yaml_count(list) == 0 ||
        yaml_count(list) > LIMIT_NUMBERS)
        return yaml_error(r->f, map, "numbers", r->e,
                          "must be a list of 1 to %u numbers", LIMIT_NUMBERS);
    r->c->numbers = calloc(yaml_count(list), sizeof(*r->c->numbers));
    if (r->c->numbers == NULL)
        return config_reader_no_memory(r->e);
    for (size_t i = 0; (item = yaml_item(r->f, list, i)) != NULL; i++)
        if (read_number(r, item) != 0)
            return -1;
    return 0;
}

int config_whatsapp_read(struct config_reader *r)
{
    static const char *const keys[] = { "graph_url",
                                        "api_version",
                                        "app_secret_file",
                                        "verify_token_file",
                                        "access_token_file",
                                        "media_hosts",
                                        "proxy",
                                        "ca_file",
                                        "numbers",
                                        NULL };
    struct yaml_node *map = config_reader_section(r, "whatsapp", keys);
    struct config *c = r->c;

    if (map == NULL ||
        config_reader_need_text(r, map, "graph_url", &c->graph_url) != 0 ||
        config_reader_judge(r, map, "graph_url",
                            config_address_check_url(c->graph_url, false)) !=
            0 ||
        config_reader_need_text(r, map, "api_version", &c->api_version) != 0)
        return -1;
    if (!is_version(c->api_version))
        return yaml_error(r->f, map, "api_version", r->e,
                          "must be a version such as v26.0");

    if (config_reader_need_path(r, map, "app_secret_file",
                                &c->app_secret_file) != 0 ||
        config_reader_need_path(r, map, "verify_token_file",
                                &c->verify_token_file) != 0 ||
        config_reader_need_path(r, map, "access_token_file",
                                &c->access_token_file) != 0 ||
        config_reader_may_text(r, map, "proxy", &c->proxy) != 0 ||
        config_reader_may_path(r, map, "ca_file", &c->ca_file) != 0 ||
        read_media_hosts(r, map) != 0)
        return -1;
    return read_numbers(r, map);
}
