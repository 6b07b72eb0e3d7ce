//! A path of keys with wild cards, to name what changes of itself.

/// Most steps of a pattern: deeper than real configurations.
pub const PATTERN_STEPS_MAX: usize = 32;

/// Keys from the root; letter case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    One,
    Any,
}

impl Pattern {
    /// `a.*.b`, `**.b`; `None` when it has too many steps.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for step in text.trim().split('.') {
            let step = match step {
                "*" => Step::One,
                "**" => Step::Any,
                key => Step::Key(key.to_owned()),
            };
            // Two in a row mean what one does, and would be tried twice.
            if step != Step::Any || steps.last() != Some(&Step::Any) {
                steps.push(step);
            }
        }
        (steps.len() <= PATTERN_STEPS_MAX).then_some(Self(steps))
    }

    /// Whether it names a key at its end, so that it cannot match the whole tree.
    pub(super) fn names_a_key(&self) -> bool {
        matches!(self.0.last(), Some(Step::Key(key)) if !key.is_empty())
    }

    /// Whether it leads exactly to the last of these keys.
    pub(super) fn matches(&self, keys: &[&str]) -> bool {
        // reached[n]: the first n keys are matched by the steps so far.
        let mut reached = vec![false; keys.len() + 1];
        reached[0] = true;
        for step in &self.0 {
            match step {
                Step::Any => {
                    let first = reached.iter().position(|reached| *reached);
                    let first = first.unwrap_or(reached.len());
                    reached
                        .iter_mut()
                        .skip(first)
                        .for_each(|reached| *reached = true);
                }
                Step::One => advance(&mut reached, keys, |_| true),
                Step::Key(key) => {
                    advance(&mut reached, keys, |found| found.eq_ignore_ascii_case(key));
                }
            }
        }
        reached.last().copied().unwrap_or(false)
    }
}

/// One step that takes one key.
fn advance(reached: &mut [bool], keys: &[&str], fits: impl Fn(&str) -> bool) {
    for (at, key) in keys.iter().enumerate().rev() {
        reached[at + 1] = reached[at] && fits(key);
    }
    reached[0] = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_leads_to_the_keys_it_names() {
        for (pattern, keys, expected) in [
            ("a.b", &["a", "b"][..], true),
            ("a.b", &["a"], false),
            ("a.b", &["a", "b", "c"], false),
            ("A.*.C", &["a", "x", "c"], true),
            ("a.*.c", &["a", "c"], false),
            ("**.c", &["c"], true),
            ("**.c", &["a", "b", "c"], true),
            ("a.**.c", &["a", "c"], true),
            ("a.**.**.c", &["a", "x", "y", "c"], true),
            ("a.**.c", &["b", "c"], false),
            ("a", &[], false),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(pattern.matches(keys), expected, "{pattern:?} {keys:?}");
        }
    }

    #[test]
    fn a_pattern_without_end_is_refused() {
        assert_eq!(Pattern::parse(&"a.".repeat(PATTERN_STEPS_MAX + 1)), None);
    }
}
