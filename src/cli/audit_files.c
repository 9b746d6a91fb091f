/* What an auditor is given beside the data, taken in at build time. */
#include "audit_files.h"

#include <stddef.h>

#define FILE_OF(symbol, file)                                                  \
    extern const char symbol[];                                                \
    __asm__(".section .rodata\n" #symbol ":\n"                                 \
            ".incbin \"packaging/audit/" file "\"\n"                           \
            ".byte 0\n"                                                        \
            ".previous\n")

FILE_OF(audit_readme, "README.md");
FILE_OF(audit_beside, "beside.py");
FILE_OF(audit_gate, "gate.py");
FILE_OF(audit_history, "history.py");
FILE_OF(audit_notes, "notes.py");
FILE_OF(audit_staff, "staff.py");
FILE_OF(audit_stamps, "stamps.py");
FILE_OF(audit_verify, "verify.py");

const struct audit_file audit_files[] = {
    { "README.md", audit_readme },
    { "beside.py", audit_beside },
    { "gate.py", audit_gate },
    { "history.py", audit_history },
    { "notes.py", audit_notes },
    { "staff.py", audit_staff },
    { "stamps.py", audit_stamps },
    { "verify.py", audit_verify },
    { NULL, NULL },
};
