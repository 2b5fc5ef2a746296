//! What a bank on a hub has to tell.

use std::sync::Arc;

use crate::event::Event;
use crate::observer::stream_detector::StreamAlarm;

/// A change of one feature of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamBankAlarm {
    /// The position of the feature.
    pub feature: usize,
    /// Its name.
    pub name: Arc<str>,
    /// The change; its `index` is that of the row among the rows given.
    pub alarm: StreamAlarm,
}

impl StreamBankAlarm {
    /// Whether this is an alert of drift.
    pub fn is_alert(&self) -> bool {
        self.alarm.is_alert()
    }

    /// The event that tells of it: that of the feature's detector, with `feature_index`.
    pub fn event(&self, cause: &Event) -> Event {
        let mut event = self.alarm.event(cause);
        event.feature = Some(Arc::clone(&self.name));
        let metadata = Arc::make_mut(event.metadata.get_or_insert_default());
        let index = (self.feature as u64).into();
        metadata.insert("feature_index".to_owned(), index);
        event
    }
}
