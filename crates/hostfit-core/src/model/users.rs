//! On whose behalf an image is judged: a Dockerfile has no placement, so that what is made of it says where that runs.

use std::collections::BTreeSet;

use super::{BuildId, DockerfileBuild, ImageUse, Project, Role};
use crate::source::SourceId;

impl Project {
    /// The files that say where what a build makes runs: those of the workloads that run it, also through other builds;
    /// where there are none, those that build it; else its own.
    pub fn users_of(&self, build: BuildId) -> &[SourceId] {
        let users = self.users.get_or_init(|| users(self));
        users.get(build.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The same for one use of an image.
    pub fn users_of_image<'p>(&'p self, image: &ImageUse) -> &'p [SourceId] {
        match image.role {
            Role::Base { build, .. } | Role::CopiedFrom { build, .. } => self.users_of(build),
            Role::Container { workload, .. } => {
                let workload = self.workload(workload);
                workload.map_or(&[], |workload| std::slice::from_ref(&workload.source))
            }
        }
    }

    /// The same for all that a file says: of a Dockerfile what is made of it, of others the workloads in it. None where
    /// it says nothing that runs by itself.
    pub fn users_of_file(&self, file: SourceId) -> Vec<SourceId> {
        let builds = (0..).map(BuildId).zip(&self.builds).filter(|(_, build)| build.source == file);
        let mut users: Vec<_> = builds.flat_map(|(id, _)| self.users_of(id).iter().copied()).collect();
        users.extend(self.workloads.iter().map(|workload| workload.source).find(|source| *source == file));
        users.sort_unstable();
        users.dedup();
        users
    }
}

fn users(project: &Project) -> Vec<Vec<SourceId>> {
    let mut users: Vec<BTreeSet<SourceId>> = vec![BTreeSet::new(); project.builds.len()];
    // Which builds take part in what each makes.
    let mut parts: Vec<Vec<BuildId>> = vec![Vec::new(); project.builds.len()];
    let mut new: Vec<(BuildId, SourceId)> = Vec::new();
    for image in &project.images {
        let Some(made) = image.built_by else { continue };
        match image.role {
            Role::Container { workload, .. } => {
                let workload = project.workload(workload);
                new.extend(workload.map(|workload| (made, workload.source)));
            }
            Role::Base { build, .. } | Role::CopiedFrom { build, .. } => {
                if let Some(parts) = parts.get_mut(build.0 as usize) {
                    parts.push(made);
                }
            }
        }
    }
    while let Some((build, user)) = new.pop() {
        if users.get_mut(build.0 as usize).is_some_and(|users| users.insert(user)) {
            let parts = parts.get(build.0 as usize).into_iter().flatten();
            new.extend(parts.map(|part| (*part, user)));
        }
    }
    let or_else = |(users, build): (BTreeSet<SourceId>, &DockerfileBuild)| match users.is_empty() {
        false => users.into_iter().collect(),
        true if build.built_at.is_empty() => vec![build.source],
        true => build.built_at.iter().map(|at| at.source).collect::<BTreeSet<_>>().into_iter().collect(),
    };
    users.into_iter().zip(&project.builds).map(or_else).collect()
}
