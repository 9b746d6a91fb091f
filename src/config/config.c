/* The configuration as a checked struct. */
#include "resguardo/config.h"

#include "address.h"
#include "ledger.h"
#include "reader.h"
#include "whatsapp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define PARALLEL_DEFAULT    4
#define BACKUP_LIFE_DEFAULT (30 * MSEC_D)
#define PARALLEL_MAX        64

/* ---- gateway and desk --------------------------------------------------- */

static int host_of_public_url(struct config_reader *r)
{
    struct buf host = { 0 };

    if (config_address_host_of_url(r->c->public_url, &host) == 0)
        r->c->public_host = strdup((const char *)host.p);
    buf_free(&host);
    return r->c->public_host == NULL ? config_reader_no_memory(r->e) : 0;
}

static int read_gateway(struct config_reader *r)
{
    static const char *const keys[] = { "listen", "public_url", "tls", NULL };
    struct yaml_node *map = config_reader_section(r, "gateway", keys);
    struct config *c = r->c;

    if (map == NULL || config_reader_refuse(r, map, "tls") != 0 ||
        config_reader_need_text(r, map, "listen", &c->listen) != 0 ||
        config_reader_judge(r, map, "listen",
                            config_address_check_listen(c->listen)) != 0 ||
        config_reader_need_text(r, map, "public_url", &c->public_url) != 0 ||
        config_reader_judge(r, map, "public_url",
                            config_address_check_url(c->public_url, true)) != 0)
        return -1;
    return host_of_public_url(r);
}

static int read_desk(struct config_reader *r)
{
    static const char *const keys[] = { "socket", NULL };
    const size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
    struct yaml_node *map = config_reader_section(r, "desk", keys);

    if (map == NULL ||
        config_reader_need_path(r, map, "socket", &r->c->socket) != 0)
        return -1;
    if (strlen(r->c->socket) > max)
        return yaml_error(r->f, map, "socket", r->e,
                          "the path of a socket has at most %zu bytes", max);
    return 0;
}

/* ---- inspect ------------------------------------------------------------ */

static int read_inspect(struct config_reader *r)
{
    static const char *const keys[] = { "parallel", "clamd_socket", NULL };
    struct yaml_node *node = yaml_get(r->f, yaml_root(r->f), "inspect");
    struct yaml_node *parallel;
    const char *text;
    int64_t n = PARALLEL_DEFAULT;

    r->c->inspect_parallel = PARALLEL_DEFAULT;
    if (node == NULL)
        return 0;
    if (yaml_check_keys(r->f, node, keys, r->e) != 0 ||
        config_reader_refuse(r, node, "clamd_socket") != 0)
        return -1;
    parallel = yaml_get(r->f, node, "parallel");
    if (parallel == NULL)
        return 0;
    text = yaml_text(parallel);
    if (text == NULL ||
        decimal_parse(text, strlen(text), PARALLEL_MAX, &n) != 0 || n < 1)
        return yaml_error(r->f, node, "parallel", r->e,
                          "must be a number from 1 to %d", PARALLEL_MAX);
    r->c->inspect_parallel = (unsigned)n;
    return 0;
}

/* ---- slots_backup_life -------------------------------------------------- */

static int read_backup_life(struct config_reader *r)
{
    struct yaml_node *root = yaml_root(r->f);
    struct yaml_node *node = yaml_get(r->f, root, "slots_backup_life");
    const char *text = yaml_text(node);

    r->c->slots_backup_life = BACKUP_LIFE_DEFAULT;
    if (node == NULL)
        return 0;
    if (text == NULL || duration_parse(text, &r->c->slots_backup_life) != 0 ||
        r->c->slots_backup_life > LIMIT_SLOTS_BACKUP_D * MSEC_D)
        return yaml_error(r->f, root, "slots_backup_life", r->e,
                          "must be a duration such as 30d, 0s for no copies");
    return 0;
}

/* ---- the whole ---------------------------------------------------------- */

static int read_root(struct config_reader *r)
{
    static const char *const keys[] = {
        "controller", "storage", "slots_mirror",
        "policies",   "gateway", "desk",
        "whatsapp",   "inspect", "slots_backup_life",
        "ledger",     NULL
    };
    struct yaml_node *root = yaml_root(r->f);
    struct config *c = r->c;

    if (yaml_check_keys(r->f, root, keys, r->e) != 0 ||
        config_reader_need_text(r, root, "controller", &c->controller) != 0 ||
        config_reader_need_path(r, root, "storage", &c->storage) != 0 ||
        config_reader_may_path(r, root, "slots_mirror", &c->slots_mirror) !=
            0 ||
        config_reader_need_path(r, root, "policies", &c->policies) != 0 ||
        read_gateway(r) != 0 || read_desk(r) != 0 ||
        config_whatsapp_read(r) != 0 || read_backup_life(r) != 0 ||
        config_ledger_read(r) != 0)
        return -1;
    return read_inspect(r);
}

/* The file's own absolute path: relative ones in it count from its folder. */
static char *absolute_path(const char *path)
{
    char *folder, *out = NULL;

    if (path[0] == '/')
        return strdup(path);
    folder = get_current_dir_name();
    if (folder != NULL && asprintf(&out, "%s/%s", folder, path) < 0)
        out = NULL;
    free(folder);
    return out;
}

int config_load(struct config **out, const char *path, struct error *e)
{
    struct config_reader r = { .e = e };
    int ok = -1;

    r.f = yaml_load(path, e);
    if (r.f == NULL)
        goto out;
    r.c = calloc(1, sizeof(*r.c));
    if (r.c == NULL || (r.c->path = absolute_path(path)) == NULL) {
        (void)config_reader_no_memory(e);
        goto out;
    }
    if (read_root(&r) != 0)
        goto out;
    *out = r.c;
    r.c = NULL;
    ok = 0;
out:
    config_free(&r.c);
    yaml_close(&r.f);
    return ok;
}

void config_free(struct config **config)
{
    struct config *c = *config;

    if (c == NULL)
        return;
    for (size_t i = 0; i < c->nmedia_hosts; i++)
        free(c->media_hosts[i]);
    free(c->media_hosts);
    free(c->numbers);
    free(c->path);
    free(c->controller);
    free(c->storage);
    free(c->slots_mirror);
    free(c->policies);
    free(c->listen);
    free(c->public_url);
    free(c->public_host);
    free(c->socket);
    free(c->graph_url);
    free(c->api_version);
    free(c->app_secret_file);
    free(c->verify_token_file);
    free(c->access_token_file);
    free(c->proxy);
    free(c->ca_file);
    free(c->clamd_socket);
    free(c->stamp_url);
    free(c->stamp_ca_file);
    for (size_t i = 0; i < c->nwitnesses; i++)
        free(c->witnesses[i]);
    free(c->witnesses);
    free(c);
    *config = NULL;
}

const struct config_number *config_find_number(const struct config *c,
                                               const char *phone_number_id)
{
    for (size_t i = 0; i < c->nnumbers; i++)
        if (strcmp(c->numbers[i].phone_number_id, phone_number_id) == 0)
            return &c->numbers[i];
    return NULL;
}
