#!/usr/bin/env python3
"""Holds csrlint's reading of cfssl's requests against the requests that cfssl makes of them.

usage: cfssl.py CSRLINT FILE...

Compared are subject, names, key, hash and extensions. Names that old versions of cfssl take for DNS names and newer ones
for URIs are left out, and so are requests that only `gencert -initca` takes. Ends with 1 where two readings differ.
"""

import json
import subprocess
import sys
import tempfile

from common import inspect


def facts(request, hash_name):
    key = request["key"] or {}
    return {
        "subject": [sorted((one["oid"], one["value"], one["string_type"]) for one in rdn) for rdn in request["rdns"]],
        "names": sorted((one["type"], one["value"]) for one in request["sans"]),
        "key": (key.get("algorithm"), key.get("bits"), key.get("curve")),
        "hash": hash_name,
        "extensions": sorted(one["oid"] for one in request["extensions"]),
    }


def main():
    csrlint, files = sys.argv[1], sys.argv[2:]
    compared = refused = differences = 0
    for path in files:
        templates = [one for one in inspect(csrlint, path) if one.get("template")]
        if len(templates) != 1 or templates[0]["name"] != "request":
            continue
        made = subprocess.run(["cfssl", "genkey", path], capture_output=True, check=False)
        try:
            pem = json.loads(made.stdout)["csr"]
        except (json.JSONDecodeError, KeyError):
            refused += 1
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".csr") as file:
            file.write(pem)
            file.flush()
            request = inspect(csrlint, file.name)[0]
        compared += 1
        want = facts(request, request["signature"]["hash"])
        have = facts(templates[0], templates[0]["template"]["hash"])
        for key, value in want.items():
            if value != have[key] and not any(kind == "uri" for kind, _ in have["names"]):
                differences += 1
                print(f"DIFFERENT: {path} {key}\n  cfssl:   {value}\n  csrlint: {have[key]}")
    print(f"{compared} compared, {differences} differences, {refused} refused by cfssl")
    sys.exit(1 if differences else 0)


main()
