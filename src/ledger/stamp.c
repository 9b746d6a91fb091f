/*
 * Time stamps (RFC 3161): what an authority is asked, and whether what came
 * back is its word about exactly that. libcrypto reads the DER.
 */
#include "resguardo/ledger.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#define NONCE_LEN 16

const char *const stamp_failure_names[STAMP__MAX] = {
    [STAMP_OK] = "ok",
    [STAMP_UNREACHABLE] = "unreachable",
    [STAMP_TIMEOUT] = "timeout",
    [STAMP_STATUS] = "status",
    [STAMP_TOO_LARGE] = "size",
    [STAMP_MALFORMED] = "malformed",
    [STAMP_REFUSED] = "refused",
    [STAMP_MISMATCH] = "mismatch",
    [STAMP_UNTRUSTED] = "untrusted",
    [STAMP_INTERNAL] = "internal",
};

/* ---- asking ------------------------------------------------------------- */

static int set_imprint(TS_REQ *req, const void *bytes, size_t n)
{
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    uint8_t hash[SHA256_LEN];
    int ok = -1;

    sha256_of(hash, bytes, n);
    if (imprint != NULL && algorithm != NULL &&
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL,
                        NULL) == 1 &&
        TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
        TS_MSG_IMPRINT_set_msg(imprint, hash, sizeof(hash)) == 1 &&
        TS_REQ_set_msg_imprint(req, imprint) == 1)
        ok = 0;
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return ok;
}

static int set_nonce(TS_REQ *req, const struct random_source *random)
{
    uint8_t bytes[NONCE_LEN];
    BIGNUM *number;
    ASN1_INTEGER *nonce;
    int ok = -1;

    random_fill(random, bytes, sizeof(bytes));
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    nonce = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
    if (nonce != NULL && TS_REQ_set_nonce(req, nonce) == 1)
        ok = 0;
    ASN1_INTEGER_free(nonce);
    BN_free(number);
    return ok;
}

int stamp_query(struct buf *out, const void *bytes, size_t n,
                const struct random_source *random, struct error *e)
{
    TS_REQ *req = TS_REQ_new();
    unsigned char *der = NULL;
    int len = -1, ok = -1;

    if (req != NULL && TS_REQ_set_version(req, 1) == 1 &&
        set_imprint(req, bytes, n) == 0 && set_nonce(req, random) == 0 &&
        TS_REQ_set_cert_req(req, 1) == 1)
        len = i2d_TS_REQ(req, &der);
    if (len > 0 && buf_add(out, der, (size_t)len) == 0)
        ok = 0;
    else
        (void)error_set(e, ERR_NOMEM, "no memory for a time-stamp query");
    OPENSSL_free(der);
    TS_REQ_free(req);
    return ok;
}

/* ---- checking ----------------------------------------------------------- */

struct checking {
    TS_REQ *req;
    TS_RESP *resp;
    const struct buf *ca;
    time_t at; /* 0: the chain is judged now */
    struct error *e;
};

static enum stamp_failure wrong(const struct checking *c,
                                enum stamp_failure why, const char *words)
{
    (void)error_set(c->e, ERR_VERIFY, "the time stamp %s", words);
    return why;
}

/* One DER value, and nothing behind it. */
static enum stamp_failure parse(struct checking *c, const struct buf *query,
                                const struct buf *answer)
{
    const unsigned char *q = query->p, *a = answer->p;

    if (query->len == 0 || query->len > LIMIT_STAMP_BYTES ||
        (c->req = d2i_TS_REQ(NULL, &q, (long)query->len)) == NULL ||
        q != query->p + query->len)
        return wrong(c, STAMP_MALFORMED, "has a query that is none");
    if (answer->len > LIMIT_STAMP_BYTES)
        return wrong(c, STAMP_TOO_LARGE, "is too large");
    if (answer->len == 0 ||
        (c->resp = d2i_TS_RESP(NULL, &a, (long)answer->len)) == NULL ||
        a != answer->p + answer->len)
        return wrong(c, STAMP_MALFORMED, "is no response of RFC 3161");
    return STAMP_OK;
}

/* PKIStatus 0 granted, 1 granted with modifications. */
static enum stamp_failure granted(const struct checking *c)
{
    TS_STATUS_INFO *info = TS_RESP_get_status_info(c->resp);
    long status =
        info == NULL ? -1 : ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));

    if (status != 0 && status != 1)
        return wrong(c, STAMP_REFUSED, "was not granted");
    if (TS_RESP_get_tst_info(c->resp) == NULL)
        return wrong(c, STAMP_MALFORMED, "was granted, but is not there");
    return STAMP_OK;
}

static enum stamp_failure read_time(const struct checking *c, msec *time)
{
    const ASN1_GENERALIZEDTIME *t =
        TS_TST_INFO_get_time(TS_RESP_get_tst_info(c->resp));
    struct tm tm = { 0 };

    if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
        return wrong(c, STAMP_MALFORMED, "has no time");
    *time = (msec)timegm(&tm) * MSEC_S;
    return STAMP_OK;
}

/* The authorities that we trust; libcrypto wants them in a store. */
static X509_STORE *store_of(const struct checking *c)
{
    X509_STORE *store = X509_STORE_new();
    BIO *in = BIO_new_mem_buf(c->ca->p, (int)c->ca->len);
    X509 *one = NULL;
    int n = 0;

    while (store != NULL && in != NULL &&
           (one = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        n += X509_STORE_add_cert(store, one);
        X509_free(one);
    }
    BIO_free(in);
    if (n == 0) {
        X509_STORE_free(store);
        return NULL;
    }
    if (c->at != 0)
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), c->at);
    return store;
}

/* `flags` more than imprint, nonce and version. */
static bool holds(const struct checking *c, int flags, X509_STORE *store)
{
    TS_VERIFY_CTX *ctx = TS_REQ_to_TS_VERIFY_CTX(c->req, NULL);
    bool ok;

    if (ctx == NULL) {
        X509_STORE_free(store);
        return false;
    }
    (void)TS_VERIFY_CTX_add_flags(ctx, flags);
    if (store != NULL)
        (void)TS_VERIFY_CTX_set_store(ctx, store); /* the context's now */
    ok = TS_RESP_verify_response(ctx, c->resp) == 1;
    TS_VERIFY_CTX_free(ctx);
    return ok;
}

/* The query is one about these bytes. */
static enum stamp_failure about(const struct checking *c, const void *bytes,
                                size_t n)
{
    TS_MSG_IMPRINT *imprint = TS_REQ_get_msg_imprint(c->req);
    const ASN1_OBJECT *algorithm = NULL;
    ASN1_OCTET_STRING *message = TS_MSG_IMPRINT_get_msg(imprint);
    uint8_t hash[SHA256_LEN];

    sha256_of(hash, bytes, n);
    X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    if (OBJ_obj2nid(algorithm) == NID_sha256 &&
        ASN1_STRING_length(message) == SHA256_LEN &&
        memcmp(ASN1_STRING_get0_data(message), hash, sizeof(hash)) == 0 &&
        TS_REQ_get_nonce(c->req) != NULL)
        return STAMP_OK;
    return wrong(c, STAMP_MISMATCH, "is of another checkpoint");
}

static enum stamp_failure trusted(const struct checking *c)
{
    X509_STORE *store = store_of(c);

    if (store == NULL)
        return wrong(c, STAMP_UNTRUSTED,
                     "cannot be checked: there is no certificate in ca_file");
    if (!holds(c, TS_VFY_SIGNATURE, store))
        return wrong(c, STAMP_UNTRUSTED,
                     "is not signed by an authority that is trusted");
    return STAMP_OK;
}

enum stamp_failure stamp_check(const struct stamp_parts *s, bool as_then,
                               msec *time, struct error *e)
{
    struct checking c = { .ca = s->ca, .e = e };
    enum stamp_failure why = parse(&c, s->query, s->answer);

    if (why == STAMP_OK)
        why = about(&c, s->note->p, s->note->len);
    if (why == STAMP_OK)
        why = granted(&c);
    if (why == STAMP_OK)
        why = read_time(&c, time);
    if (why == STAMP_OK && as_then)
        c.at = (time_t)(*time / MSEC_S);
    if (why == STAMP_OK && !holds(&c, 0, NULL))
        why = wrong(&c, STAMP_MISMATCH, "is of something else");
    if (why == STAMP_OK)
        why = trusted(&c);
    TS_RESP_free(c.resp);
    TS_REQ_free(c.req);
    ERR_clear_error(); /* its words are not ours */
    return why;
}
