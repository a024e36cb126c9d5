//! Secrets that are known by their own form, wherever they stand: tokens of services, private keys, users in addresses.
//! Each form is told by a beginning that nothing else has, and by its length; the text is gone through once a kind.

use std::ops::Range;

use memchr::memmem;

/// Beginnings of tokens, how many characters follow at least, and whether these may be anything but letters and digits.
const TOKENS: &[(&str, usize, bool)] = &[
    ("AGE-SECRET-KEY-", 20, false),
    ("AIza", 30, true),
    ("ATATT", 30, true),
    ("GOCSPX-", 20, true),
    ("PMAK-", 20, true),
    ("SG.", 20, true),
    ("atlasv1.", 20, true),
    ("dapi", 32, false),
    ("dckr_pat_", 16, true),
    ("dop_v1_", 20, false),
    ("ghp_", 20, false),
    ("gho_", 20, false),
    ("ghr_", 20, false),
    ("ghs_", 20, false),
    ("ghu_", 20, false),
    ("github_pat_", 20, true),
    ("gldt-", 16, true),
    ("glft-", 16, true),
    ("glpat-", 16, true),
    ("glptt-", 16, true),
    ("glrt-", 16, true),
    ("hf_", 30, false),
    ("hvb.", 20, true),
    ("hvr.", 20, true),
    ("hvs.", 20, true),
    ("npm_", 30, false),
    ("pypi-AgE", 30, true),
    ("rk_live_", 16, false),
    ("shpat_", 30, false),
    ("sk-ant-", 20, true),
    ("sk-proj-", 20, true),
    ("sk_live_", 16, false),
    ("tskey-", 16, true),
    ("xapp-", 16, true),
    ("xoxa-", 10, true),
    ("xoxb-", 10, true),
    ("xoxe-", 10, true),
    ("xoxe.", 10, true),
    ("xoxp-", 10, true),
    ("xoxr-", 10, true),
    ("xoxs-", 10, true),
    ("ya29.", 20, true),
];

/// Kinds of AWS's access keys (IAM User Guide, unique identifiers), which 16 capitals and digits follow.
const AWS_IDS: [&str; 4] = ["AKIA", "ASIA", "ABIA", "ACCA"];
/// Characters of an AWS secret key.
const AWS_SECRET: usize = 40;
/// Characters of the head of a JSON web token, at most.
const LONGEST_HEAD: usize = 2048;
/// Characters of an old token of Vault behind `s.`, `b.` or `r.`.
const OLD_VAULT: usize = 24;

/// `-----BEGIN` of a private key in base64, but for its first characters: of PKCS#8, RSA, EC, encrypted, OpenSSH and DSA.
const KEYS_IN_BASE64: [&[u8]; 6] = [
    b"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS",
    b"LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt",
    b"LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS",
    b"LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRVkt",
    b"LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZL",
    b"LS0tLS1CRUdJTiBEU0EgUFJJVkFURSBLRVkt",
];

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The end of the run of such bytes from here on.
fn run(text: &[u8], from: usize, is_part: impl Fn(u8) -> bool) -> usize {
    text.get(from..)
        .unwrap_or_default()
        .iter()
        .position(|byte| !is_part(*byte))
        .map_or(text.len(), |length| from + length)
}

/// Tokens of services, JSON web tokens, AWS's keys, and what follows `Bearer` and `Basic`.
pub(super) fn tokens(text: &[u8], found: &mut Vec<Range<usize>>) {
    let is_word = |byte: u8| is_token(byte) || matches!(byte, b'+' | b'/' | b'=');
    let mut at = 0;
    while at < text.len() {
        if !text.get(at).is_some_and(|byte| is_word(*byte)) {
            at += 1;
            continue;
        }
        let end = run(text, at, is_word);
        let scheme = text.get(at..end).is_some_and(is_scheme);
        in_run(text, at..end, found);
        at = end;
        if scheme {
            let start = run(text, end, |byte| matches!(byte, b' ' | b'\t'));
            let until = run(text, start, |byte| is_word(byte) || byte == b'~');
            if start > end && text.get(start..until).is_some_and(is_credential) {
                found.push(start..until);
                at = until;
            }
        }
    }
}

/// `Bearer`, `Basic` and `token`, as headers have them.
fn is_scheme(word: &[u8]) -> bool {
    [&b"bearer"[..], b"basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// No word of a sentence: long, with capitals within it or digits.
fn is_credential(word: &[u8]) -> bool {
    word.len() >= 8
        && (word.iter().any(|byte| byte.is_ascii_digit() || *byte == b'=')
            || word.iter().skip(1).any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase))
}

/// Tokens within a run of the characters that tokens are made of. They begin where a word does.
fn in_run(text: &[u8], range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let Some(whole) = text.get(range.clone()) else { return };
    // The shortest token there is.
    if whole.len() < 16 {
        return;
    }
    let mut at = range.start;
    while at < range.end {
        let rest = text.get(at..range.end).unwrap_or_default();
        let length = token_length(rest);
        if length > 0 {
            found.push(at..at + length);
            at += length;
            continue;
        }
        let word = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        at += word.max(1);
    }
    aws_secret(text, &range, found);
}

fn token_length(rest: &[u8]) -> usize {
    let of = |is_part: &dyn Fn(u8) -> bool| rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len());
    if AWS_IDS.iter().any(|id| rest.starts_with(id.as_bytes())) {
        let length = of(&|byte| byte.is_ascii_alphanumeric());
        let is_one = length == 20
            && rest
                .get(..20)
                .is_some_and(|id| id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        return if is_one { length } else { 0 };
    }
    if rest.starts_with(b"eyJ") {
        let head =
            rest.iter().take(LONGEST_HEAD).position(|byte| *byte == b'.' || !is_token(*byte)).unwrap_or_default();
        let next = rest
            .get(head + 1..)
            .unwrap_or_default()
            .iter()
            .take(6)
            .filter(|byte| is_token(**byte) && **byte != b'.')
            .count();
        return if head >= 6 && rest.get(head) == Some(&b'.') && next == 6 { of(&is_token) } else { 0 };
    }
    if let [b's' | b'b' | b'r', b'.', tail @ ..] = rest {
        let length = tail.iter().take(OLD_VAULT + 1).take_while(|byte| is_token(**byte)).count();
        let is_one = length == OLD_VAULT
            && tail.get(..length).is_some_and(|tail| tail.iter().all(u8::is_ascii_alphanumeric) && is_mixed(tail));
        return if is_one { length + 2 } else { 0 };
    }
    for (start, least, any) in TOKENS {
        if rest.starts_with(start.as_bytes()) {
            let tail = rest.get(start.len()..).unwrap_or_default();
            let length = tail
                .iter()
                .position(|byte| !(byte.is_ascii_alphanumeric() || *any && is_token(*byte)))
                .unwrap_or(tail.len());
            if length >= *least {
                return start.len() + length;
            }
        }
    }
    if KEYS_IN_BASE64.iter().any(|start| rest.starts_with(start)) {
        return of(&is_base64);
    }
    0
}

fn is_mixed(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase)
        && word.iter().any(u8::is_ascii_lowercase)
        && word.iter().any(u8::is_ascii_digit)
}

/// Forty characters of base64 that stand by themselves, are no hexadecimal and no path, and are not the end of a longer body.
fn aws_secret(text: &[u8], range: &Range<usize>, found: &mut Vec<Range<usize>>) {
    let Some(whole) = text.get(range.clone()) else { return };
    // `KEY=value` is one run.
    let skipped = whole
        .iter()
        .take(whole.len().saturating_sub(AWS_SECRET))
        .rposition(|byte| *byte == b'=')
        .map_or(0, |at| at + 1);
    let Some(word) = whole.get(skipped..).filter(|word| word.len() == AWS_SECRET) else { return };
    let mut seen = [false; 256];
    word.iter().for_each(|byte| {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    });
    let distinct = seen.iter().filter(|seen| **seen).count();
    let start = range.start + skipped;
    let is_body_end = || {
        let before = text.get(..start).unwrap_or_default().trim_ascii_end();
        let line = before.iter().rev().take(48).take_while(|byte| is_base64(**byte)).count();
        line == 48
    };
    if word.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && is_mixed(word)
        && distinct >= 18
        && !is_body_end()
    {
        found.push(start..range.end);
    }
}

/// Who logs in where: all that stands between `://` and `@`, but for git's own user.
pub(super) fn addresses(text: &[u8], found: &mut Vec<Range<usize>>) {
    /// Names and passwords longer than this are cut where they are read.
    const LONGEST: usize = 1024;
    for at in memmem::find_iter(text, b"://") {
        let start = at + 3;
        let rest = text.get(start..text.len().min(start + LONGEST)).unwrap_or_default();
        let end = rest
            .iter()
            .position(|byte| {
                byte.is_ascii_whitespace()
                    || matches!(byte, b'/' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'?' | b'#' | b',')
            })
            .unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        let Some(user) = memchr::memrchr(b'@', authority) else { continue };
        let text = String::from_utf8_lossy(authority.get(..user).unwrap_or_default());
        let is_reference = text.split(':').all(super::reference::is_one);
        if user > 0 && text != "git" && !is_reference {
            found.push(start..start + user);
        }
    }
}

/// What stands between BEGIN and END of a private key, also on one line, in a string with escapes, or without an end; and the
/// private part of one in PuTTY's format.
pub(super) fn private_keys(text: &[u8], found: &mut Vec<Range<usize>>) {
    const BEGIN: &[u8] = b"PRIVATE KEY-----";
    let mut done = 0;
    for at in memmem::find_iter(text, BEGIN) {
        let start = at + BEGIN.len();
        // That of an END.
        let head = text.get(at.saturating_sub(32)..at).unwrap_or_default();
        let dashes = memmem::rfind(head, b"-----").map_or(0, |at| at + 5);
        if start <= done || head.get(dashes..).is_some_and(|label| label.starts_with(b"END")) {
            continue;
        }
        done = body(text, start, found);
    }
    for at in memmem::find_iter(text, b"Private-Lines: ") {
        let rest = text.get(at + 15..).unwrap_or_default();
        let digits: String =
            rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        let mut start = at;
        for line in 0..=digits.parse::<usize>().unwrap_or(0) {
            let end = run(text, start, |byte| byte != b'\n');
            if line > 0 {
                found.push(start..end);
            }
            start = (end + 1).min(text.len());
        }
    }
}

/// Hides the body of a key line by line, and tells where it ends: at the next five dashes, or at the first line that is no
/// part of a body.
fn body(text: &[u8], start: usize, found: &mut Vec<Range<usize>>) -> usize {
    let dashes = memmem::find(text.get(start..).unwrap_or_default(), b"-----").map(|length| start + length);
    let limit = dashes.unwrap_or(text.len());
    let mut at = start;
    loop {
        let line = text.get(at..limit).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\n', line) else {
            hide(text, at..limit, found);
            return limit;
        };
        let end = at + length;
        let line = text.get(at..end).unwrap_or_default();
        let words = line.iter().filter(|byte| byte.is_ascii_whitespace()).count();
        let content = line.trim_ascii_start().strip_prefix(b"#").unwrap_or(line).trim_ascii();
        let is_head = memmem::find(content, b": ").is_some()
            && (content.starts_with(b"Proc-Type") || content.starts_with(b"DEK-Info"));
        let is_body = content.is_empty()
            || is_head
            || content.iter().filter(|byte| is_base64(**byte)).count() * 10 >= content.len() * 8
                && words <= line.len() / 2;
        // On the line of BEGIN all is hidden: what follows it there may be the body of a string.
        if at > start && !is_body {
            return end;
        }
        hide(text, at..end, found);
        at = end + 1;
    }
}

/// Everything that base64 is made of; what frames it stays.
fn hide(text: &[u8], range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut at = range.start;
    while at < range.end {
        let end = run(text, at, is_base64).min(range.end);
        if end > at {
            found.push(at..end);
        }
        at = end.max(at) + 1;
    }
}
