//! The policy table with its Stream, and the ledger with its index of due items

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};
use grant_engine::config::Config;

/// Makes both tables, or leaves them alone where they are, as in a world that was saved
pub(super) async fn create(client: &Client, config: &Config) -> anyhow::Result<()> {
    if !is_there(client, &config.policy_table).await? {
        create_policy(client, &config.policy_table).await?;
    }
    if !is_there(client, &config.ledger_table).await? {
        create_ledger(client, &config.ledger_table).await?;
    }
    for table in [&config.policy_table, &config.ledger_table] {
        // A table is CREATING until it has been looked at.
        client.describe_table().table_name(table).send().await.with_context(|| format!("table `{table}`"))?;
    }
    Ok(())
}

async fn is_there(client: &Client, name: &str) -> anyhow::Result<bool> {
    match client.describe_table().table_name(name).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(DescribeTableError::is_resource_not_found_exception) => {
            Ok(false)
        }
        Err(error) => Err(error).with_context(|| format!("table `{name}`")),
    }
}

async fn create_policy(client: &Client, name: &str) -> anyhow::Result<()> {
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("rule", ScalarAttributeType::S)?)
        .key_schema(key("rule", KeyType::Hash)?)
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()?,
        )
        .send()
        .await
        .context("cannot make the policy table")?;
    Ok(())
}

async fn create_ledger(client: &Client, name: &str) -> anyhow::Result<()> {
    let due = GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("due_shard", KeyType::Hash)?)
        .key_schema(key("due_at", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()?;
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("sk", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("due_shard", ScalarAttributeType::N)?)
        .attribute_definitions(attribute("due_at", ScalarAttributeType::N)?)
        .key_schema(key("pk", KeyType::Hash)?)
        .key_schema(key("sk", KeyType::Range)?)
        .global_secondary_indexes(due)
        .send()
        .await
        .context("cannot make the ledger table")?;
    Ok(())
}

fn attribute(name: &str, kind: ScalarAttributeType) -> anyhow::Result<AttributeDefinition> {
    Ok(AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()?)
}

fn key(name: &str, kind: KeyType) -> anyhow::Result<KeySchemaElement> {
    Ok(KeySchemaElement::builder().attribute_name(name).key_type(kind).build()?)
}
