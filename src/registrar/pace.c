/*
 * How fast Meta lets us write: a bucket of messages for each person, and a
 * rate for each number (generic cell rate algorithm: one time a bucket says
 * how full it is). Kept in memory: whoever restarts with empty buckets is
 * told so by Meta, and backs off.
 */
#include "mail_private.h"
#include "registrar_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* Facts of the Cloud API: a message to one person every 6 s, 45 ahead of it;
 * 80 messages a second from one number. */
#define PERSON_EVERY (6 * MSEC_S)
#define PERSON_AHEAD (44 * PERSON_EVERY)
#define LINE_EVERY   (MSEC_S / 80 + 1)
#define LINE_AHEAD   MSEC_S

#define FIRST_PLACES 1024u

static uint64_t key_of(struct registrar *r, const char *number,
                       const char *subject)
{
    uint8_t text[STORE_NAME_SIZE + ID_SIZE], hash[crypto_shorthash_BYTES];
    int n = snprintf((char *)text, sizeof(text), "%s/%s", number, subject);

    (void)crypto_shorthash(hash, text, (unsigned long long)n, r->pace.key);
    return le64_get(hash) | 1; /* 0 is an empty place */
}

static struct pace_bucket *place_of(struct pace *pace, uint64_t key)
{
    size_t i = (size_t)key & (pace->places - 1);

    while (pace->buckets[i].key != 0 && pace->buckets[i].key != key)
        i = (i + 1) & (pace->places - 1);
    return &pace->buckets[i];
}

/* A larger table, without the buckets that are full again. */
static int make_room(struct pace *pace, msec now)
{
    struct pace former = *pace;
    size_t live = 0;

    for (size_t i = 0; i < former.places; i++)
        live += former.buckets[i].key != 0 && former.buckets[i].full > now;
    pace->places = FIRST_PLACES;
    while (pace->places < 4 * live)
        pace->places *= 2;
    pace->buckets = calloc(pace->places, sizeof(*pace->buckets));
    if (pace->buckets == NULL) {
        *pace = former;
        return -1;
    }
    pace->used = live;
    for (size_t i = 0; i < former.places; i++)
        if (former.buckets[i].key != 0 && former.buckets[i].full > now)
            *place_of(pace, former.buckets[i].key) = former.buckets[i];
    free(former.buckets);
    return 0;
}

static struct pace_bucket *person_of(struct registrar *r, const char *number,
                                     const char *subject)
{
    struct pace *pace = &r->pace;
    struct pace_bucket *bucket;

    if (2 * pace->used >= pace->places && make_room(pace, r->now) != 0 &&
        pace->used + 1 >= pace->places)
        return NULL;
    bucket = place_of(pace, key_of(r, number, subject));
    if (bucket->key == 0) {
        bucket->key = key_of(r, number, subject);
        pace->used++;
    }
    return bucket;
}

static struct pace_bucket *line_of(struct registrar *r, const char *number)
{
    const struct config_number *entry = config_find_number(r->config, number);

    return entry == NULL ? NULL : &r->pace.lines[entry - r->config->numbers];
}

/* When a bucket that may run `ahead` of its pace has room again; one that is
 * emptier than can be saw the clock jump back. */
static msec room_at(struct pace_bucket *bucket, msec now, msec every,
                    msec ahead)
{
    if (bucket->full < now || bucket->full > now + every + ahead)
        bucket->full = now;
    return bucket->full - ahead;
}

/* Whoever waits for the line gets a time of its own. */
static msec place_in_line(struct pace_bucket *line, msec now, msec at)
{
    /* A clock that was set back keeps nobody waiting until it is there again.
     */
    if (now < line->placed)
        line->later = 0;
    line->placed = now;
    line->later = line->later > at ? line->later : at;
    line->later += LINE_EVERY;
    return line->later;
}

msec pace_expect(struct registrar *r, const char *number)
{
    struct pace_bucket *line = line_of(r, number);
    msec at;

    if (line == NULL)
        return r->now;
    /* As if all that were expected before had gone. */
    at = place_in_line(line, r->now, r->now - LINE_AHEAD);
    return at > r->now ? at : r->now;
}

msec pace_take(struct registrar *r, const char *number, const char *subject)
{
    struct pace_bucket *person = person_of(r, number, subject);
    struct pace_bucket *line = line_of(r, number);
    msec at;

    if (person == NULL || line == NULL)
        return r->now;
    at = room_at(person, r->now, PERSON_EVERY, PERSON_AHEAD);
    if (at > r->now)
        return at;
    at = room_at(line, r->now, LINE_EVERY, LINE_AHEAD);
    if (at > r->now)
        return place_in_line(line, r->now, at);
    person->full += PERSON_EVERY;
    line->full += LINE_EVERY;
    return r->now;
}

int pace_open(struct registrar *r, struct error *err)
{
    random_fill(r->random, r->pace.key, sizeof(r->pace.key));
    return make_room(&r->pace, 0) == 0
               ? 0
               : error_set(err, ERR_NOMEM, "no memory for the pace");
}

void pace_close(struct registrar *r)
{
    free(r->pace.buckets);
    r->pace.buckets = NULL;
}
