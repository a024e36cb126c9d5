//! SubjectPublicKeyInfo out of DER (RFC 5280 section 4.1.2.7), with the numbers of the key where it has any.
//! Bit lengths are computed from the octets; form is recorded as defects, health is for checks.
//! Which parameters belong to which algorithm is one table here, from the algorithms' own RFCs.

use super::composite;
use crate::crypto::Curve;
use crate::encoding::der::{Dom, Id, Primitives, is_padded_integer, tag};
use crate::encoding::{Defect, DefectKind as Kind};
use crate::request::{Field, Key, KeyAlgorithm, Oid, PublicKey, RsaNumbers, bit_length, oids, sha256};
use crate::source::Span;

/// Reads a SubjectPublicKeyInfo.
pub(super) fn read(dom: &mut Dom<'_>, spki: Id, defects: &mut Vec<Defect>) -> Field<Key> {
    let span = dom.span(spki);
    let malformed = |defects: &mut Vec<Defect>, detail: &'static str| {
        defects.push(Defect::new(Kind::KeyMalformed, span, "key", detail));
        Field::malformed(span, detail)
    };
    let mut parts = dom.children(spki);
    let (Some(algorithm), Some(bits), None) = (parts.next(), parts.next(), parts.next()) else {
        return malformed(defects, "subjectPublicKeyInfo is no algorithm and BIT STRING");
    };
    let mut identifier = dom.children(algorithm);
    let Some(oid) = identifier.next().filter(|id| dom.tag(*id) == tag::OID) else {
        return malformed(defects, "the key algorithm has no OID");
    };
    let parameters = identifier.next();
    if dom.tag(bits) != tag::BIT_STRING || dom.content(bits).is_empty() {
        return malformed(defects, "the key is no BIT STRING");
    }
    if dom.content(bits).first() != Some(&0) {
        defects.push(Defect::new(
            Kind::KeyMalformed,
            dom.span(bits),
            "key",
            "the key's BIT STRING says it has unused bits",
        ));
    }
    let oid = Oid::from_content(dom.content(oid));
    let content = dom.get(bits);
    let octets = Span::content(content.content as usize + 1, content.end as usize);
    // A key without octets is pointed at as a whole.
    let bytes_span = if octets.is_empty() { content.span() } else { octets };
    let public = PublicKey {
        algorithm_span: dom.span(algorithm),
        parameters: parameters.map(|id| dom.raw(id).to_vec()),
        bytes: dom.content(bits).get(1..).unwrap_or_default().to_vec(),
        bytes_span,
        spki_sha256: sha256(dom.raw(spki)),
        rsa: None,
        oid,
    };
    let kind = algorithm_of(&public.oid);
    let absent = Field::absent(public.algorithm_span);
    let mut key = Key {
        algorithm: Field::known(public.algorithm_span, kind),
        bits: absent,
        curve: Field::absent(public.algorithm_span),
        public: Some(public),
    };
    let mut reader = KeyReader { dom, key: &mut key, parameters, defects };
    reader.read(kind);
    Field::known(span, key)
}

/// A key that is no part of anything: a SubjectPublicKeyInfo, or an RSAPublicKey (RFC 8017 appendix A.1.1).
pub(super) fn standalone(der: &[u8], pkcs1: bool) -> Option<Key> {
    let wrapped = pkcs1.then(|| super::private_key::rsa_spki(der));
    let der = wrapped.as_deref().unwrap_or(der);
    let mut dom = Dom::new(der);
    let mut defects = Vec::new();
    let roots = dom.walk(0..der.len(), Primitives::IntegersUnchecked, &mut defects);
    let spki = dom.roots(roots).next().filter(|id| dom.tag(*id) == tag::SEQUENCE)?;
    let tags: Vec<u8> = dom.children(spki).map(|id| dom.tag(id)).collect();
    if tags != [tag::SEQUENCE, tag::BIT_STRING] || !defects.is_empty() {
        return None;
    }
    match read(&mut dom, spki, &mut defects).state {
        crate::request::State::Known(key) => Some(key),
        _ => None,
    }
}

/// The family of a key algorithm by its OID.
fn algorithm_of(oid: &Oid) -> KeyAlgorithm {
    match oid {
        _ if *oid == oids::RSA_ENCRYPTION => KeyAlgorithm::Rsa,
        _ if *oid == oids::EC_PUBLIC_KEY => KeyAlgorithm::Ec,
        _ if *oid == oids::ED25519 => KeyAlgorithm::Ed25519,
        _ if *oid == oids::RSASSA_PSS => KeyAlgorithm::RsaPss,
        _ if *oid == oids::RSAES_OAEP => KeyAlgorithm::RsaOaep,
        _ if *oid == oids::EC_DH || *oid == oids::EC_MQV => KeyAlgorithm::EcDh,
        _ if *oid == oids::ED448 => KeyAlgorithm::Ed448,
        _ if *oid == oids::X25519 => KeyAlgorithm::X25519,
        _ if *oid == oids::X448 => KeyAlgorithm::X448,
        // OIW's identifier of 1991 for the same key; old OpenSSL wrote it.
        _ if *oid == oids::DSA || *oid == oids::DSA_OIW => KeyAlgorithm::Dsa,
        _ if *oid == oids::DH_X942 || *oid == oids::DH_PKCS3 => KeyAlgorithm::Dh,
        _ => match oid.name() {
            Some(name) if name.starts_with("id-ml-dsa") => KeyAlgorithm::MlDsa,
            Some(name) if name.starts_with("id-slh-dsa") => KeyAlgorithm::SlhDsa,
            Some(name) if name.starts_with("id-alg-ml-kem") => KeyAlgorithm::MlKem,
            Some(name) if name.starts_with("id-MLDSA") => KeyAlgorithm::MlDsaComposite,
            Some(name) if name.starts_with("id-MLKEM") => KeyAlgorithm::MlKemComposite,
            Some("id-alg-hss-lms-hashsig") => KeyAlgorithm::HssLms,
            Some(name) if name.starts_with("id-alg-xmss") => KeyAlgorithm::Xmss,
            Some(name) if name.starts_with("gost") => KeyAlgorithm::Gost,
            _ => KeyAlgorithm::Other,
        },
    }
}

struct KeyReader<'k, 'a> {
    dom: &'k mut Dom<'a>,
    key: &'k mut Key,
    parameters: Option<Id>,
    defects: &'k mut Vec<Defect>,
}

impl KeyReader<'_, '_> {
    fn read(&mut self, kind: KeyAlgorithm) {
        match kind {
            KeyAlgorithm::Rsa => {
                // RFC 3279 section 2.3.1: the parameters are NULL.
                match self.parameters.map(|id| self.dom.tag(id)) {
                    Some(tag::NULL) => {}
                    None => self.parameter_defect("rsaEncryption without its NULL parameters"),
                    Some(_) => self.parameter_defect("rsaEncryption with parameters other than NULL"),
                }
                self.rsa();
            }
            KeyAlgorithm::RsaPss | KeyAlgorithm::RsaOaep => self.rsa(),
            KeyAlgorithm::Ec | KeyAlgorithm::EcDh => self.ec(),
            KeyAlgorithm::Ed25519 => self.octet_key(32..=32),
            KeyAlgorithm::Ed448 => self.octet_key(57..=57),
            KeyAlgorithm::X25519 => self.octet_key(32..=32),
            KeyAlgorithm::X448 => self.octet_key(56..=56),
            KeyAlgorithm::Dsa | KeyAlgorithm::Dh => self.discrete_log(),
            KeyAlgorithm::MlDsa | KeyAlgorithm::SlhDsa | KeyAlgorithm::MlKem => {
                if let Some(length) = self.post_quantum_length() {
                    self.octet_key(length..=length);
                }
            }
            KeyAlgorithm::MlDsaComposite | KeyAlgorithm::MlKemComposite => {
                if let Some(lengths) = self.public().and_then(|public| composite::lengths(&public.oid.label())) {
                    self.octet_key(lengths);
                }
            }
            // RFC 9802 section 5.1: levels, LMS and LM-OTS types, identifier, root; sections 5.2 and 5.3: type, root, seed.
            KeyAlgorithm::HssLms => self.octet_key(52..=60),
            KeyAlgorithm::Xmss => self.octet_key(52..=132),
            KeyAlgorithm::Gost => {}
            KeyAlgorithm::Other => {
                let detail = format!(
                    "key algorithm {} is unknown",
                    self.public().map(|public| public.oid.label()).unwrap_or_default()
                );
                self.record(Kind::KeyAlgorithmUnknown, self.key.algorithm.span, "key.algorithm", detail);
            }
        }
    }

    fn public(&self) -> Option<&PublicKey> {
        self.key.public.as_ref()
    }

    fn record(
        &mut self,
        kind: Kind,
        span: Span,
        place: &'static str,
        detail: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.defects.push(Defect::new(kind, span, place, detail));
    }

    fn parameter_defect(&mut self, detail: impl Into<std::borrow::Cow<'static, str>>) {
        self.record(Kind::KeyParameters, self.key.algorithm.span, "key.algorithm", detail);
    }

    /// RSAPublicKey (RFC 8017 appendix A.1.1).
    fn rsa(&mut self) {
        let Some(bytes_span) = self.public().map(|public| public.bytes_span) else { return };
        let mut odd = Vec::new();
        let roots = self.dom.walk(bytes_span.range(), Primitives::IntegersUnchecked, &mut odd);
        let sequence = self.dom.roots(roots).next();
        let numbers: Vec<Id> = sequence.map(|id| self.dom.children(id).collect()).unwrap_or_default();
        let [modulus, exponent] = numbers.as_slice() else {
            return self.record(
                Kind::KeyMalformed,
                bytes_span,
                "key",
                "the RSA key is no SEQUENCE of modulus and exponent",
            );
        };
        if self.dom.tag(*modulus) != tag::INTEGER
            || self.dom.tag(*exponent) != tag::INTEGER
            || sequence.is_none_or(|id| self.dom.tag(id) != tag::SEQUENCE)
        {
            return self.record(
                Kind::KeyMalformed,
                bytes_span,
                "key",
                "the RSA key is no SEQUENCE of modulus and exponent",
            );
        }
        // Of a key that is none, what the walk stumbled over would only confuse.
        self.defects.append(&mut odd);
        for (name, id) in [("modulus", *modulus), ("exponent", *exponent)] {
            let content = self.dom.content(id);
            if content.first().is_some_and(|first| first & 0x80 != 0) {
                self.record(
                    Kind::RsaModulusNegative,
                    self.dom.span(id),
                    "key.modulus",
                    format!("the {name} is a negative number"),
                );
            } else if is_padded_integer(content) {
                self.record(
                    Kind::RsaModulusPadded,
                    self.dom.span(id),
                    "key.modulus",
                    format!("the {name} has superfluous leading octets"),
                );
            }
        }
        let content = self.dom.content(*modulus);
        if content.last().is_some_and(|last| last & 1 == 0) {
            self.record(Kind::RsaModulusEven, self.dom.span(*modulus), "key.modulus", "the modulus is even");
        }
        self.key.bits = Field::known(self.dom.span(*modulus), bit_length(content));
        let base = bytes_span.start;
        let range = |id: Id| {
            let span = self.dom.get(id).content_span();
            (span.start.saturating_sub(base), span.end.saturating_sub(base))
        };
        let rsa = RsaNumbers {
            modulus: range(*modulus),
            modulus_span: self.dom.span(*modulus),
            exponent: range(*exponent),
            exponent_span: self.dom.span(*exponent),
        };
        if let Some(public) = &mut self.key.public {
            public.rsa = Some(rsa);
        }
    }

    /// RFC 5480: namedCurve only (section 2.1.1), the point uncompressed or compressed (section 2.2).
    fn ec(&mut self) {
        let span = self.key.algorithm.span;
        match self.parameters.map(|id| (self.dom.tag(id), self.dom.content(id))) {
            None => self.record(Kind::EcParametersMissing, span, "key.curve", "the EC key does not say its curve"),
            Some((tag::NULL, _)) => self.record(
                Kind::EcParametersImplicit,
                span,
                "key.curve",
                "the EC key leaves its curve to agreement (implicitCurve)",
            ),
            Some((tag::OID, oid)) => match Curve::from_oid(oid) {
                Some(curve) => {
                    self.key.curve = Field::known(span, curve);
                    self.key.bits = Field::known(span, curve.bits());
                }
                None => self.key.curve = Field::malformed(span, format!("unknown curve {}", Oid::from_content(oid))),
            },
            Some((tag::SEQUENCE, _)) => self.record(
                Kind::EcParametersExplicit,
                span,
                "key.curve",
                "the EC key spells out its curve (specifiedCurve)",
            ),
            Some(_) => self.parameter_defect("EC parameters that are no curve"),
        }
        let Some((format, bytes_span)) = self.public().map(|public| (public.bytes.first().copied(), public.bytes_span))
        else {
            return;
        };
        match format {
            Some(0x02 | 0x03) => {
                self.record(Kind::EcPointCompressed, bytes_span, "key.point", "the EC point is compressed")
            }
            Some(0x06 | 0x07) => {
                self.record(Kind::EcPointHybrid, bytes_span, "key.point", "the EC point is in the hybrid form of X9.62")
            }
            // Infinity and lengths are for the check that knows the curve.
            _ => {}
        }
    }

    /// Keys that are octets of some length, with absent parameters (RFC 8410 section 3, RFC 9881 section 2, RFC 9909 section 3, RFC 9935 section 3, RFC 9802 section 4).
    fn octet_key(&mut self, lengths: std::ops::RangeInclusive<usize>) {
        let Some((actual, bytes_span, name)) =
            self.public().map(|public| (public.bytes.len(), public.bytes_span, public.oid.label()))
        else {
            return;
        };
        if self.parameters.is_some() {
            self.parameter_defect(format!("{name} with parameters; they are absent"));
        }
        if !lengths.contains(&actual) {
            let (least, most) = lengths.into_inner();
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let detail = format!("the {name} key has {actual} bytes; it has {wanted}");
            self.record(Kind::KeyMalformed, bytes_span, "key", detail);
        }
    }

    /// DSA and DH: the size is that of the prime, which stands first in the parameters.
    fn discrete_log(&mut self) {
        let Some(parameters) = self.parameters.filter(|id| self.dom.tag(*id) == tag::SEQUENCE) else { return };
        if let Some(prime) = self.dom.children(parameters).next().filter(|id| self.dom.tag(*id) == tag::INTEGER) {
            self.key.bits = Field::known(self.dom.span(prime), bit_length(self.dom.content(prime)));
        }
    }

    /// Encapsulation or public key bytes: FIPS 203 table 3, FIPS 204 table 2, FIPS 205 table 2.
    fn post_quantum_length(&self) -> Option<usize> {
        let name = self.public()?.oid.name()?;
        Some(match name {
            "id-ml-dsa-44" => 1312,
            "id-ml-dsa-65" => 1952,
            "id-ml-dsa-87" => 2592,
            "id-alg-ml-kem-512" => 800,
            "id-alg-ml-kem-768" => 1184,
            "id-alg-ml-kem-1024" => 1568,
            _ if name.contains("-128") => 32,
            _ if name.contains("-192") => 48,
            _ if name.contains("-256") => 64,
            _ => return None,
        })
    }
}
