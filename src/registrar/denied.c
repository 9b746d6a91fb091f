/*
 * What the desk refused. A local user can ask as often as they like, so a
 * refusal is counted in a small table and entered once a minute for each user,
 * route, document and reason: the first at once, the others as a number. A kill
 * loses what was counted since, at most a minute of repetitions.
 */
#include "leaf_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

static bool is_same(const struct denied_place *p, const struct denial *d)
{
    return p->used && p->what.uid == d->uid &&
           strcmp(p->what.route, d->route) == 0 &&
           strcmp(p->what.document, d->document) == 0 &&
           strcmp(p->what.reason, d->reason) == 0;
}

static bool is_staff(const struct denial *d)
{
    return d->name[0] != '\0';
}

/* Its place, a free one, or, where one user fills the table, that of all that
 * they ask for; NULL where there is none at all. Who is not on the keyring gets
 * half of the table at most: a crowd of them hides nobody who is. */
static struct denied_place *place_of(struct denied *t, const struct denial *d)
{
    struct denied_place *free_place = NULL;
    size_t theirs = 0, strangers = 0;

    for (size_t i = 0; i < LIMIT_DENIED; i++) {
        struct denied_place *p = &t->places[i];

        if (is_same(p, d))
            return p;
        theirs += p->used && p->what.uid == d->uid;
        strangers += p->used && !is_staff(&p->what);
        if (!p->used && free_place == NULL)
            free_place = p;
    }
    return theirs < LIMIT_DENIED_USER &&
                   (is_staff(d) || strangers < LIMIT_DENIED / 2)
               ? free_place
               : NULL;
}

void registrar_deny(struct registrar *r, const struct denial *denial)
{
    struct denial d = *denial;
    struct denied_place *p;

    pthread_mutex_lock(&r->lock);
    if (r->instance.version == NULL)
        goto out;
    p = place_of(&r->denied, &d);
    if (p == NULL) {
        SET(d.route, "*");
        d.document[0] = '\0';
        p = place_of(&r->denied, &d);
    }
    if (p == NULL) {
        /* Of more users than the table has places: of no one of them. */
        d = (struct denial){ .route = "*", .reason = "others" };
        p = &r->denied.others;
    }
    if (!p->used) {
        *p = (struct denied_place){ .used = true, .what = d };
        r->denied.fresh = true;
        pthread_cond_signal(&r->wake);
    }
    if (p->count++ == 0)
        p->first = clock_now(r->clock);
out:
    pthread_mutex_unlock(&r->lock);
}

/* ---- entering ----------------------------------------------------------- */

static int enter(struct registrar *r, const struct denied_place *p,
                 struct error *err)
{
    json_t *leaf = leaf_new(r, "access_denied", NULL, NULL);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor",
              p->what.name[0] != '\0' ? p->what.name : "unknown");
    leaf_text(leaf, "reason", p->what.reason);
    if (p->what.document[0] != '\0')
        leaf_text(leaf, "document_id", p->what.document);
    if (strcmp(p->what.reason, "others") != 0)
        leaf_value(evidence, "uid", json_integer(p->what.uid));
    leaf_text(evidence, "route", p->what.route);
    leaf_value(evidence, "count", json_integer((json_int_t)p->taken));
    leaf_time(evidence, "since", p->first);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

static bool is_due(const struct registrar *r, const struct denied_place *p)
{
    return p->used && (p->entered == 0 || r->denied.closing ||
                       r->now - p->entered >= LIMIT_DENIED_S * MSEC_S ||
                       r->now < p->entered);
}

static int enter_place(struct registrar *r, struct denied_place *place,
                       struct error *err)
{
    struct denied_place copy;

    pthread_mutex_lock(&r->lock);
    if (!is_due(r, place)) {
        pthread_mutex_unlock(&r->lock);
        return 0;
    }
    place->taken = place->count;
    place->due = true;
    copy = *place;
    pthread_mutex_unlock(&r->lock);
    return copy.taken == 0 ? 0 : enter(r, &copy, err);
}

int denied_enter(struct registrar *r, struct error *err)
{
    bool fresh;

    pthread_mutex_lock(&r->lock);
    fresh = r->denied.fresh || r->denied.closing;
    pthread_mutex_unlock(&r->lock);
    if (!fresh && r->now >= r->denied.looked &&
        r->now - r->denied.looked < MSEC_S)
        return 0;
    r->denied.looked = r->now;
    for (size_t i = 0; i < LIMIT_DENIED; i++)
        if (enter_place(r, &r->denied.places[i], err) != 0)
            return -1;
    return enter_place(r, &r->denied.others, err);
}

/* A place that was quiet for a minute is free again. */
static void settle(struct registrar *r, struct denied_place *p)
{
    if (!p->due)
        return;
    p->due = false;
    if (p->taken == 0 && p->count == 0) {
        p->used = false;
        return;
    }
    p->count -= p->taken;
    p->taken = 0;
    p->entered = r->now;
    p->first = r->now;
}

void denied_committed(struct registrar *r)
{
    pthread_mutex_lock(&r->lock);
    r->denied.fresh = false;
    for (size_t i = 0; i < LIMIT_DENIED; i++) {
        settle(r, &r->denied.places[i]);
        r->denied.fresh |= is_due(r, &r->denied.places[i]);
    }
    settle(r, &r->denied.others);
    pthread_mutex_unlock(&r->lock);
}

void denied_undone(struct registrar *r)
{
    for (size_t i = 0; i < LIMIT_DENIED; i++)
        r->denied.places[i].due = false;
    r->denied.others.due = false;
}
