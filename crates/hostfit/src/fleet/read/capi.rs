//! Cluster API for Azure: a `MachineDeployment` or `MachinePool` says how many machines there are, the `AzureMachineTemplate` or
//! `AzureMachinePool` that it names which image they have.
//!
//! Sources: <https://capz.sigs.k8s.io/topics/windows>, <https://capz.sigs.k8s.io/topics/custom-images>,
//! `api/v1beta1` of kubernetes-sigs/cluster-api-provider-azure.

use hostfit_core::{
    fleet::Orchestrator,
    windows::{OsVersion, platform::Platform, release::Releases, version},
};

use super::{
    cloud::{
        Builder,
        aks::{self, Cluster},
    },
    given::{Given, quoted},
};
use crate::fleet::machine::Machine;

/// Whether objects of this kind say something of nodes.
pub(super) fn is_kind(kind: &str) -> bool {
    matches!(
        kind,
        "MachineDeployment"
            | "MachinePool"
            | "AzureMachineTemplate"
            | "AzureMachinePool"
            | "AzureManagedMachinePool"
            | "KubeadmConfigTemplate"
            | "KubeadmConfig"
    )
}

/// The pools of all objects.
pub(super) fn pools(objects: &[Given]) -> Vec<Machine> {
    let of_kind = |kinds: &'static [&'static str]| {
        objects.iter().filter(move |it| it.at(&["kind"]).text().is_some_and(|kind| kinds.contains(&kind)))
    };
    let named = |kinds: &'static [&'static str], reference: &Given| {
        let (kind, name) = (reference.at(&["kind"]).text(), reference.at(&["name"]));
        let mut fitting = of_kind(kinds).filter(|it| kind.is_none() || it.at(&["kind"]).text() == kind);
        fitting.find(|it| name_of(it) == name && *name != Given::Nothing)
    };
    let mut pools = Vec::new();
    for group in of_kind(&["MachineDeployment", "MachinePool"]) {
        let spec = group.at(&["spec"]);
        let machine = spec.at(&["template"]).at(&["spec"]);
        let reference = machine.at(&["infrastructureRef"]);
        if let Some(managed) = named(&["AzureManagedMachinePool"], reference) {
            pools.push(of_aks(managed, spec));
            continue;
        }
        let Some(template) = named(&["AzureMachineTemplate", "AzureMachinePool"], reference) else { continue };
        let bootstrap =
            named(&["KubeadmConfigTemplate", "KubeadmConfig"], machine.at(&["bootstrap"]).at(&["configRef"]));
        pools.push(pool(group, template, bootstrap));
    }
    pools
}

fn name_of(object: &Given) -> &Given {
    object.at(&["metadata"]).at(&["name"])
}

/// What is literal of a name: `${CLUSTER_NAME}-md-win` is `md-win`.
fn literal(name: &Given) -> String {
    let mut text = name.text().or(name.expression()).unwrap_or_default().trim_matches('`');
    let mut literal = String::new();
    while let Some((before, rest)) = text.split_once("${") {
        literal.push_str(before);
        text = rest.split_once('}').map_or("", |(_, after)| after);
    }
    literal.push_str(text);
    let name = literal.trim_matches(['-', '.', ' ']);
    if name.is_empty() { "machines".to_owned() } else { name.to_owned() }
}

fn of_aks(managed: &Given, group: &Given) -> Machine {
    let spec = managed.at(&["spec"]);
    let name = literal(name_of(managed));
    let entry = |key: &str, given: &Given| (key.to_owned(), given.clone());
    let taints = spec.at(&["taints"]).items().iter().filter_map(|it| {
        let part = |key: &str| it.at(&[key]).text();
        Some(Given::Text(format!("{}={}:{}", part("key")?, part("value").unwrap_or_default(), part("effect")?)))
    });
    let own_name = spec.at(&["name"]);
    let given = Given::Map(
        [
            ("name".to_owned(), if *own_name == Given::Nothing { Given::Text(name.clone()) } else { own_name.clone() }),
            entry("mode", spec.at(&["mode"])),
            entry("osType", spec.at(&["osType"])),
            entry("scaleSetPriority", spec.at(&["scaleSetPriority"])),
            entry("nodeLabels", spec.at(&["nodeLabels"])),
            ("nodeTaints".to_owned(), Given::List(taints.collect())),
            entry("count", group.at(&["replicas"])),
            entry("orchestratorVersion", group.at(&["template"]).at(&["spec"]).at(&["version"])),
        ]
        .into_iter()
        .collect(),
    );
    let mut machine = aks::pool(&given, &Cluster::default(), &name);
    machine.platform = Some(Platform::Aks);
    machine
}

fn pool(group: &Given, template: &Given, bootstrap: Option<&Given>) -> Machine {
    let mut pool = Builder::new(Orchestrator::Kubernetes, None);
    pool.name(&literal(name_of(group)));
    let spec = group.at(&["spec"]);
    pool.count(spec.at(&["replicas"]), "replicas");
    let inner = template.at(&["spec"]).at(&["template"]);
    // `AzureMachinePool` has them one level higher, and its own template within.
    let machine = if *inner.at(&["spec"]) == Given::Nothing { inner } else { inner.at(&["spec"]) };
    let os = machine.at(&["osDisk"]).at(&["osType"]);
    if os.text().is_some_and(|it| it.eq_ignore_ascii_case("windows")) {
        windows(&mut pool, template, machine);
    } else {
        pool.linux();
    }
    if let Some(bootstrap) = bootstrap {
        let spec = bootstrap.at(&["spec"]);
        let config =
            if *spec.at(&["template"]) == Given::Nothing { spec } else { spec.at(&["template"]).at(&["spec"]) };
        let registration = config.at(&["joinConfiguration"]).at(&["nodeRegistration"]);
        pool.taints(registration.at(&["taints"]), "taints");
        let labels = registration.at(&["kubeletExtraArgs"]).at(&["node-labels"]);
        pool.is_open(labels, "labels", "node-labels");
        for (key, value) in labels.text().unwrap_or_default().split(',').filter_map(|it| it.split_once('=')) {
            pool.label(key.trim(), value.trim());
        }
    }
    pool.build()
}

/// The version is in the name of the image: `windows-2022-containerd-gen1`, `capi-win-2022-containerd`.
fn windows(pool: &mut Builder, template: &Given, machine: &Given) {
    let image = machine.at(&["image"]);
    let marketplace = image.at(&["marketplace"]);
    let names = [marketplace.at(&["sku"]), marketplace.at(&["offer"])]
        .into_iter()
        .chain([image.at(&["computeGallery", "sharedGallery"]).at(&["name"]), image.at(&["id"])]);
    let annotation = template.at(&["metadata"]).at(&["annotations"]).at(&["windowsServerVersion"]);
    // The annotation completes the default image, and may be empty.
    let annotation = Some(annotation).filter(|it| it.text().is_some());
    let names: Vec<_> = names.chain(annotation).filter(|it| **it != Given::Nothing).collect();
    let found = names.iter().find_map(|it| version_in(it.text()?));
    match (found, names.first()) {
        (Some(version), _) => pool.windows(version),
        (None, Some(image)) => {
            let name = image.expression().map_or_else(|| quoted(image.text().unwrap_or_default()), str::to_owned);
            pool.unknown_windows(format!(
                "the image {name} does not say which Windows Server it has: look it up with `kubectl get nodes -o wide`"
            ));
        }
        (None, None) => pool.unknown_windows(
            "no image is named, so the version of the provider decides: look it up with `kubectl get nodes -o wide`"
                .to_owned(),
        ),
    }
}

/// The release whose year stands behind the word Windows, or alone.
fn version_in(name: &str) -> Option<OsVersion> {
    let parts: Vec<_> = name.split(|it: char| !it.is_ascii_alphanumeric()).collect();
    let is_windows =
        |word: &str| ["win", "windows", "server", "windowsserver"].contains(&word.to_ascii_lowercase().as_str());
    // An image may have a date in its name too.
    let years = parts.windows(2).filter_map(|pair| match pair {
        [word, year] if is_windows(word) => Some(*year),
        _ => None,
    });
    let alone = (parts.len() == 1).then_some(name);
    let named = parts.iter().filter_map(|part| part.strip_prefix("ltsc"));
    years.chain(alone).chain(named).find_map(|year| {
        let is_year = year.len() == 4 && year.bytes().all(|it| it.is_ascii_digit());
        is_year.then(|| version::parse(&format!("ltsc{year}"), &Releases::default()))?
    })
}
