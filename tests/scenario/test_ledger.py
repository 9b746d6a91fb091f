#!/usr/bin/env python3
"""The ledger for whoever does not trust us: what is written is documented."""
import leaf_page
from harness import equal, run


def every_leaf_type_is_in_the_page_and_nothing_else():
    equal(leaf_page.source_faults(), [], "docs/ledger.md")


run([every_leaf_type_is_in_the_page_and_nothing_else])
