//! Edits of one rule, through the policy table's Stream

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::entry::EntryKey;
use grant_plan::organization::Principal;
use pretend_aws::Purchase;
use serde_json::{Value, json};

use crate::hub::Hub;
use crate::mappings::{Answer, Mappings, Woken};
use crate::story::{HOLDER, ORGANIZATION, Stage};

/// Plays edits of one rule, one of which cannot be read, through the policy table's Stream
///
/// The good version before it was never looked at: it is overwritten at once, and it is the one that has to count.
pub(crate) async fn play(hub: &Hub, invoke: impl AsyncFn(Woken, Value) -> Answer) {
    let (world, bought) = (hub.world(), Purchase::sample());
    let mut stage = Stage { hub, mappings: Mappings::new(world, &hub.config().policy_table), invoke };
    let [first, second] = [ORGANIZATION[1], ORGANIZATION[2]];
    let rule = |selector: &str, accounts: &[&str]| json!({"rule": "some", "products": {"sku": bought.sku}, selector: {"account": accounts}});
    world.purchase(&bought);
    hub.put_rule(rule("accounts", &[first])).await;
    stage.until_active(&bought, &[HOLDER, first]).await;

    hub.put_rule(rule("accounts", &[first, second])).await;
    hub.put_rule(rule("acounts", &[second])).await;
    stage.until_active(&bought, &[HOLDER, first, second]).await;
    assert!(!is_unwanted(hub, &bought.license, first).await, "a rule cannot be read, so nothing is unwanted");
    let policy = hub.engine().policy().await.expect("the policy");
    assert_eq!(policy.restored.len(), 1, "{:?}", policy.restored);
    assert!(policy.findings.iter().any(|finding| finding.attribute == "acounts"), "{:?}", policy.findings);

    assert!(policy_status(hub).await.contains("acounts"), "people see it in the ledger");

    // Mended, it says less, and that is a wish again.
    hub.put_rule(rule("accounts", &[second])).await;
    stage.until_active(&bought, &[HOLDER, first, second]).await;
    assert!(is_unwanted(hub, &bought.license, first).await);
    assert!(!is_unwanted(hub, &bought.license, second).await);
    assert!(!policy_status(hub).await.contains("acounts"));
    let versions = hub.engine().ledger().versions("some").await.expect("the versions");
    let accounts: Vec<Option<usize>> = versions
        .iter()
        .map(|version| Some(version.image.as_ref()?.get("accounts")?.get("account")?.as_array()?.len()))
        .collect();
    assert_eq!(accounts, [Some(1), Some(2), Some(1)], "what cannot be read is no version");
}

/// What the ledger says of the policy, as a person reads it in the console
async fn policy_status(hub: &Hub) -> String {
    let call = hub.dynamodb().get_item().table_name(&hub.config().ledger_table);
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let answer = call.key("pk", key("POLICY")).key("sk", key("STATUS")).send().await.expect("the ledger");
    format!("{:?}", answer.item.expect("a status"))
}

/// Whether the grant of a license to an account is noted as wanted by nobody
async fn is_unwanted(hub: &Hub, license: &str, account: &str) -> bool {
    let key = EntryKey::Grant(Principal::Account(account.parse().expect("an account")));
    let entry = hub.engine().ledger().entry(&license.parse().expect("a license"), &key).await;
    entry.expect("the ledger").is_some_and(|entry| entry.unwanted_since.is_some())
}
