/*
 * The destroying. Slots first, listed in keys/destroyed and overwritten in both
 * files, then the rows: whoever is killed in between finds rows that open
 * nothing, and takes them away.
 */
#include "keep_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"

#include <stdlib.h>

/* Documents of one step: as many files are unlinked, each with its folder
 * synced, before another webhook is answered. */
#define DOCUMENTS 32u
#define ROWS      200

struct shredding {
    struct erasing *e;
    struct error *err;
    struct attachment_row attachments[DOCUMENTS];
    size_t nattachments;
    struct document_row documents[DOCUMENTS];
    size_t ndocuments;
    char gone[DOCUMENTS][ID_SIZE]; /* named, and no longer there */
    size_t ngone;
    bool all; /* nothing was left */
};

/* Those of them that are not erased yet. */
static int destroy(struct registrar *r, const uint64_t *slots, size_t n,
                   struct error *err)
{
    uint64_t fresh[DOCUMENTS];
    size_t nfresh = 0;

    for (size_t i = 0; i < n; i++)
        if (slot_state(r->store, slots[i], err) != 0)
            fresh[nfresh++] = slots[i];
    return nfresh == 0 ? 0 : slot_erase(r->store, fresh, nfresh, err);
}

/* ---- a page of files ---------------------------------------------------- */

static int add_document(struct shredding *s, const struct attachment_row *row)
{
    int found = document_by_attachment(s->e->r->store, row->id,
                                       &s->documents[s->ndocuments], s->err);

    if (found > 0)
        s->ndocuments++;
    return found < 0 ? -1 : 0;
}

static int see_attachment(void *arg, const struct attachment_row *row)
{
    struct shredding *s = arg;

    s->attachments[s->nattachments++] = *row;
    return add_document(s, row);
}

static int see_item(void *arg, const struct erasure_item *item)
{
    struct shredding *s = arg;
    struct store *store = s->e->r->store;
    struct document_row *to = &s->documents[s->ndocuments];
    int found = document_get(store, item->document, to, s->err);

    if (found == 0)
        SET(s->gone[s->ngone++], item->document);
    if (found <= 0)
        return found;
    s->ndocuments++;
    found = attachment_get(store, to->attachment,
                           &s->attachments[s->nattachments], s->err);
    s->nattachments += found > 0;
    return found < 0 ? -1 : 0;
}

/* The next files: of a person all, of a list those that it names. */
static int page(struct shredding *s, struct error *err)
{
    const struct erasure_row *row = &s->e->row;
    struct store *store = s->e->r->store;

    if (strcmp(row->kind, "subject") == 0)
        return attachment_of_person(store, row->subject, DOCUMENTS,
                                    see_attachment, s, err);
    return erasure_item_open(store, row->id, DOCUMENTS, see_item, s, err);
}

static bool has_document(const struct shredding *s, const char *attachment)
{
    for (size_t i = 0; i < s->ndocuments; i++)
        if (strcmp(s->documents[i].attachment, attachment) == 0)
            return true;
    return false;
}

/* A transfer under way is cancelled; its payload, if any, is discarded when its
 * result finds no row. */
static int let_go(struct registrar *r, const struct attachment_row *row,
                  struct error *err)
{
    struct effect effect = { .kind = EFFECT_CANCEL };

    if (strcmp(row->state, "fetching") != 0 &&
        strcmp(row->state, "judging") != 0)
        return 0;
    SET(effect.id, row->id);
    return effect_add(r, &effect, err);
}

/* Before any key goes: Meta's ids are read and kept apart. */
static int step_release(struct registrar *r, void *arg, struct error *err)
{
    struct shredding *s = arg;

    for (size_t i = 0; i < s->nattachments; i++) {
        struct attachment_row row = s->attachments[i];

        if (forget_media(r, &row, &s->e->row.asked_until, err) != 0 ||
            let_go(r, &row, err) != 0)
            return -1;
        row.meta_copy = 2;
        if (attachment_update(r->store, &row, err) != 0)
            return -1;
    }
    return erasure_update(r->store, &s->e->row, err);
}

static int document_gone(struct shredding *s, const struct document_row *row,
                         struct error *err)
{
    struct registrar *r = s->e->r;
    struct effect effect = { .kind = EFFECT_UNLINK };
    struct erasure_item item = { .slot = row->slot };
    json_t *leaf;

    SET(item.document, row->id);
    SET(item.payload, row->payload);
    memcpy(item.payload_sha256, row->payload_sha256, SHA256_LEN);
    SET(effect.id, row->payload);
    if (document_remove(r->store, row, err) != 0 ||
        erasure_item_put(r->store, s->e->row.id, &item, err) != 0 ||
        effect_add(r, &effect, err) != 0)
        return -1;
    s->e->row.documents++;
    if (strcmp(s->e->row.kind, "documents") != 0)
        return 0; /* one leaf will say it of all */
    leaf = erasure_leaf(r, &s->e->row, "document_erased");
    leaf_text(leaf, "document_id", row->id);
    leaf_text(leaf, "attachment_id", row->attachment);
    leaf_text(leaf, "case_id", row->case_id);
    return leaf_append(r, leaf, NULL, err);
}

/* A file that became no document; what was said of it goes, too. */
static int file_gone(struct shredding *s, const struct attachment_row *row,
                     struct error *err)
{
    struct erasure_item item = { .slot = row->slot };

    SET(item.document, row->id);
    return attachment_remove(s->e->r->store, row->id, err) != 0
               ? -1
               : erasure_item_put(s->e->r->store, s->e->row.id, &item, err);
}

static int step_remove(struct registrar *r, void *arg, struct error *err)
{
    struct shredding *s = arg;

    for (size_t i = 0; i < s->ndocuments; i++)
        if (document_gone(s, &s->documents[i], err) != 0)
            return -1;
    for (size_t i = 0; i < s->nattachments; i++)
        if (!has_document(s, s->attachments[i].id) &&
            file_gone(s, &s->attachments[i], err) != 0)
            return -1;
    for (size_t i = 0; i < s->ngone; i++) {
        struct erasure_item item = { .gone = true };

        SET(item.document, s->gone[i]);
        if (erasure_item_put(r->store, s->e->row.id, &item, err) != 0)
            return -1;
    }
    return erasure_update(r->store, &s->e->row, err);
}

/* Files a page at a time; s->all when there are none. */
static int shred_files(struct shredding *s, struct error *err)
{
    struct registrar *r = s->e->r;
    uint64_t slots[DOCUMENTS];

    s->err = err;
    if (page(s, err) != 0)
        return -1;
    s->all = s->nattachments + s->ndocuments + s->ngone == 0;
    if (s->all)
        return 0;
    for (size_t i = 0; i < s->nattachments; i++)
        slots[i] = s->attachments[i].slot;
    if (batch_between(r, step_release, s, err) != 0 ||
        destroy(r, slots, s->nattachments, err) != 0)
        return -1;
    return batch_between(r, step_remove, s, err);
}

/* ---- when the files are gone -------------------------------------------- */

int erasure_leaf_done(struct erasing *e, const char *event, struct error *err)
{
    struct registrar *r = e->r;
    json_t *leaf = erasure_leaf(r, &e->row, event);
    uint64_t index;

    if (leaf != NULL &&
        json_object_set_new(leaf, "documents",
                            json_integer((json_int_t)e->row.documents)) != 0) {
        json_decref(leaf);
        leaf = NULL;
    }
    if (leaf_append(r, leaf, &index, err) != 0)
        return -1;
    e->row.leaf = (int64_t)index;
    e->row.executed = r->now;
    return erasure_update(r->store, &e->row, err);
}

struct proof_life {
    struct registrar *r;
    msec until;
};

/* What the longest policy of the day says, for one that is no longer there. */
static msec longest_life(const struct registrar *r)
{
    msec longest = 0;

    for (size_t i = 0; i < r->config->nnumbers; i++) {
        const struct policy *p =
            policy_find(r->policies, r->config->numbers[i].policy);

        if (p != NULL && p->evidence_until > longest)
            longest = p->evidence_until;
    }
    return longest;
}

static int see_decision(void *arg, const struct consent_row *row)
{
    struct proof_life *life = arg;
    const struct policy *policy = policy_find(life->r->policies, row->policy);
    int64_t last = row->yes_s > row->no_s ? row->yes_s : row->no_s;
    msec until = last * MSEC_S + (policy != NULL ? policy->evidence_until
                                                 : longest_life(life->r));

    if (strcmp(row->state, "none") != 0 && until > life->until)
        life->until = until;
    return 0;
}

/* What proves the decisions stays for as long as the policy says, and the
 * order to destroy it is given now. Who decided nothing left nothing to prove.
 */
static int order_evidence(struct erasing *e, struct error *err)
{
    struct proof_life life = { e->r, e->r->now };
    struct erasure_row row = { .requested_by = -1, .approved_by = -1 }, known;
    struct subject_row subject;
    int found = subject_get(e->r->store, e->row.subject, &subject, err);

    if (found > 0)
        found = erasure_of_subject(e->r->store, e->row.subject, "evidence",
                                   &known, err) == 0;
    if (found <= 0)
        return found;
    if (consent_of_person(e->r->store, e->row.subject, see_decision, &life,
                          err) != 0)
        return -1;
    SET(row.kind, "evidence");
    SET(row.subject, e->row.subject);
    SET(row.ground, "evidence_over");
    SET(row.cause, "evidence_over");
    row.due = life.until;
    return erasure_order(e->r, &row, NULL, 0, NULL, err);
}

/* A slot of the person's own: noted for the certificate, then destroyed. */
struct own {
    struct erasing *e;
    struct erasure_item item;
};

static int step_own(struct registrar *r, void *arg, struct error *err)
{
    struct own *own = arg;

    return erasure_item_put(r->store, own->e->row.id, &own->item, err);
}

static int destroy_own(struct erasing *e, const char *what, uint64_t slot,
                       struct error *err)
{
    struct own own = { e, { .slot = slot } };

    SET(own.item.document, what);
    return batch_between(e->r, step_own, &own, err) == 0
               ? destroy(e->r, &slot, 1, err)
               : -1;
}

/* ---- the person --------------------------------------------------------- */

/* The list is read before anything is written. */
static int see_case(void *arg, const struct case_row *row)
{
    return strcmp(row->state, "closed") == 0 ? 0
                                             : buf_add(arg, row, sizeof(*row));
}

/* An open case ends with its person, as the ledger says of every case. */
static int close_cases(struct erasing *e, struct error *err)
{
    struct registrar *r = e->r;
    struct buf open = { 0 };
    int ok = case_of_person(r->store, e->row.subject, see_case, &open, err);

    if (ok != 0 && err->code == ERR_NONE)
        (void)error_set(err, ERR_NOMEM, "no memory for cases");
    for (size_t at = 0; ok == 0 && at < open.len;
         at += sizeof(struct case_row)) {
        struct case_row row;
        json_t *leaf;

        memcpy(&row, open.p + at, sizeof(row));
        leaf = leaf_new(r, "case_closed", row.subject, row.policy);
        leaf_text(leaf, "actor", "system");
        leaf_text(leaf, "case_id", row.id);
        leaf_text(leaf, "reason", "subject_erased");
        ok = leaf_append(r, leaf, NULL, err);
    }
    buf_free(&open);
    return ok != 0 ? -1 : case_close_all(r->store, e->row.subject, r->now, err);
}

static int step_person(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;
    int64_t begun, done, n;

    /* What was written since it was cancelled: a page more, or the end. */
    n = content_remove(r->store, e->row.subject, ROWS, err);
    if (n < 0 || n == ROWS)
        return n < 0 ? -1 : 0;
    if (rekey_counts(r->store, &begun, &done, err) != 0 ||
        close_cases(e, err) != 0 ||
        request_person_gone(r, e->row.subject, err) != 0)
        return -1;
    SET(e->row.step, "rekey");
    e->row.rekey = begun + 1;
    if (erasure_leaf_done(e, "subject_erased", err) != 0)
        return -1;
    return order_evidence(e, err);
}

static int shred_person(struct erasing *e, struct error *err)
{
    struct subject_row subject;
    int found = subject_get(e->r->store, e->row.subject, &subject, err);

    if (found < 0 || (found > 0 && destroy_own(e, "content",
                                               subject.content_slot, err) != 0))
        return -1;
    return batch_between(e->r, step_person, e, err);
}

/* ---- lists and evidence ------------------------------------------------- */

static int step_documents(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;

    (void)r;
    SET(e->row.step, "finish");
    return erasure_leaf_done(e, "documents_erased", err);
}

static int step_evidence(struct registrar *r, void *arg, struct error *err)
{
    struct erasing *e = arg;
    int64_t n = evidence_remove(r->store, e->row.subject, ROWS, err);

    if (n != 0)
        return n < 0 ? -1 : 0;
    SET(e->row.step, "finish");
    return erasure_leaf_done(e, "evidence_erased", err);
}

static int shred_evidence(struct erasing *e, struct error *err)
{
    struct subject_row subject;
    int found = subject_get(e->r->store, e->row.subject, &subject, err);

    if (found < 0 ||
        (found > 0 &&
         destroy_own(e, "evidence", subject.evidence_slot, err) != 0))
        return -1;
    return batch_between(e->r, step_evidence, e, err);
}

int erasure_shred(struct erasing *e, struct error *err)
{
    struct shredding *s;
    int ok = -1;

    if (strcmp(e->row.kind, "evidence") == 0)
        return shred_evidence(e, err) == 0 ? 1 : -1;
    if ((s = calloc(1, sizeof(*s))) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for an erasure");
    s->e = e;
    if (shred_files(s, err) != 0)
        goto out;
    if (!s->all)
        ok = 0;
    else if (strcmp(e->row.kind, "subject") == 0)
        ok = shred_person(e, err);
    else
        ok = batch_between(e->r, step_documents, e, err);
out:
    free(s);
    return ok == 0 ? 1 : -1;
}
