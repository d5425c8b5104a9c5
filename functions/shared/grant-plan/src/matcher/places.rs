//! The places that a grant may be made to as a whole: the organization, and each of its top-level units

use std::collections::BTreeSet;

use super::columns::Columns;
use super::sets::AccountSet;
use crate::id::OuId;
use crate::organization::Organization;
use crate::selector::{Accounts, Tops};
use crate::settings::Protected;

/// A place that a grant may be made to as a whole
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// The top-level unit; `None`: the organization
    pub(super) unit: Option<&'a OuId>,
    /// Accounts that a grant to it has to be right for: those in it that are not off
    pub(super) counted: AccountSet,
    /// Nobody in it is protected, and nobody who joins it will be
    pub(super) is_free: bool,
}

/// Every such place, the organization first
#[derive(Debug)]
pub(super) struct Places<'a> {
    all: Vec<Place<'a>>,
    tops: Tops<'a>,
}

impl<'a> Places<'a> {
    /// `named` are units that rules select: one that nobody lies in may well be a top-level one, and a grant that was
    /// made to it is right for whoever comes
    pub(super) fn new(
        organization: &'a Organization,
        columns: &Columns<'a>,
        protected: &Protected,
        named: impl Iterator<Item = &'a OuId>,
    ) -> Self {
        let tops = Tops::of(organization);
        let (counted, guarded) = (columns.counted(), columns.protected(protected));
        let whole =
            Place { unit: None, counted: counted.clone(), is_free: guarded.is_empty() && protected.units.is_empty() };
        let mut all = vec![whole];
        let empty = named.filter(|unit| tops.of_unit(unit).is_none());
        for unit in empty.chain(tops.all()).collect::<BTreeSet<_>>() {
            let inside = columns.in_unit(unit);
            // A unit that no account lies in may lie anywhere.
            let may_lie_here = |one: &OuId| tops.of_unit(one).is_none_or(|top| top == unit);
            let is_free = inside.is_apart(&guarded) && !protected.units.iter().any(may_lie_here);
            all.push(Place { unit: Some(unit), counted: inside.both(&counted), is_free });
        }
        Self { all, tops }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Place<'a>> {
        self.all.iter()
    }

    /// Whether a selector could say no to an account of the place, of today or of tomorrow
    pub(super) fn could_exclude(&self, selector: &Accounts, place: &Place<'_>) -> bool {
        match place.unit {
            None => selector.could_exclude(),
            Some(unit) => selector.could_exclude_from(unit, &self.tops),
        }
    }
}

impl Place<'_> {
    /// Whether a selector names every account of the place, those of tomorrow included
    pub(super) fn is_whole(&self, selector: &Accounts) -> bool {
        match self.unit {
            None => selector.is_whole_organization(),
            Some(unit) => selector.is_whole_unit(unit),
        }
    }
}
