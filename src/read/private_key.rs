//! Private keys by their form: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915), OpenSSL's DSA, OpenSSH, PKCS#12 (RFC 7292).
//! Of the private part nothing is kept: the public half is computed where no password is needed, and of it only a digest.
//! A stored public half is believed: it is cheaper than to compute it, and nobody gains by lying about it.

use crate::crypto;
use crate::encoding::der::{Dom, Id, Primitives, tag};
use crate::request::{Oid, oids, sha256};
use crate::source::{Sources, Span};

/// How a private key is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrivateKeyForm {
    /// PrivateKeyInfo (RFC 5958).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5958 section 3).
    EncryptedPkcs8,
    /// RSAPrivateKey (RFC 8017 appendix A.1.2), ECPrivateKey (RFC 5915) or OpenSSL's DSA key.
    Traditional,
    /// One of those under a password, as OpenSSL wrote them before PKCS#8 (`Proc-Type: 4,ENCRYPTED`).
    EncryptedTraditional,
    /// openssh-key-v1 without a password.
    OpenSsh,
    /// openssh-key-v1 under a password.
    EncryptedOpenSsh,
    /// PFX (RFC 7292), by its shape: what is in it, and under which password, is not known.
    Pkcs12,
    /// A label that says so, over something that is none of these.
    Other,
}

impl PrivateKeyForm {
    /// Whether a password is needed to use it, as far as can be told.
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::EncryptedPkcs8 | Self::EncryptedTraditional | Self::EncryptedOpenSsh | Self::Pkcs12)
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PKCS#8",
            Self::EncryptedPkcs8 => "encrypted PKCS#8",
            Self::Traditional => "traditional form",
            Self::EncryptedTraditional => "encrypted traditional form",
            Self::OpenSsh => "OpenSSH",
            Self::EncryptedOpenSsh => "encrypted OpenSSH",
            Self::Pkcs12 => "PKCS#12",
            Self::Other => "unknown form",
        }
    }
}

/// What of a private key is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicHalf {
    /// `RSA`, `EC`, `Ed25519` and the like.
    pub algorithm: &'static str,
    /// SHA-256 of the number that is the public key: see `lists::number_hash`.
    pub number_sha256: [u8; 32],
    /// SHA-256 of the SubjectPublicKeyInfo that its standard gives it.
    pub spki_sha256: [u8; 32],
    /// The modulus of an RSA key.
    pub modulus: Option<Vec<u8>>,
}

/// A private key of the tree.
#[derive(Debug)]
pub struct PrivateKey {
    /// The way from spans to file bytes.
    pub sources: Sources,
    /// The BEGIN line, or the beginning of what has none.
    pub span: Span,
    /// How it is written down.
    pub form: PrivateKeyForm,
    /// The public half, where it could be told without a password.
    pub public: Option<PublicHalf>,
    /// It stands inside a file of something else.
    pub embedded: bool,
    /// How many stand before it in the file.
    pub number: usize,
}

/// Recognises a private key in the octets under a PEM label; a label is believed where the octets tell nothing.
pub(super) fn labelled(label: &str, encrypted: bool, octets: &[u8]) -> (PrivateKeyForm, Option<PublicHalf>) {
    if encrypted {
        return (PrivateKeyForm::EncryptedTraditional, None);
    }
    if label.starts_with("OPENSSH") {
        return open_ssh(octets).unwrap_or((PrivateKeyForm::Other, None));
    }
    let other = if label.starts_with("ENCRYPTED") { PrivateKeyForm::EncryptedPkcs8 } else { PrivateKeyForm::Other };
    der(octets).unwrap_or((other, None))
}

/// Recognises a private key in DER.
pub(super) fn der(octets: &[u8]) -> Option<(PrivateKeyForm, Option<PublicHalf>)> {
    let mut ignored = Vec::new();
    let mut dom = Dom::new(octets);
    let roots = dom.walk(0..octets.len(), Primitives::IntegersUnchecked, &mut ignored);
    let outer = dom.roots(roots).next().filter(|id| dom.tag(*id) == tag::SEQUENCE && !dom.get(*id).truncated)?;
    let parts: Vec<Id> = dom.children(outer).collect();
    let tags: Vec<u8> = parts.iter().map(|id| dom.tag(*id)).collect();
    let version = parts.first().map(|id| dom.content(*id)).unwrap_or_default();
    match (tags.as_slice(), version) {
        ([tag::INTEGER, tag::SEQUENCE, tag::OCTET_STRING, ..], [0 | 1]) => {
            let (identifier, private) = (*parts.get(1)?, *parts.get(2)?);
            let oid = dom.children(identifier).next().filter(|id| dom.tag(*id) == tag::OID)?;
            let parameters = dom.children(identifier).nth(1);
            let curve = parameters
                .filter(|id| dom.tag(*id) == tag::OID)
                .and_then(|id| crypto::Curve::from_oid(dom.content(id)));
            let outer = Outer {
                oid: Oid::from_content(dom.content(oid)),
                identifier: dom.raw(identifier),
                parameters: parameters.map(|id| dom.raw(id)),
                curve,
                // RFC 5958: [1] publicKey, an implicit BIT STRING.
                stored: parts.iter().skip(3).find(|id| dom.tag(**id) == 0x81).and_then(|id| dom.content(*id).get(1..)),
                whole: octets,
            };
            Some((PrivateKeyForm::Pkcs8, outer.public(dom.content(private))))
        }
        // SEQUENCE { AlgorithmIdentifier of PBES2 or PKCS#12, OCTET STRING }
        ([tag::SEQUENCE, tag::OCTET_STRING], _) => {
            let oid = parts.first().and_then(|id| dom.children(*id).next()).filter(|id| dom.tag(*id) == tag::OID)?;
            let dotted = Oid::from_content(dom.content(oid)).to_string();
            let password_based =
                dotted.starts_with("1.2.840.113549.1.5.") || dotted.starts_with("1.2.840.113549.1.12.1.");
            password_based.then_some((PrivateKeyForm::EncryptedPkcs8, None))
        }
        // PFX { INTEGER 3, ContentInfo of data or signedData, MacData OPTIONAL }
        ([tag::INTEGER, tag::SEQUENCE, ..], [3]) => {
            let content = parts.get(1).and_then(|id| dom.children(*id).next()).filter(|id| dom.tag(*id) == tag::OID)?;
            let content = Oid::from_content(dom.content(content));
            // keyBag and pkcs8ShroudedKeyBag (RFC 7292 appendix D): keys are under a password of their own, and their bags in
            // the clear. A PFX without them holds certificates, as far as can be seen.
            let key_bag = |last: u8| {
                memchr::memmem::find(octets, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 12, 10, 1, last]).is_some()
            };
            let is_data = content == oids::CMS_DATA || content == oids::CMS_SIGNED_DATA;
            (is_data && (key_bag(1) || key_bag(2))).then_some((PrivateKeyForm::Pkcs12, None))
        }
        ([tag::INTEGER, tag::OCTET_STRING, ..], [1]) => Some((PrivateKeyForm::Traditional, sec1(&dom, &parts, None))),
        // RSAPrivateKey has nine INTEGERs, ten with OtherPrimeInfos; OpenSSL's DSA key has six.
        (tags, [0 | 1]) if tags.len() >= 9 && tags.iter().take(9).all(|tag| *tag == tag::INTEGER) => {
            let public = rsa(dom.content(*parts.get(1)?), dom.content(*parts.get(2)?));
            Some((PrivateKeyForm::Traditional, public))
        }
        ([tag::INTEGER, tag::INTEGER, tag::INTEGER, tag::INTEGER, tag::INTEGER, tag::INTEGER], [0]) => {
            let raw = |number: usize| parts.get(number).map(|id| dom.raw(*id));
            let public = dsa([raw(1)?, raw(2)?, raw(3)?, raw(4)?], dom.content(*parts.get(4)?));
            Some((PrivateKeyForm::Traditional, public))
        }
        _ => None,
    }
}

/// An element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => out.push(short),
        _ => {
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

/// SubjectPublicKeyInfo (RFC 5280 section 4.1).
fn spki(identifier: &[u8], key: &[u8]) -> Vec<u8> {
    let bits = element(tag::BIT_STRING, &[&[0], key].concat());
    element(tag::SEQUENCE, &[identifier, &bits].concat())
}

/// The SubjectPublicKeyInfo of an RSAPublicKey.
pub(super) fn rsa_spki(key: &[u8]) -> Vec<u8> {
    spki(&identifier(&oids::RSA_ENCRYPTION, &[tag::NULL, 0]), key)
}

/// The AlgorithmIdentifier of an OID with these parameters.
fn identifier(oid: &Oid, parameters: &[u8]) -> Vec<u8> {
    element(tag::SEQUENCE, &[&element(tag::OID, oid.as_bytes()), parameters].concat())
}

/// From the number, without leading zero octets, as badkeys hashes it, and the SubjectPublicKeyInfo.
fn half(algorithm: &'static str, number: &[u8], spki: &[u8]) -> Option<PublicHalf> {
    let significant = number.iter().position(|octet| *octet != 0).and_then(|start| number.get(start..))?;
    Some(PublicHalf { algorithm, number_sha256: sha256(significant), spki_sha256: sha256(spki), modulus: None })
}

/// From the contents of the INTEGERs.
fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<PublicHalf> {
    let key = element(tag::SEQUENCE, &[element(tag::INTEGER, modulus), element(tag::INTEGER, exponent)].concat());
    Some(PublicHalf { modulus: Some(modulus.to_vec()), ..half("RSA", modulus, &rsa_spki(&key))? })
}

/// From an encoded point; the SubjectPublicKeyInfo has it in full (RFC 5480 section 2.2).
fn ec(curve: Option<crypto::Curve>, point: &[u8]) -> Option<PublicHalf> {
    let x = match point.split_first()? {
        (2 | 3, x) => x,
        (4 | 6 | 7, both) => both.get(..both.len() / 2)?,
        _ => return None,
    };
    let full = curve.and_then(|curve| crypto::public_half::uncompressed(curve, point));
    let named = curve.map(|curve| element(tag::OID, &curve.oid_content())).unwrap_or_default();
    half("EC", x, &spki(&identifier(&oids::EC_PUBLIC_KEY, &named), full.as_deref().unwrap_or(point)))
}

/// From the INTEGERs p, q, g and y, and the content of y.
fn dsa([p, q, g, y]: [&[u8]; 4], number: &[u8]) -> Option<PublicHalf> {
    let parameters = element(tag::SEQUENCE, &[p, q, g].concat());
    half("DSA", number, &spki(&identifier(&oids::DSA, &parameters), y))
}

/// ECPrivateKey { 1, OCTET STRING, [0] parameters, [1] BIT STRING }; inside PKCS#8 the curve stands outside.
fn sec1(dom: &Dom<'_>, parts: &[Id], curve: Option<crypto::Curve>) -> Option<PublicHalf> {
    let tagged = |number: u8| parts.iter().find(|id| dom.tag(**id) == number).and_then(|id| dom.children(*id).next());
    let named =
        tagged(0xA0).filter(|id| dom.tag(*id) == tag::OID).and_then(|id| crypto::Curve::from_oid(dom.content(id)));
    let curve = curve.or(named);
    if let Some(stored) = tagged(0xA1).filter(|id| dom.tag(*id) == tag::BIT_STRING) {
        return ec(curve, dom.content(stored).get(1..)?);
    }
    let point = crypto::public_half::ec(curve?, dom.content(*parts.get(1)?))?;
    ec(curve, &point)
}

/// What stands around the private part in PKCS#8.
struct Outer<'a> {
    oid: Oid,
    identifier: &'a [u8],
    parameters: Option<&'a [u8]>,
    curve: Option<crypto::Curve>,
    stored: Option<&'a [u8]>,
    whole: &'a [u8],
}

impl Outer<'_> {
    fn public(&self, private: &[u8]) -> Option<PublicHalf> {
        let mut ignored = Vec::new();
        let mut dom = Dom::new(private);
        let roots = dom.walk(0..private.len(), Primitives::IntegersUnchecked, &mut ignored);
        let inner = dom.roots(roots).next();
        let parts: Vec<Id> = inner.map(|id| dom.children(id).collect()).unwrap_or_default();
        // CurvePrivateKey is an OCTET STRING in the OCTET STRING (RFC 8410 section 7).
        let secret = || inner.filter(|id| dom.tag(*id) == tag::OCTET_STRING).map(|id| dom.content(id));
        let of_octets = |name, compute: fn(&[u8]) -> Option<Vec<u8>>| {
            let octets = self.stored.map(<[u8]>::to_vec).or_else(|| compute(secret()?))?;
            half(name, &octets, &spki(self.identifier, &octets))
        };
        match &self.oid {
            oid if *oid == oids::RSA_ENCRYPTION || *oid == oids::RSASSA_PSS => {
                rsa(dom.content(*parts.get(1)?), dom.content(*parts.get(2)?))
            }
            oid if *oid == oids::EC_PUBLIC_KEY => match self.stored {
                Some(stored) => ec(self.curve, stored),
                None => sec1(&dom, &parts, self.curve),
            },
            oid if *oid == oids::ED25519 => of_octets("Ed25519", crypto::public_half::ed25519),
            oid if *oid == oids::ED448 => of_octets("Ed448", crypto::public_half::ed448),
            oid if *oid == oids::X25519 => of_octets("X25519", crypto::public_half::x25519),
            oid if *oid == oids::X448 => of_octets("X448", |_| None),
            oid if *oid == oids::DSA => {
                let x = inner.filter(|id| dom.tag(*id) == tag::INTEGER).map(|id| dom.content(id))?;
                let y = crypto::public_half::dsa(self.parameters?, x)?;
                let padded = [&[0][..usize::from(y.first().is_some_and(|first| first & 0x80 != 0))], &y].concat();
                half("DSA", &y, &spki(self.identifier, &element(tag::INTEGER, &padded)))
            }
            _ => {
                let octets = self.stored.map(<[u8]>::to_vec).or_else(|| crypto::public_half::ml_dsa(self.whole))?;
                let spki_sha256 = sha256(&spki(self.identifier, &octets));
                let algorithm = self.oid.name().unwrap_or("unknown algorithm");
                Some(PublicHalf { algorithm, number_sha256: sha256(&octets), spki_sha256, modulus: None })
            }
        }
    }
}

/// openssh-key-v1 (PROTOCOL.key of OpenSSH): the public key stands before the private part, in the clear.
fn open_ssh(octets: &[u8]) -> Option<(PrivateKeyForm, Option<PublicHalf>)> {
    fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (string, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        *rest = after;
        Some(string)
    }
    let mut rest = octets.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, _, _) = (string(&mut rest)?, string(&mut rest)?, string(&mut rest)?);
    let form = if cipher == b"none" { PrivateKeyForm::OpenSsh } else { PrivateKeyForm::EncryptedOpenSsh };
    rest = rest.get(4..)?;
    let mut blob = string(&mut rest)?;
    // RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4: numbers are written as DER writes INTEGERs.
    let public = (|| match string(&mut blob)? {
        b"ssh-rsa" => {
            let (exponent, modulus) = (string(&mut blob)?, string(&mut blob)?);
            rsa(modulus, exponent)
        }
        b"ssh-ed25519" => {
            let key = string(&mut blob)?;
            half("Ed25519", key, &spki(&identifier(&oids::ED25519, &[]), key))
        }
        name if name.starts_with(b"ecdsa-sha2-") => {
            let curve = std::str::from_utf8(string(&mut blob)?).ok().and_then(crypto::Curve::from_name);
            ec(curve, string(&mut blob)?)
        }
        b"ssh-dss" => {
            let numbers = [string(&mut blob)?, string(&mut blob)?, string(&mut blob)?, string(&mut blob)?];
            let [p, q, g, y] = numbers.map(|number| element(tag::INTEGER, number));
            dsa([&p, &q, &g, &y], numbers.last()?)
        }
        _ => None,
    })();
    Some((form, public))
}
