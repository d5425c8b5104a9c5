//! Plays a script: each command is done, and what came of it is said

use std::time::Duration;

use grant_engine::config::Acceptance;
use grantway_tests::story::{HUB, Item, Story};
use pretend_aws::blueprint::{AccountBlueprint, UnitBlueprint};
use pretend_aws::{Blueprint, Knobs, Settings, World};
use serde_json::Value;

use super::met::Met;
use super::names::{Names, ORGANIZATION, ROOT, random_id};
use super::script::Script;

/// A world and the names in it
#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) names: Names,
    pub(crate) met: Met,
    /// Until the first command that is about more than the organization at the beginning
    blueprint: Blueprint,
    knobs: Knobs,
    budget: Option<usize>,
    /// The member in which Grantway is deployed; `None`: in the management account
    delegate: Option<String>,
    acceptance: Acceptance,
    story: Option<Story>,
    /// What the ledger held when it was last backed up
    pub(crate) backup: Vec<Item>,
}

/// What a command says came of it; or why it cannot be done, which is a mistake in the script
pub(crate) type Said = Result<Vec<String>, String>;

impl Player {
    /// Nothing but the management account
    fn new() -> Self {
        let management = AccountBlueprint { parent: ROOT.to_owned(), ..account(HUB, "management", ROOT, "ACTIVE") };
        let blueprint = Blueprint {
            organization: ORGANIZATION.to_owned(),
            management_account: HUB.to_owned(),
            root: ROOT.to_owned(),
            units: Vec::new(),
            accounts: vec![management],
            purchases: Vec::new(),
        };
        let (names, met) = (Names::new(), Met::default());
        Self {
            names,
            met,
            blueprint,
            knobs: Knobs::default(),
            budget: None,
            delegate: None,
            acceptance: Acceptance::Hub,
            story: None,
            backup: Vec::new(),
        }
    }

    /// The story, which begins with the first command that asks for it
    pub(crate) async fn story(&mut self) -> &mut Story {
        if self.story.is_none() {
            let settings = Settings { knobs: self.knobs.clone(), ..Settings::default() };
            let seed = settings.seed;
            let world = World::new(&self.blueprint, settings);
            if let Some(delegate) = self.delegate.clone() {
                world.with(|state| {
                    state.organization.delegated_administrators.push(delegate.clone());
                    state.hub = delegate;
                });
            }
            let mut story = Story::deployed_in(&world, seed).await;
            if let Some(budget) = self.budget {
                story = story.configured(|config| config.grant_budget = budget);
            }
            if self.acceptance != Acceptance::Hub {
                let acceptance = self.acceptance.clone();
                story = story.configured(|config| config.acceptance = acceptance);
            }
            // The deployment reads the organization once before anything happens.
            story.reconcile().await;
            story.forget_calls();
            self.story = Some(story);
        }
        self.story.as_mut().expect("it has just begun")
    }

    async fn play(&mut self, text: &str) -> Said {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match verb {
            "unit" => self.unit(rest),
            "account" => self.account(rest).await,
            "knob" => self.knob(rest),
            "budget" => {
                self.before_it_begins()?;
                self.budget = Some(rest.parse().map_err(|_| "a budget is a number".to_owned())?);
                Ok(Vec::new())
            }
            "delegate" => {
                self.before_it_begins()?;
                self.delegate = Some(self.names.delegate(rest)?);
                Ok(Vec::new())
            }
            "show" => self.show(rest).await,
            "person" => self.person(rest).await,
            "retry" | "adopt" | "consolidate" | "rebuild" => self.operator(verb, rest).await,
            "acceptance" => self.acceptance(rest),
            "fail" | "faults" | "workflow" | "status" | "role" | "spoke" | "trusted" | "deliver" | "ledger" => {
                self.trouble(verb, rest).await
            }
            _ => self.deed(verb, rest).await,
        }
    }

    fn before_it_begins(&self) -> Result<(), String> {
        if self.story.is_some() { Err("this is said before anything happens".to_owned()) } else { Ok(()) }
    }

    /// `acceptance hub|spoke`: who accepts and activates where only the member may, from now on
    fn acceptance(&mut self, rest: &str) -> Said {
        self.acceptance = match rest {
            "hub" => Acceptance::Hub,
            "spoke" => Acceptance::Spoke { bus: "default".to_owned() },
            _ => return Err("acceptance hub or spoke".to_owned()),
        };
        let acceptance = self.acceptance.clone();
        self.story = self.story.take().map(|story| {
            let seed = story.world().now().as_second().unsigned_abs();
            story.redeployed(seed, |config| config.acceptance = acceptance)
        });
        Ok(Vec::new())
    }

    /// `unit NAME [= ID] [in UNIT]`
    fn unit(&mut self, rest: &str) -> Said {
        self.before_it_begins()?;
        let born = Born::read(rest)?;
        let id = self.names.add_unit(born.name, born.id);
        let parent = self.names.unit(born.parent)?.to_owned();
        self.blueprint.units.push(UnitBlueprint { id, name: born.name.to_owned(), parent });
        Ok(Vec::new())
    }

    /// `account NAME [= ID] [in UNIT] [STATE]`: there from the beginning, or made now
    async fn account(&mut self, rest: &str) -> Said {
        let born = Born::read(rest)?;
        let id = self.names.add_account(born.name, born.id);
        let parent = self.names.unit(born.parent)?.to_owned();
        match &self.story {
            None => self.blueprint.accounts.push(account(&id, born.name, &parent, born.state)),
            Some(story) => {
                story.world().create_account(&id, born.name);
                if parent != ROOT {
                    story.world().move_account(&id, &parent);
                }
            }
        }
        Ok(Vec::new())
    }

    /// `knob NAME VALUE`: how AWS answers one open question, from now on
    fn knob(&mut self, rest: &str) -> Said {
        let (name, value) = rest.split_once(' ').ok_or("knob NAME VALUE")?;
        let value: Value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        let set = |knobs: &mut Knobs| -> Result<(), String> {
            let mut all = serde_json::to_value(&*knobs).map_err(|error| error.to_string())?;
            all[name] = value;
            *knobs = serde_json::from_value(all).map_err(|error| error.to_string())?;
            Ok(())
        };
        match &self.story {
            None => set(&mut self.knobs)?,
            Some(story) => story.world().with(|state| set(&mut state.knobs))?,
        }
        Ok(Vec::new())
    }

    /// Reads a YAML value in which `$name` stands for an id
    pub(crate) fn value(&self, yaml: &str) -> Result<Value, String> {
        let mut value = serde_saphyr::from_str(yaml).map_err(|error| format!("{yaml}: {error}"))?;
        self.names.resolve(&mut value)?;
        Ok(value)
    }
}

/// What a command says of a new account or unit
struct Born<'a> {
    name: &'a str,
    id: Option<&'a str>,
    parent: &'a str,
    state: &'a str,
}

impl<'a> Born<'a> {
    fn read(rest: &'a str) -> Result<Self, String> {
        let mut words = rest.split_whitespace();
        let name = words.next().ok_or("it needs a name")?;
        let mut born = Self { name, id: None, parent: "root", state: "ACTIVE" };
        while let Some(word) = words.next() {
            match word {
                "=" => born.id = words.next(),
                "in" => born.parent = words.next().ok_or("in which unit?")?,
                state => born.state = state,
            }
        }
        Ok(born)
    }
}

fn account(id: &str, name: &str, parent: &str, state: &str) -> AccountBlueprint {
    AccountBlueprint {
        id: id.to_owned(),
        name: name.to_owned(),
        parent: parent.to_owned(),
        state: state.to_owned(),
        tags: std::collections::BTreeMap::new(),
    }
}

/// `90s`, `5m`, `2h`, `3d`
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time such as 90s, 5m, 2h or 3d");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    number.parse::<u64>().map(|number| Duration::from_secs(number * seconds)).map_err(|_| wrong())
}

/// Plays a whole script anew, whatever output it has; answers it with what came of each command, and what was met
pub(crate) async fn play(script: &Script) -> Result<(Script, Met), String> {
    let mut played = script.clone();
    let mut player = Player::new();
    for command in played.commands() {
        let at = |error: String| format!("line {}: `{}`: {error}", command.line, command.text);
        let said = player.play(&command.text).await.map_err(at)?;
        command.output = said.iter().map(|line| player.names.shown(line).trim_end().to_owned()).collect();
        for line in &command.output {
            if let Some(id) = random_id(line) {
                return Err(at(format!("`{id}` may be another next time, in: {line}")));
            }
            if line.trim().is_empty() || line.contains('\n') {
                return Err(at(format!("this is no line: `{line}`")));
            }
        }
    }
    let broken = player.story().await.broken();
    if !broken.is_empty() {
        return Err(format!("Grantway broke an invariant: {}", broken.join("; ")));
    }
    Ok((played, player.met))
}
