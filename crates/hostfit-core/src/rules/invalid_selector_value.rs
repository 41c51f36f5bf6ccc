use super::{mend::Fix, rule, wording};
use crate::{
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::{Operator, PodPlacement, ValueUse, WINDOWS_BUILD, can_be},
    rule::Cx,
    text::Text,
    windows::{node_label, version},
};

rule! {
    /// A value that no node label can have. Selectors compare the whole text: there are no globs, and
    /// `node.kubernetes.io/windows-build` is `10.0.BUILD`, without a revision. A value that YAML takes for a number or a
    /// boolean is refused by the API server.
    ///
    /// At run time: `node(s) didn't match Pod's node affinity/selector`, or
    /// `cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string`.
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348.2113
    /// #                                     ^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ## How to fix it
    /// Write the build as the kubelet does, `10.0.20348`; several builds go into a node affinity with `In`; numbers go
    /// into quotes.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
    id: "invalid-selector-value",
    summary: "a selector value that no node label can have",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    for (key, value, message) in faults(pod) {
        let name = wording::first_windows_part(workload, cx);
        let mend = mend(key, value, cx);
        let finding = cx.report(value.text.place(), message);
        finding.workload(name);
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// The value that was meant, where it is plain.
fn mend(key: &Text, value: ValueUse<'_>, cx: &Cx) -> Option<Fix> {
    let (key, text) = (key.known()?, value.text.known()?);
    let is_glob = text.contains(['*', '?']);
    let right = if can_be(key, text) && !is_glob {
        text.to_owned()
    } else if key == WINDOWS_BUILD {
        let whole = text.trim_end_matches(".*");
        version::parse(whole, &cx.config.releases)?.build.to_string()
    } else if key.ends_with("/os") && can_be(key, &text.to_ascii_lowercase()) {
        text.to_ascii_lowercase()
    } else {
        return None;
    };
    // `10.0.20348` is text without quotes too.
    let written = if value.is_text || right != text { right } else { format!("\"{right}\"") };
    Fix::new(format!("write `{written}`")).write(cx, value.text, 0..text.len(), &written)
}

/// Each value that no node has, and what is wrong with it.
pub(super) fn faults(pod: &PodPlacement) -> impl Iterator<Item = (&Text, ValueUse<'_>, String)> {
    let compared = pod.labels().filter(|label| matches!(label.operator, Operator::In | Operator::NotIn));
    compared.flat_map(|label| label.values.clone().into_iter().map(move |value| (label.key, value))).filter_map(
        |(key, value)| {
            let (name, text) = (key.known()?, value.text.known()?);
            let fault = fault(name, text, value.is_text)?;
            Some((key, value, format!("`{name}: {text}` {fault}")))
        },
    )
}

fn fault(key: &str, value: &str, is_text: bool) -> Option<String> {
    if !is_text {
        return Some(format!(
            "is no text for YAML, so the API server refuses the object; write it in quotes: `\"{value}\"`"
        ));
    }
    if value.contains(['*', '?']) {
        return Some(
            "matches no node: selectors know no globs, the pod is refused or stays Pending; write the whole value"
                .into(),
        );
    }
    if can_be(key, value) {
        return None;
    }
    if key.ends_with("/os") {
        let small = value.to_ascii_lowercase();
        return Some(format!(
            "matches no node: the kubelet sets small letters, and the pod stays Pending; write `{small}`"
        ));
    }
    let hint = match node_label::meant_by(value) {
        Some(build) => format!("write `{build}`"),
        None => "write it as in `10.0.20348`".to_owned(),
    };
    Some(format!(
        "matches no node: the kubelet sets `10.0.BUILD`, no more and no less, and the pod stays Pending; {hint}"
    ))
}
