//! What goes wrong with a view, and which check is to find it.

use keepwatch_agent::picture::verdict::Check;

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The lens is covered tightly.
    Covered,
    /// The recorder shows blue instead of the camera.
    NoSignal,
    /// The exposure broke: hardly any light.
    Underexposed,
    /// The exposure broke: too much light.
    Overexposed,
    /// The dome is fogged.
    Fogged,
    /// The lens was turned out of focus.
    Defocused,
    /// The camera sends one picture for ever; the recorder's clock goes on.
    Stuck,
    /// Something hangs before more than half of the lens.
    Hung,
    /// The camera was turned by a third of its view.
    Turned,
}

/// All of them.
pub const FAULTS: [Fault; 9] = [
    Fault::Covered,
    Fault::NoSignal,
    Fault::Underexposed,
    Fault::Overexposed,
    Fault::Fogged,
    Fault::Defocused,
    Fault::Stuck,
    Fault::Hung,
    Fault::Turned,
];

impl Fault {
    /// The checks of which one must find it.
    pub fn checks(self) -> &'static [Check] {
        match self {
            Self::Covered => &[Check::Black],
            Self::NoSignal => &[Check::SignalLost],
            // How dark it gets is the scene's own matter.
            Self::Underexposed => &[Check::TooDark, Check::Black],
            Self::Overexposed => &[Check::TooBright],
            Self::Fogged => &[Check::LowContrast],
            Self::Defocused => &[Check::Blurred],
            Self::Stuck => &[Check::Frozen],
            Self::Hung => &[Check::Obscured],
            Self::Turned => &[Check::Moved],
        }
    }
}
