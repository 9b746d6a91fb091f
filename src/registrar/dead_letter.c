/*
 * Messages that fail twice for a reason of their own: kept, sealed, and tried
 * again at each start, so that their effect is late and not lost. Meta's 200
 * is a promise; a bug of ours must not break it.
 */
#include "message_private.h"
#include "people_private.h"
#include "registrar_private.h"

#include <stdlib.h>
#include <string.h>

#include "webhook_item.h"

/* Nobody sends a message again after this; nor do we. */
#define KEPT (LIMIT_MESSAGE_AGE_S * MSEC_S)

/* ---- keeping ------------------------------------------------------------ */

static int encode(const struct webhook *webhook,
                  const struct webhook_item *item, struct buf *out)
{
    char body[HEX_SIZE(SHA256_LEN)];
    json_t *event;
    int ok;

    hex_encode(body, webhook->body_sha256, SHA256_LEN);
    event = json_pack("{s:s,s:s%,s:s,s:s?}", "number", item->number, "message",
                      (const char *)item->raw.p, item->raw.len,
                      "webhook_sha256", body, "name", item->name);
    ok = event == NULL ? -1 : json_canonical(event, out);
    json_decref(event);
    return ok;
}

static void alarm_of(const struct error *why)
{
    log_event(LOG_LEVEL_ALARM, "dead_letter", "{s:s,s:s}", "code",
              error_name(why->code), "why", why->text);
}

struct keep {
    struct buf event;
    const char *why;
};

static int step_keep(struct registrar *r, void *arg, struct error *err)
{
    const struct keep *keep = arg;
    char id[ID_SIZE];

    id_new_at(id, 'l', r->now, r->random);
    return dead_letter_add(r->store, id, keep->event.p, keep->event.len,
                           keep->why, r->now, err);
}

int dead_letter_keep(struct registrar *r, const struct webhook *webhook,
                     const struct webhook_item *item, struct error *err)
{
    struct error why = *err;
    struct keep keep = { .why = why.text };
    int done = -1;

    alarm_of(&why);
    if (encode(webhook, item, &keep.event) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a dead letter");
    else
        done = batch_guard(r, step_keep, &keep, err);
    buf_free(&keep.event);
    return done == 0 ? 0 : -1;
}

/* ---- trying again ------------------------------------------------------- */

static int decode(const struct buf *event, struct webhook *webhook,
                  struct webhook_item *item, struct error *err)
{
    json_t *root = json_parse(event->p, event->len, err);
    const char *message = json_str(root, "message");
    const char *body = json_str(root, "webhook_sha256");
    const char *name = json_str(root, "name");
    struct json_doc *element = NULL;
    int ok = -1;

    if (message == NULL || body == NULL ||
        hex_decode(webhook->body_sha256, SHA256_LEN, body, strlen(body),
                   false) != 0 ||
        (element = json_scan(message, strlen(message), err)) == NULL) {
        (void)error_set(err, ERR_INVARIANT, "a dead letter cannot be read");
        goto out;
    }
    if (webhook_item_message(item, json_root(element), NULL,
                             json_str(root, "number")) != 0 ||
        (name != NULL && (item->name = strdup(name)) == NULL)) {
        (void)error_set(err, ERR_NOMEM, "no memory for a dead letter");
        goto out;
    }
    ok = 0;
out:
    json_doc_free(&element);
    json_decref(root);
    return ok;
}

static int step_again(struct registrar *r, void *arg, struct error *err)
{
    struct webhook webhook = { 0 };
    struct webhook_item item = { 0 };
    int ok = decode(arg, &webhook, &item, err);

    if (ok == 0)
        ok = message_apply(r, &webhook, &item, err);
    webhook_item_wipe(&item);
    return ok;
}

/* Another failure is written down, and the letter stays. */
static int still_dead(struct registrar *r, const struct dead_letter_row *letter,
                      struct error *err)
{
    struct error why = *err;

    alarm_of(&why);
    return dead_letter_tried(r->store, letter->id, why.text, err);
}

int dead_letters_retry(struct registrar *r, struct error *err)
{
    struct dead_letter_row letter = { 0 };
    struct buf event = { 0 };
    int found, ok = -1;

    while ((found = dead_letter_next(r->store, letter.id, &letter, &event,
                                     err)) > 0) {
        int done = 0;

        if (!letter.erased && !letter.ended && r->now - letter.received < KEPT)
            done = batch_guard(r, step_again, &event, err);
        buf_reset(&event);
        if (done < 0 || (done > 0 && still_dead(r, &letter, err) != 0))
            goto out;
        if (done > 0)
            continue;
        if (buf_add(&r->buried, &letter, sizeof(letter)) != 0) {
            (void)error_set(err, ERR_NOMEM, "no memory for a dead letter");
            goto out;
        }
    }
    ok = found;
out:
    buf_free(&event);
    return ok;
}

/* ---- a person who is erased --------------------------------------------- */

/* Is the letter from this person? */
static int is_from(struct registrar *r, const struct buf *event,
                   const char *subject, struct error *err)
{
    struct webhook webhook = { 0 };
    struct webhook_item item = { 0 };
    char id[ID_SIZE] = "";
    int found = decode(event, &webhook, &item, err);

    if (found == 0 && item.bsuid[0] != '\0')
        found = subject_find(r->store, HANDLE_BSUID, item.bsuid, id, err);
    if (found == 0 && item.phone[0] != '\0')
        found = subject_find(r->store, HANDLE_PHONE, item.phone, id, err);
    if (found >= 0 && item.kind == WEBHOOK_MOVED && strcmp(id, subject) != 0)
        found = link_former(r, &item, id, err);
    webhook_item_wipe(&item);
    if (found < 0 && error_is_environment(err->code))
        return -1;
    return found > 0 && strcmp(id, subject) == 0;
}

static int is_theirs(struct registrar *r, const struct dead_letter_row *letter,
                     const struct buf *event, const char *subject,
                     struct error *err)
{
    if (letter->erased || letter->ended)
        return !letter->erased;
    return is_from(r, event, subject, err);
}

/* The next; one that is damaged names nobody, and is in nobody's way. */
static int next_letter(struct registrar *r, struct dead_letter_row *letter,
                       struct buf *event, struct error *err)
{
    char before[ID_SIZE];
    int found;

    do {
        memcpy(before, letter->id, sizeof(before));
        buf_reset(event);
        found = dead_letter_next(r->store, letter->id, letter, event, err);
    } while (found < 0 && !error_is_environment(err->code) &&
             strcmp(before, letter->id) != 0);
    return found;
}

int dead_letters_end(struct registrar *r, const char *subject,
                     struct error *err)
{
    struct dead_letter_row letter = { 0 };
    struct buf event = { 0 };
    int found, ok = -1;

    while ((found = next_letter(r, &letter, &event, err)) > 0) {
        int mine = is_theirs(r, &letter, &event, subject, err);

        r->letters_ended |= mine > 0;
        if (mine < 0 ||
            (mine > 0 && dead_letter_end(r->store, letter.id, err) != 0))
            goto out;
    }
    ok = found;
out:
    buf_free(&event);
    return ok;
}

int dead_letters_sweep(struct registrar *r, struct error *err)
{
    if (!r->letters_ended)
        return 0;
    if (dead_letters_forget(r, "", err) != 0)
        return -1;
    r->letters_ended = false;
    return 1;
}

static int step_remove(struct registrar *r, void *arg, struct error *err)
{
    return dead_letter_remove(r->store, arg, err);
}

int dead_letters_forget(struct registrar *r, const char *subject,
                        struct error *err)
{
    struct dead_letter_row letter = { 0 };
    struct buf event = { 0 };
    int found, ok = -1;

    while ((found = next_letter(r, &letter, &event, err)) > 0) {
        int mine = is_theirs(r, &letter, &event, subject, err);

        if (mine < 0 ||
            (mine > 0 && (slot_erase(r->store, &letter.slot, 1, err) != 0 ||
                          batch_between(r, step_remove, letter.id, err) != 0)))
            goto out;
    }
    ok = found;
out:
    buf_free(&event);
    return ok;
}

/* ---- burying ------------------------------------------------------------ */

/* After the commit that has their effect: the key first, then the row. Whoever
 * is killed between the two finds them again, seen before or erased. */
int dead_letters_bury(struct registrar *r, struct error *err)
{
    const struct dead_letter_row *letters =
        (const struct dead_letter_row *)(const void *)r->buried.p;
    size_t n = r->buried.len / sizeof(*letters);
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < n; i++)
        if (!letters[i].erased)
            ok = slot_erase(r->store, &letters[i].slot, 1, err);
    if (ok == 0 && n > 0 && (ok = store_begin(r->store, err)) == 0) {
        for (size_t i = 0; ok == 0 && i < n; i++)
            ok = dead_letter_remove(r->store, letters[i].id, err);
        if (ok != 0 || (ok = store_commit(r->store, err)) != 0)
            store_rollback(r->store);
    }
    buf_free(&r->buried);
    return ok;
}
