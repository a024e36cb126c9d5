//! A PKCS#10 request (RFC 2986) whose every part can be replaced; `der` signs exactly the bytes that were built.
//! It starts as a sound request, and a mutant changes one field of it.
//! `Case` is a file made of such requests, with the rule it must trigger.

use super::der::{self, attributes, bits, cat, int, name, seq, tlv};
use super::keys::{self, Key};
use super::sign::Sig;

/// serverAuth.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// clientAuth.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// The host of all requests.
pub const HOST: &str = "shop.example.com";

/// A request to be.
#[derive(Debug, Clone)]
pub struct Csr {
    /// The key that signs.
    pub key: &'static Key,
    /// How it signs.
    pub sig: Sig,
    /// The version element.
    pub version: Vec<u8>,
    /// The subject element.
    pub subject: Vec<u8>,
    /// The SubjectPublicKeyInfo element.
    pub spki: Vec<u8>,
    /// The whole `[0]` element, or nothing.
    pub attributes: Option<Vec<u8>>,
    /// More elements at the end of CertificationRequestInfo.
    pub info_extra: Vec<u8>,
    /// How CertificationRequestInfo gets its tag and length.
    pub info_tlv: fn(u8, &[u8]) -> Vec<u8>,
    /// The signature's AlgorithmIdentifier element.
    pub sig_alg: Vec<u8>,
    /// The whole signature BIT STRING, where it is not the signature.
    pub sig_bits: Option<Vec<u8>>,
    /// More elements at the end of CertificationRequest.
    pub extra: Vec<u8>,
    /// How CertificationRequest gets its tag and length.
    pub outer_tlv: fn(u8, &[u8]) -> Vec<u8>,
    /// Bytes after the structure.
    pub tail: Vec<u8>,
}

impl Csr {
    /// A sound TLS server request.
    pub fn new(key: &'static Key) -> Self {
        Self::signed(key, key.usual())
    }

    /// The same with a signature algorithm.
    pub fn signed(key: &'static Key, sig: Sig) -> Self {
        Self {
            key,
            version: int(0),
            subject: name(&[("O", "Example Trading"), ("CN", HOST)]),
            spki: key.spki.clone(),
            attributes: Some(attributes(&[der::extension_request(&server_extensions())])),
            info_extra: Vec::new(),
            info_tlv: tlv,
            sig_alg: sig.algorithm(),
            sig_bits: None,
            extra: Vec::new(),
            outer_tlv: tlv,
            tail: Vec::new(),
            sig,
        }
    }

    /// Another signature BIT STRING.
    #[must_use]
    pub fn signature_bits(mut self, bits: Vec<u8>) -> Self {
        self.sig_bits = Some(bits);
        self
    }

    /// Another subject.
    #[must_use]
    pub fn subject(mut self, subject: Vec<u8>) -> Self {
        self.subject = subject;
        self
    }

    /// Other requested extensions.
    #[must_use]
    pub fn extensions(self, extensions: &[Vec<u8>]) -> Self {
        self.attribute_list(&[der::extension_request(extensions)])
    }

    /// The usual server extensions and one more.
    #[must_use]
    pub fn and_extension(self, extension: Vec<u8>) -> Self {
        let mut all = server_extensions();
        all.push(extension);
        self.extensions(&all)
    }

    /// The usual server extensions with another SAN extension.
    #[must_use]
    pub fn san_extension(self, san: Vec<u8>) -> Self {
        let mut all = server_extensions();
        all[0] = san;
        self.extensions(&all)
    }

    /// The usual server extensions with one more name in the SAN.
    #[must_use]
    pub fn and_san(self, general_name: Vec<u8>) -> Self {
        self.san_extension(der::san(&[der::dns(HOST), general_name]))
    }

    /// Other attributes (sorted here).
    #[must_use]
    pub fn attribute_list(mut self, list: &[Vec<u8>]) -> Self {
        self.attributes = Some(attributes(list));
        self
    }

    /// The usual extensionRequest and more attributes (sorted here).
    #[must_use]
    pub fn and_attributes(self, more: &[Vec<u8>]) -> Self {
        let mut list = vec![der::extension_request(&server_extensions())];
        list.extend_from_slice(more);
        self.attribute_list(&list)
    }

    /// Another SubjectPublicKeyInfo (the signature stays that of the key).
    #[must_use]
    pub fn spki(mut self, spki: Vec<u8>) -> Self {
        self.spki = spki;
        self
    }

    /// CertificationRequestInfo.
    pub fn info(&self) -> Vec<u8> {
        let fields = cat(&[
            &self.version,
            &self.subject,
            &self.spki,
            self.attributes.as_deref().unwrap_or_default(),
            &self.info_extra,
        ]);
        (self.info_tlv)(0x30, &fields)
    }

    /// The request, signed.
    pub fn der(&self) -> Vec<u8> {
        let info = self.info();
        let signature = self.sig_bits.clone().unwrap_or_else(|| bits(&self.key.sign(&self.sig, &info)));
        cat(&[&(self.outer_tlv)(0x30, &cat(&[&info, &self.sig_alg, &signature, &self.extra])), &self.tail])
    }

    /// The request as PEM.
    pub fn pem(&self) -> String {
        pem(&self.der())
    }
}

/// The extensions of a sound TLS server request: SAN first, then keyUsage and extKeyUsage.
pub fn server_extensions() -> Vec<Vec<u8>> {
    vec![
        der::san(&[der::dns(HOST), der::dns("www.example.com")]),
        der::key_usage(&[0]),
        der::ext_key_usage(&[SERVER_AUTH]),
    ]
}

/// A sound P-256 request, the start of most mutants.
pub fn good() -> Csr {
    Csr::new(keys::p256())
}

/// PEM with the standard label.
pub fn pem(der: &[u8]) -> String {
    labelled(der, "CERTIFICATE REQUEST")
}

/// PEM with any label.
pub fn labelled(der: &[u8], label: &str) -> String {
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", der::lines(&der::base64(der), 64))
}

/// A SEQUENCE of a tag other than 30, for fields that are no SEQUENCE.
pub fn retagged(tag: u8, element: &[u8]) -> Vec<u8> {
    let mut out = element.to_vec();
    out[0] = tag;
    out
}

/// A request without a subject; the SAN is critical, as it has to be.
pub fn nameless(key: &'static Key) -> Csr {
    let san = der::extension(der::SAN, true, &der::general_names(&[der::dns(HOST)]));
    Csr::new(key).subject(seq(&[])).san_extension(san)
}

/// One file of the corpus.
#[derive(Debug, Clone)]
pub struct Case {
    /// A unique name.
    pub name: &'static str,
    /// The file's name.
    pub file: String,
    /// The file's content.
    pub bytes: Vec<u8>,
    /// The one rule it must trigger; nothing for a clean file.
    pub rule: Option<&'static str>,
    /// What is special about it.
    pub note: &'static str,
}

impl Case {
    /// A file of any content.
    pub fn file(
        name: &'static str,
        extension: &str,
        bytes: impl Into<Vec<u8>>,
        rule: Option<&'static str>,
        note: &'static str,
    ) -> Self {
        Self { name, file: format!("{name}.{extension}"), bytes: bytes.into(), rule, note }
    }

    /// A clean request as PEM.
    pub fn clean(name: &'static str, csr: &Csr, note: &'static str) -> Self {
        Self::file(name, "csr", csr.pem(), None, note)
    }

    /// A request with a defect, as PEM.
    pub fn mutant(rule: &'static str, name: &'static str, csr: &Csr, note: &'static str) -> Self {
        Self::file(name, "csr", csr.pem(), Some(rule), note)
    }
}
