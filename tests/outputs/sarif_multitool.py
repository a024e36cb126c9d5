"""Holds SARIF files against Microsoft's own validator, with the rules of SARIF and those of GitHub's code scanning.

usage: sarif_multitool.py TOOL FILE...

No errors and no warnings are allowed. Notes are advice; each kind that is not followed is listed here with the reason.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

NOT_FOLLOWED = {
    "SARIF2002": "GitHub wants message.text",
    "SARIF2003": "a report is the same wherever its checkout comes from",
    "SARIF2006": "the validator may have no network, and the project none at all",
    "SARIF2009": "ids of rules are family/name, in every output",
    "SARIF2010": "a snippet would show base64, or a secret that other outputs hide",
    "SARIF2011": "the same",
    "SARIF2012": "the whole help is in the file, so that there is no link to follow",
}

tool, files = sys.argv[1], [Path(name) for name in sys.argv[2:]]
scratch = tempfile.TemporaryDirectory(prefix="csrlint-sarif-")


def found(file):
    """(rule, level) → count, and the first message of each."""
    target = Path(scratch.name) / "validated.sarif"
    target.unlink(missing_ok=True)
    # More than a few megabytes are not read without being told.
    command = [tool, "validate", str(file), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--kind", "Fail",
               "--max-file-size-in-kb", "1000000", "--output", str(target), "--log", "ForceOverwrite"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, timeout=300)
    run = json.loads(target.read_text(encoding="utf-8-sig"))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"], said.stdout + said.stderr
    counts = {}
    for result in run.get("results", []):
        key = (result["ruleId"], result.get("level", "warning"))
        counts.setdefault(key, [0, json.dumps(result)[:600]])[0] += 1
    return counts


# The validator does see what is wrong: a result without a place, and an index that leads nowhere.
document = json.loads(files[0].read_text(encoding="utf-8"))
results = document["runs"][0]["results"]
assert len(results) > 1, "the first file needs results"
del results[0]["locations"]
results[1]["ruleIndex"] = 100_000
broken = Path(scratch.name) / "broken.sarif"
broken.write_text(json.dumps(document), encoding="utf-8")
seen = {rule for (rule, level) in found(broken) if level == "error"}
assert {"GH1015", "SARIF1009"} <= seen, seen

for file in files:
    counts = found(file)
    # Advice is always there: a file that was not read at all has none.
    assert counts, f"{file}: nothing was validated"
    wrong = {key: count for key, count in counts.items() if key[1] != "note" or key[0] not in NOT_FOLLOWED}
    assert not wrong, f"{file}: {wrong}"
    print(file.name, {rule: count for (rule, _), (count, _) in sorted(counts.items())})
