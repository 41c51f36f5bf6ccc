use super::*;

#[test]
fn names_decide_where_they_can() {
    let table = [
        ("Dockerfile", Some(Kind::Dockerfile)),
        ("a/dockerfile", Some(Kind::Dockerfile)),
        ("Dockerfile.1809", Some(Kind::Dockerfile)),
        ("Dockerfile.hotspot.releases.full", Some(Kind::Dockerfile)),
        ("x.Dockerfile", Some(Kind::Dockerfile)),
        ("nodejs.dockerfile", Some(Kind::Dockerfile)),
        ("Dockerfile-Windows", Some(Kind::Dockerfile)),
        ("dockerfile_1", Some(Kind::Dockerfile)),
        ("Containerfile", Some(Kind::Dockerfile)),
        ("containerfile.windows", Some(Kind::Dockerfile)),
        ("Dockerfile.tmpl", Some(Kind::Dockerfile)),
        ("cni.Dockerfile.tmpl", Some(Kind::Dockerfile)),
        ("Dockerfile.template.erb", Some(Kind::Dockerfile)),
        ("Dockerfile.yml", None),
        ("dockerfile.go", None),
        ("dockerfile_parser.pest", None),
        ("Dockerfile.dockerignore", None),
        ("compose.yaml", Some(Kind::Compose)),
        ("deploy/docker-compose.prod.yml", Some(Kind::Compose)),
        ("docker-compose-windows.yml", Some(Kind::Compose)),
        ("Docker-Compose.override.YAML", Some(Kind::Compose)),
        ("docker-stack.yml", Some(Kind::Compose)),
        ("web.stack.yml", Some(Kind::Compose)),
        ("composer.yml", None),
        ("compose.json", None),
        ("etc/docker/daemon.json", Some(Kind::Daemon)),
        (".env", Some(Kind::Env)),
        ("web.env", None),
        ("docker-bake.hcl", Some(Kind::Bake)),
        ("docker-bake.override.json", Some(Kind::Bake)),
        ("deployment.yaml", None),
    ];
    for (path, kind) in table {
        assert_eq!(by_name(path), kind, "{path}");
    }
}

#[test]
fn a_walk_opens_no_pictures_and_no_source_code() {
    for path in ["logo.PNG", "src/main.rs", "a.tar.gz", "README.md", "dockerfile.go"] {
        assert_eq!(may_be_ours(path), NameHint::Never, "{path}");
    }
    for path in ["web.yaml", "pod.json", "build/image.windows", "kubevirt-Dockerfile", "Makefile", "web.yaml.tpl"] {
        assert_eq!(may_be_ours(path), NameHint::ByContent, "{path}");
    }
    for path in ["Dockerfile", "docker-compose.yml", "daemon.json", ".env"] {
        assert_eq!(may_be_ours(path), NameHint::Ours, "{path}");
    }
}
