//! No two files use each other, directly or through others, a file and its own submodules aside.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, which reads the sources of the crates"
)]

mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use imports::{Crate, Files, Folder, Use};

#[test]
fn no_files_form_a_circle() {
    let mut report = String::new();
    for name in ["hostfit-core", "hostfit", "hostfit-lsp", "hostfit-registry", "hostfit-render"] {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
        let uses = Crate::read(&Folder(src)).uses();
        for circle in circles(&uses) {
            report += &described(name, &circle, &uses);
        }
    }
    assert!(report.is_empty(), "files that form circles:\n{report}");
}

/// The files of each circle, with every use between them.
fn described(name: &str, circle: &BTreeSet<&Path>, uses: &BTreeSet<Use>) -> String {
    let mut text = format!("{name}: {} files\n", circle.len());
    let inside = uses.iter().filter(|it| circle.contains(&*it.from) && circle.contains(&*it.to));
    let mut pairs: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in inside {
        pairs.entry((&it.from, &it.to)).or_default().push(it.path.as_str());
    }
    for ((from, to), paths) in pairs {
        writeln!(text, "  {} uses {}: {}", from.display(), to.display(), paths.join(", ")).unwrap();
    }
    text
}

/// The sets of files of which each reaches all others of its set.
fn circles(uses: &BTreeSet<Use>) -> Vec<BTreeSet<&Path>> {
    let mut next: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    for it in uses {
        next.entry(&it.from).or_default().insert(&it.to);
    }
    let all_from = |from: &Path| {
        let (mut found, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            for to in next.get(file).into_iter().flatten() {
                if found.insert(*to) {
                    open.push(to);
                }
            }
        }
        found
    };
    let reached: BTreeMap<_, _> = next.keys().map(|file| (*file, all_from(file))).collect();
    let has_path = |from: &Path, to: &Path| reached.get(from).is_some_and(|it| it.contains(to));
    let mut found: Vec<BTreeSet<&Path>> = Vec::new();
    for file in next.keys().filter(|file| has_path(file, file)) {
        if !found.iter().any(|circle| circle.contains(file)) {
            found.push(next.keys().copied().filter(|other| has_path(file, other) && has_path(other, file)).collect());
        }
    }
    found
}

/// A made-up crate: names of files and their texts.
struct Tree<'a>(&'a [(&'a str, &'a str)]);

impl Files for Tree<'_> {
    fn text(&self, path: &Path) -> Option<String> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| (*text).to_owned())
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let inside = self.0.iter().filter_map(|(name, _)| Path::new(name).strip_prefix(folder).ok()?.to_str());
        inside.filter(|name| !name.contains('/')).map(str::to_owned).collect()
    }
}

fn circles_of(tree: &[(&str, &str)]) -> Vec<Vec<String>> {
    let uses = Crate::read(&Tree(tree)).uses();
    let names = |circle: BTreeSet<&Path>| circle.into_iter().map(|file| file.display().to_string()).collect();
    circles(&uses).into_iter().map(names).collect()
}

/// `a.rs`, `b.rs` and `c.rs` with these texts.
fn circles_among(a: &str, b: &str, c: &str) -> Vec<Vec<String>> {
    circles_of(&[("lib.rs", "mod a; pub mod b; pub(crate) mod c;"), ("a.rs", a), ("b.rs", b), ("c.rs", c)])
}

#[test]
fn every_way_to_use_a_file_is_seen() {
    let ways = [
        "use crate::a::A;",
        "use super::a::A;",
        "pub(crate) use crate::{c::C, a::{A as Other, self}};",
        "use crate::{a, c}; fn f(_: a::A) {}",
        "use crate::a as other; const X: u8 = other::X;",
        "use crate::a::*;",
        "use crate::a::Enum::{One, Two};",
        "fn f() { super::a::run(); }",
        "fn f() { use crate::a::run; run() }",
        "mod inner { fn f() { super::super::a::run(); } }",
        "mod inner { pub(super) use super::super::a::A; }",
        "macro_rules! m { () => { $crate::a::run() }; }",
        "impl crate::a::Trait for u8 {}",
        "fn f() -> Vec<crate::a::A> { vec![crate::a::A::new()] }",
        "#[cfg(not(test))] use crate::a::A;",
        "#[cfg(test)] use std::fmt::{self}; use crate::a::A;",
        "#[cfg(test)] mod tests { fn f() {} } use crate::a::A;",
        "#[derive(Debug)] #[cfg(test)] struct S { one: u8 } use crate::a::A;",
        "enum E { #[cfg(test)] One, Two(crate::a::A) }",
        "const ALL: [u8; 2] = [0..=crate::a::X, 1];",
    ];
    for way in ways {
        assert_eq!(circles_among("use super::b::B;", way, ""), [["a.rs", "b.rs"]], "{way}");
        assert_eq!(circles_among("use super::c::C;", way, "use super::b::B;"), [["a.rs", "b.rs", "c.rs"]], "{way}");
        assert!(circles_among("use super::c::C;", way, "").is_empty(), "{way}");
    }
}

#[test]
fn what_uses_nothing_is_not_seen() {
    let others = [
        "/// Like [`crate::a::A`].\nstruct B;",
        "// use crate::a::A;",
        "const TEXT: &str = \"crate::a::A\";",
        "#[cfg(test)] mod tests { use crate::a::A; }",
        "#[cfg(test)] use crate::a::A;",
        "#[cfg(all(test, unix))] fn f() -> u8 { crate::a::run() }",
        "#[cfg(test)] #[derive(Debug)] struct S(crate::a::A);",
        "use std::a::A; use ::a::A;",
        "use crate::a;",
        "mod inner { pub struct A; } use inner::A;",
        "mod inner { mod a { pub struct A; } use self::a::A; }",
        "enum a { A } fn f() { a::A; }",
        "fn f(it: u8) { it.a::<u8>(); }",
        "pub(in crate::a) struct B;",
    ];
    for other in others {
        assert!(circles_among("use super::b::B;", other, "").is_empty(), "{other}");
    }
}

#[test]
fn a_file_and_its_own_submodules_form_no_circle() {
    let tree = [
        ("lib.rs", "mod a; pub use a::run; pub struct End;"),
        ("a/mod.rs", "mod one; mod two; pub use one::One; pub struct Own; pub fn run() { two::run() }"),
        ("a/one.rs", "use super::Own; use crate::End; pub struct One;"),
        ("a/two/mod.rs", "mod three; use crate::a::{Own, One}; pub fn run() { three::run() }"),
        ("a/two/three.rs", "use super::super::Own; pub fn run() { super::run() }"),
    ];
    assert!(circles_of(&tree).is_empty());
}

#[test]
fn a_circle_through_a_submodule_is_one() {
    let tree = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod inner; pub struct Own; pub fn run() { inner::run() }"),
        ("a/inner.rs", "pub fn run() { crate::b::run() }"),
        ("b.rs", "use crate::a::Own; pub fn run() {}"),
    ];
    assert_eq!(circles_of(&tree), [["a/inner.rs", "a.rs", "b.rs"]]);
}

#[test]
fn what_a_module_hands_on_belongs_to_the_file_that_defines_it() {
    let tree = |one: &'static str, lib: &'static str| {
        let files = [
            ("lib.rs", lib),
            ("a/mod.rs", "mod one; mod two; pub use self::one::{One as First, run}; pub use two::*; pub struct Own;"),
            ("a/one.rs", one),
            ("a/two.rs", "use super::First; pub struct Two;"),
        ];
        circles_of(&files)
    };
    let (lib, chain) = ("mod a;", "mod a; pub use a::Two as Handed;");
    assert_eq!(tree("use super::Two; pub struct One;", lib), [["a/one.rs", "a/two.rs"]]);
    assert_eq!(tree("pub struct One(crate::Handed);", chain), [["a/one.rs", "a/two.rs"]]);
    assert_eq!(tree("use crate::a; pub struct One(a::Two);", lib), [["a/one.rs", "a/two.rs"]]);
    assert!(tree("use super::Own; pub struct One;", lib).is_empty());
}

#[test]
fn a_module_and_an_item_may_have_one_name() {
    let tree = [
        ("lib.rs", "mod a; mod b; pub use a::a;"),
        ("a.rs", "use crate::b::B; pub fn a() {} pub struct A;"),
        ("b.rs", "use crate::a::A; pub struct B;"),
    ];
    assert_eq!(circles_of(&tree), [["a.rs", "b.rs"]]);
}

#[test]
fn files_that_macros_declare_are_read_and_those_of_tests_are_not() {
    let tree = [
        ("lib.rs", "mod a; #[cfg(test)] mod checked;"),
        ("checked.rs", "use crate::a::A;"),
        ("a/mod.rs", "rules! { one, two } #[cfg(test)] mod tests; #[cfg(test)] mod more;"),
        ("a/one.rs", "use super::two::Two; pub struct One;"),
        ("a/two.rs", "use super::one::One; pub struct Two;"),
        ("a/more.rs", "use super::one::One;"),
        ("a/tests.rs", "use super::one::One;"),
    ];
    assert_eq!(circles_of(&tree), [["a/one.rs", "a/two.rs"]]);
}
