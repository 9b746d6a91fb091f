/*
 * Effects: what a batch has told nobody yet. They are collected while its
 * events are applied, cut back with whatever is undone, and released, in their
 * order, once it is committed.
 */
#include "registrar_private.h"

#include <stdlib.h>
#include <string.h>

int effect_add(struct registrar *r, struct effect *effect, struct error *err)
{
    if (r->npending == r->cap_pending) {
        size_t cap = r->cap_pending == 0 ? 64 : 2 * r->cap_pending;
        struct effect *grown = realloc(r->pending, cap * sizeof(*grown));
        if (grown == NULL) {
            buf_free(&effect->body);
            return error_set(err, ERR_NOMEM, "no memory for an effect");
        }
        r->pending = grown;
        r->cap_pending = cap;
    }
    r->pending[r->npending++] = *effect;
    memset(effect, 0, sizeof(*effect)); /* handed over */
    return 0;
}

void effects_cut(struct registrar *r, size_t n)
{
    while (r->npending > n)
        buf_free(&r->pending[--r->npending].body);
}

/* Off the disk, then off the list. What fails is done at the next start. */
static void release_unlink(struct registrar *r, const char *payload)
{
    struct error err = { 0 };

    if (blob_unlink(r->store, payload, &err) != 0)
        log_error("payload_left", &err);
    else
        (void)queue_unlinked(r, payload);
}

void effects_release(struct registrar *r)
{
    const struct registrar_effects *to = r->effects;

    for (size_t i = 0; i < r->npending; i++) {
        struct effect *e = &r->pending[i];
        switch (e->kind) {
        case EFFECT_FETCH:
            to->fetch(to->arg, &e->order);
            break;
        case EFFECT_CANCEL:
            to->cancel(to->arg, e->id);
            break;
        case EFFECT_SEND:
            to->send(to->arg, e->id, e->number, (const char *)e->body.p,
                     e->body.len);
            break;
        case EFFECT_FORGET:
            to->forget(to->arg, e->id, e->number, e->media_id);
            break;
        case EFFECT_FORGET_CONTACT:
            to->forget_contact(to->arg, e->id, e->number,
                               (const char *)e->body.p);
            break;
        case EFFECT_UNLINK:
            release_unlink(r, e->id);
            break;
        }
    }
    effects_cut(r, 0);
}
