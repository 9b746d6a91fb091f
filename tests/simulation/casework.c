/*
 * The model of cases: what they were opened for, which document a file is for,
 * when they are complete, and who may act for whom.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERSON(w, i)  VEC_AT(&(w)->people, struct person, i)
#define MESSAGE(w, i) VEC_AT(&(w)->messages, struct message, i)
#define OF_CASE(w, i) VEC_AT(&(w)->cases, struct sim_case, i)

static void broken(struct world *w, const struct leaf *l, const char *what)
{
    sim_fail(w, "leaf %llu: %s: %s", (unsigned long long)l->index, l->event,
             what);
}

static const struct sim_item *item_of(const struct sim_case *c, int item)
{
    return &sim_procedures[c->procedure].items[item];
}

/* ---- opened, complete, closed -------------------------------------------- */

static bool has_open(struct world *w, uint32_t person, int policy)
{
    for (size_t i = w->cases.n; i-- > 0;)
        if (OF_CASE(w, i)->person == person &&
            OF_CASE(w, i)->policy == policy && OF_CASE(w, i)->state == C_OPEN)
            return true;
    return false;
}

static void on_opened(struct world *w, const struct leaf *l)
{
    bool other = has_open(w, l->who, l->policy);
    struct sim_case *c = vec_add(&w->cases, sizeof(*c));
    char procedure[64];
    uint32_t former;

    (void)leaf_field(l->json, "\"case_id\":\"", c->id, sizeof(c->id));
    c->person = l->who;
    c->policy = (uint8_t)l->policy;
    c->procedure = -1;
    if (leaf_field(l->json, "\"procedure\":\"", procedure, sizeof(procedure)) &&
        (c->procedure = (int8_t)sim_procedure(l->policy, procedure)) < 0)
        broken(w, l, "no such procedure");
    if (map_get(w->case_of, c->id, &former))
        broken(w, l, "a second one of that name");
    map_put(w->case_of, c->id, (uint32_t)w->cases.n - 1);
    if (c->procedure < 0 && other &&
        strstr(l->json, "\"actor\":\"system\"") != NULL)
        broken(w, l, "there was one to file it under");
}

static bool is_complete(const struct sim_case *c)
{
    for (int i = 0; c->procedure >= 0 && i < ITEMS; i++)
        if (item_of(c, i)->id != NULL && item_of(c, i)->required &&
            c->stored[i] == 0 && (c->elsewhere & 1u << i) == 0)
            return false;
    return c->procedure >= 0;
}

static void on_completed(struct world *w, const struct leaf *l,
                         struct sim_case *c)
{
    if (c->state != C_OPEN)
        broken(w, l, "it was so, or is closed");
    if (!is_complete(c))
        broken(w, l, "something lacks");
    c->state = C_COMPLETE;
}

static void on_closed(struct world *w, const struct leaf *l, struct sim_case *c)
{
    if (c->state == C_CLOSED)
        broken(w, l, "it was so");
    c->state = C_CLOSED;
    c->closed_at = leaf_msec(l, "\"time\":\"");
}

/* Something of it was no good after all: what was promised begins anew. */
static void on_reopened(struct world *w, const struct leaf *l,
                        struct sim_case *c)
{
    if (c->state != C_COMPLETE)
        broken(w, l, "it was not complete");
    c->state = C_OPEN;
    c->promises = 0;
}

static void on_received(struct world *w, const struct leaf *l,
                        struct sim_case *c)
{
    char item[48];
    int place;

    (void)leaf_field(l->json, "\"item\":\"", item, sizeof(item));
    place = sim_item(c->procedure, item);
    if (place < 0 || c->state == C_CLOSED)
        broken(w, l, "no such item, or over");
    else
        c->elsewhere |= (uint8_t)(1u << place);
}

/* ---- how it was ---------------------------------------------------------- */

static bool is_score(struct world *w, const struct message *m, const void *arg)
{
    int64_t n = *(const int64_t *)arg;
    const char *row = row_id(w, m->row);

    return m->kind == M_SCORE
               ? m->caption == n
               : m->kind == M_ROW && strncmp(row, "rate/", 5) == 0 &&
                     row[strlen(row) - 1] == '0' + n;
}

static void on_rated(struct world *w, const struct leaf *l)
{
    int64_t rating = leaf_number(l, "\"rating\":"), at = -1;

    if (strstr(l->json, "\"case_id\"") != NULL && (at = leaf_case(w, l)) < 0)
        return;
    if (rating < 1 || rating > 5 || !leaf_was_sent(w, l, is_score, &rating))
        broken(w, l, "nobody said so");
    if (at < 0)
        return;
    if (OF_CASE(w, at)->rated++ != 0)
        broken(w, l, "twice");
    if (OF_CASE(w, at)->state != C_CLOSED)
        broken(w, l, "it is not closed");
}

/* ---- who acts for whom --------------------------------------------------- */

static bool begins(struct world *w, const struct message *m, const void *arg)
{
    return m->kind == M_ROW &&
           strncmp(row_id(w, m->row), arg, strlen(arg)) == 0;
}

static bool is_child(struct world *w, const struct message *m, const void *arg)
{
    return m->kind == M_MINOR || begins(w, m, arg);
}

static void on_declared(struct world *w, const struct leaf *l)
{
    int64_t at;
    bool again;

    if (strstr(l->json, "\"case_id\"") == NULL) {
        if (!PERSON(w, l->who)->child)
            broken(w, l, "of nobody under age");
        if (!leaf_was_sent(w, l, begins, "minor/"))
            broken(w, l, "nobody said so");
        PERSON(w, l->who)->child = false;
        return;
    }
    if ((at = leaf_case(w, l)) < 0)
        return;
    again = OF_CASE(w, at)->mandate;
    OF_CASE(w, at)->mandate = true;
    /* Whoever picks a procedure for another again declares it again. */
    if (again && OF_CASE(w, at)->own)
        broken(w, l, "it was declared before");
    if (!leaf_was_sent(w, l, begins, "for/") &&
        !leaf_was_sent(w, l, begins, "child/"))
        broken(w, l, "nobody said so");
}

static void on_child(struct world *w, const struct leaf *l)
{
    if (PERSON(w, l->who)->child)
        broken(w, l, "twice");
    if (!leaf_was_sent(w, l, is_child, "minor/me"))
        broken(w, l, "nobody said so");
    PERSON(w, l->who)->child = true;
}

bool casework_mandate(struct world *w, const struct attachment *a)
{
    const struct sim_case *c =
        a->of_case == 0 ? NULL : OF_CASE(w, a->of_case - 1);
    bool child = a->item >= 0 && item_of(c, a->item)->child;

    return !PERSON(w, a->person)->child &&
           (a->represented ? c->mandate : !child);
}

/* ---- files --------------------------------------------------------------- */

/* Who was asked what it is said so, or nobody asked for it. */
static void check_answer(struct world *w, const struct leaf *l,
                         const struct attachment *a, const char *item)
{
    char id[ROW_ID];
    uint32_t index;

    if (!map_get(w->question_of, a->id, &index) || a->item == UNREQUESTED)
        return;
    (void)snprintf(id, sizeof(id), "item/%s/%s", a->id, item);
    for (uint32_t i = PERSON(w, a->person)->newest; i != 0;) {
        const struct message *m = MESSAGE(w, i - 1);

        i = m->next_of_person;
        if (m->posted && m->kind == M_ROW && strcmp(row_id(w, m->row), id) == 0)
            return;
    }
    broken(w, l, "they were asked what it is, and did not say this");
}

/* All of a case is somebody else's, or what a child's item asks for. */
static void check_whose(struct world *w, const struct leaf *l,
                        const struct attachment *a, struct sim_case *c)
{
    bool child = a->item >= 0 && item_of(c, a->item)->child;

    /* A child's that is no good is refused at once, and nobody's. */
    c->another |= !child && a->represented;
    c->own |= !child && !a->represented;
    if (c->own && c->another)
        broken(w, l, "whose papers are they?");
}

void casework_held(struct world *w, const struct leaf *l, struct attachment *a)
{
    struct sim_case *c;
    char item[48];
    int64_t at;

    a->item = NO_ITEM;
    a->represented = strstr(l->json, "\"represented\":true") != NULL;
    if (!leaf_field(l->json, "\"item\":\"", item, sizeof(item))) {
        if (a->represented || strstr(l->json, "\"case_id\"") != NULL)
            broken(w, l, "a case, and no item");
        return;
    }
    if ((at = leaf_case(w, l)) < 0)
        return;
    c = OF_CASE(w, at);
    a->of_case = (uint32_t)at + 1;
    a->item = (int8_t)sim_item(c->procedure, item);
    if (strcmp(item, "unrequested") == 0)
        a->item = UNREQUESTED;
    memcpy(a->before, c->announced, sizeof(a->before));
    a->elsewhere = c->elsewhere;
    if (a->item == NO_ITEM) {
        broken(w, l, "its case has no such item");
        return;
    }
    if (a->item >= 0) {
        if (c->announced[a->item] < UINT8_MAX)
            c->announced[a->item]++;
        if (a->purposes != item_of(c, a->item)->purposes)
            broken(w, l, "the item needs something else");
    }
    check_whose(w, l, a, c);
    check_answer(w, l, a, item);
}

int64_t casework_filed(struct world *w, const struct leaf *l,
                       const struct attachment *a)
{
    int64_t at = leaf_case(w, l);
    const struct sim_case *own =
        a->of_case == 0 ? NULL : OF_CASE(w, a->of_case - 1);

    if (at < 0)
        return -1;
    if (OF_CASE(w, at)->state == C_CLOSED)
        broken(w, l, "its case is closed");
    if (own != NULL && own->state != C_CLOSED) {
        if (own != OF_CASE(w, at))
            broken(w, l, "it was for another case");
        return at;
    }
    for (size_t i = (size_t)at + 1; i < w->cases.n && w->jumps == 0; i++)
        if (OF_CASE(w, i)->person == a->person &&
            OF_CASE(w, i)->policy == a->policy &&
            OF_CASE(w, i)->state == C_OPEN)
            broken(w, l, "there is a newer case");
    if (OF_CASE(w, at)->state != C_OPEN)
        broken(w, l, "its case is complete");
    return at;
}

/* By what it was called: the item of its case, -1. */
static int named(const struct sim_case *c, const char *title)
{
    for (int i = 0; title != NULL && c->procedure >= 0 && i < ITEMS; i++)
        if (item_of(c, i)->title != NULL &&
            strcmp(item_of(c, i)->title, title) == 0)
            return i;
    return -1;
}

void casework_message(struct world *w, const struct attachment *a,
                      const struct message *m)
{
    const struct sim_case *c;
    const struct sim_item *it;
    int item;

    /* What ended before they said which it is waited for what all need that it
     * might be; nothing of it was fetched. */
    if (a->item < 0 && a->purposes != purposes_of(m->policy, m->file_kind) &&
        (a->item != UNREQUESTED || a->of_case == 0 ||
         (a->state != F_DROPPED && a->state != F_EXPIRED &&
          a->state != F_REFUSED)))
        sim_fail(w, "attachment %s needs other purposes", a->id);
    if (a->of_case == 0)
        return;
    c = OF_CASE(w, a->of_case - 1);
    item = named(c, sim_captions[m->caption].title);
    it = item < 0 ? NULL : item_of(c, item);
    /* Kept with it, or refused for it, however many there are. */
    if (it != NULL && it->kinds != 0 && a->item != item)
        sim_fail(w, "attachment %s is called %s, and is for %d", a->id,
                 it->title, a->item);
    if (it != NULL && it->kinds == 0 && a->item != UNREQUESTED)
        sim_fail(w, "attachment %s is not for the chat, and is for %d", a->id,
                 a->item);
    if (a->item >= 0 && a->state != F_REFUSED &&
        (item_of(c, a->item)->kinds & 1u << m->file_kind) == 0)
        sim_fail(w, "attachment %s is nothing for %s", a->id,
                 item_of(c, a->item)->id);
}

/* ---- questions ----------------------------------------------------------- */

/* About one file, or how one thing was: once each. */
void casework_letter(struct world *w, uint32_t letter)
{
    const struct letter *l = VEC_AT(&w->letters, struct letter, letter);
    const char *row = l->nbuttons == 0 ? "" : row_id(w, l->buttons[0].row);
    char id[ID_SIZE];
    uint32_t index;

    if (strncmp(row, "item/", 5) != 0 && strncmp(row, "rate/", 5) != 0)
        return;
    row += 5;
    (void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(row, "/"), row);
    if (map_get(w->question_of, id, &index)) {
        sim_fail(w, "the question about %s is put twice", id);
        return;
    }
    (void)vec_add(&w->questions, sizeof(struct sim_question));
    map_put(w->question_of, id, (uint32_t)w->questions.n - 1);
}

/* ---- all of it ----------------------------------------------------------- */

bool casework_leaf(struct world *w, const struct leaf *l)
{
    static const struct {
        const char *event;
        void (*fn)(struct world *, const struct leaf *, struct sim_case *);
    } of_case[] = { { "case_completed", on_completed },
                    { "case_closed", on_closed },
                    { "case_reopened", on_reopened },
                    { "case_item_received", on_received } };
    static const struct {
        const char *event;
        void (*fn)(struct world *, const struct leaf *);
    } others[] = { { "case_opened", on_opened },
                   { "case_rated", on_rated },
                   { "representation_declared", on_declared },
                   { "minor_declared", on_child } };
    int64_t at;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(l->event, others[i].event) == 0) {
            others[i].fn(w, l);
            return true;
        }
    for (size_t i = 0; i < sizeof(of_case) / sizeof(of_case[0]); i++)
        if (strcmp(l->event, of_case[i].event) == 0) {
            if ((at = leaf_case(w, l)) >= 0)
                of_case[i].fn(w, l, OF_CASE(w, at));
            return true;
        }
    if (strcmp(l->event, "minor_cleared") != 0)
        return false;
    PERSON(w, l->who)->child = false;
    return true;
}

static void row_case(struct world *w, sqlite3_stmt *st)
{
    static const char *const names[] = { "open", "complete", "closed" };
    const struct sim_case *c;
    uint32_t index;

    if (!map_get(w->case_of, TEXT(st, 0), &index)) {
        sim_fail(w, "case %s is in no leaf", TEXT(st, 0));
        return;
    }
    c = OF_CASE(w, index);
    if (strcmp(TEXT(st, 1), names[c->state]) != 0 ||
        strcmp(TEXT(st, 2),
               c->procedure < 0 ? "" : sim_procedures[c->procedure].id) != 0)
        sim_fail(w, "case %s is %s, the ledger says %s", c->id, TEXT(st, 1),
                 names[c->state]);
}

void casework_rows(struct world *w)
{
    final_each(w, "SELECT id, state, procedure FROM cases", row_case);
}

/* Months later: what nobody asked for is gone, and what has all that it needs
 * is complete. */
void casework_end(struct world *w)
{
    for (size_t i = 0; i < w->documents.n; i++) {
        const struct document *d = VEC_AT(&w->documents, struct document, i);
        const struct attachment *a =
            VEC_AT(&w->attachments, struct attachment, d->attachment);

        if (a->item == UNREQUESTED && !d->retired && !d->blocked &&
            OF_CASE(w, d->of_case)->procedure >= 0 &&
            w->now - d->stored_at > 9 * MSEC_D)
            sim_fail(w, "document %s: nobody asked for it, and it is here",
                     d->id);
    }
    for (size_t i = 0; i < w->cases.n; i++)
        if (OF_CASE(w, i)->state == C_OPEN && is_complete(OF_CASE(w, i)))
            sim_fail(w, "case %s has all, and is not complete",
                     OF_CASE(w, i)->id);
}
