//! What the server answers, as pure functions: a place in a file in, plain data out. Offsets are bytes of
//! [`Source::text`](hostfit_core::source::Source::text), texts for people are Markdown. No protocol types, no UTF-16, no
//! clock in here, and no files but those that charts are rendered from.

pub mod charts;
pub mod completion;
pub mod definition;
pub mod hover;
pub mod inlay;
pub mod lens;
pub mod links;
mod markdown;
mod phrases;
#[cfg(test)]
mod tests;
mod yaml;

use hostfit_core::{
    check::Report,
    config::Config,
    fleet::{Host, Orchestrator},
    front::{Content, Unit},
    judge::Answers,
    model::{ImageId, ImageUse, Project, Workload},
    source::{Source, SourceId, Sources, Span},
    syntax::dockerfile::{self, Dockerfile, Instruction},
    windows::Date,
};

/// Everything that answers are made of: the files as they are, and what the last check made of them.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    /// The texts.
    pub sources: &'v Sources,
    /// What was read of them.
    pub units: &'v [Unit],
    /// What was decided, and by which configuration.
    pub answers: Answers<'v>,
    /// What the check found.
    pub report: &'v Report,
    /// The day that support dates are compared with.
    pub today: Date,
    /// The charts of the folder, if it has some.
    pub charts: Option<charts::Charts<'v>>,
}

/// A longer file is not parsed again for an answer, so that none takes long.
const MAX_PARSED: usize = 512 * 1024;

impl<'v> View<'v> {
    fn project(&self) -> &'v Project {
        self.answers.project
    }

    pub(crate) fn config(&self) -> &'v Config {
        self.answers.config
    }

    fn source(&self, id: SourceId) -> Option<&'v Source> {
        self.sources.get(id)
    }

    fn unit(&self, id: SourceId) -> Option<&'v Unit> {
        self.units.iter().find(|unit| unit.source == id)
    }

    /// The comments of a file, of a configuration too.
    fn comments(&self, id: SourceId) -> &'v [Span] {
        let of_config = || self.config().files.iter().find(|file| file.source == id).map(|file| &file.comments);
        self.unit(id).map(|unit| &unit.comments).or_else(of_config).map_or(&[], Vec::as_slice)
    }

    /// The image references that are written in a file, in no order.
    fn images_in(&self, id: SourceId) -> impl Iterator<Item = (ImageId, &'v ImageUse)> {
        let images = (0..).map(ImageId).zip(&self.project().images);
        images.filter(move |(_, image)| image.text.span.source == id)
    }

    fn workloads_in(&self, id: SourceId) -> impl Iterator<Item = &'v Workload> {
        self.project().workloads.iter().filter(move |workload| workload.source == id)
    }

    /// The hosts of an orchestrator, of all fleets that what a file says is judged against.
    fn hosts_of(&self, file: SourceId, orchestrator: Orchestrator) -> Vec<&'v Host> {
        self.config().fleets_of(&[file]).into_iter().flat_map(|it| it.fleet.of(orchestrator)).collect()
    }

    /// `web/Dockerfile:7`.
    fn place(&self, span: Span) -> String {
        match self.source(span.source) {
            Some(source) => format!("{}:{}", source.path, source.position(span.start).line),
            None => "the command line".to_owned(),
        }
    }

    /// Whether a file is a Dockerfile: it was read as one, or, where it was not read, is called so.
    fn is_dockerfile(&self, source: &Source) -> bool {
        match self.unit(source.id) {
            Some(unit) => matches!(unit.content, Content::Dockerfile(_)),
            None => is_called_dockerfile(&source.path),
        }
    }

    /// The tree of a Dockerfile, if the file is one and not too long.
    fn dockerfile(&self, source: &'v Source) -> Option<Dockerfile<'v>> {
        let is_read = self.is_dockerfile(source) && source.text.len() <= MAX_PARSED;
        is_read.then(|| dockerfile::parse(source.id, &source.text))
    }
}

/// Whether a name makes a file a Dockerfile, be its content what it may.
fn is_called_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    name.contains("dockerfile") || name.contains("containerfile")
}

/// Whether a cursor at `offset` touches the bytes: before the first, between them, or behind the last.
fn touches(span: Span, source: SourceId, offset: u32) -> bool {
    span.source == source && span.start <= offset && offset <= span.end
}

/// The instruction whose lines hold `offset`.
fn instruction_at<'t, 'a>(tree: &'t Dockerfile<'a>, offset: u32) -> Option<(usize, &'t Instruction<'a>)> {
    let number = tree.instructions.partition_point(|it| it.block.end < offset);
    let instruction = tree.instructions.get(number).filter(|it| it.block.start <= offset)?;
    Some((number, instruction))
}
