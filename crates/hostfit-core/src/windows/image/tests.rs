use std::ops::Range;

use super::*;
use crate::{
    source::{SourceId, Span},
    text::Origin,
    windows::{Build, Os, OsVersion},
};

fn span(range: Range<usize>) -> Span {
    Span::new(SourceId(0), range)
}

/// A text in which `${…}` is a variable without a value.
fn text(value: &str) -> Text {
    let mut text = Text::empty(span(0..value.len()));
    let mut rest = value;
    while let Some((literal, after)) = rest.split_once("${") {
        text.push_literal(literal, span(0..literal.len()));
        let (name, after) = after.split_once('}').unwrap();
        let written = format!("${{{name}}}");
        text.push(&written, span(0..written.len()), span(0..written.len()), Origin::Hole(name.to_owned()));
        rest = after;
    }
    text.push_literal(rest, span(0..rest.len()));
    text
}

fn identify_value(value: &str) -> Identity {
    identify(&text(value), &[], &Releases::default())
}

/// The version that a reference tells, and the bytes that tell it.
fn version(value: &str) -> Option<(String, String)> {
    let identity = identify_value(value);
    identity
        .version
        .map(|(version, at)| (version.to_string().replacen("10.0.", "", 1), value.get(at).unwrap().to_owned()))
}

#[test]
fn a_release_is_read_from_the_tag_or_the_name() {
    let table = [
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "20348", "ltsc2022"),
        ("MCR.microsoft.com/windows/servercore:ltsc2022", "20348", "ltsc2022"),
        ("mcr.microsoft.com/windows/nanoserver:1809", "17763", "1809"),
        ("mcr.microsoft.com/windows/nanoserver:sac2016", "14393", "sac2016"),
        ("mcr.microsoft.com/windows/nanoserver:1809-KB4493509", "17763", "1809"),
        ("mcr.microsoft.com/windows/servercore:1809-kb5021237-amd64", "17763", "1809"),
        ("mcr.microsoft.com/windows/servercore:1809_KB4480116_amd64", "17763", "1809"),
        ("mcr.microsoft.com/windows/servercore:2009-KB4579311", "19042", "2009"),
        ("mcr.microsoft.com/windows/nanoserver:10.0.17763.437", "17763.437", "10.0.17763.437"),
        ("mcr.microsoft.com/windows/nanoserver:10.0.19041.1415-amd64", "19041.1415", "10.0.19041.1415"),
        ("mcr.microsoft.com/windows/servercore:10.0.26100.33296", "26100.33296", "10.0.26100.33296"),
        ("mcr.microsoft.com/windows/server:win10-21h1-preview", "20348", "win10-21h1-preview"),
        ("mcr.microsoft.com/windows/servercore:ltsc2022@sha256:3a2a", "20348", "ltsc2022"),
        ("mcr.microsoft.com/windows/servercore:ltsc2022-${ARCH}", "20348", "ltsc2022"),
        ("mcr.microsoft.com/windows/servercore:10.0.17763.${REVISION}", "17763", "10.0.17763"),
        ("mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019", "17763", "ltsc2019"),
        ("mcr.microsoft.com/windows/servercore/insider:10.0.19035.1", "19035.1", "10.0.19035.1"),
        ("mcr.microsoft.com/dotnet/framework/aspnet:4.8-20250408-windowsservercore-ltsc2022", "20348", "ltsc2022"),
        ("mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809", "17763", "1809"),
        ("microsoft/iis:windowsservercore-10.0.14393.1715", "14393.1715", "10.0.14393.1715"),
        ("microsoft/iis:10.0.14393.206", "14393.206", "10.0.14393.206"),
        ("microsoft/nanoserver:1709_KB4043961", "16299", "1709"),
        ("docker.io/microsoft/nanoserver:10.0.14393.1770", "14393.1770", "10.0.14393.1770"),
        ("microsoft/dotnet:2.1-sdk-nanoserver-sac2016", "14393", "sac2016"),
        ("windows/servercore:1709", "16299", "1709"),
        ("mcr.microsoft.com/microsoft-windows-nanoserver:1809", "17763", "1809"),
        ("golang:1.27-windowsservercore-ltsc2025", "26100", "ltsc2025"),
        ("openjdk:8-nanoserver-sac2016", "14393", "sac2016"),
        (
            "registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper:x86_64-v17-servercore1809",
            "17763",
            "1809",
        ),
        ("gitlab/gitlab-runner-helper:x86_64-latest-servercore21H2", "20348", "21H2"),
        ("mcr.microsoft.com/oss/kubernetes/pause:3.9-windows-ltsc2022-amd64", "20348", "ltsc2022"),
        ("mcr.microsoft.com/oss/kubernetes-csi/livenessprobe:v2.0.1-alpha.1-windows-1809-amd64", "17763", "1809"),
        ("scr.sitecore.com/sxp/sitecore-xp0-cm:10.0.0-ltsc2019", "17763", "ltsc2019"),
        ("example/worker-tools:6.1-windows.ltsc2022", "20348", "ltsc2022"),
        ("embarkstudios/vs-build-tools:ltsc2019-2017", "17763", "ltsc2019"),
        ("sixeyed/umbraco:7.6.0-windowsservercore-10.0.14393.1066", "14393.1066", "10.0.14393.1066"),
        ("jsturtevant/4.7-windowsservercore-1709-builder:latest", "16299", "1709"),
        ("stefanscherer/nanoserver:1809", "17763", "1809"),
        ("mcr.microsoft.com/businesscentral:10.0.20348.169", "20348.169", "10.0.20348.169"),
        ("${REGISTRY}sitecore-xm1-cd:9.1.0-windowsservercore-ltsc2019", "17763", "ltsc2019"),
        ("mcr.microsoft.com/dotnet/framework/sdk:4.7.1", "14393", "4.7.1"),
        ("${REPO}:4.8-windowsservercore-ltsc2019", "17763", "ltsc2019"),
        ("contoso/web:2.0.0-windows-ltsc-2019", "17763", "ltsc-2019"),
        ("contoso/web:LTSC_2022-1", "20348", "LTSC_2022"),
        ("example/x:insider-10.0.18334.1", "18334.1", "10.0.18334.1"),
    ];
    for (value, expected, bytes) in table {
        assert_eq!(version(value), Some((expected.to_owned(), bytes.to_owned())), "{value}");
    }
}

#[test]
fn what_names_no_release_has_no_version() {
    for value in [
        "mcr.microsoft.com/windows/servercore",
        "mcr.microsoft.com/windows/servercore:latest",
        "mcr.microsoft.com/windows/servercore:2022",
        "mcr.microsoft.com/windows/servercore@sha256:3a2a",
        "mcr.microsoft.com/windows/servercore:${TAG}",
        "mcr.microsoft.com/windows/servercore:ltsc${YEAR}",
        "mcr.microsoft.com/windows/servercore:1809${DIGEST}",
        "mcr.microsoft.com/windows/servercore:10.0.17763${REST}",
        "mcr.microsoft.com/windows/servercore:${OS}1809",
        "mcr.microsoft.com/dotnet/framework/aspnet:4.8",
        "microsoft/nanoserver",
        "microsoft/mssql-server-windows-express:2016-sp1",
        "golang:1.27-nanoserver",
        "acme/app:1809",
        "acme/app:2004",
        "acme/app:20H2",
        "acme/app:1.0-1809",
        "acme/app:10.0.12345.1",
        "acme/app:windows-amd64",
        "acme/app:windows",
        "${REPO}:1809",
        "cirrusci/windowsservercore:2019",
        "cirrusci/windowsservercore:visualstudio2022",
        "nanoserverapiscan",
        "mongo:4.2.1809",
    ] {
        assert_eq!(version(value), None, "{value}");
    }
}

/// `fault`, the bytes it stands on, and what to write instead.
fn fault(value: &str) -> Option<(&'static str, String, Option<String>)> {
    let (kind, at, instead) = match *identify_value(value).fault? {
        Fault::InvalidRepository { at, instead } => ("invalid", at, instead),
        Fault::RetiredRepository { at, instead, retag, .. } => {
            ("retired", at, instead.map(|name| retag.map_or(name.clone(), |tag| format!("{name}:{tag}"))))
        }
        Fault::Insider { at } => ("insider", at, None),
        Fault::UnpublishedLatest { at } => ("latest", at, None),
        Fault::UnknownTag { at, instead, repository } => {
            let tag = instead.map(|tag| repository.map_or(tag.clone(), |name| format!("{name}:{tag}")));
            ("unknown", at, tag)
        }
    };
    Some((kind, value.get(at).unwrap().to_owned(), instead))
}

#[test]
fn a_name_that_no_registry_serves_is_invalid() {
    const CORE: &str = "mcr.microsoft.com/windows/servercore";
    const NANO: &str = "mcr.microsoft.com/windows/nanoserver";
    for (value, at, instead) in [
        ("windows/servercore:1709", "windows/servercore", CORE),
        ("windows/servercore", "windows/servercore", CORE),
        ("windows/nanoserver:1809", "windows/nanoserver", NANO),
        ("docker.io/windows/servercore:1809", "docker.io/windows/servercore", CORE),
        ("windows/servercore/iis", "windows/servercore/iis", "mcr.microsoft.com/windows/servercore/iis"),
        ("microsoft-windows-nanoserver:1809", "microsoft-windows-nanoserver", NANO),
        ("mcr.microsoft.com/microsoft-windows-nanoserver", "mcr.microsoft.com/microsoft-windows-nanoserver", NANO),
        ("docker.io/microsoft-windows-servercore:1809", "docker.io/microsoft-windows-servercore", CORE),
        ("mcr.microsoft.com/windowsservercore:ltsc2019", "mcr.microsoft.com/windowsservercore", CORE),
        ("mcr.microsoft.com/windows/server-core:ltsc2019", "mcr.microsoft.com/windows/server-core", CORE),
        ("mcr.microsoft.com/windows/nano-server:1809", "mcr.microsoft.com/windows/nano-server", NANO),
        ("mcr.microsoft.com/nanoserver:1809", "mcr.microsoft.com/nanoserver", NANO),
        ("mcr.microsoft.com/microsoft/windowsservercore:1809", "mcr.microsoft.com/microsoft/windowsservercore", CORE),
        ("mcr.microsoft.com/windows/ServerCore:1809", "mcr.microsoft.com/windows/ServerCore", CORE),
    ] {
        assert_eq!(fault(value), Some(("invalid", at.to_owned(), Some(instead.to_owned()))), "{value}");
    }
}

#[test]
fn a_dead_name_on_docker_hub_is_retired() {
    for (value, instead) in [
        ("microsoft/windowsservercore", Some("windows/servercore")),
        ("microsoft/windowsservercore:1803", Some("windows/servercore")),
        ("microsoft/windowsservercore:10.0.14393.693", Some("windows/servercore:ltsc2016")),
        ("microsoft/nanoserver:ltsc2016", Some("windows/nanoserver:sac2016")),
        ("microsoft/nanoserver:latest", Some("windows/nanoserver")),
        ("docker.io/microsoft/nanoserver:1709_KB4043961", Some("windows/nanoserver:1709")),
        ("microsoft/nanoserver-insider:10.0.17133.1", Some("windows/nanoserver/insider")),
        ("microsoft/iis:windowsservercore-10.0.14393.1715", Some("windows/servercore/iis:windowsservercore-ltsc2016")),
        ("microsoft/iis:windowsservercore-1803", Some("windows/servercore/iis")),
        ("microsoft/iis", Some("windows/servercore/iis")),
        (
            "microsoft/dotnet-framework:4.7.2-sdk-windowsservercore-ltsc2019",
            Some("dotnet/framework/sdk:4.7.2-windowsservercore-ltsc2019"),
        ),
        ("microsoft/dotnet-framework:4.7.2-runtime", Some("dotnet/framework/runtime:4.7.2")),
        ("microsoft/dotnet-framework:4.7", Some("dotnet/framework/runtime")),
        ("microsoft/dotnet-framework-build:4.7.1", Some("dotnet/framework/sdk")),
        ("microsoft/aspnet:4.7.2", Some("dotnet/framework/aspnet")),
        (
            "microsoft/aspnet:windowsservercore-10.0.14393.1066",
            Some("dotnet/framework/aspnet:4.8-windowsservercore-ltsc2016"),
        ),
        ("microsoft/aspnetcore-build:2.0", Some("dotnet/core/sdk:2.1")),
        ("microsoft/dotnet:2.1-aspnetcore-runtime-nanoserver-1809", Some("dotnet/core/aspnet:2.1-nanoserver-1809")),
        ("microsoft/dotnet:2.1-sdk", Some("dotnet/core/sdk:2.1")),
        ("microsoft/dotnet:2.1-runtime-deps-alpine3.7", Some("dotnet/core/runtime-deps:2.1-alpine3.7")),
        ("microsoft/dotnet", Some("dotnet/sdk")),
        ("microsoft/wcf:4.7.2", Some("dotnet/framework/wcf")),
        ("microsoft/powershell:6.0.2-nanoserver-1709", Some("powershell")),
        ("microsoft/mssql-server-linux:2017-latest", Some("mssql/server")),
        ("microsoft/azure-vote-front:v1", Some("azuredocs/azure-vote-front")),
        ("microsoft/mssql-server-windows-developer", None),
        ("microsoft/mssql-server-windows-express:2016-sp1", None),
    ] {
        let name = value.split_once(':').map_or(value, |(name, _)| name);
        let instead = instead.map(|name| format!("mcr.microsoft.com/{name}"));
        assert_eq!(fault(value), Some(("retired", name.to_owned(), instead)), "{value}");
    }
}

#[test]
fn a_successor_is_certain_where_its_tag_is_in_the_tables() {
    // The tag to use there, if it is another one, and whether it is certain.
    for (value, tag, certain) in [
        ("microsoft/windowsservercore:ltsc2019", None, true),
        ("microsoft/windowsservercore:10.0.14393.693", Some("ltsc2016"), false),
        ("microsoft/nanoserver:1709_KB4043961", Some("1709"), false),
        ("microsoft/nanoserver:ltsc2016", Some("sac2016"), true),
        ("microsoft/nanoserver", None, true),
        ("microsoft/iis:windowsservercore-1803", None, true),
        ("microsoft/iis:windowsservercore-10.0.14393.1715", Some("windowsservercore-ltsc2016"), false),
        ("microsoft/aspnet:windowsservercore-10.0.14393.693", Some("4.8-windowsservercore-ltsc2016"), false),
        ("microsoft/aspnet:4.7.2", None, true),
        ("microsoft/aspnet:4.7.1-windowsservercore-1709", Some("4.7.1-windowsservercore-ltsc2016"), false),
        ("microsoft/aspnet:4.7.2-windowsservercore-ltsc2016", None, true),
        ("microsoft/aspnetcore:1.1", Some("2.1"), false),
        ("microsoft/aspnetcore:2", Some("2.2"), false),
        ("microsoft/aspnetcore:2.1", None, true),
        ("microsoft/dotnet:2.1-sdk", Some("2.1"), true),
        ("microsoft/dotnet:2.1-sdk-nanoserver-1809", Some("2.1-nanoserver-1809"), true),
        // 2.1.300 was gone before the images moved.
        ("microsoft/dotnet:2.1.300-sdk", Some("2.1"), false),
        ("microsoft/dotnet:1.1.2-sdk-nanoserver", Some("1.1-nanoserver-sac2016"), false),
        ("microsoft/dotnet:1.0.0-preview2-windowsservercore-sdk", Some("1.0.0-preview2-windowsservercore"), false),
        ("microsoft/dotnet:2.1-runtime-deps-alpine3.7", Some("2.1-alpine3.7"), true),
        ("microsoft/dotnet-framework:4.7.2-sdk", Some("4.7.2"), true),
        ("microsoft/mssql-server-linux:2017-latest", None, false),
    ] {
        let Some(Fault::RetiredRepository { retag, doubt, .. }) = identify_value(value).fault.map(|it| *it) else {
            panic!("{value}")
        };
        assert_eq!((retag.as_deref(), doubt.is_none()), (tag, certain), "{value}: {doubt:?}");
    }
    assert_eq!(Family::NanoServer.former_latest(), Some("sac2016"));
}

#[test]
fn latest_of_a_base_image_is_not_published() {
    for (value, at) in [
        ("mcr.microsoft.com/windows/servercore", ""),
        ("mcr.microsoft.com/windows/nanoserver:latest", "latest"),
        ("mcr.microsoft.com/windows", ""),
    ] {
        assert_eq!(fault(value), Some(("latest", at.to_owned(), None)), "{value}");
    }
    let identity = identify_value("mcr.microsoft.com/windows/servercore");
    assert_eq!(identity.fault, Some(Box::new(Fault::UnpublishedLatest { at: 36..36 })));
}

#[test]
fn a_tag_that_was_never_published_is_unknown() {
    for (value, instead) in [
        ("mcr.microsoft.com/windows/servercore:2022", Some("ltsc2022")),
        ("mcr.microsoft.com/windows/servercore:2019", Some("ltsc2019")),
        ("mcr.microsoft.com/windows/servercore:ltsc", None),
        ("mcr.microsoft.com/windows/servercore:sac2016", Some("ltsc2016")),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2016", Some("sac2016")),
        ("mcr.microsoft.com/windows/nanoserver:2019", Some("1809")),
        ("mcr.microsoft.com/windows/nanoserver:10.0.25398.469", None),
        ("mcr.microsoft.com/windows/servercore:10.0.20348", Some("ltsc2022")),
        ("mcr.microsoft.com/windows/servercore:windowsservercore-ltsc2022", Some("ltsc2022")),
        ("mcr.microsoft.com/windows:ltsc2022", Some("mcr.microsoft.com/windows/server:ltsc2022")),
        ("mcr.microsoft.com/windows/server:1809", Some("mcr.microsoft.com/windows:1809")),
    ] {
        let tag = value.split_once(':').unwrap().1;
        assert_eq!(fault(value), Some(("unknown", tag.to_owned(), instead.map(str::to_owned))), "{value}");
    }
}

#[test]
fn what_is_right_or_not_known_has_no_fault() {
    for value in [
        "mcr.microsoft.com/windows/servercore:ltsc2022-KB5022291-amd64",
        "mcr.microsoft.com/windows/servercore:1607",
        "mcr.microsoft.com/windows/nanoserver:20h2",
        "mcr.microsoft.com/windows/nanoserver:ltsc2019",
        "mcr.microsoft.com/windows/servercore:10.0.29999.1",
        "mcr.microsoft.com/windows/servercore:${TAG}",
        "mcr.microsoft.com/windows/servercore:1809${DIGEST}",
        "mcr.microsoft.com/windows/servercore${SUFFIX}",
        "mcr.microsoft.com/windows/servercore:{{OS_VERSION}}-amd64",
        "mcr.microsoft.com/windows/servercore:%%PLACEHOLDER%%",
        "mcr.microsoft.com/windows/nanoserver:XXX",
        "mcr.microsoft.com/windows/servercore@sha256:3a2a",
        "mcr.microsoft.com/windows/servercore/iis",
        "mcr.microsoft.com/windows-cssc/python3.7nanoserver:ltsc2019",
        "registry.contoso.com/windows/servercore",
        "${REGISTRY}/windows/servercore",
        "windows-code-signer",
        "nanoserver:1809",
        "microsoft/azure-cli",
    ] {
        assert_eq!(fault(value), None, "{value}");
    }
}

#[test]
fn a_preview_repository_is_insider() {
    assert_eq!(
        fault("mcr.microsoft.com/windows/servercore/insider:10.0.19035.1"),
        Some(("insider", "insider".to_owned(), None))
    );
    let insider = fault("mcr.microsoft.com/windows/nanoserver-insider:10.0.17133.1");
    assert_eq!(insider, Some(("insider", "insider".to_owned(), None)));
    assert_eq!(fault("mcr.microsoft.com/windows/server-insider").map(|fault| fault.0), Some("insider"));
    assert_eq!(fault("mcr.microsoft.com/windows/insider").map(|fault| fault.0), Some("insider"));
    assert_eq!(fault("example/x:insider-10.0.18334.1").map(|fault| fault.1).as_deref(), Some("insider"));
}

#[test]
fn the_operating_system_is_known_where_a_table_says_so() {
    use Os::{Linux, Windows};
    for (value, os) in [
        ("mcr.microsoft.com/windows/servercore:${TAG}", Some(Windows)),
        ("mcr.microsoft.com/windows/servercore${SUFFIX}", Some(Windows)),
        ("mcr.microsoft.com/dotnet/framework/aspnet:4.8", Some(Windows)),
        ("mcr.microsoft.com/dotnet/sdk:8.0", Some(Linux)),
        ("mcr.microsoft.com/dotnet/sdk:8.0-alpine", Some(Linux)),
        ("mcr.microsoft.com/dotnet/sdk", Some(Linux)),
        ("mcr.microsoft.com/dotnet/sdk:${TAG}", None),
        ("mcr.microsoft.com/dotnet/sdk:6.0", None),
        ("mcr.microsoft.com/dotnet/sdk:6.0-bullseye-slim", Some(Linux)),
        ("mcr.microsoft.com/mssql/server:2019-latest", Some(Linux)),
        ("golang:1.27", None),
        ("golang:1.27-alpine3.22", Some(Linux)),
        ("golang:1.27-nanoserver", Some(Windows)),
        ("traefik:v3.4", Some(Linux)),
        ("traefik:v2.1.1-windowsservercore-1809", Some(Windows)),
        ("alpine", Some(Linux)),
        ("ubuntu:22.04", Some(Linux)),
        ("library/debian:12", Some(Linux)),
        ("redis:nanoserver", Some(Windows)),
        ("redis:7", Some(Linux)),
        ("golang:${V}-alpine${A}", Some(Linux)),
        ("gcr.io/x/windows-servercore-cache:1.0-linux-amd64-${OSVERSION}", None),
        ("quay.io/acme/alpine", None),
        ("acme/web:windows", None),
        ("acme/web:1.0-nanoserver", Some(Windows)),
        ("sixeyed/openjdk-nanoserver", Some(Windows)),
        ("microsoft/mssql-server-windows-developer", Some(Windows)),
        ("microsoft/dotnet:2.1-sdk", None),
        ("microsoft/dotnet", None),
        ("microsoft/powershell", None),
        ("microsoft/dotnet:2.1-runtime-alpine", Some(Linux)),
        ("python:3.14-slim", Some(Linux)),
    ] {
        assert_eq!(identify_value(value).os, os, "{value}");
    }
}

#[test]
fn the_family_is_read_from_the_tag_or_the_name() {
    for (value, family) in [
        ("mcr.microsoft.com/windows/nanoserver:${TAG}", Some(Family::NanoServer)),
        ("myacr.azurecr.io/windows/servercore:ltsc2022", Some(Family::ServerCore)),
        ("acme/web:1-windowsservercore-ltsc2022", Some(Family::ServerCore)),
        ("acme/web:1-nanoserver1809", Some(Family::NanoServer)),
        ("acme/web:ltsc2022", None),
        ("mcr.microsoft.com/dotnet/framework/aspnet:4.8", Some(Family::ServerCore)),
        ("microsoft/nanoserver", Some(Family::NanoServer)),
        ("windows/nanoserver:1809", Some(Family::NanoServer)),
    ] {
        assert_eq!(identify_value(value).family, family, "{value}");
    }
}

#[test]
fn a_multi_platform_tag_is_shared() {
    let shared = |value: &str| {
        identify_value(value)
            .variants
            .map(|shared| (shared.builds().iter().map(|build| build.0).collect::<Vec<_>>(), shared.linux))
    };
    assert_eq!(shared("mcr.microsoft.com/windows/servercore/iis"), Some((vec![26100, 20348, 17763, 14393], false)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/framework/aspnet:4.8"), Some((vec![17763, 14393], false)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/framework/sdk:4.8.1"), Some((vec![26100, 20348], false)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/aspnet:10.0"), Some((vec![], true)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/aspnet:6.0"), Some((vec![20348, 17763], true)));
    assert_eq!(shared("golang"), Some((vec![26100, 20348], true)));
    assert_eq!(shared("golang:1.27-windowsservercore"), Some((vec![26100, 20348], false)));
    // What was pushed under them last: docker-library/official-images of 2018-02-17.
    assert_eq!(shared("golang:1.8-windowsservercore"), Some((vec![16299, 14393], false)));
    assert_eq!(shared("golang:1.8"), Some((vec![16299, 14393], true)));
    // Older than the variants; never there; newer than the table.
    assert_eq!(shared("golang:1.4"), None);
    assert_eq!(shared("golang:1.22.99"), None);
    assert_eq!(shared("golang:1.99"), Some((vec![26100, 20348], true)));
    assert_eq!(shared("eclipse-temurin:17-jre"), Some((vec![26100, 20348], true)));
    assert_eq!(shared("traefik:v3.4"), Some((vec![], true)));
    assert_eq!(shared("traefik:1.7-nanoserver"), Some((vec![14393], false)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/framework/aspnet:3.5"), Some((vec![20348, 17763, 14393], false)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/core/sdk:2.1"), Some((vec![19042, 19041, 17763], true)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/core/sdk:2.1.9999"), None);
    assert_eq!(shared("golang:1.27-windowsservercore-ltsc2025"), None);
    assert_eq!(shared("mcr.microsoft.com/dotnet/sdk:5.0"), Some((vec![20348, 19042, 17763], true)));
    assert_eq!(shared("mcr.microsoft.com/dotnet/sdk:5.0.1"), None);
    assert_eq!(shared("mcr.microsoft.com/dotnet/runtime:5.0.1"), Some((vec![19042, 19041, 18363, 17763], true)));
    assert_eq!(shared("public.ecr.aws/docker/library/golang:1.27"), Some((vec![26100, 20348], true)));
    assert_eq!(shared("python:3.14-slim"), None);
    assert_eq!(shared("mongo:8.2-noble"), None);
    assert_eq!(shared("eclipse-temurin:25-jre"), Some((vec![26100, 20348], true)));
    assert_eq!(shared("golang:{{"), None);
    assert_eq!(shared("hello-world:test"), None);
    assert_eq!(shared("golang:1.27@sha256:00"), None);
    assert_eq!(shared("golang:${V}"), None);
    assert_eq!(shared("golang@sha256:00"), None);
}

#[test]
fn the_images_table_goes_first() {
    let rule = |pattern: &str, os, name: &str| ImageRule {
        pattern: pattern.to_owned(),
        declared: match crate::windows::version::parse(name, &Releases::default()) {
            Some(version) if os == Os::Windows => Declared::Windows(version),
            _ => Declared::Linux,
        },
        span: span(0..1),
    };
    let rules = [
        rule("registry.contoso.com/web:*", Os::Windows, "ltsc2022"),
        rule("registry.contoso.com/*", Os::Windows, "10.0.14393.1715"),
        rule("mcr.microsoft.com/windows/servercore:*", Os::Linux, ""),
    ];
    let with = |value: &str| identify(&text(value), &rules, &Releases::default());
    let web = with("registry.contoso.com/web:7");
    assert_eq!(with("registry.contoso.com/web").version, web.version, "no tag is `latest`");
    assert_eq!(web.version.map(|(version, _)| version.to_string()).as_deref(), Some("10.0.20348"));
    assert_eq!(web.proof, Proof::Declared(span(0..1)));
    let legacy = with("registry.contoso.com/a/b");
    assert_eq!(legacy.version.map(|(version, _)| version.to_string()).as_deref(), Some("10.0.14393.1715"));
    let linux = with("mcr.microsoft.com/windows/servercore:ltsc2022");
    assert_eq!((linux.os, linux.version), (Some(Os::Linux), None));
    assert_eq!(with("registry.contoso.com/web:${TAG}").proof, Proof::Declared(span(0..1)));
    assert_eq!(with("${REGISTRY}/web:7").proof, Proof::ThirdPartyName);
}

#[test]
fn the_images_table_declares_multi_platform_images_and_builds() {
    let version = |build| OsVersion { build: Build(build), revision: None };
    let variants = |linux| Variants { windows: vec![version(20348), version(17763)].into(), linux };
    let build =
        DeclaredBuild { dockerfile: "Dockerfile".to_owned(), span: span(0..1), target: None, build_args: Vec::new() };
    let rule = |pattern: &str, declared| ImageRule { pattern: pattern.to_owned(), declared, span: span(0..1) };
    let rules = [
        rule("agent:*", Declared::MultiPlatform(variants(true))),
        rule("windows:*", Declared::MultiPlatform(variants(false))),
        rule("worker:*", Declared::Built(build)),
    ];
    let with = |value: &str| identify(&text(value), &rules, &Releases::default());
    let agent = with("agent:1-ltsc2022");
    assert_eq!((agent.os, agent.version.clone()), (None, None));
    assert_eq!((agent.variants.clone(), agent.declared_build()), (Some(variants(true)), None));
    assert_eq!((with("windows:1").os, with("windows:1").variants), (Some(Os::Windows), Some(variants(false))));
    let worker = with("worker:1-ltsc2022");
    assert_eq!((worker.os, worker.version.clone(), worker.variants.clone()), (None, None, None));
    assert_eq!(worker.declared_build(), Some(span(0..1)));
    assert_eq!(with("other:1").declared_build(), None);
}

#[test]
fn a_release_of_the_user_adds_tags() {
    use crate::windows::release::Release;
    let own = Release::custom("ltsc2028", Build(29000)).publishing(Family::ServerCore, None);
    let releases = Releases::with(vec![own]);
    let value = "mcr.microsoft.com/windows/servercore:ltsc2028-amd64";
    let identity = identify(&text(value), &[], &releases);
    assert_eq!(identity.fault, None);
    assert_eq!(identity.version, Some((OsVersion { build: Build(29000), revision: None }, 37..45)));
    assert_eq!(fault(value).map(|fault| fault.0), Some("unknown"));
}

#[test]
fn nothing_makes_it_panic() {
    for value in [
        "",
        ":",
        "@",
        "/",
        "a:@",
        "::",
        "/:",
        "@@",
        "a/:b@",
        "é:ü",
        "10.0.",
        "mcr.microsoft.com/",
        "windows-",
        "microsoft/",
        "\u{0}",
    ] {
        let _ = identify_value(value);
        let _ = identify_value(&format!("mcr.microsoft.com/windows/servercore:{value}"));
        let _ = identify_value(&format!("windows/servercore:{value}"));
    }
    assert_eq!(identify_value(&"10.0.".repeat(1 << 20)).os, None);
}

proptest::proptest! {
    #[test]
    fn ranges_are_of_the_value(value in "(mcr\\.microsoft\\.com/|microsoft/|windows/|acme/)?[a-z0-9:/@._\u{e9}\u{0}-]{0,40}(windowsservercore|nanoserver-|ltsc2022|10\\.0\\.17763|1809|\\$\\{V\\})?[a-z0-9:/@._-]{0,12}") {
        let text = text(&value);
        let identity = identify(&text, &[], &Releases::default());
        let reference = identity.reference;
        let tag = reference.tag.iter().chain(&reference.digest).chain(&reference.registry);
        for at in tag.chain([&reference.repository]).chain(identity.version.iter().map(|(_, at)| at)) {
            proptest::prop_assert!(text.value.get(at.clone()).is_some(), "{at:?}");
        }
        if let Some((_, at)) = identity.version {
            proptest::prop_assert!(text.hole_in(at.clone()).is_none() && !at.is_empty(), "{at:?}");
        }
    }
}
