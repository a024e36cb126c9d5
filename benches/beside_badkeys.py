#!/usr/bin/env python3
"""Measures csrlint and badkeys, which looks for weak public keys, too, on the same 200 requests with sound keys.

    pip install badkeys==0.0.21
    cargo build --release
    cargo bench --bench key_health --no-run (prints where the program is)
    benches/beside_badkeys.py --csrlint BINARY --bench PROGRAM

Both read each request from memory and look at its key. The time of badkeys is without its start and without its list,
which it downloads; that of csrlint is with its lists. Neither verifies signatures, except in the last line.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import badkeys
from badkeys.checks import defaultchecks, detectandcheck
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

ROUNDS = 5
KINDS = {"RSA-2048": 80, "P-256": 60, "Ed25519": 60}


def signed_requests() -> Iterator[tuple[str, int, str]]:
    """Kind, number and request, signed with fresh keys."""
    make: dict[str, Callable[[], Any]] = {
        "RSA-2048": lambda: rsa.generate_private_key(65537, 2048),
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    for kind, count in KINDS.items():
        for number in range(count):
            host = f"{kind.lower()}-{number}.example.com"
            subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
            builder = x509.CertificateSigningRequestBuilder(subject)
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            signed = builder.sign(make[kind](), None if kind == "Ed25519" else hashes.SHA256())
            yield kind, number, signed.public_bytes(serialization.Encoding.PEM).decode()


def seconds(requests: list[str]) -> float:
    """badkeys' time for each request, without its start and without its list, which needs a download."""
    wanted = defaultchecks.keys() - {"blocklist"}
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for request in requests:
            detectandcheck(request, checks=wanted)
        times.append(time.perf_counter() - started)
    return statistics.median(times) / len(requests)


def rates(bench: Path, folder: Path) -> dict[str, float]:
    """What the benchmark says of the requests in a folder."""
    run = subprocess.run([bench.resolve(), folder], capture_output=True, text=True, check=True)
    return {what: float(rate) for what, rate in re.findall(r"^(.+): (\d+)$", run.stdout, re.MULTILINE)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csrlint", type=Path, required=True, help="the binary")
    parser.add_argument("--bench", type=Path, required=True, help="the program of the benchmark key_health")
    options = parser.parse_args()

    requests = list(signed_requests())
    detectandcheck(requests[0][2], checks=defaultchecks.keys() - {"blocklist"})  # reads its lists of primes
    print(f"badkeys {badkeys.__version__} and csrlint, {len(requests)} requests, medians, requests per second:")
    with tempfile.TemporaryDirectory(prefix="badkeys-") as name:
        folder = Path(name)
        for kind, number, request in requests:
            (folder / kind).mkdir(exist_ok=True)
            (folder / kind / f"{number}.csr").write_text(request)
        # Both have to find these keys sound: otherwise the times are those of something else.
        command = [options.csrlint.resolve(), "check", "--isolated", "--format", "json", "--fail-on", "never", folder]
        report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        bad = [one for one in report["findings"] if one["rule"].startswith(("key/", "signature/"))]
        for one in bad:
            print(f"unexpected: {one['path']}: {one['rule']}")
        for kind in [*KINDS, ""]:
            theirs = 1 / seconds([text for one, _, text in requests if kind in ("", one)])
            print(f"{kind or 'all'}: badkeys {theirs:.0f}")
            for what, rate in rates(options.bench, folder / kind).items():
                print(f"  csrlint, {what}: {rate:.0f}, {rate / theirs:.1f} times as many")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
