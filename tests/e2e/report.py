"""`report` writes one file that a browser shows without a complaint and without a network: every picture is there, boxes can be
clicked, two builds stand side by side, and whatever layers and files are called is shown as text."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))
sys.path.insert(0, str(pathlib.Path(__file__).parent / "browser"))

import chromium

from program import DIGITS, halcyon, require, scratch

folder = scratch()
spec = DIGITS / "digits.hcn"
records = folder / "records.db"
SECTIONS = ["network", "time", "roofline", "memory", "tuning"]


def report(name, *words, of=spec):
    page = folder / name
    out, _ = halcyon("report", of, "-o", page, *words)
    require(str(page) in out, out)
    left = [path.name for path in folder.iterdir() if path.is_file() and path.suffix not in (".html", ".hcs", ".db", ".db-wal", ".db-shm")]
    require(left == [], f"files were left behind: {left}")
    return page


# What is wrong is said before anything is compiled, and nothing is written.
for words, text in [
    ([folder / "none.hcn"], "cannot read"),
    ([spec, "-o", folder / "none/x.html"], "there is no folder"),
    ([spec, "-o", folder], "Is a directory"),
    ([spec, "-o", folder / "x.html", "--records", folder / "none.db"], "there are no records"),
    ([spec, "-o", folder / "x.html", "--against", folder / "none.html"], "cannot read"),
    ([spec, "-o", folder / "x.html", "--no-run", "--against-target", "nonsense"], "nonsense"),
    ([spec, "-o", folder / "x.html", "--no-run", "--against-schedules", folder / "none.hcs"], "cannot read"),
]:
    _, err = halcyon("report", *words, status=1)
    require("error[E" in err and text in err, f"{words}: {err}")
    require(not (folder / "x.html").exists(), f"{words}: a file was written")
(folder / "other.html").write_text("<html>no report</html>")
_, err = halcyon("report", spec, "-o", folder / "x.html", "--against", folder / "other.html", status=1)
require("is not a report" in err, err)
halcyon("report", status=2)

# Without -o the file is named after the model.
out, _ = halcyon("report", spec, "--no-run", "--target", "x86-64-v3", folder=folder)
require((folder / "digits.html").exists() and "estimate (--no-run)" in out, out)
again = (folder / "digits.html").read_bytes()
halcyon("report", spec, "--no-run", "--target", "x86-64-v3", folder=folder)
require((folder / "digits.html").read_bytes() == again, "equal input gives another report")

if chromium.find() is None:
    print("no Chromium: the pages were not looked at")
    sys.exit(77)


def check_quiet(page, path):
    require(page.complaints() == [], f"{path}: {page.complaints()}")
    require(page.requests() == [path.resolve().as_uri()], f"{path} asked for {page.requests()}")


def text(page, selector):
    return page.run(f"[...document.querySelectorAll('{selector}')].map(e => e.textContent)")


def place(page, selector):
    """The middle of an element, brought into sight."""
    page.run("document.documentElement.style.scrollBehavior = 'auto'")
    return page.run(f"""(() => {{ const e = document.querySelector('{selector}'); e.scrollIntoView({{block: 'center'}});
        const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()""")


def check_one(path, calls):
    """A report of one build: every section, every kernel in every picture, and what a click does."""
    with chromium.Page() as page:
        page.open(path)
        check_quiet(page, path)
        require(page.run("[...document.querySelectorAll('section')].map(s => s.id)") == SECTIONS, str(path))
        require(len(text(page, ".box.kernel")) == calls, f"not {calls} boxes")
        require(len(text(page, ".times .rows button.row")) == calls, f"not {calls} bars")
        require(page.run("document.querySelectorAll('.value').length") > 0, "no values in the workspace")
        points = page.run("document.querySelectorAll('.kernel-point').length")
        moves = page.run("JSON.parse(document.getElementById('data').textContent).builds[0].calls.filter(c => c.flops === 0).length")
        require(points + moves == calls, f"{points} points and {moves} moves of {calls} calls")

        # A click on a box shows what is known of it.
        for layer, wanted in (("conv2d", ["8, 8, 16", "nhwc", "direct_conv", "workspace"]), ("dense", ["float32[10]", "dense"])):
            box = f'.box.kernel[data-key="kernel {layer} 1"]'
            other = "dense" if layer == "conv2d" else "conv2d"
            page.run(f"[...document.querySelectorAll('.times .row-name')].find(name => name.textContent === '{other}').closest('button').click()")
            page.run("document.querySelector('.zoom button:last-child').click()")  # the whole network
            page.click(*place(page, box))
            shown = page.run("document.getElementById('details').textContent")
            require(shown.startswith(layer) and all(part in shown for part in wanted), f"{layer}: {shown}")
            require(len(text(page, ".box.selected")) == 1, "not one box is selected")
            require(len(text(page, ".row.selected")) == 1, "not one bar is selected")

        # The network can be zoomed and moved.
        scene = "document.querySelector('.canvas > g').getAttribute('transform')"
        before = page.run(scene)
        x, y = place(page, ".pane")
        page.wheel(x, y, -240, ctrl=True)
        zoomed = page.run(f"new Promise(done => setTimeout(() => done({scene}), 200))")
        scale = lambda transform: float(re.match(r"scale\(([\d.]+)\)", transform).group(1))
        require(scale(zoomed) > scale(before) * 1.2, f"{before} -> {zoomed}")
        page.drag(x, y, x - 80, y - 60)
        require(page.run(scene) != zoomed and scale(page.run(scene)) == scale(zoomed), "dragging moved nothing")
        check_quiet(page, path)


# Measured times, and what was tuned.
tuned = folder / "digits.hcs"
halcyon("tune", spec, "--trials", 6, "--effort", "low", "--records", records, "--schedules", tuned)
measured = report("measured.html", "--records", records, "--schedules", tuned)
program = halcyon("show", spec, "--layouts", "--json", "--schedules", tuned)[0]
calls = program.count('"call":')
require(calls > 3, program)
check_one(measured, calls)
with chromium.Page(dark=True) as page:
    page.open(measured)
    check_quiet(page, measured)
    require("6 trials" in "".join(text(page, "#tuning .note")), str(text(page, "#tuning .note")))
    require(page.run("document.querySelectorAll('#tuning .trial').length") == 6, "not six trials in the curves")
    require(" ms" in text(page, ".card strong")[0] or "\u00b5s" in text(page, ".card strong")[0], str(text(page, ".card")))
    require(page.run("getComputedStyle(document.body).backgroundColor") == "rgb(22, 22, 21)", "no dark colours")

# Code that cannot run here has estimated times, which are called so.
foreign = report("foreign.html", "--target", "arm-64-linux")
with chromium.Page() as page:
    page.open(foreign)
    check_quiet(page, foreign)
    require(text(page, "#time h2") == ["Estimated time per kernel"], str(text(page, "h2")))
    require("does not run on this machine" in "".join(text(page, ".warn")), str(text(page, ".warn")))

# Two builds side by side: two targets, and a report that was kept.
two = report("two.html", "--no-run", "--target", "x86-64-v3", "--against-target", "x86-64-v2")
kept = report("kept.html", "--no-run", "--against", two, "--target", "x86-64-v4")
for path, labels in ((two, ["x86-64-v3", "x86-64-v2"]), (kept, ["this build", "two.html"])):
    with chromium.Page() as page:
        page.open(path)
        check_quiet(page, path)
        require(page.run("[...document.querySelectorAll('section')].map(s => s.id)") == ["compare"] + SECTIONS, str(path))
        require(text(page, "#network h3") == labels and text(page, "#memory h3") == labels, str(text(page, "h3")))
        require(len(text(page, ".pane")) == 2, "not two networks")
        require(len(text(page, ".pair")) >= calls - 1, str(text(page, ".pair")))
        page.click(*place(page, ".pair"))
        require(text(page, "#details h3") == labels, str(text(page, "#details h3")))
        require(len(text(page, ".box.selected")) == 2, "the click selects in one network only")
        check_quiet(page, path)

# Names are text, wherever they stand.
name = "a\"'<b>&<!--<script>{{title}}"
home = folder / "<script>document.title='taken'<"
home.mkdir()
hostile = home / "x\"'&<b>.hcn"
hostile.write_text(f'''"""</script><script>document.title = "taken"</script> & "quotes" {{{{title}}}}"""

def net(x: float32[6, 6, 8]):
    x = Conv2D(16, 3, padding="same", activation="relu", name={name!r})(x)  # </script><script>document.title = "taken"</script>
    x = MaxPooling2D(2)(x)
    return Dense(4)(Flatten()(x))
''')
for path in (report("hostile.html", "--no-run", "--against-target", "x86-64-v2", of=hostile),):
    with chromium.Page() as page:
        page.open(path)
        check_quiet(page, path)
        require(page.run("document.title") == "net - Halcyon", page.run("document.title"))
        require(page.run("document.scripts.length") == 2 and page.run("document.querySelectorAll('b').length") == 0, "names became elements")
        require(name in text(page, ".row-name"), str(text(page, ".row-name")))
        page.run(f"[...document.querySelectorAll('.row')].find(row => row.textContent.includes('<!--')).click()")
        shown = page.run("document.getElementById('details').textContent")
        require(shown.startswith(name) and "# </script><script>" in shown, shown)
        require('</script><script>document.title = "taken"</script> & "quotes" {{title}}' in text(page, ".doc")[0], str(text(page, ".doc")))
        check_quiet(page, path)
