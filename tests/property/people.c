/* Customers: what they write, tap and send, on purpose or not. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- saying it ---------------------------------------------------------- */

static void remember(struct world *w, int person, enum said what, int policy,
                     int purpose, int64_t second)
{
    struct person *p = &w->people[person];

    p->said = grown(p->said, p->nsaid, &p->said_cap, sizeof(p->said[0]));
    p->said[p->nsaid++] =
        (struct saying){ what, policy, purpose, -1, second, w->now };
}

static void post(struct world *w, const char *phone, int policy,
                 const char *wamid, const char *message, msec at)
{
    struct error e = { 0 };
    struct webhook *webhook;
    struct buf text = { 0 };

    if (buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":"
                 "{\"phone_number_id\":\"800%d\"},\"messages\":[{\"id\":\"%s\","
                 "\"from\":\"%s\",\"timestamp\":\"%lld\",%s}]}}]}]}",
                 policy, wamid, phone, (long long)(at / MSEC_S), message) != 0)
        abort();
    webhook = webhook_parse(text.p, text.len, &e);
    if (webhook == NULL || registrar_post_webhook(w->r, 1, webhook) != 0)
        broken(w, -1, "a webhook was not taken: %s", e.text);
    buf_free(&text);
}

/* Whom the product takes this phone for now. */
static void find_subject(struct world *w, int person)
{
    struct error e = { 0 };
    char id[ID_SIZE];
    struct subject *s;

    w->people[person].subject = -1;
    if (subject_find(w->r->store, HANDLE_PHONE, w->people[person].phone, id,
                     &e) != 1)
        return;
    s = subject_by_id(w, id);
    s->person = person;
    w->people[person].subject = (int)(s - w->subjects);
    for (size_t i = w->people[person].nsaid; i-- > 0;) {
        if (w->people[person].said[i].subject >= 0)
            break;
        w->people[person].said[i].subject = w->people[person].subject;
    }
}

/* One message, and all that it leads to at once. */
void people_post(struct world *w, int person, int policy, const char *message,
                 msec at)
{
    struct person *p = &w->people[person];
    char wamid[40];

    /* Who was erased is a stranger, and spoken to like one. */
    if (p->subject >= 0 && w->subjects[p->subject].gone) {
        if (p->chose != w->now)
            p->languages = 1u << LANG_ES;
        p->subject = -1;
    }
    world_settle(w); /* what else was due is not of this message */
    w->actor = person;
    p->in_step = 0;
    p->heard[policy] = w->now;
    (void)snprintf(wamid, sizeof(wamid), "wamid.IN%u", w->wamids++);
    post(w, p->phone, policy, wamid, message, at);
    if (one_in(w, 30)) { /* Meta sends it again */
        post(w, p->phone, policy, wamid, message, at);
    }
    world_step(w);
    find_subject(w, person);
    if (p->subject >= 0)
        w->subjects[p->subject].wrote = w->now;
    world_settle(w);
    w->actor = -1;
}

static void text_at(struct world *w, int person, int policy, const char *text,
                    msec at)
{
    char message[400];

    tell(w, person, "%d > %s", policy, text);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", text);
    people_post(w, person, policy, message, at);
}

/* ---- words -------------------------------------------------------------- */

enum meaning {
    MEANS_NOTHING,
    MEANS_YES,
    MEANS_NO_ALL,
    MEANS_STOP,
    MEANS_PERSON,
    MEANS_ES,
    MEANS_EN,
    MEANS_PT
};
static const struct {
    const char *text;
    enum meaning means;
} words[] = {
    { "hola", MEANS_NOTHING },
    { "Buenos días, necesito ayuda con mis cesantías", MEANS_NOTHING },
    { "sí", MEANS_YES },
    { "Acepto.", MEANS_YES },
    { "SI", MEANS_YES },
    { "no", MEANS_NOTHING },
    { "leído", MEANS_NOTHING },
    { "ok gracias", MEANS_NOTHING },
    { "BAJA", MEANS_NO_ALL },
    { "revocar", MEANS_NO_ALL },
    { "menú", MEANS_NOTHING },
    { "MENÚ", MEANS_NOTHING },
    { "estado", MEANS_NOTHING },
    { "qué falta", MEANS_NOTHING },
    { "mis datos", MEANS_NOTHING },
    { "persona", MEANS_PERSON },
    { "hablar con una persona", MEANS_PERSON },
    { "asistente", MEANS_NOTHING },
    { "otro canal", MEANS_NOTHING },
    { "no más avisos", MEANS_STOP },
    { "es para otra persona", MEANS_NOTHING },
    { "5", MEANS_NOTHING },
    { "3", MEANS_NOTHING },
    { "418203", MEANS_NOTHING },
    { "English", MEANS_EN },
    { "em português", MEANS_PT },
    { "Español", MEANS_ES },
    { "no, así no es: la foto era de mi hermana", MEANS_NOTHING },
    { "\\u202e\\u0000 grant/case_processing/2026-11", MEANS_NOTHING },
    { "por favor no me escriban más, ya no autorizo", MEANS_NOTHING },
    { "hola, sí acepto, gracias", MEANS_NOTHING },
    { "dale", MEANS_NOTHING },
    { "retiro de cesantías", MEANS_NOTHING },
    { "cuánto falta", MEANS_NOTHING },
    { "ñandú 😀😀😀", MEANS_NOTHING },
};

/* From now on they may be answered in it; surely, where there is room for an
 * answer to say so. */
static void wants_language(struct world *w, int person, int policy,
                           enum meaning means)
{
    static const unsigned bits[] = { [MEANS_ES] = 1u << LANG_ES,
                                     [MEANS_EN] = 1u << LANG_EN,
                                     [MEANS_PT] = 1u << LANG_PT };
    struct person *p = &w->people[person];
    size_t recent = 0;

    if (policy == BANK) /* speaks one */
        return;
    for (size_t i = 0; i < p->nout && i < 64; i++)
        recent += p->out[i] > w->now - MSEC_H;
    p->chose = w->now;
    if (recent >= 8)
        p->languages |= bits[means];
    else
        p->languages = bits[means];
    w->seen.languages++;
}

static void person_is_asked_for(struct world *w, int person, int policy)
{
    const struct person *p = &w->people[person];

    if (p->subject < 0 || w->subjects[p->subject].gone)
        return;
    if (w->subjects[p->subject].mode[policy] == BOT)
        broken(w, person, "asked for a person, and nobody is to come");
    w->seen.persons++;
}

static void say_word(struct world *w, int person, int policy, size_t i, msec at)
{
    const struct policy *of = policy_at(w, policy);

    if (words[i].means == MEANS_NO_ALL)
        remember(w, person, SAID_NO_ALL, policy, -1, at / MSEC_S);
    if (words[i].means == MEANS_YES)
        remember(w, person, SAID_YES_WORD, policy, -1, at / MSEC_S);
    for (int k = 0; words[i].means == MEANS_STOP && k < (int)of->npurposes; k++)
        if ((of->asked & 1u << k) != 0)
            remember(w, person, SAID_NO, policy, k, at / MSEC_S);
    if (words[i].means >= MEANS_ES)
        wants_language(w, person, policy, words[i].means);
    text_at(w, person, policy, words[i].text, at);
    if (words[i].means == MEANS_PERSON)
        person_is_asked_for(w, person, policy);
}

/* Rare: nothing that they say counts afterwards. */
static void say_minor(struct world *w, int person, int policy)
{
    text_at(w, person, policy, "soy menor de edad", w->now);
    if (w->people[person].subject >= 0 && policy != BANK &&
        !w->subjects[w->people[person].subject].gone &&
        !w->subjects[w->people[person].subject].minor)
        broken(w, person, "is under age, and it is not on record");
}

/* ---- taps --------------------------------------------------------------- */

static bool has_prefix(const char *id, const char *prefix)
{
    return strncmp(id, prefix, strlen(prefix)) == 0;
}

/* What a tap says for sure. */
static void remember_tap(struct world *w, int person, int policy,
                         const char *id, msec at)
{
    static const char *const verbs[] = { "grant/", "refuse/", "other/",
                                         "withdraw/" };
    char purpose[64] = "";
    int v = 0, which;

    while (v < 4 && !has_prefix(id, verbs[v]))
        v++;
    if (v == 4 || sscanf(id + strlen(verbs[v]), "%63[a-z0-9_]/", purpose) != 1)
        return;
    which = policy_purpose(policy_at(w, policy), purpose);
    if (v == 3 && strcmp(purpose, "all") == 0)
        remember(w, person, SAID_NO_ALL, policy, -1, at / MSEC_S);
    else if (which >= 0)
        remember(w, person, v == 0 ? SAID_YES : SAID_NO, policy, which,
                 at / MSEC_S);
}

static const char *const request_types[] = { "access",     "correct",
                                             "erase",      "complaint",
                                             "object",     "restrict",
                                             "portability" };

static void after_tap(struct world *w, int person, int policy, const char *id)
{
    if (strcmp(id, "person/ask") == 0)
        person_is_asked_for(w, person, policy);
    for (int t = 0; t < 7 && has_prefix(id, "request/"); t++)
        if (strcmp(id + 8, request_types[t]) == 0)
            request_must_run(w, person, policy, request_types[t]);
}

static void tap_at(struct world *w, int person, int policy, const char *id,
                   msec at)
{
    char message[400];
    int tag;

    tell(w, person, "%d > [%s]", policy, id);
    remember_tap(w, person, policy, id, at);
    for (tag = 0; has_prefix(id, "language/") &&
                  tag < (int)policy_at(w, policy)->nlanguages;
         tag++)
        if (strcmp(policy_at(w, policy)->languages[tag].tag, id + 9) == 0)
            wants_language(w, person, policy,
                           id[9] == 'e' && id[10] == 'n' ? MEANS_EN
                           : id[9] == 'p'                ? MEANS_PT
                                                         : MEANS_ES);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"button_reply\",\"button_reply\":{\"id\":\"%s\",\"title\":"
                   "\"x\"}}",
                   id);
    people_post(w, person, policy, message, at);
    after_tap(w, person, policy, id);
}

/* Ids that nobody was sent, or that were sent long ago. */
static const char *const forged[] = {
    "grant/case_processing/2026-11",
    "grant/sensitive_images/2026-11",
    "grant/voice_notes/2026-11",
    "grant/contact_whatsapp/2026-11",
    "grant/contact_out_of_hours/2026-11",
    "grant/case_processing/2020-01",
    "ack/identity_check/2026-11",
    "ack/contract_file/2026-11",
    "grant/identity_check/2026-11",
    "grant/service_quality/2026-11",
    "refuse/case_processing/2026-11",
    "refuse/sensitive_images/2026-11",
    "refuse/voice_notes/2026-11",
    "other/case_processing/2026-11",
    "withdraw/all/2026-11",
    "withdraw/sensitive_images/2026-11",
    "withdraw/contract_file/2026-11",
    "menu/show",
    "menu/status",
    "menu/data",
    "menu/notices",
    "procedure/cesantias",
    "procedure/beneficiario",
    "procedure/actualizacion",
    "procedure/alta_cuenta",
    "procedure/cambio_datos",
    "procedure/none",
    "person/ask",
    "person/back",
    "request/access",
    "request/correct",
    "request/complaint",
    "request/erase",
    "request/object",
    "request/nothing",
    "item/a00000000000000000000000000/cedula",
    "item/",
    "rate/y00000000000000000000000000/1",
    "for/another",
    "for/heir",
    "for/heir/cesantias",
    "for/parent_guardian/beneficiario",
    "child/AAAA-0000/parent_guardian/heard",
    "child/AAAA-0000/adult",
    "minor/parent_guardian",
    "minor/parent_guardian/heard",
    "minor/parent_guardian/too_young",
    "minor/heir/heard",
    "notices/stop",
    "language/en",
    "language/es-CO",
    "language/es-ES",
    "language/pt-BR",
    "language/xx",
    "language/show",
    "x",
    "////",
};

static void act_tap(struct world *w, int person, int policy)
{
    struct person *p = &w->people[person];
    uint64_t how = draw(w, 20);
    struct tap tap;

    if (p->ntaps == 0 || how == 0) {
        tap_at(w, person, policy,
               forged[draw(w, sizeof(forged) / sizeof(forged[0]))], w->now);
        return;
    }
    if (how == 1) /* of somebody else's screen */
        p = &w->people[draw(w, PEOPLE)];
    if (p->ntaps == 0)
        return;
    /* Mostly what is in front of them, sometimes something old; who is careful
     * taps the first button, which is the one that goes on. */
    if (how < 15)
        tap = p->screen[p->ntaps - 1 - draw(w, p->ntaps < 4 ? p->ntaps : 4)];
    else
        tap = p->screen[draw(w, p->ntaps)];
    if (p->careful && one_in(w, 2))
        for (size_t i = 0; i < p->ntaps; i++)
            if (has_prefix(p->screen[i].id, "grant/") ||
                has_prefix(p->screen[i].id, "ack/") ||
                (one_in(w, 4) && has_prefix(p->screen[i].id, "procedure/")))
                tap = p->screen[i];
    tap_at(w, person, how == 2 ? policy : tap.policy, tap.id, w->now);
}

/* ---- files and the rest ------------------------------------------------- */

static const char *const files[][3] = {
    { "image", "image/jpeg", "cédula" },
    { "image", "image/jpeg", "" },
    { "image", "image/png", "registro civil" },
    { "document", "application/pdf", "" },
    { "document", "application/pdf", "soporte del retiro" },
    { "document", "application/pdf", "recibo" },
    { "document", "image/jpeg", "" },
    { "document", "application/zip", "" },
    { "audio", "audio/ogg", "" },
    { "video", "video/mp4", "" },
    { "image", "", "justificante" },
};

static void act_file(struct world *w, int person, int policy)
{
    int n = one_in(w, 4) ? 1 + (int)draw(w, 4) : 1;

    for (; n > 0; n--) {
        const char *const *f = files[draw(w, sizeof(files) / sizeof(files[0]))];
        char message[300];

        tell(w, person, "%d > (%s %s \"%s\")", policy, f[0], f[1], f[2]);
        (void)snprintf(message, sizeof(message),
                       "\"type\":\"%s\",\"%s\":{\"id\":\"%u\",\"mime_type\":"
                       "\"%s\",\"caption\":\"%s\"}",
                       f[0], f[0], 1000 + w->wamids, f[1], f[2]);
        people_post(w, person, policy, message, w->now);
        world_pass(w, w->now + (msec)draw(w, 3000));
    }
}

/* Nobody answers these. */
static void act_silent(struct world *w, int person, int policy)
{
    static const char *const messages[] = {
        "\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.OUT1\","
        "\"emoji\":\"x\"}",
        "\"type\":\"sticker\",\"sticker\":{\"id\":\"5\",\"mime_type\":"
        "\"image/webp\"}",
        "\"type\":\"location\",\"location\":{\"latitude\":6.2,"
        "\"longitude\":-75.5}",
        "\"type\":\"contacts\",\"contacts\":[]",
        "\"type\":\"unsupported\",\"errors\":[{\"code\":131051}]",
        "\"type\":\"order\"",
        "\"type\":\"system\",\"system\":{\"type\":\"customer_identity_changed"
        "\"}",
    };

    tell(w, person, "%d > something that nobody answers", policy);
    w->silent = true;
    people_post(w, person, policy,
                messages[draw(w, sizeof(messages) / sizeof(messages[0]))],
                w->now);
    w->silent = false;
}

/* What cannot be handed over is answered by a hint, once a day; a stranger is
 * told what this is for. */
static void act_lost(struct world *w, int person, int policy)
{
    static const char *const messages[] = {
        "\"type\":\"unsupported\",\"unsupported\":{\"type\":\"image\"}",
        "\"type\":\"unsupported\",\"unsupported\":{\"type\":"
        "\"media_placeholder\"},\"errors\":[{\"code\":131060}]",
    };

    tell(w, person, "%d > something that does not arrive", policy);
    w->lost = true;
    people_post(w, person, policy,
                messages[draw(w, sizeof(messages) / sizeof(messages[0]))],
                w->now);
    w->lost = false;
}

/* A new number: whoever writes from it is a stranger. */
static void act_moved(struct world *w, int person)
{
    struct person *p = &w->people[person];
    char message[200], former[24], wamid[32];

    if (p->subject < 0)
        return;
    w->subjects[p->subject].left = true;
    memcpy(former, p->phone, sizeof(former));
    (void)snprintf(p->phone, sizeof(p->phone), "57301%07u", w->wamids++);
    tell(w, person, "has another number now");
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"system\",\"system\":{\"type\":"
                   "\"user_changed_number\",\"wa_id\":\"%s\"}",
                   p->phone);
    (void)snprintf(wamid, sizeof(wamid), "wamid.moved%u", w->wamids++);
    post(w, former, CO, wamid, message, w->now);
    world_step(w);
    p->subject = -1;
    p->languages = 1u << LANG_ES;
    p->ntaps = 0;
}

void bot_answers(struct world *w, int person, int policy)
{
    static const char *const said[] = {
        "Gracias por su mensaje. Le responderemos pronto.",
        "¿En qué puedo ayudarle?",
        "menú",
        "English",
        "Español",
        "estado",
        "hola",
    };
    /* Nearly always the same word, and one that is answered. */
    size_t i = one_in(w, 8) ? draw(w, sizeof(said) / sizeof(said[0])) : 2;

    if (i == 3 || i == 4)
        wants_language(w, person, policy, i == 3 ? MEANS_EN : MEANS_ES);
    text_at(w, person, policy, said[i], w->now);
}

/* ---- one thing that somebody does --------------------------------------- */

/* Messages that waited at Meta come with the time at which they were written.
 */
static msec written(struct world *w)
{
    return one_in(w, 12) ? w->now - (msec)draw(w, 40 * MSEC_S) : w->now;
}

void people_act(struct world *w)
{
    int person = (int)draw(w, PEOPLE);
    int policy = (person + (one_in(w, 6) ? 1 : 0)) % POLICIES;
    uint64_t what = draw(w, 100);

    if (w->people[person].bot)
        bot_answers(w, person, policy);
    else if (what < 38)
        say_word(w, person, policy, draw(w, sizeof(words) / sizeof(words[0])),
                 written(w));
    else if (what < 70)
        act_tap(w, person, policy);
    else if (what < 90)
        act_file(w, person, policy);
    else if (what < 98)
        (one_in(w, 3) ? act_lost : act_silent)(w, person, policy);
    else if (one_in(w, 3))
        act_moved(w, person);
    else if (one_in(w, 4))
        say_minor(w, person, policy);
    person_is_near(w, person, policy);
}
