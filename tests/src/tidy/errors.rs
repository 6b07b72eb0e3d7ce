//! Errors are types: who handles one must be able to tell it from another without reading prose.
//!
//! Refused are results whose error is a text or nothing, and error enums with a variant `Other(…)`,
//! which is where every case goes that nobody wanted to name. An enum of what exists outside, codecs
//! say, may have one: there the world has more cases than we know.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{GenericArgument, Ident, ItemEnum, Meta, Path, PathArguments, Type, Variant};

use super::offence::Offence;
use super::repository::Repository;
use super::source::Sources;

/// Types that say nothing about what went wrong.
const TEXTS: [&str; 2] = ["String", "str"];

/// Results without an error type and enums with a variant for everything else.
pub fn check(repository: &Repository) -> Vec<Offence> {
    let (sources, mut offences) = Sources::parse(repository);
    for source in &sources.all {
        let mut judge = Judge::default();
        judge.visit_file(&source.syntax);
        let found = judge.found.into_iter();
        offences.extend(found.map(|(line, what)| Offence::at(&source.path, line, what)));
    }
    offences
}

#[derive(Default)]
struct Judge {
    found: Vec<(usize, &'static str)>,
}

impl Judge {
    fn refuse(&mut self, span: Span, what: &'static str) {
        self.found.push((span.start().line, what));
    }

    fn judge_error(&mut self, name: &Ident, error: &Type) {
        if says_nothing(error) {
            self.refuse(
                name.span(),
                "has no type for its error; make an enum of what can go wrong",
            );
        }
    }
}

impl<'ast> Visit<'ast> for Judge {
    fn visit_path(&mut self, path: &'ast Path) {
        if let Some(last) = path.segments.last()
            && last.ident == "Result"
            && let PathArguments::AngleBracketed(arguments) = &last.arguments
            && let Some(GenericArgument::Type(error)) = arguments.args.iter().nth(1)
        {
            self.judge_error(&last.ident, error);
        }
        visit::visit_path(self, path);
    }

    /// `type Err = String;` in a conversion.
    fn visit_impl_item_type(&mut self, item: &'ast syn::ImplItemType) {
        if item.ident == "Err" || item.ident == "Error" {
            self.judge_error(&item.ident, &item.ty);
        }
        visit::visit_impl_item_type(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        if is_error(item) {
            let rest = |variant: &&Variant| variant.ident == "Other" && !variant.fields.is_empty();
            for variant in item.variants.iter().filter(rest) {
                let what = "`Other` holds what nobody named; name the cases";
                self.refuse(variant.ident.span(), what);
            }
        }
        visit::visit_item_enum(self, item);
    }
}

/// By its name, or because it derives `Error`.
fn is_error(item: &ItemEnum) -> bool {
    let derives = |attribute: &syn::Attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("derive") => {
            let words = list.tokens.to_string();
            words
                .split(|c: char| !c.is_alphanumeric())
                .any(|w| w == "Error")
        }
        _ => false,
    };
    item.ident.to_string().ends_with("Error") || item.attrs.iter().any(derives)
}

fn says_nothing(error: &Type) -> bool {
    match error {
        Type::Path(named) => TEXTS.iter().any(|text| ends_in(&named.path, text)),
        Type::Reference(reference) => says_nothing(&reference.elem),
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        _ => false,
    }
}

fn ends_in(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<usize> {
        let repository = Repository::sample([("agent/src/a.rs", text)]);
        check(&repository)
            .iter()
            .map(|offence| offence.line)
            .collect()
    }

    #[test]
    fn a_result_names_its_error() {
        for bad in [
            "fn f() -> Result<u8, String> {}",
            "fn f() -> Result<(), ()> {}",
            "fn f() -> Result<u8, &'static str> {}",
            "type R<T> = std::result::Result<T, std::string::String>;",
            "struct S { done: Vec<Result<u8, String>> }",
            "impl FromStr for S { type Err = String; }",
        ] {
            assert_eq!(told(bad), [1], "{bad}");
        }
        for good in [
            "fn f() -> Result<String, ParseError> {}",
            "fn f() -> io::Result<()> {}",
            "fn f() -> fmt::Result {}",
            "impl Iterator for S { type Item = String; }",
            "impl FromStr for S { type Err = ParseError; }",
        ] {
            assert_eq!(told(good), [0; 0], "{good}");
        }
    }

    #[test]
    fn no_variant_holds_the_rest() {
        let named = "enum ReadError {\n    Io,\n    Other(Box<dyn Error>),\n}";
        assert_eq!(told(named), [3]);
        let derived = "#[derive(Debug, thiserror::Error)] enum Refusal { Other(String) }";
        assert_eq!(told(derived), [1]);
        assert_eq!(told("enum Codec { H264, Other([u8; 4]) }"), [0; 0]);
    }
}
