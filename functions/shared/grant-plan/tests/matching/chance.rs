//! Random worlds, small enough that rules meet in them

use proptest::prelude::*;

use super::said::{Held, Member, Said, TODAY, What, Who, World};

const STATES: [&str; 3] = ["ACTIVE", "SUSPENDED", "PENDING_ACTIVATION"];

/// Often nothing, else one or two
fn few<T: Clone + std::fmt::Debug + 'static>(weight: u32, values: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![
        6 => Just(Vec::new()),
        weight => prop::collection::vec(prop::sample::select(values), 1..3),
    ]
}

fn any_tag() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    let values = prop::collection::vec(prop::sample::select(vec!["prod", "dev", "p*", "*", "d?v"]), 1..3);
    (prop::sample::select(vec!["env", "team"]), values)
}

fn any_who() -> impl Strategy<Value = Who> {
    let tags = prop_oneof![5 => Just(Vec::new()), 2 => prop::collection::vec(any_tag(), 1..2)];
    let names = few(1, vec!["pay", "pay*", "*-dev", "or?ers"]);
    (
        prop::bool::weighted(0.4),
        few(4, (0..4).collect()),
        few(3, (0..8).collect()),
        tags,
        names,
        few(1, STATES.to_vec()),
    )
        .prop_map(|(everybody, units, accounts, tags, names, states)| {
            // A selector that names nobody is refused by the reader.
            let empty =
                units.is_empty() && accounts.is_empty() && tags.is_empty() && names.is_empty() && states.is_empty();
            Who { everybody: everybody || empty, units, accounts, tags, names, states }
        })
}

fn any_what() -> impl Strategy<Value = What> {
    let parts = (
        few(3, vec!["prod-1", "prod-2"]),
        few(2, vec!["Acme *", "Basalt", "A?me*"]),
        few(1, vec![7, 8]),
        few(2, vec!["agmt-1", "agmt-2"]),
        any::<bool>(),
    )
        .prop_map(|(skus, names, sellers, agreements, exact)| What { skus, names, sellers, agreements, exact });
    prop_oneof![2 => Just(What::default()), 3 => parts]
}

fn any_rule() -> impl Strategy<Value = Said> {
    let activation = prop::sample::select(vec!["keep", "keep", "keep", "replace", "manual"]);
    let operations = prop_oneof![8 => Just(None), 1 => Just(Some("CheckoutLicense")), 1 => Just(Some("CreateToken"))];
    let days = (prop::option::weighted(0.25, TODAY - 5..TODAY + 2), prop::option::weighted(0.15, TODAY - 1..TODAY + 3));
    let rollout = prop::option::weighted(0.15, (any_who(), 0..6_i64));
    (
        (prop::bool::weighted(0.9), prop::bool::weighted(0.25), 1..4_u32, any_what(), any_who()),
        (prop::option::weighted(0.3, any_who()), activation, operations, days, rollout),
        prop::option::weighted(0.15, 1..6_usize),
    )
        .prop_map(
            |((enabled, deny, priority, what, who), (except, activation, operations, (from, until), rollout), most)| {
                // A window that ends before it begins is refused.
                let until = until.filter(|until| from.is_none_or(|from| from < *until));
                Said {
                    id: "",
                    enabled,
                    deny,
                    priority,
                    what,
                    who,
                    except,
                    activation,
                    operations,
                    from,
                    until,
                    rollout,
                    most,
                }
            },
        )
}

pub(crate) fn any_rules() -> impl Strategy<Value = Vec<Said>> {
    let ids = Just(vec!["everyone", "a", "a-1", "z", "0", "b", "b-2"]).prop_shuffle();
    (prop::collection::vec(any_rule(), 1..6), ids).prop_map(|(mut rules, ids)| {
        for (rule, id) in rules.iter_mut().zip(ids) {
            rule.id = id;
        }
        rules
    })
}

/// A rule that denies, under an id that no other rule has
pub(crate) fn any_deny() -> impl Strategy<Value = Said> {
    any_rule().prop_map(|rule| Said { id: "one-more", deny: true, enabled: true, ..rule })
}

pub(crate) fn any_member() -> impl Strategy<Value = Member> {
    let paths = vec![vec![], vec![0], vec![0, 1], vec![0, 1, 2], vec![3]];
    let env = prop::option::of(prop::sample::select(vec!["prod", "dev"]));
    let team = prop::option::of(prop::sample::select(vec!["pay", "play"]));
    let tags = prop::option::weighted(0.8, (env, team)).prop_map(|known| {
        let (env, team) = known?;
        Some([("env", env), ("team", team)].into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    });
    let name = prop::option::weighted(0.8, prop::sample::select(vec!["pay", "pay-dev", "orders"]));
    let state = prop::sample::select(vec!["ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "PENDING_ACTIVATION"]);
    (prop::sample::select(paths), tags, name, state).prop_map(|(units, tags, name, state)| Member {
        units,
        tags,
        name,
        state,
    })
}

fn any_held() -> impl Strategy<Value = Held> {
    let agreements = vec![("agmt-1", None), ("agmt-2", Some("agmt-1")), ("agmt-3", None)];
    (
        prop::sample::select(vec!["prod-1", "prod-2"]),
        prop::sample::select(vec!["Acme Scanner", "Basalt"]),
        prop::option::weighted(0.8, prop::sample::select(vec![7, 9])),
        prop::option::weighted(0.8, prop::sample::select(agreements)),
    )
        .prop_map(|(sku, product, seller, agreement)| Held { sku, product, seller, agreement })
}

pub(crate) fn any_world() -> impl Strategy<Value = World> {
    let protected = prop_oneof![
        6 => Just(Who::default()),
        1 => (few(3, vec![0, 1, 3]), few(3, vec![1, 2])).prop_map(|(units, accounts)| Who { units, accounts, ..Who::default() }),
    ];
    (prop::collection::vec(any_member(), 1..8), any_rules(), any_held(), protected)
        .prop_map(|(members, rules, held, protected)| World { members, rules, held, protected })
}
