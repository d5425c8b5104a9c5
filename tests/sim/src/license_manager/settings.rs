//! Service settings: whether accounts are linked, and what is set beside

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::principal::{LICENSE_MANAGER_ACCESS, trusts};
use super::role::denied;
use super::wire::Request;
use super::{Context, HOME_REGION, LicenseManager};
use crate::error::ApiError;
use crate::organizations::Organization;

/// What UpdateServiceSettings keeps
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// "Link AWS Organizations accounts"
    pub(super) linked: bool,
    /// Since when; accounts that joined before are linked beyond doubt
    pub(super) linked_since: Option<Timestamp>,
    discovery: bool,
    bucket: Option<String>,
    topic: Option<String>,
    regions: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { linked: true, linked_since: None, discovery: false, bucket: None, topic: None, regions: Vec::new() }
    }
}

impl LicenseManager {
    /// Whether member accounts are linked and License Manager may reach them
    pub(super) fn is_linked(&self, organization: &Organization) -> bool {
        self.settings.linked && trusts(organization, LICENSE_MANAGER_ACCESS)
    }

    /// `EnableIntegration` says what was set: it stays true when trusted access is taken away (seen live)
    pub(super) fn service_settings(&self, context: &Context<'_>) -> Value {
        let settings = &self.settings;
        let mut answer = json!({
            "OrganizationConfiguration": { "EnableIntegration": settings.linked },
            "EnableCrossAccountsDiscovery": settings.discovery,
        });
        let management = &context.organization.management_account;
        let share =
            format!("arn:aws:ram:{HOME_REGION}:{management}:resource-share/00000000-0000-4000-8000-{management}");
        let texts = [
            ("S3BucketArn", settings.bucket.clone()),
            ("SnsTopicArn", settings.topic.clone()),
            ("LicenseManagerResourceShareArn", settings.linked.then_some(share)),
        ];
        if let Some(members) = answer.as_object_mut() {
            members.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))));
            if !settings.regions.is_empty() {
                members.insert("CrossRegionDiscoveryHomeRegion".to_owned(), json!(HOME_REGION));
                members.insert("CrossRegionDiscoverySourceRegions".to_owned(), json!(settings.regions));
            }
        }
        answer
    }

    /// Cross-account discovery cannot be switched off again (user guide, "Troubleshooting"); the refusal's text is this
    /// service's own
    pub(super) fn update_service_settings(
        &mut self,
        context: &Context<'_>,
        request: &Request<'_>,
    ) -> Result<Value, ApiError> {
        if context.caller != context.organization.management_account {
            return Err(denied("Only the management account can change OrganizationConfiguration"));
        }
        let mut next = Settings::clone(&self.settings);
        if let Some(configuration) = request.structure("OrganizationConfiguration")? {
            let linked = configuration.required_flag("EnableIntegration")?;
            if linked != next.linked {
                next.linked_since = linked.then_some(context.now);
            }
            next.linked = linked;
        }
        if let Some(discovery) = request.flag("EnableCrossAccountsDiscovery")? {
            if next.discovery && !discovery {
                return Err(ApiError::validation("EnableCrossAccountsDiscovery cannot be turned off"));
            }
            next.discovery = discovery;
        }
        next.bucket = request.text("S3BucketArn")?.map(str::to_owned).or(next.bucket);
        next.topic = request.text("SnsTopicArn")?.map(str::to_owned).or(next.topic);
        if let Some(regions) = request.texts("EnabledDiscoverySourceRegions")? {
            next.regions = regions.into_iter().map(str::to_owned).collect();
        }
        self.settings = Arc::new(next);
        Ok(json!({}))
    }
}
