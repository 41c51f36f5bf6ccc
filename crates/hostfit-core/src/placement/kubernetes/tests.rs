use super::{Operator, PodPlacement, Requirement, SelectorLabel, SelectorValue, Term, Toleration, allows};
use crate::{
    fleet::{Host, HostOs, Taint},
    model::Orchestrator,
    placement::Allowed,
    source::{SourceId, Span},
    text::{Origin, Text},
    windows::{Build, HostKind, Isolation, Os, OsVersion},
};

fn span() -> Span {
    Span::new(SourceId(0), 0..0)
}

/// `?` is a placeholder.
fn text(value: &str) -> Text {
    if value == "?" {
        let mut hole = Text::empty(span());
        hole.push("?", span(), span(), Origin::Hole("x".into()));
        return hole;
    }
    Text::literal(value, span())
}

fn host(name: &str, os: HostOs) -> Host {
    Host { isolation: Isolation::Process, ..Host::bare(name, os, Some(Orchestrator::Kubernetes)) }
}

fn windows() -> Host {
    host("win", HostOs::Windows(OsVersion { build: Build(20348), revision: Some(2700) }))
}

fn linux() -> Host {
    host("lin", HostOs::Linux)
}

fn labelled(labels: &[(&str, &str)]) -> Host {
    Host { labels: labels.iter().map(|&(key, value)| (key.into(), value.into())).collect(), ..linux() }
}

fn selecting(labels: &[(&str, &str)]) -> PodPlacement {
    let selector = labels.iter().map(|(key, value)| SelectorLabel {
        key: text(key),
        value: SelectorValue { text: text(value), is_text: true },
        from_runtime_class: false,
    });
    PodPlacement { selector: selector.collect(), ..PodPlacement::default() }
}

fn requirement(key: &str, operator: Operator, values: &[&str]) -> Requirement {
    let values = values.iter().map(|value| SelectorValue { text: text(value), is_text: true }).collect();
    let written_operator = text(operator.name());
    Requirement { key: text(key), key_is_text: true, operator, written_operator, values, span: span() }
}

/// Terms of requirements.
fn affine(terms: &[&[(&str, Operator, &[&str])]]) -> PodPlacement {
    let terms = terms.iter().map(|term| Term {
        expressions: term.iter().map(|(key, operator, values)| requirement(key, *operator, values)).collect(),
        fields: Vec::new(),
    });
    PodPlacement { affinity: Some(terms.collect()), ..PodPlacement::default() }
}

/// `yes`, `no: why`, `?`.
fn shown(pod: &PodPlacement, host: &Host) -> String {
    match allows(pod, host) {
        Allowed::Yes => "yes".into(),
        Allowed::No(exclusion) => format!("no: {}", exclusion.why),
        Allowed::Unknown(_) => "?".into(),
    }
}

/// The first word of [`shown`].
fn verdict(pod: &PodPlacement, host: &Host) -> String {
    shown(pod, host).split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn every_operator_on_equal_different_and_missing_labels() {
    use Operator::{DoesNotExist, Exists, Gt, In, Invalid, Lt, NotIn};
    // Against a node with `a=5`, one with `a=7`, one with `a=x`, one without `a`.
    for (operator, values, expected) in [
        (In, &["5"][..], ["yes", "no", "no", "no"]),
        (In, &["5", "x"], ["yes", "no", "yes", "no"]),
        (NotIn, &["5"], ["no", "yes", "yes", "yes"]),
        (NotIn, &["5", "x"], ["no", "yes", "no", "yes"]),
        (Exists, &[], ["yes", "yes", "yes", "no"]),
        (DoesNotExist, &[], ["no", "no", "no", "yes"]),
        (Gt, &["6"], ["no", "yes", "no", "no"]),
        (Gt, &["5"], ["no", "yes", "no", "no"]),
        (Lt, &["6"], ["yes", "no", "no", "no"]),
        (Lt, &["-1"], ["no", "no", "no", "no"]),
        // Accepted by the API server, and never satisfied.
        (Gt, &["10.0.20348"], ["no", "no", "no", "no"]),
        (In, &["5*"], ["no", "no", "no", "no"]),
        (NotIn, &["14393.*"], ["no", "no", "no", "no"]),
        // Refused by the API server: there is no pod.
        (In, &[], ["?", "?", "?", "?"]),
        (NotIn, &[], ["?", "?", "?", "?"]),
        (Exists, &["5"], ["?", "?", "?", "?"]),
        (DoesNotExist, &["5"], ["?", "?", "?", "?"]),
        (Gt, &["5", "6"], ["?", "?", "?", "?"]),
        (Lt, &[], ["?", "?", "?", "?"]),
        (Invalid, &["5"], ["?", "?", "?", "?"]),
        // What is not known decides only where it matters.
        (In, &["?"], ["?", "?", "?", "?"]),
        (In, &["5", "?"], ["yes", "?", "?", "?"]),
        (NotIn, &["5", "?"], ["no", "?", "?", "yes"]),
        (Gt, &["?"], ["?", "?", "no", "no"]),
    ] {
        let pod = affine(&[&[("a", operator, values)]]);
        let hosts =
            [labelled(&[("a", "5")]), labelled(&[("a", "7")]), labelled(&[("a", "x")]), labelled(&[("b", "5")])];
        assert_eq!(hosts.map(|host| verdict(&pod, &host)), expected, "{operator:?} {values:?}");
    }
}

#[test]
fn terms_are_alternatives_and_their_requirements_are_not() {
    use Operator::{Exists, In};
    let host = labelled(&[("a", "1"), ("b", "2")]);
    for (terms, expected) in [
        (&[&[("a", In, &["1"][..]), ("b", In, &["2"])][..]][..], "yes"),
        (&[&[("a", In, &["1"]), ("b", In, &["3"])]], "no: nodeAffinity b In [3]"),
        (&[&[("a", In, &["9"])], &[("b", In, &["2"])]], "yes"),
        (&[&[("a", In, &["9"])], &[("c", Exists, &[])]], "no: each of the 2 nodeAffinity terms"),
        (&[&[("a", In, &["9"])], &[("b", In, &["?"])]], "?"),
        (&[&[("a", In, &["1"])], &[("b", In, &["?"])]], "yes"),
        (&[&[("a", In, &["9"]), ("b", In, &["?"])]], "no: nodeAffinity a In [9]"),
        (&[&[]], "no: nodeAffinity without a term that matches any node"),
        (&[], "no: nodeAffinity without a term that matches any node"),
        (&[&[], &[("a", Exists, &[])]], "yes"),
    ] {
        assert_eq!(shown(&affine(terms), &host), expected, "{terms:?}");
    }
}

#[test]
fn fields_match_the_name_of_the_node() {
    use Operator::{Exists, In, NotIn};
    let pool = Host { count: 3, ..linux() };
    for (key, operator, values, one, many) in [
        ("metadata.name", In, &["lin"][..], "yes", "?"),
        ("metadata.name", In, &["win"], "no", "?"),
        ("metadata.name", NotIn, &["lin"], "no", "?"),
        ("metadata.name", In, &["lin", "win"], "?", "?"),
        ("metadata.name", Exists, &[], "?", "?"),
        ("spec.unschedulable", In, &["x"], "?", "?"),
    ] {
        let term = Term { expressions: Vec::new(), fields: vec![requirement(key, operator, values)] };
        let pod = PodPlacement { affinity: Some(vec![term]), ..PodPlacement::default() };
        assert_eq!(
            (verdict(&pod, &linux()).as_str(), verdict(&pod, &pool).as_str()),
            (one, many),
            "{operator:?} {values:?}"
        );
    }
}

#[test]
fn labels_that_kubernetes_sets_need_not_be_declared() {
    for (key, value, on_windows, on_linux) in [
        ("kubernetes.io/os", "windows", "yes", "no"),
        ("kubernetes.io/os", "linux", "no", "yes"),
        ("kubernetes.io/os", "Windows", "no", "no"),
        ("beta.kubernetes.io/os", "windows", "yes", "no"),
        ("kubernetes.io/arch", "amd64", "yes", "yes"),
        ("kubernetes.io/arch", "arm64", "no", "?"),
        ("beta.kubernetes.io/arch", "amd64", "yes", "yes"),
        ("node.kubernetes.io/windows-build", "10.0.20348", "yes", "no"),
        ("node.kubernetes.io/windows-build", "10.0.17763", "no", "no"),
        ("node.kubernetes.io/windows-build", "10.0.20348.2700", "no", "no"),
        ("kubernetes.io/hostname", "win", "yes", "no"),
        ("beta.kubernetes.io/osbuild", "20348", "no", "no"),
    ] {
        let pod = selecting(&[(key, value)]);
        let found = (verdict(&pod, &windows()), verdict(&pod, &linux()));
        assert_eq!(found, (on_windows.to_owned(), on_linux.to_owned()), "{key}={value}");
    }
    let pool = Host { count: 2, ..windows() };
    assert_eq!(verdict(&selecting(&[("kubernetes.io/hostname", "win")]), &pool), "?");
    assert_eq!(verdict(&affine(&[&[("kubernetes.io/hostname", Operator::Exists, &[])]]), &pool), "yes");
    assert_eq!(verdict(&affine(&[&[("kubernetes.io/arch", Operator::NotIn, &["amd64"])]]), &pool), "no");
    let laptop = Host { kind: HostKind::Client, ..windows() };
    assert_eq!(verdict(&selecting(&[("kubernetes.io/arch", "arm64")]), &laptop), "?");
    assert_eq!(verdict(&affine(&[&[("kubernetes.io/arch", Operator::NotIn, &["arm64"])]]), &pool), "yes");
}

#[test]
fn a_declared_label_goes_before_what_kubernetes_sets() {
    let arm = labelled(&[("kubernetes.io/arch", "arm64"), ("kubernetes.io/hostname", "ip-10-0-0-1")]);
    for (key, value, expected) in [
        ("kubernetes.io/arch", "arm64", "yes"),
        ("kubernetes.io/arch", "amd64", "no"),
        ("beta.kubernetes.io/arch", "arm64", "yes"),
        ("kubernetes.io/hostname", "ip-10-0-0-1", "yes"),
        ("kubernetes.io/hostname", "lin", "no"),
    ] {
        assert_eq!(verdict(&selecting(&[(key, value)]), &arm), expected, "{key}={value}");
    }
}

#[test]
fn all_labels_of_a_selector_have_to_match() {
    let host = labelled(&[("a", "1")]);
    for (labels, expected) in [
        (&[("a", "1")][..], "yes"),
        (&[("a", "1"), ("b", "2")], "no: nodeSelector b=2"),
        (&[("a", "?"), ("b", "2")], "no: nodeSelector b=2"),
        (&[("a", "?")], "?"),
        (&[("?", "1")], "?"),
        (&[("a", "")], "no: nodeSelector a="),
        (&[], "yes"),
    ] {
        assert_eq!(shown(&selecting(labels), &host), expected, "{labels:?}");
    }
}

#[test]
fn what_the_runtime_class_selects_is_said_to_be_its() {
    let mut pod = selecting(&[("kubernetes.io/os", "windows")]);
    pod.selector[0].from_runtime_class = true;
    pod.runtime_class = Some((text("windows-2022"), true));
    assert_eq!(shown(&pod, &linux()), "no: nodeSelector kubernetes.io/os=windows of RuntimeClass windows-2022");
    assert_eq!(shown(&pod, &windows()), "yes");
}

#[test]
fn what_is_unreadable_leaves_only_certain_exclusions() {
    let missing_class =
        PodPlacement { runtime_class: Some((text("w"), false)), ..selecting(&[("kubernetes.io/os", "linux")]) };
    let unreadable = PodPlacement { unreadable: Some(span()), ..selecting(&[("kubernetes.io/os", "linux")]) };
    for pod in [missing_class, unreadable] {
        assert_eq!(verdict(&pod, &windows()), "no");
        assert_eq!(verdict(&pod, &linux()), "?");
        // Its tolerations may be among what is not known.
        let tainted = Host { taints: vec![taint("a=b:NoSchedule")], ..linux() };
        assert_eq!(verdict(&pod, &tainted), "?");
    }
}

#[test]
fn a_node_name_goes_past_the_scheduler() {
    let pod = PodPlacement { node_name: Some(text("lin")), ..PodPlacement::default() };
    let with = |text: &str| Host { taints: vec![taint(text)], ..linux() };
    assert_eq!(shown(&pod, &linux()), "yes");
    assert_eq!(shown(&pod, &windows()), "no: nodeName lin");
    assert_eq!(shown(&pod, &Host { count: 2, ..windows() }), "?");
    assert_eq!(shown(&pod, &with("a:NoSchedule")), "yes");
    assert_eq!(shown(&pod, &with("a:NoExecute")), "no: taint a:NoExecute");
    let hole = PodPlacement { node_name: Some(text("?")), ..PodPlacement::default() };
    assert_eq!(shown(&hole, &linux()), "?");
}

fn taint(text: &str) -> Taint {
    let (rest, effect) = text.split_once(':').expect("effect");
    let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
    Taint { key: key.into(), value: value.into(), effect: effect.into() }
}

/// `key`, `operator: Exists`, `value`, `effect`.
type Tolerance<'t> = (Option<&'t str>, bool, Option<&'t str>, Option<&'t str>);

#[test]
fn taints_keep_away_what_does_not_tolerate_them() {
    let none: &[Tolerance] = &[];
    for (taint_text, tolerations, expected) in [
        ("os=windows:NoSchedule", none, "no: taint os=windows:NoSchedule"),
        ("os=windows:NoExecute", none, "no: taint os=windows:NoExecute"),
        ("os=windows:PreferNoSchedule", none, "yes"),
        ("os:NoSchedule", none, "no: taint os:NoSchedule"),
        ("os=windows:NoSchedule", &[(Some("os"), false, Some("windows"), Some("NoSchedule"))], "yes"),
        ("os=windows:NoSchedule", &[(Some("os"), false, Some("windows"), None)], "yes"),
        ("os=windows:NoSchedule", &[(Some("os"), false, Some("windows"), Some(""))], "yes"),
        ("os=windows:NoSchedule", &[(Some("os"), true, None, None)], "yes"),
        ("os=windows:NoSchedule", &[(None, true, None, None)], "yes"),
        ("os=windows:NoSchedule", &[(Some(""), true, None, None)], "yes"),
        ("os=windows:NoSchedule", &[(None, true, None, Some("NoExecute"))], "no: taint os=windows:NoSchedule"),
        ("os=windows:NoSchedule", &[(Some("os"), false, Some("Windows"), None)], "no: taint os=windows:NoSchedule"),
        ("os=windows:NoSchedule", &[(Some("os"), false, None, None)], "no: taint os=windows:NoSchedule"),
        ("os:NoSchedule", &[(Some("os"), false, None, None)], "yes"),
        ("os:NoSchedule", &[(Some("OS"), true, None, None)], "no: taint os:NoSchedule"),
        ("os=windows:NoSchedule", &[(Some("os"), false, Some("?"), None)], "?"),
        ("os=windows:NoSchedule", &[(Some("gpu"), false, Some("?"), None)], "no: taint os=windows:NoSchedule"),
        ("os=windows:NoSchedule", &[(Some("?"), true, None, None), (None, true, None, None)], "yes"),
    ] {
        let read = |value: Option<&str>| value.map(text);
        let tolerations = tolerations.iter().map(|(key, exists, value, effect)| Toleration {
            key: read(*key),
            operator: exists.then(|| text("Exists")),
            value: read(*value),
            effect: read(*effect),
            seconds: None,
            mistyped: Vec::new(),
            value_entry: None,
            span: span(),
        });
        let tolerations: Vec<_> = tolerations.collect();
        let pod = PodPlacement { tolerations, tolerations_key: Some(span()), ..PodPlacement::default() };
        let host = Host { taints: vec![taint(taint_text)], ..windows() };
        assert_eq!(shown(&pod, &host), expected, "{taint_text} {:?}", pod.tolerations);
    }
}

#[test]
fn a_label_excludes_before_a_taint_does() {
    let host = Host { taints: vec![taint("os=windows:NoSchedule")], ..windows() };
    let Allowed::No(first) = allows(&selecting(&[("kubernetes.io/os", "linux")]), &host) else { panic!("allowed") };
    assert!(!first.taint);
    let Allowed::No(second) = allows(&selecting(&[("kubernetes.io/os", "windows")]), &host) else { panic!("allowed") };
    assert!(second.taint && second.span.is_none());
}

#[test]
fn a_system_is_pinned_when_every_alternative_pins_it() {
    use Operator::{Exists, In, NotIn};
    const OS: &str = "kubernetes.io/os";
    for (terms, expected) in [
        (&[&[(OS, In, &["windows"][..])][..]][..], Some(Os::Windows)),
        (&[&[(OS, NotIn, &["windows"])]], Some(Os::Linux)),
        (&[&[(OS, In, &["windows"])], &[]], Some(Os::Windows)),
        (&[&[(OS, In, &["windows"])], &[("gpu", Exists, &[])]], None),
        (&[&[(OS, Exists, &[])]], None),
        (&[&[("node.kubernetes.io/windows-build", Exists, &[])]], Some(Os::Windows)),
        (&[&[("node.kubernetes.io/windows-build", NotIn, &["10.0.17763"])]], None),
    ] {
        let pod = affine(terms);
        let pinned = [Os::Windows, Os::Linux].into_iter().find(|os| pod.pins_os(*os));
        assert_eq!(pinned, expected, "{terms:?}");
    }
    let pod = affine(&[&[("b", In, &["1"]), ("a", Exists, &[])], &[("b", In, &["2"])]]);
    assert!(pod.requires(|label| label.key.value == "b"));
    assert!(!pod.requires(|label| label.key.value == "a"));
    assert!(!PodPlacement::default().requires(|_| true));
}

/// Clouds label every node with its place and size; a fleet that does not say which has no node without.
#[test]
fn what_clouds_say_of_a_node_is_unknown_where_the_fleet_does_not_say() {
    let in_zone = |labels: &[(&str, &str)], zone| {
        verdict(&selecting(&[("topology.kubernetes.io/zone", zone)]), &labelled(labels))
    };
    assert_eq!(in_zone(&[], "west-1"), "?");
    assert_eq!(in_zone(&[("topology.kubernetes.io/zone", "west-1")], "west-1"), "yes");
    assert_eq!(in_zone(&[("topology.kubernetes.io/zone", "east-1")], "west-1"), "no");
    assert_eq!(verdict(&selecting(&[("beta.kubernetes.io/instance-type", "m5.large")]), &windows()), "?");
    assert_eq!(verdict(&selecting(&[("topology.example.com/rack", "7")]), &windows()), "no");
}
