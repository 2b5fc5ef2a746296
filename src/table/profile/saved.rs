//! Profiles written down, and what is read again checked.

use serde::{Deserialize, Serialize};

use super::numbers::Numbers;
use super::thinned::{Thinned, Weighted};
use super::{LabelCounts, Profile, TimeCounts, Values};
use crate::sketch::SavedCounts;

/// Why something cannot be what was written.
pub(in crate::table) type Checked<T> = Result<T, &'static str>;

/// How many numbers may be unpacked into memory yet.
#[derive(Debug)]
pub(in crate::table) struct Room(pub(in crate::table) u64);

impl Room {
    fn claim(&mut self, numbers: u64) -> Checked<()> {
        let left = self.0.checked_sub(numbers);
        self.0 = left.ok_or("more numbers than max_values")?;
        Ok(())
    }

    /// Memory for so many.
    fn take(&mut self, numbers: u64) -> Checked<Vec<f64>> {
        self.claim(numbers)?;
        let len = usize::try_from(numbers).map_err(|_| "more numbers than fit into memory")?;
        let mut values = Vec::new();
        let reserved = values.try_reserve_exact(len);
        reserved.map_err(|_| "more numbers than fit into memory")?;
        Ok(values)
    }
}

/// One side of a column.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::table) struct SavedProfile {
    rows: u64,
    values: SavedValues,
}

#[derive(Debug, Serialize, Deserialize)]
enum SavedValues {
    Numbers(SavedNumbers),
    Labels(SavedCounts),
    Times {
        seconds: SavedNumbers,
        hours: Vec<u64>,
        weekdays: Vec<u64>,
    },
    Nothing,
    Unusable(String),
}

/// Different numbers and how often each occurs.
#[derive(Debug, Serialize, Deserialize)]
struct SavedNumbers {
    values: Runs,
    /// Empty where each occurs once.
    counts: Vec<u64>,
    thinned: Option<SavedThinned>,
}

/// Numbers in ascending order.
#[derive(Debug, Serialize, Deserialize)]
enum Runs {
    /// Whole ones: the first, and steps to the next.
    Whole(i64, Vec<u64>),
    Any(Vec<f64>),
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedThinned {
    points: u64,
    distinct: u64,
    whole: bool,
    moments: Option<(f64, f64)>,
}

/// Whole numbers up to here are different floats.
const MOST_WHOLE: f64 = (1u64 << 53) as f64;

/// Column readers make whole microseconds of 64 bits, in seconds.
const MOST_SECONDS: f64 = 9.3e12;

impl Runs {
    fn of(values: Vec<f64>) -> Self {
        let is_whole = |value: &f64| {
            value.abs() <= MOST_WHOLE && (*value as i64 as f64).to_bits() == value.to_bits()
        };
        let Some(&first) = values.first().filter(|_| values.iter().all(is_whole)) else {
            return Self::Any(values);
        };
        let pairs = values.iter().zip(values.iter().skip(1));
        let steps = pairs.map(|(one, next)| (*next as i64 - *one as i64) as u64);
        Self::Whole(first as i64, steps.collect())
    }

    /// In ascending order, each once; a zero of either sign.
    fn read(self) -> Checked<Vec<f64>> {
        let values = match self {
            Self::Any(values) => values,
            Self::Whole(first, steps) => {
                let mut at = first;
                let mut values = vec![first as f64];
                for step in steps {
                    let next = at.checked_add_unsigned(step);
                    at = next.ok_or("numbers out of range")?;
                    values.push(at as f64);
                }
                values
            }
        };
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return Err("no numbers");
        }
        let mut pairs = values.iter().zip(values.iter().skip(1));
        if !pairs.all(|(one, next)| one.total_cmp(next).is_lt()) {
            return Err("numbers out of order");
        }
        Ok(values)
    }
}

impl SavedNumbers {
    fn of(numbers: &Numbers) -> Self {
        let (values, mut counts, thinned) = match numbers.standing() {
            Some(all) => {
                let before = std::iter::once(&0).chain(&all.upto);
                let counts = all
                    .upto
                    .iter()
                    .zip(before)
                    .map(|(upto, before)| upto - before);
                let thinned = SavedThinned {
                    points: numbers.values().len() as u64,
                    distinct: numbers.distinct(),
                    whole: numbers.is_whole(),
                    moments: numbers.moments(),
                };
                (
                    all.values.clone(),
                    counts.collect::<Vec<u64>>(),
                    Some(thinned),
                )
            }
            None => {
                // Zeros of both signs are kept apart: the same bits come back.
                let (mut values, mut counts) = (Vec::new(), Vec::new());
                let runs = numbers.values().chunk_by(|a, b| a.to_bits() == b.to_bits());
                for run in runs {
                    values.extend(run.first());
                    counts.push(run.len() as u64);
                }
                (values, counts, None)
            }
        };
        if counts.iter().all(|&count| count == 1) {
            counts = Vec::new();
        }
        Self {
            values: Runs::of(values),
            counts,
            thinned,
        }
    }

    /// `rows` are those of the column.
    fn read(self, rows: u64, room: &mut Room) -> Checked<Numbers> {
        let values = self.values.read()?;
        let counts = if self.counts.is_empty() {
            vec![1; values.len()]
        } else {
            self.counts
        };
        if counts.len() != values.len() || counts.contains(&0) {
            return Err("counts that are not of its numbers");
        }
        let sum = |sum: u64, &count: &u64| sum.checked_add(count);
        let len = counts.iter().try_fold(0, sum).filter(|&len| len <= rows);
        let len = len.ok_or("more numbers than rows")?;
        let Some(thinned) = self.thinned else {
            let mut all = room.take(len)?;
            for (&value, &count) in values.iter().zip(&counts) {
                all.extend(std::iter::repeat_n(value, count as usize));
            }
            return Numbers::of_sorted(all).ok_or("no numbers");
        };
        let SavedThinned {
            points,
            distinct,
            whole,
            moments,
        } = thinned;
        let is_whole = values.iter().all(|value| value.fract() == 0.0);
        let has_nan = moments.is_some_and(|(mean, std)| mean.is_nan() || std.is_nan());
        let possible = (values.len() as u64..=len).contains(&distinct);
        if !(1..=len).contains(&points) || !possible || (whole && !is_whole) || has_nan {
            return Err("figures that are not of its numbers");
        }
        room.claim(points)?;
        let thinned = Thinned {
            all: Weighted::of_counts(values, &counts),
            points,
            distinct,
            whole,
            moments: Some(moments),
        };
        Numbers::thinned(thinned).ok_or("no numbers")
    }
}

impl SavedProfile {
    pub(in crate::table) fn of(profile: &Profile) -> Self {
        let values = match &profile.values {
            Values::Numbers(numbers) => SavedValues::Numbers(SavedNumbers::of(numbers)),
            Values::Labels(labels) => SavedValues::Labels(labels.0.saved()),
            Values::Times(times) => SavedValues::Times {
                seconds: SavedNumbers::of(&times.seconds),
                hours: times.hours.clone(),
                weekdays: times.weekdays.clone(),
            },
            Values::Nothing => SavedValues::Nothing,
            Values::Unusable(reason) => SavedValues::Unusable(reason.clone()),
        };
        Self {
            rows: profile.rows,
            values,
        }
    }

    /// # Errors
    /// For what is no profile of so many rows.
    pub(in crate::table) fn read(self, rows: u64, room: &mut Room) -> Checked<Profile> {
        if self.rows != rows {
            return Err("columns of unequal length");
        }
        let values = match self.values {
            SavedValues::Numbers(numbers) => Values::Numbers(numbers.read(rows, room)?),
            SavedValues::Labels(labels) => {
                let labels = LabelCounts(labels.read()?);
                if !(1..=rows).contains(&labels.len()) {
                    return Err("more labels than rows");
                }
                Values::Labels(labels)
            }
            SavedValues::Times {
                seconds,
                hours,
                weekdays,
            } => {
                let seconds = seconds.read(rows, room)?;
                if seconds.min() < -MOST_SECONDS || seconds.max() > MOST_SECONDS {
                    return Err("times out of range");
                }
                let sums = |counts: &[u64]| {
                    let sum = |sum: u64, &count: &u64| sum.checked_add(count);
                    counts.iter().try_fold(0, sum) == Some(seconds.len())
                };
                let lengths = (hours.len(), weekdays.len()) == (24, 7);
                if !(lengths && sums(&hours) && sums(&weekdays)) {
                    return Err("hours that are not of its times");
                }
                Values::Times(TimeCounts {
                    seconds,
                    hours,
                    weekdays,
                })
            }
            SavedValues::Nothing => Values::Nothing,
            SavedValues::Unusable(reason) => Values::Unusable(reason),
        };
        Ok(Profile::new(rows, values))
    }
}
