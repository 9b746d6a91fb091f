/* A copy of a shipped policy in a folder of its own, to be spoilt. */
#ifndef RESGUARDO_POLICY_HELP_H
#define RESGUARDO_POLICY_HELP_H

#include "unit.h"

#include "resguardo/policy.h"

#define CO     "co-habeas-data"
#define ES     "es-gdpr"
#define YAML   "policy.yaml"
#define TEXTS  "texts.es-CO.yaml"
#define NOTICE "notices/2026-11/es-CO.md"

static char *root;
static struct error err;

static inline int set_up(void **state)
{
    char command[256];

    (void)state;
    root = unit_folder_new();
    (void)snprintf(command, sizeof(command),
                   "cp -r policies/. tests/policies/. '%s'", root);
    assert_int_equal(system(command), 0);
    memset(&err, 0, sizeof(err));
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    unit_folder_free(root);
    return 0;
}

static inline void path_in(char out[static 256], const char *policy,
                           const char *file)
{
    (void)snprintf(out, 256, "%s/%s/%s", root, policy, file);
}

static inline struct policy *load(const char *policy)
{
    char folder[256];

    memset(&err, 0, sizeof(err));
    (void)snprintf(folder, sizeof(folder), "%s/%s", root, policy);
    return policy_load(folder, "Ejemplo S. A.", "https://intake.example", &err);
}

static inline struct policy *load_good(const char *policy)
{
    struct policy *p = load(policy);

    if (p == NULL)
        print_error("%s\n", err.text);
    assert_non_null(p);
    return p;
}

static inline void put_text(const char *policy, const char *file,
                            const void *text, size_t n)
{
    char path[256];

    path_in(path, policy, file);
    assert_int_equal(file_replace(path, text, n, &err), 0);
}

static inline char *get_text(const char *policy, const char *file)
{
    struct buf text = { 0 };
    char path[256];

    path_in(path, policy, file);
    assert_int_equal(file_read(path, LIMIT_YAML_BYTES, &text, &err), 0);
    return (char *)text.p;
}

/* Replaces the first `old` of a file; it has to be there. */
static inline void swap(const char *policy, const char *file, const char *old,
                        const char *new)
{
    char *text = get_text(policy, file), *at = strstr(text, old);
    struct buf out = { 0 };

    if (at == NULL)
        print_error("%s does not have: %s\n", file, old);
    assert_non_null(at);
    assert_int_equal(buf_add(&out, text, (size_t)(at - text)), 0);
    assert_int_equal(buf_adds(&out, new), 0);
    assert_int_equal(buf_adds(&out, at + strlen(old)), 0);
    put_text(policy, file, out.p, out.len);
    buf_free(&out);
    free(text);
}

/* It does not load, and the error begins FILE:LINE: and says that. */
static inline void refused_at(const char *policy, const char *file, int line,
                              const char *says)
{
    char path[256], want[512];
    struct policy *p = load(policy);

    path_in(path, policy, file);
    (void)snprintf(want, sizeof(want), "%s:%d: %s", path, line, says);
    if (p != NULL || strncmp(err.text, want, strlen(want)) != 0)
        print_error("%s\nnot: %s\n", p != NULL ? "it loads" : err.text, want);
    assert_null(p);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_memory_equal(err.text, want, strlen(want));
}

/* One slip in an otherwise good file, and the line that is named for it. */
struct slip {
    const char *old, *new;
    int at;
    const char *says;
};

static inline void all_refused(const char *policy, const char *file,
                               const struct slip *slips, size_t n)
{
    struct policy *good;

    for (size_t i = 0; i < n; i++) {
        char *former = get_text(policy, file);

        swap(policy, file, slips[i].old, slips[i].new);
        refused_at(policy, file, slips[i].at, slips[i].says);
        put_text(policy, file, former, strlen(former));
        free(former);
    }
    good = load_good(policy);
    policy_free(&good);
}
#define ALL_REFUSED(policy, file, slips)                                       \
    all_refused(policy, file, slips, sizeof(slips) / sizeof((slips)[0]))

#endif
