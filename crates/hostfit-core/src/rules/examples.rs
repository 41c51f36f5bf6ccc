//! The examples of rule pages and of `fixtures/rules`.
//!
//! A fence is a file: ` ```yaml bad `, ` ```dockerfile good web/Dockerfile `. A `with` fence is another file of the next
//! example; a `toml fleet` fence is the `hostfit.toml` of all examples after it. Comment lines of carets mark what the line
//! above them is reported for. In a `bad` example of a page the rule reports exactly the marked places and no other
//! rule reports anything but those after `also:`; in a `good` one no rule does.

/// Files that a rule reports something in, or nothing.
#[derive(Clone, Debug)]
pub struct Example {
    /// The heading above it, and `bad` or `good`.
    pub title: String,
    /// Whether something is reported.
    pub is_bad: bool,
    /// The rules that report something too.
    pub also: Vec<String>,
    /// The files, the one that the fence is about last.
    pub files: Vec<ExampleFile>,
    /// `hostfit.toml`, where there is one.
    pub config: Option<ExampleFile>,
}

/// A file of an example.
#[derive(Clone, Debug)]
pub struct ExampleFile {
    /// Its path below the working folder.
    pub path: String,
    /// Its text, without the lines of carets.
    pub text: String,
    /// The byte ranges that carets mark.
    pub marks: Vec<(usize, usize)>,
}

/// Returns the examples of a page.
pub fn examples(page: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let (mut fleet, mut with) = (None, Vec::new());
    for fence in fences(page) {
        let words: Vec<_> = fence.info.split_whitespace().collect();
        let &[language, what, ..] = words.as_slice() else { continue };
        if what == "fleet" {
            fleet = Some(file("hostfit.toml", &fence.text)).filter(|fleet| !fleet.text.trim().is_empty());
            continue;
        }
        let named = words.iter().skip(2).find(|word| !word.starts_with("also:"));
        let default = match language {
            "dockerfile" => "Dockerfile",
            "json" => "manifest.json",
            "yaml" if fence.text.contains("services:") => "compose.yaml",
            _ => "manifest.yaml",
        };
        let file = file(named.copied().unwrap_or(default), &fence.text);
        with.push(file);
        if what == "with" {
            continue;
        }
        let also = words.iter().filter_map(|word| word.strip_prefix("also:")).map(str::to_owned).collect();
        found.push(Example {
            title: format!("{} {}", fence.title, what),
            is_bad: what == "bad",
            also,
            files: std::mem::take(&mut with),
            config: fleet.clone(),
        });
    }
    found
}

struct Fence {
    title: String,
    info: String,
    text: String,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    let mut heading = String::new();
    // Doc comments have a space before every line; a file has none to spare.
    let indent = if page.starts_with(' ') { " " } else { "" };
    for line in page.lines() {
        let line = line.strip_prefix(indent).unwrap_or(line);
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(info), None) => {
                open = Some(Fence { title: heading.clone(), info: info.to_owned(), text: String::new() });
            }
            (None, Some(fence)) => {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut heading);
                }
            }
        }
    }
    found
}

/// Whether a line of an example marks bytes of the line before.
pub(super) fn is_marks(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('#') && line.contains('^') && line.chars().all(|it| "# ^".contains(it))
}

/// Takes the comment lines with carets out and gives the ranges they mark on the line before.
fn file(path: &str, text: &str) -> ExampleFile {
    let (mut source, mut marks, mut last) = (String::new(), Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        if !is_marks(line) {
            last = source.len();
            source.push_str(line);
            continue;
        }
        let mut from = None;
        for (at, character) in line.char_indices() {
            match (character, from) {
                ('^', None) => from = Some(at),
                ('^', Some(_)) | (_, None) => {}
                (_, Some(start)) => {
                    marks.push((last + start, last + at));
                    from = None;
                }
            }
        }
    }
    ExampleFile { path: path.to_owned(), text: source, marks }
}
