# Configuration drift.

drift-list-lead = Of { $files } watched files **{ $unchanged } are as approved**; { $other } need a look.
drift-list-unknown = { $unknown } unknown: as approved when last read, and the agent is silent
drift-none = Every file is as approved.
drift-none-known = No file is known to differ; what is unknown is not counted as approved.
drift-no-more = There is no more on this page.
drift-no-files = No file is watched yet.
drift-no-files-remedy = List the recorder’s configuration files in the agent’s configuration; what is read first is proposed as the first baseline.
drift-lead-unchanged = **As approved**: all { $unchanged } settings equal the baseline.
drift-lead-drifted =
    { $changes ->
        [one] **{ $changes } setting differs from the baseline** without authorisation; { $unchanged } are as approved.
       *[other] **{ $changes } settings differ from the baseline** without authorisation; { $unchanged } are as approved.
    }
drift-lead-proposed =
    { $changes ->
        [one] There is no baseline yet. This is the **{ $changes } setting** read first; once approved, any change raises an alert.
       *[other] There is no baseline yet. These are the **{ $changes } settings** read first; once approved, any change raises an alert.
    }
drift-lead-missing = **The file is missing.** It was there when last read; find out at the branch whether it was removed or renamed.
drift-lead-unreadable = **It cannot be read, so drift is unknown.** It is read again once its permissions or format are mended.
drift-lead-other-key = **Secrets cannot be compared, so drift is unknown.** The agent hashes them under another key than when the baseline was approved; every other setting is as approved.
drift-lead-unknown = **The agent is silent, so drift is unknown.** All { $unchanged } settings were as approved when it was heard last.
drift-facts = When, who, against what
file-owner = File owner
baseline = Baseline
baseline-version = version { $version }
approved-locally = administrator on the coordinator’s machine
baseline-none = none yet
reason = Reason
unreadable-because = The agent says:
diff = What changed
diff-proposed = Settings as first read
diff-unchanged = { $n } more are unchanged
setting = Setting
now = Now
consequence = Consequence
value-absent = none
value-secret = secret, never leaves the branch
value-secret-changed = password changed
value-other-key = other key, cannot be compared
approve = Approve as the new baseline
approve-first = Approve as the first baseline
approve-told = Once approved, the settings as they are now are what later readings are held against. Your name and reason go into a record that cannot be changed.
reason-required = Reason (required)
reason-refused = A reason has { $min } to { $max } characters.
changes-more = { $n } more differ and are not listed.
drift-foot = Passwords and other secrets never leave the branch; only whether they changed is seen here.
