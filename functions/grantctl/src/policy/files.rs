//! Reading rules from files

use std::path::{Path, PathBuf};

use anyhow::Context;
use grant_plan::finding::{Finding, Severity};
use serde_json::Value;

use crate::input;

/// Items of the policy table as files hold them, and what was no item
#[derive(Debug, Default)]
pub struct Files {
    /// The items, in the order of the files
    pub items: Vec<Value>,
    /// What cannot be read as items at all
    pub findings: Vec<Finding>,
}

/// Reads every file: YAML, of which JSON is a part; each document is a rule or a list of rules
///
/// # Errors
/// When a file cannot be opened. One that holds no YAML is no error but a finding, so that the others are read, too.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Files> {
    let mut files = Files::default();
    for path in paths {
        let text =
            String::from_utf8(input::bytes(path)?).with_context(|| format!("`{}` is not text", path.display()))?;
        match serde_saphyr::from_multiple::<Value>(&text) {
            Ok(documents) => documents.into_iter().for_each(|document| files.take(path, document)),
            Err(error) => {
                let message = error.without_snippet().to_string();
                files.find(path, &message, "write YAML or JSON: a rule, a list of rules, or documents of either");
            }
        }
    }
    Ok(files)
}

impl Files {
    fn take(&mut self, path: &Path, document: Value) {
        match document {
            Value::Array(documents) => documents.into_iter().for_each(|document| self.take(path, document)),
            Value::Object(_) => self.items.push(document),
            // An empty document, as a `---` at the end makes one
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.find(
                    path,
                    "holds something that is no rule",
                    "a rule is a map with `rule`, `products` and `accounts`",
                );
            }
        }
    }

    fn find(&mut self, path: &Path, message: &str, help: &str) {
        self.findings.push(Finding {
            rule: "?".to_owned(),
            attribute: "file".to_owned(),
            value: path.display().to_string(),
            message: message.to_owned(),
            severity: Severity::Error,
            help: help.to_owned(),
        });
    }
}
