"""Bars as SVG, without a library: one group for each case, one bar for each proxy."""
from xml.sax.saxutils import escape

WIDTH, LABEL, ROW, BAR = 720, 150, 18, 13
OURS = ("Tongban", "one worker", "two workers")


def bars(groups):
    height = sum(ROW * (len(group["bars"]) + 1) + 12 for group in groups)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
             'font-family="sans-serif" font-size="11">', f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>']
    top = 0
    for group in groups:
        parts += one_group(group, top)
        top += ROW * (len(group["bars"]) + 1) + 12
    return "\n".join(parts + ["</svg>", ""])


def one_group(group, top):
    longest = max(value for _, value in group["bars"]) or 1
    unit = "" if "KiB" in group["title"] else ": CPU µs/request"
    parts = [f'<text x="4" y="{top + 14}" font-weight="bold">{escape(group["title"])}{unit}</text>']
    for number, (name, value) in enumerate(group["bars"]):
        y = top + ROW * (number + 1)
        long = (WIDTH - LABEL - 70) * value / longest
        colour = "#2563a8" if name in OURS else "#b4b9c2"
        parts += [f'<text x="{LABEL - 6}" y="{y + 11}" text-anchor="end">{escape(name)}</text>',
                  f'<rect x="{LABEL}" y="{y}" width="{long:.1f}" height="{BAR}" fill="{colour}"/>',
                  f'<text x="{LABEL + long + 5:.1f}" y="{y + 11}">{value:.1f}</text>']
    return parts
