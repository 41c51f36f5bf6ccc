//! Findings to changed files: which fixes are applied, and what becomes of the bytes.
//!
//! Edits are ranges of [`Source::text`]; they are made in the bytes that were read, so that bytes that are not UTF-8, a
//! byte order mark and every byte outside of the edits stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    check::{self, Report},
    config::Config,
    finding::{Edit, Finding, Fix},
    front::{self, Content, Outcome, Unit},
    source::{Encoding, Source, SourceId, Sources, saturating_u32},
    windows::Date,
};

/// Which fixes are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that change only what their finding asks for.
    Safe,
    /// All.
    All,
}

/// The files of a run, and what of them may be changed.
#[derive(Debug)]
struct Files {
    /// The texts; of changed files the new ones.
    sources: Sources,
    /// What they hold.
    units: Vec<Unit>,
    /// Where the unit of a file stands in them.
    places: FxHashMap<SourceId, usize>,
    /// The original bytes of the files that may be changed, and that a fix has asked for; none for those that may not.
    originals: BTreeMap<SourceId, Option<Vec<u8>>>,
    /// The bytes of changed files.
    changed: BTreeMap<SourceId, Vec<u8>>,
}

/// What came of fixing.
#[derive(Debug)]
pub struct Fixed {
    /// The files with their new texts.
    pub sources: Sources,
    /// What they hold.
    pub units: Vec<Unit>,
    /// What is found in the new texts.
    pub report: Report,
    /// The files that differ, with their old and their new bytes.
    pub changed: BTreeMap<SourceId, FixedFile>,
    /// How many fixes were applied.
    pub applied: usize,
}

/// The bytes of a file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// As they were read.
    pub old: Vec<u8>,
    /// As they are to be.
    pub new: Vec<u8>,
}

/// A fix may uncover a fault that has one too; chains of them are short.
const ROUNDS: usize = 10;

/// Applies fixes until nothing changes any more: those of the findings that `narrow` leaves. `original` gives the bytes of
/// a file that may be changed and is asked once for each; a fix that needs another file is left out. Where a file of a chart
/// is changed, `renew` renders again what the files hold.
#[expect(clippy::too_many_arguments, reason = "each is another thing that only the caller knows")]
pub fn until_stable(
    sources: Sources,
    units: Vec<Unit>,
    config: &Config,
    today: Date,
    which: Which,
    narrow: impl Fn(&mut Report, &Sources, &[Unit]),
    original: impl Fn(&Source) -> Option<Vec<u8>>,
    mut renew: impl FnMut(Vec<Source>, Vec<Unit>) -> (Vec<Source>, Vec<Unit>),
) -> Fixed {
    let places = places_of(&units);
    let mut files = Files { sources, units, places, originals: BTreeMap::new(), changed: BTreeMap::new() };
    let check = |files: &Files| {
        let mut report = check::check(&files.sources, &files.units, config, today);
        narrow(&mut report, &files.sources, &files.units);
        report
    };
    let mut report = check(&files);
    let mut applied = 0;
    let mut made: FxHashSet<Additions> = FxHashSet::default();
    for _ in 0..ROUNDS {
        files.ask(&report.findings, which, &original);
        // What is asked for again where it was added did not help.
        let is_made = |fix: &&Fix| additions(fix).is_some_and(|it| made.contains(&it));
        let worth = all_wanted(&report.findings, which).filter(|fix| !is_made(fix));
        let chosen = choose_of(worth, |id| matches!(files.originals.get(&id), Some(Some(_))));
        let edits = by_file(&chosen);
        if edits.is_empty() || !files.apply(&edits) {
            break;
        }
        applied += chosen.len();
        let (shifts, new) = (shifts(&edits), chosen.iter().filter_map(|fix| additions(fix)));
        made = made.into_iter().chain(new).map(|it| moved(it, &shifts)).collect();
        if edits.keys().any(|id| files.is_of_chart(*id)) {
            let Files { sources, units, .. } = files;
            let (sources, units) = sources.renewed(|files| renew(files, units));
            files = Files { places: places_of(&units), sources, units, ..files };
        }
        report = check(&files);
    }
    let Files { sources, units, mut originals, changed, .. } = files;
    let changed = changed
        .into_iter()
        .filter_map(|(id, new)| {
            let old = originals.remove(&id).flatten()?;
            (old != new).then_some((id, FixedFile { old, new }))
        })
        .collect();
    Fixed { sources, units, report, changed, applied }
}

/// What a fix adds, and where.
type Additions = Vec<(SourceId, u32, String)>;

/// None of a fix that writes or removes something else too.
fn additions(fix: &Fix) -> Option<Additions> {
    let one = |edit: &Edit| edit.span.is_empty().then(|| (edit.span.source, edit.span.start, edit.text.clone()));
    fix.edits.iter().map(one).collect()
}

/// By how much edits of a file move what stands behind them: where each starts, and the sum of all up to it.
type Shifts = FxHashMap<SourceId, Vec<(u32, i64)>>;

fn shifts(edits: &BTreeMap<SourceId, Vec<&Edit>>) -> Shifts {
    let length = |length: usize| i64::from(saturating_u32(length));
    let of_file = |edits: &[&Edit]| {
        let mut sum = 0;
        let each = edits.iter().map(|edit| {
            sum += length(edit.text.len()) - length(edit.span.len());
            (edit.span.start, sum)
        });
        each.collect()
    };
    edits.iter().map(|(id, edits)| (*id, of_file(edits))).collect()
}

/// The same once edits are made that have these shifts; none of them lies around an addition.
fn moved(additions: Additions, shifts: &Shifts) -> Additions {
    let place = |source: SourceId, start: u32| {
        let all = shifts.get(&source).map_or(&[][..], Vec::as_slice);
        let before = all.partition_point(|(edit, _)| *edit < start);
        let shift = all.get(..before).and_then(<[_]>::last).map_or(0, |(_, sum)| *sum);
        u32::try_from(i64::from(start) + shift).unwrap_or(start)
    };
    additions.into_iter().map(|(source, start, text)| (source, place(source, start), text)).collect()
}

fn places_of(units: &[Unit]) -> FxHashMap<SourceId, usize> {
    units.iter().enumerate().map(|(place, unit)| (unit.source, place)).collect()
}

impl Files {
    /// Whether a file takes part in the rendering of a chart.
    fn is_of_chart(&self, id: SourceId) -> bool {
        let unit = self.places.get(&id).and_then(|place| self.units.get(*place));
        unit.is_some_and(|unit| matches!(unit.content, Content::Chart(_)))
    }

    /// Looks for the bytes of every file that a fix would change.
    fn ask(&mut self, findings: &[Finding], which: Which, original: impl Fn(&Source) -> Option<Vec<u8>>) {
        let edits = all_wanted(findings, which).flat_map(|fix| &fix.edits);
        for id in edits.map(|edit| edit.span.source) {
            let sources = &self.sources;
            self.originals.entry(id).or_insert_with(|| sources.get(id).and_then(&original));
        }
    }

    /// Whether anything changed. A file whose text would no longer be read as before is left as it was.
    fn apply(&mut self, edits: &BTreeMap<SourceId, Vec<&Edit>>) -> bool {
        let mut any = false;
        for (&id, edits) in edits {
            let done = self.apply_to(id, edits);
            if done.is_none() {
                self.originals.insert(id, None);
            }
            any |= done.is_some();
        }
        any
    }

    fn apply_to(&mut self, id: SourceId, edits: &[&Edit]) -> Option<()> {
        let bytes = self.changed.get(&id).or_else(|| self.originals.get(&id)?.as_ref())?;
        let source = self.sources.get(id)?;
        let new = edited(source, bytes, edits)?;
        let text = Source::decode(id, source.path.clone(), new.clone()).ok()?;
        let text = text.of_chart(source.is_template);
        let place = self.places.get(&id).and_then(|&place| self.units.get_mut(place))?;
        let Outcome::Unit(unit) = front::read_edited(&text, place) else { return None };
        if unit.errors.len() > place.errors.len() {
            return None;
        }
        *place = unit;
        self.sources.replace(text);
        self.changed.insert(id, new);
        Some(())
    }
}

/// The fix of a finding that is applied: of those that may be, the first safe one, else the first. Rules give the one
/// first that most likely is meant.
fn wanted(finding: &Finding, which: Which) -> Option<&Fix> {
    let safe = finding.fixes.iter().find(|fix| fix.is_safe());
    safe.or_else(|| finding.fixes.first().filter(|_| which == Which::All))
}

fn all_wanted(findings: &[Finding], which: Which) -> impl Iterator<Item = &Fix> {
    findings.iter().filter_map(move |finding| wanted(finding, which))
}

/// The fixes to apply together, in the order of the findings: one for each finding, none that touches an edit of one
/// before it. What is left out has its turn when the files are checked again.
pub fn choose(findings: &[Finding], which: Which, may_change: impl Fn(SourceId) -> bool) -> Vec<&Fix> {
    choose_of(all_wanted(findings, which), may_change)
}

fn choose_of<'f>(fixes: impl Iterator<Item = &'f Fix>, may_change: impl Fn(SourceId) -> bool) -> Vec<&'f Fix> {
    let mut taken: BTreeSet<(SourceId, u32, u32)> = BTreeSet::new();
    let mut chosen: Vec<&Fix> = Vec::new();
    for fix in fixes {
        let allowed = fix.edits.iter().all(|edit| may_change(edit.span.source));
        let mut own: Vec<_> = fix.edits.iter().map(|it| (it.span.source, it.span.start, it.span.end)).collect();
        own.sort_unstable();
        let itself = own.windows(2).any(|pair| matches!(pair, [a, b] if touch(*a, *b)));
        if !allowed || fix.edits.is_empty() || itself || own.iter().any(|edit| is_taken(&taken, *edit)) {
            continue;
        }
        taken.extend(own);
        chosen.push(fix);
    }
    chosen
}

/// What is taken does not overlap, so that only the two nearest can.
fn is_taken(taken: &BTreeSet<(SourceId, u32, u32)>, edit: (SourceId, u32, u32)) -> bool {
    let (source, _, end) = edit;
    taken.range(..=(source, end, u32::MAX)).rev().take(2).any(|other| touch(*other, edit))
}

/// Whether two edits are of the same bytes, or of the same place: two replacements may stand side by side.
fn touch(a: (SourceId, u32, u32), b: (SourceId, u32, u32)) -> bool {
    let inserts = a.1 == a.2 || b.1 == b.2;
    a.0 == b.0 && if inserts { a.1 <= b.2 && b.1 <= a.2 } else { a.1 < b.2 && b.1 < a.2 }
}

/// The edits of all fixes, by file and place.
fn by_file<'f>(fixes: &[&'f Fix]) -> BTreeMap<SourceId, Vec<&'f Edit>> {
    let mut sorted: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
    for edit in fixes.iter().flat_map(|fix| &fix.edits) {
        sorted.entry(edit.span.source).or_default().push(edit);
    }
    for edits in sorted.values_mut() {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    }
    sorted
}

/// `bytes`, of which `source` is the text, with `edits` made in them; these are in order and do not overlap. None if the
/// bytes are not those of the text.
pub fn edited(source: &Source, bytes: &[u8], edits: &[&Edit]) -> Option<Vec<u8>> {
    let mut new = Vec::with_capacity(bytes.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut from = 0;
    for edit in edits {
        // Nothing stands before a byte order mark.
        let first = if source.text.starts_with('\u{feff}') { 3 } else { 0 };
        let start = source.original_offset(edit.span.start.max(first)) as usize;
        let end = source.original_offset(edit.span.end.max(first)) as usize;
        new.extend_from_slice(bytes.get(from..start)?);
        bytes.get(start..end)?;
        match source.encoding {
            Encoding::Utf8 => new.extend_from_slice(edit.text.as_bytes()),
            Encoding::Utf16Le => new.extend(edit.text.encode_utf16().flat_map(u16::to_le_bytes)),
            Encoding::Utf16Be => new.extend(edit.text.encode_utf16().flat_map(u16::to_be_bytes)),
        }
        from = end;
    }
    new.extend_from_slice(bytes.get(from..)?);
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::Severity, source::Span};

    fn fix(edits: &[(usize, usize, &str)]) -> Fix {
        let edit = |&(start, end, text): &(usize, usize, &str)| Edit {
            span: Span::new(SourceId(0), start..end),
            text: text.to_owned(),
        };
        Fix { edits: edits.iter().map(edit).collect(), ..Fix::new("") }
    }

    fn finding(fixes: Vec<Fix>) -> Finding {
        Finding { fixes, ..Finding::new("unknown-tag", Severity::Error, Span::at(SourceId(0), 0), "") }
    }

    fn chosen(edits: &[&[(usize, usize, &str)]]) -> Vec<bool> {
        let findings: Vec<_> = edits.iter().map(|edits| finding(vec![fix(edits)])).collect();
        let chosen = choose(&findings, Which::Safe, |_| true);
        findings.iter().flat_map(|it| &it.fixes).map(|fix| chosen.iter().any(|it| std::ptr::eq(*it, fix))).collect()
    }

    #[test]
    fn of_overlapping_fixes_the_first_is_taken() {
        assert_eq!(chosen(&[&[(0, 4, "a")], &[(3, 5, "b")], &[(5, 6, "c")]]), [true, false, true]);
        assert_eq!(
            chosen(&[&[(4, 4, "a")], &[(4, 4, "a")], &[(4, 6, "b")], &[(6, 8, "c")]]),
            [true, false, false, true]
        );
        assert_eq!(chosen(&[&[(10, 20, "")], &[(0, 2, ""), (19, 21, "")], &[(0, 2, "")]]), [true, false, true]);
        assert_eq!(chosen(&[&[(0, 2, "a")], &[(2, 4, "b")], &[(2, 2, "c")]]), [true, true, false]);
    }

    #[test]
    fn of_several_fixes_of_a_finding_the_first_safe_one_is_taken() {
        let unsafe_fix = |text| {
            let mut fix = fix(&[(0, 1, text)]);
            fix.doubt("somebody has to look at it");
            fix
        };
        let table = [
            (vec![unsafe_fix("a"), unsafe_fix("b")], None, Some("a")),
            (vec![unsafe_fix("a"), fix(&[(0, 1, "b")]), fix(&[(0, 1, "c")])], Some("b"), Some("b")),
            (vec![], None, None),
        ];
        for (fixes, safe, all) in table {
            let findings = [finding(fixes)];
            let taken = |which| choose(&findings, which, |_| true).first().map(|fix| fix.edits[0].text.as_str());
            assert_eq!((taken(Which::Safe), taken(Which::All)), (safe, all));
        }
    }

    #[test]
    fn a_fix_that_overlaps_itself_is_none() {
        assert_eq!(chosen(&[&[(0, 4, "a"), (2, 6, "b")]]), [false]);
    }

    #[test]
    fn a_fix_that_does_not_help_is_made_once() {
        let source = Source::from_text(SourceId(0), "Dockerfile", "FROM scratch\n");
        let Outcome::Unit(unit) = front::read(&source) else { panic!("a Dockerfile") };
        let sources = Sources::new(vec![source]);
        let insists = |report: &mut Report, _: &Sources, _: &[Unit]| {
            report.findings = vec![finding(vec![fix(&[(0, 0, "# a\n")])])];
        };
        let bytes = |source: &Source| Some(source.text.as_bytes().to_vec());
        let today = Date { year: 2026, month: 11, day: 21 };
        let config = Config::default();
        let fixed = until_stable(sources, vec![unit], &config, today, Which::Safe, insists, bytes, |files, units| {
            (files, units)
        });
        assert_eq!(fixed.applied, 1);
        assert_eq!(&**fixed.sources.get(SourceId(0)).unwrap().text, "# a\nFROM scratch\n");
    }

    fn edit_bytes(bytes: &[u8], find: &str, text: &str) -> Vec<u8> {
        let source = Source::decode(SourceId(0), "f", bytes.to_vec()).unwrap();
        let at = source.text.find(find).unwrap();
        let edit = Edit { span: Span::new(SourceId(0), at..at + find.len()), text: text.to_owned() };
        edited(&source, bytes, &[&edit]).unwrap()
    }

    #[test]
    fn bytes_outside_of_edits_are_those_of_the_file() {
        assert_eq!(edit_bytes(b"# caf\xe9\r\nFROM a\xff", "FROM a", "FROM bc"), b"# caf\xe9\r\nFROM bc\xff");
        assert_eq!(edit_bytes("\u{feff}FROM a".as_bytes(), "a", "b"), "\u{feff}FROM b".as_bytes());
        assert_eq!(edit_bytes("\u{feff}".as_bytes(), "\u{feff}", "b"), "\u{feff}b".as_bytes());
    }

    #[test]
    fn what_is_inserted_is_encoded_like_the_file() {
        let wide = |text: &str, to: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(to).collect() };
        for to in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            let (old, new) = (wide("\u{feff}é😀 FROM a\r\n", to), wide("\u{feff}é😀 FROM b😀\r\n", to));
            assert_eq!(edit_bytes(&old, "a", "b😀"), new);
        }
        // A lone surrogate and half a unit are no text, and stay.
        let odd = [&[0xff, 0xfe, 0x00, 0xd8][..], &wide("a", u16::to_le_bytes), &[0x7f]].concat();
        let fixed = [&[0xff, 0xfe, 0x00, 0xd8][..], &wide("bc", u16::to_le_bytes), &[0x7f]].concat();
        assert_eq!(edit_bytes(&odd, "a", "bc"), fixed);
    }
}
