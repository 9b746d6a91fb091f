#!/usr/bin/env python3
"""The conversation's law over random worlds: seed by seed, "ok seed_N …".

The policies as they are shipped (odd seeds) and with notices and the question
how it was (even ones), 10,000 events together; and a shorter one under the
sanitizers. `make property SEED=… N=… SEEDS=…` makes long ones.
"""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
WORLDS = [("build", 1, 5000), ("build", 6, 5000), ("build-san", 4, 1500)]


def run(build, seed, events):
    program = os.path.join(ROOT, build, "property", "property")
    done = subprocess.run([program, str(seed), str(events)], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    output = done.stdout.decode(errors="replace")
    lines = [x for x in output.splitlines() if not x.startswith('{"time"')]
    if done.returncode != 0:
        print(f"not ok seed_{seed} in {build}")
        print("\n".join(lines))
        return False
    print(lines[-1], flush=True)
    return True


if __name__ == "__main__":
    sys.exit(0 if all([run(*world) for world in WORLDS]) else 1)
