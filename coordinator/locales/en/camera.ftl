# One camera.

camera-lead-cut = The latest gap ended at { $until }.
camera-lead-stopped = **No footage since { $since }.**
camera-lead-pass = **{ $days }** of continuous footage: the required { $required } days are met.
camera-lead-new = A new camera with **{ $days }** of continuous footage; { $required } days are not due yet.
camera-lead-short = Only **{ $days }** of continuous footage, less than the required { $required } days.
camera-lead-short-until = Only **{ $days }** of continuous footage, less than the required { $required } days; without further loss they are met on { $met }.
camera-lead-unknown = The continuous depth is **unknown**: { $required } days are required and nothing was observed lately.
camera-open = What is wrong now: { $n }
camera-alerts = Alerts of this branch
last-days =
    { $days ->
        [one] Last day
       *[other] Last { $days } days
    }
last-days-explained = Coverage in %; choose a day
show = Show
camera-no-days = Nothing was ever observed of this camera.
day-gaps =
    { $n ->
        [one] { $n } gap, { $missing }
       *[other] { $n } gaps, { $missing } in all
    }
day-unknown = { $unknown } unknown
day-whole = no gaps
day-no-gaps = no gaps in what was measured
day-not-measured = Not observed on this day
previous-day = Previous day
next-day = Next day
gaps-and-unknown = Gaps and unknown { $n }
no-gaps = None.
gaps-more = { $n } more are drawn on the line above and not listed.
from-to = From – to
length = Length
cause = Cause
cause-not-known = Cause not known
cause-camera = This camera alone stopped
cause-recorder = The whole recorder stopped
cause-camera-away = The camera did not answer
cause-recorder-away = The recorder did not answer
cause-no-room = The volume was full
cause-agent-away = The agent’s machine was off
cause-vanished = Footage removed before its time
cause-volume-absent = Volume not mounted
cause-silent = Agent silent
lane-schedule = Schedule
lane-footage = Footage
lane-faults = Faults
lane-told = { $day }: { $gaps } gaps, { $missing } in all; { $unknown } unknown; { $faults } faults
retention-explained = Days before now, measured from the footage, not the recorder’s own word
retention-told = Continuous depth { $continuous }, depth { $depth }, required { $required } days
retention-lacking = { $days } are lacking.
retention-caption = Continuous depth: how far back every 24 hours are covered to the limit.
depth = Depth
continuous-depth = Continuous
after-clean-up = Forecast
required-days =
    { $days ->
        [one] required: { $days } day
       *[other] required: { $days } days
    }
faults = Faults
fault = Fault
fault-empty = Empty file
fault-truncated = Truncated
fault-corrupt = Corrupt
fault-clock = Wrong time
faults-more = { $n } more are not listed.
no-faults = No segment was found that cannot be played.
start = Start
monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday
sunday = Sunday
camera-foot = Times are the branch’s own ({ $zone }). What was not measured is unknown, not a gap.
