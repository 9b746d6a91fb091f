/*
 * YAML. What yaml_parse takes is a tree without aliases, at most 16 levels
 * deep, whose keys are text and differ; an error names a line of the file.
 */
#include "fuzz.h"

static void walk(struct yaml_file *f, struct yaml_node *node, unsigned depth)
{
    FUZZ_CHECK(depth <= 17);
    if (yaml_is_map(node)) {
        for (size_t i = 0; i < yaml_count(node); i++) {
            const char *key = yaml_key(f, node, i);

            FUZZ_CHECK(key != NULL);
            for (size_t k = 0; k < i && i < 20; k++)
                FUZZ_CHECK(strcmp(yaml_key(f, node, k), key) != 0);
            if (yaml_get(f, node, key) != NULL)
                walk(f, yaml_get(f, node, key), depth + 1);
        }
        FUZZ_CHECK(yaml_key(f, node, yaml_count(node)) == NULL);
        FUZZ_CHECK(yaml_text(node) == NULL);
    } else if (yaml_is_list(node)) {
        for (size_t i = 0; i < yaml_count(node); i++)
            walk(f, yaml_item(f, node, i), depth + 1);
        FUZZ_CHECK(yaml_item(f, node, yaml_count(node)) == NULL);
    } else {
        FUZZ_CHECK(utf8_valid(yaml_text(node), strlen(yaml_text(node))));
    }
}

static size_t lines(const uint8_t *data, size_t size)
{
    size_t n = 1;

    for (size_t i = 0; i < size; i++)
        n += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = { "a", "b", NULL };
    struct error e = { 0 };
    struct yaml_file *f = yaml_parse("file", data, size, &e);

    if (f == NULL) {
        FUZZ_CHECK(e.code == ERR_CONFIG && strncmp(e.text, "file:", 5) == 0);
        FUZZ_CHECK(atol(e.text + 5) >= 1 &&
                   (size_t)atol(e.text + 5) <= lines(data, size) + 1);
        return 0;
    }
    walk(f, yaml_root(f), 1);
    (void)yaml_check_keys(f, yaml_root(f), keys, &e);
    (void)yaml_need(f, yaml_root(f), "a", &e);
    yaml_close(&f);
    FUZZ_CHECK(f == NULL);
    return 0;
}
