//! Primes that several keys are known to share, for the batch GCD of a run: a text of hexadecimal numbers, one a line, or
//! a product as gmpy2 writes it (badkeys' keydata/primes*.dat).

use dashu_int::UBig;

/// The product of all numbers in the list.
///
/// # Errors
/// A sentence: what is no number.
pub fn parse(bytes: &[u8]) -> Result<UBig, String> {
    // gmpy2.to_binary: 01 for an integer, 01 for a positive one, then the magnitude, little-endian.
    if let [1, 1, magnitude @ ..] = bytes {
        return Ok(UBig::from_le_bytes(magnitude));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "the list is neither text nor a number of gmpy2".to_owned())?;
    let mut numbers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let digits = line.trim();
        if digits.is_empty() || digits.starts_with('#') {
            continue;
        }
        let value = UBig::from_str_radix(digits.trim_start_matches("0x"), 16)
            .map_err(|_| format!("line {} is no hexadecimal number", number + 1))?;
        if value <= UBig::ONE {
            return Err(format!("line {} is no prime", number + 1));
        }
        numbers.push(value);
    }
    if numbers.is_empty() {
        return Err("the list has no numbers".to_owned());
    }
    // As a tree: both factors of each product are about as long.
    while numbers.len() > 1 {
        numbers = numbers.chunks(2).map(|pair| pair.iter().product()).collect();
    }
    Ok(numbers.swap_remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_binaries() {
        let product = UBig::from(3u8) * UBig::from(0xFFu8) * UBig::from(7u8);
        assert_eq!(parse(b"# primes\n3\n0xff\n\n7\n"), Ok(product.clone()));
        let binary = [&[1, 1][..], &product.to_le_bytes()].concat();
        assert_eq!(parse(&binary), Ok(product));
        assert_eq!(parse(b"3\nxyz\n"), Err("line 2 is no hexadecimal number".to_owned()));
        assert_eq!(parse(b"1\n"), Err("line 1 is no prime".to_owned()));
        assert!(parse(b"# nothing\n").is_err() && parse(&[0xFF, 0xFE]).is_err());
    }
}
