//! Any byte of the DER is found in the file through every layer, and what is found there decodes to that byte again.

#[path = "support/forge/mod.rs"]
mod forge;

use std::sync::{Arc, OnceLock};

use csrlint::read;
use csrlint::source::{FilePath, SourceFile, Span};
use proptest::prelude::*;

/// One request for all cases: what varies is how it stands in its file.
fn der() -> &'static [u8] {
    static DER: OnceLock<Vec<u8>> = OnceLock::new();
    DER.get_or_init(|| forge::csr::good().der())
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            text.push(if place <= group.len() {
                char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize])
            } else {
                '='
            });
        }
    }
    text
}

fn value(character: u8) -> u32 {
    match character {
        b'A'..=b'Z' => u32::from(character - b'A'),
        b'a'..=b'z' => u32::from(character - b'a') + 26,
        b'0'..=b'9' => u32::from(character - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{:?} is no base64", char::from(other)),
    }
}

fn wrapped(text: &str, width: usize, prefix: &str, end: &str) -> String {
    text.as_bytes()
        .chunks(width)
        .map(|line| format!("{prefix}{}{end}", std::str::from_utf8(line).expect("ASCII")))
        .collect()
}

fn pem(width: usize, prefix: &str, end: &str) -> String {
    format!(
        "{prefix}-----BEGIN CERTIFICATE REQUEST-----{end}{}{prefix}-----END CERTIFICATE REQUEST-----{end}",
        wrapped(&base64(der()), width, prefix, end)
    )
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Pem,
    Crlf,
    Indented,
    Commented,
    Json,
    SlashEscapes,
    BareBase64,
    Base64OfPem,
    Base64OfPemWrapped,
    Utf16 { big_endian: bool },
}

const SHAPES: [Shape; 11] = [
    Shape::Pem,
    Shape::Crlf,
    Shape::Indented,
    Shape::Commented,
    Shape::Json,
    Shape::SlashEscapes,
    Shape::BareBase64,
    Shape::Base64OfPem,
    Shape::Base64OfPemWrapped,
    Shape::Utf16 { big_endian: false },
    Shape::Utf16 { big_endian: true },
];

/// The file, and how many layers of base64 stand between it and the DER.
fn file(shape: Shape, width: usize, indent: usize, before: usize) -> (Vec<u8>, u32) {
    let blanks = " ".repeat(indent);
    let above = "# \u{e9}\u{1F600} text\n".repeat(before);
    match shape {
        Shape::Pem => (format!("{above}{}", pem(width, "", "\n")).into_bytes(), 1),
        Shape::Crlf => (pem(width, "", "\r\n").into_bytes(), 1),
        Shape::Indented => {
            (format!("{above}csr: |\n{}next: 1\n", pem(width, &format!(" {blanks}"), "\n")).into_bytes(), 1)
        }
        Shape::Commented => (format!("{above}{}", pem(width, &format!("{blanks}# "), "\n")).into_bytes(), 1),
        Shape::Json => (format!("{{ \"\u{e9}\": \"{}\" }}\n", pem(width, "", "\\n")).into_bytes(), 1),
        Shape::SlashEscapes => (
            format!("{{ \"a\": \"{}\" }}\n", pem(width, "", "\\r\\n").replace('/', "\\/").replace('+', "\\u002b"))
                .into_bytes(),
            1,
        ),
        Shape::BareBase64 => (wrapped(&base64(der()), width.max(40), "", "\n").into_bytes(), 1),
        Shape::Base64OfPem => {
            (format!("{above}request: {}\nusages: [a]\n", base64(pem(width, "", "\n").as_bytes())).into_bytes(), 2)
        }
        Shape::Base64OfPemWrapped => {
            let lines = wrapped(&base64(pem(width, "", "\n").as_bytes()), width.max(40), &format!("  {blanks}"), "\n");
            (format!("{above}request: |\n{lines}usages: [a]\n").into_bytes(), 2)
        }
        Shape::Utf16 { big_endian } => {
            let unit = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let text = format!("\u{feff}{above}{}", pem(width, "", "\r\n"));
            (text.encode_utf16().flat_map(unit).collect(), 1)
        }
    }
}

/// The six bits of the character at a place in the file, whatever way it is written there.
fn character_at(bytes: &[u8]) -> u8 {
    let plain: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    match plain.as_slice() {
        [b'\\', b'u', b'0', b'0', rest @ ..] => {
            u8::from_str_radix(std::str::from_utf8(rest).expect("ASCII"), 16).expect("hexadecimal")
        }
        [b'\\', other] => *other,
        [one] => *one,
        other => panic!("{other:?} is not one character"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_is_where_it_is_said_to_be(number in 0..SHAPES.len(), width in 4usize..90, indent in 0usize..9, before in 0usize..3, at in 0usize..10_000) {
        let shape = SHAPES[number];
        let (bytes, layers) = file(shape, width, indent, before);
        let facts = read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new("a.txt")), bytes.clone())));
        let requests: Vec<_> = facts.requests().collect();
        prop_assert_eq!(requests.len(), 1, "{:?}", shape);
        let request = requests[0];
        let content = &request.pkcs10.as_ref().expect("PKCS#10").der;
        prop_assert_eq!(content.as_slice(), der());
        let at = at % content.len();
        let ranges = request.origin.sources.locate(Span::content(at, at + 1));
        prop_assert!(ranges.iter().all(|range| range.start < range.end && range.end <= bytes.len()));
        if layers == 1 {
            // A byte stands in two characters, or in parts of two.
            let first = at * 8 / 6;
            let mut bits = 0;
            let mut count = 0;
            for range in &ranges {
                let mut rest = &bytes[range.clone()];
                while !rest.is_empty() {
                    let length = match (shape, rest) {
                        (Shape::Utf16 { .. }, _) => 2,
                        (_, [b'\\', b'u', ..]) => 6,
                        (_, [b'\\', ..]) => 2,
                        _ => 1,
                    };
                    bits = bits << 6 | value(character_at(&rest[..length]));
                    count += 1;
                    rest = &rest[length..];
                }
            }
            prop_assert_eq!(count, 2);
            let shift = 12 - 8 - (at * 8 - first * 6);
            prop_assert_eq!((bits >> shift & 0xFF) as u8, content[at]);
        } else {
            // Through two layers: at most two inner characters, each in at most two outer ones.
            let length: usize = ranges.iter().map(|range| range.end - range.start).sum();
            prop_assert!((2..=4).contains(&length), "{} characters", length);
        }
    }
}

#[test]
fn findings_point_into_their_files() {
    use csrlint::catalogue::Catalogue;
    use csrlint::engine::{Engine, Keep, RunOptions};
    use csrlint::policy::{Policy, Selection};
    use csrlint::source::MemoryTree;

    for case in forge::mutants().into_iter().chain(forge::pedantic_mutants()) {
        let selection = Selection { profiles: vec!["pedantic".to_owned()], ..Selection::default() };
        let policy =
            Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date")).expect("a policy");
        let length = case.bytes.len();
        let report = Engine::new(policy, Keep::default()).run(
            &MemoryTree::new().with(&case.file, case.bytes),
            &[FilePath::new(".")],
            &RunOptions::default(),
        );
        for finding in &report.findings {
            assert!(
                finding.start.offset <= finding.end.offset && finding.end.offset <= length,
                "{}: {}",
                case.name,
                finding.message
            );
            assert!(finding.start.line >= 1 && finding.start.column >= 1);
        }
    }
}
