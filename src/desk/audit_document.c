/* Documents: rows, payload files, slots and leaves say the same. */
#include "audit_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP ((size_t)256 * 1024)

/* ---- one document ------------------------------------------------------- */

static int hash_file(int fd, uint8_t out[static SHA256_LEN])
{
    struct sha256 *hash = sha256_new();
    uint8_t *step = malloc(READ_STEP);
    ssize_t got = -1;

    while (hash != NULL && step != NULL) {
        got = read(fd, step, READ_STEP);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        sha256_add(hash, step, (size_t)got);
    }
    if (got == 0)
        sha256_final(hash, out);
    sha256_free(&hash);
    free(step);
    return got == 0 ? 0 : -1;
}

static int judge_payload(struct audit *a, const struct document_row *row)
{
    uint8_t hash[SHA256_LEN];
    struct stat st;
    int fd = blob_open(a->store, row->payload, a->err), ok;

    if (fd < 0)
        return audit_fault(a, "document %s: its payload cannot be opened",
                           row->id);
    if (fstat(fd, &st) != 0 || hash_file(fd, hash) != 0)
        ok = audit_fault(a, "document %s: its payload cannot be read", row->id);
    else if (st.st_size != row->payload_size)
        ok = audit_fault(a, "document %s: its payload has %lld bytes, not %lld",
                         row->id, (long long)st.st_size,
                         (long long)row->payload_size);
    else if (memcmp(hash, row->payload_sha256, SHA256_LEN) != 0)
        ok = audit_fault(
            a, "document %s: its payload is not the one that was sealed",
            row->id);
    else
        ok = 0;
    (void)close(fd);
    return ok;
}

/* File name and caption, opened and forgotten. */
static int judge_words(struct audit *a, const struct document_row *row)
{
    struct buf name = { 0 }, caption = { 0 };
    bool has_name, has_caption;
    char what[ID_SIZE + 32];
    int ok = 0;

    (void)snprintf(what, sizeof(what), "document %s", row->id);
    /* An erased slot was said of the header. */
    if (document_words(a->store, row, &name, &has_name, &caption, &has_caption,
                       a->err) != 0 &&
        a->err->code != ERR_NOT_FOUND)
        ok = audit_fault_or_fail(a, what);
    buf_free(&name);
    buf_free(&caption);
    return ok;
}

/* The row against the leaves that bind the document. */
static int judge_leaf(struct audit *a, const struct document_row *row)
{
    const struct {
        const char *key, *value;
    } members[] = { { "state", row->state },
                    { "subject", row->subject },
                    { "policy", row->policy },
                    { "case_id", row->case_id },
                    { "purpose", row->purposes } };
    const json_t *leaf = json_object_get(a->bound, row->id);
    const char *hash = json_str(leaf, "payload_sha256");
    char hex[HEX_SIZE(SHA256_LEN)];

    if (leaf == NULL)
        return audit_fault(a, "document %s: the ledger does not know it",
                           row->id);
    hex_encode(hex, row->payload_sha256, SHA256_LEN);
    if ((hash == NULL || strcmp(hash, hex) != 0) &&
        audit_fault(a, "document %s: the ledger binds another payload",
                    row->id) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *said = i == 0 && audit_said_blocked(a, row->subject)
                               ? "blocked"
                               : json_str(leaf, members[i].key);

        if ((said == NULL || strcmp(said, members[i].value) != 0) &&
            audit_fault(a,
                        "document %s: the database says %s %s, the ledger %s",
                        row->id, members[i].key, members[i].value,
                        said != NULL ? said : "nothing") != 0)
            return -1;
    }
    return 0;
}

static int judge_size(struct audit *a, const struct document_row *row)
{
    if (age_payload_size(row->size) == row->payload_size)
        return 0;
    return audit_fault(a, "document %s: its size is not that of its payload",
                       row->id);
}

/* What is kept of it, against what its leaves say. */
static int judge_kept(struct audit *a, const struct document_row *row)
{
    size_t faults = json_array_size(a->faults);

    if (audit_erased(a, row->subject, GONE))
        return audit_fault(a, "document %s: it was erased and is there",
                           row->id);
    if (judge_payload(a, row) != 0 || judge_size(a, row) != 0 ||
        audit_judge_header(a, row) != 0 || judge_words(a, row) != 0)
        return -1;

    /* It went while we looked, or a crash left it half gone. */
    if (json_array_size(a->faults) > faults && audit_document_goes(a, row))
        while (json_array_size(a->faults) > faults)
            (void)json_array_remove(a->faults, faults);
    return 0;
}

static int judge_document(struct audit *a, const struct document_row *row)
{
    char place[BLOB_PLACE_SIZE];
    struct error ignored;
    int ok = judge_leaf(a, row);

    if (blob_place(row->payload, place, &ignored) == 0)
        (void)json_object_del(a->files, place);
    if (ok == 0 && strcmp(row->state, "erased") != 0)
        ok = judge_kept(a, row);
    (void)json_object_del(a->bound, row->id);
    return ok;
}

/* ---- all of them -------------------------------------------------------- */

/* Files that no row knows, and that are still there. */
static int judge_orphans(struct audit *a)
{
    const char *place;
    json_t *value;

    json_object_foreach(a->files, place, value)
    {
        if (json_object_get(a->loose, place) == NULL &&
            blob_is_there(a->store, place) &&
            audit_fault(a, "payload %s: a file of no document", place) != 0)
            return -1;
    }
    return 0;
}

int audit_judge_documents(struct audit *a)
{
    const char *id;
    json_t *value;

    if (slot_files(a->store, a->err) != 0 &&
        audit_fault_or_fail(a, "keys") != 0)
        return -1;
    for (size_t i = 0; i < a->n; i++)
        if (judge_document(a, &a->documents[i]) != 0)
            return -1;
    json_object_foreach(a->bound, id, value)
    {
        if (!audit_erased(a, json_str(value, "subject"), LEAVING) &&
            audit_fault(
                a, "document %s: it is in the ledger and not in the database",
                id) != 0)
            return -1;
    }
    return judge_orphans(a);
}
