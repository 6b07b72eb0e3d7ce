# One branch.

findings =
    { $n ->
        [one] { $n } finding
       *[other] { $n } findings
    }
handle-unclaimed =
    { $n ->
        [one] Handle { $n } unclaimed alert
       *[other] Handle { $n } unclaimed alerts
    }
never-reported = This branch never reported
never-reported-explained = Nothing was observed, so everything is unknown. Three steps join its agent:
branch-silent = **No report for { $for }**; the last one came at { $last }. Everything since is unknown; what follows is what was seen then.
coverage = Coverage
coverage-explained =
    { $days ->
        [one] Last day; digits are % of the expected time
       *[other] Last { $days } days; digits are % of the expected time
    }
coverage-oldest = · oldest footage is of { $day }
no-cameras = The agent has not seen footage of any camera yet. Check the recorder folders in its configuration.
continuous-days = Days
month = { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[other] Dec
    }
legend-pass = to the limit
legend-gap = gap, dark < 90%
legend-fail = fail, or < 50%
legend-unknown = unknown: not measured
legend-not-expected = not expected
exceptions =
    { $n ->
        [one] { $n } exception as a table
       *[other] { $n } exceptions as a table
    }
covered = Covered
open-alerts = Open alerts
branch-no-alerts = No open alerts.
agents = Agents
connected = Connected
not-connected = Not connected
clock-offset = Clock offset
volumes = Volumes
volume = Volume
no-volumes = The agent has no volumes configured to look at.
used = Used
free = Free
total = Total
watched-files = Watched files
no-files = The agent has no files configured to watch.
file = File
state = State
changed = Changed
branch-foot = Times are the branch’s own ({ $zone }). { $days } continuous days are required; cameras too new for that count neither as pass nor as fail.
