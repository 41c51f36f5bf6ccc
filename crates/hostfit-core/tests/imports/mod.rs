//! Reads from a crate's sources which of its files uses which. Code of tests does not count.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The modules of one crate.
#[derive(Default)]
pub(crate) struct Crate {
    modules: Vec<Module>,
}

/// One module, of a file or written inside of one.
#[derive(Default)]
pub(crate) struct Module {
    /// Its file, below the crate's root.
    pub(crate) file: PathBuf,
    /// Its names from the crate's root on.
    pub(crate) path: Vec<String>,
    /// The string literals in it, without those of attributes and doc comments.
    pub(crate) strings: Vec<String>,
    /// The numbers in it.
    pub(crate) numbers: Vec<u64>,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    /// The paths that its code is written with.
    paths: Vec<Vec<String>>,
    /// Modules that only tests have.
    of_tests: BTreeSet<String>,
}

/// One name that a `use` brings in; `*` for all of a module.
struct Import {
    name: String,
    path: Vec<String>,
}

/// One file that uses another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// The file with the path in it.
    pub(crate) from: PathBuf,
    /// The file that defines what is used.
    pub(crate) to: PathBuf,
    /// The path as it is written.
    pub(crate) path: String,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// Something that this module defines.
    Item(usize),
    /// Something of another crate.
    Elsewhere,
}

/// Gives the text of a file and the names of what a folder holds.
pub(crate) trait Files {
    fn text(&self, path: &Path) -> Option<String>;
    fn names(&self, folder: &Path) -> Vec<String>;
}

/// A folder on disk.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Files for Folder {
    fn text(&self, path: &Path) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok()
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

impl Crate {
    /// Reads `lib.rs` and all files that belong to it.
    pub(crate) fn read(files: &dyn Files) -> Self {
        let mut read = Self::default();
        let lib = Module { file: "lib.rs".into(), ..Module::default() };
        read.read_file(files, lib, Path::new(""));
        read
    }

    /// Its modules, the crate's root first.
    pub(crate) fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Every use of what another file defines. What a submodule uses of the files above it does not count: a file and its
    /// own submodules form no circle.
    pub(crate) fn uses(&self) -> BTreeSet<Use> {
        let all = (0..self.modules.len()).flat_map(|module| self.uses_of(module));
        all.filter(|(from, to, _)| !self.path_of_file(*from).starts_with(self.path_of_file(*to)))
            .map(|(from, to, path)| {
                let (from, to) = (self.modules[from].file.clone(), self.modules[to].file.clone());
                Use { from, to, path }
            })
            .collect()
    }

    /// Every path in `module` and the module that defines what it leads to.
    fn uses_of(&self, module: usize) -> impl Iterator<Item = (usize, usize, String)> {
        let own = &self.modules[module];
        let imports = own.imports.iter().filter_map(move |import| {
            let target = self.resolve(module, &import.path, &mut Vec::new());
            let all = import.name == "*";
            let written = if all { format!("{}::*", import.path.join("::")) } else { import.path.join("::") };
            match target {
                Target::Item(to) => Some((module, to, written)),
                Target::Module(to) if all => Some((module, to, written)),
                // Of a module that is brought in by name, the paths that begin with it say what is used.
                Target::Module(_) | Target::Elsewhere => None,
            }
        });
        let paths = own.paths.iter().filter_map(move |path| match self.resolve(module, path, &mut Vec::new()) {
            Target::Item(to) => Some((module, to, path.join("::"))),
            Target::Module(_) | Target::Elsewhere => None,
        });
        imports.chain(paths)
    }

    /// The names of the module that the whole file of `module` is.
    fn path_of_file(&self, module: usize) -> &[String] {
        let own = &self.modules[module];
        match own.parent {
            Some(parent) if self.modules[parent].file == own.file => self.path_of_file(parent),
            _ => &own.path,
        }
    }

    fn resolve(&self, module: usize, path: &[String], seen: &mut Vec<(usize, String)>) -> Target {
        let Some((first, mut rest)) = path.split_first() else { return Target::Module(module) };
        let mut at = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(module),
            "super" => Target::Module(self.modules[module].parent.unwrap_or(0)),
            _ => {
                rest = path;
                Target::Module(module)
            }
        };
        for (place, name) in rest.iter().enumerate() {
            let Target::Module(inside) = at else { return at };
            if name == "super" {
                at = Target::Module(self.modules[inside].parent.unwrap_or(0));
                continue;
            }
            let is_last = place + 1 == rest.len();
            at = match self.look_up(inside, name, is_last, seen) {
                Some(found) => found,
                // What stands first in a path may be a crate's name; deeper it can only be this module's own.
                None if place == 0 && rest.len() == path.len() => return Target::Elsewhere,
                None => Target::Item(inside),
            };
        }
        at
    }

    /// What `name` means in a module. One name may stand for a module and for an item; a path goes on through the module.
    fn look_up(&self, module: usize, name: &str, is_last: bool, seen: &mut Vec<(usize, String)>) -> Option<Target> {
        let own = &self.modules[module];
        let child = own.children.get(name).map(|child| Target::Module(*child));
        let is_item = own.items.contains(name);
        if !is_last && child.is_some() {
            return child;
        }
        if is_item {
            return Some(Target::Item(module));
        }
        let step = (module, name.to_owned());
        if seen.contains(&step) {
            return child;
        }
        seen.push(step);
        let named = own.imports.iter().filter(|import| import.name == name);
        let named: Vec<_> = named.map(|import| self.resolve(module, &import.path, seen)).collect();
        let wanted = |target: &&Target| matches!(target, Target::Module(_)) != is_last;
        let found = named.iter().find(wanted).or(named.first()).copied().or(child);
        found.or_else(|| {
            let globs = own.imports.iter().filter(|import| import.name == "*");
            let mut inside = globs.filter_map(|import| match self.resolve(module, &import.path, seen) {
                Target::Module(from) if from != module => self.look_up(from, name, is_last, seen),
                _ => None,
            });
            inside.next()
        })
    }

    fn read_file(&mut self, files: &dyn Files, module: Module, folder: &Path) -> usize {
        let text = files.text(&module.file).expect("a file that is declared");
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", module.file.display()));
        let id = self.read_module(files, module, folder, tokens);
        self.read_undeclared(files, id, folder);
        id
    }

    fn read_module(&mut self, files: &dyn Files, module: Module, folder: &Path, tokens: TokenStream) -> usize {
        let id = self.modules.len();
        self.modules.push(module);
        let mut nested = Vec::new();
        read_tokens(&mut self.modules[id], tokens, true, &mut nested);
        for (name, body) in nested {
            let (file, path) = (self.modules[id].file.clone(), self.modules[id].below(&name));
            let child = Module { file, path, parent: Some(id), ..Module::default() };
            let inner = folder.join(&name);
            let child = match body {
                Some(body) => self.read_module(files, child, &inner, body),
                None => self.read_child(files, id, &name, folder).expect("a module that is declared has a file"),
            };
            self.modules[id].children.insert(name, child);
        }
        id
    }

    fn read_child(&mut self, files: &dyn Files, parent: usize, name: &str, folder: &Path) -> Option<usize> {
        let candidates = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
        let file = candidates.into_iter().find(|file| files.text(file).is_some())?;
        let child = Module { file, path: self.modules[parent].below(name), parent: Some(parent), ..Module::default() };
        Some(self.read_file(files, child, &folder.join(name)))
    }

    /// Files that no `mod` names belong to the module too: macros may declare them.
    fn read_undeclared(&mut self, files: &dyn Files, id: usize, folder: &Path) {
        if id == 0 {
            return;
        }
        for name in files.names(folder) {
            let Some(name) = name.strip_suffix(".rs").filter(|name| *name != "mod") else { continue };
            let own = &self.modules[id];
            if !own.children.contains_key(name) && !own.of_tests.contains(name) {
                let child = self.read_child(files, id, name, folder).expect("a file that is listed");
                self.modules[id].children.insert(name.to_owned(), child);
            }
        }
    }
}

impl Module {
    /// Whether it names something of another crate.
    pub(crate) fn names_crate(&self, name: &str) -> bool {
        let imported = self.imports.iter().map(|import| &import.path);
        imported.chain(&self.paths).any(|path| path.first().is_some_and(|first| first == name))
    }

    fn below(&self, name: &str) -> Vec<String> {
        self.path.iter().cloned().chain([name.to_owned()]).collect()
    }
}

/// A module's name and, where it is written inside of the file, its body.
type Nested = Vec<(String, Option<TokenStream>)>;

fn read_tokens(module: &mut Module, tokens: TokenStream, is_top: bool, nested: &mut Nested) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                at += usize::from(is_punct(tokens.get(at), '!'));
                let attribute = group(tokens.get(at), Delimiter::Bracket);
                at += usize::from(attribute.is_some());
                if attribute.as_ref().is_some_and(is_of_tests) {
                    at = skip_item(&tokens, at, &mut module.of_tests);
                }
            }
            TokenTree::Ident(ident) if !is_path_end(&tokens, at - 1) => {
                match (ident.to_string().as_str(), word(tokens.get(at))) {
                    ("use", _) => {
                        let length = tokens[at..].iter().position(|it| is_punct(Some(it), ';')).unwrap_or(0);
                        read_use(&tokens[at..at + length], &[], &mut module.imports);
                        at += length;
                    }
                    ("mod", Some(name)) => {
                        let body = group(tokens.get(at + 1), Delimiter::Brace);
                        at += 1 + usize::from(body.is_some());
                        nested.push((name, body));
                    }
                    ("pub", _) => at += usize::from(group(tokens.get(at), Delimiter::Parenthesis).is_some()),
                    ("macro_rules", _) if is_top => module.items.extend(word(tokens.get(at + 1))),
                    ("fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static", Some(name))
                        if is_top =>
                    {
                        module.items.insert(name);
                    }
                    (first, _) => {
                        let mut path = vec![first.to_owned()];
                        while is_punct(tokens.get(at), ':')
                            && is_punct(tokens.get(at + 1), ':')
                            && let Some(next) = word(tokens.get(at + 2))
                        {
                            path.push(next);
                            at += 3;
                        }
                        if path.len() > 1 {
                            module.paths.push(path);
                        }
                    }
                }
            }
            TokenTree::Group(group) => read_tokens(module, group.stream(), false, nested),
            TokenTree::Literal(literal) => {
                let written = literal.to_string();
                match written.trim_end_matches('#').strip_suffix('"').and_then(|it| it.split_once('"')) {
                    Some((_, string)) => module.strings.push(string.to_owned()),
                    None => module.numbers.extend(written.replace('_', "").parse::<u64>()),
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// Reads `a::{b, c as d, self, e::*}` after `prefix`.
fn read_use(tokens: &[TokenTree], prefix: &[String], imports: &mut Vec<Import>) {
    let (mut path, mut name) = (prefix.to_vec(), None);
    let mut words = tokens.iter().peekable();
    while let Some(token) = words.next() {
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                for one in inner.split(|token| is_punct(Some(token), ',')).filter(|one| !one.is_empty()) {
                    read_use(one, &path, imports);
                }
                return;
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => name = Some("*".to_owned()),
            TokenTree::Ident(ident) if ident == "as" => name = words.next().map(ToString::to_string),
            TokenTree::Ident(ident) if ident != "self" || path.is_empty() => path.push(ident.to_string()),
            _ => {}
        }
    }
    if let Some(name) = name.or_else(|| path.last().cloned()) {
        imports.push(Import { name, path });
    }
}

/// Whether an attribute leaves the item to tests: `cfg(test)`, `cfg(all(test, …))`.
fn is_of_tests(attribute: &TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text.starts_with("cfg(") && !text.contains("not(test") && text.contains("test")
}

/// The place after the item, field or arm that begins at `at`.
fn skip_item(tokens: &[TokenTree], mut at: usize, of_tests: &mut BTreeSet<String>) -> usize {
    let (mut is_item, mut is_statement) = (false, false);
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Ident(ident) => {
                let ident = ident.to_string();
                if ident == "mod" {
                    of_tests.extend(word(tokens.get(at)));
                }
                is_statement |= ["use", "const", "static", "type", "let"].contains(&&*ident);
                is_item |= is_statement || ["fn", "impl", "struct", "enum", "trait", "mod", "union"].contains(&&*ident);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' || punct.as_char() == ',' && !is_item => break,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !is_statement => break,
            _ => {}
        }
    }
    at
}

/// Whether the word at `at` goes on a path or names a field or method.
fn is_path_end(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize, wanted| at.checked_sub(back).is_some_and(|at| is_punct(tokens.get(at), wanted));
    before(1, '.') && !before(2, '.') || before(1, ':') && before(2, ':')
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn word(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<TokenStream> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.stream()),
        _ => None,
    }
}
