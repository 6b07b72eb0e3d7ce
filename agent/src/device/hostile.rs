//! What a hostile file tries: to go deep, to unfold, to be huge, to be no text. Each is refused by a
//! named limit, whatever its format.

use keepwatch_common::model::tree::{DEPTH_MAX, KEY_BYTES_MAX, NODES_MAX, Tree, TreeError};
use proptest::prelude::*;

use super::normalise::{CONFIG_BYTES_MAX, Format, NormaliseError, normalise};

/// The longest text that a piece and its end can fill.
fn filled(piece: &str, end: &str) -> String {
    let times = CONFIG_BYTES_MAX / (piece.len() + end.len());
    piece.repeat(times) + &end.repeat(times)
}

/// Reads on the stack that a thread of the agent has, and not the large one of the main thread.
fn refused(format: Format, text: &str) -> NormaliseError {
    let text = text.to_owned();
    let read = move || normalise(format, text.as_bytes()).map(|_| ());
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let read = thread.spawn(read).unwrap().join().unwrap();
    read.expect_err("a hostile file")
}

fn limit(format: Format, text: &str) -> Option<TreeError> {
    match refused(format, text) {
        NormaliseError::Limit { source, .. } => Some(source),
        _ => None,
    }
}

/// Some parsers have a limit of their own before ours.
fn assert_too_deep_or_no_document(format: Format, text: &str) {
    let error = refused(format, text);
    let expected = matches!(
        error,
        NormaliseError::Limit {
            source: TreeError::TooDeep,
            ..
        } | NormaliseError::Syntax { .. }
    );
    assert!(expected, "{error}");
}

#[test]
fn brackets_without_end_are_too_deep_or_no_document() {
    for text in [
        filled("[", "]"),
        filled("{\"a\":", "}"),
        "[".repeat(100_000),
    ] {
        assert_eq!(limit(Format::Json, &text), Some(TreeError::TooDeep));
        assert_too_deep_or_no_document(Format::Yaml, &text);
        assert_too_deep_or_no_document(Format::Toml, &format!("a={}", &text[..100_000]));
    }
}

#[test]
fn lines_that_step_in_without_end_are_too_deep() {
    let steps: Vec<String> = (0..1_400)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert_eq!(
        limit(Format::Yaml, &steps.concat()),
        Some(TreeError::TooDeep)
    );
    assert_eq!(
        limit(Format::Yaml, &"- ".repeat(100_000)),
        Some(TreeError::TooDeep)
    );
    assert_eq!(
        limit(Format::Yaml, &"? ".repeat(100_000)),
        Some(TreeError::TooDeep)
    );
}

#[test]
fn names_with_dots_without_end_are_refused() {
    assert_too_deep_or_no_document(Format::Toml, &format!("{}a = 1", "a.".repeat(100_000)));
}

#[test]
fn elements_without_end_are_too_deep() {
    assert_eq!(
        limit(Format::Xml, &filled("<a>", "</a>")),
        Some(TreeError::TooDeep)
    );
    assert_eq!(
        limit(Format::Xml, &"<a>".repeat(100_000)),
        Some(TreeError::TooDeep)
    );
    // A list of repeated elements takes a level of its own.
    let pairs = "<a><a/>".repeat(DEPTH_MAX - 4) + &"</a>".repeat(DEPTH_MAX - 4);
    assert_eq!(limit(Format::Xml, &pairs), Some(TreeError::TooDeep));
}

#[test]
fn entities_of_entities_are_never_expanded() {
    let entities: Vec<String> = (1..30)
        .map(|level| format!("<!ENTITY e{level} \"&e{0};&e{0};\">", level - 1))
        .collect();
    let entities = entities.concat();
    let text = format!("<!DOCTYPE a [<!ENTITY e0 \"eeee\">{entities}]><a>&e29;</a>");
    let tree = normalise(Format::Xml, text.as_bytes()).unwrap();
    let json = tree.expose().to_canonical_json();
    assert!(json.ends_with("\"a\":\"&e29;\"}"), "{json}");
}

#[test]
fn anchors_inside_anchors_are_counted_as_often_as_they_are_held() {
    let anchors: Vec<String> = (0..60).map(|depth| format!("&a{depth} [x, ")).collect();
    let text = anchors.concat() + &"x, ".repeat(20_000) + &"]".repeat(60);
    assert_eq!(limit(Format::Yaml, &text), Some(TreeError::TooManyNodes));
}

#[test]
fn merges_of_merges_are_counted() {
    let members: Vec<String> = (0..900).map(|n| format!("k{n}: x")).collect();
    let text = format!("m: &m {{{}}}\nl:\n", members.join(", ")) + &"- <<: *m\n".repeat(1_000);
    assert_eq!(limit(Format::Yaml, &text), Some(TreeError::TooManyNodes));
}

#[test]
fn a_huge_key_is_refused_in_every_format() {
    let key = "k".repeat(KEY_BYTES_MAX + 1);
    for (format, text) in [
        (Format::Yaml, format!("? {key}\n: 1\n")),
        (Format::Toml, format!("{key} = 1")),
        (Format::Json, format!("{{\"{key}\": 1}}")),
        (Format::Ini, format!("{key} = 1")),
        (Format::Ini, format!("[{key}]")),
        (Format::Xml, format!("<{key}/>")),
        (Format::Xml, format!("<a {key}='1'/>")),
    ] {
        let found = limit(format, &text);
        assert!(
            matches!(found, Some(TreeError::KeyTooLong { .. })),
            "{format}: {found:?}"
        );
    }
}

#[test]
fn more_values_than_a_tree_holds_are_refused_in_every_format() {
    let many = NODES_MAX + 1;
    for (format, text) in [
        (Format::Yaml, "- 1\n".repeat(many)),
        (Format::Toml, format!("a = [{}]", "1,".repeat(many))),
        (Format::Json, format!("[{}1]", "1,".repeat(many))),
        (Format::Ini, "a=1\n".repeat(many)),
        (Format::Xml, format!("<a>{}</a>", "<b/>".repeat(many))),
        (Format::Lines, "x\n".repeat(many)),
    ] {
        assert_eq!(
            limit(format, &text),
            Some(TreeError::TooManyNodes),
            "{format}"
        );
    }
}

#[test]
fn an_element_may_have_thousands_of_attributes() {
    let attributes: Vec<String> = (0..60_000).map(|n| format!(" a{n}='1'")).collect();
    let text = format!("<x{}/>", attributes.concat());
    assert!(normalise(Format::Xml, text.as_bytes()).is_ok());
}

#[test]
fn a_file_beyond_the_limit_is_not_even_decoded() {
    let bytes = vec![0; CONFIG_BYTES_MAX + 1];
    let refused = normalise(Format::Lines, &bytes).unwrap_err();
    assert!(
        matches!(refused, NormaliseError::TooLarge { .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("watch its digest"),
        "{refused}"
    );
}

#[test]
fn no_error_quotes_what_it_found() {
    for text in [
        "a: \"hunter2",
        "hunter2: [",
        "<hunter2",
        "<a></hunter2>",
        "[hunter2",
        "{\"a\":hunter2}",
        "a = hunter2 hunter2",
        "hunter2 = = 1",
        "- hunter2: &hunter2 *hunter3",
        "%hunter2 x\n---",
        "!<hunter2",
        "a: @hunter2",
        "\thunter2: 1",
        "{\"hunter2\" \"hunter2\"}",
        "<a hunter2=1/>",
        "<a hunter2='1' hunter2='1'/>",
        "a = 1\n[a]\nhunter2 = 1\n[a.hunter2]",
        "hunter2=1\nhunter2=2",
        "a = 'hunter2\n'",
        "a = 0hunter2",
    ] {
        for format in Format::ALL {
            if let Err(error) = normalise(format, text.as_bytes()) {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("hunter2"), "{format} of {text:?}: {shown}");
            }
        }
    }
}

const SEEDS: [&str; 5] = [
    include_str!("../../testdata/frigate_config.yml"),
    include_str!("../../testdata/mediamtx.yml"),
    include_str!("../../testdata/zoneminder.conf"),
    include_str!("../../testdata/isapi_users.xml"),
    "[a.b]\nc = 0x1f\nd = [{ e = 1979-05-27T07:32:00Z }, 1.5e3, '''x''']\n{\"f\": [1, null]}",
];

proptest! {
    #[test]
    fn any_bytes_are_a_tree_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in Format::ALL {
            if let Ok(tree) = normalise(format, &bytes) {
                let json = tree.expose().to_canonical_json();
                let again = Tree::from_canonical_json(&json);
                prop_assert_eq!(again.as_ref(), Ok(tree.expose()));
            }
        }
    }

    #[test]
    fn a_damaged_file_is_a_tree_or_an_error(
        seed in 0..SEEDS.len(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(end.index(bytes.len()) + 1);
        for format in Format::ALL {
            if let Ok(tree) = normalise(format, &bytes) {
                let json = tree.expose().to_canonical_json();
                let again = Tree::from_canonical_json(&json);
                prop_assert_eq!(again.as_ref(), Ok(tree.expose()));
            }
        }
    }
}
