/* What an auditor is given beside the data, taken in at build time. */
#include "audit_files.h"

__asm__(".section .rodata\n"
        ".global audit_verifier\n"
        "audit_verifier:\n"
        ".incbin \"packaging/audit/verify.py\"\n"
        ".byte 0\n"
        ".global audit_gate\n"
        "audit_gate:\n"
        ".incbin \"packaging/audit/gate.py\"\n"
        ".byte 0\n"
        ".global audit_readme\n"
        "audit_readme:\n"
        ".incbin \"packaging/audit/README.md\"\n"
        ".byte 0\n"
        ".previous\n");
