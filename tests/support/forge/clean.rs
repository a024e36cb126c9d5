//! Sound requests of many kinds: nothing here may have a finding under the profile `recommended`.
//! The first half varies what is asked for and the key; the second half varies the file around the request.
//! Names are those reserved for examples (RFC 2606, RFC 5737).

use super::csr::{CLIENT_AUTH, Case, Csr, HOST, SERVER_AUTH, good, labelled, nameless};
use super::der::{
    self, MS_EXTENSIONS, attribute, bmp, context, dns, email, ext_key_usage, extension, ia5, int, ip, key_usage, name,
    octets, seq, uri, utf8,
};
use super::keys::{ec, ed25519, ml_dsa, p256, rsa, rsa2048};
use super::sign::{Hash, Sig};

/// Every clean file.
pub fn clean() -> Vec<Case> {
    [keys(), purposes(), names(), dialects(), files(), documents()].concat()
}

fn keys() -> Vec<Case> {
    let rsa_names =
        [dns(HOST), dns("*.example.com"), ip(&[192, 0, 2, 7]), ip(&der::hex("20010db8000000000000000000000001"))];
    let rsa_server = Csr::new(rsa2048()).extensions(&[
        der::san(&rsa_names),
        key_usage(&[0, 2]),
        ext_key_usage(&[SERVER_AUTH, CLIENT_AUTH]),
    ]);
    vec![
        Case::clean(
            "clean-rsa2048",
            &rsa_server,
            "TLS server, RSA-2048, SAN with DNS names, a wildcard, IPv4 and IPv6",
        ),
        Case::clean("clean-p256", &good(), "TLS server, P-256"),
        Case::clean("clean-p384", &Csr::new(ec("P-384")), "ECDSA with SHA-384"),
        Case::clean("clean-p521", &Csr::new(ec("P-521")), "ECDSA with SHA-512"),
        Case::clean("clean-p224", &Csr::new(ec("P-224")), "the smallest curve that is not weak"),
        Case::clean("clean-secp256k1", &Csr::new(ec("secp256k1")), "a curve most CAs refuse, but no weak one"),
        Case::clean("clean-brainpool", &Csr::new(ec("brainpoolP256r1")), "brainpoolP256r1"),
        Case::clean(
            "clean-p256-sha512",
            &Csr::signed(ec("P-256"), Sig::Ecdsa(Hash::Sha512)),
            "a hash longer than the curve is allowed in a request",
        ),
        Case::clean(
            "clean-p384-sha256",
            &Csr::signed(ec("P-384"), Sig::Ecdsa(Hash::Sha256)),
            "a hash shorter than the curve",
        ),
        Case::clean("clean-ed25519", &Csr::new(ed25519()), "Ed25519"),
        Case::clean("clean-ml-dsa-44", &Csr::new(ml_dsa(44)), "ML-DSA-44"),
        Case::clean("clean-ml-dsa-65", &Csr::new(ml_dsa(65)), "ML-DSA-65"),
        Case::clean("clean-ml-dsa-87", &Csr::new(ml_dsa(87)), "ML-DSA-87"),
        Case::clean("clean-pss-32", &Csr::signed(rsa2048(), Sig::pss(32)), "RSASSA-PSS as the CA/Browser Forum has it"),
        Case::clean("clean-pss-222", &Csr::signed(rsa2048(), Sig::pss(222)), "RSASSA-PSS with OpenSSL's default salt"),
        Case::clean("clean-rsa2048-sha384", &Csr::signed(rsa2048(), Sig::Pkcs1(Hash::Sha384)), "RSA with SHA-384"),
        Case::clean("clean-rsa2048-sha224", &Csr::signed(rsa2048(), Sig::Pkcs1(Hash::Sha224)), "RSA with SHA-224"),
        Case::clean("clean-rsa2048-e3", &Csr::new(rsa(2048, 3)), "RSA with e = 3, unusual but valid"),
        Case::clean("clean-rsa3072", &Csr::new(rsa(3072, 65537)), "RSA-3072"),
        Case::clean("clean-rsa4096", &Csr::new(rsa(4096, 65537)), "RSA-4096"),
    ]
}

fn purposes() -> Vec<Case> {
    let person = name(&[("O", "Example Trading"), ("CN", "Ada Example")]);
    let mut bare = good();
    bare.attributes = Some(context(0, &[]));
    let client = good().subject(person.clone()).extensions(&[key_usage(&[0]), ext_key_usage(&[CLIENT_AUTH])]);
    let sub_ca = good()
        .subject(name(&[("C", "DE"), ("O", "Example Trading"), ("CN", "Example Issuing CA 1")]))
        .extensions(&[der::basic_constraints(Some(0)), key_usage(&[5, 6])]);
    let smime = good().subject(person).extensions(&[
        der::san(&[email("ada@example.com")]),
        key_usage(&[0]),
        ext_key_usage(&["1.3.6.1.5.5.7.3.4"]),
    ]);
    let code = Csr::new(rsa(3072, 65537))
        .subject(name(&[("C", "DE"), ("O", "Example Trading"), ("CN", "Example Trading")]))
        .extensions(&[key_usage(&[0]), ext_key_usage(&["1.3.6.1.5.5.7.3.3"])]);
    let attestation = attribute("1.2.840.113549.1.9.16.2.59", &[&super::mutants_attribute::bundle(1)]);
    let attested = good().and_attributes(&[attestation]);
    let must_staple = good().and_extension(extension("1.3.6.1.5.5.7.1.24", false, &seq(&[&int(5)])));
    vec![
        Case::clean("clean-empty-attributes", &bare, "a000, the right form of no attributes"),
        Case::clean("clean-client", &client, "TLS client, no SAN needed"),
        Case::clean("clean-sub-ca", &sub_ca, "a CA's request: CA:TRUE, pathlen 0, keyCertSign, cRLSign"),
        Case::clean("clean-smime", &smime, "S/MIME with an e-mail address in the SAN"),
        Case::clean("clean-code-signing", &code, "code signing"),
        Case::clean("clean-attestation", &attested, "one attestation bundle with one statement"),
        Case::clean("clean-must-staple", &must_staple, "TLS feature status_request"),
    ]
}

fn names() -> Vec<Case> {
    let upn = der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8("ada@corp.example.com"));
    let spiffe = Csr::new(p256()).subject(seq(&[])).san_extension(extension(
        der::SAN,
        true,
        &der::general_names(&[uri("spiffe://example.com/ns/shop/sa/web")]),
    ));
    let full = name(&[
        ("C", "DE"),
        ("ST", "Hessen"),
        ("L", "Frankfurt am Main"),
        ("O", "Example Trading GmbH & Co. KG"),
        ("OU", "Netz"),
        ("OU", "Betrieb"),
        ("CN", HOST),
    ]);
    vec![
        Case::clean("clean-no-subject", &nameless(p256()), "empty subject with a critical SAN"),
        Case::clean("clean-full-subject", &good().subject(full), "all the usual attributes, two organisational units"),
        Case::clean(
            "clean-umlauts",
            &good().subject(name(&[("O", "Müller & Söhne GmbH"), ("CN", HOST)])),
            "UTF-8 that is not ASCII",
        ),
        Case::clean("clean-idn", &good().and_san(dns("xn--bcher-kva.example.com")), "an A-label"),
        Case::clean(
            "clean-domain-components",
            &good().subject(name(&[("DC", "com"), ("DC", "example"), ("CN", HOST)])),
            "domainComponent in IA5String",
        ),
        Case::clean("clean-spiffe", &spiffe, "a SPIFFE id alone"),
        Case::clean("clean-upn", &good().and_san(upn), "otherName: user principal name"),
        Case::clean(
            "clean-directory-name",
            &good().and_san(der::directory_name(&name(&[("CN", "device 7")]))),
            "directoryName in the SAN",
        ),
        Case::clean(
            "clean-registered-id",
            &good().and_san(der::registered_id("1.3.6.1.4.1.32473.1")),
            "registeredID in the SAN",
        ),
    ]
}

fn dialects() -> Vec<Case> {
    let node = good().subject(name(&[("O", "system:nodes"), ("CN", "system:node:n1")])).extensions(&[
        der::san(&[dns("n1"), ip(&[10, 0, 0, 1])]),
        key_usage(&[0]),
        ext_key_usage(&[SERVER_AUTH]),
    ]);
    vec![
        Case::clean(
            "clean-microsoft",
            &microsoft(),
            "certreq.exe: extensions in Microsoft's attribute; OS version, client info and CSP beside it",
        ),
        Case::clean("clean-kubernetes-node", &node, "kubelet serving"),
    ]
}

/// A request as certreq.exe makes it.
pub fn microsoft() -> Csr {
    let requested = der::tlv(0x30, &super::csr::server_extensions().concat());
    let client = seq(&[&int(5), &utf8("WS7.corp.example.com"), &utf8("CORP\\ada"), &utf8("certreq.exe")]);
    let csp = seq(&[&int(1), &bmp("Microsoft RSA SChannel Cryptographic Provider"), &der::bits(&[])]);
    Csr::new(rsa2048()).attribute_list(&[
        attribute("1.3.6.1.4.1.311.13.2.3", &[&ia5("10.0.19045.2")]),
        attribute("1.3.6.1.4.1.311.21.20", &[&client]),
        attribute("1.3.6.1.4.1.311.13.2.2", &[&csp]),
        attribute(MS_EXTENSIONS, &[&requested]),
    ])
}

fn files() -> Vec<Case> {
    let pem = good().pem();
    let der = good().der();
    let text = format!(
        "Certificate Request:\n    Data:\n        Version: 1 (0x0)\n        Subject: O = Example Trading, CN = {HOST}\n{pem}"
    );
    let clean = |name, extension: &str, bytes: Vec<u8>, note| Case::file(name, extension, bytes, None, note);
    vec![
        clean("clean-der", "der", der.clone(), "DER without armour"),
        clean("clean-der-csr", "csr", Csr::new(rsa2048()).der(), "DER in a .csr file"),
        clean(
            "clean-new-label",
            "req",
            labelled(&der, "NEW CERTIFICATE REQUEST").into(),
            "the label of keytool and certreq.exe",
        ),
        clean("clean-crlf", "csr", pem.replace('\n', "\r\n").into(), "CRLF line ends"),
        clean("clean-no-final-newline", "csr", pem.trim_end().into(), "no line feed at the end"),
        clean("clean-text-before", "csr", text.into(), "openssl req -text"),
        clean(
            "clean-width-76",
            "csr",
            format!(
                "-----BEGIN CERTIFICATE REQUEST-----\n{}-----END CERTIFICATE REQUEST-----\n",
                der::lines(&der::base64(&der), 76)
            )
            .into(),
            "lines of 76",
        ),
        clean("clean-bare-base64", "csr", der::lines(&der::base64(&der), 64).into(), "base64 of DER without armour"),
        clean(
            "clean-several",
            "pem",
            format!("{pem}{}", Csr::new(ed25519()).subject(name(&[("CN", "www.example.com")])).pem()).into(),
            "two requests in one file",
        ),
    ]
}

fn documents() -> Vec<Case> {
    let pem = good().pem();
    let head = "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata:\n  name: shop\nspec:\n  signerName: acme.example/serving\n";
    let tail = "  usages:\n  - digital signature\n  - server auth\n";
    let encoded = der::base64(pem.as_bytes());
    let indent = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let clean = |name, extension: &str, text: String, note| Case::file(name, extension, text, None, note);
    vec![
        clean(
            "clean-json",
            "json",
            format!("{{\n  \"name\": \"shop\",\n  \"csr\": \"{}\"\n}}\n", pem.replace('\n', "\\n")),
            "PEM in a JSON string",
        ),
        clean("clean-yaml-line", "yaml", format!("{head}  request: {encoded}\n{tail}"), "base64 of PEM on one line"),
        clean(
            "clean-yaml-base64-block",
            "yaml",
            format!("{head}  request: |\n{}{tail}", indent(&der::lines(&encoded, 76))),
            "base64 of PEM as a literal block scalar",
        ),
        clean(
            "clean-yaml-pem-block",
            "yaml",
            format!("name: shop\ncsr: |\n{}issuer: internal\n", indent(&pem)),
            "PEM as a literal block scalar",
        ),
        clean(
            "clean-terraform",
            "tf",
            format!("resource \"x\" \"y\" {{\n  csr_pem = <<-EOT\n{}  EOT\n}}\n", indent(&pem)),
            "PEM in a heredoc",
        ),
        clean("clean-comment", "py", pem.lines().map(|line| format!("# {line}\n")).collect(), "PEM in comments"),
    ]
}

/// A SignedData around a request: nobody signed it, and it carries no certificates.
pub fn signed_data(version: i64, content_type: &str, content: &[u8]) -> Vec<u8> {
    let encapsulated = seq(&[&der::oid(content_type), &context(0, &octets(content))]);
    let signed = seq(&[&int(version), &der::set(&[]), &encapsulated, &der::set(&[])]);
    seq(&[&der::oid("1.2.840.113549.1.7.2"), &context(0, &signed)])
}
