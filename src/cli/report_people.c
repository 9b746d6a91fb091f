/* A table of people by their random ids; open addressing, at most half full. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Ids are random, so that any mixing of their characters will do (FNV-1a). */
static size_t place_of(const char *id)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *id != '\0'; id++)
        h = (h ^ (uint8_t)*id) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32);
}

static struct report_person *find(struct report_person *places, size_t cap,
                                  const char *id)
{
    size_t i = place_of(id) & (cap - 1);

    while (places[i].id[0] != '\0' && strcmp(places[i].id, id) != 0)
        i = (i + 1) & (cap - 1);
    return &places[i];
}

static int grow(struct report_people *t)
{
    size_t cap = t->cap == 0 ? 1024 : t->cap * 2;
    struct report_person *places = calloc(cap, sizeof(*places));

    if (places == NULL)
        return -1;
    for (size_t i = 0; i < t->cap; i++)
        if (t->places[i].id[0] != '\0')
            *find(places, cap, t->places[i].id) = t->places[i];
    free(t->places);
    t->places = places;
    t->cap = cap;
    return 0;
}

struct report_person *report_person(struct report_people *t, const char *id)
{
    struct report_person *p;

    if ((t->n + 1) * 2 > t->cap && grow(t) != 0)
        return NULL;
    p = find(t->places, t->cap, id);
    if (p->id[0] == '\0') {
        (void)snprintf(p->id, sizeof(p->id), "%s", id);
        p->notice = REPORT_NO_NOTICE;
        t->n++;
    }
    return p;
}

void report_people_free(struct report_people *t)
{
    free(t->places);
    *t = (struct report_people){ .places = NULL };
}
