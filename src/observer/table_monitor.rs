//! A monitor of rows on a hub.
//!
//! [`TableMonitor`] hears `inference_completed` and takes the row that the metadata holds
//! under `field`: a mapping from names of columns to cells, or a list with a cell for each
//! column. Events without one are left alone. An event's id is that of the row, whose label
//! `ground_truth` tells, later. What the [`Monitor`] finds it derives:
//! `drift_detected` and `drift_resolved`, of each column and of the table.
//!
//! # Cost
//! Some 50 ns a cell.

use std::sync::Arc;

use parking_lot::Mutex;

use super::timeline::{Timeline, Times};
use super::{Derived, Filter, Observer, ObserverError, Tick};
use crate::error::{Error, Result};
use crate::event::{Event, Kind, ModelFilter, Timestamp, Value};
use crate::monitor::{Alarm, Cell, Monitor};
use crate::table::bins::{CellKind, ColumnBins, Role};

/// A [`Monitor`] that hears events.
#[derive(Debug)]
pub struct TableMonitor {
    monitor: Monitor,
    timeline: Mutex<Timeline>,
}

impl TableMonitor {
    /// On a hub, or alone.
    pub fn new(monitor: Monitor) -> Self {
        Self {
            monitor,
            timeline: Mutex::new(Timeline::new()),
        }
    }

    /// The monitor.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// Those that hold rows, and labels where the plan has a target.
    fn kinds(&self) -> Vec<Kind> {
        let mut kinds = self.monitor.config().kinds.clone();
        if self.monitor.has_target() {
            kinds.push(Kind::GroundTruth);
        }
        kinds
    }

    /// Whether an event is about the model that is watched. Labels need not say.
    fn is_about(&self, event: &Event) -> bool {
        let watched = self.monitor.config().model.clone().map(ModelFilter::from);
        watched.is_none_or(|watched| event.model.as_ref().is_some_and(|own| watched.matches(own)))
    }

    /// A label that has come.
    fn label(&self, event: &Event) -> Result<()> {
        let Some(id) = &event.id else { return Ok(()) };
        let label = match event.field("label") {
            Some(Value::Str(text)) => Cell::Label(text),
            Some(Value::Bool(flag)) => Cell::Label(if *flag { "true" } else { "false" }),
            Some(value) => value.as_f64().map_or(Cell::Missing, Cell::Number),
            None => event.value.map_or(Cell::Missing, Cell::Number),
        };
        self.monitor
            .ground_truth(id, label, Some(event.timestamp))
            .map(drop)
    }

    /// What alarms are told by.
    pub fn events<'a>(&'a self, alarms: &'a [Alarm]) -> impl Iterator<Item = Event> + 'a {
        let config = self.monitor.config();
        let model = config.model.as_ref();
        alarms
            .iter()
            .map(move |alarm| alarm.event(model, &config.name))
    }

    fn row(&self, value: &Value, event: &Event, at: Timestamp) -> Result<Vec<Alarm>> {
        let columns = self.monitor.columns();
        let cells: Vec<Cell<'_>> = match value {
            Value::Object(row) => {
                if !columns
                    .iter()
                    .any(|column| row.contains_key(&**column.name()))
                {
                    let got = "a mapping without any column of the plan";
                    return Err(Error::invalid_value("row", got, "cells by name of column"));
                }
                let cells = columns.iter().map(|column| {
                    let name = column.name();
                    let value = row.get(&**name).or_else(|| told(column, event));
                    value.map_or(Ok(Cell::Missing), |value| cell(value, name, column.kind()))
                });
                cells.collect::<Result<_>>()?
            }
            Value::Array(row) => {
                let cells = row.iter().enumerate().map(|(place, value)| {
                    let column = columns.get(place);
                    let name = column.map_or("", |column| column.name());
                    cell(
                        value,
                        name,
                        column.map_or(CellKind::Any, |column| column.kind()),
                    )
                });
                cells.collect::<Result<_>>()?
            }
            _ => {
                let allowed = "a mapping from names of columns to cells, or a list of cells";
                return Err(Error::invalid_type(
                    "row",
                    "metadata of another form",
                    allowed,
                ));
            }
        };
        let due = self
            .monitor
            .take_cells(&cells, event.id.as_deref(), Some(at))?;
        self.monitor.judge(due)
    }
}

/// What an event itself says of prediction and probability.
fn told<'a>(column: &ColumnBins, event: &'a Event) -> Option<&'a Value> {
    match column.role() {
        Role::Feature => None,
        Role::Prediction => event.field("prediction"),
        Role::Probability(None) => event.field("probability"),
        Role::Probability(Some(class)) => match event.field("probability") {
            Some(Value::Object(all)) => all.get(class),
            _ => None,
        },
    }
}

/// A cell as metadata hold it: times are text.
fn cell<'a>(value: &'a Value, name: &str, kind: CellKind) -> Result<Cell<'a>> {
    Ok(match value {
        Value::Null => Cell::Missing,
        Value::Bool(flag) if kind != CellKind::Number => {
            Cell::Label(if *flag { "true" } else { "false" })
        }
        Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
            Cell::Number(value.as_f64().unwrap_or(f64::NAN))
        }
        Value::Str(text) => Cell::Label(text),
        Value::Array(_) | Value::Object(_) => {
            let got = format!("a list or a mapping in column \"{name}\"");
            return Err(Error::invalid_value(
                "row",
                got,
                "a number, text, a flag or null",
            ));
        }
    })
}

impl Observer for TableMonitor {
    fn name(&self) -> Arc<str> {
        self.monitor.config().name.as_str().into()
    }

    fn filter(&self) -> Filter {
        Filter {
            kinds: Some(self.kinds()),
            ..Filter::default()
        }
    }

    fn on_event(
        &self,
        event: &Event,
        derived: &mut Derived,
    ) -> std::result::Result<(), ObserverError> {
        if event.kind == Kind::GroundTruth {
            if event.model.is_none() || self.is_about(event) {
                self.label(event)?;
            }
            return Ok(());
        }
        if !self.is_about(event) {
            return Ok(());
        }
        if let Some(value) = event.field(&self.monitor.config().field) {
            let at = self.timeline.lock().at(Times::At(event.timestamp), 0);
            let alarms = self.row(value, event, at)?;
            self.events(&alarms).for_each(|event| derived.emit(event));
        }
        Ok(())
    }

    fn ticks(&self) -> bool {
        true
    }

    fn on_tick(
        &self,
        tick: &Tick,
        derived: &mut Derived,
    ) -> std::result::Result<(), ObserverError> {
        let now = self.timeline.lock().tick(tick);
        if let Some(now) = now {
            let alarms = self.monitor.tick(now)?;
            self.events(&alarms).for_each(|event| derived.emit(event));
        }
        Ok(())
    }
}
