//! Pods to workloads: the RuntimeClass joins, evidence is gathered.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{
    front::kubernetes::{Container, File, Pod, RuntimeClass},
    model::{
        self, EvidenceKind, ImageId, IsolationBy, IsolationSetting, Known, Orchestrator, OsEvidence, Placement, Role,
        Workload, WorkloadId,
    },
    placement::kubernetes::PodPlacement,
    source::{SourceId, Sources, rendered::Rendering, saturating_u32},
    text::Text,
    windows::{Isolation, Os},
    workers::AT_A_TIME,
};

/// The pods of a run, in order, each with the RuntimeClass that it gets.
pub(in crate::front) struct Pods<'f>(Vec<(SourceId, &'f Pod, Option<&'f RuntimeClass>)>);

/// Pods that follow each other.
pub(in crate::front) struct Part<'p> {
    pods: &'p [(SourceId, &'p Pod, Option<&'p RuntimeClass>)],
    /// The number of the first workload.
    first: u32,
    /// The number of the first image.
    pub(super) first_image: u32,
}

impl<'f> Pods<'f> {
    pub(in crate::front) fn of(sources: &'f Sources, files: &[(SourceId, &'f File)]) -> Self {
        let mut classes = Classes::of(sources, files);
        let pods = files.iter().flat_map(|(source, file)| file.pods.iter().map(|pod| (*source, pod)));
        let with_class = pods.map(|(source, pod)| {
            let name = pod.placement.runtime_class.as_ref();
            (source, pod, name.and_then(|(name, _)| classes.take(source, name)))
        });
        Self(with_class.collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Parts that can be linked by themselves. The first workload and the first image get the number `first`.
    pub(in crate::front) fn parts(&self, first: u32) -> Vec<Part<'_>> {
        let mut first_image = first;
        let some = self.0.chunks(AT_A_TIME).zip((first..).step_by(AT_A_TIME));
        let part = some.map(|(pods, first)| {
            let part = Part { pods, first, first_image };
            first_image = first_image.saturating_add(saturating_u32(part.images()));
            part
        });
        part.collect()
    }
}

impl Part<'_> {
    /// Its workloads, in order. `add_image` is called once for each container with an image, in order, and gives it a number.
    pub(in crate::front) fn workloads(&self, add_image: &mut dyn FnMut(Text, Role) -> ImageId) -> Vec<Workload> {
        let numbered = self.pods.iter().zip(self.first..);
        numbered
            .map(|((source, pod, class), number)| workload(*source, pod, WorkloadId(number), *class, add_image))
            .collect()
    }

    /// How many images its containers name.
    pub(super) fn images(&self) -> usize {
        self.pods.iter().flat_map(|(_, pod, _)| &pod.containers).filter(|it| it.image.is_some()).count()
    }
}

/// RuntimeClasses by name; none where several of one name differ.
struct Classes<'f> {
    sources: &'f Sources,
    by_name: FxHashMap<&'f str, Option<&'f RuntimeClass>>,
    /// Those of one rendering, which is its chart's or overlay's own cluster.
    of_rendering: FxHashMap<(*const Rendering, &'f str), Option<&'f RuntimeClass>>,
    left: usize,
}

/// How many labels and tolerations of RuntimeClasses join pods in one run. Far more than real clusters have, and few
/// enough that one huge class and many pods do not fill the memory.
const MAX_JOINED: usize = 300_000;

impl<'f> Classes<'f> {
    fn of(sources: &'f Sources, files: &[(SourceId, &'f File)]) -> Self {
        let mut by_name: FxHashMap<&str, Option<&RuntimeClass>> = FxHashMap::default();
        let mut of_rendering: FxHashMap<(*const Rendering, &str), Option<&RuntimeClass>> = FxHashMap::default();
        for (source, file) in files {
            for class in &file.runtime_classes {
                let Some(name) = class.name.known() else { continue };
                let known = by_name.entry(name).or_insert(Some(class));
                *known = known.filter(|first| first.is_like(class));
                for rendering in renderings(sources, *source) {
                    let known = of_rendering.entry((rendering, name)).or_insert(Some(class));
                    *known = known.filter(|first| first.is_like(class));
                }
            }
        }
        Self { sources, by_name, of_rendering, left: MAX_JOINED }
    }

    /// The class of that name, for a pod of this file.
    fn take(&mut self, source: SourceId, name: &Text) -> Option<&'f RuntimeClass> {
        let name = name.known()?;
        let mut own = renderings(self.sources, source).filter_map(|it| self.of_rendering.get(&(it, name)));
        let class = own.next().or_else(|| self.by_name.get(name)).copied().flatten()?;
        self.left = self.left.checked_sub(class.selector.len() + class.tolerations.len())?;
        Some(class)
    }
}

/// Which renderings a text belongs to, by their places in memory.
fn renderings(sources: &Sources, source: SourceId) -> impl Iterator<Item = *const Rendering> {
    let rendered = sources.rendered(source).map_or(&[][..], |rendered| &rendered.renderings);
    rendered.iter().map(Arc::as_ptr)
}

fn workload(
    source: SourceId,
    pod: &Pod,
    id: WorkloadId,
    class: Option<&RuntimeClass>,
    add_image: &mut dyn FnMut(Text, Role) -> ImageId,
) -> Workload {
    let mut placement = Arc::clone(&pod.placement);
    if let Some(class) = class {
        join(Arc::make_mut(&mut placement), class);
    }
    let handler = class.and_then(|class| class.handler.as_ref());
    let linux_on_windows = handler.is_some_and(|handler| handler.value.starts_with("runhcs-lcow"));
    if linux_on_windows {
        // Linux containers in a virtual machine on a Windows node: what is said of Windows containers does not hold.
        let placement = Arc::make_mut(&mut placement);
        placement.unreadable = placement.unreadable.or(handler.map(|handler| handler.span));
    }
    let isolation = isolation(pod, handler);
    let containers: Vec<_> = pod
        .containers
        .iter()
        .zip(0..)
        .map(|(container, number)| model::Container {
            name: container.name.clone(),
            span: container.span,
            image: container
                .image
                .clone()
                .map(|image| add_image(image, Role::Container { workload: id, container: number })),
            build_isolation: None,
            isolation: isolation.clone(),
            host_process: container.host_process.clone(),
            programs: container.programs.clone(),
            platform: None,
        })
        .collect();
    Workload {
        id,
        name: pod.name.clone(),
        source,
        name_span: pod.name_span,
        namespace: pod.namespace.clone(),
        orchestrator: Orchestrator::Kubernetes,
        containers,
        evidence: if linux_on_windows { Vec::new() } else { evidence(pod, &placement, handler) },
        placement: Placement::Kubernetes(placement),
        depends_on: Vec::new(),
        project: None,
        settings: pod.settings.clone(),
    }
}

/// `scheduling` joins the pod at admission.
fn join(placement: &mut PodPlacement, class: &RuntimeClass) {
    if let Some((_, found)) = &mut placement.runtime_class {
        *found = true;
    }
    placement.selector.extend(class.selector.iter().cloned());
    placement.tolerations.extend(class.tolerations.iter().cloned());
    placement.unreadable = placement.unreadable.or(class.unreadable);
}

/// The handler decides; the annotation is asked only where there is none, since nothing reads it any more.
fn isolation(pod: &Pod, handler: Option<&Text>) -> Option<Box<IsolationSetting>> {
    let by_handler = handler.filter(|handler| handler.value.contains("hypervisor") || handler.value.contains("hyperv"));
    if let Some(handler) = by_handler {
        let (mode, by) = (Some(Isolation::Hyperv), IsolationBy::RuntimeHandler);
        return Some(Box::new(IsolationSetting { value: handler.clone(), mode, by }));
    }
    let annotation = pod.isolation.as_ref()?;
    let value = annotation.value.clone();
    let mode = value.known().and_then(|mode| match mode {
        "process" => Some(Isolation::Process),
        "hyperv" => Some(Isolation::Hyperv),
        _ => None,
    });
    Some(Box::new(IsolationSetting { value, mode, by: IsolationBy::Annotation(annotation.entry) }))
}

/// Everything the manifest states about the operating system. Labels of the pod state nothing.
fn evidence(pod: &Pod, placement: &PodPlacement, handler: Option<&Text>) -> Vec<OsEvidence> {
    let windows = |span, kind| OsEvidence { os: Os::Windows, span, kind };
    let labels = placement.os_statements().into_iter().map(|statement| OsEvidence {
        os: statement.os,
        span: statement.span,
        kind: if statement.from_runtime_class { EvidenceKind::RuntimeClass } else { EvidenceKind::Selector },
    });
    let os_name = placement.os_name.as_ref().and_then(|name| {
        let os = match name.known()? {
            "windows" => Os::Windows,
            "linux" => Os::Linux,
            _ => return None,
        };
        Some(OsEvidence { os, span: name.span, kind: EvidenceKind::OsName })
    });
    // `runhcs-wcow-process`, `runhcs-wcow-hypervisor`: containerd's own names for Windows containers on Windows.
    let handler = handler.filter(|handler| handler.value.starts_with("runhcs-wcow"));
    // Containers share what the pod says for all of them.
    let mut host_process: Vec<_> = pod.containers.iter().filter_map(host_process).collect();
    host_process.dedup();
    labels
        .chain(os_name)
        .chain(handler.map(|handler| windows(handler.span, EvidenceKind::RuntimeClass)))
        .chain(host_process.into_iter().map(|span| windows(span, EvidenceKind::HostProcess)))
        .chain(pod.isolation.iter().map(|it| windows(it.value.span, EvidenceKind::Isolation)))
        .chain(pod.hint.map(|(os, span)| OsEvidence { os, span, kind: EvidenceKind::Hint }))
        .collect()
}

fn host_process(container: &Container) -> Option<crate::source::Span> {
    match container.host_process {
        Known::Stated(true, span) => Some(span),
        _ => None,
    }
}
