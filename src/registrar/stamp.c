/* That somebody else knows when a checkpoint was there, or would not say so. */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include "resguardo/registrar_keys.h"

static const char *event_of(const struct stamp_record *s)
{
    return s->why == STAMP_OK ? "checkpoint_stamped"
                              : "checkpoint_stamp_failed";
}

static json_t *leaf_of(struct registrar *r, const struct stamp_record *s)
{
    const char *event = event_of(s);
    json_t *leaf;

    if (s->by != NULL)
        return keyring_leaf(r, event, s->by);
    leaf = leaf_new(r, event, NULL, NULL);
    leaf_text(leaf, "actor", "system");
    return leaf;
}

static json_t *evidence_of(const struct stamp_record *s)
{
    json_t *evidence = json_object();
    uint8_t hash[SHA256_LEN];

    leaf_value(evidence, "entries", json_integer((json_int_t)s->row.size));
    leaf_hash(evidence, "root", s->root, sizeof(s->root));
    sha256_of(hash, s->row.note.p, s->row.note.len);
    leaf_hash(evidence, "checkpoint_sha256", hash, sizeof(hash));
    sha256_of(hash, s->row.answer.p, s->row.answer.len);
    leaf_hash(evidence, "response_sha256", hash, sizeof(hash));
    leaf_time(evidence, "stamped_at", s->row.stamped);
    return evidence;
}

static int apply_stamp(struct registrar *r, void *arg, struct error *err)
{
    struct stamp_record *s = arg;
    json_t *leaf;

    if (s->by != NULL && keyring_permits(r, s->by, err) != 0)
        return -1;
    leaf = leaf_of(r, s);
    if (s->why != STAMP_OK) {
        leaf_text(leaf, "reason", stamp_failure_names[s->why]);
        return leaf_append(r, leaf, NULL, err);
    }
    leaf_object(leaf, "evidence", evidence_of(s));
    s->row.received = r->now;
    return leaf_append(r, leaf, &s->row.idx, err) != 0
               ? -1
               : stamp_add(r->store, &s->row, err);
}

int registrar_record_stamp(struct registrar *r, struct stamp_record *stamp,
                           struct error *err)
{
    return queue_staff(r, apply_stamp, stamp, err);
}
