//! Logs name no account, no e-mail address and no token

use grantctl::demo::{Size, play};
use grantway_tests::story::Log;

#[tokio::test]
async fn no_account_name_address_or_token_is_ever_logged() {
    for seed in 1..=3 {
        let log = Log::listen();
        let played = play(&Size { seed, accounts: 40, licenses: 5 }, |_| {}).await.unwrap();
        // It was really listened to, through all three functions.
        for target in ["grant_engine::report", "grant_engine::apply", "distribute_grants::dispatch", "accept_grants"] {
            let said = log.line_with(&format!("\"target\":\"{target}\""));
            assert!(said.is_some(), "seed {seed}: {target} logged nothing");
        }
        assert!(log.text().lines().count() > 100);

        let names: Vec<String> = played
            .deployment
            .world()
            .with(|state| state.organization.accounts.values().map(|account| account.name.clone()).collect());
        assert_eq!(names.len(), 41);
        // What DescribeAccount, GetAgreementEntitlements, AssumeRole and ReceiveMessage answer beside what is needed.
        let others = ["@", "%40", "egistrationToken", "ecretAccessKey", "essionToken", "ASIA", "AQEB", "secret"];
        for secret in names.iter().map(String::as_str).chain(others) {
            assert_eq!(log.line_with(secret), None, "seed {seed}: `{secret}` is in the log");
        }
    }
}
