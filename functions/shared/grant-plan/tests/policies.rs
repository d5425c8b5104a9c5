//! What rules mean, as data: `tests/fixtures/policies` at the top of the repository
//!
//! Each case gives rules, an organization and licenses, and the whole of what comes of them: who is granted what by
//! which rule, to whom it is denied, which pairs are left as they are, and every finding.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "policies/case.rs"]
mod case;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grant_plan::check::check;
use grant_plan::desired::Desired;
use grant_plan::explain::{Decision, explain};
use grant_plan::finding::{Finding, Severity};
use grant_plan::id::AccountId;
use grant_plan::license::License;
use grant_plan::matcher::Matcher;
use grant_plan::policy::Policy;
use grant_plan::suggest::suggest;
use serde::Deserialize;
use serde_json::Value;

use case::{Case, File, Held, license, moment, organization, recorded};

type ByAccount = BTreeMap<AccountId, String>;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures")
}

fn files() -> Vec<(String, File)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(fixtures().join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(|path| (name(path), read(path))).collect()
}

/// Everything that is not as the case says, in words
fn differences(file: &File, case: &Case) -> Vec<String> {
    let now = moment(case.now.as_ref());
    let organization = organization(case.organization.as_ref().unwrap_or(&file.organization));
    let held = case.licenses.as_ref().unwrap_or(&file.licenses);
    let licenses: BTreeMap<&String, License> = held.iter().map(|(name, held)| (name, license(name, held))).collect();
    let policy = Policy::read_with_versions(&case.rules, &recorded(&case.recorded));
    let matcher = Matcher::new(&policy, &organization, now);
    let mut wrong = Vec::new();
    for (name, license) in &licenses {
        let desired = Desired::of(&matcher, license);
        let mut compare = |what: &str, found: ByAccount, said: &BTreeMap<String, ByAccount>| {
            let said = said.get(*name).cloned().unwrap_or_default();
            if found != said {
                wrong.push(format!("{name}: {what} {found:?}, and the case says {said:?}"));
            }
        };
        let granted = desired.accounts.iter().map(|(id, settings)| (id.clone(), settings.rule.to_string()));
        compare("granted", granted.collect(), &case.granted);
        let denied = desired.denied.iter().map(|(id, by)| (id.clone(), by.rule.to_string()));
        compare("denied", denied.collect(), &case.denied);
        let named = |(id, left): (&AccountId, &grant_plan::desired::Left)| {
            let rule = left.by.as_ref().map_or("-".to_owned(), |by| by.rule.to_string());
            (id.clone(), format!("{rule}: {}", left.why))
        };
        compare("left", desired.left.iter().map(named).collect(), &case.left);
        let whole = desired.whole_organization.as_ref().map(|settings| settings.rule.to_string());
        if whole.as_ref() != case.whole.get(*name) {
            wrong.push(format!("{name}: whole organization {whole:?}"));
        }
        if let Some(said) = case.activation.get(*name) {
            let activation =
                desired.accounts.iter().map(|(id, settings)| (id.clone(), settings.activation.to_string()));
            let found: ByAccount = activation.collect();
            if found != *said {
                wrong.push(format!("{name}: activation {found:?}"));
            }
        }
        for (id, parts) in case.because.get(*name).into_iter().flatten() {
            let told = explain(&policy, &organization, license, id, now).because.join("\n");
            let missing = parts.iter().filter(|part| !told.contains(*part));
            wrong.extend(missing.map(|part| format!("{name}, {id}: `{part}` is not in\n{told}")));
        }
        for id in organization.accounts.keys() {
            let told = explain(&policy, &organization, license, id, now);
            let found = match (desired.accounts.get(id), desired.denied.get(id), desired.left.get(id)) {
                (Some(settings), _, _) => (Decision::Granted, Some(settings.rule.to_string())),
                (_, Some(by), _) => (Decision::Denied, Some(by.rule.to_string())),
                (_, _, Some(left)) => (Decision::NotSelected, left.by.as_ref().map(|by| by.rule.to_string())),
                (None, None, None) => (Decision::NotSelected, None),
            };
            if (told.decision, told.by.rule.clone()) != found {
                wrong.push(format!("{name}, {id}: explained as {told}, and found {found:?}"));
            }
        }
    }
    let all: Vec<License> = licenses.into_values().collect();
    let edges = all.iter().filter_map(|license| policy.next_edge(license, now)).min().map(|edge| edge.to_string());
    if case.next_edge.is_some() && edges != case.next_edge {
        wrong.push(format!("next edge {edges:?}"));
    }
    let mut findings = [policy.findings.clone(), policy.warnings.clone()].concat();
    findings.extend(check(&policy, &organization, Some(&all), now));
    wrong.extend(findings_that_differ(&findings, &case.findings));
    wrong
}

fn findings_that_differ(found: &[Finding], said: &BTreeMap<String, String>) -> Vec<String> {
    let key = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!("{severity} {} {}", finding.rule, finding.attribute)
    };
    let tells = |finding: &Finding, part: &String| format!("{}; {}", finding.message, finding.help).contains(part);
    let unsaid = found.iter().filter(|finding| !said.get(&key(finding)).is_some_and(|part| tells(finding, part)));
    let mut wrong: Vec<String> = unsaid.map(|finding| format!("found: {}: {finding}", key(finding))).collect();
    let missing = said.keys().filter(|said| !found.iter().any(|finding| key(finding) == **said));
    wrong.extend(missing.map(|said| format!("not found: {said}")));
    wrong
}

#[test]
fn every_case_comes_out_as_it_says() {
    let mut wrong = Vec::new();
    for (name, file) in files() {
        for case in &file.cases {
            let found = differences(&file, case);
            if !found.is_empty() {
                wrong.push(format!("{name}: {}\n  {}", case.why.trim(), found.join("\n  ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_many_cases_and_each_says_why() {
    let files = files();
    let cases: Vec<&Case> = files.iter().flat_map(|(_, file)| &file.cases).collect();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let short = cases.iter().filter(|case| case.why.trim().len() < 20).count();
    assert_eq!(short, 0, "a reason is a sentence");
    for (name, _) in &files {
        let text = std::fs::read_to_string(fixtures().join(format!("policies/{name}.yaml"))).unwrap();
        let begins = text.lines().filter(|line| line.starts_with("  - ")).all(|line| line.starts_with("  - why: "));
        assert!(begins, "{name}: a case begins with `why:`");
    }
}

#[test]
fn every_rule_of_every_case_that_can_be_read_is_itself_again_as_item_and_as_yaml() {
    let mut rules = 0;
    for (name, file) in files() {
        for item in file.cases.iter().flat_map(|case| &case.rules) {
            let Ok(rule) = grant_plan::rule::Rule::read(item) else { continue };
            let yaml = serde_saphyr::to_string(&rule).unwrap();
            let read: Value = serde_saphyr::from_str(&yaml).unwrap();
            let again = grant_plan::rule::Rule::read(&read).unwrap_or_else(|found| panic!("{name}: {found:?}\n{yaml}"));
            assert_eq!(again, rule, "{name}: {yaml}");
            assert_eq!(again.item(), rule.item(), "{name}");
            rules += 1;
        }
    }
    assert!(rules > 60, "{rules} rules");
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bought {
    why: String,
    rules: Vec<Value>,
    license: Held,
    #[serde(default)]
    operations: Option<Vec<String>>,
    /// Nothing: a rule gives it to somebody
    text: Option<String>,
}

#[test]
fn a_purchase_that_no_rule_selects_is_suggested_a_rule() {
    let text = std::fs::read_to_string(fixtures().join("suggestions.yaml")).unwrap();
    let bought: Vec<Bought> = serde_saphyr::from_str(&text).unwrap();
    let now = moment(None);
    for Bought { why, rules, license: held, operations, text } in &bought {
        let policy = Policy::read(rules);
        assert!(policy.is_whole(), "{why}: {:?}", policy.findings);
        let mut license = license("1", held);
        if let Some(operations) = operations {
            license.operations = operations.iter().cloned().collect();
        }
        let found = suggest(&policy, &license, now);
        let written = found.as_ref().map(|suggestion| format!("{suggestion}\n"));
        assert_eq!(&written, text, "{why}");
        // What is suggested can be taken as it stands.
        if let Some(rule) = found.and_then(|suggestion| suggestion.rule) {
            let read: Value = serde_saphyr::from_str(&written.unwrap()).unwrap();
            assert_eq!(read, rule, "{why}");
            let mut items: Vec<Value> = rules.iter().filter(|item| item["rule"] != rule["rule"]).cloned().collect();
            items.push(rule);
            let policy = Policy::read(&items);
            assert!(policy.is_whole(), "{why}: {:?}", policy.findings);
            assert_eq!(suggest(&policy, &license, now), None, "{why}: it would still be given to nobody");
        }
    }
    assert!(bought.iter().filter(|bought| bought.text.is_some()).count() >= 10);
}
