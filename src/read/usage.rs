//! Key usages and purposes by the names that tools give them: `digitalSignature`, `digital signature`, `digital_signature`
//! and `DigitalSignature` are one name. Which of the spellings a tool takes, and what it does with another, is its reader's business.

use crate::request::{KeyUsageBit, Oid, oids};

/// The name without blanks, hyphens and underscores, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// A bit of keyUsage.
pub(super) fn key_usage(name: &str) -> Option<KeyUsageBit> {
    Some(match plain(name).as_str() {
        "digitalsignature" | "signing" => KeyUsageBit::DigitalSignature,
        "nonrepudiation" | "contentcommitment" | "contentcommittment" => KeyUsageBit::NonRepudiation,
        "keyencipherment" => KeyUsageBit::KeyEncipherment,
        "dataencipherment" => KeyUsageBit::DataEncipherment,
        "keyagreement" => KeyUsageBit::KeyAgreement,
        "keycertsign" | "certsign" | "certsigning" => KeyUsageBit::KeyCertSign,
        "crlsign" | "crlsigning" => KeyUsageBit::CrlSign,
        "encipheronly" => KeyUsageBit::EncipherOnly,
        "decipheronly" => KeyUsageBit::DecipherOnly,
        _ => return None,
    })
}

/// A purpose of extendedKeyUsage, by name or dotted OID.
pub(super) fn purpose(name: &str) -> Option<Oid> {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return Oid::from_dotted(name);
    }
    let constant = |dotted: &str| Oid::from_dotted(dotted);
    match plain(name).as_str() {
        "any" | "anyextendedkeyusage" | "anyextended" => Some(oids::ANY_EXTENDED_KEY_USAGE.clone()),
        "serverauth" | "tlswebserverauthentication" => Some(oids::SERVER_AUTH.clone()),
        "clientauth" | "tlswebclientauthentication" => constant("1.3.6.1.5.5.7.3.2"),
        "codesigning" => constant("1.3.6.1.5.5.7.3.3"),
        "emailprotection" | "smime" => constant("1.3.6.1.5.5.7.3.4"),
        "ipsecendsystem" => constant("1.3.6.1.5.5.7.3.5"),
        "ipsectunnel" => constant("1.3.6.1.5.5.7.3.6"),
        "ipsecuser" => constant("1.3.6.1.5.5.7.3.7"),
        "timestamping" => constant("1.3.6.1.5.5.7.3.8"),
        "ocspsigning" => constant("1.3.6.1.5.5.7.3.9"),
        // Server gated cryptography of the nineties.
        "microsoftsgc" | "mssgc" | "microsoftservergatedcrypto" => constant("1.3.6.1.4.1.311.10.3.3"),
        "netscapesgc" | "nssgc" | "netscapeservergatedcrypto" => constant("2.16.840.1.113730.4.1"),
        "microsoftcommercialcodesigning" | "mscodecom" => constant("1.3.6.1.4.1.311.2.1.22"),
        "microsoftkernelcodesigning" => constant("1.3.6.1.4.1.311.61.1.1"),
        other => Oid::from_name(other),
    }
}
