//! What admins, buyers, AWS and the schedule do

use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use grantway_tests::story::Story;
use serde_json::{Value, json};

use super::player::{Player, Said, duration};

impl Player {
    /// Nothing is delivered before a command that lets functions run
    pub(crate) async fn deed(&mut self, verb: &str, rest: &str) -> Said {
        self.story().await;
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (verb, words.as_slice()) {
            ("rule", _) => self.rule(rest).await,
            ("settings", _) => {
                let mut item = self.value(rest)?;
                item["rule"] = "_settings".into();
                self.story().await.replaces |= item.pointer("/limits/replacements").is_some();
                self.put(item).await
            }
            ("put", _) => {
                let item = self.value(rest)?;
                self.put(item).await
            }
            ("delete", [rule]) => self.delete(rule).await,
            ("buy", [name, ..]) => {
                let purchase = self.names.add_purchase(name, &self.changes(rest)?)?;
                self.story().await.world().purchase(&purchase);
                Ok(Vec::new())
            }
            ("succeed", [old, new, intent, ..]) => {
                let previous = self.names.purchase(old)?.agreement.clone();
                let purchase = self.names.add_purchase(new, &self.changes(rest)?)?;
                self.story().await.world().succeed(&previous, &purchase, intent);
                Ok(Vec::new())
            }
            ("end", [name, status]) => {
                let agreement = self.names.purchase(name)?.agreement.clone();
                self.story().await.world().end_agreement(&agreement, status);
                Ok(Vec::new())
            }
            ("move", [account, "to", unit]) => {
                let (account, unit) = (self.names.account(account)?.to_owned(), self.names.unit(unit)?.to_owned());
                self.story().await.world().move_account(&account, &unit);
                Ok(Vec::new())
            }
            ("suspend", [account]) => self.state(account, "SUSPENDED").await,
            ("reinstate", [account]) => self.state(account, "ACTIVE").await,
            ("close", [account]) => self.state(account, "CLOSED").await,
            ("remove", [account]) => {
                let account = self.names.account(account)?.to_owned();
                self.story().await.world().remove_account(&account, "LEFT");
                Ok(Vec::new())
            }
            ("tag", [account, tag]) => {
                let account = self.names.account(account)?.to_owned();
                let (key, value) = tag.split_once('=').ok_or("tag ACCOUNT KEY=VALUE")?;
                let value = Some(value).filter(|value| !value.is_empty());
                self.story().await.world().tag_account(&account, key, value);
                Ok(Vec::new())
            }
            ("event", _) => {
                let event = if rest.starts_with('{') { self.value(rest)? } else { fixture(rest)? };
                self.story().await.world().put_event(event);
                Ok(Vec::new())
            }
            ("advance", [time]) => {
                let time = duration(time)?;
                self.story().await.world().advance(time);
                Ok(Vec::new())
            }
            ("pump", []) => {
                self.story().await.pump().await;
                Ok(Vec::new())
            }
            ("sweep", []) => {
                self.story().await.sweep().await;
                Ok(Vec::new())
            }
            ("reconcile", []) => {
                self.story().await.reconcile().await;
                Ok(Vec::new())
            }
            ("run", [time]) => {
                let time = duration(time)?;
                self.story().await.pass(time).await;
                Ok(Vec::new())
            }
            ("run", [time, "sweeping", "every", every]) => {
                let (time, every) = (duration(time)?, duration(every)?);
                self.story().await.pass_sweeping(time, every).await;
                Ok(Vec::new())
            }
            ("settle", []) => {
                let waited = self.story().await.settle().await;
                Ok(vec![format!("after {}", spoken(waited))])
            }
            ("accept-shrink", []) => self.accept_shrink().await,
            _ => Err("there is no such command".to_owned()),
        }
    }

    /// `rule ID: PRODUCT -> {accounts} [with {more}]`; PRODUCT is a name of a purchase or `*`
    async fn rule(&mut self, rest: &str) -> Said {
        let form = "rule ID: PRODUCT -> {accounts} [with {more}]";
        let (id, rest) = rest.split_once(": ").ok_or(form)?;
        let (product, rest) = rest.split_once(" -> ").ok_or(form)?;
        let (accounts, more) = rest.split_once("} with {").unwrap_or((rest, ""));
        let accounts = if more.is_empty() { accounts.to_owned() } else { format!("{accounts}}}") };
        let more = if more.is_empty() { json!({}) } else { self.value(&format!("{{{more}"))? };
        let products = if product == "*" { json!("*") } else { json!({"sku": self.names.purchase(product)?.sku}) };
        let mut item = json!({"rule": id, "products": products, "accounts": self.value(&accounts)?});
        for (name, value) in more.as_object().into_iter().flatten() {
            item[name] = value.clone();
        }
        self.put(item).await
    }

    async fn put(&mut self, item: Value) -> Said {
        let story = self.story().await;
        let item = serde_dynamo::aws_sdk_dynamodb_1::to_item(item).map_err(|error| error.to_string())?;
        let call = story.clients().dynamodb.put_item().table_name(&story.config().policy_table).set_item(Some(item));
        story.quietly(call.send()).await.map_err(|error| error.to_string())?;
        Ok(Vec::new())
    }

    async fn delete(&mut self, rule: &str) -> Said {
        let story = self.story().await;
        let call = story.clients().dynamodb.delete_item().table_name(&story.config().policy_table);
        let call = call.key("rule", AttributeValue::S(rule.to_owned()));
        story.quietly(call.send()).await.map_err(|error| error.to_string())?;
        Ok(Vec::new())
    }

    /// The fields at the end of a purchase: `{...}`, or none
    fn changes(&self, rest: &str) -> Result<Value, String> {
        rest.find('{').map_or_else(|| Ok(json!({})), |at| self.value(&rest[at..]))
    }

    async fn state(&mut self, account: &str, state: &str) -> Said {
        let account = self.names.account(account)?.to_owned();
        self.story().await.world().set_account_state(&account, state);
        Ok(Vec::new())
    }

    async fn accept_shrink(&mut self) -> Said {
        let story = self.story().await;
        let accepted = accepted(story);
        accepted.await.map(|shrunk| shrunk.into_iter().map(|shrunk| format!("accepted: {shrunk}")).collect())
    }
}

async fn accepted(story: &Story) -> Result<Vec<String>, String> {
    let engine = story.engine();
    let accepted = async {
        let policy = engine.policy().await?;
        let (counts, shrunk) = engine.counts(&policy).await?;
        engine.accept_counts(counts).await?;
        Ok::<_, grant_plan::call::Failure>(shrunk)
    };
    let shrunk = story.quietly(accepted).await.map_err(|error| error.to_string())?;
    Ok(shrunk.iter().map(ToString::to_string).collect())
}

/// An event of `tests/fixtures/events`
fn fixture(name: &str) -> Result<Value, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/events").join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// `2 h 5 min`
fn spoken(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
