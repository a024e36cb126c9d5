//! The forge: PKCS#10 requests made from nothing, sound ones and ones with exactly one defect, all correctly signed.
//! `clean` must pass under the profile `recommended`; `mutants` name the rule of that profile they trigger, `pedantic_mutants` the one of `pedantic`.
//! No fixture files and no OpenSSL: DER by hand, signatures by aws-lc-rs and by plain arithmetic.

#![allow(dead_code, unused_imports, unreachable_pub, reason = "a tool box: no single test needs all of it")]

pub mod clean;
pub mod csr;
pub mod curves;
pub mod der;
pub mod ec;
pub mod forged;
pub mod keys;
pub mod mutants_armour;
pub mod mutants_attribute;
pub mod mutants_der;
pub mod mutants_extension;
pub mod mutants_key;
pub mod mutants_san;
pub mod mutants_signature;
pub mod mutants_structure;
pub mod mutants_subject;
pub mod recipe;
pub mod rsa;
pub mod sign;

pub use clean::clean;
pub use csr::{Case, Csr};

/// Every file with a defect that the profile `recommended` reports.
pub fn mutants() -> Vec<Case> {
    [
        mutants_armour::mutants(),
        mutants_structure::mutants(),
        mutants_der::mutants(),
        mutants_signature::mutants(),
        mutants_key::mutants(),
        mutants_subject::mutants(),
        mutants_san::mutants(),
        mutants_extension::mutants(),
        mutants_attribute::mutants(),
    ]
    .concat()
}

/// Every file with an oddity that only the profile `pedantic` reports.
pub fn pedantic_mutants() -> Vec<Case> {
    [
        mutants_armour::pedantic(),
        mutants_structure::pedantic(),
        mutants_signature::pedantic(),
        mutants_key::pedantic(),
        mutants_subject::pedantic(),
        mutants_san::pedantic(),
        mutants_extension::pedantic(),
        mutants_attribute::pedantic(),
    ]
    .concat()
}

/// Files that are wrong in a way that only costly tests tell: neither clean nor a mutant.
pub fn without_rule() -> Vec<Case> {
    let prime = Csr::new(keys::rsa_prime_modulus());
    vec![Case::clean("unjudged-rsa-prime-modulus", &prime, "a prime RSA modulus: possession can be forged")]
}
