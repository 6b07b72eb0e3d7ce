//! Reads a page as a browser does and tells what the browser would silently mend.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Elements that have no end.
const VOID: [&str; 5] = ["br", "hr", "input", "link", "meta"];

/// What is wrong with a page: tags that do not match, attributes or ids that stand twice, elements
/// with an `aria-*` reference that leads nowhere.
pub(super) fn faults(page: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(
        Checker::default(),
        TokenizerOpts {
            exact_errors: true,
            ..TokenizerOpts::default()
        },
    );
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(page));
    // It stops early only at a script or a change of encoding.
    while !input.is_empty() {
        let _stopped_at = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.finish()
}

#[derive(Default)]
struct Checker {
    open: RefCell<Vec<String>>,
    ids: RefCell<BTreeSet<String>>,
    references: RefCell<BTreeSet<String>>,
    faults: RefCell<Vec<String>>,
    doctypes: Cell<u32>,
}

impl Checker {
    fn fault(&self, what: String) {
        self.faults.borrow_mut().push(what);
    }

    fn tag(&self, tag: &Tag) {
        let name = tag.name.to_string();
        match tag.kind {
            TagKind::StartTag => {
                self.attributes(tag, &name);
                if !VOID.contains(&name.as_str()) && !tag.self_closing {
                    self.open.borrow_mut().push(name);
                }
            }
            TagKind::EndTag => {
                let open = self.open.borrow_mut().pop();
                if open.as_deref() != Some(name.as_str()) {
                    self.fault(format!("</{name}> closes {open:?}"));
                }
            }
        }
    }

    fn attributes(&self, tag: &Tag, name: &str) {
        if tag.had_duplicate_attributes {
            self.fault(format!("<{name}> has an attribute twice"));
        }
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match attribute.name.local.to_string().as_str() {
                "id" if !self.ids.borrow_mut().insert(value.clone()) => {
                    self.fault(format!("the id {value} stands twice"));
                }
                "aria-labelledby" | "aria-describedby" | "for" => {
                    let ids = value.split_whitespace().map(str::to_owned);
                    self.references.borrow_mut().extend(ids);
                }
                _ => {}
            }
        }
    }

    fn finish(&self) -> Vec<String> {
        for open in self.open.borrow().iter() {
            self.fault(format!("<{open}> is never closed"));
        }
        let (references, ids) = (self.references.borrow(), self.ids.borrow());
        for nowhere in references.difference(&ids) {
            self.fault(format!("nothing has the id {nowhere}"));
        }
        if self.doctypes.get() != 1 {
            self.fault("no doctype".to_owned());
        }
        self.faults.take()
    }
}

impl TokenSink for Checker {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.tag(&tag),
            Token::ParseError(error) => self.fault(error.to_string()),
            Token::DoctypeToken(_) => self.doctypes.set(self.doctypes.get() + 1),
            Token::CommentToken(_)
            | Token::CharacterTokens(_)
            | Token::NullCharacterToken
            | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}

#[test]
fn a_page_that_a_browser_would_mend_is_refused() {
    assert_eq!(faults("<!doctype html><p>a<br>b</p>"), Vec::<String>::new());
    for broken in [
        "<!doctype html><p><b>a</p></b>",
        "<!doctype html><p id=a></p><p id=a></p>",
        "<!doctype html><p",
        "<!doctype html><input aria-describedby=\"b\">",
        "<p></p>",
    ] {
        assert!(!faults(broken).is_empty(), "{broken}");
    }
}
