//! Compose files and Swarm stacks, of every schema generation: without `services` (version 1), 2, 3, and the Compose
//! Specification.
//!
//! [`File::read`] lowers one file by itself. Nothing is judged here: what has the wrong shape is left out.

pub mod interpolate;
mod merge;
mod places;
mod reset;

pub use self::merge::Services;
use crate::{
    front::{command, scalar::text},
    model::ProgramUse,
    patch::Place,
    source::{Source, Span},
    syntax::{
        SyntaxError,
        yaml::{Dialect, Node, Scalar, Tree},
    },
    text::Text,
};

/// A Compose file, lowered by itself: variables not filled in, nothing merged yet.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// `version`.
    pub version: Option<Text>,
    /// Whether it is a version 1 file: services at its top, and no `services`.
    pub is_v1: bool,
    /// `include`.
    pub includes: Vec<Include>,
    /// Services, in order.
    pub services: Vec<Service>,
    /// Values of any kind that Compose or `docker stack deploy` may refuse for what begins with a dollar sign in them.
    pub suspects: Vec<Text>,
}

/// One entry of `include`.
#[derive(Clone, Debug)]
pub struct Include {
    /// The included file, and files that override it.
    pub paths: Vec<Text>,
    /// `env_file`.
    pub env_files: Vec<Text>,
    /// `project_directory`.
    pub project_directory: Option<Text>,
}

/// One service. Every field is what the file states; what it does not state is `None` or empty.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name: the key.
    pub name: String,
    /// The key's bytes.
    pub name_span: Span,
    /// `image`.
    pub image: Option<Text>,
    /// `build`.
    pub build: Option<Box<Build>>,
    /// `platform`.
    pub platform: Option<Text>,
    /// `isolation`.
    pub isolation: Option<Text>,
    /// Programs that `entrypoint` starts and Nano Server may lack; none where there is no `entrypoint`.
    pub entrypoint: Option<Vec<ProgramUse>>,
    /// The same of `command`.
    pub command: Option<Vec<ProgramUse>>,
    /// Whether it is not there: `!reset` stands in its place.
    pub is_absent: bool,
    /// What it takes from the descriptions that it stands over, by the keys that lead there: `!reset` and `!override`.
    pub resets: Vec<Vec<String>>,
    /// `deploy.mode`, which only a stack makes use of.
    pub mode: Option<Span>,
    /// `deploy.placement`, which only a stack makes use of.
    pub placement: Option<Span>,
    /// `scale`.
    pub scale: Option<Text>,
    /// `deploy.replicas`.
    pub replicas: Option<Text>,
    /// `deploy.placement.constraints`.
    pub constraints: Vec<Text>,
    /// The `constraints` key.
    pub constraints_key: Option<Span>,
    /// Where the service and the keys that lead to its constraints stand, as deep as they are there; none where some
    /// of it is written elsewhere.
    pub places: Vec<Place>,
    /// Names of services in `depends_on`, `links`, `volumes_from`, `network_mode: service:` and `net: container:`.
    pub depends_on: Vec<Text>,
    /// `network_mode`, or `net` in version 1.
    pub network_mode: Option<Text>,
    /// Whether `profiles` decides if it comes up at all.
    pub has_profiles: bool,
    /// `extends`.
    pub extends: Option<Extends>,
    /// Short entries of `volumes`: `SOURCE:TARGET:MODE`.
    pub volumes: Vec<Text>,
    /// Paths in the container: `working_dir`, `tmpfs`, `target` of `volumes`, `configs` and `secrets`.
    pub paths: Vec<Text>,
    /// What `entrypoint` or `command` starts.
    pub starts: Vec<Text>,
}

/// `extends`: another service that this one starts from.
#[derive(Clone, Debug)]
pub struct Extends {
    /// The service.
    pub service: Text,
    /// The file it is in, relative to this one; none: this file.
    pub file: Option<Text>,
}

/// `build`.
#[derive(Clone, Debug)]
pub struct Build {
    /// The value of the `build` key.
    pub span: Span,
    /// `context`, or `build` itself where it is text.
    pub context: Option<Text>,
    /// `dockerfile`, relative to the context.
    pub dockerfile: Option<Text>,
    /// `dockerfile_inline`.
    pub inline: Option<Text>,
    /// `args`: name and value; no value where the environment gives it.
    pub args: Vec<Arg>,
    /// `target`.
    pub target: Option<Text>,
    /// `platforms`.
    pub platforms: Vec<Text>,
    /// `isolation`: that of the containers in which RUN runs.
    pub isolation: Option<Text>,
    /// `tags`: further names of what is built.
    pub tags: Vec<Text>,
}

/// One build arg.
#[derive(Clone, Debug)]
pub struct Arg {
    /// `NAME=value`, or `NAME` alone, as a list has it; the name alone where a mapping has it.
    pub name: Text,
    /// The value, where a mapping has it.
    pub value: Option<Text>,
}

impl File {
    /// Lowers all documents of `tree`, each over those before it.
    pub fn read(source: &Source, tree: &Tree) -> Self {
        let mut documents = tree.documents().filter(|document| document.is_mapping());
        let Some(root) = documents.next() else { return Self::default() };
        let mut file = Self { version: root.get("version").and_then(text), ..Self::default() };
        let has_tags = reset::is_in(&source.text);
        let service = |(key, value)| service(key, value, has_tags);
        file.includes = items_or_one(root.get("include")).filter_map(include).collect();
        if let Some(services) = root.get("services") {
            // Services are large, and are moved when their list grows.
            file.services.reserve_exact(services.entries().count());
            file.services.extend(services.entries().filter_map(service));
        } else if file.version.is_none() {
            file.services = root.entries().filter(is_v1_service).filter_map(service).collect();
            file.is_v1 = !file.services.is_empty();
        }
        let mut later = documents.peekable();
        if later.peek().is_some() {
            let mut services = Services::from(std::mem::take(&mut file.services));
            for root in later {
                file.includes.extend(items_or_one(root.get("include")).filter_map(include));
                let own = root.get("services").into_iter().flat_map(Node::entries);
                own.filter_map(service).for_each(|service| services.put(service));
            }
            file.services = services.into_list();
        }
        // `deploy` came with version 3.
        let version = file.version.as_ref().map_or("", |version| version.value.as_str());
        if file.is_v1 || version.starts_with(['1', '2']) {
            file.services.iter_mut().for_each(|service| service.places.clear());
        }
        file.services.shrink_to_fit();
        if memchr::memchr(b'$', source.text.as_bytes()).is_some() {
            let suspects = tree.values().filter(|it| it.text().is_some_and(interpolate::may_be_refused));
            file.suspects = suspects.filter_map(text).collect();
        }
        file
    }
}

/// What compose-go refuses of what is read here, whatever the variables are: an `image` that is not a string, an `include`
/// that is not a list.
pub fn refused(tree: &Tree) -> Vec<SyntaxError> {
    let includes = tree.documents().filter_map(|root| root.get("include"));
    let includes = includes
        .filter(|it| !it.is_sequence() && !it.is_null())
        .map(|it| SyntaxError::new(it.span(), "`include` must be a list").help("write `- ` before what it includes"));
    let services = tree.documents().filter_map(|root| root.get("services")).flat_map(Node::entries);
    let images = services.filter_map(|(_, service)| service.get("image"));
    let wrong = images.filter(|it| matches!(it.scalar(Dialect::Compose), Some(Scalar::Number | Scalar::Bool(_))));
    let error = |it: Node| {
        let help = format!("write `\"{}\"`", it.text().unwrap_or_default());
        SyntaxError::new(it.span(), "`image` must be a string").help(help)
    };
    includes.chain(wrong.map(error)).collect()
}

/// Whether an entry at the top of a file without `services` is a service of version 1.
fn is_v1_service((key, value): &(Node, Node)) -> bool {
    let names_extension = key.text().is_some_and(|name| name.starts_with("x-"));
    !names_extension && ["image", "build", "extends"].iter().any(|field| value.get(field).is_some())
}

fn include(node: Node) -> Option<Include> {
    if let Some(path) = text(node) {
        return Some(Include { paths: vec![path], env_files: Vec::new(), project_directory: None });
    }
    let paths = texts(node.get("path"));
    (!paths.is_empty()).then(|| Include {
        paths,
        env_files: texts(node.get("env_file")),
        project_directory: node.get("project_directory").and_then(text),
    })
}

/// The fields of a mapping, merge keys resolved once: services may merge each other in long chains.
struct Fields<'t>(Vec<(&'t str, Node<'t>)>);

impl<'t> Fields<'t> {
    fn of(node: Node<'t>) -> Self {
        Self(node.entries().filter(reset::stays).filter_map(|(key, value)| Some((key.text()?, value))).collect())
    }

    fn get(&self, name: &str) -> Option<Node<'t>> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    fn text(&self, name: &str) -> Option<Text> {
        self.get(name).and_then(text)
    }
}

fn service(key: Node, value: Node, has_tags: bool) -> Option<Service> {
    let name = key.text()?;
    if name.starts_with("x-") {
        return None;
    }
    let places = places::to_constraints(key, value);
    let resets = if has_tags { reset::paths(value) } else { Vec::new() };
    let is_absent = has_tags && value.tag() == Some(reset::RESET);
    let value = if is_absent { Fields(Vec::new()) } else { Fields::of(value) };
    let deploy = value.get("deploy").map(Fields::of);
    let deployed = |key: &str| deploy.as_ref().and_then(|deploy| deploy.get(key));
    let constraints = deployed("placement").and_then(|it| it.entry("constraints")).filter(reset::stays);
    Some(Service {
        name: name.to_owned(),
        name_span: key.span(),
        image: value.text("image"),
        build: value.get("build").and_then(|node| build(node, &value)).map(Box::new),
        platform: value.text("platform"),
        isolation: value.text("isolation"),
        entrypoint: value.get("entrypoint").map(|node| programs(node, "entrypoint")),
        command: value.get("command").map(|node| programs(node, "command")),
        is_absent,
        resets,
        mode: deployed("mode").map(Node::span),
        placement: deployed("placement").map(Node::span),
        scale: value.text("scale"),
        replicas: deployed("replicas").and_then(text),
        constraints: texts(constraints.map(|(_, list)| list)),
        constraints_key: constraints.map(|(key, _)| key.span()),
        places,
        depends_on: depends_on(&value),
        network_mode: value.text("network_mode").or_else(|| value.text("net")),
        has_profiles: !texts(value.get("profiles")).is_empty(),
        extends: value.get("extends").and_then(extends),
        volumes: value.get("volumes").into_iter().flat_map(Node::items).filter_map(text).collect(),
        paths: paths(&value),
        starts: ["entrypoint", "command"].iter().filter_map(|key| first_word(value.get(key)?)).collect(),
    })
}

/// Where the service says what stands in its container.
fn paths(service: &Fields) -> Vec<Text> {
    let mounts = ["volumes", "configs", "secrets"].iter().filter_map(|key| service.get(key)).flat_map(Node::items);
    let targets = mounts.filter_map(|mount| text(mount.get("target")?));
    service.text("working_dir").into_iter().chain(texts(service.get("tmpfs"))).chain(targets).collect()
}

fn first_word(command: Node) -> Option<Text> {
    if let Some(first) = command.items().next() {
        return text(first);
    }
    let text = text(command)?;
    let word = text.value.split_ascii_whitespace().next()?.len();
    let start = text.value.len() - text.value.trim_start().len();
    Some(text.part(start..start + word))
}

/// As many words of a command are looked at.
const MAX_COMMAND: usize = 16;

/// What a list of words, or a text that Compose takes apart without a shell, starts.
fn programs(node: Node, by: &'static str) -> Vec<ProgramUse> {
    let found = if let Some(text) = node.text() {
        let words: Vec<_> = text.split_whitespace().take(MAX_COMMAND).map(|it| it.trim_matches(['"', '\''])).collect();
        command::in_words(&words).map(|(_, _, missing)| (node.span(), missing))
    } else {
        let nodes: Vec<_> = node.items().take(MAX_COMMAND).collect();
        let words: Vec<_> = nodes.iter().map(|word| word.text().unwrap_or_default()).collect();
        command::in_words(&words).and_then(|(at, _, missing)| Some((nodes.get(at)?.span(), missing)))
    };
    found.map(|(span, missing)| ProgramUse { missing, by, span }).into_iter().collect()
}

fn build(node: Node, service: &Fields) -> Option<Build> {
    let mut build = Build {
        span: node.span(),
        context: text(node),
        dockerfile: None,
        inline: None,
        args: Vec::new(),
        target: None,
        isolation: None,
        platforms: Vec::new(),
        tags: Vec::new(),
    };
    if build.context.is_some() {
        // Version 1 has it beside `build`.
        build.dockerfile = service.text("dockerfile");
        return Some(build);
    }
    if !node.is_mapping() {
        return None;
    }
    let fields = Fields::of(node);
    build.context = fields.text("context");
    build.dockerfile = fields.text("dockerfile");
    build.inline = fields.text("dockerfile_inline");
    build.target = fields.text("target");
    build.isolation = fields.text("isolation");
    build.platforms = texts(fields.get("platforms"));
    build.tags = texts(fields.get("tags"));
    if let Some(args) = fields.get("args") {
        let listed = args.items().filter_map(text).map(|name| Arg { name, value: None });
        let mapped = args.entries().filter(reset::stays);
        let mapped = mapped.filter_map(|(key, value)| Some(Arg { name: text(key)?, value: printed(value) }));
        build.args = listed.chain(mapped).collect();
    }
    Some(build)
}

fn extends(node: Node) -> Option<Extends> {
    if let Some(service) = text(node) {
        return Some(Extends { service, file: None });
    }
    Some(Extends { service: node.get("service").and_then(text)?, file: node.get("file").and_then(text) })
}

fn depends_on(service: &Fields) -> Vec<Text> {
    let mut names = Vec::new();
    if let Some(node) = service.get("depends_on") {
        names.extend(node.items().filter_map(text));
        names.extend(node.entries().filter_map(|(key, _)| text(key)));
    }
    // `service:alias`, `service:ro`.
    for field in ["links", "volumes_from"] {
        names.extend(texts(service.get(field)).into_iter().map(|link| before_colon(&link)));
    }
    let modes = ["network_mode", "net", "ipc", "pid"].into_iter().filter_map(|field| service.get(field));
    names.extend(modes.filter_map(text).filter_map(|mode| {
        let start = mode.value.find("service:").or_else(|| mode.value.find("container:")).filter(|&at| at == 0)?;
        let colon = start + mode.value.find(':')?;
        Some(mode.part(colon + 1..mode.value.len()))
    }));
    names
}

fn before_colon(link: &Text) -> Text {
    // A colon may stand in `${NAME:-default}` too; such a link is left whole.
    let end = link.value.find(':').filter(|_| !link.value.contains('$')).unwrap_or(link.value.len());
    link.part(0..end)
}

/// The same, as compose-go prints it: a number or a date without quotes comes out in another spelling.
fn printed(node: Node) -> Option<Text> {
    match node.printed() {
        Some(printed) => Some(Text::literal(printed, node.span())),
        None => text(node),
    }
}

/// The scalars of a list, or a scalar alone.
fn texts(node: Option<Node>) -> Vec<Text> {
    items_or_one(node).filter_map(text).collect()
}

fn items_or_one(node: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    let alone = node.filter(|node| !node.is_sequence());
    node.into_iter().flat_map(Node::items).chain(alone)
}
