//! Where a window is cut in two, so that the newer part is as short as it can be.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::math::{f_quantile, student_t_quantile};

/// Tables that are kept when nobody uses them: calibration and copies come back to them.
const KEPT: usize = 8;

/// What a table follows from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::stream) struct Demand {
    /// By how many standard deviations of the older part the mean rises, of the changes to be
    /// found.
    pub(in crate::stream) rigor: f64,
    /// Significance of either test.
    pub(in crate::stream) significance: f64,
    /// Significance of the t-test's warning.
    pub(in crate::stream) warning: f64,
    /// The longest window.
    pub(in crate::stream) longest: usize,
    /// As published code has it: the degrees of freedom of the F-test swapped, and the inverse
    /// square of the ratio of variances in those of the t-test.
    pub(in crate::stream) published: bool,
}

/// A window's cut, and what the tests of its two parts are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::stream) struct Cut {
    /// Values in the older part.
    pub(in crate::stream) place: usize,
    pub(in crate::stream) t: f64,
    pub(in crate::stream) t_warning: f64,
    /// Of the newer part's variance by the older one's.
    pub(in crate::stream) f: f64,
    /// Of the older part's variance by the newer one's.
    pub(in crate::stream) f_fall: f64,
    /// Where the search for it ended, and the next one begins.
    sought: usize,
}

/// The laws of the tests at a cut.
struct Laws {
    f: f64,
    /// Degrees of freedom of the t-test, when the ratio of variances is at its limit.
    freedom: f64,
    /// The share of the older variance that the difference of the means has.
    spread: f64,
}

impl Demand {
    fn laws(&self, width: usize, place: usize) -> Laws {
        let (older, newer) = (place as f64, (width - place) as f64);
        let f = if self.published {
            self.upper_f(older, newer)
        } else {
            self.upper_f(newer, older)
        };
        let ratio = if self.published { (f * f).recip() } else { f };
        // Welch's, for variances of 1 and `ratio`, by the share of the first in the sum.
        let share = newer / (newer + ratio * older);
        let freedom =
            (share * share / (older - 1.0) + (1.0 - share) * (1.0 - share) / (newer - 1.0)).recip();
        let spread = older.recip() + f / newer;
        Laws { f, freedom, spread }
    }

    fn upper_f(&self, n1: f64, n2: f64) -> f64 {
        f_quantile(self.significance, n2 - 1.0, n1 - 1.0).recip()
    }

    /// The rise of the mean, in standard deviations of the older part, that is found at this
    /// cut.
    fn rise(&self, width: usize, place: usize) -> f64 {
        let laws = self.laws(width, place);
        let t = -student_t_quantile(self.significance, laws.freedom);
        t * laws.spread.sqrt()
    }

    /// Looks from `start` for the last place at which a rise of `rigor` is found; the place of
    /// the least rise where there is none. Between the parts' shortest lengths the rise falls
    /// to its least and grows from there on.
    fn search(&self, width: usize, start: Option<usize>) -> (usize, bool) {
        let (first, last) = (2, width - 2);
        let mut place = start.map_or_else(|| self.least(width), |at| at.clamp(first, last));
        let mut rise = self.rise(width, place);
        while rise > self.rigor {
            let beside = [place + 1, place - 1];
            let lower = beside.into_iter().find_map(|at| {
                let other = (first..=last).contains(&at).then(|| self.rise(width, at));
                other.filter(|&other| other < rise).map(|other| (at, other))
            });
            match lower {
                Some(lower) => (place, rise) = lower,
                None => return (place, false),
            }
        }
        // Steps of 1, 2, 4 and so on while it is found, then halves.
        let (mut beyond, mut step) = (last + 1, 1);
        while beyond - place > 1 {
            let stepping = beyond > last && place + step <= last;
            let next = if stepping {
                place + step
            } else {
                place + (beyond - place) / 2
            };
            if self.rise(width, next) <= self.rigor {
                place = next;
                step *= 2;
            } else {
                beyond = next;
            }
        }
        (place, true)
    }

    /// The place of the least rise, about.
    fn least(&self, width: usize) -> usize {
        let (mut low, mut high) = (2, width - 2);
        while high - low > 2 {
            let third = (high - low) / 3;
            let (one, other) = (low + third, high - third);
            if self.rise(width, one) <= self.rise(width, other) {
                high = other;
            } else {
                low = one;
            }
        }
        low + (high - low) / 2
    }

    fn cut(&self, width: usize, start: Option<&Cut>) -> Cut {
        let (sought, found) = self.search(width, start.map(|cut| cut.sought));
        // Too short a window is cut in the middle.
        let place = if found { sought } else { width / 2 + 1 };
        let laws = self.laws(width, place);
        let (older, newer) = (place as f64, (width - place) as f64);
        Cut {
            place,
            t: -student_t_quantile(self.significance, laws.freedom),
            t_warning: -student_t_quantile(self.warning, laws.freedom),
            f: laws.f,
            f_fall: self.upper_f(older, newer),
            sought,
        }
    }
}

/// The cuts of windows of any width, each computed when it is first asked for.
#[derive(Debug)]
pub(in crate::stream) struct Cuts {
    demand: Demand,
    of: Vec<OnceLock<Cut>>,
}

/// The last tables: they follow from parameters alone, and many detectors have the same.
static TABLES: Mutex<Vec<Arc<Cuts>>> = Mutex::new(Vec::new());

impl Cuts {
    /// The table of a demand, shared by all who make it.
    pub(in crate::stream) fn of(demand: Demand) -> Arc<Self> {
        let mut tables = TABLES.lock();
        let at = tables.iter().position(|table| table.demand == demand);
        let table = match at {
            Some(at) => tables.remove(at),
            None => Arc::new(Self {
                demand,
                of: vec![OnceLock::new(); demand.longest + 1],
            }),
        };
        if tables.len() >= KEPT {
            tables.remove(0);
        }
        tables.push(Arc::clone(&table));
        table
    }

    /// The cut of a window of `width` values, from 10 to the longest; `None` for others.
    #[inline]
    pub(in crate::stream) fn at(&self, width: usize) -> Option<&Cut> {
        let place = self.of.get(width)?;
        Some(place.get_or_init(|| {
            let shorter = self.of.get(width - 1).and_then(OnceLock::get);
            self.demand.cut(width, shorter)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SciPy's quantiles of F are off by 1e-9 here and there.
    const TOLERANCE: f64 = 3e-9;

    fn demand(rigor: f64, alpha: f64, published: bool) -> Demand {
        Demand {
            rigor,
            significance: -f64::exp_m1(f64::ln_1p(-alpha) / 4.0),
            warning: 0.1,
            longest: 700,
            published,
        }
    }

    fn near(got: f64, expected: f64) -> bool {
        (got - expected).abs() <= TOLERANCE * expected
    }

    #[test]
    fn cuts_and_limits_are_those_of_all_places_tried() {
        // SciPy 1.17 at every place; the published ones as CapyMOA 0.15 has them.
        let plain = demand(0.5, 0.001, false);
        let coarse = demand(1.0, 0.05, false);
        let published = demand(0.5, 0.001, true);
        for (demand, width, place, t, t_warning, f) in [
            (
                plain,
                30,
                16,
                4.339378520484,
                1.336381128640,
                7.293956659908,
            ),
            (
                plain,
                150,
                76,
                3.573126162852,
                1.288287538535,
                2.273793199471,
            ),
            (
                plain,
                300,
                176,
                3.534177666525,
                1.285480066361,
                1.773257501708,
            ),
            (
                plain,
                700,
                606,
                3.586286811232,
                1.289226677861,
                1.666049270231,
            ),
            (
                coarse,
                30,
                16,
                2.420081853268,
                1.326749554053,
                3.423037329256,
            ),
            (
                coarse,
                300,
                286,
                2.508265110551,
                1.346970319699,
                2.129533067885,
            ),
            (
                published,
                30,
                16,
                4.378735245246,
                1.338550662085,
                8.135299231129,
            ),
            (
                published,
                277,
                139,
                3.534569693681,
                1.285508536740,
                1.820995725800,
            ),
            (
                published,
                278,
                130,
                3.540089254992,
                1.285908923260,
                1.812678110788,
            ),
            (
                published,
                600,
                500,
                3.527343941679,
                1.284983076055,
                1.795323454451,
            ),
        ] {
            let cut = demand.cut(width, None);
            assert_eq!(cut.place, place, "{width}");
            assert!(near(cut.t, t), "{width}: {} is not {t}", cut.t);
            assert!(near(cut.t_warning, t_warning), "{width}");
            assert!(near(cut.f, f), "{width}: {} is not {f}", cut.f);
        }
        let fall = plain.cut(700, None).f_fall;
        assert!(near(fall, 1.816728279967), "{fall}");
    }

    #[test]
    fn a_cut_does_not_depend_on_where_its_search_began() {
        let demand = demand(0.6, 0.01, false);
        let table = Cuts::of(demand);
        for width in [10, 11, 60, 61, 62, 150, 400, 401, 402, 403, 700] {
            let alone = demand.cut(width, None);
            let cut = table.at(width).map(|cut| (cut.place, cut.t, cut.f));
            assert_eq!(cut, Some((alone.place, alone.t, alone.f)), "{width}");
        }
        assert_eq!(table.at(701), None);
    }

    #[test]
    fn equal_demands_share_a_table() {
        let table = Cuts::of(demand(0.37, 0.001, false));
        assert!(Arc::ptr_eq(&table, &Cuts::of(demand(0.37, 0.001, false))));
        assert!(!Arc::ptr_eq(&table, &Cuts::of(demand(0.37, 0.002, false))));
    }
}
