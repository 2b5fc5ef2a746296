//! Average run lengths, and the value of a parameter that gives the one that is asked for.

use super::axis::Axis;
use super::null::Stream;
use crate::error::{Error, Result};
use crate::stream::{Detector, Signal};

/// Values drawn at a time.
const PIECE: usize = 1024;

/// A detector begins anew after so many average run lengths: the run lengths of some
/// (those that compare with the best seen so far) have no mean.
const HORIZON: f64 = 10.0;

/// Halvings of the range before the local search, and run lengths spent on each.
const HALVINGS: usize = 7;
const GLANCE: f64 = 8.0;

/// Looks after that: as many as are wanted, as there may be, and how near to what is asked
/// (in logarithms) all but the last one come. A search ends when the range has come down to
/// `CLOSE`: the run length jumps there.
const LOOKS: usize = 4;
const MOST_LOOKS: usize = 16;
const NEAR: f64 = 0.2;
const FAR: f64 = 1.0;
const CLOSE: f64 = 1e-3;

/// The least growth of the logarithm of the run length over the range that is reckoned with.
const FLATTEST: f64 = 10.0;

/// Alarms expected in a look, as far as the work allows, which is in values of a quick
/// detector.
const FEWEST: f64 = 40.0;
const MOST: f64 = 400.0;
const WORK: f64 = 1e7;

/// Run lengths that one search takes, at least.
pub(super) const COST: f64 = 250.0;

/// A measured run length.
#[derive(Debug, Clone, Copy)]
struct Look {
    place: f64,
    /// Its logarithm.
    length: f64,
    /// Alarms that it stands on.
    weight: f64,
}

/// Where the run length is as asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) place: f64,
    /// By how much the logarithm of the run length grows from place 0 to 1, here.
    pub(super) slope: f64,
}

/// A detector on a stream, with one parameter left open.
pub(super) struct Search<'a> {
    pub(super) axis: Axis,
    /// The detector for a value of the parameter.
    pub(super) make: &'a dyn Fn(f64) -> Result<Box<dyn Detector>>,
    pub(super) stream: &'a mut dyn Stream,
    pub(super) interrupted: &'a mut dyn FnMut() -> bool,
}

impl Search<'_> {
    /// Alarms and values of a simulation that ends after `most` run lengths of `every`
    /// values, or four times as many alarms as are expected; or, at a `glance`, once it is
    /// clear on which side of `every` the run length is.
    pub(super) fn alarms(
        &mut self,
        value: f64,
        every: f64,
        most: f64,
        glance: bool,
    ) -> Result<(f64, f64)> {
        let mut detector = (self.make)(value)?;
        let horizon = (HORIZON * every).ceil() as usize;
        let end = (most * every).ceil();
        let mut left = horizon;
        let mut buffer = [0.0; PIECE];
        let (mut alarms, mut values) = (0.0, 0.0);
        loop {
            if (self.interrupted)() {
                return Err(Error::Interrupted);
            }
            let len = PIECE.min(left);
            let Some(piece) = buffer.get_mut(..len) else {
                break;
            };
            self.stream.fill(piece);
            detector.run(piece, false, &mut |_, signal| {
                alarms += f64::from(u8::from(signal == Signal::Drift));
                true
            });
            values += len as f64;
            left -= len;
            if left == 0 {
                detector = detector.fresh();
                left = horizon;
            }
            let expected = values / every;
            let ratio = (alarms + 0.5) / (expected + 0.5);
            let clear = glance && ((ratio > 4.0 && alarms >= 6.0) || ratio < 0.1);
            if clear || values >= end || alarms >= 4.0 * most {
                break;
            }
        }
        Ok((alarms, values))
    }

    fn look(&mut self, place: f64, every: f64, most: f64, glance: bool) -> Result<Look> {
        let value = self.axis.value(place);
        let (alarms, values) = self.alarms(value, every, most, glance)?;
        Ok(Look {
            place,
            length: (values / alarms.max(0.5)).ln(),
            weight: alarms.max(0.5),
        })
    }

    /// The place where alarms are `every` values apart on average, or the next one where
    /// they are further apart: the first one, if they are that already there.
    ///
    /// # Errors
    /// `InvalidValue` when no value of the parameter does it; `Interrupted`.
    pub(super) fn solve(&mut self, every: f64) -> Result<Found> {
        let wanted = every.ln();
        let cost = (self.make)(self.axis.value(0.5))?.cost();
        let alarms = WORK / (every * cost * LOOKS as f64);
        let alarms = alarms.clamp(FEWEST, MOST);
        let mut looks = Vec::with_capacity(HALVINGS + MOST_LOOKS + 1);
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let look = self.look((low + high) / 2.0, every, GLANCE, true)?;
            if look.length < wanted {
                low = look.place;
            } else {
                high = look.place;
            }
            looks.push(look);
        }
        let mut place = estimate(&looks, wanted).map_or((low + high) / 2.0, |found| found.place);
        // Glances may err, where alarms come in clusters: all is open again.
        let (mut low, mut high) = (0.0, None::<Look>);
        let (mut near, mut far) = (0, 0);
        for _ in 0..MOST_LOOKS {
            let look = self.look(place, every, alarms, false)?;
            looks.push(look);
            let off = (look.length - wanted).abs();
            near += usize::from(off < NEAR);
            far += usize::from(off > FAR);
            if look.length < wanted {
                low = f64::max(low, place);
            } else if high.is_none_or(|high| place < high.place) {
                high = Some(look);
            }
            let end = high.map_or(1.0, |high| high.place);
            if near == LOOKS - 1 || end - low < CLOSE {
                break;
            }
            // A line through what is far off creeps: it is tried once.
            let line = estimate(&looks, wanted).filter(|_| off < FAR || far < 2);
            place = match line {
                Some(found) if found.place > low && found.place < end => found.place,
                _ => (low + end) / 2.0,
            };
        }
        let line = estimate(&looks, wanted);
        let slope = line.map_or(FLATTEST, |line| line.slope);
        let end = high.map_or(1.0, |high| high.place);
        if let Some(Found { place, .. }) = line
            && near > 0
            && (low..=end).contains(&place)
        {
            return Ok(Found { place, slope });
        }
        // The run length jumps: the far side. Or no value alarms so often.
        let look = match high {
            Some(look) if low == 0.0 && end <= CLOSE => Look { place: 0.0, ..look },
            Some(look) => look,
            None => self.look(1.0, every, alarms, false)?,
        };
        let place = look.place;
        self.reached(Found { place, slope }, look, every)
    }

    /// What was found, unless alarms are too frequent there, or as good as never.
    fn reached(&self, found: Found, look: Look, every: f64) -> Result<Found> {
        let parameter = self.axis.parameter;
        let refuse = |allowed| Err(Error::invalid_value("false_alarm_every", every, allowed));
        if look.length < every.ln() - std::f64::consts::LN_2 {
            let about = look.length.exp();
            return refuse(format!(
                "about {about:.0} at most: no {parameter} gives fewer alarms than {:.3e} does",
                self.axis.value(found.place)
            ));
        }
        if look.weight < 1.0 {
            return refuse(format!(
                "another budget, or values that vary more: with {parameter}={:.4} it never \
                 alarms, and with the next one too often",
                self.axis.value(found.place)
            ));
        }
        Ok(found)
    }

    /// The same from a place near by, where the run length grows by `slope`: two looks of
    /// `alarms` each, no errors but `Interrupted`.
    pub(super) fn polish(&mut self, near: Found, every: f64, alarms: f64) -> Result<f64> {
        let wanted = every.ln();
        let slope = near.slope.max(FLATTEST);
        let first = self.look(near.place, every, alarms, false)?;
        let step = |look: &Look| (look.place + (wanted - look.length) / slope).clamp(0.0, 1.0);
        let second = self.look(step(&first), every, alarms, false)?;
        let near = |look: &Look| look.weight / (1.0 + 4.0 * (look.length - wanted).powi(2));
        let (a, b) = (near(&first), near(&second));
        Ok((a * step(&first) + b * step(&second)) / (a + b))
    }
}

/// Where a line through the logarithms of the run lengths reaches `wanted`: its slope from
/// all looks around, its height from the near ones. `None` where it does not rise.
fn estimate(looks: &[Look], wanted: f64) -> Option<Found> {
    let centre = |kernel: &dyn Fn(f64) -> f64| {
        let (mut weight, mut place, mut length) = (0.0, 0.0, 0.0);
        for look in looks {
            let w = look.weight * kernel(look.length - wanted);
            weight += w;
            place += w * look.place;
            length += w * look.length;
        }
        (place / weight, length / weight)
    };
    let wide = |distance: f64| 1.0 / (1.0 + distance * distance);
    let (place, length) = centre(&wide);
    let (mut cross, mut square) = (0.0, 0.0);
    for look in looks {
        let w = look.weight * wide(look.length - wanted);
        cross += w * (look.place - place) * (look.length - length);
        square += w * (look.place - place) * (look.place - place);
    }
    let slope = cross / square;
    if !(slope > 0.0 && slope.is_finite()) {
        return None;
    }
    let (place, length) = centre(&|distance| (-4.0 * distance * distance).exp() + 1e-9);
    let place = place + (wanted - length) / slope;
    Some(Found {
        place: place.clamp(0.0, 1.0),
        slope,
    })
}
