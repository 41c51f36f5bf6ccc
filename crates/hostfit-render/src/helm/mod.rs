//! Helm: charts are loaded, their values put together, and their templates run, as Helm v4 does.

mod alone;
mod archive;
mod capabilities;
mod chart;
mod coalesce;
mod dependencies;
mod ignore;
mod live;
mod load;
mod metadata;
mod render;
mod seen;

pub use self::{
    alone::render_alone,
    capabilities::KubeVersion,
    chart::Chart,
    load::{load, values},
    render::{Manifest, Options, Rendering, render},
    seen::seen,
};
pub(crate) use self::{load::merged, render::render_onto};
