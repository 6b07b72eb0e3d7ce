# How well what is under a volume is.

health = Health of what is under it
health-none = Nothing is known yet of what is under it.
health-good = Good
health-worn = Wearing out
health-failing = Failing
health-unknown = Unknown
health-of-mount = Mount
health-of-disk = Disk
health-of-device = Requests
health-of-file-system = File system
health-of-array = Array
health-of-pool = Pool
health-of-latency = Write time
health-sources-good =
    { $n ->
        [one] { $n } source is good
       *[other] { $n } sources are good
    }
health-figure-temperature = { $n } °C
health-figure-hours = { $n } h under power
health-figure-used = { $n } % of endurance used
health-sound = nothing to complain of
health-read-only-configured = mounted read-only as somebody configured it; the recorder cannot record
health-read-only-remounted = it was writable and was turned read-only, mostly after errors; back up, then check the file system
health-other-volume = another volume than the configured one is mounted; mount the right one, or correct the id
health-id-absent = no disk at the branch has the configured id; plug it in, or correct the id
health-id-elsewhere = the configured volume is mounted elsewhere
health-id-unresolved = its id cannot be found out at the branch
health-not-mounted = not mounted, so nothing under it can be asked
health-no-disk = it lies on no disk of this machine; watch it where its disks are
health-too-many = more disks than are looked at
health-tool-missing = smartctl is not installed; install smartmontools at the branch
health-no-right = the agent may not ask; give it CAP_SYS_RAWIO and the group disk
health-timed-out = no answer in time; look at cable and controller
health-garbled = the answer could not be understood; is the tool up to date?
health-not-supported = it tells nothing of its health: a virtual disk, or an enclosure that hides it
health-no-answer = it did not answer; it may be asleep
health-self-assessment = its self-assessment says that it fails; replace it now
health-below-threshold = a figure is below its maker’s limit; replace it now
health-critical-warning = it raises a critical warning; replace it now
health-uncorrectable =
    { $n ->
        [one] { $n } sector cannot be read
       *[other] { $n } sectors cannot be read
    }
health-pending =
    { $n ->
        [one] { $n } sector waits to be replaced
       *[other] { $n } sectors wait to be replaced
    }
health-reallocated =
    { $n ->
        [one] { $n } sector reallocated
       *[other] { $n } sectors reallocated
    }
health-media-errors =
    { $n ->
        [one] { $n } media error
       *[other] { $n } media errors
    }
health-endurance = { $n } % of its endurance used
health-hot = { $n } °C, too hot
health-request-errors =
    { $n ->
        [one] { $n } request failed
       *[other] { $n } requests failed
    }
health-request-timeouts =
    { $n ->
        [one] { $n } request was given up
       *[other] { $n } requests were given up
    }
health-file-system-errors =
    { $errors ->
        [one] { $errors } file system error
       *[other] { $errors } file system errors
    }
health-degraded = runs with { $n } of { $of } disks
health-rebuilding = being rebuilt, { $n } % done
health-stopped = does not run
health-member-errors =
    { $errors ->
        [one] its disks count { $errors } error
       *[other] its disks count { $errors } errors
    }
health-mismatch =
    { $n ->
        [one] { $n } sector differs between copies
       *[other] { $n } sectors differ between copies
    }
health-slow-writes = a write takes { $n } ms
health-stuck-writes =
    { $n ->
        [one] { $n } request waits and none is finished
       *[other] { $n } requests wait and none is finished
    }
