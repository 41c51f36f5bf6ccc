//! What several rules ask of the stages of a Dockerfile.

use rustc_hash::FxHashSet;

use crate::{
    model::{DockerfileBuild, Known, Stage, platform_os},
    rule::Cx,
    windows::Os,
};

/// A stage that is Windows.
#[derive(Clone, Copy)]
pub(super) struct WindowsStage<'b> {
    pub(super) stage: &'b Stage,
    /// Whether more than a third party's image name or hints say so.
    pub(super) is_proven: bool,
}

/// The stages that the files show to be Windows: by the image they come down to, by `FROM --platform=`, or, where neither
/// says anything, by hints.
pub(super) fn windows<'b>(build: &'b DockerfileBuild, cx: &Cx) -> Vec<WindowsStage<'b>> {
    not_linux(build, cx).into_iter().filter_map(|(_, windows)| windows).collect()
}

/// The stages of which nothing says that they are Linux, and what shows them to be Windows, if anything does.
pub(super) fn not_linux<'b>(build: &'b DockerfileBuild, cx: &Cx) -> Vec<(&'b Stage, Option<WindowsStage<'b>>)> {
    let look = |(number, stage): (u32, &'b Stage)| {
        let (by_image, by_platform) = (by_image(build, number, cx), stage.platform.as_ref().and_then(platform_os));
        let by_hint = || stage.windows_hint.map(|_| Os::Windows);
        let is_proven = build.is_proven_windows || by_image.is_none() && by_platform.is_some();
        let os = by_image.or(by_platform).or_else(by_hint);
        let windows = os.map(|_| WindowsStage { stage, is_proven });
        (os != Some(Os::Linux)).then_some((stage, windows))
    };
    (0..).zip(&build.stages).filter_map(look).collect()
}

fn by_image(build: &DockerfileBuild, stage: u32, cx: &Cx) -> Option<Os> {
    match cx.project.image_os(build.base_of(stage)?) {
        Known::Stated(os, _) | Known::Inferred(os, _) => Some(os.os),
        Known::Unresolved(..) | Known::Absent(_) => None,
    }
}

/// Whether `stage` is what people build, not what only feeds `COPY`, and only a Windows builder can build it: a stage that
/// it needs runs something on Windows.
pub(super) fn ends_on_windows_builder(build: &DockerfileBuild, stage: u32, cx: &Cx) -> bool {
    build.is_proven_windows && build.is_leaf_stage(stage) && runs_windows_before(build, stage, cx)
}

/// How many stages are looked at for one; real files have fewer, and hostile ones end in time.
const MAX_STAGES: usize = 64;

/// Whether building `stage` runs something in a stage that is surely Windows, so that the builder is.
fn runs_windows_before(build: &DockerfileBuild, stage: u32, cx: &Cx) -> bool {
    let mut seen = FxHashSet::from_iter([stage]);
    let mut left = vec![stage];
    while let Some(stage) = left.pop().and_then(|number| build.stages.get(number as usize)) {
        left.extend(stage.needed().take(MAX_STAGES).filter(|&earlier| seen.insert(earlier)));
        if seen.len() > MAX_STAGES {
            break;
        }
    }
    seen.into_iter().filter(|&it| it != stage).any(|earlier| {
        let runs = build.stages.get(earlier as usize).is_some_and(|it| !it.runs.is_empty());
        let base = build.base_of(earlier).and_then(|id| cx.project.image(id));
        runs && base.is_some_and(|it| it.identity.is_proven_windows() && !it.names_build_result)
    })
}
