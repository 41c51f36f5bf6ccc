//! Why something was not evaluated, and what one rendering may cost.

use crate::text::HoleId;

/// What evaluating a part gives.
pub(crate) type Run<T> = Result<T, Stop>;

/// Why evaluation of a part ended early.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// `break` of the innermost `range`.
    Break,
    /// `continue` of the innermost `range`.
    Continue,
    /// Something cannot be evaluated; what it is printed into goes on.
    Fault(Box<Fault>),
    /// A limit was reached: nothing more is evaluated.
    Limit(&'static str),
}

/// Why something cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What Helm would print, in its words where it is Helm that refuses.
    pub(crate) message: String,
    /// The hole that it depends on, if that is why.
    pub(crate) hole: Option<HoleId>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hole: None }
    }

    /// It depends on what is not known.
    pub(crate) fn unknown(hole: HoleId) -> Self {
        Self { message: String::new(), hole: Some(hole) }
    }

    pub(crate) fn too_deep() -> Self {
        Self::new("values nested over 200 levels")
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// Fails with a message.
pub(crate) fn fail<T>(message: impl Into<String>) -> Run<T> {
    Err(Fault::new(message).into())
}

/// How many bytes one rendering may give.
pub(crate) const MAX_OUTPUT: usize = 8 * 1024 * 1024;
/// How many nodes one `range` may evaluate.
pub(crate) const MAX_RANGE: u64 = 100_000;
/// How deep templates may include each other.
pub(crate) const MAX_INCLUDES: usize = 128;

/// What is left of the limits of one rendering. Counted, not timed: the same chart always ends at the same place.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    /// What was evaluated so far.
    steps: u64,
    max_steps: u64,
    /// Bytes of texts that may still be made.
    bytes: usize,
}

impl Budget {
    /// For a rendering whose templates and values have so many bytes together.
    pub(crate) fn new(input: usize) -> Self {
        let units = input.div_ceil(1024 * 1024).max(1);
        Self { steps: 0, max_steps: STEPS.saturating_mul(units as u64), bytes: BYTES.saturating_mul(units) }
    }

    pub(crate) fn step(&mut self, cost: u64) -> Run<()> {
        self.steps = self.steps.saturating_add(cost);
        if self.steps > self.max_steps { Err(Stop::Limit("it takes too many steps to render")) } else { Ok(()) }
    }

    /// Counts bytes of a text that is about to be made.
    pub(crate) fn take(&mut self, bytes: usize) -> Run<()> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => Err(Stop::Limit("it makes too much text to render")),
        }
    }
}

/// Steps for each MiB of input; a machine does about as many in a second.
const STEPS: u64 = 1_000_000;
/// Bytes of texts made for each MiB of input, with what is noted of where they come from.
const BYTES: usize = 128 * 1024 * 1024;
