//! Both languages say the same things, and say nothing that no page asks for.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::catalogue;
use super::locale::Locale;

/// Keys with their variables.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn messages(source: &str) -> Messages {
    let resource = fluent_syntax::parser::parse(source).unwrap();
    let mut messages = Messages::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let mut variables = BTreeSet::new();
            collect(message.value.as_ref().unwrap(), &mut variables);
            let before = messages.insert(message.id.name.to_owned(), variables);
            assert!(before.is_none(), "{} stands twice", message.id.name);
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => variable(inline, into),
                Expression::Select { selector, variants } => {
                    variable(selector, into);
                    for variant in variants {
                        collect(&variant.value, into);
                    }
                }
            }
        }
    }
}

fn variable(inline: &InlineExpression<&str>, into: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        into.insert(id.name.to_owned());
    }
}

/// The texts between `before` and the next quotation mark.
fn quoted<'a>(source: &'a str, before: &str) -> Vec<&'a str> {
    let parts = source.split(before).skip(1);
    parts.filter_map(|rest| rest.split('"').next()).collect()
}

/// Every key that a template or a source names.
fn used() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let root = env!("CARGO_MANIFEST_DIR");
    let mut folders = vec![format!("{root}/templates"), format!("{root}/src/web")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path().to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs_err::read_to_string(&path).unwrap();
            // A test names keys that do not exist on purpose.
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for before in ["say(\"", "rich(\"", "Key(\""] {
                keys.extend(quoted(source, before).into_iter().map(str::to_owned));
            }
        }
    }
    keys
}

#[test]
fn both_languages_have_the_same_files_keys_and_variables() {
    let files = catalogue::sources(Locale::Chinese)
        .iter()
        .zip(catalogue::sources(Locale::English));
    for ((chinese_name, chinese), (english_name, english)) in files {
        assert_eq!(chinese_name, english_name);
        assert_eq!(messages(chinese), messages(english), "{chinese_name}");
    }
}

#[test]
fn every_key_used_exists_and_every_key_that_exists_is_used() {
    let there: BTreeSet<_> = catalogue::sources(Locale::Chinese)
        .iter()
        .flat_map(|(_, source)| messages(source).into_keys())
        .collect();
    let used = used();
    assert!(used.len() > 100, "the sources were not found");
    let missing: Vec<_> = used.difference(&there).collect();
    let idle: Vec<_> = there.difference(&used).collect();
    assert!(missing.is_empty(), "asked for and not there: {missing:?}");
    assert!(idle.is_empty(), "there and not asked for: {idle:?}");
}

#[test]
fn english_holds_no_chinese_and_chinese_no_english_words() {
    let is_chinese = |c: char| ('\u{2e80}'..'\u{a000}').contains(&c);
    for (file, source) in catalogue::sources(Locale::English) {
        let values = source.lines().filter(|line| !line.starts_with('#'));
        for line in values {
            assert!(!line.contains(is_chinese), "{file}: {line}");
        }
    }
    for (file, source) in catalogue::sources(Locale::Chinese) {
        for line in source.lines().filter(|line| line.contains(" = ")) {
            let value = line.split_once(" = ").unwrap_or_default().1;
            // What stands in braces is a variable, in parentheses behind brackets a link's name.
            let mut words = String::new();
            let mut depth = 0;
            for c in value.chars() {
                match c {
                    '{' | '(' => depth += 1,
                    '}' | ')' => depth -= 1,
                    _ if depth == 0 => words.push(c),
                    _ => {}
                }
            }
            assert!(
                !words.contains(|c: char| c.is_ascii_alphabetic()),
                "{file}: {line}"
            );
        }
    }
}
