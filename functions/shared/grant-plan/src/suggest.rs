//! A rule for a product that was bought and that no rule selects
