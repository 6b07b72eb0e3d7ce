# Alerts.

alert-list = List of alerts
last-signal = Last report
branch-code = Branch code
not-closed = Not closed
what-is-wrong = What is wrong
acknowledge = Acknowledge
acknowledge-mine = Acknowledge, it is mine
note = Note (optional)
alerts-none = **No open alerts.** The last report came at { $last }.
alerts-no-signal = No alerts, but no branch ever reported either: silence does not mean that all is well.
alerts-none-filtered = No alert matches the filter.
alerts-no-branch = There is no branch with code { $code }.
not-taken = Not done
note-not-kept = Your note was not kept:
refused-changed = Someone else changed this alert first, so nothing was done.
refused-note = A note has at most { $max } characters and nothing but text. Nothing was done.
refused-yours = This alert was yours already; the other note was not kept.
alerts-foot = Condition tells whether it still stands, handling whether someone cares; a recovered alert still waits to be closed. Times are each branch’s own.
