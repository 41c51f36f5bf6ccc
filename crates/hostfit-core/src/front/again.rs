//! Manifests that are read again after each edit: of several documents only those are lowered that are new. What comes out
//! is what reading the whole gives; where that is not certain, the whole is read.

use super::{
    Content, Outcome, detect, is_for_us,
    kubernetes::{self, Shift as _, Words},
    unit,
};
use crate::{
    source::{Source, SourceId, Span},
    syntax::yaml::{Memory, Tree},
};

/// What is remembered of a document.
#[derive(Debug)]
pub(super) struct Document {
    source: SourceId,
    /// Where it began when its spans were last put right.
    at: u32,
    objects: kubernetes::File,
    /// How much was lowered.
    cost: usize,
    /// Those that are for us.
    comments: Vec<Span>,
    words: Words,
    is_object: bool,
    /// Whether what the file is depends on more than its objects.
    is_special: bool,
}

impl Document {
    fn read(source: &Source, at: u32, text: &str, tree: &Tree) -> Self {
        let (objects, cost) = kubernetes::File::read_document(tree);
        let comments = tree.comments.iter().copied().filter(|comment| is_for_us(source.slice(*comment)));
        Self {
            source: source.id,
            at,
            objects,
            cost,
            comments: comments.collect(),
            words: Words::of(text),
            is_object: detect::is_kubernetes(tree),
            is_special: detect::has_markers(text) || detect::is_kubeconfig(tree),
        }
    }

    fn move_to(&mut self, at: u32) {
        // Backwards too: what is added wraps.
        let by = at.wrapping_sub(self.at);
        if by != 0 {
            self.objects.shift(by);
            self.comments.shift(by);
            self.at = at;
        }
    }
}

/// Reads a file of several documents. None where the whole has to be read.
pub(super) fn read(source: &Source, memory: &mut Memory<Document>) -> Option<Outcome> {
    let is_by_content = detect::by_name(&source.path).is_none() && detect::is_structured(&source.path);
    let is_plain = is_by_content && source.rendered.is_none() && source.invalid_utf8.is_none();
    if !is_plain || !detect::looks_like(detect::Kind::Kubernetes, &source.text) {
        return None;
    }
    let mut file = kubernetes::File::default();
    let (mut comments, mut words, mut cost) = (Vec::new(), Words::default(), 0);
    let (mut has_object, mut is_special) = (false, false);
    let is_cut = memory.each_document(source, |at, text, remembered, tree| {
        let known = remembered.take().filter(|known| known.source == source.id);
        let document = remembered.insert(known.unwrap_or_else(|| Document::read(source, at, text, &tree())));
        document.move_to(at);
        file.pods.extend_from_slice(&document.objects.pods);
        file.runtime_classes.extend_from_slice(&document.objects.runtime_classes);
        file.nodes.extend_from_slice(&document.objects.nodes);
        comments.extend_from_slice(&document.comments);
        words.join(document.words);
        cost += document.cost;
        has_object |= document.is_object;
        is_special |= document.is_special;
    });
    if !is_cut || !has_object || is_special || cost >= kubernetes::BUDGET {
        return None;
    }
    file.may_deploy = words.may_deploy();
    Some(unit(source, Content::Kubernetes(file), Vec::new(), comments))
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::super::{Memory, read, read_again};
    use crate::source::{Source, SourceId};

    const POD: &str = "apiVersion: v1
kind: Pod
metadata: &m
  name: web
  namespace: shop
  annotations: {experimental.windows.kubernetes.io/isolation-type: hyperv}
spec:
  # hostfit: ignore[missing-os-selector]
  runtimeClassName: win
  nodeName: \"\"
  os: {name: windows}
  hostNetwork: true
  securityContext: {windowsOptions: {hostProcess: false, runAsUserName: A}, fsGroup: 1}
  nodeSelector:
    kubernetes.io/os: windows
    node.kubernetes.io/windows-build: ${BUILD}
  tolerations:
  - {key: os, operator: Equal, value: windows, effect: NoSchedule}
  - key: 7
    operator: Exists
    value: no
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions: [{key: tier, operator: In, values: [web, 2]}]
          matchFields: [{key: metadata.name, operator: NotIn, values: [a]}]
  containers:
  - name: web
    image: mcr.microsoft.com/windows/servercore:ltsc2022
    command: [powershell, -Command, dir]
    securityContext: {privileged: true, windowsOptions: {hostProcess: true}}
    resources: {limits: {hugepages-2Mi: 1}}
    volumeMounts: [{name: v, mountPath: 'C:\\v', mountPropagation: Bidirectional}]
  volumes: [{name: v, emptyDir: {medium: Memory}}]
";
    const OTHERS: [&str; 6] = [
        "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: win}\nhandler: runhcs-wcow-process\nscheduling:\n  \
         nodeSelector: {a: b}\n  tolerations: [{key: x, operator: Exists}]\n",
        "apiVersion: v1\nkind: Node\nmetadata: {name: n, labels: {a: b}}\nstatus: {nodeInfo: {operatingSystem: windows, \
         kernelVersion: 10.0.20348.1, osImage: Windows, containerRuntimeVersion: containerd://2}}\n",
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: x}\n  spec: {containers: [{name: a, image: 'b:1'}]}\n",
        "# A note.\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '---'}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {generateName: r-}\nspec: &s\n  template: {spec: {containers: \
         [{image: x}]}}\n",
        "kind: Application\n",
    ];
    const SNIPPETS: [&str; 16] = [
        "x",
        "\n",
        "---\n",
        "\n---\n",
        "# hostfit: ignore[unknown-tag]\n",
        "{{ x }}",
        "'",
        "\"",
        "é",
        "  ",
        ": ",
        "{",
        "[",
        "$",
        "%",
        "- ",
    ];

    /// Types in the text, at the places of characters, and takes most of it back.
    #[test]
    fn each_edit_leaves_what_reading_the_whole_gives() {
        let mut numbers = Rng::with_seed(0x9e37_79b9_7f4a_7c15);
        let (mut joined, mut whole) = (0, 0);
        for round in 0..40 {
            let mut seed = if round % 5 == 0 { "\u{feff}".to_owned() } else { String::new() };
            for _ in 0..2 + numbers.usize(..6) {
                seed += ["---\n", "--- # next\n"][numbers.usize(..2)];
                let other = numbers.usize(..OTHERS.len() * 2);
                seed += OTHERS.get(other).unwrap_or(&POD);
            }
            let mut text: Vec<char> = seed.chars().collect();
            let mut before = Vec::new();
            let mut memory = Memory::default();
            for _ in 0..20 {
                let place = numbers.usize(..=text.len());
                match numbers.usize(..6) {
                    0 | 1 => {
                        before.push(text.clone());
                        text.splice(place..place, SNIPPETS[numbers.usize(..SNIPPETS.len())].chars());
                    }
                    2 => {
                        before.push(text.clone());
                        text.drain(place..(place + numbers.usize(..400)).min(text.len()));
                    }
                    _ => text = before.pop().unwrap_or(text),
                }
                let source = Source::from_text(SourceId(3), "deploy/all.yaml", text.iter().collect::<String>());
                let again = read_again(&source, &mut memory);
                assert_eq!(format!("{again:?}"), format!("{:?}", read(&source)), "{}", source.text);
                match super::read(&source, &mut memory.documents) {
                    Some(_) => joined += 1,
                    None => whole += 1,
                }
            }
        }
        // Both ways are gone often.
        assert!(joined > 150 && whole > 75, "{joined} {whole}");
    }

    #[test]
    fn what_is_remembered_of_another_file_is_not_taken() {
        let text = format!("{POD}---\n{POD}");
        let mut memory = Memory::default();
        for id in [0, 1] {
            let source = Source::from_text(SourceId(id), "a.yaml", text.as_str());
            assert_eq!(format!("{:?}", read_again(&source, &mut memory)), format!("{:?}", read(&source)));
        }
    }
}
