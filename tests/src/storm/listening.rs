//! What the functions log while a storm goes on: searched for what belongs in no log, and counted

use serde_json::Value;

use super::coverage::{Coverage, Subject};
use super::stage::ACCOUNT_NAME;
use crate::story::Log;

/// What belongs in no log line: names of accounts, e-mail addresses, tokens and keys of every kind
const SECRETS: [&str; 9] =
    [ACCOUNT_NAME, "@", "%40", "egistrationToken", "ecretAccessKey", "essionToken", "ASIA", "AQEB", "\"secret\""];

/// Listens to one thread
#[derive(Debug)]
pub(super) struct Ears {
    log: Log,
}

impl Ears {
    pub(super) fn listen() -> Self {
        Self { log: Log::listen() }
    }

    /// Lines that hold what they should not
    pub(super) fn leaks(&self) -> Vec<String> {
        let lines = self.log.text();
        let leaky = lines.lines().filter(|line| SECRETS.iter().any(|secret| line.contains(secret)));
        leaky.map(|line| format!("log: {line}")).collect()
    }

    /// Counts actions and codes, as the functions log them
    pub(super) fn count(&self, coverage: &mut Coverage) {
        for line in self.log.text().lines() {
            if line.contains("\"action.kind\"")
                && let Ok(line) = serde_json::from_str::<Value>(line)
                && let Some(kind) = line.pointer("/fields/action.kind").and_then(Value::as_str)
            {
                coverage.add(Subject::Action, kind, 1);
            } else if line.contains("\"states\"")
                && let Ok(line) = serde_json::from_str::<Value>(line)
            {
                let states = line.pointer("/fields/states").and_then(Value::as_str).unwrap_or_default();
                for (code, times) in states.split(' ').filter_map(|state| state.split_once('=')) {
                    coverage.add(Subject::Reason, code, times.parse().unwrap_or_default());
                }
            }
        }
    }
}
