//! The configuration files that the README shows are taken by the programs that read them.

#![cfg(test)]

use std::path::Path;

use keepwatch_common::error_chain::chain;

/// The blocks of the README in this language, in their order.
fn blocks(language: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs_err::read_to_string(path).unwrap();
    let opening = format!("```{language}\n");
    let blocks = text.split(&opening).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// The one block of TOML with this line.
fn configuration(line: &str) -> String {
    let mut blocks = blocks("toml");
    blocks.retain(|block| block.lines().any(|one| one == line));
    assert_eq!(blocks.len(), 1, "blocks with {line}");
    blocks.remove(0)
}

fn agent(text: &str) -> keepwatch_agent::config::Config {
    let parsed = keepwatch_agent::config::Config::parse(Path::new("README.md"), text);
    parsed.unwrap_or_else(|refused| panic!("{}\n{text}", chain(&refused)))
}

#[test]
fn the_coordinator_takes_its_example_and_ships_the_same() {
    let shown = configuration("[[channel]]");
    assert_eq!(shown, keepwatch_coordinator::config::EXAMPLE);
    let parsed = keepwatch_coordinator::config::Config::parse(Path::new("README.md"), &shown);
    assert!(parsed.is_ok(), "{}", chain(&parsed.unwrap_err()));
}

#[test]
fn the_agent_takes_its_example_and_what_is_commented_out_is_the_default() {
    let shown = configuration("[[recorder]]");
    // A comment that is a field or a section, and not a sentence.
    let is_setting = |rest: &str| {
        let key = rest.split(" = ").next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        let is_field = rest.contains(" = ") && !key.is_empty() && key.chars().all(plain);
        is_field || (rest.starts_with('[') && rest.ends_with(']'))
    };
    let mut settings = 0;
    let uncommented = shown.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_setting(rest) => {
            settings += 1;
            format!("{rest}\n")
        }
        _ => format!("{line}\n"),
    });
    let uncommented: String = uncommented.collect();
    assert_eq!(
        format!("{:?}", agent(&uncommented)),
        format!("{:?}", agent(&shown))
    );
    assert!(settings >= 12, "{settings} settings are commented out");
}
