//! A few requests that most tests start from, each made once.

#![allow(dead_code, unreachable_pub, reason = "a tool box: no single test needs all of it")]

use std::sync::LazyLock;

use crate::forge::csr::{Csr, good};
use crate::forge::sign::{Hash, Sig};
use crate::forge::{der, keys};

/// Nothing is wrong with it.
pub static GOOD: LazyLock<String> = LazyLock::new(|| good().pem());

/// RSA-1024: the error `key/rsa-too-small` and nothing else.
pub static WEAK: LazyLock<String> = LazyLock::new(|| weak().pem());

/// SHA-1: the warning `signature/hash-not-allowed` and nothing else.
pub static SHA1: LazyLock<String> = LazyLock::new(|| Csr::signed(keys::ec("P-256"), Sig::Ecdsa(Hash::Sha1)).pem());

/// RSA-1024.
pub fn weak() -> Csr {
    Csr::new(keys::rsa(1024, 65537))
}

/// A sound request with one more attribute value in its subject.
pub fn with_subject(parts: &[(&str, &str)]) -> Csr {
    good().subject(der::name(parts))
}

/// A sound request that asks for these names only.
pub fn with_names(names: &[Vec<u8>]) -> Csr {
    good().san_extension(der::san(names))
}

/// A policy that allows everything, for an info finding on `GOOD`: the rule is enforced from tomorrow.
pub const INFO_POLICY: &str = "version: 1\nrules:\n  key/not-allowed:\n    with: { rsa: { min: 2048 }, other: deny }\n    enforce-from: 2030-01-01\n";
