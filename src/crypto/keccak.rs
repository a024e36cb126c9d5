//! What this room is for: SHA3-224, SHAKE128 and SHAKE256 (FIPS 202), which aws-lc-rs does not offer.
//! What must not be in it: the SHA-3 functions that it does offer.
//! What would surprise: nothing is tuned; these digests are rare in requests.

const LANES: usize = 25;

/// ρ offsets (FIPS 202 §3.2.2) and π positions (§3.2.3) along the single cycle that π makes of 24 lanes.
const CYCLE: [(usize, u32); 24] = [
    (10, 1),
    (7, 3),
    (11, 6),
    (17, 10),
    (18, 15),
    (3, 21),
    (5, 28),
    (16, 36),
    (8, 45),
    (21, 55),
    (24, 2),
    (4, 14),
    (15, 27),
    (23, 41),
    (19, 56),
    (13, 8),
    (12, 25),
    (2, 43),
    (20, 62),
    (14, 18),
    (22, 39),
    (9, 61),
    (6, 20),
    (1, 44),
];

/// SHA3-224 (FIPS 202 §6.1).
pub(super) fn sha3_224(message: &[u8]) -> Vec<u8> {
    sponge(448 / 8, 0x06, message, 28)
}

/// The first `length` octets of SHAKE128 (FIPS 202 §6.2).
pub(super) fn shake128(message: &[u8], length: usize) -> Vec<u8> {
    sponge(256 / 8, 0x1f, message, length)
}

/// The first `length` octets of SHAKE256 (FIPS 202 §6.2).
pub(super) fn shake256(message: &[u8], length: usize) -> Vec<u8> {
    sponge(512 / 8, 0x1f, message, length)
}

/// The sponge construction (FIPS 202 §4). `capacity` in octets; `suffix`: domain bits and the first bit of the padding.
fn sponge(capacity: usize, suffix: u8, message: &[u8], length: usize) -> Vec<u8> {
    let rate = 8 * LANES - capacity;
    let mut state = [0u64; LANES];
    let mut blocks = message.chunks_exact(rate);
    for block in &mut blocks {
        absorb(&mut state, block);
    }
    let mut last = blocks.remainder().to_vec();
    last.push(suffix);
    last.resize(rate, 0);
    if let Some(end) = last.last_mut() {
        *end |= 0x80;
    }
    absorb(&mut state, &last);

    let mut output = Vec::with_capacity(length + rate);
    loop {
        output.extend(state.iter().flat_map(|lane| lane.to_le_bytes()).take(rate));
        if output.len() >= length {
            output.truncate(length);
            return output;
        }
        permute(&mut state);
    }
}

fn absorb(state: &mut [u64; LANES], block: &[u8]) {
    for (lane, octets) in state.iter_mut().zip(block.as_chunks().0) {
        *lane ^= u64::from_le_bytes(*octets);
    }
    permute(state);
}

/// KECCAK-f[1600] (FIPS 202 §3.3).
fn permute(state: &mut [u64; LANES]) {
    let mut lfsr = 1;
    for _ in 0..24 {
        theta(state);
        rho_pi(state);
        chi(state);
        state[0] ^= round_constant(&mut lfsr);
    }
}

fn theta(state: &mut [u64; LANES]) {
    let parity: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]));
    for (index, lane) in state.iter_mut().enumerate() {
        *lane ^= parity[(index + 4) % 5] ^ parity[(index + 1) % 5].rotate_left(1);
    }
}

fn rho_pi(state: &mut [u64; LANES]) {
    let mut moving = state[1];
    for (place, rotation) in CYCLE {
        let next = state[place];
        state[place] = moving.rotate_left(rotation);
        moving = next;
    }
}

fn chi(state: &mut [u64; LANES]) {
    for row in state.as_chunks_mut::<5>().0 {
        let old = *row;
        for x in 0..5 {
            row[x] = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]);
        }
    }
}

/// The next constant of ι: bits 2^j - 1 are seven outputs of a linear feedback register (FIPS 202 §3.2.5).
fn round_constant(lfsr: &mut u8) -> u64 {
    (0..7).fold(0, |constant, j| {
        let bit = u64::from(*lfsr & 1);
        *lfsr = (*lfsr << 1) ^ if *lfsr & 0x80 != 0 { 0x71 } else { 0 };
        constant | bit << ((1u32 << j) - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::{SHA3_256, digest};

    #[test]
    fn the_permutation_is_that_of_sha3_256() {
        for length in (0..600).step_by(7) {
            let message = vec![0x5a; length];
            assert_eq!(sponge(512 / 8, 0x06, &message, 32), digest(&SHA3_256, &message).as_ref(), "{length}");
        }
    }

    #[test]
    fn empty_message() {
        // FIPS 202 example values of NIST's CSRC.
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(&sha3_224(b"")), "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7");
        assert!(
            hex(&shake128(b"", 300)).starts_with("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
        );
        assert!(
            hex(&shake256(b"", 64)).starts_with("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f")
        );
        assert_eq!(shake128(b"", 300).len(), 300);
    }
}
