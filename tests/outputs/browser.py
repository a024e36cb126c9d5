"""Opens a page of csrlint in headless Chromium, and holds what is seen against what should be.

usage: browser.py CHROMIUM PAGE [FOLDER-FOR-SCREENSHOTS]
"""

import base64
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

browser = sys.argv[1]
page = Path(sys.argv[2]).resolve()
keep = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
scratch = tempfile.TemporaryDirectory(prefix="csrlint-browser-")
folder = keep or Path(scratch.name)
folder.mkdir(parents=True, exist_ok=True)
source = page.read_text(encoding="utf-8")


def chromium(*arguments, of=page):
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
        f"--user-data-dir={scratch.name}/profile", "--virtual-time-budget=2000", *arguments, of.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def driven(script, *arguments):
    """The document after a script of ours ran in it, which its own policy is widened for."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = source.replace("script-src '", f"script-src 'sha256-{digest}' '", 1)
    copy = Path(scratch.name) / "driven.html"
    copy.write_text(text.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    return chromium("--dump-dom", *arguments, of=copy)


# Nothing of the files ran: the title is ours, and there are no elements but ours.
document = chromium("--dump-dom")
assert "<title>csrlint report</title>" in document, re.findall("<title>.*?</title>", document)
assert document.count("<script>") == 1 and "<img" not in document and document.count("<h1>") == 1
total = source.count('<tr data-severity="')
assert total > 0 and f">{total} of {total}</output>" in document, "the filter counts"
assert document.count("<th scope") == document.count('<button type="button">')

# The script filters by words and by severity.
errors = source.count('<tr data-severity="error"')
filtered = driven(
    'const f=document.querySelector("form.filter"),b=[...f.querySelectorAll("input[type=checkbox]")];'
    'b.filter(x=>x.value!=="error").forEach(x=>{x.checked=false});f.dispatchEvent(new Event("input"));'
)
assert f">{errors} of {total}</output>" in filtered, re.findall("<output>.*?</output>", filtered)
nothing = driven(
    'const f=document.querySelector("form.filter");f.querySelector("input[type=search]").value="no such word";'
    'f.dispatchEvent(new Event("input"));'
)
assert f">0 of {total}</output>" in nothing
assert nothing.count('<tr data-severity="') == nothing.count('hidden=""><td data-order') == total

# And sorts: by severity, then the other way round; rows that are alike keep their order.
rank = {"error": 0, "warning": 1, "info": 2}
click = 'document.querySelector("table.findings th button").click();'
for script, reverse in ((click, False), (click * 2, True)):
    severities = re.findall('<tr data-severity="([a-z]+)"', driven(script))
    assert len(severities) == total
    assert severities == sorted(severities, key=rank.get, reverse=reverse), severities

# Light and dark are what the reader's system says.
def shot(name, width, *arguments, of=page):
    target = folder / f"{name}.png"
    chromium(f"--screenshot={target}", f"--window-size={width},2400", *arguments, of=of)
    with Image.open(target) as image:
        image = image.convert("RGB")
        assert image.width == width, image.size
        assert len(image.resize((64, 64)).getcolors(64 * 64)) > 20, f"{name}: nothing is drawn"
        return image.getpixel((2, 2))


light = shot("light", 1280, "--blink-settings=preferredColorScheme=1")
dark = shot("dark", 1280, "--blink-settings=preferredColorScheme=0")
narrow = shot("narrow", 500)
# Headless Chromium takes no pictures where scripts are switched off; a page that has none is as good.
scriptless = Path(scratch.name) / "scriptless.html"
scriptless.write_text(re.sub("<script>.*?</script>", "", source, flags=re.S), encoding="utf-8")
without = shot("without-script", 1280, of=scriptless)
assert '<form class="filter" hidden' in chromium("--dump-dom", of=scriptless), "nothing that does not work is shown"
assert sum(light) > 700 and sum(dark) < 120 and sum(narrow) > 700 and sum(without) > 700, (light, dark, narrow, without)

# On a narrow screen nothing is wider than it; tables of wide code scroll by themselves.
wide = driven('document.title=`${document.documentElement.scrollWidth}/${document.documentElement.clientWidth}`;', "--window-size=500,1000")
scroll, client = map(int, re.search("<title>([0-9]+)/([0-9]+)</title>", wide).groups())
assert scroll <= client, (scroll, client)

# On paper: all of it, and none of what is to be used.
target = folder / "page.pdf"
chromium("--no-pdf-header-footer", f"--print-to-pdf={target}")
assert target.read_bytes().startswith(b"%PDF-") and target.stat().st_size > 20_000
