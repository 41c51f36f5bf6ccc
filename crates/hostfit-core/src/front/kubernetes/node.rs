//! Node objects: real hosts, for runs whose configuration declares none.

use super::{
    File,
    field::{self, Reader},
};
use crate::{
    fleet::{Host, HostOs, HostPlaces, Runtime, Taint},
    model::Orchestrator,
    source::{SourceId, Span},
    syntax::yaml,
    windows::{HostKind, Isolation, release::Releases, version},
};

/// A Node, as `kubectl get nodes -o yaml` writes it.
#[derive(Clone, Debug)]
pub struct Node {
    /// `metadata.name` and its bytes.
    pub name: (String, Span),
    /// `metadata.labels`.
    pub labels: Vec<(String, String)>,
    /// `spec.taints`.
    pub taints: Vec<Taint>,
    /// `status.nodeInfo.kernelVersion`: `10.0.20348.2700` on Windows.
    pub kernel_version: Option<(String, Span)>,
    /// `status.nodeInfo.osImage`: `Windows Server 2022 Datacenter`.
    pub os_image: Option<(String, Span)>,
    /// `status.nodeInfo.operatingSystem`: `windows`.
    pub operating_system: Option<(String, Span)>,
    /// `status.nodeInfo.containerRuntimeVersion`: `containerd://2.1.6`.
    pub runtime: Option<(String, Span)>,
}

impl Node {
    pub(super) fn read(object: yaml::Node<'_>, reader: &Reader) -> Option<Self> {
        let name = field::at(object, &["metadata", "name"]).and_then(field::plain)?;
        let info = field::at(object, &["status", "nodeInfo"]);
        let fact = |key| field::field(info?, key).and_then(field::plain);
        let labels = field::at(object, &["metadata", "labels"])
            .into_iter()
            .flat_map(|labels| reader.entries(labels))
            .filter_map(|(key, value)| Some((key.text()?.to_owned(), value.text().unwrap_or_default().to_owned())))
            .collect();
        let taints = field::at(object, &["spec", "taints"])
            .into_iter()
            .flat_map(|taints| reader.items(taints))
            .filter_map(|taint| {
                let part = |key| field::field(taint, key).and_then(yaml::Node::text).map(str::to_owned);
                Some(Taint { key: part("key")?, value: part("value").unwrap_or_default(), effect: part("effect")? })
            })
            .collect();
        Some(Self {
            name,
            labels,
            taints,
            kernel_version: fact("kernelVersion"),
            os_image: fact("osImage"),
            operating_system: fact("operatingSystem"),
            runtime: fact("containerRuntimeVersion"),
        })
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The host it is; none if its operating system, or the version of its Windows, is not known.
    fn as_host(&self, releases: &Releases) -> Option<Host> {
        let name = self.operating_system.as_ref().map(|(name, _)| name.as_str());
        let name = name.or_else(|| self.label("kubernetes.io/os")).or_else(|| self.label("beta.kubernetes.io/os"))?;
        let (os, os_span) = match name {
            "linux" => (HostOs::Linux, self.operating_system.as_ref().map_or(self.name.1, |(_, span)| *span)),
            "windows" => {
                let read = |text: &str, span| Some((HostOs::Windows(version::parse(text, releases)?), span));
                let fact = |fact: &Option<(String, Span)>| fact.as_ref().and_then(|(text, span)| read(text, *span));
                // The most exact first: the label has no revision, the image is a product's name.
                fact(&self.kernel_version)
                    .or_else(|| read(self.label("node.kubernetes.io/windows-build")?, self.name.1))
                    .or_else(|| fact(&self.os_image))?
            }
            _ => return None,
        };
        let kind = self.os_image.as_ref().and_then(|(image, _)| version::kind(image, releases));
        Some(Host {
            name: self.name.0.clone(),
            os,
            os_span,
            kind: kind.unwrap_or(HostKind::Server),
            orchestrator: Some(Orchestrator::Kubernetes),
            runtime: self.runtime.as_ref().and_then(|(text, span)| Runtime::parse(text, *span)),
            isolation: Isolation::Process,
            hyperv: None,
            labels: self.labels.clone(),
            engine_labels: Vec::new(),
            taints: self.taints.iter().filter(|taint| !taint.is_passing()).cloned().collect(),
            platform: None,
            count: 1,
            places: HostPlaces::default(),
        })
    }
}

/// The Node objects of a run as hosts, for use when the configuration declares no Kubernetes host. Of several of one
/// name the first counts.
pub fn nodes_as_hosts(files: &[(SourceId, &File)], releases: &Releases) -> Vec<Host> {
    let mut names = rustc_hash::FxHashSet::default();
    files
        .iter()
        .flat_map(|(_, file)| &file.nodes)
        .filter(|node| names.insert(node.name.0.as_str()))
        .filter_map(|node| node.as_host(releases))
        .collect()
}
