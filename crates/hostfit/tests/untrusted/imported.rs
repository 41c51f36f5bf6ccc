//! What a cluster says of its nodes.

use serde_json::json;

use super::*;

fn node(name: &str, labels: &Value, taints: &Value) -> Value {
    json!({
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": taints},
        "status": {"nodeInfo": {"operatingSystem": "windows", "kernelVersion": "10.0.20348.2700"}},
    })
}

#[test]
fn nothing_is_imported_that_hostfit_would_refuse() {
    let hostile = "\"]\n[[host]]\nname = \"x\u{1b}[31m\u{202e}\\";
    let nodes = [
        node("a", &json!({}), &json!([{"key": "os", "value": "windows", "effect": "NoSchedule"}])),
        node("b", &json!({}), &json!([{"key": "os", "value": "windows", "effect": "NoLunch"}])),
        node("c", &json!({}), &json!([{"key": "", "effect": "NoSchedule"}, {"key": "a b", "effect": "NoSchedule"}])),
        node("d", &json!({}), &json!([{"key": hostile, "value": hostile, "effect": hostile}])),
        node("e", &json!({"kubernetes.azure.com/agentpool": " "}), &json!([])),
        node("f", &json!({"eks.amazonaws.com/nodegroup": hostile, hostile: hostile}), &json!([])),
        node(" ", &json!({}), &json!([{"key": "k=v", "value": "a:b", "effect": "NoExecute"}])),
        node(hostile, &json!({"agentpool": ""}), &json!([])),
    ];
    let tree = Tree::new("imported").with("nodes.json", json!({"kind": "List", "items": nodes}).to_string());
    for more in [&[][..], &["--names"]] {
        let output = run(&tree, &[&["fleet", "import", "nodes.json"], more].concat());
        let printed = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{printed}");
        assert!(
            printed.contains("note: left out the taint `os=windows:NoLunch` of 1 machine: a taint is"),
            "{printed}"
        );
        let fleet = text(&output.stdout);
        assert!(fleet.contains("os=windows:NoSchedule") && !fleet.contains("NoLunch"), "{fleet}");
        tree.write("hostfit.toml", &fleet);
        tree.write("Dockerfile", FINDING);
        for command in ["check", "matrix"] {
            let output = run(&tree, &[command, "-q"]);
            assert_ne!(output.status.code(), Some(2), "{fleet}\n{}", text(&output.stderr));
        }
        // And the same into a file that is there.
        tree.write("fleet.toml", "[[host]]\nname = \"old\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n");
        let output = run(&tree, &[&["fleet", "import", "nodes.json", "--merge", "fleet.toml"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let output = run(&tree, &["check", "-q", "--fleet", "fleet.toml"]);
        assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
}
