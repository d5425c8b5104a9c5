//! How things stand as text: the counts, a line for each exception, and what the codes say

use std::fmt;

use super::{Counts, Exception, LaneDue, Meaning, Status};

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counts, exceptions, kept, under_way, lanes_due, meanings } = self;
        write!(formatter, "{counts}")?;
        for exception in exceptions {
            write!(formatter, "\n{exception}")?;
        }
        for (what, grants) in [("keep", kept), ("await", under_way)] {
            for grant in grants {
                let (license, code) = (&grant.license, grant.reason_code);
                write!(formatter, "\n  {what:<8}  {license} -> {}  {code}", grant.grant)?;
            }
        }
        for lane in lanes_due {
            write!(formatter, "\n{lane}")?;
        }
        for meaning in meanings {
            write!(formatter, "\n{meaning}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pairs, licenses, accounts, settled, moving, blocked, reason_codes } = self;
        write!(formatter, "pairs: {pairs} ({settled} settled, {moving} moving, {blocked} blocked)")?;
        write!(formatter, ", licenses: {licenses}, accounts: {accounts}")?;
        for (code, count) in reason_codes {
            write!(formatter, "\n{count:>8}  {code}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { license, account, standing, reason_code, rule, since, noted, next_look, detail } = self;
        // Padding needs text: what writes itself piece by piece does not heed a width.
        let standing = standing.to_string();
        write!(formatter, "  {standing:<8}  {license} -> {account}  {reason_code} (rule {rule})")?;
        match (since, noted) {
            (Some(since), _) => write!(formatter, ", since {since}")?,
            (None, Some(noted)) => write!(formatter, ", last noted as {} since {}", noted.reason_code, noted.since)?,
            (None, None) => write!(formatter, ", not noted yet")?,
        }
        match next_look {
            Some(at) => write!(formatter, ", next look {at}")?,
            None => write!(formatter, ", next look with an event or the full reconcile")?,
        }
        match detail {
            Some(detail) => write!(formatter, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for LaneDue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { license, due_at, owed } = self;
        match (owed, due_at) {
            (true, _) => write!(formatter, "  due       {license}  a look was asked for and not taken yet"),
            (false, Some(at)) => write!(formatter, "  due       {license}  since {at}"),
            (false, None) => write!(formatter, "  due       {license}"),
        }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason_code, self.meaning)?;
        if self.mend.is_empty() { Ok(()) } else { write!(formatter, "; to mend it: {}", self.mend) }
    }
}
