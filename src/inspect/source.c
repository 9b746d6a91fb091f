/* Reads of the file under judgement, exact or refused. */
#include "source.h"

int inspect_source_read(const struct inspect_source *s, int64_t offset,
                        uint8_t *out, size_t len, struct error *err)
{
    if (offset < 0 || offset > s->size ||
        (uint64_t)len > (uint64_t)(s->size - offset))
        return error_set(err, ERR_INPUT, "a range outside the file");

    while (len > 0) {
        size_t step = len < LIMIT_JUDGE_READ ? len : LIMIT_JUDGE_READ, got = 0;

        if (s->read(s->arg, offset, out, step, &got, err) != 0)
            return -1;
        if (got != step)
            return error_set(err, ERR_INTERNAL, "the file ended early");
        out += step;
        offset += (int64_t)step;
        len -= step;
    }
    return 0;
}
