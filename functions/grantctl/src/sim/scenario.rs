//! A scenario file: which organization, which answers to the open questions, and what goes wrong

use std::path::Path;

use anyhow::{Context, anyhow, bail};
use pretend_aws::{Blueprint, Faults, Knobs, Settings, Time, World};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Options, file, quick};

/// What the file says, and the flags over it
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    organization: Option<Blueprint>,
    seed: Option<u64>,
    #[serde(default)]
    knobs: Map<String, Value>,
    #[serde(default)]
    faults: Map<String, Value>,
}

impl Scenario {
    /// The scenario file's, or an otherwise empty one with the organization file's organization
    pub(super) fn of(options: &Options) -> anyhow::Result<Self> {
        let mut scenario = match (&options.scenario, &options.organization) {
            (Some(path), _) => read(path, "describes no scenario")?,
            (None, Some(path)) => {
                Self { organization: Some(read(path, "describes no organization")?), ..Self::default() }
            }
            (None, None) => Self::default(),
        };
        scenario.seed = options.seed.or(scenario.seed);
        Ok(scenario)
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }

    /// A world in real time; knobs that the scenario leaves open are `grantctl sim`'s own, or drawn from the seed
    pub(super) fn world(&self, draw_knobs: bool) -> anyhow::Result<World> {
        let blueprint = self.organization.clone().unwrap_or_else(Blueprint::sample);
        check(&blueprint)?;
        let seed = self.seed();
        let open = if draw_knobs { Knobs::draw(&mut StdRng::seed_from_u64(seed)) } else { quick() };
        let knobs = with("knobs", open, &self.knobs, legal_answer)?;
        let faults = with("faults", Faults::calm(), &self.faults, legal_fault)?;
        Ok(World::new(&blueprint, Settings { seed, time: Time::Real, knobs, faults }))
    }
}

fn read<T: DeserializeOwned>(path: &Path, not: &str) -> anyhow::Result<T> {
    parse(&file::read(path)?).with_context(|| format!("`{}` {not}; its form is in tests/sim/README.md", path.display()))
}

fn parse<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|error| anyhow!("`{}`: {}", error.path(), error.inner()))
}

/// `open` with the changes made to it, each refused by its name, its value and what would be right
fn with<T>(what: &str, open: T, changes: &Map<String, Value>, legal: fn(&str) -> String) -> anyhow::Result<T>
where
    T: serde::Serialize + DeserializeOwned,
{
    let mut all = serde_json::to_value(open)?;
    for (name, value) in changes {
        let Some(slot) = all.get_mut(name) else { bail!(unknown(what, name, &all)) };
        *slot = value.clone();
        let probability = what == "faults" && slot.is_number() && !name.ends_with("_seconds");
        let wrong = match serde_json::from_value::<T>(all.clone()) {
            Err(error) => Some(error.to_string()),
            Ok(_) if probability && !value.as_f64().is_some_and(|often| (0.0..=1.0).contains(&often)) => {
                Some("no probability".to_owned())
            }
            Ok(_) => None,
        };
        if let Some(why) = wrong {
            bail!("`{what}.{name}` is {value}: {why}; {}", legal(name));
        }
    }
    Ok(serde_json::from_value(all)?)
}

fn unknown(what: &str, name: &str, all: &Value) -> String {
    let names = all.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let nearest =
        names.max_by(|one, other| strsim::jaro_winkler(name, one).total_cmp(&strsim::jaro_winkler(name, other)));
    let nearest = nearest.unwrap_or_default();
    format!(
        "`{what}.{name}`: there is none of that name; did you mean `{nearest}`? `grantctl sim {what}` lists them all"
    )
}

fn legal_answer(name: &str) -> String {
    let knob = Knobs::catalog().into_iter().find(|knob| knob.name == name);
    let outcomes = knob.map(|knob| knob.outcomes).unwrap_or_default();
    let values: Vec<String> = outcomes.iter().map(|outcome| outcome.value.to_string()).collect();
    let kind =
        if outcomes.iter().any(|outcome| outcome.value.is_number()) { "whole numbers such as" } else { "one of" };
    format!("it takes {kind} {}", values.join(", "))
}

fn legal_fault(name: &str) -> String {
    let takes = match name {
        "denied_accounts" => "a list of account ids, such as [\"318204957731\"]",
        "services" => "a list of services, such as [\"LicenseManager\", \"Sqs\"]",
        seconds if seconds.ends_with("_seconds") => "a whole number of seconds, such as 60",
        _ => "a probability from 0 to 1, such as 0.05",
    };
    format!("it takes {takes}")
}

/// What the pretend AWS takes for granted of an organization
fn check(blueprint: &Blueprint) -> anyhow::Result<()> {
    let management = &blueprint.management_account;
    if !blueprint.accounts.iter().any(|account| account.id == *management) {
        bail!(
            "`organization.management_account` is `{management}`, which is none of `organization.accounts`; add it there"
        );
    }
    let mut parents = vec![blueprint.root.as_str()];
    for (at, unit) in blueprint.units.iter().enumerate() {
        if !parents.contains(&unit.parent.as_str()) {
            let (parent, root) = (&unit.parent, &blueprint.root);
            bail!(
                "`organization.units[{at}].parent` is `{parent}`: it takes the root `{root}` or a unit listed before"
            );
        }
        parents.push(&unit.id);
    }
    for (at, account) in blueprint.accounts.iter().enumerate() {
        if !parents.contains(&account.parent.as_str()) {
            let (parent, root) = (&account.parent, &blueprint.root);
            bail!("`organization.accounts[{at}].parent` is `{parent}`: it takes the root `{root}` or a unit's id");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scenario(value: &Value) -> anyhow::Result<Scenario> {
        parse(&value.to_string())
    }

    fn world(value: &Value, draw_knobs: bool) -> World {
        scenario(value).unwrap().world(draw_knobs).unwrap()
    }

    fn refusal(value: &Value) -> String {
        scenario(value).and_then(|scenario| scenario.world(false)).unwrap_err().to_string()
    }

    #[test]
    fn any_subset_of_knobs_and_faults_is_set_and_the_rest_stays() {
        let scenario =
            json!({"knobs": {"workflow_seconds": 7, "nested_unit": "fails_later"}, "faults": {"throttle": 0.5}});
        let (knobs, faults) = world(&scenario, false).with(|state| (state.knobs.clone(), state.faults.clone()));
        let nested_unit = serde_json::from_value(json!("fails_later")).unwrap();
        assert_eq!(knobs, Knobs { workflow_seconds: 7, nested_unit, ..quick() });
        assert_eq!(faults.throttle, 0.5);
        assert_eq!(faults.lost_reply, 0.0);
    }

    #[test]
    fn the_scenario_in_the_documentation_is_one() {
        let (_, from) = include_str!("../../../../tests/sim/README.md").split_once("```json\n").unwrap();
        let shown: Scenario = parse(from.split("```").next().unwrap()).unwrap();
        let world = shown.world(false).unwrap();
        let denied = world.with(|state| {
            let denied = state.faults.denied_accounts.clone();
            denied.into_iter().all(|account| state.organization.accounts.contains_key(&account))
        });
        assert!(denied && shown.seed() == 4711);
    }

    #[test]
    fn drawn_knobs_follow_from_the_seed_and_the_scenarios_own_stand_over_them() {
        let knobs = |seed: u64| {
            let scenario = json!({"seed": seed, "knobs": {"page_size": 3}});
            world(&scenario, true).with(|state| state.knobs.clone())
        };
        assert_eq!(knobs(4), knobs(4));
        assert_ne!(knobs(4), knobs(5));
        assert_eq!(knobs(4), Knobs { page_size: 3, ..Knobs::draw(&mut StdRng::seed_from_u64(4)) });
    }

    #[test]
    fn every_outcome_of_every_knob_is_taken() {
        for knob in Knobs::catalog() {
            for outcome in &knob.outcomes {
                let chosen = Map::from_iter([(knob.name.to_owned(), outcome.value.clone())]);
                let knobs = with("knobs", Knobs::default(), &chosen, legal_answer).unwrap();
                assert_eq!(serde_json::to_value(knobs).unwrap().get(knob.name), Some(&outcome.value));
            }
        }
    }

    #[test]
    fn what_is_wrong_is_refused_by_name_value_and_remedy() {
        let misspelt = refusal(&json!({"knobs": {"workflow_secs": 1}}));
        assert_eq!(
            misspelt,
            "`knobs.workflow_secs`: there is none of that name; did you mean `workflow_seconds`? `grantctl sim knobs` \
             lists them all"
        );
        let answer = refusal(&json!({"knobs": {"nested_unit": "refused"}}));
        assert!(answer.starts_with("`knobs.nested_unit` is \"refused\": unknown variant"), "{answer}");
        assert!(
            answer.ends_with(
                "it takes one of \"validation_exception\", \"invalid_parameter_value_exception\", \"fails_later\""
            ),
            "{answer}"
        );
        let number = refusal(&json!({"knobs": {"page_size": "large"}}));
        assert!(
            number.contains("`knobs.page_size` is \"large\"") && number.contains("whole numbers such as"),
            "{number}"
        );
        let often = refusal(&json!({"faults": {"throttle": 1.5}}));
        assert_eq!(often, "`faults.throttle` is 1.5: no probability; it takes a probability from 0 to 1, such as 0.05");
        let luck = refusal(&json!({"faults": {"throtle": 0.5}}));
        assert!(luck.contains("did you mean `throttle`? `grantctl sim faults`"), "{luck}");
        let service = refusal(&json!({"faults": {"services": ["S3"]}}));
        assert!(service.starts_with("`faults.services` is [\"S3\"]: unknown variant `S3`"), "{service}");
        let member = refusal(&json!({"organisation": {}}));
        assert!(member.contains("unknown field `organisation`, expected one of `organization`"), "{member}");
    }

    #[test]
    fn an_organization_is_refused_where_it_hangs_on_nothing() {
        let whole = serde_json::to_value(Blueprint::sample()).unwrap();
        let changed = |pointer: &str, value: Value| {
            let mut organization = whole.clone();
            *organization.pointer_mut(pointer).unwrap() = value;
            refusal(&json!({"organization": organization}))
        };
        assert_eq!(
            changed("/management_account", json!("1")),
            "`organization.management_account` is `1`, which is none of `organization.accounts`; add it there"
        );
        let unit = changed("/units/0/parent", json!("ou-none"));
        assert!(unit.starts_with("`organization.units[0].parent` is `ou-none`: it takes the root `r-9xk2`"), "{unit}");
        let account = changed("/accounts/2/parent", json!("ou-none"));
        assert!(account.starts_with("`organization.accounts[2].parent` is `ou-none`"), "{account}");
        let kind = changed("/accounts/2/name", json!(7));
        assert!(kind.starts_with("`organization.accounts[2].name`: invalid type: integer `7`"), "{kind}");
    }
}
