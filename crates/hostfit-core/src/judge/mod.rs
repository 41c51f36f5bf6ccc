//! Whether each container runs on each host, decided once: placement and outcome of every pair, and for every workload the
//! one cause of a failure. Rules put causes into words; all that people see is a view of these tables.

mod answers;
mod case;
mod cause;
mod classes;
mod decide;
mod failing;
mod fault;
mod named;
mod outcome;
mod stages;
mod subject;
mod table;

pub use answers::Answers;
pub use case::{Case, On};
pub use classes::{ClassId, HostClasses};
pub use decide::by_itself;
pub use failing::{Elsewhere, Failing};
pub use fault::Fault;
pub use outcome::{Doubt, Outcome, Reason, rule_of};
pub use stages::{MAX_STEPS, RunningStage, at_odds, needed, running_stages};
pub use table::{Cause, Judgement, Place, Row, Table, Undeployed};
