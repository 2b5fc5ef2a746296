//! Numbers into bins: the baseline's rules, and counting by them.

mod rules;
mod search;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use search::Search;

/// The most bins that a rule may be asked for.
const MOST_BINS: usize = 100_000;
/// Values that are gathered from a strided view at a time: 8 kB.
const GATHERED: usize = 1024;

/// Where the bins of a categorical test lie when it is given numbers.
///
/// Except for `distinct`: a baseline of at most `bins` different values, each
/// there twice on average, is a set of levels; each gets a bin of its own, and
/// so does what lies between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binning {
    /// Equal shares of the baseline (Hyndman & Fan, 1996, definition 7). A value
    /// that several quantiles fall on gets a bin of its own.
    #[default]
    Quantile,
    /// Equal widths between the baseline's smallest and largest finite value.
    Uniform,
    /// Equal widths; their number, instead of `bins`, by Doane, Aesthetic
    /// frequency classifications, 1976, as in NumPy.
    Doane,
    /// Equal widths; their number, instead of `bins`, by Sturges, The choice of
    /// a class interval, 1926, as in NumPy.
    Sturges,
    /// One bin for each value of the baseline, however many.
    Distinct,
}

/// The bins of a baseline, ready to count any sample.
///
/// `k` inner edges make `k + 1` bins; the outer ones are open, a value on an
/// edge belongs to the bin above.
///
/// # Example
/// ```
/// use driftline::drift::{Binning, Bins};
/// let baseline: Vec<f64> = (0..1000).map(f64::from).collect();
/// let bins = Bins::of_baseline(&baseline, Binning::Quantile, 4);
/// assert_eq!(bins.edges(), [249.75, 499.5, 749.25]);
/// let mut counts = vec![0; bins.len()];
/// let missing = bins.count([-9.0, 250.0, 1e9, f64::NAN].as_slice().into(), &mut counts);
/// assert_eq!((counts, missing), (vec![1, 1, 0, 1], 1));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    edges: Vec<f64>,
    levels: bool,
    search: Search,
}

impl Bins {
    /// The bins of a sorted baseline without NaN, of at least one value.
    ///
    /// # Cost
    /// O(n) for `doane` and `distinct`, otherwise O(bins).
    pub fn of_baseline(sorted: &[f64], binning: Binning, bins: usize) -> Self {
        let (edges, levels) = if sorted.is_empty() {
            (Vec::new(), false)
        } else {
            rules::edges(sorted, binning, bins)
        };
        Self::new(edges, levels)
    }

    /// Bins between edges that [`check_edges`] has passed.
    pub(super) fn between(edges: Vec<f64>) -> Self {
        Self::new(edges, false)
    }

    fn new(edges: Vec<f64>, levels: bool) -> Self {
        let search = Search::new(&edges);
        Self {
            edges,
            levels,
            search,
        }
    }

    /// The inner edges, increasing.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// How many bins there are.
    #[allow(clippy::len_without_is_empty)] // there is always one
    pub fn len(&self) -> usize {
        self.edges.len() + 1
    }

    /// Whether the baseline's values have a bin each.
    pub fn are_levels(&self) -> bool {
        self.levels
    }

    /// The bin of a value that is not NaN.
    pub(super) fn bin(&self, value: f64) -> usize {
        self.edges.partition_point(|&edge| edge <= value)
    }

    /// About how long [`Bins::count`] takes for a value, once there are many.
    pub(super) fn nanoseconds_per_value(&self) -> f64 {
        self.search.nanoseconds_per_value(&self.edges)
    }

    /// Adds how many values lie in each bin to `counts`, of length
    /// [`Bins::len`]; the number of NaN, which are in none.
    ///
    /// # Cost
    /// O(m) for few or well separated edges, otherwise O(m log bins).
    pub fn count(&self, values: ArrayView1<'_, f64>, counts: &mut [u64]) -> u64 {
        if counts.len() != self.len() {
            return 0;
        }
        if let Some(values) = values.as_slice() {
            return self.search.count(&self.edges, values, counts);
        }
        let mut gathered = [0.0; GATHERED];
        let mut missing = 0;
        for part in values.axis_chunks_iter(ndarray::Axis(0), GATHERED) {
            for (place, &x) in gathered.iter_mut().zip(part) {
                *place = x;
            }
            let part = gathered.get(..part.len()).unwrap_or_default();
            missing += self.search.count(&self.edges, part, counts);
        }
        missing
    }
}

/// Checks the number of bins and explicit edges.
///
/// # Errors
/// `InvalidValue` that names the parameter.
pub(super) fn check(bins: usize, edges: Option<&[f64]>) -> Result<()> {
    if !(2..=MOST_BINS).contains(&bins) {
        let allowed = "an integer from 2 to 100000";
        return Err(Error::invalid_value("bins", bins, allowed));
    }
    let Some(edges) = edges else { return Ok(()) };
    let increasing = edges.is_sorted_by(|a, b| a < b);
    if edges.is_empty() || !increasing || edges.iter().any(|x| !x.is_finite()) {
        let got = match edges.get(..8) {
            Some(head) if edges.len() > 8 => format!("{head:?} and {} more", edges.len() - 8),
            _ => format!("{edges:?}"),
        };
        let allowed = "at least one finite number, each greater than the one before";
        return Err(Error::invalid_value("edges", got, allowed));
    }
    Ok(())
}
