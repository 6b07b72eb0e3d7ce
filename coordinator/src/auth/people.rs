//! Adding people: who may be one, and the deed of it.

use keepwatch_common::model::name::{Name, NameError};
use keepwatch_common::secret::Secret;
use keepwatch_common::time::Instant;
use serde_json::json;

use super::deed;
use super::password::{PasswordRuleError, check_rules};
use super::viewer::{RESERVED_NAMES, Viewer};
use crate::domain::place::PlaceCode;
use crate::domain::role::{BranchId, RegionId, Role, RoleError};
use crate::store::people::{NewPerson, PersonInsertError};
use crate::store::{StoreError, Tx};

/// A person to be.
#[derive(Debug, Clone)]
pub struct WantedPerson {
    /// The name to sign in with.
    pub name: String,
    /// The role's word.
    pub role: String,
    /// The code of the region that the role is bound to.
    pub region: Option<String>,
    /// The code of the branch that the role is bound to.
    pub branch: Option<String>,
}

/// Why a person was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddPersonError {
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It begins or ends with a blank, which nobody would type again.
    #[error("a sign-in name has no blanks around it")]
    NameBlanks,
    /// The record uses the name for others.
    #[error("the name “{name}” is kept for the coordinator itself; choose another")]
    NameReserved {
        /// The name.
        name: String,
    },
    /// The password is none.
    #[error(transparent)]
    Password(#[from] PasswordRuleError),
    /// The role is none, or its scope does not fit.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// There is no such region.
    #[error("there is no region “{code}”")]
    Region {
        /// The code.
        code: String,
    },
    /// There is no such branch.
    #[error("there is no branch “{code}”")]
    Branch {
        /// The code.
        code: String,
    },
    /// The name is in use.
    #[error("the sign-in name “{name}” is taken; choose another")]
    Taken {
        /// The name.
        name: String,
    },
    /// The store fails.
    #[error("the store does not take the person")]
    Store(#[from] StoreError),
}

impl WantedPerson {
    /// Whether name and password can be somebody's; asked before the password is hashed.
    pub fn check(&self, password: &Secret) -> Result<(), AddPersonError> {
        let name = Name::new(self.name.as_str())?;
        if name.as_str().trim() != name.as_str() {
            return Err(AddPersonError::NameBlanks);
        }
        let reserved = RESERVED_NAMES
            .iter()
            .any(|reserved| name.as_str().eq_ignore_ascii_case(reserved));
        if reserved {
            let name = self.name.clone();
            return Err(AddPersonError::NameReserved { name });
        }
        Ok(check_rules(password, name.as_str())?)
    }
}

/// Adds a person with the hash of a password that was checked, and the deed.
pub async fn add_person(
    tx: &mut Tx,
    viewer: &Viewer,
    person: &WantedPerson,
    password_hash: &Secret,
    now: Instant,
) -> Result<(), AddPersonError> {
    let region_id = match &person.region {
        Some(code) => Some(region_id(tx, code).await?),
        None => None,
    };
    let branch_id = match &person.branch {
        Some(code) => Some(branch_id(tx, code).await?),
        None => None,
    };
    let role = Role::of(
        &person.role,
        region_id.map(RegionId),
        branch_id.map(BranchId),
    )?;
    let added = tx
        .person_insert(&NewPerson {
            name: &person.name,
            password_hash,
            role: role.word(),
            region_id,
            branch_id,
            created_at: now,
        })
        .await;
    added.map_err(|refused| match refused {
        PersonInsertError::NameTaken { name } => AddPersonError::Taken { name },
        PersonInsertError::Store(error) => error.into(),
    })?;
    let body = json!({ "role": role.word(), "region": person.region, "branch": person.branch });
    deed::record(tx, now, viewer, ("person_add", &person.name), &body).await?;
    Ok(())
}

async fn region_id(tx: &mut Tx, code: &str) -> Result<i64, AddPersonError> {
    let row = match PlaceCode::new(code) {
        Ok(known) => tx.region_fetch_by_code(known.as_str()).await?,
        Err(_) => None,
    };
    let code = code.to_owned();
    row.map(|row| row.id).ok_or(AddPersonError::Region { code })
}

async fn branch_id(tx: &mut Tx, code: &str) -> Result<i64, AddPersonError> {
    let row = match PlaceCode::new(code) {
        Ok(known) => tx.branch_fetch_by_code(known.as_str()).await?,
        Err(_) => None,
    };
    let code = code.to_owned();
    row.map(|row| row.id).ok_or(AddPersonError::Branch { code })
}
