/*
 * What a desk answers, as the CLI shows it to a person. However the JSON is,
 * a table or an object on a terminal has no control character but its line
 * ends and nothing that turns the direction of writing; a table has as many
 * lines as rows and one for its head.
 */
#include "fuzz.h"

#include "cli/cli.h"

static const struct output_column columns[] = {
    { "id", "ID" },
    { "state", "STATE" },
    { "file_name", "NAME" },
    { NULL, NULL },
};

static size_t check_shown(const char *text, size_t len)
{
    size_t lines = 0, n;

    FUZZ_CHECK(utf8_valid(text, len));
    for (size_t at = 0; at < len; at += n) {
        uint32_t c = 0;

        n = utf8_next(text + at, len - at, &c);
        FUZZ_CHECK(n > 0);
        if (c == '\n') {
            lines++;
            continue;
        }
        FUZZ_CHECK(c >= 0x20 && !(c >= 0x7f && c <= 0x9f));
        FUZZ_CHECK(!(c >= 0x200b && c <= 0x200f) &&
                   !(c >= 0x2028 && c <= 0x202e) &&
                   !(c >= 0x2066 && c <= 0x2069));
    }
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    json_t *value = json_parse(data, size, &e);
    char *text = NULL;
    size_t len = 0, lines;
    FILE *out;

    if (value == NULL)
        return 0;
    out = open_memstream(&text, &len);
    FUZZ_CHECK(out != NULL && output_table(out, value, columns, &e) == 0 &&
               fflush(out) == 0);
    lines = check_shown(text, len);
    FUZZ_CHECK(lines == json_array_size(value) + 1);
    FUZZ_CHECK(output_object(out, value, &e) == 0 && fclose(out) == 0);
    lines = check_shown(text, len) - lines;
    FUZZ_CHECK(lines == json_object_size(value));
    free(text);
    json_decref(value);
    return 0;
}
