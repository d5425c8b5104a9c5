//! Which of the two functions a deployed binary is

use grant_engine::config::ConfigError;

/// `GRANTWAY_FUNCTION`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Turns events into looks at licenses
    Dispatch,
    /// Takes one look at one license
    Lane,
}

impl Role {
    /// Reads the process's environment
    ///
    /// # Errors
    /// [`ConfigError`] when the variable is missing or names neither.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "read once, at the start, beside the engine's Config")]
        Self::read(std::env::var("GRANTWAY_FUNCTION").ok())
    }

    fn read(value: Option<String>) -> Result<Self, ConfigError> {
        let (name, expected) = ("GRANTWAY_FUNCTION", "`dispatch` or `lane`");
        match value {
            None => Err(ConfigError::Missing { name, expected }),
            Some(value) => match value.as_str() {
                "dispatch" => Ok(Self::Dispatch),
                "lane" => Ok(Self::Lane),
                _ => Err(ConfigError::Invalid { name, value, problem: "no such function".to_owned(), expected }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_does_not_exist_is_named_with_those_that_do() {
        assert_eq!(Role::read(Some("lane".into())), Ok(Role::Lane));
        assert_eq!(Role::read(Some("dispatch".into())), Ok(Role::Dispatch));
        let error = Role::read(Some("dispath".into())).unwrap_err().to_string();
        assert!(
            error.contains("`GRANTWAY_FUNCTION` is `dispath`") && error.contains("`dispatch` or `lane`"),
            "{error}"
        );
        assert!(Role::read(None).is_err());
    }
}
