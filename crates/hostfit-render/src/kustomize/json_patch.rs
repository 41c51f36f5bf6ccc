//! JSON patches (RFC 6902), as the library applies them that kustomize uses.

use super::resource::{check_depth, scalar, size};
use crate::{
    fault::{Budget, Run, fail},
    node::{Data, Entry, Node},
    text::{Origin, Text},
};

/// Applies all operations of a patch.
///
/// # Errors
/// When one of them does not apply, or when they make too much.
pub(super) fn apply(mut node: Node, operations: &[Node], budget: &mut Budget) -> Run<Node> {
    for operation in operations {
        run(&mut node, operation, budget)?;
        check_depth(&node)?;
    }
    Ok(node)
}

fn run(root: &mut Node, operation: &Node, budget: &mut Budget) -> Run<()> {
    let op = operation.get("op").map(scalar).unwrap_or_default();
    let Some(path) = pointer(operation, "path") else { return fail("an operation without `path`") };
    let from = pointer(operation, "from").unwrap_or_default();
    let value = match &*op {
        "copy" => find(root, &from).map(|node| node.clone()),
        "move" => remove(root, &from),
        _ => Some(operation.get("value").cloned().unwrap_or_default()),
    };
    // Copies of copies grow without end.
    budget.step(1 + 8 * value.as_ref().map_or(0, size) as u64)?;
    let done = match (&*op, value) {
        ("add" | "copy" | "move", Some(value)) => add(root, &path, value),
        ("remove", _) => remove(root, &path).map(|_| ()),
        ("replace", Some(value)) => replace(root, &path, value),
        ("test", Some(value)) => {
            let own = find(root, &path).cloned().unwrap_or_default();
            return if is_equal(&own, &value) {
                Ok(())
            } else {
                fail(format!("testing value {} failed", shown(&path)))
            };
        }
        _ => None,
    };
    done.map_or_else(|| fail(format!("{op} operation does not apply: {}", shown(&path))), Ok)
}

fn shown(path: &[Text]) -> String {
    path.iter().fold(String::new(), |shown, part| shown + "/" + part.as_str())
}

/// The parts of a pointer, each with its origin.
fn pointer(operation: &Node, key: &str) -> Option<Vec<Text>> {
    let text = operation.get(key)?.text()?;
    let mut parts = Vec::new();
    let mut at = 0;
    for (number, part) in text.as_str().split('/').enumerate() {
        let range = at..at + part.len();
        at = range.end + 1;
        if number == 0 {
            // What stands before the first slash is not looked at, but an empty path is the whole document.
            continue;
        }
        if part.contains('~') {
            let plain = part.replace("~1", "/").replace("~0", "~");
            parts.push(Text::new(plain, Origin::made([&text.origin_of(range)])));
        } else {
            parts.push(text.part(range));
        }
    }
    Some(parts)
}

/// The place in a list: `-` is behind its end, a negative one counts from there.
fn index(part: &str, len: usize) -> Option<usize> {
    if part == "-" {
        return Some(len);
    }
    match part.strip_prefix('-') {
        Some(back) => len.checked_sub(back.parse().ok()?),
        None => part.parse().ok(),
    }
}

fn step<'n>(node: &'n mut Node, part: &Text) -> Option<&'n mut Node> {
    match &mut node.data {
        Data::Map(entries) => {
            entries.iter_mut().find(|entry| entry.key.as_str() == part.as_str()).map(|entry| &mut entry.value)
        }
        Data::List(items) => {
            let at = index(part.as_str(), items.len())?;
            items.get_mut(at)
        }
        _ => None,
    }
}

fn find<'n>(root: &'n mut Node, path: &[Text]) -> Option<&'n mut Node> {
    path.iter().try_fold(root, step)
}

fn add(root: &mut Node, path: &[Text], value: Node) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *root = value;
        return Some(());
    };
    let parent = find(root, parents)?;
    match &mut parent.data {
        Data::Map(_) => parent.put(last.clone(), value),
        Data::List(items) => {
            // One more place than there are items, and so `-1` is behind the last of them.
            let at = match last.as_str() {
                "-" => items.len(),
                part => index(part, items.len() + 1)?,
            };
            if at > items.len() {
                return None;
            }
            items.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(root: &mut Node, path: &[Text]) -> Option<Node> {
    let (last, parents) = path.split_last()?;
    let parent = find(root, parents)?;
    match &mut parent.data {
        Data::Map(entries) => {
            let at = entries.iter().position(|entry| entry.key.as_str() == last.as_str())?;
            Some(entries.remove(at).value)
        }
        Data::List(items) => {
            let at = index(last.as_str(), items.len()).filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        _ => None,
    }
}

fn replace(root: &mut Node, path: &[Text], value: Node) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *root = value;
        return Some(());
    };
    let parent = find(root, parents)?;
    match &mut parent.data {
        Data::Map(entries) => match entries.iter_mut().find(|entry| entry.key.as_str() == last.as_str()) {
            Some(entry) => entry.value = value,
            // The library does not ask whether a key of a mapping is there.
            None => entries.push(Entry { key: last.clone(), key_range: 0..0, value }),
        },
        Data::List(items) => {
            let at = index(last.as_str(), items.len())?;
            *items.get_mut(at)? = value;
        }
        _ => return None,
    }
    Some(())
}

/// Whether both are the same data.
fn is_equal(a: &Node, b: &Node) -> bool {
    match (&a.data, &b.data) {
        (Data::Null, Data::Null) => true,
        (Data::Bool(a, _), Data::Bool(b, _)) => a == b,
        (Data::Number(a, _), Data::Number(b, _)) => (a - b).abs() < f64::EPSILON,
        (Data::String(a), Data::String(b)) => a.as_str() == b.as_str(),
        (Data::List(a), Data::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b)),
        (Data::Map(own), Data::Map(other)) => {
            let is_in = |entry: &Entry| b.get(entry.key.as_str()).is_some_and(|it| is_equal(&entry.value, it));
            own.len() == other.len() && own.iter().all(is_in)
        }
        _ => false,
    }
}
