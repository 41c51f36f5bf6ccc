//! Karpenter on AWS: a `NodePool` says what its nodes are like, the `EC2NodeClass` that it names which machine image they have.
//! Their predecessors `Provisioner` and `AWSNodeTemplate` say the same in other places.
//!
//! Sources: <https://karpenter.sh/docs/concepts/nodepools/>, <https://karpenter.sh/docs/concepts/nodeclasses/>,
//! `pkg/providers/amifamily` of aws/karpenter-provider-aws (the label of the build).

use hostfit_core::{
    fleet::Orchestrator,
    placement::kubernetes::{OS, WINDOWS_BUILD},
    windows::{OsVersion, platform::Platform, release::Releases, version},
};

use super::{cloud::Builder, given::Given};
use crate::fleet::machine::Machine;

/// Whether objects of this kind say something of nodes.
pub(super) fn is_kind(kind: &str) -> bool {
    matches!(kind, "NodePool" | "Provisioner") || is_class(kind)
}

fn is_class(kind: &str) -> bool {
    matches!(kind, "EC2NodeClass" | "AWSNodeTemplate")
}

/// The pools of all objects, each given with its folder. A class of the same folder goes before others of its name.
pub(super) fn pools(objects: &[(String, Given)]) -> Vec<Machine> {
    let kind = |object: &Given| object.at(&["kind"]).text().unwrap_or_default().to_owned();
    let (classes, pools): (Vec<_>, Vec<_>) = objects.iter().partition(|(_, it)| is_class(&kind(it)));
    let of_pool = |(folder, object): &&(String, Given)| {
        let (near, far): (Vec<_>, Vec<_>) = classes.iter().copied().partition(|(own, _)| own == folder);
        let classes: Vec<_> = near.into_iter().chain(far).map(|(_, class)| class).collect();
        pool(object, &classes).in_folder(folder)
    };
    pools.iter().map(of_pool).collect()
}

fn pool(object: &Given, classes: &[&Given]) -> Machine {
    let spec = object.at(&["spec"]);
    let template = spec.at(&["template"]);
    let nodes = if *template == Given::Nothing { spec } else { template.at(&["spec"]) };
    let reference = nodes.at(&["nodeClassRef", "providerRef"]);
    let platform = match reference.at(&["kind"]).text() {
        Some("AKSNodeClass") => Some(Platform::Aks),
        Some(kind) if !is_class(kind) => None,
        _ => Some(Platform::Eks),
    };
    let mut pool = Builder::new(Orchestrator::Kubernetes, platform);
    let name = object.at(&["metadata"]).at(&["name"]);
    pool.is_open(name, "name", "the name of the NodePool");
    pool.name(name.text().unwrap_or("nodepool"));
    if let Some(name) = name.text() {
        pool.label("karpenter.sh/nodepool", name);
    }
    let of_class = reference.at(&["name"]);
    let metadata = template.at(&["metadata"]);
    pool.labels(if *metadata == Given::Nothing { spec.at(&["labels"]) } else { metadata.at(&["labels"]) }, "labels");
    pool.taints(nodes.at(&["taints"]), "taints");
    let requirements = nodes.at(&["requirements"]);
    let required = |wanted: &str| only_value(requirements, wanted);
    for requirement in requirements.items() {
        let Some(key) = requirement.at(&["key"]).text() else { continue };
        if let Some(value) = required(key) {
            pool.label(key, value);
        }
    }
    let class = classes.iter().find(|it| it.at(&["metadata"]).at(&["name"]) == of_class && *of_class != Given::Nothing);
    let by_build = required(WINDOWS_BUILD).and_then(|it| version::parse(it, &Releases::default()));
    let found = class.map(|it| image(it));
    let version = match (&found, by_build) {
        (Some(found), by_build) => found.version().or(by_build),
        (None, by_build) => by_build,
    };
    let is_windows = version.is_some() || required(OS).is_some_and(|os| os == "windows");
    match (version, found) {
        (Some(version), _) => {
            pool.windows(version);
            pool.label(WINDOWS_BUILD, &version.build.to_string());
        }
        (None, Some(Image::Named(given))) if is_windows || is_of_windows(&given) => {
            pool.image(&given, "amiFamily", "`kubectl get nodes -o json`");
        }
        (None, None | Some(Image::Custom)) if is_windows => pool.unknown_windows(
            "its EC2NodeClass is not in the input or has a machine image of its own: import it too, or look the version up with \
             `kubectl get nodes -o json`"
                .to_owned(),
        ),
        // Without a requirement, Karpenter starts Linux.
        (None, _) => pool.linux(),
    }
    pool.build()
}

/// What a class says of its machine image.
enum Image {
    /// Linux.
    Linux,
    /// A name that says which.
    Named(Given),
    /// An image of its own.
    Custom,
}

impl Image {
    fn version(&self) -> Option<OsVersion> {
        match self {
            Self::Named(given) => version::of_host(given.text()?, &Releases::default()),
            Self::Linux | Self::Custom => None,
        }
    }
}

fn is_of_windows(given: &Given) -> bool {
    given.text().is_none_or(|it| it.to_ascii_lowercase().starts_with("windows"))
}

/// The alias `windows2022@latest` or the family of a class.
fn image(class: &Given) -> Image {
    let spec = class.at(&["spec"]);
    let terms = spec.at(&["amiSelectorTerms"]).items();
    let alias = terms.iter().map(|term| term.at(&["alias"])).find(|it| **it != Given::Nothing);
    let named = match alias {
        Some(Given::Text(alias)) => Given::Text(alias.split('@').next().unwrap_or_default().to_owned()),
        // The family is stated before what is left open, as in `windows2022@${VERSION}`.
        Some(open @ Given::Open(alias)) => match alias.split_once('@') {
            Some((family, _)) if !family.contains(['$', '{']) => Given::Text(family.to_owned()),
            _ => open.clone(),
        },
        _ => spec.at(&["amiFamily"]).clone(),
    };
    match named.text().map(str::to_ascii_lowercase) {
        Some(name) if name == "custom" => Image::Custom,
        Some(name) if !name.starts_with("windows") => Image::Linux,
        None if named.expression().is_none() => {
            if terms.is_empty() {
                Image::Linux
            } else {
                Image::Custom
            }
        }
        _ => Image::Named(named),
    }
}

/// The value that a requirement leaves no choice about.
fn only_value<'g>(requirements: &'g Given, wanted: &str) -> Option<&'g str> {
    let own = requirements.items().iter().find(|it| it.at(&["key"]).text() == Some(wanted))?;
    match (own.at(&["operator"]).text(), own.at(&["values"]).items()) {
        (Some("In"), [value]) => value.text(),
        _ => None,
    }
}
