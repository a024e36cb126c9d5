//! The maps DER offset → base64 character → escape or UTF-16 unit → file byte, and their composition.
//! A map only answers "which input bytes carry these output bytes"; it never reads the bytes.
//! A run whose two lengths differ by a whole factor scales (UTF-16); any other unequal run is carried as a whole (an escape).

use std::ops::Range;

/// `out_len` output bytes that came from `in_len` input bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Offset in the output.
    pub out_start: usize,
    /// Bytes of output.
    pub out_len: usize,
    /// Offset in the input.
    pub in_start: usize,
    /// Bytes of input.
    pub in_len: usize,
}

impl Run {
    fn out_end(&self) -> usize {
        self.out_start + self.out_len
    }

    fn input_of(&self, out: Range<usize>) -> Range<usize> {
        if self.out_len != 0 && self.in_len.is_multiple_of(self.out_len) {
            let factor = self.in_len / self.out_len;
            let start = self.in_start + (out.start - self.out_start) * factor;
            start..start + (out.end - out.start) * factor
        } else {
            self.in_start..self.in_start + self.in_len
        }
    }
}

/// Runs in order of output; the input between two runs carries nothing (line ends, indentation, quotes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs(Vec<Run>);

impl Runs {
    /// Appends `out_len` bytes of output that came from `in_len` bytes at `in_start`, merging with a run it continues.
    pub fn push(&mut self, out_len: usize, in_start: usize, in_len: usize) {
        if let Some(last) = self.0.last_mut()
            && last.in_start + last.in_len == in_start
            && in_len.is_multiple_of(out_len)
            && last.out_len * in_len == last.in_len * out_len
        {
            last.out_len += out_len;
            last.in_len += in_len;
            return;
        }
        let out_start = self.0.last().map_or(0, Run::out_end);
        self.0.push(Run { out_start, out_len, in_start, in_len });
    }

    /// Bytes of output in all.
    pub fn output_len(&self) -> usize {
        self.0.last().map_or(0, Run::out_end)
    }

    fn locate(&self, out: Range<usize>, found: &mut Vec<Range<usize>>) {
        let first = self.0.partition_point(|run| run.out_end() <= out.start);
        if out.is_empty() {
            // A position: the input byte it stands at, or the end of all input.
            let place = match self.0.get(first) {
                Some(run) if run.out_start <= out.start => run.input_of(out.start..out.start).start,
                Some(run) => run.in_start,
                None => self.0.last().map_or(0, |run| run.in_start + run.in_len),
            };
            push_merged(found, place..place);
            return;
        }
        for run in self.0.iter().skip(first).take_while(|run| run.out_start < out.end) {
            let part = out.start.max(run.out_start)..out.end.min(run.out_end());
            push_merged(found, run.input_of(part));
        }
    }
}

/// One step from output to input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// The output is the input from this offset on.
    Offset(usize),
    /// The output was pieced together from runs of the input.
    Runs(Runs),
    /// The output was decoded from base64 characters that stand in these runs (RFC 4648 section 4).
    Base64(Runs),
}

/// A composition of layers, the innermost first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map(Vec<Layer>);

impl Map {
    /// The map of bytes that are the file.
    pub fn identity() -> Self {
        Self::default()
    }

    /// This map below one more layer: `layer` maps the new, inner bytes to the bytes this map starts from.
    #[must_use]
    pub fn under(&self, layer: Layer) -> Self {
        let mut layers = Vec::with_capacity(self.0.len() + 1);
        layers.push(layer);
        layers.extend(self.0.iter().cloned());
        Self(layers)
    }

    /// The file ranges that carry the bytes of `out`, in order, merged where they touch.
    pub fn locate(&self, out: Range<usize>) -> Vec<Range<usize>> {
        let mut ranges = vec![out];
        for layer in &self.0 {
            let mut found = Vec::with_capacity(ranges.len());
            for range in ranges {
                match layer {
                    Layer::Offset(offset) => push_merged(&mut found, range.start + offset..range.end + offset),
                    Layer::Runs(runs) => runs.locate(range, &mut found),
                    Layer::Base64(runs) => runs.locate(characters_of(&range), &mut found),
                }
            }
            ranges = found;
        }
        ranges
    }
}

/// The base64 characters that carry a range of decoded bytes: byte `n` holds bits `8n..8n+8`, character `m` bits `6m..6m+6`.
fn characters_of(bytes: &Range<usize>) -> Range<usize> {
    let start = bytes.start * 8 / 6;
    if bytes.is_empty() { start..start } else { start..(bytes.end * 8).div_ceil(6) }
}

fn push_merged(ranges: &mut Vec<Range<usize>>, next: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == next.start => last.end = next.end,
        _ => ranges.push(next),
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is what is expected")]
mod tests {
    use super::*;

    #[test]
    fn base64_bytes_map_to_their_characters() {
        let mut runs = Runs::default();
        runs.push(4, 10, 4);
        runs.push(4, 15, 4);
        let map = Map::identity().under(Layer::Base64(runs));
        assert_eq!(map.locate(0..1), [10..12]);
        assert_eq!(map.locate(2..3), [12..14]);
        assert_eq!(map.locate(2..4), [12..14, 15..17]);
        assert_eq!(map.locate(3..3), [Range { start: 15, end: 15 }]);
        assert_eq!(map.locate(6..6), [Range { start: 19, end: 19 }]);
    }

    #[test]
    fn utf16_runs_scale_and_escapes_do_not() {
        let mut runs = Runs::default();
        runs.push(3, 2, 6);
        runs.push(1, 8, 6);
        let map = Map::identity().under(Layer::Runs(runs));
        assert_eq!(map.locate(1..2), [4..6]);
        assert_eq!(map.locate(3..4), [8..14]);
    }
}
