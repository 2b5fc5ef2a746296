//! Labels as codes.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use foldhash::fast::FixedState;

use super::numbers;

/// The code of a missing label.
pub(crate) const MISSING: u32 = u32::MAX;

/// The labels of a column: a code for each row, into the different labels.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) codes: Vec<u32>,
    pub(crate) labels: Vec<Box<str>>,
}

impl Labels {
    /// Of strings or bools; all arrays are of one type.
    pub(super) fn read(arrays: &[ArrayRef], rows: usize) -> Self {
        let mut codes = Vec::with_capacity(rows);
        let mut known = Known::default();
        for array in arrays {
            texts(array.as_ref(), |text| {
                codes.push(text.map_or(MISSING, |text| known.code(text)))
            });
        }
        Self {
            codes,
            labels: known.labels(),
        }
    }

    /// Of dictionaries; `None` when their values are neither labels nor numbers.
    pub(super) fn read_dictionary(arrays: &[ArrayRef], rows: usize) -> Option<Self> {
        let dictionaries: Vec<Vec<Option<Box<str>>>> = arrays
            .iter()
            .map(|array| as_texts(array.as_any_dictionary().values()))
            .collect::<Option<_>>()?;
        let mut known = Known::default();
        let mut codes = Vec::with_capacity(rows);
        for (array, dictionary) in arrays.iter().zip(&dictionaries) {
            let own: Vec<u32> = dictionary
                .iter()
                .map(|text| text.as_deref().map_or(MISSING, |text| known.code(text)))
                .collect();
            let array = array.as_any_dictionary();
            let keys = array.normalized_keys();
            let code = |key: &usize| own.get(*key).copied().unwrap_or(MISSING);
            match array.nulls() {
                None => codes.extend(keys.iter().map(code)),
                Some(nulls) => codes.extend(
                    keys.iter()
                        .zip(nulls.iter())
                        .map(|(key, valid)| if valid { code(key) } else { MISSING }),
                ),
            }
        }
        Some(Self {
            codes,
            labels: known.labels(),
        })
    }

    /// Other rows of the same labels: those that occur.
    pub(crate) fn compact(&self, codes: Vec<u32>) -> Self {
        let mut places = vec![MISSING; self.labels.len()];
        let mut labels = Vec::new();
        let compact = |code: u32| {
            let (Some(place), Some(label)) = (
                places.get_mut(code as usize),
                self.labels.get(code as usize),
            ) else {
                return MISSING;
            };
            if *place == MISSING {
                *place = labels.len() as u32;
                labels.push(label.clone());
            }
            *place
        };
        Self {
            codes: codes.into_iter().map(compact).collect(),
            labels,
        }
    }

    /// Of numbers, as [`label`] writes them.
    pub(crate) fn of_numbers(values: &[f64]) -> Self {
        let mut known: HashMap<u64, u32, FixedState> = HashMap::default();
        let mut labels = Vec::new();
        let codes = values
            .iter()
            .map(|&value| {
                if value.is_nan() {
                    return MISSING;
                }
                // 0.0 and -0.0 are one.
                *known.entry((value + 0.0).to_bits()).or_insert_with(|| {
                    labels.push(label(value).into());
                    (labels.len() - 1) as u32
                })
            })
            .collect();
        Self { codes, labels }
    }
}

/// A number as a label: the shortest text that reads back as the same number.
pub(crate) fn label(value: f64) -> String {
    format!("{}", value + 0.0)
}

/// Labels in the order in which they came.
#[derive(Default)]
struct Known<'a>(HashMap<&'a str, u32, FixedState>);

impl<'a> Known<'a> {
    fn code(&mut self, text: &'a str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(text).or_insert(next)
    }

    fn labels(self) -> Vec<Box<str>> {
        let mut labels: Vec<(u32, &str)> = self
            .0
            .into_iter()
            .map(|(text, code)| (code, text))
            .collect();
        labels.sort_unstable();
        labels.into_iter().map(|(_, text)| text.into()).collect()
    }
}

/// Calls `take` for each cell of an array of strings or bools.
fn texts<'a>(array: &'a dyn Array, mut take: impl FnMut(Option<&'a str>)) {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().for_each(take),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().for_each(take),
        DataType::Utf8View => array.as_string_view().iter().for_each(take),
        DataType::Boolean => {
            let name = |flag| if flag { "true" } else { "false" };
            array
                .as_boolean()
                .iter()
                .for_each(|flag| take(flag.map(name)));
        }
        _ => (0..array.len()).for_each(|_| take(None)),
    }
}

/// The values of a dictionary.
fn as_texts(values: &ArrayRef) -> Option<Vec<Option<Box<str>>>> {
    match values.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Boolean => {
            let mut all = Vec::with_capacity(values.len());
            texts(values.as_ref(), |text| all.push(text.map(Box::from)));
            Some(all)
        }
        DataType::Null => Some(vec![None; values.len()]),
        _ => {
            let numbers = numbers::read(vec![values.clone()], values.len())?;
            let text = |value: f64| (!value.is_nan()).then(|| label(value).into());
            Some(numbers.into_iter().map(text).collect())
        }
    }
}
