//! Findings point at what they are about: computed here by hand, from where the bytes stand in the DER.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;
#[path = "support/samples.rs"]
mod samples;

use std::ops::Range;

use csrlint::report::{Finding, Report};
use forge::csr::good;
use forge::{Csr, der, keys};

/// Findings without a place of their own: what they miss would stand there.
fn is_about_nothing(finding: &Finding) -> bool {
    let missing = ["pkcs10/attributes-missing", "pkcs10/truncated", "pem/missing-end"];
    missing.contains(&finding.rule.id.as_str())
}

#[test]
fn ranges_are_not_empty_unless_something_is_missing() {
    let engine = lint::profile("pedantic");
    let mut problems = Vec::new();
    for case in forge::mutants().into_iter().chain(forge::pedantic_mutants()) {
        let report = lint::files(&engine, &[(&case.file, &case.bytes)]);
        for finding in &report.findings {
            let range = finding.start.offset..finding.end.offset;
            // An element without content has nothing to point at either.
            let about_nothing = is_about_nothing(finding) || case.bytes.is_empty() || case.name.ends_with("-empty");
            if range.end > case.bytes.len() || range.start > range.end || (range.is_empty() && !about_nothing) {
                problems.push(format!(
                    "{}: {} at {} {range:?} of {}",
                    case.name,
                    finding.rule.id,
                    finding.place,
                    case.bytes.len()
                ));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Where the DER bytes `range` stand in a PEM file with lines of `width` behind a BEGIN line of `begin` characters.
fn in_pem(range: &Range<usize>, begin: usize, width: usize) -> Range<usize> {
    let at = |character: usize| begin + character + character / width;
    let (first, last) = (range.start * 8 / 6, (range.end * 8).div_ceil(6) - 1);
    at(first)..at(last) + 1
}

const BEGIN: usize = "-----BEGIN CERTIFICATE REQUEST-----\n".len();

/// Where a part of the request stands, which must be there once only.
fn once(der: &[u8], part: &[u8]) -> Range<usize> {
    let found: Vec<usize> =
        der.windows(part.len()).enumerate().filter(|(_, window)| *window == part).map(|(at, _)| at).collect();
    assert_eq!(found.len(), 1, "{part:02x?}");
    found[0]..found[0] + part.len()
}

fn finding<'r>(report: &'r Report, rule: &str) -> &'r Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.rule.id == rule)
        .unwrap_or_else(|| panic!("no {rule}\n{}", lint::told(report)))
}

/// A request, the rule it breaks, and the element that the finding is about.
fn cases() -> Vec<(&'static str, Csr, Vec<u8>)> {
    let bad_name = der::dns("a b.example.com");
    let country = der::printable("Germany");
    let key = keys::rsa(1024, 65537);
    let even = der::seq(&[&der::uint(&key.rsa().n), &der::int(4)]);
    let spki = der::spki(&der::algorithm(keys::RSA_ENCRYPTION, &der::null()), &even);
    let sha1 = Csr::signed(keys::ec("P-256"), forge::sign::Sig::Ecdsa(forge::sign::Hash::Sha1));
    let purpose = der::oid("1.3.6.1.5.5.7.3.3");
    vec![
        ("san/dns-syntax", samples::with_names(&[der::dns("ok.example.com"), bad_name.clone()]), bad_name),
        (
            "subject/country-code",
            good().subject(der::names(&[der::typed_rdn("C", &country), der::typed_rdn("CN", &der::utf8("x"))])),
            country,
        ),
        ("key/rsa-too-small", Csr::new(key), der::uint(&key.rsa().n)),
        ("key/rsa-exponent-invalid", Csr::new(key).spki(spki), der::int(4)),
        ("signature/hash-not-allowed", sha1.clone(), sha1.sig_alg.clone()),
        (
            "attribute/challenge-password",
            good().and_attributes(&[der::attribute(der::CHALLENGE_PASSWORD, &[&der::utf8("x y z")])]),
            der::utf8("x y z"),
        ),
        ("extension/usage-policy", good().and_extension(der::ext_key_usage(&["1.3.6.1.5.5.7.3.3"])), purpose),
    ]
}

#[test]
fn findings_stand_where_their_bytes_do() {
    let engine = lint::policy(
        "version: 1\nrules:\n  extension/usage-policy: { with: { extended-key-usage: { deny: [codeSigning] } } }\n",
    )
    .unwrap_or_else(|errors| panic!("{errors:?}"));
    for (rule, csr, element) in cases() {
        let der = csr.der();
        let element = once(&der, &element);
        // The finding is about the element, or about its content, or about the structure around it.
        let report = lint::files(&engine, &[("web.der", &der)]);
        let found = finding(&report, rule);
        let range = found.start.offset..found.end.offset;
        let content = element.end - (range.end.min(element.end) - range.start.min(range.end));
        assert!(
            range == element
                || (range.end == element.end && (element.start..element.start + 5).contains(&range.start))
                || (range.start <= element.start && element.end <= range.end && range.len() < element.len() + 40),
            "{rule}: {range:?} is not {element:?} ({content})"
        );
        // From there on everything is arithmetic, for any width.
        for width in [64, 76, 17, 1000] {
            let text = format!(
                "-----BEGIN CERTIFICATE REQUEST-----\n{}-----END CERTIFICATE REQUEST-----\n",
                der::lines(&der::base64(&der), width)
            );
            let report = lint::files(&engine, &[("web.csr", text.as_bytes())]);
            let found = finding(&report, rule);
            assert_eq!(found.start.offset..found.end.offset, in_pem(&range, BEGIN, width), "{rule} at {width}");
            let line = in_pem(&range, BEGIN, width).start;
            assert_eq!(found.start.line, 2 + (line - BEGIN) / (width + 1), "{rule}");
            assert_eq!(found.start.column, 1 + (line - BEGIN) % (width + 1), "{rule}");
        }
        // Base64 of DER in YAML: one layer, on one line.
        let text = format!("# \u{1F600}\nrequest: {}\n", der::base64(&der));
        let report = lint::files(&engine, &[("a.yaml", text.as_bytes())]);
        let begin = text.find("MI").expect("the base64");
        let found = finding(&report, rule);
        assert_eq!(found.start.offset..found.end.offset, in_pem(&range, begin, 1_000_000), "{rule} in YAML");
        assert_eq!(found.start.line, 2);
        assert_eq!(found.start.column, 1 + "request: ".len() + range.start * 8 / 6, "{rule}");
    }
}

#[test]
fn findings_in_the_second_of_two_requests_stand_there() {
    let [first, second] = [samples::GOOD.as_str(), samples::WEAK.as_str()];
    let alone = lint::one("web.csr", second.as_bytes());
    let both = lint::one("web.csr", format!("{first}{second}").as_bytes());
    let [alone, both] = [&alone, &both].map(|report| finding(report, "key/rsa-too-small"));
    assert_eq!(both.start.offset, alone.start.offset + first.len());
    assert_eq!(both.start.line, alone.start.line + first.lines().count());
    assert_eq!((both.start.column, both.end.column), (alone.start.column, alone.end.column));
}

/// UTF-16: two bytes a character, and the columns are those of an editor.
#[test]
fn columns_of_utf_16_files_count_characters() {
    let text = samples::WEAK.as_str();
    let plain = lint::one("web.csr", text.as_bytes());
    for big_endian in [false, true] {
        let unit = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let bytes: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect();
        let wide = lint::one("web.csr", &bytes);
        let [plain, wide] = [&plain, &wide].map(|report| finding(report, "key/rsa-too-small"));
        assert_eq!((wide.start.line, wide.start.column), (plain.start.line, plain.start.column));
        assert_eq!((wide.end.line, wide.end.column), (plain.end.line, plain.end.column));
        assert_eq!(wide.start.offset, 2 + 2 * plain.start.offset);
    }
}
