//! What goes wrong, and what is mended

use grantway_tests::story::Delivery;
use pretend_aws::{Fault, Faults, Service};
use serde_json::Value;

use super::player::{Player, Said};

const LICENSE_MANAGER: &str = "license-manager.amazonaws.com";
const MARKETPLACE: &str = "license-management.marketplace.amazonaws.com";

impl Player {
    pub(crate) async fn trouble(&mut self, verb: &str, rest: &str) -> Said {
        let world = self.story().await.world().clone();
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (verb, words.as_slice()) {
            ("fail", [service, operation, "with", fault, times @ ..]) => {
                let service = service_named(service)?;
                let fault: Fault =
                    serde_json::from_value(Value::String((*fault).to_owned())).map_err(|error| format!("{error}"))?;
                let times: usize = match times {
                    [] => 1,
                    [times, "times"] => times.parse().map_err(|_| "how often?".to_owned())?,
                    _ => return Err("fail SERVICE OPERATION with FAULT [N times]".to_owned()),
                };
                let story = self.story().await;
                (0..times).for_each(|_| story.fail_next(service, operation, fault));
            }
            ("faults", _) => {
                let changes = self.value(rest)?;
                world.with(|state| {
                    let mut all = serde_json::to_value(&state.faults).map_err(|error| error.to_string())?;
                    for (name, value) in changes.as_object().into_iter().flatten() {
                        all[name] = value.clone();
                    }
                    state.faults = serde_json::from_value::<Faults>(all).map_err(|error| error.to_string())?;
                    Ok::<(), String>(())
                })?;
            }
            ("workflow", ["of", grant, "fails:", ..]) => {
                self.names.name_grants(&world);
                let arn = self.names.grant(grant)?.to_owned();
                let reason = rest.split_once("fails: ").map_or("", |(_, reason)| reason);
                if !world.with(|state| state.license_manager.fail_workflow(&arn, reason)) {
                    return Err("no workflow of it runs".to_owned());
                }
            }
            ("status", ["of", what, "reads", word]) => {
                self.names.name_grants(&world);
                let now = world.now();
                match self.names.purchase(what) {
                    Ok(purchase) => {
                        world.with(|state| state.license_manager.license_reads(&purchase.license, Some(word), now));
                    }
                    Err(_) => {
                        let grant = self.names.grant(what)?;
                        world.with(|state| state.license_manager.grant_reads(grant, Some(word), now));
                    }
                }
            }
            ("role", ["missing", account]) => {
                let account = self.names.account(account)?.to_owned();
                world.with(|state| state.sts.missing_roles.insert(account));
            }
            ("role", ["deployed", account]) => {
                let account = self.names.account(account)?.to_owned();
                world.with(|state| state.sts.missing_roles.remove(&account));
            }
            ("spoke", ["missing", account]) => {
                let account = self.names.account(account)?.to_owned();
                self.story().await.spoke(&account, false);
            }
            ("spoke", ["deployed", account]) => {
                let account = self.names.account(account)?.to_owned();
                self.story().await.spoke(&account, true);
            }
            ("spoke", ["sweeps"]) => self.story().await.sweep_spokes().await,
            ("trusted", ["access", "of", whose, onoff]) => {
                let service = match *whose {
                    "license-manager" => LICENSE_MANAGER,
                    "marketplace" => MARKETPLACE,
                    _ => return Err("of license-manager or marketplace".to_owned()),
                };
                world.with(|state| {
                    state.organization.trusted_services.retain(|trusted| trusted != service);
                    if *onoff == "on" {
                        state.organization.trusted_services.push(service.to_owned());
                    }
                });
            }
            ("deliver", how) => {
                self.story().await.courier.delivery = match how {
                    ["once"] => Delivery::Once,
                    ["twice"] => Delivery::Twice,
                    ["backwards"] => Delivery::Backwards,
                    ["only", "the", "schedule"] => Delivery::ScheduleOnly,
                    _ => return Err("deliver once, twice, backwards or only the schedule".to_owned()),
                };
            }
            ("ledger", ["emptied"]) => self.story().await.ledger_emptied().await,
            ("ledger", ["backed", "up"]) => self.backup = self.story().await.ledger().await,
            ("ledger", ["restored"]) => {
                let backup = std::mem::take(&mut self.backup);
                let story = self.story().await;
                story.ledger_emptied().await;
                for item in backup {
                    story.ledger_put(item).await;
                }
            }
            _ => return Err("there is no such trouble".to_owned()),
        }
        Ok(Vec::new())
    }
}

fn service_named(name: &str) -> Result<Service, String> {
    Ok(match name {
        "LicenseManager" => Service::LicenseManager,
        "Organizations" => Service::Organizations,
        "Marketplace" => Service::Marketplace,
        "Sts" => Service::Sts,
        "EventBridge" => Service::EventBridge,
        _ => return Err("of LicenseManager, Organizations, Marketplace, Sts or EventBridge".to_owned()),
    })
}
