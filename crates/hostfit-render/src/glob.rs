//! Patterns of paths: `gobwas/glob` for `.Files.Glob`, `filepath.Match` for `.helmignore`.

/// Whether a pattern of `.Files.Glob` matches: `*` stops at `/`, `**` does not.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    alternatives(pattern).iter().any(|pattern| {
        let pattern: Vec<char> = pattern.chars().collect();
        let name: Vec<char> = name.chars().collect();
        run(&pattern, &name, true)
    })
}

/// Whether `filepath.Match` says so: `*` stops at `/`.
pub(crate) fn matches_file(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    run(&pattern, &name, false)
}

/// How many patterns `{a,b}` may stand for.
const MAX_ALTERNATIVES: usize = 64;

/// The patterns that one with `{a,b}` stands for.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(next) = open.pop() {
        let group = next.find('{').and_then(|start| Some((start, start + next.get(start..)?.find('}')?)));
        match group {
            Some((start, end)) if done.len() + open.len() < MAX_ALTERNATIVES => {
                let (before, after) = (next.get(..start).unwrap_or_default(), next.get(end + 1..).unwrap_or_default());
                let choices = next.get(start + 1..end).unwrap_or_default();
                open.extend(choices.split(',').map(|choice| format!("{before}{choice}{after}")));
            }
            _ => done.push(next),
        }
    }
    done
}

/// Matches with one place to come back to for each kind of star, so that no pattern takes long.
fn run(pattern: &[char], name: &[char], has_double_star: bool) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where the last star and the last double star stand, and how far the name was eaten by them.
    let mut star: Option<(usize, usize)> = None;
    let mut double: Option<(usize, usize)> = None;
    loop {
        let step = match (pattern.get(p), name.get(n)) {
            (None, None) => return true,
            (Some('*'), _) if has_double_star && pattern.get(p + 1) == Some(&'*') => {
                let stars = pattern.iter().skip(p).take_while(|&&it| it == '*').count();
                (double, star) = (Some((p + stars, n)), None);
                p += stars;
                continue;
            }
            (Some('*'), _) => {
                star = Some((p + 1, n));
                p += 1;
                continue;
            }
            (Some('?'), Some(it)) if *it != '/' => Some(1),
            (Some('['), Some(it)) => class(pattern.get(p..).unwrap_or_default(), *it),
            (Some('\\'), Some(it)) if pattern.get(p + 1) == Some(it) => Some(2),
            (Some(a), Some(b)) if a == b && *a != '\\' => Some(1),
            _ => None,
        };
        if let Some(len) = step {
            (p, n) = (p + len, n + 1);
            continue;
        }
        match (star, double) {
            (Some((at, eaten)), _) if name.get(eaten).is_some_and(|it| *it != '/') => {
                star = Some((at, eaten + 1));
                (p, n) = (at, eaten + 1);
            }
            (_, Some((at, eaten))) if eaten < name.len() => {
                (double, star) = (Some((at, eaten + 1)), None);
                (p, n) = (at, eaten + 1);
            }
            _ => return false,
        }
    }
}

/// How long the class is that `pattern` begins with, if it has `it`.
fn class(pattern: &[char], it: char) -> Option<usize> {
    let mut at = 1;
    let negated = matches!(pattern.get(at), Some('^' | '!'));
    at += usize::from(negated);
    let mut holds = false;
    let mut is_first = true;
    loop {
        let mut low = *pattern.get(at)?;
        if low == ']' && !is_first {
            return (holds != negated && it != '/').then_some(at + 1);
        }
        is_first = false;
        if low == '\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        at += 1;
        let mut high = low;
        if pattern.get(at) == Some(&'-') && pattern.get(at + 1).is_some_and(|it| *it != ']') {
            high = *pattern.get(at + 1)?;
            at += 2;
        }
        holds |= (low..=high).contains(&it);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_folders_and_double_stars_do_not() {
        assert!(matches("config/*.yaml", "config/a.yaml"));
        assert!(!matches("config/*.yaml", "config/b/a.yaml"));
        assert!(matches("config/**.yaml", "config/b/a.yaml"));
        assert!(matches("**", "config/b/a.yaml"));
        assert!(matches("{a,b}/*", "b/c"));
        assert!(matches_file("*.t[a-z]z", "x.tgz"));
        assert!(!matches_file("*", "a/b"));
    }
}
