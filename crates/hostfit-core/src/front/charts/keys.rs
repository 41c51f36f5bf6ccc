//! Keys of values as `helm --set` has them.

use hostfit_render::{Data, Node, Text};

/// A step into a value.
#[derive(Debug, PartialEq)]
enum Step {
    Key(String),
    Item(usize),
}

/// A longer list is not what somebody means.
const MAX_ITEM: usize = 10_000;

/// The steps of a key as `helm --set` has it: `a.b[0].kubernetes\.io/os`.
fn keys(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut key = String::new();
    let mut chars = path.chars();
    let end = |key: &mut String, steps: &mut Vec<Step>| {
        let mut name = std::mem::take(key);
        let mut items = Vec::new();
        while let Some((before, number)) = name.strip_suffix(']').and_then(|it| it.rsplit_once('['))
            && let Some(number) = number.parse().ok().filter(|number| *number <= MAX_ITEM)
        {
            items.push(Step::Item(number));
            let end = before.len();
            name.truncate(end);
        }
        if !name.is_empty() {
            steps.push(Step::Key(name));
        }
        steps.extend(items.into_iter().rev());
    };
    while let Some(next) = chars.next() {
        match next {
            '\\' => key.extend(chars.next()),
            '.' => end(&mut key, &mut steps),
            other => key.push(other),
        }
    }
    end(&mut key, &mut steps);
    steps
}

/// A value as the mapping that holds it under a key as `helm --set` has it.
pub(super) fn under(key: &str, value: Node) -> Node {
    nested(&keys(key), value)
}

fn nested(steps: &[Step], value: Node) -> Node {
    match steps.split_first() {
        None => value,
        Some((Step::Key(key), rest)) => {
            let mut map = Node::new(Data::Map(Vec::new()));
            map.put(Text::given(key.clone()), nested(rest, value));
            map
        }
        Some((Step::Item(number), rest)) => {
            let mut items = vec![Node::default(); *number];
            items.push(nested(rest, value));
            Node::new(Data::List(items))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, keys};

    #[test]
    fn keys_are_those_of_helm() {
        let key = |name: &str| Step::Key(name.to_owned());
        assert_eq!(keys("web.image.tag"), [key("web"), key("image"), key("tag")]);
        assert_eq!(keys("nodeSelector.kubernetes\\.io/os"), [key("nodeSelector"), key("kubernetes.io/os")]);
        assert_eq!(keys("tolerations[1].key"), [key("tolerations"), Step::Item(1), key("key")]);
    }
}
