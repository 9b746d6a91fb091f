/* A storage of its own for each test of the store. */
#ifndef RESGUARDO_STORE_HELP_H
#define RESGUARDO_STORE_HELP_H

#include "unit.h"

#include "store/store_private.h"

#define T0 ((msec)1795000000000)

struct fixture {
    char *folder;
    char dir[128];
    struct store *s;
    struct error e;
};

#define OK(call)                                                               \
    do {                                                                       \
        if ((call) != 0)                                                       \
            fail_msg("%s: %s %s", #call, error_name(f->e.code), f->e.text);    \
    } while (0)
#define FAILS(call, error_code)                                                \
    do {                                                                       \
        f->e = (struct error){ 0 };                                            \
        assert_int_equal((call), -1);                                          \
        assert_string_equal(error_name(f->e.code), error_name(error_code));    \
    } while (0)

static inline void help_open(struct fixture *f)
{
    OK(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e));
}

static inline void help_reopen(struct fixture *f)
{
    store_close(&f->s);
    help_open(f);
}

static inline int help_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->folder = unit_folder_new();
    (void)snprintf(f->dir, sizeof(f->dir), "%s/s", f->folder);
    OK(store_create(f->dir, NULL, T0, &random_system, &f->e));
    help_open(f);
    *state = f;
    return 0;
}

static inline int help_teardown(void **state)
{
    struct fixture *f = *state;

    store_close(&f->s);
    unit_folder_free(f->folder);
    free(f);
    return 0;
}

static inline void help_begin(struct fixture *f)
{
    OK(store_begin(f->s, &f->e));
}

static inline void help_commit(struct fixture *f)
{
    OK(store_commit(f->s, &f->e));
}

static inline void help_path(const struct fixture *f, const char *name,
                             char out[static 256])
{
    (void)snprintf(out, 256, "%s/%s", f->dir, name);
}

/* A person, inside a transaction. */
static inline struct subject_row help_subject(struct fixture *f)
{
    struct subject_row row = { .created = T0 };

    id_new(row.id, 's', &random_system);
    OK(subject_add(f->s, &row, &f->e));
    return row;
}

static inline struct attachment_row help_attachment(struct fixture *f,
                                                    const char *subject,
                                                    const char *state,
                                                    msec received)
{
    struct attachment_row row = { .policy = "co-habeas-data",
                                  .number = "106540352242922",
                                  .kind = "image",
                                  .announced_type = "image/jpeg",
                                  .purposes = "case_processing",
                                  .received = received,
                                  .deadline = received + 100,
                                  .lifetime = received + 200,
                                  .provider_s = received / 1000 };
    static const char claims[] = "{\"media_id\":\"CANARY-media\"}";

    id_new(row.id, 'a', &random_system);
    (void)snprintf(row.subject, sizeof(row.subject), "%s", subject);
    (void)snprintf(row.state, sizeof(row.state), "%s", state);
    OK(attachment_add(f->s, &row, claims, strlen(claims), &f->e));
    return row;
}

static inline struct case_row help_case(struct fixture *f, const char *subject,
                                        msec opened)
{
    struct case_row row = { .policy = "co-habeas-data",
                            .state = "open",
                            .opened = opened };

    case_code_new(row.id, &random_system);
    (void)snprintf(row.subject, sizeof(row.subject), "%s", subject);
    OK(case_add(f->s, &row, &f->e));
    return row;
}

#define HELP_HEADER "age-encryption.org/v1\n-> X25519 CANARY-header\n--- mac\n"

static inline struct document_row help_document(struct fixture *f,
                                                const struct subject_row *who,
                                                const struct case_row *c,
                                                const char *name,
                                                const char *caption)
{
    struct attachment_row a = help_attachment(f, who->id, "judging", T0);
    struct document_row row = { .policy = "co-habeas-data",
                                .state = "stored",
                                .media_type = "image/jpeg",
                                .purposes = "case_processing",
                                .size = 5,
                                .payload_size = 37,
                                .received = T0,
                                .epoch = 1 };

    id_new(row.id, 'd', &random_system);
    id_new(row.payload, 'p', &random_system);
    memcpy(row.attachment, a.id, ID_SIZE);
    memcpy(row.subject, who->id, ID_SIZE);
    memcpy(row.case_id, c->id, STORE_CASE_SIZE);
    random_fill(&random_system, row.payload_sha256, SHA256_LEN);
    OK(document_add(f->s, &row, HELP_HEADER, strlen(HELP_HEADER), name, caption,
                    &f->e));
    return row;
}

/* Is the byte string anywhere in a file of the storage? */
static inline bool help_file_holds(const struct fixture *f, const char *name,
                                   const void *bytes, size_t len)
{
    struct error e = { 0 };
    struct buf all = { 0 };
    char path[256];
    bool found;

    help_path(f, name, path);
    if (file_read(path, (size_t)1 << 30, &all, &e) != 0)
        assert_int_equal(e.code, ERR_NOT_FOUND);
    found = all.len > 0 && memmem(all.p, all.len, bytes, len) != NULL;
    buf_free(&all);
    return found;
}

static inline void help_overwrite(const struct fixture *f, const char *name,
                                  off_t at, const void *bytes, size_t len)
{
    char path[256];
    FILE *file;

    help_path(f, name, path);
    file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseeko(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

#endif
