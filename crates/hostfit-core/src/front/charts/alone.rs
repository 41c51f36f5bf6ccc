//! Templates that lie in no chart: each is rendered by itself, with nothing known but what it says. What it says under a
//! condition that is not known is judged as if that held, and that something is missing beside it is not.

use std::ops::Range;

use hostfit_render::{Data, FileTable, Guess, Hole, Manifest, Node, Rendering, Text, yaml};

use super::{
    Chart, Charts, File, Output,
    gaps::{Gaps, PLACEMENT, UNREAD, has_something, is_without_pods, parts, small},
    text_of,
};
use crate::source::rendered::{Guessed, Renderer};

/// Fields that no rule reads otherwise, of which a pod says something on Windows nevertheless.
const SETTINGS: &[&str] = &["resources", "volumeMounts", "volumes"];

/// Lists of containers, by which a pod is recognised; of Argo's templates too.
const CONTAINERS: &[&str] = &["containers", "initContainers", "container", "script", "containerSet"];

/// So many conditions of one document are looked at; real ones have 60 at most.
const MAX_CONDITIONS: usize = 500;

/// So many pairs of a document and what is not known in some of them are looked at.
const MAX_PAIRS: usize = 10_000_000;

impl Chart {
    pub(super) fn alone(file: String) -> Self {
        Self { folder: file, by: Renderer::Template, deployments: Vec::new() }
    }

    /// Whether it is a template that lies in no chart.
    pub fn is_alone(&self) -> bool {
        self.by == Renderer::Template
    }
}

impl Charts<'_> {
    /// Renders a template that lies in no chart.
    pub(super) fn render_alone(&self, chart: &Chart) -> Output {
        let shown = (self.shown)(&chart.folder);
        let file = File {
            path: shown.clone(),
            in_tree: chart.folder.clone(),
            archived: None,
            is_template: true,
            is_used: false,
        };
        let mut output = Output { files: vec![file], ..Output::default() };
        let mut table = FileTable::default();
        let Some(rendering) = self.rendered_alone(chart, &mut table) else {
            output.is_unread = true;
            return output;
        };
        for problem in &rendering.problems {
            self.problem(problem, Renderer::Template, &table, &shown, &mut output);
        }
        if rendering.manifests.iter().any(is_too_large) {
            output.skip(
                shown,
                Renderer::Template,
                "it has too many documents of which something is not known",
                None,
                false,
            );
            return output;
        }
        self.add_texts(&rendering, Renderer::Template, None, &table, &mut output);
        output
    }

    /// What a template that lies in no chart yields; none of what is not a template of Go.
    pub(super) fn rendered_alone(&self, chart: &Chart, table: &mut FileTable) -> Option<Rendering> {
        let text = text_of(self, &chart.folder, table)?;
        hostfit_render::render_alone(table.id(&chart.folder), text).ok()
    }
}

fn is_too_large(manifest: &Manifest) -> bool {
    let unknown = manifest.guesses.len() + manifest.text.gaps().count();
    parts(manifest.text.as_str()).len().saturating_mul(unknown) > MAX_PAIRS
}

/// What conditions that are not known leave open in a text.
#[derive(Default)]
pub(super) struct Looked {
    /// The parts of pods that are there only under such conditions.
    pub(super) guessed: Vec<Guessed>,
    /// What is not judged for another reason than that lines are missing, by its offset, and why.
    pub(super) skipped: Vec<(u32, String)>,
}

impl Looked {
    /// Looks at what a template yields that lies in no chart. Where nothing is known of a placement is added to `gaps`, and
    /// what is not judged.
    pub(super) fn at(manifest: &Manifest, path: &str, holes: &[Hole], gaps: &mut Gaps) -> Self {
        let unknown = gaps.unknown_settings.iter().map(|at| Guessed { range: *at..at + 1, hides_images: false });
        let mut looked = Self { guessed: unknown.collect(), skipped: Vec::new() };
        let text = &manifest.text;
        let documents = yaml::read(text);
        for part in parts(text.as_str()) {
            let start = small(part.start);
            let written = text.as_str().get(part.clone()).unwrap_or_default();
            if gaps.left_out.iter().any(|range| range.start == start) || !has_something(written) {
                continue;
            }
            let first = documents.roots.partition_point(|root| root.range.start < part.start);
            let root = documents.roots.get(first).filter(|root| root.range.start < part.end);
            let is_broken = documents.error.as_ref().is_some_and(|error| part.contains(&error.at));
            let Some(root) = root.filter(|_| !is_broken) else {
                if is_broken || says_something(written) {
                    gaps.left_out.push(start..small(part.end));
                    looked.skipped.push((start, "what it yields is not YAML".to_owned()));
                }
                continue;
            };
            if is_without_pods(root) {
                continue;
            }
            let kind = root.get("kind").and_then(Node::str).unwrap_or_default();
            let is_in = |guess: &&Guess| guess.range.start < part.end && part.start < guess.range.end;
            let guesses = manifest.guesses.iter().filter(is_in).filter(|guess| !encloses(guess, &root.range));
            let guesses: Vec<_> = guesses.collect();
            let may_be_none = kind == "Node" || kind == "RuntimeClass" && !guesses.is_empty();
            if may_be_none || may_be_test(root, path, &guesses) {
                // It is not known whether there is one.
                gaps.left_out.push(start..small(part.end));
            } else if guesses.len() > MAX_CONDITIONS {
                gaps.left_out.push(start..small(part.end));
                looked.skipped.push((start, format!("it has over {MAX_CONDITIONS} conditions")));
            } else if !guesses.is_empty() {
                looked.document(root, &guesses, text, holes, gaps);
            }
        }
        looked
    }

    fn document(&mut self, root: &Node, guesses: &[&Guess], text: &Text, holes: &[Hole], gaps: &mut Gaps) {
        let mut met = Met {
            guesses,
            pods: Vec::new(),
            has_placement: vec![false; guesses.len()],
            decides: vec![false; guesses.len()],
        };
        met.visit(root, Part::Read);
        let in_pods: Vec<(&Guess, bool, bool)> = guesses
            .iter()
            .zip(met.has_placement.iter().zip(&met.decides))
            .map(|(guess, (has_placement, decides))| (*guess, *has_placement, *decides))
            .filter(|(guess, ..)| met.pods.iter().all(|pod| !encloses(guess, pod)))
            .filter(|(guess, ..)| met.pods.iter().any(|pod| overlaps(guess, pod)))
            .collect();
        for (guess, has_placement, _) in &in_pods {
            if *has_placement || guess.otherwise.as_ref().is_some_and(may_place) {
                let at = guess.range.start.max(root.range.start).min(root.range.end.max(1) - 1);
                gaps.unknown_placements.push(small(at));
            }
        }
        let slice = |guess: &Guess| text.as_str().get(guess.range.clone()).unwrap_or_default();
        let mut chains: Vec<Vec<&str>> = Vec::new();
        for (guess, ..) in in_pods.iter().filter(|(guess, ..)| has_image(slice(guess))) {
            let mut around: Vec<_> = in_pods.iter().filter(|(other, ..)| encloses(other, &guess.range)).collect();
            around.sort_by_key(|(other, ..)| (other.range.start, usize::MAX - other.range.end));
            let condition =
                |(it, ..): &&(&Guess, bool, bool)| holes.get(it.hole.0 as usize).map(|hole| hole.expression.as_str());
            chains.push(around.iter().filter_map(condition).collect());
        }
        let longest = chains.iter().max_by_key(|chain| chain.len()).cloned().unwrap_or_default();
        let hides_images = !chains.iter().all(|chain| longest.starts_with(chain));
        let kept = in_pods.iter().filter(|(guess, has_placement, decides)| {
            *has_placement || *decides || slice(guess).contains("isolation-type")
        });
        self.guessed.extend(kept.map(|(guess, ..)| Guessed {
            range: small(guess.range.start)..small(guess.range.end),
            hides_images: hides_images && has_image(slice(guess)),
        }));
    }
}

/// Whether an object may be a test, which runs when a person asks for it: it says so itself as far as that is known, or lies
/// where tests lie and has annotations that are not known.
fn may_be_test(root: &Node, path: &str, guesses: &[&Guess]) -> bool {
    let lies_with_tests = path.split('/').rev().skip(1).any(|folder| folder == "tests");
    let Some(annotations) = root.get("metadata").and_then(|metadata| metadata.get("annotations")) else {
        return false;
    };
    let is_guessed = guesses
        .iter()
        .any(|guess| overlaps(guess, &annotations.range) || guess.range.contains(&annotations.range.start));
    let hook = annotations.get("helm.sh/hook");
    hook.is_some_and(|hook| hook.hole().is_some())
        || lies_with_tests && hook.is_none() && (is_guessed || annotations.hole().is_some())
}

/// Whether the text of a document has more than comments.
fn says_something(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("---"))
}

fn encloses(guess: &Guess, range: &Range<usize>) -> bool {
    guess.range.start <= range.start && range.end <= guess.range.end
}

fn overlaps(guess: &Guess, range: &Range<usize>) -> bool {
    guess.range.start < range.end && range.start < guess.range.end
}

/// The keys of the lines of a text.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (key, _) = line.trim_start_matches([' ', '-']).split_once(':')?;
        Some(key.trim_matches(['"', '\'']))
    })
}

fn has_image(text: &str) -> bool {
    keys(text).any(|key| key == "image")
}

/// Whether what is there if a condition does not hold may say where the pod runs.
fn may_place(text: &Text) -> bool {
    text.gaps().next().is_some() || keys(text.as_str()).any(|key| key == "os" || PLACEMENT.contains(&key))
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Read,
    Placement,
    Unread,
}

/// What the guesses of a document were met in.
struct Met<'g> {
    guesses: &'g [&'g Guess],
    /// The pods of the document.
    pods: Vec<Range<usize>>,
    /// Whether a part of a placement is in it, for each guess.
    has_placement: Vec<bool>,
    /// Whether anything is in it that rules read.
    decides: Vec<bool>,
}

impl Met<'_> {
    fn visit(&mut self, node: &Node, part: Part) {
        self.meet(&node.range, part);
        match &node.data {
            Data::Map(entries) => {
                if part == Part::Read && entries.iter().any(|entry| CONTAINERS.contains(&entry.key.as_str())) {
                    self.pods.push(node.range.clone());
                }
                for entry in entries {
                    let key = entry.key.as_str();
                    let part = match part {
                        Part::Read if SETTINGS.contains(&key) => Part::Read,
                        Part::Read if UNREAD.contains(&key) => Part::Unread,
                        Part::Read if key == "os" || PLACEMENT.contains(&key) => Part::Placement,
                        part => part,
                    };
                    self.meet(&entry.key_range, part);
                    self.visit(&entry.value, part);
                }
            }
            Data::List(items) => items.iter().for_each(|item| self.visit(item, part)),
            _ => {}
        }
    }

    /// Something starts here, or is a scalar of which a part is guessed.
    fn meet(&mut self, range: &Range<usize>, part: Part) {
        for ((guess, has_placement), decides) in self.guesses.iter().zip(&mut self.has_placement).zip(&mut self.decides)
        {
            let is_here = guess.range.contains(&range.start);
            *has_placement |= is_here && part == Part::Placement;
            *decides |= is_here && part != Part::Unread;
        }
    }
}
