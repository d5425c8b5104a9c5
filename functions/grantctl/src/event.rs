//! `grantctl event FILE`: what would this event do?

use std::path::Path;

use distribute_grants::trigger::{Decoded, decode};
use serde_json::{Value, json};

use crate::cli::Format;
use crate::exit::Exit;
use crate::{input, output};

/// Decodes the event in a file and says what it leads to; AWS is not asked
///
/// # Errors
/// When the file cannot be read. A file that holds no event is no error but poison.
pub fn run(file: &Path, format: Format) -> anyhow::Result<Exit> {
    let verdict = verdict(&input::bytes(file)?);
    match format {
        Format::Json => output::json(&verdict)?,
        Format::Text => {
            let text = |name: &str| verdict.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
            output::line(format_args!("{}  {}  {}", text("outcome"), text("scope"), text("reason")));
        }
    }
    Ok(Exit::Settled)
}

/// The verdict on some bytes: `outcome`, `scope` and `reason`
#[must_use]
pub fn verdict(bytes: &[u8]) -> Value {
    let decoded = match serde_json::from_slice(bytes) {
        Ok(event) => decode(&event),
        Err(error) => {
            let reason = format!("the file is not JSON: {error}; give one event as EventBridge delivers it");
            return json!({"outcome": "poison", "scope": null, "reason": reason});
        }
    };
    match decoded {
        Decoded::Trigger(trigger) => {
            json!({"outcome": "trigger", "scope": trigger.scope.to_string(), "reason": trigger.reason})
        }
        Decoded::Nothing { reason } => json!({"outcome": "nothing", "scope": null, "reason": reason}),
        Decoded::Poison(poison) => json!({"outcome": "poison", "scope": null, "reason": poison.to_string()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_outcomes() {
        assert_eq!(verdict(br#"{"job": "sweep"}"#)["outcome"], "trigger");
        assert_eq!(verdict(br#"{"source": "aws.s3", "detail-type": "x", "detail": {}}"#)["outcome"], "nothing");
        let poison = verdict(b"not json");
        assert_eq!(poison["outcome"], "poison");
        assert!(poison["reason"].as_str().unwrap().contains("not JSON"));
    }
}
