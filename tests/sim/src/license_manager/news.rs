//! What License Manager tells of itself: Grant Change and License Change
//!
//! The user guide's event reference names both, best effort; what their details hold is not published.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::LicenseManager;
use super::grant::GrantStatus;
use super::license::LicenseStatus;

/// Something that changed by itself or by a call
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct News {
    pub(crate) at: Timestamp,
    /// The account on whose bus it is told
    pub(crate) account: String,
    pub(crate) subject: Subject,
}

/// What changed
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Subject {
    Grant { arn: String, license: String, status: GrantStatus },
    License { license: String, status: LicenseStatus },
}

impl LicenseManager {
    /// What there is to tell since the last time, oldest first
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Grantor and grantee each hear of a grant
    pub(super) fn tell_of_grant(&mut self, arn: &str, at: Timestamp) {
        if !self.told {
            return;
        }
        let Some(grant) = self.grant(arn) else { return };
        let accounts = [Some(grant.grantor.as_str()), grant.principal.account()];
        let subject = Subject::Grant { arn: grant.arn.clone(), license: grant.license.clone(), status: grant.status };
        let news: Vec<News> = accounts
            .into_iter()
            .flatten()
            .map(|account| News { at, account: account.to_owned(), subject: subject.clone() })
            .collect();
        self.news.extend(news);
    }

    pub(super) fn tell_of_license(&mut self, license_id: &str, at: Timestamp) {
        if !self.told {
            return;
        }
        let Some(license) = self.license(license_id) else { return };
        let subject = Subject::License { license: license.id().to_owned(), status: license.status };
        self.news.push(News { at, account: license.holder().to_owned(), subject });
    }
}
