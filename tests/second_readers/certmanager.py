#!/usr/bin/env python3
"""Holds csrlint's reading of cert-manager's Certificates against PyYAML's.

usage: certmanager.py CSRLINT FILE...

Compared are subject, names, key, lifetime and CA flag. Files with expressions in them are no YAML and left out, and so are
files that are not well-formed and templates with values that cert-manager refuses. Ends with 1 where two readings differ.
"""

import re
import sys

import yaml
from common import Differences, attributes, inspect, names

SUBJECT = {
    "organizations": "O", "organizationalUnits": "OU", "countries": "C", "provinces": "ST", "localities": "L",
    "streetAddresses": "street", "postalCodes": "postalCode",
}
NAMES = {"dnsNames": "dns", "ipAddresses": "ip", "uris": "uri", "uriSANs": "uri", "emailAddresses": "email", "emailSANs": "email"}
SECONDS = {"h": 3600, "m": 60, "s": 1}


def seconds(duration):
    parts = re.findall(r"([0-9.]+)([hms])", duration)
    return int(sum(float(count) * SECONDS[unit] for count, unit in parts))


def certificates(document):
    """The Certificates of a document, those in Lists, too."""
    if not isinstance(document, dict):
        return
    if document.get("kind") == "Certificate" and "cert" in str(document.get("apiVersion")):
        yield document
    if str(document.get("kind")).endswith("List"):
        for one in document.get("items") or []:
            yield from certificates(one)


def wanted(spec):
    """What is written; an object without an issuer is laid over another one, and its defaults are not known."""
    out = {}
    whole = "issuerRef" in spec
    common_name = spec.get("commonName")
    subject = {"CN": [common_name]} if common_name else {}
    for key, attribute in SUBJECT.items():
        values = (spec.get("subject") or {}).get(key)
        if values:
            subject[attribute] = sorted(map(str, values))
    if spec.get("organization"):
        subject["O"] = sorted(spec["organization"])
    if not spec.get("literalSubject") and "$" not in str(subject):
        out["subject"] = subject
    found = sorted((kind, str(value)) for key, kind in NAMES.items() for value in spec.get(key) or [])
    if not spec.get("otherNames") and "$" not in str(found):
        out["names"] = found
    key = spec.get("privateKey") or {}
    algorithm = str(key.get("algorithm", spec.get("keyAlgorithm", "RSA"))).upper().replace("ECDSA", "EC")
    size = key.get("size", spec.get("keySize"))
    if whole:
        out["algorithm"] = algorithm
        if algorithm != "ED25519":
            out["bits"] = int(size) if size else {"RSA": 2048, "EC": 256}[algorithm]
    if whole or spec.get("duration"):
        out["validity"] = seconds(spec["duration"]) if spec.get("duration") else 90 * 24 * 3600
    out["ca"] = bool(spec.get("isCA"))
    return out


def read(template):
    subject = {key: sorted(values) for key, values in attributes(template).items() if key != "serialNumber"}
    constraints = [one for one in template["extensions"] if one["name"] == "basicConstraints"]
    return {
        "subject": subject,
        "names": names(template),
        "algorithm": (template["key"]["algorithm"] or "").upper(),
        "bits": template["key"]["bits"],
        "validity": template["template"]["validity_seconds"],
        "ca": bool(constraints and constraints[0]["ca"]),
    }


def main():
    csrlint, files = sys.argv[1], sys.argv[2:]
    differences = Differences("PyYAML")
    for path in files:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "{{" in text or "{%" in text:
            continue
        try:
            documents = list(yaml.safe_load_all(text))
        except yaml.YAMLError:
            continue
        written = [one for document in documents for one in certificates(document)]
        templates = [
            one
            for one in inspect(csrlint, path)
            if one["template"] and one["name"].startswith("Certificate ")
        ]
        differences.compare(path, {"certificates": len(written)}, {"certificates": len(templates)})
        for one, template in zip(written, templates):
            if any(one["kind"] == "template-invalid" for one in template["defects"]):
                continue
            differences.compared += 1
            differences.compare(f"{path} {template['name']}", wanted(one["spec"]), read(template))
    sys.exit(differences.finish())


main()
