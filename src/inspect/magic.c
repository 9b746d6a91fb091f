/* libmagic, with the flags that are safe. */
#include "magic.h"
#include "verdict.h"

#include <magic.h>

/* An explicit path: the default one looks into $HOME and the environment. */
#define MAGIC_DATABASE "/usr/lib/file/magic.mgc"

/* Everything off that unpacks, walks structures or guesses at text: that is
 * where the faults of libmagic were, and no accepted type needs it. */
#define MAGIC_FLAGS                                                            \
    (MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS |                 \
     MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_APPTYPE |        \
     MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON |        \
     MAGIC_NO_CHECK_ENCODING | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_TEXT)

void *inspect_magic_open(struct error *err)
{
    magic_t magic = magic_open(MAGIC_FLAGS);

    if (magic == NULL) {
        (void)error_errno(err, ERR_INTERNAL, "open libmagic");
        return NULL;
    }
    if (magic_load(magic, MAGIC_DATABASE) != 0) {
        (void)error_set(err, ERR_IO, "load %s: %s", MAGIC_DATABASE,
                        magic_error(magic));
        magic_close(magic);
        return NULL;
    }
    return magic;
}

void inspect_magic_close(void *magic)
{
    if (magic != NULL)
        magic_close(magic);
}

int inspect_magic_type(void *magic, const uint8_t *p, size_t len,
                       struct inspect_verdict *verdict, struct error *err)
{
    const char *type = magic_buffer(magic, p, len);

    if (type == NULL)
        return error_set(err, ERR_INTERNAL, "libmagic failed: error %d",
                         magic_errno(magic));
    inspect_verdict_type(verdict, type);
    return 0;
}
