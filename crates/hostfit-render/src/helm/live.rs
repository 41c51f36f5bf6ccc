//! A chart while it is rendered.

use super::{
    chart::Chart,
    metadata::{Dependency, Metadata},
};
use crate::{
    text::Text,
    value::{Heap, MapId},
};

/// A chart in one rendering: its values can be changed, and it may have another name.
#[derive(Clone, Debug)]
pub(super) struct Live<'c> {
    pub(super) chart: &'c Chart,
    /// The alias, or the chart's own name.
    pub(super) name: Text,
    pub(super) values: MapId,
    pub(super) subcharts: Vec<Live<'c>>,
    /// The dependencies that are declared and enabled.
    pub(super) declared: Vec<&'c Dependency>,
}

impl<'c> Live<'c> {
    pub(super) fn new(heap: &mut Heap, chart: &'c Chart) -> Self {
        let values = heap.map_of(&chart.values);
        Self {
            chart,
            name: chart.metadata.name.clone(),
            values: heap.add_map(values),
            subcharts: chart.subcharts.iter().map(|subchart| Live::new(heap, subchart)).collect(),
            declared: chart.metadata.dependencies.iter().collect(),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_str()
    }

    pub(super) fn metadata(&self) -> Metadata {
        Metadata { name: self.name.clone(), ..self.chart.metadata.clone() }
    }
}
