#!/usr/bin/env python3
"""Compares csrlint with pkilint where both judge the same thing.

pkilint lints certificates. What a request asks for is put into a throw-away certificate as it stands: its subject, its key
and its requested extensions. Then a rule of csrlint has to fire where pkilint raises one of the codes that the rule file
names under `counterparts`, and nowhere else. `explained.yaml` says why they differ where they rightly do.

    pip install pkilint==0.13.3 PyYAML
    tests/pkilint/compare.py [--csrlint BINARY] [DIRECTORY]...

Exit code 1: a disagreement that nobody explained, an explanation that nothing needs, a counterpart that pkilint does not know.
"""

import argparse
import base64
import binascii
import fnmatch
import hashlib
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pkilint import finding_filter, loader
from pkilint.cabf import serverauth, smime
from pkilint.cabf.serverauth.serverauth_constants import CertificateType
from pkilint.cabf.smime.smime_constants import Generation, ValidationLevel, get_policy_oid
from pkilint.pkix import certificate, extension, name
from pkilint.validation import ValidationFindingSeverity, ValidatorContainer

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
# Both linters have rules that depend on the date.
TODAY, NOT_BEFORE, NOT_AFTER = "2026-11-01", b"261101000000Z", b"270101000000Z"


# --- DER, as little as it takes -----------------------------------------------------------------------------------------

SEQUENCE, SET, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x30, 0x31, 0x02, 0x03, 0x04, 0x06


@dataclass(frozen=True)
class Element:
    tag: int
    content: bytes
    raw: bytes


def elements(data: bytes) -> list[Element]:
    """The elements that `data` consists of. ValueError where it is not DER."""
    found, start = [], 0
    while start < len(data):
        try:
            at, length = start + 2, data[start + 1]
            if data[start] & 0x1F == 0x1F or length == 0x80:
                raise ValueError("a long tag or an indefinite length")
            if length > 0x80:
                at, length = at + (length & 0x7F), int.from_bytes(data[at : at + (length & 0x7F)], "big")
        except IndexError:
            raise ValueError("cut off") from None
        if at + length > len(data):
            raise ValueError("cut off")
        found.append(Element(data[start], data[at : at + length], data[start : at + length]))
        start = at + length
    return found


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray()
    for arc in [first * 40 + second, *rest]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        body += bytes(reversed(groups))
    return der(OID, bytes(body))


# --- Requests and the certificates made of them --------------------------------------------------------------------------

EXTENSION_REQUEST = oid("1.2.840.113549.1.9.14")
ECDSA_WITH_SHA256 = der(SEQUENCE, oid("1.2.840.10045.4.3.2"))
ISSUER = der(SEQUENCE, der(SET, der(SEQUENCE, oid("2.5.4.3"), der(0x0C, b"Throw-away CA"))))


@dataclass
class Request:
    der: bytes
    origin: str
    subject: bytes = b""
    key: bytes = b""
    extensions: list[bytes] = field(default_factory=list)

    @property
    def id(self) -> str:
        return hashlib.sha256(self.der).hexdigest()[:24]

    def parse(self) -> bool:
        """Fills the parts; False if this is no request. ValueError if it is one that cannot be wrapped."""
        try:
            info, *_ = elements(elements(self.der)[0].content)
            version, subject, key, *attributes = elements(info.content)
        except (ValueError, IndexError):
            return False
        if (version.tag, subject.tag, key.tag) != (INTEGER, SEQUENCE, SEQUENCE):
            return False
        self.subject, self.key = subject.raw, key.raw
        for attribute in elements(attributes[0].content) if attributes else []:
            kind, *values = elements(attribute.content)
            if kind.raw == EXTENSION_REQUEST and values:
                self.extensions = [one.raw for one in elements(elements(values[0].content)[0].content)]
                return True
        raise ValueError("no extensions are requested")

    def certificate(self, policy: str) -> bytes:
        """A certificate with all the request asks for, and with what every CA adds."""
        asked = {elements(elements(one)[0].content)[0].raw for one in self.extensions}
        added = [
            ("2.5.29.32", der(SEQUENCE, der(SEQUENCE, oid(policy)))),
            ("2.5.29.35", der(SEQUENCE, der(0x80, bytes(20)))),
        ]
        extensions = self.extensions + [
            der(SEQUENCE, oid(kind), der(OCTET_STRING, value)) for kind, value in added if oid(kind) not in asked
        ]
        body = der(
            SEQUENCE,
            der(0xA0, der(INTEGER, b"\x02")),
            der(INTEGER, bytes.fromhex("4d52a7a1dd29ab2a4f4a7d1c")),
            ECDSA_WITH_SHA256,
            ISSUER,
            der(SEQUENCE, der(0x17, NOT_BEFORE), der(0x17, NOT_AFTER)),
            self.subject,
            self.key,
            der(0xA3, der(SEQUENCE, *extensions)),
        )
        signature = der(SEQUENCE, der(INTEGER, b"\x01"), der(INTEGER, b"\x01"))
        return der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, b"\0", signature))


PEM = re.compile(rb"^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\s*$(.*?)^-----END ", re.MULTILINE | re.DOTALL)


def first_request(data: bytes) -> bytes:
    """The DER of a file that is a request; ValueError if it is none."""
    if block := PEM.search(data):
        return base64.b64decode(block[1], validate=False)
    if data[:1] != b"\x30":
        raise ValueError("neither PEM nor DER")
    return data


def candidates(rules: list[dict[str, Any]], folders: list[Path]) -> Iterator[tuple[str, bytes]]:
    for rule in rules:
        for kind in ("pass", "fail"):
            for example in rule.get("examples", {}).get(kind) or []:
                for path, text in (example.get("files") or {}).items():
                    data = base64.b64decode(text["base64"]) if isinstance(text, dict) else text.encode()
                    yield f"{rule['id']}, {kind}: {example['name']} ({path})", data
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            yield str(path), path.read_bytes()


# --- The two linters ----------------------------------------------------------------------------------------------------


def tls(kind: CertificateType) -> ValidatorContainer:
    return certificate.create_pkix_certificate_validator_container(
        serverauth.create_decoding_validators(), serverauth.create_validators(kind)
    )


def mail(generation: Generation) -> ValidatorContainer:
    return certificate.create_pkix_certificate_validator_container(
        smime.create_decoding_validators(),
        smime.create_subscriber_validators(ValidationLevel.SPONSORED, generation),
    )


def pkix() -> ValidatorContainer:
    """As `lint_pkix_cert` has it."""
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


def mail_policy(generation: Generation) -> str:
    return str(get_policy_oid(ValidationLevel.SPONSORED, generation))


# csrlint's profile: pkilint's certificate policy and validators.
PAIRS: dict[str, tuple[str, Callable[[], ValidatorContainer]]] = {
    "webpki-ov": ("2.23.140.1.2.2", lambda: tls(CertificateType.OV_FINAL_CERTIFICATE)),
    "webpki-dv": ("2.23.140.1.2.1", lambda: tls(CertificateType.DV_FINAL_CERTIFICATE)),
    "smime-sponsor-strict": (mail_policy(Generation.STRICT), lambda: mail(Generation.STRICT)),
    "smime-sponsor-multipurpose": (mail_policy(Generation.MULTIPURPOSE), lambda: mail(Generation.MULTIPURPOSE)),
    "ietf": ("1.3.6.1.4.1.99999.1", pkix),
}
# Some validators know all their findings only from their second instance on.
pkix()
VALIDATORS = {profile: build() for profile, (_, build) in PAIRS.items()}


def known_to_pkilint() -> set[str]:
    """Every code of certificates, of the types that are not compared too."""
    kinds = [validator.validations for validator in VALIDATORS.values()]
    for kind in CertificateType:
        kinds.append(tls(kind).validations)
    for level in ValidationLevel:
        for generation in Generation:
            kinds.append(ValidatorContainer(validators=smime.create_subscriber_validators(level, generation)).validations)
    return {finding.code for findings in kinds for finding in findings}


@dataclass
class Pkilint:
    """What pkilint says of one request: codes by profile, and the profiles for which it gave up on a part of it."""

    codes: dict[str, set[str]] = field(default_factory=dict)
    gave_up: dict[str, str] = field(default_factory=dict)
    unreadable: str = ""


def run_pkilint(request: Request) -> Pkilint:
    logging.disable(logging.CRITICAL)
    said = Pkilint()
    for profile, (policy, _) in PAIRS.items():
        try:
            document = loader.load_der_certificate(request.certificate(policy))
        except ValueError as error:
            said.unreadable = str(error)
            return said
        findings = [
            (result.node.path, one.finding, one.message)
            for result in VALIDATORS[profile].validate(document.root)
            for one in result.finding_descriptions
        ]
        said.codes[profile] = {finding.code for _, finding, _ in findings}
        for path, finding, message in findings:
            if finding.severity is ValidationFindingSeverity.FATAL:
                said.gave_up[profile] = f"{finding.code} at {path}: {message}"
    return said


def run_csrlint(binary: Path, requests: list[Request]) -> dict[str, dict[str, set[str]]]:
    """By profile and request: the rules that fire."""
    with tempfile.TemporaryDirectory(prefix="pkilint-") as folder:
        for request in requests:
            Path(folder, f"{request.id}.csr").write_bytes(request.der)
        fired: dict[str, dict[str, set[str]]] = {}
        for profile in PAIRS:
            options = ["--isolated", "--profile", profile, "--as-of", TODAY, "--fail-on", "never", "--format", "json"]
            run = subprocess.run([binary, "check", *options, folder], capture_output=True, check=False)
            if run.returncode not in (0, 3):
                sys.exit(run.stderr.decode())
            rules = fired[profile] = defaultdict(set)
            for finding in json.loads(run.stdout)["findings"]:
                rules[Path(finding["path"]).stem].add(finding["rule"])
    return fired


# --- The comparison -----------------------------------------------------------------------------------------------------

BOTH, CSRLINT_ONLY, PKILINT_ONLY = "both", "csrlint-only", "pkilint-only"


@dataclass
class Case:
    """One code, one profile, one direction, and the requests where it is so."""

    rules: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)


Cases = dict[tuple[str, str, str], Case]


def compare(
    profile: str, counterparts: dict[str, set[str]], requests: list[Request], said: dict[str, Pkilint], fired: dict[str, set[str]]
) -> Cases:
    """`counterparts` are those of the rules of the profile, without codes that this document type does not know."""
    cases: Cases = defaultdict(Case)
    by_code: dict[str, set[str]] = defaultdict(set)
    for rule, codes in counterparts.items():
        for code in codes:
            by_code[code].add(rule)
    for request in requests:
        raised = said[request.id].codes[profile]
        rules = fired[request.id] & counterparts.keys()
        for code in raised & by_code.keys():
            together = by_code[code] & rules
            case = cases[code, profile, BOTH if together else PKILINT_ONLY]
            case.rules |= together or by_code[code]
            case.requests.append(request)
        # A rule with several codes agrees with each of them.
        for rule in (rule for rule in rules if not counterparts[rule] & raised):
            if profile in said[request.id].gave_up:
                continue
            for code in counterparts[rule]:
                case = cases[code, profile, CSRLINT_ONLY]
                case.rules.add(rule)
                case.requests.append(request)
    return cases


@dataclass
class Explanation:
    """An entry of `explained.yaml`."""

    code: str
    direction: str
    why: str
    profiles: list[str] = field(default_factory=lambda: list(PAIRS))
    # Shown by requests of the given directories only; not asked for without them.
    only_corpus: bool = False
    needed: bool = False

    def fits(self, code: str, profile: str, direction: str) -> bool:
        return direction == self.direction and profile in self.profiles and fnmatch.fnmatchcase(code, self.code)


def read_rules(folders: list[Path]) -> list[dict[str, Any]]:
    """Rule files; those of later folders win."""
    rules: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/*.yaml")):
            if path.parent.name != "profiles":
                rule = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
                rules[rule["id"]] = rule
    return list(rules.values())


def collect(rules: list[dict[str, Any]], folders: list[Path]) -> tuple[list[Request], Counter[str]]:
    requests: dict[bytes, Request] = {}
    counts: Counter[str] = Counter()
    for origin, data in candidates(rules, folders):
        try:
            request = Request(first_request(data), origin)
        except (ValueError, binascii.Error):
            counts["files without a request"] += 1
            continue
        if request.der in requests:
            counts["repeated requests"] += 1
            continue
        try:
            if not request.parse():
                counts["not to be read as a request"] += 1
                continue
        except (ValueError, IndexError):
            counts["requests without a list of extensions"] += 1
            continue
        requests[request.der] = request
    return list(requests.values()), counts


def table(cases: Cases, counterparts: dict[str, set[str]]) -> None:
    """Agreement by code, over all profiles."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for (code, _, direction), case in cases.items():
        totals[code][direction] += len(case.requests)
    codes = sorted({code for codes in counterparts.values() for code in codes})
    width = max(map(len, codes), default=4)
    print(f"{'code':{width}}  both  only csrlint  only pkilint  rules")
    for code in codes:
        rules = ", ".join(sorted(rule for rule, codes in counterparts.items() if code in codes))
        seen = totals[code]
        print(f"{code:{width}}  {seen[BOTH]:4}  {seen[CSRLINT_ONLY]:12}  {seen[PKILINT_ONLY]:12}  {rules}")


def main() -> int:
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIRECTORY", help="more requests")
    parser.add_argument("--csrlint", type=Path, default=PROJECT / "target/release/csrlint", help="the binary")
    parser.add_argument("--rules", type=Path, action="append", help="folders of rule files, later ones win; repeatable")
    parser.add_argument("--explained", type=Path, default=HERE / "explained.yaml")
    parser.add_argument("--all", action="store_true", help="also print explained disagreements")
    options = parser.parse_args()

    rules = read_rules(options.rules or [PROJECT / "rules"])
    counterparts = {rule["id"]: set((rule.get("counterparts") or {}).get("pkilint") or []) for rule in rules}
    counterparts = {rule: codes for rule, codes in counterparts.items() if codes}
    profiles = json.loads(subprocess.run([options.csrlint, "profiles", "--format", "json"], capture_output=True, check=True).stdout)
    selected = {profile["name"]: set(profile["rules"]) for profile in profiles}
    if missing := PAIRS.keys() - selected.keys():
        sys.exit(f"{options.csrlint} has no profiles {', '.join(sorted(missing))}")
    explained = [Explanation(**entry) for entry in yaml.safe_load(options.explained.read_text()) or []]

    requests, counts = collect(rules, options.folders)
    with ProcessPoolExecutor() as pool:
        said = dict(zip((one.id for one in requests), pool.map(run_pkilint, requests, chunksize=16)))
    readable = [one for one in requests if not said[one.id].unreadable]
    fired = run_csrlint(options.csrlint, readable)

    cases: Cases = {}
    compared: dict[str, set[str]] = defaultdict(set)
    for profile in PAIRS:
        possible = {finding.code for finding in VALIDATORS[profile].validations}
        possible.update(*(said[one.id].codes[profile] for one in readable))
        here = {rule: codes & possible for rule, codes in counterparts.items() if rule in selected[profile] and codes & possible}
        for rule, codes in here.items():
            compared[rule] |= codes
        cases |= compare(profile, here, readable, said, fired[profile])

    table(cases, compared)
    counts["not loaded by pkilint"] = len(requests) - len(readable)
    counts["with a part that pkilint cannot decode (what only csrlint finds there is not counted)"] = sum(
        bool(said[one.id].gave_up) for one in readable
    )
    print(f"\n{len(readable)} requests compared in {time.monotonic() - started:.0f} seconds")
    for what, count in counts.items():
        print(f"{count} {what}")

    bad = 0
    for (code, profile, direction), case in sorted(cases.items()):
        if direction == BOTH:
            continue
        why = [one for one in explained if one.fits(code, profile, direction)]
        for one in why:
            one.needed = True
        if not why:
            bad += 1
        if not why or options.all:
            verdict = f"explained: {why[0].why}" if why else "NOT EXPLAINED"
            example = case.requests[0]
            print(f"\n{direction} {code} ({profile}; {', '.join(sorted(case.rules))}): {len(case.requests)} requests\n  {verdict}")
            print(f"  for instance {example.origin}")
    for one in explained:
        if not one.needed and (options.folders or not one.only_corpus):
            bad += 1
            print(f"\nexplained without need: {one.direction} {one.code} ({', '.join(one.profiles)})")
    known = known_to_pkilint()
    for rule, codes in sorted(counterparts.items()):
        for code in sorted(codes - known):
            bad += 1
            print(f"\n{rule}: pkilint knows no {code}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
