//! What an event leads to: a place to look, nothing, or quarantine
//!
//! Events only say where to look. A [`Trigger`] therefore carries a [`Scope`] and nothing that the event claims to be
//! true there: events are best effort, late, doubled and masked, and what is true is read from the APIs.
//!
//! Decoding is a closed world. What is known leads to a scope; what is well formed but unknown is [`Decoded::Nothing`]
//! with a reason; what cannot be read, or names an impossible id in a field that is needed, is [`Poison`]. No event
//! makes it panic, and no field is required that the answer does not need.

use std::fmt;

use grant_plan::id::{AccountId, AgreementId, GrantArn, LicenseId};
use serde_json::Value;

mod cloudtrail;
mod control_tower;
mod envelope;
mod field;
mod license_manager;
mod marketplace;
mod organizations;
mod own_roles;
mod poison;
#[cfg(test)]
mod sample;
mod schedule;
mod shown;
mod tags;

pub use own_roles::OwnRoles;
pub use poison::Poison;

use envelope::Envelope;

/// What an event leads to
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// Look there
    Trigger(Trigger),
    /// Well formed, and no reason to look anywhere
    Nothing {
        /// Why not, for logs and `grantctl event`
        reason: String,
    },
    /// Unreadable: it belongs in quarantine
    Poison(Poison),
}

impl Decoded {
    fn nothing(reason: impl Into<String>) -> Self {
        Self::Nothing { reason: reason.into() }
    }
}

/// A reason to look at a part of the world
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Where to look
    pub scope: Scope,
    /// Which event said so, for logs: `Purchase Agreement Created - Acceptor (NEW)`
    pub reason: String,
    /// What tells two copies of one event from two events: `detail.requestId` (Marketplace), `detail.eventID`
    /// (CloudTrail), else the envelope's `id`
    ///
    /// Marketplace documents `requestId` as the id for recognising duplicates; a second copy has another envelope id.
    pub event_id: Option<String>,
}

/// Which part of the world to look at
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The licenses of one agreement, with its renewal chain
    Agreement(AgreementId),
    /// One account: whether it is a member, where it stands, and every license it should have
    Account(AccountId),
    /// One license
    License(LicenseId),
    /// The license of one grant
    Grant(GrantArn),
    /// The organization's tree or membership changed in a way that names no account: read it again
    OrganizationalUnit,
    /// Rules of the policy table
    Policy {
        /// Keys as they stand in the table, not yet checked to be rule ids
        rules: Vec<String>,
    },
    /// What is due
    Sweep,
    /// Everything
    All,
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agreement(id) => write!(formatter, "agreement {id}"),
            Self::Account(id) => write!(formatter, "account {id}"),
            Self::License(id) => write!(formatter, "license {id}"),
            Self::Grant(arn) => write!(formatter, "grant {arn}"),
            Self::OrganizationalUnit => formatter.write_str("organization"),
            Self::Policy { rules } => {
                let rules: Vec<_> = rules.iter().map(|rule| shown::shown(rule)).collect();
                write!(formatter, "policy {}", rules.join(", "))
            }
            Self::Sweep => formatter.write_str("sweep"),
            Self::All => formatter.write_str("all"),
        }
    }
}

/// Decodes one EventBridge event, Scheduler input (`{"job": "sweep"}`) or on-failure record of a Stream
///
/// No role is taken for our own; see [`decode_with`].
#[must_use]
pub fn decode(event: &Value) -> Decoded {
    decode_with(event, &OwnRoles::default())
}

/// As [`decode`], but CloudTrail records of calls that `own` made lead to nothing
///
/// The engine's own CreateGrant would otherwise wake it again after each grant it makes.
#[must_use]
pub fn decode_with(event: &Value, own: &OwnRoles) -> Decoded {
    read(event, own).unwrap_or_else(Decoded::Poison)
}

fn read(event: &Value, own: &OwnRoles) -> Result<Decoded, Poison> {
    if let Some(decoded) = schedule::decode_input(event) {
        return decoded;
    }
    let envelope = Envelope::read(event)?;
    match envelope.source {
        "aws.agreement-marketplace" => marketplace::decode(&envelope),
        "aws.organizations" => organizations::decode(&envelope),
        "aws.controltower" => control_tower::decode(&envelope),
        "aws.tag" => tags::decode(&envelope),
        "aws.license-manager" => license_manager::decode(&envelope, own),
        "aws.events" => Ok(schedule::decode_rule(&envelope)),
        unknown => Ok(Decoded::nothing(format!("source `{}` is none that is listened to", shown::shown(unknown)))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn poison(event: Value) -> Poison {
        let Decoded::Poison(poison) = decode(&event) else { panic!("{event} was read") };
        poison
    }

    #[test]
    fn what_is_not_an_event_is_poison_that_names_what_is_missing() {
        assert_eq!(poison(json!(null)).field, "event");
        assert_eq!(poison(json!([1, 2])).field, "event");
        assert_eq!(poison(json!("{}")).field, "event");
        assert_eq!(poison(json!({})).field, "source");
        assert_eq!(poison(json!({"source": 7, "detail-type": "x"})).field, "source");
        assert_eq!(poison(json!({"source": "", "detail-type": "x"})).field, "source");
        assert_eq!(poison(json!({"source": "aws.organizations"})).field, "detail-type");
        assert_eq!(poison(json!({"detail-type": "x", "detail": {}})).field, "source");
    }

    #[test]
    fn a_detail_is_asked_for_only_where_it_is_needed() {
        for detail in [json!(null), json!([]), json!("text"), json!(4)] {
            let kind = "Purchase Agreement Created - Acceptor";
            let event = json!({"source": "aws.agreement-marketplace", "detail-type": kind, "detail": detail});
            assert_eq!(poison(event).field, "detail");
            let event = json!({"source": "aws.license-manager", "detail-type": "Grant Change", "detail": detail});
            assert!(matches!(decode(&event), Decoded::Trigger(Trigger { scope: Scope::Sweep, .. })));
        }
    }

    #[test]
    fn an_unknown_source_is_nothing_and_says_which() {
        let event = json!({"source": "aws.s3", "detail-type": "Object Created", "detail": {}});
        assert_eq!(decode(&event), Decoded::nothing("source `aws.s3` is none that is listened to"));
    }

    #[test]
    fn a_repeated_key_is_no_reason_to_refuse_an_event() {
        let text = r#"{"source": "aws.tag", "source": "aws.organizations", "detail-type": "AWS API Call via CloudTrail",
            "detail": {"eventName": "CreateAccount", "requestParameters": {"accountId": "000000000001"},
                "eventName": "MoveAccount"}}"#;
        let event: Value = serde_json::from_str(text).unwrap();
        assert!(matches!(decode(&event), Decoded::Trigger(Trigger { scope: Scope::Account(_), .. })));
    }

    #[test]
    fn a_scope_reads_as_words() {
        let policy = Scope::Policy { rules: vec!["everyone".into(), "_settings".into()] };
        assert_eq!(policy.to_string(), "policy everyone, _settings");
        assert_eq!(Scope::Account("000000000001".parse().unwrap()).to_string(), "account 000000000001");
        assert_eq!(Scope::OrganizationalUnit.to_string(), "organization");
        assert_eq!(Scope::All.to_string(), "all");
    }
}
