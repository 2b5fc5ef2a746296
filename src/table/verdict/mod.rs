//! Verdicts.
use crate::drift::{Adjustment, adjust, effects_of_counts, share_moved};
use crate::error::Result;
use serde::Serialize;
/// a
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// a
    Drifted,
    /// a
    Stable,
    /// a
    Inconclusive,
}
impl Verdict {
    pub(super) fn of_all(all: impl Iterator<Item = Verdict>) -> Self {
        let mut w = Verdict::Stable;
        for v in all {
            if v == Verdict::Drifted {
                return v;
            }
            if v == Verdict::Inconclusive {
                w = v;
            }
        }
        w
    }
}
/// a
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interval {
    /// a
    pub value: f64,
    /// a
    pub low: f64,
    /// a
    pub high: f64,
    /// a
    pub level: f64,
}
/// a
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// a
    Values,
    /// a
    Hour,
    /// a
    Weekday,
}
/// a
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// a
    Values,
    /// a
    Hour,
    /// a
    Weekday,
    /// a
    Missing,
    /// a
    Unseen,
    /// a
    PValue,
}
impl Reason {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Missing => "missing",
            Self::Unseen => "unseen",
            Self::PValue => "p_value",
        }
    }
}
/// a
#[derive(Debug, Clone)]
pub enum Moved {
    /// a
    Numbers {
        /// a
        distance: f64,
        /// a
        n: u64,
        /// a
        m: u64,
    },
    /// a
    Counts {
        /// a
        baseline: Vec<u64>,
        /// a
        current: Vec<u64>,
    },
    /// a
    Nothing,
}
/// a
#[derive(Debug, Clone)]
pub struct Unseen {
    /// a
    pub rows: u64,
    /// a
    pub n_current: u64,
    /// a
    pub singletons: u64,
    /// a
    pub n_baseline: u64,
}
/// a
#[derive(Debug, Clone)]
pub struct Evidence {
    /// a
    pub moved: Vec<(What, Moved)>,
    /// a
    pub missing: (u64, u64, u64, u64),
    /// a
    pub unseen: Option<Unseen>,
    /// a
    pub log_p_value: Option<f64>,
    /// a
    pub weight: f64,
}
/// a
#[derive(Debug, Clone)]
pub struct Judgement {
    /// a
    pub verdict: Verdict,
    /// a
    pub reasons: Vec<Reason>,
    /// a
    pub p_adjusted: Option<f64>,
    /// a
    pub effect: Interval,
    /// a
    pub parts: Vec<Interval>,
    /// a
    pub missing: Interval,
    /// a
    pub missing_p_value: Option<f64>,
    /// a
    pub unseen: Option<Interval>,
    /// a
    pub rows_needed: Option<u64>,
}
/// a
pub struct Family {
    /// a
    pub judgements: Vec<Judgement>,
    /// a
    pub share_drifted: Interval,
}
/// a
#[derive(Debug, Clone, Copy)]
pub enum Correction {
    /// a
    Bh,
}
impl Correction {
    /// a
    pub fn name(self) -> &'static str {
        "bh"
    }
}
/// a
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// a
    pub alpha: f64,
    /// a
    pub min_effect: f64,
    /// a
    pub correction: Correction,
}
/// a
pub fn pooled(b: &[u64], c: &[u64]) -> (Vec<u64>, Vec<u64>) {
    (b.to_vec(), c.to_vec())
}
/// a
pub fn judge(evidence: &[Evidence], o: &Options) -> Result<Family> {
    let k = evidence.len() as f64;
    let level = 1.0 - o.alpha / k;
    let p: Vec<f64> = evidence
        .iter()
        .map(|e| e.log_p_value.map_or(f64::NAN, f64::exp))
        .collect();
    let adj = adjust(&p, Adjustment::BenjaminiHochberg)?;
    let mut out = Vec::new();
    for (e, adj) in evidence.iter().zip(adj) {
        let mut parts = Vec::new();
        for (_, m) in &e.moved {
            let i = match m {
                Moved::Numbers { distance, n, m } => {
                    let s = share_moved(*distance, *n as usize, *m as usize, level)?;
                    Interval {
                        value: s.value,
                        low: s.low,
                        high: s.high,
                        level,
                    }
                }
                Moved::Counts { baseline, current } => {
                    let s = effects_of_counts(baseline, current, level)?;
                    let s = s
                        .get("share_moved")
                        .cloned()
                        .ok_or(crate::error::Error::Interrupted)?;
                    Interval {
                        value: s.value,
                        low: s.low,
                        high: s.high,
                        level,
                    }
                }
                Moved::Nothing => Interval {
                    value: 0.0,
                    low: 0.0,
                    high: 0.0,
                    level,
                },
            };
            parts.push(i);
        }
        let effect = parts
            .iter()
            .cloned()
            .max_by(|a, b| a.value.total_cmp(&b.value))
            .unwrap_or(Interval {
                value: 0.0,
                low: 0.0,
                high: 0.0,
                level,
            });
        let (mb, rb, mc, rc) = e.missing;
        let d = mc as f64 / rc.max(1) as f64 - mb as f64 / rb.max(1) as f64;
        let missing = Interval {
            value: d,
            low: d - 0.01,
            high: d + 0.01,
            level,
        };
        let mut reasons = Vec::new();
        if effect.low > o.min_effect {
            reasons.push(Reason::Values);
        }
        if missing.low > o.min_effect || missing.high < -o.min_effect {
            reasons.push(Reason::Missing);
        }
        let verdict = if !reasons.is_empty() {
            Verdict::Drifted
        } else if effect.high < o.min_effect {
            Verdict::Stable
        } else {
            Verdict::Inconclusive
        };
        out.push(Judgement {
            verdict,
            reasons,
            p_adjusted: (!adj.is_nan()).then_some(adj),
            effect,
            parts,
            missing,
            missing_p_value: None,
            unseen: None,
            rows_needed: None,
        });
    }
    let d = out.iter().filter(|j| j.verdict == Verdict::Drifted).count() as f64 / k;
    Ok(Family {
        judgements: out,
        share_drifted: Interval {
            value: d,
            low: d,
            high: d,
            level: 0.95,
        },
    })
}
