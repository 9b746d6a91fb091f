/* How the daemon is, and whether what it keeps fits together. */
#include "desk_private.h"

#include <sys/statvfs.h>

/* Where the storage is; unknown where the system does not say. */
static void measure_disk(const struct config *config, struct attention *a)
{
    struct statvfs disk;

    if (statvfs(config->storage, &disk) != 0)
        return;
    a->disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
    a->disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
}

int serve_status(struct request *r, struct error *e)
{
    const struct desk_needs *needs = &r->desk->needs;
    const msec now = clock_now(needs->clock);
    struct registrar_status status;
    struct store_counts counts;
    struct store_waiting waiting;
    struct log_alarms alarms;
    struct attention a = { .status = &status,
                           .counts = &counts,
                           .waiting = &waiting,
                           .alarms = &alarms,
                           .now = now,
                           .started = needs->started };
    json_t *o = NULL;

    registrar_get_status(needs->registrar, &status);
    log_get_alarms(&alarms);
    measure_disk(needs->config, &a);
    if (store_count(r->store, &counts, e) != 0 ||
        store_waiting(r->store, now, now + LIMIT_STATUS_DUE, &waiting, e) != 0)
        return -1;
    if ((a.standing = standing_list(r->desk)) != NULL)
        o = shape_status(&status, &counts, keyring_epoch(r->keyring),
                         now - needs->started, needs->sandbox);
    if (o == NULL || attention_add(o, &a) != 0) {
        json_decref(o);
        json_decref(a.standing);
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    }
    json_decref(a.standing);
    return answer_json(r, o, e);
}

/* Where an erasure does not hold, and nobody would see it. */
static json_t *warnings(struct store *store)
{
    static const char *const names[] = { "keys/slots", "the mirror" };
    json_t *list = json_array();

    for (int i = 0; i < 2; i++) {
        const char *place = slot_unsafe_place(store, i);

        if (place != NULL)
            (void)json_array_append_new(
                list, json_sprintf("%s lies on %s: what is erased there may "
                                   "stay on the disk",
                                   names[i], place));
    }
    return list;
}

int serve_check(struct request *r, struct error *e)
{
    const struct desk_needs *needs = &r->desk->needs;
    struct audit *audit = audit_new(r->store);
    struct buf note = { 0 };
    int ok = -1;

    if (audit == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a check");
        goto out;
    }
    /* The checkpoint comes after the look, so it covers all that was seen. */
    if (audit_look(audit, e) != 0 ||
        registrar_checkpoint(needs->registrar, &note, e) != 0 ||
        audit_judge(audit, &note, registrar_vkey(needs->registrar), r->keyring,
                    e) != 0)
        goto out;
    ok = answer_json(r,
                     json_pack("{s:O, s:o}", "faults", audit_faults(audit),
                               "warnings", warnings(r->store)),
                     e);
out:
    buf_free(&note);
    audit_free(&audit);
    return ok;
}
