//! The lists of keys that a policy names: told apart by their content, and every error at its place.
//! No files are opened here: the caller gives something to read from.

use super::{BlocklistFormat, Policy, PolicyError};
use crate::lists::{BadkeysList, ReadAt, SpkiList, parse_primes};

/// A text list larger than this is refused; it is read into memory.
const LIMIT: u64 = 64 * 1024 * 1024;

/// A list to read.
pub struct OpenList {
    /// Its bytes.
    pub data: Box<dyn ReadAt>,
    /// The text of a badkeysdata.json beside it.
    pub metadata: Option<String>,
}

/// Why a list of keys cannot be used.
#[derive(Debug)]
pub enum ListError {
    /// It is none, as a whole.
    Whole(String),
    /// Lines of it.
    Lines(Vec<PolicyError>),
}

impl Policy {
    /// Takes a list of keys. Without a format, a text is one of the organisation's, and anything else badkeys'.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn add_list(&mut self, name: &str, list: OpenList, format: Option<BlocklistFormat>) -> Result<(), ListError> {
        let whole = |error: std::io::Error| ListError::Whole(format!("the list cannot be read: {error}"));
        let size = list.data.size().map_err(whole)?;
        let read = |octets: u64| {
            let mut bytes = vec![0; usize::try_from(octets).unwrap_or_default()];
            list.data.read_exact_at(&mut bytes, 0).map(|()| bytes).map_err(whole)
        };
        let everything = || match size {
            0..=LIMIT => read(size),
            _ => Err(ListError::Whole(format!("the list is larger than {LIMIT} bytes"))),
        };
        let format = match format {
            Some(format) => format,
            None if is_text(&read(size.min(64))?) => BlocklistFormat::SpkiSha256,
            None => BlocklistFormat::Badkeys,
        };
        match format {
            BlocklistFormat::Badkeys => {
                let list = BadkeysList::new(name.to_owned(), list.data, list.metadata.as_deref());
                self.lists.add(Box::new(list.map_err(ListError::Whole)?));
            }
            BlocklistFormat::SpkiSha256 => {
                let text = String::from_utf8(everything()?)
                    .map_err(|error| ListError::Whole(format!("the list is not UTF-8: {}", error.utf8_error())))?;
                // Editors of Windows write a byte order mark.
                let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
                if text.contains("-----BEGIN ") {
                    let told = "this is PEM and no list; csrlint blocklist build makes a list of the keys in it";
                    return Err(ListError::Whole(told.to_owned()));
                }
                let list = SpkiList::parse(name, text).map_err(|errors| {
                    let text: std::sync::Arc<str> = text.into();
                    let located = errors.into_iter().take(20).map(|error| PolicyError {
                        path: name.to_owned(),
                        text: text.clone(),
                        span: error.span,
                        message: error.message,
                        help: Some("a line is the SHA-256 of a SubjectPublicKeyInfo, a date, a reason".to_owned()),
                    });
                    ListError::Lines(located.collect())
                })?;
                self.lists.add(Box::new(list));
            }
            BlocklistFormat::Primes => {
                let product = parse_primes(&everything()?).map_err(ListError::Whole)?;
                self.lists.add_primes(name.to_owned(), product);
            }
        }
        Ok(())
    }
}

/// Whether bytes begin as a text does; a character may be cut off at the end.
fn is_text(head: &[u8]) -> bool {
    let valid = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    valid && head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~') || *byte >= 0x80)
}
