//! Who acts, and what they may: the one place that asks the domain's table of roles.
//!
//! What lies outside somebody's scope does not exist for them: asking for it gives the same answer as
//! asking for something that nobody has, so that codes and numbers cannot be tried out. Only within
//! their scope are they told that an act needs a permission they lack.

use crate::domain::role::{Action, BranchId, RegionId, Role, Target, may};
use crate::store::branches::{BranchRow, RegionRow};
use crate::store::people::PersonRow;
use crate::store::scope::Scope;
use crate::store::{Reader, StoreError};

/// The name under which whoever runs this machine acts. No person can have it.
pub const LOCAL_NAME: &str = "local";

/// Names that the record uses for others than people.
pub const RESERVED_NAMES: [&str; 3] = [LOCAL_NAME, "coordinator", "keepwatch"];

/// Somebody who asks or acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    name: String,
    role: Role,
}

/// Why something is not shown or not done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// It is not there, or not for them.
    #[error("there is no {what} “{name}”")]
    NotThere {
        /// `branch`, `alert`, …
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// They see it and may not do this.
    #[error("this needs the permission {}, which the role {role} does not have here", .action.word())]
    Forbidden {
        /// What was to be done.
        action: Action,
        /// What they are.
        role: &'static str,
    },
    /// The store fails.
    #[error("the store does not answer")]
    Store(#[from] StoreError),
}

impl Viewer {
    /// Whoever runs this machine.
    pub fn local() -> Self {
        Self {
            name: LOCAL_NAME.to_owned(),
            role: Role::Administrator,
        }
    }

    /// A person of the store; none when their row holds a role that nobody writes.
    pub fn of(person: &PersonRow) -> Option<Self> {
        let region = person.region_id.map(RegionId);
        let role = Role::of(&person.role, region, person.branch_id.map(BranchId)).ok()?;
        Some(Self {
            name: person.name.clone(),
            role,
        })
    }

    /// How the record calls them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What they are.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What every list is cut to.
    pub fn scope(&self) -> Scope {
        match self.role {
            Role::Administrator | Role::Headquarters => Scope::Everything,
            Role::Region(region) => Scope::Region(region.0),
            Role::Branch(branch) => Scope::Branch(branch.0),
        }
    }

    /// Whether they may do something to the whole chain.
    pub fn may(&self, action: Action) -> bool {
        may(self.role, action, Target::Fleet)
    }

    /// The same, as an error.
    pub fn need(&self, action: Action) -> Result<(), AccessError> {
        if self.may(action) {
            return Ok(());
        }
        Err(self.forbidden(action))
    }

    /// The branch of a code, to do something to it.
    pub async fn branch(
        &self,
        reader: &mut Reader,
        code: &str,
        action: Action,
    ) -> Result<BranchRow, AccessError> {
        let not_there = || AccessError::NotThere {
            what: "branch",
            name: code.to_owned(),
        };
        let row = reader.branch_fetch_by_code(code).await?;
        let row = row.ok_or_else(not_there)?;
        if self.may_at(reader, &row, action).await? {
            return Ok(row);
        }
        if self.may_at(reader, &row, Action::See).await? {
            return Err(self.forbidden(action));
        }
        Err(not_there())
    }

    /// A branch, to do something to what belongs to it; `part` is what was asked for, and all that a
    /// stranger to the branch learns is that it is not there.
    pub async fn part_of_branch(
        &self,
        reader: &mut Reader,
        branch_id: i64,
        part: (&'static str, &str),
        action: Action,
    ) -> Result<BranchRow, AccessError> {
        let not_there = || AccessError::NotThere {
            what: part.0,
            name: part.1.to_owned(),
        };
        let row = reader.branch_fetch(branch_id).await?;
        let row = row.ok_or_else(not_there)?;
        if !self.may_at(reader, &row, Action::See).await? {
            return Err(not_there());
        }
        if !self.may_at(reader, &row, action).await? {
            return Err(self.forbidden(action));
        }
        Ok(row)
    }

    /// The region of a code, to do something to it.
    pub async fn region(
        &self,
        reader: &mut Reader,
        code: &str,
        action: Action,
    ) -> Result<RegionRow, AccessError> {
        let not_there = || AccessError::NotThere {
            what: "region",
            name: code.to_owned(),
        };
        let row = reader.region_fetch_by_code(code).await?;
        let row = row.ok_or_else(not_there)?;
        let line = line(reader, Some(row.id)).await?;
        let target = Target::Region(&line);
        if may(self.role, action, target) {
            return Ok(row);
        }
        if may(self.role, Action::See, target) {
            return Err(self.forbidden(action));
        }
        Err(not_there())
    }

    async fn may_at(
        &self,
        reader: &mut Reader,
        branch: &BranchRow,
        action: Action,
    ) -> Result<bool, StoreError> {
        let line = line(reader, branch.region_id).await?;
        Ok(may(
            self.role,
            action,
            Target::Branch(BranchId(branch.id), &line),
        ))
    }

    fn forbidden(&self, action: Action) -> AccessError {
        AccessError::Forbidden {
            action,
            role: self.role.word(),
        }
    }
}

async fn line(reader: &mut Reader, region: Option<i64>) -> Result<Vec<RegionId>, StoreError> {
    let Some(region) = region else {
        return Ok(Vec::new());
    };
    let line = reader.region_line(region).await?;
    Ok(line.into_iter().map(RegionId).collect())
}
