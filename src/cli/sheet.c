/* What all pages of ours are made with. */
#include "sheet.h"

#include <inttypes.h>
#include <string.h>

/* How pages look, taken in at build time. */
__asm__(".section .rodata\n"
        "page_style:\n"
        ".incbin \"src/cli/page.css\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char page_style[];

int sheet_language(bool *english, const struct cli *cli, struct error *e)
{
    const char *lang = cli->options[OPTION_LANG];

    *english = lang != NULL && strcmp(lang, "en") == 0;
    if (lang == NULL || *english || strcmp(lang, "es") == 0)
        return 0;
    (void)error_set(e, ERR_USAGE, "no language of a page: %s", lang);
    return error_hint(e, "languages: es, en");
}

void sheet_put(struct sheet *s, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0 || buf_reserve(s->out, (size_t)n + 1) != 0) {
        s->failed = true;
    } else {
        (void)vsnprintf((char *)s->out->p + s->out->len, (size_t)n + 1, fmt,
                        ap);
        s->out->len += (size_t)n;
    }
    va_end(ap);
}

const char *sheet_say(const struct sheet *s, const char *es, const char *en)
{
    return s->english ? en : es;
}

void sheet_says(struct sheet *s, const char *es, const char *en)
{
    if (buf_adds(s->out, sheet_say(s, es, en)) != 0)
        s->failed = true;
}

void sheet_text(struct sheet *s, const char *text)
{
    if (html_text(s->out, text) != 0)
        s->failed = true;
}

void sheet_plain(const struct sheet *s, char out[static SHEET_PLAIN],
                 uint64_t n)
{
    /* Spanish parts thousands with a narrow space, but not four digits. */
    const char *part = s->english ? "," : "\u202f";
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
    size_t at = 0;

    for (int i = 0; i < len && at + 4 < SHEET_PLAIN; i++) {
        if (i > 0 && (len - i) % 3 == 0 && (s->english || len > 4))
            at += (size_t)snprintf(out + at, SHEET_PLAIN - at, "%s", part);
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void sheet_number(struct sheet *s, uint64_t n)
{
    char text[SHEET_PLAIN];

    sheet_plain(s, text, n);
    sheet_put(s, "<data value=\"%" PRIu64 "\">%s</data>", n, text);
}

void sheet_duration(const struct sheet *s, char out[static SHEET_PLAIN], msec t)
{
    long long whole = (long long)(t / MSEC_S);

    if (t < MSEC_S)
        (void)snprintf(out, SHEET_PLAIN, "%lld ms", (long long)t);
    else if (t < 60 * MSEC_S)
        (void)snprintf(out, SHEET_PLAIN, "%lld%s%lld s", whole,
                       sheet_say(s, ",", "."), (long long)(t % MSEC_S / 100));
    else if (t < MSEC_H)
        (void)snprintf(out, SHEET_PLAIN, "%lld min %lld s", whole / 60,
                       whole % 60);
    else if (t < 2 * MSEC_D)
        (void)snprintf(out, SHEET_PLAIN, "%lld h %lld min", whole / 3600,
                       whole / 60 % 60);
    else
        (void)snprintf(out, SHEET_PLAIN, "%lld %s", (long long)(t / MSEC_D),
                       sheet_say(s, "días", "days"));
}

void sheet_time(struct sheet *s, msec t)
{
    char text[TIME_SIZE];

    time_format(text, t);
    sheet_put(s, "<time datetime=\"%s\">%.10s %.8s UTC</time>", text, text,
              text + 11);
}

void sheet_day(const struct sheet *s, char out[static SHEET_PLAIN], int64_t day,
               bool with_year)
{
    static const char *const es[] = {
        "ene", "feb", "mar", "abr", "may", "jun",
        "jul", "ago", "sep", "oct", "nov", "dic"
    };
    static const char *const en[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun",
        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    time_t t = (time_t)(day * (MSEC_D / MSEC_S));
    struct tm tm = { 0 };

    (void)gmtime_r(&t, &tm);
    if (with_year)
        (void)snprintf(out, SHEET_PLAIN, "%s %d",
                       (s->english ? en : es)[tm.tm_mon], tm.tm_year + 1900);
    else
        (void)snprintf(out, SHEET_PLAIN, "%d %s", tm.tm_mday,
                       (s->english ? en : es)[tm.tm_mon]);
}

void sheet_begin(struct sheet *s, const char *title)
{
    sheet_put(s,
              "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
              "<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, "
              "initial-scale=1\">\n"
              "<meta http-equiv=\"Content-Security-Policy\" "
              "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
              "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
              sheet_say(s, "es", "en"));
    sheet_text(s, title);
    sheet_put(s, "</title>\n<style>%s%s</style>\n</head>\n<body>\n", page_style,
              s->style != NULL ? s->style : "");
}

void sheet_end(struct sheet *s)
{
    sheet_put(s, "</body>\n</html>\n");
}
