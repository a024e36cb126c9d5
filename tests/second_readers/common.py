"""What the scripts that compare have in common."""

import json
import subprocess


def inspect(csrlint, path):
    """The requests that csrlint reads from a file."""
    found = subprocess.run([csrlint, "inspect", "--format", "json", path], capture_output=True, check=False)
    try:
        return json.loads(found.stdout)
    except json.JSONDecodeError:
        return []


def names(request):
    """Its names, sorted."""
    return sorted((one["type"], one["value"]) for one in request["sans"])


def attributes(request):
    """Its subject's values by their short names."""
    out = {}
    for rdn in request["rdns"] or []:
        for one in rdn:
            out.setdefault(one["name"] or one["oid"], []).append(one["value"])
    return out


class Differences:
    """Counts and prints them."""

    def __init__(self, tool):
        self.tool, self.count, self.compared = tool, 0, 0

    def compare(self, where, want, have):
        """Two readings of one thing, by the names of its parts."""
        for key, value in want.items():
            if value != have.get(key):
                self.count += 1
                print(f"DIFFERENT: {where} {key}\n  {self.tool}: {value}\n  csrlint: {have.get(key)}")

    def finish(self):
        """Says how many were compared; what to exit with."""
        print(f"{self.compared} compared, {self.count} differences")
        return 1 if self.count else 0
