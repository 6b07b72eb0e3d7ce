//! What the README names exists: files, folders, scripts and cargo commands.
//!
//! A page that names what moved is worse than no page. Code is looked at, prose is not: the spans
//! between backquotes, the fenced blocks, and the targets of links. An absolute path is another
//! machine's, and a path with a placeholder is a pattern; both are let through.

use super::offence::Offence;
use super::repository::Repository;

/// The page that is checked.
const README: &str = "README.md";

/// Where our own cargo commands are defined.
const CARGO_CONFIG: &str = ".cargo/config.toml";

/// Cargo's own commands that a reader may be told to run.
const CARGO_COMMANDS: [&str; 12] = [
    "bench", "build", "check", "clippy", "deny", "doc", "fmt", "fuzz", "install", "nextest", "run",
    "test",
];

/// Endings that make a word the name of a file.
const FILE_ENDINGS: [&str; 9] = [
    ".rs", ".md", ".toml", ".txt", ".sh", ".yml", ".yaml", ".sql", ".mp4",
];

/// Letters that make a path a pattern.
const PLACEHOLDERS: [char; 8] = ['<', '>', '*', '{', '}', '$', '…', '%'];

/// Paths and commands that do not exist.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let Some(text) = repository.text(README) else {
        return vec![Offence::file(
            README,
            "is missing; it is where a stranger starts",
        )];
    };
    let mut offences = Vec::new();
    for (line, code) in code(text) {
        let words: Vec<_> = code.split_whitespace().collect();
        for word in &words {
            offences.extend(missing_path(repository, line, word));
        }
        offences.extend(missing_command(repository, line, &words));
    }
    for (line, target) in links(text) {
        if !repository.exists(target) {
            let what = format!("links to `{target}`, which does not exist");
            offences.push(Offence::at(README, line, what));
        }
    }
    offences
}

/// Lines of fenced blocks and spans between backquotes, with their line numbers.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut code = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            code.push((number, before_comment(line)));
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            code.extend(spans.map(|span| (number, span)));
        }
    }
    code
}

/// A shell line without what is said about it.
fn before_comment(line: &str) -> &str {
    line.split_once(" #").map_or(line, |(code, _)| code)
}

/// Targets of links that stay in the repository.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).flat_map(|(number, line)| {
        let targets = line.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split_once(')'));
        let inside = targets.filter(|(to, _)| !to.contains(':') && !to.starts_with('#'));
        inside.map(move |(to, _)| (number, to.split('#').next().unwrap_or(to)))
    })
}

fn missing_path(repository: &Repository, line: usize, word: &str) -> Option<Offence> {
    let word = word.trim_matches([',', ';', '"', '\'', '(', ')']);
    let path = word.strip_prefix("./").unwrap_or(word);
    let missing = is_path(repository, path) && !repository.exists(path);
    let what = format!("names `{path}`, which does not exist");
    missing.then(|| Offence::at(README, line, what))
}

/// A relative path: it ends like a file or a folder, or begins with a folder of ours.
fn is_path(repository: &Repository, word: &str) -> bool {
    if word.starts_with(['/', '~', '-']) || word.contains(':') || word.contains(PLACEHOLDERS) {
        return false;
    }
    let file = FILE_ENDINGS.iter().any(|ending| word.ends_with(ending));
    let below = word
        .split_once('/')
        .is_some_and(|(first, _)| repository.exists(first));
    file || below || (word.len() > 1 && word.ends_with('/'))
}

fn missing_command(repository: &Repository, line: usize, words: &[&str]) -> Option<Offence> {
    let at = words.iter().position(|word| *word == "cargo")?;
    // `cargo +nightly fuzz` is a command with a toolchain before it.
    let command = words[at + 1..].iter().find(|word| !word.starts_with('+'))?;
    let known = CARGO_COMMANDS.contains(command) || is_alias(repository, command);
    if !known && !command.starts_with('-') {
        let what = format!("names `cargo {command}`, which is no command nor in {CARGO_CONFIG}");
        return Some(Offence::at(README, line, what));
    }
    missing_target(repository, line, &words[at..])
}

fn is_alias(repository: &Repository, command: &str) -> bool {
    let config = repository.text(CARGO_CONFIG).unwrap_or_default();
    let config: Option<toml::Table> = config.parse().ok();
    let aliases = config.as_ref().and_then(|config| config.get("alias"));
    aliases.is_some_and(|aliases| aliases.get(command).is_some())
}

/// The package or program that a command is told to take.
fn missing_target(repository: &Repository, line: usize, words: &[&str]) -> Option<Offence> {
    let after = |flags: [&str; 2]| {
        let mut pairs = words.windows(2);
        pairs
            .find(|pair| flags.contains(&pair[0]))
            .map(|pair| pair[1])
    };
    let manifests = || {
        repository
            .texts()
            .filter(|(path, _)| path.ends_with("Cargo.toml"))
    };
    if let Some(package) = after(["-p", "--package"]) {
        let named = format!("name = \"{package}\"");
        if !manifests().any(|(_, text)| text.lines().any(|line| line == named)) {
            let what = format!("names the package `{package}`, which does not exist");
            return Some(Offence::at(README, line, what));
        }
    }
    let program = after(["--bin", "--bin"])?;
    let file = format!("/src/bin/{program}.rs");
    let folder = format!("/src/bin/{program}/main.rs");
    let named = format!("name = \"{program}\"");
    let exists = repository
        .rust()
        .any(|(path, _)| path.ends_with(&file) || path.ends_with(&folder))
        || manifests().any(|(_, text)| text.lines().any(|line| line == named));
    let what = format!("names the program `{program}`, which does not exist");
    (!exists).then(|| Offence::at(README, line, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(readme: &str) -> Vec<String> {
        let files = [
            (README, readme),
            (CARGO_CONFIG, "[alias]\ndemo = \"run --bin demo\"\n"),
            (
                "agent/Cargo.toml",
                "[package]\nname = \"keepwatch-agent\"\n",
            ),
            ("agent/src/lib.rs", ""),
            ("tests/run", ""),
            ("tests/src/bin/load.rs", ""),
        ];
        let offences = check(&Repository::sample(files));
        offences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_exists_may_be_named() {
        let readme = "# K\n`agent/src/lib.rs`, `agent/`, `./tests/run`, [lib](agent/src/lib.rs#L1)\n\
            ```sh\ncargo demo   # see nowhere/at/all.rs\ncargo test -p keepwatch-agent\n\
            tests/run NAME\ncargo run --bin load\n```\n";
        assert_eq!(told(readme), [""; 0]);
    }

    #[test]
    fn what_is_not_ours_is_let_through() {
        let readme = "`/etc/keepwatch.toml`, `~/x.toml`, `keepwatch/1`, `recordings/%Y/<camera>.mp4`,\n\
            [other](https://example.org/x.md), [here](#here), `GET /api/v1`, `and/or`\n";
        assert_eq!(told(readme), [""; 0]);
    }

    #[test]
    fn paths_that_are_gone_are_refused() {
        assert_eq!(
            told("# K\n\n`agent/src/gone.rs`"),
            ["README.md:3: names `agent/src/gone.rs`, which does not exist"]
        );
        for readme in [
            "`docs/`",
            "`nowhere/at/all.rs`",
            "`CONTRIBUTING.md`",
            "`agent/gone`",
            "[page](docs/page)",
            "```\ncat agent/gone\n```",
            "```\n./tests/gone\n```",
        ] {
            assert_eq!(told(readme).len(), 1, "{readme}");
        }
    }

    #[test]
    fn commands_that_are_gone_are_refused() {
        for readme in [
            "`cargo demonstrate`",
            "```\ncargo xtask\n```",
            "`cargo test -p keepwatch-gone`",
            "`cargo run --bin gone`",
        ] {
            assert_eq!(told(readme).len(), 1, "{readme}");
        }
    }

    #[test]
    fn a_missing_readme_is_told() {
        assert_eq!(check(&Repository::sample([])).len(), 1);
    }
}
