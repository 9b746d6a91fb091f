/* Graph and the intake: what the registrar's effects lead to. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "registrar/registrar_private.h"
#include "store/store_private.h"

#define LETTER(w, i) VEC_AT(&(w)->letters, struct letter, i)
#define FLIGHT(w, i) VEC_AT(&(w)->flights, struct flight, i)

/* While effects are handed over the process may die: what comes after never
 * happened. */
static bool gone(struct world *w)
{
    if (w->releasing_ends && w->release_left-- == 0) {
        disk.dead = true;
        w->releasing_ends = false;
    }
    return disk.dead;
}

static bool trouble(struct world *w)
{
    return !w->calm && dice_percent(&w->dice, w->weather.trouble);
}

/* An answer that never comes, or long after its lease. */
static bool lost(struct world *w)
{
    return trouble(w) && dice_one_in(&w->dice, 10);
}

/* ---- sends ------------------------------------------------------------- */

/* A question's answer, or a row with an id of its own. */
static void read_id(struct world *w, struct letter *l, const char *id)
{
    static const char *const verbs[] = { "grant", "refuse", "other",
                                         "withdraw" };
    static const uint8_t kinds[] = { M_GRANT, M_REFUSE, M_OTHER_BUTTON,
                                     M_WITHDRAW };
    char v[16], purpose[48], version[16], row[ROW_ID];
    struct button *b = &l->buttons[l->nbuttons];
    int parts =
        sscanf(id, "%15[^/\"]/%47[^/\"]/%15[^/\"]", v, purpose, version);

    if (l->nbuttons == ROWS || parts < 2)
        return;
    memset(b, 0, sizeof(*b));
    b->kind = M_ROW;
    b->policy = l->policy;
    b->purpose = PURPOSES;
    for (int i = 0; i < 4 && parts == 3; i++)
        if (strcmp(v, verbs[i]) == 0)
            b->kind = kinds[i];
    if (b->kind == M_ROW) {
        (void)snprintf(row, sizeof(row), "%.*s", (int)strcspn(id, "\""), id);
        b->row = row_new(w, row);
    } else {
        for (int i = 0; i < PURPOSES; i++)
            if (strcmp(purpose, sim_purposes[i]) == 0)
                b->purpose = (uint8_t)i;
        memcpy(b->version, version, sizeof(b->version));
        l->prompt = true;
    }
    l->nbuttons++;
}

static void read_body(struct world *w, struct letter *l, uint32_t index,
                      const char *json)
{
    static const char key[] = "\"id\":\"";

    for (const char *p = json; (p = strstr(p, key)) != NULL;) {
        p += sizeof(key) - 1;
        read_id(w, l, p);
    }
    for (uint32_t i = 0; i < l->nbuttons; i++)
        l->buttons[i].letter = index;
}

/* The person that a request is addressed to, by what it says itself. */
static bool addressee(struct world *w, const char *json, uint32_t *person)
{
    char to[64];

    if (leaf_field(json, "\"to\":\"+57300", to, sizeof(to)) ||
        leaf_field(json, "\"recipient\":\"CO.", to, sizeof(to))) {
        *person = (uint32_t)strtoul(to, NULL, 10);
        return *person < w->people.n;
    }
    return false;
}

static struct letter *letter_for(struct world *w, const char *outbox,
                                 const char *number, const char *json,
                                 uint32_t *index)
{
    struct letter *l;
    uint32_t person;

    if (!addressee(w, json, &person)) {
        sim_fail(w, "message %s is addressed to nobody: %.200s", outbox, json);
        return NULL;
    }
    if (!map_get(w->letter_of, outbox, index)) {
        l = vec_add(&w->letters, sizeof(*l));
        *index = (uint32_t)w->letters.n - 1;
        map_put(w->letter_of, outbox, *index);
        (void)snprintf(l->outbox, sizeof(l->outbox), "%s", outbox);
        l->person = person;
        l->policy = strcmp(number, sim_numbers[CO]) == 0 ? CO : ES;
        read_body(w, l, *index, json);
        casework_letter(w, *index);
    }
    l = LETTER(w, *index);
    if (l->person != person)
        sim_fail(w, "message %s changed its addressee", outbox);
    if (!leaf_field(json, "\"biz_opaque_callback_data\":\"", l->attempt,
                    sizeof(l->attempt)))
        sim_fail(w, "message %s carries no attempt", outbox);
    return l;
}

static void on_send(void *arg, const char *outbox, const char *number,
                    const char *body, size_t len)
{
    struct world *w = arg;
    struct letter *l;
    char *json;
    uint32_t index;

    if (gone(w))
        return;
    json = strndup(body, len);
    l = letter_for(w, outbox, number, json, &index);
    trace_text(&w->trace, json);
    if (l != NULL)
        outward_letter(w, index, json);
    free(json);
    if (l == NULL || w->failed)
        return;
    l = LETTER(w, index);
    l->attempts++;
    happen(w, w->now + dice_around(&w->dice, 200), H_GRAPH, index, 0);
}

/* Accepted: it will be seen, and statuses follow in any order. */
static void accept(struct world *w, uint32_t index)
{
    struct letter *l = LETTER(w, index);
    static const uint8_t order[4][3] = {
        { 0, 1, 2 }, { 1, 0, 2 }, { 2, 1, 0 }, { 0, 2, 1 }
    };
    const uint8_t *what = order[dice_below(&w->dice, 4)];

    l->accepted++;
    if (l->accepted > 1 && !(l->prompt && l->unsure))
        sim_fail(w, "message %s of %s reached the person %u times", l->outbox,
                 l->prompt ? "a prompt" : "no prompt", l->accepted);
    outward_accepted(w, index);
    (void)snprintf(l->wamid, sizeof(l->wamid), "wamid.O%u.%u", index,
                   l->accepted);
    for (uint32_t i = 0; i < l->nbuttons; i++)
        memcpy(l->buttons[i].context, l->wamid, sizeof(l->wamid));
    happen(w, w->now + dice_around(&w->dice, 500), H_SEEN, index, 0);
    for (int i = 0; i < 3 && !dice_one_in(&w->dice, 3); i++) {
        struct status *s = vec_add(&w->statuses, sizeof(*s));
        uint32_t item = (uint32_t)(w->statuses.n - 1) | STATUS_BIT;

        s->letter = index;
        s->what = what[i];
        meta_post(w, &item, 1, 100 * i + dice_around(&w->dice, 1000));
    }
}

/* Graph has the request: what it does, and what it answers. */
void graph_arrives(struct world *w, const struct happening *h)
{
    struct letter *l = LETTER(w, h->index);
    enum send_end end = SEND_OK;

    if (h->life != w->life) { /* sent by a process that is dead now */
        l->unsure = true;
        if (dice_below(&w->dice, 2))
            accept(w, h->index);
        return;
    }
    if (trouble(w)) {
        static const enum send_end ends[] = { SEND_UNKNOWN, SEND_UNKNOWN,
                                              SEND_RETRY,   SEND_RETRY,
                                              SEND_RETRY,   SEND_PERMANENT };
        end = ends[dice_below(&w->dice, 6)];
        if (dice_one_in(&w->dice, 20))
            end = SEND_TOKEN;
    }
    if (end == SEND_UNKNOWN)
        l->unsure = true;
    if (end == SEND_OK || (end == SEND_UNKNOWN && dice_below(&w->dice, 2)))
        accept(w, h->index);
    happen(w, w->now + dice_around(&w->dice, 400), H_SENT, h->index, end);
}

static void token_gone(struct world *w)
{
    if (!w->token_waits)
        happen(w, w->now + dice_around(&w->dice, 300 * MSEC_S), H_TOKEN, 0, 0);
    w->token_waits = true;
}

void graph_answers(struct world *w, const struct happening *h)
{
    struct letter *l = LETTER(w, h->index);
    enum send_end end = (enum send_end)h->detail;

    if (h->life != w->life) { /* nobody hears it */
        l->unsure = true;
        return;
    }
    if (end == SEND_TOKEN)
        token_gone(w);
    if (end == SEND_PERMANENT)
        outward_refused(w, h->index);
    if (lost(w)) {
        l->unsure = true;
        return;
    }
    *(uint32_t *)vec_add(&w->unsettled, sizeof(uint32_t)) = h->index;
    if (registrar_post_sent(w->registrar, l->outbox, end,
                            end == SEND_RETRY ? 131056 : 0,
                            end == SEND_OK ? l->wamid : NULL) != 0)
        sim_fail(w, "an answer of Graph was refused");
}

/* ---- fetches ----------------------------------------------------------- */

static const enum intake_end bad_ends[] = { INTAKE_RETRY,    INTAKE_RETRY,
                                            INTAKE_RETRY,    INTAKE_REFUSED,
                                            INTAKE_REFUSED,  INTAKE_BAD_HASH,
                                            INTAKE_BAD_HASH, INTAKE_JUDGE_DIED,
                                            INTAKE_TOKEN };

/* Which message announced it. */
static uint32_t file_of(const struct fetch_order *order)
{
    return (uint32_t)strtoul(order->media_id, NULL, 10) - 1000000;
}

/* P1, at the very moment at which the request would go out. */
static void check_basis(struct world *w, const struct fetch_order *order)
{
    const struct attachment *a;
    uint32_t index, file = file_of(order);

    model_look(w);
    if (!map_get(w->attachment_of, order->attachment, &index)) {
        sim_fail(w, "%s is fetched and the ledger does not know it",
                 order->attachment);
        return;
    }
    a = VEC_AT(&w->attachments, struct attachment, index);
    if (a->state != F_FETCHING)
        sim_fail(w, "%s is fetched and the ledger does not say so", a->id);
    for (int i = 0; i < PURPOSES; i++)
        if ((a->purposes & (1u << i)) != 0 &&
            VEC_AT(&w->people, struct person, a->person)
                    ->standing[a->policy][i]
                    .state != S_GIVEN)
            sim_fail(w, "%s is fetched without a yes to %s", a->id,
                     sim_purposes[i]);
    if (!casework_mandate(w, a))
        sim_fail(w, "%s is fetched, and may be a child's", a->id);
    if (file >= w->messages.n ||
        VEC_AT(&w->messages, struct message, file)->person != a->person)
        sim_fail(w, "%s is fetched with somebody else's media id", a->id);
}

static void on_fetch(void *arg, const struct fetch_order *order)
{
    struct world *w = arg;
    struct flight *f;
    uint32_t index;
    msec took;

    if (gone(w))
        return;

    if (w->weather.reader_stays)
        check_basis(w, order);
    if (w->failed)
        return;
    f = vec_add(&w->flights, sizeof(*f));
    index = (uint32_t)w->flights.n - 1;
    f->order = *order;
    f->life = w->life;
    f->outcome = INTAKE_STORED;
    if (trouble(w))
        f->outcome = (uint8_t)bad_ends[dice_below(&w->dice, 9)];
    map_put(w->flight_of, order->attachment, index);
    trace_text(&w->trace, order->payload);
    took = dice_around(&w->dice, dice_one_in(&w->dice, 10) ? 20000 : 800);
    if (f->outcome == INTAKE_STORED || dice_below(&w->dice, 2))
        happen(w, w->now + took / 2, H_JUDGING, index, 0);
    if (lost(w)) { /* after its lease somebody else is at it */
        if (dice_below(&w->dice, 2))
            return;
        took += 2 * FETCH_LEASE;
    }
    happen(w, w->now + took, H_LANDED, index, 0);
    if (dice_percent(&w->dice, w->weather.spite))
        happen(w, w->now + took * dice_below(&w->dice, 5) / 4, H_ACT,
               VEC_AT(&w->messages, struct message, file_of(order))->person, 2);
}

static void on_cancel(void *arg, const char *attachment)
{
    struct world *w = arg;
    uint32_t index;

    if (gone(w))
        return;
    if (map_get(w->flight_of, attachment, &index))
        FLIGHT(w, index)->cancelled = true;
}

/* The payload gets its file, as the intake's worker would make it. */
static bool link_payload(struct world *w, const struct flight *f,
                         struct intake_result *result)
{
    struct store blobs = { .payloads = w->payloads };
    struct error err = { 0 };
    uint8_t bytes[96];
    size_t n = 40 + dice_below(&w->dice, 56);
    enum disk_fault fault = disk.fault;
    bool ok = false;
    int fd;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)dice_next(&w->dice);
    disk.fault = DISK_OK;
    if ((fd = blob_new(&blobs, &err)) >= 0) {
        ok = fd_write_all(fd, bytes, n) == 0 &&
             blob_link(&blobs, fd, f->order.payload, &err) == 0;
        (void)close(fd);
    }
    disk.fault = fault;
    if (!ok)
        sim_fail(w, "a payload cannot be linked: %s", err.text);
    sha256_of(result->payload_sha256, bytes, n);
    result->payload_size = (int64_t)n;
    result->size = (int64_t)n - 32;
    result->linked = true;
    return ok;
}

static void fill_result(struct world *w, struct flight *f,
                        struct intake_result *r)
{
    static const char *const refused[] = { "type", "size", "unavailable" };

    memcpy(r->attachment, f->order.attachment, ID_SIZE);
    memcpy(r->payload, f->order.payload, ID_SIZE);
    r->epoch = f->order.epoch;
    r->end = (enum intake_end)f->outcome;
    if (f->cancelled && !dice_one_in(&w->dice, 10))
        r->end = INTAKE_CANCELLED;
    if (r->end == INTAKE_REFUSED)
        (void)snprintf(r->reason, sizeof(r->reason), "%s",
                       refused[dice_below(&w->dice, 3)]);
    if (r->end == INTAKE_RETRY)
        (void)snprintf(r->reason, sizeof(r->reason), "%s",
                       dice_one_in(&w->dice, 10) ? "host" : "server");
    if (r->end == INTAKE_STORED || r->end == INTAKE_JUDGE_DIED ||
        (r->end == INTAKE_BAD_HASH && f->order.last_hash_try)) {
        (void)link_payload(w, f, r);
        (void)buf_adds(&r->header, "age-encryption.org/v1\n-> X25519 s\n---\n");
        (void)snprintf(r->media_type, sizeof(r->media_type), "image/jpeg");
    }
    if (r->end == INTAKE_STORED && trouble(w) && dice_one_in(&w->dice, 4))
        (void)snprintf(r->finding, sizeof(r->finding), "macro");
}

void graph_lands(struct world *w, const struct happening *h)
{
    struct flight *f = FLIGHT(w, h->index);
    struct intake_result result = { 0 };

    if (h->life != w->life)
        return;
    if (h->kind == H_JUDGING) {
        memcpy(result.attachment, f->order.attachment, ID_SIZE);
        result.end = INTAKE_JUDGING;
    } else {
        fill_result(w, f, &result);
        f->ended = true;
        if (result.end == INTAKE_TOKEN)
            token_gone(w);
    }
    if (registrar_post_intake(w->registrar, &result) != 0)
        sim_fail(w, "a result of the intake was refused");
}

void graph_settled(struct world *w)
{
    w->unsettled.n = 0;
}

/* Answers that were heard and not committed are as good as never given. Some
 * transfers had their payload linked, and nobody told of it. */
void graph_crash(struct world *w)
{
    bool dead = disk.dead;

    disk.dead = false;
    for (size_t i = 0; i < w->unsettled.n; i++)
        LETTER(w, *VEC_AT(&w->unsettled, uint32_t, i))->unsure = true;
    w->unsettled.n = 0;
    for (size_t i = w->flights.n; i-- > 0;) {
        struct flight *f = FLIGHT(w, i);
        struct intake_result result = { 0 };

        if (f->life + 1 != w->life)
            break;
        if (!f->ended && f->outcome == INTAKE_STORED &&
            dice_below(&w->dice, 3) == 0)
            (void)link_payload(w, f, &result);
        f->ended = true;
    }
    disk.dead = dead;
}

static void on_forget(void *arg, const char *attachment, const char *number,
                      const char *media_id)
{
    struct world *w = arg;

    (void)number, (void)media_id;
    if (gone(w))
        return;
    memcpy(vec_add(&w->forgets, ID_SIZE), attachment, ID_SIZE);
    happen(w, w->now + dice_around(&w->dice, 300), H_FORGOTTEN,
           (uint32_t)w->forgets.n - 1, trouble(w));
}

static void on_forget_contact(void *arg, const char *what, const char *number,
                              const char *bsuid)
{
    (void)bsuid;
    on_forget(arg, what, number, "");
}

static void on_answer(void *arg, uint64_t request, unsigned status)
{
    struct world *w = arg;

    if (!gone(w))
        meta_answer(w, request, status);
}

void graph_bind(struct world *w)
{
    w->effects =
        (struct registrar_effects){ w,         on_answer,        NULL,
                                    on_fetch,  on_cancel,        on_send,
                                    on_forget, on_forget_contact };
}
