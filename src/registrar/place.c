/*
 * What who waits for a person is told: their place in the queue, how long
 * others waited who had a place like it, and when somebody is at the desk.
 */
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * MSEC_S)

/* As people there say it: Monday 30 November 2026 at 08:00. */
static void format_when(char out[static DATE_WORDS_AT_SIZE],
                        const struct policy *policy,
                        const struct policy_language *l, msec at)
{
    msec of_day;
    civil_day day = zone_day(policy->calendar.zone, at, &of_day);

    date_words_at(out, l->tag, day, (int)(of_day / MINUTE));
}

static int by_length(const void *a, const void *b)
{
    msec x = *(const msec *)a, y = *(const msec *)b;

    return (x > y) - (x < y);
}

/* Minutes in which somebody was there. -1: nobody was, so it says nothing of
 * how long it takes when there is. */
static msec minutes_waited(const struct policy *policy, const char *number,
                           const struct handover_wait *w)
{
    const struct hours *hours = policy_hours(policy, number);
    msec all = (w->taken - w->asked) / MINUTE, open;

    if (hours == NULL)
        return all;
    open = hours_between(hours, &policy->calendar, w->asked, w->taken);
    return open == 0 && all > 0 ? -1 : open;
}

/* Was their place like this one: between half of it and twice? What the first
 * of a queue waited says nothing to the 25th. */
static bool is_like(int64_t place, int64_t other)
{
    return other > 0 && other <= 2 * place && place <= 2 * other;
}

/* What the last ones with such a place waited while it was open, in whole
 * minutes: the median. How many agents there are nobody says, and who comes
 * next neither: what happened is honest. -1 failed, 0 nobody waited so of late.
 */
static msec estimate(struct registrar *r, const struct policy *policy,
                     const char *number, int64_t place, struct error *err)
{
    struct handover_wait last[LIMIT_WAITS_SEEN];
    msec waits[LIMIT_WAITS];
    size_t found, n = 0;

    if (handover_waits(r->store, policy->id, r->now - LIMIT_WAITS_D * MSEC_D,
                       last, LIMIT_WAITS_SEEN, &found, err) != 0)
        return -1;
    for (size_t i = 0; i < found && n < LIMIT_WAITS; i++)
        if (is_like(place, last[i].place) &&
            (waits[n] = minutes_waited(policy, number, &last[i])) >= 0)
            n++;
    if (n == 0)
        return 0;
    qsort(waits, n, sizeof(waits[0]), by_length);
    return waits[n / 2] < 1 ? 1 : waits[n / 2];
}

static int fill(struct buf *out, const char *text, const char *key,
                const char *value)
{
    const char *const pairs[] = { key, value, NULL };

    if (out->len > 0 && buf_adds(out, "\n") != 0)
        return -1;
    return policy_fill(out, text, pairs);
}

/* Outside of hours: when somebody is there. Where WhatsApp lets us write no
 * more by then, that they have to. false: nothing can be said of it. */
static bool when_words(const struct conversation_row *row,
                       const struct policy *policy,
                       const struct policy_language *l, msec now,
                       struct buf *out, int *ok)
{
    char when[DATE_WORDS_AT_SIZE];
    const char *text = l->texts[TEXT_PERSON_CLOSED];
    msec opens;

    if (policy_is_open(policy, row->number, now, &opens) || opens == 0)
        return false;
    if (opens >= row->heard + WHATSAPP_WINDOW)
        text = l->texts[TEXT_PERSON_CLOSED_FAR];
    if (text == NULL)
        return false;
    format_when(when, policy, l, opens);
    *ok = fill(out, text, "opens", when);
    return true;
}

static int place_words(struct registrar *r, const struct conversation_row *row,
                       const struct policy *policy, int64_t place,
                       struct buf *out, struct error *err)
{
    const struct policy_language *l = person_language(r, policy, row->subject);
    char number[24], minutes[24];
    msec wait = estimate(r, policy, row->number, place, err);
    int ok;

    if (wait < 0)
        return -1;
    (void)snprintf(number, sizeof(number), "%lld", (long long)place);
    (void)snprintf(minutes, sizeof(minutes), "%lld", (long long)wait);
    ok = fill(out, l->texts[TEXT_PERSON_WAITING], "position", number);
    if (ok == 0 && !when_words(row, policy, l, r->now, out, &ok))
        ok = fill(
            out,
            l->texts[wait > 0 ? TEXT_PERSON_ESTIMATE : TEXT_PERSON_NO_ESTIMATE],
            "minutes", minutes);
    return ok == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for a message");
}

int conversation_tell(struct registrar *r, struct conversation_row *row,
                      const struct policy *policy, int64_t place,
                      struct error *err)
{
    struct buf text = { 0 };
    int ok = place_words(r, row, policy, place, &text, err);

    row->told = r->now;
    if (ok == 0)
        ok = conversation_update(r->store, row, err);
    if (ok == 0)
        ok = mail_say(r, policy, row->subject, row->number, "say",
                      (const char *)text.p, err);
    buf_free(&text);
    return ok;
}
