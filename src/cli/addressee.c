/* Whom a row of a list is for. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

char *addressee_read(const char *cell)
{
    bool phone = cell[strspn(cell, "+0123456789 ()-.")] == '\0';
    char *out = calloc(1, strlen(cell) + 1);
    size_t n = 0;

    for (const char *p = cell; out != NULL && *p != '\0'; p++)
        if (!phone || (*p >= '0' && *p <= '9'))
            out[n++] = *p;
    if (out != NULL &&
        (phone ? n >= 8 && n <= 15 && out[0] != '0'
               : n >= 4 && n <= LIMIT_HANDLE && strchr(out, '.') != NULL &&
                     strpbrk(out, " \t\r\n") == NULL))
        return out;
    free(out);
    return NULL;
}
