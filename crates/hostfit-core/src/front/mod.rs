//! Trees to the model. Only this module knows YAML keys and Dockerfile instructions; it never judges.
//!
//! Two steps. [`read`] takes one file by itself: it recognises, parses and lowers it to a [`Unit`], so that files can
//! be read in parallel and their trees dropped. [`link::link`] joins the units of a run to a [`Project`]: it evaluates
//! Dockerfiles with the args that Compose gives them, merges override files, follows image names to who builds them.
//!
//! [`Project`]: crate::model::Project

mod again;
pub mod bake;
pub mod charts;
mod command;
pub mod compose;
mod concerned;
pub mod daemon;
pub mod detect;
pub mod dockerfile;
pub mod env;
mod groups;
pub mod hints;
pub mod kubernetes;
pub mod link;
mod scalar;
pub mod wanted;

use self::detect::Kind;
pub use self::{
    concerned::{Concerned, Parts},
    groups::Groups,
};
use crate::{
    source::{Source, SourceId, Span},
    syntax::{
        SyntaxError,
        yaml::{self, Tree},
    },
};

/// One file, lowered by itself.
#[derive(Debug)]
pub struct Unit {
    /// The file.
    pub source: SourceId,
    /// What it holds.
    pub content: Content,
    /// What its real reader would refuse.
    pub errors: Vec<SyntaxError>,
    /// Its comments that are for hostfit, as `# hostfit: ignore[…]` is, from `#` on; all of a file of a chart.
    pub comments: Vec<Span>,
}

/// The kinds of file that are read.
#[derive(Debug)]
pub enum Content {
    /// A Dockerfile.
    Dockerfile(dockerfile::File),
    /// A Compose file or Swarm stack.
    Compose(compose::File),
    /// Kubernetes manifests.
    Kubernetes(kubernetes::File),
    /// A `daemon.json`.
    Daemon(daemon::File),
    /// A `.env` file.
    Env(env::File),
    /// A `docker-bake.hcl` or `docker-bake.json`.
    Bake(bake::File),
    /// A file that takes part in the rendering of a chart.
    Chart(charts::Member),
}

/// What became of one file.
#[derive(Debug)]
pub enum Outcome {
    /// It is one of ours.
    Unit(Unit),
    /// It looks like one of ours and can't be looked at: the reason's id (`helm-template`) and what to do instead.
    Skipped(Skip),
    /// hostfit does not read files of its kind.
    NotOurs,
}

/// Why a file is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// `helm-template`, `template`, `binary`.
    pub reason: &'static str,
    /// What to do instead, for people.
    pub advice: &'static str,
    /// Whether it may be a template of Go that writes Kubernetes objects, which [`charts`] renders by itself where it lies
    /// in no chart.
    pub may_be_rendered: bool,
}

const HELM_TEMPLATE: Skip = Skip {
    reason: "helm-template",
    advice: "render the chart and check what comes out: `helm template NAME CHART | hostfit check -`",
    may_be_rendered: false,
};

const TEMPLATE: Skip = Skip {
    reason: "template",
    advice: "render the template and check what comes out: `… | hostfit check -`",
    may_be_rendered: false,
};

/// What is remembered of a file, so that reading it again after an edit takes less time and gives the same kind of file.
#[derive(Debug, Default)]
pub struct Memory {
    documents: yaml::Memory<again::Document>,
    is_env: bool,
    of_chart: Option<charts::Member>,
}

impl Memory {
    /// Remembers what the file was read as.
    pub fn keep_kind(&mut self, unit: Option<&Unit>) {
        self.is_env = unit.is_some_and(Unit::is_env);
        self.of_chart = unit.and_then(|unit| match &unit.content {
            Content::Chart(member) => Some(*member),
            _ => None,
        });
    }
}

impl Unit {
    /// Whether it sets variables. Such a file may have any name where another one refers to it.
    pub fn is_env(&self) -> bool {
        matches!(self.content, Content::Env(_))
    }

    /// How many services it declares.
    fn services(&self) -> usize {
        match &self.content {
            Content::Compose(file) => file.services.len(),
            _ => 0,
        }
    }

    /// Whether it is a file of Kubernetes.
    pub(crate) fn is_kubernetes(&self) -> bool {
        matches!(self.content, Content::Kubernetes(_))
    }

    /// Drops what only [`link::link`] reads.
    pub(crate) fn forget(&mut self) {
        match &mut self.content {
            Content::Dockerfile(file) => file.forget(),
            Content::Compose(file) => *file = compose::File::default(),
            Content::Kubernetes(file) => *file = kubernetes::File::default(),
            Content::Env(file) => *file = env::File::default(),
            Content::Bake(file) => *file = bake::File::default(),
            Content::Daemon(_) | Content::Chart(_) => {}
        }
    }
}

/// Recognises, parses and lowers one file.
pub fn read(source: &Source) -> Outcome {
    read_with(source, &mut Tree::parse)
}

/// The same for a file that is read again and again, with what is remembered of it.
pub fn read_again(source: &Source, memory: &mut Memory) -> Outcome {
    if let Some(member) = memory.of_chart {
        return Outcome::Unit(charts::edited(source, member));
    }
    if memory.is_env {
        return read_env(source);
    }
    again::read(source, &mut memory.documents)
        .unwrap_or_else(|| read_with(source, &mut |source| Tree::parse_again(source, &mut memory.documents)))
}

/// Lowers the text that takes the place of the one that `unit` was read from.
pub fn read_edited(source: &Source, unit: &Unit) -> Outcome {
    if source.rendered.is_some() {
        return Outcome::Unit(charts::lower(source));
    }
    match &unit.content {
        Content::Chart(member) => Outcome::Unit(charts::edited(source, *member)),
        Content::Env(_) => read_env(source),
        _ => read(source),
    }
}

/// Lowers a file that another names as one of variables, whatever it is called: [`wanted::env_files`].
pub fn read_env(source: &Source) -> Outcome {
    unit(source, Content::Env(env::File::read(source)), Vec::new(), Vec::new())
}

type Parse<'p> = &'p mut dyn FnMut(&Source) -> Tree;

fn read_with(source: &Source, parse: Parse<'_>) -> Outcome {
    match detect::by_name(&source.path) {
        Some(Kind::Dockerfile) => read_dockerfile(source),
        Some(Kind::Daemon) => unit(source, Content::Daemon(daemon::File::read(source)), Vec::new(), Vec::new()),
        Some(Kind::Env) => read_env(source),
        Some(Kind::Bake) => {
            let (file, errors) = bake::File::read(source);
            unit(source, Content::Bake(file), errors, Vec::new())
        }
        Some(named) => read_structured(source, Some(named), parse),
        None => read_by_content(source, parse),
    }
}

fn read_by_content(source: &Source, parse: Parse<'_>) -> Outcome {
    if detect::is_structured(&source.path)
        && let outcome @ (Outcome::Unit(_) | Outcome::Skipped(_)) = read_structured(source, None, parse)
    {
        return outcome;
    }
    if dockerfile::sniff(&source.text) {
        return read_dockerfile(source);
    }
    if detect::is_nameless(&source.path) && detect::reads_like_ours(&source.text) {
        return read_structured(source, None, parse);
    }
    Outcome::NotOurs
}

fn unit(source: &Source, content: Content, errors: Vec<SyntaxError>, mut comments: Vec<Span>) -> Outcome {
    comments.retain(|comment| is_for_us(source.slice(*comment)));
    comments.shrink_to_fit();
    // What is yet to be filled in may be written in any way.
    if !errors.is_empty() && detect::is_template(&source.path) {
        return Outcome::Skipped(TEMPLATE);
    }
    Outcome::Unit(Unit { source: source.id, content, errors, comments })
}

/// Whether a comment begins with the name of this program, in whatever form the rest of it is.
fn is_for_us(comment: &str) -> bool {
    let text = comment.trim_start_matches('#').trim_start();
    text.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME))
}

const NAME: &str = "hostfit";

/// Whether one of the lines that its reader refuses is yet to be filled in.
fn is_to_be_filled_in(source: &Source, errors: &[SyntaxError]) -> bool {
    errors.iter().any(|error| detect::is_to_be_filled_in(source.slice(source.line_span(error.span.start))))
}

fn read_dockerfile(source: &Source) -> Outcome {
    if detect::is_dockerfile_template(&source.path, &source.text) {
        return Outcome::Skipped(TEMPLATE);
    }
    let (file, errors, comments) = dockerfile::File::read(source);
    // Of parts without a FROM scripts make a Dockerfile.
    let is_fragment = file.is_fragment && !detect::is_plain_dockerfile(&source.path);
    if is_fragment || is_to_be_filled_in(source, &errors) {
        return Outcome::Skipped(TEMPLATE);
    }
    unit(source, Content::Dockerfile(file), errors, comments)
}

/// Reads YAML and JSON, in which the content decides; `named` is the kind that the name makes it nevertheless.
fn read_structured(source: &Source, named: Option<Kind>, parse: Parse<'_>) -> Outcome {
    let text = source.text.as_str();
    let looks_like = |kind| detect::looks_like(kind, text);
    let is_helm = detect::is_helm_template(&source.path, text);
    let is_template = || {
        let may_be_rendered =
            named.is_none() && detect::is_go_template(text) && (is_helm || detect::reads_like_kubernetes(text));
        Outcome::Skipped(Skip { may_be_rendered, ..if is_helm { HELM_TEMPLATE } else { TEMPLATE } })
    };
    let is_candidate = named.is_some() || looks_like(Kind::Kubernetes) || looks_like(Kind::Compose);
    let has_markers = detect::has_markers(text);
    if !is_candidate && !is_helm {
        return Outcome::NotOurs;
    }
    if has_markers
        && let Some(error) = yaml::first_error(source)
        && detect::is_text_template(text, source.slice(error.span))
    {
        let is_ours = named.is_some() || is_helm || detect::reads_like_ours(text);
        return if is_ours { is_template() } else { Outcome::NotOurs };
    }
    let tree = parse(source);
    if is_to_be_filled_in(source, &tree.errors) {
        let is_ours = named.is_some() || is_helm || detect::reads_like_ours(text);
        return if is_ours { is_template() } else { Outcome::NotOurs };
    }
    if detect::is_kubeconfig(&tree) || !tree.errors.is_empty() && detect::reads_like_kubeconfig(text) {
        return Outcome::NotOurs;
    }
    let kind = if detect::is_kubernetes(&tree) {
        Kind::Kubernetes
    } else if named == Some(Kind::Compose) || detect::is_compose(&source.path, &tree) {
        Kind::Compose
    } else if !tree.errors.is_empty() && detect::reads_like_kubernetes(text) {
        Kind::Kubernetes
    } else if is_helm && detect::is_tree_template(&tree, Kind::Kubernetes) {
        return is_template();
    } else {
        return Outcome::NotOurs;
    };
    if has_markers && detect::is_tree_template(&tree, kind) {
        return is_template();
    }
    let mut errors = tree.errors.clone();
    if let Some(at) = source.invalid_utf8 {
        let span = Span::new(source.id, at as usize..at as usize + 1);
        errors.push(SyntaxError::new(span, "the file is not UTF-8").help("save it as UTF-8"));
    }
    let content = if kind == Kind::Kubernetes {
        Content::Kubernetes(kubernetes::File::read(source, &tree))
    } else {
        errors.extend(tree.keys_refused_by_compose());
        errors.extend(compose::refused(&tree));
        Content::Compose(compose::File::read(source, &tree))
    };
    unit(source, content, errors, tree.comments)
}
