/*
 * The framing policy of HTTP headers, a field a line of the input after the
 * version. What is clear has one meaning, found here another way: at most one
 * length and it is digits, or chunked alone under 1.1, one host, names that
 * are tokens, values without control characters.
 */
#include "fuzz.h"

#include "gateway/framing.h"

#include <strings.h>

struct seen {
    unsigned lengths, encodings, hosts, signatures;
    int64_t length;
    bool good;
};

static void see(struct seen *s, const char *name, size_t n, const char *value,
                size_t v)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-.^_`|~";

    s->good &= strlen(name) == n && n > 0 && strspn(name, token) == n;
    for (size_t i = 0; i < v; i++)
        s->good &= (uint8_t)value[i] == '\t' ||
                   ((uint8_t)value[i] >= 0x20 && value[i] != 0x7f);
    if (strcasecmp(name, "content-length") == 0) {
        s->lengths++;
        s->good &= v > 0 && v < 30 && strspn(value, "0123456789") >= v;
        s->length = (int64_t)strtoull(value, NULL, 10);
        s->good &= s->length >= 0;
    }
    if (strcasecmp(name, "transfer-encoding") == 0) {
        s->encodings++;
        s->good &= strcasecmp(value, "chunked") == 0;
    }
    s->hosts += strcasecmp(name, "host") == 0;
    s->signatures += strcasecmp(name, "x-hub-signature-256") == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gateway_framing f = GATEWAY_FRAMING_INIT;
    struct seen s = { .good = true, .length = -1 };
    struct fuzz_input in = { data, size };
    char *kept[64];
    size_t n = 0, len, name_len, value_len;
    const uint8_t *line = fuzz_until(&in, '\n', &len);
    char *version = fuzz_string(line, len);
    bool one = strcmp(version, "HTTP/1.1") == 0;

    while (in.len > 0 && n < 64) {
        struct fuzz_input field;
        const uint8_t *name, *value;

        line = fuzz_until(&in, '\n', &len);
        field = (struct fuzz_input){ line, len };
        name = fuzz_until(&field, ':', &name_len);
        value = fuzz_bytes(&field, field.len, &value_len);
        kept[n] = fuzz_string(name, name_len);
        kept[n + 1] = fuzz_string(value, value_len);
        gateway_framing_note(&f, kept[n], name_len, kept[n + 1], value_len);
        see(&s, kept[n], name_len, kept[n + 1], value_len);
        n += 2;
    }
    if (gateway_framing_clear(&f, version)) {
        FUZZ_CHECK(s.good && (one || strcmp(version, "HTTP/1.0") == 0));
        FUZZ_CHECK(s.lengths + s.encodings <= 1 && s.signatures <= 1);
        FUZZ_CHECK(s.encodings == 0 || one);
        FUZZ_CHECK(s.hosts == 1 || (s.hosts == 0 && !one));
        FUZZ_CHECK(f.length == s.length && f.chunked == (s.encodings == 1));
        FUZZ_CHECK((f.signature != NULL) == (s.signatures == 1));
    }
    for (size_t i = 0; i < n; i++)
        free(kept[i]);
    free(version);
    return 0;
}
