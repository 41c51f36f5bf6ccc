//! Where in a YAML text a cursor stands, by indentation and punctuation alone: what is being typed is rarely YAML yet.

/// What a cursor stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor<'t> {
    /// The keys that lead there from the top of the document, the one whose value is typed included.
    pub(super) path: Vec<&'t str>,
    /// Whether a value is typed: of the last key of the path, or an item of its list. Else it is a key, or may become one.
    pub(super) is_value: bool,
    /// Whether it is an item of a list.
    pub(super) is_item: bool,
    /// Whether a quote is open.
    pub(super) quote: Option<char>,
    /// Where what is typed starts, behind a quote.
    pub(super) start: usize,
    /// The entries beside the mapping that is typed in, or beside the list: those of the innermost mapping.
    pub(super) siblings: Vec<(&'t str, &'t str)>,
}

/// How many lines above the cursor are looked at: more than any object that people write has.
const MAX_LINES: usize = 20_000;

/// How many lines a mapping's entries are looked for in, below the cursor and above it.
const NEAR: usize = 40;

/// Places the cursor at `offset`. None in a comment.
pub(super) fn cursor(text: &str, offset: usize) -> Option<Cursor<'_>> {
    let before = text.get(..offset)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let typed = before.get(line_start..)?;
    let line = Line::of(typed);
    let body = typed.get(line.column..)?;
    let mut flow = Flow::default();
    let mut path = Vec::new();
    let mut value_at = 0;
    let mut is_value = false;
    if let Some((key, after)) = key_of(body) {
        path.push(key);
        value_at = after;
        is_value = true;
    }
    let value = body.get(value_at..)?;
    let blank = value.len() - value.trim_start().len();
    flow.read(value.trim_start(), line_start + line.column + value_at + blank);
    if flow.in_comment || (value_at == 0 && body.starts_with('#')) {
        return None;
    }
    let mut up = Up::from(&line);
    // An item of a list of texts has the siblings of the list's key, which is further up.
    let is_text_item = line.dash.is_some() && !is_value && flow.frames.is_empty();
    let mut siblings = Siblings::of((!is_text_item).then_some(&line));
    let mut above: Vec<&str> = Vec::new();
    for other in text.get(..line_start).unwrap_or_default().lines().rev().take(MAX_LINES) {
        if other.starts_with("---") || up.is_top() {
            break;
        }
        let parts = Line::of(other);
        let Some(body) = parts.body(other) else { continue };
        let key = key_of(body);
        siblings.see(&parts, key, body);
        if up.is_child_of(&parts) {
            let parent = key.filter(|(_, after)| opens(body.get(*after..).unwrap_or_default().trim()));
            if let Some((key, _)) = parent {
                above.push(key);
                up = Up::from(&parts);
                if siblings.column.is_none() {
                    siblings = Siblings::of(Some(&parts));
                }
            }
        } else if parts.column == up.limit && parts.dash.is_some() {
            // The first entry of the list's item that this is an entry of.
            up = Up::from(&parts);
        }
    }
    siblings.see_below(text, offset);
    above.reverse();
    above.append(&mut path);
    Some(flow.finish(above, is_value, line.dash.is_some(), siblings.found))
}

/// What a line above has to be less indented than, to be a parent.
struct Up {
    limit: usize,
    /// A list may be as far left as its key.
    may_equal: bool,
}

impl Up {
    fn from(line: &Line) -> Self {
        Self { limit: line.dash.unwrap_or(line.column), may_equal: line.dash.is_some() }
    }

    fn is_child_of(&self, line: &Line) -> bool {
        line.column < self.limit || (line.column == self.limit && self.may_equal)
    }

    fn is_top(&self) -> bool {
        self.limit == 0 && !self.may_equal
    }
}

/// The entries of one mapping, some lines up and down.
struct Siblings<'t> {
    /// Where their keys stand; none while that is not known.
    column: Option<usize>,
    /// Whether there may be more above.
    is_open: bool,
    /// How many lines above are still looked at.
    left: usize,
    found: Vec<(&'t str, &'t str)>,
}

impl<'t> Siblings<'t> {
    fn of(line: Option<&Line>) -> Self {
        let is_open = line.is_some_and(|line| line.dash.is_none());
        Self { column: line.map(|line| line.column), is_open, left: NEAR, found: Vec::new() }
    }

    /// Looks at the next line above.
    fn see(&mut self, line: &Line, key: Option<(&'t str, usize)>, body: &'t str) {
        let Some(column) = self.column.filter(|_| self.is_open) else { return };
        self.left = self.left.saturating_sub(1);
        if line.column == column
            && let Some((key, after)) = key
        {
            self.found.push((key, body.get(after..).unwrap_or_default().trim()));
        }
        let begins = line.dash.is_some_and(|dash| dash < column) && line.column <= column;
        self.is_open = self.left > 0 && line.column >= column && !begins;
    }

    fn see_below(&mut self, text: &'t str, offset: usize) {
        let Some(column) = self.column else { return };
        let rest = text.get(offset..).unwrap_or_default();
        for line in rest.lines().skip(1).take(NEAR) {
            let parts = Line::of(line);
            let Some(body) = parts.body(line) else { continue };
            if parts.column < column || parts.dash.is_some_and(|dash| dash < column) || line.starts_with("---") {
                return;
            }
            if parts.column == column
                && let Some((key, after)) = key_of(body)
            {
                self.found.push((key, body.get(after..).unwrap_or_default().trim()));
            }
        }
    }
}

/// Whether what stands behind a key leaves it open for lines below: nothing, a comment, an anchor or a tag.
fn opens(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['#', '&', '!'])
}

/// The indentation of a line, list markers counted.
struct Line {
    /// Where the last list marker stands.
    dash: Option<usize>,
    /// Where what follows them starts.
    column: usize,
}

impl Line {
    /// What stands on the line behind them; none where that is nothing, or a comment.
    fn body<'t>(&self, line: &'t str) -> Option<&'t str> {
        line.get(self.column..).filter(|body| !body.is_empty() && !body.starts_with('#'))
    }

    fn of(line: &str) -> Self {
        let bytes = line.as_bytes();
        let mark = if line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut column = mark;
        let mut dash = None;
        loop {
            while bytes.get(column).is_some_and(|byte| *byte == b' ') {
                column += 1;
            }
            let is_dash =
                bytes.get(column) == Some(&b'-') && matches!(bytes.get(column + 1), None | Some(b' ' | b'\r'));
            if !is_dash {
                return Self { dash, column };
            }
            dash = Some(column);
            column += 1;
        }
    }
}

/// The key at the start of `body`, without quotes, and where its value may start: behind the colon.
fn key_of(body: &str) -> Option<(&str, usize)> {
    if let Some(quote) = body.chars().next().filter(|it| matches!(it, '"' | '\'')) {
        let end = body.get(1..)?.find(quote)? + 1;
        let after = body.get(end + 1..)?;
        let colon = end + 1 + (after.len() - after.trim_start().len());
        return body.get(colon..)?.starts_with(':').then(|| Some((body.get(1..end)?, colon + 1)))?;
    }
    if body.starts_with(['{', '[', '#', '|', '>', '&', '*', '!', '%', '@']) {
        return None;
    }
    let colon = body
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| body.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r'])))?;
    let key = body.get(..colon)?;
    (!key.contains(" #")).then_some((key.trim_end(), colon + 1))
}

/// Flow collections and quotes on the cursor's line.
#[derive(Default)]
struct Flow<'t> {
    frames: Vec<Frame<'t>>,
    quote: Option<char>,
    /// Where what is typed starts.
    start: usize,
    in_comment: bool,
}

struct Frame<'t> {
    is_map: bool,
    key: Option<&'t str>,
    entries: Vec<(&'t str, &'t str)>,
}

impl<'t> Flow<'t> {
    /// Reads `value`, which starts at `offset` of the text and ends at the cursor.
    fn read(&mut self, value: &'t str, offset: usize) {
        // The first byte of what is typed now.
        let mut word = 0;
        let mut previous = ' ';
        for (at, char) in value.char_indices() {
            let is_start = value.get(word..at).is_some_and(|it| it.trim().is_empty());
            match char {
                _ if self.quote == Some(char) => self.quote = None,
                _ if self.quote.is_some() => {}
                '"' | '\'' if is_start => {
                    self.quote = Some(char);
                    word = at;
                }
                '#' if previous == ' ' || previous == '\t' => {
                    self.in_comment = true;
                    return;
                }
                '{' | '[' if is_start => {
                    self.frames.push(Frame { is_map: char == '{', key: None, entries: Vec::new() });
                    word = at + 1;
                }
                '}' | ']' | ',' if !self.frames.is_empty() => {
                    let typed = value.get(word..at).unwrap_or_default();
                    if let Some(frame) = self.frames.last_mut()
                        && let Some(key) = frame.key.take()
                    {
                        frame.entries.push((key, typed.trim()));
                    }
                    if char != ',' {
                        self.frames.pop();
                    }
                    word = at + 1;
                }
                ':' => {
                    let next = value.get(at + 1..).and_then(|rest| rest.chars().next());
                    let ends = next.is_none_or(|next| next == ' ') || previous == '"' || previous == '\'';
                    if let Some(frame) =
                        self.frames.last_mut().filter(|frame| frame.is_map && frame.key.is_none() && ends)
                    {
                        frame.key = value.get(word..at).map(|key| key.trim().trim_matches(['"', '\'']));
                        word = at + 1;
                    }
                }
                _ => {}
            }
            previous = char;
        }
        let typed = value.get(word..).unwrap_or_default();
        let blank = typed.len() - typed.trim_start().len();
        self.start = offset + word + blank + usize::from(self.quote.is_some());
    }

    fn finish(
        self,
        mut path: Vec<&'t str>,
        is_value: bool,
        is_item: bool,
        siblings: Vec<(&'t str, &'t str)>,
    ) -> Cursor<'t> {
        let (quote, start) = (self.quote, self.start);
        let Some(last) = self.frames.last() else {
            let is_item = is_item && !is_value;
            return Cursor { path, is_value: is_value || is_item, is_item, quote, start, siblings };
        };
        let (is_map, has_key) = (last.is_map, last.key.is_some());
        path.extend(self.frames.iter().filter_map(|frame| frame.key));
        let innermost = self.frames.into_iter().rev().find(|frame| frame.is_map);
        let siblings = innermost.map_or(siblings, |frame| frame.entries);
        Cursor { path, is_value: !is_map || has_key, is_item: !is_map, quote, start, siblings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of `‸` in a text: path, whether a value is typed, what is typed.
    fn at(text: &str) -> (String, bool, String) {
        let offset = text.find('‸').expect("a cursor");
        let text = text.replace('‸', "");
        let cursor = cursor(&text, offset).expect("no comment");
        (cursor.path.join("/"), cursor.is_value, text.get(cursor.start..offset).expect("a place").to_owned())
    }

    fn place(path: &str, is_value: bool, typed: &str) -> (String, bool, String) {
        (path.to_owned(), is_value, typed.to_owned())
    }

    #[test]
    fn keys_lead_to_the_cursor() {
        let pod = "spec:\n  nodeSelector:\n";
        assert_eq!(at(&format!("{pod}    kub‸")), place("spec/nodeSelector", false, "kub"));
        assert_eq!(at(&format!("{pod}    ‸\n  containers: []")), place("spec/nodeSelector", false, ""));
        assert_eq!(at(&format!("{pod}    a.b/os: win‸")), place("spec/nodeSelector/a.b/os", true, "win"));
        assert_eq!(at(&format!("{pod}    a.b/os: \"win‸")), place("spec/nodeSelector/a.b/os", true, "win"));
        assert_eq!(at(&format!("{pod}    'a.b/os': ‸")), place("spec/nodeSelector/a.b/os", true, ""));
        assert_eq!(at("spec:\r\n  nodeSelector:\r\n    os: ‸\r\n"), place("spec/nodeSelector/os", true, ""));
        assert_eq!(at("a:\n  b: 1\n---\nc:\n  ‸"), place("c", false, ""));
    }

    #[test]
    fn lists_are_as_far_left_as_their_key_or_farther_right() {
        for dash in ["", "  "] {
            let text = format!("spec:\n  containers:\n  {dash}- name: a\n  {dash}- name: web\n    {dash}image: mcr‸");
            assert_eq!(at(&text), place("spec/containers/image", true, "mcr"));
            let text =
                format!("deploy:\n  placement:\n    constraints:\n    {dash}- node.role == m\n    {dash}- node.‸");
            assert_eq!(at(&text), place("deploy/placement/constraints", true, "node."));
            let text = format!("deploy:\n  placement:\n    constraints:\n    {dash}- \"node.‸");
            assert_eq!(at(&text), place("deploy/placement/constraints", true, "node."));
        }
        let affinity = "terms:\n- matchExpressions:\n  - operator: In\n    key: os\n    values:\n    - ‸";
        assert_eq!(at(affinity), place("terms/matchExpressions/values", true, ""));
    }

    #[test]
    fn flow_collections_on_the_line_count() {
        assert_eq!(at("a:\n  nodeSelector: { x: y, kub‸"), place("a/nodeSelector", false, "kub"));
        assert_eq!(at("a:\n  nodeSelector: { x: y, k/os: win‸ }"), place("a/nodeSelector/k/os", true, "win"));
        assert_eq!(at("a:\n  nodeSelector: {\"k/os\":\"win‸"), place("a/nodeSelector/k/os", true, "win"));
        assert_eq!(at("placement:\n  constraints: [a==b, node‸"), place("placement/constraints", true, "node"));
        assert_eq!(at("- { key: a, values: [x, ‸"), place("values", true, ""));
    }

    #[test]
    fn siblings_stand_above_and_below() {
        let siblings = |text: &str| -> Vec<(String, String)> {
            let offset = text.find('‸').expect("a cursor");
            let text = text.replace('‸', "");
            let cursor = cursor(&text, offset).expect("no comment");
            cursor.siblings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let has = |text: &str, key: &str, value: &str| siblings(text).contains(&(key.to_owned(), value.to_owned()));
        assert!(has("m:\n- key: os\n  operator: In\n  values: [‸]", "key", "os"));
        assert!(has("m:\n- key: os\n  operator: In\n  values:\n  - ‸", "key", "os"));
        assert!(has("m:\n- values:\n  - ‸\n  key: os\n", "key", "os"));
        assert!(has("m:\n- values: [‸\n  key: os\n", "key", "os"));
        assert!(has("m: [{ key: os, values: [‸", "key", "os"));
        assert!(!has("m:\n- key: arch\n  values: []\n- values: [‸", "key", "arch"));
    }

    #[test]
    fn a_comment_is_no_place() {
        for text in ["# a", "a: b # c", "  # a: b"] {
            assert_eq!(cursor(text, text.len()), None, "{text}");
        }
        assert!(cursor("a: b#c", 6).is_some());
    }
}
