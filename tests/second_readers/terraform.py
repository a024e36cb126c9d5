#!/usr/bin/env python3
"""Holds csrlint's reading of Terraform files against python-hcl2's.

usage: terraform.py CSRLINT FILE...

Compared is what a resource says in literals: subject, names, lifetime. Ends with 1 where two readings differ.
"""

import sys

import hcl2
from common import Differences, attributes, inspect

SUBJECT = {
    "common_name": "CN", "organization": "O", "organizational_unit": "OU", "country": "C", "province": "ST",
    "locality": "L", "postal_code": "postalCode", "serial_number": "serialNumber", "ou": "OU", "country_code": "C",
}
NAMES = {
    "dns_names": "dns", "ip_addresses": "ip", "uris": "uri", "alt_names": "dns", "ip_sans": "ip", "uri_sans": "uri",
    "email_addresses": "email", "subject_alternative_names": "dns",
}


def literal(value):
    """A quoted text without expressions, or a number; else None."""
    if isinstance(value, str) and value.startswith('"') and "${" not in value and "\\" not in value:
        return value.strip('"')
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def walk(block):
    """Every attribute of a block and of the blocks in it."""
    for key, value in block.items():
        key = key.strip('"')
        if isinstance(value, dict):
            yield from walk(value)
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for one in value:
                yield from walk(one)
        else:
            yield key, value


def wanted(block):
    """What is written of subject, names and lifetime; Vault leaves all of it where the request's values are used."""
    subject, names, validity = {}, [], None
    for key, value in walk({} if block.get("use_csr_values") is True else block):
        if key in NAMES and isinstance(value, list):
            names += [(NAMES[key], text) for text in map(literal, value) if text is not None]
        elif key in SUBJECT and isinstance(value, (str, int)):
            text = literal(value)
            if text:
                subject.setdefault(SUBJECT[key], []).append(text)
        elif key == "validity_period_hours" and literal(value):
            validity = int(literal(value)) * 3600
    return subject, names, validity


def main():
    csrlint, files = sys.argv[1], sys.argv[2:]
    differences = Differences("hcl2")
    for path in files:
        if not path.endswith(".tf"):
            continue
        with open(path) as file:
            document = hcl2.load(file)
        blocks = {}
        for resource in document.get("resource", []) + document.get("data", []):
            for kind, by_name in resource.items():
                for name, block in by_name.items():
                    blocks[f"{kind}.{name}".replace('"', "")] = block
        for template in inspect(csrlint, path):
            name = template["name"].split("[")[0].removeprefix("data.")
            if name not in blocks:
                differences.compare(f"{path} {name}", {"resource": True}, {"resource": False})
                continue
            subject, names, validity = wanted(blocks[name])
            differences.compared += 1
            read = attributes(template)
            # A name may be read of other places, too: an issuer's, a whole list of defaults.
            read_names = [(one["type"], one["value"]) for one in template["sans"]]
            differences.compare(
                f"{path} {name}",
                {
                    "subject": {key: value for key, value in subject.items() if sorted(read.get(key, [])) != sorted(value)},
                    "names": [one for one in names if one not in read_names],
                    **({"validity": validity} if validity else {}),
                },
                {"subject": {}, "names": [], "validity": template["template"]["validity_seconds"]},
            )
    sys.exit(differences.finish())


main()
