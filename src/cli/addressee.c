/*
 * Whom a row of a list is for. Lists come out of spreadsheets and registers
 * that write numbers as one dials them at home: such a number reaches nobody,
 * or somebody in another country, and is taken only with the country said.
 */
#include "cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* How numbers are dialled at home: those that such a list can be of. */
static const struct national {
    const char *country; /* calling code */
    size_t digits;       /* of a number without it */
    const char *first;   /* which these numbers begin with */
} plans[] = {
    { "57", 10, "36" },  /* Colombia: mobile 3, landline 60 */
    { "34", 9, "6789" }, /* Spain: mobile 6 and 7, landline 8 and 9 */
};
#define NPLANS (sizeof(plans) / sizeof(plans[0]))

static bool dialled_at_home(const struct national *plan, const char *digits)
{
    return strlen(digits) == plan->digits &&
           strchr(plan->first, digits[0]) != NULL;
}

int addressee_country(const char *country, struct error *e)
{
    for (size_t i = 0; i < NPLANS; i++)
        if (country == NULL || strcmp(plans[i].country, country) == 0)
            return 0;
    (void)error_set(e, ERR_USAGE, "--country is 57 or 34");
    return error_hint(e, "numbers of other countries: with + and the country");
}

/* 5.73001E+11: what a spreadsheet makes of a number that it takes for one. */
static bool was_rounded(const char *cell)
{
    size_t n = strspn(cell, "0123456789");

    if (n == 0 || (cell[n] != '.' && cell[n] != ','))
        return false;
    n += 1 + strspn(cell + n + 1, "0123456789");
    return (cell[n] == 'E' || cell[n] == 'e') &&
           strspn(cell + n + 1, "+0123456789") == strlen(cell + n + 1);
}

/* Opaque but for its beginning, letters and a dot. */
static bool is_user_id(const char *cell)
{
    size_t n = strlen(cell);

    return n >= 4 && n <= LIMIT_HANDLE && isalpha((unsigned char)cell[0]) &&
           strchr(cell, '.') != NULL && strpbrk(cell, " \t\r\n") == NULL;
}

/* A number as it is dialled at home becomes one of that country, or is wrong.
 */
static const char *give_country(char *out, const char *country)
{
    const char *what = NULL;

    for (size_t i = 0; i < NPLANS; i++) {
        if (!dialled_at_home(&plans[i], out))
            continue;
        what = "lacks its country: +57…, or --country";
        if (country == NULL || strcmp(country, plans[i].country) != 0)
            continue;
        memmove(out + 2, out, strlen(out) + 1);
        memcpy(out, country, 2);
        return NULL;
    }
    return what;
}

static const char *read_number(const char *cell, const char *country, char *out)
{
    const char *what = NULL;
    size_t n = 0;

    for (const char *p = cell; *p != '\0'; p++)
        if (isdigit((unsigned char)*p))
            out[n++] = *p;
    out[n] = '\0';
    if (out[0] == '0' && out[1] == '0') /* + as one dials it */
        memmove(out, out + 2, n - 1);
    else if (strchr(cell, '+') == NULL)
        what = give_country(out, country);
    n = strlen(out);
    return what == NULL && (n < 8 || n > 15 || out[0] == '0')
               ? "is no phone number with its country"
               : what;
}

const char *addressee_read(const char *cell, const char *country, char **out)
{
    const char *what = NULL;

    *out = calloc(1, strlen(cell) + sizeof("57"));
    if (*out == NULL)
        return NULL;
    if (cell[strspn(cell, "+0123456789 ()-.")] == '\0')
        what = read_number(cell, country, *out);
    else if (was_rounded(cell))
        what = "was rounded by a spreadsheet: make the column text";
    else if (is_user_id(cell))
        memcpy(*out, cell, strlen(cell) + 1);
    else
        what = "is neither a phone number with its country nor a user id";
    if (what != NULL) {
        free(*out);
        *out = NULL;
    }
    return what;
}
