/* What the model's files about the service share. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct map **maps(struct world *w, size_t i)
{
    struct map **all[] = { &w->case_of,     &w->asked_of, &w->notice_of,
                           &w->talk_of,     &w->check_of, &w->delivery_of,
                           &w->question_of, NULL };
    return all[i];
}

void service_begin(struct world *w)
{
    for (size_t i = 0; maps(w, i) != NULL; i++)
        *maps(w, i) = map_new();
}

void service_end(struct world *w)
{
    struct vec *all[] = { &w->cases,  &w->asked,     &w->notices,
                          &w->talks,  &w->checks,    &w->deliveries,
                          &w->orders, &w->questions, &w->rows };

    staff_lost(w);
    free(w->errands.p);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        free(all[i]->p);
    for (size_t i = 0; maps(w, i) != NULL; i++)
        map_free(maps(w, i));
}

/* ---- leaves -------------------------------------------------------------- */

msec leaf_msec(const struct leaf *l, const char *key)
{
    char text[TIME_SIZE];
    msec time = 0;

    (void)leaf_field(l->json, key, text, sizeof(text));
    (void)time_parse(text, &time);
    return time;
}

int64_t leaf_number(const struct leaf *l, const char *key)
{
    const char *p = strstr(l->json, key);

    return p == NULL ? -1 : strtoll(p + strlen(key), NULL, 10);
}

int64_t leaf_case(struct world *w, const struct leaf *l)
{
    char id[STORE_CASE_SIZE];
    const struct sim_case *c;
    uint32_t index;

    if (!leaf_field(l->json, "\"case_id\":\"", id, sizeof(id)) ||
        !map_get(w->case_of, id, &index)) {
        sim_fail(w, "leaf %llu: %s of no case", (unsigned long long)l->index,
                 l->event);
        return -1;
    }
    c = VEC_AT(&w->cases, struct sim_case, index);
    if (c->person != l->who || c->policy != l->policy) {
        sim_fail(w, "leaf %llu: %s of somebody else's case",
                 (unsigned long long)l->index, l->event);
        return -1;
    }
    return index;
}

/* Did they send such a message, at the second that the leaf names? */
bool leaf_was_sent(struct world *w, const struct leaf *l, message_fits fits,
                   const void *arg)
{
    int64_t second = leaf_msec(l, "\"provider_time\":\"") / MSEC_S;
    const struct person *p = VEC_AT(&w->people, struct person, l->who);

    for (uint32_t i = p->newest; i != 0;) {
        const struct message *m = VEC_AT(&w->messages, struct message, i - 1);

        i = m->next_of_person;
        if (m->provider_s < second)
            break;
        /* A clock that is behind cuts the times that it finds ahead. */
        if (m->posted && (m->provider_s == second || w->behind) &&
            fits(w, m, arg))
            return true;
    }
    return false;
}

/* ---- what there was ------------------------------------------------------ */

void service_said(const struct world *w, char *out, size_t cap)
{
    unsigned complete = 0, rated = 0, overdue = 0, reminded = 0, sent = 0;

    for (size_t i = 0; i < w->cases.n; i++) {
        const struct sim_case *c = VEC_AT(&w->cases, struct sim_case, i);

        complete += c->promises > 0;
        rated += c->rated > 0;
    }
    for (size_t i = 0; i < w->asked.n; i++)
        overdue += VEC_AT(&w->asked, struct sim_request, i)->overdue;
    for (size_t i = 0; i < w->notices.n; i++)
        reminded += VEC_AT(&w->notices, struct sim_notice, i)->accepted;
    for (size_t i = 0; i < w->deliveries.n; i++)
        sent += VEC_AT(&w->deliveries, struct sim_delivery, i)->sent;
    (void)snprintf(out, cap,
                   " cases=%zu complete=%u rated=%u requests=%zu overdue=%u"
                   " reminders=%zu reminded=%u talks=%zu sent=%u orders=%zu",
                   w->cases.n, complete, rated, w->asked.n, overdue,
                   w->notices.n, reminded, w->talks.n, sent, w->orders.n);
}
