//! Every path that Rust code names: imports, types, expressions, macros and attributes.
//!
//! A `use` tree is flattened; the tokens of macros and attributes are searched for paths, because
//! they are not parsed further. Doc comments and strings are not code. It must not know which module
//! a path resolves to.

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, UseTree};

/// One path, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Line in the file, from 1.
    pub line: usize,
    /// Names with `::` between; `crate`, `self` and `super` as they stand.
    pub path: Vec<String>,
    /// The inline modules around it, outermost first.
    pub within: Vec<String>,
    /// Whether it is only built for tests.
    pub test: bool,
}

/// All references of a file in the order they are written.
pub fn references(file: &syn::File) -> Vec<Reference> {
    let mut collector = Collector::default();
    collector.visit_file(file);
    collector.found
}

/// Whether an item is built for tests only: `#[cfg(test)]`, also inside `all(…)`, but not `not(test)`.
pub fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else {
            return false;
        };
        let words = list.tokens.to_string();
        let named = |word| {
            words
                .split(|c: char| !c.is_alphanumeric())
                .any(|w| w == word)
        };
        list.path.is_ident("cfg") && named("test") && !named("not") && !named("any")
    })
}

#[derive(Default)]
struct Collector {
    found: Vec<Reference>,
    within: Vec<String>,
    test_depth: usize,
}

impl Collector {
    fn note(&mut self, path: Vec<String>, span: Span) {
        self.found.push(Reference {
            line: span.start().line,
            path,
            within: self.within.clone(),
            test: self.test_depth > 0,
        });
    }

    /// `a::{b, c::d}` is `a::b` and `a::c::d`; `a::*` is `a`; `a::{self}` is `a`.
    fn flatten(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| {
            let mut path = prefix.to_vec();
            if name != "self" || prefix.is_empty() {
                path.push(name.to_string());
            }
            path
        };
        match tree {
            UseTree::Path(part) => self.flatten(&with(&part.ident), &part.tree),
            UseTree::Name(part) => self.note(with(&part.ident), part.ident.span()),
            UseTree::Rename(part) => self.note(with(&part.ident), part.ident.span()),
            UseTree::Glob(part) => self.note(prefix.to_vec(), part.star_token.spans[0]),
            UseTree::Group(group) => {
                for part in &group.items {
                    self.flatten(prefix, part);
                }
            }
        }
    }

    /// Paths in tokens that nobody parses: two names or more with `::` between. In the braces of
    /// `a::{b, c::d}` every path goes on from `a`, which is handed down as `prefix`.
    fn search(&mut self, tokens: TokenStream, prefix: &[String]) {
        let mut path: Vec<String> = Vec::new();
        let mut place = Span::call_site();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.note_found(&mut path, place);
                    }
                    if path.is_empty() {
                        place = name.span();
                        path.extend_from_slice(prefix);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                // `::` is a colon joined to the next; one that stands alone belongs to a type.
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    colons = match (colons, mark.spacing()) {
                        (0, Spacing::Alone) => 0,
                        _ => colons + 1,
                    };
                }
                TokenTree::Group(group) if colons == 2 => {
                    self.search(group.stream(), &std::mem::take(&mut path));
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.note_found(&mut path, place);
                    self.search(group.stream(), &[]);
                    colons = 0;
                }
                _ => {
                    self.note_found(&mut path, place);
                    colons = 0;
                }
            }
        }
        self.note_found(&mut path, place);
    }

    fn note_found(&mut self, path: &mut Vec<String>, place: Span) {
        let path = std::mem::take(path);
        if path.len() >= 2 {
            self.note(path, place);
        }
    }

    fn inside_test(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let depth = usize::from(is_test_only(attributes));
        self.test_depth += depth;
        visit(self);
        self.test_depth -= depth;
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast Item) {
        self.inside_test(attributes_of(item), |this| visit::visit_item(this, item));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.inside_test(&function.attrs, |this| {
            visit::visit_impl_item_fn(this, function);
        });
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.within.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.within.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.flatten(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|part| part.ident.to_string());
        self.note(names.collect(), path.segments[0].ident.span());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.search(called.tokens.clone(), &[]);
        visit::visit_macro(self, called);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.search(list.tokens.clone(), &[]);
        }
        visit::visit_attribute(self, attribute);
    }

    /// `pub(in crate::a)` says who may look, not what is used.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

/// The attributes of the items that can be built for tests only.
fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Reference> {
        references(&syn::parse_file(text).unwrap())
    }

    fn paths(text: &str) -> Vec<String> {
        let long = |reference: &Reference| reference.path.len() > 1;
        let found = found(text);
        let found = found.iter().filter(|reference| long(reference));
        found.map(|reference| reference.path.join("::")).collect()
    }

    #[test]
    fn use_trees_are_flattened() {
        assert_eq!(
            paths("use crate::{a::{self, B}, c as d, e::*}; use self::f;"),
            ["crate::a", "crate::a::B", "crate::c", "crate::e", "self::f"]
        );
    }

    #[test]
    fn types_expressions_and_patterns_name_paths() {
        assert_eq!(
            paths("fn f(x: a::T<b::U>) { match x { c::V => d::g(), _ => () } }"),
            ["a::T", "b::U", "c::V", "d::g"]
        );
    }

    #[test]
    fn macros_and_attributes_are_searched() {
        assert_eq!(
            paths("#[derive(a::R)] struct S; fn f() { select! { x = b::c() => d!(e::f, g: h) } }"),
            ["a::R", "b::c", "e::f"]
        );
        assert_eq!(
            paths("macro_rules! m { () => { use $crate::x::{a, b::c}; ::std::fs::read() } }"),
            ["crate::x::a", "crate::x::b::c", "std::fs::read"]
        );
    }

    #[test]
    fn comments_strings_and_visibility_name_nothing() {
        let text =
            "//! crate::a::b\n/// [`crate::c::D`]\npub(in crate::e) const X: &str = \"f::g\";";
        assert_eq!(paths(text), [""; 0]);
    }

    #[test]
    fn a_reference_knows_its_line_and_module() {
        let all = found("mod inner {\n    use super::X;\n}");
        assert_eq!(
            (all[0].line, all[0].within.as_slice()),
            (2, &["inner".to_owned()][..])
        );
    }

    #[test]
    fn what_is_built_for_tests_only_is_marked() {
        for (text, test) in [
            ("#[cfg(test)] mod tests { use a::b; }", true),
            ("#[cfg(all(test, unix))] use a::b;", true),
            ("#[cfg(not(test))] use a::b;", false),
            ("#[cfg(any(test, feature = \"x\"))] use a::b;", false),
            ("struct S; impl S { #[cfg(test)] fn f() { a::b() } }", true),
            ("use a::b;", false),
        ] {
            let all = found(text);
            let reference = all.iter().find(|r| r.path == ["a", "b"]).unwrap();
            assert_eq!(reference.test, test, "{text}");
        }
    }
}
