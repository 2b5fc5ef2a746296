//! The one error type of the core.
//!
//! Every error about an argument names it, says what was given and what is
//! accepted. The bindings turn each kind into one Python exception below
//! `driftline.DriftlineError`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in the core.
///
/// # Example
/// ```
/// use driftline::error::Error;
/// let error = Error::invalid_value("alpha", 1.5, "a number between 0 and 1, both excluded");
/// assert_eq!(
///     error.to_string(),
///     "alpha: got 1.5; accepted: a number between 0 and 1, both excluded"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument has the right type and a value that is not accepted.
    #[error("{argument}: got {got}; accepted: {allowed}")]
    InvalidValue {
        /// The argument's public name.
        argument: Cow<'static, str>,
        /// What was given, as a person would write it.
        got: String,
        /// What is accepted.
        allowed: Cow<'static, str>,
    },
    /// An argument is of a type that is not accepted.
    #[error("{argument}: got {got}; accepted: {allowed}")]
    InvalidType {
        /// The argument's public name.
        argument: Cow<'static, str>,
        /// What was given, as a person would write it.
        got: String,
        /// What is accepted.
        allowed: Cow<'static, str>,
    },
    /// A sample has nothing left once missing values are taken out.
    #[error("{argument}: got {got}; accepted: {allowed}")]
    EmptySample {
        /// The argument's public name.
        argument: Cow<'static, str>,
        /// What was given, as a person would write it.
        got: String,
        /// What is accepted.
        allowed: Cow<'static, str>,
    },
    /// A handle names no observer of this hub (closed, stale, or of another hub).
    #[error("{0}")]
    ObserverNotFound(String),
    /// The hub was shut down: it takes no more events and observers.
    #[error("the hub is shut down; accepted: {0}, before shutdown()")]
    HubClosed(&'static str),
    /// Code of the host's failed, such as a test that is an object of the user's.
    #[error("{0}")]
    Foreign(Foreign),
    /// A file cannot be read or written.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What the operating system says.
        message: String,
        /// Its number for that, where it has one.
        os_error: Option<i32>,
    },
    /// Somebody wanted a long computation to stop, and it did; nothing changed.
    #[error("interrupted")]
    Interrupted,
    /// A set-up in a file, text or mapping has mistakes, one or more.
    #[error("{}", lines(.0))]
    Config(Vec<Mistake>),
    /// An observer emitted at the end of a chain of derived events that is
    /// longer than the hub allows.
    #[error(
        "event {kind:?} dropped: it would be at depth {depth} of a chain of derived events; \
         accepted: at most max_cascade_depth={limit}. Is an observer answering its own events?"
    )]
    EmitLoop {
        /// The kind of the event that was dropped.
        kind: String,
        /// The depth that it would have had.
        depth: u32,
        /// The hub's `max_cascade_depth`.
        limit: u32,
    },
}

/// What code of the host's failed with, as the host has it; clones share it.
#[derive(Debug, Clone)]
pub struct Foreign(Arc<dyn std::error::Error + Send + Sync>);

impl Foreign {
    /// Keeps what the host failed with.
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }

    /// What the host failed with, when it is an `E`.
    pub fn get<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

/// Two are equal when they share what the host failed with.
impl PartialEq for Foreign {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One mistake in a set-up, and where it stands.
///
/// # Example
/// ```
/// use driftline::error::Mistake;
/// let mistake = Mistake {
///     file: Some("drift.yaml".into()),
///     place: Some((7, 5)),
///     path: "monitors[1].treshold".to_owned(),
///     message: "unknown key; did you mean \"threshold\"?".to_owned(),
/// };
/// assert_eq!(
///     mistake.to_string(),
///     "drift.yaml:7:5: monitors[1].treshold: unknown key; did you mean \"threshold\"?"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, where it came from one.
    pub file: Option<Cow<'static, str>>,
    /// Line and column (in characters), both from 1; `None` in a mapping.
    pub place: Option<(usize, usize)>,
    /// Keys and places in lists from the top; empty for the whole.
    pub path: String,
    /// What is wrong and what is accepted. A secret is never in it.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.place) {
            (Some(file), Some((line, column))) => write!(f, "{file}:{line}:{column}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some((line, column))) => write!(f, "line {line}, column {column}: ")?,
            (None, None) => {}
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// One line for each mistake.
fn lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Error {
    /// An [`Error::InvalidValue`].
    pub fn invalid_value(
        argument: impl Into<Cow<'static, str>>,
        got: impl ToString,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::InvalidValue {
            argument: argument.into(),
            got: got.to_string(),
            allowed: allowed.into(),
        }
    }

    /// An [`Error::InvalidType`].
    pub fn invalid_type(
        argument: impl Into<Cow<'static, str>>,
        got: impl ToString,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::InvalidType {
            argument: argument.into(),
            got: got.to_string(),
            allowed: allowed.into(),
        }
    }

    /// An [`Error::File`].
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            message: error.to_string(),
            os_error: error.raw_os_error(),
        }
    }

    /// The same error about an argument of another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        if let Self::InvalidValue { argument, .. }
        | Self::InvalidType { argument, .. }
        | Self::EmptySample { argument, .. } = &mut self
        {
            *argument = name.into();
        }
        self
    }

    /// An [`Error::EmptySample`].
    pub fn empty_sample(argument: impl Into<Cow<'static, str>>, got: impl ToString) -> Self {
        Self::EmptySample {
            argument: argument.into(),
            got: got.to_string(),
            allowed: Cow::Borrowed("a sample with at least one value that is not NaN"),
        }
    }
}

/// The text with control characters escaped, so that none can forge a line.
pub(crate) fn one_line(text: &str) -> String {
    let escape = |c: char| {
        if c.is_control() {
            c.escape_default().collect()
        } else {
            String::from(c)
        }
    };
    text.chars().map(escape).collect()
}
