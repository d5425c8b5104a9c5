//! A plan as text: one line per action, hold and exceptional pair

use std::collections::BTreeSet;
use std::fmt;

use crate::action::Action;
use crate::budget::Budget;
use crate::entry::EntryKey;
use crate::plan::{PairState, Plan};
use crate::reason::ReasonCode;

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let license = &self.license;
        for action in &self.actions {
            writeln!(formatter, "{}", Line { license: license.as_str(), action })?;
        }
        let acted_on: BTreeSet<EntryKey> = self.actions.iter().map(Action::key).collect();
        let is_acted_on = |pair: &PairState| pair.by.as_ref().is_some_and(|key| acted_on.contains(key));
        let mut held = 0;
        for (account, pair) in &self.pairs {
            if pair.code == ReasonCode::Active || pair.code == ReasonCode::Holder || is_acted_on(pair) {
                continue;
            }
            held += 1;
            write!(formatter, "  hold      {license} -> {account}  {} (rule {})", pair.code, pair.rule)?;
            match &pair.detail {
                Some(detail) => writeln!(formatter, ": {detail}")?,
                None => writeln!(formatter)?,
            }
        }
        for hold in &self.holds {
            writeln!(formatter, "  keep      {license} -> {}  {}", hold.principal, hold.code)?;
        }
        let is_held = |key: &EntryKey| self.holds.iter().any(|hold| EntryKey::Grant(hold.principal.clone()) == *key);
        for grant in &self.under_way {
            if !acted_on.contains(&grant.key) && !is_held(&grant.key) {
                writeln!(formatter, "  await     {license} -> {}  {}", grant.key, grant.code)?;
            }
        }
        if let Some(budget) = self.budget.filter(Budget::is_tight) {
            writeln!(formatter, "  budget    {license}: {budget}")?;
        }
        let count = |code: ReasonCode| self.pairs.values().filter(|pair| pair.code == code).count();
        writeln!(
            formatter,
            "  {license}: {} wanted, {} active, {} holder, {held} held, {} actions for the rest",
            self.pairs.len(),
            count(ReasonCode::Active),
            count(ReasonCode::Holder),
            self.actions.len()
        )
    }
}

struct Line<'a> {
    license: &'a str,
    action: &'a Action,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let license = self.license;
        match self.action {
            Action::Create(create) => {
                write!(formatter, "+ create    {license} -> {}  (rule {}", create.principal, create.rule)?;
                formatter.write_str(if create.heals { "; somebody deleted it)" } else { ")" })
            }
            Action::Repeat(create) => {
                write!(formatter, "+ repeat    {license} -> {}  (rule {}, same token)", create.principal, create.rule)
            }
            Action::Record { principal, grant } => {
                write!(formatter, "~ record    {license} -> {principal}  {}", grant.arn.short())
            }
            Action::Activate { key, arn, heals, .. } => {
                write!(formatter, "~ activate  {license} -> {}  {}{}", key, arn.short(), undone(*heals))
            }
            Action::AskGrantee { account, arn, activate, heals, .. } => {
                let what = if *activate { "accept and activate" } else { "accept" };
                write!(formatter, "~ ask       {license} -> {account}  {what} {}{}", arn.short(), undone(*heals))
            }
            Action::DeleteFailed { principal, arn, rejected, .. } => {
                let why = if *rejected { "rejected, and to be tried again" } else { "its distribution failed" };
                write!(formatter, "- delete    {license} -> {principal}  {} ({why})", arn.short())
            }
            Action::Retire { principal, arn, .. } => {
                write!(formatter, "- delete    {license} -> {principal}  {} (another has taken its place)", arn.short())
            }
            Action::Close { key, because } => write!(formatter, "~ close     {license} -> {key}  {because}"),
            Action::SwitchOff { key, arn, .. } => {
                write!(formatter, "- off       {license} -> {key}  {} (no rule asks for it)", arn.short())
            }
            Action::NoteServed { key, served } => {
                write!(formatter, "~ note      {license} -> {key}  serves {} accounts", served.len())
            }
            Action::NoteTerms { key, revoke } => {
                let revoke = serde_json::to_string(revoke).unwrap_or_default();
                write!(formatter, "~ note      {license} -> {key}  revoke: {}", revoke.trim_matches('"'))
            }
            Action::NoteUnwanted { key, since: Some(_), .. } => {
                write!(formatter, "~ note      {license} -> {key}  no rule asks for it any more")
            }
            Action::NoteUnwanted { key, since: None, .. } => {
                write!(formatter, "~ note      {license} -> {key}  wanted again")
            }
            Action::NoteContested { key } => {
                write!(formatter, "~ note      {license} -> {key}  somebody keeps undoing it")
            }
        }
    }
}

fn undone(heals: bool) -> &'static str {
    if heals { "  (somebody switched it off)" } else { "" }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant(principal) => write!(formatter, "{principal}"),
            Self::SubGrant(account) => write!(formatter, "{account} (sub-grant)"),
        }
    }
}
