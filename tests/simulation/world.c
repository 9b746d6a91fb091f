/* The world's own things: containers, the calendar, the weather. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN ((msec)1795000000000)

const char *const sim_numbers[POLICIES] = { "106540352242001",
                                            "106540352242002" };
const char *const sim_policies[POLICIES] = { "es-gdpr", "co-habeas-data" };
const char *const sim_purposes[PURPOSES] = { "case_processing",
                                             "sensitive_images",
                                             "contact_whatsapp" };

unsigned sim_all_purposes(int policy)
{
    return policy == ES
               ? 1u << CASE_PROCESSING
               : 1u << CASE_PROCESSING | 1u << SENSITIVE | 1u << CONTACT;
}

void sim_fail(struct world *w, const char *fmt, ...)
{
    va_list ap;

    if (w->failed)
        return;
    w->failed = true;
    va_start(ap, fmt);
    (void)vsnprintf(w->why, sizeof(w->why), fmt, ap);
    va_end(ap);
}

/* ---- containers -------------------------------------------------------- */

void *vec_add(struct vec *v, size_t size)
{
    if (v->n == v->cap) {
        v->cap = v->cap == 0 ? 64 : 2 * v->cap;
        v->p = realloc(v->p, v->cap * size);
        if (v->p == NULL)
            abort();
    }
    return memset((char *)v->p + v->n++ * size, 0, size);
}

struct map {
    struct entry {
        char id[ID_SIZE];
        uint32_t value;
    } * entries;
    size_t n, cap; /* a power of two */
};

static size_t spot(const struct map *m, const char *id)
{
    uint64_t h = 1469598103934665603u;
    size_t i;

    for (const char *p = id; *p != '\0'; p++)
        h = (h ^ (uint8_t)*p) * 1099511628211u;
    i = (size_t)(h >> 20) & (m->cap - 1);
    while (m->entries[i].id[0] != '\0' && strcmp(m->entries[i].id, id) != 0)
        i = (i + 1) & (m->cap - 1);
    return i;
}

struct map *map_new(void)
{
    struct map *m = calloc(1, sizeof(*m));

    if (m == NULL || (m->entries = calloc(1024, sizeof(*m->entries))) == NULL)
        abort();
    m->cap = 1024;
    return m;
}

void map_free(struct map **m)
{
    if (*m != NULL)
        free((*m)->entries);
    free(*m);
    *m = NULL;
}

void map_put(struct map *m, const char *id, uint32_t value)
{
    size_t i;

    if (2 * m->n >= m->cap) {
        struct map old = *m;
        m->cap *= 2;
        m->n = 0;
        if ((m->entries = calloc(m->cap, sizeof(*m->entries))) == NULL)
            abort();
        for (i = 0; i < old.cap; i++)
            if (old.entries[i].id[0] != '\0')
                map_put(m, old.entries[i].id, old.entries[i].value);
        free(old.entries);
    }
    i = spot(m, id);
    if (m->entries[i].id[0] == '\0')
        m->n++;
    (void)snprintf(m->entries[i].id, ID_SIZE, "%s", id);
    m->entries[i].value = value;
}

bool map_get(const struct map *m, const char *id, uint32_t *value)
{
    size_t i = spot(m, id);

    if (m->entries[i].id[0] == '\0')
        return false;
    *value = m->entries[i].value;
    return true;
}

/* ---- the calendar: a heap by time, then by order of entry -------------- */

static bool before(const struct happening *a, const struct happening *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void happen(struct world *w, msec at, enum happening_kind kind, uint32_t index,
            uint32_t detail)
{
    struct happening *h, *heap,
        new = { .at = at,
                .order = ++w->order,
                .kind = kind,
                .index = index,
                .life = w->life,
                .detail = detail };
    size_t i;

    (void)vec_add(&w->heap, sizeof(*h));
    heap = w->heap.p;
    for (i = w->heap.n - 1; i > 0 && before(&new, &heap[(i - 1) / 2]);
         i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = new;
}

msec happening_due(const struct world *w)
{
    return w->heap.n == 0 ? INT64_MAX
                          : VEC_AT(&w->heap, struct happening, 0)->at;
}

bool happening_next(struct world *w, msec until, struct happening *out)
{
    struct happening *heap = w->heap.p, last;
    size_t n, i = 0;

    if (happening_due(w) > until)
        return false;
    *out = heap[0];
    last = heap[--w->heap.n];
    n = w->heap.n;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[i] = heap[child];
        i = child;
    }
    if (n > 0)
        heap[i] = last;
    return true;
}

/* ---- weather ----------------------------------------------------------- */

static uint32_t pick(struct dice *d, uint32_t a, uint32_t b, uint32_t c,
                     uint32_t e)
{
    const uint32_t all[] = { a, b, c, e };
    return all[dice_below(d, 4)];
}

/* Every seed leaves something out: what rarely happens together does. */
static void weather_make(struct weather *t, struct dice *d)
{
    t->people = pick(d, 3, 10, 30, 80);
    t->mean_gap_s = pick(d, 20, 120, 3600, 90000);
    t->crash = pick(d, 0, 2000, 500, 120);
    t->fault = pick(d, 0, 0, 150, 12);
    t->full_disk = pick(d, 0, 0, 0, 500);
    t->clock_jump = pick(d, 0, 0, 0, 400);
    t->trouble = pick(d, 0, 5, 15, 40);
    t->duplicates = pick(d, 0, 5, 20, 50);
    t->delay_s = pick(d, 0, 1, 10, 120);
    t->window_ms = pick(d, 0, 500, 5000, 60000);
    t->baja = pick(d, 1, 5, 10, 25);
    t->spite = pick(d, 0, 0, 5, 30);
    t->power_cuts = dice_one_in(d, 2);
    t->staff = pick(d, 10, 20, 40, 60);
    t->reader_stays = !dice_one_in(d, 8);
    t->same_second = dice_one_in(d, 2);
}

/* NAME=NUMBER, for who looks for something in particular. */
int weather_set(struct weather *t, const char *text)
{
    const struct {
        const char *name;
        uint32_t *value;
    } all[] = { { "people", &t->people },   { "gap", &t->mean_gap_s },
                { "crash", &t->crash },     { "fault", &t->fault },
                { "full", &t->full_disk },  { "jump", &t->clock_jump },
                { "trouble", &t->trouble }, { "duplicates", &t->duplicates },
                { "delay", &t->delay_s },   { "window", &t->window_ms },
                { "baja", &t->baja },       { "spite", &t->spite },
                { "cuts", &t->power_cuts }, { "liar", &t->liar },
                { "staff", &t->staff } };
    size_t n = strcspn(text, "=");

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strlen(all[i].name) == n && memcmp(all[i].name, text, n) == 0 &&
            text[n] == '=') {
            *all[i].value = (uint32_t)strtoul(text + n + 1, NULL, 10);
            return 0;
        }
    return -1;
}

/* ---- the world --------------------------------------------------------- */

static msec product_clock(void *arg)
{
    const struct world *w = arg;
    return w->now + w->skew;
}

static void product_random(void *arg, void *out, size_t n)
{
    struct world *w = arg;
    uint8_t *p = out;

    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = dice_next(&w->product_dice);
        memcpy(p + i, &word, n - i < 8 ? n - i : 8);
    }
}

struct world *world_new(uint64_t seed, uint64_t limit, char *const *settings)
{
    struct world *w = calloc(1, sizeof(*w));
    struct error err = { 0 };

    if (w == NULL)
        abort();
    w->seed = seed;
    w->limit = limit;
    w->now = BEGIN;
    dice_seed(&w->dice, seed, 1);
    dice_seed(&w->product_dice, seed, 2);
    dice_seed(&w->disk_dice, seed, 3);
    w->clock = (struct clock_source){ product_clock, w };
    w->random = (struct random_source){ product_random, w };
    weather_make(&w->weather, &w->dice);
    for (; *settings != NULL; settings++)
        if (weather_set(&w->weather, *settings) != 0)
            sim_fail(w, "no such weather: %s", *settings);
    w->letter_of = map_new();
    w->flight_of = map_new();
    w->subject_of = map_new();
    w->attachment_of = map_new();
    w->document_of = map_new();
    service_begin(w);
    memset(&disk, 0, sizeof(disk));
    disk.dice = &w->disk_dice;
    disk.tracking = w->weather.power_cuts != 0;
    disk.liar = w->weather.liar != 0;
    disk.quiet = true;
    graph_bind(w);
    if (host_install(w, &err) != 0)
        sim_fail(w, "no storage: %s", err.text);
    else
        people_come(w);
    return w;
}

void world_free(struct world **world)
{
    struct world *w = *world;
    struct vec *all[] = { &w->heap,        &w->people,      &w->messages,
                          &w->posts,       &w->statuses,    &w->letters,
                          &w->flights,     &w->requests,    &w->forgets,
                          &w->unsettled,   &w->attachments, &w->documents,
                          &w->leaf_hashes, &w->dirty };

    host_stop(w); /* errands that it still has are answered */
    service_end(w);
    disk_disarm();
    disk.dead = false;
    disk_wipe();
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        free(all[i]->p);
    map_free(&w->letter_of);
    map_free(&w->flight_of);
    map_free(&w->subject_of);
    map_free(&w->attachment_of);
    map_free(&w->document_of);
    policy_set_free(&w->policies);
    ledger_gate_free(&w->gate);
    keyring_free(&w->keyring);
    secret_free(&w->custody);
    free(w);
    *world = NULL;
}
