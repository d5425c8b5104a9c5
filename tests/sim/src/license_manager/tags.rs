//! Tags of grants and licenses

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::license::license_id;
use super::role::{Role, denied, not_found};
use super::wire::{Request, missing};
use super::{Context, LicenseManager};
use crate::error::ApiError;

/// Tags per resource, as for most services of AWS
const MOST: usize = 50;

impl LicenseManager {
    /// TagResource
    pub(super) fn tag_resource(&mut self, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
        request.structures("Tags")?.ok_or_else(|| missing("Tags"))?;
        let new = request.tags()?;
        let resource = self.taggable(context, request)?;
        let tags = self.tags.entry(resource.as_str().into()).or_default();
        let fresh = new.keys().filter(|key| !tags.contains_key(*key)).count();
        if tags.len() + fresh > MOST {
            return Err(ApiError::validation(format!("Tags: a resource has at most {MOST}")));
        }
        tags.extend(new);
        Ok(json!({}))
    }

    /// UntagResource
    pub(super) fn untag_resource(&mut self, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
        let keys = request.texts("TagKeys")?.ok_or_else(|| missing("TagKeys"))?;
        let resource = self.taggable(context, request)?;
        if let Some(tags) = self.tags.get_mut(resource.as_str()) {
            tags.retain(|key, _| !keys.contains(&key.as_str()));
        }
        Ok(json!({}))
    }

    /// ListTagsForResource
    pub(super) fn list_tags(&self, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
        let resource = self.taggable(context, request)?;
        let tags = self.tags_of(&resource).map(|tags| tags.iter());
        let tags: Vec<Value> =
            tags.into_iter().flatten().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(json!({ "Tags": tags }))
    }

    /// Tags of a grant, by ARN, or of a license, by id
    pub fn tags_of(&self, resource: &str) -> Option<&BTreeMap<String, String>> {
        self.tags.get(resource)
    }

    /// The grantor tags a grant, the buyer a license; the key under which tags are kept
    fn taggable(&self, context: &Context<'_>, request: &Request<'_>) -> Result<String, ApiError> {
        let arn = request.required_arn("ResourceArn")?;
        if self.grants.contains_key(arn) {
            let (grant, role) = self.grant_for(arn, context)?;
            return match role {
                Role::Grantor => Ok(grant.arn.clone()),
                Role::Grantee | Role::Covered | Role::Stranger => Err(denied("Only the grantor can tag this grant")),
            };
        }
        match self.license(license_id(arn)) {
            Some(license) if license.holder() == context.caller => Ok(license.id().to_owned()),
            Some(_) => Err(denied("Only the account that received this license from its issuer can tag it")),
            None => Err(not_found(arn, context.knobs)),
        }
    }
}
