//! Definitions in a Dockerfile.

use hostfit_core::{
    model::Role,
    source::{Source, Span},
    syntax::dockerfile::{Dockerfile, Instruction, Keyword, mount_from},
    text::Origin,
};

use super::{
    super::{View, instruction_at, touches},
    Definition, image, variable_at, variable_of_image,
};

pub(super) fn definition(view: &View<'_>, source: &Source, tree: &Dockerfile<'_>, offset: u32) -> Option<Definition> {
    let (number, instruction) = instruction_at(tree, offset)?;
    let file = File { view, source, tree };
    if let Some((name, origin)) = variable_at(source, offset) {
        return variable_of_image(view, source.id, offset).or_else(|| file.variable(name, origin, number));
    }
    match instruction.keyword {
        Some(Keyword::From) => file.stage_named(number, instruction, offset).or_else(|| image(view, source.id, offset)),
        Some(Keyword::Copy | Keyword::Add | Keyword::Run | Keyword::Onbuild) => {
            file.copied_from(number, instruction, offset).or_else(|| image(view, source.id, offset))
        }
        Some(Keyword::Arg) => file.arg(number, instruction, offset),
        _ => None,
    }
}

struct File<'f> {
    view: &'f View<'f>,
    source: &'f Source,
    tree: &'f Dockerfile<'f>,
}

/// A stage that is written: its number, its name, the place of that, and the number of its FROM among the instructions.
struct Written<'t> {
    number: usize,
    name: &'t str,
    span: Span,
    instruction: usize,
}

impl<'f> File<'f> {
    fn stages(&self) -> impl Iterator<Item = Written<'f>> {
        let froms = self.tree.instructions.iter().enumerate().filter(|(_, it)| it.keyword == Some(Keyword::From));
        froms.enumerate().map(|(number, (instruction, from))| {
            let words = from.words();
            let word = |at: usize| {
                let range = words.get(at)?.clone();
                Some((from.arguments.as_str().get(range.clone())?, from.arguments.span(range)))
            };
            let is_named = word(1).is_some_and(|(word, _)| word.eq_ignore_ascii_case("as"));
            let (name, span) = word(2).filter(|_| is_named).unwrap_or(("", from.span));
            Written { number, name, span, instruction }
        })
    }

    /// `FROM build`: the stage before it that has that name.
    fn stage_named(&self, number: usize, from: &Instruction<'_>, offset: u32) -> Option<Definition> {
        let word = from.words().into_iter().next()?;
        let origin = from.arguments.span(word.clone());
        if !touches(origin, self.source.id, offset) {
            return None;
        }
        let name = from.arguments.as_str().get(word)?;
        let before = self.stages().take_while(|stage| stage.instruction < number);
        let called = before.filter(|stage| !stage.name.is_empty() && stage.name.eq_ignore_ascii_case(name)).last();
        Definition::new(origin, called.map(|stage| stage.span))
    }

    /// `--from=build` and `--mount=from=build`.
    fn copied_from(&self, number: usize, instruction: &Instruction<'_>, offset: u32) -> Option<Definition> {
        let instruction = instruction.trigger.as_deref().unwrap_or(instruction);
        let value = instruction.flags.iter().find_map(|flag| {
            let value = flag.value()?;
            let from = match flag.name() {
                "from" => value,
                "mount" => value.slice(mount_from(value.as_str())?),
                _ => return None,
            };
            touches(from.whole(), self.source.id, offset).then_some(from)
        })?;
        let name = value.as_str();
        let by_number = name.parse::<usize>().ok().filter(|_| instruction.keyword == Some(Keyword::Copy));
        let is_meant = |stage: &Written<'_>| match by_number {
            Some(by_number) => stage.number == by_number,
            None => !stage.name.is_empty() && stage.name.eq_ignore_ascii_case(name),
        };
        let before = self.stages().take_while(|stage| stage.instruction < number);
        let called = before.filter(is_meant).last();
        Definition::new(value.whole(), called.map(|stage| stage.span))
    }

    /// From the name of an ARG to what sets it from outside; from that of a stage to the ARG above all stages.
    fn arg(&self, number: usize, arg: &Instruction<'_>, offset: u32) -> Option<Definition> {
        let assignments = arg.assignments(self.tree.escape);
        let (name, origin) = assignments.into_iter().find_map(|assignment| {
            let span = arg.arguments.span(assignment.name.clone());
            let name = arg.arguments.as_str().get(assignment.name)?;
            touches(span, self.source.id, offset).then_some((name, span))
        })?;
        let own = arg.block;
        let set = self.stated(name).into_iter().filter(|span| !own.holds(*span));
        let is_global = self.stages().next().is_none_or(|first| number < first.instruction);
        let global = if is_global { None } else { self.global(name) };
        let set: Vec<_> = set.collect();
        Definition::new(origin, if set.is_empty() { global.into_iter().collect() } else { set })
    }

    /// From a use of a variable to what gives it its value.
    fn variable(&self, name: &str, origin: Span, number: usize) -> Option<Definition> {
        let in_stage = self.stages().take_while(|stage| stage.instruction < number).last();
        let is_from = self.tree.instructions.get(number).is_some_and(|it| it.keyword == Some(Keyword::From));
        let Some(stage) = in_stage.filter(|_| !is_from) else {
            let stated = self.stated(name);
            let targets = if stated.is_empty() { self.global(name).into_iter().collect() } else { stated };
            return Definition::new(origin, targets);
        };
        let own = self.tree.instructions.get(stage.instruction..number)?;
        let (declared, has_value) = own.iter().rev().find_map(|it| self.declares(it, name))?;
        let global = if has_value { None } else { self.global_value(name) };
        Definition::new(origin, [global.unwrap_or(declared)])
    }

    /// The bytes that give the variable `name` its value in the references of this file: ARG defaults, build args of
    /// Compose files and the configuration, `.env`.
    fn stated(&self, name: &str) -> Vec<Span> {
        let project = self.view.project();
        let images = self.view.images_in(self.source.id);
        let in_builds = images.filter(|(_, image)| match image.role {
            Role::Base { build, .. } => project.build(build).is_some_and(|build| build.source == self.source.id),
            Role::CopiedFrom { .. } | Role::Container { .. } => false,
        });
        let pieces = in_builds.flat_map(|(_, image)| &image.text.pieces);
        let stating = pieces.filter(|piece| matches!(&piece.origin, Origin::Variable(it) if it == name));
        stating.map(|piece| piece.at).filter(|span| !span.is_nowhere()).collect()
    }

    /// The last ARG of that name above all stages: its value, or its name.
    fn global(&self, name: &str) -> Option<Span> {
        self.above_stages().rev().find_map(|it| self.declares(it, name)).map(|(span, _)| span)
    }

    /// The same if it has a value.
    fn global_value(&self, name: &str) -> Option<Span> {
        let (span, has_value) = self.above_stages().rev().find_map(|it| self.declares(it, name))?;
        has_value.then_some(span)
    }

    fn above_stages(&self) -> impl DoubleEndedIterator<Item = &'f Instruction<'f>> {
        let first = self.stages().next().map_or(self.tree.instructions.len(), |stage| stage.instruction);
        self.tree.instructions.get(..first).unwrap_or_default().iter()
    }

    /// The value that an ARG or ENV gives the variable `name`, or the name where it gives none; and whether it does.
    fn declares(&self, instruction: &Instruction<'_>, name: &str) -> Option<(Span, bool)> {
        let (text, escape) = (instruction.arguments.as_str(), self.tree.escape);
        match instruction.keyword {
            Some(Keyword::Arg) => instruction.assignments(escape).into_iter().rev().find_map(|it| {
                let is_meant = text.get(it.name.clone()) == Some(name);
                let at = it.value.clone().filter(|value| !value.is_empty()).unwrap_or(it.name);
                is_meant.then(|| (instruction.arguments.span(at), it.value.is_some()))
            }),
            Some(Keyword::Env) => instruction.settings(escape).chunks(2).rev().find_map(|pair| {
                let [key, value] = pair else { return None };
                let is_meant = text.get(key.clone()) == Some(name);
                is_meant.then(|| (instruction.arguments.span(value.clone()), true))
            }),
            _ => None,
        }
    }
}
