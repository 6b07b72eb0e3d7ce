//! Who may do what, and where: one table.
//!
//! A role carries its scope, so that a branch's person without a branch cannot exist. Whoever judges
//! is not whoever is judged: a branch handles its alerts, and neither closes them nor approves its
//! own baselines. It must not know sessions nor passwords.

/// A region's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub i64);

/// A branch's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchId(pub i64);

/// What somebody is, and for which part of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs the installation: people, agents, policy; everywhere.
    Administrator,
    /// Sets the standard and supervises; everywhere.
    Headquarters,
    /// Supervises the branches of a region and of all regions below it.
    Region(RegionId),
    /// Runs one branch.
    Branch(BranchId),
}

/// Why a stored role is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// Not one of the four words.
    #[error("“{word}” is no role; write administrator, headquarters, region or branch")]
    Unknown {
        /// What was written.
        word: String,
    },
    /// The scope does not fit the role.
    #[error(
        "the role “{word}” has the wrong scope; a region's person has a region, a branch's person \
         a branch, all others neither"
    )]
    Scope {
        /// Which role.
        word: &'static str,
    },
}

impl Role {
    /// From its word and scope, as a store or a form has them.
    pub fn of(
        word: &str,
        region: Option<RegionId>,
        branch: Option<BranchId>,
    ) -> Result<Self, RoleError> {
        match (word, region, branch) {
            ("administrator", None, None) => Ok(Self::Administrator),
            ("headquarters", None, None) => Ok(Self::Headquarters),
            ("region", Some(region), None) => Ok(Self::Region(region)),
            ("branch", None, Some(branch)) => Ok(Self::Branch(branch)),
            _ => Err(match WORDS.into_iter().find(|known| *known == word) {
                Some(word) => RoleError::Scope { word },
                None => RoleError::Unknown {
                    word: word.to_owned(),
                },
            }),
        }
    }

    /// The word in the store.
    pub fn word(self) -> &'static str {
        WORDS[self.column()]
    }

    /// Whether this role may do something at all, somewhere within its scope.
    pub fn has(self, action: Action) -> bool {
        action.allowed()[self.column()]
    }

    fn column(self) -> usize {
        match self {
            Self::Administrator => 0,
            Self::Headquarters => 1,
            Self::Region(_) => 2,
            Self::Branch(_) => 3,
        }
    }

    fn reaches(self, target: Target<'_>) -> bool {
        match (self, target) {
            (Self::Administrator | Self::Headquarters, _) => true,
            (Self::Region(own), Target::Region(regions) | Target::Branch(_, regions)) => {
                regions.contains(&own)
            }
            (Self::Branch(own), Target::Branch(branch, _)) => own == branch,
            (Self::Region(_) | Self::Branch(_), _) => false,
        }
    }
}

const WORDS: [&str; 4] = ["administrator", "headquarters", "region", "branch"];

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// See pages and figures.
    See,
    /// Take figures, lists and evidence out.
    Export,
    /// Acknowledge, snooze and assign alerts.
    HandleAlerts,
    /// Close alerts that recovered.
    CloseAlerts,
    /// Approve a reading as baseline.
    ApproveBaseline,
    /// Hold footage, and release it.
    HoldFootage,
    /// Add, rename and close branches and regions.
    ManageBranches,
    /// Make join tokens and revoke agents.
    ManageAgents,
    /// Change policy packs and assign them.
    ManagePolicy,
    /// Set where notifications go.
    ManageNotifications,
    /// Read the record of what people did.
    ReadRecord,
    /// Add people and change their roles.
    ManagePeople,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 12] = [
        Self::See,
        Self::Export,
        Self::HandleAlerts,
        Self::CloseAlerts,
        Self::ApproveBaseline,
        Self::HoldFootage,
        Self::ManageBranches,
        Self::ManageAgents,
        Self::ManagePolicy,
        Self::ManageNotifications,
        Self::ReadRecord,
        Self::ManagePeople,
    ];

    /// The permission's word, as refusals name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Export => "export",
            Self::HandleAlerts => "handle_alerts",
            Self::CloseAlerts => "close_alerts",
            Self::ApproveBaseline => "approve_baseline",
            Self::HoldFootage => "hold_footage",
            Self::ManageBranches => "manage_branches",
            Self::ManageAgents => "manage_agents",
            Self::ManagePolicy => "manage_policy",
            Self::ManageNotifications => "manage_notifications",
            Self::ReadRecord => "read_record",
            Self::ManagePeople => "manage_people",
        }
    }

    /// Administrator, headquarters, region, branch: who may, within their scope.
    fn allowed(self) -> [bool; 4] {
        match self {
            Self::See | Self::Export | Self::HandleAlerts => [true, true, true, true],
            Self::CloseAlerts | Self::ApproveBaseline | Self::HoldFootage => {
                [true, true, true, false]
            }
            Self::ManageBranches
            | Self::ManageAgents
            | Self::ManagePolicy
            | Self::ManageNotifications
            | Self::ReadRecord => [true, true, false, false],
            Self::ManagePeople => [true, false, false, false],
        }
    }
}

/// What it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// The whole chain.
    Fleet,
    /// A region, by itself and all regions above it.
    Region(&'a [RegionId]),
    /// A branch, and its region with all regions above it.
    Branch(BranchId, &'a [RegionId]),
}

/// Whether somebody may do something to something.
pub fn may(role: Role, action: Action, target: Target<'_>) -> bool {
    role.has(action) && role.reaches(target)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    const ROLES: [Role; 4] = [
        Role::Administrator,
        Role::Headquarters,
        Role::Region(RegionId(1)),
        Role::Branch(BranchId(10)),
    ];

    /// The chain: region 1 holds region 2; branch 10 is in region 2, branch 11 in region 3.
    const OWN: Target<'_> = Target::Branch(BranchId(10), &[RegionId(2), RegionId(1)]);
    const SISTER: Target<'_> = Target::Branch(BranchId(12), &[RegionId(1)]);
    const FOREIGN: Target<'_> = Target::Branch(BranchId(11), &[RegionId(3)]);
    const REGION: Target<'_> = Target::Region(&[RegionId(2), RegionId(1)]);
    const FOREIGN_REGION: Target<'_> = Target::Region(&[RegionId(3)]);

    /// Every role and action over six targets: its own branch, a sister branch of the region, a
    /// foreign branch, its region, a foreign region, the fleet.
    fn table() -> String {
        let targets = [OWN, SISTER, FOREIGN, REGION, FOREIGN_REGION, Target::Fleet];
        let mut said = String::new();
        for action in Action::ALL {
            write!(said, "{action:?}").unwrap();
            for role in ROLES {
                said.push(' ');
                let marks = targets.map(|target| if may(role, action, target) { '+' } else { '-' });
                said.extend(marks);
            }
            said.push('\n');
        }
        said
    }

    #[test]
    fn every_role_action_and_target_is_as_written_here() {
        let expected = "\
See ++++++ ++++++ ++-+-- +-----
Export ++++++ ++++++ ++-+-- +-----
HandleAlerts ++++++ ++++++ ++-+-- +-----
CloseAlerts ++++++ ++++++ ++-+-- ------
ApproveBaseline ++++++ ++++++ ++-+-- ------
HoldFootage ++++++ ++++++ ++-+-- ------
ManageBranches ++++++ ++++++ ------ ------
ManageAgents ++++++ ++++++ ------ ------
ManagePolicy ++++++ ++++++ ------ ------
ManageNotifications ++++++ ++++++ ------ ------
ReadRecord ++++++ ++++++ ------ ------
ManagePeople ++++++ ------ ------ ------
";
        assert_eq!(table(), expected);
    }

    #[test]
    fn a_stored_role_has_the_scope_it_needs_and_no_other() {
        let (region, branch) = (Some(RegionId(1)), Some(BranchId(10)));
        for (role, region, branch) in [
            (ROLES[0], None, None),
            (ROLES[1], None, None),
            (ROLES[2], region, None),
            (ROLES[3], None, branch),
        ] {
            assert_eq!(Role::of(role.word(), region, branch), Ok(role));
        }
        for (word, region, branch) in [
            ("administrator", region, None),
            ("region", None, None),
            ("region", region, branch),
            ("branch", region, None),
        ] {
            assert!(matches!(
                Role::of(word, region, branch),
                Err(RoleError::Scope { .. })
            ));
        }
        assert!(matches!(
            Role::of("owner", None, None),
            Err(RoleError::Unknown { .. })
        ));
    }
}
