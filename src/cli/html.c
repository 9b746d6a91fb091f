/* Text on a page: never markup. */
#include "cli.h"

#include <string.h>

int html_text(struct buf *out, const char *text)
{
    static const struct {
        char c;
        const char *as;
    } special[] = { { '&', "&amp;" },
                    { '<', "&lt;" },
                    { '>', "&gt;" },
                    { '"', "&quot;" },
                    { '\'', "&#39;" } };
    size_t len = strlen(text);

    for (size_t at = 0, n; at < len; at += n) {
        const char *as = NULL;
        uint32_t c = 0;
        int ok;

        n = utf8_next(text + at, len - at, &c);
        for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
            if (c == (uint32_t)special[i].c)
                as = special[i].as;
        if (n == 0 || (text_is_dangerous(c) && c != '\n'))
            ok = buf_addf(out, "<b>\\u{%X}</b>", (unsigned)c);
        else
            ok = as != NULL ? buf_adds(out, as) : buf_add(out, text + at, n);
        if (ok != 0)
            return -1;
        if (n == 0)
            n = 1;
    }
    return 0;
}
