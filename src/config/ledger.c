/* The section `ledger` of the configuration: all of it may be missing. */
#include "ledger.h"

#include "address.h"

#define EVERY_DEFAULT MSEC_D
/* An authority is somebody else's machine. */
#define EVERY_MIN (60 * MSEC_S)

static int read_every(struct config_reader *r, struct yaml_node *map)
{
    struct yaml_node *node = yaml_get(r->f, map, "every");
    const char *text = yaml_text(node);

    r->c->stamp_every = EVERY_DEFAULT;
    if (node == NULL)
        return 0;
    if (text == NULL || duration_parse(text, &r->c->stamp_every) != 0 ||
        r->c->stamp_every < EVERY_MIN ||
        r->c->stamp_every > LIMIT_STAMP_EVERY_D * MSEC_D)
        return yaml_error(r->f, map, "every", r->e,
                          "must be a duration from 1m to %dd, such as 1d",
                          LIMIT_STAMP_EVERY_D);
    return 0;
}

/* Whose word counts is said, not taken from what the system trusts: a web
 * server's authority is no authority of time. */
static int read_timestamp(struct config_reader *r, struct yaml_node *map)
{
    static const char *const keys[] = { "url", "ca_file", "every", NULL };
    struct config *c = r->c;

    if (map == NULL)
        return 0;
    if (yaml_check_keys(r->f, map, keys, r->e) != 0 ||
        config_reader_need_text(r, map, "url", &c->stamp_url) != 0 ||
        config_reader_judge(r, map, "url",
                            config_address_check_url(c->stamp_url, false)) !=
            0 ||
        config_reader_need_path(r, map, "ca_file", &c->stamp_ca_file) != 0)
        return -1;
    return read_every(r, map);
}

int config_ledger_read(struct config_reader *r)
{
    static const char *const keys[] = { "timestamp", "witnesses", NULL };
    struct yaml_node *map = yaml_get(r->f, yaml_root(r->f), "ledger");

    if (map == NULL)
        return 0;
    if (yaml_check_keys(r->f, map, keys, r->e) != 0)
        return -1;
    if (read_timestamp(r, yaml_get(r->f, map, "timestamp")) != 0)
        return -1;
    return config_witnesses_read(r, map);
}
