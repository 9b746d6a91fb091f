#!/usr/bin/env python3
"""The short form of soak.py."""
import sys

import soak

sys.argv[1:] = ["30"]
soak.main()
