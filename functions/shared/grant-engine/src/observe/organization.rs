//! The organization: read whole for the snapshot, one account at a time for events

use std::collections::BTreeMap;

use aws_sdk_organizations::types::Account as ApiAccount;
use grant_plan::call::{Disposition, Failure, Operation};
use grant_plan::id::{AccountId, OuId};
use grant_plan::organization::{Account, AccountState, Organization};
use rand::Rng;

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::observe::pages;

/// Units lie at most five deep (Organizations quotas); twice that ends any walk
const DEEPEST: usize = 10;

impl Engine {
    /// The organization as the ledger's snapshot has it; read from Organizations and kept when there is none
    ///
    /// # Errors
    /// When the ledger or Organizations do not answer.
    pub async fn organization(&self) -> Result<Organization, Failure> {
        match self.ledger.organization().await? {
            Some(organization) => Ok(organization.as_known(self.now())),
            None => self.refresh_organization().await,
        }
    }

    /// The organization as [`Self::organization`] gives it, with nothing written
    ///
    /// # Errors
    /// When the ledger or Organizations do not answer.
    pub async fn organization_as_seen(&self) -> Result<Organization, Failure> {
        match self.ledger.organization().await? {
            Some(organization) => Ok(organization.as_known(self.now())),
            None => self.read_organization().await,
        }
    }

    /// Reads the whole organization and puts it in force
    ///
    /// # Errors
    /// When the ledger or Organizations do not answer.
    pub async fn refresh_organization(&self) -> Result<Organization, Failure> {
        for _ in 0..4 {
            let mark = self.ledger.snapshot_mark().await?;
            let read = self.read_organization().await?;
            let organization = match self.ledger.organization().await? {
                Some(earlier) => read.with_tags_of(&earlier),
                None => read,
            };
            let name = format!("{:032x}", self.random(Rng::random::<u128>));
            if self.ledger.accept_snapshot(&organization, mark.as_ref(), &name, self.now()).await? {
                return Ok(organization.as_known(self.now()));
            }
            tracing::info!("the organization's snapshot moved while it was read; reading again");
        }
        Err(unreadable(Operation::Observe, "the organization", "its snapshot moves faster than it can be read"))
    }

    /// Looks at one account and puts it in its place in the snapshot, with its tags if they are asked for
    ///
    /// # Errors
    /// When the ledger or Organizations do not answer.
    pub async fn refresh_account(&self, id: &AccountId, with_tags: bool) -> Result<Option<Account>, Failure> {
        let call = self.clients.organizations.describe_account().account_id(id.as_str());
        let account = match call.send().await.map_err(|error| understand(Operation::Observe, &error)) {
            Ok(answer) => answer.account,
            Err(failure) if failure.code.as_deref() == Some("AccountNotFoundException") => None,
            Err(failure) => return Err(failure),
        };
        let account = match account {
            Some(account) => Some(self.place(id, &account).await?),
            None => None,
        };
        let account = match account {
            // Nobody reads the tags of what is switched off, sweeps included: it does not matter what rules say of it.
            Some(account) if with_tags && !account.state.is_off() => Some(self.with_tags(id, account).await?),
            other => other,
        };
        self.ledger.patch_account(id, account.as_ref()).await?;
        Ok(account)
    }

    /// An account with its tags, or without where they are refused: its place counts whether or not they can be read
    async fn with_tags(&self, id: &AccountId, account: Account) -> Result<Account, Failure> {
        match self.tags(id).await {
            Ok(tags) => Ok(Account { tags: Some(tags), tags_at: Some(self.now()), ..account }),
            Err(failure) if failure.disposition == Disposition::Retry => Err(failure),
            Err(failure) => {
                tracing::warn!(account.id = %id, error.code = failure.code.as_deref(), "tags were not read: {failure}");
                Ok(account)
            }
        }
    }

    /// The whole organization, read from Organizations and not kept
    pub(crate) async fn read_organization(&self) -> Result<Organization, Failure> {
        let answer = self.clients.organizations.describe_organization().send().await;
        let answer = answer.map_err(|error| understand(Operation::Observe, &error))?;
        let described =
            answer.organization.ok_or_else(|| unreadable(Operation::Observe, "the organization", "no organization"))?;
        let of = |error: grant_plan::id::IdError| unreadable(Operation::Observe, "the organization", error);
        let units = self.read_units().await?;
        let listed = pages::all(async |token| {
            let page = self.clients.organizations.list_accounts().set_next_token(token).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.accounts, page.next_token))
        });
        let mut accounts = BTreeMap::new();
        for account in listed.await? {
            let id: AccountId = account.id.as_deref().unwrap_or_default().parse().map_err(of)?;
            let placed = self.place(&id, &account).await?;
            accounts.insert(id, placed);
        }
        Ok(Organization {
            id: described.id.unwrap_or_default().parse().map_err(of)?,
            arn: described.arn.unwrap_or_default(),
            management: described.master_account_id.unwrap_or_default().parse().map_err(of)?,
            units,
            accounts,
        })
    }

    /// All units, level by level
    async fn read_units(&self) -> Result<BTreeMap<OuId, String>, Failure> {
        let mut parents = self.read_roots().await?;
        let mut units = BTreeMap::new();
        while let Some(parent) = parents.pop() {
            let children = pages::all(async |token| {
                let call = self.clients.organizations.list_organizational_units_for_parent().parent_id(&parent);
                let page = call.set_next_token(token).send().await;
                let page = page.map_err(|error| understand(Operation::Observe, &error))?;
                Ok((page.organizational_units, page.next_token))
            });
            for unit in children.await? {
                let id = unit.id.unwrap_or_default();
                let known: OuId = id.parse().map_err(|error| unreadable(Operation::Observe, "a unit", error))?;
                units.insert(known, unit.name.unwrap_or_default());
                parents.push(id);
            }
        }
        Ok(units)
    }

    async fn read_roots(&self) -> Result<Vec<String>, Failure> {
        let roots = pages::all(async |token| {
            let page = self.clients.organizations.list_roots().set_next_token(token).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.roots, page.next_token))
        });
        Ok(roots.await?.into_iter().filter_map(|root| root.id).collect())
    }

    /// State, place and name of an account, by what the answer holds
    ///
    /// `State` replaces `Status`, which AWS retires in September 2026; `Paths` is newer still. Where the one is
    /// missing the other is taken, and where `Paths` is missing the parents are walked.
    async fn place(&self, id: &AccountId, account: &ApiAccount) -> Result<Account, Failure> {
        let state = account.state.as_ref().map(|state| state.as_str().to_owned());
        let state = state.or_else(|| account.status.as_ref().map(|status| status.as_str().to_owned()));
        let path = match account.paths().first() {
            Some(path) => units_of(path)?,
            None => self.walk_parents(id).await?,
        };
        let placed = Account::new(AccountState::from_api(state.as_deref().unwrap_or_default()), path);
        Ok(Account { name: account.name.clone(), ..placed })
    }

    async fn walk_parents(&self, id: &AccountId) -> Result<Vec<OuId>, Failure> {
        let mut path = Vec::new();
        let mut child = id.to_string();
        for _ in 0..DEEPEST {
            let parent = self.parent(&child).await?;
            let Ok(unit) = parent.parse::<OuId>() else { return Ok(path) };
            path.insert(0, unit);
            child = parent;
        }
        Err(unreadable(Operation::Observe, "an account's place", "its units lie deeper than Organizations allows"))
    }

    /// The root or unit that an account or unit lies in; Organizations gives exactly one (API_ListParents)
    async fn parent(&self, child: &str) -> Result<String, Failure> {
        let parents = pages::all(async |token| {
            let page = self.clients.organizations.list_parents().child_id(child).set_next_token(token).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.parents, page.next_token))
        });
        let parent = parents.await?.into_iter().find_map(|parent| parent.id);
        parent.ok_or_else(|| unreadable(Operation::Observe, "an account's place", "it has no parent"))
    }
}

/// The units in `o-x/r-y/ou-z/.../<account>/`, outermost first
fn units_of(path: &str) -> Result<Vec<OuId>, Failure> {
    let units = path.split('/').filter(|part| part.starts_with("ou-"));
    units
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(Operation::Observe, "Account.Paths", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_its_units_from_the_outside_in() {
        let path = "o-4kq7vt2m9x/r-9xk2/ou-9xk2-aaaaaaaa/ou-9xk2-bbbbbbbb/487120396655/";
        let units: Vec<String> = units_of(path).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(units, ["ou-9xk2-aaaaaaaa", "ou-9xk2-bbbbbbbb"]);
        assert!(units_of("o-4kq7vt2m9x/r-9xk2/487120396655/").unwrap().is_empty());
        assert!(units_of("o-4kq7vt2m9x/r-9xk2/ou-x/1/").is_err());
    }
}
