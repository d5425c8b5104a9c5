//! What would become of the policy table

use std::collections::BTreeMap;
use std::fmt;

use grant_plan::policy::SETTINGS;
use grant_plan::version::version_of;
use serde::Serialize;
use serde_json::Value;

/// One item that would change
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// It is put into the table
    Put {
        /// Its key
        rule: String,
        /// The version that stands there now
        from: Option<String>,
        /// The version that would
        to: String,
        /// The item
        #[serde(skip)]
        item: Value,
    },
    /// It is taken out of the table
    Delete {
        /// Its key
        rule: String,
        /// The version that stands there now
        from: String,
    },
}

/// What becomes of the table's items that no file has
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They are left alone
    Stay,
    /// They are taken out, but for `_settings`
    Go,
}

/// What makes the table say what the files say: puts before deletes, so that at no moment it says less than both
///
/// Items that say the same stay as they are, whoever wrote them and however.
#[must_use]
pub fn difference(table: &[Value], files: &[Value], others: Others) -> Vec<Change> {
    let (table, files) = (by_key(table), by_key(files));
    let puts = files.iter().filter_map(|(rule, item)| {
        let (from, to) = (table.get(rule).map(|present| version_of(present)), version_of(item));
        let put = Change::Put { rule: (*rule).to_owned(), from: from.clone(), to: to.clone(), item: (*item).clone() };
        (from != Some(to)).then_some(put)
    });
    let goes = |rule: &str| others == Others::Go && !files.contains_key(rule) && rule != SETTINGS;
    let gone = table.iter().filter(|(rule, _)| goes(rule));
    let deletes = gone.map(|(rule, item)| Change::Delete { rule: (*rule).to_owned(), from: version_of(item) });
    puts.chain(deletes).collect()
}

fn by_key(items: &[Value]) -> BTreeMap<&str, &Value> {
    items.iter().filter_map(|item| Some((item.get("rule")?.as_str()?, item))).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { rule, from: None, to, .. } => write!(formatter, "+ {rule}  {to}"),
            Self::Put { rule, from: Some(from), to, .. } => write!(formatter, "~ {rule}  {from} -> {to}"),
            Self::Delete { rule, from } => write!(formatter, "- {rule}  {from}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(id: &str, priority: u32) -> Value {
        json!({"rule": id, "products": "*", "accounts": {"organization": true}, "priority": priority})
    }

    #[test]
    fn puts_come_before_deletes_and_what_says_the_same_stays() {
        let table = [rule("a", 1), rule("b", 1), rule("c", 1), json!({"rule": "_settings", "paused": true})];
        let mut same = rule("c", 1);
        same["priority"] = "1".into();
        let files = [rule("b", 2), rule("d", 1), same];
        let said = |others| -> Vec<String> {
            let changes = difference(&table, &files, others);
            changes.iter().map(|change| change.to_string().chars().take(3).collect()).collect()
        };
        assert_eq!(said(Others::Go), ["~ b", "+ d", "- a"]);
        assert_eq!(said(Others::Stay), ["~ b", "+ d"]);
        assert_eq!(difference(&table, &table, Others::Go), []);
    }
}
