//! An incident and the project: why it happened, which bytes decide it, how to fix it.

mod owner;
mod versions;
mod words;

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use self::{owner::Owners, versions::OnThat};
use super::{Error, Incident, Node, Reporter};
use crate::{
    check::Report,
    finding::{Finding, Message, Related, Severity},
    judge::Answers,
    model::{Container, ImageId, ImageUse, Project, Workload},
    source::{SourceId, Sources, Span},
    windows::{HostKind, OsVersion},
};

/// Why an incident happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What happened, then why, in a few sentences.
    pub cause: String,
    /// How far the files bear it out.
    pub support: Support,
    /// The bytes that decide it, and their part in it.
    pub place: Option<Related>,
    /// Other places that take part; where several workloads may be meant, each of them.
    pub related: Vec<Related>,
    /// The workload, as findings call it.
    pub workload: Option<String>,
    /// What to do, the most likely first.
    pub help: Vec<String>,
    /// The rule whose page explains it.
    pub rule: Option<&'static str>,
    /// What the rule says of these files, where it found them wrong.
    pub finding: Option<String>,
}

/// How far the files bear a cause out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// They do: a rule finds fault with them, or the versions they state do not fit.
    Found,
    /// They have the workload, and do not show whether it is so.
    Open,
    /// They say otherwise: they were fixed since, or are not what runs.
    Contradicted,
    /// Several workloads may be meant.
    Ambiguous,
    /// They have nothing on it.
    Nothing,
}

impl Support {
    /// A name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Open => "open",
            Self::Contradicted => "contradicted",
            Self::Ambiguous => "ambiguous",
            Self::Nothing => "nothing",
        }
    }
}

/// All that an incident is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'t> {
    /// What was found, silenced findings included, and what was judged.
    pub report: &'t Report,
    /// What was decided.
    pub answers: Answers<'t>,
    /// The files.
    pub sources: &'t Sources,
    /// The nodes that the text itself describes.
    pub nodes: &'t [Node],
    /// The files whose workloads may be meant; none: all.
    pub given: Option<&'t BTreeSet<SourceId>>,
}

impl<'t> Tree<'t> {
    fn project(&self) -> &'t Project {
        &self.report.project
    }

    fn workloads(&self) -> impl Iterator<Item = &'t Workload> + use<'t> {
        let given = self.given;
        let workloads = self.report.project.workloads.iter();
        workloads.filter(move |workload| given.is_none_or(|given| given.contains(&workload.source)))
    }

    /// What the declared hosts of this build are, if all are the same: servers and clients share builds.
    fn declared_kind(&self, version: Option<OsVersion>) -> Option<HostKind> {
        let build = version?.build;
        let hosts = self.answers.config.fleets().flat_map(|it| it.fleet.numbered()).map(|(_, host)| host);
        let mut kinds = hosts.filter(|host| host.is_of(build)).map(|host| host.kind);
        kinds.next().filter(|first| kinds.all(|kind| kind == *first))
    }

    fn findings(&self) -> impl Iterator<Item = &'t Finding> + use<'t> {
        let silenced = self.report.suppressed.iter().map(|it| &it.finding);
        self.report.findings.iter().chain(silenced)
    }
}

/// Says why `incident` happened.
pub fn explain(incident: &Incident, tree: Tree) -> Answer {
    let general = words::of(incident, tree.declared_kind(incident.host_version));
    let mut answer = Answer {
        cause: general.cause,
        support: Support::Nothing,
        place: None,
        related: Vec::new(),
        workload: None,
        help: general.help,
        rule: general.rules.first().copied(),
        finding: None,
    };
    if incident.error == Error::CutOff || incident.is_of_pause() {
        return answer;
    }
    // What BuildKit reports is about the image that a build starts from.
    let is_build = incident.reporter == Some(Reporter::BuildKit);
    match if is_build { Owners::None } else { owner::of(incident, tree) } {
        Owners::None => of_image(&mut answer, incident, general.rules, tree)
            .or_else(|| by_rule_alone(&mut answer, general.rules, incident, tree))
            .unwrap_or_else(|| versions::of_text(&mut answer, incident, tree)),
        Owners::Several(all) => several(&mut answer, &all, tree),
        Owners::One(subject) => of_subject(&mut answer, &subject, incident, general.rules, tree),
    }
    answer
}

/// A workload, and which of its containers, if that is known.
#[derive(Clone, Copy)]
struct Subject<'t> {
    workload: &'t Workload,
    container: Option<usize>,
}

impl<'t> Subject<'t> {
    fn containers(&self) -> impl Iterator<Item = &'t Container> {
        let chosen = self.container;
        self.workload
            .containers
            .iter()
            .enumerate()
            .filter_map(move |(place, it)| chosen.is_none_or(|chosen| chosen == place).then_some(it))
    }

    /// The images that are named for it and those that decide what they are.
    fn images(&self, project: &'t Project) -> Vec<&'t ImageUse> {
        let named: Vec<_> = self.containers().filter_map(|it| it.image).collect();
        let deciders = named.iter().filter_map(|id| project.decider(*id));
        named.iter().copied().chain(deciders).filter_map(|id| project.image(id)).collect()
    }

    fn name(&self) -> String {
        match self.container {
            Some(container) => self.workload.container_name(container),
            None => self.workload.name.clone(),
        }
    }

    /// The findings that are about it.
    fn findings(&self, tree: Tree<'t>) -> Vec<&'t Finding> {
        let project = tree.project();
        let images = self.images(project);
        let stands_on = |span: Span| images.iter().any(|image| stands_on(image, span));
        let concerns = |finding: &&Finding| {
            let is_own = finding.parts.iter().any(|part| part.workload == self.workload.id);
            // What is wrong with an image by itself names no workload.
            is_own || stands_on(finding.span) && finding.parts.is_empty()
        };
        tree.findings().filter(concerns).collect()
    }
}

fn of_subject<'t>(
    answer: &mut Answer,
    subject: &Subject<'t>,
    incident: &Incident,
    rules: &[&'static str],
    tree: Tree<'t>,
) {
    answer.workload = Some(subject.name());
    answer.support = Support::Open;
    let predicted = |it: &'t Finding| Some((rules.iter().position(|rule| *rule == it.rule)?, it));
    let mut found: Vec<_> = subject.findings(tree).into_iter().filter_map(predicted).collect();
    // What is only worth knowing explains less than what will not run.
    found.sort_by_key(|(place, it)| (std::cmp::Reverse(it.severity), *place, it.span));
    let finding = found.first().map(|(_, it)| *it);
    let changed = renamed(subject, incident, tree);
    let on_that = OnThat::of(subject, incident, tree);
    if let Some(change) = changed.or_else(|| on_that.as_ref().and_then(|it| it.contradiction(tree))) {
        answer.support = Support::Contradicted;
        answer.cause = format!("{} {}", answer.cause, change.message);
        answer.place = Some(change.place);
        answer.rule = rules.first().copied();
        answer.help = change.help;
        return;
    }
    if let Some(on) = &on_that
        && let Some(cause) = on.cause(tree)
    {
        answer.cause = cause.message;
        answer.place = cause.place;
        if cause.is_certain {
            answer.support = Support::Found;
        }
        answer.help.splice(0..0, cause.help);
        if on.is_hyperv() {
            answer.help.retain(|it| !it.contains("hyperv"));
        }
    }
    let Some(finding) = finding else {
        if answer.place.is_none() {
            answer.place = place_of(subject, incident, tree);
        }
        return;
    };
    answer.adopt(finding);
}

/// An image that no workload runs by this name: a build starts from it.
fn of_image(answer: &mut Answer, incident: &Incident, rules: &[&'static str], tree: Tree) -> Option<()> {
    let object = &incident.object;
    let reference = object.image.as_deref().filter(|_| object.pod.is_none() && object.service.is_none())?;
    let is_it = |image: &ImageUse| image.text.known().is_some_and(|it| owner::same_image(it, reference));
    let is_given = |image: &ImageUse| tree.given.is_none_or(|given| given.contains(&image.text.span.source));
    let named = tree.project().images.iter().zip(0..).filter(|(image, _)| is_given(image) && is_it(image));
    let mut uses: Vec<_> = named.map(|(image, id)| (image, ImageId(id))).collect();
    // A Dockerfile is evaluated once for each set of its args.
    let mut seen = FxHashSet::default();
    uses.retain(|(it, _)| seen.insert(it.text.place()));
    let ((first, id), others) = uses.split_first()?;
    if !others.is_empty() {
        answer.support = Support::Ambiguous;
        let place = |(it, _): &(&ImageUse, _)| Related { span: it.text.place(), message: "names it".to_owned() };
        answer.related = uses.iter().map(place).collect();
        return Some(());
    }
    answer.support = Support::Open;
    answer.place = Some(Related { span: first.text.place(), message: "the image".to_owned() });
    versions::of_base(answer, first, *id, incident, tree);
    let mut found: Vec<_> =
        tree.findings().filter(|it| rules.contains(&it.rule) && stands_on(first, it.span)).collect();
    found.sort_by_key(|it| (std::cmp::Reverse(it.severity), rules.iter().position(|rule| *rule == it.rule), it.span));
    if let Some(finding) = found.first() {
        answer.adopt(finding);
    }
    Some(())
}

/// Returns the sentences of a text without their full stops. One ends at a full stop with a space and something else than a
/// lowercase letter behind it, outside of backticks.
fn sentences(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut is_code) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        is_code ^= byte == b'`';
        let rest = text.get(at..).unwrap_or_default();
        let is_end = !is_code && rest.strip_prefix(". ").is_some_and(|rest| !rest.starts_with(char::is_lowercase));
        if is_end {
            found.extend(text.get(start..at));
            start = at + 2;
        }
    }
    found.extend(text.get(start..).map(|last| last.strip_suffix('.').unwrap_or(last)).filter(|last| !last.is_empty()));
    found
}

/// Whether a span is of the bytes that make an image's reference.
fn stands_on(image: &ImageUse, span: Span) -> bool {
    let mut parts = image.text.parts(0..image.text.value.len());
    image.text.span.holds(span) || parts.any(|(_, part)| part.holds(span) || span.holds(part))
}

impl Answer {
    /// The cause and the help as findings have them: the first sentence of the cause is the headline, the others are notes.
    pub fn message(&self) -> Message {
        let mut sentences = sentences(&self.cause).into_iter();
        let headline = sentences.next().unwrap_or_default();
        sentences.fold(Message::new(headline), Message::note)
    }

    /// Takes over what a rule found.
    fn adopt(&mut self, finding: &Finding) {
        if finding.severity > Severity::Info {
            self.support = Support::Found;
        }
        if let Some(place) = self.place.take().filter(|it| it.span != finding.span) {
            self.related.push(place);
        }
        self.place = Some(Related { span: finding.span, message: String::new() });
        let mut seen: FxHashSet<Span> = self.related.iter().map(|it| it.span).chain([finding.span]).collect();
        self.related.extend(finding.related.iter().filter(|it| seen.insert(it.span)).cloned());
        if !finding.fixes.is_empty() {
            self.help = finding.fixes.iter().map(|fix| fix.title.clone()).collect();
        }
        self.rule = Some(finding.rule);
        self.finding = Some(finding.message.headline.clone());
    }
}

/// How the files contradict the incident.
struct Contradiction {
    message: String,
    place: Related,
    help: Vec<String>,
}

/// Whether the files name another image now.
fn renamed(subject: &Subject, incident: &Incident, tree: Tree) -> Option<Contradiction> {
    let ran = incident.object.image.as_deref()?;
    let container = subject.workload.containers.get(subject.container?)?;
    let image = tree.project().image(container.image?)?;
    let named = image.text.known().filter(|it| !it.is_empty())?;
    if owner::same_image(named, ran) {
        return None;
    }
    Some(Contradiction {
        message: format!("The image that failed is `{ran}`. The file names `{named}` now."),
        place: Related { span: image.text.place(), message: "not the image that failed".to_owned() },
        help: vec!["deploy these files".to_owned(), "if they are deployed already, look at newer output".to_owned()],
    })
}

/// Where the files state what the error is about, without being wrong for all that hostfit knows.
fn place_of(subject: &Subject, incident: &Incident, tree: Tree) -> Option<Related> {
    let span = match incident.error {
        Error::NodeSelector | Error::Taint | Error::NoSuitableNode | Error::OsField | Error::OsLabel => {
            return subject
                .workload
                .placement
                .anchor()
                .map(|span| Related { span, message: "selects where it runs".to_owned() });
        }
        _ => subject.containers().find_map(|it| it.image)?,
    };
    let image = tree.project().image(span)?;
    Some(Related { span: image.text.place(), message: "the image".to_owned() })
}

fn several(answer: &mut Answer, all: &[Subject], tree: Tree) {
    answer.support = Support::Ambiguous;
    for subject in all {
        let image = subject.container.and_then(|_| subject.images(tree.project()).first().map(|it| it.text.span));
        let span = image.unwrap_or(subject.workload.name_span);
        answer.related.push(Related { span, message: format!("{} may be meant", subject.name()) });
    }
}

/// Errors that name nothing have the places of the rule that predicts just them.
fn by_rule_alone(answer: &mut Answer, rules: &[&'static str], incident: &Incident, tree: Tree) -> Option<()> {
    let names_nothing = matches!(
        incident.error,
        Error::InvalidIsolation | Error::NoIsolationKey | Error::ConstraintOperator | Error::EngineTooNew
    );
    if !names_nothing {
        return None;
    }
    let found: Vec<_> = tree.findings().filter(|it| rules.first() == Some(&it.rule)).collect();
    match found.as_slice() {
        [] => return None,
        [one] => {
            answer.workload = tree.answers.workload_name(one);
            answer.adopt(one);
        }
        many => {
            answer.support = Support::Ambiguous;
            let place = |it: &&Finding| Related { span: it.span, message: it.message.headline.clone() };
            answer.related = many.iter().map(place).collect();
        }
    }
    Some(())
}

/// The rules that predict an incident.
#[cfg(test)]
pub(super) fn rules_of(incident: &Incident) -> &'static [&'static str] {
    words::of(incident, None).rules
}
