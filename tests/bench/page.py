"""The numbers of docs/performance.md, put between its marks by the bench."""
import os
import re

STEPS = (("sha256", "SHA-256 (libcrypto)"),
         ("chacha20poly1305_libsodium", "ChaCha20-Poly1305 (libsodium)"),
         ("chacha20poly1305_openssl", "the same by libcrypto"),
         ("tls_aes128gcm", "TLS record, AES-128-GCM"),
         ("write_fsync", "write and fsync"),
         ("copy", "a copy in memory"))


def bound(value):
    if value is None:
        return "–"
    return str(value).replace("<", "≤ ")


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows, order):
    lines = ["| row | what | baseline | product | unit | ratio | at least | "
             "goal | others' cores |",
             "|---|---|---|---|---|---|---|---|---|"]
    for name in order:
        row = rows.get(name)
        if row is None:
            continue
        if "skipped" in row:
            lines.append(f"| `{name}` | {row['what']} | skipped: "
                         f"{row['skipped']} | | | | | | |")
            continue
        others = row.get("others_cores")
        lines.append(
            f"| `{name}` | {row['what']}; against {row['against']} | "
            f"{figure(row['baseline'])} | {figure(row['product'])} | "
            f"{row['unit']} | {row['ratio']:.3g} | {bound(row['at_least'])} | "
            f"{bound(row['goal'])} | "
            f"{'–' if others is None else f'{others:.1f}'} |")
    times = sorted(row["when"] for row in rows.values())
    loads = [row["load"] for row in rows.values()]
    lines += ["", f"Measured {times[0]} to {times[-1]} on two cores; load "
              f"average when a row began {min(loads):.1f} to "
              f"{max(loads):.1f}."]
    for name, row in rows.items():
        knobs = " ".join(f"{k}={v}" for k, v in row.get("knobs", {}).items())
        if knobs:
            lines.append(f"`{name}` ran with {knobs}.")
    return "\n".join(lines)


def webhook_cpu(rows):
    lines = ["| row | floor, µs of CPU each | product, µs of CPU each |",
             "|---|---|---|"]
    for name in ("status", "alien", "photo"):
        cpu = rows.get(name, {}).get("cpu_us")
        if cpu:
            lines.append(f"| `{name}` | {cpu['baseline']:.1f} | "
                         f"{cpu['product']:.1f} |")
    return "\n".join(lines)


def intake_cpu(rows):
    lines = ["| µs of CPU a MB | 3 MB photos | 100 MB file |", "|---|---|---|"]
    both = [rows.get("intake", {}), rows.get("large", {})]
    floors = [row.get("floor_us_per_mb", {}) for row in both]

    def line(name, values):
        cells = ["–" if v is None else f"{v:,.0f}" for v in values]
        lines.append(f"| {name} | {' | '.join(cells)} |")

    for key, name in STEPS:
        line(name, [f.get(key) for f in floors])
    line("**all our processes, measured**",
         [row.get("cpu_us_per_mb") for row in both])
    return "\n".join(lines)


def age_cpu(rows):
    lines = ["| row | baseline, µs of CPU a MB | product, µs of CPU a MB |",
             "|---|---|---|"]
    for name in ("seal", "open", "seal-core", "open-core"):
        cpu = rows.get(name, {}).get("age_cpu_us_per_mb")
        if cpu:
            lines.append(f"| `{name}` | {cpu['baseline']:,.0f} | "
                         f"{cpu['product']:,.0f} |")
    return "\n".join(lines)


def write(path, rows, order):
    """Replaces what stands between <!-- NAME --> and <!-- end -->."""
    blocks = {"rows": table(rows, order), "webhook-cpu": webhook_cpu(rows),
              "intake-cpu": intake_cpu(rows), "age-cpu": age_cpu(rows)}
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for name, block in blocks.items():
        text = re.sub(rf"(<!-- {name} -->\n).*?(<!-- end -->)",
                      lambda m, b=block: m[1] + b + "\n" + m[2], text,
                      flags=re.S)
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(temporary, path)
