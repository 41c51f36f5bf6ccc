//! The functions of Go's templates, Sprig and Helm, without those that have side effects.

mod compare;
mod crypto;
mod dates;
mod defaults;
mod dicts;
mod encode;
mod format;
mod hash;
mod lists;
mod numbers;
mod paths;
mod regexes;
mod strings;
mod words;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub(crate) use self::paths::clean;
pub(crate) use crate::template::Holes;
use crate::{
    fault::Run,
    template::{Args, Function, Machine},
    value::Value,
};

/// A row of a list of functions: name, function, how many arguments it takes at least and at most.
type Row = (&'static str, fn(&mut Machine<'_>, &Args) -> Run<Value>, usize, usize, Holes);

/// Of what takes any number of arguments.
const MANY: usize = usize::MAX;

static FUNCTIONS: LazyLock<FxHashMap<&'static str, Function>> = LazyLock::new(|| {
    let lists = [
        compare::FUNCTIONS,
        crypto::FUNCTIONS,
        dates::FUNCTIONS,
        defaults::FUNCTIONS,
        dicts::FUNCTIONS,
        encode::FUNCTIONS,
        format::FUNCTIONS,
        lists::FUNCTIONS,
        numbers::FUNCTIONS,
        paths::FUNCTIONS,
        regexes::FUNCTIONS,
        strings::FUNCTIONS,
        words::FUNCTIONS,
    ];
    let rows = lists.into_iter().flatten();
    rows.map(|&(name, run, min, max, holes)| (name, Function { run, min, max, holes })).collect()
});

/// The function of a name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// The text of a value as `toString` has it; not known where it has a hole.
fn known_string(machine: &Machine<'_>, value: &Value) -> Run<crate::text::Text> {
    let text = crate::print::string(&machine.heap, value)?;
    match text.hole() {
        Some(hole) => Err(crate::fault::Fault::unknown(hole).into()),
        None => Ok(text),
    }
}
