//! What scripts ask to see

use std::collections::BTreeMap;

use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use grantway_tests::story::text;
use pretend_aws::license_manager::{Grant, GrantStatus};

use super::player::{Player, Said};

/// Services of AWS that Grantway acts on, members' event buses among them; its own tables and queues are its own affair
const ACTED_ON: [&str; 4] = ["EventBridge", "LicenseManager", "Marketplace", "Organizations"];

impl Player {
    pub(crate) async fn show(&mut self, what: &str) -> Said {
        let world = self.story().await.world().clone();
        self.names.name_grants(&world);
        match what {
            "plan" => self.show_plan().await,
            "states" => self.show_states().await,
            "noted" => self.show_noted().await,
            "unwanted" => self.show_unwanted().await,
            "grants" => self.show_grants(false).await,
            "all grants" => self.show_grants(true).await,
            "calls" => self.show_calls().await,
            _ => Err("show plan, states, noted, unwanted, grants, all grants or calls".to_owned()),
        }
        .map(|lines| if lines.is_empty() { vec!["none".to_owned()] } else { lines })
    }

    /// What a look would do now, license by license
    async fn show_plan(&mut self) -> Said {
        let mut lines = Vec::new();
        for plan in self.plans().await {
            self.met.plan(&plan);
            lines.extend(plan.to_string().lines().map(str::to_owned));
        }
        Ok(lines)
    }

    /// Every pair as a look would find it now, and grants that are left alone
    async fn show_states(&mut self) -> Said {
        let mut rows = Vec::new();
        for plan in self.plans().await {
            self.met.states(&plan);
            let license = self.names.license(plan.license.as_str()).to_owned();
            let mut of_license = Vec::new();
            for (account, pair) in &plan.pairs {
                let detail = pair.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
                let rule = format!("rule {}{detail}", pair.rule);
                of_license.push([license.clone(), account.to_string(), pair.code.to_string(), rule]);
            }
            for hold in &plan.holds {
                let kept = "a grant that is kept".to_owned();
                of_license.push([license.clone(), hold.principal.to_string(), hold.code.to_string(), kept]);
            }
            rows.extend(self.named(of_license));
        }
        Ok(aligned(rows))
    }

    /// Every pair that the ledger says is not plainly ACTIVE
    async fn show_noted(&mut self) -> Said {
        let mut rows = Vec::new();
        for item in self.story().await.ledger().await {
            let license = text(&item, "pk").strip_prefix("LICENSE#");
            let account = text(&item, "sk").strip_prefix("PAIR#");
            let (Some(license), Some(account)) = (license, account) else { continue };
            let code = text(&item, "code");
            self.met.codes.extend(ReasonCode::ALL.iter().map(ToString::to_string).find(|known| known == code));
            let detail = text(&item, "detail").to_owned();
            rows.push([license.to_owned(), account.to_owned(), code.to_owned(), detail]);
        }
        Ok(aligned(self.named(rows)))
    }

    /// Grants of which the ledger says since when nobody asks for them
    async fn show_unwanted(&mut self) -> Said {
        let mut rows = Vec::new();
        for item in self.story().await.ledger().await {
            let license = text(&item, "pk").strip_prefix("LICENSE#");
            let principal = text(&item, "sk").strip_prefix("GRANT#");
            let (Some(license), Some(principal)) = (license, principal) else { continue };
            if item.get("unwanted_since").is_some_and(|since| !since.is_null()) {
                rows.push([license.to_owned(), principal.to_owned(), "unwanted".to_owned()]);
            }
        }
        Ok(aligned(self.named(rows)))
    }

    /// The grants of every license, not the one by which the hub itself holds it
    async fn show_grants(&mut self, ended_too: bool) -> Said {
        let story = self.story().await;
        let stamp = story.stamp();
        let hub = story.world().with(|state| state.hub.clone());
        let all: Vec<Grant> = story.world().with(|state| state.license_manager.grants().cloned().collect());
        let mut by_license: BTreeMap<&str, Vec<&Grant>> = BTreeMap::new();
        for grant in &all {
            by_license.entry(&grant.license).or_default().push(grant);
        }
        for grants in by_license.into_values() {
            self.met.grants(&stamp, grants.into_iter());
        }
        let shown = |grant: &&Grant| {
            let hubs_own = grant.is_own_subscription() && grant.principal.account() == Some(&*hub);
            !hubs_own && (grant.is_live() || ended_too)
        };
        let mut rows: Vec<[String; 3]> = all
            .iter()
            .filter(shown)
            .map(|grant| {
                let name = self.names.grant_name(&grant.arn).unwrap_or("?").to_owned();
                [name, status(grant), maker(grant, &stamp)]
            })
            .collect();
        rows.sort();
        Ok(aligned(rows))
    }

    /// Calls that change something at AWS, counted since they were last shown; refused ones by their error
    async fn show_calls(&mut self) -> Said {
        let story = self.story().await;
        let log = story.world().with(|state| state.calls.log().to_vec());
        story.forget_calls();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for call in log.iter().filter(|call| call.write && ACTED_ON.contains(&call.service.as_str())) {
            let result = if call.result == "OK" { String::new() } else { format!(" {}", call.result) };
            *counts.entry(format!("{}{result}", call.operation)).or_default() += 1;
        }
        Ok(counts.into_iter().map(|(call, times)| format!("{times} x {call}")).collect())
    }

    /// In the order of the licenses' names
    async fn plans(&mut self) -> Vec<Plan> {
        let mut plans = self.story().await.plans().await;
        plans.sort_by_key(|plan| self.names.license(plan.license.as_str()).to_owned());
        plans
    }

    /// In the order of the names that the script shows
    fn named<const N: usize>(&self, rows: Vec<[String; N]>) -> Vec<[String; N]> {
        let mut rows: Vec<[String; N]> = rows.into_iter().map(|row| row.map(|cell| self.names.shown(&cell))).collect();
        rows.sort();
        rows
    }
}

fn status(grant: &Grant) -> String {
    let reason = match (&grant.status_reason, grant.status) {
        (Some(reason), GrantStatus::FailedWorkflow | GrantStatus::Disabled) => format!(" ({reason})"),
        _ => String::new(),
    };
    format!("{}{reason}", grant.status.as_str())
}

/// Who made a grant, as its name and its grantor say
fn maker(grant: &Grant, stamp: &str) -> String {
    if grant.is_own_subscription() {
        return "the account's own subscription".to_owned();
    }
    if grant.sub_grant {
        return "by its parent".to_owned();
    }
    match grant.name.strip_prefix(stamp) {
        Some(rest) => format!("by rule {}", rest.split('/').next().unwrap_or_default()),
        None if grant.name.starts_with("gw/") => "by another deployment".to_owned(),
        None => format!("by hand, \"{}\"", grant.name),
    }
}

/// Columns, each as wide as its widest cell
fn aligned<const N: usize>(rows: Vec<[String; N]>) -> Vec<String> {
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: [String; N]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.into_iter().map(line).collect()
}
