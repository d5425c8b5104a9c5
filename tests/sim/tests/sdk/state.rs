use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use pretend_aws::QueueAttributes;

use crate::clients::{MANAGEMENT, config, run, world};

#[test]
fn a_conditional_put_is_refused_with_its_typed_error() {
    let world = world();
    let client = aws_sdk_dynamodb::Client::new(&config(&world, MANAGEMENT));
    run(&world, async {
        client
            .create_table()
            .table_name("ledger")
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name("pk")
                    .attribute_type(ScalarAttributeType::S)
                    .build()
                    .unwrap(),
            )
            .key_schema(KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap())
            .send()
            .await
            .unwrap();
        let put = || {
            client
                .put_item()
                .table_name("ledger")
                .item("pk", AttributeValue::S("a".to_owned()))
                .condition_expression("attribute_not_exists(pk)")
                .send()
        };
        put().await.unwrap();
        let second = put().await.unwrap_err().into_service_error();
        assert!(second.is_conditional_check_failed_exception(), "{second:?}");
    });
}

#[test]
fn a_received_message_comes_back_after_its_visibility_time_out() {
    let world = world();
    let queue =
        world.create_queue("triggers", QueueAttributes { visibility: Duration::from_secs(60), ..Default::default() });
    let client = aws_sdk_sqs::Client::new(&config(&world, MANAGEMENT));
    run(&world, client.send_message().queue_url(&queue.url).message_body("hello").send()).unwrap();
    let receive = || async {
        let answer = client.receive_message().queue_url(&queue.url).max_number_of_messages(10).send().await.unwrap();
        answer.messages().len()
    };
    assert_eq!(run(&world, receive()), 1);
    assert_eq!(run(&world, receive()), 0);
    world.advance(Duration::from_secs(60));
    assert_eq!(run(&world, receive()), 1);
}

#[test]
fn a_queue_that_is_not_there_is_a_typed_error() {
    let world = world();
    let client = aws_sdk_sqs::Client::new(&config(&world, MANAGEMENT));
    let answer = run(&world, client.get_queue_url().queue_name("nowhere").send());
    assert!(answer.unwrap_err().into_service_error().is_queue_does_not_exist());
}

#[test]
fn a_long_poll_waits_in_virtual_time_until_a_message_comes_or_patience_ends() {
    let world = world();
    let queue = world.create_queue("q", QueueAttributes { delay: Duration::from_secs(7), ..Default::default() });
    let client = aws_sdk_sqs::Client::new(&config(&world, MANAGEMENT));
    let poll = |seconds: i32| {
        let start = world.now();
        let answer = run(&world, client.receive_message().queue_url(&queue.url).wait_time_seconds(seconds).send());
        (answer.unwrap().messages().len(), world.now().duration_since(start).as_secs())
    };
    assert_eq!(poll(0), (0, 0));
    assert_eq!(poll(5), (0, 5));
    run(&world, client.send_message().queue_url(&queue.url).message_body("later").send()).unwrap();
    assert_eq!(poll(20), (1, 7));
}
