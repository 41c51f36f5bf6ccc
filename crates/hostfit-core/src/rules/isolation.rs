//! Fixes of what asks for an isolation mode.

use super::{fixes::Fix, wording};
use crate::{
    finding::{Finding, Message},
    judge::{Case, Failing, On, Outcome, Reason},
    model::{Container, IsolationBy, IsolationSetting, Workload},
    nearest::nearest,
    rule::Cx,
    windows::{
        Isolation,
        compat::{Step, Verdict},
    },
};

/// The caveat of process isolation where the file asks for Hyper-V.
pub(super) const SHARES_KERNEL: &str = "check that the container may share the host's kernel";

/// What to do about process isolation where the engine's own choice is better.
pub(super) const LEAVE_TO_ENGINE: &str = "leave the isolation to the engine, which uses Hyper-V isolation there";

/// The mode that a misspelt one means, and why that is not certain.
pub(super) fn meant(value: &str) -> Option<(&'static str, Option<String>)> {
    const MODES: [&str; 3] = ["default", "process", "hyperv"];
    let plain: String = value.chars().filter(|it| !matches!(it, '-' | '_' | ' ')).collect();
    if let Some(mode) = MODES.into_iter().find(|mode| plain.eq_ignore_ascii_case(mode)) {
        return Some((mode, None));
    }
    Some((nearest(value, MODES)?, Some("check that this mode is meant".to_owned())))
}

/// Every container that takes its isolation from where this one does.
pub(super) fn sharing<'p>(setting: &IsolationSetting, cx: &Cx<'p>) -> Vec<(&'p Workload, usize, &'p Container)> {
    let place = setting.value.place();
    let containers = |workload: &'p Workload| {
        let numbered = workload.containers.iter().enumerate();
        numbered.map(move |(number, container)| (workload, number, container))
    };
    let shares = |(_, _, container): &(_, _, &Container)| {
        let own = container.isolation.iter().chain(&container.build_isolation);
        own.into_iter().any(|it| it.value.place() == place)
    };
    cx.project.workloads.iter().flat_map(containers).filter(shares).collect()
}

/// The isolation of this mode that the file asks for.
pub(super) fn asked<'f>(failing: &Failing<'f>, mode: Isolation) -> Option<&'f IsolationSetting> {
    let container = failing.workload?.containers.get(failing.cases.first()?.container)?;
    container.isolation.as_deref().filter(|setting| setting.mode == Some(mode))
}

/// Whether the process isolation that a Compose file asks for is to blame: the engine's own choice would run the image on
/// each of the hosts.
pub(super) fn is_to_blame(failing: &Failing) -> bool {
    let is_compose = |setting: &IsolationSetting| matches!(setting.by, IsolationBy::Compose { .. });
    let runs = |case: &Case| {
        let is_pulled = case.outcome.reason == Reason::RuntimeRefuses;
        Outcome::of(&case.facts, case.version, Some(Isolation::Default), is_pulled).verdict.starts()
    };
    asked(failing, Isolation::Process).is_some_and(is_compose) && failing.cases.iter().all(runs)
}

/// Reports on the isolation, where the file asks for it; on the image where the host's engine does.
pub(super) fn report<'f>(
    cx: &'f mut Cx,
    failing: &Failing,
    cases: &[Case],
    message: Message,
) -> Option<&'f mut Finding> {
    match asked(failing, Isolation::Process).map(|setting| setting.value.place()) {
        Some(span) => wording::report_failing_at(cx, failing, cases, span, message.label("asks for process isolation")),
        None => wording::report_failing(cx, failing, cases, message),
    }
}

/// Leaves the isolation to the engines, where each then runs it.
pub(super) fn left_to_engines(failing: &Failing, cx: &Cx) -> Option<Fix> {
    let setting =
        asked(failing, Isolation::Process).filter(|setting| matches!(setting.by, IsolationBy::Compose { .. }))?;
    let (fix, cases) = instead(setting, Isolation::Default, cx)?;
    let fails = |on: On| failing.cases.iter().any(|case| case.on == on);
    let others = cases.iter().any(|case| case.outcome.isolation == Isolation::Hyperv && !fails(case.on));
    let doubt = others.then(|| "check that Hyper-V isolation is right on the other hosts too".to_owned());
    Some(fix.with_caveat(doubt))
}

/// `mode` in place of what is written, and what comes of it on the declared hosts. None unless every container that
/// takes its isolation from there then runs wherever it may land.
pub(super) fn instead(setting: &IsolationSetting, mode: Isolation, cx: &Cx) -> Option<(Fix, Vec<Case>)> {
    let word = match mode {
        Isolation::Process => "process",
        Isolation::Hyperv => "hyperv",
        Isolation::Default => "default",
    };
    let mut all = Vec::new();
    for (workload, number, _) in sharing(setting, cx) {
        let judgements = cx.judgements_of(workload.id);
        let cases: Vec<_> = judgements.flat_map(|judgement| judgement.cases_under(mode, number, cx.project)).collect();
        let runs = |case: &Case| match case.outcome.verdict {
            Verdict::Runs => true,
            Verdict::Preview => case.step() != Some(Step::ProcessOnClient),
            _ => false,
        };
        if cases.is_empty() || !cases.iter().all(runs) {
            return None;
        }
        all.extend(cases);
    }
    let title = match mode {
        Isolation::Default => format!("write `{word}`, which is Hyper-V isolation there"),
        _ => format!("write `{word}`"),
    };
    let fix = Fix::new(title).write(cx, &setting.value, 0..setting.value.value.len(), word)?;
    Some((fix, all))
}
