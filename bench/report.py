"""Results as tables, in Markdown, and where they are kept."""

import json
import pathlib
import re

from workloads import ROOT


def kind_of(cpu):
    """The CPU's name as part of a file's: "amd-epyc"."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\((R|TM)\)", "", cpu).lower()).strip("-")


def marks(what, kind):
    """Between these stands in README.md what a script writes on one kind of CPU."""
    return f"<!-- {what} {kind} -->", f"<!-- end of {what} {kind} -->"


def best_peer(row):
    peers = {name: one["min_ms"] for name, one in row["contestants"].items() if name != "halcyon" and "min_ms" in one}
    return min(peers, key=peers.get) if peers else None


def ratio(row):
    """Halcyon's time over the fastest peer's; None where one of them is missing."""
    best, own = best_peer(row), row["contestants"].get("halcyon", {})
    return own["min_ms"] / row["contestants"][best]["min_ms"] if best and "min_ms" in own else None


def largest_difference(rows):
    """Of those that were timed."""
    timed = (one for row in rows for one in row["contestants"].values() if "min_ms" in one)
    return max((one["difference"] for one in timed), default=0.0)


def table(titles, rows):
    lines = ["| " + " | ".join(titles) + " |", "|---|" + "---:|" * (len(titles) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def milliseconds(one):
    return f"{one['min_ms']:.3g}" if "min_ms" in one else "—"


def latency_table(rows, peers, machine):
    titles = ["", "GFLOP", "Halcyon", *peers, "best peer", "ratio", "GFLOP/s", "of FMA peak", "of bandwidth"]
    lines = []
    for row in rows:
        own, share = row["contestants"].get("halcyon", {}), ratio(row)
        cells = [row["name"], f"{row['flops'] * 1e-9:.3g}", milliseconds(own)]
        cells += [milliseconds(row["contestants"].get(peer, {})) for peer in peers]
        cells += [best_peer(row) or "—", f"**{share:.2f}**" if share else "—"]
        if "min_ms" in own:
            seconds = own["min_ms"] * 1e-3
            gflops = row["flops"] / seconds * 1e-9
            peak = machine["peak_gflops"][str(row["threads"])]
            moved = row["least_bytes"] / seconds * 1e-9
            cells += [f"{gflops:.0f}", f"{gflops / peak:.0%}", f"{moved / machine['bandwidth_gbs']:.0%}"]
        else:
            cells += ["—"] * 3
        lines.append(cells)
    return table(titles, lines)


def cost_table(rows, contestants):
    """Cold start, memory and size: with one thread and batch 1, networks only."""
    def cell(one, key, scale, form):
        return form.format(one[key] * scale) if key in one else "—"
    parts = [("cold start, ms", "cold_ms", 1, "{:.1f}"), ("peak memory, MB", "peak_memory_bytes", 1e-6, "{:.1f}"),
             ("code, MB", "code_bytes", 1e-6, "{:.2f}"), ("weights, MB", "weight_bytes", 1e-6, "{:.1f}")]
    texts = []
    for title, key, scale, form in parts:
        lines = [[row["name"], *(cell(row["contestants"].get(name, {}), key, scale, form) for name in contestants)]
                 for row in rows]
        texts.append(table([title, *contestants], lines))
    return "\n\n".join(texts)


def markdown(results):
    machine, rows = results["machine"], results["rows"]
    peers = [name for name in results["contestants"] if name != "halcyon"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    peak = ", ".join(f"{value:.0f} GFLOP/s on {threads}" for threads, value in machine["peak_gflops"].items())
    parts = [f"### {machine['cpu']}, {machine['cores']} cores\n\n"
             f"{machine['date']}; target {results['target']}; {versions}. "
             f"Multiply-add peak by number of threads: {peak}; bandwidth of one thread: "
             f"{machine['bandwidth_gbs']:.1f} GB/s. Times are the least of many calls, in ms. Outputs differ from "
             f"Halcyon's by at most {largest_difference(rows):.1g} of the largest magnitude."]
    for kind in ("network", "layer"):
        settings = sorted({(row["threads"], row["batch"]) for row in rows if row["kind"] == kind})
        for threads, batch in settings:
            chosen = [row for row in rows if (row["kind"], row["threads"], row["batch"]) == (kind, threads, batch)]
            parts.append(f"#### {kind.capitalize()}s, {threads} thread{'s' if threads > 1 else ''}, batch {batch}")
            parts.append(latency_table(chosen, peers, machine))
    plain = [row for row in rows if (row["kind"], row["threads"], row["batch"]) == ("network", 1, 1)]
    if plain:
        parts += ["#### What it costs to have them, 1 thread, batch 1", cost_table(plain, results["contestants"])]
    failures = [f"- {row['name']}, {row['threads']} threads, batch {row['batch']}: {name}: {one['failed']}"
                for row in rows for name, one in row["contestants"].items() if "failed" in one]
    if failures:
        parts += ["#### What failed", "\n".join(failures)]
    return "\n\n".join(parts) + "\n"


def write_down(results, cpu, text, what, whole, output=None):
    """A whole run's results go to bench/results and its tables into README.md, others' to build/bench; both are printed."""
    kind = kind_of(cpu)
    kept = ROOT / f"bench/results/{kind if what == 'results' else f'{what}-{kind}'}.json"
    path = pathlib.Path(output or (kept if whole else ROOT / f"build/bench/{what}.json"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")
    if whole:
        write_readme(ROOT / "bench/README.md", text, what, kind)
    print(f"\n{text}\nwritten to {path}")


def write_readme(path, text, what, kind):
    """Between the two marks of this kind of CPU, or behind the last one's that has been there; the rest of the page stays."""
    begin, end = marks(what, kind)
    page = path.read_text()
    block = f"{begin}\n\n{text}\n{end}"
    if begin in page:
        before, rest = page.split(begin)
        page = before + block + rest.split(end)[1]
    else:
        last = list(re.finditer(rf"<!-- end of {what} \S+ -->", page))[-1].end()
        page = f"{page[:last]}\n\n{block}{page[last:]}"
    path.write_text(page)
