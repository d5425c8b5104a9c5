//! A small organization to begin with, the one that the sample events tell of

use std::collections::BTreeMap;

use super::{AccountBlueprint, Blueprint, Purchase, UnitBlueprint};

impl Blueprint {
    /// An organization of ten accounts in four units that has bought nothing yet
    ///
    /// Account 487120396655 and agreement agmt-3fq8d0zk1yv6m7n2wq5tb9xhe of the sample events are yet to come.
    pub fn sample() -> Self {
        let root = "r-9xk2";
        let workloads = "ou-9xk2-h3n8d1pw";
        let production = "ou-9xk2-p6v0s4jt";
        let sandbox = "ou-9xk2-z7c4q0me";
        let security = "ou-9xk2-s1b5x8ld";
        let unit = |id: &str, name: &str, parent: &str| UnitBlueprint {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
        };
        let account = |id: &str, name: &str, parent: &str, tags: &[(&str, &str)]| AccountBlueprint {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
            state: "ACTIVE".to_owned(),
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>(),
        };
        let mut suspended = account("730912846625", "old-experiments", sandbox, &[("env", "dev")]);
        suspended.state = "SUSPENDED".to_owned();
        Self {
            organization: "o-4kq7vt2m9x".to_owned(),
            management_account: "210987654321".to_owned(),
            root: root.to_owned(),
            units: vec![
                unit(workloads, "Workloads", root),
                unit(production, "Production", workloads),
                unit(sandbox, "Sandbox", root),
                unit(security, "Security", root),
            ],
            accounts: vec![
                account("210987654321", "management", root, &[]),
                account("318204957731", "payments-prod", production, &[("env", "prod"), ("team", "payments")]),
                account("402958173646", "search-prod", production, &[("env", "prod"), ("team", "search")]),
                account("519283746501", "payments-dev", workloads, &[("env", "dev"), ("team", "payments")]),
                account("560192837465", "search-dev", workloads, &[("env", "dev"), ("team", "search")]),
                account("611029384756", "sandbox-ada", sandbox, &[("env", "dev")]),
                account("674839201583", "sandbox-grace", sandbox, &[("env", "dev")]),
                account("802746195038", "audit", security, &[("env", "prod")]),
                account("853920174662", "log-archive", security, &[("env", "prod")]),
                suspended,
            ],
            purchases: Vec::new(),
        }
    }
}

impl Purchase {
    /// The purchase that the sample events tell of, by the management account
    pub fn sample() -> Self {
        Self {
            acceptor: "210987654321".to_owned(),
            agreement: "agmt-3fq8d0zk1yv6m7n2wq5tb9xhe".to_owned(),
            license: "l-8c1f40d2b7e94a6fa3d5906e27b1c84f".to_owned(),
            sku: "prod-v5h2xk8qm4tza".to_owned(),
            product: "Example Database Enterprise".to_owned(),
            product_type: "AmiProduct".to_owned(),
            proposer: "640218890143".to_owned(),
            offer: "offer-k7q2m9x4vd3pa".to_owned(),
        }
    }
}
