//! What cannot be seen: whatever a silent agent told may be over.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::judgement::Sight;
use crate::store::{Reader, StoreError};

/// Agents that are not heard, and the cameras that only they tell of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::assess) struct Sights {
    agents: BTreeSet<String>,
    cameras: BTreeSet<i64>,
}

impl Sights {
    /// How things are in some branches, by their open findings of silence. `heard` are agents that
    /// say something right now, whatever was found before.
    pub(in crate::assess) async fn of(
        reader: &mut Reader,
        branches: &[i64],
        heard: &BTreeSet<Uuid>,
    ) -> Result<Self, StoreError> {
        let mut silent = reader.agents_silent(branches).await?;
        let heard: BTreeSet<_> = heard.iter().map(ToString::to_string).collect();
        silent.retain(|(_, agent)| !heard.contains(agent));
        Ok(Self {
            cameras: reader.camera_ids_of_agents(&silent).await?,
            agents: silent.into_iter().map(|(_, agent)| agent).collect(),
        })
    }

    pub(in crate::assess) fn of_agent(&self, agent: &str) -> Sight {
        if self.agents.contains(agent) {
            Sight::AgentSilent
        } else {
            Sight::Clear
        }
    }

    pub(in crate::assess) fn of_camera(&self, camera: i64) -> Sight {
        if self.cameras.contains(&camera) {
            Sight::AgentSilent
        } else {
            Sight::Clear
        }
    }
}
