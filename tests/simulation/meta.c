/* Meta: what people send, and how it reaches us. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resguardo/webhook.h"

#define PERSON(w, i)  VEC_AT(&(w)->people, struct person, i)
#define MESSAGE(w, i) VEC_AT(&(w)->messages, struct message, i)

/* How often files of each kind are sent; the model knows what each needs. */
static const struct {
    const char *type, *mime;
} file_kinds[] = {
    { "image", "image/jpeg" },   { "document", "application/pdf" },
    { "document", "image/png" }, { "audio", "audio/ogg" },
    { "video", "video/mp4" },    { "image", "image/heic" },
};

static msec small_delay(struct world *w)
{
    return dice_around(&w->dice, 1000 * (msec)w->weather.delay_s);
}

/* ---- webhooks ---------------------------------------------------------- */

void meta_post(struct world *w, const uint32_t *items, uint32_t n, msec delay)
{
    struct post *post = vec_add(&w->posts, sizeof(*post));
    uint32_t index = (uint32_t)w->posts.n - 1;

    memcpy(post->items, items, n * sizeof(*items));
    post->n = n;
    post->born = w->now;
    happen(w, w->now + delay, H_DELIVER, index, 0);
    while (dice_percent(&w->dice, w->weather.duplicates))
        happen(w, w->now + delay + small_delay(w), H_DELIVER, index, 0);
    if (dice_one_in(&w->dice, 400)) /* much later, and often */
        for (int i = 0; i < 20; i++)
            happen(w, w->now + delay + dice_around(&w->dice, MSEC_H), H_DELIVER,
                   index, 0);
}

/* What they write that decides nothing: some of it asks for the menu, for a
 * person, how it goes, or for another language. */
static const char *small_talk(uint32_t index)
{
    static const char *const words[] = {
        "hola, buenas tardes",
        "menú",
        "English",
        "asesor",
        "estado",
        "qué falta",
        "mis datos",
        "español",
        "em português",
        "gracias",
        "persona",
        "asistente",
        "para otra persona",
        "menu",
        "qué me falta",
        "trámites",
    };

    return words[index % (sizeof(words) / sizeof(words[0]))];
}

/* The code that staff told them, or (mostly right) another one. */
static const char *digits(struct world *w, const struct message *m)
{
    return m->row == 0 || m->caption == 1
               ? "123456"
               : VEC_AT(&w->checks, struct sim_check, m->row - 1)->code;
}

static const char *word(struct world *w, const struct message *m,
                        uint32_t index)
{
    static const char *const scores[] = { "0", "1", "2", "3", "4", "5" };

    switch ((enum message_kind)m->kind) {
    case M_YES:
        return "Sí, acepto";
    case M_NO:
        return "no acepto";
    case M_OTHER:
        return "Otro canal";
    case M_BAJA:
        return "BAJA";
    case M_STOP:
        return "No más avisos";
    case M_MINOR:
        return "soy menor de edad";
    case M_CODE:
        return digits(w, m);
    case M_SCORE:
        return scores[m->caption];
    default:
        return small_talk(index);
    }
}

static const char *verb(enum message_kind kind)
{
    return kind == M_GRANT      ? "grant"
           : kind == M_REFUSE   ? "refuse"
           : kind == M_WITHDRAW ? "withdraw"
                                : "other";
}

static void write_file(struct buf *out, const struct message *m, uint32_t index)
{
    const char *type = file_kinds[m->file_kind].type;

    (void)buf_addf(out, "\"type\":\"%s\",\"%s\":{", type, type);
    if (m->unfetchable)
        (void)buf_adds(out, "\"id\":\"../x\",");
    else
        (void)buf_addf(out, "\"id\":\"%u\",", index + 1000000);
    (void)buf_addf(out, "\"mime_type\":\"%s\",\"caption\":\"%s\"}",
                   file_kinds[m->file_kind].mime,
                   sim_captions[m->caption].text);
}

static void write_odd(struct buf *out, const struct message *m)
{
    static const char *const odd[] = {
        "\"type\":\"reaction\",\"reaction\":{\"emoji\":\"x\"}",
        "\"type\":\"sticker\",\"sticker\":{\"id\":\"1\"}",
        "\"type\":\"system\",\"system\":{\"body\":\"x\"}",
        "\"type\":\"text\",\"group_id\":\"g\",\"text\":{\"body\":\"BAJA\"}",
        "\"type\":\"edit\",\"edit\":{\"message\":{\"type\":\"image\"}}",
        "\"type\":\"unknown\"",
    };

    (void)buf_adds(out, odd[m->odd % 6]);
}

static void write_message(struct world *w, struct buf *out, uint32_t index)
{
    const struct message *m = MESSAGE(w, index);
    const struct person *p = PERSON(w, m->person);

    (void)buf_addf(out, "\"messages\":[{\"id\":\"wamid.M%u\",", index);
    if (p->shows_phone)
        (void)buf_addf(out, "\"from\":\"%s\",", p->phone);
    if (p->shows_bsuid || !p->shows_phone)
        (void)buf_addf(out, "\"from_user_id\":\"%s\",", p->bsuid);
    (void)buf_addf(out, "\"timestamp\":\"%lld\",", (long long)m->provider_s);
    if (m->context[0] != '\0')
        (void)buf_addf(out, "\"context\":{\"id\":\"%s\"},", m->context);
    if (m->kind == M_FILE)
        write_file(out, m, index);
    else if (m->kind == M_ODD)
        write_odd(out, m);
    else if (m->kind == M_ROW)
        (void)buf_addf(out,
                       "\"type\":\"interactive\",\"interactive\":{\"type\":"
                       "\"list_reply\",\"list_reply\":{\"id\":\"%s\","
                       "\"title\":\"x\"}}",
                       row_id(w, m->row));
    else if (m->kind >= M_GRANT)
        (void)buf_addf(out,
                       "\"type\":\"interactive\",\"interactive\":{\"type\":"
                       "\"button_reply\",\"button_reply\":{\"id\":\"%s/%s/%s\","
                       "\"title\":\"x\"}}",
                       verb(m->kind),
                       m->purpose < PURPOSES ? sim_purposes[m->purpose] : "all",
                       m->version);
    else
        (void)buf_addf(out, "\"type\":\"text\",\"text\":{\"body\":\"%s\"}",
                       word(w, m, index));
    (void)buf_addf(out, "}]");
}

static void write_status(struct world *w, struct buf *out, uint32_t index)
{
    static const char *const names[] = { "sent", "delivered", "read",
                                         "failed" };
    const struct status *s = VEC_AT(&w->statuses, struct status, index);
    const struct letter *l = VEC_AT(&w->letters, struct letter, s->letter);

    (void)buf_addf(out,
                   "\"statuses\":[{\"id\":\"%s\",\"status\":\"%s\",\"timestamp"
                   "\":\"%lld\",\"biz_opaque_callback_data\":\"%s\"}]",
                   l->wamid, names[s->what % 4], (long long)(w->now / MSEC_S),
                   l->attempt);
}

static void write_post(struct world *w, struct buf *out,
                       const struct post *post)
{
    (void)buf_adds(out, "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                        "\"id\":\"1\",\"changes\":[");
    for (uint32_t i = 0; i < post->n; i++) {
        uint32_t item = post->items[i];
        bool status = (item & STATUS_BIT) != 0;
        int policy =
            status
                ? VEC_AT(&w->letters, struct letter,
                         VEC_AT(&w->statuses, struct status, item & ~STATUS_BIT)
                             ->letter)
                      ->policy
                : MESSAGE(w, item)->policy;

        (void)buf_addf(out,
                       "%s{\"field\":\"messages\",\"value\":{\"metadata\":{"
                       "\"phone_number_id\":\"%s\"},",
                       i > 0 ? "," : "", sim_numbers[policy]);
        if (status)
            write_status(w, out, item & ~STATUS_BIT);
        else
            write_message(w, out, item);
        (void)buf_adds(out, "}}");
    }
    (void)buf_adds(out, "]}]}");
}

static void again_later(struct world *w, uint32_t index)
{
    struct post *post = VEC_AT(&w->posts, struct post, index);
    msec wait = 5 * MSEC_S << (post->tries < 10 ? post->tries : 10);

    post->tries++;
    if (post->acked || w->now - post->born > 7 * MSEC_D - 2 * MSEC_H)
        return;
    if (wait > MSEC_H)
        wait = MSEC_H;
    happen(w, w->now + dice_around(&w->dice, wait), H_DELIVER, index, 0);
}

void meta_deliver(struct world *w, uint32_t index)
{
    struct post *post = VEC_AT(&w->posts, struct post, index);
    struct request *request = vec_add(&w->requests, sizeof(*request));
    struct buf body = { 0 };
    struct error err = { 0 };
    struct webhook *webhook;

    write_post(w, &body, post);
    webhook = webhook_parse(body.p, body.len, &err);
    trace_add(&w->trace, body.p, body.len);
    buf_free(&body);
    if (webhook == NULL) {
        sim_fail(w, "a webhook of ours does not parse: %s", err.text);
        return;
    }
    w->events += post->n;
    request->post = index;
    request->open = true;
    for (uint32_t i = 0; i < post->n; i++)
        if ((post->items[i] & STATUS_BIT) == 0) {
            MESSAGE(w, post->items[i])->posted = true;
            PERSON(w, MESSAGE(w, post->items[i])->person)->touched = true;
        }
    if (registrar_post_webhook(w->registrar, w->requests.n, webhook) != 0) {
        request->open = false;
        webhook_free(&webhook);
        again_later(w, index);
    }
}

/* What an acknowledgement promises of a message. */
static void mark(struct world *w, struct message *m, unsigned status)
{
    msec now_s = (w->now + w->skew) / MSEC_S;

    if (m->kind == M_ODD)
        return;
    if (status == 200 && m->provider_s < now_s - 8 * 24 * 3600) {
        if (m->applied == NOT_APPLIED)
            m->applied = TOO_OLD;
    } else if (status == 200) {
        m->applied = APPLIED;
    } else if (disk.io_error && m->applied != APPLIED) {
        m->applied = MAYBE_APPLIED;
    }
}

void meta_answer(struct world *w, uint64_t number, unsigned status)
{
    struct request *request = VEC_AT(&w->requests, struct request, number - 1);
    struct post *post;

    if (number == 0 || number > w->requests.n || !request->open) {
        sim_fail(w, "request %llu was answered twice",
                 (unsigned long long)number);
        return;
    }
    request->open = false;
    trace_int(&w->trace, (int64_t)number * 1000 + status);
    post = VEC_AT(&w->posts, struct post, request->post);
    for (uint32_t i = 0; i < post->n; i++)
        if ((post->items[i] & STATUS_BIT) == 0)
            mark(w, MESSAGE(w, post->items[i]), status);

    /* The answer may get lost on its way. */
    if (status == 200 && (w->calm || !dice_one_in(&w->dice, 100)))
        post->acked = true;
    else
        again_later(w, request->post);
}

void meta_lost(struct world *w)
{
    for (size_t i = w->requests.n; i-- > 0;) {
        struct request *request = VEC_AT(&w->requests, struct request, i);
        const struct post *post = VEC_AT(&w->posts, struct post, request->post);

        if (w->requests.n - i > 2 * LIMIT_QUEUE_EVENTS)
            break;
        if (!request->open)
            continue;
        request->open = false;
        for (uint32_t k = 0; k < post->n; k++)
            if ((post->items[k] & STATUS_BIT) == 0 &&
                MESSAGE(w, post->items[k])->applied != APPLIED &&
                MESSAGE(w, post->items[k])->kind != M_ODD)
                MESSAGE(w, post->items[k])->applied = MAYBE_APPLIED;
        again_later(w, request->post);
    }
}
