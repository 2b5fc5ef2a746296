//! What is counted.

/// Why a run that was asked for was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldBack {
    /// Not enough of the last looks say so.
    Unconfirmed,
    /// The event names no model.
    NoModel,
    /// A run of this model is in flight.
    InFlight,
    /// The last run of this model was triggered a short while ago.
    Cooldown,
    /// Too many runs of all models within a short while.
    RateLimited,
    /// There was no room for another model.
    Overflow,
}

impl HeldBack {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Unconfirmed,
        Self::NoModel,
        Self::InFlight,
        Self::Cooldown,
        Self::RateLimited,
        Self::Overflow,
    ];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::NoModel => "no_model",
            Self::InFlight => "in_flight",
            Self::Cooldown => "cooldown",
            Self::RateLimited => "rate_limited",
            Self::Overflow => "overflow",
        }
    }
}

/// What became of runs. At any time `triggered` is `completed`, `failed`,
/// `timed_out` and those in flight together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Runs that were started.
    pub triggered: u64,
    /// Those that the scheduler took.
    pub scheduled: u64,
    /// Those whose `training_completed` came.
    pub completed: u64,
    /// Those that the scheduler did not take, however often it was tried.
    pub failed: u64,
    /// Those whose `training_completed` did not come in time.
    pub timed_out: u64,
}
