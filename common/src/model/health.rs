//! How well what is under a volume is. State: one slot a volume, the latest wins.
//!
//! Every source says one word, the reason for it as a code that the coordinator words in the reader's
//! language, and the figures that a person asks for. A source that cannot be asked says *unknown* and
//! why: unknown is neither good nor a fault. It must not know how anything is measured.

use super::name::Name;

/// Most sources of one volume: a shelf of 24 disks with two sources each, its arrays and its file
/// system.
pub const SOURCES_MAX: usize = 64;

/// Most figures of one source: more than there are kinds of figures.
pub const FIGURES_MAX: usize = 24;

/// What is known of the health of one volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeHealth {
    /// Its name in the agent's configuration.
    pub volume: Name,
    /// What each source says, no two of one kind about one thing.
    pub sources: Vec<SourceHealth>,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHealth {
    /// Which kind of source.
    pub source: Source,
    /// What of the machine it speaks of: `sda`, `md0`, a pool; in the machine's words.
    pub subject: Name,
    /// The word.
    pub word: Word,
    /// Why the word is what it is.
    pub reason: Reason,
    /// The figures, by kind, each at most once.
    pub figures: Vec<Figure>,
    /// For a person: a model and a serial number, a message. Not translated; often empty.
    pub detail: String,
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure {
    /// Of what.
    pub measure: Measure,
    /// How much, in the measure's unit.
    pub value: i64,
}

/// Makes an enumeration whose place in the list is its number on the wire and whose word stands in
/// JSON and in stores. Lists only grow at their ends.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in JSON and in stores; never translated.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }

            /// The number on the wire; never reused.
            pub fn number(self) -> u8 {
                let at = Self::ALL.iter().position(|one| *one == self);
                at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
            }

            /// The one of a number from the wire.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
}

words! {
    /// How well something is.
    Word {
        /// Nothing speaks against it.
        Good = "good",
        /// It works, and wears out: replace it when there is time.
        Worn = "worn",
        /// It fails or is about to: act now.
        Failing = "failing",
        /// Nobody knows. Neither good nor a fault.
        Unknown = "unknown",
    }
}

words! {
    /// Where a word comes from.
    Source {
        /// What is mounted, and how.
        Mount = "mount",
        /// What a disk says of itself.
        Smart = "smart",
        /// Errors that the kernel counted on a device.
        Device = "device",
        /// Errors that a file system counted.
        FileSystem = "file_system",
        /// A software array.
        Array = "array",
        /// A ZFS pool.
        Pool = "pool",
        /// How long writes take.
        Latency = "latency",
    }
}

words! {
    /// Why a word is what it is.
    Reason {
        /// Nothing to complain of.
        Sound = "sound",
        /// Mounted read-only as somebody configured it.
        ReadOnlyConfigured = "read_only_configured",
        /// It was writable and was turned read-only: mostly the kernel's answer to errors.
        ReadOnlyRemounted = "read_only_remounted",
        /// The volume that is mounted has not the configured id.
        OtherVolume = "other_volume",
        /// No disk of this machine has the configured id.
        IdAbsent = "id_absent",
        /// The volume with the configured id is mounted elsewhere.
        IdElsewhere = "id_elsewhere",
        /// The volume's id cannot be found out here.
        IdUnresolved = "id_unresolved",
        /// Nothing is mounted there, so nothing under it can be asked.
        NotMounted = "not_mounted",
        /// It lies on no disk of this machine: a network share, memory.
        NoDisk = "no_disk",
        /// More devices lie under the volume than are looked at.
        TooMany = "too_many",
        /// The tool is not installed.
        ToolMissing = "tool_missing",
        /// The agent has not the right to ask.
        NoRight = "no_right",
        /// The tool did not answer in time.
        TimedOut = "timed_out",
        /// The answer could not be understood.
        Garbled = "garbled",
        /// The device tells nothing of its health: a virtual disk, a bridge that hides it.
        NotSupported = "not_supported",
        /// It sleeps, or did not answer the question.
        NoAnswer = "no_answer",
        /// The disk's own assessment is that it fails.
        SelfAssessment = "self_assessment",
        /// A figure that foretells failure is below the maker's limit.
        BelowThreshold = "below_threshold",
        /// The disk raises a critical warning.
        CriticalWarning = "critical_warning",
        /// Sectors that could not be read or corrected.
        Uncorrectable = "uncorrectable",
        /// Sectors that wait to be replaced.
        Pending = "pending",
        /// Sectors that were replaced.
        Reallocated = "reallocated",
        /// Errors of the medium.
        MediaErrors = "media_errors",
        /// The endurance that its maker promised is used up.
        Endurance = "endurance",
        /// Too hot.
        Hot = "hot",
        /// Requests to the device failed since the agent watches.
        RequestErrors = "request_errors",
        /// Requests to the device were given up after too long.
        RequestTimeouts = "request_timeouts",
        /// The file system met errors.
        FileSystemErrors = "file_system_errors",
        /// A device of the file system or pool is missing.
        DeviceMissing = "device_missing",
        /// Members are missing or failed.
        Degraded = "degraded",
        /// It is being rebuilt.
        Rebuilding = "rebuilding",
        /// The array or pool does not run.
        Stopped = "stopped",
        /// A member counts errors.
        MemberErrors = "member_errors",
        /// Copies differ.
        Mismatch = "mismatch",
        /// Writes take very long.
        SlowWrites = "slow_writes",
        /// Requests wait and none is finished.
        StuckWrites = "stuck_writes",
    }
}

words! {
    /// What a figure counts; the unit is in the word.
    Measure {
        /// Sectors replaced.
        ReallocatedSectors = "reallocated_sectors",
        /// Sectors waiting to be replaced.
        PendingSectors = "pending_sectors",
        /// Sectors that could not be read or corrected.
        UncorrectableSectors = "uncorrectable_sectors",
        /// Errors of the medium.
        MediaErrors = "media_errors",
        /// Endurance used, in percent; may exceed 100.
        UsedPercent = "used_percent",
        /// Spare blocks left, in percent.
        SparePercent = "spare_percent",
        /// Temperature in degrees Celsius.
        TemperatureC = "temperature_c",
        /// Hours under power.
        PowerOnHours = "power_on_hours",
        /// Requests that failed since the agent watches.
        RequestErrors = "request_errors",
        /// Requests given up since the agent watches.
        RequestTimeouts = "request_timeouts",
        /// Errors that the file system counted.
        FileSystemErrors = "file_system_errors",
        /// Reads that failed.
        ReadErrors = "read_errors",
        /// Writes that failed.
        WriteErrors = "write_errors",
        /// Blocks whose checksum was wrong.
        ChecksumErrors = "checksum_errors",
        /// Members that should be there.
        Members = "members",
        /// Members that work.
        MembersWorking = "members_working",
        /// Sectors whose copies differ.
        Mismatches = "mismatches",
        /// How far rebuilding is, in percent.
        RebuiltPercent = "rebuilt_percent",
        /// How long a write takes, in milliseconds.
        WriteMs = "write_ms",
        /// Requests that wait.
        InFlight = "in_flight",
    }
}

impl Measure {
    /// How far a figure must have moved before a healthy volume is told of again: what moves all the
    /// time must cost nothing on the wire.
    pub fn step(self) -> i64 {
        match self {
            Self::TemperatureC => 5,
            Self::PowerOnHours => 720,
            Self::RebuiltPercent | Self::InFlight => 10,
            Self::WriteMs => 250,
            Self::RequestErrors => 16,
            _ => 1,
        }
    }
}

impl SourceHealth {
    /// Whether a source speaks of the same thing.
    pub fn is_about(&self, other: &Self) -> bool {
        self.source == other.source && self.subject == other.subject
    }

    /// The figure of a kind.
    pub fn figure(&self, measure: Measure) -> Option<i64> {
        let found = self.figures.iter().find(|figure| figure.measure == measure);
        found.map(|figure| figure.value)
    }
}

impl VolumeHealth {
    /// The worst word of all sources; *unknown* only when nothing is worse, and when nothing is
    /// known at all.
    pub fn word(&self) -> Word {
        let words = || self.sources.iter().map(|source| source.word);
        for word in [Word::Failing, Word::Worn, Word::Unknown] {
            if words().any(|one| one == word) {
                return word;
            }
        }
        if self.sources.is_empty() {
            Word::Unknown
        } else {
            Word::Good
        }
    }

    /// The same with every figure that moved less than its step as it was told before, so that equal
    /// states are equal.
    #[must_use]
    pub fn settled(mut self, told: &Self) -> Self {
        for source in &mut self.sources {
            let Some(before) = told.sources.iter().find(|one| one.is_about(source)) else {
                continue;
            };
            for figure in &mut source.figures {
                if let Some(was) = before.figure(figure.measure)
                    && figure.value.abs_diff(was) < figure.measure.step().unsigned_abs()
                {
                    figure.value = was;
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(word: Word, celsius: i64) -> VolumeHealth {
        VolumeHealth {
            volume: Name::new("footage").unwrap(),
            sources: vec![SourceHealth {
                source: Source::Smart,
                subject: Name::new("sda").unwrap(),
                word,
                reason: Reason::Sound,
                figures: vec![Figure {
                    measure: Measure::TemperatureC,
                    value: celsius,
                }],
                detail: String::new(),
            }],
        }
    }

    #[test]
    fn every_word_leads_back_and_so_does_its_number() {
        for one in Reason::ALL {
            assert_eq!(Reason::from_word(one.word()), Some(*one));
            assert_eq!(Reason::from_number(one.number()), Some(*one));
        }
        for one in Measure::ALL {
            assert_eq!(Measure::from_word(one.word()), Some(*one));
            assert_eq!(Measure::from_number(one.number()), Some(*one));
        }
        assert_eq!(Word::from_number(4), None);
        assert_eq!(Source::from_word("sata"), None);
    }

    #[test]
    fn a_degree_more_is_nothing_to_tell_and_five_are() {
        let told = health(Word::Good, 38);
        assert_eq!(health(Word::Good, 42).settled(&told), told);
        assert_ne!(health(Word::Good, 43).settled(&told), told);
        assert_ne!(health(Word::Worn, 38).settled(&told), told);
    }

    #[test]
    fn warming_degree_by_degree_is_told_in_the_end() {
        let mut told = health(Word::Good, 38);
        let mut tellings = 0;
        for celsius in 38..=48 {
            let now = health(Word::Good, celsius).settled(&told);
            if now != told {
                tellings += 1;
                told = now;
            }
        }
        assert_eq!((tellings, told), (2, health(Word::Good, 48)));
    }

    #[test]
    fn what_nobody_knows_is_never_good() {
        let mut both = health(Word::Good, 38);
        both.sources.extend(health(Word::Unknown, 38).sources);
        assert_eq!(both.word(), Word::Unknown);
        both.sources.extend(health(Word::Worn, 38).sources);
        assert_eq!(both.word(), Word::Worn);
        both.sources.clear();
        assert_eq!(both.word(), Word::Unknown);
    }
}
