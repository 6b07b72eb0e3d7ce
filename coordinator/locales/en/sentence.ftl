# The one sentence with a number that a finding says.

sentence-gap = { $cameras } of { $of } cameras have gaps, worst { $covered }, { $missing } missing
sentence-camera-gap = { $camera }: no footage from { $start } for { $missing }
sentence-camera-gap-ongoing = { $camera }: no footage since { $start }, { $missing } so far
sentence-camera-gap-day =
    { $gaps ->
        [one] { $camera }: { $gaps } gap on { $day }, { $missing }
       *[other] { $camera }: { $gaps } gaps on { $day }, { $missing } in all
    }
sentence-camera-retention = { $camera } keeps { $days } < { $required } continuous days
sentence-camera-retention-broken = { $camera } has footage from { $oldest } days ago, unbroken for { $days } < { $required } days only
sentence-vanished = { $camera }: { $gone } of footage removed before its time, from { $start }
sentence-agent-silent = No report from the agent on { $host } for { $for }
sentence-volume-missing = Volume { $volume } is not mounted
sentence-volume-swapped = Another volume is mounted in place of { $volume }
sentence-volume-read-only = Volume { $volume } is read-only: nothing is recorded on it
sentence-volume-unreadable = Volume { $volume } cannot be read
sentence-retention = { $cameras } of { $of } cameras keep too little, shortest { $days } < { $required } days
sentence-silent =
    { $cameras ->
        [one] No report for { $for }, { $cameras } camera unknown
       *[other] No report for { $for }, { $cameras } cameras unknown
    }
sentence-drift =
    { $changes ->
        [one] { $file }: { $changes } setting changed without authorisation
       *[other] { $file }: { $changes } settings changed without authorisation
    }
sentence-file-missing = { $file } is missing
sentence-volume-absent =
    { $cameras ->
        [one] Volume { $volume } is not mounted, { $cameras } camera unknown
       *[other] Volume { $volume } is not mounted, { $cameras } cameras unknown
    }
sentence-volume-full = Volume { $volume } has only { $free } left
sentence-fault-empty = { $camera }: the segment of { $start } is empty
sentence-fault-truncated = { $camera }: the segment of { $start } is truncated
sentence-fault-corrupt = { $camera }: the segment of { $start } is corrupt
sentence-fault-clock = { $camera }: the segment of { $start } has a wrong time
sentence-fault =
    { $segments ->
        [one] { $camera }: { $segments } segment cannot be played
       *[other] { $camera }: { $segments } segments cannot be played
    }
sentence-hold-broken =
    { $lost ->
        [one] { $camera }: hold { $hold } is broken, { $lost } segment gone or changed and no copy left
       *[other] { $camera }: hold { $hold } is broken, { $lost } segments gone or changed and no copy left
    }
sentence-hold-in-vault =
    { $lost ->
        [one] { $camera }: hold { $hold } is kept in the vault only, { $lost } segment gone or changed at the recorder
       *[other] { $camera }: hold { $hold } is kept in the vault only, { $lost } segments gone or changed at the recorder
    }
sentence-hold-no-room = { $camera }: hold { $hold } does not fit, not everything can be copied
sentence-hold-refused = { $camera }: hold { $hold } is refused by the agent, nothing is held
sentence-clock = The branch’s clock is off by { $offset }
sentence-clone = Two agents report under one key; the newer is quarantined
sentence-broken = Control { $control } could not be judged
sentence-health = { $volume }, { $subject }: { $what }
