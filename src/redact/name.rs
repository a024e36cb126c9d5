//! Which names secrets go by: one table, for excerpts and for readers alike.
//! A name is taken apart into words; a word counts if it is one of the table, or a slip of the pen away from one that is long
//! enough to tell. What a name ends in says what it holds: a path, a number or the name of a secret is none.

use std::ops::RangeInclusive;

/// Words that are secrets wherever they stand, and are short enough to be met by chance: exactly these.
const SHORT: &[&str] = &["kek", "otp", "pass", "passin", "passout", "pin", "psk", "puk", "pw", "pwd", "seed", "totp"];

/// Longer ones. Several words of a name that make one of these in a row count, too: `api_key`, `pass-phrase`.
const LONG: &[&str] = &[
    "accesskey",
    "accountkey",
    "adminpw",
    "apikey",
    "authkey",
    "authorization",
    "bearer",
    "credential",
    "decryptionkey",
    "eabkey",
    "encryptionkey",
    "hmacbase",
    "hmackey",
    "keypass",
    "keystorepass",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "privatekey",
    "privkey",
    "secret",
    "secretkey",
    "sessionkey",
    "sharedkey",
    "signingkey",
    "storepass",
    "token",
    "truststorepass",
];

/// Words that look like one of those, and are others.
const OTHER: &[&str] = &[
    "bypass",
    "compass",
    "encompass",
    "passed",
    "passes",
    "passing",
    "passive",
    "passport",
    "passports",
    "postcode",
    "secretaries",
    "secretary",
    "surpass",
    "taken",
    "trespass",
];

/// What a name ends in that holds no secret: paths, names, references, numbers, and what is to be done with a secret.
const NO_SECRET: &[&str] = &[
    "alg",
    "algorithm",
    "annotations",
    "arn",
    "arguments",
    "args",
    "audience",
    "bits",
    "change",
    "class",
    "cmd",
    "command",
    "comment",
    "config",
    "count",
    "created",
    "description",
    "dir",
    "directory",
    "duration",
    "enabled",
    "encoding",
    "endpoint",
    "engine",
    "env",
    "exists",
    "expiration",
    "expires",
    "expiry",
    "field",
    "file",
    "filename",
    "files",
    "folder",
    "format",
    "host",
    "id",
    "ids",
    "interval",
    "issuer",
    "kid",
    "kind",
    "label",
    "labels",
    "len",
    "length",
    "lifetime",
    "limit",
    "location",
    "max",
    "min",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "number",
    "path",
    "paths",
    "period",
    "policy",
    "port",
    "prompt",
    "protected",
    "provider",
    "ref",
    "reference",
    "references",
    "refs",
    "required",
    "resource",
    "role",
    "rotation",
    "scope",
    "scopes",
    "selector",
    "server",
    "size",
    "source",
    "stdin",
    "store",
    "template",
    "through",
    "timeout",
    "title",
    "ttl",
    "type",
    "types",
    "uri",
    "uris",
    "url",
    "urls",
    "usage",
    "usages",
    "user",
    "username",
    "validity",
    "var",
    "variable",
    "version",
    "algo",
];

/// Names longer than this are judged by their end.
const LONGEST: usize = 120;

/// Whether a value under this name is a secret: `output_password`, `outptu-password`, `apiKey`, `PIN`.
pub fn of_secret(name: &str) -> bool {
    let words = words(name);
    !holds_none(&words) && has_secret(&words)
}

/// The same among the settings of a provider, where a key without further words is one of its interface: `DUCKDNS_KEY`.
pub fn of_provider(name: &str) -> bool {
    let words = words(name);
    !holds_none(&words) && (has_secret(&words) || words.len() > 1 && words.last().is_some_and(|word| word == "key"))
}

/// Whether a name is that of keys by their names: what is called `key` below it is a secret, as in cfssl's `auth_keys`.
pub(super) fn of_keys(name: &str) -> bool {
    let words = words(name);
    has_secret(&words) && words.last().is_some_and(|word| word.ends_with("keys") || word.ends_with("key"))
}

fn holds_none(words: &[String]) -> bool {
    words.last().is_some_and(|last| NO_SECRET.contains(&last.as_str()))
}

fn has_secret(words: &[String]) -> bool {
    let alone = words.iter().any(|word| is_secret(word) || SHORT.contains(&word.as_str()));
    let together = |number: usize| words.windows(number).any(|row| is_secret(&row.concat()));
    alone || together(2) || together(3)
}

fn is_secret(word: &str) -> bool {
    if OTHER.contains(&word) {
        return false;
    }
    let single = word.strip_suffix('s').unwrap_or(word);
    if LONG
        .iter()
        .any(|known| single == *known || word.len() > known.len() && known.len() > 4 && single.ends_with(known))
    {
        return true;
    }
    // Written in one: `storepw`, `dbpass`.
    if (5..=12).contains(&word.len()) && (word.ends_with("pass") || word.ends_with("pwd")) {
        return true;
    }
    let letters = letters(word);
    LONG.iter().any(|known| is_near(word, letters, known) || is_end_near(word, known))
}

/// Whether a word is a known one but for a slip: a letter too many, missing, wrong, or two that changed places; two slips in
/// one of eight letters or more.
fn is_near(word: &str, letters: u32, known: &str) -> bool {
    let allowed: u32 = match word.len().min(known.len()) {
        0..=4 => return false,
        5..=7 => 1,
        _ => 2,
    };
    let lengths: RangeInclusive<usize> = known.len().saturating_sub(allowed as usize)..=known.len() + allowed as usize;
    // Most words are told apart by their letters, without a comparison.
    lengths.contains(&word.len())
        && (letters ^ self::letters(known)).count_ones() <= 2 * allowed
        && strsim::damerau_levenshtein(word, known) <= allowed as usize
}

/// The same of the end of a word that is written in one, as `dbpasswrod`.
fn is_end_near(word: &str, known: &str) -> bool {
    known.len() >= 8
        && word.len() >= known.len() + 2
        && word.get(word.len() - known.len()..).is_some_and(|end| {
            (letters(end) ^ letters(known)).count_ones() <= 2 && strsim::damerau_levenshtein(end, known) <= 1
        })
}

/// Which letters are in a word, a bit each.
fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |set, letter| set | 1 << (letter - b'a'))
}

/// The words of a name in lower case: parted by anything but letters, and where a capital begins one.
fn words(name: &str) -> Vec<String> {
    let start = name.len().saturating_sub(LONGEST);
    let name = (start..name.len()).find_map(|at| name.get(at..)).unwrap_or_default();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = name.chars().peekable();
    let mut before = None;
    while let Some(character) = characters.next() {
        let begins = character.is_uppercase()
            && before.is_some_and(|before: char| {
                before.is_lowercase()
                    || before.is_uppercase() && characters.peek().is_some_and(|next| next.is_lowercase())
            });
        if begins || !character.is_alphabetic() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if character.is_alphabetic() {
            word.extend(character.to_lowercase());
        }
        before = Some(character);
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}
