//! Texts to incidents. Parts of one text may be of different kinds, as people paste them.

mod describe;
mod lines;
mod objects;
mod plain;
mod table;

use self::lines::Lines;
use super::{
    Error, Incident, Node, Object, Reading, Reporter,
    find::{self, Found},
    message::Message,
};
use crate::{
    source::{Source, Span},
    windows::release::Releases,
};

/// Reads what `kubectl describe`, `kubectl get events`, `kubectl get pods -o json`, `docker service ps` or any Docker
/// command printed.
pub fn read(source: &Source, releases: &Releases) -> Reading {
    let mut sink = Sink { source, releases, reading: Reading::default() };
    if objects::looks_like(&source.text) {
        objects::read(&mut sink);
        return sink.finish();
    }
    let lines = Lines::new(&source.text);
    let mut at = 0;
    // Lines of no other kind, from here on.
    let mut loose = 0;
    while at < lines.len() {
        let taken = describe::length(&lines, at).map(|end| (end, Kind::Describe));
        let taken =
            taken.or_else(|| table::of(lines.get(at)).map(|table| (table::end(&lines, at), Kind::Table(table))));
        let Some((end, kind)) = taken else {
            at += 1;
            continue;
        };
        plain::read(&mut sink, &lines, loose, at);
        match kind {
            Kind::Describe => describe::read(&mut sink, &lines, at, end),
            Kind::Table(table) => table.read(&mut sink, &lines, at, end),
        }
        at = end.max(at + 1);
        loose = at;
    }
    plain::read(&mut sink, &lines, loose, at);
    sink.finish()
}

/// Most incidents that are reported for one text.
const MOST: usize = 500;

enum Kind {
    Describe,
    Table(table::Table),
}

/// What has been read so far.
struct Sink<'s> {
    source: &'s Source,
    releases: &'s Releases,
    reading: Reading,
}

impl Sink<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source.id, start..end)
    }

    /// Takes the known errors out of a message that stands at `span`, byte for byte.
    fn message(&mut self, object: &Object, span: Span) -> bool {
        let message = Message::new(self.source.slice(span), span.start as usize);
        self.errors(object, &message, span, true)
    }

    /// The same of a message that stands there in other letters.
    fn decoded(&mut self, object: &Object, text: &str, span: Span) -> bool {
        self.errors(object, &Message::new(text, 0), span, false)
    }

    fn errors(&mut self, object: &Object, message: &Message, span: Span, is_exact: bool) -> bool {
        let found = find::all_in(message);
        for one in &found {
            let place = if is_exact { message.span(span, one.start, one.end) } else { span };
            let mut object = object.clone();
            if one.image.is_some() || object.image.is_none() {
                object.image = one.image.clone().or_else(|| message.image_near(one.start, one.end));
            }
            let name = |words| message.quoted(words, one.start, one.end);
            if object.container.is_none() {
                object.container = name("start container ");
            }
            self.add(one, object, message, place);
        }
        !found.is_empty()
    }

    fn add(&mut self, found: &Found, mut object: Object, message: &Message, span: Span) {
        let lower = message.lower().get(..found.start).unwrap_or_default();
        let near = lower.get(lower.len().saturating_sub(400)..).unwrap_or(lower);
        let is_pause = found.error.is_of_image() && object.image.as_deref().is_some_and(is_pause);
        let sandbox = near.contains("sandbox") || is_pause;
        let reporter = Reporter::of(found.error, message, found.start, found.end, &object);
        if sandbox {
            object.container = None;
            object.image = object.image.filter(|_| is_pause);
        }
        self.push(Incident {
            error: found.error,
            span,
            message: message.excerpt(found.start, found.end),
            object,
            image_version: found.image_version,
            host_version: found.host_version,
            isolation: message.isolation_near(found.start, found.end),
            reporter,
            sandbox,
            times: 1,
        });
    }

    /// Adds an incident, or counts it if it is there.
    fn push(&mut self, incident: Incident) {
        let known = &mut self.reading.incidents;
        let is_full = known.len() >= MOST;
        match known.iter_mut().find(|it| it.is_same(&incident)) {
            Some(first) => first.join(incident),
            None if is_full => self.reading.left_out += 1,
            None => known.push(incident),
        }
    }

    fn node(&mut self, name: &str, version: &str) {
        let Some(version) = crate::windows::version::parse(version, self.releases) else { return };
        if self.reading.nodes.len() < MOST && !self.reading.nodes.iter().any(|node| node.name == name) {
            self.reading.nodes.push(Node { name: name.to_owned(), version });
        }
    }

    fn finish(mut self) -> Reading {
        let incidents = &mut self.reading.incidents;
        let named: Vec<_> =
            incidents.iter().filter(|it| it.error != Error::CutOff).map(|it| it.object.service.clone()).collect();
        incidents.retain(|it| it.error != Error::CutOff || !named.contains(&it.object.service));
        incidents.sort_by_key(|it| it.span.start);
        self.reading
    }
}

impl Incident {
    fn is_same(&self, other: &Self) -> bool {
        let (one, two) = (&self.object, &other.object);
        self.error == other.error
            && self.sandbox == other.sandbox
            && one.pod == two.pod
            && one.service == two.service
            && one.owner == two.owner
            && agree(one.container.as_ref(), two.container.as_ref())
            && agree(one.node.as_ref(), two.node.as_ref())
            && agree(one.image.as_ref(), two.image.as_ref())
    }

    fn join(&mut self, other: Self) {
        let (one, two) = (&mut self.object, other.object);
        one.container = one.container.take().or(two.container);
        one.node = one.node.take().or(two.node);
        one.image = one.image.take().or(two.image);
        self.host_version = self.host_version.or(other.host_version);
        self.image_version = self.image_version.or(other.image_version);
        self.isolation = self.isolation.or(other.isolation);
        self.reporter = self.reporter.or(other.reporter);
        self.times += other.times;
    }
}

/// Whether an image is what Kubernetes starts for a pod itself: `mcr.microsoft.com/oss/kubernetes/pause:3.9`.
fn is_pause(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split([':', '@']).next() == Some("pause")
}

/// Whether nothing says that these are two.
fn agree(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_none() || other.is_none() || one == other
}
