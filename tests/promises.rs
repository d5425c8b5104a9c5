//! What Grantway promises, one world each
