//! Which stages of a Dockerfile are Windows.

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
