/* Time stamps in a bundle. */
#include "bundle_stamp.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_START "stamp-"
#define NAME_END   ".checkpoint"

static int read_part(const char *folder, const char *name, struct buf *out,
                     struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s/%s", folder, name) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
    else
        ok = file_read((const char *)path.p, LIMIT_CA_BYTES, out, e);
    buf_free(&path);
    return ok;
}

/* The text of a note, whoever signed it. */
static int parse_note(const struct buf *note, struct ledger_checkpoint *c,
                      struct error *e)
{
    const char *end =
        note->len == 0 ? NULL : memmem(note->p, note->len, "\n\n", 2);

    if (end == NULL)
        return error_set(e, ERR_VERIFY, "a stamped checkpoint is malformed");
    return ledger_checkpoint_parse(
        c, (const char *)note->p, (size_t)(end + 1 - (const char *)note->p), e);
}

/* ---- trees that were stamped -------------------------------------------- */

static int expect_one(const char *folder, const char *name,
                      const struct ledger_checkpoint *now,
                      struct ledger_verifier *verifier, struct error *e)
{
    struct ledger_checkpoint c;
    struct buf note = { 0 };
    int ok = -1;

    if (read_part(folder, name, &note, e) != 0)
        goto out;
    /* Of a former origin, too: what is left of that log is the beginning of
     * this one (`ledger reopen`). */
    if (parse_note(&note, &c, e) != 0 || c.size > now->size)
        (void)error_set(e, ERR_VERIFY,
                        "%s is no checkpoint of this log: no entry can be "
                        "trusted, from 0 on",
                        name);
    else
        ok = ledger_verifier_expect(verifier, &c, name, e);
out:
    buf_free(&note);
    return ok;
}

static bool is_checkpoint(const char *name)
{
    size_t len = strlen(name), end = strlen(NAME_END);

    return strncmp(name, NAME_START, strlen(NAME_START)) == 0 && len > end &&
           strcmp(name + len - end, NAME_END) == 0;
}

int bundle_stamps_expect(const char *folder,
                         const struct ledger_checkpoint *now,
                         struct ledger_verifier *verifier, struct error *e)
{
    DIR *d = opendir(folder);
    const struct dirent *one;
    int ok = 0;

    if (d == NULL)
        return error_errno(e, ERR_IO, "cannot read %s", folder);
    while (ok == 0 && (one = readdir(d)) != NULL)
        if (is_checkpoint(one->d_name))
            ok = expect_one(folder, one->d_name, now, verifier, e);
    (void)closedir(d);
    return ok;
}

int bundle_authorities(const char *folder, struct buf *ca, struct error *e)
{
    if (read_part(folder, "stamp-ca.pem", ca, e) == 0 ||
        e->code == ERR_NOT_FOUND)
        return 0;
    return -1;
}

/* ---- what an entry says of its stamp ------------------------------------ */

static bool is_hash(const struct json_node *evidence, const char *member,
                    const struct buf *bytes)
{
    const char *want = json_node_str(evidence, member);
    char hex[HEX_SIZE(SHA256_LEN)];
    uint8_t hash[SHA256_LEN];

    sha256_of(hash, bytes->p, bytes->len);
    hex_encode(hex, hash, sizeof(hash));
    return want != NULL && strcmp(want, hex) == 0;
}

/* The checkpoint that was stamped is the one that the entry names; that the
 * log grew through it was seen to. */
static bool is_tree(const struct json_node *evidence, const struct buf *note)
{
    const char *want = json_node_str(evidence, "root");
    char hex[HEX_SIZE(LEDGER_HASH_LEN)];
    struct ledger_checkpoint c;
    struct error ignored;
    int64_t size;

    if (want == NULL || parse_note(note, &c, &ignored) != 0 ||
        !json_node_integer(json_node_get(evidence, "entries"), &size) ||
        size != (int64_t)c.size)
        return false;
    hex_encode(hex, c.root, sizeof(c.root));
    return strcmp(want, hex) == 0;
}

static const char *judge(const struct json_node *evidence,
                         const struct stamp_parts *s, msec *time)
{
    const char *said = json_node_str(evidence, "stamped_at");
    struct error ignored;
    msec then;

    if (!is_hash(evidence, "checkpoint_sha256", s->note) ||
        !is_hash(evidence, "response_sha256", s->answer) ||
        !is_tree(evidence, s->note))
        return "its time stamp is another than the one it speaks of";
    if (s->ca->len == 0)
        return NULL;
    if (stamp_check(s, true, time, &ignored) != STAMP_OK)
        return "its time stamp does not hold";
    if (said == NULL || time_parse(said, &then) != 0 || then != *time)
        return "its time stamp is of another time";
    return NULL;
}

const char *bundle_stamp_wrong(const char *folder,
                               const struct json_node *entry,
                               const struct buf *ca, msec *time)
{
    const struct json_node *evidence = json_node_get(entry, "evidence");
    int64_t size = -1;
    static const char *const ends[] = { "checkpoint", "tsq", "tsr" };
    struct buf parts[3] = { { 0 } };
    const struct stamp_parts s = { &parts[0], &parts[1], &parts[2], ca };
    const char *wrong = NULL;
    struct error ignored;

    (void)json_node_integer(json_node_get(evidence, "entries"), &size);
    for (size_t i = 0; wrong == NULL && i < 3; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), NAME_START "%lld.%s",
                       (long long)size, ends[i]);
        if (read_part(folder, name, &parts[i], &ignored) != 0)
            wrong = "its time stamp is missing";
    }
    if (wrong == NULL)
        wrong = judge(evidence, &s, time);
    for (size_t i = 0; i < 3; i++)
        buf_free(&parts[i]);
    return wrong;
}
