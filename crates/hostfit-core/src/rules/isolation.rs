//! Fixes of what asks for an isolation mode.

use super::mend::Mend;
use crate::{
    fleet::Fleet,
    judge::{self, Judgement, Pair},
    model::{Container, IsolationSetting, Workload},
    nearest::nearest,
    rule::Cx,
    windows::{
        Isolation,
        compat::{Step, Verdict},
    },
};

/// Why process isolation may not be what somebody wants who asked for Hyper-V.
pub(super) const SHARES_KERNEL: &str = "the container shares the host's kernel then";

/// The mode that a misspelt one means, and why that is not certain.
pub(super) fn meant(value: &str) -> Option<(&'static str, Option<String>)> {
    const MODES: [&str; 3] = ["default", "process", "hyperv"];
    let plain: String = value.chars().filter(|it| !matches!(it, '-' | '_' | ' ')).collect();
    if let Some(mode) = MODES.into_iter().find(|mode| plain.eq_ignore_ascii_case(mode)) {
        return Some((mode, None));
    }
    Some((nearest(value, MODES)?, Some("another mode may be meant".to_owned())))
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

/// `mode` in place of what is written, and what comes of it on the declared hosts. None unless every container that
/// takes its isolation from there then runs wherever it may land.
pub(super) fn instead(setting: &IsolationSetting, mode: Isolation, cx: &Cx) -> Option<(Mend, Vec<Pair>)> {
    let word = match mode {
        Isolation::Process => "process",
        Isolation::Hyperv => "hyperv",
        Isolation::Default => "default",
    };
    let mut all = Vec::new();
    for (workload, number, _) in sharing(setting, cx) {
        let on = |fleet: &Fleet| {
            let judgement = Judgement::of(workload, cx.project, cx.config, fleet);
            judge::pairs_with(mode, workload, number, &judgement, cx.project)
        };
        let pairs: Vec<_> = cx.config.fleets_of(&[workload.source]).into_iter().flat_map(|it| on(it.fleet)).collect();
        let runs = |pair: &Pair| match pair.judged.verdict {
            Verdict::Runs => true,
            Verdict::Preview => pair.judged.step != Step::ProcessOnClient,
            _ => false,
        };
        if pairs.is_empty() || !pairs.iter().all(runs) {
            return None;
        }
        all.extend(pairs);
    }
    let mend = Mend::new(format!("write `{word}`")).write(cx, &setting.value, 0..setting.value.value.len(), word)?;
    Some((mend, all))
}
