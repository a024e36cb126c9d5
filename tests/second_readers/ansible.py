#!/usr/bin/env python3
"""Holds csrlint's reading of Ansible tasks against the requests that community.crypto makes of them.

usage: ansible.py CSRLINT PLAYBOOK...

Each playbook is run on this machine with `out` as the folder it writes to; each request it writes has to be one that
csrlint read out of it. Only playbooks of the project are ever run. Ends with 1 where one is not.
"""

import glob
import subprocess
import sys
import tempfile

from common import inspect


def facts(request, hash_name):
    extensions = [{key: value for key, value in one.items() if key != "error"} for one in request["extensions"]]
    return {
        "subject": [[(one["oid"], one["value"], one["string_type"]) for one in rdn] for rdn in request["rdns"]],
        "key": [request["key"][key] for key in ("algorithm", "bits", "curve")],
        "hash": hash_name,
        "extensions": sorted(extensions, key=lambda one: one["oid"]),
    }


def main():
    csrlint, playbooks = sys.argv[1], sys.argv[2:]
    compared = missing = 0
    for playbook in playbooks:
        templates = [facts(one, one["template"]["hash"]) for one in inspect(csrlint, playbook)]
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["ansible-playbook", "-e", f"out={folder}", playbook], capture_output=True, check=True)
            for path in sorted(glob.glob(f"{folder}/*.csr")):
                request = inspect(csrlint, path)[0]
                compared += 1
                made = facts(request, request["signature"]["hash"])
                if made not in templates:
                    missing += 1
                    print(f"NOT READ: {path}\n  made: {made}\n  read: {templates}")
    print(f"{compared} compared, {missing} differences")
    sys.exit(1 if missing else 0)


main()
