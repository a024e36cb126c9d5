#!/usr/bin/env python3
"""Compares csrlint with pkilint where both judge the same thing.

pkilint lints certificates. What a request asks for goes into a throw-away certificate as it stands: its subject, its key,
its extensions. A rule of csrlint then has to fire where pkilint raises one of the codes that the rule file names under
`counterparts`, and nowhere else. `explained.yaml` says why where the two rightly differ.

    pip install pkilint==0.13.3 PyYAML
    tests/pkilint/compare.py [--csrlint BINARY] [DIRECTORY]...

Exit code 1: a difference that nobody explained, an explanation that nothing needs, a counterpart that pkilint does not know.
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
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pkilint import loader
from pkilint.cabf import serverauth, smime
from pkilint.cabf.serverauth.serverauth_constants import CertificateType
from pkilint.cabf.smime.smime_constants import Generation, ValidationLevel, get_policy_oid
from pkilint.pkix import certificate, extension, name
from pkilint.validation import ValidationFindingSeverity, ValidatorContainer

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
# Both linters have rules that depend on the date.
TODAY, NOT_BEFORE, NOT_AFTER = "2026-11-01", b"261101000000Z", b"270101000000Z"

# --- DER, as little as it takes ---------------------------------------------------------------------------------------

INTEGER, BIT_STRING, OCTET_STRING, OID, UTF8, UTC_TIME, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x17, 0x30, 0x31


class Element(NamedTuple):
    tag: int
    content: bytes
    raw: bytes


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
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = b""
    for arc in [first * 40 + second, *rest]:
        groups = [arc >> shift & 0x7F for shift in range((max(arc.bit_length(), 1) - 1) // 7 * 7, -1, -7)]
        body += bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])
    return der(OID, body)


# --- Requests and the certificates made of them -----------------------------------------------------------------------

# That of PKCS #9, and Microsoft's for the same thing.
EXTENSION_REQUESTS = oid("1.2.840.113549.1.9.14"), oid("1.3.6.1.4.1.311.2.1.14")
ECDSA_WITH_SHA256 = der(SEQUENCE, oid("1.2.840.10045.4.3.2"))
ISSUER = der(SEQUENCE, der(SET, der(SEQUENCE, oid("2.5.4.3"), der(UTF8, b"Throw-away CA"))))


@dataclass
class Request:
    der: bytes
    origin: str
    subject: bytes
    key: bytes
    extensions: list[bytes]

    @classmethod
    def parse(cls, data: bytes, origin: str) -> "Request":
        """ValueError if it is no request, or if it does not say which extensions it asks for."""
        try:
            info = inside(inside(elements(data)[0], SEQUENCE)[0], SEQUENCE)
            _version, subject, key, *attributes = info
            lists: list[Element] = []
            for attribute in inside(attributes[0], 0xA0) if attributes else []:
                kind, values = inside(attribute, SEQUENCE)
                if kind.raw in EXTENSION_REQUESTS:
                    lists += inside(values, SET)
            if len(lists) > 1:
                raise ValueError("several lists of extensions")
            extensions = [one for asked in lists for one in inside(asked, SEQUENCE)]
            for one in extensions:
                inside(one, SEQUENCE)[1]
        except IndexError:
            raise ValueError("something is missing") from None
        return cls(data, origin, subject.raw, key.raw, [one.raw for one in extensions])

    @property
    def id(self) -> str:
        return hashlib.sha256(self.der).hexdigest()[:24]

    def certificate(self, policy: str) -> bytes:
        """A certificate with all that the request asks for, and what every CA adds."""
        asked = {elements(elements(one)[0].content)[0].raw for one in self.extensions}
        added = {
            oid("2.5.29.32"): der(SEQUENCE, der(SEQUENCE, oid(policy))),
            oid("2.5.29.35"): der(SEQUENCE, der(0x80, bytes(20))),
        }
        body = der(
            SEQUENCE,
            der(0xA0, der(INTEGER, b"\x02")),
            der(INTEGER, bytes.fromhex("4d52a7a1dd29ab2a4f4a7d1c")),
            ECDSA_WITH_SHA256,
            ISSUER,
            der(SEQUENCE, der(UTC_TIME, NOT_BEFORE), der(UTC_TIME, NOT_AFTER)),
            self.subject,
            self.key,
            der(0xA3, der(SEQUENCE, *self.extensions, *(
                der(SEQUENCE, kind, der(OCTET_STRING, value)) for kind, value in added.items() if kind not in asked
            ))),
        )  # fmt: skip
        signature = der(SEQUENCE, der(INTEGER, b"\x01"), der(INTEGER, b"\x01"))
        return der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, b"\0", signature))


PEM = re.compile(rb"^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\s*$(.*?)^-----END ", re.MULTILINE | re.DOTALL)


def files(rules: list[dict[str, Any]], folders: list[Path]) -> Iterator[tuple[str, bytes]]:
    """The examples of all rules, and what lies in the folders."""
    for rule in rules:
        for kind in ("pass", "fail"):
            for example in rule.get("examples", {}).get(kind) or []:
                for path, text in (example.get("files") or {}).items():
                    data = base64.b64decode(text["base64"]) if isinstance(text, dict) else text.encode()
                    yield f"{rule['id']}, {kind}: {example['name']} ({path})", data
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
        yield str(path), path.read_bytes()


def collect(rules: list[dict[str, Any]], folders: list[Path], counts: Counter[str]) -> list[Request]:
    requests: dict[bytes, Request] = {}
    for origin, data in files(rules, folders):
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


# --- pkilint ----------------------------------------------------------------------------------------------------------


def tls(kind: CertificateType) -> ValidatorContainer:
    validators = serverauth.create_validators(kind)
    return certificate.create_pkix_certificate_validator_container(serverauth.create_decoding_validators(), validators)


def mail(level: ValidationLevel, generation: Generation) -> ValidatorContainer:
    validators = smime.create_subscriber_validators(level, generation)
    return certificate.create_pkix_certificate_validator_container(smime.create_decoding_validators(), validators)


def pkix() -> ValidatorContainer:
    """As `lint_pkix_cert` has it."""
    decoders = certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS)
    validators = [
        certificate.create_issuer_validator_container([]),
        certificate.create_validity_validator_container(),
        certificate.create_subject_validator_container([]),
        certificate.create_extensions_validator_container([]),
        certificate.create_spki_validator_container([]),
    ]
    return certificate.create_pkix_certificate_validator_container(decoders, validators)


# The profiles of csrlint that are compared; the certificate policy and the validators that go with each.
STRICT, MULTIPURPOSE = (ValidationLevel.SPONSORED, Generation.STRICT), (ValidationLevel.SPONSORED, Generation.MULTIPURPOSE)
PAIRS: dict[str, tuple[str, Callable[[], ValidatorContainer]]] = {
    "webpki-ov": ("2.23.140.1.2.2", lambda: tls(CertificateType.OV_FINAL_CERTIFICATE)),
    "webpki-dv": ("2.23.140.1.2.1", lambda: tls(CertificateType.DV_FINAL_CERTIFICATE)),
    "smime-sponsor-strict": (str(get_policy_oid(*STRICT)), lambda: mail(*STRICT)),
    "smime-sponsor-multipurpose": (str(get_policy_oid(*MULTIPURPOSE)), lambda: mail(*MULTIPURPOSE)),
    "ietf": ("1.3.6.1.4.1.99999.1", pkix),
}
# A validator of key usages fills a table of its class, and knows its findings from its second instance on.
pkix()
VALIDATORS = {profile: build() for profile, (_, build) in PAIRS.items()}
logging.disable(logging.CRITICAL)


def known_codes() -> set[str]:
    """What pkilint can raise for certificates, of the types that are not compared too."""
    builders = [lambda kind=kind: tls(kind) for kind in CertificateType]
    builders += [lambda level=level, generation=one: mail(level, generation) for level in ValidationLevel for one in Generation]
    return {finding.code for build in builders for finding in build().validations}


@dataclass
class Verdict:
    """What pkilint says of a request, by profile."""

    codes: dict[str, set[str]] = field(default_factory=dict)
    # It could not decode some part: what only csrlint finds is no difference then.
    gave_up: bool = False


def run_pkilint(request: Request) -> Verdict | None:
    """None where it cannot even load the certificate."""
    verdict = Verdict()
    for profile, (policy, _) in PAIRS.items():
        try:
            document = loader.load_der_certificate(request.certificate(policy))
        except ValueError:
            return None
        results = VALIDATORS[profile].validate(document.root)
        findings = [one.finding for result in results for one in result.finding_descriptions]
        verdict.codes[profile] = {finding.code for finding in findings}
        verdict.gave_up |= any(finding.severity is ValidationFindingSeverity.FATAL for finding in findings)
    return verdict


# --- csrlint ----------------------------------------------------------------------------------------------------------


def read_rules(folders: list[Path]) -> list[dict[str, Any]]:
    """Rule files; those of later folders win."""
    rules: dict[str, dict[str, Any]] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*/*.yaml"))):
        if path.parent.name != "profiles":
            rule = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            rules[rule["id"]] = rule
    return list(rules.values())


def csrlint(binary: Path, *arguments: str | Path) -> Any:
    run = subprocess.run([binary, *arguments, "--format", "json"], capture_output=True, check=False)
    if run.returncode not in (0, 3):
        sys.exit(run.stderr.decode())
    return json.loads(run.stdout)


def run_csrlint(binary: Path, requests: list[Request]) -> dict[str, dict[str, set[str]]]:
    """By profile and request: the rules that fire."""
    fired: dict[str, dict[str, set[str]]] = {profile: defaultdict(set) for profile in PAIRS}
    with tempfile.TemporaryDirectory(prefix="pkilint-") as folder:
        for request in requests:
            Path(folder, f"{request.id}.csr").write_bytes(request.der)
        for profile, rules in fired.items():
            options = ["--isolated", "--profile", profile, "--as-of", TODAY, "--fail-on", "never"]
            for finding in csrlint(binary, "check", *options, folder)["findings"]:
                rules[Path(finding["path"]).stem].add(finding["rule"])
    return fired


# --- The comparison ---------------------------------------------------------------------------------------------------

CSRLINT_ONLY, PKILINT_ONLY = "csrlint-only", "pkilint-only"


@dataclass
class Explanation:
    """An entry of `explained.yaml`; `code` is pkilint's, or any of those that the rule has as counterparts."""

    code: str
    direction: str
    why: str
    profiles: list[str] = field(default_factory=lambda: list(PAIRS))
    # Only requests of the directories show it: it may be unneeded without them.
    directories: bool = False
    needed: bool = False


@dataclass
class Difference:
    """A code that only pkilint raises, or a rule without any of its codes; and where."""

    codes: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    requests: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class Comparison:
    def __init__(self) -> None:
        self.differences: dict[tuple[str, str], Difference] = defaultdict(Difference)
        # By code: how often they agree, how often only one of them finds it, and the rules.
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.rules: dict[str, set[str]] = defaultdict(set)

    def add(self, direction: str, who: str, codes: set[str], rules: set[str], profile: str, request: Request) -> None:
        difference = self.differences[direction, who]
        difference.codes |= codes
        difference.rules |= rules
        difference.requests[profile].append(request.origin)
        for code in codes:
            self.counts[code][direction] += 1

    def compare(self, profile: str, counterparts: dict[str, set[str]], request: Request, said: Verdict, fired: set[str]) -> None:
        """`counterparts`: the rules of the profile, with those codes that this type of certificate can have."""
        raised = said.codes[profile]
        by_code: dict[str, set[str]] = defaultdict(set)
        for rule, codes in counterparts.items():
            for code in codes:
                by_code[code].add(rule)
        for code, rules in by_code.items():
            self.rules[code] |= rules
            if code in raised and rules & fired:
                self.counts[code]["both"] += 1
            elif code in raised:
                self.add(PKILINT_ONLY, code, {code}, rules, profile, request)
        for rule in counterparts.keys() & fired:
            # A rule with several codes agrees with each of them.
            if not counterparts[rule] & raised and not said.gave_up:
                self.add(CSRLINT_ONLY, rule, counterparts[rule], {rule}, profile, request)

    def table(self) -> None:
        width = max(map(len, self.rules), default=0)
        print(f"{'code':{width}}  both  only csrlint  only pkilint  rules")
        for code, rules in sorted(self.rules.items()):
            both, csrlint_only, pkilint_only = (self.counts[code][which] for which in ("both", CSRLINT_ONLY, PKILINT_ONLY))
            print(f"{code:{width}}  {both:4}  {csrlint_only:12}  {pkilint_only:12}  {', '.join(sorted(rules))}")

    def unexplained(self, explained: list[Explanation], verbose: bool) -> int:
        """Prints what nobody explained, and says how much that is."""
        bad = 0
        for (direction, who), difference in sorted(self.differences.items()):
            fitting = [one for one in explained if one.direction == direction and one.code in difference.codes]
            for one in fitting:
                one.needed |= not difference.requests.keys().isdisjoint(one.profiles)
            open_in = difference.requests.keys() - {profile for one in fitting for profile in one.profiles}
            bad += bool(open_in)
            origins = dict.fromkeys(one for profile in open_in or difference.requests for one in difference.requests[profile])
            if open_in or verbose:
                print(f"\n{direction} {who} ({', '.join(sorted((difference.codes | difference.rules) - {who}))})")
                print(f"  {len(origins)} requests in {', '.join(sorted(open_in or difference.requests))}")
                print("  NOT EXPLAINED" if open_in else "\n".join(f"  {one.why}" for one in fitting))
                print("\n".join(f"  for instance {origin}" for origin in list(origins)[: None if verbose else 1]))
        return bad


def main() -> int:
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="*", type=Path, metavar="DIRECTORY", help="more requests")
    parser.add_argument("--csrlint", type=Path, default=PROJECT / "target/release/csrlint", help="the binary")
    parser.add_argument("--rules", type=Path, action="append", help="folder of rule files, later ones win; repeatable")
    parser.add_argument("--explained", type=Path, default=HERE / "explained.yaml")
    parser.add_argument("-v", "--verbose", action="store_true", help="all differences with all their requests")
    options = parser.parse_args()

    rules = read_rules(options.rules or [PROJECT / "rules"])
    counterparts = {rule["id"]: set(rule.get("counterparts", {}).get("pkilint", [])) for rule in rules}
    explained = [Explanation(**entry) for entry in yaml.safe_load(options.explained.read_text()) or []]
    selected = {one["name"]: one["rules"].keys() for one in csrlint(options.csrlint, "profiles")}
    if missing := PAIRS.keys() - selected.keys():
        sys.exit(f"{options.csrlint} has no profile {', '.join(sorted(missing))}")

    counts: Counter[str] = Counter()
    found = collect(rules, options.directories, counts)
    with ProcessPoolExecutor() as pool:
        verdicts = zip(found, pool.map(run_pkilint, found, chunksize=16))
        said = {request.id: verdict for request, verdict in verdicts if verdict}
    requests = [request for request in found if request.id in said]
    counts["requests whose certificate pkilint cannot load"] = len(found) - len(requests)
    counts["requests with a part that pkilint cannot decode"] = sum(one.gave_up for one in said.values())

    comparison = Comparison()
    for profile, fired in run_csrlint(options.csrlint, requests).items():
        possible = {finding.code for finding in VALIDATORS[profile].validations}
        here = {rule: codes & possible for rule, codes in counterparts.items() if rule in selected[profile]}
        here = {rule: codes for rule, codes in here.items() if codes}
        for request in requests:
            comparison.compare(profile, here, request, said[request.id], fired[request.id])

    comparison.table()
    print(f"\n{len(requests)} requests compared in {len(PAIRS)} profiles")
    print("\n".join(f"{count} {what}" for what, count in counts.items()))
    bad = comparison.unexplained(explained, options.verbose)
    unneeded = [one for one in explained if not one.needed and (options.directories or not one.directories)]
    unknown = {rule: codes - known_codes() for rule, codes in sorted(counterparts.items()) if codes}
    for one in unneeded:
        print(f"\nnothing needs the explanation of {one.direction} {one.code} ({', '.join(one.profiles)})")
    for rule, codes in unknown.items():
        if codes:
            print(f"\n{rule}: pkilint does not know {', '.join(sorted(codes))}")
    bad += len(unneeded) + sum(map(bool, unknown.values()))
    print(f"\n{bad} problems; {time.monotonic() - started:.0f} seconds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
