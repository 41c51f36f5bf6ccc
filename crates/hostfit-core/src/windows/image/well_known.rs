//! Images of the Kubernetes world that are built for Linux alone.
//!
//! `well_known.tsv` has them with what says so. A later version may be built for Windows too, so that the name proves no more
//! than any third party's. Names in other registries are other images.

use super::{identity::Identity, official::whole_tag, reference::Parts, tags};
use crate::windows::Os;

static TABLE: &str = include_str!("well_known.tsv");

/// What is known of an image by its repository, where nothing else in its name says an operating system.
pub(super) fn fill_in(identity: &mut Identity, parts: &Parts<'_>) {
    if identity.os.is_none() && source(parts).is_some() {
        identity.os = Some(Os::Linux);
    }
}

/// What says that the image is Linux: a project's build configuration and its commit.
pub(super) fn source(parts: &Parts<'_>) -> Option<&'static str> {
    let repository = parts.repository();
    let registry = match parts.registry().map(str::to_ascii_lowercase) {
        _ if parts.on_docker_hub().is_some() => "docker.io".to_owned(),
        // The first name of the registry, which redirects: https://kubernetes.io/blog/2023/03/10/image-registry-redirect/
        Some(registry) if registry == "k8s.gcr.io" => "registry.k8s.io".to_owned(),
        registry => registry?,
    };
    let key = format!("{registry}/{repository}\t");
    let (tags, source) = tags::from(TABLE, &key).lines().next()?.strip_prefix(&key)?.split_once('\t')?;
    let is_plain = || whole_tag(parts).is_some_and(|tag| !tag.to_ascii_lowercase().contains("windows"));
    (tags == "all" || is_plain()).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::image::reference;

    fn is_known(value: &str) -> bool {
        source(&Parts { value, reference: reference::parse(value) }).is_some()
    }

    #[test]
    fn a_repository_is_known_under_its_own_registry_alone() {
        for (value, expected) in [
            ("registry.k8s.io/ingress-nginx/controller:v1.11.2", true),
            ("registry.k8s.io/ingress-nginx/controller@sha256:0f", true),
            ("Registry.K8s.io/ingress-nginx/controller", true),
            ("k8s.gcr.io/ingress-nginx/controller:v1.1.0", true),
            ("registry.contoso.com/ingress-nginx/controller:v1.11.2", false),
            ("ingress-nginx/controller:v1.11.2", false),
            ("registry.k8s.io/ingress-nginx/controller-windows:v1", false),
            ("registry.k8s.io/ingress-nginx/controlle", false),
            ("registry.k8s.io/ingress-nginx", false),
            ("registry.k8s.io/ingress-nginx/controller:\0", true),
            ("registry.k8s.io/ingress-nginx/\0:v1", false),
            ("\0/ingress-nginx/controller:v1", false),
            ("prom/node-exporter:v1.8.0", true),
            ("index.docker.io/prom/node-exporter", true),
            ("docker.io/prom/node-exporter:v1.8.0", true),
            ("quay.io/prom/node-exporter:v1.8.0", false),
            ("node-exporter:v1.8.0", false),
            ("public.ecr.aws/prom/node-exporter:v1.8.0", false),
            ("public.ecr.aws/hashicorp/consul-k8s-control-plane:1.5.0", true),
            ("", false),
            ("# Images", false),
        ] {
            assert_eq!(is_known(value), expected, "{value:?}");
        }
    }

    #[test]
    fn where_tags_differ_the_tag_is_known_whole_and_names_no_windows() {
        for (value, expected) in [
            ("grafana/alloy", true),
            ("grafana/alloy:v1.10.0", true),
            ("grafana/alloy:v1.10.0@sha256:0f", true),
            ("grafana/alloy@sha256:0f", false),
            ("grafana/alloy:v1.10.0\0", false),
            ("grafana/agent:latest-windows", false),
            ("otel/opentelemetry-collector:0.123.0-windows-2022-amd64", false),
            ("fluent/fluent-bit:windows-2022-4.0.5", false),
            ("fluent/fluent-bit:4.0.5-debug", true),
        ] {
            assert_eq!(is_known(value), expected, "{value:?}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_each_row_has_its_source() {
        let rows: Vec<_> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(TABLE.lines().is_sorted() && rows.len() > 100);
        for row in rows {
            let [repository, tags, source] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            assert!(
                repository.split('/').count() > 1 && repository.contains('.') && !repository.contains(':'),
                "{row}"
            );
            assert!(matches!(tags, "all" | "plain"), "{row}");
            let (_, commit) = source.rsplit_once(" @").unwrap();
            assert!(source.contains('/') && commit.len() == 8, "{row}");
            assert!(is_known(repository), "{row}");
        }
    }
}
