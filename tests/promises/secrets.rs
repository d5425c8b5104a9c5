//! Logs name no account, no e-mail address and no token

use std::io;
use std::sync::{Arc, Mutex};

use grantctl::demo::{Size, play};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Registry};

/// Everything that was logged
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_account_name_address_or_token_is_ever_logged() {
    let log = Log::default();
    let ours = EnvFilter::new("grant_plan=trace,grant_engine=trace,distribute_grants=trace,accept_grants=trace");
    let format = tracing_subscriber::fmt::layer().json().with_writer(log.clone());
    let guard = tracing::subscriber::set_default(Registry::default().with(ours).with(format));
    let played = play(&Size { seed: 2, accounts: 40, licenses: 5 }, |_| {}).await.unwrap();
    drop(guard);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // It was really listened to, through all three functions.
    for target in ["grant_engine::report", "distribute_grants::dispatch", "accept_grants"] {
        assert!(log.contains(&format!("\"target\":\"{target}\"")), "{target} logged nothing");
    }
    assert!(log.lines().count() > 200, "{} lines", log.lines().count());

    let (names, tokens) = played.deployment.world().with(|state| {
        let names: Vec<String> = state.organization.accounts.values().map(|account| account.name.clone()).collect();
        assert_eq!(names.len(), 41);
        let calls = state.calls.log();
        assert!(calls.iter().any(|call| call.operation == "AssumeRole" && call.result == "OK"), "no role was assumed");
        (names, ["registrationToken", "RegistrationToken", "SecretAccessKey", "SessionToken", "ASIA", "AQEB"])
    });
    for secret in names.iter().map(String::as_str).chain(tokens).chain(["@", "%40"]) {
        if let Some(line) = log.lines().find(|line| line.contains(secret)) {
            panic!("`{secret}` is in the log: {line}");
        }
    }
}
