//! What decides where a pod runs and what it runs, in two renderings of one chart.

use std::collections::BTreeMap;

use hostfit_render::{Data, Node, Rendering, Text, yaml};

/// How two renderings differ.
pub(super) enum Difference {
    /// They do not.
    None,
    /// Only where something is not known.
    Hole(String),
    /// A value differs.
    Wrong(String),
}

impl Difference {
    fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Wrong(place), _) | (Self::None | Self::Hole(_), Self::Wrong(place)) => Self::Wrong(place),
            (Self::Hole(place), _) | (Self::None, Self::Hole(place)) => Self::Hole(place),
            (Self::None, Self::None) => Self::None,
        }
    }

    fn at(self, name: &str) -> Self {
        match self {
            Self::None => Self::None,
            Self::Hole(place) => Self::Hole(format!("{name} {place}")),
            Self::Wrong(place) => Self::Wrong(format!("{name} {place}")),
        }
    }
}

/// Compares the pods of each template.
pub(super) fn compare_files(theirs: &BTreeMap<String, String>, ours: &Rendering, count: &mut usize) -> Difference {
    let mut all = Difference::None;
    for (name, text) in theirs.iter().filter(|(name, _)| !name.ends_with("NOTES.txt")) {
        let text = Text::given(text.as_str());
        let documents = yaml::read(&text);
        let theirs = pods(&documents.roots);
        *count += theirs.len();
        let manifest = ours.manifests.iter().find(|manifest| manifest.name == *name);
        let own = manifest.map(|manifest| yaml::read(&manifest.text)).unwrap_or_default();
        let own_pods = pods(&own.roots);
        let is_unsure = own.roots.iter().any(|root| !root.gaps.is_empty() || root.hole().is_some())
            || manifest.is_some_and(|it| it.stopped.is_some() || it.text.hole().is_some());
        let difference = if theirs.len() == own_pods.len() {
            let pairs = theirs.iter().zip(&own_pods);
            pairs.fold(Difference::None, |all, (theirs, own)| all.worse(theirs.compare(own)))
        } else if is_unsure {
            Difference::Hole(format!("{} pods, not {}", own_pods.len(), theirs.len()))
        } else {
            let errors = (documents.error.map(|it| it.message), own.error.map(|it| it.message));
            Difference::Wrong(format!("{} pods, not {} {errors:?}", own_pods.len(), theirs.len()))
        };
        all = all.worse(difference.at(name));
    }
    all
}

/// Compares whole objects, and so all that is not made at random.
pub(super) fn compare_objects(theirs: &BTreeMap<String, String>, ours: &Rendering) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in theirs.iter().filter(|(name, _)| !name.ends_with("NOTES.txt")) {
        let theirs = yaml::read(&Text::given(text.as_str()));
        let manifest = ours.manifests.iter().find(|manifest| manifest.name == *name);
        let own = manifest.map(|manifest| yaml::read(&manifest.text)).unwrap_or_default();
        if theirs.error.is_some() != own.error.is_some() || theirs.roots.len() != own.roots.len() {
            found.push(format!("{name}: {:?} {:?}", theirs.error, own.error));
        }
        for (theirs, own) in theirs.roots.iter().zip(&own.roots) {
            if let Difference::Wrong(place) = compare_nodes(theirs, own) {
                found.push(format!("{name}: {place}"));
            }
        }
    }
    found
}

/// Compares the objects of two builds, in their order: the pods of them, or all that they have.
pub(super) fn compare_builds(theirs: &str, ours: &[Node], is_whole: bool, count: &mut usize) -> Vec<Difference> {
    let theirs = yaml::read(&Text::given(theirs));
    if is_whole {
        if theirs.roots.len() != ours.len() {
            let message = format!("{} objects, not {}", ours.len(), theirs.roots.len());
            return vec![Difference::Wrong(message)];
        }
        let pairs = theirs.roots.iter().zip(ours);
        return pairs.map(|(theirs, own)| compare_nodes(theirs, own).at(&shown(theirs))).collect();
    }
    let (theirs, own) = (pods(&theirs.roots), pods(ours));
    *count += theirs.len();
    if theirs.len() != own.len() {
        return vec![Difference::Wrong(format!("{} pods, not {}", own.len(), theirs.len()))];
    }
    theirs.iter().zip(&own).map(|(theirs, own)| theirs.compare(own)).collect()
}

fn shown(object: &Node) -> String {
    let name = object.get("metadata").and_then(|it| it.get("name")).and_then(Node::str).unwrap_or_default();
    format!("{} {name}", object.get("kind").and_then(Node::str).unwrap_or_default())
}

/// The facts of one pod.
struct Pod<'n> {
    kind: Option<&'n Node>,
    name: Option<&'n Node>,
    facts: Vec<(String, Option<&'n Node>)>,
    /// Whether it may have more than is known.
    has_gaps: bool,
}

impl Pod<'_> {
    fn compare(&self, own: &Self) -> Difference {
        let mut all = compare(self.kind, own.kind).at("kind").worse(compare(self.name, own.name).at("name"));
        let unless_unsure = |difference: Difference| match difference {
            Difference::Wrong(place) if own.has_gaps => Difference::Hole(place),
            other => other,
        };
        if self.facts.len() != own.facts.len() {
            all = all.worse(unless_unsure(Difference::Wrong("containers".to_owned())));
        }
        for ((name, theirs), (_, fact)) in self.facts.iter().zip(&own.facts) {
            let difference = compare(*theirs, *fact).at(name);
            all = all.worse(if fact.is_none() { unless_unsure(difference) } else { difference });
        }
        all
    }
}

fn pods(roots: &[Node]) -> Vec<Pod<'_>> {
    let mut found = Vec::new();
    for root in roots {
        let items = root.get("items").map_or(&[][..], Node::items);
        for object in items.iter().chain([root]) {
            let at = |path: &[&str]| path.iter().try_fold(object, |node, key| node.get(key));
            let paths: [&[&str]; 4] = [
                &["spec"],
                &["spec", "template", "spec"],
                &["spec", "jobTemplate", "spec", "template", "spec"],
                &["template", "spec"],
            ];
            let spec = paths.iter().filter_map(|path| at(path)).find(|spec| spec.get("containers").is_some());
            let hook = at(&["metadata", "annotations", "helm.sh/hook"]).and_then(Node::str).unwrap_or_default();
            // Tests run by hand only; many are named at random.
            let Some(spec) = spec.filter(|_| !hook.contains("test")) else { continue };
            let mut facts = Vec::new();
            for key in ["nodeSelector", "tolerations", "affinity", "runtimeClassName", "nodeName", "os"] {
                facts.push((key.to_owned(), spec.get(key)));
            }
            facts.push(("securityContext".to_owned(), windows(spec)));
            for list in ["initContainers", "containers"] {
                for (number, container) in spec.get(list).map_or(&[][..], Node::items).iter().enumerate() {
                    facts.push((format!("{list} {number} image"), container.get("image")));
                    facts.push((format!("{list} {number} securityContext"), windows(container)));
                }
            }
            let has_gaps = !spec.gaps.is_empty() || spec.hole().is_some();
            found.push(Pod { kind: object.get("kind"), name: at(&["metadata", "name"]), facts, has_gaps });
        }
    }
    found
}

fn windows(node: &Node) -> Option<&Node> {
    node.get("securityContext")?.get("windowsOptions")
}

fn compare(theirs: Option<&Node>, own: Option<&Node>) -> Difference {
    match (theirs, own) {
        (None, None) => Difference::None,
        (Some(theirs), Some(own)) => compare_nodes(theirs, own),
        (Some(it), None) | (None, Some(it)) if matches!(it.data, Data::Null) => Difference::None,
        (_, Some(own)) if own.hole().is_some() => Difference::Hole(String::new()),
        (theirs, own) => Difference::Wrong(format!("{own:?}, not {theirs:?}")),
    }
}

fn compare_nodes(theirs: &Node, own: &Node) -> Difference {
    let wrong = || Difference::Wrong(format!("{:?}, not {:?}", own.data, theirs.data));
    match (&theirs.data, &own.data) {
        (_, Data::Hole(_)) => Difference::Hole(String::new()),
        (Data::String(theirs), Data::String(own)) if theirs.as_str() == own.as_str() => Difference::None,
        (_, Data::String(own)) if own.hole().is_some() => Difference::Hole(String::new()),
        (Data::Null, Data::Null) => Difference::None,
        (Data::Bool(theirs, _), Data::Bool(own, _)) if theirs == own => Difference::None,
        (Data::Number(theirs, _), Data::Number(own, _)) if (theirs - own).abs() < 1e-9 => Difference::None,
        (Data::List(theirs), Data::List(items)) => {
            if theirs.len() != items.len() {
                return if own.hole().is_some() { Difference::Hole(String::new()) } else { wrong() };
            }
            let pairs = theirs.iter().zip(items);
            pairs.fold(Difference::None, |all, (theirs, own)| all.worse(compare_nodes(theirs, own)))
        }
        (Data::Map(_), Data::Map(_)) => {
            let own_alone = own.entries().iter().filter(|entry| theirs.get(entry.key.as_str()).is_none());
            let keys = theirs.entries().iter().chain(own_alone).map(|entry| entry.key.as_str());
            keys.fold(Difference::None, |all, key| match (theirs.get(key), own.get(key)) {
                (Some(theirs), Some(own)) => all.worse(compare_nodes(theirs, own).at(key)),
                (Some(_), None) if !own.gaps.is_empty() => all.worse(Difference::Hole(key.to_owned())),
                (Some(one), None) | (None, Some(one)) if matches!(one.data, Data::Null) => all,
                _ => all.worse(wrong().at(key)),
            })
        }
        _ if own.hole().is_some() => Difference::Hole(String::new()),
        _ => wrong(),
    }
}
