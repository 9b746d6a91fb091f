/* One value of the configuration at a time, checked. */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

int config_reader_no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for the configuration");
}

static bool has_control(const char *s)
{
    for (; *s != 0; s++)
        if ((*s > 0 && *s < ' ') || *s == 0x7f)
            return true;
    return false;
}

int config_reader_need_text(struct config_reader *r, struct yaml_node *map,
                            const char *key, char **out)
{
    const char *text = yaml_need(r->f, map, key, r->e);

    if (text == NULL)
        return -1;
    if (text[0] == 0)
        return yaml_error(r->f, map, key, r->e, "is empty");
    if (strlen(text) > LIMIT_NAME)
        return yaml_error(r->f, map, key, r->e, "is longer than %u bytes",
                          LIMIT_NAME);
    if (has_control(text))
        return yaml_error(r->f, map, key, r->e, "has control characters");
    *out = strdup(text);
    return *out == NULL ? config_reader_no_memory(r->e) : 0;
}

int config_reader_may_text(struct config_reader *r, struct yaml_node *map,
                           const char *key, char **out)
{
    if (yaml_get(r->f, map, key) == NULL)
        return 0;
    return config_reader_need_text(r, map, key, out);
}

static int make_absolute(struct config_reader *r, char **path)
{
    struct buf absolute = { 0 };

    if (*path == NULL)
        return 0;
    if (path_beside(&absolute, r->c->path, *path) != 0) {
        buf_free(&absolute);
        return config_reader_no_memory(r->e);
    }
    free(*path);
    *path = strdup((const char *)absolute.p);
    buf_free(&absolute);
    return *path == NULL ? config_reader_no_memory(r->e) : 0;
}

int config_reader_need_path(struct config_reader *r, struct yaml_node *map,
                            const char *key, char **out)
{
    if (config_reader_need_text(r, map, key, out) != 0)
        return -1;
    return make_absolute(r, out);
}

int config_reader_may_path(struct config_reader *r, struct yaml_node *map,
                           const char *key, char **out)
{
    if (config_reader_may_text(r, map, key, out) != 0)
        return -1;
    return make_absolute(r, out);
}

int config_reader_judge(struct config_reader *r, struct yaml_node *map,
                        const char *key, const char *wrong)
{
    return wrong == NULL ? 0 : yaml_error(r->f, map, key, r->e, "%s", wrong);
}

int config_reader_refuse(struct config_reader *r, struct yaml_node *map,
                         const char *key)
{
    if (yaml_get(r->f, map, key) == NULL)
        return 0;
    return yaml_error(r->f, map, key, r->e, "not supported yet");
}

struct yaml_node *config_reader_section(struct config_reader *r,
                                        const char *key,
                                        const char *const *keys)
{
    struct yaml_node *root = yaml_root(r->f), *map = yaml_get(r->f, root, key);

    if (map == NULL) {
        (void)yaml_error(r->f, root, key, r->e,
                         "is missing or empty: it needs %s", keys[0]);
        return NULL;
    }
    return yaml_check_keys(r->f, map, keys, r->e) == 0 ? map : NULL;
}
