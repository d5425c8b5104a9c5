//! Every fault with the calls it strikes: the list is made where the fault is declared, so none can be left out

use serde::Serialize;

use super::Fault;

/// One kind of fault
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultKind {
    /// Which
    pub fault: Fault,
    /// The field of [`Faults`](super::Faults) that holds its probability
    pub name: &'static str,
    /// What happens
    pub description: String,
    /// To what it can happen
    pub suffers: &'static str,
}

impl FaultKind {
    pub(super) fn new(fault: Fault, name: &'static str, lines: &[&str], suffers: &'static str) -> Self {
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        Self { fault, name, description: lines.join(" "), suffers }
    }
}

/// Declares `Fault`, `Faults` and all that must name every one of them; beside `Fault` an enum for each place where
/// things go wrong, so that nobody there has to think of faults that cannot strike there
macro_rules! faults {
    ($($(#[$place:meta])+ $befalls:ident {
        $($(#[doc = $line:literal])+ $fault:ident: $name:ident, $suffers:literal;)+
    })+) => {
        /// One thing that goes wrong
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Fault {
            $($($(#[doc = $line])+ $fault,)+)+
        }

        $(
            $(#[$place])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "snake_case")]
            pub(crate) enum $befalls {
                $($fault,)+
            }

            impl From<$befalls> for Fault {
                fn from(fault: $befalls) -> Self {
                    match fault {
                        $($befalls::$fault => Self::$fault,)+
                    }
                }
            }

            impl TryFrom<Fault> for $befalls {
                type Error = Fault;

                /// Gives the fault back when it strikes elsewhere
                fn try_from(fault: Fault) -> Result<Self, Fault> {
                    [$(Self::$fault),+].into_iter().find(|one| Fault::from(*one) == fault).ok_or(fault)
                }
            }
        )+

        /// How often things go wrong, each a probability from 0 to 1
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Faults {
            $($(
                #[doc = concat!("How often [`Fault::", stringify!($fault), "`] strikes: ", $suffers)]
                pub $name: f64,
            )+)+
            /// Accounts in which everything is denied, as by a service control policy: all their calls, to any service
            pub denied_accounts: Vec<String>,
            /// How far back a stale list may look, in seconds
            pub stale_seconds: u64,
            /// How late a late event may be, in seconds
            pub late_seconds: u64,
            /// The services whose calls suffer; those a program keeps its own state in are spared unless named
            pub services: Vec<Service>,
            /// What is still to strike, what has struck, and the random numbers in between
            #[serde(skip)]
            pub luck: Luck,
        }

        impl Default for Faults {
            fn default() -> Self {
                Self::calm()
            }
        }

        impl Faults {
            /// Nothing goes wrong
            pub fn calm() -> Self {
                Self {
                    $($($name: 0.0,)+)+
                    denied_accounts: Vec::new(),
                    stale_seconds: 120,
                    late_seconds: 600,
                    services: vec![Service::LicenseManager, Service::Organizations, Service::Marketplace, Service::Sts],
                    luck: Luck::default(),
                }
            }

            /// Sets every probability to zero; keeps denied accounts, one-shots, counts and random numbers
            pub fn stop(&mut self) {
                $($(self.$name = 0.0;)+)+
            }

            /// Every kind of fault, in the order of the fields
            pub fn catalog() -> Vec<FaultKind> {
                vec![$($(FaultKind::new(Fault::$fault, stringify!($name), &[$($line),+], $suffers),)+)+]
            }
        }
    };
}

pub(super) use faults;
