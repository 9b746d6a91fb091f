/*
 * Who a message is from. The business-scoped user id decides; a phone number
 * finds a person only as long as no other user id speaks from it, and Meta did
 * not say that they have another one, because numbers are given to new people.
 */
#include "message_private.h"
#include "registrar_private.h"

static int learn(struct registrar *r, const struct webhook_item *item,
                 struct subject_row *subject, struct error *err)
{
    const char *values[HANDLE__MAX] = { [HANDLE_PHONE] = item->phone,
                                        [HANDLE_BSUID] = item->bsuid,
                                        [HANDLE_PARENT] = item->parent,
                                        [HANDLE_NAME] = item->name };

    /* To a day is enough, and costs a write a day. */
    if (r->now - subject->contact > MSEC_D &&
        contact_put(r->store, subject->id, r->now, err) != 0)
        return -1;
    return subject_handles_put(r->store, subject, values, r->now, err);
}

/* 1 when the handle is known (id filled), 0, -1. */
static int by_phone(struct registrar *r, const struct webhook_item *item,
                    char id[static ID_SIZE], struct error *err)
{
    struct buf other = { 0 };
    int found, moved = 0;

    if (item->phone[0] == '\0')
        return 0;
    found = subject_find(r->store, HANDLE_PHONE, item->phone, id, err);
    if (found > 0)
        moved = suggestion_moved(r->store, id, err);
    if (moved != 0)
        return moved < 0 ? -1 : 0;
    if (found <= 0 || item->bsuid[0] == '\0')
        return found;

    /* The number is known under another user id: another person now. */
    found = subject_handle_get(r->store, id, HANDLE_BSUID, &other, err);
    buf_free(&other);
    return found < 0 ? -1 : found == 0;
}

int person_resolve(struct registrar *r, const struct webhook_item *item,
                   struct subject_row *subject, struct error *err)
{
    char id[ID_SIZE];
    int found = 0;

    if (item->bsuid[0] != '\0')
        found = subject_find(r->store, HANDLE_BSUID, item->bsuid, id, err);
    if (found == 0)
        found = by_phone(r, item, id, err);
    if (found < 0)
        return -1;
    if (found > 0) {
        if (subject_get(r->store, id, subject, err) != 1)
            return error_set(err, ERR_INVARIANT, "a handle of nobody");
        return learn(r, item, subject, err);
    }

    *subject = (struct subject_row){ .created = r->now };
    id_new_at(subject->id, 's', r->now, r->random);
    if (subject_add(r->store, subject, err) != 0)
        return -1;
    return learn(r, item, subject, err);
}
