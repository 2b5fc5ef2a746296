//! The detectors of a bank, one for each feature, all of one method.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread;

use ndarray::{ArrayView2, Axis, s};
use serde_json::{Map, Value};

use super::Detection;
use super::lanes::{InLanes, InStep, LANES};
use crate::drift::Parameters;
use crate::error::Result;
use crate::stream::definition::{Definition, Signal};
use crate::stream::detector::Detector;
use crate::stream::options::{OnDrift, Options};
use crate::stream::running::Running;
use crate::stream::state::Snapshot;

/// Rows that are taken in one go: what a block of features reads of them fits the first cache.
const ROWS: usize = 128;

/// Fewer values are not worth a thread.
const LEAST_VALUES: usize = 32_768;

/// One detector for each feature, whatever the method.
pub(super) trait Features: fmt::Debug + Send + Sync {
    fn len(&self) -> usize;

    fn one(&self, feature: usize) -> Option<&dyn Detector>;

    fn one_mut(&mut self, feature: usize) -> Option<&mut dyn Detector>;

    /// Why a value cannot be taken.
    fn check(&self, x: f64) -> std::result::Result<(), &'static str>;

    /// Takes one row; a value for each feature, checked.
    fn take_row(&mut self, row: &[f64], masked: &[bool], report: &mut dyn FnMut(usize, Signal));

    /// Takes one row, checked, for whoever judges the features together: `taken` is called
    /// with each feature that has taken its value; no detection is counted, those come by
    /// [`Features::settle`]. With `freeze` those that have ended take no more values.
    fn take_quietly(
        &mut self,
        row: &[f64],
        masked: &[bool],
        freeze: bool,
        taken: &mut dyn FnMut(usize, &dyn Detector),
    );

    /// Whether the last value of a feature was a detection; with `ends` it begins anew with
    /// the next.
    fn settle(&mut self, feature: usize, detection: bool, ends: bool);

    /// Whether a feature begins anew with its next value.
    fn ended(&self, feature: usize) -> bool;

    /// Takes rows, checked; what was found is not in order.
    fn run(
        &mut self,
        rows: ArrayView2<'_, f64>,
        masked: &[bool],
        threads: usize,
        warnings: bool,
        found: &mut Vec<Detection>,
    );

    fn snapshot(&self, feature: usize) -> Option<Snapshot>;

    fn clone_box(&self) -> Box<dyn Features>;
}

/// How a block of features takes a tile of rows.
pub(super) trait Stepping<D: Definition>:
    fmt::Debug + Clone + Send + Sync + 'static
{
    fn run(block: &mut Block<'_, D>, warnings: bool, found: &mut Vec<Detection>);
}

/// Features side by side, and some rows of their values.
pub(super) struct Block<'a, D: Definition> {
    pub(super) detectors: &'a mut [Running<D>],
    /// Which of them take values: those that are there and not masked.
    pub(super) active: [bool; LANES],
    /// Standardised.
    pub(super) tile: &'a [[f64; LANES]],
    first_row: usize,
    first_feature: usize,
}

impl<D: Definition> Block<'_, D> {
    pub(super) fn detection(&self, row: usize, lane: usize, signal: Signal) -> Detection {
        Detection {
            row: self.first_row + row,
            feature: self.first_feature + lane,
            signal,
        }
    }

    /// The detector of a lane takes the rows from `first` on by itself.
    pub(super) fn take_lane(
        &mut self,
        lane: usize,
        first: usize,
        warnings: bool,
        found: &mut Vec<Detection>,
    ) {
        let one = &mut self.detectors[lane];
        for (row, values) in self.tile.iter().enumerate().skip(first) {
            let signal = one.take_standardised(values[lane]);
            if signal == Signal::Drift || (warnings && signal == Signal::Warning) {
                found.push(Detection {
                    row: self.first_row + row,
                    feature: self.first_feature + lane,
                    signal,
                });
            }
        }
    }
}

/// Each detector by itself.
#[derive(Debug, Clone)]
pub(super) struct OneByOne;

impl<D: Definition> Stepping<D> for OneByOne {
    fn run(block: &mut Block<'_, D>, warnings: bool, found: &mut Vec<Detection>) {
        for lane in 0..block.detectors.len() {
            if block.active[lane] {
                block.take_lane(lane, 0, warnings, found);
            }
        }
    }
}

/// The detectors, one after the other.
#[derive(Debug, Clone)]
struct Row<D: Definition, S> {
    detectors: Vec<Running<D>>,
    stepping: PhantomData<S>,
}

/// Where the detectors come from.
pub(super) enum Origin {
    /// This many that have seen nothing.
    Fresh(usize),
    /// Those that were stored.
    Stored(Vec<Snapshot>),
}

/// The detectors of a bank, each by itself.
///
/// # Errors
/// Those of [`Running::new`], and `InvalidValue` for what was stored and is damaged.
pub(super) fn one_by_one<D: Definition>(
    parameters: &Map<String, Value>,
    options: Options,
    origin: Origin,
) -> Result<Box<dyn Features>> {
    let detectors = detectors::<D>(parameters, options, origin)?;
    Ok(Row::<D, OneByOne>::boxed(detectors))
}

/// The same, in lanes where that can be.
///
/// # Errors
/// Those of [`one_by_one`].
pub(super) fn in_lanes<D: InLanes>(
    parameters: &Map<String, Value>,
    options: Options,
    origin: Origin,
) -> Result<Box<dyn Features>> {
    // Values that are kept for after a change are kept by the detectors themselves.
    if options.on_drift == OnDrift::KeepRecent {
        return one_by_one::<D>(parameters, options, origin);
    }
    let detectors = detectors::<D>(parameters, options, origin)?;
    Ok(Row::<D, InStep>::boxed(detectors))
}

fn detectors<D: Definition>(
    parameters: &Map<String, Value>,
    options: Options,
    origin: Origin,
) -> Result<Vec<Running<D>>> {
    let first = Running::<D>::new(D::Parameters::from_map(D::NAME, parameters)?, options)?;
    match origin {
        Origin::Fresh(n) => {
            let shared = &first.parameters;
            let fresh = |_| Running::fresh_with(Arc::clone(shared), options);
            Ok((0..n).map(fresh).collect())
        }
        Origin::Stored(snapshots) => snapshots
            .into_iter()
            .map(|snapshot| Running::restore_with(Arc::clone(&first.parameters), snapshot))
            .collect(),
    }
}

impl<D: Definition, S: Stepping<D>> Row<D, S> {
    fn boxed(detectors: Vec<Running<D>>) -> Box<dyn Features> {
        Box::new(Self {
            detectors,
            stepping: PhantomData,
        })
    }

    /// Takes all rows of some features; `first` is the first of them.
    fn run_part(
        detectors: &mut [Running<D>],
        rows: ArrayView2<'_, f64>,
        masked: &[bool],
        first: usize,
        warnings: bool,
        found: &mut Vec<Detection>,
    ) {
        let mut tile = vec![[f64::NAN; LANES]; ROWS.min(rows.nrows())];
        for (k, rows) in rows.axis_chunks_iter(Axis(0), ROWS).enumerate() {
            let tile = &mut tile[..rows.nrows()];
            for (j, block) in detectors.chunks_mut(LANES).enumerate() {
                let start = j * LANES;
                let end = start + block.len();
                let mut active = [false; LANES];
                for (active, masked) in active.iter_mut().zip(&masked[start..end]) {
                    *active = !masked;
                }
                if active == [false; LANES] {
                    continue;
                }
                fill(tile, rows.slice(s![.., start..end]), block);
                let mut block = Block {
                    detectors: block,
                    active,
                    tile,
                    first_row: k * ROWS,
                    first_feature: first + start,
                };
                S::run(&mut block, warnings, found);
            }
        }
    }
}

/// Copies values into the lanes, standardised; lanes without a feature are missing.
fn fill<D: Definition>(
    tile: &mut [[f64; LANES]],
    rows: ArrayView2<'_, f64>,
    detectors: &[Running<D>],
) {
    for (lanes, row) in tile.iter_mut().zip(rows.rows()) {
        match row
            .as_slice()
            .and_then(|row| <&[f64; LANES]>::try_from(row).ok())
        {
            Some(row) => *lanes = *row,
            None => {
                *lanes = [f64::NAN; LANES];
                for (lane, &x) in lanes.iter_mut().zip(row) {
                    *lane = x;
                }
            }
        }
    }
    if let Some(first) = detectors.first()
        && first.options.standardise.is_some()
    {
        for x in tile.as_flattened_mut() {
            *x = first.options.standardised(*x);
        }
    }
}

impl<D: Definition, S: Stepping<D>> Features for Row<D, S> {
    fn len(&self) -> usize {
        self.detectors.len()
    }

    fn one(&self, feature: usize) -> Option<&dyn Detector> {
        let one = self.detectors.get(feature)?;
        Some(one)
    }

    fn one_mut(&mut self, feature: usize) -> Option<&mut dyn Detector> {
        let one = self.detectors.get_mut(feature)?;
        Some(one)
    }

    fn check(&self, x: f64) -> std::result::Result<(), &'static str> {
        match self.detectors.first() {
            Some(one) => one.check_one(x),
            None => Ok(()),
        }
    }

    fn take_row(&mut self, row: &[f64], masked: &[bool], report: &mut dyn FnMut(usize, Signal)) {
        let values = row.iter().zip(masked);
        for (feature, (detector, (&x, masked))) in self.detectors.iter_mut().zip(values).enumerate()
        {
            if !masked {
                let signal = detector.take(x);
                if signal != Signal::Quiet {
                    report(feature, signal);
                }
            }
        }
    }

    fn take_quietly(
        &mut self,
        row: &[f64],
        masked: &[bool],
        freeze: bool,
        taken: &mut dyn FnMut(usize, &dyn Detector),
    ) {
        let values = row.iter().zip(masked);
        for (feature, (one, (&x, &masked))) in self.detectors.iter_mut().zip(values).enumerate() {
            if masked || (freeze && one.ended) {
                continue;
            }
            let before = one.counts;
            one.take(x);
            one.counts.n_detections = before.n_detections;
            if one.counts.n_samples > before.n_samples {
                taken(feature, one);
            }
        }
    }

    fn settle(&mut self, feature: usize, detection: bool, ends: bool) {
        let Some(one) = self.detectors.get_mut(feature) else {
            return;
        };
        one.ended |= ends;
        one.signal = Signal::Quiet;
        if detection {
            one.signal = Signal::Drift;
            one.counts.n_detections = one.counts.n_detections.saturating_add(1);
            one.direction = one.method.direction(&one.parameters);
        }
    }

    fn ended(&self, feature: usize) -> bool {
        self.detectors.get(feature).is_some_and(|one| one.ended)
    }

    fn run(
        &mut self,
        rows: ArrayView2<'_, f64>,
        masked: &[bool],
        threads: usize,
        warnings: bool,
        found: &mut Vec<Detection>,
    ) {
        let blocks = self.detectors.len().div_ceil(LANES);
        let threads = threads.min(blocks).min(rows.len() / LEAST_VALUES);
        if threads < 2 {
            Self::run_part(&mut self.detectors, rows, masked, 0, warnings, found);
            return;
        }
        let width = blocks.div_ceil(threads) * LANES;
        let parts = self.detectors.chunks_mut(width).zip(masked.chunks(width));
        thread::scope(|scope| {
            let workers: Vec<_> = parts
                .enumerate()
                .map(|(part, (detectors, masked))| {
                    let first = part * width;
                    let rows = rows.slice_move(s![.., first..first + detectors.len()]);
                    scope.spawn(move || {
                        let mut found = Vec::new();
                        Self::run_part(detectors, rows, masked, first, warnings, &mut found);
                        found
                    })
                })
                .collect();
            for worker in workers {
                match worker.join() {
                    Ok(part) => found.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }

    fn snapshot(&self, feature: usize) -> Option<Snapshot> {
        self.detectors.get(feature).map(Running::snapshot)
    }

    fn clone_box(&self) -> Box<dyn Features> {
        Box::new(self.clone())
    }
}
