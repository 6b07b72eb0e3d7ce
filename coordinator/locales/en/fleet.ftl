# The fleet and the list of branches.

fleet-lead = Branches: **{ $pass } of { $total } compliant**, [{ $fail } failing](fail), [{ $partial } partial](partial), [{ $unknown } unknown](unknown).
tiles = Five figures
tile-reporting = Reporting
tile-reporting-explained = branches heard within 24 hours and not silent by the policy
tile-recorded = Recorded in full
tile-recorded-explained = cameras covered to the limit yesterday, without a gap to tell
tile-retained = Kept long enough
tile-retained-explained = cameras with { $days } continuous days; { $new } are too new
tile-drift-free = Drift-free
tile-drift-free-explained = branches without unauthorised change
tile-alerts = Open alerts
tile-alerts-explained = alerts nobody has closed, recovered or not
of-branches =
    { $n ->
        [one] { $n } branch
       *[other] { $n } branches
    }
of-cameras =
    { $n ->
        [one] { $n } camera
       *[other] { $n } cameras
    }
of-alerts = { $n ->
        [one] alert
       *[other] alerts
    }
unclaimed = { $n } unclaimed
change-7d = 7 d { $change }
change-7d-none = no comparison yet
regions-explained = Worst first; a branch counts by its worst verdict; the last four columns are shares
worst-branches = Branches that need work most
all-branches =
    { $n ->
        [one] The only branch
       *[other] All { $n } branches
    }
fleet-foot = Not counted: { $closed } closed. Shares are rounded down, 100% means all. Unknown never counts as a pass.
first-branch = Join the first branch
first-branch-token = On the coordinator’s own machine, make a single-use join string for the branch; it is shown once:
first-branch-join = At the branch, install the agent, run this and paste the join string when it asks:
first-branch-wait = Within a minute the branch appears here. Until then everything is unknown.
branches-none = No branch matches the filter.
branches-foot = Worst first. A branch counts by its worst verdict; unknown never counts as a pass.
