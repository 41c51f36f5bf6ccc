use super::*;

fn tree(text: &str) -> (Source, Tree) {
    let source = Source::from_text(SourceId(0), "f.yaml", text);
    let tree = Tree::parse(&source);
    (source, tree)
}

fn root(tree: &Tree) -> Node<'_> {
    tree.documents().next().expect("a document")
}

#[test]
fn an_own_key_wins_over_merged_ones_and_the_first_merged_one_over_the_next() {
    let (_, tree) =
        tree("a: &a {x: 1, y: 1, z: 1}\nb: &b {x: 2, w: 2}\nc:\n  <<: [*a, *b]\n  y: 3\nd: {<<: *a, z: 4}\n");
    let list = |key: &str| {
        let mapping = root(&tree).get(key).expect("there");
        mapping
            .entries()
            .map(|(key, value)| format!("{}={}", key.text().unwrap(), value.text().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(list("c"), ["x=1", "y=3", "z=1", "w=2"]);
    assert_eq!(list("d"), ["x=1", "y=1", "z=4"]);
    assert!(tree.errors.is_empty());
}

#[test]
fn spans_are_exact_with_byte_order_mark_crlf_and_wide_characters() {
    let (source, tree) = tree("\u{feff}键: \"值 x\"\r\nb: plain # note\r\nc: |\r\n  one\r\n  two\r\nd:\r\ne: 'q'\r\n");
    let at = |key: &str| source.slice(root(&tree).get(key).expect("there").span());
    assert_eq!(at("键"), "值 x");
    assert_eq!(at("b"), "plain");
    assert_eq!(at("c"), "one\r\n  two");
    assert_eq!(at("e"), "q");
    let nothing = root(&tree).get("d").expect("there").span();
    assert!(nothing.is_empty());
    assert!(source.text.get(..nothing.start as usize).is_some_and(|before| before.ends_with("d:")));
    assert_eq!(tree.comments.iter().map(|&it| source.slice(it)).collect::<Vec<_>>(), ["# note"]);
    assert!(tree.errors.is_empty());
}
