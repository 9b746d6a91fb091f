#!/usr/bin/env python3
"""The short form of powercut.py."""
import sys

import powercut

sys.argv[1:] = ["30"]
powercut.main()
