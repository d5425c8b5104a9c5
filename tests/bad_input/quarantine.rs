//! What quarantine keeps

use grantway_tests::story::Story;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

/// Text that no compression makes much smaller
fn noise(length: usize) -> String {
    let mut random = StdRng::seed_from_u64(1);
    (0..length).map(|_| char::from(random.random_range(b'!'..=b'~'))).collect()
}

async fn kept(body: &str, reason: &str) -> grant_engine::ledger::Quarantined {
    let story = Story::new().await;
    let engine = story.engine();
    let id = story.world().run(engine.ledger().quarantine("a test", body, reason, engine.now())).await.unwrap();
    let kept = story.quarantined().await;
    assert_eq!(kept.len(), 1);
    let kept = kept.into_iter().next().unwrap();
    assert_eq!(kept.id, id);
    kept
}

#[tokio::test]
async fn bodies_are_kept_byte_for_byte() {
    let bodies = ["", " ", "Zoë \u{1f980} 漢字\u{200d}\u{0}\r\n\t\u{feff}", "{\"a\":1,\"a\":2}", "\u{10ffff}"];
    for body in bodies.map(str::to_owned).into_iter().chain([noise(250_000), "ü".repeat(3_000_000)]) {
        let kept = kept(&body, "because").await;
        assert!(kept.body == body, "{} bytes came back as {}", body.len(), kept.body.len());
        assert!(kept.whole);
    }
}

#[tokio::test]
async fn a_body_too_large_for_an_item_keeps_its_head_and_says_so() {
    let body = noise(2_000_000);
    let kept = kept(&body, "because").await;
    assert!(!kept.whole);
    assert!(kept.body.len() > 50_000 && body.starts_with(&kept.body), "{} bytes", kept.body.len());
    let wide: String = noise(600_000).chars().flat_map(|letter| [letter, '漢', '\u{1f980}']).collect();
    let kept = self::kept(&wide, "because").await;
    assert!(wide.starts_with(&kept.body) && !kept.body.is_empty());
}

#[tokio::test]
async fn a_reason_that_repeats_the_message_keeps_nothing_out_of_quarantine() {
    // A field's name is in the parser's message, however long it is.
    let body = format!("{{\"{}\": 1}}", noise(240_000).replace(['"', '\\'], "x"));
    let story = Story::new().await;
    for origin in ["work queue", "accept queue"] {
        let record = json!({"messageId": "m", "body": body, "eventSource": "aws:sqs"});
        let payload = json!({"Records": [record]});
        let handled = match origin {
            "work queue" => story.world().run(distribute_grants::lane::handle(story.engine(), payload)).await,
            _ => story.world().run(accept_grants::handle(story.accept(), payload)).await,
        };
        assert_eq!(handled.unwrap(), json!({"batchItemFailures": []}), "{origin}");
        let kept = story.quarantined().await;
        assert!(kept.iter().any(|kept| kept.origin == origin && kept.body == body), "{origin}");
    }
}
