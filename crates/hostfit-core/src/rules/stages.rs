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
    /// Whether more than a third party's image name says so.
    pub(super) is_proven: bool,
}

/// The stages that the files show to be Windows: by the image they come down to, or by `FROM --platform=`.
pub(super) fn windows<'b>(build: &'b DockerfileBuild, cx: &Cx) -> Vec<WindowsStage<'b>> {
    let windows = |(number, stage): (u32, &'b Stage)| {
        let by_image = build.base_of(number).and_then(|image| match cx.project.image_os(image) {
            Known::Stated(os, _) | Known::Inferred(os, _) => Some(os.os),
            Known::Unresolved(..) | Known::Absent(_) => None,
        });
        let by_platform = || stage.platform.as_ref().and_then(platform_os);
        let is_proven = build.is_proven_windows || by_image.is_none();
        (by_image.or_else(by_platform)? == Os::Windows).then_some(WindowsStage { stage, is_proven })
    };
    (0..).zip(&build.stages).filter_map(windows).collect()
}

/// Whether `stage` is what people build, not what only feeds `COPY`, and only a Windows builder can build it: a stage that
/// it needs runs something on Windows.
pub(super) fn ends_on_windows_builder(build: &DockerfileBuild, stage: u32, cx: &Cx) -> bool {
    build.is_proven_windows && build.is_target(stage) && runs_windows_before(build, stage, cx)
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
        runs && base.is_some_and(|it| it.identity.is_proven_windows() && !it.is_target)
    })
}
