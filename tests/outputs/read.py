"""Reads the reports of one run with other people's readers, and holds them against the JSON report.

usage: read.py FOLDER EXIT-CODE    (FOLDER/json, FOLDER/junit, ...)
"""

import csv
import io
import json
import re
import sys
import xml.etree.ElementTree as tree
from html.parser import HTMLParser
from pathlib import Path

import junitparser

folder, code = Path(sys.argv[1]), int(sys.argv[2])
report = json.loads((folder / "json").read_text(encoding="utf-8"))
found = [f for f in report["findings"] if not f["waived"] and not f["superseded_by"]]
errors = report["errors"]


def shown(text):
    """What csrlint makes of characters that act: their escapes."""
    out = []
    for character in text:
        point = ord(character)
        short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
        acts = point < 32 or 0x7F <= point < 0xA0 or 0x202A <= point <= 0x202E or point in (0xFFFE, 0xFFFF)
        out.append(short or ("\\u{%x}" % point if acts else character))
    return "".join(out)


def same(name, seen, wanted):
    seen, wanted = sorted(seen), sorted(wanted)
    assert seen == wanted, f"{name}:\n  only there {[x for x in seen if x not in wanted]}\n  not there {[x for x in wanted if x not in seen]}"


# JUnit: red exactly when the exit code says so.
junit = junitparser.JUnitXml.fromfile(str(folder / "junit"))
cases = [(suite, case) for suite in junit for case in suite]
assert cases, "a report without any test"
kinds = {"Failure": [], "Error": [], "Skipped": [], "Passed": []}
for suite, case in cases:
    assert len(case.result) <= 1, case.name
    kind = type(case.result[0]).__name__ if case.result else "Passed"
    kinds[kind].append(case)
    assert case.classname == suite.name, case.name
names = [(case.classname, case.name) for _, case in cases]
assert len(set(names)) == len(names), "two tests with one name"
assert junit.tests == len(cases)
assert (junit.failures, junit.errors, junit.skipped) == tuple(len(kinds[k]) for k in ("Failure", "Error", "Skipped"))
assert len(kinds["Error"]) == len(errors)
assert (len(kinds["Failure"]) + len(kinds["Error"]) > 0) == (code != 0), (code, kinds)
assert len(kinds["Failure"]) == len([f for f in found if f["severity"] != "info"])
below = [case for case in kinds["Passed"] if case.system_out]
assert len(below) == len([f for f in found if f["severity"] == "info"])
if report["requests"] and not found:
    assert len(kinds["Passed"]) == len(report["requests"])

# Checkstyle: its shape, and every finding.
root = tree.parse(folder / "checkstyle").getroot()
assert root.tag == "checkstyle" and root.get("version")
rows = []
for file in root:
    assert file.tag == "file" and file.get("name")
    for error in file:
        assert error.tag == "error" and set(error.keys()) == {"line", "column", "severity", "message", "source"}
        assert error.get("severity") in ("error", "warning", "info", "ignore")
        rows.append((file.get("name"), int(error.get("line")), error.get("source"), error.get("message")))
same(
    "checkstyle",
    [row for row in rows if row[2] != "csrlint/failure"],
    [(shown(f["path"]), f["line"], f["rule"], shown(f["message"])) for f in found],
)
assert len([row for row in rows if row[2] == "csrlint/failure"]) == len(errors)

# CSV: RFC 4180, and nothing that a spreadsheet calculates.
data = (folder / "csv").read_bytes()
assert not data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
assert b"\n" not in data.replace(b"\r\n", b""), "a line feed of its own"
rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
assert all(len(row) == len(rows[0]) for row in rows), "rows of different lengths"
table = [dict(zip(rows[0], row)) for row in rows[1:]]
for row in table:
    for cell in row.values():
        assert not re.match(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20]", cell), cell
plain = lambda cell: cell[1:] if re.match(r"'\s*[=+\-@\uff0b\uff0d\uff1d\uff20]", cell) else cell
commands = lambda text: re.sub(r"##(?=[A-Za-z0-9]*\[)", r"##\\", text)
same(
    "csv",
    [(plain(r["path"]), int(r["line"]), r["rule"], plain(r["message"]), r["fingerprint"]) for r in table if r["severity"] != "failure"],
    [(commands(shown(f["path"])), f["line"], f["rule"], commands(shown(f["message"])), f["fingerprint"]) for f in found],
)
assert len([row for row in table if row["severity"] == "failure"]) == len(errors)

# ndjson: an object a line.
lines = [json.loads(line) for line in (folder / "ndjson").read_text(encoding="utf-8").splitlines()]
assert [line["finding"] for line in lines if line["type"] == "finding"] == report["findings"]
assert [line["error"] for line in lines if line["type"] == "error"] == errors

# GitLab, reviewdog, SARIF: as many.
assert len(json.loads((folder / "gitlab").read_text(encoding="utf-8"))) == len(found) + len(errors)
assert len(json.loads((folder / "rdjson").read_text(encoding="utf-8"))["diagnostics"]) == len(found) + len(errors)
assert len(json.loads((folder / "sarif").read_text(encoding="utf-8"))["runs"][0]["results"]) == len(found)


class Page(HTMLParser):
    """What a browser would load, run or follow; and whether elements are closed."""

    VOID = {"meta", "br", "wbr", "input", "link", "img", "hr"}

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.scripts, self.text = [], [], [], 0, []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("style", "src", "srcset", "action", "formaction", "xlink:href"), (tag, name)
            if name == "href":
                assert tag == "a" and re.fullmatch(r"#[a-z]+[0-9]*", value), value
                self.links.append(value[1:])
            if name == "id":
                self.ids.append(value)
        assert tag not in ("iframe", "object", "embed", "base", "link", "img", "image", "use", "foreignobject"), tag
        self.scripts += tag == "script"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text.append(data)


page = Page()
page.feed((folder / "html").read_text(encoding="utf-8"))
page.close()
assert not page.open and page.scripts == 1, (page.open, page.scripts)
assert len(set(page.ids)) == len(page.ids), "an id twice"
assert set(page.links) <= set(page.ids), set(page.links) - set(page.ids)
text = "".join(page.text)
for f in found:
    assert shown(f["message"]) in text, f["message"]
for error in errors:
    assert error["path"] in text and error["message"] in text
