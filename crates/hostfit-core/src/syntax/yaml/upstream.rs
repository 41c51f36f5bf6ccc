//! What the real readers answer, against what comes of a tree.

use super::*;

fn parse(text: &str) -> Tree {
    Tree::parse(&Source::from_text(SourceId(0), "f.yaml", text))
}

/// Whether a tree reads as the JSON that the program with this dialect makes of the file.
fn reads_as(node: Node<'_>, expected: Node<'_>, dialect: Dialect) -> bool {
    let is_named = |(name, value): (Node<'_>, Node<'_>)| {
        let mut found =
            node.entries().filter(|(key, _)| key.value().unwrap_or_default() == name.value().unwrap_or_default());
        found.next().is_some_and(|(_, it)| reads_as(it, value, dialect)) && found.next().is_none()
    };
    if expected.is_mapping() {
        return node.is_mapping()
            && node.entries().count() == expected.entries().count()
            && expected.entries().all(is_named);
    }
    if expected.is_sequence() {
        let items = || node.items().zip(expected.items());
        return node.items().count() == expected.items().count() && items().all(|(a, b)| reads_as(a, b, dialect));
    }
    node.scalar(dialect) == expected.scalar(Dialect::Compose)
}

#[test]
fn files_are_read_as_the_real_readers_read_them() {
    let table = include_str!("../../../tests/data/upstream/yaml.tsv");
    let mut wrong = Vec::new();
    for row in crate::upstream::cells(table) {
        let [text, kubernetes, compose] = row.as_slice() else { panic!("{row:?}") };
        let quoted = parse(&format!("\"{text}\""));
        let tree = parse(quoted.documents().next().and_then(Node::value).unwrap_or_default());
        let keys = tree.keys_refused_by_compose();
        for (dialect, answer, more) in [(Dialect::Kubernetes, kubernetes, 0), (Dialect::Compose, compose, keys.len())] {
            let errors = tree.errors.len() + more;
            let is_known = answer.starts_with('~');
            let answer = answer.trim_start_matches('~');
            let expected = parse(answer);
            let expected: Vec<_> = expected.documents().flat_map(Node::items).collect();
            let documents: Vec<_> = tree.documents().filter(|it| !it.is_null()).collect();
            let is_read = documents.len() == expected.len()
                && documents.iter().zip(&expected).all(|(node, expected)| reads_as(*node, *expected, dialect));
            let is_right = if answer == "error" { errors > 0 } else { errors == 0 && is_read };
            if is_right == is_known {
                wrong.push(format!("{dialect:?}: {text}\n    {answer}\n    {:?} {keys:?}", tree.errors));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
