# Verdicts and states.

verdict = Verdict
verdicts = Verdicts
verdict-pass = Pass
verdict-waived = Waived
verdict-na = Not applicable
verdict-partial = Partial
verdict-fail = Fail
verdict-unknown = Unknown
verdict-error = Check error
gap = Gap
new-camera = New, not due yet
file-unchanged = As approved
file-drifted =
    { $changes ->
        [one] { $changes } setting drifted
       *[other] { $changes } settings drifted
    }
file-proposed = First baseline proposed
file-missing = File missing
file-unreadable = Unreadable
file-other-key = Secrets under another key
volume-missing = Not mounted
volume-swapped = Another volume is mounted
volume-read-only = Read-only: cannot record
volume-unreadable = Unreadable
severity = Severity
severity-critical = Critical
severity-major = Major
severity-minor = Minor
condition = Condition
condition-pending = Pending
condition-firing = Firing
condition-recovered = Recovered
condition-unknown = Unknown
handling = Handling
handling-new = New
handling-acknowledged = Acknowledged
handling-snoozed = Snoozed
handling-assigned = Assigned
handling-closed = Closed
