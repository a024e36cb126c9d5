#!/usr/bin/env python3
"""Compares csrlint with pkilint, which lints certificates, where both judge the same thing.

What a request asks for goes into a throw-away certificate as it stands. A rule of csrlint then has to fire where pkilint
raises one of the codes that the rule file names under `counterparts`, and nowhere else; `explained.yaml` says why not.

    pip install pkilint==0.13.3 PyYAML
    tests/pkilint/compare.py [--csrlint BINARY] [DIRECTORY]...

Exit code 1: a difference without an explanation, an explanation without need, a counterpart that pkilint does not have.
"""

import argparse
import base64
import hashlib
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pkilint import loader
from pkilint.cabf import serverauth, smime
from pkilint.cabf.serverauth.serverauth_constants import CertificateType
from pkilint.cabf.smime.smime_constants import Generation, ValidationLevel
from pkilint.pkix import certificate, extension, name
from pkilint.pkix.certificate.certificate_key import SubjectSignatureVerificationValidator
from pkilint.validation import ValidationFindingSeverity, ValidatorContainer

PROJECT = Path(__file__).resolve().parents[2]
EXPLAINED = PROJECT / "tests/pkilint/explained.yaml"
# Both linters have rules that depend on the date.
TODAY, NOT_BEFORE, NOT_AFTER = "2026-11-01", b"261101000000Z", b"270101000000Z"

INTEGER, BIT_STRING, UTC_TIME, SEQUENCE, SET = 0x02, 0x03, 0x17, 0x30, 0x31
# extensionRequest of PKCS #9 (1.2.840.113549.1.9.14), and Microsoft's for the same thing (1.3.6.1.4.1.311.2.1.14).
EXTENSION_REQUESTS = bytes.fromhex("06092a864886f70d01090e"), bytes.fromhex("060a2b06010401823702010e")
ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
ISSUER = bytes.fromhex("300d310b300906035504030c024341")
# What every CA adds: pkilint does not look for missing extensions where there is none.
AUTHORITY_KEY_IDENTIFIER = bytes.fromhex("300f0603551d2304083006800431323334")
PEM = re.compile(rb"^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\s*$(.*?)^-----END ", re.MULTILINE | re.DOTALL)

Element = NamedTuple("Element", [("tag", int), ("content", bytes), ("raw", bytes)])
Rules = dict[str, set[str]]


def elements(data: bytes) -> list[Element]:
    """The elements that `data` consists of. ValueError where it is not DER."""
    found, start = [], 0
    while start < len(data):
        at, length = start + 2, data[start + 1] if start + 1 < len(data) else 0x80
        if data[start] & 0x1F == 0x1F or length == 0x80:
            raise ValueError("a long tag, an indefinite length, or cut off")
        if length > 0x80:
            at, length = at + (length & 0x7F), int.from_bytes(data[at : at + (length & 0x7F)], "big")
        if at + length > len(data):
            raise ValueError("cut off")
        found.append(Element(data[start], data[at : at + length], data[start : at + length]))
        start = at + length
    return found


def inside(element: Element, tag: int) -> list[Element]:
    if element.tag != tag:
        raise ValueError(f"tag {element.tag:#x} instead of {tag:#x}")
    return elements(element.content)


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    length = len(body).to_bytes(4, "big").lstrip(b"\0") or b"\0"
    return bytes([tag, *([] if len(body) < 0x80 else [0x80 | len(length)]), *length]) + body


@dataclass
class Request:
    der: bytes
    origin: str
    subject: bytes
    key: bytes
    extensions: list[bytes]

    @classmethod
    def parse(cls, data: bytes, origin: str) -> "Request":
        """ValueError if it is no request, or if it does not tell clearly which extensions it asks for."""
        try:
            _version, subject, key, *attributes = inside(inside(elements(data)[0], SEQUENCE)[0], SEQUENCE)
            lists: list[Element] = []
            for attribute in inside(attributes[0], 0xA0) if attributes else []:
                kind, values = inside(attribute, SEQUENCE)
                if kind.raw in EXTENSION_REQUESTS:
                    lists += inside(values, SET)
            if len(lists) > 1:
                raise ValueError("several lists of extensions")
            extensions = [one.raw for asked in lists for one in inside(asked, SEQUENCE)]
        except IndexError:
            raise ValueError("something is missing") from None
        return cls(data, origin, subject.raw, key.raw, extensions)

    @property
    def id(self) -> str:
        return hashlib.sha256(self.der).hexdigest()[:24]

    def certificate(self) -> bytes:
        """A certificate with all that the request asks for."""
        known = any(AUTHORITY_KEY_IDENTIFIER[2:7] in one[:11] for one in self.extensions)
        extensions = self.extensions + [AUTHORITY_KEY_IDENTIFIER] * (not known)
        version, serial = der(0xA0, der(INTEGER, b"\x02")), der(INTEGER, b"\x4d\x52\xa7\xa1\xdd\x29\xab\x2a\x4f")
        validity = der(SEQUENCE, der(UTC_TIME, NOT_BEFORE), der(UTC_TIME, NOT_AFTER))
        tail = self.subject, self.key, der(0xA3, der(SEQUENCE, *extensions))
        body = der(SEQUENCE, version, serial, ECDSA_WITH_SHA256, ISSUER, validity, *tail)
        signature = der(SEQUENCE, der(INTEGER, b"\x01"), der(INTEGER, b"\x01"))
        return der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, b"\0", signature))


def files(rules: list[dict[str, Any]], folders: list[Path]) -> Iterator[tuple[str, bytes]]:
    """The examples of all rules, and what lies in the folders."""
    for rule, kind in ((rule, kind) for rule in rules for kind in ("pass", "fail")):
        for example in rule.get("examples", {}).get(kind) or []:
            for path, text in (example.get("files") or {}).items():
                data = base64.b64decode(text["base64"]) if isinstance(text, dict) else text.encode()
                yield f"{rule['id']}, {kind}: {example['name']} ({path})", data
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
        yield str(path), path.read_bytes()


def collect(named: Iterator[tuple[str, bytes]], counts: Counter[str]) -> list[Request]:
    requests: dict[bytes, Request] = {}
    for origin, data in named:
        block = PEM.search(data)
        if not block and data[:1] != b"\x30":
            counts["files that are no request by themselves"] += 1
            continue
        try:
            data = base64.b64decode(block[1]) if block else data
            requests.setdefault(data, Request.parse(data, origin))
        except ValueError:
            counts["files whose request is too broken to put it into a certificate"] += 1
    return list(requests.values())


def tls(kind: CertificateType) -> ValidatorContainer:
    decoders, validators = serverauth.create_decoding_validators(), serverauth.create_validators(kind)
    return certificate.create_pkix_certificate_validator_container(decoders, validators)


def mail(generation: Generation, level: ValidationLevel = ValidationLevel.SPONSORED) -> ValidatorContainer:
    decoders, validators = smime.create_decoding_validators(), smime.create_subscriber_validators(level, generation)
    return certificate.create_pkix_certificate_validator_container(decoders, validators)


def pkix() -> ValidatorContainer:
    """As `lint_pkix_cert` has it."""
    parts = ("issuer", "validity", "subject", "extensions", "spki")
    decoders = certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS)
    validators = [getattr(certificate, f"create_{part}_validator_container")([]) for part in parts]
    return certificate.create_pkix_certificate_validator_container(decoders, validators)


# A validator of key usages fills a table of its class, and knows its findings from its second instance on.
pkix()
VALIDATORS = {  # by profile of csrlint
    "webpki-ov": tls(CertificateType.OV_FINAL_CERTIFICATE),
    "webpki-dv": tls(CertificateType.DV_FINAL_CERTIFICATE),
    "smime-sponsor-strict": mail(Generation.STRICT),
    "smime-sponsor-multipurpose": mail(Generation.MULTIPURPOSE),
    "ietf": pkix(),
}
logging.disable(logging.CRITICAL)

# A request, pkilint's codes by profile, and whether there is a part that it could not decode.
Judged = tuple[Request, dict[str, set[str]], bool]


def run_pkilint(request: Request) -> Judged | None:
    """None where it cannot even load the certificate."""
    said: dict[str, set[str]] = {}
    gave_up = False
    for profile, validators in VALIDATORS.items():
        try:
            document = loader.load_der_certificate(request.certificate())
        except ValueError:
            return None
        findings = [one.finding for result in validators.validate(document.root) for one in result.finding_descriptions]
        said[profile] = {finding.code for finding in findings}
        gave_up |= any(finding.severity is ValidationFindingSeverity.FATAL for finding in findings)
    return request, said, gave_up


def read_rules(folders: list[Path]) -> list[dict[str, Any]]:
    """Rule files; those of later folders win."""
    load = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    paths = (path for folder in folders for path in sorted(folder.glob("*/*.yaml")) if path.parent.name != "profiles")
    return list({rule["id"]: rule for rule in (yaml.load(path.read_bytes(), load) for path in paths)}.values())


def csrlint(binary: Path, *arguments: str | Path) -> Any:
    run = subprocess.run([binary, *arguments, "--format", "json"], capture_output=True, check=False)
    if run.returncode not in (0, 3):
        sys.exit(run.stderr.decode())
    return json.loads(run.stdout)


def run_csrlint(binary: Path, requests: list[Request]) -> dict[str, dict[str, set[str]]]:
    """By profile and request: the rules that fire."""
    fired: dict[str, dict[str, set[str]]] = {profile: defaultdict(set) for profile in VALIDATORS}
    with tempfile.TemporaryDirectory(prefix="pkilint-") as folder:
        for request in requests:
            Path(folder, f"{request.id}.csr").write_bytes(request.der)
        for profile, rules in fired.items():
            options = ["--isolated", "--profile", profile, "--as-of", TODAY, "--fail-on", "never"]
            for finding in csrlint(binary, "check", *options, folder)["findings"]:
                rules[Path(finding["path"]).stem].add(finding["rule"])
    return fired


BOTH, CSRLINT_ONLY, PKILINT_ONLY = "both", "csrlint-only", "pkilint-only"


class Outcome(NamedTuple):
    """A code that pkilint raises with or without one of its rules, or a rule that fires without any of its codes."""

    direction: str
    who: str
    profile: str
    codes: set[str]
    rules: set[str]
    origin: str


def compare(profile: str, rules: Rules, judged: list[Judged], fired: Rules) -> Iterator[Outcome]:
    """`rules`: those of the profile, with the counterparts that this type of certificate can have."""
    for request, said, gave_up in judged:
        for code in said[profile] & set().union(*rules.values()):
            having = {rule for rule, codes in rules.items() if code in codes}
            direction = BOTH if having & fired[request.id] else PKILINT_ONLY
            yield Outcome(direction, code, profile, {code}, having, request.origin)
        # A rule with several codes agrees with each of them; what pkilint could not read is no difference.
        for rule in fired[request.id] & rules.keys():
            if rules[rule] and not rules[rule] & said[profile] and not gave_up:
                yield Outcome(CSRLINT_ONLY, rule, profile, rules[rule], {rule}, request.origin)


def print_table(outcomes: list[Outcome], rules: dict[str, set[str]]) -> None:
    """How often both find something, and how often one of them; `rules` by code."""
    counts = Counter((one.direction, code) for one in outcomes for code in one.codes)
    print(f"{'code':75}  both  only csrlint  only pkilint  rules")
    for code in sorted(rules):
        both, csrlint_only, pkilint_only = (counts[direction, code] for direction in (BOTH, CSRLINT_ONLY, PKILINT_ONLY))
        print(f"{code:75}  {both:4}  {csrlint_only:12}  {pkilint_only:12}  {', '.join(sorted(rules[code]))}")


@dataclass
class Explanation:
    """An entry of `explained.yaml`; `code` is pkilint's, or any of those that the rule has as counterparts."""

    code: str
    direction: str
    why: str
    profiles: list[str] = field(default_factory=lambda: list(VALIDATORS))
    requests: list[str] = field(default_factory=lambda: ["*"])  # globs
    directories: bool = False  # only requests of directories show it: it may be unneeded without them
    needed: bool = False

    def fits(self, outcome: Outcome) -> bool:
        same = outcome.direction == self.direction and self.code in outcome.codes and outcome.profile in self.profiles
        fits = same and any(fnmatchcase(outcome.origin, pattern) for pattern in self.requests)
        self.needed |= fits
        return fits


def print_differences(outcomes: list[Outcome], explained: list[Explanation], verbose: bool) -> int:
    """Prints what nobody explained, and says how much that is."""
    bad = 0
    groups: dict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for outcome in (one for one in outcomes if one.direction != BOTH):
        reasons = [one.why for one in explained if one.fits(outcome)] or ["NOT EXPLAINED"]
        groups[reasons[0], outcome.direction, outcome.who].append(outcome)
    for (reason, direction, who), group in sorted(groups.items()):
        bad += reason == "NOT EXPLAINED"
        if reason == "NOT EXPLAINED" or verbose:
            names = set().union(*(one.codes | one.rules for one in group)) - {who}
            origins = list(dict.fromkeys(one.origin for one in group))
            print(f"\n{direction} {who} ({', '.join(sorted(names))})\n  {reason}")
            print(f"  {len(origins)} requests in {', '.join(sorted({one.profile for one in group}))}")
            print("\n".join(f"  for instance {origin}" for origin in origins[: None if verbose else 1]))
    return bad


def main() -> int:
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="*", type=Path, metavar="DIRECTORY", help="more requests")
    parser.add_argument("--csrlint", type=Path, default=PROJECT / "target/release/csrlint", help="the binary")
    parser.add_argument("--rules", type=Path, action="append", help="folder of rule files, later ones win; repeatable")
    parser.add_argument("-v", "--verbose", action="store_true", help="all differences with all their requests")
    options = parser.parse_args()

    rules = read_rules(options.rules or [PROJECT / "rules"])
    counterparts = {rule["id"]: set(rule.get("counterparts", {}).get("pkilint", [])) for rule in rules}
    explained = [Explanation(**entry) for entry in yaml.safe_load(EXPLAINED.read_text()) or []]
    selected = {one["name"]: one["rules"].keys() for one in csrlint(options.csrlint, "profiles")}

    counts: Counter[str] = Counter()
    found = collect(files(rules, options.directories), counts)
    with ProcessPoolExecutor() as pool:
        judged = [one for one in pool.map(run_pkilint, found, chunksize=16) if one]
    counts["requests whose certificate pkilint cannot load"] = len(found) - len(judged)
    counts["requests with a part that pkilint cannot decode"] = sum(gave_up for _, _, gave_up in judged)

    outcomes: list[Outcome] = []
    by_code: dict[str, set[str]] = defaultdict(set)
    for profile, fired in run_csrlint(options.csrlint, [request for request, _, _ in judged]).items():
        possible = {finding.code for finding in VALIDATORS[profile].validations}
        here = {rule: counterparts[rule] & possible for rule in counterparts.keys() & selected[profile]}
        outcomes += compare(profile, here, judged, fired)
        for rule, code in ((rule, code) for rule, codes in here.items() for code in codes):
            by_code[code].add(rule)

    print_table(outcomes, by_code)
    print(f"\n{len(judged)} requests compared in {len(VALIDATORS)} profiles")
    print("\n".join(f"{count} {what}" for what, count in counts.items()))
    bad = print_differences(outcomes, explained, options.verbose)
    # Of the types of certificates that are not compared, and of chains, too.
    containers = [*VALIDATORS.values(), *(tls(kind) for kind in CertificateType)]
    containers += [mail(generation, level) for generation in Generation for level in ValidationLevel]
    known = {finding.code for container in containers for finding in container.validations}
    known.add(SubjectSignatureVerificationValidator.VALIDATION_SIGNATURE_MISMATCH.code)
    more = sorted(f"{rule}: pkilint has no {code}" for rule, codes in counterparts.items() for code in codes - known)
    unneeded = [one for one in explained if not one.needed and (options.directories or not one.directories)]
    more += [f"explained without need: {one.direction} {one.code} ({', '.join(one.profiles)})" for one in unneeded]
    print("\n".join(["", *more]))
    bad += len(more)
    print(f"\n{bad} problems; {time.monotonic() - started:.0f} seconds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
