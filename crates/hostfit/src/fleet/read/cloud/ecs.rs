//! Task definitions of ECS: `aws ecs describe-task-definition`, the file that it was registered from, `aws_ecs_task_definition`.
//! They state the operating system that they run on, and ECS places them on machines that have it.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html>.

use hostfit_core::{fleet::Orchestrator, windows::platform::Platform};

use super::Builder;
use crate::fleet::{machine::Machine, read::given::Given};

/// The hosts of a task definition. None where it does not say what they run: on EC2 that need not be stated.
pub(crate) fn hosts(given: &Given) -> Option<Machine> {
    let mut pool = Builder::new(Orchestrator::Docker, Some(Platform::Ecs));
    let family = given.at(&["runtimePlatform", "runtime_platform"]);
    let family = family.at(&["operatingSystemFamily", "operating_system_family"]);
    let is_fargate = given
        .at(&["requiresCompatibilities", "requires_compatibilities", "compatibilities"])
        .items()
        .iter()
        .any(|it| it.text().is_some_and(|it| it.eq_ignore_ascii_case("fargate")));
    match family.text().map(str::to_ascii_lowercase) {
        Some(name) if name.starts_with("windows") => {
            pool.name(&format!("ecs-{}", name.replace('_', "-")));
            pool.image(family, "operating_system_family", "`aws ecs describe-task-definition`");
        }
        None if family.expression().is_some() => {
            pool.name("ecs-windows");
            pool.image(family, "operating_system_family", "`aws ecs describe-task-definition`");
        }
        None if !is_fargate => return None,
        _ => {
            pool.name("ecs-linux");
            pool.linux();
        }
    }
    Some(pool.build())
}
