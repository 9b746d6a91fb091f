/* YAML by libyaml: one document, no aliases, no tags, no key twice. */
#include "yaml_private.h"
#include "resguardo/limits.h"

#include <stdlib.h>
#include <string.h>

/* Our files need four levels; libyaml slows down on very deep ones. */
#define DEPTH_MAX 16u

/* ---- reading ------------------------------------------------------------ */

static int start(yaml_parser_t *parser, const void *bytes, size_t n,
                 const char *name, struct error *e)
{
    if (yaml_parser_initialize(parser) == 0)
        return error_set(e, ERR_NOMEM, "no memory to read %s", name);
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, bytes, n);
    return 0;
}

static size_t line_of_offset(const char *bytes, size_t n, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < n && i < offset; i++)
        line += bytes[i] == '\n';
    return line;
}

/* libyaml's sentences are constants: they quote nothing of the file. */
static int refuse(const yaml_parser_t *parser, const char *name,
                  const void *bytes, size_t n, struct error *e)
{
    const char *what = parser->problem == NULL ? "" : parser->problem;
    size_t line = parser->problem_mark.line + 1;

    if (parser->error == YAML_MEMORY_ERROR)
        return error_set(e, ERR_NOMEM, "no memory to read %s", name);
    if (parser->error == YAML_READER_ERROR)
        line = line_of_offset(bytes, n, parser->problem_offset);
    return yaml_fail(name, line, NULL, e, "not YAML: %s", what);
}

/* What a configuration has no use for and an attacker has. */
static const char *unwanted(const yaml_event_t *event, unsigned *depth)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return "aliases are not accepted";
    case YAML_SCALAR_EVENT:
        if (event->data.scalar.anchor != NULL)
            return "anchors are not accepted";
        if (event->data.scalar.tag != NULL)
            return "tags are not accepted";
        if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
            return "a NUL character is not accepted";
        return NULL;
    case YAML_SEQUENCE_START_EVENT:
        if (event->data.sequence_start.anchor != NULL)
            return "anchors are not accepted";
        if (event->data.sequence_start.tag != NULL)
            return "tags are not accepted";
        return ++*depth > DEPTH_MAX ? "it is nested too deep" : NULL;
    case YAML_MAPPING_START_EVENT:
        if (event->data.mapping_start.anchor != NULL)
            return "anchors are not accepted";
        if (event->data.mapping_start.tag != NULL)
            return "tags are not accepted";
        return ++*depth > DEPTH_MAX ? "it is nested too deep" : NULL;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        --*depth;
        return NULL;
    default:
        return NULL;
    }
}

/* Reads all events once: the tree, made after, shows no aliases any more. */
static int check_events(const char *name, const void *bytes, size_t n,
                        struct error *e)
{
    yaml_parser_t parser;
    unsigned depth = 0, documents = 0;
    bool end = false;

    if (start(&parser, bytes, n, name, e) != 0)
        return -1;
    while (!end) {
        yaml_event_t event;
        const char *what;

        if (yaml_parser_parse(&parser, &event) == 0) {
            (void)refuse(&parser, name, bytes, n, e);
            break;
        }
        what = unwanted(&event, &depth);
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            what = "a second document is not accepted";
        end = event.type == YAML_STREAM_END_EVENT;
        if (end && documents == 0)
            what = "the file is empty";
        if (what != NULL)
            (void)yaml_fail(name, event.start_mark.line + 1, NULL, e, "%s",
                            what);
        yaml_event_delete(&event);
        if (what != NULL) {
            end = false;
            break;
        }
    }
    yaml_parser_delete(&parser);
    return end ? 0 : -1;
}

static int load_tree(struct yaml_file *f, const void *bytes, size_t n,
                     struct error *e)
{
    yaml_parser_t parser;

    if (start(&parser, bytes, n, f->name, e) != 0)
        return -1;
    f->loaded = yaml_parser_load(&parser, &f->document) != 0;
    if (!f->loaded)
        (void)refuse(&parser, f->name, bytes, n, e);
    yaml_parser_delete(&parser);
    return f->loaded ? 0 : -1;
}

/* ---- keys are text, each once ------------------------------------------- */

static int compare_keys(const void *one, const void *two)
{
    const yaml_node_t *a = *(yaml_node_t *const *)one;
    const yaml_node_t *b = *(yaml_node_t *const *)two;
    int order = strcmp(yaml_scalar(a), yaml_scalar(b));

    if (order != 0)
        return order;
    return a->start_mark.index < b->start_mark.index ? -1 : 1;
}

static int check_sorted(struct yaml_file *f, yaml_node_t *const *keys, size_t n,
                        struct error *e)
{
    for (size_t i = 1; i < n; i++) {
        const char *text = yaml_scalar(keys[i]);

        if (strcmp(text, yaml_scalar(keys[i - 1])) == 0)
            return yaml_fail(f->name, keys[i]->start_mark.line + 1, text, e,
                             "given twice");
    }
    return 0;
}

static int check_mapping(struct yaml_file *f, yaml_node_t *map, struct error *e)
{
    yaml_node_pair_t *first = map->data.mapping.pairs.start;
    size_t n = (size_t)(map->data.mapping.pairs.top - first);
    yaml_node_t **keys = calloc(n + 1, sizeof(yaml_node_t *));
    int ok = -1;

    if (keys == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory to read %s", f->name);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        keys[i] = yaml_node_at(f, first[i].key);
        if (yaml_scalar(keys[i]) == NULL) {
            (void)yaml_fail(f->name, map->start_mark.line + 1, NULL, e,
                            "a key must be plain text");
            goto out;
        }
    }
    qsort(keys, n, sizeof(yaml_node_t *), compare_keys);
    ok = check_sorted(f, keys, n, e);
out:
    free(keys);
    return ok;
}

static int check_mappings(struct yaml_file *f, struct error *e)
{
    yaml_node_t *n;

    for (n = f->document.nodes.start; n < f->document.nodes.top; n++)
        if (n->type == YAML_MAPPING_NODE && check_mapping(f, n, e) != 0)
            return -1;
    return 0;
}

/* ---- files -------------------------------------------------------------- */

struct yaml_file *yaml_parse(const char *name, const void *bytes, size_t n,
                             struct error *e)
{
    struct yaml_file *f = calloc(1, sizeof(*f));

    if (f != NULL)
        f->name = strdup(name);
    if (f == NULL || f->name == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory to read %s", name);
        goto fail;
    }
    if (check_events(name, bytes, n, e) != 0 ||
        load_tree(f, bytes, n, e) != 0 || check_mappings(f, e) != 0)
        goto fail;
    return f;
fail:
    yaml_close(&f);
    return NULL;
}

struct yaml_file *yaml_load(const char *path, struct error *e)
{
    struct buf text = { 0 };
    struct yaml_file *f = NULL;

    if (file_read(path, LIMIT_YAML_BYTES, &text, e) != 0)
        e->code = e->code == ERR_NOMEM ? ERR_NOMEM : ERR_CONFIG;
    else
        f = yaml_parse(path, text.p, text.len, e);
    buf_free(&text);
    return f;
}

void yaml_close(struct yaml_file **f)
{
    if (*f == NULL)
        return;
    if ((*f)->loaded)
        yaml_document_delete(&(*f)->document);
    free((*f)->name);
    free(*f);
    *f = NULL;
}
