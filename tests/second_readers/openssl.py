#!/usr/bin/env python3
"""Holds csrlint's reading of OpenSSL configurations against the requests that openssl makes of them.

usage: compare.py CSRLINT FILE...

Files that would load code (engines, providers, `openssl_conf`) or read others are left out, and so are keys over 4096 bits. Of the rest each request
section is given to `openssl req -new -batch -section NAME`, and subject, names, size of key, hash, usages, purposes and
basicConstraints of what comes out are compared with what `csrlint inspect` says of the section. Ends with 1 where two
readings differ.
"""

import os
import re
import subprocess
import sys
import tempfile

from common import inspect, names

LOADS_CODE = re.compile(rb"^\s*(openssl_conf|config_diagnostics|\.include|.*engine|.*provider|.*dynamic_path)", re.M | re.I)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, **options)


def subject(request):
    return [
        # DER sorts the attributes of an RDN.
        sorted((one["oid"], one["value"], one["string_type"]) for one in rdn)
        for rdn in request["rdns"] or []
        if not any(one["value"] is None for one in rdn)
    ]


def extension(request, name, *keys):
    for one in request["extensions"]:
        if one["name"] == name:
            return [one["critical"], *(sorted(v) if isinstance(v, list) else v for v in (one.get(key) for key in keys))]
    return None


def facts(request, hash_name):
    return {
        "subject": subject(request),
        "names": names(request),
        "bits": request["key"]["bits"],
        "hash": hash_name,
        "keyUsage": extension(request, "keyUsage", "usages"),
        "extendedKeyUsage": extension(request, "extendedKeyUsage", "purposes"),
        "basicConstraints": extension(request, "basicConstraints", "ca", "path_length"),
        "extensions": sorted(one["oid"] for one in request["extensions"]),
    }


def main():
    csrlint, files = sys.argv[1], sys.argv[2:]
    compared = refused = left_out = 0
    different = []
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "OPENSSL_CONF": "/dev/null"}
    for path in files:
        with open(path, "rb") as file:
            if LOADS_CODE.search(file.read()):
                left_out += 1
                continue
        for template in inspect(csrlint, path):
            if not template.get("template") or template["template"]["makes"] != "request":
                continue
            if (template["key"]["bits"] or 0) > 4096:
                # Such a key takes minutes to make.
                left_out += 1
                continue
            section = template["name"].strip("[]")
            with tempfile.TemporaryDirectory() as folder:
                out = os.path.join(folder, "out.csr")
                made = run(
                    "openssl", "req", "-new", "-batch", "-noenc", "-section", section, "-config", os.path.abspath(path),
                    "-keyout", os.path.join(folder, "out.key"), "-out", out, env=environment, cwd=folder,
                )
                if made.returncode != 0 or not os.path.exists(out):
                    refused += 1
                    reason = [line for line in made.stderr.decode(errors="replace").splitlines() if "rror" in line]
                    told = [d["kind"] for d in template["defects"]]
                    unknown = [u["place"] for u in template["template"]["unknown"]]
                    print(f"refused: {path} [{section}]: {reason[:1]} csrlint: {told} {unknown}")
                    continue
                request = inspect(csrlint, out)[0]
            compared += 1
            want = facts(request, request["signature"]["hash"])
            have = facts(template, template["template"]["hash"])
            for key in want:
                if want[key] != have[key]:
                    different.append((path, section, key))
                    print(f"DIFFERENT: {path} [{section}] {key}\n  openssl: {want[key]}\n  csrlint: {have[key]}")
    print(f"{compared} compared, {len(different)} differences, {refused} refused by openssl, {left_out} left out")
    sys.exit(1 if different else 0)


main()
