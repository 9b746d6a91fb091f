"""Bars and lines as SVG, drawn with nothing but strings."""
import math

WIDTH, LEFT, TOP, BAR = 720, 150, 46, 26
INK, PALE, GOOD, LESS, BAD = "#222", "#ddd", "#2a7f62", "#c9a227", "#b23a48"
FONT = 'font-family="sans-serif" font-size="12"'


def text(x, y, words, anchor="start", fill=INK):
    words = str(words).replace("&", "&amp;").replace("<", "&lt;")
    return (f'<text x="{x:.1f}" y="{y:.1f}" {FONT} fill="{fill}" '
            f'text-anchor="{anchor}">{words}</text>')


def line(x1, y1, x2, y2, stroke=PALE, width=1, dash=""):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{stroke}" stroke-width="{width}"'
            + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")


def svg(height, parts, title):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{height}" viewBox="0 0 {WIDTH} {height}">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n'
            + text(10, 22, title) + "\n" + "\n".join(parts) + "\n</svg>\n")


def scores(rows):
    """How far each row is on the way to its goal (1: there), the mark of
    "at least", and every single pair as a dot."""
    parts, y, right = [], TOP, WIDTH - 90
    span = right - LEFT

    def place(score):
        return LEFT + span * min(score, 1.5) / 1.5

    for name, row in rows:
        score, least, dots = row["score"], row["least"], row["dots"]
        color = GOOD if score >= 1 else LESS if score >= least else BAD
        parts.append(text(LEFT - 8, y + 16, name, "end"))
        parts.append(f'<rect x="{LEFT}" y="{y + 3}" height="{BAR - 8}" '
                     f'width="{place(score) - LEFT:.1f}" fill="{color}"/>')
        parts.append(line(place(least), y, place(least), y + BAR - 2, INK, 1,
                          "3 2"))
        for dot in dots:
            parts.append(f'<circle cx="{place(dot):.1f}" cy="{y + 12}" r="2.5" '
                         f'fill="none" stroke="{INK}"/>')
        parts.append(text(right + 6, y + 16, row["label"]))
        y += BAR
    parts.append(line(place(1), TOP - 6, place(1), y, GOOD, 2))
    parts.append(text(place(1), TOP - 10, "goal", "middle", GOOD))
    return svg(y + 20, parts, "Each row on its way to its goal (dashed: at "
                              "least; circles: single pairs)")


def over_time(samples, bound, title, unit):
    """A line of samples with a bound across."""
    height, bottom = 260, 230
    top = max(max(samples), bound) * 1.15
    step = (WIDTH - 120) / max(1, len(samples) - 1)

    def at(k, value):
        return 60 + k * step, bottom - (bottom - 40) * value / top

    points = " ".join("{:.1f},{:.1f}".format(*at(k, v))
                      for k, v in enumerate(samples))
    y = at(0, bound)[1]
    parts = [line(60, bottom, WIDTH - 60, bottom, INK),
             line(60, y, WIDTH - 60, y, BAD, 1, "4 3"),
             text(WIDTH - 56, y + 4, f"{bound:g}"),
             f'<polyline points="{points}" fill="none" stroke="{GOOD}" '
             'stroke-width="2"/>',
             text(54, at(0, max(samples))[1] + 4, f"{max(samples):.0f}",
                  "end"), text(54, 40, unit, "end")]
    return svg(height, parts, title)


def by_size(points, title, names):
    """Lines over sizes, whose axis is logarithmic: (size, first, second…)."""
    height, bottom, left, right = 260, 220, 70, WIDTH - 150
    first, last = (math.log10(points[k][0]) for k in (0, -1))
    top = max(max(p[1:]) for p in points) * 1.15

    def at(size, value):
        share = (math.log10(size) - first) / max(last - first, 1e-9)
        return left + (right - left) * share, bottom - (bottom - 40) * value / top

    parts = [line(left, bottom, right, bottom, INK)]
    for p in points:
        x = at(p[0], 0)[0]
        parts += [line(x, bottom, x, 40), text(x, bottom + 18, f"{p[0]:,}",
                                               "middle")]
    for k, name in enumerate(names, 1):
        color = (GOOD, BAD)[(k - 1) % 2]
        dots = [at(p[0], p[k]) for p in points]
        parts.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in dots)}" '
                     f'fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [text(x, y - 6, f"{p[k]:.0f}", "middle", color)
                  for (x, y), p in zip(dots, points)]
        parts.append(text(right + 10, dots[-1][1] + 4, name, fill=color))
    return svg(height, parts, title)
