//! Message types, protocol versions and capabilities: numbers that are never used twice.

/// The protocol this program speaks best.
pub const PROTOCOL: u16 = 1;

/// The oldest protocol it still speaks.
pub const PROTOCOL_MIN: u16 = 1;

/// What a message is. The number is on the wire; it is never given to another message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum MessageType {
    /// Agent: who I am and what I speak. The first frame.
    Hello = 1,
    /// Coordinator: welcome; what you told already is here.
    Welcome = 2,
    /// Agent: observations of one lane.
    Report = 3,
    /// Coordinator: everything up to here is stored and judged.
    Ack = 4,
    /// Coordinator: come again later.
    Busy = 5,
    /// Either: I do not know this message.
    Unsupported = 6,
    /// Coordinator: I end this connection, and when to come back.
    Goodbye = 7,
    /// Stranger: let me join.
    Join = 8,
    /// Coordinator: you are one of us.
    Joined = 9,
    /// Coordinator: you may not join.
    JoinRefused = 10,
    /// Agent: give me a new certificate.
    Renew = 11,
    /// Coordinator: here it is.
    Renewed = 12,
    /// Coordinator: tell all your state again.
    Restate = 13,
    /// Coordinator: this is wanted of you.
    Desired = 14,
    /// Agent: this I go by.
    InForce = 15,
}

impl MessageType {
    /// The number in the envelope.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The message of a number, `None` when this program does not know it.
    pub fn from_number(number: u16) -> Option<Self> {
        [
            Self::Hello,
            Self::Welcome,
            Self::Report,
            Self::Ack,
            Self::Busy,
            Self::Unsupported,
            Self::Goodbye,
            Self::Join,
            Self::Joined,
            Self::JoinRefused,
            Self::Renew,
            Self::Renewed,
            Self::Restate,
            Self::Desired,
            Self::InForce,
        ]
        .into_iter()
        .find(|known| known.number() == number)
    }
}

/// The highest protocol both speak, `None` when there is none.
pub fn agree(theirs_min: u16, theirs_max: u16) -> Option<u16> {
    let best = PROTOCOL.min(theirs_max);
    (best >= PROTOCOL_MIN && best >= theirs_min).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_speak_the_highest_they_share() {
        assert_eq!(agree(1, 1), Some(1));
        assert_eq!(agree(1, 9), Some(1));
        assert_eq!(agree(2, 9), None);
        assert_eq!(agree(0, 0), None);
    }

    #[test]
    fn a_number_is_one_message() {
        for number in 0..=20 {
            if let Some(known) = MessageType::from_number(number) {
                assert_eq!(known.number(), number);
            }
        }
        assert_eq!(MessageType::from_number(16), None);
    }
}
