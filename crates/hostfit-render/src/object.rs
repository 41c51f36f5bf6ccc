//! Values with methods or with fields of their own: `.Capabilities`, `.Files`, versions.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    semver::Version,
    text::{Origin, Text},
};

/// What is not a plain value.
#[derive(Debug)]
pub(crate) enum Object {
    Capabilities(Rc<Capabilities>),
    ApiVersions(Rc<Capabilities>),
    KubeVersion(Rc<Capabilities>),
    HelmVersion,
    Files(Files),
    Semver(Version),
    /// A point in time: `now`, which is not known here.
    Time,
}

/// What `.Capabilities` says of the cluster.
#[derive(Debug)]
pub(crate) struct Capabilities {
    /// `v1.36.0`.
    pub(crate) version: String,
    pub(crate) major: String,
    pub(crate) minor: String,
    /// `apps/v1`, `apps/v1/Deployment`.
    pub(crate) api_versions: Vec<String>,
}

/// `.Files`: the files of the chart that are neither templates nor subcharts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    pub(crate) files: Arc<BTreeMap<String, Text>>,
    /// Those of them that `Glob` left.
    pub(crate) names: Option<Rc<Vec<String>>>,
}

impl Files {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Text)> {
        let names = self.names.as_ref();
        self.files
            .iter()
            .filter(move |(name, _)| names.is_none_or(|names| names.binary_search(name).is_ok()))
            .map(|(name, text)| (name.as_str(), text))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Text> {
        let is_in = self.names.as_ref().is_none_or(|names| names.iter().any(|it| it == name));
        self.files.get(name).filter(|_| is_in)
    }
}

impl Object {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Capabilities(_) => "*common.Capabilities",
            Self::ApiVersions(_) => "common.VersionSet",
            Self::KubeVersion(_) => "common.KubeVersion",
            Self::HelmVersion => "version.BuildInfo",
            Self::Files(_) => "engine.files",
            Self::Semver(_) => "*semver.Version",
            Self::Time => "time.Time",
        }
    }

    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Capabilities(_) | Self::Semver(_) => "ptr",
            Self::ApiVersions(_) => "slice",
            Self::Files(_) => "map",
            Self::KubeVersion(_) | Self::HelmVersion | Self::Time => "struct",
        }
    }

    /// Whether `if` takes it for true.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Files(files) => files.iter().next().is_some(),
            Self::ApiVersions(capabilities) => !capabilities.api_versions.is_empty(),
            _ => true,
        }
    }

    pub(crate) fn printed(&self) -> String {
        match self {
            Self::KubeVersion(capabilities) => capabilities.version.clone(),
            Self::ApiVersions(capabilities) => format!("[{}]", capabilities.api_versions.join(" ")),
            Self::Semver(version) => version.to_string(),
            Self::Time => TIME.to_owned(),
            Self::Capabilities(_) | Self::HelmVersion | Self::Files(_) => String::new(),
        }
    }
}

/// What stands for the time of rendering.
pub(crate) const TIME: &str = "2026-01-01 00:00:00 +0000 UTC";

/// A text in base64.
pub(crate) fn base64(text: &Text) -> Text {
    Text::new(STANDARD.encode(text.as_str()), Origin::made([&text.origin()]))
}
