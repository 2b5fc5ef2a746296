//! Counting values into bins, in one pass and without branches.
//!
//! Three ways, chosen once for a set of edges: comparing with every edge where
//! there are few; a table from cells of the axis to edges, corrected by a few
//! comparisons, where there are many; halving where no table separates the
//! edges. A cell is a stretch of the axis, or of
//! a logarithmic scale, which the bits of floating-point numbers are, from 0 or
//! from the middle of the edges: heavy tails crowd their quantiles in one cell of
//! the first.

/// Up to this many edges every value is compared with each of them.
const FEW: usize = 12;
/// Edges in one cell of a table, at most.
const MOST_IN_CELL: usize = 4;
const FEWEST_CELLS: usize = 256;
const MOST_CELLS: usize = 1 << 16;
/// Values that are compared with four edges before the next four have a turn:
/// 8 kB, so that they stay in the first cache.
const CHUNK: usize = 1024;
/// Adding 2^52 to a number from 0 to 2^32 puts it, rounded, in the low bits.
const TO_INTEGER: f64 = 4_503_599_627_370_496.0;
/// Bins of the table's interleaved counters, which must stay small.
const MOST_INTERLEAVED: usize = 4096;
/// Values between two emptyings of 32-bit counters.
const COUNTER_ROOM: usize = 1 << 31;

/// How values find their bins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Search {
    Compare,
    Table(Table),
    Halve,
}

/// For each cell of the axis, how many edges lie in cells before it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    cells: Cells,
    starts: Vec<u16>,
    /// The edges, and NaN behind them, which no value reaches.
    edges: Vec<f64>,
    most_in_cell: usize,
}

/// A monotone map from numbers to cells.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cells {
    Linear {
        low: f64,
        high: f64,
        scale: f64,
    },
    Logarithmic {
        low: f64,
        high: f64,
        shift: u32,
    },
    /// Logarithmic to both sides of a centre, and about linear near it.
    Centred {
        centre: f64,
        scale: f64,
        half: u64,
        shift: u32,
    },
}

impl Cells {
    fn linear(low: f64, high: f64, cells: usize) -> Option<Self> {
        let scale = (cells - 1) as f64 / (high - low);
        let usable = scale.is_finite() && scale > 0.0;
        usable.then_some(Self::Linear { low, high, scale })
    }

    fn logarithmic(low: f64, high: f64, cells: usize) -> Self {
        let (low, high) = (low + 0.0, high + 0.0);
        let span = order(high).wrapping_sub(order(low)) as u64;
        let used = u64::BITS - span.leading_zeros();
        let shift = used.saturating_sub(cells.trailing_zeros());
        Self::Logarithmic { low, high, shift }
    }

    /// About the middle of the edges, on the scale of those around it.
    fn centred(edges: &[f64], cells: usize) -> Option<Self> {
        let at = |part: usize| edges[(edges.len() - 1) * part / 8];
        let (centre, scale) = (at(4), 8.0 / (at(5) - at(3)));
        let farthest = (centre - at(0)).max(at(8) - centre);
        let usable = scale.is_finite() && scale > 0.0 && (farthest * scale).is_finite();
        let span = distance(farthest, scale);
        let half = cells as u64 / 2;
        let mut shift = 0;
        while span >> shift >= half {
            shift += 1;
        }
        usable.then_some(Self::Centred {
            centre,
            scale,
            half,
            shift,
        })
    }
}

/// How far from the centre, as the bits of a number from 1 on count.
#[inline(always)]
fn distance(off: f64, scale: f64) -> u64 {
    (off.abs() * scale + 1.0).to_bits() - 1f64.to_bits()
}

/// An integer in the order of the numbers (-0.0 just below 0.0).
#[inline(always)]
fn order(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The nearest number between `low` and `high`; `low` for NaN.
#[inline(always)]
fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = if x > low { x } else { low };
    if x < high { x } else { high }
}

#[inline(always)]
fn linear_cell(x: f64, low: f64, high: f64, scale: f64) -> usize {
    let place = (clamp(x, low, high) - low) * scale;
    (place + TO_INTEGER).to_bits() as u32 as usize
}

#[inline(always)]
fn logarithmic_cell(x: f64, low: f64, high: f64, shift: u32) -> usize {
    // Adding 0 makes -0.0 and 0.0, which are equal, the same.
    let x = clamp(x, low, high) + 0.0;
    (order(x).wrapping_sub(order(low)) as u64 >> shift) as usize
}

#[inline(always)]
fn centred_cell(x: f64, centre: f64, scale: f64, half: u64, shift: u32) -> usize {
    let off = x - centre;
    // NaN belongs below all.
    let off = if off > f64::NEG_INFINITY {
        off
    } else {
        f64::NEG_INFINITY
    };
    let far = (distance(off, scale) >> shift).min(half - 1);
    (if off < 0.0 {
        half - 1 - far
    } else {
        half + far
    }) as usize
}

impl Search {
    /// The way for increasing, finite edges.
    pub(super) fn new(edges: &[f64]) -> Self {
        let (Some(&low), Some(&high)) = (edges.first(), edges.last()) else {
            return Self::Compare;
        };
        if edges.len() <= FEW {
            return Self::Compare;
        }
        if edges.len() < usize::from(u16::MAX) {
            let least = (8 * edges.len()).next_power_of_two();
            let mut cells = least.clamp(FEWEST_CELLS, MOST_CELLS);
            loop {
                let linear = Cells::linear(low, high, cells);
                let logarithmic = Some(Cells::logarithmic(low, high, cells));
                let tables = [linear, logarithmic, Cells::centred(edges, cells)]
                    .into_iter()
                    .flatten()
                    .map(|map| Table::new(edges, map, cells))
                    .min_by_key(|table| table.most_in_cell);
                if let Some(table) = tables.filter(|table| table.most_in_cell <= MOST_IN_CELL) {
                    return Self::Table(table);
                }
                if cells >= MOST_CELLS {
                    break;
                }
                cells *= 4;
            }
        }
        Self::Halve
    }

    /// About how long a value takes: that of normal ones on a 3 GHz processor.
    pub(super) fn nanoseconds_per_value(&self, edges: &[f64]) -> f64 {
        match self {
            Self::Compare => 1.5,
            Self::Table(_) if edges.len() < MOST_INTERLEAVED => 2.0,
            Self::Table(_) => 10.0,
            Self::Halve => 10.0 * ((edges.len() + 1) as f64).log2(),
        }
    }

    /// Adds the values to `counts`, one more than there are edges; how many
    /// were NaN, which are in no bin.
    pub(super) fn count(&self, edges: &[f64], values: &[f64], counts: &mut [u64]) -> u64 {
        let missing = match self {
            Self::Compare => return compare(edges, values, counts),
            Self::Table(table) => table.count(values, counts),
            Self::Halve => halve(edges, values, counts),
        };
        // NaN reaches no edge: it was counted in the lowest bin.
        if let Some(lowest) = counts.first_mut() {
            *lowest -= missing;
        }
        missing
    }
}

fn compare(edges: &[f64], values: &[f64], counts: &mut [u64]) -> u64 {
    // Everything but NaN reaches the first.
    let mut all = [f64::NEG_INFINITY; FEW + 1];
    for (edge, &given) in all.iter_mut().skip(1).zip(edges) {
        *edge = given;
    }
    let mut reached = [0u64; FEW + 1];
    let used = edges.len() + 1;
    for chunk in values.chunks(CHUNK) {
        let groups = all[..used].chunks(4).zip(reached[..used].chunks_mut(4));
        for (edges, reached) in groups {
            match edges {
                [] => {}
                [_] => at_least::<1>(edges, chunk, reached),
                [_, _] => at_least::<2>(edges, chunk, reached),
                [_, _, _] => at_least::<3>(edges, chunk, reached),
                _ => at_least::<4>(edges, chunk, reached),
            }
        }
    }
    let present = reached[0];
    let mut left = present;
    for (count, at_least) in counts.iter_mut().zip(reached[1..used].iter().chain([&0])) {
        *count += left - at_least;
        left = *at_least;
    }
    values.len() as u64 - present
}

/// How many values reach each of `N` edges: a number that the compiler knows. On
/// its own, so that what it is inlined into does not keep it from being vectorised.
#[inline(never)]
fn at_least<const N: usize>(edges: &[f64], values: &[f64], reached: &mut [u64]) {
    let Some(&edges) = edges.first_chunk::<N>() else {
        return;
    };
    let mut counts = [0u64; N];
    for &x in values {
        for (count, edge) in counts.iter_mut().zip(edges) {
            *count += u64::from(x >= edge);
        }
    }
    for (total, count) in reached.iter_mut().zip(counts) {
        *total += count;
    }
}

impl Table {
    fn new(edges: &[f64], cells: Cells, size: usize) -> Self {
        let mut in_cell = vec![0u16; size];
        for &edge in edges {
            let cell = match cells {
                Cells::Linear { low, high, scale } => linear_cell(edge, low, high, scale),
                Cells::Logarithmic { low, high, shift } => logarithmic_cell(edge, low, high, shift),
                Cells::Centred {
                    centre,
                    scale,
                    half,
                    shift,
                } => centred_cell(edge, centre, scale, half, shift),
            };
            if let Some(count) = in_cell.get_mut(cell) {
                *count += 1;
            }
        }
        let most_in_cell = usize::from(in_cell.iter().copied().max().unwrap_or(0));
        let mut before = 0;
        for count in &mut in_cell {
            let here = *count;
            *count = before;
            before += here;
        }
        let mut padded = edges.to_vec();
        padded.extend([f64::NAN; MOST_IN_CELL]);
        Self {
            cells,
            starts: in_cell,
            edges: padded,
            most_in_cell,
        }
    }

    fn count(&self, values: &[f64], counts: &mut [u64]) -> u64 {
        match self.cells {
            Cells::Linear { low, high, scale } => {
                self.count_by(values, counts, |x| linear_cell(x, low, high, scale))
            }
            Cells::Logarithmic { low, high, shift } => {
                self.count_by(values, counts, |x| logarithmic_cell(x, low, high, shift))
            }
            Cells::Centred {
                centre,
                scale,
                half,
                shift,
            } => self.count_by(values, counts, |x| {
                centred_cell(x, centre, scale, half, shift)
            }),
        }
    }

    fn count_by(
        &self,
        values: &[f64],
        counts: &mut [u64],
        cell: impl Fn(f64) -> usize + Copy,
    ) -> u64 {
        match self.most_in_cell {
            0 | 1 => self.corrected::<1>(values, counts, cell),
            2 => self.corrected::<2>(values, counts, cell),
            3 => self.corrected::<3>(values, counts, cell),
            _ => self.corrected::<MOST_IN_CELL>(values, counts, cell),
        }
    }

    fn corrected<const STEPS: usize>(
        &self,
        values: &[f64],
        counts: &mut [u64],
        cell: impl Fn(f64) -> usize + Copy,
    ) -> u64 {
        // Edges of cells before are reached, edges of cells behind are not.
        let bin = |x: f64| {
            let mut bin = usize::from(self.starts[cell(x)]);
            for _ in 0..STEPS {
                bin += usize::from(x >= self.edges[bin]);
            }
            bin
        };
        let mut missing = 0;
        if counts.len() > MOST_INTERLEAVED {
            for &x in values {
                missing += u64::from(x.is_nan());
                counts[bin(x)] += 1;
            }
            return missing;
        }
        // Neighbours that fall in one bin must not wait for each other.
        let mut four = vec![[0u32; 4]; counts.len()];
        for part in values.chunks(COUNTER_ROOM) {
            let (blocks, rest) = part.as_chunks::<4>();
            for block in blocks {
                let bins = block.map(bin);
                for (lane, bin) in bins.into_iter().enumerate() {
                    four[bin][lane] += 1;
                }
                missing += block.map(|x| u64::from(x.is_nan())).iter().sum::<u64>();
            }
            for &x in rest {
                missing += u64::from(x.is_nan());
                four[bin(x)][0] += 1;
            }
            for (count, lanes) in counts.iter_mut().zip(&mut four) {
                *count += lanes.iter().map(|&lane| u64::from(lane)).sum::<u64>();
                *lanes = [0; 4];
            }
        }
        missing
    }
}

fn halve(edges: &[f64], values: &[f64], counts: &mut [u64]) -> u64 {
    let mut missing = 0;
    for &x in values {
        missing += u64::from(x.is_nan());
        counts[edges.partition_point(|&edge| edge <= x)] += 1;
    }
    missing
}
