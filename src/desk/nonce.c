/*
 * Nonces: each is for one person, one method and one path, counts once and not
 * for long, so that a signature says what was asked now and is of no use to who
 * overhears it.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

/* Long enough to type a passphrase between nonce and signature. */
#define LIFE ((msec)5 * 60 * MSEC_S)
/* Nobody asks for more at once than there are connections; all of a large team
 * find room. */
#define PLACES 4096u
#define EACH   64u

struct nonce {
    bool used;
    uint32_t uid;
    msec issued;
    uint8_t about[SHA256_LEN];
    char text[NONCE_SIZE];
};

struct nonces {
    pthread_mutex_t lock;
    struct nonce places[PLACES];
};

struct nonces *nonces_new(void)
{
    struct nonces *n = calloc(1, sizeof(*n));

    if (n != NULL)
        pthread_mutex_init(&n->lock, NULL);
    return n;
}

void nonces_free(struct nonces **nonces)
{
    if (*nonces == NULL)
        return;
    pthread_mutex_destroy(&(*nonces)->lock);
    free(*nonces);
    *nonces = NULL;
}

static int about(uint8_t out[static SHA256_LEN], const char *method,
                 const char *path)
{
    struct buf text = { 0 };
    int ok = buf_addf(&text, "%s %s", method, path);

    if (ok == 0)
        sha256_of(out, text.p, text.len);
    buf_free(&text);
    return ok;
}

/* A clock that was set back ends all that was issued after. */
static bool is_over(const struct nonce *n, msec now)
{
    return !n->used || now - n->issued > LIFE || now < n->issued;
}

/* A free place, or the oldest of this person when they have their share. */
static struct nonce *place_for(struct nonces *all, uint32_t uid, msec now)
{
    struct nonce *vacant = NULL, *oldest = NULL;
    unsigned have = 0;

    for (size_t i = 0; i < PLACES; i++) {
        struct nonce *n = &all->places[i];

        if (is_over(n, now)) {
            n->used = false;
            if (vacant == NULL)
                vacant = n;
        } else if (n->uid == uid) {
            have++;
            if (oldest == NULL || n->issued < oldest->issued)
                oldest = n;
        }
    }
    return have >= EACH || vacant == NULL ? oldest : vacant;
}

int nonce_issue(struct nonces *all, const struct nonce_asked *asked,
                char out[static NONCE_SIZE], struct error *e)
{
    uint8_t bytes[NONCE_SIZE / 2], what[SHA256_LEN];
    struct nonce *n;

    if (about(what, asked->method, asked->path) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a nonce");
    random_fill(&random_system, bytes, sizeof(bytes));
    hex_encode(out, bytes, sizeof(bytes));
    pthread_mutex_lock(&all->lock);
    n = place_for(all, asked->uid, asked->now);
    if (n != NULL) {
        *n = (struct nonce){ .used = true,
                             .uid = asked->uid,
                             .issued = asked->now };
        memcpy(n->about, what, sizeof(what));
        memcpy(n->text, out, NONCE_SIZE);
    }
    pthread_mutex_unlock(&all->lock);
    return n != NULL ? 0
                     : error_set(e, ERR_BUSY, "too many requests under way");
}

bool nonce_take(struct nonces *all, const struct nonce_asked *asked,
                const char *text)
{
    uint8_t what[SHA256_LEN];
    bool good = false;

    if (about(what, asked->method, asked->path) != 0)
        return false;
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < PLACES; i++) {
        struct nonce *n = &all->places[i];

        if (!n->used || strcmp(n->text, text) != 0)
            continue;
        good = !is_over(n, asked->now) && n->uid == asked->uid &&
               memcmp(n->about, what, sizeof(what)) == 0;
        n->used = false;
    }
    pthread_mutex_unlock(&all->lock);
    return good;
}
