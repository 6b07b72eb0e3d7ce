//! Members take their lints and every dependency from the workspace, and every dependency there says
//! why it was taken.
//!
//! One version of a crate, one list of features to judge, one place where its reason stands.

use toml::{Table, Value};

use super::offence::Offence;
use super::repository::Repository;

/// The workspace's manifest.
const WORKSPACE: &str = "Cargo.toml";

/// Tables of a manifest that name dependencies.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Members on their own ways and dependencies without a reason.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let Some(text) = repository.text(WORKSPACE) else {
        return vec![Offence::file(WORKSPACE, "is missing")];
    };
    let workspace = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => return vec![Offence::file(WORKSPACE, format!("is not TOML: {error}"))],
    };
    let mut offences = reasons(text, &workspace);
    for member in members(&workspace) {
        let path = format!("{member}/{WORKSPACE}");
        match repository.text(&path).map(str::parse::<Table>) {
            Some(Ok(manifest)) => offences.extend(member_offences(&path, &manifest)),
            Some(Err(error)) => {
                offences.push(Offence::file(&path, format!("is not TOML: {error}")));
            }
            None => offences.push(Offence::file(&path, "is missing")),
        }
    }
    offences
}

fn members(workspace: &Table) -> impl Iterator<Item = &str> {
    let members = workspace.get("workspace").and_then(|w| w.get("members"));
    let members = members.and_then(Value::as_array).into_iter().flatten();
    members.filter_map(Value::as_str)
}

fn member_offences(path: &str, manifest: &Table) -> Vec<Offence> {
    let mut offences = Vec::new();
    if !manifest.get("lints").is_some_and(from_workspace) {
        offences.push(Offence::file(path, "has no `[lints] workspace = true`"));
    }
    for (name, dependency) in dependencies(manifest) {
        if !from_workspace(dependency) {
            let what = format!(
                "`{name}` is not taken from the workspace; write `{name}.workspace = true`"
            );
            offences.push(Offence::file(path, what));
        }
    }
    offences
}

/// The dependencies of a member, also those of one platform.
fn dependencies(manifest: &Table) -> Vec<(&String, &Value)> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    let platforms = platforms.into_iter().flat_map(Table::values);
    let tables = platforms.filter_map(Value::as_table).chain([manifest]);
    let named = tables.flat_map(|table| TABLES.iter().filter_map(|name| table.get(*name)));
    named.filter_map(Value::as_table).flatten().collect()
}

fn from_workspace(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A dependency from outside has a comment on its line, or on the last line of its table.
fn reasons(text: &str, workspace: &Table) -> Vec<Offence> {
    let named = workspace
        .get("workspace")
        .and_then(|w| w.get("dependencies"));
    let named = named.and_then(Value::as_table).into_iter().flatten();
    let foreign = named.filter(|(_, value)| value.get("path").is_none());
    foreign
        .filter_map(|(name, _)| unreasoned(text, name))
        .collect()
}

fn unreasoned(text: &str, name: &str) -> Option<Offence> {
    let lines: Vec<_> = text.lines().collect();
    let section = lines
        .iter()
        .position(|line| *line == "[workspace.dependencies]");
    let Some(section) = section else {
        return Some(Offence::file(
            WORKSPACE,
            "has no line `[workspace.dependencies]`",
        ));
    };
    let starts = |line: &&str| {
        let key = line.split_once('=').map_or("", |(key, _)| key.trim());
        key.trim_matches('"') == name
    };
    let Some(offset) = lines[section..].iter().position(starts) else {
        let what = format!("`{name}` does not stand on one line of [workspace.dependencies]");
        return Some(Offence::at(WORKSPACE, section + 1, what));
    };
    let start = section + offset;
    let end = (start..lines.len()).find(|end| is_closed(&lines[start..=*end]))?;
    let reason = lines[start..=end]
        .iter()
        .any(|line| !comment(line).is_empty());
    let what = format!("`{name}` does not say why it was taken; add `# reason` to its line");
    (!reason).then(|| Offence::at(WORKSPACE, start + 1, what))
}

/// Whether all brackets of a value are closed again.
fn is_closed(lines: &[&str]) -> bool {
    let value: String = lines.iter().map(|line| code(line)).collect();
    let count = |bracket| value.matches(bracket).count();
    count('{') == count('}') && count('[') == count(']')
}

/// The line before its comment.
fn code(line: &str) -> &str {
    &line[..comment_start(line)]
}

/// What a line's comment says.
fn comment(line: &str) -> &str {
    line[comment_start(line)..].trim_start_matches('#').trim()
}

/// The first `#` outside a string, or the end.
fn comment_start(line: &str) -> usize {
    let mut quoted = false;
    for (at, character) in line.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '#' if !quoted => return at,
            _ => {}
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD_MEMBER: &str = "[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n\
        own = { workspace = true, features = [\"x\"] }\n";

    fn told(dependencies: &str, member: &str) -> Vec<String> {
        let workspace =
            format!("[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\n{dependencies}");
        let files = [(WORKSPACE, workspace.as_str()), ("a/Cargo.toml", member)];
        let offences = check(&Repository::sample(files));
        offences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_comes_from_the_workspace_with_a_reason_is_fine() {
        let dependencies = "own = { path = \"own\" }\nserde = \"1\" # the one frame\n\
            tokio = { version = \"1\", features = [\n  \"rt\",\n] } # the runtime\n";
        assert_eq!(told(dependencies, GOOD_MEMBER), [""; 0]);
    }

    #[test]
    fn a_dependency_without_a_reason_is_refused() {
        assert_eq!(
            told("serde = \"1\"\n", GOOD_MEMBER),
            ["Cargo.toml:4: `serde` does not say why it was taken; add `# reason` to its line"]
        );
        for bad in [
            "serde = \"1\" #\n",
            "serde = { version = \"1#\" }\n",
            "serde = { features = [\n\"x\"\n] }\ntokio = \"1\" # the runtime\n",
        ] {
            assert_eq!(told(bad, GOOD_MEMBER).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_member_without_the_lints_is_refused() {
        assert_eq!(told("", "").len(), 1);
        assert_eq!(told("", "[lints]\nworkspace = false\n").len(), 1);
    }

    #[test]
    fn a_version_in_a_member_is_refused_wherever_it_stands() {
        for table in [
            "dependencies",
            "dev-dependencies",
            "build-dependencies",
            "target.'cfg(unix)'.dependencies",
        ] {
            let member = format!("[lints]\nworkspace = true\n[{table}]\nlibc = \"0.2\"\n");
            assert_eq!(
                told("", &member),
                ["a/Cargo.toml: `libc` is not taken from the workspace; \
                  write `libc.workspace = true`"]
            );
        }
    }

    #[test]
    fn a_missing_or_broken_manifest_is_told() {
        assert_eq!(check(&Repository::sample([])).len(), 1);
        assert_eq!(told("", "[lints").len(), 1);
        assert_eq!(told("serde = ", GOOD_MEMBER).len(), 1);
    }
}
