/*
 * SHA-256 of many short texts. The processor's own instructions for it take
 * their time one after the other, and half of it is waiting; a second text
 * beside the first one is hashed in those gaps. Where there are no such
 * instructions libcrypto hashes one text after the other.
 */
#include "sha256_private.h"

#include <string.h>

/* What is still to do. */
struct many {
    uint8_t (*out)[SHA256_LEN];
    uint8_t tag;
    const struct sha256_text *texts;
    size_t n;
};

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>

#define WITH_SHA __attribute__((target("sha,sse4.1")))
#define INLINE   static inline __attribute__((always_inline)) WITH_SHA
#define UNSET    __attribute__((uninitialized)) /* written before it is read */
#define LANES    2u
#define QUADS    16u /* of rounds */

/* FIPS 180-4, 4.2.2. */
static const uint32_t constants[4 * QUADS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

/* Words as the instructions want them: A, B, E, F and C, D, G, H, the first
 * one highest. */
struct state {
    __m128i abef, cdgh;
};

/* A text on its way. */
struct lane {
    struct state state;
    const uint8_t *next; /* block */
    size_t left;         /* blocks */
    uint8_t *out;
    uint8_t text[SHA256_SHORT];
};

/* Bytes of each word the other way round. */
INLINE __m128i big_endian(__m128i words)
{
    return _mm_shuffle_epi8(
        words, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

INLINE __m128i load(const uint8_t *p)
{
    return big_endian(_mm_loadu_si128((const __m128i *)(const void *)p));
}

/* Four rounds, and of the four words that they used the four that come 16
 * later. */
INLINE void quad(struct state *s, __m128i w[static 4], unsigned i)
{
    const __m128i *k = (const __m128i *)(const void *)(constants + 4 * i);
    __m128i sum = _mm_add_epi32(w[i % 4], _mm_loadu_si128(k));

    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
    s->abef =
        _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (i + 4 >= QUADS)
        return;
    w[i % 4] = _mm_sha256msg2_epu32(
        _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]),
                      _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4)),
        w[(i + 3) % 4]);
}

INLINE void both(struct state s[static LANES], __m128i w[static LANES][4],
                 unsigned i)
{
    quad(&s[0], w[0], i);
    quad(&s[1], w[1], i);
}

INLINE void all_quads(struct state s[static LANES], __m128i w[static LANES][4])
{
    both(s, w, 0), both(s, w, 1), both(s, w, 2), both(s, w, 3);
    both(s, w, 4), both(s, w, 5), both(s, w, 6), both(s, w, 7);
    both(s, w, 8), both(s, w, 9), both(s, w, 10), both(s, w, 11);
    both(s, w, 12), both(s, w, 13), both(s, w, 14), both(s, w, 15);
}

INLINE void add(struct state *s, const struct state *before)
{
    s->abef = _mm_add_epi32(s->abef, before->abef);
    s->cdgh = _mm_add_epi32(s->cdgh, before->cdgh);
}

INLINE void keep(struct lane *lane, const struct state *s, size_t blocks)
{
    lane->state = *s;
    lane->next += blocks * SHA256_BLOCK;
    lane->left -= blocks;
}

/* So many blocks of both. */
WITH_SHA static void run(struct lane *a, struct lane *b, size_t blocks)
{
    struct state s[LANES] = { a->state, b->state };

    for (size_t k = 0; k < blocks; k++) {
        const struct state before[LANES] = { s[0], s[1] };
        __m128i w[LANES][4];

        for (size_t i = 0; i < 4; i++) {
            w[0][i] = load(a->next + k * SHA256_BLOCK + 16 * i);
            w[1][i] = load(b->next + k * SHA256_BLOCK + 16 * i);
        }
        all_quads(s, w);
        add(&s[0], &before[0]);
        add(&s[1], &before[1]);
    }
    keep(a, &s[0], blocks);
    keep(b, &s[1], blocks);
}

WITH_SHA static void take(struct lane *lane, uint8_t out[static SHA256_LEN],
                          uint8_t tag, const struct sha256_text *text)
{
    /* FIPS 180-4, 5.3.3. */
    lane->state.abef =
        _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
    lane->state.cdgh =
        _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
    lane->text[0] = tag;
    if (text->len > 0)
        memcpy(lane->text + 1, text->p, text->len);
    lane->left = sha256_pad(lane->text, text->len + 1) / SHA256_BLOCK;
    lane->next = lane->text;
    lane->out = out;
}

WITH_SHA static void give(const struct lane *lane)
{
    __m128i abcd = _mm_unpackhi_epi64(lane->state.abef, lane->state.cdgh);
    __m128i efgh = _mm_unpacklo_epi64(lane->state.abef, lane->state.cdgh);
    __m128i *out = (__m128i *)(void *)lane->out;

    _mm_storeu_si128(out, big_endian(_mm_shuffle_epi32(abcd, 0xb1)));
    _mm_storeu_si128(out + 1, big_endian(_mm_shuffle_epi32(efgh, 0xb1)));
}

/* The next text that a lane has room for, if any; longer ones are hashed on the
 * way there. */
static void take_next(struct lane *lane, struct many *m)
{
    for (; m->n > 0 && lane->left == 0; m->n--, m->out++, m->texts++)
        if (SHA256_PADDED(m->texts->len + 1) <= SHA256_SHORT)
            take(lane, *m->out, m->tag, m->texts);
        else
            sha256_of_tagged(*m->out, m->tag, m->texts->p, m->texts->len);
}

/* The last one runs beside a copy of itself, which costs nothing. */
static void copy(struct lane *to, const struct lane *from)
{
    to->state = from->state;
    to->next = from->next;
    to->left = from->left;
    to->out = from->out;
}

/* Whichever lane is done takes the next text. */
static void in_lanes(struct many *m)
{
    UNSET struct lane room[LANES];
    struct lane *const a = &room[0], *const b = &room[1];

    a->left = b->left = 0;
    for (;;) {
        if (a->left == 0)
            take_next(a, m);
        if (b->left == 0)
            take_next(b, m);
        if (a->left == 0 && b->left == 0)
            return;
        if (a->left == 0)
            copy(a, b);
        else if (b->left == 0)
            copy(b, a);
        run(a, b, a->left < b->left ? a->left : b->left);
        if (a->left == 0)
            give(a);
        if (b->left == 0)
            give(b);
    }
}

/* Asked once: in a virtual machine the answer takes its time. */
static bool has_sha;

static void ask(void)
{
    unsigned a, b, c, d;

    has_sha = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0 &&
              __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
              (b & bit_SHA) != 0;
}

static bool try_lanes(struct many *m)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, ask);
    if (has_sha)
        in_lanes(m);
    return has_sha;
}

#else

static bool try_lanes(struct many *m)
{
    (void)m;
    return false;
}
#endif

void sha256_of_many(uint8_t (*out)[SHA256_LEN], uint8_t tag,
                    const struct sha256_text *texts, size_t n)
{
    struct many m = { out, tag, texts, n };

    if (try_lanes(&m))
        return;
    for (size_t i = 0; i < n; i++)
        sha256_of_tagged(out[i], tag, texts[i].p, texts[i].len);
}
