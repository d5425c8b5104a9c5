//! Names of things, checked once where they come in
//!
//! Every id is a private string that only [`FromStr`] can make, so a value of these types is well formed wherever it
//! is met. Formats are those of the AWS API models (Organizations `AccountId`, `OrganizationalUnitId`, License
//! Manager `Arn`, Marketplace Agreement `ResourceId`) unless a type says otherwise.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Text that is not the id it should be
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {expected}")]
pub struct IdError {
    /// The text that was given, cut to 200 characters
    pub value: String,
    /// What was expected, with an example
    pub expected: &'static str,
}

impl IdError {
    fn new(value: &str, expected: &'static str) -> Self {
        Self { value: value.chars().take(200).collect(), expected }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(IdError::new(text, $expected)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

fn lower_or_digit(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn lower_digit_dash(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_unit(text: &str) -> bool {
    text.strip_prefix("ou-").and_then(|rest| rest.split_once('-')).is_some_and(|(root, unit)| {
        (4..=32).contains(&root.len()) && (8..=32).contains(&unit.len()) && lower_or_digit(root) && lower_or_digit(unit)
    })
}

text_id!(
    /// An AWS account: exactly twelve ASCII digits
    AccountId,
    "an account id: twelve digits, such as `123456789012`",
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
);

text_id!(
    /// An organization: `o-` and 10 to 32 lower-case letters or digits
    OrganizationId,
    "an organization id, such as `o-a1b2c3d4e5`",
    |text| text.strip_prefix("o-").is_some_and(|rest| (10..=32).contains(&rest.len()) && lower_or_digit(rest))
);

text_id!(
    /// An organizational unit: `ou-`, the root's 4 to 32 characters, `-`, 8 to 32 characters
    OuId,
    "an organizational unit id, such as `ou-ab12-34cd56ef`",
    is_unit
);

text_id!(
    /// A Marketplace agreement: 1 to 64 letters, digits, `_`, `/` or `-`
    AgreementId,
    "an agreement id, such as `agmt-1a2b3c4d5e`",
    |text| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'-'))
    }
);

text_id!(
    /// A rule of the policy table: 1 to 64 of `a-z`, `0-9` and `-`
    RuleId,
    "a rule id: 1 to 64 lower-case letters, digits or `-`, such as `everyone`",
    |text| lower_digit_dash(text, 64)
);

text_id!(
    /// A deployment of Grantway, as grant names carry it: 1 to 32 of `a-z`, `0-9` and `-`
    Deployment,
    "a deployment name: 1 to 32 lower-case letters, digits or `-`, such as `main`",
    |text| lower_digit_dash(text, 32)
);

text_id!(
    /// The random id of one intent to create a grant, which its name and its ClientToken carry: 32 hexadecimal digits
    Intent,
    "an intent: 32 lower-case hexadecimal digits",
    |text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
);

text_id!(
    /// The ARN of a grant; opaque but for `:grant:`, at most 2,048 characters
    ///
    /// Which account its fifth field holds is not documented, so nothing may be read from it.
    GrantArn,
    "a grant ARN, such as `arn:aws:license-manager::123456789012:grant:g-0123456789abcdef0123456789abcdef`",
    |text| text.len() <= 2048 && text.starts_with("arn:") && text.contains(":grant:") && !text.contains(char::is_whitespace)
);

text_id!(
    /// A license: the trailing `l-...` (older samples: `lic-...`) of its ARN
    ///
    /// License ARNs come in several shapes for one license (with and without `arn:`, Region or `license/`), so this
    /// part alone is compared. [`FromStr`] takes an ARN or the bare id.
    LicenseId,
    "a license id or ARN, such as `l-0123456789abcdef0123456789abcdef`",
    |text| {
        text.strip_prefix("l-").or_else(|| text.strip_prefix("lic-")).is_some_and(|rest| {
            (1..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    }
);

impl LicenseId {
    /// The id at the end of any of the shapes in which a license ARN is met
    ///
    /// # Errors
    /// [`IdError`] when the last part after `:` or `/` is not a license id.
    pub fn from_arn(arn: &str) -> Result<Self, IdError> {
        let last = arn.rsplit([':', '/']).next().unwrap_or(arn);
        last.parse().map_err(|error: IdError| IdError::new(arn, error.expected))
    }
}

impl GrantArn {
    /// The part after `:grant:`, which tells grants apart; what stands before it is met in more than one form
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.rsplit_once(":grant:").map_or(self.0.as_str(), |(_, short)| short)
    }
}

/// The ARN of a license as the API gave it, with the id that identifies it
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LicenseArn {
    arn: String,
    id: LicenseId,
}

impl LicenseArn {
    /// The whole ARN, for calls
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// What identifies the license
    #[must_use]
    pub fn id(&self) -> &LicenseId {
        &self.id
    }
}

impl FromStr for LicenseArn {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Ok(Self { id: LicenseId::from_arn(text)?, arn: text.to_owned() })
    }
}

impl TryFrom<String> for LicenseArn {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<LicenseArn> for String {
    fn from(arn: LicenseArn) -> Self {
        arn.arn
    }
}

impl fmt::Display for LicenseArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits_and_nothing_else() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        for wrong in ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１２"] {
            let error = wrong.parse::<AccountId>().unwrap_err();
            assert!(error.to_string().contains("twelve digits"), "{error}");
        }
    }

    #[test]
    fn every_shape_of_a_license_arn_names_the_same_license() {
        let shapes = [
            "arn:aws:license-manager::294406891311:license:l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
            "aws:license-manager:us-east-1:702911538826:l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
            "arn:aws:license-manager::294406891311:license/l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
            "l-8c41f2a07d9b4e53a6f1c0d2e7b38a95",
        ];
        for shape in shapes {
            let arn: LicenseArn = shape.parse().unwrap();
            assert_eq!(arn.id().as_str(), "l-8c41f2a07d9b4e53a6f1c0d2e7b38a95");
            assert_eq!(arn.as_str(), shape);
        }
        assert!(LicenseId::from_arn("arn:aws:license-manager::1:license:nothing").is_err());
    }

    #[test]
    fn units_and_organizations_follow_the_organizations_model() {
        assert!("ou-9xk2-h3n8d1pw".parse::<OuId>().is_ok());
        assert!("ou-9xk2-short".parse::<OuId>().is_err());
        assert!("o-4kq7vt2m9x".parse::<OrganizationId>().is_ok());
        assert!("o-4KQ7VT2M9X".parse::<OrganizationId>().is_err());
    }

    #[test]
    fn ids_survive_serde_and_bad_ones_do_not_get_in() {
        let id: AccountId = serde_json::from_str("\"123456789012\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"123456789012\"");
        assert!(serde_json::from_str::<AccountId>("\"12\"").is_err());
    }
}
