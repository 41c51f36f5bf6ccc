//! The faster way gives what the parser gives, or gives up.

use std::fmt::Write as _;

use fastrand::Rng;

use super::*;

const TEXTS: [&str; 5] = [
    "# c\n---\napiVersion: v1 # d\nkind: Pod\nmetadata: &m\n  labels: &l { app: a-1, \"b\": 'c''d', e: [f, -g, h#i] }\nspec:\n    \
     containers:\n    - image: r.io/a:1\n      args: [\"-c\", \"x: \\\"y\\\"\\n\"]\n    -   # e\n      name: b c\n    -\n      - - x\n\
     \u{20}       - --y=1\n    -\n    - {}\n    selector: *l\n    f: &f\n---\n---\na: *b\n",
    "data:\n  a: |\n    x\n\n      y\n     \n    # z\n  b: >-\n    x\n    y\n\n    z\n      w\n    v\n  c: |+\n    x\n\n  # c\n  d: >\n   x\n\
     \n\n- a\n",
    "a:\r\n  - b: \"c\"\r\n    d: |-\r\n      e\r\n\r\n      f\r\n  - &x g\r\n  - *x\r\n<<: *x\r\nh:\r\ni: ~",
    "services:\n  web:\n    <<: &d\n      image: ${A:-b}:${C}\n    ports:\n    # c\n    - \"80:80\"\n    - 'a: b'\n    env: &e\n    - A=b # c\n\
     \u{20}   command: a#b http://c:d é –\n  ? x\n",
    "- a\n-  b: c\n   d : e\n- |\n  f\n- \"g\\th\" # i\n-\n\n  j\n- !k l\n",
];

const PIECES: [&str; 50] = [
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    ":",
    ": ",
    "-",
    "- ",
    "- - ",
    "#",
    " #",
    " # c\n",
    "\"",
    "'",
    "''",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!",
    "|",
    ">",
    ": |\n",
    "?",
    "? ",
    "\t",
    "---\n",
    "...\n",
    "%",
    "@",
    "<<: ",
    "a",
    "\\",
    "key:",
    "é",
    "\u{7f}",
    "\u{feff}",
    "\0",
    "[-]",
    ", -",
    "\\'",
    "\"\\x+1\"",
    "\\n",
    "&a\n",
    "{a: ",
    ": [",
];

/// Some lines of a text, with one to three changes.
fn changed(text: &str, random: &mut Rng) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let from = random.usize(..lines.len());
    let mut part = lines[from..(from + 1 + random.usize(..14)).min(lines.len())].concat();
    for _ in 0..=random.usize(..3) {
        let at = part.floor_char_boundary(random.usize(..=part.len()));
        let end = part.floor_char_boundary((at + random.usize(..9)).min(part.len())).max(at);
        match random.usize(..3) {
            0 => part.replace_range(at..end, ""),
            _ => part.insert_str(at, PIECES[random.usize(..PIECES.len())]),
        }
    }
    part
}

/// All that a pass gave.
fn shown(pass: &Pass) -> String {
    let arena = &pass.arena;
    let mut shown = format!("{:?} {:?} {}", pass.roots, pass.comments, pass.expanded);
    let _ = write!(shown, "\n{:?}\n{:?} {:?} {:?}", arena.nodes, arena.children, arena.owned, arena.tags);
    let _ = write!(shown, "\n{:?} {:?} {}", pass.faults, pass.stops, pass.is_misread);
    shown
}

/// Whether the faster way reads the text, which must then be as the parser reads it.
fn is_simple(text: &str) -> bool {
    let Some(pass) = simple::build(text) else { return false };
    assert_eq!(shown(&pass), shown(&parse(text, text)), "{text:?}");
    true
}

#[test]
fn the_faster_way_gives_the_same_tree_or_gives_up() {
    let mut random = Rng::with_seed(88_172_645_463_325_252);
    let mut simple = 0;
    for text in TEXTS {
        for _ in 0..4_000 {
            let text = changed(text, &mut random);
            if matches!(lenient::with_line_feeds(&text), Cow::Borrowed(_)) {
                simple += usize::from(is_simple(&text));
            }
        }
    }
    assert!(simple > 2_000, "{simple} texts were read the faster way");
}

#[test]
fn manifests_are_read_the_faster_way() {
    for text in [
        "a: b",
        "a:\n- b",
        "a:\n  - b: c\n    d: e",
        "a: {b: [c, \"d\"]}",
        "a: &b\n  c: d\ne: *b",
        "a: |\n  b\n\n  c",
        "a: >-\n  b\n  c",
        "a: \"b\\n\"",
        "a: 'b''c' # d",
        "a:\nb: ~",
        "---\na: b\n---\n# c\n---\nd: e",
        "a:\r\n  b: c\r\n",
        "a: b:c#d",
        "- - a\n  - --b",
        "<<: é",
    ] {
        assert!(is_simple(text), "{text:?}");
    }
}

#[test]
fn what_is_not_simple_is_left_to_the_parser() {
    for text in [
        "a: b\n  c",
        "a: \"b\n  c\"",
        "a: [b,\n  c]",
        "a: b: c",
        "a: !b c",
        "? a",
        "a: b\n c: d",
        "a:\n - b\nc",
        "a: *b",
        "a: |\n",
        "a: |2\n   b",
        "a: b\n\tc: d",
        "a: - b",
        "{a: b",
        "a: {b:}",
        "a: [b: c]",
        "a: 'b'c",
        "\"a\":b",
        "a: [-]",
        "a: b\nc: &d\n  *d",
        "a: \"\\'b\"",
        "a: \"\\x+1\"",
        "a: b\n...\n",
        "%YAML 1.2\n---\na: b",
        "&a b: c",
        "a: @b",
        "a",
    ] {
        assert!(!is_simple(text), "{text:?}");
    }
}
