#!/usr/bin/env python3
"""Compares csrlint with badkeys, which looks for weak public keys, too: what they find in the same requests.

    pip install badkeys==0.0.21 roca-detect==1.2.12 (for two more requests)
    tests/badkeys/compare.py --csrlint BINARY [--keep FOLDER]

It makes requests for weak keys, near misses and sound keys, with fixed seeds, and asks both about each of them.
Nothing is downloaded. How long both take is measured by benches/beside_badkeys.py.

Exit code 1: a difference that EXPLAINED does not explain, or an explanation without need.
"""

import argparse
import base64
import functools
import hashlib
import importlib.resources
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import badkeys
import gmpy2
from badkeys.checks import allchecks, checkrsa, defaultchecks, detectandcheck
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

# The package exports the function under the name of its module.
SHARED_PRIMES = sys.modules["badkeys.rsakeys.sharedprimes"]
PRIME_LISTS = [512, 768, 1024, 2048, 4096]

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8_STRING, SEQUENCE, SET = 2, 3, 4, 5, 6, 12, 0x30, 0x31


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    length = len(body).to_bytes(4, "big").lstrip(b"\0") or b"\0"
    return bytes([tag, *([] if len(body) < 0x80 else [0x80 | len(length)]), *length]) + body


def octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def integer(number: int) -> bytes:
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(octets: str) -> bytes:
    return der(OID, bytes.fromhex(octets))


RSA, RSA_SHA256 = oid("2a864886f70d010101"), oid("2a864886f70d01010b")
EC, ECDSA_SHA256 = oid("2a8648ce3d0201"), oid("2a8648ce3d040302")
DSA, DSA_SHA256 = oid("2a8648ce380401"), oid("608648016503040302")
P256, ED25519, ML_DSA_44 = oid("2a8648ce3d030107"), oid("2b6570"), oid("608648016503040311")
COMMON_NAME, EXTENSION_REQUEST, ALT_NAME = oid("550403"), oid("2a864886f70d01090e"), oid("551d11")
# The order of P-256, and the x coordinate of its base point.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296


@dataclass
class Case:
    """A request."""

    name: str
    key: bytes  # SubjectPublicKeyInfo
    algorithm: bytes  # AlgorithmIdentifier of the signature
    signature: bytes
    hashed: bytes  # what badkeys' list has the hash of
    rsa: tuple[int, int] | None = None  # modulus and exponent
    bare: bool = False  # without attributes

    def pem(self) -> str:
        host = f"{self.name}.example.com".encode()
        subject = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, host))))
        alternative = der(SEQUENCE, ALT_NAME, der(OCTET_STRING, der(SEQUENCE, der(0x82, host))))
        wanted = der(SEQUENCE, EXTENSION_REQUEST, der(SET, der(SEQUENCE, alternative)))
        body = der(SEQUENCE, integer(0), subject, self.key, der(0xA0, b"" if self.bare else wanted))
        return pem(der(SEQUENCE, body, self.algorithm, der(BIT_STRING, b"\0", self.signature)))


def pem(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""])


def made_up(name: str) -> random.Random:
    """Numbers of one case stay the same when others come or go."""
    return random.Random(f"badkeys {name}")


def rsa_case(name: str, n: int, e: int = 65537, bare: bool = False) -> Case:
    info = der(SEQUENCE, der(SEQUENCE, RSA, der(NULL)), der(BIT_STRING, b"\0", der(SEQUENCE, integer(n), integer(e))))
    signature = made_up(f"signature {name}").randrange(n).to_bytes(len(octets(n)), "big")
    return Case(name, info, der(SEQUENCE, RSA_SHA256, der(NULL)), signature, octets(n), (n, e), bare)


def pair(name: str, order: int) -> bytes:
    numbers = made_up(f"signature {name}")
    return der(SEQUENCE, integer(numbers.randrange(1, order)), integer(numbers.randrange(1, order)))


def ec_case(name: str, point: bytes, signature: bytes | None = None) -> Case:
    info = der(SEQUENCE, der(SEQUENCE, EC, P256), der(BIT_STRING, b"\0", point))
    return Case(name, info, der(SEQUENCE, ECDSA_SHA256), signature or pair(name, P256_ORDER), point[1:33].lstrip(b"\0"))


def ed25519_case(name: str, key: bytes) -> Case:
    return raw_case(name, ED25519, key, 64, key.lstrip(b"\0"))


def ml_dsa_case(name: str, key: bytes) -> Case:
    # badkeys hashes numbers without leading zeros, and keys of ML-DSA as they are.
    return raw_case(name, ML_DSA_44, key, 2420, key)


def raw_case(name: str, algorithm: bytes, key: bytes, length: int, hashed: bytes) -> Case:
    info = der(SEQUENCE, der(SEQUENCE, algorithm), der(BIT_STRING, b"\0", key))
    return Case(name, info, der(SEQUENCE, algorithm), made_up(f"signature {name}").randbytes(length), hashed)


def dsa_case(name: str, p: int, q: int) -> Case:
    numbers = made_up(f"key {name}")
    g = pow(numbers.randrange(2, p - 1), (p - 1) // q, p)
    y = pow(g, numbers.randrange(2, q), p)
    parameters = der(SEQUENCE, integer(p), integer(q), integer(g))
    info = der(SEQUENCE, der(SEQUENCE, DSA, parameters), der(BIT_STRING, b"\0", integer(y)))
    return Case(name, info, der(SEQUENCE, DSA_SHA256), pair(name, q), octets(y))


# Keys ---------------------------------------------------------------------------------------------------------------


def prime(numbers: random.Random, bits: int) -> int:
    """With the two highest bits set, so that a product has all its bits."""
    while True:
        candidate = int(gmpy2.next_prime(numbers.getrandbits(bits) | 3 << bits - 2))
        if candidate.bit_length() == bits and candidate % 65537 != 1:
            return candidate


def modulus(name: str, bits: int = 2048) -> int:
    numbers = made_up(name)
    return prime(numbers, bits // 2) * prime(numbers, bits - bits // 2)


def multiple(name: str, factor: int, bits: int, primes: int = 1) -> int:
    """`factor` times fresh primes, with so many bits in all."""
    numbers = made_up(name)
    while True:
        n = factor
        for left in range(primes, 0, -1):
            length = (bits - n.bit_length()) // left + (left == 1)
            n *= prime(numbers, length - (left == 1 and numbers.getrandbits(1)))
        if n.bit_length() == bits:
            return n


def fitted(name: str, head: int, bits: int = 2048) -> int:
    """A product of two random primes that begins with `head` (as vanity keys are made)."""
    numbers = made_up(name)
    p = prime(numbers, bits // 2)
    rest = bits - head.bit_length()
    return p * int(gmpy2.next_prime((head << rest | numbers.getrandbits(rest)) // p))


def with_octets(name: str, middle: bytes, at: int = 32) -> int:
    """A product of two primes with these octets in its upper half; its neighbours are no more of the same."""
    start = made_up(f"{name} head").randbytes(at - 1)
    return fitted(name, int.from_bytes(bytes([start[0] | 0x80]) + start[1:] + b"\x35" + middle + b"\x35", "big"))


def of_weight(name: str, share: float, bits: int = 2048) -> int:
    """A made-up modulus with this share of one bits everywhere, and without small factors."""
    numbers = made_up(name)
    primorial = gmpy2.primorial(65537)
    while True:
        n = 1 | 1 << bits - 1
        # Exactly as many ones in each stretch of 64 bits, so that no half is off.
        for start in range(0, bits, 64):
            ones = round(share * (start + 64)) - round(share * start)
            for bit in numbers.sample(range(64), ones):
                n |= 1 << start + bit
        if gmpy2.gcd(primorial, n) == 1:
            return n


def close(name: str, halves: int) -> int:
    """A product of primes whose mean is so many half steps above the square root: Fermat's method goes on to there."""
    numbers = made_up(name)
    p = prime(numbers, 1024)
    # mean - root is about b^2 / 2a, where b is half the distance of the primes.
    return p * int(gmpy2.next_prime(p + 2 * gmpy2.isqrt(p * halves)))


def powers_of_65537(primes: list[int], numbers: random.Random, each: bool = False) -> tuple[int, int]:
    """A number that is a power of 65537 modulo all these primes, one for all or one for each, and their product."""
    product = math.prod(primes)
    if not each:
        return pow(65537, numbers.randrange(1, product), product), product
    # Put together by the Chinese remainder theorem.
    parts = [(pow(65537, numbers.randrange(1, one), one), product // one, one) for one in primes]
    return sum(residue * rest * pow(rest, -1, one) for residue, rest, one in parts) % product, product


def first_primes(count: int) -> list[int]:
    found = [2]
    while len(found) < count:
        found.append(int(gmpy2.next_prime(found[-1])))
    return found


def roca_prime(numbers: random.Random, bits: int, primes: list[int]) -> int:
    """p = kM + (65537^a mod M), as the library of CVE-2017-15361 made them."""
    while True:
        rest, product = powers_of_65537(primes, numbers)
        p = (3 << bits - 2 | numbers.getrandbits(bits - 2)) // product * product + rest
        if p.bit_length() == bits and gmpy2.is_prime(p):
            return p


def roca_but_11(name: str) -> int:
    """A product that is a power of 65537 modulo every prime up to 167 except 11, where it is none."""
    numbers, primes = made_up(name), first_primes(39)
    p = roca_prime(numbers, 1024, primes)
    while True:
        q = roca_prime(numbers, 1024, [one for one in primes if one != 11])
        if p * q % 11 not in (1, 65537 % 11):
            return p * q


def roca_each(name: str) -> int:
    """A product that is a power of 65537 modulo every prime up to 167, but not the same for all."""
    numbers, primes = made_up(name), first_primes(39)
    p = prime(numbers, 1024)
    while True:
        rest, product = powers_of_65537(primes[1:], numbers, each=True)
        # q = rest / p modulo all of them, and odd.
        q = rest * pow(p, -1, product) % product
        q += product * (1 - q % 2) + 2 * product * ((3 << 1022 | numbers.getrandbits(1020)) // (2 * product))
        if q.bit_length() == 1024 and gmpy2.is_prime(q) and allchecks["roca"]["function"](p * q) is False:
            return p * q


def chunked(numbers: random.Random, width: int, ones: int) -> int:
    """A prime of 1024 bits in which only the lowest bits of each chunk, and the very highest, are ever set."""
    while True:
        p = sum(numbers.randrange(1, 1 << ones) << start for start in range(0, 1024, width)) | 1 | 3 << 1022
        if gmpy2.is_prime(p):
            return p


def small_exponent(name: str, bits: int, of: Callable[[int, int], int]) -> tuple[int, int]:
    """Modulus and exponent for a private exponent of so many bits, modulo `of(p - 1, q - 1)`."""
    numbers = made_up(name)
    while True:
        p, q = prime(numbers, 1024), prime(numbers, 1024)
        d = prime(numbers, bits)
        if math.gcd(d, (p - 1) * (q - 1)) == 1:
            return p * q, pow(d, -1, of(p - 1, q - 1))


def xz_carrier(name: str, rest: int, bits: int = 2048) -> int:
    """A modulus whose first 16 octets a, b, c, as DER has them, have a * b + c = `rest` modulo 2^64."""
    numbers = made_up(name)
    head = bytearray(numbers.randbytes(8))
    head[0], head[1] = (0, head[1] | 0x80) if bits % 8 == 0 else (0x40 | head[0] & 0x3F, head[1])
    a, b = (int.from_bytes(head[start : start + 4], "little") for start in (0, 4))
    head += ((rest - a * b) % 2**64).to_bytes(8, "little")
    return fitted(name, int.from_bytes(head, "big"), bits)


def sparse_group(name: str, bits: int, stray: int = 0) -> tuple[int, int]:
    """A DSA prime in which only the low 12 bits of each word are set, as badkeys met them, and its q."""
    numbers = made_up(name)
    q = prime(numbers, 160)
    while True:
        p = 1 << bits - 1 | sum(numbers.getrandbits(12) << start for start in range(192, bits - 32, 32)) | stray
        p += numbers.getrandbits(168)
        p -= (p - 1) % (2 * q)
        if gmpy2.is_prime(p):
            return p, q


def smooth_prime(name: str, bits: int) -> int:
    """A prime p of which p - 1 is a product of different primes below 1000."""
    numbers = made_up(name)
    while True:
        p = 2
        for factor in numbers.sample(first_primes(168)[1:], 167):
            p *= factor if p.bit_length() < bits else 1
        p += 1
        if p.bit_length() == bits and gmpy2.is_prime(p):
            return p


def p256(private: int, compressed: bool = False) -> bytes:
    public = ec.derive_private_key(private, ec.SECP256R1()).public_key()
    points = serialization.PublicFormat
    form = points.CompressedPoint if compressed else points.UncompressedPoint
    return public.public_bytes(serialization.Encoding.X962, form)


def ed25519_key(seed: bytes) -> bytes:
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def ml_dsa_key(seed: bytes) -> bytes:
    return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def seed(number: int) -> bytes:
    return number.to_bytes(32, "big")


def first_with_zero(public: Callable[[int], bytes], at: int) -> bytes:
    """The first public key with a zero octet at a place."""
    return next(key for key in map(public, range(1, 100_000)) if key[at] == 0)


# Cases --------------------------------------------------------------------------------------------------------------


@functools.cache
def shipped_primes(bits: int) -> tuple[bytes, int]:
    data = (importlib.resources.files("badkeys.keydata") / f"primes{bits}.dat").read_bytes()
    return data, gmpy2.from_binary(data)


def known_primes(bits: int) -> list[int]:
    """Primes of a list of our own, for moduli of so many bits: none of those that badkeys ships in products can be
    had, as long as nobody factors them, except the one below 2^25."""
    numbers = made_up(f"known primes {bits}")
    return [prime(numbers, bits // 2) for _ in range(8)]


def least_shipped() -> int:
    """The one prime of badkeys' lists that trial division finds."""
    return int(gmpy2.gcd(gmpy2.primorial(1 << 25), shipped_primes(768)[1]))


def fermat_cases() -> Iterator[Case]:
    numbers = made_up("fermat")
    p = prime(numbers, 1024)
    yield rsa_case("fermat-next-prime", p * int(gmpy2.next_prime(p)))
    yield rsa_case("fermat-round-6", close("fermat-round-6", 11))
    yield rsa_case("fermat-round-100", close("fermat-round-100", 199))
    yield rsa_case("fermat-round-101", close("fermat-round-101", 201))
    yield rsa_case("fermat-square", prime(numbers, 1024) ** 2)


def roca_cases() -> Iterator[Case]:
    for bits, count in ((512, 39), (1024, 71), (2048, 126)):
        numbers = made_up(f"roca-{bits}")
        primes = first_primes(count)
        yield rsa_case(f"roca-{bits}", math.prod(roca_prime(numbers, bits // 2, primes) for _ in range(2)))
    yield rsa_case("roca-but-11", roca_but_11("roca-but-11"))
    yield rsa_case("roca-each-prime-only", roca_each("roca-each-prime-only"))


def exponent_cases() -> Iterator[Case]:
    for name, e in (("e-1", 1), ("e-2", 2), ("e-3", 3), ("e-17", 17), ("e-65538", 65538), ("e-65539", 65539)):
        yield rsa_case(name, modulus(name), e)
    yield rsa_case("e-2-to-the-300-plus-1", modulus("e-2-to-the-300-plus-1"), 2**300 + 1)
    n = modulus("e-above-n")
    yield rsa_case("e-above-n", n, n + 2)
    n = modulus("e-longer-than-n")
    yield rsa_case("e-longer-than-n", n, 2 * n + 1)
    n = modulus("e-is-n")
    yield rsa_case("e-is-n", n, n)


def pattern_cases() -> Iterator[Case]:
    for name, width, ones in (("rsapoly-nautilus", 128, 4), ("rsapoly-completeftp", 32, 7)):
        numbers = made_up(name)
        yield rsa_case(name, chunked(numbers, width, ones) * chunked(numbers, width, ones))
    for percent in (35, 41, 46, 65, 57):
        name = f"bias-{percent}-percent"
        yield rsa_case(name, of_weight(name, percent / 100))
    yield rsa_case("bias-38-percent-of-512", of_weight("bias-38-percent-of-512", 0.38, 512))
    for name, share in (("vanity-sixth", 1 / 6), ("vanity-third", 1 / 3)):
        head = of_weight(name, share, 960)
        yield rsa_case(name, fitted(name, head))
    yield rsa_case("vanity-short-text", with_octets("vanity-short-text", b"EXAMPLE TRADING GMBH"))
    for count, octet in ((16, 0x5A), (15, 0x5A), (16, 0), (8, 0), (7, 0)):
        name = f"pattern-{count}-of-{octet:02x}"
        yield rsa_case(name, with_octets(name, bytes([octet]) * count))


def prime_cases() -> Iterator[Case]:
    for bits in (1024, 2048):
        name = f"known-prime-{bits}"
        yield rsa_case(name, multiple(name, known_primes(bits)[0], bits))
        name = f"two-known-primes-{bits}"
        yield rsa_case(name, known_primes(bits)[1] * known_primes(bits)[2])
    yield rsa_case("known-prime-2047", multiple("known-prime-2047", known_primes(2048)[3], 2047))
    yield rsa_case("known-prime-768-shipped", multiple("known-prime-768-shipped", least_shipped(), 768))
    # What two of the lists have in common is the product of two primes, and happens to be a modulus of 2048 bits.
    yield rsa_case("known-modulus-2048-shipped", int(gmpy2.gcd(shipped_primes(2048)[1], shipped_primes(4096)[1])))
    shipped = int(shipped_primes(768)[1]) // least_shipped()
    yield rsa_case("known-primes-in-4096-shipped", multiple("known-primes-in-4096-shipped", shipped, 4096))
    common = prime(made_up("run-shares-prime"), 1024)
    for name in ("run-shares-prime-1", "run-shares-prime-2"):
        yield rsa_case(name, multiple(name, common, 2048))


def wiener_cases() -> Iterator[Case]:
    totient, carmichael = lambda one, other: one * other, math.lcm
    for bits in (200, 508, 511, 512, 600):
        name = f"small-d-{bits}"
        yield rsa_case(name, *small_exponent(name, bits, totient))
    # Just below Wiener's bound: the quotient behind the convergent is as small as 7.
    name = "small-d-510-2"
    yield rsa_case(name, *small_exponent(name, 510, totient))
    for bits in (200, 500):
        name = f"small-d-{bits}-carmichael"
        yield rsa_case(name, *small_exponent(name, bits, carmichael))
    name = "small-d-large-gcd"
    yield rsa_case(name, *large_gcd(name))


def large_gcd(name: str) -> tuple[int, int]:
    """As `small_exponent` with the least common multiple, where p - 1 and q - 1 have a factor of 30 bits in common."""
    numbers = made_up(name)
    common = prime(numbers, 30)

    def one_more() -> int:
        while True:
            p = 2 * common * (numbers.getrandbits(993) | 3 << 991) + 1
            if p.bit_length() == 1024 and gmpy2.is_prime(p):
                return p

    p, q, d = one_more(), one_more(), prime(numbers, 300)
    return p * q, pow(d, -1, math.lcm(p - 1, q - 1))


def factor_cases() -> Iterator[Case]:
    # A factor of its own for each: two moduli with the factor 3 would share it.
    for factor in (3, 751, 757, 65521, 65537, 65539):
        yield rsa_case(f"factor-{factor}-valid", multiple(f"factor-{factor}-valid", factor, 2048))
    for factor in (5, 743, 761, 65519, 65543):
        yield rsa_case(f"factor-{factor}-corrupt", multiple(f"factor-{factor}-corrupt", factor, 2048, 2))
    yield rsa_case("factor-7-times-65497", multiple("factor-7-times-65497", 7 * 65497, 2048, 2))
    yield rsa_case("factor-2-corrupt", modulus("factor-2-corrupt", 2046) * 2 * 2)
    yield rsa_case("factor-17-of-512", multiple("factor-17-of-512", 17, 512))
    yield rsa_case("factor-19-of-256", multiple("factor-19-of-256", 19, 256))
    yield rsa_case("factor-5003-squared", multiple("factor-5003-squared", 5003**2, 2048, 2))


def size_cases() -> Iterator[Case]:
    for bits in (256, 512, 768, 1023, 1024, 2047, 2056, 3072, 4096, 4104):
        yield rsa_case(f"size-{bits}", modulus(f"size-{bits}", bits))


def xz_cases() -> Iterator[Case]:
    for rest in (0, 3, 4):
        yield rsa_case(f"xz-{rest}", xz_carrier(f"xz-{rest}", rest))
    yield rsa_case("xz-2-of-2047", xz_carrier("xz-2-of-2047", 2, 2047))


def dsa_cases() -> Iterator[Case]:
    yield dsa_case("dsa-sparse-1024", *sparse_group("dsa-sparse-1024", 1024))
    yield dsa_case("dsa-sparse-2048", *sparse_group("dsa-sparse-2048", 2048))
    name = "dsa-one-bit-more"
    yield dsa_case(name, *sparse_group(name, 1024, 1 << 512 + 20))


def listed_cases() -> Iterator[Case]:
    """Keys that stand in the list."""
    yield rsa_case("listed-rsa", modulus("listed-rsa"))
    yield ec_case("listed-p256", p256(made_up("listed-p256").randrange(1, P256_ORDER)))
    yield ec_case("listed-p256-compressed", p256(made_up("listed-p256-compressed").randrange(1, P256_ORDER), True))
    yield ed25519_case("listed-ed25519", ed25519_key(made_up("listed-ed25519").randbytes(32)))
    base = made_up("listed-zero").getrandbits(200)
    yield ec_case("listed-p256-zero", first_with_zero(lambda number: p256(base + number), 1))
    yield ed25519_case("listed-ed25519-zero", first_with_zero(lambda number: ed25519_key(seed(base + number)), 0))
    yield ml_dsa_case("listed-ml-dsa-44", ml_dsa_key(seed(base)))
    yield ml_dsa_case("listed-ml-dsa-44-zero", first_with_zero(lambda number: ml_dsa_key(seed(base + number)), 0))
    yield dsa_case("listed-dsa", *group("listed-dsa"))


def group(name: str) -> tuple[int, int]:
    numbers = made_up(name)
    q = prime(numbers, 256)
    while True:
        p = numbers.getrandbits(2048) | 1 << 2047
        p -= (p - 1) % (2 * q)
        if gmpy2.is_prime(p):
            return p, q


def other_cases() -> Iterator[Case]:
    """What badkeys does not look for."""
    yield rsa_case("prime-modulus", prime(made_up("prime-modulus"), 2048))
    yield rsa_case("cube", prime(made_up("cube"), 683) ** 3)
    yield rsa_case("three-primes", multiple("three-primes", 1, 2048, 3))
    name = "smooth-prime"
    yield rsa_case(name, multiple(name, smooth_prime(name, 1024), 2048))
    p = prime(made_up("ratio-3-to-2"), 1024)
    yield rsa_case("ratio-3-to-2", p * int(gmpy2.next_prime(p * 2 // 3)))
    numbers = made_up("equal-low-halves")
    p, q = prime(numbers, 1024), 4
    while not gmpy2.is_prime(q):
        q = (3 << 1022 | numbers.getrandbits(1022)) >> 530 << 530 | p % (1 << 530)
    yield rsa_case("equal-low-halves", p * q)
    # y = 1; y = -1; x = sqrt(-1), y = 0; a point of order 8; y = 1 + p, which is another spelling of the first.
    field_prime = 2**255 - 19
    order_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    small = {"1": 1, "2": field_prime - 1, "4": 0, "8": int.from_bytes(order_8, "little"), "1-respelt": 1 + field_prime}
    for name, y in small.items():
        yield ed25519_case(f"ed25519-order-{name}", y.to_bytes(32, "little"))
    y = next(y for y in range(2, 100) if not ed25519_has_x(y, field_prime))
    yield ed25519_case("ed25519-no-point", y.to_bytes(32, "little"))
    point = bytearray(p256(made_up("off-curve").randrange(1, P256_ORDER)))
    point[-1] ^= 1
    yield ec_case("p256-off-curve", bytes(point))
    for name, private in (("5", 5), ("1000", 1000), ("100000", 100_000), ("minus-7", P256_ORDER - 7)):
        yield ec_case(f"p256-private-{name}", p256(private))
    yield ec_case("p256-private-2-to-the-40", p256(2**40 + 1))
    yield ec_case("rfc-9500-p256", p256(0xE6CB5BDD80AA45AE9C95E8C15476679FFEC953C16851E711E743939589C64FC1))
    yield ec_case("rfc-6979-p256", p256(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721))
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    yield ed25519_case("rfc-8032-ed25519", ed25519_key(secret))
    numbers = made_up("small-nonce")
    signature = der(SEQUENCE, integer(P256_X), integer(numbers.randrange(1, P256_ORDER)))
    yield ec_case("p256-nonce-1", p256(numbers.randrange(1, P256_ORDER)), signature)


def ed25519_has_x(y: int, p: int) -> bool:
    """Whether (y^2 - 1) / (dy^2 + 1) is a square (RFC 8032 section 5.1.3)."""
    d = -121665 * pow(121666, -1, p) % p
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return square == 0 or pow(square, (p - 1) // 2, p) == 1


FRESH = 50


def fresh_cases() -> Iterator[Case]:
    for number in range(FRESH):
        name = f"fresh-rsa-{number:02}"
        yield rsa_case(name, modulus(name), bare=number % 2 == 0)
        name = f"fresh-p256-{number:02}"
        yield ec_case(name, p256(made_up(name).randrange(1, P256_ORDER)))
        name = f"fresh-ed25519-{number:02}"
        yield ed25519_case(name, ed25519_key(made_up(name).randbytes(32)))


CASES = [
    fermat_cases,
    roca_cases,
    exponent_cases,
    pattern_cases,
    prime_cases,
    wiener_cases,
    factor_cases,
    size_cases,
    xz_cases,
    dsa_cases,
    listed_cases,
    other_cases,
    fresh_cases,
]


def installed_requests() -> Iterator[tuple[str, str]]:
    """Two requests with keys of real smart cards, which the package roca-detect ships."""
    try:
        folder = importlib.resources.files("roca") / "tests/data"
    except ModuleNotFoundError:
        return
    for name in ("csr03", "csr05"):
        yield f"roca-detect-{name}", (folder / f"{name}.pem").read_text()


# Comparison ---------------------------------------------------------------------------------------------------------

EXPONENT = {"key/rsa-exponent-unusual", "key/rsa-exponent-out-of-range", "key/rsa-exponent-invalid"}
SIZE = {"key/rsa-too-small", "key/rsa-size-unusual", "key/rsa-size-not-listed", "key/rsa-too-large"}
# Of each check of badkeys, with its subtype where that matters: the rules of which one has to fire.
RULES = {
    "fermat": {"key/rsa-close-primes"},
    "roca": {"key/rsa-roca"},
    "rsainvalid": {"key/rsa-exponent-invalid", "signature/forgeable-possession"},
    "rsapoly": {"key/rsa-pattern"},
    "rsabias": {"key/rsa-pattern"},
    "rsabias/vanity": {"key/rsa-vanity"},
    "pattern": {"key/rsa-pattern"},
    "sharedprimes": {"estate/shared-prime"},
    "smalld": {"key/rsa-small-private-exponent"},
    "smallfactors/below 752": {"key/rsa-small-factor", "key/rsa-modulus-malformed"},  # the latter for 2
    "smallfactors/to 65537": {"key/rsa-factor-found"},
    "blocklist": {"key/compromised"},
    "dsasparse": {"key/group-invalid"},
    "rsawarnings/extremely_small": {"key/rsa-too-small"},
    "rsawarnings/too_small": {"key/rsa-too-small"},
    "rsawarnings/not_multiple_of_8": {"key/rsa-size-unusual"},
    "rsawarnings/unusual_keysize": {"key/rsa-size-not-listed"},
    "rsawarnings/exponent_3": EXPONENT,
    "rsawarnings/exponent_not_65537": EXPONENT,
    "xzbackdoor": {"key/rsa-xz-carrier"},
}
# badkeys tells the first warning only: where it has one, others of csrlint's are no difference.
WARNINGS = EXPONENT | SIZE
COMPARED = ("key/", "signature/forgeable-possession", "signature/small-nonce", "estate/shared-prime")

BADKEYS, CSRLINT = "badkeys", "csrlint"


@dataclass
class Explanation:
    """Why only one of them finds something: globs of cases, who finds it, a glob of what it finds, the reason."""

    cases: str
    who: str
    what: str
    why: str
    needed: bool = False

    def fits(self, name: str, who: str, what: str) -> bool:
        fits = self.who == who and fnmatchcase(name, self.cases) and fnmatchcase(what, self.what)
        self.needed |= fits
        return fits


STANDARD_DEVIATIONS = (
    "six standard deviations for csrlint; a share for badkeys, which is more than that for long moduli"
)
NOT_LOOKED_FOR = "badkeys has no check for it"
LIST_ONLY = "of this kind of key badkeys knows only what is in its list"
EXPLAINED = [
    Explanation(
        "roca-each-prime-only",
        CSRLINT,
        "key/rsa-roca",
        "csrlint looks at each small prime by itself, which one random key in 200 million passes",
    ),
    Explanation("e-1", BADKEYS, "rsawarnings/*", "csrlint tells this exponent once, as what it is"),
    Explanation("bias-??-percent", CSRLINT, "key/rsa-pattern", STANDARD_DEVIATIONS),
    Explanation("vanity-third", CSRLINT, "key/rsa-vanity", STANDARD_DEVIATIONS),
    Explanation("bias-38-percent-of-512", BADKEYS, "rsapoly", STANDARD_DEVIATIONS),
    Explanation("pattern-8-of-00", CSRLINT, "key/rsa-pattern", "8 octets of 00 or FF are enough for csrlint"),
    Explanation("known-prime*", CSRLINT, "estate/shared-prime", "badkeys wants a list for moduli of this very size"),
    Explanation("run-shares-prime-?", CSRLINT, "estate/shared-prime", "badkeys does not compare keys with each other"),
    Explanation("factor-19-of-256", BADKEYS, "smallfactors/*", "below 512 bits csrlint tells the size only"),
    Explanation("factor-*", CSRLINT, "key/rsa-smooth-prime", "Pollard's method finds small factors, too"),
    Explanation("*dsa*", CSRLINT, "key/dsa", "badkeys has nothing against DSA as such"),
    Explanation("dsa-sparse-2048", CSRLINT, "key/group-invalid", "badkeys looks at 1024 bits only"),
    Explanation("listed-p256-compressed", CSRLINT, "key/ec-point-compressed", "badkeys has no opinion on encodings"),
    Explanation("prime-modulus", CSRLINT, "signature/forgeable-possession", NOT_LOOKED_FOR),
    Explanation("cube", CSRLINT, "key/rsa-prime-power", NOT_LOOKED_FOR),
    Explanation("smooth-prime", CSRLINT, "key/rsa-smooth-prime", NOT_LOOKED_FOR),
    Explanation("ratio-3-to-2", CSRLINT, "key/rsa-related-primes", NOT_LOOKED_FOR),
    Explanation("equal-low-halves", CSRLINT, "key/rsa-related-primes", NOT_LOOKED_FOR),
    Explanation("ed25519-order-*", CSRLINT, "signature/forgeable-possession", LIST_ONLY),
    Explanation("ed25519-*", CSRLINT, "key/edwards-point-invalid", LIST_ONLY),
    Explanation("p256-off-curve", CSRLINT, "key/ec-point-invalid", "badkeys' reader refuses it without a finding"),
    Explanation("p256-private-*", CSRLINT, "key/ec-small-private-key", LIST_ONLY),
    Explanation("p256-private-*", CSRLINT, "key/weak-generator", LIST_ONLY),
    Explanation("p256-nonce-1", CSRLINT, "signature/small-nonce", "badkeys does not look at signatures"),
    Explanation("rfc-*", CSRLINT, "key/published", "the list of these keys comes with csrlint; badkeys' is a download"),
    Explanation("roca-detect-*", CSRLINT, "key/published", "csrlint's list has the test keys of this package, too"),
]


def check_name(check: str, result: dict[str, Any]) -> str:
    """A key of RULES."""
    if check == "smallfactors":
        return "smallfactors/" + ("to 65537" if gmpy2.gcd(gmpy2.primorial(751), result["p"]) == 1 else "below 752")
    name = f"{check}/{result.get('subtest')}"
    return name if name in RULES else check


def ask_badkeys(request: str, case: Case | None) -> tuple[set[str], set[str], str]:
    """Keys of RULES, the same with all subtypes for people, and how its reader failed."""
    # As its command line does for a file; `allchecks` are those with warnings and extras.
    answer = detectandcheck(request, checks=allchecks.keys())
    refused, results = "", answer["results"]
    if answer["type"] in ("unparseable", "unsupported", "notfound"):
        refused = answer["type"]
        if case and case.rsa:
            refused += ", asked without its reader"
            results = checkrsa(*case.rsa, allchecks)
    shown = {f"{check}/{one['subtest']}" if "subtest" in one else check for check, one in results.items()}
    return {check_name(check, one) for check, one in results.items()}, shown, refused


def write_lists(folder: Path, cases: list[Case]) -> None:
    """The list of keys, where badkeys looks for it, and the lists of primes."""
    listed = [case.hashed for case in cases if case.name.startswith("listed-")]
    records = sorted(hashlib.sha256(hashed).digest()[:15] + bytes([200]) for hashed in listed)
    place = folder / "badkeys"
    place.mkdir()
    (place / "blocklist.dat").write_bytes(b"".join(records))
    (place / "badkeysdata.json").write_text(json.dumps({"bkformat": 0, "blocklists": [{"id": 200, "name": "own"}]}))
    for bits in PRIME_LISTS:
        (place / f"primes{bits}.dat").write_bytes(shipped_primes(bits)[0])
    # Once as a text, once as gmpy2 writes it.
    (place / "own1024.txt").write_text("".join(f"{one:x}\n" for one in known_primes(1024)))
    (place / "own2048.dat").write_bytes(gmpy2.to_binary(gmpy2.mpz(math.prod(known_primes(2048)))))
    # badkeys reads its own lists only; it keeps them here.
    for bits in (1024, 2048):
        SHARED_PRIMES._moduli[bits] = shipped_primes(bits)[1] * math.prod(known_primes(bits))


def run_csrlint(binary: Path, folder: Path, lists: Path) -> dict[str, set[str]]:
    """By file name: the rules that fire."""
    names = [*(f"primes{bits}.dat" for bits in PRIME_LISTS), "own1024.txt", "own2048.dat"]
    # A policy names files of its own tree only.
    shutil.copytree(lists, folder / "lists", dirs_exist_ok=True)
    blocklists = [{"file": f"lists/{name}", "format": "primes"} for name in names]
    # The rule of CAs with three sizes says what badkeys says of sizes; it is in no general profile.
    rules = {"key/rsa-size-not-listed": {"severity": "warning"}}
    policy = {"version": 1, "profiles": ["pedantic"], "rules": rules, "blocklists": blocklists, "exclude": ["lists/**"]}
    (folder / "csrlint.yaml").write_text(json.dumps(policy, indent=1))
    command: list[str | Path] = [binary, "-C", folder, "check", ".", "--deep", "--format", "json", "--fail-on", "never"]
    run = subprocess.run([*command, "--blocklist", lists / "blocklist.dat"], capture_output=True, check=False)
    if run.returncode not in (0, 3):
        sys.exit(run.stderr.decode())
    report = json.loads(run.stdout)
    fired: dict[str, set[str]] = {path.name: set() for path in folder.glob("*.csr")}
    for finding in report["findings"]:
        # A prime that two requests share is one finding, with the second request beside it.
        places = [finding["path"], *(other["path"] for other in finding["related"] or [])]
        for path in places if finding["rule"].startswith("estate/") else places[:1]:
            # Superseded findings count for nothing.
            if finding["rule"].startswith(COMPARED) and path in fired and not finding["superseded_by"]:
                fired[path].add(finding["rule"])
    # What csrlint has not looked at cannot be compared.
    if report["errors"]:
        sys.exit("\n".join(f"{error['path']}: {error['message']}" for error in report["errors"]))
    return fired


def judge(name: str, found: set[str], fired: set[str]) -> tuple[list[str], int]:
    """The reasons for the differences, and how many of them have none."""
    wanted = [RULES[check] for check in found]
    warned = WARNINGS if any(check.startswith("rsawarnings") for check in found) else set()
    only = [(BADKEYS, check) for check in sorted(found) if not RULES[check] & fired]
    only += [(CSRLINT, rule) for rule in sorted(fired - warned - set().union(*wanted))]
    reasons: list[str] = []
    bad = 0
    for who, what in only:
        fits = [one.why for one in EXPLAINED if one.fits(name, who, what)]
        bad += not fits
        reasons.append(f"{who} only, {what}: {fits[0] if fits else '**NOT EXPLAINED**'}")
    return reasons, bad


def checks(options: argparse.Namespace) -> int:
    started = time.monotonic()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="badkeys-")))
        requests, lists = folder / "requests", folder / "lists"
        for path in (requests, lists):
            path.mkdir(parents=True)
        # Where badkeys looks for its list instead of the user's folder.
        os.environ["XDG_CACHE_HOME"] = str(lists.resolve())

        cases = {case.name: case for make in CASES for case in make()}
        inputs = {name: case.pem() for name, case in cases.items()} | dict(installed_requests())
        for name, request in inputs.items():
            (requests / f"{name}.csr").write_text(request)
        write_lists(lists, list(cases.values()))
        made = time.monotonic()
        said = {name: ask_badkeys(request, cases.get(name)) for name, request in inputs.items()}
        asked = time.monotonic()
        fired = run_csrlint(options.csrlint.resolve(), requests.resolve(), (lists / "badkeys").resolve())
        finished = time.monotonic()

    rows: Counter[tuple[str, str, str, str]] = Counter()
    bad, same = 0, 0
    for name in inputs:
        (found, shown, refused), rules = said[name], fired[f"{name}.csr"]
        reasons, unexplained = judge(name, found, rules)
        bad += unexplained
        same += not reasons
        theirs = ", ".join(sorted(shown)) or "-"
        if refused:
            theirs += f" ({refused})"
        # Fresh keys are one row if they are alike.
        case = re.sub(r"^(fresh-.*)-\d+$", r"\1", name)
        rows[case, theirs, ", ".join(sorted(rules)) or "-", "; ".join(reasons) or "same"] += 1
    print("| case | badkeys | csrlint | same, or why not |\n|---|---|---|---|")
    for (case, *cells), count in rows.items():
        print("|", " | ".join([case + (f" ({count})" if count > 1 else ""), *cells]), "|")

    unneeded = [one for one in EXPLAINED if not one.needed]
    # Without the package roca-detect, no request shows it.
    unneeded = [one for one in unneeded if any(fnmatchcase(name, one.cases) for name in inputs)]
    for one in unneeded:
        print(f"explained without need: {one.who} only, {one.cases}, {one.what}")
    bad += len(unneeded)
    print(f"\n{len(inputs)} requests compared with badkeys {badkeys.__version__}; the same is found in {same}")
    print(f"badkeys {asked - made:.1f} seconds, csrlint {finished - asked:.1f} seconds (with --deep)")
    print(f"{bad} problems; {time.monotonic() - started:.0f} seconds")
    return 1 if bad else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csrlint", type=Path, required=True, help="the binary")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave requests and lists in this new folder")
    return checks(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
