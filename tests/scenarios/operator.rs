//! What an operator has the ledger say: `grantctl retry`, `adopt`, `consolidate` and `ledger rebuild`, without the questions

use grant_plan::call::Failure;
use grant_plan::id::LicenseArn;
use grant_plan::plan::amend::Proposal;
use grant_plan::plan::amend::adopt::Which;
use grantway_tests::story::{Story, license_arn};

use super::player::{Player, Said};

impl Player {
    /// `retry ACCOUNT LICENSE`, `retry LICENSE`, `adopt GRANT`, `consolidate LICENSE`, `rebuild`
    pub(crate) async fn operator(&mut self, verb: &str, rest: &str) -> Said {
        let world = self.story().await.world().clone();
        self.names.name_grants(&world);
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (verb, words.as_slice()) {
            ("retry", [account, license]) => {
                let account = self.names.account(account)?.parse().map_err(|error| format!("{error}"))?;
                let license = license_arn(self.names.purchase(license)?);
                let story = self.story().await;
                let proposal = story.quietly(story.engine().propose_retry(&license, Some(&account))).await;
                amended(story, &license, proposal).await
            }
            ("retry", [license]) => {
                let license = license_arn(self.names.purchase(license)?);
                let story = self.story().await;
                let proposal = story.quietly(story.engine().propose_retry(&license, None)).await;
                amended(story, &license, proposal).await
            }
            ("consolidate", [license]) => {
                let license = license_arn(self.names.purchase(license)?);
                let story = self.story().await;
                let proposal = story.quietly(story.engine().propose_consolidation(&license)).await;
                amended(story, &license, proposal).await
            }
            ("adopt", [grant]) => {
                let license = license_arn(self.names.purchase(grant.split('/').next().unwrap_or_default())?);
                let arn = self.names.grant(grant)?.to_owned();
                let which = Which::Grant(arn.parse().map_err(|error| format!("{error}"))?);
                let story = self.story().await;
                let proposal = story.quietly(story.engine().propose_adoption(&license, &which)).await;
                let is_taken_over = proposal.as_ref().is_ok_and(|proposal| !proposal.amendments.is_empty());
                let said = amended(story, &license, proposal).await?;
                if is_taken_over {
                    story.taken_over(&arn);
                }
                Ok(said)
            }
            ("rebuild", []) => {
                let story = self.story().await;
                let held =
                    story.quietly(story.engine().received_licenses()).await.map_err(|error| error.to_string())?;
                let mut lines = Vec::new();
                for license in held {
                    let proposal = story.quietly(story.engine().propose_rebuild(&license.arn)).await;
                    lines.extend(amended(story, &license.arn, proposal).await?);
                }
                lines.sort();
                Ok(lines)
            }
            _ => Err("retry [ACCOUNT] LICENSE, adopt GRANT, consolidate LICENSE or rebuild".to_owned()),
        }
        .map(|lines| if lines.is_empty() { vec!["nothing".to_owned()] } else { lines })
    }
}

/// Writes what is proposed and says so, and what is left
async fn amended(story: &Story, license: &LicenseArn, proposal: Result<Proposal, Failure>) -> Said {
    let proposal = proposal.map_err(|error| error.to_string())?;
    let changed = story.quietly(story.engine().amend(license, &proposal)).await.map_err(|error| error.to_string())?;
    if !changed.is_empty() {
        return Err("nobody else writes the ledger meanwhile".to_owned());
    }
    let id = license.id();
    let written = proposal.amendments.iter().map(|one| format!("~ {id} -> {}  {}", one.key, one.what));
    let left = proposal.left.iter().map(|one| format!("left: {id} -> {}  {}", one.to, one.why));
    Ok(written.chain(left).collect())
}
