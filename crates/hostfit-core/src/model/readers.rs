//! Which workloads the bytes of a file have a say in.

use super::{BuildId, Container, ImageId, Project, Role, Workload, WorkloadId};
use crate::{placement::Placement, source::Span, text::Text};

/// Bytes that state a value or a piece of one, each with a workload that reads them: in order, each pair once.
pub(super) type Readers = Box<[(Span, WorkloadId)]>;

/// How many values that start before an edit and may reach over it are looked at.
const MAX_OVERLAPPING: usize = 8;

/// How many images of one container are followed; real ones are built from a handful.
const MAX_IMAGES: usize = 100;

impl Project {
    /// The workloads of which an image, what it is built from, the isolation or a constraint is stated by bytes that `at` is
    /// part of, in the order of their ids.
    pub fn readers_of(&self, at: Span) -> Vec<WorkloadId> {
        let readers = self.readers.get_or_init(|| readers(self));
        let before = readers.partition_point(|(span, _)| (span.source, span.start) <= (at.source, at.start));
        let (mut over, mut starts, mut last) = (Vec::new(), 0, None);
        for (span, workload) in readers.get(..before).unwrap_or_default().iter().rev() {
            starts += usize::from(last != Some(span.start));
            last = Some(span.start);
            if span.source != at.source || starts > MAX_OVERLAPPING {
                break;
            }
            if at.end <= span.end {
                over.push(*workload);
            }
        }
        over.sort_unstable();
        over.dedup();
        over
    }
}

fn readers(project: &Project) -> Readers {
    let mut images_of: Vec<Vec<ImageId>> = vec![Vec::new(); project.builds.len()];
    for (id, image) in (0..).map(ImageId).zip(&project.images) {
        if let Role::Base { build, .. } | Role::CopiedFrom { build, .. } = image.role
            && let Some(images) = images_of.get_mut(build.0 as usize)
        {
            images.push(id);
        }
    }
    let mut readers: Vec<(Span, WorkloadId)> = Vec::new();
    for workload in &project.workloads {
        let mut read = |text: &Text| readers.extend(text.pieces.iter().map(|piece| (piece.at, workload.id)));
        stated_by(workload).for_each(&mut read);
        for container in &workload.containers {
            used_by(container, project, &images_of).for_each(&mut read);
        }
    }
    readers.sort_unstable();
    readers.dedup();
    readers.into()
}

/// What others may read too of what a workload states, by an alias, by `extends`, by a RuntimeClass.
fn stated_by(workload: &Workload) -> impl Iterator<Item = &Text> {
    let isolation = workload.containers.iter().flat_map(|it| [&it.isolation, &it.build_isolation]).flatten();
    let (constraints, labels) = match &workload.placement {
        Placement::Swarm(service) => (service.constraints.as_slice(), [].as_slice()),
        Placement::Kubernetes(pod) => ([].as_slice(), pod.selector.as_slice()),
        Placement::Anywhere => ([].as_slice(), [].as_slice()),
    };
    let shared = labels.iter().filter(|label| label.from_runtime_class).map(|label| &label.value.text);
    isolation.map(|it| &it.value).chain(constraints.iter().map(|it| &it.text)).chain(shared)
}

/// The references of a container's image and of all that takes part in building it.
fn used_by<'p>(
    container: &Container,
    project: &'p Project,
    images_of: &[Vec<ImageId>],
) -> impl Iterator<Item = &'p Text> {
    let mut used: Vec<ImageId> = container.image.into_iter().collect();
    let mut seen: Vec<BuildId> = Vec::new();
    let mut next = 0;
    while used.len() < MAX_IMAGES
        && let Some(id) = used.get(next)
    {
        next += 1;
        let build = project.image(*id).and_then(|image| image.built_by);
        let build = build.filter(|build| !seen.contains(build));
        used.extend(build.and_then(|build| images_of.get(build.0 as usize)).into_iter().flatten());
        seen.extend(build);
    }
    used.into_iter().filter_map(|id| project.image(id)).map(|image| &image.text)
}
