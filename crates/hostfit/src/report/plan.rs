//! Plans: for the terminal, for pull requests, for programs, and as rules for bots.

pub(crate) mod bots;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod markdown;

use hostfit_core::{
    plan::{Action, Class, HostMove, Item, Plan, Write},
    source::{Sources, Span},
    windows::{Date, release::Releases},
};

use super::{human::number, json as places};

/// All that a report on a plan is made of.
pub(crate) struct Page<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) sources: &'p Sources,
    pub(crate) releases: &'p Releases,
    pub(crate) as_of: Date,
}

impl<'p> Page<'p> {
    /// `Windows Server 2019 to Windows Server 2022`.
    fn title(&self) -> String {
        let from: Vec<_> = self.plan.from().into_iter().map(|build| self.releases.title(build).into_owned()).collect();
        format!("{} to {}", from.join(" and "), self.releases.title(self.plan.to))
    }

    /// `deploy/web.yaml:12`.
    fn place(&self, span: Span) -> String {
        format!("{}:{}", places::path(span, self.sources), places::range(span, self.sources).start.line)
    }

    fn hosts(&self) -> String {
        self.plan.hosts.iter().map(host).collect::<Vec<_>>().join(", ")
    }

    /// The items of a class.
    fn of(&self, class: Class) -> Vec<&'p Item> {
        self.plan.items.iter().filter(|item| item.class == class).collect()
    }

    /// `IMAGE`, or `IMAGE in web/Dockerfile:2`.
    fn write(&self, write: &Write) -> String {
        if write.is_base {
            return format!("{} in {}", write.reference, self.place(write.place));
        }
        write.reference.clone()
    }

    fn deadline(&self) -> Option<String> {
        let deadline = self.plan.deadline.as_ref()?;
        let left = match deadline.days_left {
            0 => "today".to_owned(),
            left @ 1.. => format!("{} left", days(left)),
            past => format!("{} ago", days(-past)),
        };
        Some(format!("{}, {left}: {}", deadline.date, deadline.why))
    }
}

fn days(count: i64) -> String {
    number(usize::try_from(count).unwrap_or(usize::MAX), "day")
}

/// ` (prod)`: the fleet that a workload is judged on, where there are several.
fn of_fleet(item: &Item) -> String {
    item.fleet.as_ref().map_or_else(String::new, |fleet| format!(" ({fleet})"))
}

/// `step 2`, `steps 2 and 4`.
fn steps(numbers: &[usize]) -> Option<String> {
    let words: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    match words.as_slice() {
        [] => None,
        [one] => Some(format!("step {one}")),
        [head @ .., last] => Some(format!("steps {} and {last}", head.join(", "))),
    }
}

/// `win2019` (4 machines, staging).
fn host(host: &HostMove) -> String {
    let machines = (host.count > 1).then(|| format!("{} machines", host.count));
    let notes: Vec<_> = machines.into_iter().chain(host.fleet.clone()).collect();
    if notes.is_empty() { format!("`{}`", host.name) } else { format!("`{}` ({})", host.name, notes.join(", ")) }
}

/// What to do, with why a person has to do it.
fn said(action: &Action) -> String {
    match &action.by_hand {
        Some(why) => format!("{} (by hand: {why})", action.text),
        None => action.text.clone(),
    }
}
