/* The schema's text, taken in at build time from storage/schema.sql. */
#include "store_private.h"

__asm__(".section .rodata\n"
        ".global store_schema\n"
        "store_schema:\n"
        ".incbin \"storage/schema.sql\"\n"
        ".byte 0\n"
        ".previous\n");
