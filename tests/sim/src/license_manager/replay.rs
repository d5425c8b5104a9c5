//! Client tokens: the same call made twice has one effect

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::create::{NewGrant, Written};
use super::version::NewVersion;
use super::{Context, LicenseManager, after};
use crate::error::ApiError;
use crate::knobs::{Refusal, TokenMismatch, TokenWindow};

/// What client tokens were used for, by caller and token
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Replays(#[serde(with = "crate::world::pairs")] BTreeMap<Arc<(String, String)>, Arc<Replay>>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    asked: Asked,
    answer: Written,
    at: Timestamp,
}

/// A request that carries a client token
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asked {
    Grant(NewGrant),
    Version(NewVersion),
}

impl Asked {
    fn token(&self) -> &str {
        match self {
            Self::Grant(asked) => &asked.client_token,
            Self::Version(asked) => &asked.client_token,
        }
    }
}

/// The documented window of the one operation whose window is documented (CreateToken)
const WINDOW_SECONDS: u64 = 600;

impl LicenseManager {
    /// The answer a client token has had; refuses the token for another request
    ///
    /// The answer is the first one, not today's state.
    pub(super) fn replayed(&self, context: &Context<'_>, asked: &Asked) -> Result<Option<Written>, ApiError> {
        let key = (context.caller.to_owned(), asked.token().to_owned());
        let Some(replay) = self.replays.0.get(&key) else { return Ok(None) };
        let remembered = match context.knobs.client_token_window {
            TokenWindow::ForEver => true,
            TokenWindow::TenMinutes => context.now < after(replay.at, WINDOW_SECONDS),
            TokenWindow::Never => false,
        };
        if !remembered {
            return Ok(None);
        }
        if replay.asked == *asked {
            return Ok(Some(replay.answer.clone()));
        }
        let code = match context.knobs.client_token_mismatch {
            TokenMismatch::FirstAnswer => return Ok(Some(replay.answer.clone())),
            TokenMismatch::ValidationException => Refusal::ValidationException,
            TokenMismatch::InvalidParameterValueException => Refusal::InvalidParameterValueException,
            TokenMismatch::ConflictException => Refusal::ConflictException,
        };
        Err(code.error("ClientToken was used before with other parameters"))
    }

    pub(super) fn remember(&mut self, context: &Context<'_>, asked: Asked, answer: &Written) {
        let key = (context.caller.to_owned(), asked.token().to_owned());
        let replay = Replay { asked, answer: answer.clone(), at: context.now };
        self.replays.0.insert(Arc::new(key), Arc::new(replay));
    }
}
