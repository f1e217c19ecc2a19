target "default" {
  args = {
    YEAR = formatdate("YYYY-MM-DD'T'hh:mm:ss", "2026-11-30T01:02:03Z")
    LONG = formatdate("EEEE, DD MMMM YY h:mm aa ZZZ", "2026-02-03T14:05:06+09:00")
    SHORT = formatdate("EEE D MMM M", "2026-02-03T14:05:06Z")
    ADDED = timeadd("2026-11-30T23:59:00Z", "1h30m")
    KNOWN = strlen(timestamp())
  }
}
